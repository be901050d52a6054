"""The operator's words to the API server: get, list, create, apply, delete, review.

Called by observe, look, act, report, sweep, lease and guard; builds a `Request` from a kind and names and hands it to
`transport`. Returned objects are plain dictionaries that carry apiVersion and kind, and no managedFields unless asked for.
What is applied must never be created by `create`: the two count as different managers, and the next apply would conflict.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from countersign.errors import Expired
from countersign.model.effect import ResourceKind
from countersign.shell.actor import Actor
from countersign.shell.request import APPLY, JSON, Request, collection, encode, home, member, with_query
from countersign.shell.transport import Transport

CHUNK = 50
"""Objects in one answer to a list: what they need while they are read is what the process needs at most."""


@dataclass(frozen=True, slots=True)
class ListResult:
    """`resource_version` is the moment at which these were all the items: the objects, or what was made of `each`."""

    items: tuple[Any, ...]
    resource_version: str


@dataclass(frozen=True, slots=True)
class Applied:
    """The object as it is now, whether the server had to create it, and what it warned about."""

    content: dict[str, Any]
    created: bool
    warnings: tuple[str, ...] = ()


def _itself(content: dict[str, Any]) -> dict[str, Any]:
    """Nothing else is made of it."""
    return content


@dataclass(frozen=True, slots=True)
class ApiClient:
    """Every method raises one of `countersign.errors`."""

    transport: Transport

    async def get(
        self,
        kind: ResourceKind,
        *,
        namespace: str,
        name: str,
        metadata_only: bool = False,
        managed_fields: bool = False,
        acting_as: Actor | None = None,
    ) -> dict[str, Any]:
        request = Request(
            verb="get",
            method="GET",
            path=member(kind, namespace=namespace, name=name),
            headers=(*_accept("PartialObjectMetadata" if metadata_only else ""), *_identity(acting_as)),
        )
        found = await self.transport.send(request)
        return _shown(found.content, kind=kind, managed_fields=managed_fields)

    async def list(  # noqa: PLR0913 - a list has this many independent choices
        self,
        kind: ResourceKind,
        *,
        namespace: str | None = None,
        label_selector: str = "",
        metadata_only: bool = False,
        chunk: int = CHUNK,
        each: Callable[[dict[str, Any]], Any] = _itself,
        acting_as: Actor | None = None,
    ) -> ListResult:
        """All at one resourceVersion, read in chunks. With `each` no more than one chunk of objects is in memory at a time."""
        path = collection(kind, namespace)
        query = {"labelSelector": label_selector}
        headers = (*_accept("PartialObjectMetadataList" if metadata_only else ""), *_identity(acting_as))

        def taken(item: dict[str, Any]) -> Any:
            return each(_shown(item, kind=kind))

        try:
            return await self._pages(path, query=query | {"limit": str(chunk)}, headers=headers, taken=taken)
        except Expired:
            # The server forgot that moment between two chunks. One answer cannot expire half way.
            return await self._pages(path, query=query, headers=headers, taken=taken)

    async def _pages(
        self,
        path: str,
        *,
        query: dict[str, str],
        headers: tuple[tuple[str, str], ...],
        taken: Callable[[dict[str, Any]], Any],
    ) -> ListResult:
        items: list[Any] = []
        rest = ""
        while True:
            url = with_query(path, query | {"continue": rest})
            page = (await self.transport.send(Request(verb="list", method="GET", path=url, headers=headers))).content
            items.extend(map(taken, page.get("items") or ()))
            metadata = page["metadata"]
            # While the next chunk comes, nobody needs this one.
            del page
            rest = metadata.get("continue", "")
            if not rest:
                return ListResult(items=tuple(items), resource_version=metadata.get("resourceVersion", ""))

    async def create(
        self,
        kind: ResourceKind,
        *,
        namespace: str,
        body: Mapping[str, Any],
        dry_run: bool = False,
        acting_as: Actor | None = None,
    ) -> dict[str, Any]:
        path = with_query(home(kind, namespace), {"dryRun": "All" if dry_run else ""})
        return await self._post(kind, path=path, body=body, acting_as=acting_as, changes=not dry_run)

    async def review(
        self, kind: ResourceKind, *, body: Mapping[str, Any], namespace: str = "", acting_as: Actor | None = None
    ) -> dict[str, Any]:
        """Ask a question that is put as a POST, such as a SubjectAccessReview. Nothing is stored, so it counts as a read."""
        path = home(kind, namespace)
        return await self._post(kind, path=path, body=body, acting_as=acting_as, changes=False)

    async def _post(
        self, kind: ResourceKind, *, path: str, body: Mapping[str, Any], acting_as: Actor | None, changes: bool
    ) -> dict[str, Any]:
        request = Request(
            verb="create",
            method="POST",
            path=path,
            headers=(("Content-Type", JSON), *_identity(acting_as)),
            body=encode({"apiVersion": kind.api_version, "kind": kind.kind, **body}),
            changes=changes,
        )
        return _shown((await self.transport.send(request)).content, kind=kind)

    async def apply(  # noqa: PLR0913 - server-side apply has this many independent choices
        self,
        kind: ResourceKind,
        *,
        namespace: str,
        name: str,
        body: Mapping[str, Any],
        field_manager: str,
        force: bool = False,
        dry_run: bool = False,
        subresource: str = "",
        acting_as: Actor | None = None,
    ) -> Applied:
        """Server-side apply of all fields that `field_manager` wants to own. apiVersion, kind and name are filled in.

        A `metadata.resourceVersion` in the body makes it compare-and-apply; "1" without a uid means: only if absent.
        """
        query = {"fieldManager": field_manager, "force": "true" if force else "", "dryRun": "All" if dry_run else ""}
        request = Request(
            verb="apply",
            method="PATCH",
            path=with_query(member(kind, namespace=namespace, name=name, subresource=subresource), query),
            headers=(("Content-Type", APPLY), *_identity(acting_as)),
            body=encode(_named(body, kind=kind, name=name)),
            changes=not dry_run,
        )
        given = await self.transport.send(request)
        content = _shown(given.content, kind=kind)
        return Applied(content=content, created=given.code == HTTPStatus.CREATED, warnings=given.warnings)

    async def delete(
        self,
        kind: ResourceKind,
        *,
        namespace: str,
        name: str,
        uid: str | None = None,
        resource_version: str | None = None,
        acting_as: Actor | None = None,
    ) -> None:
        """With `uid` or `resource_version` only that object in that state; otherwise whatever has the name."""
        conditions = {"uid": uid, "resourceVersion": resource_version}
        given = {key: value for key, value in conditions.items() if value is not None}
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": given}
        request = Request(
            verb="delete",
            method="DELETE",
            path=member(kind, namespace=namespace, name=name),
            headers=(("Content-Type", JSON), *_identity(acting_as)),
            body=encode(options),
            changes=True,
        )
        await self.transport.send(request)


@dataclass(frozen=True, slots=True)
class Clients:
    """`fenced` changes nothing without the Lease."""

    fenced: ApiClient
    unfenced: ApiClient


def _accept(partial: str) -> tuple[tuple[str, str], ...]:
    """Without a second choice: a server that cannot leave the data away must not send it."""
    return (("Accept", f"{JSON};as={partial};g=meta.k8s.io;v=v1" if partial else JSON),)


def _identity(actor: Actor | None) -> tuple[tuple[str, str], ...]:
    return () if actor is None else actor.headers()


def _named(body: Mapping[str, Any], *, kind: ResourceKind, name: str) -> dict[str, Any]:
    """What the body says itself stands: the server refuses a contradiction."""
    metadata = {"name": name, **body.get("metadata", {})}
    return {"apiVersion": kind.api_version, "kind": kind.kind, **body, "metadata": metadata}


def _shown(content: dict[str, Any], *, kind: ResourceKind, managed_fields: bool = False) -> dict[str, Any]:
    """Items of a list and partial objects do not say what they are, so it is written in."""
    if not managed_fields:
        content.get("metadata", {}).pop("managedFields", None)
    return {**content, "apiVersion": kind.api_version, "kind": kind.kind}
