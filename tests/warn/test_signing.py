"""What the city issues carries her signature, and a failing key holds up no warning."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from typer.testing import CliRunner

from anlan import cap
from anlan.cap.signature import SignatureFault, load_certificates, verified
from anlan.cli.commands import app
from anlan.refusal import Refusal
from anlan.store import schema
from anlan.warn.signing import CERTIFICATE, KEY, signer
from tests.warn.world import START, World


def make_key(folder: Path, name: str, days: int = 3650) -> tuple[Path, Path]:
    """A key and its own certificate, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begin = datetime(2021, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=days))
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=False, key_encipherment=False,
                data_encipherment=False, key_agreement=False, key_cert_sign=False, crl_sign=False,
                encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    files = folder / f"{name}.key", folder / f"{name}.pem"
    files[0].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    files[1].write_bytes(made.public_bytes(Encoding.PEM))
    return files


def issue(world: World) -> bytes:
    world.read("zhapu", 5.0, 5.0)
    (alert,) = world.evaluate()
    world.approve(alert, "duty-1", "boss")
    (row,) = world.rows(schema.alert, id=alert)
    return str(row.cap_xml).encode()


def test_receivers_who_pinned_the_certificate_know_the_message_is_the_citys(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = make_key(tmp_path, "city")
    _, other = make_key(tmp_path, "other")
    monkeypatch.setenv(KEY, str(key))
    monkeypatch.setenv(CERTIFICATE, str(certificate))
    document = issue(world)
    octets = verified(document, load_certificates(certificate.read_bytes()), START)
    assert cap.read(octets).identifier == cap.read(document).identifier
    with pytest.raises(SignatureFault):
        verified(document, load_certificates(other.read_bytes()), START)
    changed = document.replace("红色".encode(), "蓝色".encode())
    assert changed != document
    with pytest.raises(SignatureFault):
        verified(changed, load_certificates(certificate.read_bytes()), START)
    assert [each for each in cap.check(cap.read(document)) if each.severity == "error"] == []


def test_a_key_that_is_gone_holds_up_no_warning_and_shows_in_the_journal(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = make_key(tmp_path, "city")
    monkeypatch.setenv(KEY, str(key))
    monkeypatch.setenv(CERTIFICATE, str(certificate))
    key.unlink()
    assert b"Signature" not in issue(world)
    assert len(world.journal("alert.unsigned")) == 1


def test_what_cannot_be_used_is_named_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = make_key(tmp_path, "city")
    _, other = make_key(tmp_path, "other")
    assert signer(START) is None
    for named, said in (
        ((str(key), ""), "is not set"),
        ((str(tmp_path / "none"), str(certificate)), "cannot be read"),
        ((str(certificate), str(certificate)), "no PEM key"),
        ((str(key), str(other)), "not that of the key"),
    ):
        monkeypatch.setenv(KEY, named[0])
        monkeypatch.setenv(CERTIFICATE, named[1])
        with pytest.raises(Refusal, match=said):
            signer(START)
    monkeypatch.setenv(CERTIFICATE, str(certificate))
    monkeypatch.setenv(KEY, str(key))
    assert signer(START) is not None
    with pytest.raises(Refusal, match="does not hold now"):
        signer(START + timedelta(days=5000))


def validated(*options: str) -> dict[str, Any]:
    answer = CliRunner().invoke(app, ["alert", "validate", *options, "--json"])
    found: dict[str, Any] = json.loads(answer.stdout)
    assert answer.exit_code == (0 if found["accept"] else 1)
    return found


def test_the_terminal_accepts_what_the_pinned_key_signed_and_nothing_else(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = make_key(tmp_path, "city")
    _, other = make_key(tmp_path, "other")
    monkeypatch.setenv(KEY, str(key))
    monkeypatch.setenv(CERTIFICATE, str(certificate))
    message, plain = tmp_path / "signed.xml", tmp_path / "plain.xml"
    message.write_bytes(issue(world))
    assert validated(str(message), "--pinned", str(certificate))["accept"]
    refused = validated(str(message), "--pinned", str(other))
    assert refused["errors"][0].startswith("signature: ")
    unchecked = validated(str(message))
    assert unchecked["accept"]
    assert any("--pinned" in sentence for sentence in unchecked["warnings"])
    plain.write_bytes(re.sub(rb"(?s)<ds:Signature.*</ds:Signature>", b"", message.read_bytes()))
    assert validated(str(plain))["accept"]
    assert validated(str(plain), "--pinned", str(certificate))["errors"] == [
        "signature: the message is not signed"
    ]
