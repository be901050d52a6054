"""Upgrades a release of an earlier commit to this one, as Helm does it, with plans in every part of their lives.

`python -m hack.upgrade v0.1.0` takes chart and operator of that commit, on a Kubernetes of its own. The operators overlap as the
pods of a Deployment do. What becomes of each plan is printed; what breaks a promise ends it with status 1. It needs the history
of the repository, which is why no test runs it.
"""

import io
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click
from hack.render import CHART, ROOT
from tests.support.release import Release, people
from tests.support.scene import Plan, Scene, a_plan, tool_action

from countersign.dev.binaries import find_binaries
from countersign.dev.launch import Options
from countersign.dev.plane import ControlPlane
from countersign.dev.progress import Progress

Status = dict[str, Any]
NAMESPACE = "payments"
TENANT = ("--set", f"tenants[0].namespace={NAMESPACE}")
NODE = "/api/v1/nodes/node-0"
IMAGE = "example.com/agents/support@sha256:" + "a" * 64
ENDED = {"finished": "Succeeded", "rejected": "Rejected", "cancelled": "Cancelled"}
ON_THE_WAY = {"waiting": "AwaitingApproval", "approved": "Suspended", "running": "Waiting"}
KEPT = ("publication", "phase", "reason", "digest", "execution", "outcome", "ledger", "history")
"""Of a plan that has ended, nothing of this changes; nor do the decisions about any plan."""


@dataclass(frozen=True, kw_only=True)
class Before(Scene):
    """Under the earlier operator: what it writes is not held to the contract of today."""

    def plan(self, name: str) -> Plan:
        return self.admin.get(self.path(name)).body


@click.command()
@click.argument("commit")
def main(commit: str) -> None:
    with tempfile.TemporaryDirectory(prefix="countersign-upgrade-") as folder, ExitStack() as stack:
        earlier = checkout(commit, Path(folder) / "earlier")
        plane = stack.enter_context(ControlPlane(Path(folder) / "plane", options=Options()))
        found = stack.enter_context(people(plane))
        helm = find_binaries(["helm"], environ=os.environ, progress=Progress(sys.stderr))["helm"]
        release = Release(plane=plane, admin=found["admin"], folder=Path(folder), program=helm)
        release.make_namespace(NAMESPACE)
        release.install(*TENANT, chart=earlier / "charts" / "countersign")
        scene = release.scene(NAMESPACE, proposer=found["proposer"], approver=found["approver"])
        told = upgraded(release, scene, earlier=earlier)
    print("\n".join(told))
    sys.exit(any("BROKEN" in line for line in told))


def checkout(commit: str, target: Path) -> Path:
    """The chart and the operator of a commit."""
    command = ["git", "-C", str(ROOT), "archive", commit, "charts", "operator"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(
            f"{commit} has no chart here: name a commit of this repository with its history, such as the last tag"
        )
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(target, filter="data")
    return target


def upgraded(release: Release, scene: Scene, *, earlier: Path) -> list[str]:
    """What became of the plans. The old operator goes when the new one is ready, as in a rolling update."""
    with ExitStack() as old, ExitStack() as new:
        old.enter_context(release.operator(source=earlier))
        before = begun(Before(**{part.name: getattr(scene, part.name) for part in fields(scene)}))
        release.helm("upgrade", "countersign", CHART, *TENANT)
        new.enter_context(release.operator())
        old.close()
        # What comes later and is judged shows that the new operator works.
        scene.submit(a_plan("later", tool_action("later")))
        scene.until("later", "AwaitingApproval")
        after = {name: scene.until(name, *settled(plan)) for name, plan in before.items()}
        told = [became(name, before[name], after[name]) for name in before]
        schedule(scene, pods=True)
        return told + [ended(scene, name, after=after[name], before=before[name]) for name in ON_THE_WAY]


def begun(scene: Scene) -> dict[str, Plan]:
    """A plan in each part of its life, under the earlier operator. No pod starts any more, so that one keeps running."""
    schedule(scene, pods=False)
    scene.submit(a_plan("waiting", tool_action("waiting")))
    approve(scene, a_plan("approved", tool_action("approved"), suspend=True))
    approve(scene, a_plan("finished", tool_action("finished")))
    agent = {"agent_name": "support", "image": IMAGE, "wait": True}
    deploy = {
        "id": "deploy",
        "type": "deploy.execute",
        "idempotencyKey": "deploy.v1",
        "timeout": "10m",
        "params": agent,
    }
    approve(scene, a_plan("running", deploy))
    approve(scene, a_plan("cancelled", tool_action("cancelled"), suspend=True))
    scene.until("cancelled", "Suspended")
    scene.edit("cancelled", cancel=True)
    scene.submit(a_plan("rejected", tool_action("rejected")))
    scene.until("rejected", "AwaitingApproval")
    scene.decide("rejected", "reject")
    return {name: scene.until(name, reason) for name, reason in (ENDED | ON_THE_WAY).items()}


def settled(plan: Plan) -> tuple[str, ...]:
    """Where a plan may stand under the new operator: as it stood, or waiting because its preview became another."""
    reason = plan["status"]["reason"]
    return (reason,) if plan["metadata"]["name"] in ENDED else (reason, "AwaitingApproval", "PreviewChanged")


def became(name: str, before: Plan, after: Plan) -> str:
    same = before["status"].get("digest") == after["status"].get("digest")
    faults = [f"BROKEN: {fault}" for fault in lost(name, before["status"], after["status"])]
    told = f"{place(before)} -> {place(after)}, {'the same' if same else 'another'} digest"
    return f"{name:<10} {'; '.join([told, *faults])}"


def lost(name: str, before: Status, after: Status) -> Iterator[str]:
    """What an upgrade may never take from a plan."""
    decided, still = (status["approval"].get("decisions", []) for status in (before, after))
    if still[: len(decided)] != decided:
        yield "a recorded decision is gone or another"
    if after["publication"] < before["publication"]:
        yield "the publication went back"
    if (after["publication"] == before["publication"]) != (after.get("digest") == before.get("digest")):
        yield "publication and digest do not go together"
    if name in ENDED:
        yield from (f"{key} changed" for key in KEPT if before.get(key) != after.get(key))


def ended(scene: Scene, name: str, *, after: Plan, before: Plan) -> str:
    """On its own if what was approved is still what is published; by another approval, and by nothing else, if it is not."""
    if name == "approved":
        scene.edit(name, suspend=False)
    waits = after["status"]["reason"] in ("AwaitingApproval", "PreviewChanged")
    if waits:
        scene.decide(name, "approve")
    final = scene.until(name, "Succeeded")
    same = final["status"].get("digest") == before["status"].get("digest")
    told = (
        f"Succeeded {'after another approval' if waits else 'on its own'}, {'the same' if same else 'another'} digest"
    )
    faults = [f"BROKEN: {fault}" for fault in asked(again=waits, same=same) if name != "waiting"]
    return f"{name:<10} {'; '.join([told, *faults])}"


def asked(*, again: bool, same: bool) -> Iterator[str]:
    """What was approved runs without another word, and nothing else does."""
    if again and same:
        yield "what had been approved was asked for again"
    if not again and not same:
        yield "what nobody had approved was run"


def place(plan: Plan) -> str:
    status = plan["status"]
    return f"{status['phase']}/{status['reason']} {status['publication']}"


def approve(scene: Scene, plan: Plan) -> None:
    name = plan["metadata"]["name"]
    scene.submit(plan)
    scene.until(name, "AwaitingApproval")
    scene.decide(name, "approve")


def schedule(scene: Scene, *, pods: bool) -> None:
    answer = scene.admin.merge(NODE, {"spec": {"unschedulable": not pods}})
    if not answer.ok:
        raise SystemExit(f"{NODE} cannot be changed: {answer.message}")


if __name__ == "__main__":
    main()
