"""The end of a log is what a person needs to see when a process did not do what it was started for."""

from pathlib import Path

_TAIL = 15


def last_lines(log: Path) -> str:
    """Indented, so that it stands out from the message around it."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        lines = []
    return "\n".join(f"  {line}" for line in lines[-_TAIL:]) or "  (nothing)"
