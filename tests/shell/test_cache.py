"""What a store believes when events come late, twice, out of order or not at all."""

from hypothesis import given
from hypothesis import strategies as st
from tests.support.clock import Clock
from tests.support.settings import MODEST

from countersign.api.names import PLAN_UID
from countersign.model.effect import SERVICE_ACCOUNT, TOOL
from countersign.shell.cache import Cache, Difference, Store
from countersign.shell.key import Key
from countersign.shell.packed import pack

ECHO = Key("shop", "echo")
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def tool(version, *, name="echo", uid="u1", namespace="shop", spec="a", plan=None, **metadata):
    labels = {PLAN_UID: plan} if plan else {}
    own = {"namespace": namespace, "name": name, "uid": uid, "resourceVersion": str(version), "labels": labels}
    return {"metadata": own | metadata, "spec": spec}


def store_with(*contents, clock=None):
    store = Store(TOOL, clock=clock or Clock(0.0))
    for content in contents:
        store.upsert(content)
    return store


def names(contents):
    return [content["metadata"]["name"] for content in contents]


# Events


def test_a_new_object_is_a_change():
    """And is found by its key from then on."""
    store = Store(TOOL, clock=Clock(0.0))

    assert store.upsert(tool(1)) is True
    assert store.get(ECHO) == tool(1)


def test_an_object_without_a_namespace_has_the_empty_one():
    """Cluster-wide kinds have stores as well."""
    store = store_with({"metadata": {"name": "p", "uid": "u", "resourceVersion": "1"}})

    assert store.keys() == (Key("", "p"),)
    assert (str(Key("", "p")), str(ECHO)) == ("p", "shop/echo")


def test_the_same_state_again_is_no_change():
    """Watches repeat themselves after a reconnect."""
    assert store_with(tool(1)).upsert(tool(1)) is False


def test_an_older_state_is_ignored():
    """Versions are compared as numbers: 9 is older than 10."""
    store = store_with(tool(10, spec="new"))

    assert store.upsert(tool(9, spec="old")) is False
    assert store.get(ECHO)["spec"] == "new"


def test_a_newer_state_of_the_same_content_is_stored_but_is_no_change():
    """The version is needed for compare-and-apply; nobody needs to work because of it."""
    store = store_with(tool(1))

    assert store.upsert(tool(2, managedFields=[{}])) is False
    assert store.get(ECHO)["metadata"]["resourceVersion"] == "2"


def test_versions_that_are_no_numbers_count_by_arrival():
    """Then the later word is believed."""
    store = store_with(tool("x", spec="old"))

    assert store.upsert(tool("b", spec="new")) is True
    assert store.upsert(tool("b", spec="new")) is False


def test_what_nobody_reads_is_not_kept():
    """The managedFields and the copy of kubectl are half of most objects."""
    annotations = {LAST_APPLIED: "{}", "keep": "me"}
    store = store_with(
        tool(1, managedFields=[{}], annotations=annotations), tool(2, name="b", annotations={LAST_APPLIED: ""})
    )

    assert store.get(ECHO)["metadata"]["annotations"] == {"keep": "me"}
    assert "managedFields" not in store.get(ECHO)["metadata"]
    assert "annotations" not in store.get(Key("shop", "b"))["metadata"]


def test_the_event_itself_is_left_alone():
    """It belongs to kopf."""
    event = tool(1, managedFields=[{}], annotations={LAST_APPLIED: ""})
    store_with(event)

    assert "managedFields" in event["metadata"]
    assert LAST_APPLIED in event["metadata"]["annotations"]


# Deletions


def test_a_deleted_object_is_gone():
    """Deleting it twice is no change."""
    store = store_with(tool(1))

    assert store.remove(pack(tool(2))) is True
    assert store.remove(pack(tool(2))) is False
    assert store.get(ECHO) is None


def test_a_late_event_does_not_bring_back_a_deleted_object():
    """Also when the deletion came before anything else was known of it."""
    for store in (store_with(tool(1)), store_with()):
        store.remove(pack(tool(5)))

        assert store.upsert(tool(4)) is False
        assert store.upsert(tool(3, uid="u0")) is False
        assert len(store) == 0


def test_a_new_object_of_a_deleted_name_is_known():
    """It is newer than the deletion."""
    store = store_with(tool(1))
    store.remove(pack(tool(5)))

    assert store.upsert(tool(6, uid="u2")) is True


def test_an_object_that_left_the_selection_of_a_watch_may_come_back():
    """Removing the label looks like a deletion, but the uid lives on."""
    store = store_with(tool(1))
    store.remove(pack(tool(5)))

    assert store.upsert(tool(6)) is True


def test_a_late_deletion_does_not_take_away_the_successor():
    """The deletion of the predecessor is older than the successor."""
    store = store_with(tool(7, uid="u2"))

    assert store.remove(pack(tool(5, uid="u1"))) is False
    assert store.get(ECHO) is not None


def test_an_older_deletion_does_not_replace_a_newer_one():
    """The grave remembers the highest version."""
    store = store_with()
    store.remove(pack(tool(9, uid="u2")))
    store.remove(pack(tool(5, uid="u1")))

    assert store.upsert(tool(8, uid="u2")) is False


def test_without_comparable_versions_the_uid_decides():
    """A deleted uid stays away, another comes in."""
    store = store_with(tool("x"))

    assert store.remove(pack(tool("y", uid="other"))) is False
    assert store.remove(pack(tool("y"))) is True
    assert store.upsert(tool("z")) is False
    assert store.upsert(tool("z", uid="u2")) is True


def test_graves_are_cleared_after_half_an_hour():
    """No event is that late, and memory is not for ever."""
    clock = Clock(0.0)
    store = store_with(clock=clock)
    store.remove(pack(tool(5)))
    clock.now += 1799
    store.remove(pack(tool(6, name="b")))
    assert store.upsert(tool(4)) is False

    clock.now += 1
    store.remove(pack(tool(7, name="c")))

    assert store.upsert(tool(4)) is True


# The sweep


def test_a_complete_list_tells_what_the_watch_missed():
    """Added, changed and vanished, each sorted."""
    store = store_with(tool(1, name="same"), tool(2, name="old"), tool(3, name="gone"))

    listed = [tool(9, name="new"), tool(1, name="same"), tool(8, name="old", spec="b")]
    difference = store.replace(map(pack, listed), resource_version="10")

    assert difference == Difference(
        added=(Key("shop", "new"),), changed=(Key("shop", "old"),), vanished=(Key("shop", "gone"),)
    )
    assert names(store.all()) == ["new", "old", "same"]


def test_a_list_does_not_undo_what_was_seen_after_it():
    """Watch and list overtake each other."""
    store = store_with(tool(12, name="created"), tool(13, name="updated", spec="new"))
    store.remove(pack(tool(14, name="deleted")))

    difference = store.replace(map(pack, [tool(5, name="updated"), tool(6, name="deleted")]), resource_version="10")

    assert difference == Difference()
    assert names(store.all()) == ["created", "updated"]
    assert store.get(Key("shop", "updated"))["spec"] == "new"


def test_what_vanished_is_not_brought_back_by_a_late_event():
    """The list is a deletion that nobody announced."""
    store = store_with(tool(1))
    store.replace([], resource_version="10")

    assert store.upsert(tool(9)) is False
    assert store.upsert(tool(11, uid="u2")) is True


def test_without_comparable_versions_a_list_is_believed():
    """What is not in it is gone."""
    store = store_with(tool("x"))

    assert store.replace([], resource_version="y").vanished == (ECHO,)


def test_a_store_is_synced_after_its_first_complete_list():
    """Before that, absence means nothing."""
    cache = Cache([TOOL, SERVICE_ACCOUNT], clock=Clock(0.0))
    assert cache.synced is False

    cache[TOOL].replace([], resource_version="1")
    assert (cache[TOOL].synced, cache.synced) == (True, False)

    cache[SERVICE_ACCOUNT].replace([], resource_version="1")
    assert cache.synced is True


# The index


def test_whoever_got_an_object_may_change_it():
    """It is a copy: the store keeps its own."""
    store = store_with(tool(1))

    store.get(ECHO)["spec"] = "changed"

    assert store.get(ECHO) == tool(1)


def test_all_objects_are_unpacked_once():
    """As long as none of them changes."""
    store = store_with(tool(1), tool(2, name="other"))
    before = store.all()

    assert store.all() is before
    store.upsert(tool(3, name="third"))
    assert names(store.all()) == ["echo", "other", "third"]
    store.remove(pack(tool(4, name="third")))
    assert names(store.all()) == ["echo", "other"]


def test_which_object_it_is_can_be_asked_without_unpacking_it():
    """Of one and of each."""
    store = store_with(tool(1))

    assert (store.resting(ECHO).uid, store.resting(ECHO).version) == ("u1", "1")
    assert store.resting(Key("shop", "other")) is None
    assert [packed.key for packed in store.each()] == [ECHO]


def test_objects_are_found_by_namespace():
    """As long as they are there, in order of their names."""
    store = store_with(tool(1, name="b"), tool(2, name="a"), tool(3, name="c", namespace="other"))

    assert names(store.of_namespace("shop")) == ["a", "b"]
    store.remove(pack(tool(4, name="a")))
    store.remove(pack(tool(5, name="b")))
    assert (store.of_namespace("shop"), names(store.of_namespace("other"))) == ((), ["c"])


def test_objects_are_found_by_the_plan_they_belong_to():
    """In the order of their names."""
    store = store_with(tool(1, name="b", plan="p1"), tool(2, name="a", plan="p1"), tool(3, name="c", plan="p2"))

    assert names(store.of_plan("p1")) == ["a", "b"]
    assert store.of_plan("unknown") == ()


def test_the_index_follows_label_and_deletion():
    """An object belongs to the plan it names now."""
    store = store_with(tool(1, plan="p1"), tool(2, name="b", plan="p1"))
    store.upsert(tool(3, plan="p2"))
    store.remove(pack(tool(4, name="b", plan="p1")))

    assert (store.of_plan("p1"), names(store.of_plan("p2"))) == ((), ["echo"])
    assert set(store._by_plan) == {"p2"}


# Any order


HISTORY = st.lists(st.sampled_from(["put", "delete"]), min_size=1, max_size=12)


@MODEST
@given(history=HISTORY, data=st.data())
def test_events_in_any_order_end_in_the_true_state(history, data):
    """Each event at least once, shuffled and repeated: what remains is what the last one says."""
    events, uid = [], 0
    for version, what in enumerate(history, start=1):
        events.append((what, tool(version, uid=f"u{uid}", spec=str(version))))
        uid += what == "delete"
    store = store_with()

    for what, content in data.draw(st.permutations(events + data.draw(st.lists(st.sampled_from(events))))):
        store.upsert(content) if what == "put" else store.remove(pack(content))

    last, content = events[-1]
    assert store.get(ECHO) == (content if last == "put" else None)


@MODEST
@given(history=HISTORY, data=st.data())
def test_a_list_makes_up_for_every_event_that_was_lost(history, data):
    """Whatever the watch delivered before, after the sweep the store is right."""
    events, live = [], {}
    for version, what in enumerate(history, start=1):
        name = data.draw(st.sampled_from("ab"))
        content = tool(
            version, name=name, uid=name + str(version) if name not in live else live[name]["metadata"]["uid"]
        )
        events.append((what, content))
        live.pop(name, None)
        if what == "put":
            live[name] = content
    store = store_with()

    for what, content in data.draw(st.lists(st.sampled_from(events))):
        store.upsert(content) if what == "put" else store.remove(pack(content))
    store.replace(map(pack, live.values()), resource_version=str(len(history)))

    assert {content["metadata"]["name"]: content for content in store.all()} == live


def test_a_cache_has_a_store_for_each_kind_that_is_watched():
    """Others have to be asked for."""
    cache = Cache([TOOL], clock=Clock(0.0))

    assert (TOOL in cache, SERVICE_ACCOUNT in cache) == (True, False)
    assert cache.stores == (cache[TOOL],)
    assert cache[TOOL].kind == TOOL
