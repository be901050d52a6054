"""The bases of everything that is read from or written to YAML."""

import pytest
from pydantic import ValidationError

from countersign.model.base import Model, Recorded
from countersign.model.digest import canonical


class Endpoint(Model):
    base_url: str = "https://api.example.com"
    """Address."""
    user_name: str | None = None
    port: int = 443


class Entry(Recorded):
    started_at: str = ""


def test_wire_names():
    """Fields are camelCase on the wire and snake_case in Python."""
    assert Endpoint.read(canonical({"baseUrl": "https://b"})) == Endpoint(base_url="https://b")
    assert Endpoint(base_url="https://b").wire() == {"baseUrl": "https://b", "port": 443}


def test_python_names_are_not_read():
    """In YAML a Python name is a typing error, not a second spelling."""
    with pytest.raises(ValidationError, match="base_url"):
        Endpoint.read(canonical({"base_url": "https://b"}))


@pytest.mark.parametrize("port", ["443", True, 443.5, None])
def test_strict(port):
    """What looks like a number is none unless it is written as one."""
    with pytest.raises(ValidationError, match="port"):
        Endpoint.read(canonical({"port": port}))


def test_unknown_fields():
    """What people write must be known; what an operator wrote may be newer."""
    with pytest.raises(ValidationError, match="bseUrl"):
        Endpoint.read(canonical({"bseUrl": "https://b"}))
    assert Entry.read(canonical({"startedAt": "now", "later": 1})) == Entry(started_at="now")


def test_written():
    """Of what was read, only what somebody wrote is written back: no defaults, no nulls."""
    assert Endpoint.read(canonical({"port": 443, "userName": None})).written() == {"port": 443}


def test_frozen():
    """A value does not change."""
    with pytest.raises(ValidationError, match="frozen"):
        Endpoint().port = 80


def test_but():
    """Changing means making another one."""
    entry = Entry(started_at="then")
    assert (entry.but(started_at="now").started_at, entry.started_at) == ("now", "then")


def test_descriptions():
    """What stands below a field describes it in the schema."""
    assert Endpoint.model_json_schema()["properties"]["baseUrl"]["description"] == "Address."
