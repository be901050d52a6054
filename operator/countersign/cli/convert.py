"""RunAgents action plans become Plan manifests: the envelope gets our names, params stay as they are.

Takes a document as it was read, gives the manifest and what is wrong with the envelope; with findings there is nothing to
submit. Paths point into the document, also those that the operator gives later for the manifest (`in_document`).
"""

import difflib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from countersign.api.names import PLAN
from countersign.model import name as names
from countersign.model.finding import Code, Finding
from countersign.model.path import show

_ENVELOPE = {"plan_id": "planId", "continue_on_error": "continueOnError", "actions": "actions"}
_ACTION = {"id": "id", "type": "type", "idempotency_key": "idempotencyKey", "params": "params"}
_LONGEST = 63
_SUBDOMAIN = re.compile(names.SUBDOMAIN)
_LONGEST_NAME = 253
_ENVELOPE_PATH = re.compile(r"spec\.(planId|continueOnError|actions)(.*)", re.DOTALL)
_ACTION_PATH = re.compile(r"(actions\[[0-9]+\])\.idempotencyKey")


@dataclass(frozen=True, slots=True)
class Converted:
    """`manifest` is complete only if there are no findings."""

    manifest: dict[str, Any]
    findings: tuple[Finding, ...] = ()


def is_runagents(document: object) -> bool:
    """They have no kind, and a plan_id or actions at the top."""
    return isinstance(document, dict) and "kind" not in document and bool({"plan_id", "actions"} & document.keys())


def convert(document: Mapping[str, Any], *, namespace: str | None = None) -> Converted:
    findings = tuple(_complaints(document))
    spec: dict[str, Any] = {ours: document[theirs] for theirs, ours in _ENVELOPE.items() if theirs in document}
    if isinstance(spec.get("actions"), list):
        spec["actions"] = [_action(action) for action in spec["actions"]]
    metadata = {"name": plan_name(document), **({"namespace": namespace} if namespace else {})}
    manifest = {"apiVersion": PLAN.api_version, "kind": PLAN.kind, "metadata": metadata, "spec": spec}
    return Converted(manifest, findings)


def plan_name(document: Mapping[str, Any]) -> str:
    """The same plan always gets the same name, another one another: what a name cannot say is said by a hash."""
    plan_id = document.get("plan_id")
    if plan_id is None:
        return f"plan-{_hash(document)}"
    text = str(plan_id)
    if len(text) <= _LONGEST_NAME and _SUBDOMAIN.fullmatch(text):
        return text
    stem = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "plan"
    suffix = f"-{_hash(text)}"
    return stem[: _LONGEST - len(suffix)].rstrip("-") + suffix


def in_document(path: str) -> str:
    """`spec.actions[0].idempotencyKey` stands in the document as `actions[0].idempotency_key`."""
    found = _ENVELOPE_PATH.fullmatch(path)
    if not found:
        return path
    theirs = next(theirs for theirs, ours in _ENVELOPE.items() if ours == found[1])
    return _ACTION_PATH.sub(r"\1.idempotency_key", theirs + found[2])


def _hash(value: Any) -> str:
    """Of any JSON value, also of one that the operator will refuse."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:8]


def _action(action: Any) -> Any:
    if not isinstance(action, dict):
        return action
    return {ours: action[theirs] for theirs, ours in _ACTION.items() if theirs in action}


def _complaints(document: Mapping[str, Any]) -> Iterator[Finding]:
    yield from _unknown(document, known=_ENVELOPE, where=())
    actions = document.get("actions")
    if "actions" not in document:
        yield Finding(Code.INVALID_SPEC, "actions is required: list at least one action", path="actions")
    if not isinstance(actions, list):
        return
    for index, action in enumerate(actions):
        if isinstance(action, dict):
            yield from _unknown(action, known=_ACTION, where=("actions", index))
        else:
            yield Finding(Code.INVALID_SPEC, "an action must be a mapping", path=show(("actions", index)))


def _unknown(fields: Mapping[str, Any], *, known: Iterable[str], where: tuple[str | int, ...]) -> Iterator[Finding]:
    for key in fields:
        if key not in known:
            close = difflib.get_close_matches(_snake(key), known, n=1)
            remedy = f"did you mean {close[0]}?" if close else "remove it"
            path = show((*where, key))
            yield Finding(Code.INVALID_SPEC, f"{key} is not a field of a RunAgents plan: {remedy}", path=path)


def _snake(key: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower()
