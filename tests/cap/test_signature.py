"""A signed message is its sender's own only by a pinned key, and only as far as it is signed."""

from datetime import timedelta

import pytest
from lxml import etree

from anlan.cap import NAMESPACE, CapError, SignatureFault, read, verified
from tests.cap.keys import NOW, Keys, new_keys
from tests.cap.test_hostile import PLAIN

DSIG = "{http://www.w3.org/2000/09/xmldsig#}Signature"
CAP = f"{{{NAMESPACE}}}"


@pytest.fixture(scope="module")
def met() -> Keys:
    return new_keys()


@pytest.fixture(scope="module")
def signed(met: Keys) -> bytes:
    return met.sign(PLAIN.encode())


def test_a_message_signed_by_the_pinned_key_is_read_from_what_was_signed(
    met: Keys, signed: bytes
) -> None:
    octets = verified(signed, [met.certificate], NOW)
    assert b"Signature" not in octets
    assert read(octets) == read(PLAIN.encode())


def test_while_a_key_is_changed_either_one_holds(met: Keys, signed: bytes) -> None:
    assert read(verified(signed, [new_keys().certificate, met.certificate], NOW))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Severe", b"Minor"),
        (b"<sender>a@b.cn", b"<sender>c@d.cn"),
        (b"30,121 30,122", b"30,1 30,2"),
    ],
)
def test_a_message_changed_after_signing_is_refused(
    met: Keys, signed: bytes, old: bytes, new: bytes
) -> None:
    with pytest.raises(SignatureFault, match="no pinned key of this sender fits"):
        verified(signed.replace(old, new), [met.certificate], NOW)


def test_a_certificate_inside_the_message_is_not_looked_at(met: Keys) -> None:
    stranger = new_keys("met")  # the same name, another key, brought along in the message
    with pytest.raises(SignatureFault, match="no pinned key of this sender fits"):
        verified(stranger.sign(PLAIN.encode()), [met.certificate], NOW)


def test_unsigned_or_without_a_pinned_key_is_said_in_words(met: Keys, signed: bytes) -> None:
    with pytest.raises(SignatureFault, match="the message is not signed"):
        verified(PLAIN.encode(), [met.certificate], NOW)
    with pytest.raises(SignatureFault, match="no key of this sender is pinned"):
        verified(signed, [], NOW)


def test_a_certificate_out_of_its_time_is_no_key_any_more(signed: bytes) -> None:
    old = new_keys(start=NOW - timedelta(days=30), days=10)
    with pytest.raises(SignatureFault, match="no pinned key"):
        verified(old.sign(PLAIN.encode()), [old.certificate], NOW)
    assert verified(old.sign(PLAIN.encode()), [old.certificate], NOW - timedelta(days=25))


def wrapped_around(document: bytes) -> bytes:
    """The signed alert hidden in a new one that says something else."""
    inner = etree.fromstring(document)
    outer = etree.fromstring(PLAIN.replace("Severe", "Minor").replace("X1", "X9").encode())
    outer.append(inner)
    return bytes(etree.tostring(outer))


def signature_moved(document: bytes) -> bytes:
    """The signature taken out and put under another alert, with the signed one as an object."""
    inner = etree.fromstring(document)
    signature = inner.find(DSIG)
    assert signature is not None
    outer = etree.fromstring(PLAIN.replace("Severe", "Minor").encode())
    outer.append(signature)
    holder = etree.SubElement(signature, "{http://www.w3.org/2000/09/xmldsig#}Object")
    holder.append(inner)
    return bytes(etree.tostring(outer))


def second_info(document: bytes) -> bytes:
    """One more info beside the signed one."""
    root = etree.fromstring(document)
    info = root.find(f"{CAP}info")
    assert info is not None
    root.append(etree.fromstring(etree.tostring(info)))
    return bytes(etree.tostring(root))


def second_signature(document: bytes) -> bytes:
    root = etree.fromstring(document)
    signature = root.find(DSIG)
    assert signature is not None
    root.append(etree.fromstring(etree.tostring(signature)))
    return bytes(etree.tostring(root))


@pytest.mark.parametrize("attack", [wrapped_around, signature_moved, second_info, second_signature])
def test_wrapping_never_lets_unsigned_words_through(met: Keys, signed: bytes, attack) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises((SignatureFault, CapError)):
        verified(attack(signed), [met.certificate], NOW)


def test_a_comment_cannot_split_a_signed_word(met: Keys) -> None:
    # a reader that stops at a comment would see sender a@b.cn in what was signed as a@b.cn.evil
    signed = met.sign(PLAIN.replace("a@b.cn", "a@b.cn.evil").encode())
    split = signed.replace(b"a@b.cn.evil", b"a@b.cn<!-- -->.evil")
    assert read(verified(split, [met.certificate], NOW)).sender == "a@b.cn.evil"


def test_a_signature_over_a_part_is_no_signature_of_the_alert(met: Keys, signed: bytes) -> None:
    part = signed.replace(b'URI=""', b'URI="#info"')
    with pytest.raises(SignatureFault):
        verified(part, [met.certificate], NOW)


def test_a_doctype_is_refused_before_anything_else(met: Keys, signed: bytes) -> None:
    with pytest.raises(CapError, match="DOCTYPE"):
        verified(b'<!DOCTYPE a SYSTEM "http://127.0.0.1/x">' + signed, [met.certificate], NOW)
