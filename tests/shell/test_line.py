"""Who may start: the caps hold whatever happens, nobody waits for nothing, and namespaces take turns."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.support.entries import a_known_plan

from countersign.core.others import AskPlace
from countersign.model import instant
from countersign.model.facts import Clear, InLine
from countersign.shell.key import Key
from countersign.shell.line import Most
from countersign.shell.roll import Roll

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


class Hall:
    """Plans and their turns, one after the other. `woken` are those that were called since the last look."""

    def __init__(self, *, in_namespace=1, in_all=0):
        self.woken = []
        self.roll = Roll(running=Most(in_namespace, in_all), wake=self.woken.append)
        self.minute = 0
        self.approved = {}

    def ask(self, key):
        """The plan is judged, and nothing but the line may be in its way."""
        self.minute += 1
        approved = self.approved.setdefault(key, NOW + timedelta(minutes=self.minute))
        return self.roll.answer(AskPlace(key.namespace, key.name, created_at=NOW, approved_at=approved))

    def turn(self, key):
        """From the question to what is written because of the answer."""
        place = self.ask(key)
        self.note(key, "Running" if place == Clear() else "Queued")
        self.roll.settle(key)
        return place

    def note(self, key, reason):
        approved = instant.show(self.approved.get(key, NOW))
        self.roll.note(key, a_known_plan(key, reason, approved=approved))

    def end(self, key):
        self.note(key, "Succeeded")

    def called(self):
        found = list(self.woken)
        self.woken.clear()
        return found


def plans(namespace, count):
    return [Key(namespace, f"{namespace}-{number}") for number in range(count)]


A, B, C = plans("shop", 3)
OTHER = Key("bank", "x")


def test_beyond_the_cap():
    """As many as may run start; the others get their places."""
    hall = Hall(in_namespace=2)
    first, second, third, fourth = plans("shop", 4)
    assert [hall.turn(key) for key in (first, second)] == [Clear(), Clear()]
    assert [hall.turn(key) for key in (third, fourth)] == [InLine(place=1, most=2), InLine(place=2, most=2)]
    assert hall.called() == []


def test_a_run_that_ends_calls_the_next():
    """By an event, once, and nobody else."""
    hall = Hall()
    for key in (A, B, C):
        hall.turn(key)
    hall.end(A)
    assert hall.called() == [B]
    hall.note(OTHER, "AwaitingApproval")
    assert hall.called() == []
    assert hall.turn(B) == Clear()
    hall.end(B)
    assert hall.called() == [C]


def test_first_come_first_served():
    """Who was approved earlier goes first, also before one that asks at the very moment when there is room."""
    hall = Hall()
    hall.turn(A)
    hall.turn(B)
    hall.end(A)
    assert hall.turn(C) == InLine(place=2, most=1)
    assert hall.turn(B) == Clear()


def test_two_at_once():
    """A place is kept from the answer to the end of the turn, so two that are judged side by side do not both start."""
    hall = Hall()
    assert (hall.ask(A), hall.ask(B)) == (Clear(), InLine(place=1, most=1))
    assert hall.ask(A) == Clear()
    hall.note(B, "Queued")
    hall.roll.settle(B)
    assert hall.called() == []
    hall.note(A, "AwaitingApproval")
    hall.roll.settle(A)
    assert hall.called() == [B]


def test_all_namespaces():
    """The cap on all of them counts what runs anywhere, and says so."""
    hall = Hall(in_namespace=2, in_all=2)
    hall.turn(A)
    hall.turn(B)
    assert hall.turn(OTHER) == InLine(place=1, most=2, everywhere=True)
    assert hall.turn(C) == InLine(place=1, most=2)
    hall.end(A)
    assert hall.called() == [OTHER]


def test_namespaces_take_turns():
    """One plan of another namespace does not wait behind five hundred."""
    hall = Hall(in_namespace=0, in_all=1)
    many = plans("shop", 500)
    for key in (*many, OTHER):
        hall.turn(key)
    hall.called()
    order, running = [], many[0]
    while len(order) < 4:
        hall.end(running)
        (running,) = hall.called()
        assert hall.turn(running) == Clear()
        order.append(running)
    assert order == [many[1], OTHER, many[2], many[3]]


@pytest.mark.parametrize("reason", ["Suspended", "AwaitingApproval", "Succeeded"])
def test_who_goes_out_of_the_line(reason):
    """What is suspended, void or over holds up nobody behind it."""
    hall = Hall()
    for key in (A, B, C):
        hall.turn(key)
    hall.note(B, reason)
    hall.end(A)
    assert hall.called() == [C]


def test_who_cannot_be_judged():
    """A plan whose turn does not come as far as the line loses its place until one does, and holds up nobody meanwhile."""
    hall = Hall()
    for key in (A, B, C):
        hall.turn(key)
    hall.end(A)
    hall.called()
    hall.roll.settle(B)
    assert hall.called() == [C]
    hall.turn(C)
    assert hall.turn(B) == InLine(place=1, most=1)


def test_a_plan_that_is_gone():
    """Waiting or running."""
    hall = Hall()
    for key in (A, B, C):
        hall.turn(key)
    hall.roll.note(B, None)
    hall.roll.note(A, None)
    assert hall.called() == [C]


def test_a_suspended_run():
    """It keeps its place in its namespace, but other namespaces do not wait for it."""
    hall = Hall(in_namespace=1, in_all=1)
    hall.turn(A)
    hall.turn(B)
    hall.turn(OTHER)
    hall.note(A, "Halted")
    assert hall.called() == [OTHER]
    hall.end(A)
    hall.turn(OTHER)
    hall.end(OTHER)
    assert B in hall.called()


def test_restart():
    """The line is told again by what stands in the plans, and in the same order."""
    hall = Hall()
    for key in (C, B, A):
        hall.turn(key)
    again = Hall()
    again.approved = hall.approved
    for key, reason in ((A, "Queued"), (B, "Queued"), (C, "Running")):
        again.note(key, reason)
    again.called()
    assert [again.turn(key) for key in (A, B)] == [InLine(place=2, most=1), InLine(place=1, most=1)]
    assert again.called() == []
    again.end(C)
    assert again.called() == [B]


def test_no_caps():
    """Everybody starts."""
    hall = Hall(in_namespace=0, in_all=0)
    assert {hall.turn(key) for key in plans("shop", 100)} == {Clear()}


KEYS = [*plans("a", 4), *plans("b", 3), *plans("c", 2)]
MOST = Most(in_namespace=2, in_all=3)


class Lines(RuleBasedStateMachine):
    """Plans that are approved, judged side by side, suspended and ended in any order."""

    def __init__(self):
        super().__init__()
        self.hall = Hall(in_namespace=MOST.in_namespace, in_all=MOST.in_all)
        self.owed, self.judged, self.running, self.queued = set(), {}, set(), set()

    def _collect(self):
        self.owed |= set(self.hall.called())

    @rule(key=st.sampled_from(KEYS))
    def approve(self, key):
        if key not in self.running | self.queued | self.judged.keys():
            self.hall.approved.pop(key, None)
            self.owed.add(key)

    @precondition(lambda self: self.owed - self.judged.keys())
    @rule(data=st.data())
    def judge(self, data):
        key = data.draw(st.sampled_from(sorted(self.owed - self.judged.keys())))
        self.owed.discard(key)
        if key in self.running:
            self.hall.roll.settle(key)
        else:
            self.judged[key] = self.hall.ask(key)

    @precondition(lambda self: self.judged)
    @rule(data=st.data(), fails=st.booleans())
    def write(self, data, fails):
        key = data.draw(st.sampled_from(sorted(self.judged)))
        starts = self.judged.pop(key) == Clear()
        if fails:
            self.owed.add(key)
        else:
            self.queued.discard(key)
            (self.running if starts else self.queued).add(key)
            self.hall.note(key, "Running" if starts else "Queued")
        self.hall.roll.settle(key)
        self._collect()

    @precondition(lambda self: self.queued - self.judged.keys())
    @rule(data=st.data())
    def withdraw(self, data):
        key = data.draw(st.sampled_from(sorted(self.queued - self.judged.keys())))
        self.queued.discard(key)
        self.owed.discard(key)
        self.hall.note(key, "Suspended")
        self._collect()

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def end(self, data):
        key = data.draw(st.sampled_from(sorted(self.running)))
        self.running.discard(key)
        self.owed.discard(key)
        self.hall.end(key)
        self._collect()

    @invariant()
    def caps_hold(self):
        taken = self.running | {key for key, place in self.judged.items() if place == Clear()}
        assert len(taken) <= MOST.in_all
        assert all(sum(key.namespace == name for key in taken) <= MOST.in_namespace for name in "abc")

    @invariant()
    def nobody_waits_for_nothing(self):
        """When no turn is owed or under way, whoever is queued lacks room."""
        if self.owed or self.judged or not self.queued:
            return
        full = len(self.running) == MOST.in_all
        for name in {key.namespace for key in self.queued}:
            assert full or sum(key.namespace == name for key in self.running) == MOST.in_namespace


Lines.TestCase.settings = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
TestLines = Lines.TestCase
