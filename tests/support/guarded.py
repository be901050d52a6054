"""What the guard looks after, in a cluster that exists only in memory, and the plans that are under it."""

from typing import Any

from tests.support.fake_api import Content, FakeApi

from countersign.api.admission import admission
from countersign.api.crd import crds
from countersign.api.install import Install
from countersign.api.names import AUTHORS, DECISION, PLAN
from countersign.shell.guard import GuardKeeper
from countersign.shell.guarded import GUARDED

KINDS = {kind.kind: kind for kind in GUARDED}
EXPECTED = (*crds(), *admission(Install()))
FORGED = '{"n":"1","outcome":"approve","quotes":"sha256:a","by":"mallory"}'


def installed() -> FakeApi:
    api = FakeApi()
    for manifest in EXPECTED:
        install(api, manifest)
    return api


def install(api: FakeApi, manifest: Content, **metadata: Any) -> None:
    kind = KINDS[manifest["kind"]]
    api.put(kind, manifest["metadata"]["name"], namespace="", spec=manifest["spec"], metadata=metadata)


def remove(api: FakeApi, manifest: Content) -> None:
    api.take(KINDS[manifest["kind"]], manifest["metadata"]["name"], namespace="")


def reinstall(api: FakeApi, manifest: Content = EXPECTED[-1]) -> None:
    """A policy is taken away and put back, so its uid is another one."""
    remove(api, manifest)
    install(api, manifest, creationTimestamp="2026-01-02T00:00:00Z")


def keeper(api: FakeApi, *, drill_every: float = 60.0) -> GuardKeeper:
    changes: list[bool] = []
    guard = GuardKeeper(client=api, install=Install(), drill_every=drill_every, changed=lambda: changes.append(True))
    guard.changes = changes
    return guard


def plan(
    api: FakeApi, name: str = "p", *, decision: str = "", recorded: bool = True, metadata: Content | None = None
) -> Content:
    """Waiting for approval; its only author is recorded."""
    annotations = {AUTHORS: '"pat"'} | ({DECISION: decision} if decision else {})
    approval = {"authors": ["pat"], "generation": 1} if recorded else {}
    return api.put(
        PLAN, name, spec={}, status={"approval": approval}, metadata={"annotations": annotations, **(metadata or {})}
    )
