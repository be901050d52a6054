"""The bill of materials against the lock file that it is made from, and against the licences of what is installed."""

import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from hack.licences import is_permitted

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements" / "runtime.lock"


def run(lock: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hack.sbom", str(lock)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


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


def test_every_part_has_a_licence_that_we_may_distribute(bill):
    """By its name in the list of SPDX, or as an expression of such names; the product's own is that of the repository."""
    told = [one for part in (*bill["components"], bill["metadata"]["component"]) for one in part["licenses"]]
    assert len(told) == len(bill["components"]) + 1
    assert all(is_permitted(one["expression"] if "expression" in one else one["license"]["id"]) for one in told)
    assert bill["metadata"]["component"]["licenses"] == [{"license": {"id": "Apache-2.0"}}]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pydantic", {"license": {"id": "MIT"}}),
        ("aiosignal", {"license": {"id": "Apache-2.0"}}),
        ("mdurl", {"license": {"id": "MIT"}}),
        ("rfc8785", {"license": {"id": "Apache-2.0"}}),
        ("structlog", {"expression": "MIT OR Apache-2.0"}),
    ],
)
def test_licence_wherever_it_stands(bill, name, said):
    """In the expression, in a word that is no name of SPDX, in a classifier, in the text itself; an expression stays one."""
    (licences,) = (part["licenses"] for part in bill["components"] if part["name"] == name)
    assert licences == [said]


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


@pytest.mark.parametrize(
    ("pinned", "why"),
    [
        (f"codespell=={version('codespell')}", "codespell is under GPL-2.0-only"),
        ("click==0.1", "and locked as 0.1: run make install"),
        ("no-such-package==1.0", "no-such-package is not installed"),
    ],
)
def test_refuses_what_cannot_be_distributed(tmp_path, pinned, why):
    """A licence that we may not distribute, and one that nothing here can tell, end the bill with the package's name."""
    lock = tmp_path / "some.lock"
    lock.write_text(f"{pinned} \\\n")
    ended = run(lock)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert why in ended.stderr
