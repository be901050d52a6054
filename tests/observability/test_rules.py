"""Recording rules and alerts: evaluated by promtool on made-up series, and each with a page that says what to do."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from countersign.observability.panels import ROWS
from countersign.observability.rules import ALERTS, RECORDINGS
from countersign.shell.families import FAMILIES

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "charts" / "countersign" / "files" / "alerts.yaml"
SERIES = Path(__file__).with_name("alerts.yaml")
SECTIONS = ["## What it means", "## What to look at", "## What to do"]
_NAME = re.compile(r"\b(?:countersign|controller_runtime|rest_client|workqueue|leader_election)_[a-z_]+")


def test_alerts_fire_when_they_should_and_not_before(promtool):
    """Every case in alerts.yaml, with the annotations that people read."""
    checked = subprocess.run([promtool, "test", "rules", SERIES], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_rule_has_a_case():
    """An alert is told about both: a world in which it fires and one in which it does not."""
    cases = [case for test in yaml.safe_load(SERIES.read_text())["tests"] for case in test.get("alert_rule_test", [])]
    fires = {case["alertname"] for case in cases if case["exp_alerts"]}
    rests = {case["alertname"] for case in cases if not case["exp_alerts"]}
    assert fires == rests == {alert.name for alert in ALERTS}


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_every_alert_has_a_runbook(alert):
    """With the three things that somebody who is woken up wants to know."""
    text = (ROOT / alert.runbook).read_text()
    assert text.startswith(f"# {alert.name}\n")
    assert re.findall("^## .*", text, flags=re.MULTILINE) == SECTIONS


def test_no_runbook_is_left_over():
    """A page without an alert was forgotten."""
    assert {path.stem for path in (ROOT / "docs" / "runbooks").glob("C*.md")} == {alert.name for alert in ALERTS}


def test_rules_and_panels_use_metrics_that_exist():
    """A renamed metric does not leave an alert behind that can never fire."""
    known = {name for family in FAMILIES for name in (family.name, f"{family.name}_bucket")}
    queries = [query.expression for row in ROWS for panel in row.panels for query in panel.queries]
    rules = [rule.expression for rule in (*RECORDINGS, *ALERTS)]
    recorded = {rule.name.split(":")[1] for rule in RECORDINGS}
    used = {name for text in (*queries, *rules) for name in _NAME.findall(text)}
    assert used - recorded - known == set()
