"""Files that -f names are read as kubectl reads them, or refused with the place that is wrong."""

import pytest

from countersign.cli.documents import parse, read
from countersign.cli.failure import Misused


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ('{"a": 1}', [{"a": 1}]),
        ("a: 1\n", [{"a": 1}]),
        ("a: 1\n---\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ("{a: 1, b: [x]}", [{"a": 1, "b": ["x"]}]),
        ("day: 2026-01-02\n", [{"day": "2026-01-02"}]),
        ("base: &b {x: 1, y: 2}\nderived: {<<: *b, y: 3}\n", [{"base": {"x": 1, "y": 2}, "derived": {"x": 1, "y": 3}}]),
        ('{"smile": "\\ud83d\\ude00"}', [{"smile": "😀"}]),
        ("", []),
        ("# nothing\n", []),
    ],
)
def test_reading(text, documents):
    """JSON and YAML, one or several documents; dates stay text."""
    assert parse(text, origin="plan.yaml") == documents


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1,\nb: }", "plan.yaml:2:4: expected the node content, but found '}'"),
        ("a: 1\na: 2\n", "plan.yaml:2:1: the key a stands twice"),
        ('{"a": 1, "a": 2}', "plan.yaml: the key a stands twice in one object"),
        ("443: x\n", "plan.yaml:1:1: the key 443 is not text: put it into quotes"),
        ("a: .inf\n", "plan.yaml:1:4: .inf is no JSON value: write a number or text"),
        ('{"a": NaN}', "plan.yaml: NaN is no JSON value: write a number or text"),
        ("a: !!binary aGk=\n", "plan.yaml:1:4: the type tag:yaml.org,2002:binary is not known to JSON"),
        ("a: !!python/name:os.system x\n", "plan.yaml:1:4: could not determine a constructor"),
        pytest.param(
            "[" * 5000 + "]" * 5000, "plan.yaml is nested too deeply to be read: make it flatter", id="deep JSON"
        ),
        pytest.param("a: " + "[" * 5000, "plan.yaml is nested too deeply to be read: make it flatter", id="deep YAML"),
    ],
)
def test_wrong(text, message):
    """What JSON cannot say, or says twice, is refused at its place."""
    with pytest.raises(Misused) as caught:
        parse(text, origin="plan.yaml")
    assert caught.value.format_message().startswith(message)


def test_missing_file(tmp_path):
    """A file that is not there is a wrong call."""
    with pytest.raises(Misused, match="cannot be read: No such file or directory"):
        read(str(tmp_path / "nothing.yaml"))


def test_not_text(tmp_path):
    """So is one that holds no text."""
    (tmp_path / "plan.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(Misused, match="it is not UTF-8"):
        read(str(tmp_path / "plan.yaml"))


def test_empty_file(tmp_path):
    """And one that holds nothing."""
    (tmp_path / "plan.yaml").write_text("---\n")
    with pytest.raises(Misused, match="holds no document"):
        read(str(tmp_path / "plan.yaml"))
