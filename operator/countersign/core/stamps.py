"""The record that the API server's admission policy makes of somebody's decision, read from the plan's annotation."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

BREAK_GLASS = "break-glass"
"""An approval whose comment begins with this word asks to open what policies hold shut."""


class Stamp(BaseModel):
    """Who decided what, about which digest."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    n: Annotated[str, Field(min_length=1, max_length=64)]
    outcome: Literal["approve", "reject", "revise", "revoke"]
    quotes: Annotated[str, Field(pattern="^[^ ]")]
    by: Annotated[str, Field(min_length=1)]
    groups: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        return self.quotes.partition(" ")[0]

    @property
    def comment(self) -> str:
        return self.quotes.partition(" ")[2].strip()

    @property
    def asks_to_break_glass(self) -> bool:
        return self.outcome == "approve" and self.comment.startswith(BREAK_GLASS)
