"""Random plans, random edits, random decisions by random people on a real API server: nothing happens that nobody approved.

The oracle knows what people were shown and what they said, and the audit log what executors did. `make test` tries a few
lives, `make nightly` hundreds; COUNTERSIGN_LIVES says how many.
"""

import time
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.support.own import Own, own_cluster
from tests.support.random_lives import Lives
from tests.support.settings import LIVES

pytestmark = pytest.mark.cluster

FEW = 3
STEPS = 15
MANY = settings(
    max_examples=LIVES,
    stateful_step_count=STEPS,
    deadline=None,
    phases=[Phase.generate],  # to make a life shorter means to live it again and again
    suppress_health_check=list(HealthCheck),
    database=None,
)


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    with own_cluster(tmp_path_factory.mktemp("lives")) as found:
        yield found


def _live(own: Own, lives: int) -> Counter[str]:
    tally: Counter[str] = Counter()
    run_state_machine_as_test(lambda: Lives(own, tally), settings=settings(MANY, max_examples=lives))
    return tally


@pytest.mark.timeout(300)
def test_a_few_lives(own):
    """Nothing is done without a quorum for exactly that, every status keeps the contract, and nothing is unforeseen."""
    assert _live(own, FEW)["lives"] >= 1


@pytest.mark.faults
@pytest.mark.timeout(20 * LIVES)
def test_many_lives(own):
    """The same, as often as a night is long; in many of them something is done at all."""
    began = time.monotonic()
    tally = _live(own, LIVES)
    print(dict(sorted(tally.items())), f"{time.monotonic() - began:.0f}s")  # noqa: T201 - how much was tried is worth knowing
    assert tally["lives_with_effects"] >= tally["lives"] // 20
