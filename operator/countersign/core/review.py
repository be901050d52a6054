"""Everything one validation looks at, side by side: the draft, and what the cluster answered about it.

Made by `review`, which also says which questions are still open; read by the thirteen stages.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from countersign.actions.base import Reference
from countersign.core.draft import Draft, DraftAction, tracking
from countersign.core.effects import Weighed, carries, weigh
from countersign.core.snapshot import AskAccount, AskPreview, AskReference, Question, Snapshot
from countersign.model.effect import Effect
from countersign.model.facts import Existence, Present, Preview, Previewed
from countersign.model.risk import Factor, Level, highest


@dataclass(frozen=True, slots=True)
class Trial:
    """One effect and how its dry run ended; None when it was not tried."""

    effect: Effect
    preview: Preview | None
    weighed: Weighed | None


@dataclass(frozen=True, slots=True)
class ActionReview:
    """One action with all that is known about it."""

    action: DraftAction
    trials: tuple[Trial, ...]
    references: tuple[tuple[Reference, Existence], ...]
    """What the params name, as far as it was looked up: all of it, or nothing while there is no executor."""
    factors: tuple[Factor, ...]
    already_applied: bool = False

    @property
    def weighed(self) -> tuple[Weighed, ...]:
        return tuple(trial.weighed for trial in self.trials if trial.weighed)

    @property
    def shown(self) -> bool:
        """Every effect could be previewed."""
        return self.action.parsed and len(self.weighed) == len(self.trials)

    @property
    def risk(self) -> Level | None:
        return highest(self.factors) if self.factors else None


@dataclass(frozen=True, slots=True)
class Review:
    """`account` is None when it was not asked for, because plans may not run as it."""

    snapshot: Snapshot
    draft: Draft
    account: Existence | None
    actions: tuple[ActionReview, ...]

    @property
    def risk(self) -> Level | None:
        """The maximum over all actions; None while the risk of any of them is not known."""
        levels = [level for action in self.actions if (level := action.risk) is not None]
        return max(levels) if levels and len(levels) == len(self.actions) else None

    @property
    def account_uid(self) -> str | None:
        return self.account.uid if isinstance(self.account, Present) else None


def account_question(snapshot: Snapshot, draft: Draft) -> AskAccount | None:
    """None when plans may not run as that account, or nobody knows as which."""
    if draft.spec is None or draft.spec.service_account_name not in snapshot.rules.executors:
        return None
    return AskAccount(namespace=snapshot.plan.namespace, name=draft.spec.service_account_name)


def preview_questions(snapshot: Snapshot, draft: Draft, action: DraftAction) -> tuple[AskPreview, ...]:
    if draft.spec is None:
        return ()
    account = draft.spec.service_account_name
    return tuple(
        AskPreview(account=account, effect=effect, tracking=tracking(snapshot.plan, action))
        for effect in action.effects
    )


def open_questions(snapshot: Snapshot, draft: Draft) -> tuple[Question, ...]:
    """What has to be looked up before the draft can be reviewed; the account first, as everything is asked as it."""
    account = account_question(snapshot, draft)
    if account is None:
        return ()
    answer = snapshot.account(account)
    if answer is None:
        return (account,)
    if not isinstance(answer, Present):
        return ()
    wanted = (question for action in draft.actions for question in _about(snapshot, draft, action))
    return tuple(dict.fromkeys(question for question in wanted if question not in snapshot.answers))


def _about(snapshot: Snapshot, draft: Draft, action: DraftAction) -> Iterator[Question]:
    yield from (question for _, question in _reference_questions(snapshot, draft, action))
    yield from preview_questions(snapshot, draft, action)


def _reference_questions(
    snapshot: Snapshot, draft: Draft, action: DraftAction
) -> Iterator[tuple[Reference, AskReference]]:
    account = draft.spec.service_account_name if draft.spec else ""
    for reference in action.references:
        # One object named in two places is one question.
        where = replace(reference, path=())
        yield reference, AskReference(account=account, namespace=snapshot.plan.namespace, reference=where)


def review(snapshot: Snapshot, draft: Draft) -> Review:
    account = account_question(snapshot, draft)
    return Review(
        snapshot=snapshot,
        draft=draft,
        account=snapshot.account(account) if account else None,
        actions=tuple(_review_action(snapshot, draft, action) for action in draft.actions),
    )


def _review_action(snapshot: Snapshot, draft: Draft, action: DraftAction) -> ActionReview:
    trials = tuple(_trial(snapshot, question) for question in preview_questions(snapshot, draft, action))
    found = ActionReview(
        action=action,
        trials=trials,
        references=tuple(
            (reference, answer)
            for reference, question in _reference_questions(snapshot, draft, action)
            if (answer := snapshot.existence(question)) is not None
        ),
        factors=(),
    )
    if not found.shown:
        return found
    mark = tracking(snapshot.plan, action)
    already = all(not item.changes and carries(item.previewed.live, mark) for item in found.weighed)
    return replace(found, factors=_factors(action, found.weighed), already_applied=already)


def _trial(snapshot: Snapshot, question: AskPreview) -> Trial:
    preview = snapshot.preview(question)
    weighed = weigh(question.effect, preview, key=snapshot.rules.key) if isinstance(preview, Previewed) else None
    return Trial(effect=question.effect, preview=preview, weighed=weighed)


def _factors(action: DraftAction, weighed: tuple[Weighed, ...]) -> tuple[Factor, ...]:
    assert action.type is not None  # noqa: S101  # only parsed actions are shown
    own = action.type.assess(action.params, tuple(item.seen() for item in weighed))
    if action.planned.risk is None:
        return own
    return (*own, Factor(Level(action.planned.risk), "plan.raised", "the author of the plan asked for this level"))
