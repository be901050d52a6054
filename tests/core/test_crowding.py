"""The cap on open plans: who finds no room is told so, costs nothing, and is taken up later."""

from dataclasses import replace
from datetime import timedelta

from tests.support.lives import Life
from tests.support.pretend import World
from tests.support.snapshots import NOW, RULES, a_spec, some_actions
from tests.support.status_contract import check_status

from countersign.core.others import AskCrowd

CAPPED = replace(RULES, open_plans=4)
ASKED = AskCrowd("team-a", "plan", created_at=NOW)


def _life(*, ahead, **rest):
    return Life(**{"spec": a_spec(*some_actions(2)), **rest}, world=World(ahead=ahead), rules=CAPPED)


def test_turned_away():
    """Nothing about it is looked up; the finding says what to do, and that it is tried again."""
    life = _life(ahead=4).turn()
    assert (life.status.phase, life.status.reason, life.world.asked) == ("Draft", "Blocked", [ASKED])
    (found,) = life.status.validation.diagnostics
    assert (found.code, found.severity, found.retryable) == ("Budget.TooManyOpenPlans", "error", True)
    assert life.status.message == found.message
    assert found.message.startswith("4 other plans of the namespace are not finished, and no more")
    results = {stage.name: stage.result for stage in life.status.validation.stages}
    assert (results.pop("Budget"), set(results.values())) == ("Unavailable", {"NotReached"})
    assert (life.status.digest, [entry.status for entry in life.status.actions]) == (None, ["pending"] * 2)
    check_status(life.status, generation=1)


def test_quiet():
    """As long as nothing changes, neither does the status, however many are ahead."""
    life = _life(ahead=4).turn()
    life.world.ahead = 7
    life.later(minutes=10).turn()
    assert len(life.written) == 1
    assert life.until > life.now + timedelta(minutes=9)


def test_room():
    """The last for whom there is room is validated as usual."""
    assert _life(ahead=3).turn().status.reason == "AwaitingApproval"


def test_taken_up():
    """When enough others have ended, it goes on by itself."""
    life = _life(ahead=4).turn()
    life.world.ahead = 3
    assert life.turn().status.reason == "AwaitingApproval"


def test_published():
    """What approvers look at is never turned away because others came."""
    life = _life(ahead=0).turn()
    life.world.ahead = 99
    life.world.asked.clear()
    life.later(minutes=10).turn()
    assert (life.status.reason, ASKED in life.world.asked) == ("AwaitingApproval", False)


def test_cancelled():
    """Who is turned away can give up."""
    assert _life(ahead=4).turn().edit(cancel=True).turn().status.reason == "Cancelled"


def test_for_validation_only():
    """It is told the same, and goes after a minute."""
    life = _life(ahead=4, spec=a_spec(validateOnly=True)).turn()
    assert (life.status.reason, life.until) == ("Blocked", NOW + timedelta(seconds=60))
    assert life.later(seconds=60).turn().removed


def test_no_cap():
    """Nobody is asked."""
    life = Life(world=World(ahead=10_000)).turn()
    assert (life.status.reason, ASKED in life.world.asked) == ("AwaitingApproval", False)
