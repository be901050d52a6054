"""How risky it is to make a Tool be what the plan says: the maximum over what is proposed, what is there, and the step between.

Takes params and dry runs, gives factors. `judgement` says how the tables are read.
"""

from collections.abc import Iterator

from countersign.actions.base import Seen
from countersign.actions.judgement import Rulebook, State, Step
from countersign.actions.tool_posture import Offer, Posture
from countersign.actions.tool_spec import AuthType, Mode, ToolParams
from countersign.model.risk import Factor, Level

_DANGEROUS = frozenset({"destructive", "financial", "pii"})
_STRICTNESS = {Mode.OPEN.value: 0, Mode.RESTRICTED.value: 1}
_ASSURANCE = {AuthType.NONE.value: 0, AuthType.API_KEY.value: 1}
_UNKNOWN = 2
"""Rank of the strictest value, and of any that we do not know: leaving it is never taken for harmless."""

_BASE = Factor(Level.MEDIUM, "tool.base", "agents can be allowed to call what the tool names")
_CREDENTIAL = Factor(Level.MEDIUM, "tool.credentialNamed", "calls carry what the Secret named in the tool holds")

_STATES: tuple[State[Posture], ...] = (
    State(
        "tool.dangerousTag",
        "the tool or a capability is tagged destructive, financial or pii, now or after the change",
        lambda tool: bool(tool.all_tags & _DANGEROUS),
    ),
    State(
        "tool.criticalMode",
        "the access mode is Critical, now or after the change",
        lambda tool: tool.mode == Mode.CRITICAL,
    ),
    State(
        "tool.plainHttpOutside",
        "calls go by plain http to a host that is not known to be inside, now or after the change",
        lambda tool: tool.plain and tool.outside,
    ),
    State(
        "tool.certificateNotVerified",
        "any certificate is accepted, now or after the change",
        lambda tool: tool.unverified,
    ),
)

_STEPS: tuple[Step[Posture], ...] = (
    Step(
        "tool.hostChangedWithCredential",
        "the host or port changes on a tool that has a credential",
        lambda old, new: old.origin != new.origin and (old.credentialed or new.credentialed),
    ),
    Step(
        "tool.tokenHostChanged",
        "client credentials or users are sent to another host",
        lambda old, new: bool(old.endpoints and new.endpoints) and old.endpoints != new.endpoints,
    ),
    Step(
        "tool.credentialChanged",
        "another Secret than before is sent",
        lambda old, new: bool(new.secrets - old.secrets),
    ),
    Step(
        "tool.trustChanged",
        "another certificate than before is accepted on a tool that has a credential",
        lambda old, new: old.trust != new.trust and (old.credentialed or new.credentialed),
    ),
    Step(
        "tool.encryptionDropped",
        "https becomes plain http",
        lambda old, new: not old.plain and new.plain,
    ),
    Step(
        "tool.authenticationWeakened",
        "calls are authenticated less strongly than before",
        lambda old, new: _ASSURANCE.get(new.authentication, _UNKNOWN) < _ASSURANCE.get(old.authentication, _UNKNOWN),
    ),
    Step(
        "tool.riskTagDropped",
        "a risk tag goes away from something that can still be called, so policies on that tag stop matching it",
        lambda old, new: bool(old.tags - new.tags) or any(_untagged(old, new)),
    ),
    Step(
        "tool.modeLoosened",
        "the access mode becomes looser",
        lambda old, new: _STRICTNESS.get(new.mode, _UNKNOWN) < _STRICTNESS.get(old.mode, _UNKNOWN),
    ),
    Step(
        "tool.approvalTurnedOff",
        "calls no longer need approval",
        lambda old, new: old.asks and not new.asks,
    ),
    Step(
        "tool.approversChanged",
        "the group that approved calls so far no longer does",
        lambda old, new: bool(old.approvers) and old.approvers != new.approvers,
    ),
    Step(
        "tool.approvalsStay",
        "approvals no longer end by themselves",
        lambda old, new: old.expires and not new.expires,
    ),
    Step(
        "tool.capabilitiesUnbounded",
        "no capability is listed any more, so everything the tool offers can be called",
        lambda old, new: bool(old.offers) and not new.offers,
    ),
)


RULES = Rulebook(view=Posture, states=_STATES, steps=_STEPS)


def factors(params: ToolParams, seen: tuple[Seen, ...]) -> tuple[Factor, ...]:
    """The base, and each rule that holds anywhere, once."""
    proposed = Posture({"spec": params.spec.wire()})
    named = (_CREDENTIAL,) if proposed.credentialed else ()
    return (_BASE, *named, *RULES.judge(seen, proposed=[proposed]))


def _untagged(old: Posture, new: Posture) -> Iterator[Offer]:
    """Capabilities whose calls are still possible, without a tag they had.

    Removing a capability is narrowing and fine, unless a new or changed one lets the same calls through. Removing all of
    them lets everything through.
    """
    fresh = [offer for offer in new.offers if offer not in old.offers]
    for offer in old.offers:
        lost = offer.tags - new.tags
        if lost and not new.offers:
            yield offer
        if any(lost - other.tags for other in fresh if other.reaches(offer)):
            yield offer
