"""Bounded texts and lists that everything in a status is made of."""

from typing import Annotated, Any

from pydantic import Field

Digest = Annotated[str, Field(max_length=80)]
Moment = Annotated[str, Field(max_length=40)]
Name = Annotated[str, Field(max_length=253)]
User = Annotated[str, Field(max_length=1024)]
Word = Annotated[str, Field(max_length=64)]
Sentence = Annotated[str, Field(max_length=1024)]


def atomic() -> Any:
    return {"x-kubernetes-list-type": "atomic"}


def grows(message: str) -> Any:
    """A list that can only be appended to. Entry is compared with entry, which the API server can afford for long lists."""
    rule = "size(self) >= size(oldSelf) && oldSelf.all(i, entry, self[i] == entry)"
    return {**atomic(), "x-kubernetes-validations": [{"rule": rule, "message": message}]}
