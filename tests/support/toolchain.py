"""A `go` command that builds nothing: it notes how it was called and leaves an executable behind."""

from pathlib import Path

_SCRIPT = """#!/bin/sh
if [ "$1" = env ]; then echo go{version}; exit; fi
echo "$@" >> {calls}
echo "GOFLAGS=$GOFLAGS GOTOOLCHAIN=$GOTOOLCHAIN CGO_ENABLED=$CGO_ENABLED" >> {calls}.environment
cp go.mod {calls}.mod
sleep {seconds}
if [ -n "{output}" ]; then echo "{output}"; exit 1; fi
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\n# built\\n' > "$2"
chmod +x "$2"
"""


class Toolchain:
    """`output` makes every build fail with these last words."""

    def __init__(self, folder: Path, *, version="1.26.8", output="", seconds=0.0):
        self._calls = folder / "calls"
        self.folder = folder / "go-bin"
        self.folder.mkdir(parents=True)
        go = self.folder / "go"
        go.write_text(_SCRIPT.format(version=version, calls=self._calls, output=output, seconds=seconds))
        go.chmod(0o755)

    @property
    def path(self) -> str:
        return f"{self.folder}:/usr/bin:/bin"

    def built(self) -> list[str]:
        """The packages, in the order in which they were built."""
        return [line.split()[-1] for line in self._lines("calls")]

    def environment(self) -> str:
        return self._lines("calls.environment")[-1]

    def module(self) -> str:
        return self._lines("calls.mod")[0]

    def _lines(self, name: str) -> list[str]:
        file = self._calls.with_name(name)
        return file.read_text().splitlines() if file.exists() else []
