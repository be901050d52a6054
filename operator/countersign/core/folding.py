"""Several actions on one object are one story: the later one changes what the earlier one leaves behind, not what is there now.

The dry runs know only what is there now. But each effect names all its fields, so the later dry run shows the end of the
story, and its difference from the end of the earlier one is what the later action will change when its turn has come.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from countersign.core.draft import DraftAction
from countersign.core.effects import Weighed, carries, weigh
from countersign.core.graph import Graph
from countersign.core.questions import AskPreview
from countersign.model.effect import Apply, Call, Effect, Target
from countersign.model.facts import Preview, Previewed


@dataclass(frozen=True, slots=True)
class Trial:
    """One effect and how its dry run ended; None when it was not tried. `weighed` is its part of the story."""

    question: AskPreview
    preview: Preview | None
    weighed: Weighed | None
    after: str = ""
    """The action whose outcome it changes; empty when that is what is there now."""

    @property
    def effect(self) -> Effect:
        return self.question.effect


@dataclass(frozen=True, slots=True)
class Tried:
    """One action with its trials."""

    action: DraftAction
    trials: tuple[Trial, ...]
    already_applied: bool = False


@dataclass(frozen=True, slots=True)
class Chapter:
    """What one action leaves of an object."""

    index: int
    action: str
    result: Mapping[str, Any] = field(hash=False)


def fold(tried: Sequence[Tried], graph: Graph, *, key: bytes) -> tuple[Tried, ...]:
    """All actions as parts of their stories. What was carried out before and is still so is no part of any."""
    settled = frozenset(_settled(tried, graph))
    found = [replace(item, already_applied=_already(item, settled)) for item in tried]
    story: dict[Target, list[Chapter]] = {}
    for index in graph.order:
        if not found[index].already_applied:
            found[index] = _folded(found[index], index, story, graph, key=key)
    return tuple(found)


def _settled(tried: Sequence[Tried], graph: Graph) -> Iterator[Target]:
    """Objects that the last action on them was carried out on before, and that are still as it left them."""
    applied = (trial for index in graph.order for trial in tried[index].trials if isinstance(trial.effect, Apply))
    last = {trial.effect.target: trial for trial in applied}
    for target, trial in last.items():
        if (
            trial.weighed
            and not trial.weighed.changes
            and carries(trial.weighed.previewed.live, trial.question.tracking)
        ):
            yield target


def _already(item: Tried, settled: frozenset[Target]) -> bool:
    return bool(item.trials) and all(_is_settled(trial, settled) for trial in item.trials)


def _is_settled(trial: Trial, settled: frozenset[Target]) -> bool:
    """A call is known by its key alone, and leaves nothing that another one could change."""
    match trial.effect:
        case Apply(target=target):
            return target in settled
        case Call():
            return trial.weighed is not None and not trial.weighed.changes
    assert_never(trial.effect)


def _folded(item: Tried, index: int, story: dict[Target, list[Chapter]], graph: Graph, *, key: bytes) -> Tried:
    trials = []
    for trial in item.trials:
        if isinstance(trial.effect, Call):
            trials.append(trial)
            continue
        chapters = story.setdefault(trial.effect.target, [])
        earlier = next((chapter for chapter in reversed(chapters) if chapter.index in graph.before[index]), None)
        folded = _after(trial, earlier, key=key)
        trials.append(folded)
        if folded.weighed:
            chapters.append(Chapter(index, item.action.id, folded.weighed.previewed.result))
    return replace(item, trials=tuple(trials))


def _after(trial: Trial, earlier: Chapter | None, *, key: bytes) -> Trial:
    if earlier is None or not isinstance(trial.preview, Previewed):
        return trial
    previewed = replace(trial.preview, live=earlier.result)
    return replace(trial, weighed=weigh(trial.effect, previewed, key=key), after=earlier.action)
