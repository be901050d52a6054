"""A Plan, parsed. Takes what the author wrote, gives typed actions with their effects, and every complaint on the way.

This is the work of stage 1: everything after it sees the typed values only.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from countersign.actions import ACTIONS
from countersign.actions.base import ActionType, Issue, Reference
from countersign.api.plan_spec import (
    DEFAULT_RETRIES,
    DEFAULT_TIMEOUT,
    MAX_CONTEXT_BYTES,
    NOT_APPROVED,
    PlannedAction,
    PlanSpec,
)
from countersign.core.complaints import complaints
from countersign.core.graph import Graph, graph_of
from countersign.core.questions import Tracking
from countersign.core.reading import read_spec
from countersign.core.snapshot import PlanObject
from countersign.model import path
from countersign.model.credential import suspicious
from countersign.model.digest import canonical, sha256
from countersign.model.effect import Effect
from countersign.model.finding import Code, Finding
from countersign.model.path import Part


@dataclass(frozen=True, slots=True)
class DraftAction:
    """One action. `params` is None when they do not parse; `effects` and `references` are there once it is `compiled`."""

    index: int
    id: str
    planned: PlannedAction
    params_digest: str
    type: ActionType[Any] | None = None
    params: Any = None
    compiled: bool = False
    effects: tuple[Effect, ...] = ()
    references: tuple[Reference, ...] = ()

    @property
    def timeout(self) -> str:
        return self.planned.timeout or DEFAULT_TIMEOUT

    @property
    def retries(self) -> int:
        return DEFAULT_RETRIES if self.planned.retries is None else self.planned.retries

    @property
    def parsed(self) -> bool:
        return self.params is not None

    @property
    def resource_refs(self) -> tuple[str, ...]:
        """`tools.countersign.dev/payments-api`: what kubectl get takes."""
        return tuple(
            f"{'.'.join(filter(None, (effect.target.kind.plural, effect.target.kind.group)))}/{effect.target.name}"
            for effect in self.effects
        )

    def finding(self, issue: Issue) -> Finding:
        where = self.at("params", *issue.path)
        return Finding(issue.code, issue.message, path=where, action=self.id, severity=issue.severity)

    def at(self, *parts: Part) -> str:
        """A path into the YAML of this action."""
        return path.show(("spec", "actions", self.index, *parts))


@dataclass(frozen=True, slots=True)
class Draft:
    """`spec` is None when the plan has not even the shape of one."""

    spec: PlanSpec | None
    actions: tuple[DraftAction, ...] = ()
    findings: tuple[Finding, ...] = ()
    graph: Graph = Graph()  # noqa: RUF009  # frozen

    @property
    def complete(self) -> bool:
        """Every action is understood."""
        return self.spec is not None and all(action.parsed for action in self.actions)

    def approved_spec(self) -> dict[str, Any]:
        """The part of the spec that an approval covers, normalised."""
        if self.spec is None:
            return {}
        left_out = {PlanSpec.model_fields[name].alias for name in NOT_APPROVED}
        wire = {key: value for key, value in self.spec.wire().items() if key not in left_out}
        wire["actions"] = [
            {**action.planned.wire(), "id": action.id, "timeout": action.timeout, "retries": action.retries}
            for action in self.actions
        ]
        return wire


def tracking(plan: PlanObject, action: DraftAction) -> Tracking:
    return Tracking(
        plan_uid=plan.uid,
        plan=plan.name,
        action=action.id,
        key=action.planned.idempotency_key,
        params_digest=action.params_digest,
    )


def parse(plan: PlanObject) -> Draft:
    """Never raises: what cannot be understood becomes a finding."""
    draft = plan.memo.recall(lambda: _read(plan), plan.spec, plan.spec_bytes)
    return replace(draft, findings=(*draft.findings, *_reused_keys(plan, draft.actions)))


def _read(plan: PlanObject) -> Draft:
    """What follows from the spec alone."""
    spec = read_spec(plan)
    if not isinstance(spec, PlanSpec):
        return Draft(spec=None, findings=spec)
    parsed = [_parse_action(index, planned) for index, planned in enumerate(spec.actions)]
    actions = tuple(action for action, _ in parsed)
    findings = (
        *(finding for _, found in parsed for finding in found),
        *_repeated(actions),
        *_blank_keys(actions),
        *_context(plan),
    )
    graph = graph_of([(action.id, action.planned.depends_on or ()) for action in actions])
    return Draft(spec=spec, actions=actions, findings=findings, graph=graph)


def _parse_action(index: int, planned: PlannedAction) -> tuple[DraftAction, tuple[Finding, ...]]:
    action = DraftAction(
        index=index,
        id=planned.id or f"action-{index + 1}",
        planned=planned,
        params_digest=sha256({"type": planned.type, "params": planned.params}),
    )
    action_type = ACTIONS.get(planned.type)
    if action_type is None:
        message = f"there is no action type {planned.type}: use one of {', '.join(sorted(ACTIONS))}"
        return action, (Finding(Code.UNKNOWN_TYPE, message, path=action.at("type"), action=action.id),)
    secrets = tuple(_credentials(action))
    try:
        params = action_type.params.read(canonical(planned.params))
    except ValidationError as error:
        return action, (*_wrong_params(action, action_type, error), *secrets)
    parsed = replace(action, type=action_type, params=params)
    return parsed, (*map(parsed.finding, action_type.check(params)), *secrets)


def _wrong_params(action: DraftAction, action_type: ActionType[Any], error: ValidationError) -> Iterator[Finding]:
    for complaint in complaints(error, model=action_type.params, hints=action_type.hints):
        code = Code.UNKNOWN_FIELD if complaint.unknown else Code.INVALID_PARAMS
        yield Finding(code, complaint.message, path=action.at("params", *complaint.path), action=action.id)


def _credentials(action: DraftAction) -> Iterator[Finding]:
    for where, kind in suspicious(action.planned.params):
        message = f"{path.show(where)} looks like {kind}: put it into a Secret and name the Secret"
        yield Finding(Code.CREDENTIAL, message, path=action.at("params", *where), action=action.id)


def _repeated(actions: Iterable[DraftAction]) -> Iterator[Finding]:
    ids: dict[str, int] = {}
    keys: dict[str, int] = {}
    for action in actions:
        first = ids.setdefault(action.id, action.index)
        if first != action.index:
            message = f"the id {action.id} is already that of action {first + 1}: give each action its own id"
            yield Finding(Code.DUPLICATE_ID, message, path=action.at("id"), action=action.id)
        first = keys.setdefault(action.planned.idempotency_key, action.index)
        if first != action.index:
            message = f"the idempotencyKey is already that of action {first + 1}: give each intent its own key"
            yield Finding(Code.DUPLICATE_KEY, message, path=action.at("idempotencyKey"), action=action.id)


def _blank_keys(actions: Iterable[DraftAction]) -> Iterator[Finding]:
    for action in actions:
        if not any(char.isprintable() and not char.isspace() for char in action.planned.idempotency_key):
            message = "the idempotencyKey has no visible character: name the intent, for example team.tool.payments.v1"
            yield Finding(Code.BLANK_KEY, message, path=action.at("idempotencyKey"), action=action.id)


def _reused_keys(plan: PlanObject, actions: Iterable[DraftAction]) -> Iterator[Finding]:
    """A key names one intent for good, so its params cannot be other ones after it was carried out."""
    carried_out = {entry.key: entry for entry in plan.status.ledger}
    for action in actions:
        entry = carried_out.get(action.planned.idempotency_key)
        if entry and entry.params_digest != action.params_digest:
            message = (
                f"the idempotencyKey was applied with other params in publication {entry.publication}: "
                "use a new key for a new intent"
            )
            yield Finding(Code.KEY_REUSED, message, path=action.at("idempotencyKey"), action=action.id)


def _context(plan: PlanObject) -> Iterator[Finding]:
    size = len(canonical(plan.spec.get("context")))
    if size > MAX_CONTEXT_BYTES:
        message = f"the context has {size} bytes, at most {MAX_CONTEXT_BYTES} are allowed: carry a reference instead"
        yield Finding(Code.INVALID_SPEC, message, path="spec.context")
