"""What the dashboard shows: what needs a person first, then what became of plans, then how fast the operator works.

Its queries use metrics, not recording rules, so that it works without them. `dashboard` turns them into what Grafana imports.
"""

from countersign.observability.panel import Panel, Query, Row, Word, counted, happened, per_minute, plans, quantile

_PROCESSES = 'count(countersign_build_info{job=~"$job"})'
# Without an election every process leads.
_LEADING = f'sum(leader_election_master_status{{job=~"$job"}}) or {_PROCESSES}'
_LEADERS = (
    'max by (instance) (leader_election_master_status{job=~"$job"})'
    ' or max by (instance) (countersign_build_info{job=~"$job"})'
)
_STANDS = (Word(0, "lost", "red"), Word(1, "stands", "green"))
_LEADS = (Word(0, "stands by", "blue"), Word(1, "leads", "green"))
_GUARD = 'min(countersign_guard_ok{job=~"$job"})'
_BROKEN = 'sum(increase(countersign_break_glass_total{job=~"$job"}[$__range]))'

_NOW = Row(
    title="What needs a person",
    height=4,
    panels=(
        Panel(
            title="Guard",
            description="While the admission policies do not stand, nothing starts.",
            queries=(Query(_GUARD, "guard"),),
            kind="stat",
            words=_STANDS,
            red_below=1,
        ),
        Panel(
            title="Awaiting approval",
            description="Plans that wait for a decision: countersign list --pending -A.",
            queries=(Query(plans("AwaitingApproval", "PreviewChanged"), "plans"),),
            kind="stat",
            amber_from=1,
        ),
        Panel(
            title="Refused",
            description="Invalid, Blocked or Oversized: for their authors to mend.",
            queries=(Query(plans("Invalid", "Blocked", "Oversized"), "plans"),),
            kind="stat",
            amber_from=1,
        ),
        Panel(
            title="Untrusted",
            description="Written while the guard was lost: to be submitted again.",
            queries=(Query(plans("GuardMissing"), "plans"),),
            kind="stat",
            red_from=1,
        ),
        Panel(
            title="Failed",
            description="Runs that failed or were interrupted: to be retried.",
            queries=(Query(plans("ActionFailed", "Interrupted"), "plans"),),
            kind="stat",
            amber_from=1,
        ),
        Panel(
            title="Glass broken",
            description="Starts in the time that is shown; a condition says by whom.",
            queries=(Query(f"round({_BROKEN})", "plans"),),
            kind="stat",
            red_from=1,
        ),
        Panel(
            title="Processes",
            description="Operators that run.",
            queries=(Query(_PROCESSES, "running"),),
            kind="stat",
            red_below=1,
        ),
        Panel(
            title="Leading",
            description="Operators that work. One is right.",
            queries=(Query(_LEADING, "leading"),),
            kind="stat",
            red_below=1,
        ),
    ),
)

_PLANS = Row(
    title="Plans",
    panels=(
        Panel(
            title="Plans by phase and reason",
            description="All plans that exist, finished ones too.",
            queries=(Query('max by (phase, reason) (countersign_plans{job=~"$job"})', "{{phase}} {{reason}}"),),
            kind="areas",
        ),
        Panel(
            title="Actions that ended",
            description="By type and by how they ended.",
            queries=(Query(happened("countersign_actions_total", "type, status"), "{{type}} {{status}}"),),
            unit="cpm",
        ),
        Panel(
            title="Failed actions by reason",
            description="What the API server, or the time limit, had against them. The plan's message says which object and why.",
            queries=(Query(happened("countersign_action_failures_total", "reason"), "{{reason}}"),),
            unit="cpm",
        ),
    ),
)

_PEOPLE = Row(
    title="Decisions and what they rest on",
    panels=(
        Panel(
            title="Decisions",
            description="As recorded. One that does not count has its reason in the plan's status.",
            queries=(
                Query(happened("countersign_decisions_total", "outcome", 'counts="true"'), "{{outcome}}"),
                Query(
                    happened("countersign_decisions_total", "outcome", 'counts="false"'),
                    "{{outcome}}, does not count",
                ),
            ),
            unit="cpm",
        ),
        Panel(
            title="Guard",
            description="When the admission policies did not stand. Decisions of that time do not count.",
            queries=(Query(_GUARD, "guard"),),
            kind="states",
            words=_STANDS,
        ),
        Panel(
            title="Leader",
            description="Which replica held the Lease, and when another one took over.",
            queries=(Query(_LEADERS, "{{instance}}"),),
            kind="states",
            words=_LEADS,
        ),
    ),
)

_LENGTHS = Row(
    title="How long it takes",
    panels=(
        Panel(
            title="Until enough people have approved",
            description="Of the approvals in the hour before each moment.",
            queries=(
                Query(quantile(0.5, "countersign_approval_wait_seconds", over="1h"), "half"),
                Query(quantile(0.9, "countersign_approval_wait_seconds", over="1h"), "9 of 10"),
            ),
            unit="s",
        ),
        Panel(
            title="Actions, 9 of 10",
            description="In the hour before each moment, retries included, measured in whole seconds.",
            queries=(Query(quantile(0.9, "countersign_action_duration_seconds", "type", over="1h"), "{{type}}"),),
            unit="s",
        ),
        Panel(
            title="Until a turn begins",
            description="From the moment something happened to a plan until the operator looks at it.",
            queries=(
                Query(quantile(0.5, "workqueue_queue_duration_seconds"), "half"),
                Query(quantile(0.99, "workqueue_queue_duration_seconds"), "99 of 100"),
            ),
            unit="s",
        ),
    ),
)

_TURNS = Row(
    title="Turns",
    panels=(
        Panel(
            title="Turns by result",
            description="error and unavailable are repeated, each time after a longer pause.",
            queries=(Query(counted("controller_runtime_reconcile_total", "result"), "{{result}}"),),
            unit="cps",
        ),
        Panel(
            title="Length of turns",
            description="With all requests to the API server.",
            queries=(
                Query(quantile(0.5, "controller_runtime_reconcile_time_seconds"), "half"),
                Query(quantile(0.99, "controller_runtime_reconcile_time_seconds"), "99 of 100"),
            ),
            unit="s",
        ),
        Panel(
            title="Queue",
            description="Plans that wait for a turn, plans that have one, and how many may have one at once.",
            queries=(
                Query('max(workqueue_depth{job=~"$job",name="plan"})', "waiting"),
                Query('max(controller_runtime_active_workers{job=~"$job",controller="plan"})', "in a turn"),
                Query('max(controller_runtime_max_concurrent_reconciles{job=~"$job",controller="plan"})', "at most"),
            ),
        ),
        Panel(
            title="Oldest in the queue",
            description="Above the red line for 5 minutes, CountersignBacklog fires.",
            queries=(
                Query('max(countersign_workqueue_oldest_seconds{job=~"$job"})', "longest wait"),
                Query('max(workqueue_longest_running_processor_seconds{job=~"$job",name="plan"})', "longest turn"),
            ),
            unit="s",
            red_from=60,
        ),
    ),
)

_SERVER = Row(
    title="API server",
    panels=(
        Panel(
            title="Requests by answer",
            description="0 is no answer. What is refused (4xx) belongs to the plan that asked for it.",
            queries=(Query(counted("rest_client_requests_total", "code"), "{{code}}"),),
            unit="reqps",
        ),
        Panel(
            title="Length of requests, 99 of 100",
            description="By verb, without watches.",
            queries=(Query(quantile(0.99, "rest_client_request_duration_seconds", "verb"), "{{verb}}"),),
            unit="s",
        ),
        Panel(
            title="Lost on the way",
            description="Watches that had to be restarted, and events that were not written.",
            queries=(
                Query(per_minute("countersign_watch_restarts_total", "job"), "watches restarted"),
                Query(per_minute("countersign_events_dropped_total", "job"), "events dropped"),
            ),
            unit="cpm",
        ),
    ),
)

ROWS = (_NOW, _PLANS, _PEOPLE, _LENGTHS, _TURNS, _SERVER)
