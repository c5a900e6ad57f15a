"""Passwords: kept as Argon2id (RFC 9106), never shown, never logged."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from anlan.refusal import Refusal

# OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane
MEMORY_KIB, PASSES, LANES = 19_456, 2, 1
LENGTH, SALT = 32, 16
SHORTEST, LONGEST = 10, 200
FEWEST_DIFFERENT = 5


def hashed(password: str) -> str:
    """The password as a PHC string: salt and parameters are in it."""
    kdf = Argon2id(
        salt=os.urandom(SALT),
        length=LENGTH,
        iterations=PASSES,
        lanes=LANES,
        memory_cost=MEMORY_KIB,
    )
    return kdf.derive_phc_encoded(password.encode())


# compared with where there is no account, so that the answer takes as long
_NOBODYS = hashed("nobody's password")


def matches(password: str, kept: str | None) -> bool:
    """Whether the password is the one kept; takes as long where none is kept."""
    if len(password) > LONGEST:
        return False
    try:
        Argon2id.verify_phc_encoded(password.encode(), kept or _NOBODYS)
    except InvalidKey:
        return False
    return kept is not None


def check(password: str, account: str) -> None:
    """Raise `Refusal` for a password that is soon guessed; the password itself stays unsaid."""
    low = password.lower()
    wrong = None
    if not SHORTEST <= len(password) <= LONGEST:
        wrong = f"has {len(password)} characters"
    elif len(set(low)) < FEWEST_DIFFERENT:
        wrong = f"has fewer than {FEWEST_DIFFERENT} different characters"
    elif account.lower() in low:
        wrong = "holds the account's name"
    if wrong is not None:
        raise Refusal(
            f"this password {wrong}; take {SHORTEST} to {LONGEST} characters, without the "
            f"account's name (密码须为 {SHORTEST} 至 {LONGEST} 个字符，不含账号名)",
            field="password",
            remedy=f"{SHORTEST} to {LONGEST} characters, such as four words",
        )
