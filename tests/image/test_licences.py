"""Which licence a package is under, from metadata as packages write it."""

from importlib.metadata import Distribution
from pathlib import Path

import pytest
from hack.licences import is_permitted, licence

APACHE = "License :: OSI Approved :: Apache Software License"
MIT = "License :: OSI Approved :: MIT License"
MOZILLA = "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)"
TEXT = "                                 Apache License\n                           Version 2.0, January 2004\n"


def installed(folder: Path, *lines: str, text: str = "") -> Distribution:
    """A package whose metadata has these lines, with a copy of its licence if there is one."""
    about = folder / "thing-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("\n".join(("Metadata-Version: 2.4", "Name: thing", "Version: 1.0", *lines)) + "\n")
    (about / "RECORD").write_text(f"{about.name}/METADATA,,\n" + (f"{about.name}/LICENSE,,\n" if text else ""))
    (about / "LICENSE").write_text(text)
    return Distribution.at(about)


@pytest.mark.parametrize(
    ("lines", "text", "found"),
    [
        (["License-Expression: MIT OR ISC", "License: other"], "", "MIT OR ISC"),
        (["License: Apache 2.0", f"Classifier: {APACHE}"], "", "Apache-2.0"),
        ([f"Classifier: {MIT}", "Classifier: Typing :: Typed"], "", "MIT"),
        ([f"Classifier: {MIT}", f"Classifier: {MOZILLA}"], "", "MIT AND MPL-2.0"),
        ([f"Classifier: {APACHE}"], TEXT, "Apache-2.0"),
        ([f"Classifier: {APACHE}"], "", None),
        ([f"Classifier: {APACHE}", f"Classifier: {MIT}"], "", None),
        (["License: Copyright by me, do what you like"], "", None),
        ([], "Do what you like.", None),
        ([], "", None),
    ],
)
def test_licence(tmp_path, lines, text, found):
    """The most exact place counts; what only names a family of licences, or is prose, is not guessed at."""
    assert licence(installed(tmp_path, *lines, text=text)) == found


@pytest.mark.parametrize(
    ("expression", "permitted"),
    [
        ("MIT", True),
        ("Apache-2.0 AND BSD-2-Clause", True),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("MIT OR", False),
        ("(MIT AND GPL-3.0-only)", False),
        ("Apache-2.0 WITH LLVM-exception", False),
        ("", False),
    ],
)
def test_permitted(expression, permitted):
    """All that hold together, or one that may be chosen; what is not understood is refused."""
    assert is_permitted(expression) is permitted
