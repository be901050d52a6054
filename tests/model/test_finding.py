"""Findings and the codes they carry."""

import re

import pytest

from countersign.model.finding import Code, Finding, Severity
from countersign.model.stage import Stage


def test_thirteen_stages():
    """There are thirteen stages, numbered in their order."""
    assert [int(stage) for stage in Stage] == list(range(1, 14))
    assert Stage.STRUCTURAL.title == "Structural"


@pytest.mark.parametrize("code", Code)
def test_code(code):
    """Every code names its stage and reason, what it means and what mends it, without a trailing stop."""
    assert re.fullmatch(r"[A-Z][a-z]+\.([A-Z][A-Za-z0-9]+)", code.code)
    assert code.code.startswith(code.stage.title + ".")
    assert code.meaning
    assert code.remedy
    assert not code.meaning.endswith(".")
    assert not code.remedy.endswith(".")


def test_codes_are_unique():
    """No two codes are written alike."""
    assert len({code.code for code in Code}) == len(Code)


@pytest.mark.parametrize(
    ("severity", "blocks"), [(Severity.ERROR, True), (Severity.WARNING, False), (Severity.INFO, False)]
)
def test_blocks(severity, blocks):
    """Only an error closes the gate."""
    assert Finding(Code.REFUSED, "no", severity=severity).blocks is blocks
