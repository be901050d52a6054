"""`convert`: the Plan manifest of a RunAgents plan, for those who keep their plans in git."""

import click

from countersign.cli import documents
from countersign.cli.failure import Command, Refused
from countersign.cli.screen import Screen, answering
from countersign.cli.submission import Submission, submissions


@click.command(cls=Command, examples=("convert -f action-plan.json > plan.yaml", "convert -f - -n payments -o json"))
@documents.file_option
@click.option("-n", "--namespace", metavar="NAME", help="Write this namespace into the manifest.")
@answering("yaml", "json")
def convert(*, file: str, namespace: str | None, screen: Screen) -> None:
    """Print the Plan manifests of RunAgents plans.

    The envelope gets the field names of a Plan, params stay as they are. A plan_id that is no Kubernetes name becomes a
    name made from it; spec.planId keeps the original.
    """
    found = submissions(documents.read(file), origin=documents.origin_of(file))
    for submission in found:
        if submission.findings:
            raise Refused("; ".join(f"{finding.path}: {finding.message}" for finding in submission.findings))
    screen.objects(*(_manifest(submission, namespace=namespace) for submission in found))


def _manifest(submission: Submission, *, namespace: str | None) -> dict[str, object]:
    return (submission.at(namespace) if namespace else submission).manifest
