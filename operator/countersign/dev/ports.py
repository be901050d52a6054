"""Free ports of this machine. Between the choice and the use somebody else may take one: `launch` then tries again."""

import socket


def free_port(*, preferred: int | None = None) -> int:
    """`preferred` if nobody listens there now."""
    if preferred is not None and (found := _bind(preferred)):
        return found
    return _bind(0)


def _bind(port: int) -> int:
    """0 when the port is taken."""
    with socket.socket() as probe:
        # A port whose last connection ended a moment ago is free for a new server.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
        found: int = probe.getsockname()[1]
        return found
