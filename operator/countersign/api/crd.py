"""The CustomResourceDefinitions, generated from RESOURCES. Edit the models, run `make generate`."""

from typing import Any

from countersign.api.manifest import JSON, labelled
from countersign.api.resources import RESOURCES, Column, Resource


def crds() -> list[JSON]:
    """One CustomResourceDefinition per kind, in the order of RESOURCES."""
    return [crd(resource) for resource in RESOURCES]


def crd(resource: Resource) -> JSON:
    kind = resource.kind
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": labelled(f"{kind.plural}.{kind.group}"),
        "spec": {
            "group": kind.group,
            "scope": "Namespaced" if kind.namespaced else "Cluster",
            "names": _names(resource),
            "conversion": {"strategy": "None"},
            "versions": [_version(resource)],
        },
    }


def _names(resource: Resource) -> JSON:
    kind = resource.kind
    return {
        "kind": kind.kind,
        "listKind": f"{kind.kind}List",
        "plural": kind.plural,
        "singular": kind.kind.lower(),
        "shortNames": [resource.short_name],
        "categories": ["countersign"],
    }


def _version(resource: Resource) -> JSON:
    return {
        "name": resource.kind.version,
        "served": True,
        "storage": True,
        "additionalPrinterColumns": [_column(column) for column in resource.columns],
        **_optional("selectableFields", [{"jsonPath": path} for path in resource.selectable]),
        **_optional("subresources", {} if resource.status is None else {"status": {}}),
        "schema": {"openAPIV3Schema": _root(resource)},
    }


def _column(column: Column) -> JSON:
    return {
        "name": column.name,
        "type": column.type,
        "jsonPath": column.path,
        **_optional("priority", int(column.wide)),
    }


def _root(resource: Resource) -> JSON:
    return {
        "type": "object",
        "description": resource.description,
        "required": ["spec"],
        **_optional("x-kubernetes-validations", list(resource.rules)),
        "properties": {"spec": resource.spec, **_optional("status", resource.status)},
    }


def _optional(key: str, value: Any) -> JSON:
    return {key: value} if value else {}
