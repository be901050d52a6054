"""`make demo`: a guided tour of one plan's life on a real Kubernetes API server, alone, from nothing to nothing left.

Every step is a command that you can type yourself; what is printed below a `$` is what that command printed.
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.markdown import Markdown
from rich.padding import Padding
from rich.text import Text

from countersign.dev.binaries import find_binaries
from countersign.dev.launch import Options
from countersign.dev.plane import ControlPlane
from countersign.dev.progress import Progress
from countersign.dev.ready import operator_works, policies_bite
from countersign.dev.up import run_operator
from countersign.errors import CountersignError
from countersign.generate import install_manifests

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = "manifests/samples/payments-tool.yaml"
PLAN = "bootstrap-payments"
BIN = Path(sys.executable).parent
PEOPLE = {"proposer": "cyan", "approver": "green", "admin": "magenta"}


@dataclass(frozen=True)
class Tour:
    """Tells, types, and checks that what was typed ended as it should."""

    console: Console
    plane: ControlPlane
    kubectl: Path

    def step(self, number: int, title: str, text: str) -> None:
        self.console.print()
        self.console.rule(f"[bold]{number}. {title}", align="left", style="dim")
        self.console.print(Padding(Markdown(text), (0, 2)))

    def type(self, who: str, command: str, *, ends_with: int = 0) -> None:
        """As this person, with their own certificate."""
        self.console.print()
        self.console.print(Text.assemble("  ", (who, f"bold {PEOPLE[who]}"), " $ ", (command, "bold")), soft_wrap=True)
        words = command.split(" ")
        program = {"countersign": str(BIN / "countersign"), "kubectl": str(self.kubectl)}[words[0]]
        environment = {**os.environ, "KUBECONFIG": str(self.plane.directory / f"{who}.kubeconfig")}
        environment |= {"FORCE_COLOR": "1"} if self.console.is_terminal else {}
        done = subprocess.run(
            [program, *words[1:]],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        for line in (done.stdout + done.stderr).rstrip().splitlines():
            self.console.print(Text("  │ ", style="dim") + Text.from_ansi(line), soft_wrap=True)
        if done.returncode != ends_with:
            raise click.ClickException(f"{command} ended with {done.returncode} instead of {ends_with}")


def main() -> None:
    began = time.monotonic()
    console = Console(highlight=False)
    console.print(Markdown("# Countersign: what was approved is what is applied, once"))
    try:
        with tempfile.TemporaryDirectory(prefix="countersign-demo-") as folder:
            progress = Progress(sys.stderr)
            kubectl = find_binaries(["kubectl"], environ=os.environ, progress=progress)["kubectl"]
            with ControlPlane(Path(folder) / "plane", options=Options(nodes=False), progress=progress) as plane:
                tour = Tour(console, plane, kubectl)
                prepare(tour)
                propose(tour)
                decide(tour)
                repeat(tour)
                tour.step(7, "The end", "The control plane and the operator are stopped, and their folder is removed.")
    except CountersignError as error:
        raise click.ClickException(str(error)) from error
    console.print(f"\n  Done in {time.monotonic() - began:.0f} s. Your turn: .venv/bin/countersign up\n", style="bold")


def prepare(tour: Tour) -> None:
    tour.step(
        1,
        "A Kubernetes of our own",
        "etcd, kube-apiserver and kube-controller-manager are running on this machine, without containers. "
        "Now the kinds, the roles and the admission policies are installed, and the operator is started with its own rights.",
    )
    plane = tour.plane
    plane.install(install_manifests(), wait_until=lambda: policies_bite(plane.rest()))
    run_operator(plane, working=operator_works)
    tour.type("admin", "countersign init -n default")


def propose(tour: Tour) -> None:
    tour.step(
        2,
        "Somebody proposes a change",
        f"The proposer, an agent perhaps, submits `{SAMPLE}`. It may write plans, and nothing that plans write.",
    )
    tour.type("proposer", f"countersign apply -f {SAMPLE}")
    tour.type("proposer", f"kubectl wait plan/{PLAN} --for=condition=Validated --timeout=20s")
    tour.step(
        3,
        "The verdict",
        "Thirteen stages have passed, every effect was tried as a dry run. The risk is high: giving money back "
        "is tagged as financial. So it waits for a person.",
    )
    tour.type("proposer", f"countersign show {PLAN}")


def decide(tour: Tour) -> None:
    tour.step(4, "The proposer cannot approve it", "The API server itself refuses: the verb `approve` is missing.")
    tour.type("proposer", f"kubectl annotate plan {PLAN} countersign.dev/approve={digest(tour)}", ends_with=1)
    tour.step(
        5,
        "The approver sees exactly what would change, and countersigns that",
        "The digest stands for the spec, the difference and the rights it runs with. Had anything changed since, "
        "the approval would be refused.",
    )
    tour.type("approver", f"countersign approve {PLAN} --yes --message reviewed-with-finance")
    tour.type("approver", f"kubectl wait plan/{PLAN} --for=condition=Succeeded --timeout=20s")
    tour.type("approver", f"countersign show {PLAN}")
    tour.type("proposer", "kubectl get tool payments-api -o yaml")


def digest(tour: Tour) -> str:
    """What kubectl get plan -o jsonpath={.status.digest} prints."""
    plan = tour.plane.rest().get(f"/apis/countersign.dev/v1alpha1/namespaces/default/plans/{PLAN}")
    return str(plan["status"]["digest"])


def repeat(tour: Tour) -> None:
    tour.step(
        6,
        "Once more: nothing happens twice",
        "The same manifest again is the same plan, already done. And the same intent in another plan finds its work "
        "carried out: *AlreadyApplied*, and the tool keeps its resourceVersion.",
    )
    tour.type("proposer", f"countersign apply -f {SAMPLE}")
    again = tour.plane.directory / "again.yaml"
    again.write_text((ROOT / SAMPLE).read_text().replace(f"name: {PLAN}", f"name: {PLAN}-again"))
    tour.type(
        "proposer",
        "kubectl get tool payments-api -o custom-columns=NAME:.metadata.name,VERSION:.metadata.resourceVersion",
    )
    tour.type("proposer", f"countersign apply -f {again}")
    tour.type("proposer", f"kubectl wait plan/{PLAN}-again --for=condition=Validated --timeout=20s")
    tour.type("approver", f"countersign approve {PLAN}-again --yes")
    tour.type("approver", f"kubectl wait plan/{PLAN}-again --for=condition=Succeeded --timeout=20s")
    tour.type("approver", "countersign list")
    tour.type(
        "proposer",
        "kubectl get tool payments-api -o custom-columns=NAME:.metadata.name,VERSION:.metadata.resourceVersion",
    )


if __name__ == "__main__":
    try:
        main()
    except click.ClickException as failure:
        failure.show()
        sys.exit(failure.exit_code)
