"""Whether the guard stands, and which plans were touched while it did not."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.support.snapshots import NOW, a_plan, a_stamp

from countersign.api.approval_status import Approval
from countersign.api.plan_status import PlanStatus
from countersign.core.guarding import fingerprint, lapses, standing_since, trustworthy

DIGEST = "sha256:" + "a" * 64


def _policy(name="stamp", *, spec=None, uid="1", generation=1, created="2030-01-01T00:00:00Z", **metadata):
    metadata = {"name": name, "uid": uid, "generation": generation, "creationTimestamp": created, **metadata}
    return {"kind": "ValidatingAdmissionPolicy", "metadata": metadata, "spec": spec or {"failurePolicy": "Fail"}}


def _crd(spec):
    return {"kind": "CustomResourceDefinition", "metadata": {"name": "plans", "uid": "2"}, "spec": spec}


class TestLapses:
    """What differs from what was installed."""

    def test_none(self):
        """As it was generated, and whatever else there is."""
        assert lapses([_policy()], [_policy(), _policy("other", spec={"x": 1})]) == ()

    def test_missing(self):
        """What is not there, or on its way out, is missing."""
        message = "ValidatingAdmissionPolicy stamp is missing"
        assert lapses([_policy()], []) == (message,)
        assert lapses([_policy()], [_policy(deletionTimestamp="2030-01-01T00:00:00Z")]) == (message,)

    @pytest.mark.parametrize(
        "spec", [{}, {"failurePolicy": "Ignore"}, {"failurePolicy": "Fail", "more": 1}], ids=["less", "other", "more"]
    )
    def test_policies_are_equal(self, spec):
        """A policy that says less, something else or more is not the one that was installed."""
        live = {**_policy(), "spec": spec}
        assert lapses([_policy()], [live]) == ("ValidatingAdmissionPolicy stamp is not as it was installed",)

    @pytest.mark.parametrize(
        ("live", "good"),
        [
            ({"a": [{"b": 1}], "c": 2}, True),
            ({"a": [{"b": 1, "default": True}], "c": 2, "conversion": {}}, True),
            ({"a": [{"b": 2}], "c": 2}, False),
            ({"a": [{"b": 1}, {"b": 1}], "c": 2}, False),
            ({"a": {"b": 1}, "c": 2}, False),
            ({"a": [{"b": 1}]}, False),
        ],
        ids=["equal", "with defaults", "other", "more versions", "another shape", "less"],
    )
    def test_definitions_may_have_more(self, live, good):
        """The API server fills defaults into definitions; what was generated has to be in them."""
        assert (lapses([_crd({"a": [{"b": 1}], "c": 2})], [_crd(live)]) == ()) is good


class TestFingerprint:
    """Any change is another epoch."""

    def test_stable(self):
        """The order in which things are listed and what is not ours do not matter."""
        one, two, other = _policy("a"), _policy("b"), _policy("c", uid="9")
        assert fingerprint([one, two], [one, two]) == fingerprint([one, two], [other, two, one])

    @pytest.mark.parametrize("change", [{"uid": "9"}, {"generation": 2}], ids=["made again", "changed"])
    def test_changes(self, change):
        """Also a change that was taken back leaves a trace."""
        assert fingerprint([_policy()], [_policy()]) != fingerprint([_policy()], [_policy(**change)])


class TestStandingSince:
    """From when on the guard certainly bites."""

    def test_newest(self):
        """A moment after the last of them was made."""
        live = [
            _policy("a"),
            _policy("b", created="2030-01-01T01:00:00Z"),
            _policy("c", created="2031-01-01T00:00:00Z"),
        ]
        assert standing_since(live[:2], live) == datetime(2030, 1, 1, 1, 0, 5, tzinfo=UTC)

    def test_unknown(self):
        """Nobody knows when one of them was changed, or there are none."""
        assert standing_since([_policy()], [_policy(generation=2)]) is None
        assert standing_since([_policy()], []) is None


class TestTrustworthy:
    """Plans after a lapse."""

    def _plan(self, *, generation=1, recorded=1, authors=("pat",), known=("pat",), **rest):
        approval = Approval(authors=list(known), generation=recorded)
        status = PlanStatus(digest=DIGEST, observed_generation=generation, approval=approval)
        return a_plan(generation=generation, authors=authors, status=status, **rest)

    def test_recorded_before(self):
        """A plan whose authors were all recorded before the lapse is trusted."""
        assert trustworthy(self._plan(), since=None)

    def test_edited(self):
        """An edit that was not recorded before is not, whatever generation has been observed meanwhile."""
        assert not trustworthy(self._plan(generation=2), since=None)

    def test_another_author(self):
        """Nor is an author that was not recorded."""
        assert not trustworthy(self._plan(authors=("pat", "eve")), since=None)

    def test_decided(self):
        """Nor is a decision that was not recorded."""
        assert not trustworthy(self._plan(annotations=a_stamp(quotes=DIGEST)), since=NOW - timedelta(hours=1))

    @pytest.mark.parametrize(
        ("age", "generation", "trusted"),
        [(timedelta(seconds=-1), 1, True), (timedelta(), 1, False), (timedelta(seconds=-1), 2, False)],
        ids=["made afterwards", "made before", "made afterwards and edited"],
    )
    def test_new_plans(self, age, generation, trusted):
        """A plan that was made after the guard stood and never changed lived its whole life under it."""
        plan = self._plan(recorded=0, known=(), generation=generation)
        assert trustworthy(plan, since=NOW + age) is trusted
