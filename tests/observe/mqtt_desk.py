"""A desk whose city names a broker: its folder, its store, its feed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from anlan.city import City
from anlan.clock import SteppedClock
from anlan.observe import archive
from anlan.observe.sources.mqtt import SOURCE, MqttFeed
from anlan.store import Store, schema
from tests.observe.mosquitto import Mosquitto

EIGHT = datetime(2021, 7, 25, 0, 0, tzinfo=UTC)
RIVER, TIDE, RAIN = "danghu-level.river_level", "zhapu.tide", "rain-danghu.rain"
WHERE = "stations/danghu-level/readings"
SOURCE_TABLE = """
[source]
owner = "平湖市水利局"
licence = "own network"
quality = "automatic"
cadence_minutes = 5
"""
TOPICS = """
[[topic]]
filter = "stations/{station}/readings"
"""


def until(what: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something holds; fails when it does not in time."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.01)


def level(minutes: float, value: float, **more: object) -> dict[str, object]:
    at = (EIGHT + timedelta(minutes=minutes)).isoformat()
    return {"series": RIVER, "valid_at": at, "value": value, "datum": "1985", **more}


class Desk:
    """A city whose folder names a broker, its store and its feed."""

    def __init__(self, city: City, folder: Path, broker: Mosquitto, store: Store) -> None:
        folder.mkdir(exist_ok=True)
        self.city, self.store, self.broker = replace(city, folder=folder), store, broker
        self.clock = SteppedClock(EIGHT + timedelta(hours=12))
        self.feed: MqttFeed | None = None

    def made(self, topics: str = TOPICS, more: str = "") -> MqttFeed:
        """The feed, not yet started."""
        text = f'{SOURCE_TABLE}\n[broker]\nurl = "{self.broker.url}"\n{more}\n{topics}'
        (self.city.folder / "mqtt.toml").write_text(text, encoding="utf-8")
        found = SOURCE.feed(self.city, self.store, self.clock)
        assert isinstance(found, MqttFeed)
        self.feed = found
        return found

    def open(self, topics: str = TOPICS, more: str = "") -> MqttFeed:
        """The feed, connected."""
        found = self.made(topics, more)
        found.start()
        until(lambda: found.state().connected)
        return found

    def close(self) -> None:
        if self.feed is not None:
            self.feed.stop()
            self.feed = None

    def values(self, series: str = RIVER) -> list[float | None]:
        with self.store.read() as conn:
            start, end = EIGHT - timedelta(days=1), EIGHT + timedelta(days=1)
            return [o.value for o in archive.window(conn, series, start, end)]

    def quarantined(self) -> list[str]:
        with self.store.read() as conn:
            return list(conn.execute(select(schema.quarantine.c.error)).scalars())

    def count(self) -> int:
        with self.store.read() as conn:
            return conn.execute(select(func.count()).select_from(schema.observation)).scalar_one()
