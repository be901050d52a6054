"""The bill of materials against the lock file that it is made from."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements" / "runtime.lock"


def run(lock: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "hack" / "sbom.py"), str(lock)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def bill() -> dict:
    return json.loads(run(LOCK).stdout)


def test_is_a_bill_of_materials(bill):
    """The fields that CycloneDX requires, and those that a scanner looks for."""
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bill["serialNumber"])
    assert all(part["type"] and part["name"] and part["version"] for part in bill["components"])
    assert bill["metadata"]["component"]["name"] == "countersign-operator"


def test_names_every_locked_package(bill):
    """Nothing that is installed is missing, and nothing else is there."""
    pinned = re.findall(r"^([a-z0-9._-]+)==([^ ]+)", LOCK.read_text(), flags=re.MULTILINE)
    assert [(part["name"], part["version"]) for part in bill["components"]] == pinned


def test_carries_every_hash(bill):
    """A file that the installer would accept is one that the bill names."""
    told = [digest["content"] for part in bill["components"] for digest in part["hashes"]]
    assert sorted(told) == sorted(re.findall(r"sha256:([0-9a-f]{64})", LOCK.read_text()))


def test_tells_who_needs_what(bill):
    """Every package is reached from the product, and no reference leads nowhere."""
    needs = {entry["ref"]: entry["dependsOn"] for entry in bill["dependencies"]}
    reached, waiting = set(), [bill["metadata"]["component"]["bom-ref"]]
    while waiting:
        ref = waiting.pop()
        reached.add(ref)
        waiting += [needed for needed in needs[ref] if needed not in reached]
    assert reached == set(needs)
    assert {part["bom-ref"] for part in bill["components"]} < reached


def test_same_lock_same_bill():
    """So that two builds of one commit can be compared."""
    assert run(LOCK).stdout == run(LOCK).stdout


def test_refuses_what_is_no_lock_file(tmp_path):
    """A list without pins is not turned into an empty bill."""
    loose = tmp_path / "requirements.txt"
    loose.write_text("aiohttp>=3\n")
    ended = run(loose)
    assert ended.returncode != 0
    assert "pins nothing" in ended.stderr
