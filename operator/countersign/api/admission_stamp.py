"""The stamp: a MutatingAdmissionPolicy that turns a command into a record of who decided what, and keeps the list of authors.

Whatever a client writes into these two annotations is replaced; a command never stays on the object. What the stamp cannot
record faithfully it leaves alone, and the check (admission_decisions.py) refuses it with a reason.
"""

from countersign.api.admission_words import (
    ALL_COMMANDS,
    ANNOTATIONS,
    EDITS,
    IDENTITY,
    MAX_COMMAND,
    RECORDS,
    UNPRINTABLE,
    WRITERS,
    listed,
    literal,
    quoted,
)
from countersign.api.manifest import JSON
from countersign.api.names import AUTHORS, DECISION, RETRY
from countersign.api.policy import PLANS, mutating
from countersign.model.effect import GROUP

NAME = "countersign-stamp"

_VARIABLES = (
    *ANNOTATIONS,
    *IDENTITY,
    *EDITS,
    *WRITERS,
    *RECORDS,
    (
        "decides",
        f"""
size(variables.commands) == 1 && size(variables.command) <= {MAX_COMMAND} && !variables.command.matches({literal(UNPRINTABLE)})
""",
    ),
    (
        "record",
        f"""
variables.begins + variables.commands[0].substring({len(GROUP) + 1}) + '","quotes":' + {quoted("variables.command")} + variables.ends
""",
    ),
    # A restored backup starts with nothing of ours. A command that was already there is nobody's decision now.
    (
        "removed",
        f"""
request.operation == 'CREATE' ? {listed((*ALL_COMMANDS, RETRY, DECISION))}.filter(k, k in variables.new) :
variables.decides || size(variables.commands) == 0 ? {listed(ALL_COMMANDS)}.filter(k, k in variables.new) : []
""",
    ),
)


def _pointer(annotation: str) -> str:
    return literal("/metadata/annotations/" + annotation.replace("/", "~1"))


_PATCH = f"""
(has(object.metadata.annotations) ? [] : [JSONPatch{{op: 'add', path: '/metadata/annotations', value: {{}}}}])
+ variables.removed.map(k, JSONPatch{{op: 'remove', path: '/metadata/annotations/' + jsonpatch.escapeKey(k)}})
+ [JSONPatch{{op: 'add', path: {_pointer(AUTHORS)}, value: variables.edits ? variables.authorsAndUser : variables.oldAuthors}}]
+ (request.operation == 'CREATE' ? [] :
   variables.decides ? [JSONPatch{{op: 'add', path: {_pointer(DECISION)}, value: variables.record}}] :
   variables.oldRecord != '' ? [JSONPatch{{op: 'add', path: {_pointer(DECISION)}, value: variables.oldRecord}}] :
   variables.newRecord != '' ? [JSONPatch{{op: 'remove', path: {_pointer(DECISION)}}}] : [])
"""


def stamp() -> JSON:
    return mutating(NAME, rules=[PLANS], variables=_VARIABLES, patch=_PATCH)
