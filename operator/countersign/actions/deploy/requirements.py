"""Python requirements as pip reads them, as far as it takes to know whether each is pinned by a hash."""

import re

_COMMENT = re.compile(r"(^|\s)#.*")
_CONTINUED = re.compile(r"\\\r?\n")
_HASH = re.compile(r"\s--hash=sha(?:256|384|512):[0-9a-f]{64,128}(?=\s|$)")


def are_hashed(text: str) -> bool:
    """Whether nothing can be installed that has no hash. Options count as requirements without one: they can bring any."""
    lines = (_COMMENT.sub("", line).strip() for line in _CONTINUED.sub(" ", text).splitlines())
    return all(_HASH.search(line) for line in lines if line)
