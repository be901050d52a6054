"""What is wrong with an authentication that no single field shows. The same for tools and model providers."""

import re
from collections.abc import Iterable, Iterator

from countersign.actions.authentication import OAuth2Config
from countersign.actions.base import Issue
from countersign.model import address
from countersign.model.finding import Code
from countersign.model.path import Part

Path = tuple[Part, ...]

_PARAMETER = re.compile(r"[A-Za-z0-9._~-]{1,128}")


def unpaired(chosen: str, configs: Iterable[tuple[str, str, object]], *, at: Path) -> Iterator[Issue]:
    """`configs` say for each type the field that holds its configuration, and what stands there."""
    for kind, name, config in configs:
        if chosen == kind and config is None:
            yield Issue(
                Code.INVALID_PARAMS, (*at, name), f"{name} is required with type {kind}: add it, or set type None"
            )
        if chosen != kind and config is not None:
            message = f"{name} has no meaning with type {chosen}: remove it, or set type {kind}"
            yield Issue(Code.INVALID_PARAMS, (*at, name), message)


def unfit_parameters(config: OAuth2Config | None, *, at: Path) -> Iterator[Issue]:
    """The names of a map: a structural schema can bound their number but not their shape."""
    for name in config.auth_params if config else ():
        if not _PARAMETER.fullmatch(name):
            message = (
                "authParams has a name that no URL can carry as it is: use letters, digits, . _ ~ and -, at most 128"
            )
            yield Issue(Code.INVALID_PARAMS, (*at, "authParams"), message)


def unsafe_addresses(
    named: Iterable[tuple[Path, str]], config: OAuth2Config | None, *, at: Path, internal: bool | None
) -> Iterator[Issue]:
    """Of the addresses that are `named`, and of those of the configuration, which stands `at` a path."""
    endpoints = (("authUrl", config.auth_url), ("tokenUrl", config.token_url)) if config else ()
    for path, url in (*named, *(((*at, name), url) for name, url in endpoints if url)):
        for objection in address.objections(url, internal=internal):
            yield Issue(Code.UNSAFE_ADDRESS, path, f"{path[-1]} {objection}")
