"""Tracks and rain fields dropped into a folder, or at an address, come in by themselves."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from anlan.city import City, load
from anlan.clock import SteppedClock
from anlan.observe import rainfield, storm
from anlan.observe.sources import Source, rain, storms
from anlan.observe.sources.polling import Poller
from anlan.store import Store, schema
from tests.observe.rain_files import HOUR, NOON, netcdf, ramp
from tests.observe.test_fetching import plain, serving
from tests.observe.test_storm_reading import CMA, operational

ORIGIN = """[source]
owner = "owner"
licence = "licence"
quality = "automatic"
cadence_minutes = 10
"""
STORMS = ORIGIN + '[[feed]]\nid = "drop"\nfolder = "inbox/storms"\n'
RAIN = ORIGIN + '[[product]]\nid = "radar"\nfolder = "inbox/radar"\nforecast = false\n'


def city_with(tmp_path: Path, pinghu: City, file: str, text: str) -> City:
    folder = tmp_path / "pinghu"
    shutil.copytree(pinghu.folder, folder)
    (folder / file).write_text(text, encoding="utf-8")
    with (folder / "city.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[fetch]\nallow = ["127.0.0.1"]\n')
    return load(folder)


def polled(source: Source[Any], city: City, store: Store) -> Poller:
    """The source's feed, every job asked once."""
    feed = source.feed(city, store, SteppedClock(NOON))
    assert isinstance(feed, Poller)
    for job in feed._jobs:
        feed.poll(job)
    return feed


def drop(folder: Path, name: str, content: bytes, age_s: float = 60.0) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    then = time.time() - age_s
    os.utime(folder / name, (then, then))


def quarantined(store: Store) -> list[tuple[str, str]]:
    with store.read() as conn:
        found = conn.execute(select(schema.quarantine.c.source, schema.quarantine.c.error))
        return [(row.source, row.error) for row in found]


def test_track_files_dropped_in_are_read_once_and_bad_ones_named(
    tmp_path: Path, pinghu: City, store: Store
) -> None:
    city = city_with(tmp_path, pinghu, "storms.toml", STORMS)
    drop(store.data_dir / "inbox" / "storms", "bst.txt", CMA.encode())
    drop(store.data_dir / "inbox" / "storms", "bad.json", b"[{}]")
    first = polled(storms.SOURCE, city, store).state()
    again = polled(storms.SOURCE, city, store).state()
    assert (first.taken, first.refused) == (3, 1)
    assert (again.taken, again.refused) == (0, 0)
    ((source, why),) = quarantined(store)
    assert source == "storms:drop"
    assert "an object with a list of points" in why


def test_tracks_at_an_address_are_followed(tmp_path: Path, pinghu: City, store: Store) -> None:
    with serving(plain(operational().encode())) as served:
        text = STORMS.replace('folder = "inbox/storms"', f'url = "{served.url}/tf.json"')
        city = city_with(tmp_path, pinghu, "storms.toml", text)
        state = polled(storms.SOURCE, city, store).state()
        assert storms.SOURCE.probe(city, storms.SOURCE.settings(city)[1]) == (  # type: ignore[index]
            "1 addresses answer, with 2 tracks"
        )
    assert (state.taken, state.problem) == (4, "")
    with store.read() as conn:
        (found,) = storm.storms(conn, NOON + 24 * HOUR, 48 * HOUR)
    assert (found.name, [each.agency for each in found.forecasts]) == ("烟花", ["CMA", "JMA"])


def test_rain_files_dropped_in_land_on_the_grid_and_one_still_growing_waits(
    tmp_path: Path, pinghu: City, store: Store
) -> None:
    city = city_with(tmp_path, pinghu, "rain.toml", RAIN)
    folder = store.data_dir / "inbox" / "radar"
    made = netcdf(tmp_path / "r.nc", ramp()[None], [NOON], starts=[NOON - HOUR]).read_bytes()
    drop(folder, "r.nc", made)
    drop(folder, "half.nc", made[:3000])
    drop(folder, "growing.nc", made[:2000], age_s=0.0)
    state = polled(rain.SOURCE, city, store).state()
    assert (state.taken, state.refused) == (1, 1)
    ((source, why),) = quarantined(store)
    assert source == "rain:radar"
    assert why.startswith("half.nc")
    with store.read() as conn:
        assert len(rainfield.window(conn, "radar", NOON - HOUR, NOON, NOON)) == 1


@pytest.mark.both_engines
def test_rain_past_its_keeping_goes(tmp_path: Path, pinghu: City, store: Store) -> None:
    city = city_with(tmp_path, pinghu, "rain.toml", RAIN + "keep_days = 2\n")
    for name, days in (("old", 5), ("new", 0)):
        at = NOON - 24 * days * HOUR
        path = netcdf(tmp_path / f"{name}.nc", ramp()[None], [at], starts=[at - HOUR])
        drop(store.data_dir / "inbox" / "radar", f"{name}.nc", path.read_bytes())
    polled(rain.SOURCE, city, store)
    with store.read() as conn:
        kept = rainfield.window(conn, "radar", NOON - 240 * HOUR, NOON, NOON)
    assert [frame.end for frame in kept] == [NOON]


@pytest.mark.parametrize(
    ("source", "text", "old", "new", "sentence"),
    [
        (storms.SOURCE, STORMS, '"inbox/storms"', '"/etc"', "leaves the data folder"),
        (storms.SOURCE, STORMS, 'folder = "inbox/storms"', "", "or folder is needed, not both"),
        (rain.SOURCE, RAIN, "forecast = false\n", "", "forecast is missing"),
        (rain.SOURCE, RAIN, "false\n", 'false\nzone = "Beijing"\n', "zone 'Beijing' is not a zone"),
        (rain.SOURCE, RAIN, "false\n", 'false\ntotals = "both"\n', "totals 'both' is not known"),
    ],
)
def test_a_slip_in_a_file_is_refused_by_name(
    tmp_path: Path,
    pinghu: City,
    source: Source[Any],
    text: str,
    old: str,
    new: str,
    sentence: str,
) -> None:
    assert old in text
    city = city_with(tmp_path, pinghu, source.file, text.replace(old, new))
    (fault,) = source.check(city.folder)
    assert sentence in fault.message
