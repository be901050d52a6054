"""A run as a graph: whatever is ready begins, never more at once than the plan says, and what is in flight is waited for."""

from itertools import cycle, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.action_types import a_copy
from tests.support.lives import Life
from tests.support.settings import MODEST
from tests.support.snapshots import a_spec, an_action

from countersign.core.steps import Failure
from countersign.model.facts import Refusal, Refused, Unavailable

FINAL = Failure("Invalid", "spec is wrong", passing=False)
PASSING = Failure("Unavailable", "timeout", passing=True)


def _graph(needs, **spec):
    """Actions a, b, c ... with what each depends on."""
    actions = [an_action(name, **({"dependsOn": list(after)} if after else {})) for name, after in needs.items()]
    return Life(a_spec(*actions, **spec), journal=True).turn().decide()


def _states(life):
    return {entry.id: (entry.status, entry.reason) for entry in life.status.actions}


def _crowds(life):
    """How many actions were running, each time the journal was written."""
    return [sum(entry.status == "running" for entry in status.actions) for status in life.written]


def test_all_at_once():
    """Actions without dependencies begin together, as far as the plan allows it."""
    life = _graph({"a": "", "b": "", "c": "", "d": "a"}, maxParallel=2).turn()
    assert (life.status.reason, max(_crowds(life))) == ("Succeeded", 2)
    assert life.world.writes[-1] == "d"


def test_default():
    """Left out, eight run at the same time."""
    needs = {f"t{number}": "" for number in range(11)} | {"last": ["t0"]}
    assert max(_crowds(_graph(needs).turn())) == 8


def test_in_order_one_at_a_time():
    """Without dependencies the plan is a list, whatever maxParallel says."""
    life = _graph({"a": "", "b": "", "c": ""}, maxParallel=8).turn()
    assert (max(_crowds(life)), life.world.writes) == (1, ["a", "b", "c"])


def test_running_ones_finish():
    """After a failure what is in flight is waited for, and nothing else begins."""
    life = _graph({"a": "", "b": "", "c": "a", "d": "b"}, maxParallel=2)
    life.world.failures["a"] = [FINAL]
    life.turn()
    assert _states(life) == {
        "a": ("failed", "Invalid"),
        "b": ("applied", ""),
        "c": ("skipped", "NotReached"),
        "d": ("skipped", "NotReached"),
    }
    assert (life.status.reason, life.status.progress) == ("ActionFailed", "2/4")


def test_descendants_of_a_failure():
    """With continueOnError only what depends on the failed action is skipped, near or far; the outcome counts both."""
    life = _graph({"a": "", "b": "a", "c": "b", "d": "", "e": "d"}, continueOnError=True)
    life.world.failures["a"] = [FINAL]
    life.turn()
    assert _states(life) == {
        "a": ("failed", "Invalid"),
        "b": ("skipped", "DependencyFailed"),
        "c": ("skipped", "DependencyFailed"),
        "d": ("applied", ""),
        "e": ("applied", ""),
    }
    assert (life.status.phase, life.status.outcome.entities_affected) == ("Failed", 2)
    assert life.status.outcome.summary == "2 created, 1 failed, 2 not run"


def test_after_what_was_applied_before():
    """What was carried out before counts as done for those that depend on it."""
    world = Life(a_spec(an_action("a"))).approved().world
    life = Life(a_spec(an_action("a"), an_action("b", dependsOn=["a"])), world=world, uid="uid-2").approved()
    assert _states(life) == {"a": ("skipped", "AlreadyApplied"), "b": ("applied", "")}


def test_retry_beside_others():
    """An action that waits for its next attempt holds nobody up but those that depend on it."""
    life = _graph({"a": "", "b": "", "c": "b", "d": "a"}, maxParallel=1)
    life.world.failures["a"] = [PASSING]
    life.turn()
    assert (life.status.reason, life.world.writes) == ("Waiting", ["b", "c"])
    life.turns()
    assert (life.status.reason, life.world.writes) == ("Succeeded", ["b", "c", "a", "d"])


def test_due_while_others_are_in_flight():
    """When the pause of one is over while another is in flight, it begins beside it."""
    life = _graph({"a": "", "b": "", "c": "b"}, maxParallel=2)
    life.world.failures["a"] = [PASSING]
    life.turn().turns()
    assert (life.status.reason, sorted(life.world.writes)) == ("Succeeded", ["a", "b", "c"])


@pytest.mark.parametrize(("field", "reason"), [("suspend", "Suspended"), ("cancel", "Cancelled")])
def test_stopped(field, reason):
    """Whoever stops the run waits for what is in flight; nothing that was made is called undone."""
    life = _graph({"a": "", "b": "", "c": "a", "d": "b"}, maxParallel=2)
    life.meanwhile = [lambda: None, lambda: life.edit(**{field: True})]
    life.turn()
    assert life.status.reason == reason
    done = [name for name, (state, _) in _states(life).items() if state == "applied"]
    assert done == sorted(life.world.writes) == ["a", "b"]


def test_interrupted():
    """When one action finds another world than was approved, the others in flight are waited for before anybody is asked."""
    life = _graph({"a": "", "b": "", "c": "a"}, maxParallel=2)
    life.meanwhile = [lambda: life.world.meddle("a", riskTags=["pii"])]
    life.turn()
    assert (life.status.reason, life.world.writes) == ("PreviewChanged", ["b"])
    assert (life.status.publication, life.status.history[-1].result) == (2, "Interrupted")
    life.decide().turns()
    assert _states(life) == {"a": ("applied", ""), "b": ("skipped", "AlreadyApplied"), "c": ("applied", "")}


def test_refused_meanwhile():
    """A preview that fails on the way is a failed attempt like any other."""
    life = _graph({"a": "", "b": "a", "c": "a"})
    life.crash_in = 3
    life.turn()
    life.world.refusals["b"] = Refused(Refusal.POLICY, "a new policy says no")
    life.turns()
    assert _states(life)["b"] == ("failed", "AdmissionRefused")


@pytest.mark.usefixtures("copying")
def test_two_hundred():
    """A plan of two hundred actions in a graph ends right, and its record stays within its limits."""
    actions = [
        an_action(f"t{number}", **({"dependsOn": [f"t{number // 3}"]} if number else {})) for number in range(200)
    ]
    life = Life(a_spec(*actions, maxParallel=32)).approved()
    assert (life.status.reason, life.status.progress, len(set(life.world.writes))) == ("Succeeded", "200/200", 200)


def test_interrupted_ones_first():
    """After a restart what was running goes on before anything else begins."""
    life = _graph({"a": "", "b": "", "c": "", "d": "a"}, maxParallel=1)
    life.lands = lambda _: 0
    life.crash_in = 4
    life.turn()
    running = [entry.id for entry in life.status.actions if entry.status == "running"]
    life.crash_in = 3
    life.turn()
    assert max(_crowds(life)) == 1, running
    assert life.turns().status.reason == "Succeeded"


NAMES = [f"t{number}" for number in range(7)]
LANDINGS = st.lists(st.integers(0, 6), min_size=1, max_size=20)
NEEDS = st.lists(st.sets(st.integers(0, 6)), min_size=7, max_size=7).map(
    lambda needs: [sorted(f"t{need}" for need in one if need < place) for place, one in enumerate(needs)]
)


@MODEST
@given(
    NEEDS,
    st.integers(1, 4),
    st.booleans(),
    st.sets(st.sampled_from(NAMES), max_size=2),
    LANDINGS,
    st.integers(1, 30),
)
def test_any_graph(needs, most, go_on, failing, landings, crash):
    """In any graph, whichever ends first and wherever the operator is killed: nothing begins before what it needs has

    succeeded, no more run at once than may, nothing is made twice, and every action comes to an end.
    """
    life = _graph(dict(zip(NAMES, needs, strict=True)), maxParallel=most, continueOnError=go_on)
    landing = cycle(landings)
    life.lands, life.crash_in = lambda many: next(landing) % many, crash
    for name in failing:
        life.world.failures[name] = [FINAL]
    life.turn().turns()
    life.crash_in = None
    life.turns()
    assert life.status.phase in ("Executed", "Failed")
    assert max(_crowds(life)) <= (most if any(needs) else 1)
    assert len(life.world.writes) == len(set(life.world.writes))
    states = _states(life)
    assert {name for name, (state, _) in states.items() if state == "applied"} == set(life.world.writes)
    if any(needs):
        for name, after in zip(NAMES, needs, strict=True):
            assert name not in life.world.writes or all(states[need][0] == "applied" for need in after)
            before = [life.world.writes.index(need) for need in after if name in life.world.writes]
            assert all(place < life.world.writes.index(name) for place in before)
    else:
        assert all(one < other for one, other in pairwise(life.world.writes))


def _settled(name, tag):
    def tag_it(life):
        life.world.meddle(name, riskTags=[tag])

    return tag_it


@pytest.mark.usefixtures("copying")
class TestSettling:
    """What is written and has to get ready."""

    def waiting(self, *more, **rest):
        life = Life(a_spec(an_action("a"), a_copy("a", "b", wait=True) | {"timeout": "10s"}, *more, **rest)).turn()
        return life.decide().turn()

    def test_ready(self):
        """The action is applied when what it made is ready, and nothing after it begins before that."""
        life = self.waiting(an_action("c"))
        assert (life.status.reason, life.status.message) == ("Waiting", "b': not tagged yet")
        assert _states(life)["b'"] == ("waiting", "Settling")
        assert (life.until - life.now).total_seconds() == 2
        life.later(seconds=2).turn()
        assert life.world.writes == ["a", "b"]
        _settled("b", "ready")(life)
        life.turns()
        assert (life.status.reason, life.world.writes) == ("Succeeded", ["a", "b", "c"])

    def test_broken(self):
        """What will never be ready fails its action; what was written stays."""
        life = self.waiting(an_action("c"))
        _settled("b", "broken")(life)
        life.turn()
        assert _states(life)["b'"] == ("failed", "NotReady")
        assert life.status.actions[1].message == "it broke"

    def test_too_late(self):
        """Nothing is waited for longer than the action's timeout."""
        life = self.waiting().later(seconds=12).turn()
        assert _states(life)["b'"] == ("failed", "Timeout")
        assert life.status.actions[1].message == "not ready within 10s: not tagged yet"

    def test_gone(self):
        """What cannot be seen is not ready."""
        life = self.waiting()
        life.world.lose("b")
        assert life.turn().status.message == "b': Tool b cannot be seen"

    def test_made_from_something_that_cannot_be_read(self):
        """What it was made from does not matter any more: only what it waits for is asked about."""
        life = self.waiting()
        life.world.sights["a"] = Unavailable("the API server is busy")
        life.later(seconds=2).world.asked.clear()
        assert life.turn().status.message == "b': not tagged yet"
        assert {question.target.name for question in life.world.asked} == {"b"}
        life.world.lose("a")
        _settled("b", "ready")(life)
        assert life.turns().status.reason == "Succeeded"

    def test_tried_again(self):
        """What did not get ready in time is waited for again by a retry, and not taken for done because it is written."""
        life = self.waiting().later(seconds=12).turn()
        life.retry().turn().decide().turn()
        assert (life.status.reason, _states(life)["b'"]) == ("Waiting", ("waiting", "Settling"))
        _settled("b", "ready")(life)
        assert (life.turns().status.reason, life.world.writes) == ("Succeeded", ["a", "b"])

    def test_cancelled(self):
        """What is written is applied, ready or not."""
        life = self.waiting(an_action("c")).edit(cancel=True).turn()
        assert list(_states(life).values()) == [("applied", ""), ("applied", ""), ("skipped", "Cancelled")]

    def test_suspended(self):
        """It stays as it is, and is asked again when the plan goes on."""
        life = self.waiting(an_action("c")).edit(suspend=True).turn()
        assert (life.status.reason, _states(life)["b'"]) == ("Suspended", ("waiting", "Settling"))
        _settled("b", "ready")(life)
        assert life.edit(suspend=False).turns().status.reason == "Succeeded"

    def test_beside_a_failure(self):
        """After a failure what only has to get ready is waited for like what is in flight."""
        life = Life(
            a_spec(an_action("a"), a_copy("a", "b", wait=True, depends_on=["a"]), an_action("c", dependsOn=["a"]))
        ).turn()
        life.world.failures["c"] = [FINAL]
        life.decide().turn()
        assert (life.status.reason, _states(life)["b'"]) == ("Waiting", ("waiting", "Settling"))
        _settled("b", "ready")(life)
        life.turns()
        assert list(_states(life).values()) == [("applied", ""), ("applied", ""), ("failed", "Invalid")]

    def test_found_in_place(self):
        """After a restart what is written already is waited for too."""
        life = Life(a_spec(an_action("a"), a_copy("a", "b", wait=True))).turn().decide()
        life.crash_in = 4
        life.turn().turn()
        assert (_states(life)["b'"], life.world.writes) == (("waiting", "Settling"), ["a", "b"])
