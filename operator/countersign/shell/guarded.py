"""What the guard looks at: our policies, bindings and CRDs, and everything that mutates, whoever made it.

The watches follow these kinds, so that the guard is woken by a change; the guard itself lists them and trusts no cache.
"""

import asyncio
from typing import Any

from countersign.model.effect import ResourceKind
from countersign.shell.client import ApiClient

_ADMISSION = "admissionregistration.k8s.io"


def _admission(kind: str, plural: str) -> ResourceKind:
    return ResourceKind(_ADMISSION, "v1", kind, plural, namespaced=False)


MUTATORS = (
    _admission("MutatingAdmissionPolicy", "mutatingadmissionpolicies"),
    _admission("MutatingWebhookConfiguration", "mutatingwebhookconfigurations"),
)
"""Looked at whole: others may have made one that matches plans."""

LABELLED = (
    _admission("MutatingAdmissionPolicyBinding", "mutatingadmissionpolicybindings"),
    _admission("ValidatingAdmissionPolicy", "validatingadmissionpolicies"),
    _admission("ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings"),
    ResourceKind(
        "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", namespaced=False
    ),
)
"""Of these ours are enough."""

GUARDED = (*MUTATORS, *LABELLED)
PART_OF = "app.kubernetes.io/part-of=countersign"


async def list_guarded(client: ApiClient) -> tuple[dict[str, Any], ...]:
    lists = await asyncio.gather(
        *(client.list(kind) for kind in MUTATORS), *(client.list(kind, label_selector=PART_OF) for kind in LABELLED)
    )
    return tuple(content for found in lists for content in found.items)
