"""Times in which the admission policies are not whole: an administrator removes or weakens some, and puts them back."""

from dataclasses import dataclass
from typing import Any

from tests.support.identities import Identity, path_of

from countersign.api.admission import admission
from countersign.api.install import Install

Manifest = dict[str, Any]
POLICIES: dict[str, Manifest] = {
    f"{manifest['kind']} {manifest['metadata']['name']}": manifest for manifest in admission(Install())
}
_NOWHERE = {"spec": {"matchResources": {"namespaceSelector": {"matchLabels": {"nowhere": "yes"}}}}}
_OPEN = {"spec": {"failurePolicy": "Ignore"}}


@dataclass(frozen=True)
class Lapse:
    """`weakened`: the policies are still there and do less."""

    names: tuple[str, ...]
    weakened: bool = False

    def begin(self, admin: Identity) -> None:
        for name in self.names:
            manifest = POLICIES[name]
            change = _NOWHERE if manifest["kind"].endswith("Binding") else _OPEN
            answer = admin.merge(path_of(manifest), change) if self.weakened else admin.delete(path_of(manifest))
            assert answer.ok, answer.message

    def end(self, admin: Identity) -> None:
        """As they were installed, and made anew."""
        for name in self.names:
            manifest = POLICIES[name]
            if self.weakened:
                assert admin.delete(path_of(manifest)).ok
            assert admin.apply(path_of(manifest), manifest, fieldManager="countersign-install").ok


_DEFENCELESS = (
    "MutatingAdmissionPolicyBinding countersign-stamp",
    "ValidatingAdmissionPolicyBinding countersign-decisions",
)
LAPSES = (
    *(Lapse((name,), weakened=weakened) for name in POLICIES for weakened in (True, False)),
    *(Lapse(_DEFENCELESS, weakened=weakened) for weakened in (True, False) for _ in POLICIES),
)
"""Any one of them, and as often the two without which annotations can be forged."""
