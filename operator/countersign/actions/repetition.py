"""Lists in which everything stands once: the API server refuses repetitions in a set without saying which one it means."""

from collections.abc import Hashable, Iterable, Iterator

from countersign.actions.base import Issue
from countersign.model.finding import Code
from countersign.model.path import Part


def repeats(values: Iterable[Hashable]) -> Iterator[int]:
    """Where a value stands that stood before."""
    seen: set[Hashable] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield index
        seen.add(value)


def repeated(values: Iterable[Hashable], path: tuple[Part, ...], *, what: str) -> Iterator[Issue]:
    """`what` is the subject of the sentence, for example "the risk tag"."""
    for index in repeats(values):
        yield Issue(Code.INVALID_PARAMS, (*path, index), f"{what} is already in the list: remove it")
