"""What executors did to targets, as the API server's audit log has it, and the marks that it left on them."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from tests.support.identities import GROUP
from tests.support.oracle import Effect
from tests.support.scene import Scene

from countersign.api.names import ACTION_ID, EXTRA_PLAN, IDEMPOTENCY_KEY, PLAN_UID

_WRITES = ("create", "update", "patch", "delete")
_MARKED = (
    *(
        f"{GROUP}/namespaces/{{}}/{plural}"
        for plural in ("tools", "modelproviders", "policies", "deploydrafts", "agents", "policybindings")
    ),
    *(f"/api/v1/namespaces/{{}}/{plural}" for plural in ("serviceaccounts", "configmaps", "services")),
    "/apis/apps/v1/namespaces/{}/deployments",
)


class Trail:
    """Of one namespace, from now on. The log may be rotated meanwhile, which leaves the open file what it was."""

    def __init__(self, log: Path, namespace: str) -> None:
        self.log = log
        self.namespace = namespace
        self.file: TextIO = log.open(encoding="utf-8")
        self.file.seek(0, 2)
        self.found: list[tuple[str, Effect]] = []
        self.half = ""
        """A line that was not written to its end when it was read."""

    def so_far(self) -> list[tuple[str, Effect]]:
        """With the uid of the plan that each was made for; one that names no plan is for the plan without a uid."""
        self._read(self.file.read())
        return self.found

    def effects(self) -> list[tuple[str, Effect]]:
        """The same, and nothing is read afterwards."""
        with self.file as file, self.log.open(encoding="utf-8") as current:
            self.so_far()
            if not os.path.sameopenfile(file.fileno(), current.fileno()):
                self._read(current.read())
        return self.found

    def _read(self, text: str) -> None:
        lines, _, self.half = (self.half + text).rpartition("\n")
        events = (json.loads(line) for line in lines.splitlines() if self.namespace in line)
        self.found += [_effect(event) for event in events if self._is_effect(event)]

    def _is_effect(self, event: dict[str, Any]) -> bool:
        actor = event.get("impersonatedUser", event["user"]).get("username", "")
        return (
            actor.startswith(f"system:serviceaccount:{self.namespace}:")
            and event["objectRef"].get("namespace") == self.namespace
            and event["verb"] in _WRITES
            and "dryRun=All" not in event["requestURI"]
            and event.get("responseStatus", {}).get("code", 500) < 300
        )


def _effect(event: dict[str, Any]) -> tuple[str, Effect]:
    actor = event.get("impersonatedUser", event["user"])
    (plan,) = actor.get("extra", {}).get(EXTRA_PLAN, [""])
    uid, _, action = plan.partition("/")
    at = datetime.fromisoformat(event["requestReceivedTimestamp"]).timestamp()
    target = event["objectRef"]
    return uid, Effect(at=at, action=action, resource=target["resource"], name=target["name"])


def marks(scene: Scene) -> set[tuple[str, str, str]]:
    """Uid of the plan, id and key of the action: of each object that a plan wrote last."""
    bodies = (scene.admin.get(path.format(scene.namespace)).body["items"] for path in _MARKED)
    return {mark for items in bodies for item in items if (mark := _mark(item["metadata"])) is not None}


def _mark(metadata: dict[str, Any]) -> tuple[str, str, str] | None:
    uid, notes = metadata.get("labels", {}).get(PLAN_UID), metadata.get("annotations", {})
    return (uid, notes[ACTION_ID], notes[IDEMPOTENCY_KEY]) if uid else None
