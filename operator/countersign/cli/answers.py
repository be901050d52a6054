"""What commands about one plan answer to programs: where the plan stands, in the words of its status."""

from countersign.cli.cluster import Json
from countersign.core.snapshot import PlanObject


def standing(plan: PlanObject) -> Json:
    status = plan.status
    return {
        "plan": plan.name,
        "namespace": plan.namespace,
        "phase": status.phase,
        "reason": status.reason,
        "message": status.message,
        "digest": status.digest,
        "publication": status.publication,
    }
