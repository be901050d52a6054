"""The one effect of making a Tool be something: shared by `tool.upsert`, `starter_kit.seed` and `deploy.execute`."""

from typing import Any

from countersign.actions.base import World
from countersign.actions.tool_rules import AUTHENTICATION
from countersign.actions.tool_spec import ToolParams
from countersign.model import address
from countersign.model.effect import TOOL, Apply
from countersign.model.path import Part

# The issuer may want anything here, a login hint or a customer number included.
SENSITIVE: tuple[tuple[Part, ...], ...] = ((*AUTHENTICATION, "oauth2Config", "authParams", "*"),)


def tool_effect(params: ToolParams, world: World) -> Apply:
    return Apply(world.at(TOOL, params.name), {"spec": tool_fields(params)}, sensitive=SENSITIVE)


def tool_fields(params: ToolParams) -> dict[str, Any]:
    """What was written, without our defaults: those are the API server's, and it fills them in for everybody.

    Scheme and port are the exception. Their defaults would contradict an address like http://echo.tools.svc:8092.
    """
    spec = params.spec.written()
    return {**spec, "connection": {**_implied(params.spec.connection.base_url), **spec["connection"]}}


def _implied(base_url: str) -> dict[str, Any]:
    url = address.read(base_url)
    return {"scheme": url.scheme.upper(), "port": url.port} if url else {}
