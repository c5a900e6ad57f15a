"""Signing in with account and password, and showing the second factor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from anlan.access import proof, sessions, throttle
from anlan.access.vault import Vault
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import Store, schema

A = schema.account


@dataclass(frozen=True)
class Try:
    """One try to sign in: as whom, from where, with what, when.

    ``now`` is the desk's clock, for the journal; ``wall`` the real one, by which sign-ins age.
    """

    account: str
    address: str
    device: str
    now: datetime
    wall: datetime

    @property
    def limits(self) -> tuple[throttle.Limit, ...]:
        """What the try counts against."""
        return throttle.limits(self.account, self.address)


def _known(conn: Connection, account: str) -> bool:
    query = select(A.c.id).where(A.c.id == account, A.c.disabled.is_(False))
    return conn.execute(query).first() is not None


def _wrong(store: Store, given: Try, field: str, words: str) -> Refusal:
    with store.transaction() as tx:
        if _known(tx, given.account):
            Act(tx, given.now, "system").record("access.sign_in_failed", given.account)
    return Refusal(words, field=field, remedy="the right one, or a sign-in link", kind="forbidden")


def by_password(store: Store, vault: Vault, given: Try, password: str, code: str) -> str:
    """Sign in; returns the secret of the new session.

    Whether an account exists shows neither in the answer nor in the time it takes.

    Raises:
        Refusal: ``forbidden`` with field ``password``, or ``code`` where the password is right and
            a code is wanted or wrong; ``too_many`` beyond the limits.
    """
    with store.transaction() as tx:
        charged = throttle.charge(tx, given.limits, given.wall)
    with store.read() as conn:
        right = proof.password_matches(conn, given.account, password)
        right = right and _known(conn, given.account)
        second = proof.of(conn, given.account).second_factor
    if not right:
        raise _wrong(store, given, "password", "account or password is wrong (账号或密码不正确)")
    if second and not code.strip():
        with store.transaction() as tx:
            throttle.take_back(tx, charged)
        raise Refusal(
            "this account has a second factor; give the code that the app shows "
            "(请输入身份验证器中的动态口令)",
            field="code",
            remedy="the code of the authenticator app, or a recovery code",
            kind="forbidden",
        )
    with store.transaction() as tx:
        act = Act(tx, given.now, given.account)
        fits = not second or proof.take_code(act, given.account, vault, code, given.wall)
        if fits:
            throttle.forgive(tx, given.limits, charged)
            return sessions.begin(
                act,
                given.account,
                given.wall,
                method="password",
                second_factor=second,
                device=given.device,
            )
    raise _wrong_code(store, given)


def check_password(store: Store, given: Try, password: str) -> None:
    """Ask for the password once more, of somebody signed in.

    Raises:
        Refusal: ``forbidden`` for a wrong one; ``too_many`` beyond the limits.
    """
    with store.transaction() as tx:
        charged = throttle.charge(tx, given.limits, given.wall)
    with store.read() as conn:
        right = proof.password_matches(conn, given.account, password)
    if not right:
        raise _wrong(store, given, "old", "the present password is wrong (原密码不正确)")
    with store.transaction() as tx:
        throttle.forgive(tx, given.limits, charged)


def _wrong_code(store: Store, given: Try) -> Refusal:
    words = "this code is wrong or was used already; wait for the next one (动态口令不正确或已使用)"
    return _wrong(store, given, "code", words)


def show_code(store: Store, vault: Vault, given: Try, session: str, code: str) -> str:
    """Show the second factor in a session that lacks it; returns the session's new secret.

    Raises:
        Refusal: ``forbidden`` for a wrong code; ``too_many`` beyond the limits.
    """
    with store.transaction() as tx:
        charged = throttle.charge(tx, given.limits, given.wall)
    with store.transaction() as tx:
        act = Act(tx, given.now, given.account)
        if proof.take_code(act, given.account, vault, code, given.wall):
            throttle.forgive(tx, given.limits, charged)
            return sessions.strengthen(act, session, given.wall)
    raise _wrong_code(store, given)


def confirm(
    store: Store, vault: Vault, given: Try, session: str, code: str
) -> tuple[list[str], str]:
    """Put a new second factor into use; returns its recovery codes and the session's new secret.

    Raises:
        Refusal: as `show_code`; ``conflict`` where none waits.
    """
    with store.transaction() as tx:
        charged = throttle.charge(tx, given.limits, given.wall)
    with store.transaction() as tx:
        act = Act(tx, given.now, given.account)
        codes = proof.confirm_second_factor(act, given.account, vault, code, given.wall)
        if codes is not None:
            throttle.forgive(tx, given.limits, charged)
            sessions.end(act, given.account, but=session)
            return codes, sessions.strengthen(act, session, given.wall)
    raise _wrong_code(store, given)
