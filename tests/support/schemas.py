"""The API server's own OpenAPI documents as the strict JSON schemas that kubeconform reads: no field that it does not know."""

import json
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from countersign.api.crd import crds
from countersign.dev.rest import Rest

LOCATION = "{{ .ResourceKind }}_{{ .Group }}_{{ .ResourceAPIVersion }}.json"

# The sources of Kubernetes hold the documents of its API server; this is the hash that go.sum files have of them.
NEXT = "v1.37.1"
_NEXT_SUM = "h1:LTUzSbp9n0W7649oVKBYfC48zcoD3vCk++1PZQn28q8="

# The sources of the Prometheus operator hold the definitions of its kinds.
PROMETHEUS = "v0.94.1"
_PROMETHEUS_SUM = "h1:QEIb2wenPH+SdMN1xMf8l4Pmj00YYXXI6HlbLlQWkww="


def of_server(rest: Rest) -> Iterator[dict[str, Any]]:
    """The documents of a running API server."""
    for group in rest.get("/openapi/v3")["paths"].values():
        yield rest.get(group["serverRelativeURL"])


def of_next_release(folder: Path) -> Iterator[dict[str, Any]]:
    """The documents of the next Kubernetes, whose API server is not built here."""
    sources = _sources(f"k8s.io/kubernetes@{NEXT}", checksum=_NEXT_SUM, folder=folder)
    for path in sorted((sources / "api" / "openapi-spec" / "v3").glob("*.json")):
        yield json.loads(path.read_text())


def of_prometheus_operator(folder: Path) -> Iterator[dict[str, Any]]:
    """Its definitions: what an API server would know where it is installed."""
    module = f"github.com/prometheus-operator/prometheus-operator@{PROMETHEUS}"
    sources = _sources(module, checksum=_PROMETHEUS_SUM, folder=folder)
    for path in sorted((sources / "jsonnet" / "prometheus-operator").glob("*-crd.json")):
        yield json.loads(path.read_text())


def write(documents: Iterable[dict[str, Any]], folder: Path) -> None:
    """One file for each kind, ours included."""
    for document in documents:
        schemas = document.get("components", {}).get("schemas", {})
        strict = {name: _strict(schema) for name, schema in schemas.items()}
        for name, schema in schemas.items():
            for kind in schema.get("x-kubernetes-group-version-kind", ()):
                _write(folder, kind, {"$ref": f"#/components/schemas/{name}", "components": {"schemas": strict}})
    write_definitions(crds(), folder)


def write_definitions(definitions: Iterable[dict[str, Any]], folder: Path) -> None:
    """One file for each version of each kind that a CustomResourceDefinition makes."""
    for crd in definitions:
        for version in crd["spec"]["versions"]:
            kind = {
                "group": crd["spec"]["group"],
                "version": version["name"],
                "kind": crd["spec"]["names"]["kind"],
            }
            _write(folder, kind, _strict(_named(version["schema"]["openAPIV3Schema"])))


def _sources(module: str, *, checksum: str, folder: Path) -> Path:
    """Where the Go command keeps them. `folder` is outside any module, so that no go.mod is read or written."""
    command = ["go", "mod", "download", "-json", module]
    told = json.loads(subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout)
    assert told["Sum"] == checksum
    return Path(told["Dir"])


def _write(folder: Path, kind: dict[str, str], schema: dict[str, Any]) -> None:
    group = kind["group"] or kind["version"]
    (folder / f"{kind['kind'].lower()}_{group}_{kind['version']}.json").write_text(json.dumps(schema))


def _named(schema: dict[str, Any]) -> dict[str, Any]:
    """What every object has is not part of the schema in a definition."""
    everywhere = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}
    return {**schema, "properties": {**everywhere, **schema["properties"]}}


def _strict(node: Any) -> Any:
    match node:
        case dict():
            inner = {key: _strict(value) for key, value in node.items()}
            open_ended = "additionalProperties" in node or node.get("x-kubernetes-preserve-unknown-fields")
            closed = isinstance(node.get("properties"), dict) and not open_ended
            return {**inner, "additionalProperties": False} if closed else inner
        case list():
            return [_strict(each) for each in node]
        case _:
            return node
