"""What a plan adds to its namespace, and whether the quotas leave that much."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.support.pretend import Tool, World
from tests.support.reviews import a_review
from tests.support.snapshots import an_action

from countersign.core.quotas import Lack, demand, exceeded, open_quotas, quotas_question
from countersign.model.effect import DEPLOYMENT, SERVICE, Target
from countersign.model.facts import Absent, Previewed, Quota, Refusal, Refused

SMALL = {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": "1"}}
LARGE = {"limits": {"cpu": "2", "memory": "1Gi"}}


def _deployment(*containers, before=(), **spec):
    pod = {
        "containers": [{"resources": one} for one in containers],
        "initContainers": [{"resources": one} for one in before],
    }
    return {"spec": {"template": {"spec": pod}, **spec}}


def _leaving(kind, result, *, live=None):
    """A review of one action that leaves this object."""
    found = a_review(an_action())
    (action,), (trial,) = found.actions, found.actions[0].trials
    effect = replace(trial.effect, target=Target(kind, "team-a", "agent-support"))
    seen = Previewed(base=None, live=live, result=result)
    trial = replace(trial, question=replace(trial.question, effect=effect), preview=seen)
    return replace(found, actions=(replace(action, trials=(trial,)),))


def _numbers(review):
    return {name: float(amount) for name, amount in demand(review).items()}


def test_one_more_of_a_kind():
    """A kind of a group is counted under one name, one of the core group under two."""
    assert _numbers(a_review(an_action())) == {"count/tools.countersign.dev": 1}
    assert _numbers(_leaving(SERVICE, {})) == {"count/services": 1, "services": 1}


def test_several_on_one_object():
    """Two actions that change one object make one object."""
    review = a_review(an_action("payments", id="a", key="a"), an_action("payments", id="b", key="b"))
    assert _numbers(review) == {"count/tools.countersign.dev": 1}


def test_what_is_there():
    """An object that is only changed adds nothing, and nothing is asked."""
    review = a_review(an_action("payments"), world=World(tools={"payments": Tool("uid", 1)}))
    assert demand(review) == {}
    assert quotas_question(review) is None


@pytest.mark.parametrize(
    "world",
    [World(account=Absent()), World(refusals={"payments": Refused(Refusal.INVALID, "no")})],
    ids=["no executor", "refused"],
)
def test_nobody_knows_yet(world):
    """As long as something cannot be previewed, nothing is asked."""
    assert open_quotas(a_review(an_action("payments"), world=world)) == ()


def test_pods_of_a_deployment():
    """Replicas times what the containers ask for together; what prepares them may ask for more."""
    added = _numbers(_leaving(DEPLOYMENT, _deployment(SMALL, LARGE, before=[{"limits": {"cpu": "5"}}], replicas=2)))
    assert added == {
        "count/deployments.apps": 1,
        "count/replicasets.apps": 1,
        "count/pods": 2,
        "pods": 2,
        "cpu": 10,
        "requests.cpu": 10,
        "memory": 2 * (64 + 1024) * 2**20,
        "requests.memory": 2 * (64 + 1024) * 2**20,
        "limits.cpu": 10,
        "limits.memory": 2 * 2**30,
    }


def test_other_resources():
    """A device is named by `requests.` alone; a container that asks for nothing counts as a pod."""
    added = _numbers(_leaving(DEPLOYMENT, _deployment({"requests": {"example.com/gpu": "1"}}, {})))
    assert (added["requests.example.com/gpu"], added["pods"]) == (1, 1)
    assert "example.com/gpu" not in added


def test_a_larger_deployment():
    """Only what it gets more of."""
    review = _leaving(DEPLOYMENT, _deployment(SMALL, replicas=3), live=_deployment(SMALL, replicas=1))
    added = _numbers(review)
    assert (added["pods"], added["limits.cpu"]) == (2, 2)
    assert "count/deployments.apps" not in added


WANTED = {"pods": Decimal(2), "requests.cpu": Decimal("0.2")}


def test_exceeded():
    """Each resource is compared with what is left of it; others do not matter."""
    quota = Quota("q", {"requests.cpu": "1", "pods": "4", "secrets": "0"}, {"requests.cpu": "900m", "pods": "2"})
    (lack,) = exceeded(quota, WANTED)
    assert lack == Lack("requests.cpu", wanted=Decimal("0.2"), used=Decimal("0.9"), hard=Decimal(1))


@pytest.mark.parametrize(
    ("scopes", "concerns"),
    [((), True), (("NotTerminating", "NotBestEffort"), True), (("NotTerminating", "PriorityClass In"), False)],
)
def test_scopes(scopes, concerns):
    """A quota for other pods than those of Deployments says nothing."""
    assert bool(list(exceeded(Quota("q", {"pods": "1"}, scopes=frozenset(scopes)), WANTED))) is concerns
