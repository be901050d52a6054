"""A namespace that exists only in memory: answers what the core asks, takes what it writes, and can be told to misbehave.

It does what the shell and the API server do together, so that whole lives of plans are tested as values. Objects keep what
`countersign` set apart from what others set, as server-side apply does.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from tests.support.counting import Counted

from countersign.core.calls import call_key
from countersign.core.effects import body, content_of, weigh, written_by
from countersign.core.others import AskCrowd, AskPlace, AskRivals
from countersign.core.policies.policy import Rulebook, rulebook
from countersign.core.questions import (
    AboutOthers,
    Answer,
    Answers,
    AskAccess,
    AskAccount,
    AskObject,
    AskOutcome,
    AskPolicies,
    AskPreview,
    AskQuotas,
    AskReference,
    Question,
)
from countersign.core.steps import Changed, Done, Failure, Result, Write
from countersign.model.effect import Call
from countersign.model.facts import (
    Absent,
    Access,
    Base,
    Cause,
    Clear,
    Crowd,
    Denied,
    Existence,
    Found,
    Hidden,
    Place,
    Present,
    Preview,
    Previewed,
    Quotas,
    Refusal,
    Refused,
    Rivals,
    Sight,
    Unavailable,
)

DEFAULTS = {"topologyDefault": "External"}
"""What the schema of the server adds to every object, and nobody asked for."""


@dataclass
class Tool:
    """One object. `ours` is what countersign set, `theirs` what others did."""

    uid: str
    version: int
    ours: dict[str, Any] = field(default_factory=dict)
    theirs: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)

    def shown(self, name: str) -> dict[str, Any]:
        metadata = {"name": name, "namespace": "team-a", "uid": self.uid, "resourceVersion": str(self.version)}
        return {
            "apiVersion": "countersign.dev/v1alpha1",
            "kind": "Tool",
            "metadata": {**metadata, "labels": dict(self.labels), "annotations": dict(self.annotations)},
            "spec": deepcopy({**DEFAULTS, **self.ours, **self.theirs}),
        }


@dataclass
class World:
    """`refusals` answer the dry run of an object in place of the truth; `failures` are what happens to writes, in order."""

    tools: dict[str, Tool] = field(default_factory=dict)
    account: Existence = Present("uid-of-the-executor")  # noqa: RUF009  # frozen
    references: Mapping[str, Existence] = field(default_factory=dict)
    sights: dict[str, Hidden | Unavailable] = field(default_factory=dict)
    refusals: dict[str, Refused | Unavailable] = field(default_factory=dict)
    failures: dict[str, list[Failure]] = field(default_factory=dict)
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Specs of approval policies, by name."""
    watched: dict[str, dict[str, Any]] | None = None
    """The policies as the watches told of them, when that is something else."""
    no_policies: Unavailable | None = None
    namespace_labels: dict[str, str] = field(default_factory=dict)
    rights: dict[tuple[str, str, str], Access] = field(default_factory=dict)
    """Who may do what, by user (or group), verb and name (or resource); nobody else may do anything."""
    quotas: Quotas = ()
    counted: Counted = field(default_factory=Counted)
    """Whom calls go to."""
    before: Callable[[str], None] = lambda _: None
    """Is told the name of each object that is about to be written, and may raise."""
    rivals: Rivals = ()
    ahead: int = 0
    """How many open plans go before."""
    place: Place = Clear()  # noqa: RUF009  # frozen
    writes: list[str] = field(default_factory=list)
    asked: list[Question] = field(default_factory=list)
    _count: int = 0

    def answer(self, questions: tuple[Question, ...]) -> Answers:
        self.asked.extend(questions)
        return {question: self._answer(question) for question in questions}

    def _answer(self, question: Question) -> Answer:
        match question:
            case AskAccount():
                return self.account
            case AskReference(reference=reference):
                return self.references.get(reference.name, Absent())
            case AskObject(target=target):
                return self._sight(target.name)
            case AskPreview():
                return self.preview(question)
            case AskPolicies(consistent=consistent):
                return self.no_policies or self._rulebook(consistent=consistent)
            case AskAccess():
                return self._access(question)
            case AskOutcome(key=key, late=late):
                return self.counted.outcome(key, late=late)
            case AskQuotas() | AskRivals() | AskCrowd() | AskPlace():
                return self._about_all(question)

    def _sight(self, name: str) -> Sight:
        if name in self.sights:
            return self.sights[name]
        return Found(self.tools[name].shown(name)) if name in self.tools else Absent()

    def _about_all(self, question: AskQuotas | AboutOthers) -> Quotas | Rivals | Crowd | Place:
        match question:
            case AskQuotas():
                return self.quotas
            case AskRivals():
                return self.rivals
            case AskCrowd():
                return Crowd(self.ahead)
            case AskPlace():
                return self.place

    def _rulebook(self, *, consistent: bool) -> Rulebook:
        known = self.policies if consistent or self.watched is None else self.watched
        contents = [{"metadata": {"name": name}, "spec": spec} for name, spec in known.items()]
        return rulebook(contents, namespace_labels=self.namespace_labels)

    def _access(self, question: AskAccess) -> Access:
        for who in (question.user, *question.groups):
            for what in (question.name, question.resource):
                if (who, question.verb, what) in self.rights:
                    return self.rights[who, question.verb, what]
        return Denied()

    def preview(self, question: AskPreview) -> Preview:
        name = question.effect.target.name
        if name in self.refusals:
            return self.refusals[name]
        if isinstance(question.effect, Call):
            return Previewed(base=None, live=None, result=content_of(question.effect))
        tool = self.tools.get(name)
        taken = [key for key in question.effect.fields["spec"] if tool and self._differs(tool, key, question)]
        if taken:
            causes = tuple(Cause(f"spec.{key}", "", "somebody") for key in taken)
            return Refused(Refusal.CONFLICT, "conflicts with somebody", causes)
        base = Base(tool.uid, str(tool.version)) if tool else None
        result = deepcopy(tool) if tool else Tool("", 0)
        self._set(result, question)
        return Previewed(base=base, live=tool.shown(name) if tool else None, result=result.shown(name))

    def _differs(self, tool: Tool, key: str, question: AskPreview) -> bool:
        return key in tool.theirs and tool.theirs[key] != question.effect.fields["spec"][key]

    def carry_out(self, writes: tuple[Write, ...], *, account: str) -> Result:
        for write in writes:
            self.before(write.effect.target.name)
            if isinstance(write.effect, Call):
                return self._call(write)
            result = self._write(write, AskPreview(account, write.effect, write.tracking))
            if not isinstance(result, Done):
                return replace(result, done=write.place)
        return Done()

    def _call(self, write: Write) -> Result:
        result = self.counted.call(write.effect.target.name, call_key(write.tracking, write.place))
        return replace(result, done=write.place) if isinstance(result, Failure) else result

    def _write(self, write: Write, question: AskPreview) -> Result:
        name = write.effect.target.name
        if self.failures.get(name):
            return self.failures[name].pop(0)
        tool = self.tools.get(name)
        if (Base(tool.uid, str(tool.version)) if tool else None) != write.base:
            other = self._rebased(write, question)
            if other is not None:
                return other
        self._store(name, question)
        return Done()

    def _rebased(self, write: Write, question: AskPreview) -> Result | None:
        """None when the same effect can be written on what is there now."""
        preview = self.preview(question)
        if isinstance(preview, Refused):
            return Failure(preview.refusal.value, preview.message, passing=False)
        if isinstance(preview, Unavailable):
            return Failure("Unavailable", preview.message, passing=True)
        weighed = weigh(write.effect, preview, key=b"the key of the operator, 32 byte")
        if weighed.digest == write.digest:
            return None
        done = not weighed.changes and written_by(preview.live, write.tracking)
        return Done() if done else Changed(f"{write.effect.target} is no longer what the approvers saw")

    def _store(self, name: str, question: AskPreview) -> None:
        self._count += 1
        tool = self.tools.setdefault(name, Tool(f"uid-{name}-{self._count}", 0))
        tool.version = self._count
        self._set(tool, question)
        self.writes.append(name)

    def _set(self, tool: Tool, question: AskPreview) -> None:
        sent = body(question.effect, question.tracking)
        tool.ours = deepcopy(dict(sent["spec"]))
        tool.labels |= sent["metadata"]["labels"]
        tool.annotations |= sent["metadata"]["annotations"]

    def meddle(self, name: str, *, labels: Mapping[str, str] | None = None, **spec: Any) -> None:
        """Somebody else makes or changes the object; the fields are theirs from then on."""
        self._count += 1
        tool = self.tools.setdefault(name, Tool(f"uid-{name}-{self._count}", 0))
        tool.version = self._count
        tool.theirs |= spec
        tool.ours = {key: value for key, value in tool.ours.items() if key not in spec}
        tool.labels |= labels or {}

    def lose(self, name: str) -> None:
        """Somebody else deletes the object."""
        del self.tools[name]
