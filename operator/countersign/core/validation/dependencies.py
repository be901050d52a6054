"""Stage 5, Dependencies: what the actions depend on exists, leads nowhere in a circle, and covers what they use."""

from collections.abc import Iterable, Iterator

from countersign.core.review import ActionReview, Review
from countersign.model.effect import Target
from countersign.model.finding import Code, Finding


def dependencies(review: Review) -> Iterable[Finding] | None:
    if review.draft.spec is None:
        return None
    return [*_unknown(review), *_cycle(review), *_used_unordered(review)]


def _unknown(review: Review) -> Iterator[Finding]:
    known = {action.id for action in review.draft.actions}
    for action in review.draft.actions:
        for place, name in enumerate(action.planned.depends_on or ()):
            if name not in known:
                message = f"there is no action {name} in this plan: correct the id or leave it out"
                yield Finding(Code.UNKNOWN_DEPENDENCY, message, path=action.at("dependsOn", place), action=action.id)


def _cycle(review: Review) -> Iterator[Finding]:
    cycle = review.draft.graph.cycle
    if cycle:
        first = review.draft.actions[cycle[0]]
        circle = " -> ".join(review.draft.actions[index].id for index in cycle)
        message = f"these actions wait for each other for ever: {circle}; take one of the dependencies out"
        yield Finding(Code.CYCLE, message, path=first.at("dependsOn"), action=first.id)


def _used_unordered(review: Review) -> Iterator[Finding]:
    """An action that uses what another one makes has to come before it or after it, or the outcome is a matter of luck."""
    graph = review.draft.graph
    if graph.ordered or graph.cycle:
        return
    makers: dict[Target, list[int]] = {}
    for index, item in enumerate(review.actions):
        for effect in item.action.effects:
            makers.setdefault(effect.target, []).append(index)
    for index, item in enumerate(review.actions):
        for target in _used(item):
            other = next((maker for maker in makers.get(target, ()) if graph.unordered(maker, index)), None)
            if other is not None:
                name = review.actions[other].action.id
                message = f"{target} is used here and made by action {name}: add {name} to dependsOn"
                yield Finding(Code.NOT_AN_ANCESTOR, message, path=item.action.at("dependsOn"), action=item.action.id)


def _used(item: ActionReview) -> list[Target]:
    namespace = item.projected.world.namespace
    named = (Target(reference.kind, namespace, reference.name) for reference in item.action.references)
    return list(dict.fromkeys((*named, *item.projected.world.objects.keys() - item.projected.made.keys())))
