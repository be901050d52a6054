"""What the core may ask of the cluster, and what it may be answered. A question is a value: asked twice in a turn it is answered once.

`shell/look.py` answers them; those about the other plans (`others`) from memory, all others with a request.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import assert_never

from countersign.actions.base import Reference
from countersign.core.others import AskCrowd, AskPlace, AskRivals
from countersign.core.policies.policy import Rulebook
from countersign.model.effect import Call, Effect, Target
from countersign.model.facts import (
    Access,
    Crowd,
    Existence,
    Occurrence,
    Place,
    Preview,
    Quotas,
    Rivals,
    Sight,
)


@dataclass(frozen=True, slots=True)
class Tracking:
    """Which intent an object was written for; recorded in its metadata."""

    plan_uid: str
    plan: str
    action: str
    key: str
    params_digest: str


@dataclass(frozen=True, slots=True)
class AskAccount:
    """Does the executor exist?"""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class AskReference:
    """Does the named object exist, as far as the executor may see?"""

    account: str
    namespace: str
    reference: Reference


@dataclass(frozen=True, slots=True)
class AskObject:
    """What does the object look like, as far as the executor may see?"""

    account: str
    target: Target


@dataclass(frozen=True, slots=True)
class AskPreview:
    """What would the effect do, run as the executor?"""

    account: str
    effect: Effect
    tracking: Tracking


@dataclass(frozen=True, slots=True)
class AskPolicies:
    """Under which rules are the plans of the namespace? `consistent`: read from the API server now, and not from a cache."""

    namespace: str
    consistent: bool = False


@dataclass(frozen=True, slots=True)
class AskAccess:
    """May that user do this? `resource` may name a subresource, as `plans/status`; no namespace stands for all of them.

    `recently`: that he might not a moment ago is answer enough.
    """

    user: str
    groups: tuple[str, ...]
    verb: str
    group: str
    resource: str
    namespace: str = ""
    name: str = ""
    recently: bool = False


@dataclass(frozen=True, slots=True)
class AskQuotas:
    """What may the namespace hold, as far as the executor may see?"""

    account: str
    namespace: str


@dataclass(frozen=True, slots=True)
class AskOutcome:
    """Did the call with this key, which is at this place among the effects of its action, happen? `late`: no request can be under way any more, so that a no is final."""

    account: str
    call: Call
    key: str
    place: int
    late: bool


AboutOthers = AskRivals | AskCrowd | AskPlace
Question = (
    AskAccount | AskReference | AskObject | AskPreview | AskPolicies | AskAccess | AskQuotas | AskOutcome | AboutOthers
)
Answer = Existence | Sight | Preview | Rulebook | Access | Quotas | Occurrence | Rivals | Crowd | Place
Answers = Mapping[Question, Answer]


def about(question: Question) -> Target | None:
    match question:
        case AskObject(target=target):
            return target
        case AskPreview(effect=effect):
            return effect.target
        case AskOutcome(call=call):
            return call.target
        case AskReference(namespace=namespace, reference=reference):
            return Target(reference.kind, namespace, reference.name)
        case AskAccount() | AskPolicies() | AskAccess() | AskQuotas() | AskRivals() | AskCrowd() | AskPlace():
            return None
    assert_never(question)


def watched_by(questions: Iterable[Question]) -> frozenset[Target]:
    """The objects whose changes concern whoever asked these."""
    asked = (about(question) for question in questions if isinstance(question, AskPreview | AskObject))
    return frozenset(filter(None, asked))
