"""Notices to browsers, through a push service that checks VAPID and a browser that decrypts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from fastapi.testclient import TestClient
from sqlalchemy import select

from anlan.access import issue, seed_accounts
from anlan.access.desk import WALL, Desk
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.service.app import create_app
from anlan.store import schema
from anlan.warn import seed_contacts
from anlan.warn.channels import settings
from anlan.warn.channels.book import SealedBook
from anlan.warn.channels.channel import Line
from anlan.warn.channels.subscribing import subscribe
from anlan.warn.channels.web_push import (
    CURVE,
    Subscription,
    encrypt,
    packed,
    public_octets,
    read_subscription,
    unpacked,
)
from tests.warn.channels.office import START, Office
from tests.warn.channels.web import Provider, Request

KEY = packed(b"\x07" * 32)


def test_encryption_is_that_of_the_example_in_rfc_8291() -> None:
    """RFC 8291, section 5 and appendix A."""
    browser = Subscription(
        "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
        unpacked(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        ),
        unpacked("BTBZMqHH6r4Tts7J_aSIgg"),
    )
    number = int.from_bytes(unpacked("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    body = encrypt(
        b"When I grow up, I want to be a watermelon",
        browser,
        ec.derive_private_key(number, CURVE),
        unpacked("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert packed(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIg"
        "Dll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXL"
        "WyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


class Browser:
    """Keys of a browser, and the push service that keeps its messages."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(CURVE)
        self._secret = b"0123456789abcdef"
        self.notices: list[dict[str, Any]] = []
        self.headers: list[Any] = []
        self.status = 201
        self.url = ""

    def subscription(self) -> str:
        keys = {"p256dh": packed(public_octets(self._key)), "auth": packed(self._secret)}
        return json.dumps({"endpoint": self.url + "/push/abc", "keys": keys})

    def answer(self, request: Request) -> tuple[int, Any]:
        assert request.path == "/push/abc"
        self._check(request.headers["authorization"])
        self.headers.append(request.headers)
        if self.status == 201:
            self.notices.append(json.loads(self._open(request.body)))
        return self.status, {}

    def _check(self, said: str) -> None:
        token, key = (part.split("=", 1)[1] for part in said.removeprefix("vapid ").split(", "))
        head, claims, code = token.split(".")
        raw = unpacked(code)
        signature = encode_dss_signature(
            int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
        )
        public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, unpacked(key))
        public.verify(signature, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
        found = json.loads(unpacked(claims))
        assert found["aud"] == self.url
        assert found["sub"] == "mailto:duty@pinghu.example"
        assert 0 < found["exp"] - START.timestamp() <= 24 * 3600
        assert json.loads(unpacked(head)) == {"typ": "JWT", "alg": "ES256"}

    def _open(self, body: bytes) -> bytes:
        salt, length = body[:16], body[20]
        point, sealed = body[21 : 21 + length], body[21 + length :]
        sender = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
        shared = self._key.exchange(ec.ECDH(), sender)
        info = b"WebPush: info\0" + public_octets(self._key) + point
        material = HKDF(hashes.SHA256(), 32, self._secret, info).derive(shared)
        key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(material)
        nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(material)
        return AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\x02")


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def service(browser: Browser) -> Iterator[Provider]:
    made = Provider(browser.answer)
    browser.url = made.url
    yield made
    made.close()


@pytest.fixture
def line(
    office: Office, browser: Browser, service: Provider, monkeypatch: pytest.MonkeyPatch
) -> Line:
    monkeypatch.setenv("ANLAN_CHANNEL_BROWSER_KEY", KEY)
    office.allow("127.0.0.0/8")
    table = 'kind = "web_push"\nsubject = "mailto:duty@pinghu.example"\ntime_out_s = 0.3'
    return office.configure("browser", table, {"wang,web_push": browser.subscription()})


def test_the_browser_reads_the_text_and_nobody_between(
    office: Office, line: Line, browser: Browser, service: Provider
) -> None:
    name = office.plan("browser", "wang", "海塘水位上涨。\n请转移。")
    assert office.deliver() == {"sent": 1}
    assert browser.notices == [
        {
            "delivery": name,
            "title": "海塘水位上涨。",
            "body": "海塘水位上涨。\n请转移。",
            "repeat": 0,
        }
    ]
    assert "水位".encode() not in service.requests[0].body
    assert (browser.headers[0]["ttl"], browser.headers[0]["urgency"]) == ("3600", "high")


@pytest.mark.parametrize(
    ("status", "state"), [(404, "failed"), (410, "failed"), (413, "failed"), (429, "queued")]
)
def test_what_the_push_service_says_decides(
    office: Office, line: Line, browser: Browser, status: int, state: str
) -> None:
    browser.status = status
    office.plan("browser", "wang")
    assert office.deliver() == {state: 1}


@pytest.mark.parametrize(("fault", "state"), [("drop", "unknown"), ("slow", "unknown")])
def test_what_a_fault_means(
    office: Office, line: Line, service: Provider, fault: str, state: str
) -> None:
    service.faults = [fault]
    office.plan("browser", "wang")
    assert office.deliver() == {state: 1}


def test_an_endpoint_within_the_citys_network_is_not_asked(
    office: Office, browser: Browser, service: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANLAN_CHANNEL_BROWSER_KEY", KEY)
    table = 'kind = "web_push"\nsubject = "mailto:duty@pinghu.example"'
    office.configure("browser", table, {"wang,web_push": browser.subscription()})
    name = office.plan("browser", "wang")
    assert office.deliver() == {"failed": 1}
    assert office.row(name).reason == "refused by the outlet: endpoint not allowed"
    assert service.requests == []


def test_the_longest_text_fits_a_record(office: Office, line: Line, browser: Browser) -> None:
    office.plan("browser", "wang", "字" * line.longest)
    assert office.deliver() == {"sent": 1}


@pytest.fixture
def phone(
    office: Office, line: Line, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    """The phone of Wang, who has an account and no address in the city's file."""
    table = 'kind = "web_push"\nsubject = "mailto:duty@pinghu.example"\ntime_out_s = 0.3'
    opened = office.configure("browser", table)
    account = next(a.id for a in office.city.accounts.values() if a.role == "grid_worker")
    people = schema.person
    with office.store.transaction() as tx:
        seed_accounts(tx, office.city)
        tx.execute(people.update().where(people.c.id == "wang").values(account=account))
        tx.execute(schema.contact.delete())
        token = issue(Act(tx, office.clock.now(), "system"), account, "key", WALL.now())
    app = create_app(Desk(office.city, office.store, office.clock), None)
    app.state.lines = {"browser": opened}
    with TestClient(app, headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


def test_a_browser_subscribes_gets_notices_and_ends_them(
    office: Office, phone: TestClient, browser: Browser
) -> None:
    before = phone.get("/api/v1/me/push").json()
    assert (len(unpacked(before["key"])), before["mark"]) == (65, "")
    kept = phone.post("/api/v1/me/push", json=json.loads(browser.subscription()))
    assert kept.status_code == 200, kept.text
    assert phone.get("/api/v1/me/push").json()["mark"] == kept.json()["mark"] != ""
    assert browser.url.encode() not in office.everything_on_disk()
    with office.store.transaction() as tx:  # a restart reads the file again
        seed_contacts(Act(tx, office.clock.now(), "system"), office.city, office.vault)
    office.plan("browser", "wang")
    assert office.deliver() == {"sent": 1}
    assert [each["body"] for each in browser.notices] == ["水位上涨，请转移。"]
    assert phone.post("/api/v1/me/push/end").json() == {"ended": True}
    assert phone.post("/api/v1/me/push/end").json() == {"ended": False}
    assert phone.get("/api/v1/me/push").json()["mark"] == ""


def test_a_browser_that_is_gone_is_forgotten_and_no_other(
    office: Office, phone: TestClient, browser: Browser
) -> None:
    phone.post("/api/v1/me/push", json=json.loads(browser.subscription()))
    browser.status = 410
    office.plan("browser", "wang")
    assert office.deliver() == {"failed": 1}
    assert phone.get("/api/v1/me/push").json()["mark"] == ""
    book = SealedBook(office.store, office.vault, office.clock)
    phone.post("/api/v1/me/push", json=json.loads(browser.subscription()))
    book.forget("web_push", "wang", "another")
    assert phone.get("/api/v1/me/push").json()["mark"] != ""


def test_a_browser_that_another_person_takes_over_is_that_persons_alone(
    office: Office, phone: TestClient, browser: Browser
) -> None:
    given = json.loads(browser.subscription())
    with office.store.transaction() as tx:
        subscribe(Act(tx, office.clock.now(), "li"), office.vault, ["li"], given)
    phone.post("/api/v1/me/push", json=given)
    with office.store.read() as conn:
        assert set(conn.execute(select(schema.contact.c.person)).scalars()) == {"wang"}


@pytest.mark.parametrize(
    "given",
    [
        {"endpoint": "https://x", "keys": {"p256dh": "AA", "auth": "AA"}},
        {"endpoint": "ftp://x", "keys": {"p256dh": "AA", "auth": "AA"}},
        {"endpoint": "https://x"},
    ],
)
def test_what_is_no_subscription_is_not_kept(phone: TestClient, given: dict[str, Any]) -> None:
    assert phone.post("/api/v1/me/push", json=given).status_code in (400, 422)
    assert phone.get("/api/v1/me/push").json()["mark"] == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"keys": 5}',
        '{"endpoint": "https://x", "keys": {"p256dh": "AA", "auth": "AA"}}',
    ],
)
def test_what_is_no_subscription_is_told_apart(text: str) -> None:
    assert read_subscription(text) is None


def test_the_doctor_says_the_key_that_pages_need(
    office: Office, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = settings.read_channels(office.city)["browser"]
    words, public = settings.probe(office.city, found).split()
    assert (words, len(unpacked(public))) == ("applicationServerKey", 65)
    monkeypatch.setenv("ANLAN_CHANNEL_BROWSER_KEY", "short")
    with pytest.raises(Refusal, match="not 32 octets") as refused:
        settings.probe(office.city, found)
    assert "short" not in refused.value.message
