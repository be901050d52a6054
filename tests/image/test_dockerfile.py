"""The Dockerfile as a text: what can be said of the image without building it."""

import re
from pathlib import Path

from tests.support.dockerfile import stages

ROOT = Path(__file__).resolve().parents[2]
STAGES = stages(ROOT / "Dockerfile")
FINAL = STAGES[-1]


def test_everything_is_assembled_in_one_step():
    """The only command that is run in any stage is the one that the tests run too; what it is lent are secrets, in no layer."""
    (command,), nothing = (stage.all("RUN") for stage in STAGES)
    mounts, _, run = command.rpartition("--mount=type=secret,id=ca.crt ")
    assert (mounts, run) == ("--mount=type=secret,id=pip.conf ", "hack/image/assemble /opt/countersign")
    assert nothing == []


def test_one_folder_is_taken_over():
    """Nothing of the source and none of the tools that built it get into the image."""
    assert FINAL.only("COPY") == "--from=build /opt/countersign /opt/countersign"


def test_user_is_a_number_and_not_root():
    """The kubelet can check runAsNonRoot only for a number."""
    assert re.fullmatch(r"[1-9][0-9]*:[1-9][0-9]*", FINAL.only("USER"))


def test_both_stages_have_the_same_interpreter():
    """The folder links to the interpreter that it was made with."""
    assert {stage.only("FROM").split()[0] for stage in STAGES} == {"${PYTHON}"}


def test_labels_of_the_image_specification():
    """What it is, of which version, under which licence."""
    labels = re.findall(r"org\.opencontainers\.image\.([a-z]+)=", FINAL.only("LABEL"))
    assert labels == ["title", "description", "licenses", "version", "revision"]


def test_context_holds_nothing_but_what_is_needed():
    """Every file is left out of the build unless it is named, and what is named exists."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    assert [line for line in lines if line.startswith("!") and not (ROOT / line[1:]).exists()] == []
