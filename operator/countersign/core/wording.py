"""Text of others inside our sentences: one line, and nothing that a terminal would show as something else."""


def one_line(text: str, *, limit: int) -> str:
    """At most `limit` characters; what cannot be seen stands as its number, so that nobody is shown what is not there."""
    return "".join(char if char.isprintable() else f"\\u{{{ord(char):x}}}" for char in " ".join(text.split()))[:limit]
