"""The real cluster seam: what is sent, and errors as sentences."""

import json
from types import SimpleNamespace

import pytest
import urllib3
from kubernetes.client.exceptions import ApiException

from countersign.api.names import PLAN, PLAN_PREVIEW
from countersign.cli.api_server import ApiServer
from countersign.errors import Conflict, FieldConflict, Forbidden, Invalid, NotFound, Unavailable

HOST = "https://api.example.com"
FORBIDDEN = 'plans.countersign.dev is forbidden: User "ann" cannot list resource "plans"'


class Client:
    """Answers every request with the next answer, and remembers what it was asked."""

    def __init__(self, *answers):
        self.configuration = SimpleNamespace(host=HOST)
        self.rest_client = self
        self.answers = list(answers)
        self.sent = []

    def update_params_for_auth(self, headers, *_):
        headers["authorization"] = "Bearer t"

    def request(self, method, url, *, headers, body, _request_timeout):
        self.sent.append((method, url.removeprefix(HOST), headers, body))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        code, content = answer
        return SimpleNamespace(status=code, headers={}, read=lambda: json.dumps(content).encode())


def refused(code, message, **details):
    return code, {"kind": "Status", "message": message, "details": details}


def server(*answers):
    return ApiServer(Client(*answers), "team")


def a_plan(**metadata):
    return {"metadata": {"name": "p", **metadata}}


def test_read():
    """What is read has no bookkeeping of field managers."""
    api = server((200, a_plan(managedFields=[{}])))
    assert api.get(PLAN, namespace="team", name="p") == a_plan()
    assert api.client.sent[0][1] == "/apis/countersign.dev/v1alpha1/namespaces/team/plans/p"


def test_list_in_pages():
    """A list is read to its end, and each item says what it is."""
    pages = [(200, {"metadata": {"continue": token}, "items": [a_plan()]}) for token in ("more", "")]
    api = server(*pages)
    items = api.list(PLAN, namespace=None, fields="status.reason=Invalid")
    assert [item["kind"] for item in items] == ["Plan", "Plan"]
    assert (
        "/apis/countersign.dev/v1alpha1/plans?fieldSelector=status.reason%3DInvalid&limit=500" in api.client.sent[0][1]
    )
    assert "continue=more" in api.client.sent[1][1]


@pytest.mark.parametrize(("code", "created"), [(201, True), (200, False)])
def test_apply(code, created):
    """Applied as our own manager, strictly, and without force unless asked for."""
    api = server((code, a_plan()))
    assert api.apply(PLAN, namespace="team", body=a_plan()).created is created
    method, path, headers, _ = api.client.sent[0]
    assert (method, headers["Content-Type"]) == ("PATCH", "application/apply-patch+yaml")
    assert path.endswith("/plans/p?fieldManager=countersign-cli&fieldValidation=Strict")


def test_force():
    """Other managers' fields are taken over on demand."""
    api = server((200, a_plan()))
    api.apply(PLAN, namespace="team", body=a_plan(), force=True)
    assert api.client.sent[0][1].endswith("&force=true")


def test_other_writes():
    """Decisions are merge patches; for a verdict a plan is created and deleted."""
    api = server((200, a_plan()), (201, a_plan()), (200, {"kind": "Status"}))
    api.patch(PLAN, namespace="team", name="p", body={})
    api.create(PLAN, namespace="team", body=a_plan())
    api.delete(PLAN, namespace="team", name="p")
    assert [(method, headers.get("Content-Type")) for method, _, headers, _ in api.client.sent] == [
        ("PATCH", "application/merge-patch+json"),
        ("POST", "application/json"),
        ("DELETE", None),
    ]


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (
            refused(
                403,
                "plans.countersign.dev \"p\" is forbidden: ValidatingAdmissionPolicy 'countersign-decisions' with binding "
                "'countersign-decisions' denied request: user ann may not decide about plans",
                name="p",
            ),
            Forbidden,
            "user ann may not decide about plans",
        ),
        (
            refused(403, 'admission webhook "x.example.com" denied the request: no'),
            Forbidden,
            (
                'admission webhook "x.example.com" denied the request: no: ask the platform team for the role '
                "countersign-proposer, countersign-approver or countersign-viewer"
            ),
        ),
        (
            refused(403, FORBIDDEN),
            Forbidden,
            (
                f"{FORBIDDEN}: ask the platform team for the role countersign-proposer, countersign-approver or "
                "countersign-viewer"
            ),
        ),
        (
            refused(404, 'plans.countersign.dev "p" not found', name="p", kind="plans"),
            NotFound,
            "There is no Plan p: check the name, -n and --context",
        ),
        (
            refused(404, 'namespaces "x" not found', name="x", kind="namespaces"),
            NotFound,
            "There is no namespace x: create it first, or name another one with -n",
        ),
        (
            refused(404, "the server could not find the requested resource"),
            NotFound,
            "The cluster does not know plans.countersign.dev: install Countersign first, or check --context",
        ),
        (
            refused(
                409,
                "Apply failed",
                causes=[
                    {"reason": "FieldManagerConflict", "message": 'conflict with "kubectl"', "field": ".spec.actions"}
                ],
            ),
            FieldConflict,
            "The Plan has fields that others own, .spec.actions of kubectl: leave them out, or change them there",
        ),
        (refused(409, "the object has been modified"), Conflict, "the object has been modified"),
        (refused(422, "spec.cancel: cannot be taken back"), Invalid, "spec.cancel: cannot be taken back"),
        (
            refused(401, "Unauthorized"),
            Exception,
            "The API server does not accept the credentials of the kubeconfig: log in again, or choose another --context",
        ),
        (
            urllib3.exceptions.NewConnectionError(None, "refused"),
            Unavailable,
            f"The API server {HOST} cannot be reached: check the network and --context",
        ),
        (
            urllib3.exceptions.ReadTimeoutError(None, None, "slow"),
            Unavailable,
            f"The API server {HOST} does not answer in time: try again in a moment",
        ),
        (
            ApiException(status=0, reason="SSLError"),
            Unavailable,
            f"The API server {HOST} shows no certificate that the kubeconfig trusts: check --context",
        ),
    ],
)
def test_sentences(answer, error, message):
    """Every error is a sentence with a remedy."""
    with pytest.raises(error) as caught:
        server(answer).patch(PLAN, namespace="team", name="p", body={})
    assert str(caught.value) == message


def test_role_for_previews():
    """Who may not see previews is told which role can."""
    with pytest.raises(Forbidden, match=r"role countersign-approver$"):
        server(refused(403, "forbidden")).get(PLAN_PREVIEW, namespace="team", name="p")
