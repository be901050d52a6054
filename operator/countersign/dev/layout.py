"""Where things are in the folder of a control plane (D, by default .countersign)."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from countersign.dev.identities import PEOPLE


@dataclass(frozen=True, slots=True)
class Layout:
    directory: Path

    @property
    def certificates(self) -> Path:
        return self.directory / "certs"

    @property
    def etcd(self) -> Path:
        return self.directory / "etcd"

    @property
    def logs(self) -> Path:
        return self.directory / "logs"

    @property
    def kubeconfigs(self) -> Path:
        """Of programs and of identities made on the way. Those of the people of the story are in D itself."""
        return self.directory / "kubeconfigs"

    @property
    def lock(self) -> Path:
        return self.directory / ".lock"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def person(self, name: str) -> Path:
        return self.directory / f"{name}.kubeconfig"

    def prepare(self) -> None:
        """For the user alone, and nothing for git: there are keys in it."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.certificates, self.logs, self.kubeconfigs):
            folder.mkdir(mode=0o700, exist_ok=True)
        ignore = self.directory / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")

    def clear(self) -> None:
        """Removes what is ours, and nothing else: the folder may be one that held something before."""
        for folder in (self.certificates, self.etcd, self.logs, self.kubeconfigs):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self.directory / "state.json", *map(self.person, PEOPLE)):
            file.unlink(missing_ok=True)
