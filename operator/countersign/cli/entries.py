"""All commands: where each is defined, and what the list of commands says about it."""

from countersign.cli.program import Entry

COMMANDS = (
    Entry("validate", "countersign.cli.commands.validate:validate", "Tell whether plans are valid; nothing is kept."),
    Entry("apply", "countersign.cli.commands.apply:apply", "Submit plans, and wait for what comes of them."),
    Entry("convert", "countersign.cli.commands.convert:convert", "Print the Plan manifests of RunAgents plans."),
    Entry("list", "countersign.cli.commands.list:list_plans", "List plans, or those that wait for a decision."),
    Entry("show", "countersign.cli.commands.show:show", "Show everything about one plan."),
    Entry("diff", "countersign.cli.commands.diff:diff", "Show every change that a plan would make."),
    Entry("explain", "countersign.cli.commands.explain:explain", "Explain where a plan stands, and what is missing."),
    Entry("history", "countersign.cli.commands.history:history", "Show the runs of a plan."),
    Entry("wait", "countersign.cli.commands.wait:wait", "Wait until a plan is approved or finished."),
    Entry("approve", "countersign.cli.commands.decide:approve", "Show what a plan would change, and approve it."),
    Entry("reject", "countersign.cli.commands.decide:reject", "Show what a plan would change, and reject it."),
    Entry("revise", "countersign.cli.commands.decide:revise", "Show what a plan would change, and ask for another."),
    Entry("revoke", "countersign.cli.commands.decide:revoke", "Take back what you decided about a plan."),
    Entry("suspend", "countersign.cli.commands.steer:suspend", "Keep a plan from starting or going on."),
    Entry("resume", "countersign.cli.commands.steer:resume", "Let a suspended plan go on."),
    Entry("cancel", "countersign.cli.commands.steer:cancel", "Give a plan up for good."),
    Entry("retry", "countersign.cli.commands.retry:retry", "Try again what a failed plan left undone."),
    Entry("init", "countersign.cli.commands.init:init", "Prepare a namespace for plans."),
    Entry("completion", "countersign.cli.commands.completion:completion", "Print the completion script of a shell."),
    Entry("run", "countersign.handlers.command:run", "Run the operator until SIGTERM."),
    Entry("up", "countersign.local:up", "Run a local Kubernetes with Countersign in it."),
    Entry("down", "countersign.local:down", "Stop what up started."),
)
