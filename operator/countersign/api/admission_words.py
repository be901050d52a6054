"""The words that the admission policies share, as CEL: who asks, what changes, who wrote the plan.

The stamp (admission_stamp.py) writes with them, the check (admission_decisions.py) recomputes with the same ones. So nothing that
comes between the two, such as somebody else's webhook, can alter a record unnoticed.
"""

from collections.abc import Iterable

from countersign.api.names import AUTHORS, COMMANDS, DECISION, UNKNOWN_AUTHOR, command
from countersign.api.plan_spec import FREELY_CHANGEABLE, PlanSpec

MAX_COMMAND = 71 + 1 + 1024
"""Characters of a decision: the digest, a space and as much comment as status can hold."""
MAX_RECORD = 32 * 1024
MAX_AUTHORS = 32 * 1024
MAX_FOREIGN = 180 * 1024
"""Bytes of all annotations that are not ours. The server allows 256 KiB; a plan must always have room for a reject."""

# Line breaks and tabs are the only control characters of a comment. The others, and those that reverse the direction of text,
# could show an approver's terminal something else than what stands there.
UNPRINTABLE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}\x{202a}-\x{202e}\x{2066}-\x{2069}]"


def literal(text: str) -> str:
    """A CEL string of this text."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def listed(texts: Iterable[str]) -> str:
    return "[" + ", ".join(literal(text) for text in texts) + "]"


def quoted(expression: str) -> str:
    """CEL for the JSON string of a CEL string.

    Quotes, backslashes and control characters are escaped, so that nobody's name or comment can end it early.
    """
    return (
        f"'\"' + [{expression}.replace('\\\\', '\\\\\\\\').replace('\"', '\\\\\"')].map(text, text.matches('[\\\\x00-\\\\x1f]')"
        " ? text.split('').map(c, c < ' ' ? '\\\\u00%x'.format([c]) : c).join('') : text)[0] + '\"'"
    )


ALL_COMMANDS = tuple(command(verb) for verb in COMMANDS)

ANNOTATIONS = (
    ("new", "has(object.metadata.annotations) ? object.metadata.annotations : {}"),
    (
        "old",
        "oldObject != null && has(oldObject.metadata.annotations) ? oldObject.metadata.annotations : {}",
    ),
    # What stood there before is nobody's decision now: it was left by somebody else while the stamp was missing.
    (
        "commands",
        f"""
request.operation == 'CREATE' ? [] :
{listed(ALL_COMMANDS)}.filter(k, k in variables.new && !(k in variables.old && variables.old[k] == variables.new[k]))
""",
    ),
    ("command", "size(variables.commands) == 1 ? string(variables.new[variables.commands[0]]) : ''"),
)

IDENTITY = (
    ("user", quoted("string(request.userInfo.username)")),
    (
        "groups",
        f"""
'[' + (has(request.userInfo.groups) ? request.userInfo.groups.map(g, {quoted("string(g)")}).join(',') : '') + ']'
""",
    ),
)

_FREE = listed(str(PlanSpec.model_fields[name].alias) for name in FREELY_CHANGEABLE)

EDITS = (
    ("newSpec", "has(object.spec) ? object.spec : {}"),
    ("oldSpec", "oldObject != null && has(oldObject.spec) ? oldObject.spec : {}"),
    # By whatever fields there are, so that a field of a later version counts too.
    (
        "edits",
        f"""
request.operation == 'CREATE'
|| variables.newSpec.exists(k, !(k in {_FREE}) && !(k in variables.oldSpec && variables.oldSpec[k] == variables.newSpec[k]))
|| variables.oldSpec.exists(k, !(k in {_FREE}) && !(k in variables.newSpec))
""",
    ),
)

WRITERS = (
    (
        "oldAuthors",
        f"""
request.operation == 'CREATE' ? '' :
{literal(AUTHORS)} in variables.old ? string(variables.old[{literal(AUTHORS)}]) : {literal(f'"{UNKNOWN_AUTHOR}"')}
""",
    ),
    # Inside a JSON string no quote follows a comma, so this finds the whole name or nothing. It is a split because the price
    # of `contains` grows with both lengths, and the budget of a policy would end at a few long names.
    (
        "authorsAndUser",
        """
variables.oldAuthors == '' ? variables.user :
size((',' + variables.oldAuthors + ',').split(',' + variables.user + ',')) > 1 ? variables.oldAuthors :
variables.oldAuthors + ',' + variables.user
""",
    ),
)

RECORDS = (
    ("oldRecord", f"{literal(DECISION)} in variables.old ? string(variables.old[{literal(DECISION)}]) : ''"),
    ("newRecord", f"{literal(DECISION)} in variables.new ? string(variables.new[{literal(DECISION)}]) : ''"),
    # A record begins with the state of the plan that it was made on: no two have the same.
    ("begins", """oldObject == null ? '' : '{"n":"' + string(oldObject.metadata.resourceVersion) + '","outcome":"'"""),
    ("ends", """',"by":' + variables.user + ',"groups":' + variables.groups + '}'"""),
)
