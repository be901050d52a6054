"""`diff` shows all that the preview of a plan says, and whether that is still so."""

import json

import pytest
from tests.support.fake_plans import FakePlans
from tests.support.golden import matches
from tests.support.plans import DIGEST, a_change, a_plan, a_preview, an_effect, executed, invalid, waiting
from tests.support.typed import typed

from countersign.api.preview import MASK
from countersign.errors import Forbidden

OTHER = "sha256:" + "b" * 64


@pytest.fixture
def fake():
    return FakePlans().holds(a_plan(), a_preview())


def test_looks():
    """Objects with every change, sensitive values hidden and said to be."""
    effects = (
        an_effect(a_change(), a_change("spec.secret", new=MASK)),
        an_effect(a_change("spec.mode", "changed", old="Open", new="Restricted"), name="other", operation="configured"),
        an_effect(name="third", operation="unchanged") | {"changes": []},
    )
    result = typed("diff", "payments", fake=FakePlans().holds(a_plan(), a_preview("payments", *effects)))
    assert result.exit_code == 0
    assert matches("diff", result.stdout)


def test_named_by_status(fake):
    """The preview is the one that the status names, whatever it is called, with all its parts."""
    parts = [a_preview("payments", an_effect(name=f"tool-{part}"), part=part, parts=2) for part in (1, 2)]
    for part, name in zip(parts, ("free", "free-2"), strict=True):
        part["metadata"]["name"] = name
    fake = FakePlans().holds(a_plan(status=waiting(preview="free")), *parts)
    shown = typed("diff", "payments", fake=fake).stdout
    assert "create Tool tool-1" in shown
    assert "create Tool tool-2" in shown


@pytest.mark.parametrize(
    ("status", "note"),
    [
        ({"digest": OTHER}, f"The digest of the plan is now {OTHER}, this is another one: do not decide by it"),
        ({"observedGeneration": 0}, "The plan was changed since this was made"),
        ({"digest": None}, "Nothing of this will run: the plan is for validation only"),
        (executed(), "This is what was approved, seen from before it ran"),
    ],
)
def test_not_what_will_happen(fake, status, note):
    """A preview that is not what will happen says so, to people and to programs."""
    preview = a_preview()["metadata"]["name"]
    fake.holds(a_plan(status={**waiting(), "preview": preview, **status}))
    assert note in typed("diff", "payments", fake=fake).stdout
    assert note in json.loads(typed("diff", "payments", "-o", "json", fake=fake).stdout)["notes"][0]


def test_parts_of_two_digests(fake):
    """Parts that do not belong together are not shown as one."""
    fake.holds(a_preview("payments", parts=2), a_preview("payments", part=2, parts=2, digest=OTHER))
    result = typed("diff", "payments", fake=fake)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "do not approve" in result.stderr


def test_no_preview(fake):
    """A plan without a preview says why it has none."""
    result = typed("diff", "payments", fake=fake.holds(a_plan(status=invalid())))
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: The plan payments has no preview: it is Invalid, spec.actions[0]")


def test_not_allowed(fake):
    """Who may not read previews hears what the API server says about it."""
    fake.get = _forbidding(fake.get)
    result = typed("diff", "payments", fake=fake)
    assert (result.exit_code, result.stderr) == (3, "Error: ask for the role countersign-approver\n")


def _forbidding(get):
    def forbidden(kind, **where):
        if kind.plural == "planpreviews":
            raise Forbidden("ask for the role countersign-approver", code=403)
        return get(kind, **where)

    return forbidden


@pytest.mark.parametrize(("operation", "code"), [("created", 1), ("unchanged", 0)])
def test_exit_code(fake, operation, code):
    """On demand the exit code says whether there is a difference, as kubectl diff does it."""
    fake.holds(a_preview("payments", an_effect(operation=operation)))
    assert typed("diff", "payments", "--exit-code", fake=fake).exit_code == code
    assert typed("diff", "payments", fake=fake).exit_code == 0


def test_json(fake):
    """Programs get the effects as they stand in the preview."""
    answer = json.loads(typed("diff", "payments", "-o", "json", fake=fake).stdout)
    assert (answer["digest"], answer["previewed"], answer["notes"]) == (DIGEST, DIGEST, [])
    assert answer["effects"][0]["changes"][0]["path"] == "spec.connection.baseUrl"
