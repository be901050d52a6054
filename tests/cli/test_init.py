"""`init` makes what plans run as."""

import json

import yaml
from tests.support.fake_plans import FakePlans
from tests.support.typed import typed


def test_made_and_unchanged():
    """The account and its binding are made once; the second time nothing changes."""
    fake = FakePlans()
    for told in ("created", "unchanged"):
        result = typed("init", "-n", "team", fake=fake)
        assert result.exit_code == 0
        assert result.stdout.splitlines() == [
            f"serviceaccount/countersign-executor {told} in namespace team",
            f"rolebinding/countersign-executor {told} in namespace team",
        ]


def test_manifests():
    """The account is sealed, and bound to the role of executors in its own namespace; --dry-run needs no cluster."""
    fake = FakePlans()
    result = typed("init", "-n", "team", "--service-account", "runner", "--dry-run", fake=fake)
    account, binding = yaml.safe_load_all(result.stdout)
    assert account["automountServiceAccountToken"] is False
    assert binding["roleRef"] == {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "ClusterRole",
        "name": "countersign-executor",
    }
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "runner", "namespace": "team"}]
    assert {each["metadata"]["namespace"] for each in (account, binding)} == {"team"}
    assert fake.calls == []


def test_json():
    """-o json is a List of what was made."""
    result = typed("init", "-o", "json", fake=FakePlans())
    assert [each["kind"] for each in json.loads(result.stdout)["items"]] == ["ServiceAccount", "RoleBinding"]
