"""The certificate authority of one local control plane: who is the API server, and who are its users.

`pki` keeps what is issued here in the folder of the control plane; `kubeconfig` puts it into kubeconfigs. Imported only when a
control plane is started, since the package behind it is an optional extra.
"""

import datetime as dt
import ipaddress
from dataclasses import dataclass

from countersign.errors import ConfigurationError

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
except ModuleNotFoundError as error:
    raise ConfigurationError(
        "The local control plane needs the Python package cryptography: pip install 'countersign-operator[local]'"
    ) from error

_VALID = dt.timedelta(days=3650)
# Clocks of one machine may be set back.
_EARLY = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pair:
    """A private key and what proves it: a certificate, or just the public key. Both PEM."""

    public: bytes
    private: bytes


def new_authority(name: str, *, now: dt.datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        _builder(subject, issuer=subject, key=key, now=now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
    )
    return Pair(_pem(builder.sign(key, hashes.SHA256())), _private(key))


def new_key() -> Pair:
    """For signing the tokens of service accounts."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Pair(public, _private(key))


class Authority:
    """Issues certificates in the name of one authority."""

    def __init__(self, pair: Pair) -> None:
        key = serialization.load_pem_private_key(pair.private, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ConfigurationError(
                "The key of the certificate authority is of another kind than this version writes: start with --fresh"
            )
        self._key = key
        self._certificate = x509.load_pem_x509_certificate(pair.public)

    def issue_client(self, user: str, groups: tuple[str, ...], *, now: dt.datetime) -> Pair:
        """Kubernetes reads the user from the common name, and a group from each organization."""
        names = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
        subject = x509.Name([*names, x509.NameAttribute(NameOID.COMMON_NAME, user)])
        return self._issue(subject, usage=ExtendedKeyUsageOID.CLIENT_AUTH, alternatives=[], now=now)

    def issue_serving(self, names: tuple[str, ...], addresses: tuple[str, ...], *, now: dt.datetime) -> Pair:
        alternatives: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
        alternatives += [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        return self._issue(subject, usage=ExtendedKeyUsageOID.SERVER_AUTH, alternatives=alternatives, now=now)

    def _issue(
        self,
        subject: x509.Name,
        *,
        usage: x509.ObjectIdentifier,
        alternatives: list[x509.GeneralName],
        now: dt.datetime,
    ) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            _builder(subject, issuer=self._certificate.subject, key=key, now=now)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if alternatives:
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        return Pair(_pem(builder.sign(self._key, hashes.SHA256())), _private(key))


def _builder(
    subject: x509.Name, *, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: dt.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLY)
        .not_valid_after(now + _VALID)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
