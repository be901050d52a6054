"""Plans as they are about to be submitted. Takes the documents of a file, gives manifests that the API server understands.

What only a server writes is taken off, so that the output of `show -o yaml` can be submitted elsewhere.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from countersign.api.names import AUTHORS, DECISION, PLAN
from countersign.api.plan_spec import PlanSpec
from countersign.cli.convert import convert, in_document, is_runagents
from countersign.cli.failure import Misused
from countersign.model import name as names
from countersign.model.finding import Code, Finding

_SUBDOMAIN = re.compile(names.SUBDOMAIN)
_LONGEST_NAME = 253
_KEPT_METADATA = ("name", "namespace", "labels", "annotations")
_FOR_A_VERDICT = ("cancel", "suspend")
"""What decides when a plan runs would keep a plan that never runs from its verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """`findings` speak against submitting it at all; paths are those of the file."""

    manifest: dict[str, Any]
    runagents: bool = False
    findings: tuple[Finding, ...] = ()

    @property
    def name(self) -> str:
        return str(self.manifest["metadata"]["name"])

    @property
    def namespace(self) -> str | None:
        found: str | None = self.manifest["metadata"].get("namespace")
        return found

    @property
    def plan_id(self) -> str:
        return str(_mapping(self.manifest.get("spec")).get("planId") or self.name)

    @property
    def actions(self) -> list[Mapping[str, Any]]:
        """As far as they have the shape of actions."""
        listed = _mapping(self.manifest.get("spec")).get("actions")
        return [_mapping(action) for action in listed] if isinstance(listed, list) else []

    def path(self, path: str) -> str:
        """Where the author finds it."""
        return in_document(path) if self.runagents else path

    def at(self, namespace: str) -> "Submission":
        metadata = {**self.manifest["metadata"], "namespace": namespace}
        return replace(self, manifest={**self.manifest, "metadata": metadata})

    def for_a_verdict(self, token: str) -> dict[str, Any]:
        """A plan with the same content that never runs, under a name that nobody else has."""
        spec = _mapping(self.manifest.get("spec"))
        kept = {key: value for key, value in spec.items() if key not in _FOR_A_VERDICT}
        metadata = {"name": f"{self.name[:230].rstrip('.-')}-validate-{token}", "namespace": self.namespace}
        return {**self.manifest, "metadata": metadata, "spec": {"planId": self.plan_id, **kept, "validateOnly": True}}


def submissions(documents: Sequence[Any], *, origin: str) -> list[Submission]:
    """Raises Misused for what is no plan."""
    found = [_submission(document, origin=place) for document, place in _placed_in(documents, origin=origin)]
    counted = Counter((each.namespace, each.name) for each in found)
    if repeated := [name for (_, name), count in counted.items() if count > 1]:
        raise Misused(f"{origin} has several plans of the name {repeated[0]}: give each its own")
    return found


def _placed_in(documents: Sequence[Any], *, origin: str) -> Iterator[tuple[Any, str]]:
    for number, document in enumerate(documents, start=1):
        yield document, f"{origin}, document {number}," if len(documents) > 1 else origin


def placed(submission: Submission, *, asked: str | None, default: str) -> Submission:
    """In the namespace of the options, of the manifest, or else the default."""
    own = submission.namespace
    if asked and own and asked != own:
        raise Misused(f"The plan {submission.name} says namespace {own}, -n says {asked}: leave one of them out")
    return submission.at(asked or own or default)


def _submission(document: Any, *, origin: str) -> Submission:
    if is_runagents(document):
        converted = convert(document)
        return Submission(manifest=converted.manifest, runagents=True, findings=converted.findings)
    if not isinstance(document, dict):
        raise Misused(f"{origin} is no plan: write a mapping with kind Plan, or a RunAgents plan with actions")
    if document.get("kind") != PLAN.kind or document.get("apiVersion") != PLAN.api_version:
        what = f"{document.get('apiVersion', 'no apiVersion')}, {document.get('kind', 'no kind')}"
        raise Misused(f"{origin} is no plan ({what}): use {PLAN.kind} of {PLAN.api_version}, or a RunAgents plan")
    metadata = _mapping(document.get("metadata"))
    if not isinstance(metadata.get("name"), str) or not metadata["name"]:
        raise Misused(f"{origin} has no metadata.name: name the plan")
    return Submission(
        manifest=_cleaned(document, metadata), findings=tuple(_complaints(document, name=metadata["name"]))
    )


def _cleaned(document: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: metadata[key] for key in _KEPT_METADATA if metadata.get(key)}
    annotations = {
        key: value for key, value in _mapping(kept.pop("annotations", {})).items() if key not in (AUTHORS, DECISION)
    }
    if annotations:
        kept["annotations"] = annotations
    spec = {"spec": document["spec"]} if "spec" in document else {}
    return {"apiVersion": document["apiVersion"], "kind": document["kind"], "metadata": kept, **spec}


def _complaints(document: Mapping[str, Any], *, name: str) -> Iterable[Finding]:
    """What the API server would say at more length."""
    if len(name) > _LONGEST_NAME or not _SUBDOMAIN.fullmatch(name):
        message = "metadata.name is no Kubernetes name: use lower case letters, digits, - and ., at most 253"
        yield Finding(Code.INVALID_SPEC, message, path="metadata.name")
    for key in sorted(document.keys() - {"apiVersion", "kind", "metadata", "spec", "status"}):
        fix = "move it under spec" if key in _SPEC_FIELDS else "remove it"
        yield Finding(Code.INVALID_SPEC, f"{key} is not a field of a Plan: {fix}", path=key)
    if not isinstance(document.get("spec"), dict):
        yield Finding(Code.INVALID_SPEC, "spec must be a mapping: say under it what is to be done", path="spec")


_SPEC_FIELDS = frozenset(str(field.alias) for field in PlanSpec.model_fields.values())


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
