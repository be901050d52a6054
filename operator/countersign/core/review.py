"""Everything one validation looks at, side by side: the draft, and what the cluster answered about it.

Made by `review`, which also says which questions are still open; read by the thirteen stages.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from countersign.actions.base import Reference
from countersign.core.calls import remembered
from countersign.core.draft import Draft, DraftAction
from countersign.core.effects import Weighed, weigh
from countersign.core.folding import Trial, Tried, fold
from countersign.core.policies.ruling import UNASKED, Ruling
from countersign.core.prepared import account_questions
from countersign.core.projection import Projected, preview_questions, project
from countersign.core.questions import AskAccount, AskReference, Question
from countersign.core.settling import awaited
from countersign.core.snapshot import Snapshot
from countersign.model.effect import Target
from countersign.model.facts import Existence, Present, Previewed
from countersign.model.finding import Finding
from countersign.model.risk import Factor, Level, highest


@dataclass(frozen=True, slots=True)
class ActionReview:
    """One action with all that is known about it."""

    action: DraftAction
    projected: Projected
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
        return self.action.compiled and len(self.weighed) == len(self.trials)

    @property
    def weightiest(self) -> tuple[Factor, ...]:
        """All reasons for the risk, the highest level first."""
        return tuple(sorted(self.factors, key=lambda factor: factor.level, reverse=True))

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
    ruling: Ruling = UNASKED
    """What the approval policies say; the built-in default until `governing` has asked them."""

    @property
    def risk(self) -> Level | None:
        """The maximum over all actions; None while the risk of any of them is not known."""
        levels = [level for action in self.actions if (level := action.risk) is not None]
        return max(levels) if levels and len(levels) == len(self.actions) else None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the actions in their world; the code of each says which stage reports it."""
        return tuple(finding for item in self.actions for finding in item.projected.findings)

    @property
    def account_uid(self) -> str | None:
        return self.account.uid if isinstance(self.account, Present) else None


def account_question(snapshot: Snapshot, draft: Draft) -> AskAccount | None:
    """None when plans may not run as that account, or nobody knows as which."""
    if draft.spec is None or draft.spec.service_account_name not in snapshot.rules.executors:
        return None
    return AskAccount(namespace=snapshot.plan.namespace, name=draft.spec.service_account_name)


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
    wanted = (question for item in project(snapshot, draft) for question in _about(snapshot, draft, item))
    return tuple(dict.fromkeys(question for question in wanted if question not in snapshot.answers))


def _about(snapshot: Snapshot, draft: Draft, item: Projected) -> Iterator[Question]:
    yield from item.unknown
    yield from (question for _, question in _reference_questions(snapshot, draft, item) if question is not None)
    yield from preview_questions(snapshot, draft, item.action)
    yield from (question for _, question in account_questions(item.action))


def _reference_questions(
    snapshot: Snapshot, draft: Draft, item: Projected
) -> Iterator[tuple[Reference, AskReference | None]]:
    """None: an action before this one makes it."""
    account = draft.spec.service_account_name if draft.spec else ""
    for reference in item.action.references:
        if Target(reference.kind, snapshot.plan.namespace, reference.name) in item.made:
            yield reference, None
        else:
            # One object named in two places is one question.
            where = replace(reference, path=())
            yield reference, AskReference(account=account, namespace=snapshot.plan.namespace, reference=where)


def review(snapshot: Snapshot, draft: Draft) -> Review:
    account = account_question(snapshot, draft)
    projected = project(snapshot, draft)
    tried = [Tried(item.action, tuple(_trials(snapshot, draft, item.action))) for item in projected]
    stories = fold(tried, draft.graph, key=snapshot.rules.key)
    return Review(
        snapshot=snapshot,
        draft=draft,
        account=snapshot.account(account) if account else None,
        actions=tuple(
            _review_action(snapshot, draft, item, story) for item, story in zip(projected, stories, strict=True)
        ),
    )


def _trials(snapshot: Snapshot, draft: Draft, action: DraftAction) -> Iterator[Trial]:
    for place, question in enumerate(preview_questions(snapshot, draft, action)):
        preview = remembered(snapshot, question, place)
        weighed = weigh(question.effect, preview, key=snapshot.rules.key) if isinstance(preview, Previewed) else None
        yield Trial(question, preview, weighed)


def _review_action(snapshot: Snapshot, draft: Draft, item: Projected, story: Tried) -> ActionReview:
    found = ActionReview(
        action=item.action,
        projected=item,
        trials=story.trials,
        references=tuple(_existing(snapshot, draft, item)),
        factors=(),
    )
    if not found.shown:
        return found
    # Whether what is awaited got ready is not known of an earlier run: it may have failed for want of that.
    done = story.already_applied and not awaited(item, draft.spec.service_account_name if draft.spec else "")
    return replace(found, factors=_factors(item.action, found.weighed), already_applied=done)


def _existing(snapshot: Snapshot, draft: Draft, item: Projected) -> Iterator[tuple[Reference, Existence]]:
    for reference, question in _reference_questions(snapshot, draft, item):
        answer = Present(uid="") if question is None else snapshot.existence(question)
        if answer is not None:
            yield reference, answer


def _factors(action: DraftAction, weighed: tuple[Weighed, ...]) -> tuple[Factor, ...]:
    assert action.type is not None  # noqa: S101  # only parsed actions are shown
    own = action.type.assess(action.params, tuple(item.seen() for item in weighed))
    if action.planned.risk is None:
        return own
    return (*own, Factor(Level(action.planned.risk), "plan.raised", "the author of the plan asked for this level"))
