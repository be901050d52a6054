"""Attempts in flight: begun together, taken in as they end, and never called back."""

import asyncio
from datetime import timedelta

import pytest

from countersign.core.steps import Attempt, Done
from countersign.shell.flight import Flight


def an_attempt(name: str, *, seconds: float = 60.0) -> Attempt:
    return Attempt(name, "countersign-executor", (), timedelta(seconds=seconds))


class Runway:
    """Attempts land when they are told to."""

    def __init__(self) -> None:
        self.cleared = {name: asyncio.Event() for name in "abc"}
        self.flight = Flight(self.carry_out)

    async def carry_out(self, attempt: Attempt) -> Done:
        await self.cleared[attempt.action].wait()
        if attempt.action == "c":
            raise RuntimeError("surprise")
        return Done()


async def test_as_they_end():
    """Each is given back once, with its result, as soon as it has ended."""
    runway = Runway()
    runway.flight.begin(an_attempt("a"))
    runway.flight.begin(an_attempt("b"))
    runway.cleared["b"].set()
    assert await runway.flight.landed() == [(an_attempt("b"), Done())]
    assert await runway.flight.landed(within=0.01) == []
    runway.cleared["a"].set()
    assert await runway.flight.landed() == [(an_attempt("a"), Done())]


async def test_how_long():
    """The slowest says how long it may take; none, no time."""
    runway = Runway()
    assert runway.flight.seconds == 0.0
    runway.flight.begin(an_attempt("a", seconds=5))
    runway.flight.begin(an_attempt("b", seconds=7))
    assert runway.flight.seconds == 7.0
    for event in runway.cleared.values():
        event.set()
    await runway.flight.land()


async def test_what_goes_wrong():
    """What an attempt raises is raised where its result is asked for; whoever only waits for it is spared."""
    runway = Runway()
    runway.flight.begin(an_attempt("c"))
    runway.cleared["c"].set()
    await runway.flight.land()
    with pytest.raises(RuntimeError, match="surprise"):
        await runway.flight.landed()


async def test_nothing_in_flight():
    """Nothing is waited for then."""
    await Runway().flight.land()
