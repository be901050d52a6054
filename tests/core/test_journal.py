"""The journal of a run."""

from datetime import timedelta

import pytest
from tests.support.snapshots import NOW

from countersign.api.plan_status import ActionStatus, PlanStatus
from countersign.core import journal
from countersign.core.journal import NOT_RUN, ON_THE_WAY


def _entry(status="pending", reason="", **rest):
    return ActionStatus(id="a", type="tool.upsert", status=status, reason=reason, **rest)


def test_progress():
    """What is through: done, failed or already done; not what the run never came to."""
    through = [_entry("applied"), _entry("failed", "Invalid"), _entry("skipped", "AlreadyApplied")]
    others = [*map(_entry, ON_THE_WAY), *(_entry("skipped", reason) for reason in NOT_RUN), _entry("invalid", "x")]
    assert journal.progress([*through, *others]) == f"3/{3 + len(others)}"
    assert journal.progress([]) == "0/0"


def test_with_entry():
    """One entry takes the place of another, and the progress follows."""
    status = PlanStatus(actions=[_entry(), _entry(), _entry()])
    changed = journal.with_entry(status, 1, _entry("applied"))
    assert [entry.status for entry in changed.actions] == ["pending", "applied", "pending"]
    assert changed.progress == "1/3"


def test_attempts():
    """An attempt counts, remembers when the first one began, and wipes out what the last one said."""
    first = journal.begun(_entry(), now=NOW)
    waiting = journal.waiting(first, reason="Unavailable", message="x" * 600)
    second = journal.begun(waiting, now=NOW + timedelta(minutes=1))
    assert (first.attempts, waiting.attempts, second.attempts) == (1, 1, 2)
    assert first.started_at == second.started_at == "2030-01-01T12:00:00Z"
    assert (waiting.status, len(waiting.message)) == ("waiting", 512)
    assert (second.status, second.reason, second.message) == ("running", "", "")


def test_ends():
    """Applied and failed entries have both times, also if the action was never begun."""
    applied = journal.applied(_entry(message="x"), now=NOW)
    failed = journal.failed(_entry(), reason="Invalid", message="y" * 2000, now=NOW)
    assert (applied.status, applied.message, applied.started_at) == ("applied", "", applied.finished_at)
    assert (failed.status, failed.reason, failed.error.type) == ("failed", "Invalid", "Invalid")
    assert (len(failed.message), len(failed.error.message)) == (512, 1024)


@pytest.mark.parametrize("reason", NOT_RUN)
def test_closed(reason):
    """What the run does not come to is skipped with the reason; what is through stays."""
    closed = journal.closed(_entry(), reason=reason, now=NOW)
    assert (closed.status, closed.reason) == ("skipped", reason)
    assert journal.closed(_entry("applied"), reason=reason, now=NOW) == _entry("applied")


@pytest.mark.parametrize("reason", NOT_RUN)
def test_closed_half_way(reason):
    """What is done of an action stays and is no skipped one; what was as wanted before is nothing that was done."""
    about = {"resource_refs": ["tools/a", "tools/b", "tools/c"], "effects_done": 2}
    closed = journal.closed(_entry("waiting", "Timeout", operation="created", **about), reason=reason, now=NOW)
    assert (closed.status, closed.reason, closed.effects_done) == ("failed", "Incomplete", 2)
    assert closed.message.startswith("2 of 3 effects are done and stay: ")
    assert closed.error.message == closed.message
    found = _entry(operation="created", operations=["unchanged", "unchanged", "created"], **about)
    assert journal.closed(found, reason=reason, now=NOW).status == "skipped"


def test_so_far():
    """What was done once stays counted, whatever a later attempt comes to."""
    assert journal.so_far(_entry(), 0).effects_done is None
    assert journal.so_far(journal.so_far(_entry(), 3), 1).effects_done == 3
    assert journal.applied(journal.so_far(_entry(), 3), now=NOW).effects_done is None


def test_pauses():
    """Pauses double up to a minute, and are spread."""
    pauses = [journal.pause(_entry(attempts=number), jitter=0.5).total_seconds() for number in range(1, 10)]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert journal.pause(_entry(attempts=1), jitter=0.0).total_seconds() == 0.5


@pytest.mark.parametrize("jitter", [0.0, 0.999])
def test_due(jitter):
    """However the pauses fall, an attempt is never called too early when its pause has passed."""
    now, entry = NOW, journal.begun(_entry(), now=NOW)
    for _ in range(10):
        entry = journal.waiting(entry, reason="x", message="x")
        now += journal.pause(entry, jitter=jitter)
        assert journal.due(entry) <= now
        entry = journal.begun(entry, now=now)
    assert journal.due(entry) is None


@pytest.mark.parametrize("started_at", [None, "soon"])
def test_due_at_any_time(started_at):
    """If nobody knows when it began, it is due."""
    assert journal.due(_entry("waiting", "x", attempts=2, started_at=started_at)) is None


def test_hostile_number_of_attempts():
    """No number of attempts leads beyond the calendar."""
    entry = _entry("waiting", "x", attempts=2**31, started_at="2030-01-01T12:00:00Z")
    assert journal.due(entry) < NOW + timedelta(hours=1)
    assert journal.pause(entry, jitter=0.5) == timedelta(minutes=1)
