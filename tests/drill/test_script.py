"""A drill's script is typed and checked: what is wrong is named, with a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from anlan.city import City
from anlan.drill import check, find, read
from anlan.drill.check import faults
from anlan.refusal import Refusal
from tests.drill.conftest import SCRIPT


def of(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "one.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "short"', 'id = "Short drill"', "drill.id"),
        ("minutes = 60", "minutes = 0", "drill.minutes"),
        ("start = 2026-05-01T18:00:00+02:00", "start = 2026-05-01T18:00:00", "drill.start"),
        ('reaches = "signed"', 'reaches = "on_site"', "signed, acknowledged"),
        ('level = "IV", within_min = 50', "within_min = 50", "needs 'level'"),
        ("at_min = 40", "at_min = 61", "after the end"),
        ('id = "leak"', 'id = "rise"', "stands twice"),
        ("right = 0", "right = 2", "2 choices"),
        ('goal = "试验"', 'gaol = "试验"', "gaol"),
        ("values = [4.9", "values = [[", "cannot be read"),
    ],
)
def test_a_wrong_key_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in SCRIPT
    with pytest.raises(Refusal) as refused:
        read(of(tmp_path, SCRIPT.replace(old, new, 1)))
    assert said in refused.value.message


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('event = "river_level"', 'event = "storm_tide"', "inject.rise.expect.0.event"),
        ('by = "resident-1"', 'by = "resident-9"', "inject.leak.report.by"),
        ('to = ["commander"]', 'to = ["kommander"]', "inject.ask.to"),
        ("by_hand = []", 'by_hand = ["nobody"]', "actors.by_hand"),
        ('series = "bruecke.river_level"', 'series = "bruecke.tide"', "series"),
    ],
)
def test_what_is_not_in_the_city_is_named(
    tmp_path: Path, talstadt: City, old: str, new: str, where: str
) -> None:
    script = read(of(tmp_path, SCRIPT.replace(old, new, 1)))
    assert where in [fault[0] for fault in faults(talstadt, script)]


def test_the_drills_of_the_cities_are_sound(pinghu: City, talstadt: City) -> None:
    for city in (pinghu, talstadt):
        assert check(Path(city.folder)) == []
        assert list((Path(city.folder) / "drills").glob("*.toml"))


def test_an_unknown_drill_is_refused_with_those_there_are(pinghu: City) -> None:
    with pytest.raises(Refusal, match="storm-tide-night"):
        find(Path(pinghu.folder), "earthquake")
