"""What is read before each start: enough to notice whatever a forgery would need, and no more."""

import pytest
from tests.support.fake_api import FakeApi
from tests.support.guarded import EXPECTED, FORGED, KINDS, installed, keeper, plan, reinstall, remove

from countersign.api.names import PLAN
from countersign.errors import Unavailable
from countersign.shell.guard import GuardKeeper
from countersign.shell.guarded import GUARDED
from countersign.shell.stillness import DECISIVE

CHECKS = [manifest for manifest in EXPECTED if manifest["kind"].startswith("ValidatingAdmissionPolicy")]
OTHERS = [manifest for manifest in EXPECTED if manifest not in CHECKS]
CHEAP = [("list", kind.plural) for kind in DECISIVE]
WHOLE = [("list", kind.plural) for kind in GUARDED]


def _named(manifest) -> str:
    return f"{manifest['kind']} {manifest['metadata']['name']}"


async def _standing() -> tuple[FakeApi, GuardKeeper]:
    """Everything was compared, and the watches tell of nothing since."""
    api = installed()
    guard = keeper(api)
    await guard.check(drill=True)
    api.calls.clear()
    return api, guard


def _lists(api: FakeApi) -> list[tuple[str, str]]:
    return [call for call in api.calls if call != ("list", PLAN.plural) and call[0] == "list"]


async def test_nothing_has_changed():
    """Then the checks and their bindings are read, and nothing else."""
    api, guard = await _standing()
    assert (await guard.confirm()).ok
    assert api.calls == CHEAP


@pytest.mark.parametrize("manifest", CHECKS, ids=_named)
async def test_a_check_that_is_gone(manifest):
    """It is missed at once, though no watch has told of it."""
    api, guard = await _standing()
    remove(api, manifest)
    verdict = await guard.confirm()
    assert (verdict.ok, f"{_named(manifest)} is missing" in verdict.message) == (False, True)


@pytest.mark.parametrize("manifest", CHECKS, ids=_named)
async def test_a_check_that_was_away(manifest):
    """What was forged meanwhile is not trusted, though it is back and no watch has told of it."""
    api, guard = await _standing()
    forged = plan(api, decision=FORGED)["metadata"]["uid"]
    reinstall(api, manifest)
    assert (await guard.confirm()).ok
    assert guard.distrusts(forged)


@pytest.mark.parametrize("manifest", CHECKS, ids=_named)
async def test_a_check_that_says_something_else(manifest):
    """It is as bad as one that is gone."""
    api, guard = await _standing()
    spec = {**manifest["spec"], "matchConditions": [{"name": "never", "expression": "false"}]}
    api.put(KINDS[manifest["kind"]], manifest["metadata"]["name"], namespace="", spec=spec)
    assert not (await guard.confirm()).ok


@pytest.mark.parametrize("manifest", OTHERS, ids=_named)
async def test_something_else_that_the_watches_told_of(manifest):
    """From then on everything is compared, also before the guard has got round to it by itself."""
    api, guard = await _standing()
    remove(api, manifest)
    guard.wake()
    verdict = await guard.confirm()
    assert (verdict.ok, f"{_named(manifest)} is missing" in verdict.message) == (False, True)


async def test_a_change_that_is_heard_of_meanwhile():
    """A verdict from before it is not given out any more."""
    api, guard = await _standing()

    async def hear(_verb, plural):
        if plural == DECISIVE[0].plural:
            api.before = None
            remove(api, OTHERS[-1])
            guard.wake()

    api.before = hear
    assert not (await guard.confirm()).ok


async def test_what_was_heard_of_is_compared_once():
    """After that the cheap way is enough again."""
    api, guard = await _standing()
    guard.wake()
    await guard.check(drill=False)
    api.calls.clear()
    await guard.confirm()
    assert api.calls == CHEAP


async def test_watches_that_have_ended():
    """As long as they may miss something everything is compared, whatever they tell."""
    api, guard = await _standing()
    guard.lose_sight()
    for _ in range(2):
        api.calls.clear()
        await guard.confirm()
        assert _lists(api) == WHOLE


async def test_watches_that_have_begun_anew():
    """Then the cheap way is enough again."""
    api = installed()
    guard = keeper(api, drill_every=0.0)
    await guard.check(drill=True)
    guard.lose_sight()
    api.calls.clear()
    await guard.confirm()
    assert api.calls == CHEAP


async def test_a_guard_that_does_not_stand():
    """It is compared with everything each time, and stands again when everything is back."""
    api, guard = await _standing()
    remove(api, OTHERS[-1])
    for _ in range(2):
        await guard.check(drill=False)
        assert not guard.state.ok
    api.put(KINDS[OTHERS[-1]["kind"]], OTHERS[-1]["metadata"]["name"], namespace="", spec=OTHERS[-1]["spec"])
    assert (await guard.confirm()).ok


@pytest.mark.parametrize("kind", DECISIVE, ids=lambda kind: kind.kind)
async def test_a_check_that_cannot_be_read(kind):
    """Nobody knows then, so nothing starts."""
    api, guard = await _standing()
    api.fail("list", kind, Unavailable("busy"), Unavailable("busy"))
    verdict = await guard.confirm()
    assert (verdict.ok, verdict.asked) == (False, False)
