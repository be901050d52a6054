"""Turns over a cluster that exists only in memory: a plan goes through its whole life without a network."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

from tests.support.fake_api import Content, FakeApi
from tests.support.scene import tool_action

from countersign.api.names import AUTHORS, DECISION, PLAN
from countersign.api.plan_status import PlanStatus
from countersign.core.snapshot import Guard, Rules
from countersign.model.effect import NAMESPACE, SERVICE_ACCOUNT, TOOL
from countersign.shell.act import Executor
from countersign.shell.cache import Cache
from countersign.shell.calls import NOBODY, Callers
from countersign.shell.ingest import Ingest
from countersign.shell.interest import Interest
from countersign.shell.key import Key
from countersign.shell.look import Looker
from countersign.shell.means import Means
from countersign.shell.queue import BackOff, WorkQueue
from countersign.shell.report import Reporter
from countersign.shell.roll import Roll
from countersign.shell.turns import Turns

P = Key("shop", "p")


class FakeGuard:
    """Says what it is told to. `confirmed` is the verdict from the next confirmation on."""

    def __init__(self) -> None:
        self.state = self.confirmed = Guard(ok=True)
        self.distrusted: set[str] = set()
        self.settled: list[str] = []
        self.doubts = 0

    async def confirm(self) -> Guard:
        self.state = self.confirmed
        return self.state

    def doubt(self) -> None:
        self.doubts += 1

    def distrusts(self, uid: str) -> bool:
        return uid in self.distrusted

    def settle(self, uid: str, *, resource_version: str) -> None:
        self.settled.append(resource_version)


class Turning:
    """Everything that a turn needs, the API server and the watches included."""

    def __init__(self, callers: Callers = NOBODY) -> None:
        self.api, self.guard, self.callers = FakeApi(), FakeGuard(), callers
        self.cache = Cache((PLAN, TOOL))
        self.queue = WorkQueue(
            clock=asyncio.get_running_loop().time, back_off=BackOff(rng=lambda: 1.0, base=0.001, cap=0.01)
        )
        self.interest = Interest()
        self.ended: list[str] = []
        self.ingest = Ingest(
            cache=self.cache,
            queue=self.queue,
            interest=self.interest,
            guard_changed=lambda: None,
            relisted=lambda: None,
        )
        self.turns = Turns(means=self._means(), observe=lambda result, _: self.ended.append(result))
        self.api.put(SERVICE_ACCOUNT, "countersign-executor")
        self.api.put(NAMESPACE, "shop", namespace="")

    def _means(self) -> Means:
        roll = Roll(wake=self.queue.add)
        self.cache[PLAN].follow(roll.note)
        looker = Looker(client=self.api, cache=self.cache, roll=roll, callers=self.callers)
        key = b"k" * 32
        return Means(
            client=self.api,
            cache=self.cache,
            queue=self.queue,
            guard=self.guard,
            rules=Rules(key=key),
            looker=looker,
            executor=Executor(client=self.api, looker=looker, key=key, rng=lambda: 0.0, callers=self.callers),
            reporter=Reporter(client=self.api, observe=lambda *_: None),
            interest=self.interest,
            roll=roll,
            now=lambda: datetime.now(UTC),
            rng=lambda: 0.5,
        )

    def submit(self, *tools: str, **spec: Any) -> None:
        actions = [tool_action(name) for name in tools or ("payments",)]
        self.see(
            self.api.put(
                PLAN,
                "p",
                spec={"actions": actions, **spec},
                status={},
                metadata={"annotations": {AUTHORS: '"pat"'}},
            )
        )

    def edit(self, *, annotations: dict[str, str] | None = None, **spec: Any) -> None:
        """Somebody changes the plan; the watch tells of it at once."""
        now = self.api.now(PLAN, "p")
        metadata = dict(now["metadata"])
        metadata["annotations"] = metadata.get("annotations", {}) | (annotations or {})
        metadata["generation"] += bool(spec)
        self.see(self.api.put(PLAN, "p", spec=now["spec"] | spec, status=now["status"], metadata=metadata))

    def decide(self, outcome: str, *, by: str = "ann") -> None:
        now = self.api.now(PLAN, "p")
        stamp = {
            "n": now["metadata"]["resourceVersion"],
            "outcome": outcome,
            "quotes": now["status"]["digest"],
            "by": by,
        }
        self.edit(annotations={DECISION: json.dumps(stamp, separators=(",", ":"))})

    def remove(self) -> None:
        content = self.api.take(PLAN, "p")
        content["metadata"]["resourceVersion"] = str(self.api._version)
        self.ingest.event(PLAN, "DELETED", self.ingest.packed(PLAN, content))

    def see(self, content: Content) -> None:
        self.ingest.event(PLAN, "MODIFIED", self.ingest.packed(PLAN, content))

    async def turn(self) -> str:
        """How the plan's next turn ended."""
        async with self.queue.claim() as key:
            assert key == P
            await self.turns._survive(key)
        return self.ended[-1]

    async def approved(self, *tools: str, **spec: Any) -> None:
        """Submitted, judged and approved; the next turn starts it."""
        self.submit(*tools, **spec)
        assert await self.turn() == "success"
        self.decide("approve")

    @property
    def status(self) -> PlanStatus:
        return PlanStatus.model_validate(self.api.now(PLAN, "p")["status"])

    def on_write(self, act: Any) -> None:
        """Once, right before the first tool is written."""

        async def hook(verb: str, plural: str) -> None:
            if (verb, plural) == ("apply", TOOL.plural):
                self.api.before = None
                act()

        self.api.before = hook

    def tools(self) -> list[str]:
        return sorted(name for plural, _, name in self.api._objects if plural == TOOL.plural)
