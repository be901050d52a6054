"""Imports as if a package were not installed: a library that could use it, but need not, then does not load it.

`command` imports the operator like this, because what nobody uses would stay in memory as long as the process lives.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(*packages: str) -> Iterator[None]:
    """Afterwards they can be imported again. One that has been imported already stays visible: it costs nothing more."""
    hidden = [name for name in packages if name not in sys.modules]
    # None is how Python itself says that there is no such module.
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
