"""The dashboard as a value; whether its queries find anything is asked of a real Prometheus next door."""

import json
from itertools import combinations

from countersign.observability.dashboard import dashboard
from countersign.observability.panels import ROWS

PANELS = dashboard()["panels"]


def test_is_json():
    """Grafana imports the text as it is."""
    assert json.loads(json.dumps(dashboard())) == dashboard()


def test_panels_do_not_overlap():
    """Each has a place of its own within the 24 columns."""
    places = [panel["gridPos"] for panel in PANELS]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below


def test_panels_have_numbers_of_their_own():
    """A link to one panel leads to that panel."""
    numbers = [panel["id"] for panel in PANELS]
    assert len(set(numbers)) == len(numbers)


def test_every_query_is_of_the_chosen_processes():
    """Another operator's metrics of the same names do not get in."""
    queries = [query.expression for row in ROWS for panel in row.panels for query in panel.queries]
    assert [query for query in queries if 'job=~"$job"' not in query] == []


def test_a_lost_guard_is_red():
    """So is any plan that cannot be trusted."""
    steps = {panel["title"]: panel["fieldConfig"]["defaults"]["thresholds"]["steps"] for panel in PANELS[1:9]}
    assert steps["Guard"] == [{"color": "red", "value": None}, {"color": "green", "value": 1}]
    assert steps["Untrusted"][-1] == {"color": "red", "value": 1}


def test_every_panel_says_what_to_think_of_it():
    """And each of its lines has a name."""
    panels = [panel for panel in PANELS if panel["type"] != "row"]
    assert [panel["title"] for panel in panels if not panel["description"]] == []
    assert [target["expr"] for panel in panels for target in panel["targets"] if not target["legendFormat"]] == []


def test_words_instead_of_numbers():
    """Whether the guard stands is said in words, and lost is red."""
    (mapping,) = next(panel for panel in PANELS if panel["title"] == "Guard")["fieldConfig"]["defaults"]["mappings"]
    assert {value: (word["text"], word["color"]) for value, word in mapping["options"].items()} == {
        "0": ("lost", "red"),
        "1": ("stands", "green"),
    }


def test_rows_are_full():
    """No row leaves a hole at its end."""
    for row in ROWS:
        assert 24 % len(row.panels) == 0, row.title
