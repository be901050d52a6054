"""What `countersign up` does once it is known what is wanted: start, install, run the operator, tell, stay.

Takes a `ControlPlane` and what is to be installed from `commands`. Whatever goes wrong on the way ends everything that was started.
"""

import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click

from countersign.dev.failure import LocalError
from countersign.dev.install import Manifest
from countersign.dev.logs import last_lines
from countersign.dev.plane import ControlPlane
from countersign.dev.ports import free_port
from countersign.dev.programs import KUBERNETES

_GRACE_OF_OPERATOR = 10.0
_PATIENCE = 30.0
_POLL = 0.25

_WHO = {
    "proposer": "writes plans, in every namespace",
    "approver": "decides about plans, in every namespace",
    "approver2": "a second approver",
    "admin": "may do everything",
    "operator": "the operator's own rights",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What is installed, whether its policies are in force, and whether the operator at an address works."""

    manifests: Callable[[], Sequence[Manifest]]
    in_force: Callable[[ControlPlane], bool]
    working: Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What was asked for; `shown` is the folder as the user wrote it."""

    shown: Path
    operator: bool
    detach: bool
    fresh: bool


def up(
    plane: ControlPlane,
    wishes: Wishes,
    *,
    product: Product,
) -> None:
    """Returns when it was told to detach, or when everything has ended."""
    with _interrupted_by(signal.SIGTERM, signal.SIGHUP):
        if not plane.start(fresh=wishes.fresh):
            if wishes.fresh:
                raise LocalError(f"{wishes.shown} is running: stop it for a fresh start ({_down(wishes.shown)})")
            click.echo(f"Countersign is running already in {wishes.shown}.\n")
            click.echo(_summary(plane, wishes.shown, stop=_down(wishes.shown)))
            return
        try:
            plane.install(product.manifests(), wait_until=lambda: product.in_force(plane))
            if wishes.operator:
                run_operator(plane, working=product.working)
            _tell(plane, wishes)
            if wishes.detach:
                plane.keep()
                return
            _stay(plane)
        except BaseException:
            plane.stop()
            raise
        plane.stop()


def run_operator(plane: ControlPlane, *, working: Callable[[str], bool]) -> None:
    """Returns when it works: a plan that is submitted from then on is trusted."""
    address = f"127.0.0.1:{free_port()}"
    command = _operator_command(plane.directory / "operator.kubeconfig", address=address)
    plane.run("operator", command, grace=_GRACE_OF_OPERATOR)
    deadline = time.monotonic() + _PATIENCE
    while True:
        _check(plane)
        if working(address):
            return
        if time.monotonic() > deadline:
            raise LocalError(f"The operator was not ready within {_PATIENCE:.0f} seconds: see {plane.log('operator')}")
        time.sleep(_POLL)


def _operator_command(kubeconfig: Path, *, address: str) -> list[str]:
    options = ["--kubeconfig", str(kubeconfig), "--http-address", address]
    return [sys.executable, "-m", "countersign", "run", *options]


def _stay(plane: ControlPlane) -> None:
    """Until Ctrl-C, `countersign down` from elsewhere, or the end of a process nothing works without."""
    try:
        while plane.is_running:
            _check(plane)
            time.sleep(_POLL)
    except KeyboardInterrupt:
        click.echo("\nStopping ...")
    else:
        click.echo("Stopped.")


def _check(plane: ControlPlane) -> None:
    for name in plane.ended():
        log = plane.log(name)
        raise LocalError(f"{name} has ended, its log {log} says why:\n{last_lines(log)}")


def _tell(plane: ControlPlane, wishes: Wishes) -> None:
    click.echo(_summary(plane, wishes.shown, stop=_down(wishes.shown) if wishes.detach else "Ctrl-C"))
    if not wishes.operator:
        click.echo(
            f"The operator is not running. Run it: countersign run --kubeconfig {wishes.shown}/operator.kubeconfig"
        )


def _summary(plane: ControlPlane, shown: Path, *, stop: str) -> str:
    width = max(len(name) for name in _WHO) + len(f"{shown}/.kubeconfig")
    people = [f"  {f'{shown}/{name}.kubeconfig':<{width}}  {what}" for name, what in _WHO.items()]
    lines = [
        f"Kubernetes {KUBERNETES} is running at {plane.url}",
        "",
        *people,
        "",
        f"Try:   countersign list -A --kubeconfig {shown}/proposer.kubeconfig",
        f"Logs:  {shown}/logs",
        f"Stop:  {stop}",
    ]
    return "\n".join(lines)


def _down(shown: Path) -> str:
    return f"countersign down --dir {shown}"


@contextmanager
def _interrupted_by(*signals: signal.Signals) -> Iterator[None]:
    """These end the work in order, as Ctrl-C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    earlier = {number: signal.signal(number, interrupt) for number in signals}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
