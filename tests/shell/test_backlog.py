"""Which key is next: the rules of the queue, tried with values."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from countersign.shell.backlog import Backlog, Priority
from countersign.shell.key import Key

A, B, C = Key("shop", "a"), Key("shop", "b"), Key("shop", "c")
OTHER = Key("bank", "x")
URGENT = Priority.URGENT


def backlog_of(*keys, urgent=()):
    backlog = Backlog()
    for key in keys:
        backlog.add(key, now=0)
    for key in urgent:
        backlog.add(key, now=0, priority=URGENT)
    return backlog


def taken(backlog, *, now=0.0, times=100):
    """The keys in the order in which they come, each done at once."""
    order = []
    while len(order) < times and (found := backlog.take(now=now)):
        order.append(found[0])
        backlog.done(found[0])
    return order


def test_keys_come_in_the_order_of_their_arrival():
    """Within one namespace and priority."""
    assert taken(backlog_of(A, B, C)) == [A, B, C]


def test_a_key_waits_once_however_often_it_is_added():
    """Turns look at the whole state, so one covers many events."""
    assert taken(backlog_of(A, B, A, A)) == [A, B]


def test_a_key_added_while_running_comes_again_afterwards():
    """Not at the same time, and not never."""
    backlog = backlog_of(A)
    backlog.take(now=0)
    backlog.add(A, now=1)

    assert backlog.take(now=1) is None
    backlog.done(A)
    assert backlog.take(now=4) == (A, 3)


def test_namespaces_take_turns():
    """A single plan does not wait behind a hundred of another namespace."""
    assert taken(backlog_of(A, B, C, OTHER)) == [A, OTHER, B, C]


@pytest.mark.parametrize("workers", [1, 16])
def test_place_of_a_single_plan(workers):
    """Behind five hundred of another namespace it is the second that is taken, also when all workers were busy with those."""
    many = [Key("shop", f"p{number:03}") for number in range(500)]
    backlog = backlog_of(*many)
    busy = [backlog.take(now=0)[0] for _ in range(workers)]
    backlog.add(OTHER, now=0)
    for key in busy:
        backlog.done(key)
        backlog.add(key, now=0)

    assert taken(backlog).index(OTHER) == 1


def test_place_of_a_single_plan_that_somebody_waits_for():
    """Among urgent ones of another namespace, too."""
    many = [Key("shop", f"p{number:03}") for number in range(500)]

    assert taken(backlog_of(urgent=[*many, OTHER])).index(OTHER) == 1


def test_what_a_person_waits_for_goes_first():
    """Also when it waited as ordinary work before."""
    assert taken(backlog_of(A, B, C, urgent=[B])) == [B, A, C]


def test_urgency_is_not_taken_back():
    """An ordinary event for an urgent key does not move it."""
    backlog = backlog_of(A, urgent=[B])
    backlog.add(B, now=0)

    assert taken(backlog) == [B, A]


def test_urgent_keys_cannot_starve_the_others():
    """Whoever may decide on plans could otherwise stop those of everybody else."""
    backlog = backlog_of(A, urgent=[OTHER])
    order = []
    for _ in range(10):
        order += taken(backlog, times=1)
        backlog.add(OTHER, now=0, priority=URGENT)

    assert order.count(A) == 1
    assert order.index(A) == 8


def test_a_delayed_key_waits_from_when_it_is_due():
    """Not from when it was added."""
    backlog = backlog_of()
    backlog.add_at(A, due=10)

    assert (backlog.take(now=9.9), backlog.next_due(), backlog.delayed) == (None, 10, 1)
    assert backlog.take(now=12) == (A, 2)
    assert (backlog.next_due(), backlog.delayed) == (None, 0)


@pytest.mark.parametrize("times", [(10, 5, 20), (5, 10), (20, 5, 5)])
def test_the_earliest_of_several_delays_counts(times):
    """And it comes once."""
    backlog = backlog_of()
    for due in times:
        backlog.add_at(A, due=due)

    assert backlog.next_due() == 5
    assert taken(backlog, now=100) == [A]


def test_a_delay_that_was_shortened_leaves_nothing_behind():
    """The longer one must not end a later delay early."""
    backlog = backlog_of()
    for key, due in ((A, 10), (A, 5), (B, 7)):
        backlog.add_at(key, due=due)
    assert taken(backlog, now=6) == [A]
    backlog.add_at(A, due=20)

    assert (taken(backlog, now=19), backlog.next_due()) == ([B], 20)


def test_a_delay_keeps_the_higher_urgency():
    """Whichever was said first."""
    backlog = backlog_of(B)
    backlog.add_at(A, due=5, priority=URGENT)
    backlog.add_at(A, due=1)

    assert taken(backlog, now=5) == [A, B]


def test_an_add_does_not_take_back_a_delay():
    """The turn in between may have looked too early."""
    backlog = backlog_of(A)
    backlog.add_at(A, due=10)

    assert (taken(backlog), taken(backlog, now=10)) == ([A], [A])


def test_a_delay_that_ends_while_its_key_runs_makes_it_come_again():
    """One worker per key holds for delays as well."""
    backlog = backlog_of(A)
    backlog.take(now=0)
    backlog.add_at(A, due=1)

    assert backlog.take(now=2) is None
    backlog.done(A)
    assert taken(backlog, now=2) == [A]


def test_numbers_tell_how_it_is_going():
    """For metrics and the health check."""
    backlog = backlog_of(A, B)
    backlog.take(now=3)
    backlog.add(A, now=4)

    assert (backlog.depth, backlog.running) == (2, 1)
    assert (backlog.oldest(now=10), backlog.longest(now=10)) == (10, 7)
    assert (Backlog().oldest(now=10), Backlog().longest(now=10)) == (0, 0)


KEYS = st.builds(Key, st.sampled_from("ab"), st.sampled_from("xy"))
PRIORITIES = st.sampled_from(Priority)


@given(others=st.dictionaries(KEYS, PRIORITIES), victim=KEYS)
def test_no_key_starves_whatever_all_others_do(others, victim):
    """All others come back at once for ever. Each may go first once, and 8 urgent ones before each ordinary one."""
    backlog = Backlog()
    for key, priority in others.items():
        backlog.add(key, now=0, priority=priority)
    backlog.add(victim, now=0)
    bound = 9 * (len(others) + 1)

    for _ in range(bound):
        key, _ = backlog.take(now=0)
        if key == victim:
            return
        backlog.add(key, now=0, priority=others[key])
        backlog.done(key)

    pytest.fail(f"{victim} was not taken in {bound} takes")


class Rules(RuleBasedStateMachine):
    """Random adds, delays, takes and ends, against the plainest possible model: who is owed a turn."""

    def __init__(self):
        super().__init__()
        self.backlog = Backlog()
        self.now = 0
        self.running = set()
        self.owed = set()
        self.due = {}

    @rule(key=KEYS, priority=PRIORITIES)
    def add(self, key, priority):
        self.backlog.add(key, now=self.now, priority=priority)
        self.owed.add(key)

    @rule(key=KEYS, delay=st.integers(0, 20), priority=PRIORITIES)
    def add_at(self, key, delay, priority):
        self.backlog.add_at(key, due=self.now + delay, priority=priority)
        self.due[key] = min(self.due.get(key, self.now + delay), self.now + delay)
        self._let_due()

    @rule(seconds=st.integers(0, 10))
    def wait(self, seconds):
        self.now += seconds
        self._let_due()

    @rule()
    def take(self):
        ready = self.owed - self.running
        found = self.backlog.take(now=self.now)
        if found is None:
            assert not ready
            return
        key, waited = found
        assert key in ready
        assert waited >= 0
        self.owed.discard(key)
        self.running.add(key)

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def done(self, data):
        key = data.draw(st.sampled_from(sorted(self.running)))
        self.backlog.done(key)
        self.running.discard(key)

    @invariant()
    def nothing_is_lost(self):
        assert self.backlog.promote(now=self.now) == len(self.owed - self.running)
        assert self.backlog.depth == len(self.owed)
        assert self.backlog.running == len(self.running)
        assert self.backlog.delayed == len(self.due)
        assert self.backlog.next_due() == min(self.due.values(), default=None)

    def _let_due(self):
        for key in [key for key, due in self.due.items() if due <= self.now]:
            self.owed.add(key)
            del self.due[key]


Rules.TestCase.settings = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
TestRules = Rules.TestCase
