"""Makes text that others wrote safe to show: nothing in it can move the cursor, recolour, turn round or hide what stands there.

Whoever proposes a plan writes its description, names and values; whoever approves it decides by what the terminal shows.
"""

import unicodedata

_KEPT = "\n\t"


def printable(text: str) -> str:
    """Every character without a glyph of its own stands as its escape; line breaks, tabs and blanks stay."""
    if text.isprintable():
        return text
    return "".join(character if _shows(character) else _escape(character) for character in text)


def one_line(text: str) -> str:
    """Also without line breaks, so that a value cannot pass for the next line of ours."""
    return " ".join(printable(text).split())


def _shows(character: str) -> bool:
    return character.isprintable() or character in _KEPT or unicodedata.category(character) == "Zs"


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
