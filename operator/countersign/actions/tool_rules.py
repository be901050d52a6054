"""What is wrong with a Tool that no single field shows: addresses, contradictions, authentication that does not add up.

Takes the parsed params of `tool.upsert`, gives issues with paths into them. Messages name fields and never repeat values.
"""

from collections.abc import Iterator

from countersign.actions.authentication_rules import unfit_parameters, unpaired, unsafe_addresses
from countersign.actions.base import Issue
from countersign.actions.repetition import repeated, repeats
from countersign.actions.tool_spec import Authentication, AuthType, Connection, Scheme, ToolParams, Topology
from countersign.model import address
from countersign.model.finding import Code, Severity
from countersign.model.path import Part

Path = tuple[Part, ...]

CONNECTION: Path = ("spec", "connection")
AUTHENTICATION: Path = (*CONNECTION, "authentication")
_OAUTH2: Path = (*AUTHENTICATION, "oauth2Config")


def issues(params: ToolParams) -> Iterator[Issue]:
    connection = params.spec.connection
    yield from _addresses(connection)
    yield from _contradictions(connection)
    yield from _authentication(connection.authentication)
    yield from _tls(connection)
    yield from _repeated_capabilities(params)
    yield from repeated(params.spec.risk_tags, ("spec", "riskTags"), what="the risk tag")
    for index, capability in enumerate(params.spec.capabilities):
        where = ("spec", "capabilities", index, "riskTags")
        yield from repeated(capability.risk_tags, where, what="the risk tag")


def _addresses(connection: Connection) -> Iterator[Issue]:
    named = [((*CONNECTION, "baseUrl"), connection.base_url)]
    internal = connection.topology is Topology.INTERNAL
    yield from unsafe_addresses(named, connection.authentication.oauth2_config, at=_OAUTH2, internal=internal)


def _contradictions(connection: Connection) -> Iterator[Issue]:
    """Only what was written can contradict: `ToolUpsert.compile` takes what was left out from baseUrl."""
    url = address.read(connection.base_url)
    if url is None:
        return
    if "scheme" in connection.model_fields_set and url.scheme != connection.scheme.lower():
        message = (
            f"scheme says {connection.scheme} and baseUrl says {url.scheme}: correct one of them or leave scheme out"
        )
        yield Issue(Code.INVALID_PARAMS, (*CONNECTION, "scheme"), message)
    if "port" in connection.model_fields_set and url.named_port not in (None, connection.port):
        message = "port is not the port in baseUrl: correct one of them or leave port out"
        yield Issue(Code.INVALID_PARAMS, (*CONNECTION, "port"), message)


def _authentication(authentication: Authentication) -> Iterator[Issue]:
    configs = (
        (AuthType.API_KEY, "apiKeyConfig", authentication.api_key_config),
        (AuthType.OAUTH2, "oauth2Config", authentication.oauth2_config),
    )
    yield from unpaired(authentication.type, configs, at=AUTHENTICATION)
    yield from unfit_parameters(authentication.oauth2_config, at=_OAUTH2)


def _tls(connection: Connection) -> Iterator[Issue]:
    url = address.read(connection.base_url)
    if connection.tls is not None and url is not None and url.scheme == Scheme.HTTP.lower():
        message = "tls has no effect on plain http: remove it, or use https"
        yield Issue(Code.INVALID_PARAMS, (*CONNECTION, "tls"), message, severity=Severity.WARNING)


def _repeated_capabilities(params: ToolParams) -> Iterator[Issue]:
    for index in repeats(capability.name for capability in params.spec.capabilities):
        message = "name is already that of an earlier capability: give each its own"
        yield Issue(Code.INVALID_PARAMS, ("spec", "capabilities", index, "name"), message)
