"""A namespace with two plans, and everybody who might do something to them, as a state machine for hypothesis.

What the people do is written into a `Book` for each plan; in the end the oracle is asked about all that executors did.
"""

import json
import time
from collections import Counter
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.support.lapses import LAPSES, Lapse
from tests.support.own import Own
from tests.support.random_plans import DRAFT, TOOLS, Actions, some_actions
from tests.support.regimes import REGIMES, Regime
from tests.support.rules import Rules
from tests.support.scene import a_plan, tool_action
from tests.support.witness import Witness

from countersign.api.names import AUTHORS, DECISION

NAMES = ("one", "two")
ON_THE_WAY = ("Validating", "Running", "Waiting", "Contended")
WAITING = ("AwaitingApproval", "PreviewChanged")
PLANS = st.sampled_from(NAMES)
WRITERS = st.sampled_from(["proposer", "both"])
PEOPLE = st.sampled_from(["proposer", "both", "approver", "approver2", "admin"])
VERBS = ("approve", "reject", "revoke", "revise")
DIGESTS = ("current", "current", "old", "garbage")
TEXTS = st.sampled_from(["1", "2", '{"outcome": "approve"}'])
TEXT = ({"description": "x"}, {"description": None})
TOGGLES = ({"suspend": True}, {"suspend": False}, {"suspend": False}, {"cancel": True}, *TEXT, *TEXT)
CHANGES = st.sampled_from(TOGGLES) | st.builds(lambda actions: {"actions": actions}, some_actions())
MISUSES = st.lists(
    st.sampled_from(["forge", "forge", "disown", "edit", "resume", "say", "wait"]), min_size=1, max_size=3
)
FRAILTIES = (None, None, None, False, True)
"""Never, later, or at once."""
LOSSES = st.fixed_dictionaries({"name": PLANS, "who": WRITERS, "lapse": st.sampled_from(LAPSES), "misuses": MISUSES})
_NOTICED = 1.0
"""Seconds after which a lapse has been noticed by whatever starts a plan; what was under way before may go on."""


class Lives(RuleBasedStateMachine):
    """One life is one run of the machine. `tally` counts what happened in all of them."""

    def __init__(self, own: Own, tally: Counter[str]) -> None:
        super().__init__()
        self.tally = tally
        self.witness = Witness(own)
        self.own, self.people, self.scene = own, own.people, self.witness.scene
        self.rules = Rules(self.scene)
        self.frail = False

    @initialize(
        regime=st.sampled_from(REGIMES),
        frail=st.sampled_from(FRAILTIES).flatmap(lambda early: LOSSES if early else st.just(early)),
        plans=st.tuples(some_actions(), some_actions()),
        by=WRITERS,
        eager=st.booleans(),
    )
    def begin(self, regime: Regime, frail: Any, plans: tuple[Actions, Actions], by: str, eager: bool) -> None:  # noqa: FBT001 - hypothesis names them
        """In a life that is `frail` the admission policies are taken away once, now or later; `eager` approvers agree at once."""
        self.witness.regime, self.frail = regime, frail is not None
        if regime.policy:
            self.rules.put(**regime.policy)
        for name, actions in zip(NAMES, plans, strict=True):
            self.submit(name=name, who=by, actions=actions, suspend=False)
            if eager:
                self.agree(name=name, first=["approver", "approver2"])
        if frail:
            self.rest()
            self.lapse(**frail)

    @rule(name=PLANS, who=PEOPLE, actions=some_actions(), suspend=st.booleans())
    def submit(self, name: str, who: str, actions: Actions, suspend: bool) -> None:  # noqa: FBT001
        plan = a_plan(name, *actions, **({"suspend": True} if suspend else {}))
        self.witness.write(who, lambda: self.scene.submit(plan, by=self.people[who]))

    @rule(name=PLANS, who=PEOPLE, change=CHANGES)
    def edit(self, name: str, who: str, change: dict[str, Any]) -> None:
        self.witness.write(who, lambda: self.scene.edit(name, by=self.people[who], **change))

    @rule(name=PLANS, who=PEOPLE, annotation=st.sampled_from(["decision", "authors", "retry"]), text=TEXTS)
    def annotate(self, name: str, who: str, annotation: str, text: str) -> None:
        """Forges what only the admission policy writes, or orders a retry of whatever publication."""
        self.scene.annotate(name, f"countersign.dev/{annotation}", text, by=self.people[who])

    @rule(name=PLANS, who=PEOPLE)
    def retry(self, name: str, who: str) -> None:
        """Orders what a failed plan says is possible, or one whose time is over."""
        time.sleep(self.witness.regime.lasts or 0)
        self.rest()
        plan = self.witness.plan(name)
        if plan is not None:
            publication = str(plan["status"].get("publication", 0))
            self.scene.annotate(name, "countersign.dev/retry", publication, by=self.people[who])

    @rule(name=PLANS, who=PEOPLE, verb=st.sampled_from(VERBS), which=st.sampled_from(DIGESTS))
    def decide(self, name: str, who: str, verb: str, which: str) -> None:
        self.witness.say(name, who, verb, which)

    @rule(name=PLANS, first=st.permutations(["approver", "approver2", "both"]))
    def agree(self, name: str, first: list[str]) -> None:
        """What usually happens: everybody who may approve does."""
        for who in first:
            self.rest()
            self.witness.say(name, who, "approve", "current")

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

    @rule()
    def lose(self) -> None:
        """Somebody removes the draft that plans deploy."""
        self.scene.admin.delete(self.scene.path(DRAFT, plural="deploydrafts"))

    @rule(name=PLANS, who=PEOPLE)
    def remove(self, name: str, who: str) -> None:
        """The plan goes, unless it is being carried out; what comes next under its name is another one."""
        answer = self.people[who].delete(self.scene.path(name))
        if answer.ok:
            self.witness.books[answer.body["details"]["uid"]].gone = time.time()

    @rule(name=PLANS, actions=some_actions(), by=WRITERS)
    def replace(self, name: str, actions: Actions, by: str) -> None:
        """Another plan of that name."""
        self.remove(name=name, who="proposer")
        self.submit(name=name, who=by, actions=actions, suspend=False)

    @precondition(lambda self: self.frail)
    @rule(name=PLANS, who=WRITERS, lapse=st.sampled_from(LAPSES), misuses=MISUSES)
    def lapse(self, name: str, who: str, lapse: Lapse, misuses: list[str]) -> None:
        """Policies are gone for a while, in which people do what they then can; nothing of it counts."""
        self.frail, since = False, self.own.logged
        lapse.begin(self.scene.admin)
        began, self.witness.unguarded = time.time(), True
        for misuse in misuses:
            self._misuse(misuse, name, who)
            self.look()
        ended, self.witness.unguarded = time.time(), False
        lapse.end(self.scene.admin)
        self.witness.lapses.append((began + _NOTICED, ended))
        self.own.until_logged("guard entered a new epoch", since=since, seconds=60)
        self.tally["lapses"] += 1

    @rule()
    def rest(self) -> None:
        """Nobody does anything until the operator has nothing left to do."""
        end = time.monotonic() + 60
        while any(_is_busy(plan) for plan in self.witness.look()):
            assert time.monotonic() < end, f"it does not come to rest: {self.witness.plans()}"
            time.sleep(0.05)

    @invariant()
    def look(self) -> None:
        """Every status keeps the contract; what it shows is written down, and whether anything had started by then."""
        self.witness.look()

    def teardown(self) -> None:
        try:
            self.rest()
            self.tally += self.witness.judge()
            assert "Traceback" not in self.own.log(since=self.witness.logged)
        finally:
            self.rules.remove()
            self.witness.leave()

    def _misuse(self, misuse: str, name: str, who: str) -> None:
        match misuse:
            case "forge":
                self._forge(name, by=who)
            case "disown":
                self.scene.annotate(name, AUTHORS, '"nobody"', by=self.people[who])
            case "edit":
                self.edit(name=name, who=who, change={"description": "who wrote this?"})
            case "resume":
                self.edit(name=name, who=who, change={"suspend": False})
            case "say":
                self.witness.say(name, "approver", "approve", "current")
            case _:
                time.sleep(1.5 * _NOTICED)

    def _forge(self, name: str, *, by: str) -> None:
        """As if the approver had decided. Policies stop biting a moment after they are gone."""
        for _ in range(20):
            plan = self.witness.plan(name)
            if plan is None or "digest" not in plan["status"]:
                return
            record = {"n": plan["metadata"]["resourceVersion"], "outcome": "approve", "by": "approver"}
            text = json.dumps({**record, "quotes": plan["status"]["digest"], "groups": ["countersign:approvers"]})
            answer = self.scene.annotate(name, DECISION, text, by=self.people[by])
            if answer.ok and answer.annotations.get(DECISION) == text:
                self.tally["forged"] += 1
                return


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
