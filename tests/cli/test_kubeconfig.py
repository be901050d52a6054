"""Where commands go and as whom: as kubectl would, or not at all."""

import json

import pytest

from countersign.cli.cluster import Where
from countersign.cli.kubeconfig import find
from countersign.errors import ConfigurationError


def a_kubeconfig(*, user=None, namespace="team", current="here", **context):
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": "https://api.example.com/"}}],
        "users": [{"name": "u", "user": {"token": "s3cret-token"} if user is None else user}],
        "contexts": [
            {"name": "here", "context": {"cluster": "c", "user": "u", "namespace": namespace}},
            {"name": "bare", "context": {"cluster": "c", "user": "u"}},
            {"name": "broken", "context": {"cluster": "missing", "user": "u"}},
        ],
        "current-context": current,
    }


@pytest.fixture
def written(tmp_path):
    def write(content, name="config"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


def test_option(written):
    """The file of the option, its current context, and the namespace of that."""
    found = find(Where(kubeconfig=written(a_kubeconfig())), environ={"KUBECONFIG": "/nowhere"})
    assert (found.settings.host, found.namespace) == ("https://api.example.com", "team")


def test_environment(written):
    """Without the option it is $KUBECONFIG."""
    assert find(Where(), environ={"KUBECONFIG": str(written(a_kubeconfig()))}).namespace == "team"


def test_context(written):
    """--context chooses; a context without namespace means default."""
    assert find(Where(kubeconfig=written(a_kubeconfig()), context="bare"), environ={}).namespace == "default"


def test_no_repetition(written):
    """A request is never repeated by itself: it could be a decision."""
    assert find(Where(kubeconfig=written(a_kubeconfig())), environ={}).settings.retries is False


@pytest.mark.parametrize(
    ("content", "context", "message"),
    [
        (a_kubeconfig(), "other", "has no context other: choose one of bare, broken, here"),
        (a_kubeconfig(current=""), None, "has no current context: name one with --context"),
        (a_kubeconfig(), "broken", "is not usable: check its cluster and user"),
        (a_kubeconfig(user={}), None, "gives no credentials"),
        (a_kubeconfig(user={"token": "s3cret-token", "as": "root"}), None, r"acts as somebody else \(as\)"),
        ("clusters: [s3cret-token", None, "cannot be read: check the file"),
        ("- s3cret-token", None, "cannot be read: check the file"),
        ("", None, "cannot be read: check the file"),
    ],
    ids=range(8),
)
def test_unusable(written, content, context, message):
    """What is wrong is said in one sentence that holds nothing of the file's secrets."""
    with pytest.raises(ConfigurationError, match=message) as caught:
        find(Where(kubeconfig=written(content), context=context), environ={})
    assert "s3cret" not in str(caught.value)


def test_missing(tmp_path):
    """A file that is not there is named."""
    with pytest.raises(ConfigurationError, match=r"There is no kubeconfig .*nothing: give one with --kubeconfig"):
        find(Where(kubeconfig=tmp_path / "nothing"), environ={})
