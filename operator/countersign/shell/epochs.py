"""The epoch of the guard, kept in a ConfigMap: a restarted operator finds there since when the policies have stood unchanged."""

from dataclasses import dataclass

from countersign.api.names import EPOCH_STORE
from countersign.errors import NotFound
from countersign.model.effect import CONFIG_MAP
from countersign.shell.client import ApiClient


@dataclass(frozen=True, slots=True)
class EpochStore:
    """`namespace` is the operator's own. Both raise when the API server does not answer."""

    client: ApiClient
    namespace: str

    async def fetch(self) -> str | None:
        """None when none was ever kept."""
        try:
            found = await self.client.get(CONFIG_MAP, namespace=self.namespace, name=EPOCH_STORE)
        except NotFound:
            return None
        epoch = (found.get("data") or {}).get("epoch")
        return str(epoch) if epoch else None

    async def write(self, epoch: str | None) -> None:
        await self.client.apply(
            CONFIG_MAP,
            namespace=self.namespace,
            name=EPOCH_STORE,
            body={"data": {"epoch": epoch}},
            field_manager="countersign-guard",
            force=True,
        )
