"""A replay hosted by the desk: hurried ahead, begun again, and its old records put aside."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from anlan.access import issue
from anlan.access.desk import WALL, Desk
from anlan.city import City
from anlan.clock import ReplayClock
from anlan.journal import Act
from anlan.replay import Replay, prepare
from anlan.service.app import create_app
from anlan.service.replay_host import ReplayHost
from anlan.store import Store, schema
from anlan.store.sqlite import Sqlite
from tests.replay.short import PLAN, short_city


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return short_city(tmp_path_factory.mktemp("city") / "pinghu")


@pytest.fixture
def desk(city: City, store: Store) -> Iterator[tuple[TestClient, ReplayHost]]:
    event = city.event(PLAN.event)
    # no forecasts here: what matters is the hand on the clock
    early = replace(event, cycles_until=event.start - timedelta(days=1))
    clock = ReplayClock(event.start, event.end, speed=60)

    def begin() -> Replay:
        replay = prepare(PLAN, city, store, clock)
        assert replay.chain.cycle is not None
        replay.chain.cycle.event = early
        return replay

    host = ReplayHost(store, clock, PLAN.identity(city, PLAN.settings(city)), begin(), begin)
    app = create_app(Desk(city, store, clock, event, host.truth), None, host, host.problem)
    host.start()
    officer = next(a.id for a in city.accounts.values() if a.role == "duty_officer")
    with store.transaction() as tx:
        link = issue(Act(tx, clock.now(), "system"), officer, "link", WALL.now())
    with TestClient(app, headers={"X-Anlan": "1"}) as client:
        client.get(f"/signin/{link}", follow_redirects=False)
        yield client, host
    host.stop()


def _until(wanted: Callable[[], bool]) -> None:
    for _ in range(600):
        if wanted():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come to that")


def test_it_hurries_ahead_pauses_and_begins_again(
    desk: tuple[TestClient, ReplayHost], store: Store
) -> None:
    client, host = desk
    event = host.thread.replay.event
    target = event.start + timedelta(hours=2)
    between_ticks = target + timedelta(minutes=5)
    client.post("/api/v1/replay", json={"jump_to": between_ticks.isoformat()})
    _until(lambda: host.clock.now() >= target and host.clock.jump is None)
    assert client.post("/api/v1/replay", json={"paused": True}).json()["replay"]["paused"]
    back = client.post("/api/v1/replay", json={"jump_to": event.start.isoformat()})
    assert back.status_code == 422
    assert "restart the replay" in back.json()["message"]
    with store.read() as conn:
        before = conn.execute(select(func.count()).select_from(schema.observation)).scalar_one()
    assert before > 0

    view = client.post("/api/v1/replay", json={"restart": True}).json()
    assert view["replay"]["progress"] < 0.2
    assert client.get("/api/v1/session").json()["account"], "signed in still"
    assert _put_aside(store) >= before
    _until(lambda: host.clock.now() > event.start)
    assert host.problem() is None


def _put_aside(store: Store) -> int:
    """How many observations the first archive of a store holds."""
    if isinstance(store.database, Sqlite):
        with sqlite3.connect(store.data_dir / "archive" / "001" / "anlan.db") as kept:
            return int(kept.execute("SELECT count(*) FROM observation").fetchone()[0])
    with store.read() as conn:
        found = conn.exec_driver_sql("SELECT count(*) FROM archive_001.observation")
        return int(found.scalar_one())


def test_speed_outside_its_bounds_is_refused_with_them(
    desk: tuple[TestClient, ReplayHost],
) -> None:
    client, _ = desk
    answer = client.post("/api/v1/replay", json={"speed": 0})
    assert answer.status_code == 422
    assert "1 to 100000" in answer.json()["message"]


def test_the_review_page_knows_what_really_happened(
    desk: tuple[TestClient, ReplayHost], tmp_path: Path
) -> None:
    client, host = desk
    _until(lambda: host.clock.now() > host.thread.replay.event.start)
    made = client.get("/api/v1/review").json()
    assert made["basis"] == "truth"
    assert "复盘" in client.get("/api/v1/review.html").text
