"""The pydantic bases of everything that is read from or written to YAML.

`Model` is for what people write: unknown fields are refused, so a typing error never passes for a default.
`Recorded` is for what the operator wrote itself: a newer version's fields are ignored, so that a rollback can read them.
"""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Model(BaseModel):
    """Frozen, camelCase on the wire, unknown fields refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        use_attribute_docstrings=True,
    )

    @classmethod
    def read(cls, text: bytes) -> Self:
        """What somebody wrote, as JSON: `"443"` is no number, and `base_url` a typing error, no other name of `baseUrl`."""
        return cls.model_validate_json(text, strict=True, by_alias=True, by_name=False)

    def wire(self) -> dict[str, Any]:
        """The fields as they stand in YAML: aliases, without what is not set."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def written(self) -> dict[str, Any]:
        """Like `wire`, but only what somebody wrote: defaults are left to the schema of the API server."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)


class Recorded(Model):
    """Like `Model`, but tolerant of fields it does not know."""

    model_config = ConfigDict(extra="ignore")

    def but(self, **changes: object) -> Self:
        """A copy with these fields changed."""
        return self.model_copy(update=changes)
