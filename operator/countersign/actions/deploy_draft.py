"""`deploy_draft.create_or_patch`: put a deployment together, step by step, before anything is deployed.

The state of a draft is its spec, because effects are written as the executor and only the operator writes a status. A patch
is a JSON merge patch; the effect is the complete content that comes out of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from countersign.actions.base import ActionType, Issue, Reference, Seen, World
from countersign.actions.draft_merge import changed
from countersign.actions.draft_spec import DraftParams, DraftSpec, DraftStatus, read_draft
from countersign.model.digest import sha256
from countersign.model.effect import CONFIG_MAP, DEPLOY_DRAFT, MODEL_PROVIDER, POLICY, TOOL, Apply, Effect, Target
from countersign.model.finding import Code
from countersign.model.risk import Factor, Level

_OURS = "leave it out: the operator counts it"
_BASE = Factor(Level.LOW, "draft.base", "a draft is a note: nothing runs before it is deployed by another action")


class DeployDraftCreateOrPatch(ActionType[DraftParams]):
    """Creates a DeployDraft, or merges the params into an existing one.

    A patch is a JSON merge patch: fields that are named replace what is there, mappings are merged key by key, null takes a
    field away. A patch that would change nothing leaves the version as it is.
    """

    type = "deploy_draft.create_or_patch"
    params = DraftParams
    kinds = (DEPLOY_DRAFT,)
    read_kinds = (CONFIG_MAP, MODEL_PROVIDER, POLICY, TOOL)
    example: ClassVar[Mapping[str, Any]] = {
        "id": "draft-support-01",
        "step": "connect",
        "source_type": "code",
        "agent_config": {
            "agent_name": "support",
            "system_prompt": "You answer questions about orders.",
            "use_custom_image": True,
            "custom_image": "example.com/agents/support@sha256:" + "0" * 64,
        },
    }
    hints: ClassVar[Mapping[str, str]] = {
        "draft_id": "write id",
        "name": "write id",
        "agent_name": "write agent_config.agent_name",
        "system_prompt": "write agent_config.system_prompt",
        "image": "write agent_config.custom_image, and agent_config.use_custom_image: true",
        "required_tools": "write required_tool_names",
        "tool_url_mappings": "write tool_mappings",
        "llm_configs": "write model_mappings, with the role as the key",
        "source_files": "a draft names its source: put the files into a ConfigMap and name it in artifact_id, or deploy them",
        "version": _OURS,
        "created_at": _OURS,
        "updated_at": _OURS,
    }

    def reads(self, params: DraftParams, world: World) -> tuple[Target, ...]:
        return (world.at(DEPLOY_DRAFT, draft_name(params, world)),)

    def references(self, params: DraftParams, world: World) -> tuple[Reference, ...]:
        del world
        return tuple(_named(params))

    def examine(self, params: DraftParams, world: World) -> Iterable[Issue]:
        if params.namespace not in (None, world.namespace):
            message = "namespace is not that of the plan: leave it out, or submit the plan there"
            yield Issue(Code.OUTSIDE_NAMESPACE, ("namespace",), message)
        body = world.find(DEPLOY_DRAFT, draft_name(params, world))
        draft = read_draft(body)
        if body is not None and draft is None:
            message = "the draft that is there has another shape than this version knows: remove it or use another id"
            yield Issue(Code.UNUSABLE, ("id",), message)
        elif _overtaken(params, draft):
            there = f"version {draft.version}" if draft else "not there yet"
            message = f"the draft is {there}: look at it and correct expected_version, or leave it out"
            yield Issue(Code.DRAFT_CHANGED, ("expected_version",), message)

    def compile(self, params: DraftParams, world: World) -> tuple[Effect, ...]:
        target = world.at(DEPLOY_DRAFT, draft_name(params, world))
        draft = read_draft(world.objects.get(target))
        return (Apply(target, {"spec": _patched(params, draft)}),)

    def assess(self, params: DraftParams, seen: tuple[Seen, ...]) -> tuple[Factor, ...]:
        del params, seen
        return (_BASE,)


def draft_name(params: DraftParams, world: World) -> str:
    """The id, or a name that belongs to this action of this plan and to no other."""
    return params.id or "draft-" + sha256([world.plan, world.action]).removeprefix("sha256:")[:16]


def _patch(params: DraftParams) -> dict[str, Any]:
    """What somebody wrote, nulls included, in the words of the object."""
    return params.model_dump(
        mode="json", by_alias=True, exclude_unset=True, exclude={"id", "expected_version", "namespace"}
    )


def _overtaken(params: DraftParams, draft: DraftSpec | None) -> bool:
    """A repeat finds the version that it made itself: what would change nothing overwrites nobody."""
    if params.expected_version is None:
        return False
    if draft is None:
        return True
    return params.expected_version != draft.version and _patched(params, draft) != draft.written()


def _patched(params: DraftParams, draft: DraftSpec | None) -> dict[str, Any]:
    """The complete content after the patch."""
    patch = _patch(params)
    if draft is not None and _comes_again(params, draft):
        rest = changed(draft, {name: value for name, value in patch.items() if name != "status"})
        return rest if rest == draft.written() else changed(draft, patch)
    return changed(draft, patch)


def _comes_again(params: DraftParams, draft: DraftSpec) -> bool:
    """A plan that is repeated finds the draft COMPLETED by its deployment: its old status is no wish to open it again.

    Whoever changes something else opens it, and so does whoever names the version that was completed.
    """
    return (
        draft.status is DraftStatus.COMPLETED
        and "status" in params.model_fields_set
        and params.status is not DraftStatus.ABANDONED
        and params.expected_version != draft.version
    )


def _named(params: DraftParams) -> Iterator[Reference]:
    if params.artifact_id:
        yield Reference(CONFIG_MAP, params.artifact_id, ("artifact_id",))
    lists = (("policies", POLICY), ("required_tool_names", TOOL), ("recommended_tool_names", TOOL))
    for field, kind in lists:
        for index, name in enumerate(getattr(params, field) or ()):
            yield Reference(kind, name, (field, index))
    for found, tool in (params.tool_mappings or {}).items():
        if tool:
            yield Reference(TOOL, tool, ("tool_mappings", found))
    for role, model in (params.model_mappings or {}).items():
        if model:
            yield Reference(MODEL_PROVIDER, model.provider, ("model_mappings", role, "provider"))
