"""What an event does: the cache moves, and the plans it concerns wait for a turn."""

import asyncio

import pytest

from countersign.api.names import APPROVAL_POLICY, DECISION, PLAN
from countersign.api.plan_spec import MAX_SPEC_BYTES
from countersign.model.effect import NAMESPACE, TOOL, Target
from countersign.shell.cache import Cache
from countersign.shell.guarded import GUARDED
from countersign.shell.ingest import Ingest
from countersign.shell.interest import Interest
from countersign.shell.key import Key
from countersign.shell.queue import BackOff, WorkQueue

P = Key("shop", "p")


class Arrivals:
    """An ingest and everything it feeds."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.cache = Cache((PLAN, TOOL, APPROVAL_POLICY, NAMESPACE))
        self.queue = WorkQueue(clock=asyncio.get_running_loop().time, back_off=BackOff(rng=lambda: 1.0))
        self.interest = Interest()
        self.ingest = Ingest(
            cache=self.cache,
            queue=self.queue,
            interest=self.interest,
            guard_changed=lambda: self.told.append("guard"),
            relisted=lambda: self.told.append("relisted"),
            noticed=lambda kind, key: self.told.append(f"{kind.kind} {key.name}"),
        )

    def event(self, kind, event_type, content) -> None:
        self.ingest.event(kind, event_type, self.ingest.packed(kind, content))

    def complete(self, kind, contents, *, resource_version: str) -> int:
        packed = [self.ingest.packed(kind, content) for content in contents]
        return self.ingest.complete(kind, packed, resource_version=resource_version)

    async def due(self) -> list[Key]:
        """What waits, in order."""
        found = []
        while self.queue.depth:
            async with self.queue.claim() as key:
                found.append(key)
        return found


@pytest.fixture
async def arrivals() -> Arrivals:
    return Arrivals()


def thing(name="p", *, version=1, annotations=None, **content):
    metadata = {"namespace": "shop", "name": name, "uid": f"uid-{name}", "resourceVersion": str(version)}
    return {"metadata": metadata | ({"annotations": annotations} if annotations else {}), **content}


def ruled(kind, name="rules", *, version=1):
    return {"kind": kind.kind, "metadata": {"name": name, "uid": f"uid-{name}", "resourceVersion": str(version)}}


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        (APPROVAL_POLICY, "rules", ["other/p", "shop/approved", "shop/new"]),
        (NAMESPACE, "shop", ["shop/approved", "shop/new"]),
        (NAMESPACE, "empty", []),
    ],
)
async def test_new_rules(arrivals, kind, name, expected):
    """A policy concerns every plan that has not started, a namespace those in it."""
    elsewhere = thing("p")
    elsewhere["metadata"]["namespace"] = "other"
    approved, running = ({"status": {"phase": phase}} for phase in ("Approved", "Executing"))
    plans = [thing("new"), thing("approved", **approved), thing("running", **running), elsewhere]
    arrivals.complete(PLAN, plans, resource_version="5")
    await arrivals.due()
    arrivals.event(kind, "MODIFIED", ruled(kind, name, version=9))
    assert sorted(map(str, await arrivals.due())) == expected


async def test_other_news_of_a_namespace(arrivals):
    """Annotations that controllers write there all the time concern no plan."""
    arrivals.complete(PLAN, [thing("new")], resource_version="5")
    arrivals.event(NAMESPACE, "ADDED", ruled(NAMESPACE, "shop", version=8))
    await arrivals.due()
    noisy = ruled(NAMESPACE, "shop", version=9)
    noisy["metadata"]["annotations"] = {"seen": "now"}
    arrivals.event(NAMESPACE, "MODIFIED", noisy)
    assert await arrivals.due() == []


async def test_a_plan_that_is_new_changed_or_gone(arrivals):
    """Each gives it a turn; the same state seen twice does not."""
    arrivals.event(PLAN, "ADDED", thing(version=1, spec={}))
    assert await arrivals.due() == [P]
    arrivals.event(PLAN, "MODIFIED", thing(version=1, spec={}))
    assert await arrivals.due() == []
    arrivals.event(PLAN, "MODIFIED", thing(version=2, spec={"suspend": True}))
    assert await arrivals.due() == [P]
    arrivals.event(PLAN, "DELETED", thing(version=3))
    assert await arrivals.due() == [P]
    assert arrivals.cache[PLAN].get(P) is None


async def test_an_object_that_plans_show(arrivals):
    """Those plans are judged again, and no others."""
    arrivals.interest.note(P, [Target(TOOL, "shop", "payments")])
    arrivals.event(TOOL, "ADDED", thing("payments"))
    arrivals.event(TOOL, "ADDED", thing("other"))
    assert await arrivals.due() == [P]


async def test_an_object_that_may_be_observed(arrivals):
    """Whatever is no plan is noticed, also what only a list told."""
    arrivals.event(PLAN, "ADDED", thing())
    arrivals.event(TOOL, "ADDED", thing("payments"))
    arrivals.complete(TOOL, [thing("other", version=2)], resource_version="3")
    assert arrivals.told == ["Tool payments", "Tool other", "Tool payments"]


async def test_a_policy(arrivals):
    """It is the guard's business."""
    arrivals.event(GUARDED[0], "MODIFIED", thing())
    assert arrivals.told == ["guard"]


async def test_a_watch_that_began_anew(arrivals):
    """What was deleted meanwhile it does not tell, so somebody else has to look."""
    arrivals.event(PLAN, "", thing())
    assert arrivals.told == ["relisted"]


async def test_somebody_who_decided_goes_first(arrivals):
    """A decision that is not recorded yet is somebody waiting."""
    recorded = {"approval": {"recorded": "7"}}
    arrivals.event(PLAN, "ADDED", thing("a", spec={}))
    arrivals.event(PLAN, "ADDED", thing("b", annotations={DECISION: '{"n":"7"}'}, status=recorded))
    arrivals.event(PLAN, "ADDED", thing("c", annotations={DECISION: '{"n":"8"}'}, status=recorded))
    assert [key.name for key in await arrivals.due()] == ["c", "a", "b"]


async def test_an_oversized_plan(arrivals):
    """Nothing of its spec is kept but the size."""
    arrivals.event(PLAN, "ADDED", thing(spec={"description": "x" * (MAX_SPEC_BYTES + 1)}))
    kept = arrivals.cache[PLAN].get(P)
    assert kept["spec"] == {}
    assert kept["specBytes"] > MAX_SPEC_BYTES


async def test_a_complete_list(arrivals):
    """What the watches missed, deletions too, is found and concerns the same plans."""
    arrivals.interest.note(P, [Target(TOOL, "shop", "payments")])
    arrivals.event(TOOL, "ADDED", thing("payments", version=1))
    await arrivals.due()
    assert arrivals.complete(TOOL, [thing("other", version=2)], resource_version="3") == 2
    assert await arrivals.due() == [P]
    assert len(arrivals.cache[TOOL]) == 1


async def test_everything(arrivals):
    """A verdict of the guard concerns all plans."""
    for name in "ab":
        arrivals.event(PLAN, "ADDED", thing(name))
    await arrivals.due()
    arrivals.ingest.everything()
    assert len(await arrivals.due()) == 2
