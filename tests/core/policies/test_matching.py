"""Which plans a policy is for."""

import pytest
from tests.support.policies import a_policy

from countersign.core.policies.matching import Matched, Subject, matching

ROBOT = "system:serviceaccount:agents:planner"


def _subject(*, authors=("pat",), types=("tool.upsert",), **labels):
    return Subject(authors=authors, action_types=types, namespace_labels=labels)


def _matched(match, subject):
    found = matching([a_policy(match=match)], subject)
    return bool(found.policies), found.whole


@pytest.mark.parametrize(
    ("expression", "labels", "selected"),
    [
        ({"key": "env", "operator": "In", "values": ["prod"]}, {"env": "prod"}, True),
        ({"key": "env", "operator": "In", "values": ["prod"]}, {}, False),
        ({"key": "env", "operator": "NotIn", "values": ["prod"]}, {}, True),
        ({"key": "env", "operator": "NotIn", "values": ["prod"]}, {"env": "prod"}, False),
        ({"key": "env", "operator": "Exists"}, {"env": ""}, True),
        ({"key": "env", "operator": "DoesNotExist"}, {"env": ""}, False),
    ],
)
def test_namespaces(expression, labels, selected):
    """By label, as everywhere in Kubernetes."""
    match = {"namespaceSelector": {"matchLabels": {"team": "a"}, "matchExpressions": [expression]}}
    assert _matched(match, _subject(team="a", **labels)) == (selected, selected)
    assert _matched(match, _subject(team="b", **labels)) == (False, False)


@pytest.mark.parametrize(
    ("authors", "expected"),
    [(("pat",), (True, True)), ((ROBOT,), (True, True)), (("pat", "eve"), (True, False)), (("eve",), (False, False))],
)
def test_authors(authors, expected):
    """One author is enough to be under a policy, but only with all of them it is for the whole plan."""
    match = {"authors": ["pat", "system:serviceaccount:agents:*"]}
    assert _matched(match, _subject(authors=authors)) == expected


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (("tool.upsert",), (True, True)),
        (("deploy.execute",), (True, True)),
        (("tool.upsert", "policy.upsert"), (True, False)),
        (("policy.upsert",), (False, False)),
    ],
)
def test_action_types(types, expected):
    """The same with types of actions."""
    assert _matched({"actionTypes": ["tool.upsert", "deploy.*"]}, _subject(types=types)) == expected


def test_everything():
    """A policy that selects nothing in particular is for every plan."""
    assert _matched({}, _subject()) == (True, True)


def test_none():
    """Where no policy matches none is for the whole plan."""
    assert matching([], _subject()) == Matched((), whole=False)
