"""An operator with nothing to do does nothing, also right after a restart."""

import json
import time
from pathlib import Path

import pytest
from tests.support.own import Own, own_cluster
from tests.support.scene import Scene, a_plan

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(240)]

_WRITES = ("create", "update", "patch", "delete", "deletecollection")
_OPERATOR = "system:serviceaccount:countersign-system:countersign-operator"
QUIET_SECONDS = 60


@pytest.fixture(scope="module")
def own(tmp_path_factory, control_plane):
    with own_cluster(tmp_path_factory.mktemp("quiet")) as found:
        yield found


@pytest.fixture
def scene(own: Own):
    yield from own.scene()


def _stored_writes(log: Path, *, since: int) -> list[str]:
    """What the operator really changed; the guard's dry runs store nothing."""
    lines = log.read_text().splitlines()[since:]
    events = [json.loads(line) for line in lines]
    return [
        f"{event['verb']} {event['requestURI']}"
        for event in events
        if event["user"]["username"] == _OPERATOR
        and event["verb"] in _WRITES
        and "dryRun=All" not in event["requestURI"]
    ]


def test_idle_and_converged(own: Own, scene: Scene):
    """With plans finished, waiting, invalid and rejected: no write in a minute, and none by a restarted operator."""
    scene.approved(a_plan("finished"))
    scene.submit(a_plan("waiting"))
    scene.until("waiting", "AwaitingApproval")
    scene.submit(a_plan("rejected"))
    scene.until("rejected", "AwaitingApproval")
    scene.decide("rejected", "reject")
    scene.until("rejected", "Rejected")
    scene.submit(a_plan("invalid", serviceAccountName="default"))
    scene.until("invalid", "Invalid")
    versions = _versions(scene)
    log = own.plane.directory / "logs" / "audit.log"
    since = len(log.read_text().splitlines())
    own.kill_operator()
    before = len(own.log())
    own.start_operator()
    own.until_logged('"msg": "guard changed"', since=before)
    time.sleep(QUIET_SECONDS)
    assert _stored_writes(log, since=since) == []
    assert _versions(scene) == versions


def _versions(scene: Scene) -> dict[str, str]:
    items = scene.admin.get(scene.path()).body["items"]
    return {item["metadata"]["name"]: item["metadata"]["resourceVersion"] for item in items}
