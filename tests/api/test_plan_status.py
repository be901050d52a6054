"""The status as it is written: what is empty takes no room."""

from countersign.api.plan_status import Outcome, PlanStatus, Validation


def test_what_is_empty_is_not_written():
    """At every depth; zero and false say something and stay."""
    status = PlanStatus(
        validation=Validation(valid=False, omitted=0),
        outcome=Outcome(entities_affected=0, details={"created": ["tools.countersign.dev/a"], "failed": []}),
    )

    written = status.wire()

    assert written["validation"] == {"valid": False, "omitted": 0}
    assert written["outcome"] == {"entitiesAffected": 0, "details": {"created": ["tools.countersign.dev/a"]}}
    assert "ledger" not in written
    assert "message" not in written
