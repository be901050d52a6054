"""`apply`: creates or updates plans by server-side apply, and waits for what comes of them if asked to."""

from collections.abc import Iterator
from dataclasses import dataclass

import click
from click.exceptions import Exit
from rich.console import RenderableType
from rich.text import Text

from countersign.api.names import PLAN
from countersign.cli import documents, runagents
from countersign.cli.cluster import Json
from countersign.cli.failure import NOT_GOOD, TIMED_OUT, Command, Unreachable
from countersign.cli.following import follow, has_succeeded, is_settled, standing
from countersign.cli.plan import as_plan
from countersign.cli.put import put
from countersign.cli.render.plan import end, out_of_time
from countersign.cli.render.verdict import verdict as rendered
from countersign.cli.screen import Screen, answering
from countersign.cli.session import Session, connected
from countersign.cli.span import Span
from countersign.cli.submission import Submission, placed, submissions
from countersign.cli.verdict import Verdict, judged, refused, structural
from countersign.core.snapshot import PlanObject
from countersign.errors import FieldConflict, Invalid


@dataclass(frozen=True, slots=True)
class Stored:
    """What the API server made of a submission: an object, or a refusal."""

    submission: Submission
    content: Json | None = None
    refusal: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of it; `code` is its part of the exit code."""

    code: int
    answer: Json
    shown: tuple[RenderableType, ...]


@click.command(cls=Command, examples=("apply -f plan.yaml", "apply -f plan.json --wait --timeout=30m -o json"))
@documents.file_option
@click.option("--wait", is_flag=True, help="Wait until the plans have run, or never will.")
@click.option("--timeout", type=Span(), default="10m", show_default=True, help="How long to wait.")
@click.option("--force-conflicts", is_flag=True, help="Take over fields that other field managers own.")
@connected
@answering("table", "json", "yaml")
def apply(*, file: str, wait: bool, timeout: float, force_conflicts: bool, session: Session, screen: Screen) -> None:
    """Submit plans: create them, or update those that are there.

    With --wait, exit code 0 means that everything was applied, 1 that a plan is invalid, was rejected or failed, and 4
    that the time is over; -o json then answers in the shape of RunAgents' actions/apply.
    """
    found = submissions(documents.read(file), origin=documents.origin_of(file))
    placements = [placed(each, asked=session.where.namespace, default=_default(session, each)) for each in found]
    stored = [_store(each, session, screen, force=force_conflicts) for each in placements]
    ends = list(_followed(stored, session, screen, seconds=timeout) if wait else map(_unfollowed, stored))
    if screen.is_table:
        screen.show(*(line for each in ends for line in each.shown))
    else:
        screen.answer(*(each.answer for each in ends))
    codes = {each.code for each in ends}
    raise Exit(NOT_GOOD if NOT_GOOD in codes else max(codes))


def _default(session: Session, submission: Submission) -> str:
    return submission.namespace or session.namespace


def _store(submission: Submission, session: Session, screen: Screen, *, force: bool) -> Stored:
    if submission.findings:
        return Stored(submission, refusal=structural(submission))
    try:
        content, operation = put(session.plans, PLAN, submission.manifest, force=force)
    except Invalid as error:
        return Stored(submission, refusal=refused(submission, error))
    except FieldConflict as error:
        raise Unreachable(_conflict(submission, error)) from error
    screen.show(Text(f"plan.{PLAN.group}/{submission.name} {operation}"))
    return Stored(submission, content=content)


def _conflict(submission: Submission, error: FieldConflict) -> str:
    owned = ", ".join(sorted({f"{field.path} ({field.manager})" for field in error.fields}))
    return (
        f"The plan {submission.name} was not changed, because others set these fields: {owned}; "
        "take them over with --force-conflicts"
    )


def _unfollowed(stored: Stored) -> Followed:
    if stored.refusal:
        return _refused(stored.refusal)
    return Followed(0, stored.content or {}, ())


def _followed(stored: list[Stored], session: Session, screen: Screen, *, seconds: float) -> Iterator[Followed]:
    """One after the other within one time for all."""
    over = session.outside.clock() + seconds
    for each in stored:
        if each.content is None:
            yield _unfollowed(each)
            continue
        left = max(0.0, over - session.outside.clock())
        plan = follow(as_plan(each.content), session, seconds=left, note=screen.note)
        yield _ended(each.submission, plan, program=session.program)


def _ended(submission: Submission, plan: PlanObject, *, program: str) -> Followed:
    verdict = judged(submission, plan.status)
    settled = is_settled(plan)
    if settled and plan.status.phase == "Draft" and not verdict.valid:
        return _refused(verdict)
    code = (0 if has_succeeded(plan) else NOT_GOOD) if settled else TIMED_OUT
    answer = runagents.applied(verdict, plan.status, ended=settled)
    shown = end(plan, good=code == 0) if settled else out_of_time(plan, message=standing(plan, program))
    return Followed(code, answer, tuple(shown))


def _refused(verdict: Verdict) -> Followed:
    return Followed(NOT_GOOD, runagents.refused(verdict), tuple(rendered(verdict)))
