"""What every generated object has in common."""

from typing import Any

JSON = dict[str, Any]
"""A JSON object, as the API server reads and writes it."""

PART_OF = {"app.kubernetes.io/part-of": "countersign"}
"""By this label the guard finds everything that has to be in place."""


def labelled(name: str, *, namespace: str | None = None, labels: dict[str, str] | None = None) -> JSON:
    """The metadata of an object of ours."""
    place = {"namespace": namespace} if namespace else {}
    return {"name": name, **place, "labels": {**PART_OF, **(labels or {})}}
