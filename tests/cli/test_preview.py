"""The difference shows every change, and nothing in it can pass for something else."""

import pytest
from tests.support.golden import matches, shown
from tests.support.plans import a_change, an_effect

from countersign.api.preview import MASK, PreviewedEffect
from countersign.cli.render.preview import difference

SOURCE = "def main():\n    print('hello')\n    return 0\n"
CHANGES = (
    a_change("spec.description", new="y"),
    a_change("spec.connection.port", "changed", old=443, new="443"),
    a_change("spec.riskTags", "removed", old=["pii"]),
    a_change("spec.capabilities", new=[{"name": "refund", "method": "POST", "riskTags": []}]),
    a_change("spec.tls", "removed", old={}),
    a_change('data["main.py"]', "changed", old=SOURCE, new=SOURCE.replace("hello", "good bye").rstrip("\n")),
    a_change('data["new.py"]', new="one\n"),
    a_change('stringData["token"]', "changed", old=MASK, new=MASK),
)


def look(*effects, **how):
    models = [PreviewedEffect.model_validate(effect) for effect in effects]
    return shown(*difference(models, risks={"tool-1": "high"}), **how)


def test_every_kind_of_change():
    """Added, changed and removed; scalars as YAML, texts line by line, sensitive values masked."""
    unchanged = an_effect(name="echo", operation="unchanged", action="tool-2") | {"changes": []}
    assert matches("difference", look(an_effect(*CHANGES, warnings=["deprecated: use v2"]), unchanged))


def test_colours():
    """Added is green and removed is red, and the marks say the same."""
    assert matches("difference-colours", look(an_effect(*CHANGES[1:3]), colours=True))


def test_long_values_hang():
    """A value that does not fit goes on right of its mark, so that it cannot bring a mark of its own to the margin."""
    text = look(an_effect(a_change("spec.description", new=("-  spec.mode: Critical " * 9).strip())), width=60)
    body = text.splitlines()[4:]
    assert len(body) > 2
    assert all(line.startswith("    ") for line in body[1:])


@pytest.mark.parametrize(
    ("old", "new"), [("a\nb", "a\nb\n"), ("a", "a\n"), (1, "1"), (True, "true"), (None, "null"), ("", None)]
)
def test_nothing_looks_alike(old, new):
    """Two different values never look the same."""
    first, second = (look(an_effect(a_change("x", new=value))) for value in (old, new))
    assert first != second


def test_control_characters():
    """Values are shown with their control characters as escapes."""
    assert "\\x1b[8m" in look(an_effect(a_change("x", new="a\n\x1b[8mhidden\n")))
