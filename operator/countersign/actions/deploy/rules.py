"""What is wrong with the params of `deploy.execute` that no single field shows, and that no look into the world is needed for."""

from collections.abc import Callable, Iterator

from countersign.actions.base import Issue
from countersign.actions.deploy.created import objections
from countersign.actions.deploy.environment import is_taken
from countersign.actions.deploy.naming import is_reserved
from countersign.actions.deploy.params import DeployParams
from countersign.actions.deploy.wanted import REQUIREMENTS
from countersign.model.finding import Code
from countersign.model.path import Part

SOURCES = ("draft_id", "artifact_id", "image", "source_files")

_Complaints = Iterator[tuple[tuple[Part, ...], str]]


def issues(params: DeployParams) -> Iterator[Issue]:
    for look in _LOOKS:
        yield from (Issue(Code.INVALID_PARAMS, path, message) for path, message in look(params))
    yield from objections(params)


def _name(params: DeployParams) -> _Complaints:
    if is_reserved(params.agent_name):
        yield ("agent_name",), "agent_name would pass for a part of Kubernetes or Countersign: choose another"


def _source(params: DeployParams) -> _Complaints:
    given = [name for name in SOURCES if getattr(params, name) is not None]
    if not given:
        yield (), f"there is nothing to deploy: give one of {', '.join(SOURCES)}"
    for name in given[1:]:
        yield (name,), f"{name} and {given[0]} are two sources: give exactly one"
    for name in ("requirements", "entry_point") if params.image is not None else ():
        if getattr(params, name) is not None:
            yield (name,), f"{name} has no meaning with an image, which brings its own: remove it"


def _files(params: DeployParams) -> _Complaints:
    files = params.source_files or {}
    for name in files:
        if any(other.startswith(f"{name}/") for other in files):
            yield ("source_files", name), "the file is a folder of another file too: rename one of them"
    if params.requirements is not None and REQUIREMENTS in files:
        yield ("requirements",), f"requirements stand in source_files as {REQUIREMENTS} too: remove one of them"


def _environment(params: DeployParams) -> _Complaints:
    seen: set[str] = set()
    for index, variable in enumerate(params.env):
        where = ("env", index, "name")
        if is_taken(variable.name):
            yield where, f"{variable.name} is set by the platform: choose another name or remove it"
        if variable.name in seen:
            yield where, f"{variable.name} is already set by an earlier entry: remove one of them"
        seen.add(variable.name)


def _models(params: DeployParams) -> _Complaints:
    roles: set[str] = set()
    for index, choice in enumerate(params.llm_configs or ()):
        if not choice.named:
            yield ("llm_configs", index), "no provider is named: add model_provider, the name of a ModelProvider"
        if choice.role in roles:
            message = f"another entry has the role {choice.role} already: change one of them"
            yield ("llm_configs", index, "role"), message
        roles.add(choice.role)


_LOOKS: tuple[Callable[[DeployParams], _Complaints], ...] = (_name, _source, _files, _environment, _models)
