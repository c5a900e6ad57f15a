"""What every route stands on: the city, the store, the clock, and who is asking."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from sqlalchemy import Connection

from anlan.access import policy, sessions
from anlan.access.credentials import caller as find_caller
from anlan.access.credentials import caller_again
from anlan.access.origin import check_origin
from anlan.access.rights import Caller, Right
from anlan.access.settings import address_of
from anlan.city import City, Event
from anlan.clock import Clock, RealClock
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import Store

COOKIE = "anlan_session"
WALL = RealClock()
WRITTEN_BY = "X-Anlan-Account"
"""Header with the id of the account that a kept request was written by, or is asked for."""
_UNASKED = object()


@dataclass(frozen=True)
class Desk:
    """One running desk. ``event`` is set when it replays one; then all of it is Exercise.

    ``truth`` gives what really happened in the replayed world, and ``drilled`` the report of the
    drill that this desk carried through, for the review alone. ``wall`` is the real time, by which
    sign-ins age, also in a replay.
    """

    city: City
    store: Store
    clock: Clock
    event: Event | None = None
    truth: Callable[[], Mapping[str, Any] | None] = lambda: None
    drilled: Callable[[Connection], Mapping[str, Any] | None] = lambda conn: None
    wall: Clock = WALL

    @property
    def exercise(self) -> bool:
        """True unless the clock is real: replays and drills are never Actual."""
        return not self.clock.real

    @contextmanager
    def act(self, caller: Caller) -> Iterator[Act]:
        """A transaction in which ``caller`` acts now."""
        with self.store.transaction() as tx:
            yield Act(tx, self.clock.now(), caller.id)


def desk(request: Request) -> Desk:
    """The desk this application serves."""
    found: Desk = request.app.state.desk
    return found


def optional_caller(request: Request) -> Caller | None:
    """Who is asking, by session cookie or Bearer key; None for strangers.

    Looked up once for a request.
    """
    known = request.scope.get("anlan.caller", _UNASKED)
    if known is _UNASKED:
        known = request.scope["anlan.caller"] = _find(request)
    return cast("Caller | None", known)


def _token(request: Request) -> tuple[str, bool]:
    """The secret that came along, and whether it came by cookie."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return key.strip(), False
    return request.cookies.get(COOKIE, ""), True


def still_there(request: Request, known: Caller) -> Caller | None:
    """Who asked, looked up anew for an answer that lasts; None if signed out. Counts as no use."""
    token, _ = _token(request)
    here = desk(request)
    with here.store.read() as conn:
        return caller_again(conn, known, token, here.wall.now(), here.exercise)


def _find(request: Request) -> Caller | None:
    token, by_cookie = _token(request)
    if not token:
        return None
    here = desk(request)
    wall = here.wall.now()
    with here.store.read() as conn:
        found = find_caller(conn, token, wall, here.exercise)
        held = sessions.holding(conn, token) if found is not None and found.session else None
    if by_cookie:
        check_origin(request, address_of(here.city))
    if held is not None and sessions.is_due(held, token, wall):
        with here.store.transaction() as tx:
            renewed = sessions.use(tx, token, wall)
        if renewed is not None:
            hand_session(request, renewed)
    return found


def hand_session(request: Request, token: str | None) -> None:
    """Let the answer to ``request`` carry a session's secret as a cookie; None: take it back."""
    request.state.session = token


def session_cookie(request: Request, token: str | None) -> str:
    """The header ``Set-Cookie``: not for scripts, not to other sites, over TLS where there is."""
    age = 0 if token is None else int(sessions.PHONE.absolute.total_seconds())
    secure = "; Secure" if request.url.scheme == "https" else ""
    return f"{COOKIE}={token or ''}; HttpOnly; Max-Age={age}; Path=/; SameSite=Lax{secure}"


def gate(request: Request) -> None:
    """Stands before every route: lets through whom the policy lets through.

    Raises:
        Refusal: of the session (401) for strangers, ``forbidden`` (403) for a role without the
            right, or for everybody where the policy has no row.
    """
    row = policy.row_of(request)
    if row.open or row.path in policy.ANSWERS_ITSELF:
        return
    found = signed_in(request)
    if row.rights:
        found.require(*sorted(row.rights))
    elif not row.unfinished:
        found.require_whole()


def signed_in(request: Request) -> Caller:
    """Who is asking; `Refusal` of the session for strangers."""
    found = optional_caller(request)
    if found is None:
        raise Refusal(
            "not signed in; sign in, or open the link that the desk gave you "
            "(请登录，或打开值班台发给您的登录链接)",
            field="session",
            remedy="signing in, a sign-in link or a Bearer key",
            kind="forbidden",
        )
    _same_person(found, request.headers.get(WRITTEN_BY))
    return found


def _same_person(found: Caller | None, written_by: str | None) -> None:
    """Refuse what one person wrote on a shared phone and another's session would now send."""
    if found is not None and written_by is not None and found.id != written_by:
        raise Refusal(
            "this was written by another account than the one signed in now; "
            "it may be sent once that account signs in again (请由原账号登录后再发送)",
            field=WRITTEN_BY,
            remedy="sign in with the account that wrote it",
            kind="conflict",
        )


def needs(right: Right) -> Callable[[Request], Caller]:
    """A dependency: the caller, who must have ``right``."""

    def check(request: Request) -> Caller:
        found = signed_in(request)
        found.require(right)
        return found

    return check


DeskHere = Annotated[Desk, Depends(desk)]
Account = Annotated[Caller, Depends(signed_in)]
Viewer = Annotated[Caller, Depends(needs("view"))]
PhoneUser = Annotated[Caller, Depends(needs("phone"))]
Commander = Annotated[Caller, Depends(needs("command"))]
Decider = Annotated[Caller, Depends(needs("decide"))]
PersonalReader = Annotated[Caller, Depends(needs("personal"))]
PeopleReader = Annotated[Caller, Depends(needs("people"))]
JournalReader = Annotated[Caller, Depends(needs("journal"))]
AccountKeeper = Annotated[Caller, Depends(needs("accounts"))]
Ingester = Annotated[Caller, Depends(needs("ingest"))]
ReplayKeeper = Annotated[Caller, Depends(needs("replay"))]
