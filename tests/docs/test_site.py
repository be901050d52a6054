"""The documents as a site, and as texts that keep step with the code."""

import re
import subprocess
import sys
from pathlib import Path

from countersign.observability.rules import ALERTS

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def test_site_builds_without_warnings(tmp_path):
    """No dead link, no missing anchor, no page that nobody finds."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (tmp_path / "index.html").is_file()


def test_every_setting_is_explained():
    """The table of variables has exactly those that the operator reads."""
    read = re.findall(r'"(COUNTERSIGN_[A-Z_]+)"', (ROOT / "operator/countersign/settings.py").read_text())
    assert set(re.findall(r"^\| `(COUNTERSIGN_[A-Z_]+)`", OPERATIONS, flags=re.MULTILINE)) == set(read)


def test_every_alert_is_listed():
    """With its severity and where to read on."""
    listed = re.findall(r"^\| \[(\w+)\]\(runbooks/(\w+)\.md\) \| (\w+) \|", OPERATIONS, flags=re.MULTILINE)
    assert listed == [(alert.name, alert.name, alert.severity) for alert in ALERTS]
