"""Renders the parts of manifests/ that are the chart's own: the operator's objects, and what the overlays add to them.

`make generate` runs it after the chart was generated; a test compares.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from countersign.api.install import Install
from countersign.dev.binaries import find_binaries
from countersign.dev.progress import Progress
from countersign.generate import install_manifests
from countersign.packaging.text import HEADER, documents

ROOT = Path(__file__).resolve().parents[1]
CHART = ROOT / "charts" / "countersign"
MANIFESTS = ROOT / "manifests"

TENANT = ("--set", "scope=tenants", "--set", "tenants[0].namespace=payments")
MONITORING = tuple(
    argument
    for part in ("serviceMonitor", "prometheusRule", "dashboard")
    for argument in ("--set", f"metrics.{part}.enabled=true")
)
# What Helm writes about itself is not true of what kubectl applies.
_OF_HELM = ("helm.sh/chart", "app.kubernetes.io/managed-by")
_KEEP = "helm.sh/resource-policy"

Objects = list[dict[str, Any]]


def helm() -> Path:
    return find_binaries(["helm"], environ=os.environ, progress=Progress(sys.stderr))["helm"]


def rendered(*arguments: str, namespace: str = Install().namespace) -> Objects:
    """What `helm install` would apply, without what only Helm reads."""
    command = [str(helm()), "template", "countersign", str(CHART), "--namespace", namespace, "--skip-tests", *arguments]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [_plain(content) for content in yaml.safe_load_all(text) if content]


def files() -> dict[str, str]:
    """The content of each rendered file, by its path from the root of the repository."""
    base, generated = rendered(), install_manifests()
    operator = _without(base, generated)
    return {
        "manifests/base/operator.yaml": HEADER + documents(operator),
        "manifests/install.yaml": HEADER + documents([*generated, *operator]),
        "manifests/overlays/one-namespace/tenant.yaml": HEADER + documents(_without(rendered(*TENANT), base)),
        "manifests/overlays/with-monitoring/monitoring.yaml": HEADER + documents(_without(rendered(*MONITORING), base)),
    }


def identity(content: dict[str, Any]) -> tuple[str, str, str]:
    return content["kind"], content["metadata"].get("namespace", ""), content["metadata"]["name"]


def _without(objects: Objects, others: Objects) -> Objects:
    there = {identity(other) for other in others}
    return [content for content in objects if identity(content) not in there]


def _plain(content: dict[str, Any]) -> dict[str, Any]:
    metadata = content["metadata"]
    labels = {key: value for key, value in metadata["labels"].items() if key not in _OF_HELM}
    annotations = {key: value for key, value in metadata.get("annotations", {}).items() if key != _KEEP}
    kept = {key: value for key, value in metadata.items() if key not in ("labels", "annotations")}
    return {**content, "metadata": {**kept, "labels": labels, **({"annotations": annotations} if annotations else {})}}


if __name__ == "__main__":
    for path, text in files().items():
        (ROOT / path).write_text(text, encoding="utf-8")
