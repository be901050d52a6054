"""A cluster in memory for the command line: it keeps objects, stamps decisions, and changes while a command sleeps.

`fake.then(step)` queues what happens during the next sleep, usually what the operator would do; `fake.refuses` makes a verb
fail; `fake.calls` is what was asked, in order.
"""

import copy
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.plans import DIGEST, a_decision

from countersign.api.names import COMMANDS, DECISION, PLAN, PLAN_PREVIEW, command
from countersign.cli.cluster import Applied, Json
from countersign.errors import NotFound
from countersign.model.effect import ResourceKind

Place = tuple[str, str, str]


@dataclass
class FakePlans:
    namespace: str = "default"
    user: str = "ann"
    objects: dict[Place, Json] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    refuses: dict[str, Exception] = field(default_factory=dict)
    steps: deque[Callable[[], None]] = field(default_factory=deque)
    stamps: bool = True
    """False: the admission policies are not in place."""

    def get(self, kind: ResourceKind, *, namespace: str, name: str) -> Json:
        self._called("get", name)
        return copy.deepcopy(self._found(kind, namespace, name))

    def list(self, kind: ResourceKind, *, namespace: str | None, fields: str = "") -> tuple[Json, ...]:
        self._called("list", fields)
        wanted = fields.partition("=")[2]
        return tuple(
            copy.deepcopy(content)
            for (plural, place, _), content in self.objects.items()
            if plural == kind.plural
            and namespace in (None, place)
            and wanted in ("", content.get("status", {}).get("reason"))
        )

    def create(self, kind: ResourceKind, *, namespace: str, body: Mapping[str, Any]) -> Json:
        self._called("create", body["metadata"]["name"])
        return copy.deepcopy(self._stored(kind, namespace, body))

    def apply(self, kind: ResourceKind, *, namespace: str, body: Mapping[str, Any], force: bool = False) -> Applied:
        self._called("force" if force else "apply", body["metadata"]["name"])
        before = self.objects.get((kind.plural, namespace, body["metadata"]["name"]))
        if before is None:
            return Applied(copy.deepcopy(self._stored(kind, namespace, body)), created=True)
        changed = {key: value for key, value in body.items() if key != "metadata" and before.get(key) != value}
        before.update(copy.deepcopy(changed))
        before["metadata"]["generation"] += 1 if "spec" in changed else 0
        return Applied(copy.deepcopy(before), created=False)

    def patch(self, kind: ResourceKind, *, namespace: str, name: str, body: Mapping[str, Any]) -> Json:
        self._called("patch", name)
        found = self._found(kind, namespace, name)
        annotations = found["metadata"].setdefault("annotations", {})
        annotations.update(body.get("metadata", {}).get("annotations", {}))
        if changed := body.get("spec"):
            found["spec"].update(changed)
            found["metadata"]["generation"] += 1
        for verb in COMMANDS if self.stamps else ():
            if quotes := annotations.pop(command(verb), None):
                stamp = {"n": found["metadata"]["resourceVersion"], "outcome": verb, "quotes": quotes, "by": self.user}
                annotations[DECISION] = json.dumps(stamp)
        return copy.deepcopy(found)

    def delete(self, kind: ResourceKind, *, namespace: str, name: str) -> None:
        self._called("delete", name)
        self._found(kind, namespace, name)
        del self.objects[kind.plural, namespace, name]

    def holds(self, *contents: Json) -> "FakePlans":
        """From now on."""
        kinds = {kind.kind: kind for kind in (PLAN, PLAN_PREVIEW)}
        for content in contents:
            metadata = content["metadata"]
            place = (kinds[content["kind"]].plural, metadata["namespace"], metadata["name"])
            self.objects[place] = copy.deepcopy(content)
        return self

    def then(self, *steps: Callable[[], None]) -> "FakePlans":
        """One for each sleep."""
        self.steps.extend(steps)
        return self

    def pass_time(self) -> None:
        if self.steps:
            self.steps.popleft()()

    def plan(self, name: str) -> Json:
        return self._found(PLAN, self.namespace, name)

    def verdict(self, name: str, **status: Any) -> Callable[[], None]:
        """A step: the operator has seen the current content and writes this."""

        def step() -> None:
            names = [name, *(key[2] for key in self.objects if key[2].startswith(f"{name}-validate-"))]
            for (plural, _, found), content in self.objects.items():
                if plural == PLAN.plural and found in names:
                    generation = content["metadata"]["generation"]
                    content["status"] = {**content.get("status", {}), **status, "observedGeneration": generation}

        return step

    def records(self, name: str, *, why: str = "", breaks: bool | None = None, **status: Any) -> Callable[[], None]:
        """A step: the operator records the decision that was stamped. `breaks`: it asks to break the glass, and may."""

        def step() -> None:
            content = self.plan(name)
            stamp = json.loads(content["metadata"]["annotations"][DECISION])
            decision = a_decision(
                n=stamp["n"],
                outcome=stamp["outcome"],
                by=stamp["by"],
                comment=stamp["quotes"].removeprefix(DIGEST).strip(),
                counts=not why,
                why=why,
                breaksGlass=breaks,
            )
            approval = content["status"]["approval"]
            approval["decisions"] = [*approval.get("decisions", []), decision]
            approval["recorded"] = stamp["n"]
            approval.update(status.pop("approval", {}))
            content["status"].update(status)

        return step

    def _stored(self, kind: ResourceKind, namespace: str, body: Mapping[str, Any]) -> Json:
        name = body["metadata"]["name"]
        served = {
            "uid": f"uid-{name}",
            "resourceVersion": "7",
            "generation": 1,
            "creationTimestamp": "2026-01-01T12:00:00Z",
        }
        content = {**copy.deepcopy(dict(body)), "metadata": {**body["metadata"], "namespace": namespace, **served}}
        self.objects[kind.plural, namespace, name] = content
        return content

    def _called(self, verb: str, what: str) -> None:
        self.calls.append((verb, what))
        if verb in self.refuses:
            raise self.refuses[verb]

    def _found(self, kind: ResourceKind, namespace: str, name: str) -> Json:
        if (kind.plural, namespace, name) not in self.objects:
            raise NotFound(f"There is no {kind.kind} {name}", code=404)
        return self.objects[kind.plural, namespace, name]
