"""What the operator runs without, and that it runs without it."""

import json
import os
import subprocess
import sys

import pytest

from countersign.handlers.importing import without, without_authorities

_COMMAND = """
import json, os, ssl, sys
before = dict(os.environ)
from countersign.handlers import command
loaded = [name for name in ("kopf", "structlog", "aiohttp", "kubernetes", "rich") if name in sys.modules]
import aiohttp.connector, kubernetes.config
print(json.dumps({
    "loaded": loaded,
    "environment kept": before == dict(os.environ),
    "trusted by aiohttp": len(aiohttp.connector._SSL_CONTEXT_VERIFIED.get_ca_certs()),
    "loaded later": "kubernetes.config" in sys.modules,
}))
"""


def test_the_operator_needs_neither_kubernetes_nor_rich():
    """They stay out of memory, and a kubeconfig can be loaded with them all the same."""
    done = subprocess.run([sys.executable, "-c", _COMMAND], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == {
        "loaded": ["kopf", "structlog", "aiohttp"],
        "environment kept": True,
        "trusted by aiohttp": 0,
        "loaded later": True,
    }


def test_a_package_is_hidden_for_a_moment(monkeypatch):
    """Afterwards it is there again, also when something went wrong."""
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)

    with pytest.raises(ImportError), without("colorsys"):
        import colorsys  # noqa: PLC0415  # it is what is tried

    import colorsys  # noqa: PLC0415  # here too

    assert sys.modules["colorsys"] is colorsys


def test_what_is_loaded_already_is_not_hidden():
    """Hiding it would make a second one later."""
    with without("json"):
        assert sys.modules["json"] is json


@pytest.mark.parametrize("before", [None, "/some/file"])
def test_authorities_are_named_again(monkeypatch, before):
    """As they were before, or not at all."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    if before:
        monkeypatch.setenv("SSL_CERT_FILE", before)

    with without_authorities():
        assert os.environ["SSL_CERT_FILE"] == os.devnull

    assert os.environ.get("SSL_CERT_FILE") == before
