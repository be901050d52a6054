"""Reads plans and previews from the cluster as typed values."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from countersign.api.names import PLAN, PLAN_PREVIEW
from countersign.api.preview import PlanPreviewSpec, PreviewedEffect
from countersign.cli.session import Session
from countersign.core.preview import preview_name
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


def fetch_effects(session: Session, plan: PlanObject) -> tuple[PreviewedEffect, ...]:
    """Everything that the plan's digest stands for; raises if a part is missing or belongs to another digest."""
    first = _fetch_part(session, plan, 1)
    rest = [_fetch_part(session, plan, part) for part in range(2, first.parts + 1)]
    return tuple(effect for page in (first, *rest) for effect in page.effects)


def _fetch_part(session: Session, plan: PlanObject, part: int) -> PlanPreviewSpec:
    digest = plan.status.digest or ""
    name = preview_name(plan, digest=digest, part=part)
    content = session.plans.get(PLAN_PREVIEW, namespace=plan.namespace, name=name)
    try:
        found = PlanPreviewSpec.model_validate(content["spec"])
    except ValidationError as error:
        raise _foreign("PlanPreview", content) from error
    if (found.plan_uid, found.digest, found.part) != (plan.uid, digest, part):
        raise ConfigurationError(
            f"The PlanPreview {name} is not the one of this plan and digest: do not approve; tell the platform team"
        )
    return found


def is_current(plan: PlanObject) -> bool:
    """The operator has seen the plan as it stands."""
    return plan.status.observed_generation == plan.generation and plan.status.reason != "Validating"


def _foreign(kind: str, content: Mapping[str, Any]) -> ConfigurationError:
    name = content["metadata"]["name"]
    return ConfigurationError(f"The {kind} {name} was written by another version: use the command line of that version")
