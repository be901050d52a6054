"""Reads the files that `-f` names: JSON or YAML, one or several documents, `-` for standard input.

Gives plain JSON values, as kubectl would read them: dates stay text, a key that stands twice is an error and not silently
the last one. What cannot be read is a wrong call of the program.
"""

import json
import math
import sys
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import click
import yaml
from yaml.constructor import ConstructorError

from countersign.cli.failure import Misused

STDIN = "-"
_MERGE = "tag:yaml.org,2002:merge"
_DATE = "tag:yaml.org,2002:timestamp"


def file_option(function: Any) -> Any:
    """-f, handed in as `file`."""
    return click.option(
        "-f",
        "--filename",
        "file",
        required=True,
        metavar="FILE",
        help="Plan manifests or RunAgents plans, JSON or YAML; - is standard input.",
    )(function)


def read(file: str) -> list[Any]:
    """The documents; empty ones between two separators do not count."""
    origin = origin_of(file)
    try:
        text = sys.stdin.read() if file == STDIN else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        what = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise Misused(f"{origin} cannot be read: {what}") from error
    documents = parse(text, origin=origin)
    if not documents:
        raise Misused(f"{origin} holds no document")
    return documents


def origin_of(file: str) -> str:
    """How messages name it."""
    return "standard input" if file == STDIN else file


def parse(text: str, *, origin: str) -> list[Any]:
    """Raises Misused, naming line and column."""
    try:
        return _parsed(text, origin=origin)
    except RecursionError as error:
        raise Misused(f"{origin} is nested too deeply to be read: make it flatter") from error


def _parsed(text: str, *, origin: str) -> list[Any]:
    if text.lstrip().startswith(("{", "[")):
        try:
            return [json.loads(text, object_pairs_hook=_object, parse_constant=_not_json)]
        except json.JSONDecodeError:
            # Braces begin YAML too.
            pass
        except ValueError as error:
            raise Misused(f"{origin}: {error}") from error
    try:
        return [document for document in yaml.load_all(text, Loader=_Loader) if document is not None]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{origin}:{mark.line + 1}:{mark.column + 1}" if mark else origin
        raise Misused(f"{where}: {error.problem}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise Misused(f"{origin}: {error}") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key} stands twice in one object")
        found[key] = value
    return found


def _not_json(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON value: write a number or text")


class _Loader(yaml.SafeLoader):
    """Only what JSON can say."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's
        seen: set[str] = set()
        for key_node, _ in node.value:
            if key_node.tag == _MERGE:
                continue
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise ConstructorError(
                    None, None, f"the key {key} is not text: put it into quotes", key_node.start_mark
                )
            if key in seen:
                raise ConstructorError(None, None, f"the key {key} stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def _number(loader: _Loader, node: yaml.ScalarNode) -> float:
    value = loader.construct_yaml_float(node)
    if not math.isfinite(value):
        raise ConstructorError(None, None, f"{node.value} is no JSON value: write a number or text", node.start_mark)
    return float(value)


def _unknown(_: _Loader, node: yaml.Node) -> None:
    raise ConstructorError(None, None, f"the type {node.tag} is not known to JSON", node.start_mark)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _DATE]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_constructor("tag:yaml.org,2002:float", _number)
for _tag in ("binary", "omap", "pairs", "set", "timestamp"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _unknown)
