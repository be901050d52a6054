"""Builds programs from Go modules, when no release can be had. go.sum pins every source by its hash.

Takes a `Program` from `binaries` and leaves the executable where it was asked to. Each failure says what to install.
"""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from countersign.dev.failure import LocalError
from countersign.dev.logs import last_lines
from countersign.dev.programs import Program, modules_directory
from countersign.dev.progress import Progress

_NO_SPACE = "no space left on device"
_MINUTE = 60


def build(program: Program, *, into: Path, environ: Mapping[str, str], progress: Progress) -> None:
    """Raises LocalError when there is no Go, an old one, no disk space, or a build error."""
    workspace = into.parent
    go = _find_go(program, environ=environ)
    for file in ("go.mod", "go.sum"):
        # Copied, not used in place: an installed package may be read-only.
        shutil.copyfile(modules_directory(program.shelf) / program.module / file, workspace / file)
    flags = ["-trimpath", "-buildvcs=false", "-ldflags", program.linker_flags]
    command = [go, "build", *flags, "-o", str(into), program.package]
    output = workspace / "output"
    with progress.step(
        f"building {program.name} from Go modules", expect=f"{_expectation(program)} the first time on 2 cores"
    ):
        code = _run(command, directory=workspace, environ=environ, output=output, progress=progress)
        if code:
            raise _failure(program, output=output)


def _expectation(program: Program) -> str:
    minutes = round(program.seconds / _MINUTE)
    unit = "minute" if minutes == 1 else "minutes"
    return f"about {minutes} {unit}" if minutes else f"about {program.seconds} seconds"


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Nothing but what is pinned: no newer tool chain, no workspace of the user, no change of go.mod or go.sum."""
    kept = {name: value for name, value in environ.items() if name not in {"GOOS", "GOARCH"}}
    return kept | {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}


def _find_go(program: Program, *, environ: Mapping[str, str]) -> str:
    wanted = _required_version(program)
    go = shutil.which("go", path=environ.get("PATH"))
    if go is None:
        raise _missing(program, wanted=wanted, found="")
    asked = subprocess.run(
        [go, "env", "GOVERSION"], env=_environment(environ), capture_output=True, text=True, check=False
    )
    found = asked.stdout.strip().removeprefix("go")
    if _version(found) < _version(wanted):
        raise _missing(program, wanted=wanted, found=found or "of an unknown version")
    return go


def _required_version(program: Program) -> str:
    text = (modules_directory(program.shelf) / program.module / "go.mod").read_text()
    line = next(line for line in text.splitlines() if line.startswith("go "))
    return line.removeprefix("go ")


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text)[:2])


def _missing(program: Program, *, wanted: str, found: str) -> LocalError:
    needed = ".".join(str(number) for number in _version(wanted))
    old = f", and the one on PATH is {found}" if found else ""
    return LocalError(
        f"Go {needed} or newer is needed to build {program.name}{old}: install it from your package manager, or set "
        f"KUBEBUILDER_ASSETS to a folder that holds the program{_without(program)}"
    )


def _without(program: Program) -> str:
    return ", or do without a simulated node (--no-nodes)" if program.name in {"kwok", "kube-scheduler"} else ""


def _run(command: list[str], *, directory: Path, environ: Mapping[str, str], output: Path, progress: Progress) -> int:
    with output.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=directory,
            env=_environment(environ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        return _wait(process, progress=progress)
    except BaseException:
        # The compilers are children of the go command: the session started above holds all of them and nothing else.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise


def _wait(process: subprocess.Popen[bytes], *, progress: Progress) -> int:
    while True:
        try:
            return process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            progress.tick()


def _failure(program: Program, *, output: Path) -> LocalError:
    if _NO_SPACE in output.read_text(errors="replace").lower():
        return LocalError(
            f"The disk is full, {program.name} could not be built: free 6 GB for the folders that "
            "'go env GOCACHE GOMODCACHE' names, or set KUBEBUILDER_ASSETS to a folder that holds the program"
        )
    return LocalError(
        f"{program.name} could not be built from Go modules: see the output below, or set KUBEBUILDER_ASSETS to a "
        f"folder that holds the program{_without(program)}\n{last_lines(output)}"
    )
