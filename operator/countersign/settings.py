"""The operator's settings: one frozen value, read once at start, handed to whoever needs a part of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from countersign.actions.base import STANDARD, Installation
from countersign.api.install import Install
from countersign.errors import ConfigurationError
from countersign.model import address, duration

LOG_LEVELS = ("debug", "info", "warning", "error")
_IMAGE = re.compile(r"[a-z0-9][A-Za-z0-9._/:@-]{0,1023}")
_ADDRESS = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]*):[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Settings:
    """Every field can be set by the environment variable in `_READERS`."""

    install: Install = field(default_factory=Install)
    workers: int = 16
    max_in_flight: int = 32
    max_running_plans: int = 10
    """How many plans of one namespace run at once; of this and the next two, 0 is no cap."""
    max_running_plans_overall: int = 50
    max_open_plans: int = 200
    """How many unfinished plans of one namespace are validated and previewed."""
    http_address: str = "127.0.0.1:8080"
    """Where /metrics, /healthz and /readyz are served; port 0 chooses a free one, empty serves nothing."""
    log_level: str = "info"
    expires_after: timedelta = timedelta(hours=24)
    revalidate_after: timedelta = timedelta(minutes=10)
    sweep_every: timedelta = timedelta(minutes=10)
    drill_every: timedelta = timedelta(minutes=1)
    installation: Installation = STANDARD
    """What plans make here: where the echo tool is, which image runs source files, where models are called."""
    probe_tools: bool = False
    """Whether tools outside are asked if they are there. It makes the operator call hosts that people name."""
    observe_every: timedelta = timedelta(minutes=5)
    """How long the status of what agents use, and of agents that run, holds without an event."""
    trusted_mutators: tuple[str, ...] = ()
    """Mutating policies and webhook configurations of others that may match plans."""
    leader_election: bool = False
    """Whether several replicas share the work; the default in a cluster."""
    lease_duration: timedelta = timedelta(seconds=15)
    """A replica that has not renewed for so long is replaced."""
    renew_deadline: timedelta = timedelta(seconds=10)
    """A replica that could not renew for so long stops on its own."""


def read(environ: Mapping[str, str]) -> Settings:
    """From COUNTERSIGN_* variables. A value that cannot be understood is an error, never a default."""
    base = Install()
    install = Install(
        namespace=environ.get("COUNTERSIGN_NAMESPACE", base.namespace),
        account=environ.get("COUNTERSIGN_ACCOUNT", base.account),
        canary=environ.get("COUNTERSIGN_CANARY", base.canary),
        executors=_executors(environ, "COUNTERSIGN_EXECUTORS", base.executors),
    )
    default = Settings()
    found = Settings(
        install=install,
        workers=_number(environ, "COUNTERSIGN_WORKERS", default.workers),
        max_in_flight=_number(environ, "COUNTERSIGN_MAX_IN_FLIGHT", default.max_in_flight),
        max_running_plans=_cap(environ, "COUNTERSIGN_MAX_RUNNING_PLANS", default.max_running_plans),
        max_running_plans_overall=_cap(
            environ, "COUNTERSIGN_MAX_RUNNING_PLANS_OVERALL", default.max_running_plans_overall
        ),
        max_open_plans=_cap(environ, "COUNTERSIGN_MAX_OPEN_PLANS", default.max_open_plans),
        http_address=_address(environ, "COUNTERSIGN_HTTP_ADDRESS", default.http_address),
        log_level=_level(environ, "COUNTERSIGN_LOG_LEVEL", default.log_level),
        expires_after=_span(environ, "COUNTERSIGN_EXPIRES_AFTER", default.expires_after),
        revalidate_after=_span(environ, "COUNTERSIGN_REVALIDATE_AFTER", default.revalidate_after),
        sweep_every=_span(environ, "COUNTERSIGN_SWEEP_EVERY", default.sweep_every),
        drill_every=_span(environ, "COUNTERSIGN_DRILL_EVERY", default.drill_every),
        installation=Installation(
            echo_url=_url(environ, "COUNTERSIGN_ECHO_URL", STANDARD.echo_url),
            runtime_image=_image(environ, "COUNTERSIGN_RUNTIME_IMAGE", STANDARD.runtime_image),
            llm_gateway=_url(environ, "COUNTERSIGN_LLM_GATEWAY", "") if environ.get("COUNTERSIGN_LLM_GATEWAY") else "",
        ),
        probe_tools=_choice(environ, "COUNTERSIGN_PROBE_TOOLS", default.probe_tools),
        observe_every=_span(environ, "COUNTERSIGN_OBSERVE_EVERY", default.observe_every),
        trusted_mutators=_names(environ, "COUNTERSIGN_TRUSTED_MUTATORS"),
        leader_election=_choice(environ, "COUNTERSIGN_LEADER_ELECTION", "KUBERNETES_SERVICE_HOST" in environ),
        lease_duration=_span(environ, "COUNTERSIGN_LEASE_DURATION", default.lease_duration),
        renew_deadline=_span(environ, "COUNTERSIGN_RENEW_DEADLINE", default.renew_deadline),
    )
    if not timedelta() < found.renew_deadline < found.lease_duration:
        raise ConfigurationError(
            f"COUNTERSIGN_RENEW_DEADLINE is {duration.show(found.renew_deadline)}: give more than nothing and less than "
            f"COUNTERSIGN_LEASE_DURATION, which is {duration.show(found.lease_duration)}"
        )
    return found


def _names(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    """With commas between them."""
    return tuple(stripped for text in environ.get(name, "").split(",") if (stripped := text.strip()))


def _executors(environ: Mapping[str, str], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    """Pods of deployed agents run as accounts of their own, which must never be those that plans act as."""
    names = _names(environ, name) or default
    taken = next((account for account in names if account.startswith("agent-")), None)
    if taken is not None:
        raise ConfigurationError(
            f"{name} names {taken}: agent-* are the accounts of deployed agents, choose another name"
        )
    return names


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or int(text) == 0:
        raise ConfigurationError(f"{name} is {text}: give a whole number above 0")
    return int(text)


def _cap(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()):
        raise ConfigurationError(f"{name} is {text}: give a whole number, or 0 for no cap")
    return int(text)


def _choice(environ: Mapping[str, str], name: str, default: bool) -> bool:  # noqa: FBT001  # a default like the others
    text = environ.get(name)
    if text is None:
        return default
    if text not in ("true", "false"):
        raise ConfigurationError(f"{name} is {text}: give true or false")
    return text == "true"


def _address(environ: Mapping[str, str], name: str, default: str) -> str:
    """Empty serves nothing; the colon is needed, because a bare number would be taken for a host."""
    text = environ.get(name, default)
    if text and not _ADDRESS.fullmatch(text):
        raise ConfigurationError(f"{name} is {text}: give host:port, :port for every address, or nothing")
    return text


def _image(environ: Mapping[str, str], name: str, default: str) -> str:
    text = environ.get(name, default)
    if not _IMAGE.fullmatch(text):
        raise ConfigurationError(f"{name} is {text}: give the name of an image, for example {default}")
    return text


def _url(environ: Mapping[str, str], name: str, default: str) -> str:
    text = environ.get(name, default)
    for objection in address.objections(text, internal=True):
        raise ConfigurationError(f"{name} {objection}")
    return text


def _level(environ: Mapping[str, str], name: str, default: str) -> str:
    text = environ.get(name, default)
    if text.lower() not in LOG_LEVELS:
        raise ConfigurationError(f"{name} is {text}: give one of {', '.join(LOG_LEVELS)}")
    return text.lower()


def _span(environ: Mapping[str, str], name: str, default: timedelta) -> timedelta:
    text = environ.get(name)
    if text is None:
        return default
    if not duration.is_duration(text):
        raise ConfigurationError(f"{name} is {text}: give a duration such as 90s, 10m or 24h")
    return duration.parse(text)
