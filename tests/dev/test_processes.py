"""Processes are known by pid and start time, and only these are ended."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace

from countersign.dev.processes import ProcessIdentity, end, identify, is_alive

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"


@contextmanager
def running(*command):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_process_is_identified():
    """As long as it runs, and always the same."""
    with running("sleep", "60") as process:
        assert is_alive(identify(process.pid))
        assert identify(process.pid) == identify(process.pid)


def test_a_process_that_ended_is_gone_even_before_its_parent_noticed():
    """Nobody should wait for a zombie."""
    with running("true") as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

        assert identify(process.pid) is None


def test_a_recycled_pid_is_not_ended():
    """The number in the state file may belong to somebody else by now."""
    with running("sleep", "60") as process:
        earlier = replace(identify(process.pid), started="another-boot/1")

        end(earlier, grace=0.1)

        assert process.poll() is None


def test_ending_a_process_that_is_gone_is_nothing():
    """Twice stopped is stopped."""
    with running("true") as process:
        process.wait()

        end(ProcessIdentity(process.pid, "x"), grace=0.1)


def test_a_process_is_asked_first():
    """It can hand over its work."""
    with running("sleep", "60") as process:
        end(identify(process.pid), grace=5)

        assert process.wait() == -signal.SIGTERM


def test_a_process_that_does_not_listen_is_killed():
    """After its grace."""
    with running(sys.executable, "-c", DEAF) as process:
        process.stdout.readline()

        end(identify(process.pid), grace=0.2)

        assert process.wait() == -signal.SIGKILL
