"""An ApiClient over a dictionary, for tests of what the shell does with answers; how they travel is tested elsewhere.

It keeps resourceVersions and uids as the API server does, and the admission policies stand unless `biting` says otherwise.
"""

import json
from collections.abc import Awaitable, Callable
from copy import deepcopy
from typing import Any

from countersign.api.names import AUTHORS, DRILL, PLAN, PLAN_PREVIEW
from countersign.errors import Conflict, Forbidden, NotFound
from countersign.model.effect import TOOL, ResourceKind
from countersign.shell.client import Applied, ListResult

POLICIES = {PLAN: "countersign-decisions", PLAN_PREVIEW: "countersign-status", TOOL: "countersign-executor"}
Content = dict[str, Any]


class FakeApi:
    """`calls` are verb and plural of what was asked; `troubles` are raised by the next calls of a verb and plural.

    Users in `allowed` may do everything, as far as access reviews tell; `reviewed` is what was asked about them.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.troubles: dict[tuple[str, str], list[Exception]] = {}
        self.before: Callable[[str, str], Awaitable[None]] | None = None
        self.asked_as: list[Any] = []
        """As whom each object was got; None is the operator itself."""
        self.biting = {"countersign-stamp", "countersign-delete", *POLICIES.values()}
        self.reviewed: list[Content] = []
        self.allowed: set[str] = set()
        self._objects: dict[tuple[str, str, str], Content] = {}
        self._version = 100

    def put(self, kind: ResourceKind, name: str, *, namespace: str = "shop", **content: Any) -> Content:
        """It is there now, in a new version; a new uid unless it was there before."""
        self._version += 1
        old = self._objects.get((kind.plural, namespace, name))
        metadata = {
            "name": name,
            "uid": old["metadata"]["uid"] if old else f"uid-{self._version}",
            "generation": 1,
            "creationTimestamp": "2026-01-01T00:00:00Z",
            **({"namespace": namespace} if namespace else {}),
            **content.pop("metadata", {}),
            "resourceVersion": str(self._version),
        }
        made = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata, **content}
        self._objects[kind.plural, namespace, name] = made
        return deepcopy(made)

    def take(self, kind: ResourceKind, name: str, *, namespace: str = "shop") -> Content:
        """It is gone now."""
        self._version += 1
        return self._objects.pop((kind.plural, namespace, name))

    def now(self, kind: ResourceKind, name: str, *, namespace: str = "shop") -> Content:
        return deepcopy(self._objects[kind.plural, namespace, name])

    def fail(self, verb: str, kind: ResourceKind, *errors: Exception) -> None:
        self.troubles.setdefault((verb, kind.plural), []).extend(errors)

    async def get(self, kind: ResourceKind, *, namespace: str, name: str, acting_as: Any = None, **_: Any) -> Content:
        self.asked_as.append(acting_as)
        await self._asked("get", kind)
        return deepcopy(self._found(kind, namespace, name))

    async def list(self, kind: ResourceKind, *, each: Callable[[Content], Any] = deepcopy, **_: Any) -> ListResult:
        await self._asked("list", kind)
        items = [each(deepcopy(content)) for (plural, _, _), content in self._objects.items() if plural == kind.plural]
        return ListResult(items=tuple(items), resource_version=str(self._version))

    async def create(
        self, kind: ResourceKind, *, namespace: str, body: Content, dry_run: bool = False, acting_as: Any = None
    ) -> Content:
        await self._asked("create", kind)
        if acting_as is not None:
            self._admit(kind, body)
            stamp = {AUTHORS: json.dumps(acting_as.user)} if "countersign-stamp" in self.biting else {}
            kept = {} if stamp else body["metadata"].get("annotations", {})
            return {**body, "metadata": {**body["metadata"], "annotations": kept | stamp}}
        if (kind.plural, namespace, body["metadata"]["name"]) in self._objects:
            raise Conflict("already exists", code=409, reason="AlreadyExists")
        content = {key: value for key, value in body.items() if key != "metadata"}
        return self.put(kind, body["metadata"]["name"], namespace=namespace, metadata=body["metadata"], **content)

    async def review(self, kind: ResourceKind, *, body: Content, **_: Any) -> Content:
        await self._asked("review", kind)
        self.reviewed.append(body["spec"])
        return {**body, "status": {"allowed": body["spec"]["user"] in self.allowed}}

    async def apply(
        self,
        kind: ResourceKind,
        *,
        namespace: str,
        name: str,
        body: Content,
        dry_run: bool = False,
        subresource: str = "",
        **_: Any,
    ) -> Applied:
        await self._asked("dry-run" if dry_run else "apply", kind)
        old = self._objects.get((kind.plural, namespace, name))
        if subresource and old is None:
            raise NotFound(f"{kind.plural} {name} not found", code=404)
        wanted = body.get("metadata", {}).get("resourceVersion")
        if wanted is not None and wanted != (old["metadata"]["resourceVersion"] if old else "1"):
            raise Conflict("the object has been modified", code=409, reason="Conflict")
        rest = {key: value for key, value in body.items() if key != "metadata"}
        merged = {**{key: value for key, value in (old or {}).items() if key != "metadata"}, **rest}
        metadata = {
            key: value for key, value in body.get("metadata", {}).items() if key not in {"resourceVersion", "uid"}
        }
        if dry_run:
            there = old["metadata"] if old else {"uid": "dry", "resourceVersion": "0"}
            return Applied(content={**merged, "metadata": {**there, **metadata}}, created=old is None)
        kept = {**(old["metadata"] if old else {}), **metadata}
        merged = {key: value for key, value in merged.items() if key not in {"apiVersion", "kind"}}
        return Applied(content=self.put(kind, name, namespace=namespace, metadata=kept, **merged), created=old is None)

    async def delete(self, kind: ResourceKind, *, namespace: str, name: str, uid: str | None = None, **_: Any) -> None:
        await self._asked("delete", kind)
        if uid not in (None, self._found(kind, namespace, name)["metadata"]["uid"]):
            raise Conflict("another uid", code=409)
        self.take(kind, name, namespace=namespace)

    def _admit(self, kind: ResourceKind, body: Content) -> None:
        drill = body["metadata"].get("annotations", {}).get(DRILL)
        policy = "countersign-delete" if drill == "delete" else POLICIES[kind]
        forged = kind != PLAN or drill is not None
        if forged and policy in self.biting:
            raise Forbidden(f"ValidatingAdmissionPolicy '{policy}' with binding 'x' denied request", code=403)

    def _found(self, kind: ResourceKind, namespace: str, name: str) -> Content:
        if (kind.plural, namespace, name) not in self._objects:
            raise NotFound(f"{kind.plural} {name} not found", code=404)
        return self._objects[kind.plural, namespace, name]

    async def _asked(self, verb: str, kind: ResourceKind) -> None:
        self.calls.append((verb, kind.plural))
        if self.before is not None:
            await self.before(verb, kind.plural)
        if waiting := self.troubles.get((verb, kind.plural)):
            raise waiting.pop(0)
