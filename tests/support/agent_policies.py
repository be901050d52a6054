"""Params of `policy.upsert`, in which a test names only what matters to it."""

PAYMENTS = "https://payments.example.com/*"


def a_rule(permission="allow", resource=PAYMENTS, **rest):
    """`resource` of None leaves it out."""
    said = {} if resource is None else {"resource": resource}
    return {"permission": permission, **said, **rest}


def an_approval(*groups, **rest):
    return {"approvers": {"groups": list(groups or ("owners",))}, **rest}


def a_policy(*rules, approvals=()):
    said = {"approvals": list(approvals)} if approvals else {}
    return {"name": "payments", "spec": {"policies": list(rules), **said}}
