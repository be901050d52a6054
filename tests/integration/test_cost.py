"""What a plan costs the API server, counted by the API server itself: in its metrics, and in its audit log, which says who asked."""

import json
import time
from collections import Counter

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.support.identities import Identity
from tests.support.own import Own, own_cluster
from tests.support.scene import Scene, a_plan, tool_action

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(180)]

OPERATOR = "system:serviceaccount:countersign-system:countersign-operator"
MANY = 20
ACTIONS = [tool_action(f"t{number}") for number in range(MANY)]
ONCE = Counter(
    {
        "get serviceaccounts": 1,
        "list resourcequotas": 1,
        "get namespaces": 1,
        "list approvalpolicies": 1,
        "list validatingadmissionpolicies": 1,
        "list validatingadmissionpolicybindings": 1,
        "apply plans/status": 2,
    }
)
"""Besides dry runs and writes: the executor, what it may make, the rules, the guard, the start and the end."""
AGAIN = Counter({"get serviceaccounts": 1, "get namespaces": 1, "list approvalpolicies": 1, "apply plans/status": 2})
ABOUT_THE_APPROVER = Counter({"post subjectaccessreviews": 4})
DRY_RUN, WRITE, EVENT = "dry run of tools", "apply tools", "apply events"
EVENTS = 4
PER_SECOND = 5
"""How often the journal is written at most."""
_QUIET = 8.0
"""Seconds without any request after which none is to be expected for a while."""
_LATE = 0.5
"""Seconds after which the API server has written its log."""


@pytest.fixture(scope="module")
def own(tmp_path_factory, control_plane):
    """The guard's drills, and the sweeps after a start, come when nobody counts."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("COUNTERSIGN_DRILL_EVERY", "10m")
        with own_cluster(tmp_path_factory.mktemp("cost")) as found:
            _until_quiet(found)
            yield found


@pytest.fixture
def scene(own: Own):
    yield from own.scene()


def _until_quiet(own: Own) -> None:
    """Each watch that begins asks for a sweep, which comes five seconds later."""
    end, quiet = time.monotonic() + 90, 0.0
    while quiet < _QUIET:
        assert time.monotonic() < end, "the operator does not come to rest"
        audit = Audit(own)
        time.sleep(1)
        quiet = 0.0 if audit.requests() else quiet + 1


class Audit:
    """What the operator has asked for since then; watches, its Lease and the guard's drills left out."""

    def __init__(self, own: Own) -> None:
        self.log = own.plane.directory / "logs" / "audit.log"
        self.since = len(self._lines())

    def _lines(self) -> list[str]:
        """Whole ones: the last may still be written."""
        return self.log.read_text().rpartition("\n")[0].splitlines()

    def requests(self) -> Counter[str]:
        events = [json.loads(line) for line in self._lines()[self.since :]]
        return Counter(_asked(event) for event in events if event["user"]["username"] == OPERATOR and _counts(event))


def _counts(event: dict) -> bool:
    own = "countersign-drill" in event["requestURI"] or "countersign-system" in event["requestURI"]
    return "objectRef" in event and event["verb"] != "watch" and event["stage"] == "ResponseComplete" and not own


def _asked(event: dict) -> str:
    named = event["objectRef"]
    resource = "/".join(filter(None, (named["resource"], named.get("subresource"))))
    verb = {"patch": "apply", "create": "post"}.get(event["verb"], event["verb"])
    return f"dry run of {resource}" if "dryRun=All" in event["requestURI"] else f"{verb} {resource}"


def _metered(admin: Identity) -> Counter[str]:
    """What anybody has ever asked for, in the same words."""
    text = admin.pool.request("GET", f"{admin.url}/metrics").data.decode()
    found: Counter[str] = Counter()
    for family in text_string_to_metric_families(text):
        for sample in family.samples if family.name == "apiserver_request" else ():
            labels = sample.labels
            resource = "/".join(filter(None, (labels["resource"], labels["subresource"])))
            verb = f"dry run of {resource}" if labels["dry_run"] else f"{labels['verb'].lower()} {resource}"
            found[verb] += int(sample.value)
    return found


def _approved(own: Own, scene: Scene, plan: dict, *, by: Identity) -> Counter[str]:
    """Requests from the approval to the end. Of the journal the start and the end, the rest is held to its pace.

    The metrics, which do not say who asked, have counted no fewer; of what nobody else does here, just as many.
    """
    assert scene.submit(plan).ok
    name = plan["metadata"]["name"]
    scene.until(name, "AwaitingApproval")
    time.sleep(_LATE)
    audit, before, began = Audit(own), _metered(scene.admin), time.monotonic()
    assert scene.decide(name, "approve", by=by).ok
    scene.until(name, "Succeeded")
    seconds = time.monotonic() - began
    time.sleep(_LATE)
    found, metered = audit.requests(), _metered(scene.admin) - before
    for asked in found:
        assert metered[asked] >= found[asked], asked
    for asked in (DRY_RUN, WRITE, "apply plans/status", "list approvalpolicies", "post subjectaccessreviews"):
        assert metered[asked] == found[asked], asked
    journal = found["apply plans/status"] - ONCE["apply plans/status"]
    assert 0 <= journal <= PER_SECOND * seconds + 1
    assert found.pop(EVENT) <= EVENTS
    return found - Counter({"apply plans/status": journal})


def test_of_a_plan(own: Own, scene: Scene):
    """A plan of n upserts costs n dry runs, n writes and 8 other requests from its approval on.

    Its approver has approved another plan of the same author a moment ago.
    """
    scene.approved(a_plan("before"))
    found = _approved(own, scene, a_plan("first", *ACTIONS), by=scene.approver)
    assert found == ONCE + Counter({DRY_RUN: MANY, WRITE: MANY})
    assert ONCE.total() == 8


def test_of_a_repetition(own: Own, scene: Scene):
    """The same intents again cost n dry runs, no write and 5 other requests."""
    scene.approved(a_plan("first", *ACTIONS))
    found = _approved(own, scene, a_plan("again", *ACTIONS), by=scene.approver)
    assert found == AGAIN + Counter({DRY_RUN: MANY})
    assert AGAIN.total() == 5


def test_of_an_approver_of_whom_nothing_is_known(own: Own, scene: Scene):
    """Four questions more: whether he could act as the author or the author as him, in the old way and in the new one."""
    found = _approved(own, scene, a_plan("first", *ACTIONS), by=scene.second)
    assert found == ONCE + ABOUT_THE_APPROVER + Counter({DRY_RUN: MANY, WRITE: MANY})
