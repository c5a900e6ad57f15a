"""MQTT when something fails: the database, the disk, the process. Nothing acknowledged is lost."""

from __future__ import annotations

import json
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, event, select

from anlan.city import City
from anlan.clock import SteppedClock
from anlan.journal import verify
from anlan.observe import Reading, archive
from anlan.observe.sources.mqtt import feed as feed_module
from anlan.observe.sources.mqtt.link import LONGEST_PAUSE_S, pause_s
from anlan.observe.sources.mqtt.shelf import Full, Message, Place, Shelf
from anlan.store import Store, schema
from tests.conftest import CITIES
from tests.observe.mosquitto import Mosquitto, Publisher, needs_mosquitto
from tests.observe.mqtt_desk import EIGHT, RIVER, SOURCE_TABLE, TOPICS, WHERE, Desk, level, until
from tests.postgresql import Server


@contextmanager
def locked(store: Store) -> Iterator[None]:
    """Another process holds the database."""
    other = sqlite3.connect(store.data_dir / "anlan.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


class Ticking(SteppedClock):
    """A clock that goes on whenever it is looked at, so that no two commits have one time."""

    def now(self) -> datetime:
        self.step_to(super().now() + timedelta(milliseconds=1))
        return super().now()


def messages(desk: Desk, first: int, last: int) -> list[str]:
    return [json.dumps(level(n / 10, n / 1000)) for n in range(first, last)]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit counts as slow at once, and is tried again soon."""
    monkeypatch.setattr(feed_module, "SLOW_S", 0.1)
    monkeypatch.setattr(feed_module, "pause_s", lambda *_: 0.1)


def order(store: Store) -> list[float]:
    """The values in the order in which they were committed, oldest first."""
    o = schema.observation.c
    with store.read() as conn:
        rows = conn.execute(select(o.value, o.valid_at).order_by(o.recorded_at, o.valid_at))
        return [row.value for row in rows]


@needs_mosquitto
@pytest.mark.usefixtures("quick")
def test_while_the_database_is_held_messages_wait_on_disk_and_follow_in_order(
    desk: Desk, station: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "MOST_TOGETHER", 10)
    desk.clock = Ticking(desk.clock.now())
    feed = desk.open()
    with locked(desk.store):
        station.send(WHERE, *messages(desk, 0, 5))
        until(lambda: feed._busy_since is not None)  # the first ten at most are in hand
        for first in range(5, 105, 20):
            station.send(WHERE, *messages(desk, first, first + 20))
            until(lambda first=first: feed.state().waiting >= first + 10)  # type: ignore[misc]
        assert desk.count() == 0
    until(lambda: desk.count() == 105)
    until(lambda: feed.state().waiting == 0)
    assert desk.values() == order(desk.store) == [n / 1000 for n in range(105)]
    assert feed.state().problem == ""
    assert not list((desk.store.data_dir / "mqtt").iterdir())


@needs_mosquitto
@pytest.mark.usefixtures("quick")
def test_what_waits_on_disk_is_taken_by_the_next_desk_once(desk: Desk, station: Publisher) -> None:
    feed = desk.open()
    with locked(desk.store):
        station.send(WHERE, *messages(desk, 0, 1))
        until(lambda: feed._busy_since is not None)
        station.send(WHERE, *messages(desk, 1, 30), "no JSON")
        until(lambda: feed.state().waiting == 30)
        feed._ending.set()  # as a process ends: what is in hand is not acknowledged
    desk.close()
    desk.open()
    until(lambda: desk.count() == 30)
    desk.close()
    desk.open()
    time.sleep(0.2)
    assert len(desk.quarantined()) == 1
    assert desk.count() == 30


@needs_mosquitto
@pytest.mark.usefixtures("quick")
def test_a_message_that_the_store_cannot_take_costs_no_other_and_is_not_tried_for_ever(
    desk: Desk, station: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = archive.add_all

    def choke(
        tx: Connection, batches: Sequence[Sequence[Reading]], at: datetime
    ) -> list[archive.Added]:
        if any(reading.value == 6.66 for readings in batches for reading in readings):
            raise ZeroDivisionError
        return add(tx, batches, at)

    monkeypatch.setattr(archive, "add_all", choke)
    feed = desk.open()
    station.send(WHERE, json.dumps(level(0, 6.66)))
    until(lambda: feed.state().refused == 1)
    station.send(WHERE, *(json.dumps(level(n, 6.66 if n == 3 else 3.0)) for n in range(1, 6)))
    until(lambda: desk.count() == 4)
    until(lambda: feed.state().refused == 2)
    assert feed.state().problem == ""
    assert all("ZeroDivisionError" in error for error in desk.quarantined())


def test_a_damaged_queue_gives_what_is_whole_and_keeps_the_rest_for_somebody(
    tmp_path: Path,
) -> None:
    shelf = Shelf(tmp_path / "q", 10**6)
    for n in range(3):
        shelf.put([message(n)])
    (path,) = (tmp_path / "q").iterdir()
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1  # in the second of three
    path.write_bytes(raw)
    assert drained(shelf) == [message(0)]
    assert [each.suffix for each in (tmp_path / "q").iterdir()] == [".damaged"]
    assert len(shelf) == 0


@contextmanager
def full_disk(store: Store) -> Iterator[None]:
    """The database may grow no more: SQLite answers as it does on a full disk."""

    most = [1]  # page; as many as there are

    def bound(connection: Any, _record: object, _proxy: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {most[0]}")

    event.listen(store.engine, "checkout", bound)
    try:
        yield
    finally:
        most[0] = 2**30


@needs_mosquitto
@pytest.mark.usefixtures("quick")
def test_a_full_disk_is_told_and_what_came_meanwhile_is_kept(
    desk: Desk, station: Publisher
) -> None:
    feed = desk.open()
    with full_disk(desk.store):
        for first in range(0, 3000, 100):
            station.send(WHERE, *messages(desk, first, first + 100))
        until(lambda: "full" in feed.state().problem)
        before = desk.count()
        assert before < 3000
    until(lambda: desk.count() == 3000, 20)
    until(lambda: feed.state().problem == "")


@needs_mosquitto
@pytest.mark.usefixtures("quick")
def test_while_a_database_server_is_away_messages_wait_on_disk(
    pinghu: City, tmp_path: Path, broker: Mosquitto, postgresql_server: Server
) -> None:
    url = postgresql_server.fresh()
    store = Store(tmp_path / "var", url)
    desk = Desk(pinghu, tmp_path / "city", broker, store)
    feed = desk.open()
    station = Publisher(broker.port)
    station.send(WHERE, *messages(desk, 0, 10))
    until(lambda: desk.count() == 10)
    postgresql_server.stop()
    for first in range(10, 110, 20):
        station.send(WHERE, *messages(desk, first, first + 20))
        until(lambda: "takes nothing" in feed.state().problem)
    until(lambda: feed.state().waiting > 0)
    postgresql_server.start()
    until(lambda: feed.state().problem == "", 20)
    until(lambda: desk.count() == 110)
    assert desk.values() == [n / 1000 for n in range(110)]
    station.close()
    desk.close()
    store.close()
    postgresql_server.drop(url)


@needs_mosquitto
@pytest.mark.usefixtures("quick")
def test_beyond_the_limit_of_the_queue_the_broker_keeps_what_comes(
    desk: Desk, station: Publisher
) -> None:
    feed = desk.open(more="[queue]\nmost_mb = 0.002")
    with locked(desk.store):
        station.send(WHERE, *messages(desk, 0, 1))
        until(lambda: feed._busy_since is not None)
        station.send(WHERE, *messages(desk, 1, 100))
        until(lambda: "takes no more" in feed.state().problem)
        assert (desk.store.data_dir / "mqtt").stat().st_size < 100_000
    until(lambda: desk.count() == 100)
    until(lambda: feed.state().problem == "")


def message(number: int, size: int = 10) -> Message:
    body = f"{number:04d}".encode().ljust(size, b".")
    return Message(f"stations/{number}", body, size)


def drained(shelf: Shelf) -> list[Message]:
    found: list[Message] = []
    while True:
        some, place = shelf.head(3, 10**9)
        if not some:
            return found
        found += some
        shelf.drop(place, len(some))


@given(st.lists(st.lists(st.integers(0, 2000), max_size=5), max_size=6), st.data())
def test_the_queue_gives_back_what_was_put_in_order_also_after_a_torn_end(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[int]], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("queue")
    shelf = Shelf(folder, 10**9)
    put = [[message(n, size) for n, size in enumerate(sizes)] for sizes in batches]
    for batch in put:
        shelf.put(batch)
    shelf.close()
    kept = [each for batch in put for each in batch]
    segments = sorted(folder.iterdir())
    torn = bool(segments)
    if torn:
        torn = data.draw(st.booleans(), "torn")
    if torn:
        raw = segments[-1].read_bytes()
        cut = data.draw(st.integers(0, len(raw)), "cut")
        segments[-1].write_bytes(raw[:cut] + data.draw(st.binary(max_size=20), "rubbish"))
    again = Shelf(folder, 10**9)
    again.put([message(9999)])
    found = drained(again)
    assert found[-1] == message(9999)
    assert found[:-1] == kept[: len(found) - 1]
    assert len(again) == 0
    assert torn or len(found) - 1 == len(kept)
    again.close()


def test_the_queue_begins_where_the_database_says(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "q", 10**6)
    shelf.put([message(n) for n in range(10)])
    _, place = shelf.head(4, 10**6)
    shelf.close()  # the place is committed, and the process ends before it forgets them
    again = Shelf(tmp_path / "q", 10**6, place)
    assert len(again) == 6
    again.put([message(10)])
    assert drained(again) == [message(n) for n in range(4, 11)]
    again.close()
    assert Shelf(tmp_path / "q", 10**6, Place(7, 0))._number > 7


def test_a_queue_that_is_full_takes_nothing_and_keeps_what_it_has(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "q", 1000)
    shelf.put([message(1)])
    with pytest.raises(Full):
        shelf.put([message(2), message(3, 1000)])
    shelf.put([message(4)])
    assert drained(shelf) == [message(1), message(4)]


def test_a_disk_that_takes_half_of_a_message_leaves_no_half_of_it(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "q", 10**9)
    shelf.put([message(1)])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, hard))
    try:
        with pytest.raises(OSError):
            shelf.put([message(2, 10_000)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    shelf.put([message(3)])
    shelf.close()
    assert drained(Shelf(tmp_path / "q", 10**9)) == [message(1), message(3)]


@given(st.integers(1, 10_000), st.integers())
def test_pauses_grow_are_bounded_and_differ(attempt: int, seed: int) -> None:
    chance = random.Random(seed)
    first, second = pause_s(attempt, chance), pause_s(attempt, chance)
    assert 0.5 <= first <= LONGEST_PAUSE_S
    assert first != second
    assert pause_s(12, chance) > pause_s(1, chance)


INGESTER = """
import sys, time
from dataclasses import replace
from pathlib import Path
from anlan.city import load
from anlan.clock import RealClock
from anlan.observe.sources.mqtt import SOURCE, feed
from anlan.store import Store

feed.SLOW_S = 0.05
city, folder = load(sys.argv[1]), Path(sys.argv[2])
running = SOURCE.feed(replace(city, folder=folder), Store(folder / "var"), RealClock())
running.start()
while not running.state().connected:
    time.sleep(0.01)
print("up", flush=True)
time.sleep(600)
"""


def ingester(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", INGESTER, str(CITIES / "pinghu"), str(folder)]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    assert started.stdout.readline() == "up\n"
    return started


def survive(folder: Path, broker: Mosquitto, kills: int, readings: int) -> None:
    """Kill the process that ingests, again and again, while stations go on publishing."""
    (folder / "mqtt.toml").write_text(
        f'{SOURCE_TABLE}\n[broker]\nurl = "{broker.url}"\n{TOPICS}', encoding="utf-8"
    )
    chance = random.Random(4)
    sent, portion, each = threading.Event(), threading.Semaphore(0), 20
    store = Store(folder / "var")

    def publish() -> None:
        station = Publisher(broker.port)
        numbers = list(range(0, readings, each))
        chance.shuffle(numbers)
        for place, first in enumerate(numbers):
            if place % (len(numbers) // (kills + 1)) == 0:
                portion.acquire()  # so that each kill falls among readings under way
            rows = [level(-n, n / 1000) for n in range(first, first + each)]
            if first % 3:
                station.send(WHERE, json.dumps(rows))
            else:
                station.send(WHERE, *(json.dumps(row) for row in rows))
        station.close()
        sent.set()

    def count() -> int:
        o = schema.observation.c
        with store.read() as conn:
            return len(set(conn.execute(select(o.valid_at).where(o.series == RIVER)).scalars()))

    running = ingester(folder)
    stations = threading.Thread(target=publish, daemon=True)
    stations.start()
    for number in range(kills):
        portion.release()
        time.sleep(chance.uniform(0.0, 0.3))
        if number % 3 == 2:  # with messages on the shelf
            with locked(store):
                time.sleep(0.3)
                running.kill()
        else:
            running.kill()
        assert running.wait(10) == -signal.SIGKILL
        running = ingester(folder)
    portion.release(kills + 2)
    stations.join(600)
    assert sent.is_set()
    try:
        until(lambda: count() == readings, 60)
        time.sleep(0.3)
        with store.read() as conn:
            o = schema.observation.c
            rows = conn.execute(select(o.valid_at, o.value).where(o.series == RIVER)).all()
            assert len(rows) == readings, "a reading was doubled"
            expected = {EIGHT - timedelta(minutes=n): n / 1000 for n in range(readings)}
            assert {row.valid_at: row.value for row in rows} == expected
            assert verify(conn).verified
    finally:
        running.kill()
        running.wait(10)
        store.close()


@needs_mosquitto
def test_a_process_killed_again_and_again_loses_and_doubles_nothing(
    tmp_path: Path, broker: Mosquitto
) -> None:
    survive(tmp_path, broker, kills=3, readings=3000)


@needs_mosquitto
@pytest.mark.slow
def test_fifty_kills_during_a_hundred_thousand_readings_lose_and_double_nothing(
    tmp_path: Path, broker: Mosquitto
) -> None:
    survive(tmp_path, broker, kills=50, readings=100_000)
