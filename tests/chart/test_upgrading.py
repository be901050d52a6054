"""What `make upgrade` calls broken. The upgrade itself needs the history of the repository, so it is tried before a release."""

import subprocess
import sys

import pytest
from hack.render import ROOT
from hack.upgrade import asked, lost

DECIDED = {"n": "7", "outcome": "approve"}


def a_status(*, decisions=(DECIDED,), publication=1, digest="sha256:a", **rest):
    approval = {"decisions": list(decisions)}
    return {"approval": approval, "publication": publication, "digest": digest, "phase": "Executed", **rest}


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("finished", a_status()),
        ("waiting", a_status(decisions=[DECIDED, {"n": "9", "outcome": "approve"}])),
        ("approved", a_status(publication=2, digest="sha256:b")),
        ("running", a_status(phase="Draft")),
    ],
)
def test_nothing_lost(name, after):
    """The same, more decisions, the next publication of what is on its way, another phase of what goes on."""
    assert list(lost(name, a_status(), after)) == []


@pytest.mark.parametrize(
    ("name", "after", "fault"),
    [
        ("waiting", a_status(decisions=[]), "a recorded decision is gone or another"),
        ("waiting", a_status(decisions=[{"n": "7", "outcome": "reject"}]), "a recorded decision is gone or another"),
        ("waiting", a_status(publication=0, digest="sha256:b"), "the publication went back"),
        ("waiting", a_status(digest="sha256:b"), "publication and digest do not go together"),
        ("waiting", a_status(publication=2), "publication and digest do not go together"),
        ("finished", a_status(phase="Failed"), "phase changed"),
        ("rejected", a_status(outcome={"summary": "other"}), "outcome changed"),
    ],
)
def test_lost(name, after, fault):
    """Decisions and publications only grow, a digest belongs to its publication, and what has ended does not change."""
    assert list(lost(name, a_status(), after)) == [fault]


@pytest.mark.parametrize(
    ("again", "same", "fault"),
    [
        (False, True, []),
        (True, False, []),
        (True, True, ["what had been approved was asked for again"]),
        (False, False, ["what nobody had approved was run"]),
    ],
)
def test_approvals_hold_for_what_was_approved(again, same, fault):
    """Under the same digest nobody is asked again, and under another somebody is."""
    assert list(asked(again=again, same=same)) == fault


def test_unknown_commit():
    """Whoever has no history, or mistypes a tag, is told so before anything starts."""
    command = [sys.executable, "-m", "hack.upgrade", "no-such-tag"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "no-such-tag has no chart here" in ended.stderr
