"""Points in time that stand in a status, and spans that people chose. Reading either never fails.

A status can hold any text where a moment belongs, and a spec a span that leads beyond the calendar; neither may keep a plan
from ending.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from countersign.model import instant


def moment(text: str | None) -> datetime | None:
    """None for what names no single point in time."""
    try:
        return instant.parse(text) if text and datetime.fromisoformat(text).tzinfo else None
    except (ValueError, OverflowError):
        return None


def latest(texts: Iterable[str | None]) -> datetime | None:
    """None when none of them names a point in time."""
    return max(filter(None, map(moment, texts)), default=None)


def later(start: datetime, span: timedelta) -> datetime | None:
    """None when that is beyond the end of the calendar, which is never."""
    try:
        return start + span
    except OverflowError:
        return None
