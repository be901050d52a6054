"""In which order the actions of a plan may run."""

from hypothesis import given
from hypothesis import strategies as st
from tests.support.settings import MODEST

from countersign.core.graph import Graph, graph_of

NAMES = [f"a{number}" for number in range(8)]
GRAPHS = st.lists(st.lists(st.sampled_from(NAMES), max_size=3, unique=True), min_size=1, max_size=8).map(
    lambda needs: graph_of(list(zip(NAMES, needs, strict=False)))
)


def test_in_order():
    """If no action depends on any, each comes after the one before it."""
    graph = graph_of([("a", ()), ("b", ()), ("c", ())])
    assert (graph.ordered, graph.order, graph.cycle) == (True, (0, 1, 2), ())
    assert graph.before == (frozenset(), frozenset({0}), frozenset({0, 1}))
    assert not graph.unordered(0, 2)


def test_as_a_graph():
    """If any does, only what is said is in order; ids that the plan does not have say nothing."""
    graph = graph_of([("a", ("b", "nobody")), ("b", ()), ("c", ())])
    assert (graph.ordered, graph.before) == (False, (frozenset({1}), frozenset(), frozenset()))
    assert graph.place[1] < graph.place[0]
    assert (graph.unordered(0, 1), graph.unordered(0, 2), graph.unordered(0, 0)) == (False, True, False)


def test_twice_the_same_id():
    """The first action of that id is meant; that there are two is said elsewhere."""
    assert graph_of([("a", ()), ("a", ()), ("b", ("a",))]).needs[2] == frozenset({0})


def test_cycle():
    """A cycle is named from its first action round to it; then nothing comes before anything."""
    graph = graph_of([("a", ("c",)), ("b", ("a",)), ("c", ("b",)), ("d", ("a",))])
    assert graph.cycle in ((0, 2, 1, 0), (1, 0, 2, 1), (2, 1, 0, 2))
    assert graph.before == (frozenset(),) * 4
    assert graph_of([("a", ("a",))]).cycle == (0, 0)


def test_nothing():
    """A plan without actions has no order."""
    assert (Graph().order, Graph().before, Graph().cycle) == ((), (), ())


@MODEST
@given(GRAPHS)
def test_any_graph(graph):
    """Every action stands once in the order, after all that it needs, and before is what can be reached."""
    assert sorted(graph.order) == list(range(len(graph.needs)))
    if graph.cycle:
        assert graph.cycle[0] == graph.cycle[-1]
        assert all(need in graph.needs[one] for one, need in zip(graph.cycle, graph.cycle[1:], strict=False))
        return
    for index, needs in enumerate(graph.needs):
        assert all(graph.place[need] < graph.place[index] for need in needs)
        assert graph.before[index] == needs.union(*(graph.before[need] for need in needs))
