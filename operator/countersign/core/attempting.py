"""One action whose turn has come: what has to be asked about it, and whether it may still be carried out as it was approved.

Nothing here recomputes what may be done: each effect must still have the digest that the start recorded. After a crash the
same question finds the effect already in place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from countersign.actions.base import Pending
from countersign.api.plan_status import ActionStatus
from countersign.core import journal
from countersign.core.calls import remembered
from countersign.core.comparing import compare
from countersign.core.draft import Draft, DraftAction
from countersign.core.effects import carries, of_plan
from countersign.core.projection import Projected, preview_questions, project_one
from countersign.core.questions import AskPreview, Question
from countersign.core.settling import awaited, settled
from countersign.core.snapshot import Snapshot
from countersign.core.steps import Attempt, Changed, Done, Failure, Write
from countersign.model import duration
from countersign.model.effect import Call
from countersign.model.facts import Hidden, Previewed

Verdict = Attempt | Done | Pending | Changed | Failure


@dataclass(frozen=True, slots=True)
class Candidate:
    """An action that may begin, in the plan and in the journal, and what is asked about it."""

    index: int
    entry: ActionStatus
    projected: Projected
    previews: tuple[AskPreview, ...]
    account: str
    due: datetime | None
    """Before this the next attempt would come too early; None: at any time."""

    @property
    def action(self) -> DraftAction:
        return self.projected.action

    @property
    def settling(self) -> bool:
        return self.entry.reason == journal.SETTLING

    @property
    def timeout(self) -> timedelta:
        return duration.parse(self.action.timeout)

    def attempt(self, writes: tuple[Write, ...] = ()) -> Attempt:
        """A call is an attempt of its own, so that the journal can say before and after it what is known."""
        calls = [number for number, write in enumerate(writes) if isinstance(write.effect, Call)]
        end = max(calls[0], 1) if calls else len(writes)
        return Attempt(
            action=self.action.id,
            account=self.account,
            writes=writes[:end],
            timeout=self.timeout,
            awaits=bool(awaited(self.projected, self.account)) and not self.settling,
            more=end < len(writes),
        )


def candidate(snapshot: Snapshot, draft: Draft, index: int) -> Candidate:
    """What earlier actions made is there by now, so the world is the one that is there."""
    projected = project_one(snapshot, draft, draft.actions[index])
    entry = snapshot.plan.status.actions[index]
    return Candidate(
        index=index,
        entry=entry,
        projected=projected,
        previews=preview_questions(snapshot, draft, projected.action),
        account=draft.spec.service_account_name if draft.spec else "",
        due=snapshot.pauses.get(entry.id) or journal.due(entry),
    )


def unanswered(snapshot: Snapshot, candidates: Sequence[Candidate]) -> tuple[Question, ...]:
    asked = (question for item in candidates for question in _questions(item))
    return tuple(dict.fromkeys(question for question in asked if question not in snapshot.answers))


def _questions(item: Candidate) -> tuple[Question, ...]:
    if item.settling:
        return awaited(item.projected, item.account)
    return (*item.projected.unknown, *item.previews)


def in_place(snapshot: Snapshot, item: Candidate) -> int:
    """How many effects, in their order, are in place, whatever the journal says: an interrupted turn may have written them."""
    return _leading(_verdicts(snapshot, item)) if item.action.compiled else 0


def follows(snapshot: Snapshot, item: Candidate) -> bool:
    """Whether it changes what an earlier action of the same plan made: then no trace of that one is left but the journal."""
    found = ((question.tracking, snapshot.preview(question)) for question in item.previews)
    return any(
        isinstance(preview, Previewed) and of_plan(preview.live, mark) and not carries(preview.live, mark)
        for mark, preview in found
    )


def judge_attempt(snapshot: Snapshot, item: Candidate) -> Verdict:
    """Everything about it was answered. Compare each effect with what was approved; write those that have to be written."""
    if item.settling:
        return settled(snapshot, item.projected, item.entry, item.account)
    if not item.action.compiled:
        return _no_effects(item.projected)
    verdicts = _verdicts(snapshot, item)
    wrong = next((verdict for verdict in verdicts if isinstance(verdict, Changed | Failure)), None)
    if wrong is not None:
        return replace(wrong, done=_leading(verdicts))
    writes = tuple(verdict for verdict in verdicts if isinstance(verdict, Write))
    return item.attempt(writes) if writes else Done()


def _no_effects(projected: Projected) -> Changed | Failure:
    for target, why in projected.unread:
        if isinstance(why, Hidden):
            who = "the operator may not act as the executor, who would" if why.barred else "the executor may not"
            return Failure("Forbidden", f"{target}: {who} get it", passing=False)
        return Failure("Unavailable", f"{target}: {why.message}", passing=True)
    return Changed("; ".join(finding.message for finding in projected.findings if finding.blocks))


def _verdicts(snapshot: Snapshot, item: Candidate) -> list[Write | Done | Changed | Failure]:
    approved = item.entry.effect_digests
    if len(approved) != len(item.previews):
        return [Changed(f"{item.action.id} has other effects than the approvers saw")]
    return [
        Done()
        if isinstance(question.effect, Call) and place < (item.entry.effects_done or 0)
        else compare(question, preview, digest, key=snapshot.rules.key, place=place)
        for place, (question, digest) in enumerate(zip(item.previews, approved, strict=True))
        if (preview := remembered(snapshot, question, place)) is not None
    ]


def _leading(verdicts: Sequence[object]) -> int:
    """How many effects, in their order, are in place."""
    return next((place for place, verdict in enumerate(verdicts) if not isinstance(verdict, Done)), len(verdicts))
