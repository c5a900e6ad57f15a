"""Notices to browsers that asked for them: Web Push (RFC 8030), encrypted and signed.

::

    [browser]
    kind = "web_push"
    subject = "mailto:duty@pinghu.example"  # whom a push service may ask about our calls
    lasts_s = 3600                          # a browser that is away for longer hears it no more
    # ANLAN_CHANNEL_<NAME>_KEY: the VAPID private key, 32 octets in base64url

An address (kind ``web_push``; from the phone page, or of ``contacts.csv``) is what a browser's
``PushSubscription`` gives as JSON: ``endpoint`` and ``keys`` with ``p256dh`` and ``auth``. The
endpoint is whatever the browser says, so it is asked by the rules of ``[fetch]`` in city.toml: no
address of this machine or of a private network. Texts are encrypted for the browser (RFC 8291,
aes128gcm), calls signed for the push service (VAPID, RFC 8292). Accepted means 201 or 202; 404 and
410 mean that the browser is gone, and its address is forgotten. There is no receipt. Push services
are weak on the mainland: let no tier depend on it alone.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from anlan.observe.fetching import judge
from anlan.observe.sources import Table
from anlan.refusal import Refusal
from anlan.warn.channels.channel import Channel, Common, Line, Setup, side_by_side
from anlan.warn.channels.outlet import ActualMessage, Handed, Outcome
from anlan.warn.channels.post import Unanswered, Unsent, by_status, call

KIND = "web_push"
RECORD = 4096  # octets of the one record, which is all that push services take
LONGEST = 900  # characters: three octets each, the rest of a record is ours
SIGNED_FOR = timedelta(hours=12)
CURVE = ec.SECP256R1()
ALERT_TITLE = 60  # characters of the first line that stand in the title
CALLS_AT_ONCE = 8


@dataclass(frozen=True)
class Settings:
    """Whom a push service may ask, and how long it keeps a message."""

    subject: str
    lasts_s: int


@dataclass(frozen=True)
class Subscription:
    """A browser: where its push service is, its public key, and the secret that it shares."""

    endpoint: str
    key: bytes
    secret: bytes


def read_subscription(text: str) -> Subscription | None:
    """What a browser gave; None if it is no subscription."""
    try:
        found = json.loads(text)
        keys = found["keys"]
        key, secret = unpacked(keys["p256dh"]), unpacked(keys["auth"])
        endpoint = found["endpoint"]
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, key)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(endpoint, str) or urlsplit(endpoint).scheme not in ("https", "http"):
        return None
    return Subscription(endpoint, key, secret) if len(secret) == 16 else None


def unpacked(text: str) -> bytes:
    """The octets of base64url without its filling. Raises ValueError."""
    if not isinstance(text, str):
        raise ValueError("no text")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def packed(octets: bytes) -> str:
    """base64url without its filling."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def public_octets(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public key as an uncompressed point."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encrypt(
    text: bytes, browser: Subscription, own: ec.EllipticCurvePrivateKey, salt: bytes
) -> bytes:
    """One record of aes128gcm for the browser (RFC 8291, section 3; RFC 8188, section 2).

    Args:
        own: made for this message alone.
        salt: 16 random octets.
    """
    mine = public_octets(own)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, browser.key)
    shared = own.exchange(ec.ECDH(), theirs)
    info = b"WebPush: info\0" + browser.key + mine
    material = _derived(browser.secret, info, shared, 32)
    key = _derived(salt, b"Content-Encoding: aes128gcm\0", material, 16)
    nonce = _derived(salt, b"Content-Encoding: nonce\0", material, 12)
    sealed = AESGCM(key).encrypt(nonce, text + b"\x02", None)
    return salt + RECORD.to_bytes(4, "big") + bytes([len(mine)]) + mine + sealed


def _derived(salt: bytes, info: bytes, material: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(material)


def vapid(endpoint: str, subject: str, key: ec.EllipticCurvePrivateKey, now: datetime) -> str:
    """The Authorization of a call (RFC 8292): a token for the service, and our public key."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((now + SIGNED_FOR).timestamp()),
        "sub": subject,
    }
    head = packed(json.dumps({"typ": "JWT", "alg": "ES256"}).encode())
    text = f"{head}.{packed(json.dumps(claims).encode())}"
    r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    code = packed(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return f"vapid t={text}.{code}, k={packed(public_octets(key))}"


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    """The VAPID key. Raises `Refusal`, which does not say it."""
    try:
        octets = unpacked(text)
        if len(octets) != 32:
            raise ValueError("not 32 octets")
        return ec.derive_private_key(int.from_bytes(octets, "big"), CURVE)
    except (ValueError, InvalidKey):
        raise Refusal(
            "channels.toml: the VAPID key is not 32 octets in base64url; make one and keep it: "
            "browsers know the desk by it",
            field="key",
            remedy="32 octets in base64url",
        ) from None


class Push(Line):
    """Calls of push services."""

    address = KIND
    longest = LONGEST

    def __init__(self, setup: Setup[Settings]) -> None:
        super().__init__(setup.common, setup.book, setup.clock)
        self._own, self._rules = setup.settings, setup.fetch
        self._key = private_key(setup.secrets["key"])
        self.server_key = packed(public_octets(self._key))

    def let_out(self, messages: Sequence[tuple[ActualMessage, str]]) -> list[Handed]:
        """Some calls at a time."""
        return side_by_side(self._one, messages, CALLS_AT_ONCE)

    def _one(self, message: ActualMessage, address: str) -> Handed:
        browser = read_subscription(address)
        if browser is None:
            return Handed(Outcome.REFUSED, reason="no subscription")
        said = {
            "delivery": message.key,
            "title": (message.body.splitlines() or [""])[0][:ALERT_TITLE],
            "body": message.body,
            "repeat": message.repeat,
        }
        text = json.dumps(said, ensure_ascii=False).encode()
        body = encrypt(text, browser, ec.generate_private_key(CURVE), os.urandom(16))
        if len(body) > RECORD:
            return Handed(Outcome.REFUSED, reason="longer than a push service takes")
        headers = {
            "Authorization": vapid(
                browser.endpoint, self._own.subject, self._key, self.clock.now()
            ),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(self._own.lasts_s),
            "Urgency": "high",
        }
        try:
            _, _, addresses = judge(browser.endpoint, self._rules)
            answer = call(browser.endpoint, body, headers, self.common.time_out_s, addresses)
        except Refusal:
            return Handed(Outcome.REFUSED, reason="endpoint not allowed")
        except Unanswered:
            return Handed(Outcome.UNKNOWN, reason="no answer")
        except (Unsent, OSError):
            return Handed(Outcome.DEFERRED, reason="no connection")
        failed = by_status(answer)
        if failed is not None:
            return failed
        if 200 <= answer.status < 300:
            return Handed(Outcome.ACCEPTED)
        gone = answer.status in (404, 410)
        if gone:
            self.book.forget(KIND, message.to, address)
        return Handed(Outcome.REFUSED, reason="browser gone" if gone else f"HTTP {answer.status}")


class WebPush(Channel[Settings]):
    """Notices to browsers."""

    kind = KIND
    title = "浏览器推送 web push"
    address = KIND
    longest = LONGEST
    per_minute = 3000.0
    secrets = ("key",)
    receipts = "none: acceptance by the push service is the last that is known"

    def read(self, table: Table) -> Settings:
        """Whom a push service may ask."""
        table.known("subject", "lasts_s")
        subject = table.text("subject", "mailto: and an address")
        if not subject.startswith(("mailto:", "https://")):
            raise table.wrong("subject", subject, "is no address", "mailto: or https://")
        return Settings(subject, table.whole("lasts_s", "seconds", 3600, 0))

    def open(self, setup: Setup[Settings]) -> Line:
        """The line to push services."""
        return Push(setup)

    def probe(self, common: Common, settings: Settings, secrets: Mapping[str, str]) -> str:
        """Read the key; which push services there are, only browsers know."""
        public = packed(public_octets(private_key(secrets["key"])))
        return f"applicationServerKey {public}"


WEB_PUSH = WebPush()
