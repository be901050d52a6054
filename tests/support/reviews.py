"""A plan as validation sees it: parsed, with everything answered that there was to ask."""

from dataclasses import replace
from typing import Any

from tests.support.pretend import World
from tests.support.snapshots import a_plan, a_snapshot

from countersign.core.draft import parse
from countersign.core.governing import governed, policies_question
from countersign.core.quotas import open_quotas
from countersign.core.review import Review, open_questions, review
from countersign.core.snapshot import PlanObject


def a_review(
    *actions: dict[str, Any], world: World | None = None, plan: PlanObject | None = None, **rest: Any
) -> Review:
    """`rest` are fields of the spec."""
    world, snapshot = world or World(), a_snapshot(plan or a_plan(*actions, **rest))
    draft = parse(snapshot.plan)
    snapshot = snapshot.with_answers(world.answer((policies_question(snapshot),)))
    while questions := open_questions(snapshot, draft):
        snapshot = snapshot.with_answers(world.answer(questions))
    found = governed(review(snapshot, draft))
    if questions := open_quotas(found):
        return replace(found, snapshot=snapshot.with_answers(world.answer(questions)))
    return found


def said(findings: Any) -> list[tuple[str, str]]:
    """Code and path of each finding."""
    return [(finding.code.code, finding.path) for finding in findings]
