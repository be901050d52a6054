"""What of a Tool matters to its risk, read from any object of that kind.

What is not there or makes no sense counts as the default. Serves `tool_risk`, which compares two of these.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from countersign.actions.tool_spec import AuthType, Mode
from countersign.actions.view import TOKEN_URLS, View, hosts, outside, words
from countersign.model import address
from countersign.model.address import Address


@dataclass(frozen=True, slots=True)
class Offer:
    """A capability as far as risk goes; `tags` in lower case."""

    name: str
    method: str
    path: str
    tags: frozenset[str]

    def reaches(self, other: "Offer") -> bool:
        """Whether calls that are the other's may be this one's too; a wildcard is taken to match anything."""
        return self.name == other.name or (
            self.method == other.method and other.path.startswith(self.path.partition("*")[0])
        )


@dataclass(frozen=True, slots=True)
class Posture(View):
    """A view of one Tool."""

    @property
    def origin(self) -> tuple[str, int] | None:
        """Host and port that calls go to; None if the address cannot be read."""
        url, port = self._url, self.at("connection", "port")
        if url is None:
            return None
        return url.host, url.named_port or (port if isinstance(port, int) else url.port)

    @property
    def plain(self) -> bool:
        return self.text("connection", "scheme") == "HTTP" or (self._url is not None and self._url.scheme == "http")

    @property
    def outside(self) -> bool:
        return outside(self._url)

    @property
    def trust(self) -> tuple[str, str]:
        """Which certificate is accepted."""
        return self.text("connection", "tls", "serverName"), self.text("connection", "tls", "caSecretRef", "name")

    @property
    def unverified(self) -> bool:
        return self.at("connection", "tls", "insecureSkipVerify") is True

    @property
    def authentication(self) -> str:
        return self.text("connection", "authentication", "type") or AuthType.NONE

    @property
    def secrets(self) -> frozenset[str]:
        """Names of the Secrets whose content goes to the tool or to its token endpoint."""
        key = self.text("connection", "authentication", "apiKeyConfig", "secretRef", "name")
        client = self.text("connection", "authentication", "oauth2Config", "credentialsSecretRef", "name")
        return frozenset({key, client} - {""})

    @property
    def credentialed(self) -> bool:
        return self.authentication != AuthType.NONE or bool(self.secrets)

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Where client credentials and consent go."""
        return hosts(*(self.text("connection", "authentication", "oauth2Config", name) for name in TOKEN_URLS))

    @property
    def mode(self) -> str:
        return self.text("governance", "accessControl", "mode") or Mode.RESTRICTED

    @property
    def asks(self) -> bool:
        """Whether calls need approval."""
        return self.at("governance", "accessControl", "requireApproval") is True

    @property
    def approvers(self) -> str:
        return self.text("governance", "approval", "group")

    @property
    def expires(self) -> bool:
        """Whether approvals end by themselves."""
        return self.at("governance", "approval", "autoExpire") is not False

    @property
    def tags(self) -> frozenset[str]:
        """Of the whole tool, in lower case."""
        return _tags(self.at("riskTags"))

    @property
    def offers(self) -> tuple[Offer, ...]:
        return tuple(_offers(self.items("capabilities")))

    @property
    def all_tags(self) -> frozenset[str]:
        return self.tags.union(*(offer.tags for offer in self.offers))

    @property
    def _url(self) -> Address | None:
        return address.read(self.at("connection", "baseUrl"))


def _offers(capabilities: Iterable[Mapping[str, Any]]) -> Iterator[Offer]:
    for item in capabilities:
        name, method, path = (str(item.get(key, "")) for key in ("name", "method", "path"))
        yield Offer(name, method, path, tags=_tags(item.get("riskTags")))


def _tags(tags: Any) -> frozenset[str]:
    return frozenset(tag.lower() for tag in words(tags))
