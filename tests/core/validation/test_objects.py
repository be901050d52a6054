"""Stages 6 to 10: sizes, objects that others own or protect, what the API server says, and the borders of the namespace."""

from dataclasses import replace

import pytest
from tests.support.lives import Life
from tests.support.pretend import World
from tests.support.reviews import a_review, said
from tests.support.snapshots import a_plan, a_spec, an_action, some_actions

from countersign.api.names import PROTECTED
from countersign.api.plan_status import LedgerEntry, PlanStatus
from countersign.core.validation.budget import budget
from countersign.core.validation.coherence import coherence
from countersign.core.validation.federation import federation
from countersign.core.validation.protection import protection
from countersign.core.validation.schema import schema
from countersign.model.facts import Cause, Refusal, Refused, Unavailable

NOT_UNDERSTOOD = an_action(params={})


def _tagged(letters, *, key="old"):
    """Tools with as many tags as there may be; changing them all makes thousands of small changes."""
    tags = [f"{letter}{number}" for letter in letters for number in range(16)]
    listed = [{"name": f"c{number}", "method": "GET", "path": "/", "riskTags": tags} for number in range(128)]
    return [an_action(f"tool-{number}", key=f"{key}.{number}", spec={"capabilities": listed}) for number in range(4)]


class TestBudget:
    """What can be shown and what can be kept."""

    def test_within(self):
        """A plan of two hundred ordinary actions fits."""
        assert budget(a_review(*some_actions(200))) == []

    def test_preview(self):
        """A preview that is too long to be shown is refused with its size, however short the plan is."""
        world = Life(a_spec(*_tagged("ab"))).approved().world
        (finding,) = budget(a_review(*_tagged("xy", key="new"), world=world))
        assert finding.code.code == "Budget.PreviewTooLarge"
        assert "at most 1048576 can be shown: split the plan" in finding.message

    def test_record(self):
        """A run whose record would not fit into the status is refused before it starts."""
        names = [
            an_action(f"tool-{number}", id=f"{number:04}" + "x" * 124, key=f"{number:04}" + "y" * 124)
            for number in range(200)
        ]
        (finding,) = budget(a_review(*names))
        assert (finding.code.code, finding.path) == ("Budget.RecordTooLarge", "spec.actions")
        assert "shorten ids and idempotencyKeys, or split the plan" in finding.message
        assert budget(a_review(*names[:150])) == []

    def test_ledger(self):
        """A plan that has carried out as many intents as it can remember takes no new ones."""
        ledger = [LedgerEntry(key=str(number), params_digest="d", publication=1) for number in range(399)]
        known = a_plan(an_action(key="7"), status=PlanStatus(ledger=ledger))
        assert "Budget.RecordTooLarge" not in said(budget(a_review(plan=known)))
        (finding,) = budget(a_review(plan=a_plan(*some_actions(2), status=PlanStatus(ledger=ledger))))
        assert finding.code.code == "Budget.RecordTooLarge"
        assert "remember 401 intents over its publications, at most 400 fit" in finding.message

    def test_not_everything_is_known(self):
        """While an effect cannot be shown nobody knows how long the preview will be."""
        refused = World(refusals={"payments": Unavailable("timeout")})
        for review in (a_review(actions=1), a_review(NOT_UNDERSTOOD), a_review(world=refused)):
            assert budget(review) is None


class TestCoherence:
    """One writer for each object."""

    def test_same_object(self):
        """Two actions that write one object may not run at the same time."""
        first, second, third = an_action("a"), an_action("a", id="b", key="other"), an_action("c")
        (finding,) = coherence(a_review(first, second, {**third, "dependsOn": ["a"]}))
        assert (finding.code.code, finding.path) == ("Coherence.SameObject", "spec.actions[1]")
        assert finding.message == "Tool a is written by action a at the same time: add a to dependsOn"
        assert coherence(a_review(first, {**second, "dependsOn": ["a"]}, third)) == []
        assert coherence(a_review(first, second, third)) == []

    @pytest.mark.parametrize(
        ("causes", "said_to_be"),
        [
            ((Cause("spec.description", "", "gitops"),), "spec.description (by gitops)"),
            ((), "conflict"),
            (tuple(Cause(f"spec.f{number}", "", "x") for number in range(9)), "spec.f4 (by x); leave"),
        ],
        ids=["with its name", "without details", "the first five"],
    )
    def test_owned_by_other(self, causes, said_to_be):
        """Field and owner are named."""
        world = World(refusals={"payments": Refused(Refusal.CONFLICT, "conflict", causes)})
        (finding,) = coherence(a_review(world=world))
        assert (finding.code.code, finding.path) == ("Coherence.OwnedByOther", "spec.actions[0].params")
        assert said_to_be in finding.message

    def test_nothing_understood(self):
        """Of what is not understood nobody knows what it writes."""
        assert coherence(a_review(NOT_UNDERSTOOD)) is None


class TestProtection:
    """Objects that are to be left alone."""

    def test_protected(self):
        """An object that carries the label is not changed."""
        world = World()
        world.meddle("payments", labels={PROTECTED: "true"})
        (finding,) = protection(a_review(an_action(spec={"description": "new"}), world=world))
        assert (finding.code.code, finding.path) == ("Protection.ObjectProtected", "spec.actions[0]")

    def test_protected_and_unchanged(self):
        """What a plan does not change it may name."""
        world = Life().approved().world
        world.meddle("payments", labels={PROTECTED: "true"})
        assert protection(a_review(world=world)) == []

    def test_not_protected(self):
        """Other labels protect nothing, and what does not exist is not protected."""
        world = World()
        world.meddle("payments", labels={"team": "blue"})
        assert protection(a_review(an_action(), an_action("new"), world=world)) == []

    def test_nothing_seen(self):
        """Without a dry run nobody knows what stands there."""
        assert protection(a_review(world=World(refusals={"payments": Unavailable("x")}))) is None


class TestSchema:
    """What the API server says."""

    @pytest.mark.parametrize(
        ("refusal", "code"),
        [
            (Refusal.INVALID, "Schema.Refused"),
            (Refusal.POLICY, "Schema.AdmissionRefused"),
            (Refusal.SIDE_EFFECTS, "Schema.WebhookSideEffects"),
            (Refusal.NOT_SERVED, "Schema.KindNotServed"),
        ],
    )
    def test_refused(self, refusal, code):
        """Each kind of refusal has its code, and the server's own words."""
        (finding,) = schema(a_review(world=World(refusals={"payments": Refused(refusal, "wrong  at\nthe end.")})))
        assert (finding.code.code, finding.path) == (code, "spec.actions[0].params")
        assert finding.message == "Tool payments is refused: wrong at the end"

    def test_causes(self):
        """Each complaint of the server points to the field of the params that it is about."""
        causes = (
            Cause("spec.connection.port", "too big"),
            Cause("spec.mode", "spec.mode: unsupported"),
            Cause("metadata.name", "bad"),
        )
        findings = schema(a_review(world=World(refusals={"payments": Refused(Refusal.INVALID, "x", causes)})))
        assert [(finding.path, finding.message) for finding in findings] == [
            ("spec.actions[0].params.spec.connection.port", "Tool payments is refused: spec.connection.port: too big"),
            ("spec.actions[0].params.spec.mode", "Tool payments is refused: spec.mode: unsupported"),
            ("spec.actions[0].params", "Tool payments is refused: metadata.name: bad"),
        ]

    def test_params_of_another_shape(self):
        """Where the author wrote no `spec`, a path below it would lead to nothing: the params themselves are named."""
        refused = World(refusals={"echo-tool": Refused(Refusal.INVALID, "x", (Cause("spec.mode", "unsupported"),))})
        kit = {"id": "kit", "type": "starter_kit.seed", "idempotencyKey": "kit"}
        (finding,) = schema(a_review(kit, world=refused))
        assert (finding.path, finding.message) == (
            "spec.actions[0].params",
            "Tool echo-tool is refused: spec.mode: unsupported",
        )

    def test_unavailable(self):
        """A dry run that could not be made is tried again."""
        (finding,) = schema(a_review(world=World(refusals={"payments": Unavailable("timeout")})))
        assert (finding.code.code, finding.retryable) == ("Schema.Unavailable", True)

    def test_other_stages(self):
        """Missing rights and other owners are reported by their own stages."""
        refusals = {"a": Refused(Refusal.FORBIDDEN, "no"), "b": Refused(Refusal.CONFLICT, "no")}
        assert schema(a_review(*map(an_action, "abc"), world=World(refusals=refusals))) == []

    def test_nothing_tried(self):
        """Nothing was tried, so nothing is known."""
        assert schema(a_review(NOT_UNDERSTOOD)) is None


def test_federation():
    """Nothing is written outside the namespace of the plan."""
    assert federation(a_review()) == []
    assert federation(a_review(NOT_UNDERSTOOD)) is None
    moved = a_review()
    moved = replace(moved, snapshot=replace(moved.snapshot, plan=replace(moved.snapshot.plan, namespace="team-b")))
    assert said(federation(moved)) == [("Federation.OutsideNamespace", "spec.actions[0]")]
