"""Tools that are made with an agent, as the params of `tool.upsert` have them, so that the same rules and risks hold for both."""

from collections.abc import Iterator

from countersign.actions.base import Issue
from countersign.actions.deploy.params import DeployParams, NewTool
from countersign.actions.tool_rules import issues
from countersign.actions.tool_spec import AuthType, Connection, ToolParams, ToolSpec
from countersign.model.finding import Code
from countersign.model.path import Part

_FIELDS: dict[Part, Part] = {"baseUrl": "base_url", "scheme": "scheme", "port": "port"}


def created(params: DeployParams) -> tuple[ToolParams, ...]:
    return tuple(_tool(tool) for tool in params.tools_to_create)


def objections(params: DeployParams) -> Iterator[Issue]:
    """What `tool.upsert` would say to them, with paths into these params."""
    names: set[str] = set()
    for index, tool in enumerate(params.tools_to_create):
        where = ("tools_to_create", index)
        if tool.name in names:
            yield Issue(Code.INVALID_PARAMS, (*where, "name"), "name is already that of an earlier tool: rename it")
        names.add(tool.name)
        if tool.auth_type is not AuthType.NONE:
            message = (
                "auth_type other than None needs a Secret: make the tool with tool.upsert and name it in required_tools"
            )
            yield Issue(Code.INVALID_PARAMS, (*where, "auth_type"), message)
        for issue in issues(_tool(tool)):
            field = _FIELDS[issue.path[-1]]
            yield Issue(issue.code, (*where, field), issue.message.replace("baseUrl", "base_url"), issue.severity)


def _tool(tool: NewTool) -> ToolParams:
    given = {"topology": tool.topology, "scheme": tool.scheme, "port": tool.port}
    connection = {"base_url": tool.base_url, **{name: value for name, value in given.items() if value is not None}}
    described = {} if tool.description is None else {"description": tool.description}
    return ToolParams(name=tool.name, spec=ToolSpec(connection=Connection(**connection), **described))
