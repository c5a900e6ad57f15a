"""Who may see and send what; hostile bodies; what one request may cost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from anlan.observe.sta import bodies, bounded
from anlan.refusal import Refusal
from anlan.store import Store
from tests.observe.sta.conftest import OVEN, ROOT, Client
from tests.service.hand import Hand

TIDE = "/Datastreams('zhapu.tide')"
FOREIGN = "/Datastreams('jinshanzui.tide')"
PATHS = ("", "/Things", "/Things('zhapu')", "/Observations", "/$batch", "/CreateObservations", "/x")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "PUT", "DELETE"])
def test_strangers_are_told_nothing(asked: Hand, path: str, method: str) -> None:
    with TestClient(asked.app) as http:
        answer = http.request(method, ROOT + path, json={} if method != "GET" else None)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        wrong = http.request(method, ROOT + path, headers={"Authorization": "Bearer wrong"})
        assert wrong.status_code == 401


@pytest.mark.parametrize("role", ["grid_worker", "crew", "volunteer"])
def test_phones_do_not_see_the_picture(client: Callable[..., Client], role: str) -> None:
    assert client(role).status("/Things") == 403


@pytest.mark.parametrize("role", ["analyst", "duty_officer", "town_officer"])
def test_who_may_look_may_not_change(client: Callable[..., Client], role: str) -> None:
    http = client(role).http
    assert http.get(f"{ROOT}/Things").status_code == 200
    latest = f"{ROOT}/Observations('zhapu.tide@1627185600000')"
    for method, path in (
        ("POST", f"{ROOT}/Things"),
        ("POST", f"{ROOT}{TIDE}/Observations"),
        ("PATCH", latest),
        ("PUT", latest),
        ("DELETE", latest),
        ("DELETE", f"{ROOT}/Things('zhapu')"),
    ):
        answer = http.request(method, path, json={"result": 1.0, "name": "a", "description": "b"})
        assert answer.status_code == 403, (method, path, answer.text)
    rows = [{"Datastream": {"@iot.id": "zhapu.tide"}, "components": ["result"], "dataArray": [[1]]}]
    made = http.post(f"{ROOT}/CreateObservations", json=rows).json()
    assert made[0].startswith("error")
    one = {"id": "1", "method": "post", "url": "Things", "body": OVEN}
    done = http.post(f"{ROOT}/$batch", json={"requests": [one]}).json()
    assert done["responses"][0]["status"] == 403


def test_a_station_s_key_knows_its_own_thing_and_nothing_else(
    client: Callable[..., Client], admin: Client
) -> None:
    gauge = client("admin", station="zhapu")
    assert gauge.ids("/Things") == ["zhapu"]
    assert gauge.ids("/Locations") == gauge.ids("/FeaturesOfInterest") == ["zhapu"]
    assert gauge.ids("/Datastreams") == gauge.ids("/Sensors") == ["zhapu.tide", "zhapu.battery"]
    assert gauge.ids("/ObservedProperties") == ["tide", "battery"]
    # of the tide gauges only its own, by whichever way
    assert gauge.ids("/ObservedProperties('tide')/Datastreams") == ["zhapu.tide"]
    expanded = gauge.get("/ObservedProperties('tide')", expand="Datastreams/Thing")
    assert [each["Thing"]["@iot.id"] for each in expanded["Datastreams"]] == ["zhapu"]
    seen = {each.partition("@")[0] for each in gauge.ids("/Observations", top=1000)}
    assert seen == {"zhapu.tide"}
    assert gauge.get("/Observations", count="true", top=0)["@iot.count"] == 6
    foreign = "Datastream/id ne 'zhapu.tide'"
    assert gauge.ids("/Observations", filter=foreign) == []
    # what is not its own is as if it were not there
    for path in (
        "/Things('jinshanzui')",
        FOREIGN,
        f"{FOREIGN}/Observations",
        "/Observations('rain-zhapu.rain@1627182600000')",
        "/FeaturesOfInterest('jinshanzui')",
        "/ObservedProperties('rain')",
    ):
        assert gauge.status(path) == 404, path
        assert admin.status(path) == 200, path


def test_a_station_s_key_sends_its_own_readings_alone(client: Callable[..., Client]) -> None:
    gauge = client("admin", station="zhapu")
    body = {"phenomenonTime": "2021-07-25T03:58:00Z", "result": 2.6}
    assert gauge.get(gauge.make(f"{TIDE}/Observations", body))["result"] == 2.6
    linked = {**body, "result": 1.0, "Datastream": {"@iot.id": "jinshanzui.tide"}}
    assert gauge.http.post(f"{ROOT}/Observations", json=linked).status_code == 403
    assert gauge.http.post(f"{ROOT}{FOREIGN}/Observations", json=body).status_code == 404
    rows = [
        {
            "Datastream": {"@iot.id": name},
            "components": ["phenomenonTime", "result"],
            "dataArray": [["2021-07-25T03:59:00Z", 2.7]],
        }
        for name in ("jinshanzui.tide", "zhapu.tide")
    ]
    made = gauge.http.post(f"{ROOT}/CreateObservations", json=rows)
    assert made.status_code == 201
    assert made.json()[0].startswith("error")
    assert made.json()[1].endswith("/Observations('zhapu.tide@1627185540000')")
    flagged = {**body, "resultQuality": {"flag": "corrected"}}
    assert gauge.http.post(f"{ROOT}{TIDE}/Observations", json=flagged).status_code == 400
    feature = {"name": "a", "description": "b", "encodingType": "x", "feature": 1}
    inline = {**body, "FeatureOfInterest": feature}
    assert gauge.http.post(f"{ROOT}{TIDE}/Observations", json=inline).status_code == 400


def test_a_thing_made_here_has_keys_of_its_own(
    client: Callable[..., Client], admin: Client
) -> None:
    thing = admin.make("/Things", OVEN)
    other = admin.make("/Things", OVEN)
    id = thing.partition("('")[2].removesuffix("')")
    device = client("admin", station=id)
    assert device.ids("/Things") == [id]
    stream = f"/Datastreams('{device.ids('/Datastreams')[0]}')"
    made = device.make(f"{stream}/Observations", {"result": 72.5})
    assert device.get(f"{made}/FeatureOfInterest")["feature"]["type"] == "Point"
    foreign = f"/Datastreams('{admin.ids(f'{other}/Datastreams')[0]}')"
    assert device.status(foreign) == 404
    body = {"result": 1, "Datastream": {"@iot.id": foreign.partition("('")[2][:-2]}}
    assert device.http.post(f"{ROOT}/Observations", json=body).status_code == 403


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
def test_a_station_s_key_neither_corrects_nor_withdraws(
    client: Callable[..., Client], method: str
) -> None:
    gauge = client("admin", station="zhapu")
    path = f"{ROOT}/Observations('zhapu.tide@1627185600000')"
    assert gauge.http.request(method, path, json={"result": 1}).status_code == 403
    assert gauge.http.post(f"{ROOT}/Things", json=OVEN).status_code == 403
    body = {"name": "a", "description": "b"}
    assert gauge.http.post(f"{ROOT}/Things('zhapu')/Datastreams", json=body).status_code == 403


def test_a_cookie_alone_changes_nothing(hand: Hand) -> None:
    with hand.signed_in(hand.account("admin")) as browser:
        browser.headers.pop("X-Anlan")
        assert browser.get(f"{ROOT}/Things").status_code == 200
        assert browser.post(f"{ROOT}/Things", json=OVEN).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "", "GET, HEAD"),
        ("DELETE", "/Things", "GET, HEAD, POST"),
        ("POST", "/Things('zhapu')", "GET, HEAD, PATCH, PUT, DELETE"),
        ("PUT", "/Things('zhapu')/name", "GET, HEAD"),
        ("POST", "/Things/$ref", "GET, HEAD"),
        ("GET", "/CreateObservations", "POST"),
        ("GET", "/$batch", "POST"),
        ("OPTIONS", "/Things", "GET, HEAD, POST"),
    ],
)
def test_a_method_that_does_not_fit_is_405(
    reader: Client, method: str, path: str, allowed: str
) -> None:
    answer = reader.http.request(method, ROOT + path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"7",
        b'"text"',
        b"null",
        b"[" * 100_000,
        b'{"name":' * 5_000,
        b'{"name": "a", "description": "\\ud800"}',
        b'{"name": "a", "description": "\\u0000"}',
        b'{"name": "a", "description": NaN}',
        b'{"name": "a", "description": "b", "properties": {"n": 1e999}}',
        b'{"name": "a", "description": "b", "properties": {"n": ' + b"9" * 5_000 + b"}}",
        b'{"name": "a", "description": "b", "properties": [1]}',
        b'{"name": "a", "description": "' + b"x" * 20_000 + b'"}',
        b'{"name": {"a": 1}, "description": "b"}',
        b'{"name": "a", "description": "b", "Locations": [{"name": "a", "description": "b", '
        b'"encodingType": "application/geo+json", "location": {"type": "Point", '
        b'"coordinates": [1e308, 1e308]}}]}',
        b'{"name": "a", "description": "b", "Locations": "x"}',
        b'{"name": "a", "description": "b", "Datastreams": [[[[1]]]]}',
        b" " * (bodies.MOST_BYTES + 1),
    ],
    ids=lambda body: body[:40].decode("latin-1"),
)
@pytest.mark.parametrize("path", ["/Things", "/$batch", "/CreateObservations"])
def test_a_hostile_body_is_400(reader: Client, body: bytes, path: str) -> None:
    answer = reader.http.post(ROOT + path, content=body)
    if (path, body) == ("/CreateObservations", b"[]"):
        assert answer.json() == []
        return
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["message"]
    assert len(answer.content) < 5_000


def test_a_list_of_a_million_things_is_bounded(admin: Client) -> None:
    many = {**OVEN, "Datastreams": [], "Locations": [OVEN["Locations"][0]] * 1_500}  # type: ignore[index]
    answer = admin.http.post(f"{ROOT}/Things", json=many)
    assert answer.status_code == 400
    assert "at most" in answer.json()["error"]["message"]
    assert admin.ids("/Things", filter="name eq 'oven'") == []


def test_a_question_that_takes_too_long_is_stopped(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "STEPS", 1)
    monkeypatch.setattr(bounded, "SECONDS", 0.0)
    answer = admin.http.get(f"{ROOT}/Observations", params={"$filter": "result gt 100"})
    assert answer.status_code == 400
    assert "bound phenomenonTime" in answer.json()["error"]["message"]
    monkeypatch.setattr(bounded, "SECONDS", 120.0)
    # and the connection is as good as before
    assert admin.status("/Observations", filter="result gt 100") == 200


@pytest.mark.both_engines
def test_one_slow_query_is_stopped_by_the_database(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "SECONDS", 0.2)
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    )
    slow = pytest.raises(Refusal, match="bound phenomenonTime")
    with store.read() as conn, slow, bounded.bounded(conn):
        conn.exec_driver_sql(endless)
    with store.read() as conn:
        assert conn.exec_driver_sql("SELECT 1").scalar_one() == 1


def test_an_answer_holds_no_more_than_it_may(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anlan.observe.sta import view

    monkeypatch.setattr(view, "MOST_SHOWN", 20)
    answer = admin.http.get(f"{ROOT}/Things", params={"$expand": "Datastreams"})
    assert answer.status_code == 400
    assert "$top" in answer.json()["error"]["message"]


def names(value: Any) -> set[str]:
    """Every name in a JSON document."""
    if isinstance(value, dict):
        return set(value).union(*map(names, value.values()))
    return set().union(*map(names, value)) if isinstance(value, list) else set()


def test_no_account_and_no_person_leaves(admin: Client, hand: Hand) -> None:
    admin.make("/Things", OVEN)
    everything = [
        admin.get(f"/{kind}", top=1000)
        for kind in ("Things", "Locations", "Datastreams", "Sensors", "Observations")
    ]
    text = json.dumps(everything, ensure_ascii=False)
    for account in hand.city.accounts.values():
        assert account.id not in text.replace("admin", "") or account.id == "admin"
        assert account.name not in text
    for person in hand.city.people[:200]:
        assert person.name not in text
    assert not names(everything) & {"source_account", "actor", "phone", "recorded_by"}


def test_a_replay_says_that_it_is_one(admin: Client) -> None:
    assert admin.get("")["anlan"] == {"exercise": True}
