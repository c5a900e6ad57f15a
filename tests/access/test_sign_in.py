"""Signing in: passwords, second factors, recovery codes, sessions, and how often one may try."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.access import caller, issue, passwords, proof, sessions, totp
from anlan.access.desk import COOKIE, Desk
from anlan.access.rights import ROLES, needs_second_factor
from anlan.city import City
from anlan.clock import SteppedClock
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import Store, schema
from tests.service.hand import Hand, raise_hand

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
PASSWORD = "vier Worte sind genug"
OFFICER = "duty-1"


class Present(SteppedClock):
    """A clock that counts as the real one and moves by hand."""

    real = True


@dataclass
class Door:
    """A desk on the real clock, whose time moves by hand."""

    hand: Hand
    clock: Present

    @property
    def store(self) -> Store:
        return self.hand.store

    def later(self, **span: float) -> datetime:
        self.clock.step_to(self.clock.now() + timedelta(**span))
        return self.clock.now()

    def browser(self, cookie: str | None = None) -> TestClient:
        client = TestClient(self.hand.app, headers={"X-Anlan": "1"}, follow_redirects=False)
        if cookie is not None:
            client.cookies.set(COOKIE, cookie)
        return client

    def by_link(self, account: str, maker: str = "system") -> TestClient:
        with self.store.transaction() as tx:
            link = issue(Act(tx, self.clock.now(), maker), account, "link", self.clock.now())
        client = self.browser()
        assert client.get(f"/signin/{link}").status_code == 303
        return client

    def sign_in(self, account: str, password: str, code: str = "") -> tuple[Response, TestClient]:
        client = self.browser()
        body = {"account": account, "password": password, "code": code}
        return client.post("/api/v1/signin", json=body), client

    def with_password(self, account: str) -> None:
        with self.store.transaction() as tx:
            proof.set_password(Act(tx, self.clock.now(), account), account, PASSWORD, NOW)

    def enrolled(self, account: str) -> tuple[TestClient, str, list[str]]:
        """A browser of ``account`` after it set up a second factor, its secret and its codes."""
        client = self.by_link(account)
        secret = client.post("/api/v1/me/second-factor").json()["secret"]
        code = totp.code_at(secret, self.clock.now())
        answer = client.post("/api/v1/me/second-factor/confirm", json={"code": code})
        assert answer.status_code == 200, answer.text
        self.later(seconds=60)
        return client, secret, answer.json()["recovery_codes"]

    def code(self, secret: str) -> str:
        return totp.code_at(secret, self.clock.now())


@pytest.fixture(scope="module")
def hand(talstadt: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hand]:
    store = Store(tmp_path_factory.mktemp("door") / "var")
    yield raise_hand(talstadt, store, NOW)
    store.close()


@pytest.fixture
def door(hand: Hand) -> Door:
    """The desk at ``NOW``, where nobody has signed in yet and no account has anything."""
    with hand.store.transaction() as tx:
        for table in (
            schema.session,
            schema.credential,
            schema.account_secret,
            schema.recovery_code,
            schema.sign_in_fault,
            schema.journal,
            schema.meta,
        ):
            tx.execute(table.delete())
        tx.execute(schema.account.update().values(disabled=False))
    clock = Present(NOW)
    hand.app.state.desk = Desk(hand.city, hand.store, clock, wall=clock)
    return Door(hand, clock)


def said(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["field"]


def test_a_password_opens_a_session_and_a_wrong_one_does_not(door: Door) -> None:
    door.with_password("analyst-1")
    answer, browser = door.sign_in("analyst-1", PASSWORD)
    assert answer.json() == {"page": "/"}
    assert browser.get("/api/v1/stations").status_code == 200
    for account, password in (("analyst-1", "falsch"), ("nobody", PASSWORD), ("duty-1", "")):
        answer, browser = door.sign_in(account, password)
        assert said(answer) == (403, "password")
        assert browser.get("/api/v1/stations").status_code == 401
    messages = {door.sign_in(who, "falsch")[0].text for who in ("analyst-1", "nobody")}
    assert len(messages) == 1, "whether an account exists shows"


def test_a_password_lies_as_argon2id_and_nowhere_else(door: Door) -> None:
    door.with_password("analyst-1")
    with door.store.read() as conn:
        kept = conn.execute(schema.account_secret.select()).one().password
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    door.store.engine.dispose()
    assert PASSWORD.encode() not in (door.store.data_dir / "anlan.db").read_bytes()


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaa", "my-ANALYST-1-pass", "x" * 201])
def test_a_password_that_is_soon_guessed_is_refused_unsaid(weak: str) -> None:
    with pytest.raises(Refusal) as refused:
        passwords.check(weak, "analyst-1")
    assert weak not in str(refused.value.as_dict())


@settings(max_examples=15)
@given(st.text(max_size=60))
def test_only_the_password_itself_matches(other: str) -> None:
    assert passwords.matches(other, KEPT) is (other == PASSWORD)


KEPT = passwords.hashed(PASSWORD)


def test_five_wrong_passwords_close_the_door_for_a_quarter_of_an_hour(door: Door) -> None:
    door.with_password("analyst-1")
    for _ in range(5):
        assert door.sign_in("analyst-1", "falsch")[0].status_code == 403
    answer, _ = door.sign_in("analyst-1", PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) == pytest.approx(15 * 60, abs=2)
    assert door.sign_in("analyst-2", "falsch")[0].status_code == 403
    door.later(minutes=15, seconds=1)
    assert door.sign_in("analyst-1", PASSWORD)[0].status_code == 200


def test_starting_the_desk_again_forgives_no_faults(door: Door, talstadt: City) -> None:
    for _ in range(5):
        door.sign_in("analyst-1", "falsch")
    again = raise_hand(talstadt, door.store, NOW)
    again.app.state.desk = Desk(talstadt, door.store, door.clock, wall=door.clock)
    answer, _ = Door(again, door.clock).sign_in("analyst-1", "falsch")
    assert answer.status_code == 429


def test_a_right_password_forgives_the_faults_before_it(door: Door) -> None:
    door.with_password("analyst-1")
    for _ in range(3):
        for _ in range(4):
            door.sign_in("analyst-1", "falsch")
        assert door.sign_in("analyst-1", PASSWORD)[0].status_code == 200


def test_failed_sign_ins_of_an_account_stand_in_the_journal(door: Door) -> None:
    door.sign_in(OFFICER, "falsch")
    door.sign_in("nobody", "falsch")
    with door.store.read() as conn:
        J = schema.journal
        rows = conn.execute(J.select().where(J.c.kind == "access.sign_in_failed")).all()
    assert [row.subject for row in rows] == [OFFICER]


# ---- the second factor


@pytest.mark.parametrize("account", ["duty-1", "commander-1", "admin"])
def test_who_decides_on_real_things_may_do_nothing_before_a_second_factor(
    door: Door, account: str
) -> None:
    browser = door.by_link(account)
    session = browser.get("/api/v1/session").json()
    assert (session["lacks"], session["rights"]) == ("second_factor", [])
    answer = browser.get("/api/v1/places")
    assert said(answer) == (403, "second_factor")
    assert browser.get("/sta/v1.1/Things").status_code == 403
    drawn = browser.post("/api/v1/me/second-factor").json()
    assert drawn["address"].startswith("otpauth://totp/")
    assert "<svg" in drawn["svg"]
    code = door.code(drawn["secret"])
    answer = browser.post("/api/v1/me/second-factor/confirm", json={"code": code})
    assert len(set(answer.json()["recovery_codes"])) == totp.RECOVERY_CODES
    assert browser.get("/api/v1/places").status_code == 200


@pytest.mark.parametrize("account", ["analyst-1", "town-altstadt", "grid-001001"])
def test_who_decides_nothing_may_come_without_one(door: Door, account: str) -> None:
    assert door.by_link(account).get("/api/v1/places").status_code == 200


def test_in_an_exercise_a_link_is_enough(door: Door, hand: Hand) -> None:
    hand.app.state.desk = Desk(hand.city, hand.store, SteppedClock(NOW))
    with hand.signed_in(OFFICER) as browser:
        assert browser.get("/api/v1/session").json()["lacks"] == ""
        assert browser.get("/api/v1/accounts").status_code == 200


def test_with_a_second_factor_the_password_alone_is_not_enough(door: Door) -> None:
    _, secret, _ = door.enrolled(OFFICER)
    door.with_password(OFFICER)
    assert said(door.sign_in(OFFICER, PASSWORD)[0]) == (403, "code")
    assert said(door.sign_in(OFFICER, PASSWORD, "000000")[0]) == (403, "code")
    assert said(door.sign_in(OFFICER, "falsch", door.code(secret))[0]) == (403, "password")
    answer, browser = door.sign_in(OFFICER, PASSWORD, door.code(secret))
    assert answer.status_code == 200
    assert browser.get("/api/v1/accounts").status_code == 403
    assert "decide" in browser.get("/api/v1/session").json()["rights"]


def test_a_link_to_an_account_with_a_second_factor_asks_for_its_code(door: Door) -> None:
    _, secret, _ = door.enrolled(OFFICER)
    browser = door.by_link(OFFICER)
    assert browser.get("/api/v1/session").json()["lacks"] == "code"
    assert said(browser.post("/api/v1/me/second-factor")) == (409, "second_factor")
    assert said(browser.post("/api/v1/me/password", json={"password": PASSWORD})) == (
        403,
        "second_factor",
    )
    before = browser.cookies[COOKIE]
    code = {"code": door.code(secret)}
    assert browser.post("/api/v1/me/second-factor/code", json=code).status_code == 200
    assert browser.get("/api/v1/places").status_code == 200
    assert door.browser(before).get("/api/v1/places").status_code == 401


def test_a_code_counts_once_and_for_a_minute_around(door: Door) -> None:
    _, secret, _ = door.enrolled(OFFICER)
    door.with_password(OFFICER)
    code = door.code(secret)
    assert door.sign_in(OFFICER, PASSWORD, code)[0].status_code == 200
    assert said(door.sign_in(OFFICER, PASSWORD, code)[0]) == (403, "code")
    late = door.code(secret)
    door.later(minutes=5)
    assert said(door.sign_in(OFFICER, PASSWORD, late)[0]) == (403, "code")


@given(st.integers(0, 2**40), st.integers(-3, 3))
def test_codes_are_taken_within_one_step_and_never_before_the_last(at: int, off: int) -> None:
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    now = NOW + timedelta(seconds=at % 10**9)
    shown = totp.code_at(secret, now + timedelta(seconds=off * totp.STEP_S))
    step = totp.step_of(secret, shown, now, None)
    if abs(off) <= totp.SKEW:
        assert step is not None
        assert totp.step_of(secret, shown, now, step) is None


def test_codes_are_those_of_rfc_6238() -> None:
    """Appendix B, SHA-1, of which the last six of eight digits are shown."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # ASCII 12345678901234567890
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037")):
        assert totp.code_at(secret, datetime.fromtimestamp(seconds, UTC)) == code


def test_guessing_codes_ends_at_the_fifth(door: Door) -> None:
    door.enrolled(OFFICER)
    browser = door.by_link(OFFICER)
    for _ in range(5):
        answer = browser.post("/api/v1/me/second-factor/code", json={"code": "000000"})
        assert answer.status_code == 403
    answer = browser.post("/api/v1/me/second-factor/code", json={"code": "000000"})
    assert answer.status_code == 429


def test_a_recovery_code_stands_in_for_the_app_once(door: Door) -> None:
    _, _, codes = door.enrolled(OFFICER)
    door.with_password(OFFICER)
    assert door.sign_in(OFFICER, PASSWORD, codes[0].upper())[0].status_code == 200
    assert said(door.sign_in(OFFICER, PASSWORD, codes[0])[0]) == (403, "code")
    _, browser = door.sign_in(OFFICER, PASSWORD, codes[1])
    assert browser.get("/api/v1/me/security").json()["recovery_codes"] == totp.RECOVERY_CODES - 2


def test_the_secret_lies_sealed(door: Door) -> None:
    _, secret, codes = door.enrolled(OFFICER)
    door.store.engine.dispose()
    raw = (door.store.data_dir / "anlan.db").read_bytes()
    assert secret.encode() not in raw
    assert all(code.replace("-", "").encode() not in raw for code in codes)


def test_setting_up_a_second_factor_ends_the_other_sessions(door: Door) -> None:
    other = door.by_link("analyst-1")
    door.enrolled("analyst-1")
    assert other.get("/api/v1/stations").status_code == 401


# ---- keys


def test_on_the_real_clock_a_key_decides_nothing_and_lets_nobody_in(door: Door) -> None:
    headers = door.hand.key(OFFICER)
    with TestClient(door.hand.app, headers=headers) as program:
        assert program.get("/api/v1/stations").status_code == 200
        assert said(program.post("/api/v1/incidents", json={"name": "x"})) == (403, "key")
        assert program.post("/api/v1/me/second-factor").status_code == 409
    with TestClient(door.hand.app, headers=door.hand.key("admin")) as program:
        assert said(program.post("/api/v1/accounts/duty-1/link")) == (403, "key")


def test_whose_link_opened_a_session_is_known_on_the_real_clock(door: Door) -> None:
    for maker, known in (("admin", "admin"), ("system", ""), ("analyst-1", "")):
        cookie = door.by_link("analyst-1", maker).cookies[COOKIE]
        with door.store.read() as conn:
            found = caller(conn, cookie, door.clock.now(), exercise=False)
            replayed = caller(conn, cookie, door.clock.now(), exercise=True)
        assert found is not None
        assert replayed is not None
        assert (found.let_in_by, replayed.let_in_by) == (known, "")


# ---- sessions


def test_a_session_ends_after_idle_hours_and_after_its_days(door: Door) -> None:
    browser = door.by_link("analyst-1")
    for _ in range(13):
        door.later(hours=11)
        assert browser.get("/api/v1/stations").status_code == 200
    door.later(hours=12, minutes=1)
    assert browser.get("/api/v1/stations").status_code == 401
    browser = door.by_link("analyst-1")
    for _ in range(21):
        door.later(hours=8)
        status = browser.get("/api/v1/stations").status_code
    assert status == 401, "seven days of work"


def test_a_telephone_in_the_field_stays_signed_in_for_days(door: Door) -> None:
    phone = door.by_link("grid-001001")
    for _ in range(4):
        door.later(days=13)
        assert phone.get("/api/v1/tasks").status_code == 200
    door.later(days=13)
    assert phone.get("/api/v1/tasks").status_code == 401


def test_the_secret_changes_every_hour_and_a_lost_answer_signs_nobody_out(door: Door) -> None:
    browser = door.by_link("analyst-1")
    first = browser.cookies[COOKIE]
    door.later(minutes=61)
    lost = door.browser(first)
    assert COOKIE in lost.get("/api/v1/stations").cookies
    door.later(minutes=10)
    # the answer never came: the browser still has the first one
    answer = browser.get("/api/v1/stations")
    second = browser.cookies[COOKIE]
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert second != first
    assert "HttpOnly" in answer.headers["set-cookie"]
    door.later(minutes=3)
    assert browser.get("/api/v1/stations").status_code == 200
    # now that the new one was used, the old ones are worth nothing
    assert door.browser(first).get("/api/v1/stations").status_code == 401
    assert lost.get("/api/v1/stations").status_code == 401


def test_ones_own_sessions_are_listed_and_ended_and_no_others(door: Door) -> None:
    here, there = door.by_link("analyst-1"), door.by_link("analyst-1")
    foreign = door.by_link("liaison-tiefbau")
    shown = here.get("/api/v1/me/security").json()["sessions"]
    assert [one["here"] for one in shown].count(True) == 1
    assert len(shown) == 2
    [other] = [one["id"] for one in shown if not one["here"]]
    assert foreign.post(f"/api/v1/me/sessions/{other}/end").status_code == 404
    assert there.get("/api/v1/stations").status_code == 200
    assert here.post(f"/api/v1/me/sessions/{other}/end").json() == {"ended": 1}
    assert there.get("/api/v1/stations").status_code == 401
    third = door.by_link("analyst-1")
    assert here.post("/api/v1/me/sessions/end-others").json() == {"ended": 1}
    assert third.get("/api/v1/stations").status_code == 401
    assert here.get("/api/v1/stations").status_code == 200


def test_signing_out_ends_the_session_not_only_the_cookie(door: Door) -> None:
    browser = door.by_link("analyst-1")
    kept = browser.cookies[COOKIE]
    answer = browser.post("/api/v1/signout")
    # nobody but who came in by single sign-on is sent to the provider
    assert (answer.status_code, answer.json()) == (200, {"next": None})
    assert door.browser(kept).get("/api/v1/stations").status_code == 401


def test_a_new_password_ends_the_other_sessions_and_asks_for_the_old_one(door: Door) -> None:
    door.with_password("analyst-1")
    _, browser = door.sign_in("analyst-1", PASSWORD)
    other = door.by_link("analyst-1")
    new = {"password": "ein ganz anderes"}
    assert said(browser.post("/api/v1/me/password", json=new)) == (403, "old")
    answer = browser.post("/api/v1/me/password", json={**new, "old": PASSWORD})
    assert answer.status_code == 200
    assert other.get("/api/v1/stations").status_code == 401
    assert browser.get("/api/v1/stations").status_code == 200
    assert door.sign_in("analyst-1", PASSWORD)[0].status_code == 403
    assert door.sign_in("analyst-1", "ein ganz anderes")[0].status_code == 200


def test_a_disabled_account_is_out_at_once(door: Door) -> None:
    browser = door.by_link("analyst-1")
    door.with_password("analyst-1")
    with door.store.transaction() as tx:
        A = schema.account
        tx.execute(A.update().where(A.c.id == "analyst-1").values(disabled=True))
    assert browser.get("/api/v1/stations").status_code == 401
    assert door.sign_in("analyst-1", PASSWORD)[0].status_code == 403


def test_old_sessions_are_swept_away(door: Door) -> None:
    door.by_link("analyst-1")
    with door.store.transaction() as tx:
        assert sessions.sweep(tx, NOW + timedelta(days=1)) == 0
        assert sessions.sweep(tx, NOW + timedelta(days=61)) == 1


def test_a_device_is_told_by_browser_and_system_alone() -> None:
    agent = "Mozilla/5.0 (Linux; Android 14; SM-S918B) Chrome/130.0.0.0 Mobile Safari/537.36"
    assert sessions.device_of(agent) == "Chrome · Android"
    assert sessions.device_of("") == "?"


# ---- requests of other sites


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_change_from_another_sites_page_is_refused(door: Door, headers: dict[str, str]) -> None:
    browser = door.by_link("analyst-1")
    assert said(browser.post("/api/v1/me/sessions/end-others", headers=headers)) == (403, "Origin")
    assert said(browser.post("/api/v1/signout", headers=headers)) == (403, "Origin")
    body = {"account": "analyst-1", "password": "x"}
    assert said(browser.post("/api/v1/signin", json=body, headers=headers)) == (403, "Origin")
    own = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert browser.post("/api/v1/me/sessions/end-others", headers=own).status_code == 200


def test_the_desk_behind_a_proxy_takes_requests_from_its_own_address(door: Door) -> None:
    settings = {**door.hand.city.settings, "sign_in": {"address": "https://anlan.example"}}
    desk = replace(door.hand.app.state.desk, city=replace(door.hand.city, settings=settings))
    browser = door.by_link("analyst-1")
    door.hand.app.state.desk = desk
    headers = {"Origin": "https://anlan.example"}
    assert browser.post("/api/v1/me/sessions/end-others", headers=headers).status_code == 200


def test_a_browser_that_looks_ahead_does_not_use_a_link_up(door: Door) -> None:
    with door.store.transaction() as tx:
        link = issue(Act(tx, NOW, "system"), "analyst-1", "link", NOW)
    browser = door.browser()
    ahead = browser.get(f"/signin/{link}", headers={"Sec-Purpose": "prefetch"})
    assert ahead.status_code == 503
    assert browser.get(f"/signin/{link}").status_code == 303


def test_the_roles_that_need_a_second_factor_are_those_that_decide_or_let_in() -> None:
    asked = {role for role in ROLES if needs_second_factor(role)}
    assert asked == {"admin", "commander", "duty_officer"}
    assert re.fullmatch(r"[a-z0-9]{5}-[a-z0-9]{5}", totp.new_recovery_codes()[0])
