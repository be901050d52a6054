"""Prints the bill of materials of the image, as CycloneDX 1.6: what a lock file names, with hashes, licences and who needs what.

`python -m hack.sbom requirements/runtime.lock`. Nothing is asked but the file and the metadata of what is installed from it, and the
same file gives the same text. A package without a licence, or with one that we may not distribute, ends it.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from hack.licences import is_permitted, licence

from countersign import __version__

PRODUCT = "countersign-operator"
_PACKAGE = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NEEDED_BY = re.compile(r"^    #(?: via)? +([A-Za-z0-9._-]+)")


@dataclass(frozen=True, slots=True)
class Package:
    """One pinned package: the hashes of all files that it may be installed from, and the packages that ask for it."""

    name: str
    version: str
    hashes: tuple[str, ...]
    needed_by: tuple[str, ...]

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"


def packages(lock: str) -> tuple[Package, ...]:
    """In the order of the file."""
    return tuple(_package(block) for block in _blocks(lock))


def bill(found: tuple[Package, ...]) -> dict[str, Any]:
    product = {"type": "application", "name": PRODUCT, "version": __version__, "purl": _PRODUCT_PURL}
    content = {
        "metadata": {"component": {**product, "bom-ref": _PRODUCT_PURL, "licenses": _licensed("Apache-2.0")}},
        "components": [_component(package) for package in found],
        "dependencies": [
            _dependency(_PRODUCT_PURL, found, needed_by=PRODUCT),
            *(_dependency(package.purl, found, needed_by=package.name) for package in found),
        ],
    }
    serial = uuid5(NAMESPACE_URL, json.dumps(content, sort_keys=True))
    head = {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": f"urn:uuid:{serial}", "version": 1}
    return head | content


_PRODUCT_PURL = f"pkg:pypi/{PRODUCT}@{__version__}"


def _blocks(lock: str) -> Iterator[list[str]]:
    """A package with the hashes and comments below it."""
    block: list[str] = []
    for line in lock.splitlines():
        if _PACKAGE.match(line) and block:
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _package(block: list[str]) -> Package:
    pinned = _PACKAGE.match(block[0])
    if pinned is None:
        raise SystemExit(f"{block[0]} pins nothing: give a lock file as `make lock` writes it")
    hashes = tuple(sorted(_HASH.findall("\n".join(block))))
    needed_by = tuple(match[1] for line in block if (match := _NEEDED_BY.match(line)))
    return Package(pinned["name"], pinned["version"], hashes, needed_by)


def _component(package: Package) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        "scope": "required",
        "licenses": _licensed(_licence(package)),
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in package.hashes],
    }


def _licence(package: Package) -> str:
    """As the package says that is installed: another version may be under another licence."""
    try:
        installed = distribution(package.name)
    except PackageNotFoundError:
        raise SystemExit(f"{package.name} is not installed, so nothing tells its licence: run make install") from None
    if installed.version != package.version:
        there = f"{package.name} is installed as {installed.version} and locked as {package.version}"
        raise SystemExit(f"{there}: run make install")
    found = licence(installed)
    if found is None:
        raise SystemExit(f"{package.name} names no licence that is understood: say in hack/licences.py how it names it")
    if not is_permitted(found):
        raise SystemExit(
            f"{package.name} is under {found}, which may not be distributed with ours: take another package"
        )
    return found


def _licensed(expression: str) -> list[dict[str, Any]]:
    """CycloneDX has one place for a name, and another for an expression."""
    return [{"expression": expression} if " " in expression else {"license": {"id": expression}}]


def _dependency(ref: str, found: tuple[Package, ...], *, needed_by: str) -> dict[str, Any]:
    return {"ref": ref, "dependsOn": sorted(package.purl for package in found if needed_by in package.needed_by)}


if __name__ == "__main__":
    json.dump(bill(packages(Path(sys.argv[1]).read_text(encoding="utf-8"))), sys.stdout, indent=1)
