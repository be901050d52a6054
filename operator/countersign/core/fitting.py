"""Keeps a status within 128 KiB, and tells before a run whether its record will fit.

What people miss least goes first, and only as far as needed. Ids, states and what later turns compare with stay; what cannot
be kept even so is refused at validation (stage 6), before anything is done.
"""

import re
from collections.abc import Callable, Iterable

from countersign.api.approval_status import Approval
from countersign.api.plan_status import ActionStatus, Intent, LedgerEntry, PlanStatus
from countersign.core.draft import DraftAction
from countersign.core.journal import ON_THE_WAY, progress
from countersign.core.tally import carried_out
from countersign.model.effect import Call

MAX_STATUS_BYTES = 128 * 1024
_RESERVE = 12 * 1024
"""For conditions, stages, risks, messages and whatever else is left after everything below."""
_DECISIONS = 4 * 1024
"""Room for decisions that are still to come."""
_FEW = 10
_SHORT = 160
_EMPTY = re.compile(r'"[A-Za-z]+":(?:""|\[\]|\{\})')
"""A field that `wire` leaves out. Inside a text every quote is escaped, so no text looks like one."""
_DIGEST = "sha256:" + "0" * 64
_MOMENT = "2000-01-01T00:00:00Z"


def fit(status: PlanStatus) -> PlanStatus:
    for lighter in LIGHTER:
        if size(status) <= MAX_STATUS_BYTES:
            return status
        status = lighter(status)
    return status


def size(status: PlanStatus) -> int:
    """In bytes of JSON, as it is sent and stored. Quick, because a run asks for each of its actions."""
    text = status.model_dump_json(by_alias=True, exclude_none=True)
    return len(text.encode()) - sum(len(left_out) + len(",") for left_out in _EMPTY.findall(text))


def needed(status: PlanStatus, actions: Iterable[DraftAction]) -> int:
    """Bytes of the smallest status that can hold the run of these actions, from its start to its end.

    It depends only on what is never taken away, so that a plan that fits today does not become too large by being looked at.
    """
    entries = [_expected(action) for action in actions]
    known = carried_out(status.ledger)
    new = [_intent(entry) for entry in entries if entry.idempotency_key not in known]
    decided = PlanStatus(approval=Approval(decisions=status.approval.decisions))
    running = PlanStatus(
        approval=Approval(authors=status.approval.authors),
        history=status.history,
        ledger=status.ledger,
        actions=entries,
    )
    finished = running.but(actions=list(map(_ledgered, entries)), ledger=[*status.ledger, *new])
    return max(size(running), size(finished)) + max(size(decided), _DECISIONS) + _RESERVE


def clip(text: str, limit: int) -> str:
    """At most `limit` bytes, and no half of a character."""
    return text.encode()[:limit].decode(errors="ignore")


def _expected(action: DraftAction) -> ActionStatus:
    several = len(action.effects) > 1
    return ActionStatus(
        id=action.id,
        type=action.planned.type,
        status="applied",
        risk="critical",
        idempotency_key=action.planned.idempotency_key,
        params_digest=_DIGEST,
        resource_refs=list(action.resource_refs),
        operation="configured",
        operations=["configured" for _ in action.effects] if several else [],
        effects_done=len(action.effects) if several else None,
        changes=10_000,
        effect_digests=[_DIGEST for _ in action.effects],
        attempts=10,
        intent=Intent(effect=0, attempt=10, at=_MOMENT)
        if any(isinstance(one, Call) for one in action.effects)
        else None,
        started_at=_MOMENT,
        finished_at=_MOMENT,
    )


def _ledgered(entry: ActionStatus) -> ActionStatus:
    return entry.but(idempotency_key="", params_digest="", effect_digests=[])


def _intent(entry: ActionStatus) -> LedgerEntry:
    part = len(entry.resource_refs) if entry.intent else None
    return LedgerEntry(key=entry.idempotency_key, params_digest=_DIGEST, publication=1_000_000, effects_done=part)


def _each_action(status: PlanStatus, change: Callable[[ActionStatus], ActionStatus]) -> PlanStatus:
    return status.but(actions=[change(entry) for entry in status.actions])


def _few_rules(status: PlanStatus) -> PlanStatus:
    """The one that decided is the first; all of them stand in the preview."""
    return _each_action(status, lambda entry: entry.but(risk_rules=entry.risk_rules[:1]))


def _no_rules(status: PlanStatus) -> PlanStatus:
    return _each_action(status, lambda entry: entry.but(risk_rules=[])).but(approval=status.approval.but(because=[]))


def _few_paths(status: PlanStatus) -> PlanStatus:
    return _each_action(status, lambda entry: entry.but(paths=entry.paths[:3]))


def _no_paths(status: PlanStatus) -> PlanStatus:
    return _each_action(status, lambda entry: entry.but(paths=[]))


def _short_words(status: PlanStatus) -> PlanStatus:
    return _each_action(status, _shortened)


def _shortened(entry: ActionStatus) -> ActionStatus:
    error = entry.error and entry.error.but(message=clip(entry.error.message, _SHORT))
    return entry.but(message=clip(entry.message, _SHORT), error=error)


def _few_diagnostics(status: PlanStatus) -> PlanStatus:
    """Errors stand first, so the few are errors."""
    validation = status.validation
    if validation is None:
        return status
    kept = [
        finding.but(message=clip(finding.message, _SHORT), path=clip(finding.path, _SHORT))
        for finding in validation.diagnostics[:_FEW]
    ]
    omitted = validation.omitted + len(validation.diagnostics) - len(kept)
    return status.but(validation=validation.but(diagnostics=kept, omitted=omitted))


def _digests_of_what_is_ahead(status: PlanStatus) -> PlanStatus:
    """What is through is compared with nothing any more."""
    return _each_action(status, lambda entry: entry if entry.status in ON_THE_WAY else entry.but(effect_digests=[]))


def _few_details(status: PlanStatus) -> PlanStatus:
    if status.outcome is None:
        return status
    details = {what: names[:_FEW] for what, names in status.outcome.details.items()}
    return status.but(outcome=status.outcome.but(details=details))


def _keys_in_the_ledger(status: PlanStatus) -> PlanStatus:
    """What the ledger holds need not stand in the journal, too."""
    known = carried_out(status.ledger)

    def without(entry: ActionStatus) -> ActionStatus:
        return _ledgered(entry) if entry.status == "applied" and entry.idempotency_key in known else entry

    return _each_action(status, without)


def _first_words(status: PlanStatus) -> PlanStatus:
    """Only the first few actions that went wrong say more than their reason."""
    speaking = [index for index, entry in enumerate(status.actions) if entry.message][:_FEW]
    entries = [
        entry if index in speaking else entry.but(message="", error=None) for index, entry in enumerate(status.actions)
    ]
    return status.but(actions=entries)


def _no_journal(status: PlanStatus) -> PlanStatus:
    """Of a plan that cannot run as it is, the diagnostics say enough."""
    if status.execution is not None:
        return status
    return status.but(actions=[], risks=[], progress=progress([]))


def _bare(status: PlanStatus) -> PlanStatus:
    """The last resort of a run: states and reasons, and no words."""
    if status.execution is None:
        return status
    validation, outcome = status.validation, status.outcome
    return _each_action(status, lambda entry: entry.but(message="", error=None)).but(
        validation=validation
        and validation.but(diagnostics=[], omitted=validation.omitted + len(validation.diagnostics)),
        outcome=outcome and outcome.but(details={}),
    )


LIGHTER: tuple[Callable[[PlanStatus], PlanStatus], ...] = (
    _few_rules,
    _few_paths,
    _no_paths,
    _no_rules,
    _short_words,
    _few_diagnostics,
    _digests_of_what_is_ahead,
    _few_details,
    _keys_in_the_ledger,
    _first_words,
    _no_journal,
    _bare,
)
"""Applied one after the other until the status fits."""
