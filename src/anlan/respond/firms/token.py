"""A freight pass 通行证 as a text that proves itself: signed, so that a phone needs no signal.

``ANLAN-PASS.1.<payload>.<signature>``: the payload is canonical JSON in base64url without
padding, the signature Ed25519 (RFC 8032) over everything before its dot. A list of revoked
passes has the same shape under ``ANLAN-REVOKED.1``. The same rules in the browser:
``web/src/passes/token.ts``; ``tests/data/passes.json`` holds both to one set of examples.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PASS, REVOKED = "ANLAN-PASS.1", "ANLAN-REVOKED.1"
#: A QR code of version 22 at level M holds 779 bytes; longer texts are none of ours.
LONGEST_PASS = 779
LONGEST_NAME = 60
LONGEST_LIST = 100_000
#: The most digits in a text on a pass: no telephone number has so few.
MOST_DIGITS = 6

State = Literal[
    "unreadable",
    "unknown_key",
    "forged",
    "other_world",
    "early",
    "expired",
    "revoked",
    "valid",
]


@dataclass(frozen=True)
class Grant:
    """What a pass says. Times are UTC, whole minutes; no person and no telephone number.

    Attributes:
        cargo: code of the kind of goods.
        exercise: made in a replay or drill; never valid at a real barrier.
    """

    id: str
    firm: str
    plate: str
    cargo: str
    origin: str
    destination: str
    valid_from: datetime
    valid_to: datetime
    exercise: bool


@dataclass(frozen=True)
class Revoked:
    """Which passes hold no longer, as known at ``at`` (UTC)."""

    at: datetime
    ids: frozenset[str]


@dataclass(frozen=True)
class Verdict:
    """What a check found; ``list_age`` of the list it was held against, None without one."""

    state: State
    grant: Grant | None = None
    list_age: timedelta | None = None
    list_old: bool = True


def key_id(public: Ed25519PublicKey) -> str:
    """The short name of a public key: 8 hex digits of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:8]


def _pack(kind: str, content: Mapping[str, Any], key: Ed25519PrivateKey) -> str:
    plain = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    body = f"{kind}.{_b64(plain.encode())}"
    return f"{body}.{_b64(key.sign(body.encode()))}"


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(text: str) -> bytes:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise ValueError("not base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _minute(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def _moment(text: object) -> datetime:
    return datetime.strptime(str(text), "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)


def write_pass(grant: Grant, key: Ed25519PrivateKey) -> str:
    """The signed text of a pass; a QR code holds it."""
    return _pack(
        PASS,
        {
            "i": grant.id,
            "n": grant.firm,
            "p": grant.plate,
            "c": grant.cargo,
            "o": grant.origin,
            "d": grant.destination,
            "a": _minute(grant.valid_from),
            "b": _minute(grant.valid_to),
            "x": int(grant.exercise),
            "k": key_id(key.public_key()),
        },
        key,
    )


def write_list(revoked: Revoked, key: Ed25519PrivateKey) -> str:
    """The signed list of revoked passes, with the moment it was made."""
    content = {
        "t": _minute(revoked.at),
        "r": sorted(revoked.ids),
        "k": key_id(key.public_key()),
    }
    return _pack(REVOKED, content, key)


def _open(
    kind: str, text: str, keys: Mapping[str, bytes], longest: int
) -> tuple[State, dict[str, Any]]:
    text = text.strip()
    body, dot, signature = text.rpartition(".")
    if len(text) > longest or not dot or not body.startswith(f"{kind}."):
        return "unreadable", {}
    try:
        content = json.loads(_raw(body.removeprefix(f"{kind}.")))
        signed = _raw(signature)
    except (ValueError, RecursionError):
        return "unreadable", {}
    if not isinstance(content, dict):
        return "unreadable", {}
    public = keys.get(str(content.get("k")))
    if public is None:
        return "unknown_key", {}
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signed, body.encode())
    except InvalidSignature:
        return "forged", {}
    return "valid", content


def read_list(text: str, keys: Mapping[str, bytes]) -> Revoked | None:
    """The list of revoked passes, or None if it is not one that our keys signed."""
    state, content = _open(REVOKED, text, keys, LONGEST_LIST)
    if state != "valid":
        return None
    try:
        return Revoked(_moment(content["t"]), frozenset(str(one) for one in content["r"]))
    except (KeyError, TypeError, ValueError):
        return None


def judge(
    text: str,
    keys: Mapping[str, bytes],
    revoked: Revoked | None,
    now: datetime,
    *,
    exercise: bool,
    list_old: timedelta,
) -> Verdict:
    """Whether a pass holds at ``now``, by nothing but what the checker carries.

    Args:
        keys: public keys (32 bytes) by `key_id`; one that is retired is left out.
        revoked: the newest list held, or None.
        exercise: whether the checker's desk is one; a pass of the other world is refused.
        list_old: from what age the list is called old.

    A clock that stands before the list's own moment is wrong: the later of the two counts.
    """
    moment = now if revoked is None else max(now, revoked.at)
    age = None if revoked is None else moment - revoked.at
    old = age is None or age > list_old
    state, content = _open(PASS, text, keys, LONGEST_PASS)
    if state != "valid":
        return Verdict(state, None, age, old)
    try:
        grant = Grant(
            id=str(content["i"]),
            firm=str(content["n"]),
            plate=str(content["p"]),
            cargo=str(content["c"]),
            origin=str(content["o"]),
            destination=str(content["d"]),
            valid_from=_moment(content["a"]),
            valid_to=_moment(content["b"]),
            exercise=bool(content["x"]),
        )
    except (KeyError, TypeError, ValueError):
        return Verdict("unreadable", None, age, old)
    found: State = "valid"
    if grant.exercise != exercise:
        found = "other_world"
    elif revoked is not None and grant.id in revoked.ids:
        found = "revoked"
    elif moment < grant.valid_from:
        found = "early"
    elif moment >= grant.valid_to:
        found = "expired"
    return Verdict(found, grant, age, old)


def holds_a_telephone(texts: Collection[str]) -> str | None:
    """The first of ``texts`` with more digits than anything on a pass needs."""
    return next((text for text in texts if sum(c.isdigit() for c in text) > MOST_DIGITS), None)
