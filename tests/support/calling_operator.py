"""The operator with one action type more, which makes calls: what a release with such types will be.

Started as a program of its own by tests that kill it: `python -m tests.support.calling_operator URL --kubeconfig FILE ...`.
"""

import asyncio
import os
import sys
from pathlib import Path

from tests.support.counter_service import callers
from tests.support.counting import Counting

from countersign.actions import ACTIONS
from countersign.handlers.operating import operate
from countersign.settings import read
from countersign.shell import journal
from countersign.shell.connection import load


def main(url: str, kubeconfig: Path, address: str) -> None:
    ACTIONS[Counting.type] = Counting()
    settings = read({**os.environ, "COUNTERSIGN_HTTP_ADDRESS": address})
    journal.configure(settings.log_level)
    asyncio.run(operate(load(kubeconfig, None), settings, callers=callers(url)))


if __name__ == "__main__":
    _, target, _, file, _, served = sys.argv
    main(target, Path(file), served)
