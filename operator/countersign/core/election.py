"""Who may work: judges a Lease as it was seen, without trusting anybody's wall clock.

Takes claims as `shell.lease` reads them and gives Hold, Acquire or Wait. Another replica's claim ends when it has not changed
for as long as it promised, counted by our own clock from the moment we saw it: clocks that differ by hours do no harm.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """What stands in a Lease. An empty holder: nobody has it. Times are the holder's words and only compared for equality."""

    holder: str = ""
    seconds: float = 0.0
    acquired: str = ""
    renewed: str = ""
    transitions: int = 0


@dataclass(frozen=True, slots=True)
class Sight:
    """A claim and since when, by our own monotonic clock, it has looked like this."""

    claim: Claim
    since: float


@dataclass(frozen=True, slots=True)
class Hold:
    """It is ours: renew it."""


@dataclass(frozen=True, slots=True)
class Acquire:
    """It is nobody's any more: take it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """It is somebody else's, and not before this time ours to take."""

    until: float


Verdict = Hold | Acquire | Wait


def see(claim: Claim, earlier: Sight | None, *, now: float) -> Sight:
    """Time runs from the first look at a claim; any change of it starts again."""
    return earlier if earlier is not None and earlier.claim == claim else Sight(claim, now)


def decide(sight: Sight, *, identity: str, now: float) -> Verdict:
    claim, ends = sight.claim, sight.since + sight.claim.seconds
    if claim.holder == identity:
        return Hold()
    if not claim.holder or ends <= now:
        return Acquire()
    return Wait(ends)


def claimed(before: Claim, *, identity: str, seconds: float, now: str) -> Claim:
    """The claim to write: a renewal keeps when it was acquired, a new holder counts as a transition."""
    renewal = before.holder == identity
    return Claim(
        holder=identity,
        seconds=seconds,
        acquired=before.acquired if renewal else now,
        renewed=now,
        transitions=before.transitions + (0 if renewal else 1),
    )


def released(before: Claim, *, now: str) -> Claim:
    """Nobody has to wait for what was given back."""
    return Claim(seconds=1.0, acquired=before.acquired, renewed=now, transitions=before.transitions)
