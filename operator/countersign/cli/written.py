"""Values as JSON and YAML text, for programs and for people, harmless to a terminal."""

import json
from collections.abc import Sequence
from typing import Any

import yaml

from countersign.cli.printable import printable
from countersign.model.plain_yaml import dumper

_DUMPER = dumper(lambda text: "\n" in text)


def as_json(value: Any) -> str:
    """ASCII only: no value can do anything to a terminal."""
    return json.dumps(value, indent=2) + "\n"


def as_yaml(value: Any) -> str:
    """With the characters of every language, unless one of them could deceive."""
    return _yaml([value], explicit_start=False)


def as_documents(values: Sequence[Any]) -> str:
    """Each with a line before it that separates documents."""
    return _yaml(values, explicit_start=True)


def _yaml(values: Sequence[Any], *, explicit_start: bool) -> str:
    text = _dumped(values, explicit_start=explicit_start, allow_unicode=True)
    return text if printable(text) == text else _dumped(values, explicit_start=explicit_start, allow_unicode=False)


def _dumped(values: Sequence[Any], *, explicit_start: bool, allow_unicode: bool) -> str:
    return yaml.dump_all(
        values,
        Dumper=_DUMPER,
        sort_keys=False,
        width=float("inf"),
        explicit_start=explicit_start,
        allow_unicode=allow_unicode,
    )
