"""Keeps the keys of one control plane in its folder, so that a restart keeps tokens and kubeconfigs valid.

Takes certificates from `certificates`; `plane` and `components` read the files.
"""

import datetime as dt
from pathlib import Path

from countersign.dev.certificates import Authority, Pair, new_authority, new_key
from countersign.dev.files import write_private
from countersign.dev.identities import ADMIN, Identity
from countersign.dev.kubeconfig import render

_NAMES = (
    "localhost",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
)
_ADDRESSES = ("127.0.0.1", "10.0.0.1")


class Keys:
    """The files below `certs`: `ca`, `serving`, `admin` and `sa`, each with a .crt (`sa`: .pub) and a .key."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, exist_ok=True)
        self._directory = directory

    def ensure(self) -> None:
        """The authority and the token key are made once. Certificates are cheap and new at each start."""
        now = dt.datetime.now(dt.UTC)
        if not (self._directory / "ca.key").exists():
            self._keep("ca", new_authority("countersign", now=now))
        if not (self._directory / "sa.key").exists():
            self._keep("sa", new_key(), public="pub")
        authority = self._authority()
        self._keep("serving", authority.issue_serving(_NAMES, _ADDRESSES, now=now))
        self._keep("admin", authority.issue_client(ADMIN.user, ADMIN.groups, now=now))

    def kubeconfig(self, identity: Identity, *, server: str) -> str:
        """The text of a kubeconfig with a new certificate for `identity`."""
        pair = self._authority().issue_client(identity.user, identity.groups, now=dt.datetime.now(dt.UTC))
        authority = (self._directory / "ca.crt").read_bytes()
        return render(server=server, authority=authority, certificate=pair.public, key=pair.private, user=identity.user)

    def _authority(self) -> Authority:
        return Authority(Pair((self._directory / "ca.crt").read_bytes(), (self._directory / "ca.key").read_bytes()))

    def _keep(self, name: str, pair: Pair, *, public: str = "crt") -> None:
        # The key last: where there is a key, its other half is there too.
        write_private(self._directory / f"{name}.{public}", pair.public)
        write_private(self._directory / f"{name}.key", pair.private)
