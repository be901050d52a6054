"""What a command is given: the cluster it was pointed at, the clock, and the options that all commands share."""

import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, wraps
from pathlib import Path
from typing import Any

import click

from countersign.cli import api_server
from countersign.cli.cluster import Plans, Where

Function = Callable[..., Any]


def _at_terminal() -> bool:
    return sys.stdin.isatty()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Everything that a command cannot know by itself. Tests hand in their own as click's `obj`."""

    connect: Callable[[Where], Plans] = api_server.connect
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    token: Callable[[], str] = lambda: secrets.token_hex(4)
    is_attended: Callable[[], bool] = _at_terminal
    """There is somebody to ask."""


@dataclass(frozen=True)
class Session:
    """One call of the program. The cluster is looked for when it is first needed."""

    where: Where
    outside: Outside
    program: str

    @cached_property
    def plans(self) -> Plans:
        return self.outside.connect(self.where)

    @cached_property
    def namespace(self) -> str:
        return self.where.namespace or self.plans.namespace


def require_somebody(session: Session, *, yes: bool) -> None:
    """Raises if a question would be asked that nobody can answer."""
    if not yes and not session.outside.is_attended():
        raise click.UsageError("There is nobody to ask: run this in a terminal, or do it without a question by --yes")


def connected(function: Function) -> Function:
    """A command that talks to a cluster: adds the options that say which, and hands in the `session`."""

    @click.option("-n", "--namespace", metavar="NAME", help="Namespace; default: that of the context.")
    @click.option("--context", metavar="NAME", help="Context of the kubeconfig.")
    @click.option(
        "--kubeconfig", type=click.Path(path_type=Path), metavar="FILE", help="Default: $KUBECONFIG, or ~/.kube/config."
    )
    @wraps(function)
    def command(*, namespace: str | None, context: str | None, kubeconfig: Path | None, **options: Any) -> Any:
        where = Where(namespace=namespace, context=context, kubeconfig=kubeconfig)
        called = click.get_current_context()
        outside = called.find_object(Outside) or Outside()
        return function(session=Session(where, outside, called.find_root().info_name or ""), **options)

    return command
