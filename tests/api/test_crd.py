"""The CustomResourceDefinitions: complete, bounded, described, and strict about what never changes."""

from collections.abc import Iterator
from typing import Any

import pytest

from countersign.api.crd import crds
from countersign.api.plan_spec import FREELY_CHANGEABLE, PlanSpec
from countersign.api.resources import RESOURCES
from countersign.api.schema import schema
from countersign.api.standstill import frozen_while_executing

CRDS = {crd["spec"]["names"]["kind"]: crd for crd in crds()}
FREE = "x-kubernetes-preserve-unknown-fields"


def version(kind: str) -> dict[str, Any]:
    return CRDS[kind]["spec"]["versions"][0]


def root(kind: str) -> dict[str, Any]:
    return version(kind)["schema"]["openAPIV3Schema"]


def nodes(node: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in the schema."""
    yield path, node
    for name, child in node.get("properties", {}).items():
        yield from nodes(child, f"{path}.{name}")
    for key, sign in (("items", "[]"), ("additionalProperties", ".*")):
        if key in node:
            yield from nodes(node[key], path + sign)


EVERY = [(path, node) for kind in CRDS for path, node in nodes(root(kind), kind)]


def bounded(node: dict[str, Any]) -> bool:
    match node.get("type"):
        case "string":
            return bool(node.keys() & {"maxLength", "enum"}) or node.get("format") in ("date-time", "date")
        case "array":
            return "maxItems" in node
        case "object":
            return "additionalProperties" not in node or "maxProperties" in node
        case _:
            return True


def test_everything_is_bounded():
    """Every string, list and map has a limit: else a rule costs too much, or a status grows without end."""
    assert [path for path, node in EVERY if not bounded(node)] == []


def test_only_three_places_take_anything():
    """Wherever the server looks at nothing, something else has to."""
    assert sorted(path for path, node in EVERY if FREE in node) == [
        "Plan.spec.actions[].params",
        "Plan.spec.context",
        "PlanPreview.spec.effects[].changes[].new",
        "PlanPreview.spec.effects[].changes[].old",
    ]


def test_what_people_write_is_described():
    """There is something for kubectl explain to say about every field of a spec that people write."""
    written = [
        (path, node)
        for path, node in EVERY
        if path.startswith(
            (
                "Plan.spec",
                "Tool.spec",
                "ModelProvider.spec",
                "Policy.spec",
                "PolicyBinding.spec",
                "DeployDraft.spec",
                "Agent.spec",
            )
        )
        and not path.endswith(("[]", ".*"))
    ]

    assert [path for path, node in written if "description" not in node] == []


def test_a_status_has_no_defaults():
    """But that nobody has seen the plan yet."""
    status = [(path, node["default"]) for path, node in EVERY if ".status" in path and "default" in node]

    assert status == [("Plan.status", {"observedGeneration": -1})]


def test_a_spec_has_its_defaults():
    """The server fills them in, so kubectl shows what will happen."""
    spec = root("Plan")["properties"]["spec"]["properties"]

    assert spec["serviceAccountName"]["default"] == "countersign-executor"
    assert spec["suspend"]["default"] is False


def test_nothing_is_filled_into_actions():
    """The list is atomic: with defaults inside, kubectl apply and GitOps tools would see a difference for ever."""
    assert [path for path, node in EVERY if path.startswith("Plan.spec.actions") and "default" in node] == []


@pytest.mark.parametrize(
    ("kind", "plural", "short"),
    [
        ("Plan", "plans", "cplan"),
        ("PlanPreview", "planpreviews", "cpreview"),
        ("Tool", "tools", "ctool"),
        ("ApprovalPolicy", "approvalpolicies", "capproval"),
        ("ModelProvider", "modelproviders", "cprovider"),
        ("Policy", "policies", "cpolicy"),
        ("PolicyBinding", "policybindings", "cbinding"),
        ("DeployDraft", "deploydrafts", "cdraft"),
        ("Agent", "agents", "cagent"),
    ],
)
def test_every_kind_can_be_named_shortly(kind, plural, short):
    """And all of them with one word."""
    names = CRDS[kind]["spec"]["names"]

    assert (names["plural"], names["shortNames"], names["categories"]) == (plural, [short], ["countersign"])
    assert CRDS[kind]["metadata"] == {
        "name": f"{plural}.countersign.dev",
        "labels": {"app.kubernetes.io/part-of": "countersign"},
    }


def test_only_kinds_with_a_status_have_the_subresource():
    """Neither a preview nor a policy has a status, and of a draft the spec is the state."""
    subresources = {kind: version(kind).get("subresources") for kind in CRDS}

    assert {kind for kind, found in subresources.items() if found is None} == {
        "PlanPreview",
        "ApprovalPolicy",
        "DeployDraft",
    }
    assert all(found in (None, {"status": {}}) for found in subresources.values())


def test_columns_point_at_fields():
    """No column of kubectl get stays empty for ever."""
    for kind in CRDS:
        known = {path.removeprefix(kind) for path, _ in EVERY if path.startswith(f"{kind}.")}
        paths = {column["jsonPath"] for column in version(kind)["additionalPrinterColumns"]}
        assert paths - {".metadata.creationTimestamp"} <= known


def test_wide_columns_are_shown_on_request():
    """Digest and message are too long for every day."""
    columns = version("Plan")["additionalPrinterColumns"]

    assert [column["name"] for column in columns if column.get("priority")] == ["Digest", "Message"]


def test_plans_can_be_selected_by_verdict():
    """The paths that field selectors may use."""
    assert [field["jsonPath"] for field in version("Plan")["selectableFields"]] == [
        ".status.phase",
        ".status.reason",
        ".status.maxRisk",
    ]


def test_every_visible_field_is_frozen_while_executing():
    """A field that is added to the spec stands still without anybody thinking of it."""
    rule = frozen_while_executing(schema(PlanSpec))["rule"]
    aliases = {str(field.alias): name for name, field in PlanSpec.model_fields.items()}

    frozen = {alias for alias in aliases if f"self.spec.{alias} == oldSelf.spec.{alias}" in rule}

    assert set(aliases) - frozen == {"context", *FREELY_CHANGEABLE}


def test_a_field_that_may_be_missing_is_asked_for_first():
    """Else the rule would fail on every plan without it."""
    rule = frozen_while_executing(schema(PlanSpec))["rule"]

    assert "(!has(self.spec.planId) || self.spec.planId == oldSelf.spec.planId)" in rule
    assert "has(self.spec.suspend)" not in rule
    assert "has(self.spec.actions)" not in rule


def test_every_resource_has_a_definition():
    """RESOURCES is the index."""
    assert [crd["spec"]["names"]["kind"] for crd in crds()] == [resource.kind.kind for resource in RESOURCES]
