"""Calls by the real operator to a service that counts them: killed at the worst moment, each is made once."""

import pytest
from tests.support.counter_service import Service, serving
from tests.support.counting import a_count
from tests.support.own import Own, own_cluster
from tests.support.scene import Scene, a_plan, tool_action

from countersign.api.preview import MASK

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def service():
    with serving(Service()) as found:
        yield found


@pytest.fixture(scope="module")
def own(tmp_path_factory, control_plane, service: Service):
    program = ("tests.support.calling_operator", service.url)
    with own_cluster(tmp_path_factory.mktemp("calls"), program=program) as found:
        yield found


@pytest.fixture
def scene(own: Own, service: Service):
    service.answers, service.holds, service.records = [], 0.0, 404
    service.counts.clear()
    service.bodies.clear()
    yield from own.scene()


def _begun(scene: Scene, name: str, *actions) -> None:
    assert scene.submit(a_plan(name, *actions)).ok
    scene.until(name, "AwaitingApproval")
    assert scene.decide(name, "approve").ok


def _status(scene: Scene, name: str, *reasons: str) -> dict:
    return scene.until(name, *reasons, seconds=90)["status"]


def test_shown_and_called_once(own: Own, scene: Scene, service: Service):
    """The approver sees the complete request, with what is sensitive masked; then it is made, once, and counted."""
    assert scene.submit(a_plan("calls", a_count("call a", "tool between", "call b"))).ok
    waiting = scene.until("calls", "AwaitingApproval")["status"]
    preview = scene.approver.get(scene.path(waiting["preview"], plural="planpreviews")).body["spec"]
    shown = {change["path"]: change["new"] for change in preview["effects"][0]["changes"]}
    assert preview["effects"][0]["operation"] == "called"
    assert (shown["spec.amount"], shown["spec.token"]) == (1, MASK)
    assert not service.counts
    assert scene.decide("calls", "approve").ok
    status = _status(scene, "calls", "Succeeded", "ActionFailed")
    assert status["outcome"]["summary"] == "1 created, 2 called"
    assert list(service.counts.values()) == [1, 1]
    assert service.bodies[0]["spec"] == {"amount": 1, "token": "token-of-a"}
    assert "token-of-a" not in str(status) + own.log()


def test_killed_between_intent_and_result(own: Own, scene: Scene, service: Service):
    """Killed while the service has done it and not answered yet: the next operator finds out, and does it no second time."""
    service.holds = 30.0
    _begun(scene, "killed", a_count("call a", "call b", timeout="2s"), tool_action("later"))
    status = scene.until_true("killed", lambda plan: bool(service.counts) and "actions" in plan["status"])["status"]
    own.kill_operator()
    (intent,) = [entry["intent"] for entry in scene.plan("killed")["status"]["actions"] if "intent" in entry]
    assert (intent["effect"], intent["attempt"]) == (0, 1), status
    service.holds = 0.0
    own.start_operator()
    with own.explained():
        status = _status(scene, "killed", "Succeeded", "ActionFailed")
    assert (status["phase"], status["publication"]) == ("Executed", 1)
    assert list(service.counts.values()) == [1, 1]
    assert [entry["status"] for entry in status["actions"]] == ["applied", "applied"]


def test_killed_before_it_arrived(own: Own, scene: Scene, service: Service):
    """Killed while the request is lost on its way: it is made again, but not before it could still arrive."""
    service.holds, service.answers = 30.0, [500]
    _begun(scene, "lost", a_count("call a", timeout="2s"))
    scene.until_true("lost", lambda _: bool(service.bodies))
    own.kill_operator()
    service.holds = 0.0
    own.start_operator()
    with own.explained():
        status = _status(scene, "lost", "Succeeded", "ActionFailed")
    assert (status["reason"], status["actions"][0]["attempts"]) == ("Succeeded", 2)
    assert list(service.counts.values()) == [1]
    assert len(service.bodies) == 2


def test_nobody_can_tell(own: Own, scene: Scene, service: Service):
    """As long as the service cannot tell the plan waits; cancelled, it says that nobody knows."""
    service.answers, service.records = [0], 410
    _begun(scene, "unknown", a_count("call a", "call b", timeout="2s"))
    with own.explained():
        status = _status(scene, "unknown", "Waiting")
    (entry,) = status["actions"]
    assert (entry["status"], entry["reason"]) == ("unknown", "OutcomeUnknown")
    assert "it answers with 410; find out there, or set spec.cancel" in status["message"]
    assert scene.edit("unknown", cancel=True).ok
    status = _status(scene, "unknown", "Cancelled")
    assert (status["actions"][0]["status"], status["outcome"]["summary"]) == ("unknown", "1 unknown")
    assert len(service.bodies) == 1


def test_not_now_and_never(scene: Scene, service: Service):
    """What is refused for now is tried again, what is refused has failed; a retry makes only what was not made."""
    service.answers = [503, 200, 422]
    _begun(scene, "refused", a_count("call a", "call b"))
    status = _status(scene, "refused", "ActionFailed", "Succeeded")
    (entry,) = status["actions"]
    assert (entry["status"], entry["reason"], entry["effectsDone"]) == ("failed", "Refused", 1)
    assert status["ledger"][0]["effectsDone"] == 1
    assert scene.annotate("refused", "countersign.dev/retry", "1", by=scene.proposer).ok
    assert scene.until("refused", "AwaitingApproval")["status"]["publication"] == 2
    assert scene.decide("refused", "approve").ok
    assert _status(scene, "refused", "Succeeded")["outcome"]["summary"] == "1 unchanged, 1 called"
    assert list(service.counts.values()) == [1, 1]
