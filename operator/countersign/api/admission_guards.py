"""The three policies around the plans: what only the operator writes, what the executors may do, when a plan may be deleted."""

from countersign.api.admission_decisions import DRILL_DELETE, DRILL_MESSAGE
from countersign.api.admission_words import listed, literal
from countersign.api.install import Install
from countersign.api.manifest import JSON
from countersign.api.names import DRILL, EXTRA_PLAN, PLAN, PLAN_PREVIEW
from countersign.api.policy import Check, rule, validating

STATUS = "countersign-status"
EXECUTOR = "countersign-executor"
DELETE = "countersign-delete"

GARBAGE_COLLECTOR = "system:serviceaccount:kube-system:generic-garbage-collector"
NAMESPACE_CONTROLLER = "system:serviceaccount:kube-system:namespace-controller"
_CLEANERS = (GARBAGE_COLLECTOR, NAMESPACE_CONTROLLER)


def status(install: Install) -> JSON:
    """Verdicts, the journal and previews are the operator's.

    Kubernetes itself may clean previews up, which includes taking finalizers and owners off them; their content is immutable.
    """
    preview = literal(PLAN_PREVIEW.plural)
    return validating(
        STATUS,
        rules=[
            rule(resources=["*/status"], operations=["CREATE", "UPDATE"]),
            rule(resources=[PLAN_PREVIEW.plural], operations=["CREATE", "UPDATE", "DELETE"]),
        ],
        checks=[
            Check(
                holds=f"""
request.userInfo.username == {literal(install.operator)}
|| (request.resource.resource == {preview} && !(has(request.subResource) && request.subResource != '')
  && request.operation in ['UPDATE', 'DELETE'] && request.userInfo.username in {listed(_CLEANERS)})
""",
                otherwise="only the operator writes status and previews: change the spec of the plan, or decide by annotation",
                message=f"""
request.resource.resource == {preview} ?
'only the operator writes previews: change the plan, and it makes the new preview' :
'only the operator writes status: change the spec, or decide about a plan by annotation'
""",
                reason="Forbidden",
            )
        ],
    )


def executor(install: Install) -> JSON:
    """Whoever gets hold of an executor account (token, pod, impersonation) can write nothing with it.

    Only the operator may say for which action of which plan it acts.
    """
    return validating(
        EXECUTOR,
        rules=[rule(group="*", resources=["*/*"], operations=["CREATE", "UPDATE", "DELETE", "CONNECT"])],
        only_if={
            "executor": f"""
request.userInfo.username.startsWith('system:serviceaccount:')
&& {listed(install.executors)}.exists(name, request.userInfo.username.endsWith(':' + name))
"""
        },
        checks=[
            Check(
                holds=f"has(request.userInfo.extra) && {literal(EXTRA_PLAN)} in request.userInfo.extra",
                otherwise="this service account acts only through the operator: submit a Plan instead of using it directly",
                message="""
request.userInfo.username + ' acts only through the operator: submit a Plan instead of using the account directly'
""",
                reason="Forbidden",
            )
        ],
    )


def delete() -> JSON:
    """Deleting a running plan would lose the journal of what it has done; a namespace on its way out takes everything along.

    The garbage collector is no exception: whoever may patch a plan could give it an owner that does not exist. It comes back
    when the plan has stopped. Plans are seen at creation only for the guard's drill.
    """
    return validating(
        DELETE,
        rules=[rule(resources=[PLAN.plural], operations=["CREATE", "DELETE"])],
        checks=[
            Check(
                holds=f"""
request.operation != 'CREATE' || !has(object.metadata.annotations) || !({literal(DRILL)} in object.metadata.annotations)
|| object.metadata.annotations[{literal(DRILL)}] != {literal(DRILL_DELETE)}
""",
                otherwise=DRILL_MESSAGE,
            ),
            Check(
                holds=f"""
request.operation != 'DELETE' || !has(oldObject.status) || !has(oldObject.status.phase)
|| oldObject.status.phase != 'Executing' || request.userInfo.username == {literal(NAMESPACE_CONTROLLER)}
|| has(namespaceObject.metadata.deletionTimestamp)
""",
                otherwise="a plan cannot be deleted while it is executing: set spec.cancel to true and wait until it has stopped",
                message="""
'plan ' + oldObject.metadata.name
+ ' cannot be deleted while it is executing: set spec.cancel to true and wait until it has stopped'
""",
                reason="Forbidden",
            ),
        ],
    )
