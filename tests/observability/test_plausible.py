"""After a busy time of two replicas every documented metric has a value that follows from what happened."""

import re
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from tests.support.busy import Busy, Tally
from tests.support.replicas import replicated
from tests.support.rules import Rules
from tests.support.scraped import Scraped, scrape
from tests.support.waiting import eventually

from countersign import __version__
from countersign.generate import ROOT
from countersign.settings import Settings

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

DOCUMENTED = re.findall(
    r"^\| `(\w+)` \| (\w+) \|", (ROOT / "docs" / "reference" / "metrics.md").read_text(), flags=re.MULTILINE
)


@dataclass(frozen=True, kw_only=True)
class Lived:
    """`leader` and `standby` at rest after the busy time, `heir` the same process as `standby` after the leader has ended."""

    tally: Tally
    seconds: float
    server: str
    leader: Scraped
    standby: Scraped
    heir: Scraped


@pytest.fixture(scope="module")
def lived(tmp_path_factory, control_plane) -> Lived:
    with replicated(tmp_path_factory.mktemp("plausible")) as replicas:
        leader, standby = replicas.pair()
        began = time.monotonic()
        scenes, others = replicas.scene(), replicas.scene()
        busy = Busy(next(scenes), replicas.people["both"])
        busy.live()
        elsewhere = Busy(next(others), replicas.people["both"], tally=busy.tally)
        elsewhere.under_rules(Rules(elsewhere.scene))
        assert eventually(lambda: is_at_rest(scrape(leader.address)), within=20)
        seen = scrape(leader.address), scrape(standby.address)
        leader.send(signal.SIGTERM)
        standby.until_logged("lease acquired")
        assert eventually(lambda: is_at_rest(scrape(standby.address)), within=20)
        return Lived(
            tally=busy.tally,
            seconds=time.monotonic() - began,
            server=replicas.plane.url,
            leader=seen[0],
            standby=seen[1],
            heir=scrape(standby.address),
        )


def is_at_rest(scraped: Scraped) -> bool:
    return scraped.only("workqueue_depth") == scraped.only("controller_runtime_active_workers") == 0


def turns(lived: Lived) -> float:
    return lived.leader.total("controller_runtime_reconcile_total")


def spans(lived: Lived, name: str, *, count: float, at_most: float) -> bool:
    """So many of them, each longer than nothing, and none longer than this."""
    counted, added_up = lived.leader.total(f"{name}_count"), lived.leader.total(f"{name}_sum")
    return counted == count and 0 < added_up <= at_most * count


def failed_turns(lived: Lived) -> float:
    results = lived.leader.samples("controller_runtime_reconcile_total")
    return sum(value for (_, result), value in results.items() if result in ("error", "unavailable"))


def repeated_turns(lived: Lived) -> float:
    results = lived.leader.samples("controller_runtime_reconcile_total")
    return sum(value for (_, result), value in results.items() if result != "success")


def requests_are_told(lived: Lived) -> bool:
    """Hundreds: each plan was validated, published, written; no one was left without an answer."""
    requests = lived.leader.samples("rest_client_requests_total")
    codes = {code for code, _, _ in requests}
    hosts = {host for _, host, _ in requests}
    return hosts == {lived.server} and "200" in codes and "0" not in codes and sum(requests.values()) > 100


EXPECTED: dict[str, Callable[[Lived], bool]] = {
    "controller_runtime_active_workers": lambda lived: lived.leader.only("controller_runtime_active_workers") == 0,
    "controller_runtime_max_concurrent_reconciles": lambda lived: (
        lived.leader.only("controller_runtime_max_concurrent_reconciles") == Settings().workers
    ),
    "controller_runtime_reconcile_errors_total": lambda lived: (
        lived.leader.total("controller_runtime_reconcile_errors_total") == failed_turns(lived)
    ),
    "controller_runtime_reconcile_time_seconds": lambda lived: spans(
        lived, "controller_runtime_reconcile_time_seconds", count=turns(lived), at_most=5
    ),
    # Each plan has a turn for its verdict, and one for each decision.
    "controller_runtime_reconcile_total": lambda lived: (
        lived.tally.plans.total() + lived.tally.decisions.total() < turns(lived) < 100 * lived.tally.plans.total()
    ),
    "countersign_action_duration_seconds": lambda lived: (
        # Those that were skipped never began. Times are kept in whole seconds.
        lived.leader.total("countersign_action_duration_seconds_count") == begun(lived.tally)
        and 0 <= lived.leader.total("countersign_action_duration_seconds_sum") < lived.seconds
    ),
    "countersign_action_failures_total": lambda lived: (
        lived.leader.nonzero("countersign_action_failures_total")
        == {(reason,): count for reason, count in lived.tally.failures.items()}
    ),
    "countersign_actions_total": lambda lived: (
        lived.leader.nonzero("countersign_actions_total", "type", "status") == dict(lived.tally.actions)
    ),
    "countersign_approval_wait_seconds": lambda lived: (
        lived.leader.total("countersign_approval_wait_seconds_count") == lived.tally.waits
        and 0 <= lived.leader.total("countersign_approval_wait_seconds_sum") < lived.seconds
    ),
    "countersign_break_glass_total": lambda lived: (
        lived.leader.only("countersign_break_glass_total") == lived.tally.broken
    ),
    "countersign_build_info": lambda lived: lived.leader.samples("countersign_build_info") == {(__version__,): 1},
    "countersign_decisions_total": lambda lived: (
        lived.leader.nonzero("countersign_decisions_total", "outcome", "counts") == dict(lived.tally.decisions)
    ),
    "countersign_events_dropped_total": lambda lived: lived.leader.only("countersign_events_dropped_total") == 0,
    "countersign_guard_ok": lambda lived: lived.leader.only("countersign_guard_ok") == 1,
    # The standby counts the same plans, and so does the heir.
    "countersign_plans": lambda lived: (
        lived.leader.samples("countersign_plans")
        == lived.standby.samples("countersign_plans")
        == lived.heir.samples("countersign_plans")
        == dict(lived.tally.plans)
    ),
    "countersign_watch_restarts_total": lambda lived: lived.leader.only("countersign_watch_restarts_total") == 0,
    "countersign_workqueue_oldest_seconds": lambda lived: (
        lived.leader.only("countersign_workqueue_oldest_seconds") == 0
    ),
    "leader_election_master_status": lambda lived: (
        [one.only("leader_election_master_status") for one in (lived.leader, lived.standby, lived.heir)] == [1, 0, 1]
    ),
    "rest_client_request_duration_seconds": lambda lived: spans(
        lived,
        "rest_client_request_duration_seconds",
        count=lived.leader.total("rest_client_requests_total"),
        at_most=1,
    ),
    "rest_client_requests_total": requests_are_told,
    # One key is added often while it waits once.
    "workqueue_adds_total": lambda lived: lived.leader.only("workqueue_adds_total") >= lived.tally.plans.total(),
    "workqueue_depth": lambda lived: lived.leader.only("workqueue_depth") == 0,
    "workqueue_longest_running_processor_seconds": lambda lived: (
        lived.leader.only("workqueue_longest_running_processor_seconds") == 0
    ),
    "workqueue_queue_duration_seconds": lambda lived: spans(
        lived, "workqueue_queue_duration_seconds", count=turns(lived), at_most=5
    ),
    # A plan that was written by somebody else meanwhile may be gone when it is read again.
    "workqueue_retries_total": lambda lived: (
        failed_turns(lived) <= lived.leader.only("workqueue_retries_total") <= repeated_turns(lived)
    ),
    "workqueue_unfinished_work_seconds": lambda lived: lived.leader.only("workqueue_unfinished_work_seconds") == 0,
    "workqueue_work_duration_seconds": lambda lived: spans(
        lived, "workqueue_work_duration_seconds", count=turns(lived), at_most=5
    ),
}


def begun(tally: Tally) -> int:
    return sum(count for (_, status), count in tally.actions.items() if status != "skipped")


def test_every_documented_metric_is_expected_to_be_something():
    """A metric that is new in the reference needs an expectation here."""
    assert sorted(name for name, _ in DOCUMENTED) == sorted(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_is_plausible(lived, name):
    """Its value follows from what happened."""
    told = {each: lived.leader.samples(each) for each in (name, f"{name}_count", f"{name}_sum")}
    assert EXPECTED[name](lived), (told, lived.tally)


def test_a_standby_counts_no_work(lived):
    """What happened to plans is counted by whoever recorded it, once for all replicas."""
    for name in ("countersign_actions_total", "countersign_decisions_total", "countersign_action_failures_total"):
        assert lived.standby.nonzero(name) == {}


@pytest.mark.parametrize(("name", "kind"), DOCUMENTED)
def test_is_of_the_documented_kind(lived, name, kind):
    """Counter, gauge or histogram, as the reference says."""
    family = lived.leader.families[name.removesuffix("_total") if kind == "counter" else name]
    assert family.type == kind
