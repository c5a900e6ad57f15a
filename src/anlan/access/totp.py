"""The second factor: codes that change every 30 seconds (TOTP, RFC 6238), and recovery codes."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import secrets
from datetime import datetime

import segno
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_S = 30
DIGITS = 6
# a telephone's clock may be a step off (RFC 6238, 5.2)
SKEW = 1
RECOVERY_CODES = 10
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that are taken for another


def new_secret() -> str:
    """160 random bits in base 32, as authenticator apps take them."""
    return base64.b32encode(os.urandom(20)).decode()


def _generator(secret: str) -> TOTP:
    # SHA-1 and six digits are what every app can do; the code lives for a minute
    return TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP_S)


def code_at(secret: str, moment: datetime) -> str:
    """The code that an app shows at ``moment``."""
    return _generator(secret).generate(int(moment.timestamp())).decode()


def step_of(secret: str, code: str, now: datetime, last: int | None) -> int | None:
    """The time step whose code this is, if it may be taken at ``now``.

    ``last`` is the newest step that was taken: a code counts once (RFC 6238, 5.2).
    """
    given = code.replace(" ", "").encode()
    here = int(now.timestamp()) // STEP_S
    maker = _generator(secret)
    for step in range(here - SKEW, here + SKEW + 1):
        same = secrets.compare_digest(maker.generate(step * STEP_S), given)
        if same and (last is None or step > last):
            return step
    return None


def address(secret: str, account: str, issuer: str) -> str:
    """The ``otpauth://`` address that an app reads from the QR code."""
    return _generator(secret).get_provisioning_uri(account, issuer)


def qr_code(text: str) -> str:
    """A text as a QR code, SVG."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", scale=5, border=3, light="#ffffff")
    return out.getvalue().decode()


def new_recovery_codes() -> list[str]:
    """Codes of ten letters and digits, each good once in place of the second factor."""
    return [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(2))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(account: str, code: str) -> str:
    """What is kept of a recovery code: 49 random bits need no slow hash behind a rate limit."""
    plain = code.strip().lower().replace("-", "").replace(" ", "")
    return hashlib.sha256(f"{account}\0{plain}".encode()).hexdigest()
