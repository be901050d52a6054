"""PlanPreview: what an approver is shown, written and read back."""

import pytest
from pydantic import ValidationError
from tests.support.reviews import a_review
from tests.support.snapshots import some_actions

from countersign.api.preview import PlanPreviewSpec, PreviewedChange
from countersign.core.preview import previews


def test_read_back():
    """A preview reads back as what it was."""
    (page,) = previews(a_review(*some_actions(3)), digest="sha256:" + "a" * 64, publication=1)
    assert PlanPreviewSpec.model_validate(page.wire()) == page


@pytest.mark.parametrize("value", [0, False, "", [], {"a": None}])
def test_values_that_look_empty(value):
    """A value that is empty, zero or false is shown all the same; only one that is not there is left out."""
    change = PreviewedChange(path="spec.a", change="changed", old=value, new="x")
    assert change.wire() == {"path": "spec.a", "change": "changed", "old": value, "new": "x"}
    assert PreviewedChange(path="spec.a", change="added", new=value).wire() == {
        "path": "spec.a",
        "change": "added",
        "new": value,
    }


def test_changes_of_one_kind():
    """A change is an addition, a change or a removal."""
    with pytest.raises(ValidationError):
        PreviewedChange.model_validate({"path": "spec.a", "change": "moved"})
