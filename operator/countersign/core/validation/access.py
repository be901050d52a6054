"""Stage 4, Access: the executor exists, is one that plans may use, and has every right the plan needs."""

from collections.abc import Iterable, Iterator
from typing import assert_never

from countersign.api.rbac import ACTING
from countersign.core.prepared import account_questions, is_new
from countersign.core.review import ActionReview, Review
from countersign.core.snapshot import Snapshot
from countersign.model.effect import ResourceKind, Target
from countersign.model.facts import Absent, Allowed, Hidden, Present, Refusal, Refused, Unavailable
from countersign.model.finding import Code, Finding, Severity

_ACCOUNT = "spec.serviceAccountName"
_SHOWN = 4


def access(review: Review) -> Iterable[Finding] | None:
    if review.draft.spec is None:
        return None
    name, namespace = review.draft.spec.service_account_name, review.snapshot.plan.namespace
    match review.account:
        case Present():
            if any(map(_barred, review.actions)):
                return [Finding(Code.MAY_NOT_ACT, _unbound(name, namespace), path=_ACCOUNT)]
            return [
                finding
                for action in review.actions
                for finding in (
                    *_refused(action, name, namespace),
                    *_unread(action, name, namespace),
                    *_prepared(action, review.snapshot),
                )
            ]
        case Absent() | Hidden():
            message = f"there is no service account {name} in namespace {namespace}: run kubectl countersign init -n {namespace}"
            return [Finding(Code.ACCOUNT_MISSING, message, path=_ACCOUNT)]
        case Unavailable(message=reason):
            message = f"service account {name} could not be looked up and will be tried again: {reason}"
            return [Finding(Code.ACCESS_UNAVAILABLE, message, path=_ACCOUNT, retryable=True)]
        case None:
            allowed = ", ".join(review.snapshot.rules.executors)
            message = f"plans may not run as service account {name}: use one of {allowed}"
            return [Finding(Code.ACCOUNT_NOT_ALLOWED, message, path=_ACCOUNT)]
    assert_never(review.account)


def _barred(action: ActionReview) -> bool:
    """Then nobody asked for the rights of the executor, and to grant it some would not help."""
    refused = any(
        isinstance(trial.preview, Refused) and trial.preview.refusal is Refusal.BARRED for trial in action.trials
    )
    return refused or any(why == Hidden(barred=True) for _, why in action.projected.unread)


def _unbound(account: str, namespace: str) -> str:
    return (
        f"the operator may not act as service account {account} of namespace {namespace}, so it cannot serve plans there: have the "
        f"platform team bind the cluster role {ACTING} to the operator in namespace {namespace}"
    )


def _refused(action: ActionReview, account: str, namespace: str) -> Iterator[Finding]:
    for trial in action.trials:
        if isinstance(trial.preview, Refused) and trial.preview.refusal is Refusal.FORBIDDEN:
            message = grant("apply", trial.effect.target.kind, account, namespace)
            yield Finding(Code.FORBIDDEN, message, path=action.action.at(), action=action.action.id)


def _unread(action: ActionReview, account: str, namespace: str) -> Iterator[Finding]:
    """What the action has to look at before it can say what it would do."""
    for target, why in action.projected.unread:
        where, name = action.action.at("params"), action.action.id
        if isinstance(why, Hidden):
            yield Finding(Code.FORBIDDEN, grant("get", target.kind, account, namespace), path=where, action=name)
        else:
            message = f"{target} could not be looked up and will be tried again: {why.message}"
            yield Finding(Code.ACCESS_UNAVAILABLE, message, path=where, action=name, retryable=True)


def _prepared(action: ActionReview, snapshot: Snapshot) -> Iterator[Finding]:
    """The account of an agent is its own, and what it may do is decided by whoever binds it after it was deployed."""
    where, name = action.action.at("params"), action.action.id
    rights: dict[Target, list[str]] = {}
    for account, question in account_questions(action.action):
        answer = snapshot.access(question)
        if isinstance(answer, Allowed):
            rights.setdefault(account, []).append(f"{question.verb} {question.resource}")
        if isinstance(answer, Unavailable):
            message = f"the rights of {account} could not be asked for and will be tried again: {answer.message}"
            yield Finding(Code.ACCESS_UNAVAILABLE, message, path=where, action=name, retryable=True)
            return
    for account, found in rights.items():
        said = f"{account} may {', '.join(found[:_SHOWN])}{' and more' if len(found) > _SHOWN else ''}"
        if is_new(account, action.projected):
            message = (
                f"{said} before its agent is there: remove the role binding that names it, or choose another agent_name"
            )
            yield Finding(Code.ACCOUNT_HAS_RIGHTS, message, path=where, action=name)
        else:
            message = f"{said}, and so may its agent: remove the role binding that names it, unless that is meant"
            yield Finding(Code.ACCOUNT_HAS_RIGHTS, message, path=where, action=name, severity=Severity.WARNING)


def grant(verb: str, kind: ResourceKind, account: str, namespace: str) -> str:
    return (
        f"service account {account} may not {verb} {kind.plural} in namespace {namespace}: grant it with "
        f"kubectl create rolebinding countersign-executor -n {namespace} --clusterrole=countersign-executor "
        f"--serviceaccount={namespace}:{account}"
    )
