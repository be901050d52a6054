"""What a change of the rules does to a plan that waits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.policed import policed
from tests.support.policies import HUMAN, a_policy_spec
from tests.support.settings import MODEST
from tests.support.snapshots import a_spec, an_action

from countersign.model.risk import Level

ONLY_LOW = {"low": "humanInTheLoop"}


COSMETIC = st.permutations(["a", "b", "c"]).flatmap(
    lambda names: st.fixed_dictionaries(
        {
            "description": st.text(max_size=5),
            "labels": st.dictionaries(st.sampled_from(["Draft", "Approved"]), st.just("x"), max_size=2),
            "approvers": st.just({"groups": list(names)}),
            "deputies": st.just([{"author": "pat", "deputies": list(names)}]),
        }
    )
)


@MODEST
@given(st.lists(COSMETIC, min_size=2, max_size=2))
def test_cosmetic_changes(versions):
    """Descriptions, labels and the order of lists are no part of what is approved."""
    life = policed(versions[0], spec=a_spec(suspend=True)).decide(by="zoe", groups=["a"]).turn()
    digest, reason = life.status.digest, life.status.reason
    life.world.policies["policy-0"] = a_policy_spec(**versions[1])
    life.turn()
    assert (life.status.digest, life.status.reason, reason) == (digest, "Suspended", "Suspended")


@pytest.mark.parametrize(
    "change",
    [
        {"quorum": {"medium": 2}},
        {"approvers": {"groups": ["leads"]}},
        {"deputies": [{"author": "pat", "deputies": ["ann"]}]},
        {"expiresAfter": "1h"},
        {"requireApproverAccess": True},
        {"byRisk": ONLY_LOW, "breakGlass": {"groups": ["oncall"]}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_changes_of_the_rules(change):
    """Whatever is asked of approvers is part of what is approved: a change voids what was given before."""
    life = policed({}, spec=a_spec(suspend=True)).decide().turn()
    assert life.status.reason == "Suspended"
    life.world.policies["policy-0"] = a_policy_spec(**change)
    life.turn()
    assert (life.status.publication, life.status.approval.approved) == (2, 0)


def test_expiry_of_a_policy():
    """Approvals end after the shortest time that any policy gives them."""
    life = policed({"expiresAfter": "2h"}, {"expiresAfter": "48h"}, {})
    assert life.status.approval.expires_at == "2030-01-01T14:00:00Z"
    assert policed({"expiresAfter": "48h"}).status.approval.expires_at == "2030-01-03T12:00:00Z"


def test_higher_never_asks_for_less():
    """What a lower level needs a higher one needs too, also where the policy says less of it."""
    life = policed({"quorum": {"low": 3}, "byRisk": {**HUMAN, "high": "auto"}}, spec=a_spec(an_action(risk="high")))
    assert (life.status.approval.required, life.status.approval.gate) == (3, "humanInTheLoop")
    assert Level(life.status.max_risk) is Level.HIGH
