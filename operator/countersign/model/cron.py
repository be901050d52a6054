"""Recurring moments as five cron fields in a time zone: minute, hour, day of month, month, day of week.

Pure calendar arithmetic; the moment that counts as now comes in. As in cron, a day matches by its date or its weekday when both
are restricted. A wall clock time that the zone skips happens when the clock has jumped, one that it repeats happens first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = ((0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, _MONTHS), (0, 7, _WEEKDAYS))
_SUNDAY = 7


@dataclass(frozen=True, slots=True)
class Cron:
    """Weekdays count from Sunday, 0. `any_day` and `any_weekday` tell a star from a list that names every day."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool

    def on(self, day: date) -> bool:
        by_date, by_weekday = day.day in self.days, day.isoweekday() % _SUNDAY in self.weekdays
        either = by_date and by_weekday if self.any_day or self.any_weekday else by_date or by_weekday
        return day.month in self.months and either


def parse(text: str) -> Cron:
    """Raises ValueError with a sentence for whoever wrote it."""
    fields = text.lower().split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"a schedule has five fields (minute hour day month weekday), not {len(fields)}: {text}")
    minutes, hours, days, months, weekdays = (
        _numbers(field, first=first, last=last, names=names)
        for field, (first, last, names) in zip(fields, _FIELDS, strict=True)
    )
    return Cron(
        minutes=tuple(sorted(minutes)),
        hours=tuple(sorted(hours)),
        days=frozenset(days),
        months=frozenset(months),
        weekdays=frozenset(number % _SUNDAY for number in weekdays),
        any_day=fields[2].startswith("*"),
        any_weekday=fields[4].startswith("*"),
    )


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """Raises ValueError for what names no time zone."""
    try:
        return ZoneInfo(name)
    except (OSError, KeyError) as error:
        raise ValueError(f"there is no time zone {name}: write one like Europe/Berlin or UTC") from error


def latest(cron: Cron, *, now: datetime, within: timedelta, zone: ZoneInfo) -> datetime | None:
    """The last of its moments up to `now`, if it is not longer ago than `within`."""
    today = now.astimezone(zone).date()
    # One day more on either side: a zone may skip a whole day.
    for back in range(-1, within.days + 3):
        passed = [moment for moment in _moments(cron, today - timedelta(days=back), zone) if moment <= now]
        if passed:
            return max(passed) if now - max(passed) <= within else None
    return None


def _moments(cron: Cron, day: date, zone: ZoneInfo) -> Iterator[datetime]:
    if cron.on(day):
        for hour in cron.hours:
            for minute in cron.minutes:
                yield datetime.combine(day, time(hour, minute), tzinfo=zone).astimezone(UTC)


def _numbers(field: str, *, first: int, last: int, names: tuple[str, ...]) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        low, high = _span(span, first=first, last=last, names=names)
        if slash and not (_is_number(step) and int(step) > 0):
            raise ValueError(f"the step of {part} is no number above 0: write it like */15")
        end = last if slash and low == high else high
        found.update(range(low, end + 1, int(step) if slash else 1))
    return found


def _span(text: str, *, first: int, last: int, names: tuple[str, ...]) -> tuple[int, int]:
    if text == "*":
        return first, last
    low, dash, high = text.partition("-")
    start = _number(low, names=names, offset=first)
    end = _number(high, names=names, offset=first) if dash else start
    if start is None or end is None or not first <= start <= end <= last:
        raise ValueError(f"{text} does not lie between {first} and {last}: write numbers, 1-5, */15 or lists of these")
    return start, end


def _number(text: str, *, names: tuple[str, ...], offset: int) -> int | None:
    if text in names:
        return names.index(text) + offset
    return int(text) if _is_number(text) else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len("59")
