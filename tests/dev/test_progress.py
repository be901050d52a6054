"""What a person sees while something takes minutes."""

import io

import pytest
from tests.support.clock import Clock

from countersign.dev.progress import Progress, duration


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_in_a_log_a_line_comes_every_20_seconds():
    """More would bury everything else, less looks like a hang."""
    screen, clock = io.StringIO(), Clock(100.0)
    progress = Progress(screen, clock=clock)

    with progress.step("building etcd", expect="about 1 minute"):
        for _ in range(45):
            clock.now += 1
            progress.tick()

    assert screen.getvalue().splitlines() == [
        "building etcd: about 1 minute",
        "building etcd: about 1 minute … 20s",
        "building etcd: about 1 minute … 40s",
        "building etcd: done in 45s",
    ]


def test_on_a_terminal_one_line_is_rewritten():
    """Only what is done stays on the screen."""
    screen, clock = Terminal(), Clock(100.0)
    progress = Progress(screen, clock=clock)

    with progress.step("building etcd"):
        clock.now += 80
        progress.tick()

    assert screen.getvalue().count("\n") == 1
    assert "building etcd … 1m20s" in screen.getvalue()


def test_a_failed_step_is_not_called_done():
    """Its exception says what happened."""
    screen = io.StringIO()

    with pytest.raises(KeyError), Progress(screen).step("building etcd"):
        raise KeyError

    assert "done" not in screen.getvalue()


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0s"), (59, "59s"), (80, "1m20s"), (600, "10m00s")])
def test_durations_are_read_at_a_glance(seconds, text):
    """No decimals, no hours."""
    assert duration(seconds) == text
