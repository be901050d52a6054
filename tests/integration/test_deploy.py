"""What `deploy.execute` compiles, on a real API server with controllers, a scheduler and a simulated node."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.support.deploys import (
    ACTION,
    FILES,
    a_provider,
    a_tool,
    a_world,
    after,
    an_artifact,
    deploy,
    draft,
    manifest,
)
from tests.support.identities import Answer, Identity, identity, path_of

from countersign.actions.base import Broken, Pending, World
from countersign.actions.deploy_draft import DeployDraftCreateOrPatch
from countersign.api.crd import crds
from countersign.model.effect import Effect

pytestmark = pytest.mark.cluster

_SECONDS = 30.0
_RESTRICTED = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
_HASHED = "left-pad==1.0 --hash=sha256:" + "0" * 64


@dataclass(frozen=True)
class Place:
    """A namespace that enforces Pod Security restricted."""

    admin: Identity
    namespace: str

    def world(self, *bodies: dict[str, Any]) -> World:
        world = a_world(*bodies)
        moved = {replace(target, namespace=self.namespace): body for target, body in world.objects.items()}
        return replace(world, namespace=self.namespace, objects=moved)

    def apply(self, effect: Effect, **query: str) -> Answer:
        body = manifest(effect)
        return self.admin.apply(path_of(body), body, fieldManager="countersign", **query)

    def live(self, effect: Effect) -> dict[str, Any]:
        answer = self.admin.get(path_of(manifest(effect)))
        assert answer.ok, answer.message
        return answer.body

    def pods(self) -> list[dict[str, Any]]:
        return self.admin.get(f"/api/v1/namespaces/{self.namespace}/pods").body["items"]


@pytest.fixture(scope="module")
def admin(cluster) -> Iterator[Identity]:
    with identity(cluster.admin_kubeconfig) as opened:
        for crd in crds():
            assert opened.apply(path_of(crd), crd).ok
        _until(lambda: cluster.rest().is_ok("/apis/countersign.dev/v1alpha1/agents"))
        yield opened


@pytest.fixture
def place(admin, namespace) -> Place:
    assert admin.merge(f"/api/v1/namespaces/{namespace}", _RESTRICTED).ok
    return Place(admin, str(namespace))


def _until(holds) -> None:
    end = time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def _settled(place: Place, params) -> Pending | Broken | None:
    (target,) = ACTION.awaited(params, place.world())
    path = f"/apis/apps/v1/namespaces/{place.namespace}/deployments/{target.name}"
    world = replace(place.world(), objects={target: place.admin.get(path).body})
    return ACTION.settle(params, world)


_SOURCES = {
    "image": {},
    "source_files": {"source_files": {**FILES, "lib/__init__.py": "", "lib/tools.py": "x = 1\n"}},
    "requirements": {"source_files": FILES, "requirements": _HASHED},
    "artifact_id": {"artifact_id": "built"},
    "draft_id": {"draft_id": "d"},
}


@pytest.mark.parametrize("source", _SOURCES.values(), ids=_SOURCES)
def test_agent_becomes_available(place: Place, source):
    """From every source: the objects are accepted, pods meet Pod Security, the wait ends, and a repeat changes nothing."""
    params = deploy(
        **source,
        wait=True,
        system_prompt="Answer.",
        required_tools=["orders"],
        policies=["reads"],
        llm_configs=[{"provider": "openai", "model": "m-1"}],
        env=[{"name": "LANGUAGE", "value": "en"}],
    )
    world = place.world(a_tool(), a_provider(), an_artifact(**{"main.py": "pass\n"}))
    made = DeployDraftCreateOrPatch().compile(draft(artifact_id="built"), world)
    world = after(world, made)
    assert list(ACTION.examine(params, world)) == []

    for effect in (*made, *ACTION.compile(params, world)):
        answer = place.apply(effect)
        assert answer.ok, answer.message
    _until(lambda: _settled(place, params) is None)

    (pod,) = place.pods()
    assert pod["status"]["phase"] == "Running"
    assert pod["spec"]["serviceAccountName"] == "agent-support"
    assert not any("token" in str(volume) for volume in pod["spec"]["volumes"])
    effects = ACTION.compile(params, world)
    before = [place.live(effect) for effect in effects]
    assert ACTION.compile(params, _seen_again(place, world, effects)) == effects
    assert [_state(place.apply(effect).body) for effect in effects] == list(map(_state, before))


def _state(body: dict[str, Any]) -> Any:
    """What a write would change; others write the status of a Deployment all the time."""
    return body["metadata"].get("generation", body["metadata"]["resourceVersion"])


def _seen_again(place: Place, world: World, effects: tuple[Effect, ...]) -> World:
    return replace(world, objects={**world.objects, **{effect.target: place.live(effect) for effect in effects}})


def test_another_content_rolls_out(place: Place):
    """New files have a new ConfigMap, and the pods of the old one end."""
    for text in ("print(1)\n", "print(2)\n"):
        params = deploy(source_files={"agent.py": text}, wait=True)
        for effect in ACTION.compile(params, place.world()):
            assert place.apply(effect).ok
        _until(lambda params=params: _settled(place, params) is None)

    maps = place.admin.get(f"/api/v1/namespaces/{place.namespace}/configmaps").body["items"]
    sources = [body for body in maps if "-source-" in body["metadata"]["name"]]
    assert sorted(body["data"]["0.agent.py"] for body in sources) == ["print(1)\n", "print(2)\n"]
    _until(lambda: len(place.pods()) == 1)


def test_source_cannot_be_altered(place: Place):
    """Not even by an administrator: what pods were approved with stays what it was."""
    (source,) = [
        effect
        for effect in ACTION.compile(deploy(source_files=FILES), place.world())
        if "-source-" in effect.target.name
    ]
    assert place.apply(source).ok
    answer = place.admin.merge(path_of(manifest(source)), {"data": {"0.agent.py": "evil"}})
    assert answer.code == 422
    assert "immutable" in answer.message


def test_draft_counts_on(place: Place):
    """The API server refuses a change of a draft that does not count its version on, whoever makes it."""
    action = DeployDraftCreateOrPatch()
    (first,) = action.compile(draft(step="connect"), place.world())
    assert place.apply(first).ok
    world = _seen_again(place, place.world(), (first,))
    (again,) = action.compile(draft(step="connect"), world)
    (second,) = action.compile(draft(step="deploy"), world)
    assert (again.fields, second.fields["spec"]["version"]) == (first.fields, 2)
    refused = place.admin.merge(path_of(manifest(first)), {"spec": {"step": "deploy"}})
    assert refused.code == 422
    assert "counts its version on" in refused.message
    assert place.apply(second).ok


def test_settle_tells_what_is_missing(place: Place):
    """Pods that nobody may create keep the action waiting, with the reason."""
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "none"}, "spec": {"hard": {"pods": "0"}}}
    quotas = f"/api/v1/namespaces/{place.namespace}/resourcequotas"
    assert place.admin.create(quotas, quota).ok
    # Until the controller has counted for the first time nothing is refused.
    _until(lambda: "hard" in place.admin.get(f"{quotas}/none").body.get("status", {}))
    params = deploy(wait=True)
    for effect in ACTION.compile(params, place.world()):
        assert place.apply(effect).ok
    _until(lambda: "exceeded quota" in str(_settled(place, params)))
    assert isinstance(_settled(place, params), Pending)
