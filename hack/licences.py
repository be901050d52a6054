"""Under which licence an installed package is, as an SPDX expression, and whether that may be distributed with ours.

Takes the metadata that a package installs, where older ones say it in a word of their own or only in a classifier; gives
`sbom.py` one expression, or None where nothing says it with certainty.
"""

import re
from importlib.metadata import Distribution

PERMITTED = frozenset({"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0", "PSF-2.0"})
"""What may go into an image under Apache-2.0. MPL-2.0 asks for the source of its own files, which the hashes name, and no more."""

_WORDS = {"Apache 2.0": "Apache-2.0", **{word: word for word in PERMITTED}}
# Not those that name a family, such as "BSD License" and "Apache Software License".
_CLASSIFIERS = {
    "License :: OSI Approved :: ISC License (ISCL)": "ISC",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
_BEGINNINGS = {"Apache License Version 2.0, January 2004": "Apache-2.0", "MIT License": "MIT"}
_COPY = re.compile(r"\.dist-info/(?:licenses/)?(?:.*/)?LICEN[CS]E[^/]*$")


def licence(package: Distribution) -> str | None:
    """The first place that says it: expression, word, classifiers, the text itself."""
    told = package.metadata
    return (
        told.get("License-Expression")
        or _WORDS.get(told.get("License", "").strip())
        or _classified(told.get_all("Classifier") or [])
        or _written(package)
    )


def is_permitted(expression: str) -> bool:
    """Of alternatives one is enough. What is more than alternatives of plain names is not understood, and so not permitted."""
    return any(PERMITTED.issuperset(choice.split(" AND ")) for choice in expression.split(" OR "))


def _classified(classifiers: list[str]) -> str | None:
    """Of several all hold. One that names no single licence leaves it open what the package is under."""
    names = {_CLASSIFIERS.get(each, "") for each in classifiers if each.startswith("License ::")}
    return " AND ".join(sorted(names)) if names and all(names) else None


def _written(package: Distribution) -> str | None:
    """The one copy that came along, by its first words."""
    copies = [path for path in package.files or () if _COPY.search(str(path))]
    if len(copies) != 1:
        return None
    text = " ".join(copies[0].read_text().split())
    return next((name for beginning, name in _BEGINNINGS.items() if text.startswith(beginning)), None)
