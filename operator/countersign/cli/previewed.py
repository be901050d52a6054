"""What a plan would change, whole: all parts of a PlanPreview as one value. `plan` reads it, render shows it."""

from dataclasses import dataclass

from countersign.api.preview import PreviewedEffect


@dataclass(frozen=True, slots=True)
class Preview:
    """As it was published under `digest`."""

    digest: str
    effects: tuple[PreviewedEffect, ...]
