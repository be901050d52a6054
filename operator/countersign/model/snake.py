"""The base of params that RunAgents writes in snake_case and that become fields of an object, where Kubernetes has camelCase.

Read as the seed has it (`tool_mappings`), written as the object has it (`toolMappings`), so that nobody translates by hand.
"""

from pydantic import AliasGenerator, ConfigDict
from pydantic.alias_generators import to_camel

from countersign.model.base import Model


def _as_it_is(name: str) -> str:
    return name


class Snake(Model):
    """Like `Model`, but with the names of the seed on the way in."""

    model_config = ConfigDict(
        alias_generator=AliasGenerator(validation_alias=_as_it_is, serialization_alias=to_camel),
    )
