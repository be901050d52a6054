"""From what an action says to what it would do, in the world as it will be when its turn comes.

An action may look at objects before it can say what it would do: a deployment at its draft. What earlier actions of the plan
make of an object is seen before what is there now, so that a draft made in one action is deployed in the next.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from countersign.actions.base import World
from countersign.core.draft import Draft, DraftAction, tracking
from countersign.core.effects import content_of
from countersign.core.questions import AskObject, AskPreview
from countersign.core.snapshot import Snapshot
from countersign.model.effect import Call, Target
from countersign.model.facts import Found, Hidden, Previewed, Unavailable
from countersign.model.finding import Finding

Objects = Mapping[Target, Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Projected:
    """One action in its world. It has no effects as long as something is `unknown` to it or `unread`."""

    action: DraftAction
    world: World
    made: Objects = field(hash=False, default_factory=dict)
    """What actions before it leave behind."""
    unknown: tuple[AskObject, ...] = ()
    """What has still to be looked up."""
    unread: tuple[tuple[Target, Hidden | Unavailable], ...] = ()
    """What could not be looked up, and why."""
    findings: tuple[Finding, ...] = ()


def project(snapshot: Snapshot, draft: Draft) -> tuple[Projected, ...]:
    """All actions, each in the world that those before it leave behind."""
    graph = draft.graph
    found: dict[int, Projected] = {}
    behind: dict[int, Objects] = {}
    for index in graph.order:
        needs = sorted(graph.needs[index], key=graph.place.__getitem__)
        objects = {target: content for need in needs for target, content in behind.get(need, {}).items()}
        found[index] = project_one(snapshot, draft, draft.actions[index], objects)
        behind[index] = {**objects, **dict(_made(snapshot, draft, found[index]))}
    return tuple(found[index] for index in range(len(draft.actions)))


def project_one(snapshot: Snapshot, draft: Draft, action: DraftAction, objects: Objects | None = None) -> Projected:
    """`objects` are what earlier actions will have made; none, if they have run already."""
    made: Objects = objects or {}
    world = World(
        snapshot.plan.namespace,
        plan=snapshot.plan.name,
        action=action.id,
        objects=made,
        installation=snapshot.rules.installation,
    )
    if action.type is None or draft.spec is None:
        return Projected(action, world, made)
    wanted = action.type.reads(action.params, world)
    while news := [target for target in wanted if target not in world.objects]:
        questions = [AskObject(draft.spec.service_account_name, target) for target in dict.fromkeys(news)]
        sights = {question: snapshot.sight(question) for question in questions}
        unknown = tuple(question for question, sight in sights.items() if sight is None)
        unread = tuple(
            (question.target, sight) for question, sight in sights.items() if isinstance(sight, Hidden | Unavailable)
        )
        if unknown or unread:
            return Projected(action, world, made, unknown, unread)
        seen = {
            question.target: sight.content if isinstance(sight, Found) else None for question, sight in sights.items()
        }
        world = world.with_objects(seen)
        wanted = action.type.reads(action.params, world)
    return _compiled(action, world, made)


def _compiled(action: DraftAction, world: World, made: Objects) -> Projected:
    assert action.type is not None  # noqa: S101  # only parsed actions come here
    issues = tuple(action.type.examine(action.params, world))
    findings = tuple(action.finding(issue) for issue in issues)
    if any(finding.blocks for finding in findings):
        return Projected(action, world, made, findings=findings)
    action = replace(
        action,
        compiled=True,
        effects=action.type.compile(action.params, world),
        references=action.type.references(action.params, world),
    )
    return Projected(action, world, made, findings=findings)


def preview_questions(snapshot: Snapshot, draft: Draft, action: DraftAction) -> tuple[AskPreview, ...]:
    if draft.spec is None:
        return ()
    account = draft.spec.service_account_name
    return tuple(
        AskPreview(account=account, effect=effect, tracking=tracking(snapshot.plan, action))
        for effect in action.effects
    )


def _made(snapshot: Snapshot, draft: Draft, projected: Projected) -> Iterator[tuple[Target, Mapping[str, Any]]]:
    """What the action leaves behind, with what others set there. Before the dry run what it sets is all that is known."""
    for question in preview_questions(snapshot, draft, projected.action):
        if isinstance(question.effect, Call):
            continue
        preview = snapshot.preview(question)
        yield question.effect.target, preview.result if isinstance(preview, Previewed) else content_of(question.effect)
