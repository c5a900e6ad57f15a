"""The city's own signature on what it issues: receivers who pinned its certificate know it is hers.

``ANLAN_CAP_KEY_FILE`` and ``ANLAN_CAP_CERTIFICATE_FILE`` name PEM files outside the city folder.
Without both nothing is signed. A key that fails at the moment of issue holds up no warning: it goes
out unsigned, and the journal says so.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from anlan.cap.signature import PrivateKey, load_certificates, sign
from anlan.refusal import Refusal

KEY, CERTIFICATE = "ANLAN_CAP_KEY_FILE", "ANLAN_CAP_CERTIFICATE_FILE"


@dataclass(frozen=True)
class Signer:
    """A key and its certificate."""

    key: PrivateKey
    certificate: bytes

    def sign(self, document: bytes) -> bytes:
        """A CAP document with the city's signature."""
        return sign(document, self.key, load_certificates(self.certificate)[0])


def signer(now: datetime) -> Signer | None:
    """The city's key as the environment names it; None where it names none.

    Raises:
        Refusal: for a file that cannot be used, one without the other, or a certificate that does
            not hold at ``now``.
    """
    named = {name: os.environ.get(name) for name in (KEY, CERTIFICATE)}
    if not any(named.values()):
        return None
    octets = {name: _read(name, path) for name, path in named.items()}
    try:
        key = load_pem_private_key(octets[KEY], password=None)
        certificate = load_certificates(octets[CERTIFICATE])[0]
    except (ValueError, TypeError, IndexError) as problem:
        raise _refused(KEY, "holds no PEM key", "an RSA or EC key, no passphrase") from problem
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise _refused(KEY, "is a key of another kind", "an RSA or EC key")
    if key.public_key() != certificate.public_key():
        raise _refused(CERTIFICATE, "is not that of the key", "the certificate of the key")
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise _refused(CERTIFICATE, "does not hold now", "a certificate that does")
    return Signer(key, octets[CERTIFICATE])


def _read(name: str, path: str | None) -> bytes:
    if not path:
        raise _refused(name, "is not set, though the other is", "both")
    try:
        return Path(path).read_bytes()
    except OSError as problem:
        raise _refused(name, f"cannot be read ({problem.strerror})", "a PEM file") from problem


def _refused(name: str, what: str, remedy: str) -> Refusal:
    return Refusal(f"{name} {what}; give {remedy}", field=name, remedy=remedy)
