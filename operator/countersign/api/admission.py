"""The admission policies: without them an approval is an annotation that anybody could have written.

Five policies, each bound everywhere. The guard compares what is installed with what is generated here, and proves each minute
by dry-run forgeries that they bite. Limits: names, groups and comments are recorded with every character escaped.
"""

from countersign.api.admission_decisions import decisions
from countersign.api.admission_guards import delete, executor, status
from countersign.api.admission_stamp import stamp
from countersign.api.install import Install
from countersign.api.manifest import JSON
from countersign.api.policy import binding


def policies(install: Install) -> list[JSON]:
    """The policies without their bindings."""
    return [stamp(), decisions(), status(install), executor(install), delete()]


def admission(install: Install) -> list[JSON]:
    """Each policy followed by its binding, in the order in which they are applied."""
    return [each for policy in policies(install) for each in (policy, binding(policy))]
