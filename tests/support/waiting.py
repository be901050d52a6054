"""Waits for facts instead of for a time."""

import time


def eventually(condition, *, within=5.0):
    """Whether `condition` became true in time."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
