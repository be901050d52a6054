"""Stages 2 to 4: what the plan names exists, it may write what it writes, and the executor is there and has the rights."""

from dataclasses import replace

import pytest
from tests.support.pretend import World
from tests.support.reviews import a_review, said
from tests.support.snapshots import RULES, a_plan, a_snapshot, an_action
from tests.support.tools import API_KEY, a_connection

from countersign.core.draft import parse
from countersign.core.review import review
from countersign.core.validation.access import access
from countersign.core.validation.capabilities import capabilities
from countersign.core.validation.references import references
from countersign.model.effect import SECRET, TOOL
from countersign.model.facts import Absent, Hidden, Present, Refusal, Refused, Unavailable
from countersign.model.finding import Severity

WHERE = "spec.actions[0].params.spec.connection.authentication.apiKeyConfig.secretRef.name"


def _credentialed():
    return an_action(spec={"connection": a_connection(authentication=API_KEY)})


@pytest.mark.parametrize(
    ("answer", "code", "severity"),
    [
        (Absent(), "References.NotFound", Severity.ERROR),
        (Hidden(), "References.NotVerified", Severity.WARNING),
        (Unavailable("timeout"), "References.Unavailable", Severity.ERROR),
    ],
    ids=["missing", "hidden", "unavailable"],
)
def test_references(answer, code, severity):
    """A Secret that is named has to exist, as far as the executor may look."""
    (finding,) = references(a_review(_credentialed(), world=World(references={"payments-key": answer})))
    assert (finding.code.code, finding.path, finding.severity) == (code, WHERE, severity)
    assert "Secret payments-key" in finding.message
    assert finding.retryable is isinstance(answer, Unavailable)


def test_references_that_exist():
    """What exists is no finding, and of a plan that names nothing nothing is asked."""
    assert references(a_review(_credentialed(), world=World(references={"payments-key": Present("1")}))) == []
    assert references(a_review()) == []


def test_references_cannot_be_told():
    """Without an executor nobody can look, and of a plan that is not understood nobody knows what it names."""
    assert references(a_review(_credentialed(), world=World(account=Absent()))) is None
    assert references(a_review(an_action(params={}))) is None
    assert references(a_review(world=World(account=Absent()))) == []


def test_operator_that_may_not_act():
    """Not the executor lacks a right but the operator: that is said once, and by whom it is mended."""
    barred = Refused(Refusal.BARRED, 'User "operator" cannot impersonate')
    world = World(refusals={"a": barred, "b": barred})
    (finding,) = access(a_review(an_action("a"), an_action("b"), world=world))
    assert (finding.code.code, finding.path) == ("Access.MayNotAct", "spec.serviceAccountName")
    assert "have the platform team bind the cluster role countersign-acting to the operator" in finding.message
    draft = {"id": "d", "type": "deploy_draft.create_or_patch", "idempotencyKey": "d", "params": {"id": "draft-1"}}
    (finding,) = access(a_review(draft, world=World(sights={"draft-1": Hidden(barred=True)})))
    assert finding.code.code == "Access.MayNotAct"


@pytest.mark.parametrize("account", [Absent(), Hidden()], ids=["missing", "hidden"])
def test_executor_that_is_not_there(account):
    """The remedy is one command."""
    (finding,) = access(a_review(world=World(account=account)))
    assert (finding.code.code, finding.path) == ("Access.AccountMissing", "spec.serviceAccountName")
    assert finding.message.endswith("run kubectl countersign init -n team-a")


def test_executor_that_could_not_be_asked_for():
    """It is tried again."""
    (finding,) = access(a_review(world=World(account=Unavailable("timeout"))))
    assert (finding.code.code, finding.retryable) == ("Access.Unavailable", True)


def test_executor_that_plans_may_not_use():
    """A plan runs as one of the configured accounts or not at all."""
    (finding,) = access(a_review(serviceAccountName="default"))
    assert finding.code.code == "Access.AccountNotAllowed"
    assert finding.message == "plans may not run as service account default: use one of countersign-executor"


def test_several_executors():
    """An installation may have several."""
    snapshot = a_snapshot(a_plan(serviceAccountName="other"), rules=replace(RULES, executors=("one", "other")))
    assert review(snapshot, parse(snapshot.plan)).account is None


def test_missing_right():
    """The remedy is the command that grants it; other refusals are other stages' business."""
    refused = {"a": Refused(Refusal.FORBIDDEN, "no"), "b": Refused(Refusal.INVALID, "no")}
    (finding,) = access(a_review(an_action("a"), an_action("b"), an_action("c"), world=World(refusals=refused)))
    assert (finding.code.code, finding.action) == ("Access.Forbidden", "a")
    assert "may not apply tools in namespace team-a" in finding.message
    assert finding.message.endswith(
        "kubectl create rolebinding countersign-executor -n team-a --clusterrole=countersign-executor "
        "--serviceaccount=team-a:countersign-executor"
    )


def test_nothing_to_run():
    """Of what is no plan nobody knows as whom it would run."""
    assert access(a_review(actions=1)) is None


def _writing(kind):
    """A plan whose action writes something of this kind."""
    found = a_review()
    action = found.actions[0].action
    effect = replace(action.effects[0], target=replace(action.effects[0].target, kind=kind))
    return replace(found, actions=(replace(found.actions[0], action=replace(action, effects=(effect,))),))


def test_kinds():
    """An action writes only namespaced kinds that its type is registered for."""
    assert capabilities(_writing(TOOL)) == []
    assert said(capabilities(_writing(SECRET))) == [("Capabilities.KindNotAllowed", "spec.actions[0].type")]
    assert said(capabilities(_writing(replace(TOOL, namespaced=False)))) == [
        ("Capabilities.KindNotAllowed", "spec.actions[0].type")
    ]


def test_kinds_of_what_is_not_understood():
    """What is not understood writes nothing yet; what is understood is judged."""
    assert capabilities(a_review(an_action(params={}))) is None
    assert capabilities(a_review(an_action("a", type="x"), an_action("b"))) == []
