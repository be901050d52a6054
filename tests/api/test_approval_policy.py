"""What can be written into an ApprovalPolicy, and what cannot."""

import pytest
import yaml
from tests.support.policies import a_policy_spec

from countersign.api.approval_policy import ApprovalPolicySpec
from countersign.core.policies.policy import Policy, Unreadable, read
from countersign.generate import ROOT

FOR_EVER = {"name": "x", "starts": "2030-12-20T00:00:00Z", "ends": "2031-01-02T00:00:00+01:00"}
AGAIN = {"name": "x", "schedule": "0 18 * * fri", "duration": "60h", "timeZone": "Europe/Berlin"}
WRONG = {
    "no form": {"name": "x"},
    "half a form": {"name": "x", "starts": "2030-12-20T00:00:00Z"},
    "both forms": {**FOR_EVER, **AGAIN},
    "no zone in a moment": {**FOR_EVER, "starts": "2030-12-20T00:00:00"},
    "no moment": {**FOR_EVER, "ends": "soon"},
    "ends first": {**FOR_EVER, "ends": "2030-12-20T00:00:00Z"},
    "no such zone": {**AGAIN, "timeZone": "Mars/Olympus"},
    "no schedule": {**AGAIN, "schedule": "every friday"},
    "no time at all": {**AGAIN, "duration": "0s"},
    "longer than a month": {**AGAIN, "duration": "32d"},
}


@pytest.mark.parametrize("freeze", [FOR_EVER, AGAIN], ids=["absolute", "recurring"])
def test_freezes(freeze):
    """A freeze is absolute or recurring."""
    spec = ApprovalPolicySpec.model_validate(a_policy_spec(freezes=[freeze]))
    assert spec.freezes[0].wire() == {"timeZone": "UTC", **freeze}


@pytest.mark.parametrize("freeze", WRONG.values(), ids=WRONG.keys())
def test_no_freeze(freeze):
    """What nobody can tell the time of makes the policy unreadable, and the reason names the place."""
    found = read({"metadata": {"name": "team"}, "spec": a_policy_spec(freezes=[freeze])})
    assert isinstance(found, Unreadable)
    assert found.why.startswith("spec.freezes[0] ")


def test_no_spec():
    """A policy without any content is unreadable, too."""
    assert read({"metadata": {"name": "team"}}) == Unreadable("team", "of spec the value must be a mapping")


def test_sample():
    """The sample is a policy that is understood."""
    content = yaml.safe_load((ROOT / "manifests/samples/policies/production.yaml").read_text())
    assert isinstance(read(content), Policy)


def test_only_the_gates_are_needed():
    """A policy may say no more than which levels it lets through; whatever it leaves out it does not ask for."""
    spec = ApprovalPolicySpec.read(b'{"byRisk": {"low": "auto"}}')
    assert spec.written() == {"byRisk": {"low": "auto"}}
