"""A run: in order, each effect as approved, with retries, and stopping where people say so."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.lives import Life
from tests.support.pretend import World
from tests.support.snapshots import RULES, SECOND, a_plan, a_snapshot, a_spec, an_action, some_actions

from countersign.core.absorbing import absorb
from countersign.core.questions import AskPreview
from countersign.core.snapshot import Snapshot
from countersign.core.steps import Act, Attempt, Failure, Look, Rest, Start
from countersign.core.turn import next_step
from countersign.model.facts import Base, Refusal, Refused, Unavailable

PASSING = Failure("Unavailable", "Tool tool-1: timeout", passing=True)
FINAL = Failure("Invalid", "Tool tool-2: spec is wrong", passing=False)


def _states(life):
    return [(entry.status, entry.reason) for entry in life.status.actions]


def _waiting(count=3, **spec):
    return Life(a_spec(*some_actions(count), **spec)).turn()


def _started(**spec):
    """A snapshot right after the start, with the answers of the turn that started it."""
    life, world = Life(a_spec(**spec)).turn().decide(), World()
    snapshot = Snapshot(life.plan, life.now, RULES)
    step = next_step(snapshot)
    while isinstance(step, Look):
        snapshot = snapshot.with_answers(world.answer(step.questions))
        step = next_step(snapshot)
    assert isinstance(step, Start)
    return snapshot.with_status(step.status)


def test_one_action():
    """An action is carried out as the executor, on the state that was previewed, with what was approved and no more time."""
    snapshot = _started(actions=[an_action(timeout="90s")])
    step = next_step(snapshot)
    assert isinstance(step, Act)
    (attempt,) = step.attempts
    assert (attempt.action, attempt.account, attempt.timeout) == (
        "payments",
        "countersign-executor",
        timedelta(seconds=90),
    )
    (write,) = attempt.writes
    assert (write.base, [write.digest]) == (None, snapshot.plan.status.actions[0].effect_digests)
    assert write.tracking.plan_uid == "uid-1"
    assert (step.status.reason, step.status.actions[0].status) == ("Running", "running")


def test_default_timeout():
    """Without a timeout of its own an attempt may take a minute."""
    assert next_step(_started()).attempts[0].timeout == timedelta(seconds=60)


def test_no_second_preview():
    """The previews of the judgement are what the effects are applied on; nothing is asked twice in one turn."""
    life = _waiting()
    life.world.asked.clear()
    life.decide().turns()
    previews = [question for question in life.world.asked if isinstance(question, AskPreview)]
    assert len(previews) == len(set(previews)) == 3


def test_each_action_once_after_a_restart():
    """A run that goes on after a restart looks at one action after the other and tries each of them once."""
    life = _waiting(3).decide()
    life.crash_in = 2
    life.turn().turns()
    assert [entry.attempts for entry in life.status.actions] == [1, 1, 1]
    assert life.world.writes == ["tool-1", "tool-2", "tool-3"]


def test_base_of_an_existing_object():
    """What exists is applied on exactly the state that was previewed."""
    world = World()
    world.meddle("payments", riskTags=["pii"])
    life = Life(world=world).turn().decide()
    snapshot = Snapshot(life.plan, life.now, RULES)
    while isinstance(step := next_step(snapshot), Look):
        snapshot = snapshot.with_answers(world.answer(step.questions))
    step = next_step(snapshot.with_status(step.status))
    assert step.attempts[0].writes[0].base == Base(world.tools["payments"].uid, str(world.tools["payments"].version))


def test_in_order():
    """Actions run one after another in the order of the plan."""
    assert _waiting(5).decide().turns().world.writes == [f"tool-{number}" for number in range(1, 6)]


def test_failure_stops():
    """After a failure the rest is not reached, and the message says how to go on."""
    life = _waiting()
    life.world.failures["tool-2"] = [FINAL]
    life.decide().turns()
    assert _states(life) == [("applied", ""), ("failed", "Invalid"), ("skipped", "NotReached")]
    assert (life.status.reason, life.status.progress) == ("ActionFailed", "2/3")
    assert life.status.actions[1].error.message == "Tool tool-2: spec is wrong"
    assert life.status.message == (
        "1 created, 1 failed, 1 not run. Change the plan, or try again what remains: "
        "kubectl annotate --overwrite plan -n team-a plan countersign.dev/retry=1"
    )


def test_continue_on_error():
    """With continueOnError the others still run, and the plan counts both."""
    life = _waiting(continueOnError=True)
    life.world.failures["tool-2"] = [FINAL]
    life.decide().turns()
    assert _states(life) == [("applied", ""), ("failed", "Invalid"), ("applied", "")]
    assert (life.status.reason, life.status.progress) == ("ActionFailed", "3/3")
    assert life.status.outcome.entities_affected == 2


def test_last_action_fails():
    """A plan whose last action failed has failed."""
    life = _waiting(2)
    life.world.failures["tool-2"] = [FINAL]
    assert life.decide().turns().status.reason == "ActionFailed"


def test_passing_failure():
    """What fails for a passing reason is tried again after growing pauses."""
    life = _waiting(1)
    life.world.failures["tool-1"] = [PASSING, PASSING, PASSING]
    life.decide().turn()
    pauses = []
    while life.status.phase == "Executing":
        assert (life.status.reason, life.status.actions[0].status) == ("Waiting", "waiting")
        pauses.append((life.until - life.now).total_seconds())
        life.now = life.until
        life.turn()
    assert pauses == [1, 2, 4]
    assert (life.status.reason, life.status.actions[0].attempts) == ("Succeeded", 4)
    assert life.status.actions[0].message == ""


@pytest.mark.parametrize(("retries", "attempts"), [(None, 4), (0, 1), (2, 3)], ids=["left out", "none", "two"])
def test_retries(retries, attempts):
    """An action is repeated as often as it says, three times unless it says so."""
    more = {} if retries is None else {"retries": retries}
    life = Life(a_spec(an_action("tool-1", **more))).turn()
    life.world.failures["tool-1"] = [PASSING] * 9
    life.decide().turns()
    assert (life.status.reason, life.status.actions[0].attempts) == ("ActionFailed", attempts)
    assert life.status.actions[0].error.type == "Unavailable"


def test_pause_is_not_cut_short():
    """Whatever wakes the operator up during a pause, the next attempt is not made before its time, also after a restart."""
    life = _waiting(1)
    life.world.failures["tool-1"] = [PASSING, PASSING, PASSING]
    life.decide().turn()
    for _ in range(2):
        life.now = life.until
        life.turn()
    before = life.status
    assert life.later(seconds=0.1).turn().status == before
    assert life.until > life.now
    assert life.turns().status.reason == "Succeeded"


def test_timeout_that_went_through():
    """An attempt that timed out and was carried out all the same is found in place, not repeated."""
    life = _waiting(1)
    life.world.failures["tool-1"] = [Failure("Timeout", "not done within 60 s", passing=True)]
    life.decide().turn()
    question = next(question for question in life.world.asked if isinstance(question, AskPreview))
    life.world._store("tool-1", question)
    assert life.turns().status.reason == "Succeeded"
    assert life.world.writes == ["tool-1"]


@pytest.mark.parametrize(
    ("preview", "status", "reason"),
    [
        (Refused(Refusal.FORBIDDEN, "no"), "failed", "Forbidden"),
        (Refused(Refusal.CONFLICT, "theirs"), "failed", "OwnedByOther"),
        (Unavailable("timeout"), "waiting", "Unavailable"),
    ],
    ids=["a right was taken away", "somebody took a field over", "the API server is away"],
)
def test_preview_fails_on_the_way(preview, status, reason):
    """An effect that can no longer be previewed is not written: refused is a failure, unavailable a pause."""
    life = _waiting(1).decide()
    life.crash_in = 2
    life.turn()
    life.world.refusals["tool-1"] = preview
    life.turn()
    assert _states(life) == [(status, reason)]
    assert life.world.writes == []


def test_late_decisions():
    """A decision that comes after the start is recorded as not counting, and changes nothing."""
    life = _waiting()
    life.meanwhile = [lambda: None, lambda: life.decide("reject", by=SECOND)]
    life.decide().turn()
    late = life.status.approval.decisions[-1]
    assert (late.outcome, late.counts) == ("reject", False)
    assert late.why == "it came after the plan had started: to stop what is left, set spec.cancel"
    assert life.status.reason == "Succeeded"


def test_already_as_wanted():
    """An object that is as wanted is left alone, also when nobody wrote it for this intent."""
    life = Life(a_spec(an_action(key="one"))).approved()
    again = Life(a_spec(an_action(key="two")), world=life.world).approved()
    assert (again.status.actions[0].status, again.status.actions[0].operation) == ("applied", "unchanged")
    assert life.world.writes == ["payments"]


def test_same_object_by_somebody_else():
    """An object that somebody made meanwhile is not taken for ours, even if it is just as we wanted it."""
    life = _waiting(1).decide()
    life.crash_in = 2
    life.turn()
    life.world.meddle("tool-1", connection={"baseUrl": "https://tool-1.example.com", "port": 443, "scheme": "HTTPS"})
    life.turns()
    assert (life.status.reason, life.world.writes) == ("PreviewChanged", [])
    assert life.status.actions[0].operation == "unchanged"


def _running(**changes):
    snapshot = _started(actions=some_actions(2))
    return replace(snapshot, plan=replace(snapshot.plan, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"spec": a_spec(an_action(type="tool.unheard_of"))},
        {"spec": {"actions": "none"}},
        {"spec": a_spec(*some_actions(3))},
        {"spec": a_spec(an_action("tool-2"), an_action("tool-1"))},
    ],
    ids=["an unknown type", "no plan at all", "more actions", "another order"],
)
def test_another_plan_than_was_started(changes):
    """A running plan that is no longer understood as it was started ends; nothing more is done."""
    step = next_step(_running(**changes))
    assert isinstance(step, Rest)
    assert (step.status.phase, step.status.reason) == ("Failed", "ActionFailed")


def test_journal_of_another_run():
    """A journal without a run of its digest starts nothing."""
    snapshot = _started()
    status = snapshot.plan.status.but(execution=snapshot.plan.status.execution.but(digest="sha256:other"))
    assert isinstance(next_step(snapshot.with_status(status)), Rest)


def test_other_number_of_effects():
    """An action that now has other effects than were approved is not carried out."""
    snapshot = _started()
    entry = snapshot.plan.status.actions[0]
    status = snapshot.plan.status.but(actions=[entry.but(effect_digests=[*entry.effect_digests] * 2)])
    step = next_step(next_step(snapshot.with_status(status)).snapshot)
    assert step.status.history[-1].summary == "payments has other effects than the approvers saw"


def test_unknown_action():
    """The result of an action that the plan does not have is a mistake of the caller."""
    with pytest.raises(StopIteration):
        absorb(a_snapshot(a_plan()), Attempt("nobody", "", (), timedelta()), PASSING)
