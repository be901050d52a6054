"""The approval part of a Plan's status: who has to agree, who decided what, and who counts."""

from typing import Annotated, Literal

from pydantic import Field

from countersign.api.status_words import Digest, Moment, Name, User, Word, atomic, grows
from countersign.model.base import Recorded

MAX_DECISIONS = 100


class Decision(Recorded):
    """One recorded decision of one person. Recorded once, also if it does not count."""

    n: Word
    """The resourceVersion of the plan that the decision was made on."""
    outcome: Literal["approve", "reject", "revise", "revoke"]
    by: User
    groups: Annotated[
        list[Annotated[str, Field(max_length=512)]], Field(max_length=32, json_schema_extra=atomic())
    ] = []
    digest: Digest
    comment: Annotated[str, Field(max_length=1024)] = ""
    at: Moment
    """When the operator recorded it."""
    counts: bool = True
    """Whether it counted when it was recorded. Later it can still end: with its digest, by expiry, or revoked."""
    why: Annotated[str, Field(max_length=256)] = ""
    """Why it does not count."""


class Approval(Recorded):
    """Who has to agree, and who did."""

    gate: Literal["auto", "humanInTheLoop", "blocked"] | None = None
    policies: Annotated[list[Name], Field(max_length=32, json_schema_extra=atomic())] = []
    required: int = 0
    approved: int = 0
    progress: Annotated[str, Field(max_length=16)] = ""
    """`approved` of `required`, for people: 1/2."""
    recorded: Word | None = None
    """`n` of the newest recorded decision; the next decision is admitted after the previous one is recorded."""
    decisions: Annotated[
        list[Decision],
        Field(max_length=MAX_DECISIONS, json_schema_extra=grows("decisions are never removed or changed")),
    ] = []
    counted: Annotated[list[User], Field(max_length=MAX_DECISIONS, json_schema_extra=atomic())] = []
    """Whose approvals of the current digest count."""
    authors: Annotated[list[User], Field(max_length=100, json_schema_extra=atomic())] = []
    """Everyone who wrote a part of this plan; none of them may approve it."""
    generation: int = 0
    """Up to this generation of the plan the authors are known: so far the admission policies stood."""
    expires_at: Moment | None = None
    """Approvals of the current digest end here."""
    consumed_at: Moment | None = None
    """When the approvals of the current publication were used to start the execution; they can be used once."""
