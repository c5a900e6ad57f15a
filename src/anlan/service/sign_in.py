"""Signing in: by account and password, and by the city's single sign-on."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Annotated

from cryptography.fernet import InvalidToken
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy import select

from anlan.access import Caller, sessions, sign_in
from anlan.access.desk import Desk, DeskHere, hand_session, optional_caller
from anlan.access.origin import check_origin
from anlan.access.settings import Sso, address_of, read
from anlan.access.sso import Attempt, Person, Provider
from anlan.access.vault import Vault
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.service.session import home_of
from anlan.store import insert, schema

router = APIRouter(tags=["session"])
pages = APIRouter(include_in_schema=False)
A, N = schema.account, schema.identity
ATTEMPT_COOKIE = "anlan_sso"
PLACES = ("/", "/phone.html")

_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>安澜</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<body style="font:18px/1.6 sans-serif;background:#0b1622;color:#dfe9f3;padding:3rem">
<h1>单点登录未成功</h1><p>{what}</p><p><a style="color:#7fc4ff" href="/">返回登录页 Back</a></p>"""


class Credentials(BaseModel):
    """An account with its password, and the code of its second factor where it has one."""

    account: str = Field(max_length=100)
    password: str = Field(max_length=200)
    code: str = Field("", max_length=40)


def try_of(request: Request, desk: Desk, account: str) -> sign_in.Try:
    """A try by whoever sent ``request``."""
    address = request.client.host if request.client else ""
    device = request.headers.get("user-agent", "")
    return sign_in.Try(account, address, device, desk.clock.now(), desk.wall.now())


@router.post("/signin")
def by_password(given: Credentials, request: Request, desk: DeskHere) -> dict[str, str]:
    """Sign in; answers the page of one's role, and the cookie of a new session.

    403 with field ``password`` or ``code``: what is wrong or wanted; 429: when to try again.
    """
    check_origin(request, address_of(desk.city))
    account = given.account.strip()
    token = sign_in.by_password(
        desk.store,
        Vault.of(desk.store),
        try_of(request, desk, account),
        given.password,
        given.code,
    )
    with desk.store.read() as conn:
        role = conn.execute(select(A.c.role).where(A.c.id == account)).scalar_one()
    hand_session(request, token)
    return {"page": home_of(role)}


def _provider(request: Request, desk: Desk) -> Provider:
    settings: Sso | None = read(desk.city).sso
    if settings is None:
        raise Refusal(
            "this city has no single sign-on; [sign_in.sso] of city.toml names one",
            field="sso",
            remedy="a password or a sign-in link",
            kind="not_found",
        )
    kept: Provider | None = getattr(request.app.state, "sso", None)
    if kept is None or kept.settings != settings:
        kept = request.app.state.sso = Provider(settings)
    return kept


@router.post("/signout")
def signout(
    request: Request,
    desk: DeskHere,
    caller: Annotated[Caller | None, Depends(optional_caller)],
) -> dict[str, str | None]:
    """End this session; ``next``: where a session of single sign-on is ended too, if anywhere."""
    by_sso = False
    if caller is not None and caller.session is not None:
        with desk.act(caller) as act:
            held = sessions.named(act.tx, caller.session)
            by_sso = held is not None and held.method == "sso"
            sessions.end(act, caller.id, only=caller.session)
    hand_session(request, None)
    return {"next": _sign_out_there(request, desk) if by_sso else None}


def _sign_out_there(request: Request, desk: Desk) -> str | None:
    """The provider's page for signing out; None where it has none, or does not answer now."""
    try:
        provider = _provider(request, desk)
        return provider.sign_out(f"{_base(request, desk)}/") if provider.settings.sign_out else None
    except Refusal:
        return None  # signed out here all the same


def _base(request: Request, desk: Desk) -> str:
    return address_of(desk.city) or str(request.base_url).rstrip("/")


def _redirect(request: Request, desk: Desk) -> str:
    return f"{_base(request, desk)}/signin/sso/return"


def _failed(refusal: Refusal) -> Response:
    status = 404 if refusal.kind == "not_found" else 403
    return HTMLResponse(_PAGE.format(what=escape(refusal.message)), status)


@pages.get("/signin/sso")
def begin_sso(request: Request, desk: DeskHere, page: str = "/") -> Response:
    """Go to the city's single sign-on; ``page`` says where to come back to."""
    try:
        provider = _provider(request, desk)
        now = desk.wall.now()
        back_to = page if page in PLACES else "/"
        address, attempt = provider.begin(_redirect(request, desk), now, back_to)
    except Refusal as refusal:
        return _failed(refusal)
    answer = RedirectResponse(address, status_code=303)
    # bound to this browser: an answer that was stolen, or slipped in, opens nothing elsewhere
    answer.set_cookie(
        ATTEMPT_COOKIE,
        Vault.of(desk.store).seal(attempt.as_json()),
        max_age=600,
        path="/signin",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@pages.get("/signin/sso/return")
def finish_sso(request: Request, desk: DeskHere) -> Response:
    """Where the provider sends the browser back to: the session of the account it names."""
    now = desk.wall.now()
    try:
        attempt = _attempt(request, desk)
        provider = _provider(request, desk)
        person = provider.finish(attempt, dict(request.query_params), _redirect(request, desk), now)
        account, role = _account_of(desk, provider.settings, person, now)
    except Refusal as refusal:
        answer = _failed(refusal)
        answer.delete_cookie(ATTEMPT_COOKIE, path="/signin")
        return answer
    with desk.store.transaction() as tx:
        token = sessions.begin(
            Act(tx, desk.clock.now(), account),
            account,
            now,
            method="sso",
            second_factor=person.second_factor,
            device=request.headers.get("user-agent", ""),
        )
    hand_session(request, token)
    back_to = attempt.back_to if attempt.back_to != "/" else home_of(role)
    answer = RedirectResponse(back_to, status_code=303)
    answer.delete_cookie(ATTEMPT_COOKIE, path="/signin")
    return answer


def _attempt(request: Request, desk: Desk) -> Attempt:
    sealed = request.cookies.get(ATTEMPT_COOKIE, "")
    try:
        return Attempt.of_json(Vault.of(desk.store).open(sealed))
    except (Refusal, InvalidToken, ValueError, TypeError, KeyError) as problem:
        raise Refusal(
            "this browser began no sign-in; begin it here (请从本浏览器重新登录)",
            field="sso",
            remedy="beginning again in this browser",
            kind="forbidden",
        ) from problem


def _account_of(desk: Desk, settings: Sso, person: Person, now: datetime) -> tuple[str, str]:
    """(account, role) of whom the provider names.

    The first time its claim decides, and the provider's name for the person is kept: a claim that
    changes hands later opens nobody else's account.
    """
    with desk.store.transaction() as tx:
        mine = N.c.issuer == settings.issuer, N.c.subject == person.subject
        linked = tx.execute(select(N.c.account).where(*mine)).scalar_one_or_none()
        name = linked or person.account
        row = tx.execute(
            select(A.c.role).where(A.c.id == name, A.c.disabled.is_(False))
        ).one_or_none()
        taken = tx.execute(
            select(N.c.subject).where(N.c.issuer == settings.issuer, N.c.account == name)
        ).scalar_one_or_none()
        if row is None or (linked is None and taken is not None):
            raise Refusal(
                "single sign-on knows you, but no account here is yours; ask the administrator "
                "(单点登录成功，但本系统没有您的账号，请联系管理员)",
                field="account",
                remedy="an account of accounts.csv whose id the provider names",
                kind="forbidden",
            )
        if linked is None:
            values = {"issuer": settings.issuer, "subject": person.subject, "account": name}
            tx.execute(insert(tx, N).values(**values, linked_at=now))
            Act(tx, desk.clock.now(), name).record("access.sso_linked", name)
    return str(name), str(row.role)
