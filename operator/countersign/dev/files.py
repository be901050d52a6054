"""Writes files that hold keys, or that another process may be reading at this moment."""

import os
import tempfile
from pathlib import Path


def write_private(path: Path, content: str | bytes) -> None:
    """Readable by the user alone, and always whole: readers see the old content or the new."""
    data = content.encode() if isinstance(content, str) else content
    # mkstemp makes the file with mode 0600: there is no moment at which others could open it.
    descriptor, unfinished = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    Path(unfinished).replace(path)
