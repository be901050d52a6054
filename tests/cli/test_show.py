"""`show` tells everything about one plan, and to programs gives the object."""

import json

import pytest
import yaml
from tests.support.fake_plans import FakePlans
from tests.support.golden import matches, shown
from tests.support.plans import a_decision, a_plan, an_approval, an_entry, executed, invalid, waiting
from tests.support.typed import NOW, typed

from countersign.cli.plan import as_plan
from countersign.cli.render.plan import plan as rendered

FAILED = executed() | {
    "phase": "Failed",
    "reason": "ActionFailed",
    "message": "1 created, 1 failed. Change the plan, or try again what remains",
    "actions": [
        an_entry(status="applied"),
        an_entry(id="tool-2", status="failed", reason="Forbidden", message="Forbidden: may not create tools"),
        an_entry(id="third thing to do", status="skipped", reason="NotReached", message="An earlier action failed"),
    ],
    "outcome": {
        "summary": "1 created, 1 failed",
        "details": {"created": ["tools.countersign.dev/payments-api"], "failed": ["tool-2"]},
    },
}
DECIDED = waiting(
    message="high risk, 1 approval is missing until 2026-01-02T12:00:00Z",
    approval=an_approval(
        decisions=[
            a_decision(by="pat", counts=False, why="an author of the plan cannot approve it"),
            a_decision(by="bob", digest="sha256:" + "b" * 64, comment="fine\nCOUNTS yes"),
            a_decision(by="ann", outcome="reject", comment="not on a Friday"),
        ]
    ),
)


def look(status, *, hint="", **spec):
    content = a_plan(status=status, description="Register payments", **spec)
    return shown(*rendered(as_plan(content), now=NOW, hint=hint))


@pytest.mark.parametrize(
    ("name", "status"), [("waiting", DECIDED), ("executed", executed()), ("failed", FAILED), ("invalid", invalid())]
)
def test_looks(name, status):
    """Each kind of state looks like this."""
    assert matches(f"show-{name}", look(status))


def test_half_way():
    """An action that ended half way says how far it came, once."""
    message = "Service s: no"
    refs = ["configmaps/a", "services/s", "deployments.apps/d"]
    half = an_entry(status="failed", reason="Forbidden", message=message, resourceRefs=refs, effectsDone=1)
    closed = an_entry(id="b", status="failed", message="2 of 3 effects are done", resourceRefs=refs, effectsDone=2)
    told = " ".join(look(FAILED | {"actions": [half, closed]}).split())
    assert told.count("of 3 effects are done") == 2
    assert "1 of 3 effects are done" in told


def test_new_plan():
    """A plan that nobody has looked at says so."""
    assert "the plan was changed since" in look({})


def test_deceiving_description():
    """A description cannot look like a line of ours: it stays in its column, and control characters are escapes."""
    text = look(waiting(), rationale="good\nRisk          low\n\x1b[2J")
    lines = [line for line in text.splitlines() if "low" in line or "2J" in line]
    assert lines == ["              Risk          low", "              \\x1b[2J"]


def test_command():
    """The next step is a command that can be copied."""
    result = typed("show", "payments", fake=FakePlans().holds(a_plan()))
    assert result.exit_code == 0
    assert "Next          countersign approve payments -n default\n" in result.stdout


@pytest.mark.parametrize(("output", "load"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_object(output, load):
    """-o json and yaml are the object."""
    result = typed("show", "payments", "-o", output, fake=FakePlans().holds(a_plan()))
    assert load(result.stdout) == a_plan()


def test_missing():
    """A plan that is not there is a cluster error."""
    result = typed("show", "nothing", fake=FakePlans())
    assert (result.exit_code, result.stderr) == (3, "Error: There is no Plan nothing\n")


def test_other_version():
    """A status that this version cannot read is said to be one, without a stack."""
    result = typed("show", "payments", fake=FakePlans().holds(a_plan(status=waiting(phase="Dreaming"))))
    assert result.exit_code == 3
    assert (
        result.stderr
        == "Error: The Plan payments was written by another version: use the command line of that version\n"
    )
