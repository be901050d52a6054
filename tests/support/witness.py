"""Who did what in a random life, written down for the oracle: each accepted write, each decision, each status that was read."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.support.book import Book, Span
from tests.support.identities import Answer
from tests.support.oracle import Effect, grants
from tests.support.own import Own
from tests.support.regimes import REGIMES
from tests.support.status_contract import check_status
from tests.support.trail import Trail, marks

from countersign.api.plan_status import PlanStatus


class Witness:
    """One namespace, a book for each plan that ever was in it, and what the audit log says of its executor."""

    def __init__(self, own: Own) -> None:
        self.own = own
        self.people = own.people
        self.made = own.scene()
        self.scene = next(self.made)
        self.trail = Trail(own.plane.log("audit"), self.scene.namespace)
        self.logged = own.logged
        self.books: dict[str, Book] = {}
        self.lapses: list[Span] = []
        self.unguarded = False
        self.versions: set[str] = set()
        self.seen: set[tuple[str, int, str]] = set()
        """Every reason that a publication of a plan was seen with."""
        self.regime = REGIMES[0]

    def plan(self, name: str) -> dict[str, Any] | None:
        answer = self.scene.admin.get(self.scene.path(name))
        return answer.body if answer.ok else None

    def plans(self) -> list[dict[str, Any]]:
        return self.scene.admin.get(self.scene.path()).body["items"]

    def look(self) -> list[dict[str, Any]]:
        """One request for all of them; what was seen before is not checked again."""
        sent = time.time()
        plans = self.plans()
        for plan in plans:
            version = plan["metadata"]["resourceVersion"]
            if version not in self.versions and plan["status"].get("observedGeneration", -1) >= 0:
                check_status(PlanStatus.model_validate(plan["status"]))
            self.versions.add(version)
            self.note(plan, sent=sent)
        return plans

    def leave(self) -> None:
        """The plans go, so that the operator has nothing more to do for them. To remove the namespace would cost more than a life."""
        self.scene.admin.delete(self.scene.path())
        self.made.close()

    def write(self, who: str, send: Callable[[], Answer]) -> None:
        sent = time.time()
        answer = send()
        if not answer.ok:
            return
        book = self.books.setdefault(answer.body["metadata"]["uid"], self.regime.book(self.lapses))
        changed = book.wrote(who, answer.body["spec"], sent=sent, answered=time.time())
        if changed and self.unguarded:
            book.tainted = min(book.tainted, sent)

    def say(self, name: str, who: str, verb: str, which: str) -> None:
        sent = time.time()
        plan = self.plan(name)
        digest = self._digest(plan, which) if plan else None
        if plan is None or digest is None:
            return
        self.note(plan, sent=sent)
        sent = time.time()
        said = self.scene.decide(name, verb, by=self.people[who], digest=digest)
        if said.ok and who != "admin" and not self.unguarded:  # who may act in the name of an author counts as one
            book = self.books[said.body["metadata"]["uid"]]
            book.say(who, verb, digest, sent=sent, answered=time.time())

    def _digest(self, plan: dict[str, Any], which: str) -> str | None:
        if which == "garbage":
            return "sha256:" + "0" * 64
        if which == "old":
            return next((one.digest for one in self.books[plan["metadata"]["uid"]].shown), None)
        return plan["status"].get("digest")

    def note(self, plan: dict[str, Any], *, sent: float) -> None:
        status, book = plan["status"], self.books[plan["metadata"]["uid"]]
        if "reason" in status:
            self.seen.add((plan["metadata"]["uid"], status.get("publication", 0), status["reason"]))
        if "digest" not in status or status["observedGeneration"] != plan["metadata"]["generation"]:
            return
        book.saw(status["digest"], plan["spec"], at=time.time())
        if status["phase"] in ("Draft", "Approved"):
            book.idle.append((sent, status["digest"]))

    def judge(self) -> Counter[str]:
        """Every write of an executor was approved, and what carries our mark is what was written then."""
        marked = marks(self.scene)  # before the log is read: what is done meanwhile stands in the log only
        allowed, effects = set(), self.trail.effects()
        for uid, effect in effects:
            key = grants(self.books[uid], effect)
            assert key is not None, f"nobody approved {effect} of {uid}: {self.books[uid]}"
            allowed.add((uid, effect.action, key))
        assert marked <= allowed
        return self._told(effects, acted=bool(allowed))

    def _told(self, effects: list[tuple[str, Effect]], *, acted: bool) -> Counter[str]:
        """What there was in this life."""
        told = Counter(lives=1, plans=len(self.books), effects=len(effects), lives_with_effects=acted)
        told += Counter(reason for _, _, reason in self.seen)
        told += Counter(word.outcome for book in self.books.values() for word in book.said)
        return told + Counter(f"wrote {effect.resource}" for _, effect in effects)
