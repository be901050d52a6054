"""The command line of each process, as a pure function of where its files and ports are.

`launch` runs them. Every server listens on 127.0.0.1 only.
"""

from collections.abc import Iterable
from pathlib import Path

from countersign.dev.layout import Layout

_STAGES = Path(__file__).with_name("stages.yaml")
_AUDIT_POLICY = Path(__file__).with_name("audit.yaml")


def etcd(binary: Path, *, name: str, data: Path, port: int, peer_port: int, fsync: bool) -> list[str]:
    """Without fsync it starts and writes several times faster; only a crash of the machine can lose data."""
    client, peer = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peer_port}"
    return [
        str(binary),
        f"--name={name}",
        f"--data-dir={data}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster={name}={peer}",
        "--log-level=warn",
        *_if("--unsafe-no-fsync", wanted=not fsync),
    ]


def kube_apiserver(
    binary: Path, *, layout: Layout, port: int, etcd_url: str, controllers: bool, audit: bool
) -> list[str]:
    certificates = layout.certificates
    return [
        str(binary),
        f"--etcd-servers={etcd_url}",
        "--bind-address=127.0.0.1",
        # The address of the Service "kubernetes", which leads nowhere here.
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        f"--secure-port={port}",
        f"--cert-dir={certificates}",
        f"--tls-cert-file={certificates / 'serving.crt'}",
        f"--tls-private-key-file={certificates / 'serving.key'}",
        f"--client-ca-file={certificates / 'ca.crt'}",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--authorization-mode=RBAC",
        "--allow-privileged=true",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={certificates / 'sa.pub'}",
        f"--service-account-signing-key-file={certificates / 'sa.key'}",
        # Without the controller manager nobody makes the account "default", which the plug-in would ask every pod for.
        *_if("--disable-admission-plugins=ServiceAccount", wanted=not controllers),
        *_if(f"--audit-policy-file={_AUDIT_POLICY}", f"--audit-log-path={layout.log('audit')}", wanted=audit),
    ]


def kube_controller_manager(binary: Path, *, layout: Layout) -> list[str]:
    certificates = layout.certificates
    return [
        str(binary),
        *_as_client(layout, name="kube-controller-manager"),
        # Its usual limit of 20 requests per second would hold back its own start for five seconds.
        "--kube-api-qps=500",
        "--kube-api-burst=1000",
        # As in a real cluster: each controller acts under its own account, so policies see the names they will see there.
        "--use-service-account-credentials=true",
        f"--service-account-private-key-file={certificates / 'sa.key'}",
        f"--root-ca-file={certificates / 'ca.crt'}",
    ]


def kube_scheduler(binary: Path, *, layout: Layout) -> list[str]:
    return [str(binary), *_as_client(layout, name="kube-scheduler")]


def kwok(binary: Path, *, layout: Layout) -> list[str]:
    return [
        str(binary),
        f"--kubeconfig={layout.kubeconfigs / 'kwok.kubeconfig'}",
        "--manage-all-nodes=true",
        "--node-lease-duration-seconds=0",
        f"--config={_STAGES}",
    ]


def _as_client(layout: Layout, *, name: str) -> list[str]:
    kubeconfig = layout.kubeconfigs / f"{name}.kubeconfig"
    return [f"--kubeconfig={kubeconfig}", "--leader-elect=false", "--secure-port=0"]


def _if(*flags: str, wanted: bool) -> Iterable[str]:
    return flags if wanted else ()
