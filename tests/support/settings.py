"""How hard properties are tried. Modest by default, because two cores are shared; raise it to hunt."""

import os

from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("COUNTERSIGN_EXAMPLES", "60"))
MODEST = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LIVES = int(os.environ.get("COUNTERSIGN_LIVES", "500"))
"""How many lives the nightly state machine lives."""
