"""What a plan would change, complete, and what has to be known about that: whether it is still so, and what is hidden."""

from collections import Counter
from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from countersign.api.preview import MASK, PreviewedEffect
from countersign.cli.previewed import Preview
from countersign.cli.render.preview import difference
from countersign.cli.render.words import CARE, facts, hanging, to_copy, will, word
from countersign.core.snapshot import PlanObject


def changes(plan: PlanObject, preview: Preview) -> Iterator[RenderableType]:
    status = plan.status
    yield facts(
        [
            ("Plan", f"{plan.namespace}/{plan.name}"),
            ("State", Text.assemble(word(status.phase), " (", word(status.reason), ")")),
            ("Risk", word(status.max_risk or "")),
            ("Objects", _counted(preview)),
        ]
    )
    yield to_copy("Digest", preview.digest)
    yield from difference(preview.effects, risks={entry.id: entry.risk or "" for entry in status.actions})
    notes = caveats(plan, preview)
    if notes:
        yield Text()
        yield hanging(((Text("!", style=CARE), Text(note)) for note in notes), indent=0)


def caveats(plan: PlanObject, preview: Preview) -> list[str]:
    """Sentences; none if this is what the current digest stands for and nothing is hidden."""
    return [*_validity(plan, preview), *_hidden(preview)]


def _validity(plan: PlanObject, preview: Preview) -> Iterator[str]:
    status = plan.status
    if not status.digest:
        yield "Nothing of this will run: the plan is for validation only"
    elif preview.digest != status.digest:
        yield f"The digest of the plan is now {status.digest}, this is another one: do not decide by it"
    if status.observed_generation != plan.generation:
        yield "The plan was changed since this was made, and the operator has not looked at it yet: look again in a moment"
    if status.phase not in ("Draft", "Approved"):
        yield "This is what was approved, seen from before it ran; what came of it is told by show"


def _hidden(preview: Preview) -> Iterator[str]:
    if any(_hides(effect) for effect in preview.effects):
        yield f"{MASK} stands for a sensitive value; the digest covers it"


def _hides(effect: PreviewedEffect) -> bool:
    return any(MASK in (change.old, change.new) for change in effect.changes)


def _counted(preview: Preview) -> str:
    """`1 to create, 2 to configure`."""
    counted = Counter(effect.operation for effect in preview.effects)
    told = (
        f"{number} without a change" if name == "unchanged" else f"{number} to {will(name, done=False)}"
        for name, number in counted.items()
    )
    return ", ".join(told)
