"""May an effect be written now? Only if it is what was approved, on the state that is there.

One rule for the action whose turn comes (`attempting`) and for the write that found another state than it was previewed on
(shell/act.py).
"""

from typing import assert_never

from countersign.core.effects import Weighed, weigh, written_by
from countersign.core.questions import AskPreview
from countersign.core.steps import Changed, Done, Failure, Write
from countersign.model.facts import Preview, Previewed, Refused, Unavailable


def compare(
    question: AskPreview, preview: Preview, approved: str, *, key: bytes, place: int = 0
) -> Write | Done | Changed | Failure:
    """`approved` is the digest of the effect that the approvers saw; `key` digests sensitive values."""
    match preview:
        case Previewed():
            return _due(question, weigh(question.effect, preview, key=key), approved, place)
        case Refused(refusal=refusal, message=message):
            return Failure(refusal.value, f"{question.effect.target}: {message}", passing=False)
        case Unavailable(message=message):
            return Failure("Unavailable", f"{question.effect.target}: {message}", passing=True)
    assert_never(preview)


def _due(question: AskPreview, weighed: Weighed, approved: str, place: int) -> Write | Done | Changed:
    if weighed.digest == approved:
        if not weighed.changes and weighed.previewed.live is not None:
            return Done()
        return Write(weighed.effect, question.tracking, weighed.previewed.base, approved, place)
    if not weighed.changes and written_by(weighed.previewed.live, question.tracking):
        # An earlier turn wrote it and was interrupted before it could say so.
        return Done()
    return Changed(f"{weighed.effect.target} is no longer what the approvers saw")
