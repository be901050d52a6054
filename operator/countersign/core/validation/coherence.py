"""Stage 7, Coherence: no two actions write one object at the same time, nobody else owns what the plan sets, and who else writes it."""

from collections.abc import Iterable, Iterator

from countersign.core.review import Review
from countersign.core.rivalry import rivalry
from countersign.model.effect import Target
from countersign.model.facts import Refusal, Refused
from countersign.model.finding import Code, Finding


def coherence(review: Review) -> Iterable[Finding] | None:
    if not any(action.action.parsed for action in review.actions):
        return None
    return [*_same_object(review), *_owned_by_other(review), *rivalry(review)]


def _same_object(review: Review) -> Iterator[Finding]:
    """One after the other is well: the later action then changes what the earlier one leaves behind."""
    graph = review.draft.graph
    writers: dict[Target, list[int]] = {}
    for index, action in enumerate(item.action for item in review.actions):
        for effect in action.effects:
            earlier = writers.setdefault(effect.target, [])
            rival = next((other for other in earlier if graph.unordered(other, index)), None)
            if rival is not None:
                name = review.actions[rival].action.id
                message = f"{effect.target} is written by action {name} at the same time: add {name} to dependsOn"
                yield Finding(Code.SAME_OBJECT, message, path=action.at(), action=action.id)
            earlier.append(index)


def _owned_by_other(review: Review) -> Iterator[Finding]:
    for item in review.actions:
        for trial in item.trials:
            if not isinstance(trial.preview, Refused) or trial.preview.refusal is not Refusal.CONFLICT:
                continue
            owned = ", ".join(f"{cause.path} (by {cause.manager})" for cause in trial.preview.causes[:5])
            message = (
                f"{trial.effect.target} has fields that another field manager owns: {owned or trial.preview.message}; "
                "leave them out of the plan or have their owner give them up"
            )
            yield Finding(Code.OWNED_BY_OTHER, message, path=item.action.at("params"), action=item.action.id)
