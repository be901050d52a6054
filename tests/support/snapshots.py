"""Plans, actions and snapshots as values, in which a test names only what matters to it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from countersign.api.names import AUTHORS, DECISION
from countersign.api.plan_status import PlanStatus
from countersign.core.snapshot import Guard, PlanObject, Rules, Snapshot

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
RULES = Rules(key=b"the key of the operator, 32 byte")
DOWN = Guard(ok=False, message="Nothing starts because policy countersign-stamp is missing. Install it again")
PROPOSER, APPROVER, SECOND = "pat", "ann", "bob"
SECONDS = timedelta(seconds=1)


def an_action(name: str = "payments", *, key: str = "", params: Any = None, **rest: Any) -> dict[str, Any]:
    """A tool.upsert of that name; `spec` adds to the spec of the tool."""
    spec = {"connection": {"baseUrl": f"https://{name}.example.com"}, **rest.pop("spec", {})}
    action = {"id": name, "type": "tool.upsert", "idempotencyKey": key or f"{name}.v1", **rest}
    return {**action, "params": {"name": name, "spec": spec} if params is None else params}


def some_actions(count: int, **rest: Any) -> list[dict[str, Any]]:
    return [an_action(f"tool-{number}", **rest) for number in range(1, count + 1)]


def a_spec(*actions: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"actions": list(actions or (an_action(),)), **rest}


def a_plan(
    *actions: dict[str, Any],
    spec: Any = None,
    status: PlanStatus | None = None,
    annotations: Mapping[str, str] | None = None,
    authors: tuple[str, ...] = (PROPOSER,),
    name: str = "plan",
    uid: str = "uid-1",
    generation: int = 1,
    created_at: datetime = NOW,
    spec_bytes: int | None = None,
    deleting: bool = False,
    distrusted: bool = False,
    **rest: Any,
) -> PlanObject:
    """`rest` are fields of the spec; `spec` replaces all of it."""
    spec = a_spec(*actions, **rest) if spec is None else spec
    return PlanObject(
        namespace="team-a",
        name=name,
        uid=uid,
        resource_version="1",
        generation=generation,
        created_at=created_at,
        spec=spec,
        spec_bytes=len(json.dumps(spec, ensure_ascii=False)) if spec_bytes is None else spec_bytes,
        status=status or PlanStatus(),
        annotations={AUTHORS: authors_text(*authors), **(annotations or {})},
        deleting=deleting,
        distrusted=distrusted,
    )


def a_snapshot(
    plan: PlanObject | None = None,
    *,
    now: datetime = NOW,
    rules: Rules = RULES,
    guard: Guard = Guard(),  # noqa: B008  # frozen
    jitter: float = 0.5,
    **of_plan: Any,
) -> Snapshot:
    return Snapshot(plan=plan or a_plan(**of_plan), now=now, rules=rules, guard=guard, jitter=jitter)


def authors_text(*names: str) -> str:
    """As the admission policy writes it: a JSON list without its brackets."""
    return ",".join(json.dumps(name, ensure_ascii=False) for name in names)


def a_stamp(outcome: str = "approve", *, quotes: str, by: str = APPROVER, n: str = "1", **rest: Any) -> dict[str, str]:
    """The annotation that the admission policy makes of a decision."""
    record = {"n": n, "outcome": outcome, "quotes": quotes, "by": by, "groups": [], **rest}
    return {DECISION: json.dumps(record, ensure_ascii=False, separators=(",", ":"))}
