"""Helm, kubeconform and kubectl for tests; what is missing is fetched or built right after collection, where no time limit applies."""

import os
import sys
from pathlib import Path

import pytest

from countersign.dev.binaries import find_binaries
from countersign.dev.failure import LocalError
from countersign.dev.progress import Progress

TOOLS = {"helm_program": "helm", "kubeconform_program": "kubeconform", "kubectl_program": "kubectl"}


def pytest_collection_finish(session):
    asked = {fixture for item in session.items for fixture in getattr(item, "fixturenames", ())}
    names = [name for fixture, name in TOOLS.items() if fixture in asked]
    if not names:
        return
    try:
        find_binaries(names, environ=os.environ, progress=Progress(sys.stderr))
    except LocalError as error:
        # The tests that need the tools fail with this message; the others still run.
        sys.stderr.write(f"{error}\n")


@pytest.fixture(scope="session")
def helm_program() -> Path:
    return _found("helm")


@pytest.fixture(scope="session")
def kubeconform_program() -> Path:
    return _found("kubeconform")


@pytest.fixture(scope="session")
def kubectl_program() -> Path:
    return _found("kubectl")


def _found(name: str) -> Path:
    return find_binaries([name], environ=os.environ, progress=Progress(sys.stderr))[name]
