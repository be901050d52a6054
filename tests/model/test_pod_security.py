"""Pod Security restricted, as we read it."""

import pytest
from tests.support.pods import ACCEPTED, REFUSED

from countersign.model.pod_security import violations


@pytest.mark.parametrize("pod", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(pod):
    """What upstream allows is no violation."""
    assert list(violations(pod)) == []


@pytest.mark.parametrize(("pod", "violation"), REFUSED.values(), ids=REFUSED)
def test_refused(pod, violation):
    """What upstream forbids is named."""
    assert violation in list(violations(pod))
