"""What can go wrong on this machine before there is a cluster to talk to.

The messages are shown as they are by `up`, `down` and pytest: each says what is missing and how to get it.
"""

from countersign.errors import CountersignError


class LocalError(CountersignError):
    """A program of the local control plane is missing, could not be built, or did not start."""


class PortTaken(LocalError):
    """Somebody else took the port between its choice and its use: another one may do."""
