"""The chart's values: what can be set, what it means, what it is when nobody sets it.

values.yaml, values.schema.json and the table in the chart's README are made from these models; the templates read the values.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from countersign.api.install import Install
from countersign.model import duration
from countersign.model.base import Model
from countersign.model.duration import Duration
from countersign.settings import Settings

_INSTALL = Install()
_SETTINGS = Settings()

Name = Annotated[str, Field(max_length=63, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
Strings = dict[str, str]
Quantities = dict[str, str | Annotated[int, Field(ge=0)]]
Port = Annotated[int, Field(ge=1, le=65535)]
Count = Annotated[int, Field(ge=1)]
Cap = Annotated[int, Field(ge=0)]


class Crds(Model):
    enabled: bool = True
    """Install the CustomResourceDefinitions with the chart. Without them the operator waits until somebody else has."""
    keep: bool = True
    """Leave them, and with them every plan and its record, when the release is uninstalled."""


class Image(Model):
    repository: str = Field("countersign", min_length=1)
    """Where the image is, without tag."""
    tag: str = ""
    """Empty: the version of the chart's app."""
    digest: str = Field("", pattern=r"^(sha256:[0-9a-f]{64})?$")
    """Pins the image; it then does not matter where the tag points."""
    pull_policy: Literal["Always", "IfNotPresent", "Never"] = "IfNotPresent"
    """When a node asks the registry."""
    pull_secrets: list[Name] = []
    """Names of Secrets in the namespace of the release."""


class ServiceAccount(Model):
    name: Name = _INSTALL.account
    """The account of the operator; the admission policies name it as the only writer of verdicts."""
    canary: Name = _INSTALL.canary
    """The account that the guard's forgeries are tried as."""


class Tenant(Model):
    namespace: Name
    """An existing namespace in which plans are to run."""
    executor: str = Field("", max_length=63, pattern=r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$")
    """One of `executors`; empty: the first."""


class Operator(Model):
    """Each becomes the environment variable COUNTERSIGN_<NAME>."""

    workers: Count = _SETTINGS.workers
    """How many plans are worked on at once."""
    max_in_flight: Count = _SETTINGS.max_in_flight
    """How many requests may be under way to the API server at once."""
    max_running_plans: Cap = _SETTINGS.max_running_plans
    """How many plans of one namespace run at once; further ones that are approved are Queued. 0: no cap."""
    max_running_plans_overall: Cap = _SETTINGS.max_running_plans_overall
    """How many plans of all namespaces run at once; namespaces take turns. 0: no cap."""
    max_open_plans: Cap = _SETTINGS.max_open_plans
    """How many unfinished plans of one namespace are validated and previewed, published and oldest first. 0: no cap."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Messages below are not written."""
    expires_after: Duration = duration.show(_SETTINGS.expires_after)
    """How long after its digest was published an approval counts, where no policy says."""
    revalidate_after: Duration = duration.show(_SETTINGS.revalidate_after)
    """How often a waiting plan is judged again when nothing changes."""
    sweep_every: Duration = duration.show(_SETTINGS.sweep_every)
    """How often everything is listed again, in case a watch missed something."""
    drill_every: Duration = duration.show(_SETTINGS.drill_every)
    """How often the guard tries its forgeries."""
    trusted_mutators: list[Annotated[str, Field(pattern=r"^[^,]+$")]] = []
    """Mutating policies and webhook configurations of others that may match plans; any other is a lapse of the guard."""
    leader_election: bool = True
    """Whether the replicas share the work."""
    lease_duration: Duration = duration.show(_SETTINGS.lease_duration)
    """A replica that has not renewed for so long is replaced."""
    renew_deadline: Duration = duration.show(_SETTINGS.renew_deadline)
    """A replica that could not renew for so long stops on its own; less than leaseDuration."""
    echo_url: str = _SETTINGS.installation.echo_url
    """Where the echo tool of the starter kit is: a Service, or any host inside."""
    runtime_image: str = _SETTINGS.installation.runtime_image
    """Image that runs agents which are deployed as source files; a digest in it lowers the risk of such plans."""
    llm_gateway: str = _SETTINGS.installation.llm_gateway
    """Address through which agents call models; empty: each provider's own."""
    probe_tools: bool = _SETTINGS.probe_tools
    """Whether tools outside are asked if they are there. It makes the operator call hosts that people name."""
    observe_every: Duration = duration.show(_SETTINGS.observe_every)
    """How long the status of what agents use, and of agents that run, holds without an event."""


class Resources(Model):
    requests: Quantities = {"cpu": "100m", "memory": "128Mi"}
    """What the scheduler sets aside."""
    limits: Quantities = {"memory": "512Mi"}
    """No limit of cpu: a slowed-down operator is late with everything."""


class DisruptionBudget(Model):
    enabled: bool = True
    """A PodDisruptionBudget, so that a drain never takes all replicas."""
    max_unavailable: Count = 1
    """How many replicas a drain may take away at once."""


class NetworkPolicy(Model):
    enabled: bool = True
    """Nothing but metrics and probes in, nothing but name service and API server out."""
    api_server_ports: list[Port] = Field([443, 6443, 8443, 16443], min_length=1)
    """Ports under which API servers listen; network policies see the port behind the Service."""
    metrics_from: list[dict[str, Any]] = []
    """NetworkPolicyPeers that may read metrics; empty: everybody in the cluster."""


class ServiceMonitor(Model):
    enabled: bool = False
    """Needs the Prometheus operator, as do the rules."""
    interval: Duration = "30s"
    """How often metrics are read."""
    labels: Strings = {}
    """Labels by which your Prometheus finds it."""


class PrometheusRule(Model):
    enabled: bool = False
    """Recording rules and alerts."""
    runbook_url: str = Field("", pattern=r'^(https?://[^\s"\\$]*\{alert\}[^\s"\\$]*)?$')
    """Where the page about an alert is, with `{alert}` for its name; empty: alerts have the page's path in the repository only."""
    labels: Strings = {}
    """Labels by which your Prometheus finds it."""


class Dashboard(Model):
    enabled: bool = False
    """A ConfigMap with the dashboard, for Grafana's sidecar."""
    labels: Strings = {"grafana_dashboard": "1"}
    """Labels by which the sidecar finds it."""


class Metrics(Model):
    service_monitor: ServiceMonitor = ServiceMonitor()
    prometheus_rule: PrometheusRule = PrometheusRule()
    dashboard: Dashboard = Dashboard()


class Values(Model):
    """The chart installs the operator once per cluster: policies, definitions and roles have fixed names."""

    crds: Crds = Crds()
    executors: list[Name] = Field(
        [*_INSTALL.executors], min_length=1, max_length=16, json_schema_extra={"uniqueItems": True}
    )
    """Names of the service accounts that plans may run as, each in the plan's own namespace."""
    tenants: list[Tenant] = []
    """Namespaces to prepare for plans, as `kubectl countersign init` does: an executor account and its rights."""
    scope: Literal["cluster", "tenants"] = "cluster"
    """Where the operator may act as an executor: in every namespace, or in those of `tenants` and in its own only."""
    replicas: Annotated[int, Field(ge=0)] = 2
    """One works, the others are warm."""
    image: Image = Image()
    service_account: ServiceAccount = ServiceAccount()
    operator: Operator = Operator()
    resources: Resources = Resources()
    pod_disruption_budget: DisruptionBudget = DisruptionBudget()
    network_policy: NetworkPolicy = NetworkPolicy()
    metrics: Metrics = Metrics()
    pod_annotations: Strings = {}
    """In addition to the chart's own."""
    pod_labels: Strings = {}
    """In addition to the chart's own."""
    node_selector: Strings = {"kubernetes.io/os": "linux"}
    """Which nodes are possible."""
    tolerations: list[dict[str, Any]] = []
    """Which taints of nodes do not matter."""
    affinity: dict[str, Any] = {}
    """In addition to the spread over nodes and zones."""
    priority_class_name: str = ""
    """Empty: the cluster's default."""
