"""Who may hand in what: a key for each station, its own series alone, and not without end."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from anlan.city import City
from anlan.observe import pace
from anlan.refusal import Refusal
from anlan.store import Store, schema
from tests.observe.mosquitto import Mosquitto, Publisher, needs_mosquitto
from tests.observe.mqtt_desk import EIGHT, Desk, until
from tests.service.hand import Hand, raise_hand

NIGHT = datetime(2021, 7, 25, 17, 0, tzinfo=UTC)
WHERE = "/api/v1/readings"
SLOW = {"ingest": {"requests_per_minute": 60, "megabytes_per_minute": 1}}


def row(series: str, minutes: int = 0, value: float = 1.0) -> dict[str, object]:
    return {
        "series": series,
        "valid_at": (NIGHT - timedelta(minutes=minutes)).isoformat(),
        "value": value,
    }


@pytest.fixture
def hand(pinghu: City, store: Store) -> Hand:
    return raise_hand(replace(pinghu, settings={**pinghu.settings, **SLOW}), store, NIGHT)


@pytest.fixture
def zhapu(hand: Hand) -> Iterator[TestClient]:
    key = hand.key(hand.account("admin"), station="zhapu")
    with TestClient(hand.app, headers=key) as client:
        yield client


def kept(store: Store) -> int:
    with store.read() as conn:
        return conn.execute(select(func.count()).select_from(schema.observation)).scalar_one()


@pytest.mark.parametrize("series", ["rain-zhapu.rain", "danghu-level.river_level"])
def test_a_stations_key_writes_its_own_series_and_no_others(
    zhapu: TestClient, store: Store, series: str
) -> None:
    own = zhapu.post(WHERE, json=[row("zhapu.tide", 10), row("zhapu.battery", 10, 12.5)])
    assert own.json()["new"] == 2
    mixed = zhapu.post(WHERE, json=[row("zhapu.tide", 0), row(series)])
    assert mixed.status_code == 403
    assert "nothing of this batch was taken" in mixed.json()["message"]
    assert kept(store) == 2


def test_a_stations_key_may_do_nothing_else(zhapu: TestClient) -> None:
    for path in ("stations", "series/zhapu.tide", "journal", "sources", "alerts"):
        assert zhapu.get(f"/api/v1/{path}").status_code in (401, 403), path


def test_nobody_hands_in_readings_without_a_key(hand: Hand) -> None:
    with TestClient(hand.app) as stranger:
        assert stranger.post(WHERE, json=[row("zhapu.tide")]).status_code == 401
        wrong = {"authorization": "Bearer nothing"}
        assert stranger.post(WHERE, json=[row("zhapu.tide")], headers=wrong).status_code == 401
    viewer = hand.key(hand.account("duty_officer"))
    with TestClient(hand.app, headers=viewer) as officer:
        assert officer.post(WHERE, json=[row("zhapu.tide")]).status_code == 403


def test_a_key_that_sends_too_often_is_told_when_to_come_back_and_others_are_not_held(
    zhapu: TestClient, hand: Hand
) -> None:
    answers = [zhapu.post(WHERE, json=[row("zhapu.tide", n)]) for n in range(30)]
    codes = [answer.status_code for answer in answers]
    assert codes[:12] == [200] * 12
    assert codes[-1] == 429
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert answers[-1].json()["kind"] == "too_many"
    assert "put more readings into one request" in answers[-1].json()["message"]
    other = hand.key(hand.account("admin"), station="rain-zhapu")
    with TestClient(hand.app, headers=other) as rain:
        assert rain.post(WHERE, json=[row("rain-zhapu.rain")]).status_code == 200


def test_a_key_that_sends_too_much_is_stopped_before_its_body_is_read(
    zhapu: TestClient, store: Store
) -> None:
    big = json.dumps([row("zhapu.tide")]) + " " * 4_000_000
    headers = {"content-type": "application/json"}
    assert zhapu.post(WHERE, content=big, headers=headers).status_code == 200
    assert zhapu.post(WHERE, content=big, headers=headers).status_code == 429
    pieces = (b" " * 1_000_000 for _ in range(4))
    assert zhapu.post(WHERE, content=pieces, headers=headers).status_code == 429


def test_sensorthings_counts_against_the_same_limits(zhapu: TestClient) -> None:
    where = "/sta/v1.1/Datastreams('zhapu.tide')/Observations"
    sent = [
        zhapu.post(where, json={"phenomenonTime": row("", n)["valid_at"], "result": 1.0})
        for n in range(30)
    ]
    assert sent[0].status_code == 201
    assert sent[-1].status_code == 429
    assert int(sent[-1].headers["retry-after"]) >= 1
    assert zhapu.get("/sta/v1.1/Datastreams").status_code == 200
    assert zhapu.post(WHERE, json=[row("zhapu.tide")]).status_code == 429


def test_the_same_idempotency_key_brings_back_the_first_answer(zhapu: TestClient) -> None:
    key = {"Idempotency-Key": "batch-7"}
    first = zhapu.post(WHERE, json=[row("zhapu.tide")], headers=key).json()
    assert first == zhapu.post(WHERE, json=[row("zhapu.tide")], headers=key).json()
    assert first["new"] == 1
    other = zhapu.post(WHERE, json=[row("zhapu.tide", 10)], headers=key).json()
    assert other["new"] == 1, "a key used again for other readings must not lose them"


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(0, 5_000_000)), max_size=60))
def test_no_key_gets_more_than_its_rate_and_what_it_saved(
    asked: list[tuple[float, int]],
) -> None:
    limits = pace.Limits(requests_per_s=2.0, bytes_per_s=100_000.0)
    now = 0.0
    counter = pace.Pace(limits, lambda: now)
    passed: list[int] = []
    for wait, size in asked:
        now += wait
        try:
            counter.admit("k", size)
            passed.append(size)
        except Refusal as refusal:
            now += refusal.again_s or 0
            counter.admit("k", size)  # who comes back when told is let in
            passed.append(size)
    assert len(passed) <= limits.requests_at_once + now * limits.requests_per_s + 1
    assert sum(passed) <= limits.bytes_at_once + now * limits.bytes_per_s + 1


def test_the_keys_remembered_are_bounded() -> None:
    counter = pace.Pace(pace.Limits(), lambda: 0.0)
    for number in range(pace.MOST_KEYS + 50):
        counter.admit(f"k{number}", 1)
    assert len(counter._purses) == pace.MOST_KEYS


def test_a_fault_of_the_limits_is_named(tmp_path: Path) -> None:
    toml = tmp_path / "city.toml"
    toml.write_text("[ingest]\nrequests_per_minute = 0\n", encoding="utf-8")
    (fault,) = pace.check(tmp_path)
    assert fault.field == "ingest.requests_per_minute"
    toml.write_text("[ingest]\nrequests_per_minute = 6000\n", encoding="utf-8")
    assert pace.check(tmp_path) == []


@needs_mosquitto
def test_over_mqtt_the_brokers_list_and_the_topic_keep_stations_apart(
    pinghu: City, store: Store, tmp_path: Path
) -> None:
    """The access list of the page on stations: a station publishes under its own name alone."""
    folder = tmp_path / "broker"
    folder.mkdir()
    passwords, rights = folder / "passwords", folder / "rights"
    for user in ("desk", "zhapu", "danghu-level"):
        made = ["mosquitto_passwd", "-b", *(["-c"] if user == "desk" else [])]
        subprocess.run([*made, str(passwords), user, f"{user}-secret"], check=True)
    page = (Path(__file__).parents[2] / "docs" / "stations.md").read_text(encoding="utf-8")
    rights.write_text(page.split("```acl\n")[1].split("```")[0], encoding="utf-8")
    rights.chmod(0o600)
    broker = Mosquitto(
        folder, [f"password_file {passwords}", f"acl_file {rights}"], anonymous=False
    )
    broker.start()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ANLAN_MQTT_USER", "desk")
        environment.setenv("ANLAN_MQTT_PASSWORD", "desk-secret")
        desk = Desk(pinghu, tmp_path / "city", broker, store)
        desk.open()
    station = Publisher(broker.port, "zhapu", "zhapu-secret")
    own = {"valid_at": EIGHT.isoformat(), "value": 3.0}
    # under another's name: the broker passes it on to nobody
    station.send("stations/danghu-level/readings", json.dumps(own))
    # another's series under its own name: refused by the desk
    station.send(
        "stations/zhapu/readings", json.dumps({**own, "series": "danghu-level.river_level"})
    )
    station.send("stations/zhapu/readings", json.dumps(own))
    until(lambda: desk.count() == 1)
    station.close()
    desk.close()
    broker.stop()
    assert desk.values("danghu-level.river_level") == []
    (error,) = desk.quarantined()
    assert "is not of station zhapu" in error


@needs_mosquitto
def test_a_desk_that_the_broker_does_not_let_in_says_what_to_do(
    pinghu: City, store: Store, tmp_path: Path
) -> None:
    broker = Mosquitto(tmp_path / "broker", anonymous=False)
    broker.start()
    desk = Desk(pinghu, tmp_path / "city", broker, store)
    feed = desk.made()
    feed.start()
    until(lambda: "ANLAN_MQTT_USER" in feed.state().problem)
    desk.close()
    broker.stop()
