"""Who is who: certificates of one local authority."""

import datetime as dt
import subprocess
import sys

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from countersign.dev.certificates import Authority, new_authority

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)


def authority():
    return Authority(new_authority("countersign", now=NOW))


def values(certificate, oid):
    return [attribute.value for attribute in certificate.subject.get_attributes_for_oid(oid)]


def test_a_client_certificate_names_user_and_groups():
    """Where Kubernetes looks for them."""
    pair = authority().issue_client("alice", ("countersign:proposers", "staff"), now=NOW)
    certificate = x509.load_pem_x509_certificate(pair.public)

    assert values(certificate, NameOID.COMMON_NAME) == ["alice"]
    assert values(certificate, NameOID.ORGANIZATION_NAME) == ["countersign:proposers", "staff"]


def test_a_serving_certificate_is_for_this_machine():
    """Clients check the address they talk to."""
    pair = authority().issue_serving(("localhost",), ("127.0.0.1",), now=NOW)
    extension = x509.load_pem_x509_certificate(pair.public).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )

    assert [str(address) for address in extension.value.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]


def test_what_one_authority_signed_is_not_of_another():
    """Identities of one control plane are nobody on the next."""
    mine, other = new_authority("countersign", now=NOW), new_authority("countersign", now=NOW)
    certificate = x509.load_pem_x509_certificate(Authority(mine).issue_client("alice", (), now=NOW).public)

    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(mine.public))
    key = x509.load_pem_x509_certificate(other.public).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key != x509.load_pem_x509_certificate(mine.public).public_key()


def test_without_cryptography_the_message_says_what_to_install():
    """It is an optional extra."""
    program = "import sys; sys.modules['cryptography'] = None; import countersign.dev.certificates"

    failed = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (
        "ConfigurationError: The local control plane needs the Python package cryptography: pip install"
        in failed.stderr
    )
    assert "'countersign-operator[local]'" in failed.stderr
