"""Every rule and every query of the dashboard, asked of a real Prometheus that scrapes a running operator."""

import json
import re
from pathlib import Path

import pytest
from tests.observability.test_rules import RULES
from tests.support.busy import Busy
from tests.support.own import own_cluster
from tests.support.prometheus import scraping
from tests.support.waiting import eventually

from countersign.observability.panels import ROWS
from countersign.observability.rules import ALERTS, RECORDINGS

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(180)]

QUERIES = [(panel.title, query.expression) for row in ROWS for panel in row.panels for query in panel.queries]


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    with own_cluster(tmp_path_factory.mktemp("scraped")) as own:
        yield own


@pytest.fixture(scope="module")
def server(own, prometheus, tmp_path_factory):
    (address,) = re.findall(r'"addresses": \["([^"]+)"\]', own.log())
    with scraping(prometheus, address, rules=RULES, directory=tmp_path_factory.mktemp("prometheus")) as server:
        assert eventually(lambda: server.query("countersign_build_info"), within=20)
        yield server


@pytest.fixture(scope="module")
def lived(own, server) -> None:
    """Plans have ended in every way while Prometheus looked on."""
    scenes = own.scene()
    tally = Busy(next(scenes), own.people["both"]).live()
    counted = f"sum(countersign_actions_total) >= {tally.actions.total()}"
    assert eventually(lambda: server.query(counted), within=20), counted
    yield
    next(scenes, None)


def as_grafana(expression: str) -> str:
    return expression.replace("$job", ".*").replace("$__rate_interval", "1m").replace("$__range", "10m")


@pytest.mark.parametrize(("title", "expression"), QUERIES, ids=[f"{title}-{n}" for n, (title, _) in enumerate(QUERIES)])
def test_every_query_finds_something(server, lived, title, expression):
    """No panel is empty: a number comes back, and it is one."""

    def numbers() -> list[str]:
        return [sample["value"][1] for sample in server.query(as_grafana(expression))]

    assert eventually(lambda: any(number != "NaN" for number in numbers()), within=20), (title, numbers())


def test_every_rule_is_evaluated(server, lived):
    """Prometheus itself says that it can."""
    expected = {rule.name: "ok" for rule in (*RECORDINGS, *ALERTS)}
    assert eventually(lambda: server.health() == expected, within=20), server.health()


def test_recordings_have_values(server, lived):
    """A ratio of nothing failed is 0, and a length is some part of a second."""
    for recording in RECORDINGS:
        assert eventually(lambda name=recording.name: server.query(name), within=20), recording.name
        (sample,) = server.query(recording.name)
        assert 0 <= float(sample["value"][1]) < 10, recording.name


def test_generated_dashboard_has_these_queries():
    """What was checked here is what is installed."""
    panels = json.loads(Path(RULES).with_name("dashboard.json").read_text())["panels"]
    assert [target["expr"] for panel in panels for target in panel.get("targets", [])] == [
        query for _, query in QUERIES
    ]
