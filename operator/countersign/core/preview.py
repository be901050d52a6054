"""The PlanPreview of a review: what an approver is shown. Derived from what the digest covers, sensitive values masked."""

from collections.abc import Iterator
from typing import Any

from countersign.api.preview import MASK, MAX_PART_BYTES, PlanPreviewSpec, PreviewedChange, PreviewedEffect, RiskReason
from countersign.core.effects import Weighed, veiled
from countersign.core.review import ActionReview, Review
from countersign.core.snapshot import PlanObject
from countersign.model import path
from countersign.model.change import MISSING, Change
from countersign.model.digest import canonical
from countersign.model.effect import Effect


def size(review: Review) -> int:
    return sum(len(canonical(effect.wire())) for effect in _effects(review))


def previews(review: Review, *, digest: str, publication: int) -> tuple[PlanPreviewSpec, ...]:
    """One document, or as many as it takes to keep each below the size that the cluster stores comfortably."""
    pages = list(_pages(_effects(review)))
    return tuple(
        PlanPreviewSpec(
            plan=review.snapshot.plan.name,
            plan_uid=review.snapshot.plan.uid,
            digest=digest,
            publication=publication,
            part=number,
            parts=len(pages),
            effects=page,
        )
        for number, page in enumerate(pages, start=1)
    )


def preview_name(plan: PlanObject, *, digest: str, part: int = 1) -> str:
    """Begins with the plan's name for the reader; the digest makes it unique, the length stays within bounds.

    So much of the digest that nobody can make two plans whose previews would have one name: the second would go unshown.
    """
    stem = plan.name[:200].rstrip(".-")
    return part_name(f"{stem}-{digest.removeprefix('sha256:')[:40]}", part)


def part_name(first: str, part: int) -> str:
    """From the name of the first part, which is what `status.preview` holds."""
    return first if part == 1 else f"{first}-{part}"


def _pages(effects: list[PreviewedEffect]) -> Iterator[list[PreviewedEffect]]:
    page: list[PreviewedEffect] = []
    used = 0
    for effect in effects:
        needed = len(canonical(effect.wire()))
        if page and used + needed > MAX_PART_BYTES:
            yield page
            page, used = [], 0
        page.append(effect)
        used += needed
    yield page


def _effects(review: Review) -> list[PreviewedEffect]:
    return [_effect(action, weighed) for action in review.actions for weighed in action.weighed]


def _effect(action: ActionReview, weighed: Weighed) -> PreviewedEffect:
    target = weighed.effect.target
    return PreviewedEffect(
        action=action.action.id,
        type=action.action.planned.type,
        api_version=target.kind.api_version,
        kind=target.kind.kind,
        name=target.name,
        operation=weighed.operation.value,
        digest=weighed.digest,
        reasons=_reasons(action),
        warnings=[warning[:1024] for warning in weighed.previewed.warnings[:20]],
        changes=[_change(weighed.effect, change) for change in weighed.changes],
    )


def _reasons(action: ActionReview) -> list[RiskReason]:
    return [RiskReason(level=factor.level.value, rule=factor.rule, why=factor.why) for factor in action.weightiest[:32]]


def _change(effect: Effect, change: Change) -> PreviewedChange:
    kind = "added" if change.old is MISSING else "removed" if change.new is MISSING else "changed"
    old, new = (_shown(effect, change, value) for value in (change.old, change.new))
    return PreviewedChange(path=path.show(change.path)[:1024], change=kind, old=old, new=new)


def _shown(effect: Effect, change: Change, value: Any) -> Any:
    if value is MISSING:
        return None
    return veiled(effect, change.path, value, veil=lambda _: MASK)
