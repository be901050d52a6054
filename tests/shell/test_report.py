"""What is written, in which order, and what stands in its way."""

from datetime import UTC, datetime

import pytest
from tests.support.fake_api import FakeApi

from countersign.api.names import PLAN, PLAN_PREVIEW, PLAN_UID
from countersign.api.plan_status import PlanStatus
from countersign.api.preview import PlanPreviewSpec
from countersign.core.preview import preview_name
from countersign.core.snapshot import PlanObject
from countersign.errors import Conflict, NotFound, Unavailable
from countersign.shell.report import Reporter

DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
BEGINS_ALIKE = "sha256:" + "a" * 63 + "b"
BEFORE = PlanStatus()
AFTER = PlanStatus(message="waiting")


@pytest.fixture
def api() -> FakeApi:
    api = FakeApi()
    api.put(PLAN, "p", spec={}, status={})
    return api


def plan_of(api: FakeApi) -> PlanObject:
    metadata = api.now(PLAN, "p")["metadata"]
    return PlanObject(
        namespace="shop",
        name="p",
        uid=metadata["uid"],
        resource_version=metadata["resourceVersion"],
        generation=1,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        spec={},
        spec_bytes=2,
        status=BEFORE,
    )


def preview_of(plan: PlanObject, *, digest: str = DIGEST, publication: int = 1) -> PlanPreviewSpec:
    return PlanPreviewSpec(plan="p", plan_uid=plan.uid, digest=digest, publication=publication)


def reporter(api: FakeApi, seen: list | None = None) -> Reporter:
    told = [] if seen is None else seen
    return Reporter(client=api, observe=lambda _, before, after: told.append((before, after)))


async def test_a_status_is_written_once(api):
    """One that says the same as what is there is not, and nobody is told of it."""
    seen: list = []
    assert await reporter(api, seen).write(plan_of(api), BEFORE, recorded=BEFORE) is None
    written = await reporter(api, seen).write(plan_of(api), AFTER, recorded=BEFORE)
    assert written["status"]["message"] == "waiting"
    assert seen == [(BEFORE, AFTER)]
    assert api.calls == [("apply", "plans")]


async def test_a_stale_plan(api):
    """Whoever judged an older state writes nothing, and nothing is counted."""
    plan, seen = plan_of(api), []
    api.put(PLAN, "p", spec={"suspend": True})
    with pytest.raises(Conflict):
        await reporter(api, seen).write(plan, AFTER, recorded=BEFORE)
    assert seen == []


async def test_previews_come_first(api):
    """Whoever reads a digest finds what it stands for; it is owned by the plan."""
    plan = plan_of(api)
    await reporter(api).write(plan, AFTER, recorded=BEFORE, previews=(preview_of(plan),))
    assert api.calls == [("create", "planpreviews"), ("apply", "plans")]
    made = api.now(PLAN_PREVIEW, preview_name(plan, digest=DIGEST))
    assert made["spec"]["digest"] == DIGEST
    assert made["metadata"]["labels"] == {PLAN_UID: plan.uid}
    assert made["metadata"]["ownerReferences"][0]["uid"] == plan.uid


async def test_a_preview_of_an_interrupted_turn(api):
    """It is left as it is."""
    plan = plan_of(api)
    for _ in range(2):
        await reporter(api).write(plan, BEFORE, recorded=BEFORE, previews=(preview_of(plan),))
    assert ("delete", "planpreviews") not in api.calls


async def test_another_digest_that_begins_alike(api):
    """Its preview is replaced: the approvers must not be shown the diff of something else under this name."""
    plan = plan_of(api)
    await reporter(api).write(plan, BEFORE, recorded=BEFORE, previews=(preview_of(plan, digest=BEGINS_ALIKE),))
    await reporter(api).write(plan, BEFORE, recorded=BEFORE, previews=(preview_of(plan, publication=2),))
    spec = api.now(PLAN_PREVIEW, preview_name(plan, digest=DIGEST))["spec"]
    assert (spec["digest"], spec["publication"]) == (DIGEST, 2)


class TestLeftovers:
    """Previews of a digest that the plan no longer has."""

    def _shown(self, api: FakeApi, digest: str, *, parts: int = 1) -> str:
        """The name of the first part; all parts are there."""
        plan = plan_of(api)
        for part in range(1, parts + 1):
            spec = {**preview_of(plan, digest=digest).wire(), "part": part, "parts": parts}
            api.put(PLAN_PREVIEW, preview_name(plan, digest=digest, part=part), spec=spec)
        return preview_name(plan, digest=digest)

    def _there(self, api: FakeApi) -> list[str]:
        return sorted(name for plural, _, name in api._objects if plural == PLAN_PREVIEW.plural)

    async def test_all_parts_go(self, api):
        """Once the status names the next one, and not before; that one stays."""
        old, new = self._shown(api, DIGEST, parts=3), self._shown(api, OTHER)
        recorded = PlanStatus(preview=old)
        await reporter(api).write(plan_of(api), recorded.but(preview=new), recorded=recorded)
        assert self._there(api) == [new]
        changed = [verb for verb, _ in api.calls if verb in ("apply", "delete")]
        assert changed == ["apply", "delete", "delete", "delete"]

    async def test_nothing_is_published(self, api):
        """Of a plan that came to be invalid nothing is left to look at."""
        recorded = PlanStatus(preview=self._shown(api, DIGEST))
        await reporter(api).write(plan_of(api), PlanStatus(), recorded=recorded)
        assert self._there(api) == []

    async def test_current_one_stays(self, api):
        """Other news are no reason to look for leftovers."""
        recorded = PlanStatus(preview=self._shown(api, DIGEST))
        await reporter(api).write(plan_of(api), recorded.but(message="on the way"), recorded=recorded)
        assert api.calls == [("apply", "plans")]

    async def test_of_another_plan(self, api):
        """What belongs to an earlier plan of the same name is not ours to remove."""
        name = self._shown(api, DIGEST)
        api.put(PLAN_PREVIEW, name, spec={**api.now(PLAN_PREVIEW, name)["spec"], "planUid": "another"})
        await reporter(api).write(plan_of(api), PlanStatus(), recorded=PlanStatus(preview=name))
        assert self._there(api) == [name]

    @pytest.mark.parametrize("error", [NotFound("gone"), Unavailable("busy")])
    async def test_removal_that_fails(self, api, error):
        """The status is written, and that is what counts."""
        recorded = PlanStatus(preview=self._shown(api, DIGEST))
        api.fail("get", PLAN_PREVIEW, error)
        assert await reporter(api).write(plan_of(api), PlanStatus(), recorded=recorded) is not None
