"""Addresses and bodies of requests."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.errors import Invalid
from countersign.model.effect import SERVICE_ACCOUNT, TOOL, ResourceKind
from countersign.shell.request import collection, encode, home, member, with_query

NAMESPACES = ResourceKind(group="", version="v1", kind="Namespace", plural="namespaces", namespaced=False)


def test_a_kind_of_a_group_and_one_of_the_core_have_different_roots():
    """The core group has no name and a root of its own."""
    assert member(TOOL, namespace="shop", name="echo") == "/apis/countersign.dev/v1alpha1/namespaces/shop/tools/echo"
    assert member(SERVICE_ACCOUNT, namespace="shop", name="x") == "/api/v1/namespaces/shop/serviceaccounts/x"


def test_a_subresource_follows_the_name():
    """Status is a subresource."""
    assert member(TOOL, namespace="shop", name="echo", subresource="status").endswith("/tools/echo/status")


def test_all_namespaces_are_one_collection():
    """A list over the cluster names no namespace."""
    assert collection(TOOL) == "/apis/countersign.dev/v1alpha1/tools"


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a%2Fb", "../secrets/x"])
def test_a_name_cannot_lead_to_another_address(name):
    """An empty name would address the collection, and the server decodes a slash before it looks."""
    with pytest.raises(Invalid, match="cannot be part of an address"):
        member(TOOL, namespace="shop", name=name)
    with pytest.raises(Invalid, match="cannot be part of an address"):
        collection(TOOL, name)


def test_unusual_names_are_encoded():
    """A question mark would begin the query."""
    assert member(NAMESPACES, namespace="", name="a?b#c d").endswith("/a%3Fb%23c%20d")


def test_a_namespace_is_given_exactly_when_the_kind_has_one():
    """One too few or too many would address something else."""
    with pytest.raises(Invalid, match="needs a namespace"):
        home(TOOL, "")
    with pytest.raises(Invalid, match="has no namespace"):
        home(NAMESPACES, "shop")


def test_parameters_without_a_value_are_left_out():
    """`force=` and `dryRun=` mean something to the server even when empty."""
    assert with_query("/p", {"force": "", "fieldManager": "a b"}) == "/p?fieldManager=a+b"
    assert with_query("/p", {"force": ""}) == "/p"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.dictionaries(st.text(), x)))
def test_a_body_says_in_json_what_it_was_given(value):
    """Escaping for YAML changes no value."""
    assert json.loads(encode({"value": value})) == {"value": value}


@given(st.text())
def test_a_body_contains_no_character_that_yaml_would_change_or_refuse(text):
    """Server-side apply is parsed as YAML, which turns U+0085 into a blank."""
    raw = encode({"value": text}).decode()

    assert not set(raw) & {*map(chr, range(0x7F, 0xA0)), *"\u2028\u2029\ufeff\ufffe\uffff"}


def test_a_body_writes_characters_beyond_the_basic_plane_as_themselves():
    """YAML refuses them as two escapes."""
    assert encode({"value": "\U0001f600"}) == '{"value":"\U0001f600"}'.encode()


def test_a_body_holds_no_numbers_that_json_does_not_know():
    """NaN would reach the server as a word."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode({"value": float("nan")})
