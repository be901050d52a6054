"""What is submitted is the plan of the author, and nothing of what only a server writes."""

import pytest
from tests.support.plans import a_manifest, a_plan

from countersign.cli.failure import Misused
from countersign.cli.submission import placed, submissions


def one(document):
    return submissions([document], origin="plan.yaml")[0]


def test_own_output_can_be_submitted():
    """What `show -o yaml` printed is a plan again: status, uid and what admission stamped are left behind."""
    shown = a_plan()
    shown["metadata"]["annotations"] = {
        "countersign.dev/authors": '"pat"',
        "countersign.dev/decision": "{}",
        "team": "payments",
    }
    manifest = one(shown).manifest
    assert manifest["metadata"] == {"name": "payments", "namespace": "default", "annotations": {"team": "payments"}}
    assert "status" not in manifest


def test_for_a_verdict():
    """A verdict is asked for by a plan of another name that never runs, also if the plan is suspended or cancelled."""
    body = one(a_manifest(suspend=True, cancel=True, rationale="because")).for_a_verdict("1234abcd")
    assert body["metadata"]["name"] == "payments-validate-1234abcd"
    assert body["spec"].keys() == {"planId", "validateOnly", "rationale", "actions"}
    assert (body["spec"]["planId"], body["spec"]["validateOnly"]) == ("payments", True)


def test_long_names_fit():
    """The name for a verdict stays within what Kubernetes takes."""
    assert len(one(a_manifest("x" * 253)).for_a_verdict("1234abcd")["metadata"]["name"]) <= 253


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([1], "plan.yaml is no plan: write a mapping"),
        ({"apiVersion": "v1", "kind": "Secret"}, r"plan.yaml is no plan \(v1, Secret\)"),
        ({"kind": "Plan"}, r"plan.yaml is no plan \(no apiVersion, Plan\)"),
        ({**a_manifest(), "metadata": {"generateName": "a-"}}, "plan.yaml has no metadata.name"),
    ],
)
def test_no_plan(document, message):
    """What is no plan is not guessed at."""
    with pytest.raises(Misused, match=message):
        one(document)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({**a_manifest(), "actions": []}, "actions"),
        ({**a_manifest(), "spec": "text"}, "spec"),
        ({**a_manifest("Payments_1")}, "metadata.name"),
    ],
)
def test_findings(document, path):
    """What the API server would drop or refuse at length is a finding."""
    assert [finding.path for finding in one(document).findings] == [path]


def test_same_name_twice():
    """Two plans of one name in a file would overwrite each other."""
    with pytest.raises(Misused, match="several plans of the name payments"):
        submissions([a_manifest(), a_manifest()], origin="plan.yaml")


@pytest.mark.parametrize(
    ("own", "asked", "found"),
    [(None, None, "home"), (None, "team", "team"), ("own", None, "own"), ("own", "own", "own")],
)
def test_namespace(own, asked, found):
    """The options say the namespace, else the manifest, else the context."""
    document = a_manifest()
    if own:
        document["metadata"]["namespace"] = own
    assert placed(one(document), asked=asked, default="home").namespace == found


def test_contradicting_namespaces():
    """Options and manifest may not contradict each other."""
    document = a_manifest()
    document["metadata"]["namespace"] = "own"
    with pytest.raises(Misused, match="says namespace own, -n says team"):
        placed(one(document), asked="team", default="home")
