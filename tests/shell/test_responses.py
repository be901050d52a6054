"""What answers of the API server mean to us."""

import json

import pytest
from tests.support.api_stub import status

from countersign import errors
from countersign.shell.responses import answer, refusal


def refused(code, body=None, headers=None):
    return refusal(code, headers=headers or {}, body=json.dumps(body or {}).encode())


def cause(message, field=".spec.x", reason="FieldManagerConflict"):
    return {"reason": reason, "message": message, "field": field}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (301, errors.ClusterError),
        (400, errors.Invalid),
        (401, errors.Unavailable),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (405, errors.ClusterError),
        (408, errors.Unavailable),
        (409, errors.Conflict),
        (410, errors.Expired),
        (422, errors.Invalid),
        (429, errors.Unavailable),
        (500, errors.Unavailable),
        (503, errors.Unavailable),
        (504, errors.Unavailable),
        (599, errors.Unavailable),
    ],
)
def test_every_status_has_exactly_one_error(code, kind):
    """The tree in errors.py, row by row."""
    assert type(refused(code)) is kind


def test_an_error_keeps_what_the_server_said():
    """Reason and details are what code decides by, the message is what people read."""
    error = refused(422, status("spec.x is immutable", reason="Invalid", causes=[{"field": "spec.x"}]))

    assert (error.message, error.code, error.reason) == ("spec.x is immutable", 422, "Invalid")
    assert error.details == {"causes": [{"field": "spec.x"}]}


def test_only_a_status_is_quoted():
    """What a proxy sends instead may hold anything."""
    error = refused(502, {"kind": "Secret", "message": "password"})

    assert error.message == "The API server answered 502 Bad Gateway"


def test_a_body_that_is_no_json_still_makes_an_error():
    """Load balancers answer in HTML."""
    assert type(refusal(503, headers={}, body=b"<html>")) is errors.Unavailable


@pytest.mark.parametrize(
    ("message", "manager"),
    [
        ('conflict with "kubectl-edit" using example.com/v1 at 2026-01-02T03:04:05Z', "kubectl-edit"),
        ('conflict with "kubectl" using v1', "kubectl"),
        ('conflict with "controller" with subresource "status" using apps/v1 at 2026-01-02T03:04:05Z', "controller"),
        ('conflict with "ed\\"it\\\\" using v1', 'ed"it\\'),
        ('conflict with "gitops"', "gitops"),
        ("conflict in a sentence of a later version", "conflict in a sentence of a later version"),
    ],
)
def test_a_field_conflict_names_whose_field_it_is(message, manager):
    """The name is the first quoted word, with Go's escapes undone."""
    error = refused(409, status("Apply failed with 1 conflict", reason="Conflict", causes=[cause(message)]))

    assert isinstance(error, errors.FieldConflict)
    assert error.fields == (errors.OwnedField(manager=manager, path=".spec.x"),)


def test_a_conflict_over_the_version_is_no_field_conflict():
    """A stale resourceVersion has no causes."""
    error = refused(409, status("the object has been modified", reason="Conflict", name="x"))

    assert type(error) is errors.Conflict


def test_fields_that_do_not_fit_the_schema_are_invalid_though_the_server_says_500():
    """Server-side apply reports unknown fields like this, and repeating would go on for ever."""
    message = "failed to create typed patch object (/t; /v1, Kind=ConfigMap): .unknown: field not declared in schema"

    assert type(refused(500, status(message))) is errors.Invalid


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("-1", None),
        ("nan", None),
        ("31536000", 600.0),
        ("9" * 400, 600.0),
    ],
)
def test_retry_after_is_taken_over_when_it_is_seconds(header, seconds):
    """Anything else would make a pause nobody asked for, and no server is waited for longer than ten minutes at its own word."""
    assert refused(429, headers={"Retry-After": header}).retry_after == seconds


def test_retry_after_may_stand_in_the_details():
    """Some answers have it only there."""
    assert refused(500, status("slow down", retryAfterSeconds=3)).retry_after == 3.0


def test_warnings_are_unquoted():
    """A dry run shows them to people."""
    given = answer(200, warnings=['299 - "v1 X is \\"old\\"", 299 - "b"', '299 - "c"', "nonsense"], body=b"{}")

    assert given.warnings == ('v1 X is "old"', "b", "c")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"text"'])
def test_a_success_without_an_object_is_no_success(body):
    """A captive portal answers 200 as well."""
    with pytest.raises(errors.Unavailable, match="not a Kubernetes object"):
        answer(200, warnings=[], body=body)
