"""An action type that looks before it acts and waits afterwards, for tests of what the core makes of such types."""

from collections.abc import Mapping
from typing import Any, ClassVar

from countersign.actions.base import ActionType, Broken, Issue, Pending, Reference
from countersign.model.base import Model
from countersign.model.effect import TOOL, Apply
from countersign.model.finding import Code
from countersign.model.risk import Factor, Level


class CopyParams(Model):
    """What is copied, to where, and whether the copy has to get ready."""

    source: str
    name: str
    wait: bool = False
    needs: str = ""


class ToolCopy(ActionType[CopyParams]):
    """Makes a tool be like another one. It is ready when somebody sets its riskTags to ready, and broken with broken."""

    type = "tool.copy"
    params = CopyParams
    kinds = (TOOL,)
    example: ClassVar[Mapping[str, Any]] = {"source": "a", "name": "b"}

    def reads(self, params, world):
        return (world.at(TOOL, params.source),)

    def examine(self, params, world):
        if world.find(TOOL, params.source) is None:
            yield Issue(Code.NOT_FOUND, ("source",), f"there is no Tool {params.source}: create it first")

    def references(self, params, world):
        return (Reference(TOOL, params.needs, ("needs",)),) if params.needs else ()

    def compile(self, params, world):
        source = world.find(TOOL, params.source)["spec"]
        spec = {"connection": source["connection"], "description": source.get("description", "a copy")}
        return (Apply(world.at(TOOL, params.name), {"spec": spec}),)

    def assess(self, params, seen):
        return (Factor(Level.LOW, "copy", "a copy is as good as the original"),)

    def awaited(self, params, world):
        return (world.at(TOOL, params.name),) if params.wait else ()

    def settle(self, params, world):
        state = world.find(TOOL, params.name)["spec"].get("riskTags")
        return None if state == ["ready"] else Broken("it broke") if state == ["broken"] else Pending("not tagged yet")


def a_copy(source: str, name: str, *, depends_on: list[str] | None = None, **params: Any) -> dict[str, Any]:
    """An action of that type; its id is that of what it makes, with an apostrophe."""
    action = {"id": f"{name}'", "type": "tool.copy", "idempotencyKey": f"{name}.copy"}
    more = {"dependsOn": depends_on} if depends_on else {}
    return {**action, **more, "params": {"source": source, "name": name, **params}}


class SetParams(Model):
    """The tools that are made, in this order."""

    names: list[str]


class ToolSet(ActionType[SetParams]):
    """Makes several tools."""

    type = "tool.set"
    params = SetParams
    kinds = (TOOL,)
    example: ClassVar[Mapping[str, Any]] = {"names": ["a", "b"]}

    def compile(self, params, world):
        return tuple(Apply(world.at(TOOL, name), {"spec": {"description": "one of a set"}}) for name in params.names)

    def assess(self, params, seen):
        return (Factor(Level.LOW, "set", "a set is as good as its tools"),)


def a_set(*names: str, name: str = "set", **rest: Any) -> dict[str, Any]:
    """An action of that type."""
    action = {"id": name, "type": "tool.set", "idempotencyKey": f"{name}.v1", **rest}
    return {**action, "params": {"names": list(names)}}
