"""Puts a review under the policies: which of them it is under, and what they add to the risk of its actions.

Takes the rulebook that the shell looked up. A consistent reading counts for more than what the watches told.
"""

from dataclasses import replace

from countersign.core.decisions import authors
from countersign.core.draft import Draft
from countersign.core.policies.matching import Subject, matching
from countersign.core.policies.policy import Rulebook
from countersign.core.policies.ruling import UNASKED, Ruling
from countersign.core.questions import AskPolicies
from countersign.core.review import ActionReview, Review, account_question
from countersign.core.snapshot import Snapshot
from countersign.model.facts import Unavailable


def policies_question(snapshot: Snapshot, *, consistent: bool = False) -> AskPolicies:
    return AskPolicies(namespace=snapshot.plan.namespace, consistent=consistent)


def known_policies(snapshot: Snapshot) -> Rulebook | Unavailable | None:
    """None: nobody asked yet."""
    consistent = snapshot.policies(policies_question(snapshot, consistent=True))
    return consistent or snapshot.policies(policies_question(snapshot))


def open_policies(snapshot: Snapshot, draft: Draft) -> tuple[AskPolicies, ...]:
    """Nobody needs them for a plan that is not even tried."""
    needed = account_question(snapshot, draft) is not None and known_policies(snapshot) is None
    return (policies_question(snapshot),) if needed else ()


def ruling(snapshot: Snapshot, draft: Draft) -> Ruling:
    known = known_policies(snapshot)
    if known is None:
        return UNASKED
    return Ruling(unknown=known.message) if isinstance(known, Unavailable) else _ruling(known, snapshot, draft)


def _ruling(rulebook: Rulebook, snapshot: Snapshot, draft: Draft) -> Ruling:
    subject = Subject(
        authors=authors(snapshot.plan),
        action_types=tuple(dict.fromkeys(action.planned.type for action in draft.actions)),
        namespace_labels=rulebook.namespace_labels,
    )
    return Ruling(
        matched=matching(rulebook.policies, subject),
        authors=subject.authors,
        unreadable=rulebook.unreadable,
        protected=rulebook.protected,
    )


def governed(found: Review) -> Review:
    ruled = ruling(found.snapshot, found.draft)
    return replace(found, ruling=ruled, actions=tuple(_raised(item, ruled) for item in found.actions))


def _raised(item: ActionReview, ruled: Ruling) -> ActionReview:
    """An action whose own risk is not known stays so."""
    if not item.factors:
        return item
    return replace(item, factors=(*item.factors, *ruled.factors(item.action.planned.type)))
