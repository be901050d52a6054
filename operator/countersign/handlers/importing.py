"""How the operator's libraries are imported: without what they could use and need not.

`command` imports the operator like this, because what is loaded stays in memory as long as the process lives.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_AUTHORITIES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""Where OpenSSL looks for the certificates of public authorities."""


@contextmanager
def without(*packages: str) -> Iterator[None]:
    """As if they were not installed. One that has been imported already stays visible: it costs nothing more."""
    hidden = [name for name in packages if name not in sys.modules]
    # None is how Python itself says that there is no such module.
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@contextmanager
def without_authorities() -> Iterator[None]:
    """As if the system trusted nobody: a TLS context that a library makes for itself when it is imported trusts nobody either."""
    before = {name: os.environ.get(name) for name in _AUTHORITIES}
    os.environ.update(dict.fromkeys(_AUTHORITIES, os.devnull))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
