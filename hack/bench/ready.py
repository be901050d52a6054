"""How soon the operator is ready when many plans are there, and how much memory it needs when nothing happens.

`python hack/bench/ready.py [--plans 1000] [--starts 5]` starts a Kubernetes of its own, makes the plans, lets an operator validate them, and
measures others that are started after it, each as a pod would run it: with the token of its service account. One JSON object is printed.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import click
import yaml

from countersign.api.install import Install
from countersign.dev.launch import Options
from countersign.dev.plane import ControlPlane
from countersign.dev.ports import free_port
from countersign.dev.ready import operator_works, policies_bite
from countersign.generate import install_manifests

GROUP = "/apis/countersign.dev/v1alpha1"
SAMPLE = Path(__file__).resolve().parents[2] / "manifests" / "samples" / "payments-tool.yaml"
PATIENCE = 300.0
OPERATOR = Install()
IDLE_SECONDS = 30.0


@click.command()
@click.option("--plans", default=1000, show_default=True)
@click.option("--starts", default=5, show_default=True)
def main(plans: int, starts: int) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder,
        ControlPlane(Path(folder), options=Options(nodes=False)) as plane,
    ):
        plane.install(install_manifests(), wait_until=lambda: policies_bite(plane.rest()))
        init(plane)
        validated = validate(plane, plans)
        figures = [one_start(plane) for _ in range(starts)]
    told = {"plans": plans, "secondsUntilAllValidated": round(validated, 1), "python": sys.version.split()[0]}
    medians = {name: statistics.median(figure[name] for figure in figures) for name in figures[0]}
    print(json.dumps(told | {"median": medians, "starts": figures}, indent=1))


def one_start(plane: ControlPlane) -> dict[str, float]:
    """Idle is between two validations of the same plan: nothing but watches and the guard."""
    with operator(plane) as (pid, address):
        ready = until(lambda: operator_works(address))
        at_ready, used = memory(pid)["Rss"], processor(pid)
        time.sleep(IDLE_SECONDS)
        idle = memory(pid)
        return {
            "secondsUntilReady": round(ready, 2),
            "processorSecondsUntilReady": used,
            "residentMegabytesWhenReady": at_ready,
            "residentMegabytesIdle": idle["Rss"],
            "proportionalMegabytesIdle": idle["Pss"],
            "ownMegabytesIdle": idle["Anonymous"],
            "residentMegabytesAtMost": idle["Peak"],
            "processorSecondsUsed": processor(pid),
        }


def init(plane: ControlPlane) -> None:
    where = ["-n", "default", "--kubeconfig", str(plane.admin_kubeconfig)]
    command = [sys.executable, "-m", "countersign", "init", *where]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def validate(plane: ControlPlane, plans: int) -> float:
    """Seconds from the first plan to the last verdict."""
    with operator(plane) as (_, address):
        # Plans that are older than the guard are not trusted.
        until(lambda: operator_works(address))
        began = time.monotonic()
        submit(plane, plans)
        until(lambda: waiting(address) >= plans)
        return time.monotonic() - began


def submit(plane: ControlPlane, plans: int) -> None:
    plan = yaml.safe_load(SAMPLE.read_text())
    rest = plane.rest()
    for number in range(plans):
        named = plan | {"metadata": {"name": f"plan-{number}", "namespace": "default"}}
        rest.create(f"{GROUP}/namespaces/default/plans", named)


@contextmanager
def operator(plane: ControlPlane) -> Iterator[tuple[int, str]]:
    """Its process id, and where it serves."""
    address = f"127.0.0.1:{free_port()}"
    server = urlsplit(plane.url)
    # All plans are in one namespace, and none is one too many.
    place = {"COUNTERSIGN_MAX_OPEN_PLANS": "0"}
    place |= {"KUBERNETES_SERVICE_HOST": str(server.hostname), "KUBERNETES_SERVICE_PORT": str(server.port)}
    options = ["--account-folder", str(service_account(plane)), "--http-address", address]
    with (plane.directory / "bench.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "countersign", "run", *options], env=os.environ | place, stdout=log, stderr=log
        )
    try:
        yield process.pid, address
    finally:
        process.terminate()
        process.wait(60)


def service_account(plane: ControlPlane) -> Path:
    """The folder that the kubelet would give to the operator's pod."""
    folder = plane.directory / "service-account"
    folder.mkdir(exist_ok=True)
    account = f"/api/v1/namespaces/{OPERATOR.namespace}/serviceaccounts/{OPERATOR.account}"
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
    token = plane.rest().create(f"{account}/token", asked)["status"]["token"]
    root = plane.rest().get(f"/api/v1/namespaces/{OPERATOR.namespace}/configmaps/kube-root-ca.crt")
    for name, text in (("token", token), ("ca.crt", root["data"]["ca.crt"]), ("namespace", OPERATOR.namespace)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def until(holds: Callable[[], bool]) -> float:
    """Seconds that it took."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > PATIENCE:
            raise click.ClickException("It takes longer than five minutes: run with fewer plans")
        time.sleep(0.02)
    return time.monotonic() - began


def waiting(address: str) -> float:
    """Plans that wait for an approval, as the operator counts them."""
    time.sleep(0.5)
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as answer:
        found = re.search(rb'^countersign_plans\{[^}]*reason="AwaitingApproval"\} (\S+)', answer.read(), re.MULTILINE)
    return float(found[1]) if found else 0.0


def memory(pid: int) -> dict[str, float]:
    """Megabytes: resident, the share of them that is nobody else's too, what was allocated, and the most that ever was resident."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = {
        name: int(re.search(rf"^{name}:\s+(\d+)", rollup, re.MULTILINE)[1]) for name in ("Rss", "Pss", "Anonymous")
    }
    peak = int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])
    return {name: round(kilobytes / 1024, 1) for name, kilobytes in (found | {"Peak": peak}).items()}


def processor(pid: int) -> float:
    """Seconds of processor time used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


if __name__ == "__main__":
    main()
