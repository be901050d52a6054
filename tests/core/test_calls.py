"""Effects that must not happen twice: what is intended is written down, and what nobody knows is looked up and not repeated."""

import pytest
from tests.support.counting import Counting, a_count
from tests.support.lives import Life
from tests.support.snapshots import RULES, a_spec, an_action

from countersign.api.approval_status import Approval
from countersign.api.plan_status import ActionStatus, PlanStatus
from countersign.core.powers import own_access
from countersign.core.questions import AskQuotas
from countersign.core.snapshot import Snapshot
from countersign.core.stamps import Stamp
from countersign.core.steps import Failure, Rest
from countersign.core.turn import next_step

STAMP = Stamp(n="1", outcome="approve", quotes="sha256:x", by="ann")
FINAL = Failure("Invalid", "spec is wrong", passing=False)

pytestmark = pytest.mark.usefixtures("counting")


def _life(*does, more=(), journal=False, retries=3, **spec):
    spec = a_spec(a_count(*(does or ("call a",)), retries=retries), *more, **spec)
    return Life(spec, journal=journal).turn().decide()


def _entry(life, index=0):
    entry = life.status.actions[index]
    return entry.status, entry.reason


def _counts(life):
    return list(life.world.counted.counts.values())


def test_called_once():
    """What is intended stands in the journal before the call is made, and what came of it afterwards."""
    life = _life("call a").turns()
    intended = [status.actions[0].intent for status in life.written if status.actions[0].intent]
    assert [(intent.effect, intent.attempt) for intent in intended] == [(0, 1)]
    assert (life.status.reason, _entry(life), _counts(life)) == ("Succeeded", ("applied", ""), [1])
    assert life.status.outcome.summary == "1 called"
    assert life.status.outcome.details["called"] == ["counts.test.countersign.dev/a"]
    assert life.status.actions[0].intent is None


def test_between_others():
    """Calls and objects of one action are made in their order, each call with a record of its own before and after it."""
    life = _life("tool x", "call a", "tool y", "call b", "call c").turns()
    assert (life.status.reason, life.world.writes, life.world.counted.called) == ("Succeeded", ["x", "y"], list("abc"))
    assert (life.status.actions[0].attempts, len(set(life.world.counted.counts))) == (1, 3)
    assert life.status.outcome.summary == "2 created, 3 called"
    intended = [status.actions[0].intent.effect for status in life.written if status.actions[0].intent]
    assert intended == [1, 3, 4]


@pytest.mark.parametrize("fault", ["busy", "unreachable"])
def test_surely_not_done(fault):
    """What was not done for a passing reason is tried again, and nobody has to be asked about it."""
    life = _life()
    life.world.counted.faults = [fault, fault]
    life.turns()
    assert (life.status.reason, _counts(life), life.status.actions[0].attempts) == ("Succeeded", [1], 3)
    assert "unknown" not in {status.actions[0].status for status in life.written}


def test_refused():
    """What was refused has failed, and is not tried again."""
    life = _life("call a", "call b")
    life.world.counted.faults = ["", "refused"]
    life.turns()
    entry = life.status.actions[0]
    assert (_entry(life), entry.effects_done, entry.intent) == (("failed", "Refused"), 1, None)
    assert (life.status.outcome.summary, life.status.outcome.entities_affected) == ("1 called, 1 failed", 1)


def test_answer_is_lost():
    """What was done without an answer is looked up and not done again."""
    life = _life("call a", "call b")
    life.world.counted.faults = ["lost", "lost"]
    life.turns()
    assert (life.status.reason, _counts(life), life.status.actions[0].attempts) == ("Succeeded", [1, 1], 1)


def test_request_is_lost():
    """What did not happen is done again, but not before a request under way must have arrived."""
    life = _life()
    life.world.counted.faults = ["vanished"]
    life.turn()
    assert (_entry(life), life.status.reason) == (("unknown", "OutcomeAwaited"), "Waiting")
    assert "may still be under way until 2030-01-01T12:02:00Z" in life.status.message
    assert (life.until - life.now).total_seconds() == 120
    life.later(seconds=119).turn()
    assert (_entry(life), _counts(life)) == (("unknown", "OutcomeAwaited"), [])
    life.turns()
    assert (life.status.reason, _counts(life), life.status.actions[0].attempts) == ("Succeeded", [1], 2)


def test_request_is_slow():
    """A request that arrives after its attempt has ended is found, and not sent again."""
    life = _life()
    life.world.counted.faults = ["slow"]
    life.turn()
    life.world.counted.arrive()
    assert (life.turns().status.reason, _counts(life)) == ("Succeeded", [1])


def test_too_often():
    """A request that is lost counts as an attempt."""
    life = _life(retries=1)
    life.world.counted.faults = ["vanished", "vanished"]
    life.turns()
    assert (_entry(life), _counts(life)) == (("failed", "NotCarriedOut"), [])
    assert life.status.actions[0].message == "Count a did not happen"


def test_nobody_can_tell():
    """As long as nobody can tell the plan waits, says so, and repeats nothing; when somebody can it goes on."""
    life = _life("call a", more=[an_action("later")])
    life.world.counted.faults, life.world.counted.tells = ["lost"], False
    life.turn()
    assert (life.status.phase, life.status.reason, _entry(life)) == (
        "Executing",
        "Waiting",
        ("unknown", "OutcomeUnknown"),
    )
    assert life.status.message == (
        "count: nobody can tell whether Count a happened: it keeps no record; find out there, or set spec.cancel"
    )
    pauses = []
    for _ in range(8):
        pauses.append((life.until - life.now).total_seconds())
        life.now = life.until
        life.turn()
    assert pauses == [2, 2, 4, 8, 16, 32, 60, 60]
    assert (_counts(life), life.world.writes) == ([1], [])
    life.world.counted.tells = True
    life.now = life.until
    life.turns()
    assert (life.status.reason, _counts(life), life.world.writes) == ("Succeeded", [1], ["later"])


def test_nobody_answers():
    """Whoever does not answer is asked again."""
    life = _life()
    life.world.counted.faults, life.world.counted.away = ["lost"], True
    life.turn()
    assert (life.status.reason, _entry(life)) == ("Waiting", ("unknown", "OutcomeUnavailable"))
    assert "could not be asked and will be asked again: no answer within 10 s" in life.status.message
    life.world.counted.away = False
    life.now = life.until
    assert (life.turns().status.reason, _counts(life)) == ("Succeeded", [1])


@pytest.mark.parametrize("effect", [0, 7], ids=["not a call", "no effect at all"])
def test_intent_that_is_not_understood(effect):
    """When it cannot be said who was called, nobody can be asked, and nothing is done until somebody cancels."""
    life = _life("tool x", "call a")
    life.world.counted.faults, life.world.counted.tells = ["lost"], False
    life.turn()
    (entry,) = life.status.actions
    done = {"effects_done": effect} if effect == 0 else {}
    life.status = life.status.but(actions=[entry.but(intent=entry.intent.but(effect=effect), **done)])
    snapshot = Snapshot(life.plan, life.now, RULES)
    step = next_step(snapshot)
    assert isinstance(step, Rest)
    assert (step.status.actions[0].status, step.status.actions[0].reason) == ("unknown", "OutcomeUnavailable")
    assert "nobody can be asked whether its call happened" in step.status.message


def test_cancelled_while_nobody_can_tell():
    """A cancelled plan calls what nobody knows neither done nor undone, and never opens again."""
    life = _life("tool x", "call a", "call b", more=[an_action("later")])
    life.world.counted.faults, life.world.counted.tells = ["lost"], False
    life.turn().edit(cancel=True).turns()
    entry = life.status.actions[0]
    assert (life.status.reason, _entry(life)) == ("Cancelled", ("unknown", "OutcomeUnknown"))
    assert (entry.effects_done, entry.intent.effect) == (1, 1)
    assert entry.message == (
        "nobody could tell whether effect 2 of 3 happened when the run ended: look there before anybody does it again"
    )
    assert life.status.outcome.summary == "1 created, 1 unknown, 1 not run"
    assert life.status.outcome.details["unknown"] == ["count"]
    assert life.status.message.endswith("find out there, and submit another plan for the rest")


@pytest.mark.parametrize(
    ("fault", "end", "summary"),
    [
        ("lost", ("failed", "Incomplete"), "1 called, 1 failed"),
        ("vanished", ("skipped", "Cancelled"), "1 not run"),
        ("slow", ("failed", "Incomplete"), "1 called, 1 failed"),
    ],
)
def test_cancelled_while_it_is_under_way(fault, end, summary):
    """A cancelled plan waits until it is known what became of its last call."""
    life = _life("call a", "call b")
    life.world.counted.faults = [fault]
    life.world.counted.tells = False
    life.turn().edit(cancel=True)
    life.world.counted.tells = True
    life.turns()
    assert (life.status.reason, _entry(life), life.status.outcome.summary) == ("Cancelled", end, summary)


def test_suspended():
    """A suspended plan makes no call, but still asks what became of the last one."""
    life = _life("call a", "call b")
    life.world.counted.faults = ["vanished"]
    life.turn().edit(suspend=True).turn()
    assert (life.status.reason, _entry(life)) == ("Suspended", ("unknown", "OutcomeAwaited"))
    life.turns(3)
    assert (life.status.reason, _entry(life), _counts(life)) == ("Suspended", ("waiting", "NotCarriedOut"), [])
    assert life.edit(suspend=False).turns().status.reason == "Succeeded"
    assert _counts(life) == [1, 1]


def test_after_a_failure():
    """A plan in which something failed waits until it is known what became of its calls."""
    life = _life(more=[an_action("x", dependsOn=["y"]), an_action("y")])
    life.spec["actions"][2]["params"]["name"] = "y"
    life.world.failures["x"] = [FINAL]
    life.world.counted.faults = ["vanished"]
    life.turn()
    assert (life.status.phase, _entry(life), _entry(life, 1)) == (
        "Executing",
        ("unknown", "OutcomeAwaited"),
        ("failed", "Invalid"),
    )
    life.turns()
    assert (life.status.reason, _entry(life), _counts(life)) == ("ActionFailed", ("skipped", "NotReached"), [])


def test_others_go_on():
    """With continueOnError, and in a graph, what does not depend on an unknown call is carried out meanwhile."""
    life = _life(more=[an_action("x", dependsOn=["y"]), an_action("y"), an_action("z", dependsOn=["count"])])
    life.world.counted.faults, life.world.counted.tells = ["lost"], False
    life.turn()
    assert (life.status.reason, life.world.writes) == ("Waiting", ["y", "x"])
    life.world.counted.tells = True
    life.now = life.until
    assert life.turns().status.reason == "Succeeded"


def test_another_world():
    """A run that meets another world is not published anew before it is known what became of its calls."""
    life = _life(more=[an_action("x", dependsOn=["y"]), an_action("y")])
    life.world.counted.faults, life.world.counted.tells = ["lost"], False
    life.world.before = lambda name: life.world.meddle("x", riskTags=["pii"]) if name == "y" else None
    life.turn()
    assert (life.status.phase, life.status.reason, _entry(life)[0]) == ("Executing", "Waiting", "unknown")
    life.world.counted.tells = True
    life.now = life.until
    life.turns()
    assert (life.status.reason, life.status.history[0].summary) == (
        "PreviewChanged",
        "Tool x is no longer what the approvers saw; 1 created, 1 called",
    )
    life.decide().turns()
    assert (_entry(life), _counts(life)) == (("skipped", "AlreadyApplied"), [1])


def test_another_world_and_cancelled():
    """Cancelling ends also a run that meets another world while nobody can tell."""
    life = _life(more=[an_action("x", dependsOn=["y"]), an_action("y")])
    life.world.counted.faults, life.world.counted.tells = ["lost"], False
    life.world.before = lambda name: life.world.meddle("x", riskTags=["pii"]) if name == "y" else None
    life.turn().edit(cancel=True).turns()
    assert (life.status.reason, _entry(life)) == ("Cancelled", ("unknown", "OutcomeUnknown"))


def test_tried_again_by_people():
    """A retry makes the calls that failed, and shows those that were made as what is left as it is."""
    life = _life("call a", "tool x", "call b", "call c")
    life.world.counted.faults = ["", "", "refused"]
    life.turns()
    assert [(entry.key, entry.effects_done) for entry in life.status.ledger] == [("count.v1", 3)]
    life.retry().turn()
    assert life.status.actions[0].operations == ["unchanged", "unchanged", "unchanged", "called"]
    life.decide().turns()
    assert (life.status.reason, _counts(life)) == ("Succeeded", [1, 1, 1])
    assert life.status.outcome.summary == "3 unchanged, 1 called"
    assert [(entry.key, entry.effects_done) for entry in life.status.ledger] == [("count.v1", 3), ("count.v1", None)]


def test_fails_again():
    """A retry that makes nothing adds nothing to what is remembered."""
    life = _life("call a", "call b")
    life.world.counted.faults = ["", "refused", "refused"]
    life.turns().retry().turn().decide().turns()
    assert (len(life.status.ledger), _counts(life)) == (1, [1])


def test_edited_after_a_half():
    """The key of an intent of which a call was made cannot get other params."""
    life = _life("call a", "call b")
    life.world.counted.faults = ["", "refused"]
    life.turns().edit(actions=[a_count("call other", "call b")]).turn()
    assert life.status.validation.diagnostics[0].code == "Structural.IdempotencyKeyReused"


def test_carried_out_before():
    """A call that the plan made before is not made again, whatever else is edited; a call of another plan is another one."""
    life = _life().turns().edit(actions=[a_count("call a"), an_action("x")]).turn().decide().turns()
    assert (_entry(life), _entry(life, 1), _counts(life)) == (("skipped", "AlreadyApplied"), ("applied", ""), [1])
    other = Life(a_spec(a_count("call a")), world=life.world, uid="uid-2").approved()
    assert (_entry(other), _counts(life)) == (("applied", ""), [1, 1])


def test_same_target_twice():
    """Two calls on one target are two calls: nothing is left behind that the second could find in place."""
    life = _life("call a", more=[a_count("call a", name="again")]).turns()
    assert (life.status.outcome.summary, _counts(life)) == ("1 called", [1, 1])


def test_call_that_its_type_does_not_make(monkeypatch):
    """An action type calls only what it is registered for."""
    monkeypatch.setattr(Counting, "calls", ())
    found = Life(a_spec(a_count("call a"))).turn().status.validation.diagnostics[0]
    assert (found.code, found.message) == (
        "Capabilities.KindNotAllowed",
        "test.count may not call Count: use an action type that does",
    )


def test_approver_access():
    """An approver who has to have access needs the right to create what is called."""
    refs = ["counts.test.countersign.dev/a"]
    entry = ActionStatus(id="a", type="t", status="pending", operation="called", resource_refs=refs)
    status = PlanStatus(approval=Approval(approver_access=True), actions=[entry])
    (asked,) = own_access(STAMP, status, namespace="team-a")
    assert (asked.verb, asked.group, asked.resource, asked.name) == ("create", "test.countersign.dev", "counts", "")


def test_call_beside_a_quota():
    """A call adds nothing to a namespace, so no quota is asked about it."""
    life = Life(a_spec(a_count("call a"))).turn()
    assert not [question for question in life.world.asked if isinstance(question, AskQuotas)]
