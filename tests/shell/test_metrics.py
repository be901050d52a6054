"""What is counted, under names that dashboards know."""

import ast
import asyncio

from prometheus_client import generate_latest

from countersign.api.approval_status import Approval, Decision
from countersign.api.names import PLAN
from countersign.api.plan_status import ActionStatus, Execution, PlanStatus
from countersign.core.journal import INCOMPLETE
from countersign.core.steps import FAILURES
from countersign.generate import ROOT
from countersign.model.condition import Condition
from countersign.model.facts import Refusal
from countersign.shell.cache import Cache
from countersign.shell.families import FAMILIES
from countersign.shell.key import Key
from countersign.shell.metrics import Metrics
from countersign.shell.queue import BackOff, WorkQueue

DIGEST = "sha256:" + "a" * 64
NOW = "2026-01-01T00:00:00Z"


def metrics() -> Metrics:
    return Metrics(host="https://127.0.0.1:6443")


def value(found: Metrics, name: str, /, **labels: str) -> float | None:
    return found.registry.get_sample_value(name, labels)


def action(status: str) -> ActionStatus:
    return ActionStatus.model_validate({"id": "a", "type": "tool.upsert", "status": status})


def running(status: str) -> PlanStatus:
    execution = Execution(generation=1, publication=1, digest=DIGEST, started_at=NOW)
    return PlanStatus(execution=execution, actions=[action(status)])


def test_turns_and_requests():
    """By how they ended."""
    found = metrics()
    found.turn("success", 0.01)
    found.request("apply", 409, 0.02)
    found.restart("ended")
    found.turn("error", 0.01)
    found.queued(0.5)
    found.event_dropped()
    assert value(found, "controller_runtime_reconcile_total", controller="plan", result="success") == 1
    assert value(found, "controller_runtime_reconcile_errors_total", controller="plan") == 1
    assert value(found, "workqueue_queue_duration_seconds_count", name="plan", controller="plan") == 1
    assert value(found, "countersign_events_dropped_total") == 1
    host = "https://127.0.0.1:6443"
    assert value(found, "rest_client_requests_total", code="409", method="apply", host=host) == 1
    assert value(found, "countersign_watch_restarts_total") == 1


def test_an_action_is_counted_when_it_ends():
    """Once, however often the status is written afterwards; and not before it ran."""
    found = metrics()
    found.status(PlanStatus(), PlanStatus(actions=[action("invalid")]))
    for before, after in (("pending", "running"), ("running", "applied"), ("applied", "applied")):
        found.status(running(before), running(after))
    assert value(found, "countersign_actions_total", type="tool.upsert", status="applied") == 1
    assert value(found, "countersign_actions_total", type="tool.upsert", status="invalid") == 0


def test_broken_glass_is_counted_at_the_start():
    """Once for each start, and not while people still gather for it."""
    found = metrics()
    broken = Approval(broken_by=["olga"])
    started = running("pending").but(approval=broken)
    for before, after in ((PlanStatus(), PlanStatus(approval=broken)), (PlanStatus(), started), (started, started)):
        found.status(before, after)
    assert value(found, "countersign_break_glass_total") == 1


def test_how_long_things_took():
    """Actions from their first attempt to their end, people until enough of them had approved."""
    found = metrics()
    finished = action("applied").but(started_at=NOW, finished_at="2026-01-01T00:00:07Z")
    found.status(running("running"), running("applied").but(actions=[finished]))
    waiting = PlanStatus(reason="AwaitingApproval", conditions=[approved("False", NOW)])
    found.status(waiting, PlanStatus(reason="Running", conditions=[approved("True", "2026-01-01T01:00:00Z")]))
    assert value(found, "countersign_action_duration_seconds_sum", type="tool.upsert") == 7
    assert value(found, "countersign_approval_wait_seconds_sum") == 3600


def approved(truth: str, since: str) -> Condition:
    return Condition.model_validate(
        {"type": "Approved", "status": truth, "reason": "Running", "lastTransitionTime": since}
    )


async def test_the_table_is_what_is_exposed():
    """Every family with its kind and its labels, and nothing beside them."""
    found = metrics()
    queue = WorkQueue(clock=asyncio.get_running_loop().time, back_off=BackOff(rng=lambda: 1.0))
    found.watch(Cache((PLAN,)), queue, lambda: {"countersign-operator": True})
    exposed = {family.name + "_total" * (family.type == "counter"): family for family in found.registry.collect()}
    assert {name: family.type for name, family in exposed.items()} == {
        family.name: family.kind.value for family in FAMILIES
    }
    extra = {"le", "quantile"}
    for family in FAMILIES:
        for sample in exposed[family.name].samples:
            assert set(sample.labels) - extra == set(family.labels)
    assert value(found, "leader_election_master_status", name="countersign-operator") == 1


def test_a_decision_is_counted_when_it_is_recorded():
    """With whether it counts."""
    found = metrics()
    decision = Decision(n="1", outcome="approve", by="ann", digest=DIGEST, at=NOW, counts=False)
    after = PlanStatus(approval=Approval(decisions=[decision]))
    found.status(PlanStatus(), after)
    found.status(after, after)
    assert value(found, "countersign_decisions_total", outcome="approve", counts="false") == 1


async def test_what_stands_is_read_when_somebody_asks():
    """Plans by phase and reason, and the work that waits; no name of an object is a label."""
    found, cache = metrics(), Cache((PLAN,))
    queue = WorkQueue(clock=asyncio.get_running_loop().time, back_off=BackOff(rng=lambda: 1.0))
    found.watch(cache, queue)
    for name, status in (("secret-a", {}), ("secret-b", {"phase": "Executed", "reason": "Succeeded"})):
        metadata = {"namespace": "secret-ns", "name": name, "uid": name, "resourceVersion": "1"}
        cache[PLAN].upsert({"metadata": metadata, "status": status})
    queue.add(Key("secret-ns", "secret-a"))
    assert value(found, "countersign_plans", phase="Draft", reason="Validating") == 1
    assert value(found, "countersign_plans", phase="Executed", reason="Succeeded") == 1
    assert value(found, "workqueue_depth", name="plan", controller="plan") == 1
    assert value(found, "workqueue_adds_total", name="plan", controller="plan") == 1
    assert value(found, "workqueue_unfinished_work_seconds", name="plan", controller="plan") == 0
    assert value(found, "countersign_workqueue_oldest_seconds") >= 0
    assert b"secret" not in generate_latest(found.registry)


def test_two_operators_in_one_process():
    """Each has its own numbers."""
    first, second = metrics(), metrics()
    first.guard(ok=True)
    assert (value(first, "countersign_guard_ok"), value(second, "countersign_guard_ok")) == (1, 0)


def test_a_failure_is_counted_by_its_reason():
    """And everything that may be counted starts with 0, so that the first of its kind is seen as a change."""
    found = metrics()
    before = [value(found, "countersign_action_failures_total", reason=reason) for reason in FAILURES]
    failed = action("failed").but(reason="QuotaExceeded")
    found.status(running("running"), running("failed").but(actions=[failed]))
    assert before == [0] * len(FAILURES)
    assert value(found, "countersign_action_failures_total", reason="QuotaExceeded") == 1


def test_every_reason_of_a_failure_is_listed():
    """One that is missing in the list would be seen only from its second time on."""
    given = set()
    for file in (ROOT / "operator").rglob("*.py"):
        calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
        made = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Failure"]
        given |= {reason.value for reason in made if isinstance(reason, ast.Constant)}
    assert set(FAILURES) == given | {refusal.value for refusal in Refusal} | {INCOMPLETE}
