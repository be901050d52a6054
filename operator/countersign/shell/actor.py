"""On whose behalf a request is made, as impersonation headers.

Comes from the act and look stages, which name the executor of a namespace and the plan and action it works for; goes to
`client`. A value of this type is always a complete identity: an impersonation header that is empty, or that a server
would trim to nothing, would let the request run with the operator's own rights (CVE-2026-23990 was exactly that).
"""

import re
from dataclasses import dataclass
from urllib.parse import quote

from countersign.api.names import EXTRA_PLAN
from countersign.core.questions import Tracking

# A line break would start another header. Everything else that is invisible has no place in an identity either.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Actor:
    """`extra` are pairs of key and value; a key may stand more than once. Raises ValueError when anything is empty."""

    user: str
    extra: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        _check("user", self.user)
        for key, value in self.extra:
            _check("extra key", key)
            _check(f"value of {key}", value)
            if key != key.lower():
                raise ValueError(f"An actor's extra key {key} has capitals, which headers do not keep: use lower case")

    def headers(self) -> tuple[tuple[str, str], ...]:
        extra = ((f"Impersonate-Extra-{quote(key, safe='')}", value) for key, value in self.extra)
        return (("Impersonate-User", self.user), *extra)


def _check(what: str, value: str) -> None:
    if not value or value != value.strip():
        raise ValueError(f"An actor's {what} is empty or has blanks around it: give a complete identity")
    if _CONTROL.search(value):
        raise ValueError(f"An actor's {what} contains control characters: give a plain identity")


def executor(namespace: str, account: str) -> str:
    return f"system:serviceaccount:{namespace}:{account}"


def actor(namespace: str, account: str, tracking: Tracking) -> Actor:
    """The executor with the extra that the admission policy asks for; audit logs thus name plan and action."""
    about = f"{tracking.plan_uid}/{quote(tracking.action, safe='')}"
    return Actor(user=executor(namespace, account), extra=((EXTRA_PLAN, about),))
