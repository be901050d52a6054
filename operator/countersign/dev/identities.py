"""Who may talk to a local control plane: the people of the story, and the programs that serve it.

`kubeconfig` writes one file per identity; the groups are bound to Countersign's roles by `install`.
"""

from dataclasses import dataclass

from countersign.api.install import Install

PROPOSERS = "countersign:proposers"
APPROVERS = "countersign:approvers"

_INSTALL = Install()


@dataclass(frozen=True, slots=True)
class Identity:
    """A user name and groups, as the API server sees them."""

    user: str
    groups: tuple[str, ...] = ()


ADMIN = Identity("admin", ("system:masters",))

# File name without ending -> identity.
PEOPLE: dict[str, Identity] = {
    "admin": ADMIN,
    "proposer": Identity("proposer", (PROPOSERS,)),
    "approver": Identity("approver", (APPROVERS,)),
    "approver2": Identity("approver2", (APPROVERS,)),
    "operator": Identity(_INSTALL.operator, ("system:serviceaccounts", f"system:serviceaccounts:{_INSTALL.namespace}")),
}

# Simulating nodes needs rights no built-in role holds.
PROGRAMS: dict[str, Identity] = {
    "kube-controller-manager": Identity("system:kube-controller-manager"),
    "kube-scheduler": Identity("system:kube-scheduler"),
    "kwok": Identity("kwok", ("system:masters",)),
}
