"""Where and as whom the operator is installed: the parameters of everything that is generated."""

from dataclasses import dataclass

from countersign.api.plan_spec import DEFAULT_ACCOUNT


@dataclass(frozen=True, slots=True)
class Install:
    """The defaults are those of the manifests; the chart sets its own."""

    namespace: str = "countersign-system"
    account: str = "countersign-operator"
    canary: str = "countersign-canary"
    """Service account that the guard's forgeries are tried as."""
    executors: tuple[str, ...] = (DEFAULT_ACCOUNT,)
    """Names of the service accounts that plans may run as, in their own namespace."""

    @property
    def operator(self) -> str:
        """The operator's user name."""
        return f"system:serviceaccount:{self.namespace}:{self.account}"
