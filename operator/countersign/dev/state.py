"""The file state.json of a control plane: which processes it consists of, and what others have to know to use it.

The supervisor alone writes it; `up`, `down` and the tests read it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from countersign.dev.files import write_private
from countersign.dev.processes import ProcessIdentity, is_alive

_FILE = "state.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """After an orderly end there is no supervisor and there are no processes; the facts are kept, for the next start."""

    supervisor: ProcessIdentity | None = None
    processes: Mapping[str, ProcessIdentity] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_running(self) -> bool:
        return self.supervisor is not None and is_alive(self.supervisor)

    @property
    def is_ready(self) -> bool:
        return bool(self.facts.get("ready"))


def read_state(directory: Path) -> State:
    """The empty state when there is no file, or one that nobody can make sense of."""
    try:
        content = json.loads((directory / _FILE).read_text())
        return State(
            supervisor=_identity(content["supervisor"]),
            processes={name: ProcessIdentity(**found) for name, found in content["processes"].items()},
            facts=content["facts"],
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return State()


def write_state(directory: Path, state: State) -> None:
    write_private(directory / _FILE, json.dumps(asdict(state), indent=2) + "\n")


def _identity(content: Mapping[str, Any] | None) -> ProcessIdentity | None:
    return None if content is None else ProcessIdentity(**content)
