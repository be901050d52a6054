"""Settings come from the environment, once, and are never guessed."""

from datetime import timedelta

import pytest

from countersign.errors import ConfigurationError
from countersign.settings import Settings, read


def test_defaults():
    """Without any variable."""
    assert read({"HOME": "/root"}) == Settings()


def test_every_variable():
    """Each sets its own."""
    found = read(
        {
            "COUNTERSIGN_NAMESPACE": "ours",
            "COUNTERSIGN_ACCOUNT": "op",
            "COUNTERSIGN_CANARY": "bird",
            "COUNTERSIGN_EXECUTORS": "a,b",
            "COUNTERSIGN_WORKERS": "4",
            "COUNTERSIGN_MAX_IN_FLIGHT": "8",
            "COUNTERSIGN_MAX_RUNNING_PLANS": "3",
            "COUNTERSIGN_MAX_RUNNING_PLANS_OVERALL": "5",
            "COUNTERSIGN_MAX_OPEN_PLANS": "0",
            "COUNTERSIGN_HTTP_ADDRESS": "",
            "COUNTERSIGN_LOG_LEVEL": "debug",
            "COUNTERSIGN_EXPIRES_AFTER": "1h",
            "COUNTERSIGN_REVALIDATE_AFTER": "5m",
            "COUNTERSIGN_SWEEP_EVERY": "90s",
            "COUNTERSIGN_DRILL_EVERY": "30s",
            "COUNTERSIGN_ECHO_URL": "https://echo.corp",
            "COUNTERSIGN_RUNTIME_IMAGE": "registry.corp/python@sha256:1",
            "COUNTERSIGN_LLM_GATEWAY": "http://gateway.models.svc/v1",
            "COUNTERSIGN_PROBE_TOOLS": "true",
            "COUNTERSIGN_OBSERVE_EVERY": "2m",
            "COUNTERSIGN_TRUSTED_MUTATORS": "istio, linkerd",
            "COUNTERSIGN_LEADER_ELECTION": "true",
            "COUNTERSIGN_LEASE_DURATION": "30s",
            "COUNTERSIGN_RENEW_DEADLINE": "20s",
        }
    )
    assert (found.install.operator, found.install.canary) == ("system:serviceaccount:ours:op", "bird")
    assert found.install.executors == ("a", "b")
    assert (found.workers, found.max_in_flight, found.http_address, found.log_level) == (4, 8, "", "debug")
    assert (found.max_running_plans, found.max_running_plans_overall, found.max_open_plans) == (3, 5, 0)
    assert (found.installation.echo_url, found.probe_tools) == ("https://echo.corp", True)
    assert found.installation.runtime_image == "registry.corp/python@sha256:1"
    assert found.installation.llm_gateway == "http://gateway.models.svc/v1"
    assert found.observe_every == timedelta(minutes=2)
    spans = (found.expires_after, found.revalidate_after, found.sweep_every, found.drill_every)
    assert spans == (timedelta(hours=1), timedelta(minutes=5), timedelta(seconds=90), timedelta(seconds=30))
    assert found.trusted_mutators == ("istio", "linkerd")
    assert found.leader_election
    assert (found.lease_duration, found.renew_deadline) == (timedelta(seconds=30), timedelta(seconds=20))


@pytest.mark.parametrize(
    ("chosen", "elected"), [({}, True), ({"COUNTERSIGN_LEADER_ELECTION": "false"}, False)], ids=["by itself", "not"]
)
def test_in_a_cluster_replicas_share_the_work(chosen, elected):
    """There may be several of them; whoever runs just one may say so."""
    assert read({"KUBERNETES_SERVICE_HOST": "10.0.0.1", **chosen}).leader_election is elected


@pytest.mark.parametrize("deadline", ["0s", "15s", "1m"])
def test_a_holder_stops_before_others_take_over(deadline):
    """Otherwise two would work at once."""
    with pytest.raises(ConfigurationError, match="RENEW_DEADLINE"):
        read({"COUNTERSIGN_RENEW_DEADLINE": deadline})


@pytest.mark.parametrize("text", ["0", "-1", "many", "", "1.5", "²"])
def test_a_number_that_is_none(text):
    """The message names the variable and says what would do."""
    with pytest.raises(ConfigurationError, match=r"COUNTERSIGN_WORKERS is .*: give a whole number above 0"):
        read({"COUNTERSIGN_WORKERS": text})


@pytest.mark.parametrize("text", ["-1", "many", "", "1.5", "²"])
def test_a_cap_that_is_none(text):
    """The message says how to have no cap at all."""
    with pytest.raises(ConfigurationError, match=r"MAX_OPEN_PLANS is .*: give a whole number, or 0 for no cap"):
        read({"COUNTERSIGN_MAX_OPEN_PLANS": text})


@pytest.mark.parametrize("text", ["", "10", "soon", "-5m"])
def test_a_duration_that_is_none(text):
    """The message names the variable and shows what would do."""
    with pytest.raises(ConfigurationError, match=r"COUNTERSIGN_SWEEP_EVERY is .*: give a duration such as"):
        read({"COUNTERSIGN_SWEEP_EVERY": text})


@pytest.mark.parametrize("text", ["8080", "here", "host:port", "::1:8080", "127.0.0.1:"])
def test_an_address_that_is_none(text):
    """A number alone would be taken for a host, so it is refused."""
    with pytest.raises(ConfigurationError, match=r"COUNTERSIGN_HTTP_ADDRESS is .*: give host:port"):
        read({"COUNTERSIGN_HTTP_ADDRESS": text})


@pytest.mark.parametrize("text", ["", ":8080", "127.0.0.1:0", "[::1]:8080", "localhost:8080"])
def test_an_address(text):
    """Empty serves nothing."""
    assert read({"COUNTERSIGN_HTTP_ADDRESS": text}).http_address == text


@pytest.mark.parametrize("text", ["", "echo", "http://127.0.0.1:8092", "https://echo.corp?key=1"])
def test_a_url_that_no_tool_could_have(text):
    """It would be a finding in every plan that seeds the starter kit."""
    with pytest.raises(
        ConfigurationError, match=r"COUNTERSIGN_ECHO_URL (is no address|names a loopback|holds a query)"
    ):
        read({"COUNTERSIGN_ECHO_URL": text})


@pytest.mark.parametrize("text", ["", "yes", "1", "True"])
def test_a_switch_that_is_none(text):
    """Only true and false: whoever writes something else must not be left guessing whether it is on."""
    with pytest.raises(ConfigurationError, match=r"COUNTERSIGN_PROBE_TOOLS is .*: give true or false"):
        read({"COUNTERSIGN_PROBE_TOOLS": text})


def test_a_log_level():
    """Small or capital; anything else is refused with what there is."""
    assert read({"COUNTERSIGN_LOG_LEVEL": "DEBUG"}).log_level == "debug"
    with pytest.raises(ConfigurationError, match="give one of debug, info, warning, error"):
        read({"COUNTERSIGN_LOG_LEVEL": "loud"})


def test_an_executor_that_would_be_an_agent():
    """Whoever deploys an agent of that name would run pods that may act as plans do."""
    with pytest.raises(ConfigurationError, match="agent-support"):
        read({"COUNTERSIGN_EXECUTORS": "a,agent-support"})


def test_executors_with_blanks():
    """A list that people wrote by hand."""
    assert read({"COUNTERSIGN_EXECUTORS": " a , b,"}).install.executors == ("a", "b")


@pytest.mark.parametrize("text", ["", "an image", "-x"])
def test_an_image_that_is_none(text):
    """A name that no registry would take is refused at the start."""
    with pytest.raises(ConfigurationError, match="COUNTERSIGN_RUNTIME_IMAGE"):
        read({"COUNTERSIGN_RUNTIME_IMAGE": text})
