"""The names that Kubernetes accepts."""

import pytest
from pydantic import TypeAdapter, ValidationError

from countersign.model.name import Label, Subdomain


@pytest.mark.parametrize("name", ["a", "payments-api", "3scale", "a" * 63])
def test_label(name):
    """A label is also a subdomain."""
    assert TypeAdapter(Label).validate_python(name) == TypeAdapter(Subdomain).validate_python(name) == name


@pytest.mark.parametrize("name", ["a.b", "payments.api.v1", "a" * 64])
def test_subdomain_only(name):
    """Dots and more than 63 characters make a name that is no label."""
    assert TypeAdapter(Subdomain).validate_python(name) == name
    with pytest.raises(ValidationError):
        TypeAdapter(Label).validate_python(name)


@pytest.mark.parametrize(
    "name", ["", "Payments", "a_b", "-a", "a-", "a\n", "a..b", ".a", "a.", "ä", "../a", "a/b", "a" * 254]
)
@pytest.mark.parametrize("kind", [Label, Subdomain])
def test_refused(name, kind):
    """What Kubernetes would refuse is refused here."""
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(name)
