"""What can go wrong while touching the world. Raised only by the shell and the edges, never by the core.

    CountersignError
    ├── ConfigurationError      a setting or kubeconfig is missing or contradicts itself
    └── ClusterError            the API server answered with an error, or not at all
        ├── NotFound            404
        ├── Forbidden           403, by RBAC or by an admission policy
        ├── Conflict            409, a resourceVersion or uid that is no longer true, or the object exists
        │   └── FieldConflict   409, another field manager owns fields we name
        ├── Invalid             400, 422: the schema, a webhook or a validation rule refused the object
        ├── Expired             410: the list or watch has to start again
        └── Unavailable         401, 429, 5xx, time-out, connection lost: the same request may succeed later
            └── Fenced          not sent: this replica holds no Lease for it

A wrong plan is not an error: it is a Finding (model/finding.py). A refused dry run is one neither: it is a fact.
"""

from dataclasses import dataclass


class CountersignError(Exception):
    """Base of all."""


class ConfigurationError(CountersignError):
    """The message says which setting, and what it should be."""


class ClusterError(CountersignError):
    """`message` is the API server's own sentence; `code` the HTTP status, 0 when there was no answer."""

    def __init__(
        self, message: str, *, code: int = 0, reason: str = "", details: dict[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.reason = reason
        self.details = details or {}


class NotFound(ClusterError):
    """404."""


class Forbidden(ClusterError):
    """403."""


class Conflict(ClusterError):
    """409: somebody was faster."""


@dataclass(frozen=True, slots=True)
class OwnedField:
    """A field we named that another manager owns."""

    manager: str
    path: str


class FieldConflict(Conflict):
    """409 of server-side apply without force: `fields` says whose fields they are."""

    fields: tuple[OwnedField, ...] = ()


class Invalid(ClusterError):
    """400 or 422."""


class Expired(ClusterError):
    """410."""


class Unavailable(ClusterError):
    """Worth another try; `retry_after` is what the server asked for, in seconds."""

    retry_after: float | None = None


class Fenced(Unavailable):
    """Another replica may be doing the same already."""
