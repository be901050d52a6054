"""The one effect of making a ModelProvider be something: shared by `model_provider.upsert` and `starter_kit.seed`."""

from countersign.actions.base import World
from countersign.actions.provider_rules import AUTH
from countersign.actions.provider_spec import ModelProviderParams
from countersign.model.effect import MODEL_PROVIDER, Apply
from countersign.model.path import Part

# The issuer may want anything here, a login hint or a customer number included.
_SENSITIVE: tuple[tuple[Part, ...], ...] = ((*AUTH, "oauth2Config", "authParams", "*"),)


def provider_effect(params: ModelProviderParams, world: World) -> Apply:
    """What was written, without our defaults: those are the API server's, and it fills them in for everybody."""
    return Apply(world.at(MODEL_PROVIDER, params.name), {"spec": params.spec.written()}, sensitive=_SENSITIVE)
