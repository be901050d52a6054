"""The check: a ValidatingAdmissionPolicy that refuses every decision that is not one, and every edit by who may only decide.

It sees the object after the stamp (admission_stamp.py). The state of the plan is taken from the stored object only: what a
request says about status or generation is nobody's evidence. Messages are for the approver and say what to do instead.
"""

from countersign.api.admission_words import (
    ALL_COMMANDS,
    ANNOTATIONS,
    EDITS,
    IDENTITY,
    MAX_AUTHORS,
    MAX_COMMAND,
    MAX_FOREIGN,
    MAX_RECORD,
    RECORDS,
    UNPRINTABLE,
    WRITERS,
    listed,
    literal,
)
from countersign.api.manifest import JSON
from countersign.api.names import AUTHORS, COMMANDS, DECISION, DRILL, PLAN, RETRY, command
from countersign.api.policy import PLANS, Check, validating
from countersign.api.standstill import STANDS_STILL
from countersign.model.effect import GROUP

NAME = "countersign-decisions"
DRILL_MESSAGE = "a drill: the guard's forgery was refused"
DRILL_DELETE = "delete"
"""The value of the drill annotation that countersign-delete answers; this policy answers every other one."""

_SERVER_OWNED = ("annotations", "generation", "managedFields", "resourceVersion")


def _may(verb: str) -> str:
    return (
        f"authorizer.group({literal(GROUP)}).resource({literal(PLAN.plural)}).namespace(request.namespace)"
        f".name(object.metadata.name).check({literal(verb)}).allowed()"
    )


def _same(new: str, old: str, *, but: tuple[str, ...]) -> str:
    """Two maps have the same entries, apart from these keys."""
    kept = f"k in {listed(but)}"
    return f"{new}.all(k, {kept} || (k in {old} && {old}[k] == {new}[k])) && {old}.all(k, {kept} || k in {new})"


_OURS = (*ALL_COMMANDS, DECISION, AUTHORS)
_SAME_ANNOTATIONS = _same("variables.new", "variables.old", but=_OURS)


_VARIABLES = (
    *ANNOTATIONS,
    *IDENTITY,
    *EDITS,
    *WRITERS,
    *RECORDS,
    ("authors", f"{literal(AUTHORS)} in variables.new ? string(variables.new[{literal(AUTHORS)}]) : ''"),
    ("decides", "variables.newRecord != variables.oldRecord"),
    ("status", "oldObject != null && has(oldObject.status) ? oldObject.status : {}"),
    ("digest", "'digest' in variables.status ? string(variables.status.digest) : ''"),
    ("phase", "'phase' in variables.status ? string(variables.status.phase) : ''"),
    (
        "recorded",
        """
'approval' in variables.status && 'recorded' in variables.status.approval ? string(variables.status.approval.recorded) : ''
""",
    ),
    (
        "pending",
        """
variables.oldRecord != '' && !(variables.recorded != '' && variables.oldRecord.startsWith('{"n":"' + variables.recorded + '"'))
""",
    ),
    ("who", "'user ' + string(request.userInfo.username)"),
    (
        "foreign",
        f"variables.new.map(k, k in {listed(_OURS)} ? 0 : size(bytes(k)) + size(bytes(string(variables.new[k])))).sum()",
    ),
)

_DRILLS = Check(
    holds=f"!({literal(DRILL)} in variables.new) || variables.new[{literal(DRILL)}] == {literal(DRILL_DELETE)}",
    otherwise=DRILL_MESSAGE,
)

_LEFT_OVER = Check(
    holds=f"!{listed(ALL_COMMANDS)}.exists(k, k in variables.new)",
    otherwise="the decision could not be stamped: ask the platform team whether the policy countersign-stamp is in place",
    message=f"""
size(variables.commands) > 1 ? 'one decision at a time: set only one of the annotations ' + variables.commands.join(', ') :
size(variables.command) > {MAX_COMMAND} ? 'the decision has ' + string(size(variables.command))
  + ' characters, {MAX_COMMAND} are allowed with the digest: shorten the comment' :
variables.command.matches({literal(UNPRINTABLE)}) ?
  'the comment contains control characters: use printable text, line breaks and tabs only' :
  'the decision could not be stamped: ask the platform team whether the policy countersign-stamp is in place'
""",
)

_FORGED = Check(
    holds="""
!variables.decides
|| (oldObject != null && variables.newRecord.startsWith(variables.begins) && variables.newRecord.endsWith(variables.ends))
""",
    otherwise=f"the annotation {DECISION} is written by the API server only: to decide, set the annotation {command('approve')}",
    reason="Forbidden",
)

_NOT_APPROVER = Check(
    holds=f"!variables.decides || {_may('approve')}",
    otherwise="you may not decide about this plan: the verb approve on plans.countersign.dev is missing",
    message="""
variables.who + ' may not decide about plans in namespace ' + request.namespace
+ ': the verb approve on plans.countersign.dev is missing (role countersign-approver)'
""",
    reason="Forbidden",
)

_OTHER_DIGEST = Check(
    holds=f"""
!variables.decides || (variables.digest != '' && {listed(COMMANDS)}.exists(v,
  variables.newRecord.startsWith(variables.begins + v + '","quotes":"' + variables.digest + '"')
  || variables.newRecord.startsWith(variables.begins + v + '","quotes":"' + variables.digest + ' ')))
""",
    otherwise="a decision begins with the current digest of the plan",
    message="""
variables.digest == '' ? 'the plan has no digest yet: wait until it is validated' :
'a decision begins with the current digest of the plan, which is now ' + variables.digest
+ ': look at what it stands for (kubectl countersign diff ' + object.metadata.name + '), then quote it'
""",
)

_STALE = Check(
    holds="""
!variables.decides || ('observedGeneration' in variables.status
  && variables.status.observedGeneration == oldObject.metadata.generation)
""",
    otherwise="the plan was edited after this digest was published: wait for the new digest, then look at it again",
)

# An approval that is not recorded yet may be overtaken by a brake, it is only lost. A brake that is not recorded yet must not
# be: somebody else's revoke would wipe a reject out before anybody saw it.
_PENDING = Check(
    holds="""
!variables.decides || !variables.pending || (variables.oldRecord.contains('"outcome":"approve"')
  && ['reject', 'revoke'].exists(v, variables.newRecord.startsWith(variables.begins + v + '"')))
""",
    otherwise="the previous decision about this plan is not recorded yet: try again in a moment",
)

_NOTHING_ELSE = Check(
    holds=f"""
!variables.decides || (object.spec == oldObject.spec
  && {_SAME_ANNOTATIONS}
  && {_same("object.metadata", "oldObject.metadata", but=_SERVER_OWNED)})
""",
    otherwise="a decision changes nothing else:"
    " send the change of spec, labels, annotations, finalizers or owners in a request of its own",
)

_TOO_LONG = Check(
    holds=f"!variables.decides || size(bytes(variables.newRecord)) <= {MAX_RECORD}",
    otherwise=f"your name and groups are too long to be recorded with a decision: together {MAX_RECORD // 1024} KiB are allowed",
)

_NOT_PROPOSER = Check(
    holds=f"oldObject == null || !variables.edits || {_may('create')}",
    otherwise="you may not change this plan: the verb create on plans.countersign.dev is missing",
    message="""
variables.who + ' may not change plans in namespace ' + request.namespace
+ ' beyond suspend and cancel: the verb create on plans.countersign.dev is missing (role countersign-proposer)'
""",
    reason="Forbidden",
)

# The CRD has the same rule, but cannot see a field that takes any JSON.
_EXECUTING = Check(
    holds="variables.phase != 'Executing' || !variables.edits",
    otherwise=STANDS_STILL,
)

_RETRIES = f"({literal(RETRY)} in variables.new && !({literal(RETRY)} in variables.old && variables.old[{literal(RETRY)}] == variables.new[{literal(RETRY)}]))"

_RETRY_FORM = Check(
    holds=f"!{_RETRIES} || string(variables.new[{literal(RETRY)}]).matches('^[0-9]{{1,18}}$')",
    otherwise=f"the annotation {RETRY} names the publication to be retried, a number: see status.publication",
)

_RETRY_RIGHT = Check(
    holds=f"!{_RETRIES} || {_may('create')}",
    otherwise="you may not retry this plan: the verb create on plans.countersign.dev is missing",
    message="""
variables.who + ' may not retry plans in namespace ' + request.namespace
+ ': the verb create on plans.countersign.dev is missing (role countersign-proposer)'
""",
    reason="Forbidden",
)

_AUTHORS = Check(
    holds="""
variables.authors == variables.authorsAndUser || (!variables.edits && variables.authors == variables.oldAuthors)
""",
    otherwise=f"the annotation {AUTHORS} is written by the API server only: something changed the plan or the annotation after"
    " the policy countersign-stamp, or that policy is not in place",
    reason="Forbidden",
)

_MANY_AUTHORS = Check(
    holds=f"variables.authors == variables.oldAuthors || size(bytes(variables.authors)) <= {MAX_AUTHORS}",
    otherwise="the plan has more authors than can be recorded: submit it as a new plan",
)

_NO_ROOM = Check(
    holds=f"variables.foreign <= {MAX_FOREIGN} || ({_SAME_ANNOTATIONS})",
    otherwise=f"the annotations are too large: {MAX_FOREIGN // 1024} KiB are allowed, so that there is room for decisions",
)


def decisions() -> JSON:
    return validating(
        NAME,
        rules=[PLANS],
        variables=_VARIABLES,
        checks=(
            _DRILLS,
            _LEFT_OVER,
            _FORGED,
            _NOT_APPROVER,
            _NOT_PROPOSER,
            _EXECUTING,
            _OTHER_DIGEST,
            _STALE,
            _PENDING,
            _NOTHING_ELSE,
            _TOO_LONG,
            _RETRY_FORM,
            _RETRY_RIGHT,
            _AUTHORS,
            _MANY_AUTHORS,
            _NO_ROOM,
        ),
        audited={"decision": "variables.decides ? variables.newRecord : ''"},
    )
