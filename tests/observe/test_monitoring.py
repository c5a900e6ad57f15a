"""Watched structures: how far they have moved and how fast, each against its own limits."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from anlan.city import City, check, load
from anlan.city.monitoring import Limit, Point
from anlan.observe import Reading, archive, monitoring
from anlan.observe.monitoring import moved
from anlan.store import Store, schema
from anlan.warn.rules import load_rules
from tests.service.hand import raise_hand

CITIES = Path(__file__).parents[2] / "cities"
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SILENCE = 4 * HOUR
STRUCTURE = """
[[structure]]
id = "pit-1"
name = "人民路基坑"
name_en = "Renmin Road pit"
kind = "foundation_pit"
source = "invented"

[[structure.point]]
station = "d1"
baseline = 2.0
total = { attention = 20.0, danger = 30.0 }
rate = { attention = 2.0, danger = 3.0 }
"""
RULE = """
approver_roles = ["commander"]
[[rule]]
id = "pit"
event = "structure"
name = "基坑变形"
name_en = "pit moving"
code = "x"
categories = ["Safety"]
source = "invented"
areas = "each_station"
[rule.levels]
quantity = "displacement"
colours = { orange = 22.0, red = 32.0 }
hold_minutes = 10
fall_minutes = 120
fall_by_m = 1.0
max_gap_minutes = 300
"""
STATION = (
    "d1,测点一,Point 1,displacement,9.5855,49.04387,mm,,,,"
    "990001001000,Bauamt,60,gauge,true,invented\n"
)
PER_DAY = Limit(2.0, 3.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Talstadt with a watched pit."""
    made = tmp_path / "city"
    shutil.copytree(CITIES / "talstadt", made)
    with (made / "stations.csv").open("a", encoding="utf-8") as stations:
        stations.write(STATION)
    (made / "monitoring.toml").write_text(STRUCTURE, encoding="utf-8")
    return made


def _point(direction: str = "both", rate: Limit | None = PER_DAY) -> Point:
    total = Limit(20.0, 30.0)
    return Point(
        *("d1", "pit-1", "坑", "pit", "foundation_pit", "x"), 2.0, direction, DAY, total, rate
    )


def _course(per_day: float, hours: int = 48, last: float = 10.0) -> list[tuple[datetime, float]]:
    """Hourly values that end now at ``last`` and have grown by ``per_day``."""
    return [(NOW - n * HOUR, last - per_day * n / 24) for n in range(hours, -1, -1)]


def test_total_is_from_the_baseline_and_rate_by_the_day() -> None:
    found = moved(_point(), _course(1.2), NOW, SILENCE)
    assert (found.total, found.state) == (8.0, "normal")
    assert found.rate == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("per_day", "last", "state", "why"),
    [
        (0.1, 21.9, "normal", ()),
        (0.1, 22.0, "attention", ("total",)),
        (0.1, 32.0, "danger", ("total",)),
        (2.0, 10.0, "attention", ("rate",)),
        (3.1, 10.0, "danger", ("rate",)),
        (-3.1, 10.0, "danger", ("rate",)),
        (2.5, 40.0, "danger", ("total", "rate")),
    ],
)
def test_the_worse_of_total_and_rate_decides(
    per_day: float, last: float, state: str, why: tuple[str, ...]
) -> None:
    found = moved(_point(), _course(per_day, last=last), NOW, SILENCE)
    assert (found.state, found.why) == (state, why)


def test_a_direction_that_is_no_danger_is_none() -> None:
    falling = _course(-5.0, last=-40.0)
    assert moved(_point("up"), falling, NOW, SILENCE).state == "normal"
    assert moved(_point("down"), falling, NOW, SILENCE).state == "danger"


def test_one_odd_reading_does_not_make_a_rate() -> None:
    course = _course(0.0)
    course[-10] = (course[-10][0], 60.0)
    assert moved(_point(), course, NOW, SILENCE).rate == pytest.approx(0.0)


def test_too_short_a_course_has_no_rate_and_silence_is_said() -> None:
    assert moved(_point(), _course(5.0, hours=10), NOW, SILENCE).rate is None
    late = moved(_point(), _course(5.0, last=40.0), NOW + 5 * HOUR, SILENCE)
    assert (late.state, late.why, late.total) == ("stale", (), 38.0)
    assert moved(_point(), [], NOW, SILENCE).state == "none"


@given(
    st.floats(-20, 20).map(lambda v: round(v, 2)),
    st.integers(13, 400),
    st.integers(5, 60),
)
def test_a_steady_course_has_its_own_rate_however_often_it_is_read(
    per_day: float, count: int, minutes: int
) -> None:
    step = timedelta(minutes=minutes)
    if count * step < 0.5 * DAY:
        count = int(DAY / step)
    course = [(NOW - n * step, 5 - per_day * (n * step) / DAY) for n in range(count, -1, -1)]
    assert moved(_point(rate=None), course, NOW, SILENCE).rate == pytest.approx(per_day, abs=1e-4)


def test_a_moving_pit_is_red_on_the_desk_with_both_numbers(folder: Path, store: Store) -> None:
    assert check(folder) == []
    city = load(folder)
    with store.transaction() as tx:
        archive.add(tx, [Reading("d1.displacement", at, value) for at, value in _course(3.5)], NOW)
    hand = raise_hand(city, store, NOW)
    with hand.signed_in(hand.account("duty_officer")) as desk:
        (d1,) = [each for each in desk.get("/api/v1/stations").json() if each["id"] == "d1"]
    assert (d1["state"], d1["unit"]) == ("guarantee", "mm")
    told = d1["moved"]
    assert (told["total"], told["rate_per_day"]) == (8.0, pytest.approx(3.5, abs=1e-3))
    assert (told["state"], told["why"]) == ("danger", ["rate"])
    assert told["rate_limits"] == {"attention": 2.0, "danger": 3.0}


def test_what_was_known_then_is_told_then(folder: Path, store: Store) -> None:
    city = load(folder)
    with store.transaction() as tx:
        for at, value in _course(3.5):
            archive.add(tx, [Reading("d1.displacement", at, value)], at)
        then = monitoring.points(tx, city, NOW, as_of=NOW - DAY)["d1"]
        assert then.total == pytest.approx(4.5, abs=1e-3)


RATE = """
approver_roles = ["commander"]
[[rule]]
id = "pit-rate"
event = "river_level"
name = "基坑变形过快"
name_en = "pit moving fast"
code = "x"
categories = ["Safety"]
source = "invented"
areas = "each_station"
[rule.rate]
quantity = "displacement"
colours = { orange = 3.0 }
span_minutes = 1440
fall_by = 1.0
hold_minutes = 60
fall_minutes = 120
max_gap_minutes = 300
"""


def test_a_warning_is_drafted_when_a_pit_moves_too_fast(folder: Path, store: Store) -> None:
    (folder / "rules.toml").write_text(RATE, encoding="utf-8")
    city = load(folder)
    assert check(folder) == []
    with store.transaction() as tx:
        archive.add(tx, [Reading("d1.displacement", at, value) for at, value in _course(3.5)], NOW)
    raise_hand(city, store, NOW).step()
    with store.read() as conn:
        found = conn.execute(select(schema.alert.c.rule, schema.alert.c.colour)).all()
    assert [tuple(row) for row in found] == [("pit-rate", "orange")]


def test_a_rule_may_watch_a_quantity_of_structures(folder: Path) -> None:
    (folder / "rules.toml").write_text(RULE, encoding="utf-8")
    (rule,) = load_rules(load(folder)).rules
    assert rule.levels is not None
    assert [sorted(levels.values()) for levels in rule.levels.by_station.values()] == [[22.0, 32.0]]


@pytest.mark.parametrize(
    ("old", "new", "field", "remedy"),
    [
        ('"d1"', '"d9"', "station", "name a station"),
        ('"d1"', '"bruecke"', "station", "displacement, settlement, pore_pressure"),
        ("attention = 20.0", "attention = 40.0", "total", "below the other"),
        ("rate = { attention = 2.0, danger = 3.0 }", "rat = 1", "rat", "rate_hours"),
        ('"foundation_pit"', '"bridge"', "kind", "foundation_pit"),
        ("baseline = 2.0", 'baseline = "two"', "baseline", "first value"),
        ("baseline = 2.0", 'direction = "in"', "direction", "both, up, down"),
        ("baseline = 2.0", "rate_hours = 0", "rate_hours", "1 to 720"),
    ],
)
def test_a_point_that_cannot_be_meant_is_named_by_city_check(
    folder: Path, old: str, new: str, field: str, remedy: str
) -> None:
    (folder / "monitoring.toml").write_text(STRUCTURE.replace(old, new), encoding="utf-8")
    (fault,) = check(folder)
    assert fault.file == "monitoring.toml"
    assert fault.field.endswith(field)
    assert remedy in fault.remedy


def test_a_city_without_the_file_watches_nothing(pinghu: City) -> None:
    assert dict(pinghu.monitoring) == {}
