"""`history` tells past runs with the people behind them, and what was carried out for good."""

import json

from tests.support.fake_plans import FakePlans
from tests.support.golden import matches
from tests.support.plans import DIGEST, a_decision, a_plan, executed, waiting
from tests.support.typed import typed

FIRST = "sha256:" + "f" * 64
PAST = {
    "publication": 1,
    "digest": FIRST,
    "startedAt": "2026-01-01T12:01:00Z",
    "finishedAt": "2026-01-01T12:02:30Z",
    "result": "ActionFailed",
    "summary": "1 created, 1 failed",
}
RUN = {"generation": 1, "publication": 2, "digest": DIGEST, "startedAt": "2026-01-01T12:05:00Z"}
RAN = executed(
    history=[PAST],
    execution={**RUN, "finishedAt": "2026-01-01T12:05:01Z"},
    ledger=[{"key": "payments.v1", "paramsDigest": DIGEST, "publication": 1}],
)
RAN["approval"]["decisions"] = [a_decision(n="5", by="bob", digest=FIRST), a_decision()]


def test_looks():
    """Each run with its result, its time, and who approved it; the keys below."""
    assert matches("history", typed("history", "payments", fake=FakePlans().holds(a_plan(status=RAN))).stdout)


def test_running():
    """A run on its way is the last line."""
    status = waiting(phase="Executing", reason="Running", message="The actions are being carried out", execution=RUN)
    shown = typed("history", "payments", fake=FakePlans().holds(a_plan(status=status))).stdout
    assert "still running" in shown
    assert shown.splitlines()[-1].endswith("The actions are being carried out")


def test_never_ran():
    """A plan without runs says so, and a program gets empty lists."""
    fake = FakePlans().holds(a_plan())
    result = typed("history", "payments", fake=fake)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "The plan payments has never run: it is Draft (AwaitingApproval)\n"
    answer = json.loads(typed("history", "payments", "-o", "json", fake=fake).stdout)
    assert (answer["runs"], answer["ledger"]) == ([], [])


def test_json():
    """Programs get runs and ledger whole."""
    fake = FakePlans().holds(a_plan(status=RAN))
    answer = json.loads(typed("history", "payments", "-o", "json", fake=fake).stdout)
    assert answer["runs"][0] == {**PAST, "approvedBy": ["bob"]}
    assert answer["runs"][1]["approvedBy"] == ["ann"]
    assert answer["ledger"][0]["key"] == "payments.v1"
