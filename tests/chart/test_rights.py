"""The operator lives with exactly the generated rights: it took each of them, and without any rule something is refused."""

import threading
import time
from contextlib import contextmanager

import pytest
from tests.support.agent_policies import a_policy, a_rule
from tests.support.identities import path_of
from tests.support.own import Own, own_cluster
from tests.support.rights import INSTALL, Right, given, roles_held, taken
from tests.support.scene import Scene, a_plan, tool_action

from countersign.api.resources import OBSERVED
from countersign.model.effect import AGENT, MODEL_PROVIDER, POLICY, POLICY_BINDING, TOOL

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(240)]

RULES = [(role, rule) for role in roles_held() for rule in role["rules"]]
REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"


@pytest.fixture(scope="module")
def lived(tmp_path_factory, control_plane):
    """A cluster in which the operator has done everything that it ever does, and the rights that this took."""
    directory = tmp_path_factory.mktemp("rights")
    with electing(), own_cluster(directory) as own:
        for scene in own.scene():
            live(own, scene)
            yield own, log_of(own)


@contextmanager
def electing():
    """One of several replicas, as far as the operators that are started now know."""
    with pytest.MonkeyPatch.context() as environ:
        for name, value in (("LEADER_ELECTION", "true"), ("LEASE_DURATION", "3s"), ("RENEW_DEADLINE", "2s")):
            environ.setenv(f"COUNTERSIGN_{name}", value)
        yield


def live(own: Own, scene: Scene) -> None:
    observe(own, scene)
    expire(own, scene)
    interrupt(own, scene)
    disturb(own, scene)
    own.kill_operator()
    own.start_operator()
    scene.submit(a_plan("last"))
    scene.until("last", "AwaitingApproval")


def observe(own: Own, scene: Scene) -> None:
    """Something of each kind that is observed. Nothing is called: the tool is inside."""
    bound = {"policyRef": {"name": "x"}, "subjects": [{"kind": "ServiceAccount", "name": INSTALL.executors[0]}]}
    connection = {"baseUrl": "http://t.svc.cluster.local", "topology": "Internal"}
    provider = {"provider": "ollama", "endpoint": "https://models.example.com", "models": ["m"]}
    specs = {
        TOOL: {"connection": connection},
        MODEL_PROVIDER: provider,
        POLICY: a_policy(a_rule())["spec"],
        POLICY_BINDING: bound,
        AGENT: {"image": "example.com/agent", "serviceAccountName": "agent-x"},
    }
    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("COUNTERSIGN_PROBE_TOOLS", "true")
        own.kill_operator()
        own.start_operator()
        for kind in OBSERVED:
            body = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {"name": "x"}, "spec": specs[kind]}
            made = scene.admin.create(scene.path(plural=kind.plural), body)
            assert made.ok, made.message
        for kind in OBSERVED:
            until(lambda kind=kind: "status" in scene.admin.get(scene.path("x", plural=kind.plural)).body)
    own.kill_operator()
    own.start_operator()


def expire(own: Own, scene: Scene) -> None:
    """A plan is carried out, and removed in the end."""
    scene.approved(a_plan("brief", ttlAfterFinished="1s"))
    until(lambda: not scene.admin.get(scene.path("brief")).ok)


def interrupt(own: Own, scene: Scene) -> None:
    """A preview of the same name stands in the way when the status could not be written the first time."""
    operator = scene.admin.acting_as(INSTALL.operator)
    previews = scene.path(plural="planpreviews")
    role, statuses = next((role, rule["resources"]) for role, rule in RULES if "plans/status" in rule["resources"])
    with without(own, role, *statuses):
        scene.submit(a_plan("held"))
        until(lambda: of_plan(scene, "held"))
        (preview,) = of_plan(scene, "held")
        name = preview["metadata"]["name"]
        assert operator.delete(f"{previews}/{name}").ok
        other = {**preview, "metadata": {"name": name}, "spec": {**preview["spec"], "digest": "sha256:" + "0" * 64}}
        operator.create(previews, other)
    scene.until("held", "AwaitingApproval")


def of_plan(scene: Scene, name: str):
    found = scene.admin.get(scene.path(plural="planpreviews")).body["items"]
    return [preview for preview in found if preview["spec"]["plan"] == name]


def disturb(own: Own, scene: Scene) -> None:
    """Somebody touches plan and target all the time, so that what the operator knows is out of date."""
    scene.approved(a_plan("first", tool_action("busy")))
    paths = [scene.path("second"), scene.path("busy", plural="tools")]
    with touched(scene, *paths):
        for round_ in range(40):
            scene.submit(a_plan("second", tool_action("busy", key=f"k{round_}", url=f"https://r{round_}.example.com")))
            time.sleep(0.3)
            if {"plans", "tools"} <= read_again(own):
                return
    pytest.fail("the operator never had to read anything again")


def read_again(own: Own):
    gets = [right for right in log_of(own) if right.verb == "get" and right.holder == INSTALL.account]
    return {right.resource.rpartition("/")[2] for right in gets}


@contextmanager
def touched(scene: Scene, *paths: str):
    stop = threading.Event()

    def touch():
        count = 0
        while not stop.is_set():
            count += 1
            for path in paths:
                scene.admin.merge(path, {"metadata": {"annotations": {"tests/touched": str(count)}}})

    thread = threading.Thread(target=touch)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def without(own: Own, role, *resources: str):
    """The rules about these resources are gone meanwhile."""
    kept = [rule for rule in role["rules"] if rule["resources"] != list(resources)]
    with replaced(own, role, kept):
        yield


@contextmanager
def replaced(own: Own, role, rules):
    admin = own.people["admin"]
    assert admin.merge(path_of(role), {"rules": rules}).ok
    try:
        yield
    finally:
        assert admin.merge(path_of(role), {"rules": role["rules"]}).ok


def log_of(own: Own) -> set[Right]:
    return taken(own.plane.log("audit").read_text().splitlines())


def until(holds, *, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_every_right_was_taken(lived):
    """None is too many."""
    _, used = lived
    rights = {right for role, rule in RULES for right in given(role, rule)}

    assert {right for right in rights if not any(right.covers(one) for one in used)} == set()


@pytest.mark.parametrize(
    ("role", "rule"), RULES, ids=[f"{role['metadata']['name']}-{'-'.join(rule['resources'])}" for role, rule in RULES]
)
def test_without_a_rule_something_is_refused(lived, role, rule):
    """What the operator did under this rule is allowed by no other."""
    own, used = lived
    done = [
        one for one in used if any(right.covers(one) and right.resource == one.resource for right in given(role, rule))
    ]
    assert done
    assert allowed(own, done[0])
    with replaced(own, role, [other for other in role["rules"] if other != rule]):
        until(lambda: not allowed(own, done[0]), seconds=5)
    until(lambda: allowed(own, done[0]), seconds=5)


def allowed(own: Own, right: Right) -> bool:
    """What RBAC says now."""
    group, plural, *sub = right.resource.split("/", 2)
    place = {"group": group, "resource": plural, "subresource": "".join(sub)}
    asked = {**place, "verb": right.verb, "name": right.name, "namespace": right.namespace}
    user = f"system:serviceaccount:{right.namespace if right.holder in INSTALL.executors else INSTALL.namespace}:{right.holder}"
    spec = {"user": user, "resourceAttributes": asked}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
    return own.people["admin"].create(REVIEWS, review).body["status"]["allowed"]
