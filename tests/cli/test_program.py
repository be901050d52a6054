"""The program: its list of commands, how it is called, and how it ends."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from tests.support.fake_plans import FakePlans
from tests.support.loaded import loaded_by
from tests.support.plans import a_plan
from tests.support.typed import typed

from countersign.__main__ import main
from countersign.cli.entries import COMMANDS
from countersign.cli.program import called_as
from countersign.cli.session import Outside
from countersign.errors import Forbidden

OUR_COMMANDS = [entry for entry in COMMANDS if entry.source.startswith("countersign.cli.")]


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
def test_entries(entry):
    """Every entry of the list leads to a command of that name, with a help text that is a sentence."""
    command = entry.load()
    assert isinstance(command, click.Command)
    assert command.name == entry.name
    assert entry.help.endswith(".")


def test_help_loads_nothing():
    """The list of commands comes at once: no command is loaded for it."""
    then = "countersign.__main__.main(['--help'], standalone_mode=False)"
    loaded = loaded_by("countersign.__main__", then=then)
    assert not {"kopf", "aiohttp", "kubernetes", "pydantic", "rich", "yaml"} & loaded


@pytest.mark.parametrize("entry", OUR_COMMANDS, ids=lambda entry: entry.name)
def test_no_operator(entry):
    """No command loads the operator's loop, its client or kopf."""
    loaded = loaded_by(entry.source.partition(":")[0])
    assert not {"kopf", "aiohttp", "countersign.shell.turns", "countersign.handlers"} & loaded


@pytest.mark.parametrize("entry", OUR_COMMANDS, ids=lambda entry: entry.name)
def test_shared_options(entry):
    """Options mean the same everywhere."""
    options = {option for parameter in entry.load().params for option in parameter.opts}
    assert entry.name == "completion" or {"-n", "-o"} <= options
    assert entry.name in ("completion", "convert") or {"--context", "--kubeconfig"} <= options


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
def test_examples(entry):
    """The help of every command ends with lines to type, and each of them is understood."""
    shown = typed(entry.name, "--help").stdout.partition("Examples:\n")[2]
    lines = [shlex.split(line.partition(" > ")[0]) for line in shown.splitlines()]
    assert lines
    for line in lines:
        assert line[:2] == ["countersign", entry.name]
        entry.load().make_context(entry.name, line[2:])


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell):
    """A shell completes what the program says."""
    assert "_COUNTERSIGN_COMPLETE" in typed("completion", shell).stdout


@pytest.mark.parametrize(("words", "said"), [(["hist"], "history"), (["history", "--kube"], "--kubeconfig")])
def test_completion_of_kubectl(words, said):
    """Kubectl asks a program for what can follow, and is told so that it looks for no files."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    script = typed("completion", "kubectl").stdout
    ended = subprocess.run(
        ["sh", "-s", *words], input=script, env=environment, capture_output=True, text=True, check=True
    )
    assert ended.stdout.splitlines() == [said, ":4"]


def test_completed_names():
    """Where a plan is to be named, those that are there are proposed; errors are nobody's business then."""
    fake = FakePlans().holds(a_plan("payments"), a_plan("people"), a_plan("other"))
    context = main.make_context("countersign", ["show"], obj=Outside(connect=lambda _: fake), resilient_parsing=True)
    show = main.get_command(context, "show")
    named = next(parameter for parameter in show.params if parameter.name == "name")
    inner = click.Context(show, parent=context)
    assert [item.value for item in named.shell_complete(inner, "p")] == ["payments", "people"]
    fake.refuses["list"] = Forbidden("no", code=403)
    assert named.shell_complete(inner, "p") == []


@pytest.mark.parametrize(
    ("program", "name"),
    [
        ("/usr/bin/countersign", "countersign"),
        ("/usr/bin/kubectl-countersign", "kubectl countersign"),
        ("C:\\tools\\kubectl-countersign.exe".replace("\\", "/"), "kubectl countersign"),
        ("/src/countersign/__main__.py", "countersign"),
    ],
)
def test_name(program, name):
    """As a plugin of kubectl it speaks of itself as people call it."""
    assert called_as(program) == name


@pytest.mark.parametrize("arguments", [["frobnicate"], ["show"], ["list", "--frob"], ["list", "-o", "xml"]])
def test_wrong_call(arguments):
    """A wrong call exits with 2."""
    assert typed(*arguments).exit_code == 2


def test_defect():
    """An unforeseen error is one line that says where, and never what the data was."""
    fake = FakePlans(refuses={"get": KeyError("secret text")})
    result = typed("show", "payments", fake=fake)
    assert result.exit_code == 3
    assert result.stderr.startswith("Error: This is a defect of countersign (KeyError at ")
    assert "secret" not in result.output


def test_colours(monkeypatch):
    """Where stdout is no terminal there are no colours."""
    result = typed("show", "payments", fake=FakePlans().holds(a_plan()))
    assert "\x1b" not in result.output


def test_version():
    """--version names the program."""
    assert typed("--version").stdout.startswith("countersign, version ")


def test_harmless_json():
    """Even -o json cannot bring control characters to a terminal."""
    result = typed("show", "payments", "-o", "json", fake=FakePlans().holds(a_plan(description="\x1b[2J\u202e")))
    assert result.stdout.isascii()
    assert json.loads(result.stdout)["spec"]["description"] == "\x1b[2J\u202e"


def test_harmless_yaml():
    """Nor can -o yaml, which leaves other languages readable."""
    fake = FakePlans().holds(a_plan(description="\x1b[2J\u202e"), a_plan("other", description="大きさ"))
    assert "\u202e" not in typed("show", "payments", "-o", "yaml", fake=fake).stdout
    assert "大きさ" in typed("show", "other", "-o", "yaml", fake=fake).stdout


def test_main_is_small():
    """Everything that can be called is in the list."""
    assert list(main.entries) == [entry.name for entry in COMMANDS]
