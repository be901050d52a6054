"""YAML that every parser reads alike."""

import pytest
import yaml

from countersign.model.plain_yaml import dumper


def _written(value):
    return yaml.dump(value, Dumper=dumper(lambda text: "\n" in text), sort_keys=False)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("n", 'x: "n"\n', id="a letter that YAML 1.1 takes for false"),
        pytest.param("Y", 'x: "Y"\n', id="a letter that YAML 1.1 takes for true"),
        pytest.param("no", "x: 'no'\n", id="a word that YAML 1.1 takes for false"),
        pytest.param("a\nb\n", "x: |\n  a\n  b\n", id="lines"),
        pytest.param("plain", "x: plain\n", id="a word"),
    ],
)
def test_texts(text, written):
    """What another parser would take for something else is quoted, and what stands in a block stands on its own lines."""
    assert _written({"x": text}) == written


def test_no_anchors():
    """A value that stands in two places is written twice."""
    shared = {"a": [1]}
    assert _written({"p": shared, "q": shared}) == "p:\n  a:\n  - 1\nq:\n  a:\n  - 1\n"


def test_one_for_each():
    """What is written in a block here is not there."""
    blocks = dumper(lambda text: "'" in text)
    assert yaml.dump({"x": "it's"}, Dumper=blocks) == "x: |-\n  it's\n"
    assert _written({"x": "it's"}) == "x: it's\n"
