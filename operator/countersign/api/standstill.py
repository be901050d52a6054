"""While a plan is executing its spec stands still: the rule of the CRD, and the sentence that the admission policy says too."""

from countersign.api.manifest import JSON
from countersign.api.plan_spec import FREELY_CHANGEABLE, PlanSpec

STANDS_STILL = f"the plan is executing: only {' and '.join(FREELY_CHANGEABLE)} can change until it has finished"


def frozen_while_executing(spec: JSON) -> JSON:
    """The rule that everything in the spec of an executing plan stands still, but what may be changed freely.

    A field that takes any JSON is invisible to CRD rules; the admission policy countersign-decisions guards it.
    """
    free = {PlanSpec.model_fields[name].alias for name in FREELY_CHANGEABLE}
    same = [
        _unchanged(name, spec=spec)
        for name, field in spec["properties"].items()
        if name not in free and "type" in field
    ]
    executing = "has(oldSelf.status) && has(oldSelf.status.phase) && oldSelf.status.phase == 'Executing'"
    return {
        "rule": f"!({executing}) || ({' && '.join(same)})",
        "message": STANDS_STILL,
    }


def _unchanged(name: str, *, spec: JSON) -> str:
    equal = f"self.spec.{name} == oldSelf.spec.{name}"
    if name in spec["required"] or "default" in spec["properties"][name]:
        return equal
    return f"has(self.spec.{name}) == has(oldSelf.spec.{name}) && (!has(self.spec.{name}) || {equal})"
