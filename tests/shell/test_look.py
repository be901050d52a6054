"""Questions about the cluster: each has an answer, and not knowing is one."""

import pytest
from tests.support.fake_api import FakeApi

from countersign.actions.base import Reference
from countersign.core.questions import AskAccount, AskObject, AskPreview, AskReference, Tracking
from countersign.errors import (
    ClusterError,
    Conflict,
    FieldConflict,
    Forbidden,
    Invalid,
    NotFound,
    OwnedField,
    Unavailable,
)
from countersign.model import facts
from countersign.model.effect import SERVICE_ACCOUNT, TOOL, Apply, Target
from countersign.model.facts import Absent, Cause, Hidden, Present, Previewed, Refusal, Refused
from countersign.shell.actor import Actor, actor, executor
from countersign.shell.cache import Cache
from countersign.shell.look import Looker

TRACKING = Tracking("uid", "p", "a", "key", "digest")
PREVIEW = AskPreview("countersign-executor", Apply(Target(TOOL, "shop", "t"), {"spec": {"x": "new"}}), TRACKING)
ACCOUNT = AskAccount("shop", "countersign-executor")
REFERENCE = AskReference("countersign-executor", "shop", Reference(TOOL, "t", ()))


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


async def asked(api: FakeApi, question, *, cache: Cache | None = None):
    answers = await Looker(client=api, cache=cache or Cache(())).answer([question])
    return answers[question]


@pytest.mark.parametrize(
    ("error", "account", "reference"),
    [
        (NotFound("no"), Absent(), Absent()),
        (Forbidden("no"), facts.Unavailable("no"), Hidden()),
        (Unavailable("busy"), facts.Unavailable("busy"), facts.Unavailable("busy")),
        (ClusterError("odd"), facts.Unavailable("odd"), facts.Unavailable("odd")),
    ],
    ids=["absent", "hidden", "unavailable", "odd"],
)
async def test_what_is_not_there(api, error, account, reference):
    """What the executor may not see is hidden; what we may not see is an installation that is broken."""
    api.fail("get", SERVICE_ACCOUNT, error)
    api.fail("get", TOOL, error)
    assert await asked(api, ACCOUNT) == account
    assert await asked(api, REFERENCE) == reference


async def test_what_is_there(api):
    """Its identity is all that is asked."""
    uid = api.put(SERVICE_ACCOUNT, "countersign-executor")["metadata"]["uid"]
    assert await asked(api, ACCOUNT) == Present(uid)


async def test_a_preview_of_what_is_not_there(api):
    """It has no base."""
    preview = await asked(api, PREVIEW)
    assert isinstance(preview, Previewed)
    assert (preview.base, preview.live, preview.result["spec"]) == (None, None, {"x": "new"})


async def test_a_preview_of_what_is_there(api):
    """Its base is exactly the state that was looked at."""
    there = api.put(TOOL, "t", spec={"x": "old"})
    preview = await asked(api, PREVIEW)
    assert preview.live["spec"] == {"x": "old"}
    assert preview.base == facts.Base(there["metadata"]["uid"], there["metadata"]["resourceVersion"])


async def test_a_watched_kind_is_not_read_again(api):
    """Unless the cache is behind: then the API server says so, and is asked."""
    cache = Cache((TOOL,))
    cache[TOOL].upsert(api.put(TOOL, "t", spec={"x": "old"}))
    await asked(api, PREVIEW, cache=cache)
    assert ("get", "tools") not in api.calls
    api.put(TOOL, "t", spec={"x": "newer"})
    preview = await asked(api, PREVIEW, cache=cache)
    assert preview.live["spec"] == {"x": "newer"}
    assert api.calls.count(("get", "tools")) == 1


async def test_a_kind_that_is_not_watched(api):
    """It is read as the executor, because the operator itself may not see it; a watched one is the operator's to read."""
    await asked(api, PREVIEW)
    assert api.asked_as == [Actor(user="system:serviceaccount:shop:countersign-executor")]
    api.asked_as.clear()
    await Looker(client=api, cache=Cache((TOOL,))).preview(PREVIEW, fresh=True)
    assert api.asked_as == [None]


async def test_what_changes_too_fast(api):
    """After some tries it is another turn's business."""
    api.fail("dry-run", TOOL, *[Conflict("again")] * 5)
    preview = await asked(api, PREVIEW)
    assert preview == facts.Unavailable("Tool t changes faster than it can be previewed")


BARRED = 'serviceaccounts "x" is forbidden: User "operator" cannot impersonate resource "serviceaccounts"'
OWNED = FieldConflict("conflicts")
OWNED.fields = (OwnedField("gitops", ".spec.x"),)
CAUSES = {"causes": [{"field": "spec.x", "message": 'Invalid value: "hunter2": too long'}]}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OWNED, Refused(Refusal.CONFLICT, "conflicts", (Cause("spec.x", "", "gitops"),))),
        (Forbidden('User "x" cannot patch tools'), Refused(Refusal.FORBIDDEN, 'User "x" cannot patch tools')),
        (
            Forbidden("ValidatingAdmissionPolicy x denied"),
            Refused(Refusal.POLICY, "ValidatingAdmissionPolicy x denied"),
        ),
        (Forbidden(BARRED), Refused(Refusal.BARRED, BARRED)),
        (Forbidden("exceeded quota: q"), Refused(Refusal.QUOTA, "exceeded quota: q")),
        (Invalid("admission webhook x denied"), Refused(Refusal.POLICY, "admission webhook x denied")),
        (
            Invalid("webhook does not support dry run"),
            Refused(Refusal.SIDE_EFFECTS, "webhook does not support dry run"),
        ),
        (NotFound("no such kind"), Refused(Refusal.NOT_SERVED, "no such kind")),
        (ClusterError("too large", code=413), Refused(Refusal.INVALID, "too large")),
        (Unavailable("busy"), facts.Unavailable("busy")),
        (
            Unavailable("live object: .spec.x: expected string, got &value{hunter2}"),
            facts.Unavailable("live object: .spec.x: expected string, got (not shown)"),
        ),
        (
            Invalid('spec.x: Invalid value: "hunter2": too long', details=CAUSES),
            Refused(
                Refusal.INVALID,
                "spec.x: Invalid value: (not shown): too long",
                (Cause("spec.x", "Invalid value: (not shown): too long"),),
            ),
        ),
    ],
    ids=[
        "owned",
        "forbidden",
        "policy",
        "barred",
        "quota",
        "webhook",
        "side effects",
        "not served",
        "odd",
        "unavailable",
        "quoting",
        "invalid",
    ],
)
async def test_a_dry_run_that_is_refused(api, error, expected):
    """Why, in our words, and without the values that the server quotes."""
    api.fail("dry-run", TOOL, error)
    assert await asked(api, PREVIEW) == expected


async def test_an_operator_that_may_not_act(api):
    """It learns nothing about the executor's own rights, and says so."""
    for _ in range(2):
        api.fail("get", TOOL, Forbidden(BARRED))
    assert await asked(api, REFERENCE) == Hidden(barred=True)
    assert await asked(api, AskObject("countersign-executor", PREVIEW.effect.target)) == Hidden(barred=True)


def test_whose_behalf_it_is():
    """The executor of the namespace, and a header that any action id fits into."""
    name = executor("shop", "countersign-executor")
    assert name == "system:serviceaccount:shop:countersign-executor"
    odd = Tracking("uid", "p", "a/b\r\nImpersonate-User: root ü", "key", "digest")
    (extra,) = actor("shop", "countersign-executor", odd).extra
    assert extra == ("countersign.dev/plan", "uid/a%2Fb%0D%0AImpersonate-User%3A%20root%20%C3%BC")
