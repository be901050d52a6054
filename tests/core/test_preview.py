"""What approvers are shown: the whole difference, sensitive values masked, in as many parts as it takes."""

from dataclasses import replace

import pytest
from tests.support.lives import Life
from tests.support.pretend import World
from tests.support.reviews import a_review
from tests.support.snapshots import a_plan, an_action, some_actions
from tests.support.tools import OAUTH2, a_connection

from countersign.api.preview import MASK
from countersign.core.preview import preview_name, previews, size
from countersign.model.change import MISSING, Change
from countersign.model.digest import canonical
from countersign.model.facts import Present, Previewed

DIGEST = "sha256:" + "0123456789abcdef" * 4


def _pages(review):
    return previews(review, digest=DIGEST, publication=3)


def _changes(review):
    (effect,) = _pages(review)[0].effects
    return {change.path: (change.change, change.old, change.new) for change in effect.changes}


def test_document():
    """One document names the plan, the digest and the publication, and each effect with its own digest."""
    review = a_review(*some_actions(2))
    (page,) = _pages(review)
    assert (page.plan, page.plan_uid, page.digest, page.publication) == ("plan", "uid-1", DIGEST, 3)
    assert (page.part, page.parts) == (1, 1)
    assert [(effect.action, effect.kind, effect.name, effect.operation) for effect in page.effects] == [
        ("tool-1", "Tool", "tool-1", "created"),
        ("tool-2", "Tool", "tool-2", "created"),
    ]
    assert page.effects[0].digest == review.actions[0].weighed[0].digest


def test_changes():
    """What is added, changed and removed, with the values before and after."""
    world = Life().approved().world
    world.tools["payments"].ours |= {"description": "old", "riskTags": ["pii"]}
    changes = _changes(a_review(an_action(key="v2", spec={"description": "new", "governance": {}}), world=world))
    assert changes == {
        "spec.description": ("changed", "old", "new"),
        "spec.governance": ("added", None, {}),
        "spec.riskTags": ("removed", ["pii"], None),
    }


def test_sensitive_values():
    """A sensitive value is masked, before and after; the reader sees that it changes."""
    connection = a_connection(authentication=OAUTH2)
    world = World(references={"payments-client": Present("1")})
    changes = _changes(a_review(an_action(spec={"connection": connection}), world=world))
    hidden = [path for path, (_, old, new) in changes.items() if MASK in (old, new)]
    assert hidden == ["spec.connection.authentication.oauth2Config.authParams.audience"]
    assert '"payments"' not in str(_pages(a_review(an_action(spec={"connection": connection}), world=world)))


def test_sensitive_values_in_a_list():
    """What appears as a whole is masked inside: a new Deployment shows its variables, but not their values."""
    review = a_review()
    item = review.actions[0].trials[0]
    effect = replace(item.effect, sensitive=(("spec", "containers", "*", "env", "*", "value"),))
    containers = [{"name": "agent", "env": [{"name": "CUSTOMER", "value": "4711"}]}]
    change = Change(("spec", "containers"), MISSING, containers)
    weighed = replace(item.weighed, effect=effect, changes=(change,))
    action = replace(review.actions[0], trials=(replace(item, weighed=weighed),))
    shown = [{"name": "agent", "env": [{"name": "CUSTOMER", "value": MASK}]}]
    assert _changes(replace(review, actions=(action,))) == {"spec.containers": ("added", None, shown)}


def test_warnings():
    """The API server's warnings are shown, as many and as long as there is room."""
    review = a_review()
    item = review.actions[0].trials[0]
    previewed = replace(item.preview, warnings=("x" * 5000, *map(str, range(30))))
    weighed = replace(item.weighed, previewed=previewed)
    action = replace(review.actions[0], trials=(replace(item, weighed=weighed),))
    (effect,) = _pages(replace(review, actions=(action,)))[0].effects
    assert isinstance(previewed, Previewed)
    assert (len(effect.warnings), len(effect.warnings[0])) == (20, 1024)


def test_long_paths():
    """A path that is longer than the document may hold is cut."""
    found = a_review(an_action(spec={"connection": a_connection(authentication=OAUTH2)}))
    (change, *_) = found.actions[0].weighed[0].changes
    weighed = replace(found.actions[0].weighed[0], changes=(replace(change, path=("x" * 3000,)),))
    trial = replace(found.actions[0].trials[0], weighed=weighed)
    page = _pages(replace(found, actions=(replace(found.actions[0], trials=(trial,)),)))[0]
    assert len(page.effects[0].changes[0].path) == 1024


def test_parts():
    """A long preview is split between effects; together the parts are the whole."""
    actions = some_actions(200, spec={"description": "d" * 1000, "capabilities": _capabilities()})
    review = a_review(plan=a_plan(*actions, spec_bytes=1))
    pages = _pages(review)
    assert len(pages) == 2
    assert [(page.part, page.parts) for page in pages] == [(1, 2), (2, 2)]
    assert [effect.action for page in pages for effect in page.effects] == [f"tool-{n}" for n in range(1, 201)]
    assert all(len(canonical(page.wire())) < 520 * 1024 for page in pages)
    assert size(review) == sum(len(canonical(effect.wire())) for page in pages for effect in page.effects)


def _capabilities():
    return [{"name": f"c{number}", "method": "GET", "path": "/" + "p" * 300} for number in range(5)]


def test_nothing_to_show():
    """A plan without a visible effect has one empty part."""
    (page,) = _pages(a_review(an_action(params={})))
    assert page.effects == []


class TestName:
    """The name of the document."""

    def test_reads_well(self):
        """It begins with the plan's name and ends with as much of the digest as makes forging one useless."""
        assert preview_name(a_plan(), digest=DIGEST) == "plan-0123456789abcdef0123456789abcdef01234567"
        assert preview_name(a_plan(), digest=DIGEST, part=2) == preview_name(a_plan(), digest=DIGEST) + "-2"

    @pytest.mark.parametrize("name", ["x" * 253, "x" * 199 + ".x", "x" * 198 + "-.x"], ids=["long", "a dot", "both"])
    def test_fits(self, name):
        """However the plan is called, the document has a name that Kubernetes accepts."""
        found = preview_name(a_plan(name=name), digest=DIGEST, part=9)
        assert len(found) <= 253
        assert found.startswith("x" * 190)
        assert ".-" not in found
        assert "--" not in found
