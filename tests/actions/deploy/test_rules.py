"""What is wrong with the params of `deploy.execute` wherever they meet the world."""

import pytest
from pydantic import ValidationError
from tests.support.deploys import ACTION, FILES, IMAGE, deploy

from countersign.model.finding import Code


def _paths(**params):
    return [issue.path for issue in ACTION.check(deploy(**params))]


@pytest.mark.parametrize("source", [{"draft_id": "d"}, {"artifact_id": "a"}, {"image": IMAGE}, {"source_files": FILES}])
def test_one_source(source):
    """Each of the four will do."""
    assert _paths(**source) == []


def test_no_source():
    """Without any there is nothing to deploy."""
    (issue,) = ACTION.check(deploy(image=None))
    assert (issue.code, issue.path) == (Code.INVALID_PARAMS, ())
    assert issue.message == "there is nothing to deploy: give one of draft_id, artifact_id, image, source_files"


@pytest.mark.parametrize(
    ("params", "paths"),
    [
        pytest.param({"image": IMAGE, "source_files": FILES}, [("source_files",)], id="two sources"),
        pytest.param({"draft_id": "d", "artifact_id": "a", "image": IMAGE}, [("artifact_id",), ("image",)], id="three"),
        pytest.param({"requirements": "x", "entry_point": "a.py"}, [("requirements",), ("entry_point",)], id="image"),
        pytest.param({"agent_name": "default"}, [("agent_name",)], id="the default account"),
        pytest.param({"agent_name": "countersign-executor"}, [("agent_name",)], id="our executor"),
        pytest.param({"agent_name": "kube-proxy"}, [("agent_name",)], id="a part of Kubernetes"),
        pytest.param({"agent_name": "kubernetes"}, [("agent_name",)], id="Kubernetes"),
        pytest.param({"agent_name": "defaults"}, [], id="a name that only looks like it"),
        pytest.param({"source_files": {"a": "", "a/b.py": ""}}, [("source_files", "a")], id="a file as a folder"),
        pytest.param(
            {"source_files": {**FILES, "requirements.txt": ""}, "requirements": "x"},
            [("requirements",)],
            id="requirements twice",
        ),
        pytest.param({"source_files": {**FILES, "requirements.txt": "x"}}, [], id="requirements as a file"),
        pytest.param({"env": [{"name": "LLM_MODEL", "value": "x"}]}, [("env", 0, "name")], id="a documented variable"),
        pytest.param({"env": [{"name": "TOOL_URL_X", "value": "x"}]}, [("env", 0, "name")], id="a tool's variable"),
        pytest.param({"env": [{"name": "LD_PRELOAD", "value": "x"}]}, [("env", 0, "name")], id="the loader's"),
        pytest.param(
            {"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}, [("env", 1, "name")], id="twice"
        ),
        pytest.param({"llm_configs": [{"model": "m"}]}, [("llm_configs", 0)], id="a model of nobody"),
        pytest.param(
            {"llm_configs": [{"provider": "p", "model": "m"}, {"provider": "p", "model": "n"}]},
            [("llm_configs", 1, "role")],
            id="one role twice",
        ),
        pytest.param(
            {"tools_to_create": [{"name": "t", "base_url": "https://t.example.com"}] * 2},
            [("tools_to_create", 1, "name")],
            id="one tool twice",
        ),
        pytest.param(
            {"tools_to_create": [{"name": "t", "base_url": "https://t.example.com", "auth_type": "APIKey"}]},
            [("tools_to_create", 0, "auth_type")],
            id="a tool that needs a Secret",
        ),
        pytest.param(
            {"tools_to_create": [{"name": "t", "base_url": "https://169.254.169.254/x"}]},
            [("tools_to_create", 0, "base_url")],
            id="an address that is forbidden",
        ),
        pytest.param(
            {"tools_to_create": [{"name": "t", "base_url": "https://t.example.com:1", "port": 2, "scheme": "HTTP"}]},
            [("tools_to_create", 0, "scheme"), ("tools_to_create", 0, "port")],
            id="contradictions",
        ),
        pytest.param(
            {"tools_to_create": [{"name": "t", "base_url": "http://t.tools.svc:80", "topology": "Internal"}]},
            [],
            id="a tool inside",
        ),
    ],
)
def test_findings(params, paths):
    """Each with the place that is wrong."""
    assert _paths(**params) == paths


def test_address_is_named_as_it_is_written():
    """Complaints of tools speak of the object's fields; here they speak of the params'."""
    (issue,) = ACTION.check(deploy(tools_to_create=[{"name": "t", "base_url": "http://t.example.com"}]))
    assert issue.code is Code.UNSAFE_ADDRESS
    assert issue.message.startswith("base_url ")


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"agent_name": "a" * 58}, id="a name that is too long"),
        pytest.param({"agent_name": "A"}, id="a name in capitals"),
        pytest.param({"image": ""}, id="an empty image"),
        pytest.param({"image": "a b"}, id="an image with a space"),
        pytest.param({"source_files": {}}, id="no files"),
        pytest.param({"source_files": {"../x": ""}}, id="a file above"),
        pytest.param({"source_files": {"/etc/x": ""}}, id="an absolute file"),
        pytest.param({"source_files": {".hidden": ""}}, id="a hidden file"),
        pytest.param({"source_files": {"a//b": ""}}, id="a folder without a name"),
        pytest.param({"source_files": {"a" * 201: ""}}, id="a file name that is too long"),
        pytest.param({"tool_url_mappings": {"a b": "t"}}, id="an address with a space"),
        pytest.param({"tool_url_mappings": {"": "t"}}, id="an empty address"),
        pytest.param({"env": [{"name": "A-B", "value": ""}]}, id="a variable with a hyphen"),
        pytest.param({"llm_configs": [{"provider": "p", "model": "m", "role": "poet"}]}, id="a role nobody knows"),
        pytest.param({"wait": "yes"}, id="a truth as text"),
        pytest.param({"service_account": "admin"}, id="another account"),
        pytest.param({"agentName": "x"}, id="another spelling"),
    ],
)
def test_refused(params):
    """What the schema itself says no to."""
    with pytest.raises(ValidationError):
        deploy(**params)
