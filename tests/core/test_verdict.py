"""How a validation is written into status."""

from tests.support.lives import Life
from tests.support.pretend import World
from tests.support.reviews import a_review
from tests.support.snapshots import an_action, some_actions
from tests.support.tools import API_KEY, a_connection

from countersign.api.plan_status import PlanStatus
from countersign.core.validation import validate
from countersign.core.verdict import with_verdict
from countersign.model.facts import Hidden, Refusal, Refused, Unavailable


def _verdict(*actions, **rest):
    found = a_review(*actions, **rest)
    return with_verdict(PlanStatus(), found, validate(found))


def test_stages():
    """All thirteen stages with number, name and result."""
    stages = _verdict().validation.stages
    assert [(stage.number, stage.name) for stage in stages[:2]] == [(1, "Structural"), (2, "References")]
    assert len(stages) == 13


def test_entries():
    """Each action with what is known about it before it runs."""
    (entry,) = _verdict(an_action(spec={"description": "x"})).actions
    assert (entry.id, entry.type, entry.status, entry.risk) == ("payments", "tool.upsert", "pending", "medium")
    assert (entry.idempotency_key, entry.operation, entry.changes) == ("payments.v1", "created", 4)
    assert entry.paths == [
        "spec.connection.baseUrl",
        "spec.connection.port",
        "spec.connection.scheme",
        "spec.description",
    ]
    assert entry.resource_refs == ["tools.countersign.dev/payments"]
    assert len(entry.effect_digests) == 1


def test_one_id_twice():
    """Each entry has the complaint about its own action, not about its namesake."""
    unknown = {**an_action("a"), "type": "tool.upsrt"}
    first, second = _verdict(unknown, an_action("a")).actions
    assert (first.reason, second.reason) == ("UnknownType", "DuplicateId")
    assert "upsrt" not in second.message


def test_risks():
    """The risk of each action and of the plan; none of them while one is not known."""
    status = _verdict(an_action("a"), an_action("b", risk="high"))
    assert (status.risks, status.max_risk) == (["medium", "high"], "high")
    status = _verdict(*some_actions(2), world=World(refusals={"tool-2": Unavailable("x")}))
    assert (status.risks, status.max_risk) == ([], None)
    assert [entry.risk for entry in status.actions] == ["medium", None]


def test_states():
    """An action with an error is invalid; one that could not be tried is still pending, with the reason."""
    world = World(refusals={"b": Refused(Refusal.INVALID, "no"), "c": Unavailable("timeout")})
    status = _verdict(an_action("a"), an_action("b"), an_action("c"), world=world)
    assert [(entry.status, entry.reason) for entry in status.actions] == [
        ("pending", ""),
        ("invalid", "Refused"),
        ("pending", "Unavailable"),
    ]
    assert status.actions[1].message == "Tool b is refused: no"
    assert (status.progress, status.validation.valid) == ("0/3", False)


def test_first_error_of_an_action():
    """An action with several errors says the first one."""
    status = _verdict(an_action(params={}))
    assert status.actions[0].message == "name is required"
    assert [finding.message for finding in status.validation.diagnostics] == ["name is required", "spec is required"]


def test_errors_first():
    """However many warnings there are, the errors find room."""
    connection = a_connection(authentication=API_KEY)
    warned = [an_action(f"tool-{number}", spec={"connection": connection}) for number in range(120)]
    world = World(references={"payments-key": Hidden()}, refusals={"tool-119": Refused(Refusal.INVALID, "no")})
    validation = _verdict(*warned, world=world).validation
    assert [finding.severity for finding in validation.diagnostics[:2]] == ["error", "warning"]
    assert (len(validation.diagnostics), validation.omitted) == (100, 21)


def test_long_words_are_cut():
    """Whatever stands in a plan, a diagnostic stays within its bounds."""
    (finding,) = _verdict(actions=[an_action(**{"z" * 5000: 1})]).validation.diagnostics
    assert (len(finding.path), len(finding.message)) == (1024, 1024)


def test_no_actions():
    """Of what is no plan there is no journal."""
    status = _verdict(actions=1)
    assert (status.actions, status.progress, status.max_risk) == ([], "0/0", None)


def test_operation_that_says_most():
    """An object that is there and as wanted is unchanged."""
    world = Life().approved().world
    (entry,) = _verdict(an_action(key="v2"), world=world).actions
    assert (entry.operation, entry.changes, entry.paths) == ("unchanged", 0, [])
