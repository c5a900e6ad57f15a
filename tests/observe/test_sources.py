"""The hook for sources: those of other packages are found, checked and started as our own are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from anlan.city import City
from anlan.cli.commands import app as commands
from anlan.clock import SteppedClock
from anlan.observe import archive
from anlan.observe.sources import GROUP, check, configured, feeds, installed
from anlan.refusal import Refusal
from anlan.store import Store
from tests.service.hand import raise_hand

NOW = datetime(2021, 7, 25, 0, 0, tzinfo=UTC)
TIDE = "zhapu.tide"

# a whole package of somebody else's: one buoy, whose level is read once as the feed starts
BUOY = """
from anlan.journal import Act
from anlan.observe import Reading, actions
from anlan.observe.sources import Source, State


class Feed:
    def __init__(self, city, store, clock, level):
        self.city, self.store, self.clock, self.level = city, store, clock, level
        self.done = State(connected=False)

    def start(self):
        with self.store.transaction() as tx:
            act = Act(tx, self.clock.now(), "system")
            reading = Reading("zhapu.tide", self.clock.now(), self.level, source="buoy")
            taken = actions.record(act, self.city, [reading])
        self.done = State(connected=True, heard_at=self.clock.now(), taken=taken.new)

    def stop(self):
        self.done = State(connected=False)

    def state(self):
        return self.done


class Buoy(Source):
    name, file, title = "buoy", "buoy.toml", "a buoy"

    def read(self, city, origin, table):
        table.known("level")
        return table.number("level")

    def open(self, city, store, clock, settings):
        return Feed(city, store, clock, settings)

    def series(self, settings):
        return {"zhapu.tide"}

    def probe(self, city, settings):
        return "the buoy floats"


SOURCE = Buoy()
"""
FILE = """
[source]
owner = "浙江海洋监测"
licence = "own network"
quality = "checked"
cadence_minutes = 10
"""


def install(folder: Path, package: str, points: str, code: str = "") -> None:
    """Lay a package with entry points into ``folder``, as pip does."""
    (folder / f"{package}.py").write_text(code, encoding="utf-8")
    info = folder / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{points}\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of installed packages, with the buoy in it."""
    folder = tmp_path / "site"
    folder.mkdir()
    install(folder, "our_buoy", "buoy = our_buoy:SOURCE", BUOY)
    monkeypatch.syspath_prepend(folder)
    yield folder
    for name in ("our_buoy", "foreign"):
        sys.modules.pop(name, None)


@pytest.fixture
def city(pinghu: City, tmp_path: Path) -> City:
    folder = tmp_path / "city"
    folder.mkdir()
    return replace(pinghu, folder=folder)


def test_the_built_in_sources_are_declared_as_an_outsiders_are() -> None:
    sources, broken = installed()
    assert "sl651" in [source.name for source in sources]
    assert broken == []


def test_an_outsiders_source_starts_and_its_reading_reaches_the_archive(
    site: Path, city: City, store: Store
) -> None:
    (city.folder / "buoy.toml").write_text("level = 3.25\n" + FILE, encoding="utf-8")
    (running,) = feeds(city, store, SteppedClock(NOW))
    running.start()
    with store.read() as conn:
        assert archive.latest(conn, [TIDE])[TIDE].value == 3.25
    assert running.origin.owner == "浙江海洋监测"
    assert running.origin.cadence == timedelta(minutes=10)
    running.stop()


def test_the_desk_shows_whose_readings_a_station_gives_and_how_the_source_is_doing(
    site: Path, city: City, store: Store
) -> None:
    (city.folder / "buoy.toml").write_text("level = 3.25\n" + FILE, encoding="utf-8")
    hand = raise_hand(city, store, NOW)
    hand.app.state.sources = feeds(city, store, SteppedClock(NOW))
    for source in hand.app.state.sources:
        source.start()
    with TestClient(hand.app, headers=hand.key(hand.account("analyst"))) as client:
        (shown,) = client.get("/api/v1/sources").json()
        health = {each["series"]: each for each in client.get("/api/v1/stations/health").json()}
    assert (shown["name"], shown["quality"], shown["series"]) == ("buoy", "checked", [TIDE])
    assert shown["state"]["taken"] == 1
    assert health[TIDE]["sources"] == [
        {"name": "buoy", "owner": "浙江海洋监测", "quality": "checked"}
    ]
    assert health["rain-zhapu.rain"]["sources"] == []


def test_a_stranger_sees_no_sources(city: City, store: Store) -> None:
    hand = raise_hand(city, store, NOW)
    with TestClient(hand.app) as client:
        assert client.get("/api/v1/sources").status_code == 401


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("level = 'high'\n" + FILE, "level"),
        ("levels = 3.0\n" + FILE, "levels"),
        ("level = 3.0\n", "source"),
        ("level = 3.0\n" + FILE.replace("checked", "good"), "source.quality"),
        ("level = 3.0\n" + FILE.replace("= 10", "= 0"), "source.cadence_minutes"),
        ("level = 3.0\n" + FILE + "own = 1\n", "source.own"),
        ("level = 3.0\n" + FILE + '[source.units]\ntide = "ft"\n', "unit"),
        ("level = 3.0\n" + FILE + '[source.units]\nsalt = "g"\n', "source.units.salt"),
        ("level = 3.0\n" + FILE + '[source.datums]\ntide = "Delft"\n', "source.datums.tide"),
        ("level = 3.0\n" + FILE + '[source.datums]\nrain = "Wusong"\n', "source.datums.rain"),
        ("level = \n", "buoy.toml"),
    ],
)
def test_a_fault_of_its_file_is_named_with_key_and_remedy(
    site: Path, city: City, text: str, field: str
) -> None:
    (city.folder / "buoy.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        configured(city)
    assert refused.value.field == field
    assert refused.value.remedy
    assert "buoy.toml" in refused.value.message


def test_city_check_lists_it_and_doctor_tries_it(site: Path, tmp_path: Path, pinghu: City) -> None:
    copy = tmp_path / "pinghu"
    copy.mkdir()
    for each in pinghu.folder.iterdir():
        (copy / each.name).symlink_to(each)
    (copy / "buoy.toml").write_text("level = 'high'\n" + FILE, encoding="utf-8")
    (fault,) = check(copy)
    assert (fault.file, fault.field, fault.value) == ("buoy.toml", "level", "high")
    doctor = ["doctor", str(copy), "--data-dir", str(tmp_path / "var")]
    assert "level 'high' is not a number" in CliRunner().invoke(commands, doctor).output
    (copy / "buoy.toml").write_text("level = 3.0\n" + FILE, encoding="utf-8")
    assert check(copy) == []
    assert "buoy.toml: the buoy floats" in CliRunner().invoke(commands, doctor).output


@pytest.mark.parametrize(
    ("point", "code", "problem"),
    [
        ("foreign = foreign:SOURCE", "import nowhere_at_all", "cannot be loaded"),
        ("foreign = foreign:SOURCE", "SOURCE = 3", "is a int, not a Source"),
        ("foreign = our_buoy:SOURCE", "", "calls itself buoy"),
        ("sl651 = foreign:SOURCE", BUOY.replace('"buoy"', '"sl651"'), "another package declares"),
    ],
)
def test_a_package_that_gives_no_source_is_named_and_costs_no_other(
    site: Path, city: City, store: Store, point: str, code: str, problem: str
) -> None:
    install(site, "foreign", point, code)
    (city.folder / "buoy.toml").write_text("level = 3.25\n" + FILE, encoding="utf-8")
    sources, (broken,) = installed()
    assert broken.package == "foreign"
    assert problem in broken.problem
    assert {"buoy", "sl651"} <= {source.name for source in sources}
    ours = next(source for source in sources if source.name == "sl651")
    assert type(ours).__module__.startswith("anlan.")
    assert [each.name for each in feeds(city, store, SteppedClock(NOW))] == ["buoy"]
