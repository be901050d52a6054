"""Why the API server refused something, as facts for the core. Its sentences are repeated without the values that they quote."""

from countersign.errors import ClusterError, FieldConflict, Forbidden, NotFound
from countersign.model.facts import Cause, Refusal, Refused
from countersign.model.masked import masked
from countersign.shell.masked import said


def refused(error: ClusterError) -> Refused:
    """Why, in our words; the API server puts many things under few status codes."""
    message = said(error)
    if isinstance(error, NotFound):
        return Refused(Refusal.NOT_SERVED, message)
    if "does not support dry run" in message:
        return Refused(Refusal.SIDE_EFFECTS, message)
    if isinstance(error, Forbidden) and is_barred(error):
        return Refused(Refusal.BARRED, message)
    if isinstance(error, Forbidden) and "exceeded quota: " in message:
        return Refused(Refusal.QUOTA, message)
    if isinstance(error, Forbidden):
        return Refused(Refusal.FORBIDDEN if 'User "' in message and " cannot " in message else Refusal.POLICY, message)
    if "admission webhook" in message or "ValidatingAdmissionPolicy" in message:
        return Refused(Refusal.POLICY, message)
    return Refused(Refusal.INVALID, message, _causes(error))


def is_barred(error: Forbidden) -> bool:
    """The refusal is about the operator and not about whom it acts as: impersonation is judged before anything else."""
    return " cannot impersonate" in error.message


def _causes(error: ClusterError) -> tuple[Cause, ...]:
    causes = error.details.get("causes")
    if not isinstance(causes, list):
        return ()
    return tuple(
        Cause(path=str(cause.get("field", "")), message=masked(str(cause.get("message", "")))) for cause in causes
    )


def owned(error: FieldConflict) -> Refused:
    causes = tuple(Cause(path=field.path.lstrip("."), message="", manager=field.manager) for field in error.fields)
    return Refused(Refusal.CONFLICT, said(error), causes)
