"""How risky it is to make a ModelProvider be what the plan says: agents send prompts there, and the gateway a key.

Takes params and dry runs, gives factors. `judgement` says how the tables are read.
"""

from dataclasses import dataclass

from countersign.actions.base import Seen
from countersign.actions.judgement import Rulebook, State, Step
from countersign.actions.provider_spec import ModelAuthType, ModelProviderParams
from countersign.actions.view import TOKEN_URLS, View, hosts, outside
from countersign.model import address
from countersign.model.address import Address
from countersign.model.risk import Factor, Level

_ASSURANCE = {ModelAuthType.NONE.value: 0, ModelAuthType.API_KEY.value: 1}
_STRONGEST = 2
"""Rank of signatures and tokens, and of any type that we do not know: leaving it is never taken for harmless."""


@dataclass(frozen=True, slots=True)
class Posture(View):
    """What of a ModelProvider matters to its risk."""

    @property
    def origin(self) -> tuple[str, int] | str:
        """Host and port that prompts and keys go to; the text itself if it is no address."""
        return url.origin if (url := self._url) else self.text("endpoint")

    @property
    def plain(self) -> bool:
        return self._url is not None and self._url.scheme == "http"

    @property
    def outside(self) -> bool:
        return outside(self._url)

    @property
    def assurance(self) -> int:
        return _ASSURANCE.get(self.text("auth", "type") or ModelAuthType.NONE, _STRONGEST)

    @property
    def secrets(self) -> frozenset[str]:
        """Names of the Secrets whose content goes to the provider or to its token endpoint."""
        key = self.text("auth", "apiKeyConfig", "secretRef", "name")
        aws = self.text("auth", "awsConfig", "credentialsSecretRef", "name")
        client = self.text("auth", "oauth2Config", "credentialsSecretRef", "name")
        return frozenset({key, aws, client} - {""})

    @property
    def credentialed(self) -> bool:
        return self.assurance > 0 or bool(self.secrets)

    @property
    def token_endpoints(self) -> tuple[str, ...]:
        return hosts(*(self.text("auth", "oauth2Config", name) for name in TOKEN_URLS))

    @property
    def _url(self) -> Address | None:
        return address.read(self.at("endpoint"))


RULES = Rulebook(
    view=Posture,
    states=(
        State(
            "provider.plainHttpOutside",
            "prompts go by plain http to a host that is not known to be inside, now or after the change",
            lambda provider: provider.plain and provider.outside,
        ),
    ),
    steps=(
        Step(
            "provider.hostChangedWithCredential",
            "the host or port changes on a provider that has a credential",
            lambda old, new: old.origin != new.origin and (old.credentialed or new.credentialed),
        ),
        Step(
            "provider.tokenHostChanged",
            "client credentials or users are sent to another host",
            lambda old, new: (
                bool(old.token_endpoints and new.token_endpoints) and old.token_endpoints != new.token_endpoints
            ),
        ),
        Step(
            "provider.credentialChanged",
            "another Secret than before is sent",
            lambda old, new: bool(new.secrets - old.secrets),
        ),
        Step(
            "provider.encryptionDropped",
            "https becomes plain http",
            lambda old, new: not old.plain and new.plain,
        ),
        Step(
            "provider.authenticationWeakened",
            "calls are authenticated less strongly than before",
            lambda old, new: new.assurance < old.assurance,
        ),
    ),
)

_BASE = Factor(Level.MEDIUM, "provider.base", "agents can be allowed to send prompts to what the provider names")

_CREDENTIAL = Factor(
    Level.MEDIUM, "provider.credentialNamed", "calls carry what the Secret named in the provider holds"
)


def factors(params: ModelProviderParams, seen: tuple[Seen, ...]) -> tuple[Factor, ...]:
    """The base, and each rule that holds anywhere, once."""
    proposed = Posture({"spec": params.spec.wire()})
    named = (_CREDENTIAL,) if proposed.credentialed else ()
    return (_BASE, *named, *RULES.judge(seen, proposed=[proposed]))
