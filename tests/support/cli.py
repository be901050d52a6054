"""The command line typed in processes of its own, by anybody, also at a terminal."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

Ended = subprocess.CompletedProcess[str]


class Cli:
    """Types commands as somebody in a namespace."""

    def __init__(self, configs: dict[str, Path], namespace: str) -> None:
        self.configs = configs
        self.namespace = namespace

    def command(self, who: str, *arguments: str) -> list[str]:
        where = ("--kubeconfig", str(self.configs[who]), "-n", self.namespace)
        return [sys.executable, "-m", "countersign", *arguments, *where]

    def __call__(self, who: str, *arguments: str, plan: Any = None) -> Ended:
        text = None if plan is None else json.dumps(plan)
        return subprocess.run(
            self.command(who, *arguments), input=text, capture_output=True, text=True, timeout=60, check=False
        )

    def at_terminal(self, who: str, *arguments: str, answers: str = "") -> tuple[int, str]:
        """On a terminal of 100 columns; the answers are typed when a question stands there."""
        leader, follower = pty.openpty()
        process = subprocess.Popen(
            self.command(who, *arguments),
            stdin=follower,
            stdout=follower,
            stderr=follower,
            env={**os.environ, "COLUMNS": "100", "TERM": "xterm-256color", "NO_COLOR": ""},
        )
        os.close(follower)
        shown = b""
        while chunk := read_terminal(leader):
            shown += chunk
            if answers and shown.endswith((b"]: ", b"authors: ")):
                line, _, answers = answers.partition("\n")
                os.write(leader, line.encode() + b"\n")
        os.close(leader)
        return process.wait(), shown.decode()


def read_terminal(leader: int) -> bytes:
    try:
        return os.read(leader, 65536)
    except OSError:
        # How a terminal says that nobody writes to it any more.
        return b""
