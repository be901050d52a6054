"""The status of a ModelProvider: whether it can be used, as far as that can be told without calling it.

Nobody calls it, because a call would carry the key and cost money. What is looked for is the Secret that it names.
"""

from collections.abc import Mapping
from typing import Any

from countersign.actions.provider_rules import issues, secrets
from countersign.actions.provider_spec import ModelProviderSpec
from countersign.api.agents_domain import ModelProviderStatus
from countersign.core.observing.reading import generation, read_spec
from countersign.model.facts import Absent, Existence, Present

Phase = tuple[str, str]


def named_secrets(content: Mapping[str, Any]) -> tuple[str, ...]:
    """What has to be looked for; nothing in a spec that cannot work anyway."""
    spec = read_spec(content, model=ModelProviderSpec, issues=issues)
    return () if isinstance(spec, str) else tuple(sorted({ref.name for _, ref in secrets(spec)}))


def observe_provider(content: Mapping[str, Any], found: Mapping[str, Existence]) -> ModelProviderStatus:
    """`found` says of each named Secret whether it is there."""
    spec = read_spec(content, model=ModelProviderSpec, issues=issues)
    phase, message = ("Failed", spec) if isinstance(spec, str) else _judge(found)
    return ModelProviderStatus.model_validate(
        {"observedGeneration": generation(content), "phase": phase, "message": message}
    )


def _judge(found: Mapping[str, Existence]) -> Phase:
    for name, existence in sorted(found.items()):
        if isinstance(existence, Absent):
            return "Unavailable", f"there is no Secret {name} in this namespace: create it"
    for name, existence in sorted(found.items()):
        if not isinstance(existence, Present):
            return "Pending", f"nobody may look whether Secret {name} exists: let the executor of this namespace get it"
    return "Available", f"found Secret {' and Secret '.join(sorted(found))}" if found else "it needs no Secret"
