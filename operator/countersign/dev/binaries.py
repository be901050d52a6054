"""Finds the programs of the control plane and the tools: KUBEBUILDER_ASSETS, the user's cache, a release, a build, in this order.

`plane` asks for the ones it will start and gets a path for each. What had to be fetched or built stays in the cache.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Collection, Mapping
from itertools import groupby
from pathlib import Path

from countersign.dev.build import build
from countersign.dev.download import Downloads
from countersign.dev.failure import LocalError
from countersign.dev.lock import exclusive
from countersign.dev.programs import PROGRAMS, Program, cache_directory
from countersign.dev.progress import Progress

ASSETS = "KUBEBUILDER_ASSETS"
_UNFINISHED = ".new-"


def find_binaries(names: Collection[str], *, environ: Mapping[str, str], progress: Progress) -> dict[str, Path]:
    """A path for each name; raises LocalError with what to install when one cannot be had."""
    wanted = [program for program in PROGRAMS if program.name in names]
    assets = _assets(environ, progress=progress)
    caches = {program.shelf: cache_directory(environ, shelf=program.shelf) for program in wanted}
    found = {
        program.name: path for program in wanted if (path := _in([*assets, caches[program.shelf]], name=program.name))
    }
    missing = [program for program in wanted if program.name not in found]
    for shelf, programs in groupby(missing, key=lambda program: program.shelf):
        found |= _install(list(programs), cache=caches[shelf], environ=environ, progress=progress)
    return found


def _assets(environ: Mapping[str, str], *, progress: Progress) -> list[Path]:
    configured = environ.get(ASSETS)
    if not configured:
        return []
    if not Path(configured).is_dir():
        progress.note(f"{ASSETS}={configured} is no folder: looking elsewhere")
        return []
    return [Path(configured)]


def _in(folders: list[Path], *, name: str) -> Path | None:
    paths = (folder / name for folder in folders)
    return next((path for path in paths if path.is_file() and os.access(path, os.X_OK)), None)


def _install(missing: list[Program], *, cache: Path, environ: Mapping[str, str], progress: Progress) -> dict[str, Path]:
    downloads = Downloads(environ=environ, progress=progress)
    waiting = progress.waiter(f"waiting for another process that fills {cache}")
    with exclusive(cache / ".lock", waiting=waiting):
        for left_over in cache.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left_over)
        for program in missing:
            # The process that held the lock may have been busy with the same program.
            if _in([cache], name=program.name) is None:
                _install_one(program, cache=cache, downloads=downloads, environ=environ, progress=progress)
    return {program.name: cache / program.name for program in missing}


def _install_one(
    program: Program, *, cache: Path, downloads: Downloads, environ: Mapping[str, str], progress: Progress
) -> None:
    """Appears in the cache complete, by a rename, or not at all."""
    workspace = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=cache))
    unfinished = workspace / program.name
    try:
        if not downloads.fetch(program, into=unfinished):
            build(program, into=unfinished, environ=environ, progress=progress)
        unfinished.replace(cache / program.name)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise LocalError(f"The disk is full, {program.name} could not be installed: free 1 GB for {cache}") from error
    finally:
        shutil.rmtree(workspace, ignore_errors=True)
