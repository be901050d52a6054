"""Which rights the generated roles give, and which of them the requests of an audit log took."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from countersign.api.install import Install
from countersign.api.rbac import ACTING, DRILL_CANARY, DRILL_EXECUTOR, OPERATOR, cluster_roles, kinds_written, roles
from countersign.api.resources import DOMAIN

INSTALL = Install()
TARGETS = {f"{kind.group}/{kind.plural}" for kind in (*kinds_written(), *DOMAIN)}
HOLDERS = {
    OPERATOR: INSTALL.account,
    ACTING: INSTALL.account,
    DRILL_CANARY: INSTALL.canary,
    DRILL_EXECUTOR: INSTALL.executors[0],
}


@dataclass(frozen=True, slots=True)
class Right:
    """`resource` is group/plural/subresource; an empty name or namespace is any."""

    holder: str
    verb: str
    resource: str
    name: str = ""
    namespace: str = ""

    def covers(self, taken: "Right") -> bool:
        """Kinds that plans write are all alike to the operator: one stands for the others."""
        same = self.resource == taken.resource or {self.resource, taken.resource} <= TARGETS
        here = self.name in ("", taken.name) and self.namespace in ("", taken.namespace)
        return same and here and (self.holder, self.verb) == (taken.holder, taken.verb)


def roles_held() -> list[dict[str, Any]]:
    """The roles of the operator and of the accounts that its drills act as."""
    return [role for role in (*cluster_roles(INSTALL), *roles(INSTALL)) if role["metadata"]["name"] in HOLDERS]


def given(role: dict[str, Any], rule: dict[str, Any]) -> Iterator[Right]:
    holder, namespace = HOLDERS[role["metadata"]["name"]], role["metadata"].get("namespace", "")
    for verb in rule["verbs"]:
        for resource in rule["resources"]:
            for name in rule.get("resourceNames", [""]):
                yield Right(holder, verb, f"{rule['apiGroups'][0]}/{resource}", name, namespace)


def taken(log: Iterable[str]) -> set[Right]:
    """By the operator, in its own name or in that of others."""
    events = [json.loads(line) for line in log]
    return {right for event in events if event["user"]["username"] == INSTALL.operator for right in _of(event)}


def _of(event: dict[str, Any]) -> Iterator[Right]:
    place = event.get("objectRef", {})
    resource = "/".join((place.get("apiGroup", ""), place.get("resource", "")))
    resource += f"/{place['subresource']}" if "subresource" in place else ""
    actor = event.get("impersonatedUser")
    holder = _account(actor or event["user"])
    asked = Right(holder, event["verb"], resource, place.get("name", ""), place.get("namespace", ""))
    yield asked
    if event["verb"] == "patch" and event["responseStatus"]["code"] == 201:
        yield replace(asked, verb="create")
    if actor:
        _, _, namespace, name = actor["username"].split(":")
        yield Right(INSTALL.account, "impersonate", "/serviceaccounts", name, namespace)
        for key in actor.get("extra", ()):
            yield Right(INSTALL.account, "impersonate", f"authentication.k8s.io/userextras/{key}")


def _account(user: dict[str, Any]) -> str:
    return str(user["username"]).rpartition(":")[2]
