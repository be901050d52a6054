"""Types commands, in this process, with a cluster in memory and a clock that moves only while a command sleeps."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from click.testing import CliRunner, Result
from tests.support.fake_plans import FakePlans

from countersign.__main__ import main
from countersign.cli.cluster import Where
from countersign.cli.session import Outside

NOW = datetime(2026, 1, 1, 13, tzinfo=UTC)


@dataclass
class Clock:
    fake: FakePlans
    seconds: float = 0.0

    def read(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.fake.pass_time()


def typed(*arguments: str, fake: FakePlans | None = None, answers: str = "", stdin: str = "") -> Result:
    """`answers` are what somebody types at the prompts; without any there is nobody to ask."""
    fake = fake or FakePlans()
    clock, tokens = Clock(fake), count(1)

    def connect(_: Where) -> Any:
        return fake

    outside = Outside(
        connect=connect,
        now=lambda: NOW,
        clock=clock.read,
        sleep=clock.sleep,
        token=lambda: f"{next(tokens):08x}",
        is_attended=lambda: bool(answers),
    )
    runner = CliRunner(env={"COLUMNS": "120"})
    return runner.invoke(main, list(arguments), obj=outside, input=answers or stdin, prog_name="countersign")
