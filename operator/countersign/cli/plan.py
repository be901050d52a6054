"""Reads plans and previews from the cluster as typed values."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from countersign.api.names import PLAN, PLAN_PREVIEW
from countersign.api.preview import PlanPreviewSpec, PreviewedEffect
from countersign.cli.failure import Refused
from countersign.cli.previewed import Preview
from countersign.cli.session import Session
from countersign.core.snapshot import PlanObject
from countersign.errors import ConfigurationError
from countersign.shell.plans import plan_object


def fetch(session: Session, name: str) -> PlanObject:
    return as_plan(session.plans.get(PLAN, namespace=session.namespace, name=name))


def as_plan(content: Mapping[str, Any]) -> PlanObject:
    try:
        return plan_object(content)
    except ValidationError as error:
        raise _foreign("Plan", content) from error


def fetch_preview(session: Session, plan: PlanObject) -> Preview:
    """All parts of what `status.preview` names. Raises NotFound if one is missing, ConfigurationError if it is another plan's."""
    if not plan.status.preview:
        raise Refused(f"The plan {plan.name} has no preview: it is {plan.status.reason}, {plan.status.message}")
    first = _fetch_part(session, plan, 1)
    rest = [_fetch_part(session, plan, part) for part in range(2, first.parts + 1)]
    if any(part.digest != first.digest for part in rest):
        raise _not_ours(plan.status.preview or "")
    return Preview(digest=first.digest, effects=tuple(effect for page in (first, *rest) for effect in page.effects))


def fetch_effects(session: Session, plan: PlanObject) -> tuple[PreviewedEffect, ...]:
    """Everything that the plan's digest stands for; raises if the preview is that of another digest."""
    found = fetch_preview(session, plan)
    if found.digest != plan.status.digest:
        raise _not_ours(plan.status.preview or "")
    return found.effects


def _fetch_part(session: Session, plan: PlanObject, part: int) -> PlanPreviewSpec:
    name = f"{plan.status.preview}-{part}" if part > 1 else plan.status.preview or ""
    content = session.plans.get(PLAN_PREVIEW, namespace=plan.namespace, name=name)
    try:
        found = PlanPreviewSpec.model_validate(content["spec"])
    except ValidationError as error:
        raise _foreign("PlanPreview", content) from error
    if (found.plan_uid, found.part) != (plan.uid, part):
        raise _not_ours(name)
    return found


def _not_ours(name: str) -> ConfigurationError:
    return ConfigurationError(
        f"The PlanPreview {name} is not the one of this plan and digest: do not approve; tell the platform team"
    )


def is_current(plan: PlanObject) -> bool:
    """The operator has seen the plan as it stands."""
    return plan.status.observed_generation == plan.generation and plan.status.reason != "Validating"


def _foreign(kind: str, content: Mapping[str, Any]) -> ConfigurationError:
    name = content["metadata"]["name"]
    return ConfigurationError(f"The {kind} {name} was written by another version: use the command line of that version")
