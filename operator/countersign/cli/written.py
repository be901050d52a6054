"""Values as JSON and YAML text, for programs and for people, harmless to a terminal."""

import json
from collections.abc import Sequence
from typing import Any

import yaml

from countersign.cli.printable import printable


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
        Dumper=_Dumper,
        sort_keys=False,
        width=float("inf"),
        explicit_start=explicit_start,
        allow_unicode=allow_unicode,
    )


class _Dumper(yaml.SafeDumper):
    """No anchors, and texts of several lines as such."""

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # YAML 1.1, which kubectl reads, would take the letters y and n for true and false.
    style = "|" if "\n" in text else '"' if text.lower() in ("y", "n") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
