"""What a plan costs the API server, counted by the API server itself."""

import json
import time
from collections import Counter

import pytest
from tests.support.own import Own, own_cluster
from tests.support.scene import Scene, a_plan, tool_action

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(120)]

OPERATOR = "system:serviceaccount:countersign-system:countersign-operator"
MANY = 20
START_AND_END = 2
SWEPT = ("plans", "approvalpolicies", "namespaces", "tools")
EVENTS = 4
PER_SECOND = 5
"""How often the journal is written at most."""


@pytest.fixture(scope="module")
def own(tmp_path_factory, control_plane):
    with own_cluster(tmp_path_factory.mktemp("cost")) as found:
        yield found


@pytest.fixture
def scene(own: Own):
    yield from own.scene()


class Requests:
    """What the operator asked of the API server since the last count, by what it was; watches and drills left out."""

    def __init__(self, own: Own) -> None:
        self.log = own.plane.directory / "logs" / "audit.log"
        self.seen = len(self._lines())

    def _lines(self) -> list[str]:
        return self.log.read_text().splitlines()

    def since(self) -> Counter[str]:
        time.sleep(0.5)  # the API server writes its log a moment later
        lines = self._lines()
        events = [json.loads(line) for line in lines[self.seen :]]
        self.seen = len(lines)
        return Counter(_kind(event) for event in events if event["user"]["username"] == OPERATOR and _counts(event))


def _counts(event: dict) -> bool:
    drill = "countersign-drill" in event["requestURI"] or "countersign-system" in event["requestURI"]
    return event["verb"] != "watch" and event["stage"] == "ResponseComplete" and not drill


def _kind(event: dict) -> str:
    resource = event.get("objectRef", {}).get("resource")
    if resource == "events":
        return "event"
    if resource == "tools" and event["verb"] in ("patch", "create"):
        return "dry run" if "dryRun=All" in event["requestURI"] else "write"
    return f"{event['verb']} {event['requestURI'].split('?')[0].split('/')[-1]}"


def _cost(requests: Counter[str]) -> tuple[int, int, int]:
    """Dry runs, writes to targets, and everything else: without events, a sweep, and the journal of a run that takes long."""
    journal = max(0, requests["patch status"] - START_AND_END)
    swept = requests["list plans"] * len(SWEPT)
    apart = requests["dry run"] + requests["write"] + requests["event"] + journal + swept
    return requests["dry run"], requests["write"], requests.total() - apart


def _approved(scene: Scene, plan: dict, requests: Requests) -> Counter[str]:
    """Requests from the approval to the end; the journal of a run is not written more often than it should be."""
    scene.submit(plan)
    name = plan["metadata"]["name"]
    scene.until(name, "AwaitingApproval")
    requests.since()
    began = time.monotonic()
    assert scene.decide(name, "approve").ok
    scene.until(name, "Succeeded")
    seconds = time.monotonic() - began
    found = requests.since()
    assert found["patch status"] <= START_AND_END + PER_SECOND * seconds + 1
    return found


def test_of_a_plan(own: Own, scene: Scene):
    """An approved plan of n upserts costs n dry runs, n writes and 16 other requests at most; once more, no write at all.

    Six of these are about who may approve: four about approver and author, and the policies and the namespace before the start;
    one reads the quotas, because something is created.
    """
    requests = Requests(own)
    actions = [tool_action(f"t{number}") for number in range(MANY)]
    first = _approved(scene, a_plan("first", *actions), requests)
    again = _approved(scene, a_plan("again", *actions), requests)
    dry_runs, writes, others = _cost(first)
    assert (dry_runs, writes) == (MANY, MANY)
    assert (others <= 16, first["event"] <= EVENTS) == (True, True), first
    dry_runs, writes, others = _cost(again)
    assert (dry_runs, writes) == (MANY, 0)
    assert (others <= 9, again["event"] <= EVENTS) == (True, True), again
