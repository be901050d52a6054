"""The reference documents: complete, and readable as Markdown."""

import json

from countersign.actions import ACTIONS
from countersign.api.reference import actions, codes, fields, metrics, params_schema
from countersign.api.resources import RESOURCES
from countersign.model.finding import Code


def test_every_code_is_explained():
    """With its stage, its meaning and its remedy."""
    page = codes()

    assert "| `Structural.Oversized` | 1 | The spec is larger than 256 KiB | Split the plan |" in page
    assert all(f"`{code.code}`" in page for code in Code)


def test_every_field_has_a_row():
    """Also fields of lists, of maps and of what is nested in them."""
    page = fields(RESOURCES)

    assert "| `spec.actions[].retries` | integer | at least 0; at most 10 |" in page
    assert '| `spec.serviceAccountName` | string | default `"countersign-executor"`;' in page
    assert "| `spec.context` | any JSON |  |" in page
    assert "| `status.outcome.details` | map of list of string | at most 8 entries |" in page
    assert "| `spec.capabilities[].riskTags` | list of string |" in page
    assert "| `spec.cancel` | boolean | default `false`; cancel cannot be taken back |" in page


def test_cells_keep_their_columns():
    """A bar inside a pattern does not end a cell."""
    assert r"(d\|h\|m\|s)" in fields(RESOURCES)


def test_every_action_type_is_documented():
    """With what it writes, an example that works, and what makes that example risky."""
    page = actions(ACTIONS.values())

    for name, action in ACTIONS.items():
        assert f"## {name}\n" in page
        assert json.dumps(action.example, indent=2) in page
    assert "Writes: Tool (`countersign.dev/v1alpha1`)." in page
    assert "have risk **high**" in page
    assert "(`tool.dangerousTag`)" in page


def test_every_metric_has_a_row():
    """Name, kind, labels and meaning."""
    assert "| `x_total` | counter | a, b | Things |" in metrics([("`x_total`", "counter", "a, b", "Things")])


def test_params_have_a_json_schema():
    """For editors, with descriptions."""
    document = json.loads(params_schema(ACTIONS["tool.upsert"]))

    assert document["$schema"].endswith("2020-12/schema")
    assert document["required"] == ["name", "spec"]
