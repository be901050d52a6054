"""Questions about rules and rights: the approval policies, and what the API server's authorizer says about somebody."""

from dataclasses import replace
from typing import Any

from countersign.api.names import APPROVAL_POLICY
from countersign.core.policies.policy import Rulebook, rulebook
from countersign.core.questions import AskAccess, AskPolicies
from countersign.core.snapshot import Memo
from countersign.errors import ClusterError
from countersign.model.effect import NAMESPACE, ResourceKind
from countersign.model.facts import Access, Allowed, Denied, Unavailable
from countersign.shell.cache import Cache
from countersign.shell.client import ApiClient
from countersign.shell.denials import Denials
from countersign.shell.key import Key
from countersign.shell.masked import said

ACCESS_REVIEW = ResourceKind(
    "authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", namespaced=False
)


async def policies(question: AskPolicies, *, client: ApiClient, cache: Cache, memo: Memo) -> Rulebook | Unavailable:
    """A consistent reading asks the API server without a resourceVersion, which is answered from the newest state.

    `memo` holds what the watched policies say, as every turn of every plan asks for them and they hardly ever change.
    """
    try:
        namespace = await _namespace(question, client=client, cache=cache)
        contents = await _policies(question, client=client, cache=cache)
    except ClusterError as error:
        return Unavailable(said(error))
    labels = namespace["metadata"].get("labels") or {}
    if question.consistent:
        return rulebook(contents, namespace_labels=labels)
    known = memo.recall(lambda: rulebook(contents, namespace_labels={}), APPROVAL_POLICY, *contents)
    return replace(known, namespace_labels=labels)


async def access(question: AskAccess, *, client: ApiClient, denials: Denials) -> Access:
    if question in denials:
        return Denied()
    asked_at = denials.clock()
    answer = await _review(question, client=client)
    if isinstance(answer, Denied):
        denials.note(question, asked_at=asked_at)
    return answer


async def _review(question: AskAccess, *, client: ApiClient) -> Access:
    resource, _, subresource = question.resource.partition("/")
    about = {
        "verb": question.verb,
        "group": question.group,
        "resource": resource,
        "subresource": subresource,
        "namespace": question.namespace,
        "name": question.name,
    }
    spec = {"user": question.user, "groups": list(question.groups), "resourceAttributes": about}
    try:
        answer = await client.review(ACCESS_REVIEW, body={"metadata": {}, "spec": spec})
    except ClusterError as error:
        return Unavailable(said(error))
    return Allowed() if answer["status"]["allowed"] else Denied()


async def _namespace(question: AskPolicies, *, client: ApiClient, cache: Cache) -> dict[str, Any]:
    """A namespace that is newer than what the watch told is read from the API server."""
    if not question.consistent and NAMESPACE in cache:
        known = cache[NAMESPACE].get(Key("", question.namespace))
        if known is not None:
            return known
    return await client.get(NAMESPACE, namespace="", name=question.namespace, metadata_only=True)


async def _policies(question: AskPolicies, *, client: ApiClient, cache: Cache) -> tuple[dict[str, Any], ...]:
    if not question.consistent and APPROVAL_POLICY in cache:
        return cache[APPROVAL_POLICY].all()
    return (await client.list(APPROVAL_POLICY)).items
