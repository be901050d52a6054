"""What is wrong with a Policy that no single field shows: rules that match everything, nothing, or not what they seem to.

Takes its spec, gives issues with paths into the params. Messages name fields and never repeat values.
"""

from collections.abc import Iterator

from countersign.actions.base import Issue
from countersign.actions.policy_spec import ApprovalRule, PolicyRule, PolicySpec
from countersign.actions.repetition import repeated, repeats
from countersign.model import address
from countersign.model.address import Address
from countersign.model.finding import Code, Severity
from countersign.model.host import Place
from countersign.model.path import Part

Path = tuple[Part, ...]

_RULES: Path = ("spec", "policies")
_APPROVALS: Path = ("spec", "approvals")


def issues(spec: PolicySpec) -> Iterator[Issue]:
    if not spec.policies and not spec.approvals:
        message = "spec has no rule: write at least one entry in policies or approvals"
        yield Issue(Code.INVALID_PARAMS, ("spec",), message)
    for index, rule in enumerate(spec.policies):
        yield from _rule(rule, at=(*_RULES, index))
    for index in repeats(spec.policies):
        yield Issue(Code.INVALID_PARAMS, (*_RULES, index), "the rule stands in the list already: remove it")
    for index, approval in enumerate(spec.approvals):
        yield from _approval(approval, at=(*_APPROVALS, index))
    for index in repeats(spec.approvals):
        yield Issue(Code.INVALID_PARAMS, (*_APPROVALS, index), "the approval stands in the list already: remove it")


def _rule(rule: PolicyRule, *, at: Path) -> Iterator[Issue]:
    if rule.resource is None and not rule.tags:
        message = "resource or tags is required: name what the rule is about, or write * to mean everything"
        yield Issue(Code.INVALID_PARAMS, (*at, "resource"), message)
    yield from _match(rule, at=at)


def _approval(approval: ApprovalRule, *, at: Path) -> Iterator[Issue]:
    yield from _match(approval, at=at)
    yield from repeated(approval.tool_ids, (*at, "toolIds"), what="the tool")
    yield from repeated(approval.capabilities, (*at, "capabilities"), what="the capability")
    yield from repeated(approval.approvers.groups, (*at, "approvers", "groups"), what="the group")
    if approval.delivery is not None:
        yield from repeated(approval.delivery.connectors, (*at, "delivery", "connectors"), what="the connector")
    if approval.capabilities and not approval.tool_ids:
        message = "capabilities are those of a tool: name it in toolIds"
        yield Issue(Code.INVALID_PARAMS, (*at, "capabilities"), message)


def _match(rule: PolicyRule | ApprovalRule, *, at: Path) -> Iterator[Issue]:
    yield from repeated(rule.operations, (*at, "operations"), what="the method")
    yield from repeated(rule.tags, (*at, "tags"), what="the risk tag")
    if rule.resource is not None and rule.resource != "*":
        yield from _resource(rule.resource, at=(*at, "resource"))


def _resource(resource: str, *, at: Path) -> Iterator[Issue]:
    """A pattern is a URL up to its wildcard, and has to be one that calls can have."""
    url = address.read(resource.removesuffix("*"))
    authority, slash, _ = resource.partition("://")[2].partition("/")
    if url is None or (resource.endswith("*") and not slash):
        message = (
            "resource is no pattern that can be read: write https://api.example.com/v1/*, "
            "with * only at the end and behind the first slash after the host"
        )
        yield Issue(Code.INVALID_PARAMS, at, message)
        return
    if url.user or url.query:
        message = "resource holds a user name, query or fragment, which is not matched: name host and path only"
        yield Issue(Code.INVALID_PARAMS, at, message)
    elif authority != _usual(url):
        message = "resource does not spell its host as calls do: write it in lower case, without a dot at the end"
        yield Issue(Code.INVALID_PARAMS, at, message)
    if url.where.place is Place.NOWHERE:
        message = f"resource names {url.where.what}, which no tool can have, so it never matches: remove it"
        yield Issue(Code.UNSAFE_ADDRESS, at, message)
    if not slash:
        message = "resource matches the bare address only: end it with /* to match everything below"
        yield Issue(Code.INVALID_PARAMS, at, message, severity=Severity.WARNING)


def _usual(url: Address) -> str:
    return url.host if url.named_port is None else f"{url.host}:{url.named_port}"
