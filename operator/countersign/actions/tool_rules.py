"""What is wrong with a Tool that no single field shows: addresses, contradictions, authentication that does not add up.

Takes the parsed params of `tool.upsert`, gives issues with paths into them. Messages name fields and never repeat values.
"""

import re
from collections.abc import Hashable, Iterable, Iterator

from countersign.actions.base import Issue
from countersign.actions.tool_spec import Authentication, AuthType, Connection, RiskTags, Scheme, ToolParams, Topology
from countersign.model import address
from countersign.model.finding import Code, Severity
from countersign.model.path import Part

Path = tuple[Part, ...]

CONNECTION: Path = ("spec", "connection")
AUTHENTICATION: Path = (*CONNECTION, "authentication")
_OAUTH2: Path = (*AUTHENTICATION, "oauth2Config")
_PARAMETER = re.compile(r"[A-Za-z0-9._~-]{1,128}")


def issues(params: ToolParams) -> Iterator[Issue]:
    connection = params.spec.connection
    yield from _addresses(connection)
    yield from _contradictions(connection)
    yield from _authentication(connection.authentication)
    yield from _parameters(connection.authentication)
    yield from _tls(connection)
    yield from _repeated_capabilities(params)
    yield from _repeated_tags(params.spec.risk_tags, ("spec", "riskTags"))
    for index, capability in enumerate(params.spec.capabilities):
        yield from _repeated_tags(capability.risk_tags, ("spec", "capabilities", index, "riskTags"))


def _addresses(connection: Connection) -> Iterator[Issue]:
    named: list[tuple[Path, str | None]] = [((*CONNECTION, "baseUrl"), connection.base_url)]
    if (oauth2 := connection.authentication.oauth2_config) is not None:
        named += [((*_OAUTH2, "authUrl"), oauth2.auth_url), ((*_OAUTH2, "tokenUrl"), oauth2.token_url)]
    for path, url in named:
        for objection in address.objections(url, internal=connection.topology is Topology.INTERNAL) if url else ():
            yield Issue(Code.UNSAFE_ADDRESS, path, f"{path[-1]} {objection}")


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
    for kind, name, config in configs:
        if authentication.type is kind and config is None:
            message = f"{name} is required with type {kind}: add it, or set type None"
            yield Issue(Code.INVALID_PARAMS, (*AUTHENTICATION, name), message)
        if authentication.type is not kind and config is not None:
            message = f"{name} has no meaning with type {authentication.type}: remove it, or set type {kind}"
            yield Issue(Code.INVALID_PARAMS, (*AUTHENTICATION, name), message)


def _parameters(authentication: Authentication) -> Iterator[Issue]:
    """The names of a map: a structural schema can bound their number but not their shape."""
    oauth2 = authentication.oauth2_config
    for name in oauth2.auth_params if oauth2 else ():
        if not _PARAMETER.fullmatch(name):
            message = (
                "authParams has a name that no URL can carry as it is: use letters, digits, . _ ~ and -, at most 128"
            )
            yield Issue(Code.INVALID_PARAMS, (*_OAUTH2, "authParams"), message)


def _tls(connection: Connection) -> Iterator[Issue]:
    url = address.read(connection.base_url)
    if connection.tls is not None and url is not None and url.scheme == Scheme.HTTP.lower():
        message = "tls has no effect on plain http: remove it, or use https"
        yield Issue(Code.INVALID_PARAMS, (*CONNECTION, "tls"), message, severity=Severity.WARNING)


def _repeated_capabilities(params: ToolParams) -> Iterator[Issue]:
    for index in _repeats(capability.name for capability in params.spec.capabilities):
        message = "name is already that of an earlier capability: give each its own"
        yield Issue(Code.INVALID_PARAMS, ("spec", "capabilities", index, "name"), message)


def _repeated_tags(tags: RiskTags, path: Path) -> Iterator[Issue]:
    for index in _repeats(tags):
        yield Issue(Code.INVALID_PARAMS, (*path, index), "the risk tag is already in the list: remove it")


def _repeats(values: Iterable[Hashable]) -> Iterator[int]:
    seen: set[Hashable] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield index
        seen.add(value)
