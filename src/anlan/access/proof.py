"""What an account proves itself with: its password, its second factor, its recovery codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, update

from anlan.access import passwords, totp
from anlan.access.vault import Vault
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import insert, schema

A, R, N = schema.account_secret, schema.recovery_code, schema.identity


@dataclass(frozen=True)
class Proof:
    """What an account has: a password, a confirmed second factor, recovery codes left."""

    password: bool
    second_factor: bool
    codes_left: int


def _row(conn: Connection, account: str) -> Row[Any] | None:
    return conn.execute(select(A).where(A.c.account == account)).first()


def of(conn: Connection, account: str) -> Proof:
    """What ``account`` proves itself with."""
    row = _row(conn, account)
    left = conn.execute(
        select(func.count()).select_from(R).where(R.c.account == account, R.c.used_at.is_(None))
    ).scalar_one()
    if row is None:
        return Proof(False, False, 0)
    return Proof(row.password is not None, row.totp_at is not None, left)


def password_matches(conn: Connection, account: str, password: str) -> bool:
    """Whether this is the account's password; takes as long where it has none."""
    row = _row(conn, account)
    return passwords.matches(password, None if row is None else row.password)


def _set(tx: Connection, account: str, **values: object) -> None:
    tx.execute(
        insert(tx, A)
        .values(account=account, **values)
        .on_conflict_do_update(index_elements=["account"], set_=values)
    )


def set_password(act: Act, account: str, password: str, wall: datetime) -> None:
    """Keep a new password. Raises `Refusal` for one that is soon guessed."""
    passwords.check(password, account)
    _set(act.tx, account, password=passwords.hashed(password), password_at=wall)
    act.record("access.password_set", account)


def begin_second_factor(act: Act, account: str, vault: Vault) -> str:
    """A new secret for an app, which counts once a code of it was given; returns it.

    Raises:
        Refusal: ``conflict`` where a second factor is in use: remove that one first.
    """
    if of(act.tx, account).second_factor:
        raise Refusal(
            "this account has a second factor already; remove that one first "
            "(该账号已启用两步验证，请先停用)",
            field="second_factor",
            remedy="removing the one in use",
            kind="conflict",
        )
    secret = totp.new_secret()
    _set(act.tx, account, totp_enc=vault.seal(secret), totp_at=None, totp_step=None)
    return secret


def confirm_second_factor(
    act: Act, account: str, vault: Vault, code: str, wall: datetime
) -> list[str] | None:
    """Put the second factor into use with its first code; returns the recovery codes.

    None when the code is not right. Recovery codes are shown once and kept as hashes.
    """
    row = _row(act.tx, account)
    if row is None or row.totp_enc is None or row.totp_at is not None:
        raise Refusal(
            "no second factor waits to be confirmed; begin again (请重新开始设置)",
            field="second_factor",
            remedy="a new QR code",
            kind="conflict",
        )
    step = totp.step_of(vault.open(row.totp_enc), code, wall, None)
    if step is None:
        return None
    codes = totp.new_recovery_codes()
    _set(act.tx, account, totp_at=wall, totp_step=step)
    act.tx.execute(R.delete().where(R.c.account == account))
    act.tx.execute(
        R.insert(),
        [
            {"code_hash": totp.recovery_hash(account, each), "account": account, "used_at": None}
            for each in codes
        ],
    )
    act.record("access.second_factor_set", account)
    return codes


def take_code(act: Act, account: str, vault: Vault, code: str, wall: datetime) -> bool:
    """Whether this is the account's code of this minute, or a recovery code; each counts once.

    Conditional UPDATEs let exactly one of two requests with the same code through.
    """
    row = _row(act.tx, account)
    if row is None or row.totp_at is None:
        return False
    step = totp.step_of(vault.open(row.totp_enc), code, wall, row.totp_step)
    if step is not None:
        older = or_(A.c.totp_step.is_(None), A.c.totp_step < step)
        taken = act.tx.execute(
            update(A).where(A.c.account == account, older).values(totp_step=step)
        )
        return taken.rowcount == 1
    spent = act.tx.execute(
        update(R)
        .where(
            R.c.account == account,
            R.c.code_hash == totp.recovery_hash(account, code),
            R.c.used_at.is_(None),
        )
        .values(used_at=wall)
    )
    if spent.rowcount == 1:
        act.record("access.recovery_code_used", account)
        return True
    return False


def remove_second_factor(act: Act, account: str) -> None:
    """Take the second factor out of use, with its recovery codes."""
    _set(act.tx, account, totp_enc=None, totp_at=None, totp_step=None)
    act.tx.execute(R.delete().where(R.c.account == account))
    act.record("access.second_factor_removed", account)


def reset(act: Act, account: str) -> None:
    """Forget everything that the account proves itself with; it comes back by a link."""
    act.tx.execute(A.delete().where(A.c.account == account))
    act.tx.execute(R.delete().where(R.c.account == account))
    act.tx.execute(N.delete().where(N.c.account == account))
    act.record("access.reset", account)
