"""Nothing is done unless the gate is open: random plans, people and moments against an oracle written from the specification.

The oracle asks none of the code's own functions. It looks at the record, the annotations and the clock.
"""

import json
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import event, given
from hypothesis import strategies as st
from tests.support.lives import Life, Turn
from tests.support.pretend import World
from tests.support.settings import MODEST
from tests.support.snapshots import DOWN, NOW, RULES, a_spec, a_stamp, authors_text, some_actions

from countersign.api.approval_status import Decision
from countersign.api.names import AUTHORS, DECISION, RETRY
from countersign.core.snapshot import Guard, Snapshot
from countersign.core.steps import Act, Start
from countersign.core.turn import next_step

SPEC = a_spec(*some_actions(2))
WAITING = Life(SPEC).turn()
CURRENT = WAITING.status.digest
OTHER = "sha256:" + "0" * 64
PEOPLE = ("pat", "ann", "bob", "system:serviceaccount:team-a:robot")
OUTCOMES = ("approve", "approve", "approve", "reject", "revise", "revoke")
DIGESTS = (CURRENT, CURRENT, CURRENT, OTHER)


def _mostly(likely, *others):
    """Many things have to be right at once for a gate to open, so each is right most of the time."""
    return st.sampled_from((likely,) * 7 + others)


RECORDED = st.builds(
    Decision,
    n=st.uuids().map(str),
    outcome=st.sampled_from(OUTCOMES),
    by=st.sampled_from(PEOPLE[:3]),
    digest=st.sampled_from(DIGESTS),
    at=st.just("2030-01-01T12:00:00Z"),
    counts=_mostly(True, False),
)
STAMPS = st.none() | st.builds(
    lambda outcome, quotes, by: a_stamp(outcome, quotes=quotes, by=by, n="new"),
    st.sampled_from(OUTCOMES),
    st.sampled_from((*DIGESTS, f"{CURRENT} fine", f"{CURRENT}x", f"x{CURRENT}")),
    st.sampled_from(PEOPLE),
)
CASES = st.fixed_dictionaries(
    {
        "decisions": st.lists(RECORDED, max_size=4),
        "stamp": STAMPS,
        "known": _mostly(["pat"], [], ["pat", "ann"], ["unknown author"]),
        "named": _mostly(["pat"], ["ann"], ["pat", "bob"], None),
        "phase": _mostly(
            ("Draft", "AwaitingApproval"), ("Approved", "Suspended"), ("Draft", "Expired"), ("Draft", "Invalid")
        ),
        "digest": _mostly(CURRENT, OTHER, None),
        "consumed": _mostly(None, "2030-01-01T11:00:00Z"),
        "expires": _mostly("2030-01-02T12:00:00Z", "2030-01-01T12:00:01Z", "soon", None),
        "generation": _mostly(1, 2),
        "spec": _mostly({}, {"suspend": True}, {"cancel": True}, {"validateOnly": True}, {"description": "x"}),
        "later": _mostly(0, 1, 23 * 3600, 24 * 3600),
        "guard": _mostly(Guard(), DOWN, Guard(ok=False, message="?", asked=False)),
        "distrusted": _mostly(False, True),
        "deleting": _mostly(False, True),
        "retry": _mostly(None, "1", "2"),
        "meddled": _mostly(False, True),
    }
)


def _snapshot(case):
    approval = WAITING.status.approval.but(
        decisions=case["decisions"],
        recorded=case["decisions"][-1].n if case["decisions"] else None,
        authors=case["known"],
        generation=1,
        consumed_at=case["consumed"],
        expires_at=case["expires"],
    )
    phase, reason = case["phase"]
    status = WAITING.status.but(phase=phase, reason=reason, digest=case["digest"], approval=approval)
    annotations = dict(case["stamp"] or {})
    if case["named"] is not None:
        annotations[AUTHORS] = authors_text(*case["named"])
    if case["retry"]:
        annotations[RETRY] = case["retry"]
    plan = replace(
        WAITING.plan,
        spec={**SPEC, **case["spec"]},
        status=status,
        annotations=annotations,
        generation=case["generation"],
        distrusted=case["distrusted"],
        deleting=case["deleting"],
    )
    return Snapshot(plan, NOW + timedelta(seconds=case["later"]), RULES, case["guard"], 0.5)


def _standing(case, now):
    """The last word of each person about the current digest, as far as it counts."""
    said = {one.by: one.outcome for one in case["decisions"] if one.counts and one.digest == CURRENT}
    stamp = json.loads((case["stamp"] or {}).get(DECISION, "null"))
    if stamp and stamp["quotes"].split(" ")[0] == CURRENT and not case["distrusted"] and not case["consumed"]:
        person = stamp["by"] not in _authors(case) and not stamp["by"].startswith("system:")
        in_time = now < datetime.fromisoformat(case["expires"])
        if stamp["outcome"] != "approve" or (person and in_time):
            said[stamp["by"]] = stamp["outcome"]
    return said


def _authors(case):
    return {*case["known"], *(case["named"] or ["unknown author"])}


def _may_start(case, now):
    """The specification, sections 6 and 7, for one digest that is published and waits."""
    readable = case["expires"] and case["expires"] != "soon"
    published = case["digest"] == CURRENT and readable and not case["consumed"] and not case["meddled"]
    renewed = case["phase"] == ("Draft", "Expired") and case["retry"] == "1"
    if not published or renewed or case["spec"] or case["deleting"] or not case["guard"].ok:
        return False
    edited = case["generation"] != 1 or not set(case["named"] or ["unknown author"]) <= set(case["known"])
    authors = _authors(case) | ({"unknown author"} if case["distrusted"] and edited else set())
    if "unknown author" in authors or now >= datetime.fromisoformat(case["expires"]):
        return False
    said = _standing(case, now)
    approved = [by for by, outcome in said.items() if outcome == "approve" and by not in authors]
    return bool(approved) and not {"reject", "revise"} & set(said.values())


@MODEST
@given(CASES)
def test_start(case):
    """A plan starts exactly when enough people who are no authors stand behind its digest, in time, and nobody against it."""
    snapshot, world = _snapshot(case), World()
    if case["meddled"]:
        world.meddle("tool-1", riskTags=["pii"])
    turn, step = Turn(snapshot, world), next_step(snapshot)
    while step is not None and not isinstance(step, Start | Act):
        step = turn.after(step)
    expected = _may_start(case, snapshot.now)
    event(f"starts: {expected}")
    assert isinstance(step, Start) is expected
    if isinstance(step, Start):
        assert step.status.execution.digest == CURRENT
        assert step.status.approval.consumed_at


STARTED = Life(SPEC).turn().decide()
STARTED.crash_in = 2
STARTED.turn()
STATES = st.sampled_from(("pending", "running", "waiting", "unknown", "applied", "failed", "skipped"))
RUNS = st.fixed_dictionaries(
    {
        "states": st.tuples(STATES, STATES),
        "spec": _mostly({}, {"suspend": True}, {"cancel": True}, {"description": "x"}),
        "deleting": _mostly(False, True),
        "guard": _mostly(Guard(), DOWN),
        "stamp": STAMPS,
        "digests": _mostly(None, "sha256:" + "1" * 64),
        "meddled": _mostly(False, True),
        "known": st.lists(st.sampled_from(PEOPLE), max_size=3),
    }
)


@MODEST
@given(RUNS)
def test_act(case):
    """A running plan does only what was approved, in order, and nothing while it is held, cancelled or going."""
    status = STARTED.status
    assert status.phase == "Executing"
    entries = [entry.but(status=state) for entry, state in zip(status.actions, case["states"], strict=True)]
    if case["digests"]:
        entries[1] = entries[1].but(effect_digests=[case["digests"]])
    plan = replace(
        STARTED.plan,
        spec={**SPEC, **case["spec"]},
        status=status.but(actions=entries, approval=status.approval.but(authors=case["known"])),
        deleting=case["deleting"],
        annotations={**STARTED.annotations, **(case["stamp"] or {})},
    )
    world = World()
    if case["meddled"]:
        world.meddle("tool-1", riskTags=["pii"])
    acted = _acts(Snapshot(plan, NOW, RULES, case["guard"], 0.5), world)
    if case["spec"].keys() & {"suspend", "cancel"} or case["deleting"] or "failed" in case["states"][:1]:
        assert acted == []
    tried = [attempt for act in acted for attempt in act.attempts]
    assert [attempt.action for attempt in tried] == sorted({attempt.action for attempt in tried})
    approved = {entry.id: entry.effect_digests for entry in STARTED.status.actions}
    for attempt in tried:
        assert [write.digest for write in attempt.writes] == approved[attempt.action]
    for act in acted:
        assert act.status.execution.digest == act.status.digest == STARTED.status.digest
        assert act.status.approval.counted == ["ann"]
    assert set(world.writes) <= {attempt.action for attempt in tried} - ({"tool-1"} if case["meddled"] else set())


def _acts(snapshot, world):
    """Everything that is done until the turn ends, or the run is interrupted."""
    turn, step, acted = Turn(snapshot, world), next_step(snapshot), []
    while step is not None and turn.snapshot.plan.status.phase == "Executing":
        if isinstance(step, Act):
            acted.append(step)
        step = turn.after(step)
    return acted
