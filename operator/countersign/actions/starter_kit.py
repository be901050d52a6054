"""`starter_kit.seed`: a Tool and a ModelProvider to try agents with, always the same two.

The address of the tool is the installation's, so it comes with the world. Whoever changes what the kit made sees the change
weighed by the rules for tools and providers when the kit is seeded again.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from countersign.actions import provider_risk, tool_risk
from countersign.actions.authentication import ApiKeyConfig, SecretRef
from countersign.actions.base import ActionType, Issue, Seen, World
from countersign.actions.provider_effect import provider_effect
from countersign.actions.provider_spec import (
    ModelAuth,
    ModelAuthType,
    ModelProviderParams,
    ModelProviderSpec,
    ProviderType,
)
from countersign.actions.tool_effect import tool_effect
from countersign.actions.tool_spec import Capability, Connection, Method, ToolParams, ToolSpec, Topology
from countersign.model.base import Model
from countersign.model.effect import MODEL_PROVIDER, TOOL, Apply, Effect, Target
from countersign.model.finding import Code
from countersign.model.risk import Factor, Level

ECHO, PLAYGROUND = "echo-tool", "playground-llm"
PLAYGROUND_SECRET = "playground-llm-credentials"  # noqa: S105  # the name of a Secret
_LABEL = ("app.kubernetes.io/part-of", "starter-kit")

_BASE = Factor(Level.LOW, "starterKit.base", "the two objects are harmless until a policy allows agents to use them")
_FOREIGN = Factor(Level.HIGH, "starterKit.nameTaken", "an object of that name was not made by the starter kit")


class StarterKitParams(Model):
    """`starter_kit.seed` needs to know nothing."""


class StarterKitSeed(ActionType[StarterKitParams]):
    """Creates the Tool echo-tool and the ModelProvider playground-llm, or makes them be what they were.

    What carries these names and was not made by the kit is left alone. The provider takes its key from the Secret
    playground-llm-credentials, which may be created later.
    """

    type = "starter_kit.seed"
    params = StarterKitParams
    kinds = (TOOL, MODEL_PROVIDER)
    example: ClassVar[Mapping[str, Any]] = {}
    hints: ClassVar[Mapping[str, str]] = {
        "name": f"the names are always {ECHO} and {PLAYGROUND}: leave it out",
        "namespace": "leave it out: the kit is made in the namespace of the plan",
        "spec": "the kit is always the same: use tool.upsert and model_provider.upsert for your own",
    }

    def reads(self, params: StarterKitParams, world: World) -> tuple[Target, ...]:
        del params
        return (world.at(TOOL, ECHO), world.at(MODEL_PROVIDER, PLAYGROUND))

    def examine(self, params: StarterKitParams, world: World) -> Iterable[Issue]:
        for target in self.reads(params, world):
            there = world.objects.get(target)
            if there is not None and not _of_the_kit(there):
                message = f"there is a {target} that is not of the starter kit: rename or delete it, or label it {'='.join(_LABEL)}"
                yield Issue(Code.NAME_TAKEN, (), message)

    def compile(self, params: StarterKitParams, world: World) -> tuple[Effect, ...]:
        del params
        return (
            _labelled(tool_effect(_echo(world.installation.echo_url), world)),
            _labelled(provider_effect(_PLAYGROUND, world)),
        )

    def assess(self, params: StarterKitParams, seen: tuple[Seen, ...]) -> tuple[Factor, ...]:
        del params
        return (_BASE, *_taken(seen), *_judged(seen))


def _echo(url: str) -> ToolParams:
    spec = ToolSpec(
        description="Gives back what it is sent",
        connection=Connection(topology=Topology.INTERNAL, base_url=url),
        capabilities=(Capability(name="echo", method=Method.POST, path="/", description="Gives back the message"),),
    )
    return ToolParams(name=ECHO, spec=spec)


_PLAYGROUND = ModelProviderParams(
    name=PLAYGROUND,
    spec=ModelProviderSpec(
        provider=ProviderType.OPENAI,
        endpoint="https://api.openai.com/v1",
        models=("gpt-4o-mini",),
        auth=ModelAuth(
            type=ModelAuthType.API_KEY,
            api_key_config=ApiKeyConfig(
                name="Authorization", value_prefix="Bearer ", secret_ref=SecretRef(name=PLAYGROUND_SECRET)
            ),
        ),
    ),
)


def _labelled(effect: Apply) -> Apply:
    key, value = _LABEL
    return Apply(effect.target, {"metadata": {"labels": {key: value}}, **effect.fields}, effect.sensitive)


def _of_the_kit(there: Mapping[str, Any]) -> bool:
    key, value = _LABEL
    labels = there.get("metadata", {}).get("labels") or {}
    return bool(labels.get(key) == value)


def _taken(seen: tuple[Seen, ...]) -> Iterator[Factor]:
    if any(one.live is not None and not _of_the_kit(one.live) for one in seen):
        yield _FOREIGN


def _judged(seen: tuple[Seen, ...]) -> Iterator[Factor]:
    """Each object by the rules of its kind."""
    yield from tool_risk.RULES.judge(tuple(one for one in seen if one.effect.target.kind == TOOL))
    yield from provider_risk.RULES.judge(tuple(one for one in seen if one.effect.target.kind == MODEL_PROVIDER))
