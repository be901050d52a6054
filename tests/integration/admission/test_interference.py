"""Somebody else's mutating policy in the same cluster, which runs again after the stamp: the check notices what it does."""

from contextlib import contextmanager

import pytest
from tests.support.identities import Identity, path_of
from tests.support.world import DIGEST, World

pytestmark = pytest.mark.cluster


def foreign(name: str, annotation: str, value: str, *, namespace: str) -> list[dict]:
    """A policy that sets an annotation of every plan in the namespace, whenever something has changed the plan."""
    pointer = f"/metadata/annotations/{annotation.replace('/', '~1')}"
    patch = f"[JSONPatch{{op: 'add', path: '{pointer}', value: {value}}}]"
    rule = {
        "apiGroups": ["countersign.dev"],
        "apiVersions": ["*"],
        "operations": ["UPDATE"],
        "resources": ["plans"],
    }
    spec = {
        "failurePolicy": "Fail",
        "reinvocationPolicy": "IfNeeded",
        "matchConstraints": {"resourceRules": [rule]},
        "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": patch}}],
    }
    here = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    head = {"apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": name}}
    return [
        {**head, "kind": "MutatingAdmissionPolicy", "spec": spec},
        {**head, "kind": "MutatingAdmissionPolicyBinding", "spec": {"policyName": name, "matchResources": here}},
    ]


@contextmanager
def interfering(world: World, annotation: str, value: str):
    admin: Identity = world.admin
    manifests = foreign(f"foreign-{world.namespace}", annotation, value, namespace=world.namespace)
    for manifest in manifests:
        answer = admin.apply(path_of(manifest), manifest)
        assert answer.ok, answer.message
    yield
    for manifest in reversed(manifests):
        admin.delete(path_of(manifest))


def label(world: World, who: Identity):
    return who.merge(world.plan(), {"metadata": {"labels": {"a": "b"}}}, dryRun="All")


def test_a_record_forged_after_the_stamp_is_refused(world, until):
    """Even one that looks like a decision of somebody who may decide."""
    world.waiting()
    begins = '\'{"n":"\' + string(oldObject.metadata.resourceVersion) + \'","outcome":"approve","quotes":"' + DIGEST
    forged = f'{begins}","by":"bob","groups":["approvers"]}}\''

    with interfering(world, "countersign.dev/decision", forged):
        until(
            lambda: (
                "the annotation countersign.dev/decision is written by the API server only"
                in label(world, world.approver).message
            )
        )


def test_a_decision_altered_after_the_stamp_is_refused(world, until):
    """Who really asked is compared with who stands in the record."""
    world.waiting()
    forged = "string(object.metadata.annotations[?'countersign.dev/decision'].orValue('')).replace('\"by\":\"ann\"', '\"by\":\"bob\"')"

    with interfering(world, "countersign.dev/decision", forged):
        until(lambda: "is written by the API server only" in world.decide(world.approver, dryRun="All").message)


def test_authors_altered_after_the_stamp_are_refused(world, until):
    """Nobody is made to have written what somebody else wrote."""
    world.waiting()

    with interfering(world, "countersign.dev/authors", "'\"bob\"'"):
        until(
            lambda: (
                "the annotation countersign.dev/authors is written by the API server only"
                in label(world, world.proposer).message
            )
        )


def test_a_command_slipped_into_a_request_is_refused(world, until):
    """Whoever changes a label does not decide: the request does more than a decision may, or the command was not stamped."""
    world.waiting()

    with interfering(world, "countersign.dev/approve", f"'{DIGEST}'"):
        until(lambda: label(world, world.approver).code == 422)
        message = label(world, world.approver).message

    assert "a decision changes nothing else" in message or "the decision could not be stamped" in message
