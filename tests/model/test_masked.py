"""What the API server quotes is not told further."""

import pytest

from countersign.model.masked import masked


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ('x: Invalid value: "hunter2": must be short', "x: Invalid value: (not shown): must be short"),
        ('x: Invalid value: "a\\": \\"b": bad', "x: Invalid value: (not shown): bad"),
        ('[a: Invalid value: 7: odd, b: Duplicate value: "k"]', None),
        ('x: Invalid value: {"k":"v: w"}: no', "x: Invalid value: (not shown): no"),
        (
            'x: Unsupported value: "q": supported values: "a"',
            'x: Unsupported value: (not shown): supported values: "a"',
        ),
        ("x: Invalid value: map[k:v]: no", "x: Invalid value: (not shown)"),
        ('x: Invalid value: "\\x00": no', "x: Invalid value: (not shown)"),
        (".spec.x: expected string, got &value{hunter2}", ".spec.x: expected string, got (not shown)"),
        ("x: Required value", "x: Required value"),
        ("two\nlines", "two lines"),
    ],
)
def test_masked(message, told):
    """Fields and reasons stay; what cannot be read as a value ends the sentence."""
    expected = told or "[a: Invalid value: (not shown): odd, b: Duplicate value: (not shown)]"
    assert masked(message) == expected
