"""Every promise is shown by tests that exist, and the list of those that are not shown only gets shorter."""

import subprocess
import sys

from countersign.generate import PROMISES, ROOT
from countersign.packaging.conformance import conformance, promises

NOT_YET: set[str] = set()
"""What is not built yet, or can be shown only when it is."""
SECTIONS = ["2.1", "2.2", "3", "4", "5", "6", "7", "9"]

TEXT = """
"1":
  title: A title
  promises:
    first: {says: One thing, shown: [tests/a/test_a.py::test_a, "tests/a/test_a.py::TestB::test_b"]}
    second: {says: Another thing, shown: []}
"""


def test_every_test_exists():
    """As pytest collects them, whatever their parameters are."""
    named = {test for promise in promises(PROMISES.read_text()) for test in promise.shown}
    files = sorted({test.partition("::")[0] for test in named})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files]
    collected = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert sorted(named - {line.partition("[")[0] for line in collected}) == []


def test_nothing_more_is_left_to_show():
    """Whoever adds a promise adds a test for it; whoever shows one of these takes it off the list."""
    assert {promise.name for promise in promises(PROMISES.read_text()) if not promise.shown} == NOT_YET


def test_every_part_makes_promises():
    """In order, each promise once and in one line that fits into a table."""
    found = promises(PROMISES.read_text())
    assert list(dict.fromkeys(promise.section.split()[0] for promise in found)) == SECTIONS
    assert len({promise.name for promise in found}) == len({promise.says for promise in found}) == len(found)
    assert not any("|" in promise.says or promise.says.endswith(".") for promise in found)


def test_page():
    """What is shown by which tests, and what is not shown."""
    page = conformance(TEXT)
    assert "1 of 2 promises are shown" in page
    assert "- `1.second`: Another thing" in page
    assert "| `1.first` | One thing | `a/test_a.py::test_a`<br>`a/test_a.py::TestB::test_b` |" in page
    assert "| `1.second` | Another thing | - |" in page


def test_page_without_gaps():
    """When everything is shown the page says so."""
    assert "## Not yet shown\n\nNothing." in conformance(TEXT.replace("shown: []", "shown: [tests/b.py::test_b]"))
