"""The spec of an object that somebody may have written by kubectl: read as an action type would, or what is wrong with it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from countersign.actions.base import Issue
from countersign.core.complaints import complaints
from countersign.core.wording import one_line
from countersign.model import path
from countersign.model.base import Model
from countersign.model.digest import canonical
from countersign.model.finding import Severity

Spec = TypeVar("Spec", bound=Model)

MESSAGE = 1024
"""What the schemas of the statuses allow."""


def read_spec(
    content: Mapping[str, Any], *, model: type[Spec], issues: Callable[[Spec], Iterable[Issue]]
) -> Spec | str:
    """The first thing that is wrong, as a sentence, if anything is."""
    try:
        spec = model.read(canonical(content.get("spec")))
    except ValidationError as error:
        return one_line(complaints(error, model=model, hints={})[0].message, limit=MESSAGE)
    for issue in issues(spec):
        if issue.severity is Severity.ERROR:
            return one_line(f"{path.show(issue.path)}: {issue.message}", limit=MESSAGE)
    return spec


def generation(content: Mapping[str, Any]) -> int:
    return int(content["metadata"]["generation"])
