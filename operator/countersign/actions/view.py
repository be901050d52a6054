"""Objects as they were found, read without taking anything about their shape for granted.

They may have been written by kubectl under an older schema. What is not there or makes no sense counts as absent, and the
views that derive from this one say what absent means to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from countersign.model import address
from countersign.model.address import Address
from countersign.model.host import Place

TOKEN_URLS = ("authUrl", "tokenUrl")
"""Fields of an oauth2Config that say where credentials are sent."""


@dataclass(frozen=True, slots=True)
class View:
    """A view of one object; None and anything else that is no object reads as an empty one."""

    body: Any = field(hash=False)

    def at(self, *path: str) -> Any:
        """What stands there in the spec; None if nothing does."""
        found = self.body
        for part in ("spec", *path):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found

    def text(self, *path: str) -> str:
        found = self.at(*path)
        return found if isinstance(found, str) else ""

    def items(self, *path: str) -> tuple[Mapping[str, Any], ...]:
        """The objects of a list; whatever else stands in it says nothing."""
        found = self.at(*path)
        return tuple(item for item in found if isinstance(item, Mapping)) if isinstance(found, list) else ()


def outside(url: Address | None) -> bool:
    """Not known to be inside, which an address that cannot be read never is."""
    return url is None or url.where.place is not Place.INSIDE


def hosts(*urls: str) -> tuple[str, ...]:
    """Where they lead: host and port, or the text itself if it is no address. Empty ones lead nowhere."""
    return tuple(str(read.origin) if (read := address.read(url)) else url for url in urls if url)


def words(value: Any) -> tuple[str, ...]:
    """The texts of a list, in its order."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
