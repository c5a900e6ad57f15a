"""Single sign-on against a real provider on this machine: who comes in, and who does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi.testclient import TestClient
from httpx import Response

from anlan.access import settings
from anlan.access.desk import Desk
from anlan.access.vault import Vault
from anlan.city import City
from anlan.refusal import Refusal
from anlan.store import Store, schema
from tests.access.provider import CLIENT, SECRET, Claims, Provider
from tests.access.test_sign_in import NOW, Present
from tests.service.hand import Hand, raise_hand


class Desktop:
    """A desk with single sign-on, its clock, and the provider."""

    def __init__(self, hand: Hand, clock: Present, provider: Provider) -> None:
        self.hand, self.clock, self.provider = hand, clock, provider

    def browser(self) -> TestClient:
        return TestClient(self.hand.app, headers={"X-Anlan": "1"}, follow_redirects=False)

    def go(self, browser: TestClient, page: str = "/") -> str:
        """From the button to the provider and back: the address that it sends the browser to."""
        away = browser.get("/signin/sso", params={"page": page})
        assert away.status_code == 303, away.text
        back = httpx.get(away.headers["location"])
        assert back.status_code == 302
        parts = urlsplit(back.headers["location"])
        return f"{parts.path}?{parts.query}"

    def come(self, page: str = "/") -> tuple[Response, TestClient]:
        browser = self.browser()
        return browser.get(self.go(browser, page)), browser


@pytest.fixture(scope="module")
def hand(talstadt: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hand]:
    store = Store(tmp_path_factory.mktemp("sso") / "var")
    yield raise_hand(talstadt, store, NOW)
    store.close()


@pytest.fixture
def desk(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    """The desk with nobody known to the provider yet, at ``NOW``."""
    clock = Present(NOW)
    provider = Provider(clock.now)
    monkeypatch.setenv(settings.SECRET, SECRET)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    sso = {"issuer": provider.issuer, "client_id": CLIENT}
    city = replace(hand.city, settings={**hand.city.settings, "sign_in": {"sso": sso}})
    hand.app.state.desk = Desk(city, hand.store, clock, wall=clock)
    with hand.store.transaction() as tx:
        tx.execute(schema.identity.delete())
        tx.execute(schema.account.update().values(disabled=False))
    yield Desktop(hand, clock, provider)
    provider.close()


def test_the_city_knows_me_and_so_does_the_desk(desk: Desktop) -> None:
    assert desk.browser().get("/api/v1/session").json()["sign_in"]["sso"]["name"] == "单点登录"
    answer, browser = desk.come()
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert browser.get("/api/v1/session").json()["account"]["id"] == "analyst-1"
    answer, browser = desk.come("/phone.html")
    assert answer.headers["location"] == "/phone.html"


def test_signing_out_ends_the_session_here_and_at_the_provider(desk: Desktop) -> None:
    _, browser = desk.come()
    onward = browser.post("/api/v1/signout").json()["next"]
    assert browser.get("/api/v1/session").json()["account"] is None
    back = httpx.get(onward)
    assert (back.status_code, back.headers["location"]) == (302, "http://testserver/")
    assert len(desk.provider.signed_out) == 1


@pytest.mark.parametrize("why", ["no such page", "not wanted", "not there"])
def test_where_the_provider_cannot_sign_out_one_is_signed_out_here_all_the_same(
    desk: Desktop, why: str
) -> None:
    desk.provider.signs_out = why != "no such page"
    _, browser = desk.come()
    if why == "not wanted":
        city = desk.hand.app.state.desk.city
        sso = {**city.settings["sign_in"]["sso"], "sign_out": False}
        city = replace(city, settings={**city.settings, "sign_in": {"sso": sso}})
        desk.hand.app.state.desk = replace(desk.hand.app.state.desk, city=city)
    if why == "not there":
        desk.hand.app.state.sso = None
        desk.provider.close()
    assert browser.post("/api/v1/signout").json() == {"next": None}
    assert browser.get("/api/v1/session").json()["account"] is None


def test_nobody_is_sent_to_another_site_afterwards(desk: Desktop) -> None:
    answer, _ = desk.come("https://evil.example/")
    assert answer.headers["location"] == "/"


def test_a_second_factor_shown_at_the_provider_counts_and_a_password_there_does_not(
    desk: Desktop,
) -> None:
    desk.provider.person = {"sub": "u-2", "preferred_username": "duty-1", "amr": ["pwd"]}
    _, browser = desk.come()
    assert browser.get("/api/v1/session").json()["lacks"] == "second_factor"
    desk.provider.person["amr"] = ["pwd", "mfa"]
    _, browser = desk.come()
    assert browser.get("/api/v1/session").json()["lacks"] == ""


def test_a_name_that_changes_hands_opens_nobody_elses_account(desk: Desktop) -> None:
    desk.come()
    # the first person is called otherwise now, and is still the same account
    desk.provider.person = {"sub": "u-1", "preferred_username": "somebody"}
    _, browser = desk.come()
    assert browser.get("/api/v1/session").json()["account"]["id"] == "analyst-1"
    desk.provider.person = {"sub": "u-9", "preferred_username": "analyst-1"}
    answer, browser = desk.come()
    assert answer.status_code == 403
    assert browser.get("/api/v1/session").json()["account"] is None


def test_whom_no_account_belongs_to_is_told_so(desk: Desktop) -> None:
    for name in ("nobody", ""):
        desk.provider.person = {"sub": "u-3", "preferred_username": name}
        answer, _ = desk.come()
        assert answer.status_code == 403
        assert "本系统没有您的账号" in answer.text


def test_a_disabled_account_stays_out(desk: Desktop) -> None:
    desk.come()
    A = schema.account
    with desk.hand.store.transaction() as tx:
        tx.execute(A.update().where(A.c.id == "analyst-1").values(disabled=True))
    assert desk.come()[0].status_code == 403


def changed(**claims: object) -> Callable[[Claims], Claims]:
    return lambda made: {**made, **claims}


def without(*names: str) -> Callable[[Claims], Claims]:
    return lambda made: {name: value for name, value in made.items() if name not in names}


AGO = int((NOW - timedelta(minutes=2)).timestamp())
FAULTS: dict[str, Callable[[Claims], Claims | str]] = {
    "for another client": changed(aud="another"),
    "for several, not first for us": changed(aud=[CLIENT, "another"], azp="another"),
    "for several, for nobody first": changed(aud=[CLIENT, "another"]),
    "of another issuer": changed(iss="https://evil.example"),
    "expired": changed(exp=AGO),
    "from the future": changed(iat=int((NOW + timedelta(hours=1)).timestamp())),
    "of another attempt": changed(nonce="replayed"),
    "without a nonce": without("nonce"),
    "that never expires": without("exp"),
    "for nobody": without("sub"),
    "whose time is no time": changed(exp="tomorrow"),
    "not signed": lambda made: jwt.encode(made, "", "none"),
    "signed with a shared word": lambda made: jwt.encode(made, "x" * 40, "HS256"),
    "no token": lambda made: "x.y.z",
    "an empty one": lambda made: "",
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_token_is_refused(desk: Desktop, what: str) -> None:
    desk.provider.fault = FAULTS[what]
    answer, browser = desk.come()
    assert answer.status_code == 403, what
    assert "单点登录未成功" in answer.text
    assert browser.get("/api/v1/session").json()["account"] is None


def test_a_token_signed_with_somebody_elses_key_is_refused(desk: Desktop) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kid = desk.provider.kid
    desk.provider.fault = lambda made: jwt.encode(made, stranger, "RS256", {"kid": kid})
    assert desk.come()[0].status_code == 403


def test_the_provider_may_change_its_keys_and_is_not_asked_for_them_each_time(
    desk: Desktop,
) -> None:
    desk.come()
    desk.come()
    assert desk.provider.asked_for_keys == 1
    desk.clock.step_to(desk.clock.now() + timedelta(minutes=1))
    desk.provider.rotate()
    assert desk.come()[0].status_code == 303
    assert desk.provider.asked_for_keys == 2
    # tokens that name keys nobody knows do not make the desk ask without end
    desk.provider.fault = lambda made: desk.provider.sign(made, "unknown")
    for _ in range(3):
        assert desk.come()[0].status_code == 403
    assert desk.provider.asked_for_keys == 2


def test_an_answer_opens_only_the_browser_that_began_and_only_once(desk: Desktop) -> None:
    victim, thief = desk.browser(), desk.browser()
    address = desk.go(victim)
    assert thief.get(address).status_code == 403, "stolen"
    mine = desk.browser()
    assert mine.get(desk.go(thief)).status_code == 403, "slipped in"
    assert victim.get(address).status_code == 303
    assert victim.get(address).status_code == 403, "twice"


def test_a_changed_state_and_an_answer_that_took_too_long_are_refused(desk: Desktop) -> None:
    browser = desk.browser()
    address = desk.go(browser)
    query = parse_qs(urlsplit(address).query)
    forged = address.replace(query["state"][0], "A" * 32)
    assert browser.get(forged).status_code == 403
    browser = desk.browser()
    address = desk.go(browser)
    desk.clock.step_to(desk.clock.now() + timedelta(minutes=11))
    assert browser.get(address).status_code == 403


def test_a_forged_cookie_is_no_attempt(desk: Desktop) -> None:
    browser = desk.browser()
    address = desk.go(browser)
    for forged in ("x", Vault.of(desk.hand.store).seal("{}"), Vault.of(desk.hand.store).seal("[]")):
        browser.cookies.clear()
        browser.cookies.set("anlan_sso", forged, path="/signin")
        assert browser.get(address).status_code == 403


def test_an_answer_of_another_provider_is_not_taken_for_this_ones(desk: Desktop) -> None:
    """RFC 9207, 2.4."""
    desk.provider.answers_iss = "https://evil.example"
    assert desk.come()[0].status_code == 403
    desk.provider.answers_iss = desk.provider.issuer
    assert desk.come()[0].status_code == 303


def test_who_says_no_at_the_provider_is_told_so(desk: Desktop) -> None:
    browser = desk.browser()
    address = desk.go(browser)
    state = parse_qs(urlsplit(address).query)["state"][0]
    answer = browser.get("/signin/sso/return", params={"error": "access_denied", "state": state})
    assert answer.status_code == 403
    assert "access_denied" in answer.text
    markup = {"error": "<script>x</script>", "state": state}
    browser = desk.browser()
    markup["state"] = parse_qs(urlsplit(desk.go(browser)).query)["state"][0]
    assert "<script>x" not in browser.get("/signin/sso/return", params=markup).text


def test_without_the_secret_the_provider_gives_nothing(
    desk: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(settings.SECRET, "wrong")
    assert desk.come()[0].status_code == 403


def test_a_provider_that_is_away_is_named(desk: Desktop) -> None:
    desk.provider.close()
    answer = desk.browser().get("/signin/sso")
    assert answer.status_code == 403
    assert "cannot be reached" in answer.text


def test_a_city_without_single_sign_on_has_none(hand: Hand) -> None:
    hand.app.state.desk = Desk(hand.city, hand.store, hand.clock)
    with TestClient(hand.app) as browser:
        assert browser.get("/signin/sso").status_code == 404
        assert browser.get("/api/v1/session").json()["sign_in"] == {"sso": None}


@pytest.mark.parametrize(
    ("table", "field"),
    [
        ({"sso": {"issuer": "http://sso.example", "client_id": "a"}}, "sign_in.sso.issuer"),
        ({"sso": {"issuer": "https://sso.example"}}, "sign_in.sso.client_id"),
        ({"sso": {"issuer": "https://sso.example", "client_id": " "}}, "sign_in.sso.client_id"),
        ({"sso": {"issuer": "https://a", "client_id": "a", "secret": "x"}}, "sign_in.sso.secret"),
        ({"address": "ftp://x"}, "sign_in.address"),
        ({"adress": "https://x"}, "sign_in.adress"),
    ],
)
def test_settings_are_refused_by_name(talstadt: City, table: object, field: str) -> None:
    city = replace(talstadt, settings={**talstadt.settings, "sign_in": table})
    with pytest.raises(Refusal) as refused:
        settings.read(city)
    assert refused.value.field == field


def test_the_cities_own_settings_have_no_fault(talstadt: City, pinghu: City) -> None:
    for city in (talstadt, pinghu):
        assert settings.check(Path(city.folder)) == []
