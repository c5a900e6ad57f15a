"""Keys and signed messages for tests, made anew each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import SignatureMethod
from signxml.signer import XMLSigner

NOW = datetime(2021, 7, 25, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Keys:
    """A private key with its certificate, valid around `NOW`."""

    private: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def sign(self, document: bytes) -> bytes:
        """``document`` with an enveloped signature."""
        signer = XMLSigner(signature_algorithm=SignatureMethod.ECDSA_SHA256)
        signed = signer.sign(etree.fromstring(document), key=self.private, cert=[self.certificate])
        return bytes(etree.tostring(signed))


def new_keys(
    name: str = "met", start: datetime = NOW - timedelta(days=1), days: float = 3650
) -> Keys:
    """A new key with a certificate for ``days`` from ``start``."""
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .sign(private, hashes.SHA256())
    )
    return Keys(private, certificate)
