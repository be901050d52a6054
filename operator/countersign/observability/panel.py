"""The words for a dashboard: what a panel asks, how it draws the answer, and from which value on that has a colour.

`panels` says with them what is shown, `dashboard` turns them into what Grafana imports.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["stat", "lines", "areas", "states"]
"""A number; lines; areas on top of each other; or bands of a word each, for what is either so or not."""


@dataclass(frozen=True, slots=True)
class Query:
    """`legend` names the lines by their labels."""

    expression: str
    legend: str


@dataclass(frozen=True, slots=True)
class Word:
    """What is shown instead of a number."""

    value: int
    text: str
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """`red_from`, `amber_from` and `red_below` colour what somebody should look at; `description` says what to think of it."""

    title: str
    description: str
    queries: tuple[Query, ...]
    kind: Kind = "lines"
    unit: str = "short"
    words: tuple[Word, ...] = ()
    amber_from: float | None = None
    red_from: float | None = None
    red_below: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Its panels share the width evenly."""

    title: str
    height: int = 8
    panels: tuple[Panel, ...]


def counted(metric: str, by: str, *selected: str) -> str:
    """How often, per second; of the chosen processes."""
    chosen = ",".join(('job=~"$job"', *selected))
    return f"sum by ({by}) (rate({metric}{{{chosen}}}[$__rate_interval]))"


def per_minute(metric: str, by: str, *selected: str) -> str:
    """For what people do: per second it would be a row of noughts."""
    return f"60 * {counted(metric, by, *selected)}"


def happened(metric: str, by: str, *selected: str) -> str:
    """The same for a counter that knows from the start what might be counted: without what was not, in the time that is shown."""
    chosen = ",".join(('job=~"$job"', *selected))
    return f"{per_minute(metric, by, *selected)} and sum by ({by}) (increase({metric}{{{chosen}}}[$__range])) > 0"


def quantile(level: float, histogram: str, by: str = "", *, over: str = "$__rate_interval") -> str:
    """What so many of 1 took at most. What is rare is looked at `over` a longer time, or there would be nothing to see."""
    labels = f"le, {by}" if by else "le"
    return f'histogram_quantile({level}, sum by ({labels}) (rate({histogram}_bucket{{job=~"$job"}}[{over}])))'


def plans(*reasons: str) -> str:
    """Every replica counts all plans; none with these reasons is 0, not nothing."""
    chosen = f'job=~"$job",reason=~"{"|".join(reasons)}"'
    return f"max(sum by (job, instance) (countersign_plans{{{chosen}}})) or vector(0)"
