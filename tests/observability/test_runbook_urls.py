"""Alerts that say under which address their page is, where whoever installs the chart has published the pages."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hack.render import CHART, ROOT, rendered

from countersign.observability.rules import ALERTS, rules

pytestmark = pytest.mark.usefixtures("helm_program")

SITE = "https://docs.example.com/"
ADDRESS = SITE + "runbooks/{alert}/"
SERIES = Path(__file__).with_name("alerts.yaml")


def installed(address):
    """The rules of the chart's PrometheusRule."""
    values = (
        "--set",
        "metrics.prometheusRule.enabled=true",
        "--set-literal",
        f"metrics.prometheusRule.runbookUrl={address}",
    )
    (found,) = [each for each in rendered(*values) if each["kind"] == "PrometheusRule"]
    return found["spec"]


def urls(spec):
    """By alert."""
    alerts = [rule for group in spec["groups"] for rule in group["rules"] if "alert" in rule]
    return {rule["alert"]: rule["annotations"].pop("runbook_url", None) for rule in alerts}


def test_each_alert_has_its_own():
    """Besides what it has anyway: nothing else of the rules changes."""
    spec = installed(ADDRESS)
    assert urls(spec) == {alert.name: f"{SITE}runbooks/{alert.name}/" for alert in ALERTS}
    assert spec == rules()


def test_none_without_an_address():
    """An address that nobody gave is not made up."""
    assert set(urls(installed("")).values()) == {None}


def test_every_address_leads_to_a_page(tmp_path):
    """As `make docs` lays out the site."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True)
    pages = {name: tmp_path / url.removeprefix(SITE) / "index.html" for name, url in urls(installed(ADDRESS)).items()}
    assert [name for name, page in pages.items() if f">{name}<" not in page.read_text()] == []


def test_alerts_that_fire_carry_it(promtool, tmp_path):
    """Every case in alerts.yaml, on the rules as they are installed."""
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(installed(ADDRESS)))
    cases = yaml.safe_load(SERIES.read_text()) | {"rule_files": ["rules.yaml"]}
    fired = [
        (case, alert) for test in cases["tests"] for case in test["alert_rule_test"] for alert in case["exp_alerts"]
    ]
    for case, alert in fired:
        alert["exp_annotations"]["runbook_url"] = f"{SITE}runbooks/{case['alertname']}/"
    (tmp_path / "cases.yaml").write_text(yaml.safe_dump(cases))

    checked = subprocess.run(
        [promtool, "test", "rules", tmp_path / "cases.yaml"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert fired


@pytest.mark.parametrize(
    "address",
    ["https://docs.example.com/", "docs/runbooks/{alert}", 'https://d.example.com/{alert}"', "https://d/$1{alert}"],
)
def test_what_is_no_address_is_refused(helm_program, address):
    """One page for all alerts, a path, and what would not stay a text in YAML."""
    command = [helm_program, "template", CHART, "--set-literal", f"metrics.prometheusRule.runbookUrl={address}"]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "runbookUrl" in refused.stderr
