"""Log lines are JSON, and hold no values."""

import io
import json
import logging
import sys

import pytest
import structlog

from countersign.api.plan_status import PlanStatus
from countersign.errors import Invalid
from countersign.shell import journal

# Put together, so that the source lines in a traceback do not contain it.
SECRET = "hunter" + str(2)


@pytest.fixture
def lines(monkeypatch):
    """What was logged so far, parsed."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    journal.configure("info")
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    structlog.reset_defaults()
    root.handlers, root.level = before


def fail(error: Exception) -> None:
    raise error


def test_ours_and_theirs_look_the_same(lines):
    """One object per line with time, level and message."""
    structlog.get_logger().info("plan started", plan="shop/p")
    logging.getLogger("kopf").warning("watching %s", "plans")
    ours, theirs = lines()
    assert (ours["msg"], ours["level"], ours["plan"]) == ("plan started", "info", "shop/p")
    assert (theirs["msg"], theirs["level"]) == ("watching plans", "warning")
    assert ours["time"].endswith("Z")


def test_the_level_is_kept(lines):
    """Nothing below it is written."""
    structlog.get_logger().debug("swept")
    assert lines() == []


def test_a_traceback_says_where_and_not_what(lines):
    """Libraries quote the values that they could not digest."""
    try:
        PlanStatus.model_validate({"publication": SECRET})
    except ValueError:
        structlog.get_logger().exception("turn failed")
    try:
        fail(ValueError(SECRET))
    except ValueError:
        logging.getLogger("kopf").exception("handler failed")
    ours, theirs = lines()
    assert "Traceback" in ours["exception"]
    assert ours["exception"].endswith("ValidationError")
    assert "test_journal.py" in theirs["exception"]
    assert SECRET not in json.dumps([ours, theirs])


def test_our_own_errors_speak(lines):
    """Without the values that the API server quotes; what led to them and what they hold together is shown too."""
    try:
        try:
            fail(OSError("address in use"))
        except OSError as error:
            raise ExceptionGroup("both", [Invalid('x: Invalid value: "hunter2": bad')]) from error
    except ExceptionGroup:
        structlog.get_logger().exception("operator failed")
    (line,) = lines()
    assert "OSError: address in use" in line["exception"]
    assert "Invalid: x: Invalid value: (not shown): bad" in line["exception"]
