"""The composition root: which commands there are."""

import click

from countersign import __version__
from countersign.cli.program import Entry, Program

COMMANDS = (
    Entry("validate", "countersign.cli.commands.validate:validate", "Tell whether plans are valid; nothing is kept."),
    Entry("apply", "countersign.cli.commands.apply:apply", "Submit plans, and wait for what comes of them."),
    Entry("list", "countersign.cli.commands.list:list_plans", "List plans, or those that wait for a decision."),
    Entry("show", "countersign.cli.commands.show:show", "Show everything about one plan."),
    Entry("approve", "countersign.cli.commands.decide:approve", "Show what a plan would change, and approve it."),
    Entry("reject", "countersign.cli.commands.decide:reject", "Show what a plan would change, and reject it."),
    Entry("convert", "countersign.cli.commands.convert:convert", "Print the Plan manifests of RunAgents plans."),
    Entry("init", "countersign.cli.commands.init:init", "Prepare a namespace for plans."),
    Entry("run", "countersign.handlers.command:run", "Run the operator until SIGTERM."),
    Entry("up", "countersign.local:up", "Run a local Kubernetes with Countersign in it."),
    Entry("down", "countersign.local:down", "Stop what up started."),
)

main = Program(COMMANDS, help="Plans that run only after people have countersigned exactly that.")
click.version_option(__version__, prog_name="countersign")(main)

if __name__ == "__main__":
    main()
