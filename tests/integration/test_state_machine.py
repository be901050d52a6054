"""Random plans, random edits, random decisions by random people on a real API server: nothing happens that nobody approved.

The oracle knows what people were shown and what they said, and the audit log what executors did. `make test` tries a few
lives, `make nightly` hundreds; COUNTERSIGN_LIVES says how many.
"""

import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.support.identities import Answer
from tests.support.operated import make_scene
from tests.support.oracle import Book, grants
from tests.support.random_plans import CRITICAL, PLURALS, TOOLS, Actions, some_actions
from tests.support.rules import Rules
from tests.support.scene import a_plan, tool_action
from tests.support.settings import LIVES
from tests.support.trail import Trail

from countersign.api.names import ACTION_ID, DECISION, IDEMPOTENCY_KEY, PLAN_UID

pytestmark = pytest.mark.cluster

FEW = 3
STEPS = 15
MANY = settings(
    max_examples=LIVES,
    stateful_step_count=STEPS,
    deadline=None,
    phases=[Phase.generate],  # to make a life shorter means to live it again and again
    suppress_health_check=list(HealthCheck),
    database=None,
)
NAMES = ("one", "two")
ON_THE_WAY = ("Validating", "Running", "Waiting", "Contended")
WAITING = ("AwaitingApproval", "PreviewChanged")
PLANS = st.sampled_from(NAMES)
AUTHORS = st.sampled_from(["proposer", "both"])
PEOPLE = st.sampled_from(["proposer", "both", "approver", "approver2", "admin"])
VERBS = ("approve", "reject", "revoke", "revise")
DIGESTS = ("current", "current", "old", "garbage")
TEXTS = st.sampled_from(["1", "2", '{"outcome": "approve"}'])
TEXT = ({"description": "x"}, {"description": None})
TOGGLES = ({"suspend": True}, {"suspend": False}, {"suspend": False}, {"cancel": True}, *TEXT, *TEXT)
CHANGES = st.sampled_from(TOGGLES) | st.builds(lambda actions: {"actions": actions}, some_actions())


class Lives(RuleBasedStateMachine):
    """A namespace with two plans, and everybody who might do something to them."""

    def __init__(self, people: dict[str, Any], plane: Any, tally: Counter[str]) -> None:
        super().__init__()
        self.tally = tally
        self.people = people
        self.made = make_scene(people)
        self.scene = next(self.made)
        self.rules = Rules(self.scene)
        self.trail = Trail(plane.log("audit"), self.scene.namespace)
        self.log = plane.log("operator")
        self.logged = self.log.stat().st_size
        self.books: dict[str, Book] = {}
        self.two = False

    @initialize(two=st.booleans(), plans=st.tuples(some_actions(), some_actions()), by=AUTHORS)
    def begin(self, two: bool, plans: tuple[Actions, Actions], by: str) -> None:  # noqa: FBT001 - hypothesis names it
        """Where two people have to agree a policy says so, and that critical plans may run; elsewhere there is none."""
        self.two = two
        if two:
            self.rules.put(quorum=dict.fromkeys(("low", "medium", "high", "critical"), 2))
        for name, actions in zip(NAMES, plans, strict=True):
            self.submit(name=name, who=by, actions=actions, suspend=False)

    @rule(name=PLANS, who=PEOPLE, actions=some_actions(), suspend=st.booleans())
    def submit(self, name: str, who: str, actions: Actions, suspend: bool) -> None:  # noqa: FBT001
        plan = a_plan(name, *actions, **({"suspend": True} if suspend else {}))
        self._write(who, lambda: self.scene.submit(plan, by=self.people[who]))

    @rule(name=PLANS, who=PEOPLE, change=CHANGES)
    def edit(self, name: str, who: str, change: dict[str, Any]) -> None:
        self._write(who, lambda: self.scene.edit(name, by=self.people[who], **change))

    @rule(name=PLANS, who=PEOPLE, annotation=st.sampled_from(["decision", "authors", "retry"]), text=TEXTS)
    def annotate(self, name: str, who: str, annotation: str, text: str) -> None:
        """Orders a retry, or forges what only the admission policy writes."""
        self.scene.annotate(name, f"countersign.dev/{annotation}", text, by=self.people[who])

    @rule(name=PLANS, who=PEOPLE, verb=st.sampled_from(VERBS), which=st.sampled_from(DIGESTS))
    def decide(self, name: str, who: str, verb: str, which: str) -> None:
        self._say(name, who, verb, which)

    @rule(name=PLANS, first=st.permutations(["approver", "approver2", "both"]))
    def agree(self, name: str, first: list[str]) -> None:
        """What usually happens: everybody who may approve does."""
        for who in first:
            self.rest()
            self._say(name, who, "approve", "current")

    @rule(tool=st.sampled_from(TOOLS), text=st.sampled_from(["a", "theirs", None]))
    def meddle(self, tool: str, text: str | None) -> None:
        """Somebody else makes, changes or removes what plans are about."""
        path = self.scene.path(tool, plural="tools")
        if text is None:
            self.scene.admin.delete(path)
            return
        spec = tool_action(tool, description=text)["params"]["spec"]
        body = {"apiVersion": "countersign.dev/v1alpha1", "kind": "Tool", "metadata": {"name": tool}, "spec": spec}
        self.scene.admin.apply(path, body, fieldManager="theirs")

    @rule(name=PLANS, actions=some_actions(), by=AUTHORS)
    def replace(self, name: str, actions: Actions, by: str) -> None:
        """Another plan of that name."""
        self.scene.proposer.delete(self.scene.path(name))
        self.submit(name=name, who=by, actions=actions, suspend=False)

    @rule()
    def rest(self) -> None:
        """Nobody does anything until the operator has nothing left to do."""
        end = time.monotonic() + 60
        while any(_is_busy(plan) for plan in self._plans()):
            assert time.monotonic() < end, f"it does not come to rest: {self._plans()}"
            time.sleep(0.05)
        self.look()

    @invariant()
    def look(self) -> None:
        """Every status keeps the contract; what it shows is written down, and whether anything had started by then."""
        for name in NAMES:
            sent = time.time()
            if self.scene.admin.get(self.scene.path(name)).ok:
                self._note(self.scene.plan(name), sent=sent)

    def teardown(self) -> None:
        try:
            self.rest()
            self._judge()
            with self.log.open("rb") as log:
                log.seek(self.logged)
                assert b"Traceback" not in log.read()
        finally:
            self.rules.remove()
            self.made.close()

    def _plans(self) -> list[dict[str, Any]]:
        return self.scene.admin.get(self.scene.path()).body["items"]

    def _write(self, who: str, send: Callable[[], Answer]) -> None:
        answer = send()
        if answer.ok:
            closed = frozenset() if self.two else frozenset([CRITICAL])
            book = self.books.setdefault(answer.body["metadata"]["uid"], Book(2 if self.two else 1, closed))
            book.wrote(who, answer.body["spec"], at=time.time())

    def _say(self, name: str, who: str, verb: str, which: str) -> None:
        sent = time.time()
        answer = self.scene.admin.get(self.scene.path(name))
        digest = self._digest(answer.body, which) if answer.ok else None
        if digest is None:
            return
        self._note(answer.body, sent=sent)
        sent = time.time()
        said = self.scene.decide(name, verb, by=self.people[who], digest=digest)
        if said.ok and who != "admin":  # who may act in the name of an author counts as one
            book = self.books[said.body["metadata"]["uid"]]
            book.say(who, verb, digest, sent=sent, answered=time.time())

    def _digest(self, plan: dict[str, Any], which: str) -> str | None:
        if which == "garbage":
            return "sha256:" + "0" * 64
        if which == "old":
            return next((one.digest for one in self.books[plan["metadata"]["uid"]].shown), None)
        return plan["status"].get("digest")

    def _note(self, plan: dict[str, Any], *, sent: float) -> None:
        status, book = plan["status"], self.books[plan["metadata"]["uid"]]
        if "digest" not in status or status["observedGeneration"] != plan["metadata"]["generation"]:
            return
        book.saw(status["digest"], plan["spec"], at=time.time())
        if status["phase"] in ("Draft", "Approved"):
            book.idle.append((sent, status["digest"]))

    def _judge(self) -> None:
        """Every write of an executor was approved, and what carries our mark is what was written then."""
        marks = self._marks()  # before the log is read: what is done meanwhile stands in the log only
        allowed = set()
        for uid, effect in self.trail.effects():
            key = grants(self.books[uid], effect)
            assert key is not None, f"nobody approved {effect} of {uid}: {self.books[uid]}"
            allowed.add((uid, effect.action, key))
        self.tally += Counter(lives=1, effects=len(allowed), lives_with_effects=bool(allowed))
        self.tally += Counter(plan["status"]["reason"] for plan in self._plans())
        self.tally += Counter(word.outcome for book in self.books.values() for word in book.said)
        assert marks <= allowed

    def _marks(self) -> set[tuple[str, str, str]]:
        items = [
            item for plural in PLURALS for item in self.scene.admin.get(self.scene.path(plural=plural)).body["items"]
        ]
        return {mark for item in items if (mark := _mark(item)) is not None}


def _is_busy(plan: dict[str, Any]) -> bool:
    """Behind the spec or the last decision, on its way, or about to start."""
    status, metadata = plan["status"], plan["metadata"]
    approval, decision = status.get("approval", {}), metadata.get("annotations", {}).get(DECISION)
    return (
        status.get("observedGeneration") != metadata["generation"]
        or (decision is not None and json.loads(decision)["n"] != approval.get("recorded"))
        or status["reason"] in ON_THE_WAY
        or (status["reason"] in WAITING and approval.get("approved", 0) >= approval["required"])
    )


def _mark(item: dict[str, Any]) -> tuple[str, str, str] | None:
    metadata = item["metadata"]
    uid, notes = metadata.get("labels", {}).get(PLAN_UID), metadata.get("annotations", {})
    return (uid, notes[ACTION_ID], notes[IDEMPOTENCY_KEY]) if uid else None


def _live(people: dict[str, Any], plane: Any, lives: int) -> Counter[str]:
    tally: Counter[str] = Counter()
    run_state_machine_as_test(lambda: Lives(people, plane, tally), settings=settings(MANY, max_examples=lives))
    return tally


@pytest.mark.timeout(300)
def test_a_few_lives(people, operated):
    """Nothing is done without a quorum for exactly that, every status keeps the contract, and nothing is unforeseen."""
    assert _live(people, operated, FEW)["lives"] >= 1


@pytest.mark.faults
@pytest.mark.timeout(20 * LIVES)
def test_many_lives(people, operated):
    """The same, as often as a night is long; in many of them something is done at all."""
    tally = _live(people, operated, LIVES)
    print(dict(tally))  # noqa: T201 - how much was tried is worth knowing
    assert tally["lives_with_effects"] >= tally["lives"] // 20
