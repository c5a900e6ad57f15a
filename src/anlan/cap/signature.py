"""Whose words a signed message holds: XML signatures against keys that were agreed on before.

A signature proves that a holder of some key signed something. Both halves need care. The key must
be one that was pinned for the sender: whatever certificate the message brings along is not looked
at. And what is used must be what was signed: `verified` gives back the signed octets themselves,
and the caller reads the message from those, never from the document around them. A second alert
wrapped around, beside or inside the signed one therefore never reaches the reader.

Source: XML Signature Syntax and Processing 1.1 (W3C, 11 April 2013); OASIS CAP-v1.2, section
3.3.4.1 (enveloped signature in the alert element).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree
from signxml.algorithms import (
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.exceptions import SignXMLException
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from anlan.cap.alert import NAMESPACE
from anlan.cap.reading import parse

_METHODS = frozenset(
    {
        SignatureMethod.RSA_SHA256,
        SignatureMethod.RSA_SHA384,
        SignatureMethod.RSA_SHA512,
        SignatureMethod.ECDSA_SHA256,
        SignatureMethod.ECDSA_SHA384,
        SignatureMethod.ECDSA_SHA512,
    }
)
_DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})
_DSIG = "{http://www.w3.org/2000/09/xmldsig#}"
_XML = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class SignatureFault(ValueError):  # noqa: N818  the message is at fault
    """Why a message is not taken for its sender's own: one sentence."""


def load_certificates(pem: bytes) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM file.

    Raises:
        ValueError: when there is none or one cannot be read.
    """
    return tuple(x509.load_pem_x509_certificates(pem))


def is_signed(data: bytes) -> bool:
    """Whether the alert carries a signature at all. Raises `CapError` like `anlan.cap.read`."""
    return parse(data).find(f"{_DSIG}Signature") is not None


def verified(data: bytes, pinned: Sequence[x509.Certificate], now: datetime) -> bytes:
    """The signed alert: the canonical octets that one of the ``pinned`` keys signed.

    Read the message from what is returned and from nothing else.

    Args:
        data: the document.
        pinned: certificates agreed on for this sender; several while a key is being changed.
        now: moment at which the certificate must be valid, aware.

    Raises:
        CapError: for a document that `anlan.cap.read` would not even parse.
        SignatureFault: unsigned, signed by another key or by an algorithm that is no longer
            safe, changed since, or signed in part.
    """
    if not is_signed(data):
        raise SignatureFault("the message is not signed")
    if not pinned:
        raise SignatureFault("no key of this sender is pinned")
    root = etree.fromstring(data, etree.XMLParser(**_XML))
    if len(root.findall(f".//{_DSIG}Signature")) != 1:
        raise SignatureFault("the message has more than one signature")
    faults = []
    for certificate in pinned:
        try:
            found = _verify(root, certificate, now)
        except (SignXMLException, UnsupportedAlgorithm, ValueError, etree.LxmlError) as problem:
            words = (str(problem).splitlines() or [""])[0].strip(" :")
            faults.append(words[:160] or type(problem).__name__)
            continue
        return _octets(found)
    raise SignatureFault(f"no pinned key of this sender fits: {faults[-1]}")


def sign(data: bytes, key: PrivateKey, certificate: x509.Certificate) -> bytes:
    """The alert with an enveloped signature over all of it, last in the alert element.

    Args:
        data: a CAP document, as `anlan.cap.write` makes it; an older signature is not looked for.
        key: RSA or an elliptic curve; its algorithm with SHA-256.
        certificate: of the key; receivers pin it.

    Raises:
        CapError: for what is no CAP document.
        ValueError: for a key of another kind, or not that of the certificate.
    """
    parse(data)
    if key.public_key() != certificate.public_key():
        raise ValueError("the certificate is not that of the key; give its own")
    if isinstance(key, rsa.RSAPrivateKey):
        method = SignatureMethod.RSA_SHA256
    else:
        method = SignatureMethod.ECDSA_SHA256
    root = etree.fromstring(data, etree.XMLParser(**_XML))
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=method,
        digest_algorithm=DigestAlgorithm.SHA256,
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    signed = signer.sign(root, key=key, cert=pem)
    return bytes(etree.tostring(signed, xml_declaration=True, encoding="UTF-8"))


def _verify(root: etree._Element, certificate: x509.Certificate, now: datetime) -> VerifyResult:
    config = SignatureConfiguration(
        require_x509=True,
        location="./",
        expect_references=1,
        signature_methods=_METHODS,
        digest_algorithms=_DIGESTS,
        ignore_ambiguous_key_info=True,
        verification_time=now,
    )
    found = XMLVerifier().verify(root, x509_cert=certificate, expect_config=config)
    if isinstance(found, list):
        raise ValueError("the signature covers several things; one is expected")
    return found


def _octets(found: VerifyResult) -> bytes:
    reference = found.signature_xml.find(f"{_DSIG}SignedInfo/{_DSIG}Reference")
    if reference is None or reference.get("URI") != "":
        raise SignatureFault("the signature does not cover the whole message")
    signed = etree.fromstring(found.signed_data, etree.XMLParser(**_XML))
    if signed.tag != f"{{{NAMESPACE}}}alert":
        raise SignatureFault(f"what is signed is '{str(signed.tag)[:60]}', not an alert")
    return found.signed_data
