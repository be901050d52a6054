"""Everything that is generated, in one place: manifests and reference come from the models and are never edited.

`python -m countersign.generate` writes the files into the checkout it runs from, `--check` compares and names what differs.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from countersign.actions import ACTIONS
from countersign.api import reference
from countersign.api.admission import admission
from countersign.api.crd import crds
from countersign.api.install import Install
from countersign.api.manifest import JSON
from countersign.api.rbac import accounts, namespace, rbac
from countersign.api.resources import RESOURCES
from countersign.cli.entries import COMMANDS
from countersign.cli.program import Program
from countersign.cli.reference import commands
from countersign.observability.dashboard import dashboard
from countersign.observability.rules import rules
from countersign.packaging import documents as chart
from countersign.packaging.chart import chart_files
from countersign.packaging.conformance import conformance
from countersign.packaging.text import HEADER, documents, part
from countersign.shell.families import FAMILIES

ROOT = Path(__file__).resolve().parents[2]
PROMISES = ROOT / "tests" / "promises.yaml"
DEFAULT = Install()

_OWNED = ("crds/*.yaml", "docs/reference/actions/*.schema.json")
"""Whatever else matches these was generated once and is no longer."""


def install_manifests(install: Install = DEFAULT) -> list[JSON]:
    """Everything that has to be in place before the operator runs, in the order in which it is applied."""
    return [*crds(), namespace(install), *accounts(install), *rbac(install), *admission(install)]


def generated(install: Install = DEFAULT) -> dict[str, str]:
    """The content of every generated file, by its path from the root of the repository."""
    people = [namespace(install), *accounts(install), *rbac(install)]
    return {
        **{f"crds/{crd['metadata']['name']}.yaml": _yaml([crd]) for crd in crds()},
        "manifests/base/crds.yaml": _yaml(crds()),
        "manifests/base/rbac.yaml": _yaml(people),
        "manifests/base/admission.yaml": _yaml(admission(install)),
        **{f"charts/countersign/{path}": text for path, text in chart_files().items()},
        "charts/countersign/files/alerts.yaml": HEADER + part(rules()),
        "charts/countersign/files/dashboard.json": json.dumps(dashboard(), indent=1) + "\n",
        "docs/reference/codes.md": reference.codes(),
        "docs/reference/api.md": reference.fields(RESOURCES),
        "docs/reference/cli.md": commands(Program(COMMANDS)),
        "docs/reference/chart.md": chart.reference(),
        "docs/reference/metrics.md": reference.metrics(
            (f"`{family.name}`", family.kind.value, ", ".join(family.labels), family.text) for family in FAMILIES
        ),
        "docs/reference/conformance.md": conformance(PROMISES.read_text(encoding="utf-8")),
        "docs/reference/actions.md": reference.actions(ACTIONS.values()),
        **{
            f"docs/reference/actions/{name}.schema.json": reference.params_schema(action)
            for name, action in ACTIONS.items()
        },
    }


def differences(root: Path) -> list[str]:
    """Files that are missing, differ from what would be generated now, or are generated no more."""
    files = generated()
    return sorted([path for path, text in files.items() if _read(root / path) != text] + _stale(root, files))


def write(root: Path) -> None:
    files = generated()
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    for path in _stale(root, files):
        (root / path).unlink()


def main(arguments: Sequence[str]) -> int:
    if "--check" not in arguments:
        write(ROOT)
        return 0
    different = differences(ROOT)
    if different:
        sys.stderr.write("\n".join(("not as generated:", *different, "run: make generate")) + "\n")
    return 1 if different else 0


def _stale(root: Path, files: Iterable[str]) -> list[str]:
    found = {path.relative_to(root).as_posix() for pattern in _OWNED for path in root.glob(pattern)}
    return sorted(found - set(files))


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _yaml(objects: list[JSON]) -> str:
    return HEADER + documents(objects)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
