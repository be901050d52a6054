"""What an action type says about an effect, as if a dry run had shown it."""

from countersign.actions.base import Seen, World
from countersign.model.change import compare
from countersign.model.digest import canonical


def parsed(action, params):
    """Params as they are read from a plan."""
    return action.params.read(canonical(params))


def assessed(action, params, *, live=None, result=None):
    """Factors of an action with one effect. The dry run ended in `result`, by default in exactly what the params say."""
    typed = parsed(action, params)
    (effect,) = action.compile(typed, World("team-a"))
    result = result or effect.fields
    changes = compare(live if isinstance(live, dict) else None, result, desired=effect.fields)
    return action.assess(typed, (Seen(effect=effect, live=live, result=result, changes=changes),))


def rules(action, params, **seen):
    return {factor.rule for factor in assessed(action, params, **seen)}


def complaints_about(action, params):
    """(path, code, message) of every issue of the params."""
    return [
        (".".join(map(str, issue.path)), issue.code, issue.message) for issue in action.check(parsed(action, params))
    ]
