"""Stage 9, Schema: what the API server itself says to the object, schema and webhooks included, mapped back to the params."""

from collections.abc import Iterable, Iterator

from countersign.core.draft import DraftAction
from countersign.core.folding import Trial
from countersign.core.review import Review
from countersign.model.facts import Cause, Refusal, Refused, Unavailable
from countersign.model.finding import Code, Finding

_CODES = {
    Refusal.INVALID: Code.REFUSED,
    Refusal.POLICY: Code.WEBHOOK_REFUSED,
    Refusal.SIDE_EFFECTS: Code.WEBHOOK_SIDE_EFFECTS,
    Refusal.NOT_SERVED: Code.KIND_NOT_SERVED,
}


def schema(review: Review) -> Iterable[Finding] | None:
    tried = [(item.action, trial) for item in review.actions for trial in item.trials if trial.preview is not None]
    if not tried:
        return None
    return [finding for action, trial in tried for finding in _judge(action, trial)]


def _judge(action: DraftAction, trial: Trial) -> Iterator[Finding]:
    match trial.preview:
        case Unavailable(message=reason):
            message = f"the dry run of {trial.effect.target} could not be made and will be tried again: {reason}"
            yield Finding(Code.SCHEMA_UNAVAILABLE, message, path=action.at(), action=action.id, retryable=True)
        case Refused(refusal=refusal, message=reason, causes=causes) if refusal in _CODES:
            for cause in causes or (Cause(path="", message=reason),):
                yield Finding(
                    _CODES[refusal],
                    f"{trial.effect.target} is refused: {_sentence(cause)}",
                    path=_params_path(action, cause),
                    action=action.id,
                )
        case _:
            return


def _sentence(cause: Cause) -> str:
    sentence = " ".join(cause.message.split()).rstrip(".")
    return f"{cause.path}: {sentence}" if cause.path and cause.path not in sentence else sentence


def _params_path(action: DraftAction, cause: Cause) -> str:
    """Where the author wrote a `spec`, it has the shape of the object's own, so the server's path is the author's too."""
    mirrored = "spec" in action.planned.params and cause.path.startswith("spec")
    return f"{action.at('params')}.{cause.path}" if mirrored else action.at("params")
