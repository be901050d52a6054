"""Whether requirements are pinned by hashes."""

import pytest

from countersign.actions.deploy.requirements import are_hashed

HASH = "--hash=sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "hashed"),
    [
        ("", True),
        ("# nothing\n\n", True),
        (f"httpx==0.28 {HASH}", True),
        (f"httpx==0.28 \\\n    {HASH} \\\n    {HASH}\nidna==3 {HASH} # why\n", True),
        (f"httpx==0.28 {HASH}\nidna==3\n", False),
        (f"idna==3 # {HASH}", False),
        ("httpx==0.28 --hash=sha256:abc", False),
        (f"-e . \nhttpx==0.28 {HASH}", False),
        (f"--extra-index-url https://packages.example.com\nhttpx==0.28 {HASH}", False),
    ],
)
def test_hashes(text, hashed):
    """Every requirement needs one, on whatever line it stands; a comment is none, and options bring what they like."""
    assert are_hashed(text) is hashed
