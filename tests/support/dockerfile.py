"""A Dockerfile as its instructions, for tests that do what it says where there is no container engine."""

import json
import shlex
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Stage:
    """From one FROM to the next."""

    instructions: tuple[tuple[str, str], ...]

    def only(self, name: str) -> str:
        """The argument of the one instruction of this name."""
        (argument,) = self.all(name)
        return argument

    def all(self, name: str) -> list[str]:
        return [argument for instruction, argument in self.instructions if instruction == name]

    def command(self) -> list[str]:
        """What a container runs when it is told nothing else."""
        return [*json.loads(self.only("ENTRYPOINT")), *json.loads(self.only("CMD"))]

    def environment(self) -> dict[str, str]:
        pairs = (pair.partition("=") for argument in self.all("ENV") for pair in shlex.split(argument))
        return {name: value for name, _, value in pairs}


def stages(dockerfile: Path) -> list[Stage]:
    lines = (line for line in dockerfile.read_text().splitlines() if not line.lstrip().startswith("#"))
    text = "\n".join(lines).replace("\\\n", " ")
    found: list[list[tuple[str, str]]] = []
    for line in filter(str.strip, text.splitlines()):
        name, _, argument = line.strip().partition(" ")
        if name == "FROM":
            found.append([])
        if found:
            found[-1].append((name, argument.strip()))
    return [Stage(tuple(instructions)) for instructions in found]
