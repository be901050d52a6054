"""The approval part of a Plan's status: who has to agree, who decided what, and who counts."""

from typing import Annotated, Literal

from pydantic import Field

from countersign.api.status_words import Digest, Moment, Name, User, Word, atomic, grows
from countersign.model.base import Recorded

MAX_DECISIONS = 100
MAX_POLICIES = 32
MAX_LINES = 16

Group = Annotated[str, Field(max_length=512)]


_MANY = 1024
"""More than fit: what is asked of approvers has 4 KiB, which stage 13 makes sure of."""


class GroupList(Recorded):
    """Groups of which one is enough."""

    groups: Annotated[list[Group], Field(max_length=32, json_schema_extra=atomic())]


class EmergencyApprovers(Recorded):
    """Who can open a blocked gate or a freeze. They belong to one group of every list."""

    lists: Annotated[list[GroupList], Field(max_length=_MANY, json_schema_extra=atomic())]
    quorum: int


class DecidingLine(Recorded):
    """One line of one approval policy that decided what is asked of approvers."""

    asks: Literal["gate", "quorum", "expiry", "breakGlass"]
    policy: Name = ""
    """Empty where no policy says anything about it."""
    line: Word
    """Path below the spec of the policy, or `default`."""


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
    breaks_glass: bool | None = None
    """Whether it asks to break the glass, and comes from somebody who may."""


class Approval(Recorded):
    """Who has to agree, and who did."""

    gate: Literal["auto", "humanInTheLoop", "blocked"] | None = None
    policies: Annotated[list[Name], Field(max_length=MAX_POLICIES, json_schema_extra=atomic())] = []
    because: Annotated[list[DecidingLine], Field(max_length=MAX_LINES, json_schema_extra=atomic())] = []
    """Which lines of these policies decided about gate, quorum, expiry and the breaking of the glass."""
    required: int = 0
    approved: int = 0
    progress: Annotated[str, Field(max_length=16)] = ""
    """`approved` of `required`, for people: 1/2."""
    groups: Annotated[list[GroupList], Field(max_length=_MANY, json_schema_extra=atomic())] = []
    """People who approve belong to one group of every list."""
    service_accounts: Annotated[list[Group], Field(max_length=_MANY, json_schema_extra=atomic())] = []
    """Programs that may approve."""
    deputies: Annotated[list[Group], Field(max_length=_MANY, json_schema_extra=atomic())] = []
    """People who are treated as authors of this plan."""
    approver_access: bool | None = None
    """Whether approvers must be allowed every effect of the plan themselves."""
    break_glass: EmergencyApprovers | None = None
    broken_by: Annotated[list[User], Field(max_length=MAX_DECISIONS, json_schema_extra=atomic())] = []
    """Who opened a blocked gate or a freeze. Empty while nobody did."""
    labels: Annotated[dict[str, Word], Field(max_length=5)] = {}
    """What the phases are called for people."""
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
