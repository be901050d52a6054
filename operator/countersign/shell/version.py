"""resourceVersions as moments: which of two states is the later one."""


def is_later(version: str, *, than: str, otherwise: bool) -> bool:
    """Versions are numbers on every server we support; `otherwise` is the answer should they not be."""
    if version.isdecimal() and than.isdecimal():
        return int(version) > int(than)
    return otherwise
