"""The desk of a drill: a commander starts it, nobody is told what is expected, it is reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from anlan.access import issue
from anlan.access.desk import WALL, Desk
from anlan.city import City
from anlan.clock import ReplayClock
from anlan.drill import Drill, Script, prepare
from anlan.journal import Act
from anlan.service.app import create_app
from anlan.service.drill_host import DrillHost
from anlan.store import Store
from tests.drill.conftest import script as script  # the same short drill

Seat = Callable[[str], TestClient]


class Room:
    """A drill's desk, stepped by hand; its thread is not started."""

    def __init__(self, city: City, script: Script, folder: Path) -> None:
        self.store = Store(folder, private=True)
        end = script.drill.start + timedelta(minutes=script.drill.minutes)
        clock = ReplayClock(script.drill.start, end, 1)
        self.drill: Drill = prepare(city, script, self.store, clock)
        self.host = DrillHost(self.drill, clock)
        desk = Desk(city, self.store, clock, drilled=self.host.drilled)
        self.app = create_app(desk, None, self.host, self.host.problem, self.drill)

    @contextmanager
    def signed_in(self, account: str) -> Iterator[TestClient]:
        with self.store.transaction() as tx:
            token = issue(Act(tx, self.drill.start_at, "system"), account, "link", WALL.now())
        with TestClient(self.app, headers={"X-Anlan": "1"}, follow_redirects=False) as client:
            assert client.get(f"/signin/{token}").status_code == 303
            yield client

    def until(self, minute: int) -> None:
        while self.drill.reached() < self.drill.start_at + timedelta(minutes=minute):
            self.drill.tick(self.drill.reached() + timedelta(minutes=1))


@pytest.fixture
def room(talstadt: City, script: Script, tmp_path: Path) -> Iterator[Room]:
    made = Room(talstadt, script, tmp_path / "drill")
    yield made
    made.store.close()


def test_a_commander_starts_and_ends_it_and_nobody_else(room: Room) -> None:
    with room.signed_in("duty-1") as duty:
        refused = duty.post("/api/v1/drill/start")
        assert (refused.status_code, refused.json()["field"]) == (403, "role")
        assert duty.post("/api/v1/replay", json={"paused": False}).status_code == 409
    with room.signed_in("commander-1") as commander:
        assert commander.get("/api/v1/clock").json()["replay"]["paused"]
        assert commander.post("/api/v1/drill/end").status_code == 409
        assert commander.post("/api/v1/drill/start").json() == {"started": True}
        assert not commander.get("/api/v1/clock").json()["replay"]["paused"]
        assert commander.post("/api/v1/drill/start").status_code == 409
        assert commander.post("/api/v1/drill/end").json() == {"ended": True}


def test_the_desk_says_exercise(room: Room) -> None:
    with room.signed_in("commander-1") as commander:
        assert commander.get("/api/v1/session").json()["exercise"] is True
        assert commander.get("/api/v1/clock").json()["real"] is False


def test_injects_come_at_their_time_to_those_they_are_for(room: Room) -> None:
    with room.signed_in("commander-1") as commander, room.signed_in("duty-1") as duty:
        assert commander.get("/api/v1/drill").json()["injects"] == []
        commander.post("/api/v1/drill/start")
        room.until(11)
        seen = [one["id"] for one in duty.get("/api/v1/drill").json()["injects"]]
        assert seen == ["leak", "rise"], "the question goes to commanders"
        asked = commander.get("/api/v1/drill").json()["injects"][0]
        assert asked["question"]["asked"]
        answer = "/api/v1/drill/injects/ask/answer"
        assert duty.post(answer, json={"choice": 0}).status_code == 404
        # what a phone sends again for want of an answer is not a second answer
        key = {"Idempotency-Key": "k1"}
        for _ in range(2):
            assert commander.post(answer, json={"choice": 0}, headers=key).is_success
        again = commander.post(answer, json={"choice": 1})
        assert again.status_code == 409
        assert again.json()["message_zh"] == "这道题已经答过，以第一次为准。"


def test_what_is_expected_is_told_to_nobody_before_the_end(room: Room) -> None:
    with room.signed_in("commander-1") as commander:
        commander.post("/api/v1/drill/start")
        room.until(12)
        told = commander.get("/api/v1/drill").text
        assert "right" not in told
        assert "expect" not in told
        for path in ("/api/v1/drill/report", "/api/v1/drill/report.html"):
            assert commander.get(path).status_code == 409
        assert commander.get("/api/v1/review").json()["drill"] is None
        room.until(60)
        report = commander.get("/api/v1/drill/report").json()
        assert report["verdict"]["met"] >= 3
        page = commander.get("/api/v1/drill/report.html")
        assert "演练 EXERCISE" in page.text
        review = commander.get("/api/v1/review.html")
        assert 'id="drill"' in review.text
        assert "演练 EXERCISE" in review.text


def test_a_drill_is_not_begun_again(room: Room) -> None:
    with room.signed_in("commander-1") as commander:
        assert commander.post("/api/v1/replay", json={"restart": True}).status_code == 409


def test_the_thread_carries_a_started_drill_to_its_end(room: Room) -> None:
    with room.store.transaction() as tx:
        room.drill.start(Act(tx, room.drill.start_at, "commander-1"))
    room.host.control(False, None, room.drill.end_at)  # hurry ahead
    room.host.thread.start()
    room.host.thread.join(timeout=120)
    assert room.drill.finished
    assert room.host.problem() is None
