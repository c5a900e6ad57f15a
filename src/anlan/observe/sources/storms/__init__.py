"""``storms.toml`` of a city folder: where tracks of storms come from.

::

    [source]
    owner = "中央气象台"
    licence = "terms of the site"
    quality = "checked"
    cadence_minutes = 10
    time_out_s = 20

    [[feed]]
    id = "zj"
    url = "https://example.cn/Api/TyphoonInfo/202106"   # operational JSON

    [[feed]]
    id = "drop"
    folder = "inbox/storms"          # files of any form that is read, below the data folder

Forms: `anlan.observe.storm.read_tracks`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from anlan.city import City
from anlan.clock import Clock
from anlan.journal import Act
from anlan.observe.quarantine import put_aside
from anlan.observe.sources.documents import Fetch, changed, dropped
from anlan.observe.sources.official.manifest import drop_folder, every, identifier, web_address
from anlan.observe.sources.polling import Gathered, Poller
from anlan.observe.sources.source import Feed, Origin, Source
from anlan.observe.sources.table import Table
from anlan.observe.sources.web import fetcher
from anlan.observe.storm import StormTrack, add, read_tracks
from anlan.observe.storm.reading import MOST_BYTES
from anlan.refusal import Refusal
from anlan.store import Store

SUFFIXES = (".json", ".txt", ".csv", ".nc")
MOST_OF_ADDRESS = 8 * 1024 * 1024
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """One place where tracks come from: ``url`` or ``folder``, the other is empty."""

    id: str
    url: str
    folder: str
    every: timedelta


@dataclass(frozen=True)
class Settings:
    """What ``storms.toml`` says beside ``[source]``."""

    places: tuple[Place, ...]
    time_out_s: float


class TrackJob:
    """Asks one place for tracks."""

    def __init__(self, place: Place, data: Path, fetch: Fetch) -> None:
        self._place, self._fetch = place, fetch
        self._folder = data / place.folder if place.folder else None

    @property
    def id(self) -> str:
        """Of the place."""
        return self._place.id

    @property
    def every(self) -> timedelta:
        """How often it is asked."""
        return self._place.every

    def gather(self, memory: dict[str, Any]) -> Gathered:
        """(name, tracks or why there are none) of each file that is new. Raises `Refusal`."""
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            files = dropped(self._folder, memory, MOST_BYTES, SUFFIXES)
            return Gathered([(name, _read(name, content)) for name, content in files], memory)
        body = changed(self._fetch, self._place.url, memory, MOST_OF_ADDRESS)
        url = self._place.url
        return Gathered([] if body is None else [(url, _read(url, body))], memory)

    def take(self, act: Act, items: Sequence[Any]) -> tuple[int, int]:
        """Keep the fixes; what is no track file goes to quarantine."""
        new = refused = 0
        for name, read in items:
            if isinstance(read, str):
                refused += 1
                put_aside(act, f"storms:{self._place.id}", name, read)
            else:
                new += add(act, read, self._place.id)
        return new, refused


def _read(name: str, content: bytes | Refusal) -> list[StormTrack] | str:
    if isinstance(content, Refusal):
        return content.message
    try:
        return read_tracks(content, name[:200])
    except Refusal as refusal:
        return refusal.message
    except Exception as problem:  # one file that nobody foresaw must not stop all others
        log.exception("tracks: %s", name)
        return f"{name}: {type(problem).__name__}: {problem}"


class StormSource(Source[Settings]):
    """Tracks of storms by address or dropped file."""

    name = "storms"
    file = "storms.toml"
    title = "typhoon tracks: operational JSON, CMA and JMA best tracks, IBTrACS"

    def read(self, city: City, origin: Origin, table: Table) -> Settings:
        """The settings of ``storms.toml``."""
        table.known("feed")
        places: dict[str, Place] = {}
        for each in table.tables("feed"):
            each.known("id", "url", "folder", "every_s")
            url, folder = web_address(each), drop_folder(each)
            if bool(url) == bool(folder):
                raise each.wrong("url", None, "or folder is needed, not both", 'url = "https://…"')
            place = Place(identifier(each), url, folder, every(each, origin))
            if place.id in places:
                raise each.wrong("id", place.id, "stands twice", "an id of its own")
            places[place.id] = place
        return Settings(tuple(places.values()), origin.time_out_s)

    def open(self, city: City, store: Store, clock: Clock, settings: Settings) -> Feed | None:
        """A poller of all places; None where none is named."""
        if not settings.places:
            return None
        fetch = fetcher(city, settings.time_out_s)
        jobs = [TrackJob(place, store.data_dir, fetch) for place in settings.places]
        return Poller(self.name, store, clock, jobs)

    def probe(self, city: City, settings: Settings) -> str:
        """Ask each address once, and read what it gives."""
        storms = 0
        asked = [place.url for place in settings.places if place.url]
        for url in asked:
            answer = fetcher(city, settings.time_out_s)(url, most_bytes=MOST_OF_ADDRESS)
            storms += len(read_tracks(answer.body or b"", url))
        return f"{len(asked)} addresses answer, with {storms} tracks"


SOURCE = StormSource()
