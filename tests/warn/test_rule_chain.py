"""Kinds of rules through store, drafts and officers: restart, overdue timers, all-clear."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from anlan.city import City, load
from anlan.store import Store, schema
from anlan.store.sqlite import Sqlite
from tests.warn.world import World

KINDS = """
[[rule]]
id = "fast-rise"
event = "river_level"
name = "河道水位猛涨"
name_en = "Fast rise"
code = "RL"
categories = ["Met"]
source = "test"
areas = "by_town"
[rule.rate]
stations = ["danghu-level"]
colours = { blue = 0.20, yellow = 0.40 }
span_minutes = 60
fall_by = 0.10
hold_minutes = 15
fall_minutes = 60
max_gap_minutes = 45

[[rule]]
id = "silent-gauge"
event = "river_level"
name = "水位站中断"
name_en = "Gauge silent"
code = "RL"
categories = ["Met"]
source = "test"
areas = "by_town"
[rule.no_data]
stations = ["danghu-level"]
colours = { blue = 90 }
back_minutes = 30

[[rule]]
id = "together"
event = "waterlogging"
name = "雨洪潮叠加"
name_en = "Rain on a high river"
code = "WL"
categories = ["Met"]
source = "test"
areas = [["330482001000"]]
[rule.combined]
hold_minutes = 0
fall_minutes = 60
max_gap_minutes = 60
[[rule.combined.sets]]
colour = "yellow"
rain = { hours = 1, mm = 20 }
river = { stations = ["danghu-level"], value = 1.2 }
[[rule.combined.sets]]
colour = "orange"
rain = { hours = 1, mm = 20 }
river = { stations = ["danghu-level"], value = 1.2 }
impact = { danger_probability = 0.5 }
"""
DANGHU = "330482001000"


@pytest.fixture
def city(tmp_path_factory: pytest.TempPathFactory, pinghu: City) -> City:
    """Pinghu with three more rules."""
    folder = tmp_path_factory.mktemp("city") / "pinghu"
    shutil.copytree(pinghu.folder, folder, ignore=shutil.ignore_patterns("generator", "events"))
    with (folder / "rules.toml").open("a", encoding="utf-8") as rules:
        rules.write(KINDS)
    return load(folder)


@pytest.fixture
def desk(city: City, settled: Path, tmp_path: Path) -> Iterator[World]:
    """A desk at 25 July 2021, 00:00 UTC with these rules."""
    shutil.copytree(settled, tmp_path, dirs_exist_ok=True)
    made = World(city, tmp_path)
    if not isinstance(made.store.database, Sqlite):
        made.settle()
    yield made
    made.store.close()


def restarted(desk: World, **later: float) -> None:
    """The process ends, time passes, another one begins on the same data."""
    desk.store.close()
    desk.forward(**later)
    desk.store = Store(desk.folder)


def states(desk: World, rule: str) -> list[tuple[str, str, str]]:
    """(state, kind of message, colour) of each alert of a rule, oldest first."""
    rows = desk.rows(schema.alert, rule=rule)
    return [(row.state, row.msg_type, row.colour) for row in rows]


def level(desk: World, *values: float) -> None:
    """Readings of the river at Danghu, a quarter of an hour apart, the last one now."""
    desk.read("danghu-level", *values, step=15)


def test_a_fast_rise_is_drafted_and_stands_over_a_restart_without_data(desk: World) -> None:
    level(desk, 0.60, 0.60, 0.70, 0.85, 0.90)
    (draft,) = [name for name in desk.evaluate() if name]
    assert states(desk, "fast-rise") == [("draft", "Alert", "blue")]
    desk.approve(draft, "duty-1")
    restarted(desk, hours=3)
    desk.evaluate()
    assert states(desk, "fast-rise") == [("issued", "Alert", "blue")]
    assert desk.journal("rule.no_data")


def test_its_all_clear_needs_data_the_waits_and_an_officer(desk: World) -> None:
    level(desk, 0.60, 0.60, 0.70, 0.85, 0.90)
    (draft,) = desk.evaluate()
    desk.approve(draft, "duty-1")
    for _ in range(12):  # the level stands still: the rise is over after 1 h, 1 h of waiting more
        desk.forward(minutes=15)
        level(desk, 0.90)
        desk.evaluate()
    assert states(desk, "fast-rise") == [("issued", "Alert", "blue")]
    for _ in range(8):  # and everything must lie below for two hours
        desk.forward(minutes=15)
        level(desk, 0.90)
        desk.evaluate()
    assert states(desk, "fast-rise") == [("issued", "Alert", "blue"), ("draft", "Cancel", "blue")]


def test_a_draft_overdue_while_the_desk_was_down_climbs_once_and_keeps_its_rule(
    desk: World,
) -> None:
    level(desk, 0.60, 0.60, 0.70, 0.85, 0.90)
    desk.evaluate()
    restarted(desk, hours=5)  # blue must be approved within 60 minutes
    assert desk.fire() == 1
    assert desk.fire() == 0
    desk.evaluate()
    assert states(desk, "fast-rise") == [("draft", "Alert", "blue")]


def test_a_silent_gauge_is_told_and_over_only_when_it_reports_again(desk: World) -> None:
    level(desk, 0.60)
    assert desk.evaluate() == []
    desk.forward(minutes=89)
    desk.evaluate()
    assert states(desk, "silent-gauge") == []
    desk.forward(minutes=1)
    (draft,) = desk.evaluate()
    desk.approve(draft, "duty-1")
    assert states(desk, "silent-gauge") == [("issued", "Alert", "blue")]
    restarted(desk, hours=3)
    desk.evaluate()
    assert states(desk, "silent-gauge") == [("issued", "Alert", "blue")]
    for _ in range(14):
        desk.forward(minutes=15)
        level(desk, 0.60)
        desk.evaluate()
    assert states(desk, "silent-gauge")[-1] == ("draft", "Cancel", "blue")


def impact(desk: World, share: float) -> dict[str, object]:
    """A run that foresees danger in Danghu with this probability."""
    town = {"code": DANGHU, "onset": None, "danger_probability": share}
    return {"issued": desk.now.isoformat(), "horizon_h": 48, "towns": [town], "places": []}


def test_rain_on_a_high_river_is_yellow_and_with_the_impact_foreseen_orange(desk: World) -> None:
    desk.read("rain-danghu", 4.0, 4.0, 4.0, 4.0, 4.0, 4.0)
    level(desk, 1.1)
    assert [row for row in states(desk, "together") if desk.evaluate()] == []
    desk.forward(minutes=15)
    desk.read("rain-danghu", 12.0)
    level(desk, 1.25)
    desk.evaluate(impact(desk, 0.4))
    assert states(desk, "together") == [("draft", "Alert", "yellow")]
    desk.evaluate(impact(desk, 0.6))
    assert states(desk, "together") == [("draft", "Alert", "orange")]


def test_the_impact_alone_raises_nothing(desk: World) -> None:
    level(desk, 0.6)
    desk.read("rain-danghu", 0.0)
    run = impact(desk, 1.0)
    desk.forward(minutes=1)
    desk.evaluate(impact(desk, 1.0), run)
    assert states(desk, "together") == []
