"""The quality rules: what each flags, what it leaves alone, and that arrival cannot matter."""

from __future__ import annotations

import random
import shutil
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.city import City, check, load
from anlan.city.limits import DEFAULTS, OFF, Limits
from anlan.journal import Act
from anlan.observe import Reading, actions, archive, judging, quality
from anlan.observe.quality import Neighbour, Point, judge
from anlan.store import Store, schema
from anlan.warn.colour import Colour
from anlan.warn.observed import Hold, Sample, levels_state

NOON = datetime(2021, 7, 25, 4, tzinfo=UTC)
TEN = timedelta(minutes=10)
TIDE = DEFAULTS["tide"]


def series(*values: float, every: timedelta = TEN, hours: float = 0.0) -> list[Point]:
    """Readings that end at noon."""
    first = NOON - every * (len(values) - 1)
    return [Point(first + every * number, value, hours) for number, value in enumerate(values)]


def flags(points: list[Point], limits: Limits, every: timedelta = TEN) -> list[str]:
    """The rules that flag each reading, joined."""
    found = judge(points, limits, every, NOON)
    return [" ".join(found.get(each.at, ())) for each in points]


def test_a_value_beyond_the_range_is_flagged_and_is_no_measure_for_its_neighbours() -> None:
    assert flags(series(3.0, 12.0, 3.1, 3.2), TIDE) == ["", "range", "", ""]


def test_the_range_of_rain_grows_with_the_time_it_is_summed_over() -> None:
    """300 mm in an hour; 300 · (1/6)^0.475 = 128 mm in ten minutes."""
    rain = DEFAULTS["rain"]
    assert flags(series(127.0, hours=1 / 6), rain) == [""]
    assert flags(series(129.0, hours=1 / 6), rain) == ["range"]
    assert flags(series(299.0, hours=1.0), rain) == [""]


def test_a_spike_is_the_one_reading_that_leaves_both_its_neighbours() -> None:
    assert flags(series(3.0, 3.1, 8.0, 3.1, 3.2), TIDE) == ["", "", "spike", "", ""]
    assert flags(series(3.0, 3.1, -5.0, 3.1, 3.2), TIDE) == ["", "", "spike", "", ""]


def test_a_jump_is_doubted_until_the_next_reading_confirms_it() -> None:
    assert flags(series(3.0, 3.1, 8.0), TIDE)[-1] == "spike"
    assert flags(series(3.0, 3.1, 8.0, 8.1), TIDE) == ["", "", "step", ""]


def test_two_readings_that_leave_and_come_back_together_are_spikes_and_three_are_a_wave() -> None:
    assert flags(series(3.0, 3.1, 8.0, 8.1, 3.1, 3.2), TIDE) == ["", "", *["spike"] * 2, "", ""]
    assert "spike" not in flags(series(3.0, 3.1, 8.0, 8.1, 8.0, 3.1, 3.2), TIDE)
    # on both sides of what is around them they are not one thing
    assert "spike" not in flags(series(3.0, 3.0, 3.7, 3.1, 3.1), TIDE)[3:]


def test_two_readings_that_do_not_come_back_are_a_step_and_count() -> None:
    """Until it came back nobody could know: what confirmed a jump then stays confirmed."""
    assert flags(series(3.0, 3.1, 8.0, 8.1), TIDE) == ["", "", "step", ""]
    assert "spike" not in " ".join(flags(series(3.0, 3.1, 8.0, 8.1, 8.2, 8.2), TIDE))


def test_a_fast_but_steady_rise_is_steps_and_no_spike() -> None:
    """0.55 m in ten minutes is more than 0.5, the step, and less than 0.6, the spike."""
    assert flags(series(3.0, 3.55, 4.1, 4.65), TIDE) == ["", "step", "step", "step"]


def test_what_a_level_may_change_grows_with_the_time_between() -> None:
    """3 m in an hour, at hourly readings."""
    hour = timedelta(hours=1)
    level = DEFAULTS["river_level"]
    assert flags(series(1.0, 3.9, 4.0, every=hour), level, hour) == ["", "", ""]
    assert flags(series(1.0, 4.1, 4.2, every=hour), level, hour) == ["", "step", ""]


def test_nothing_is_compared_across_a_silence() -> None:
    late = [*series(3.0, 3.0)[:1], Point(NOON, 7.0)]
    late[0] = Point(NOON - timedelta(minutes=31), 3.0)
    assert flags(late, TIDE) == ["", ""]


def test_a_gauge_that_stands_still_is_flagged_over_the_whole_stretch() -> None:
    moving = [2.0 + 0.05 * number for number in range(6)]
    assert flags(series(*moving, *[2.4] * 19), TIDE) == [""] * 6 + ["flat"] * 19
    assert flags(series(*moving, *[2.4] * 18), TIDE) == [""] * 24


def test_dry_days_and_calms_are_no_flat_lines() -> None:
    hour = timedelta(hours=1)
    assert flags(series(*[0.0] * 30, every=hour, hours=1.0), DEFAULTS["rain"], hour) == [""] * 30
    assert flags(series(*[0.3] * 60), DEFAULTS["wind"]) == [""] * 60
    assert "flat" in flags(series(*[6.1] * 60), DEFAULTS["wind"])


@given(
    values=st.lists(st.sampled_from([0.0, 1.0, 1.005, 1.01, 2.0]), max_size=40),
    skipped=st.sets(st.integers(0, 39)),
)
def test_flat_lines_are_all_stretches_that_the_definition_names(
    values: list[float], skipped: set[int]
) -> None:
    limits = Limits(-10, 10, flat_hours=1.0, flat_within=0.006, flat_above=0.5)
    points = [p for n, p in enumerate(series(*values)) if n not in skipped]
    expected = set()
    for first in range(len(points)):
        for last in range(first + quality.FLAT_READINGS - 1, len(points)):
            part = points[first : last + 1]
            heights = [each.value for each in part]
            if (
                part[-1].at - part[0].at >= timedelta(hours=1)
                and min(heights) > 0.5
                and max(heights) - min(heights) <= 0.006
                and all(b.at - a.at <= 3 * TEN for a, b in pairwise(part))
            ):
                expected |= {each.at for each in part}
    assert quality.flat_lines(points, limits, TEN) == expected


def test_a_dry_gauge_among_wet_ones_is_doubted() -> None:
    """A day of 48 mm around a gauge that caught nothing: more than 30 + 0.8 · 48 would be needed
    to doubt it, 120 mm is enough."""
    hour, rain = timedelta(hours=1), DEFAULTS["rain"]
    dry = series(*[0.0] * 24, every=hour, hours=1.0)

    def among(mm: float) -> set[datetime]:
        wet = Neighbour(series(*[mm] * 24, every=hour, hours=1.0), hour)
        return quality.unlike_neighbours(dry, rain, hour, [wet, wet])

    assert among(2.0) == set()
    assert dry[-1].at not in among(5.0)
    # 7 mm/h: 168 mm; allowed 30 + 134
    assert dry[-1].at in among(7.0)


def test_one_neighbour_proves_nothing() -> None:
    hour = timedelta(hours=1)
    dry = series(*[0.0] * 24, every=hour, hours=1.0)
    wet = Neighbour(series(*[20.0] * 24, every=hour, hours=1.0), hour)
    assert quality.unlike_neighbours(dry, DEFAULTS["rain"], hour, [wet]) == set()


def test_a_reading_from_the_future_is_flagged_for_its_clock() -> None:
    points = [*series(3.0, 3.0), Point(NOON + timedelta(minutes=5), 3.1)]
    assert flags(points, TIDE) == ["", "", "clock"]


def test_a_silent_station_is_stale_after_four_cadences() -> None:
    points = series(3.0, 3.1)
    assert judge(points, TIDE, TEN, NOON + 4 * TEN) == {}
    assert judge(points, TIDE, TEN, NOON + 4 * TEN + timedelta(seconds=1)) == {NOON: ("stale",)}


def test_as_of_a_jump_is_doubted_that_is_confirmed_by_now(pinghu: City, store: Store) -> None:
    with store.transaction() as tx:
        for number, value in enumerate([3.0, 3.1, 7.0, 7.1]):
            at = NOON + number * TEN
            archive.add(tx, [Reading("zhapu.tide", at, value)], at)
        jump, hour = NOON + 2 * TEN, timedelta(hours=1)
        later = NOON + hour / 2

        def known(as_of: datetime | None) -> tuple[str, ...]:
            found = judging.window(
                tx, pinghu, "zhapu.tide", NOON - hour, jump, now=later, as_of=as_of
            )
            return found[-1].doubts

        assert known(jump) == ("spike",)
        assert known(None) == ("step",)


def test_the_last_reading_of_a_past_window_is_not_stale(pinghu: City, store: Store) -> None:
    hour = timedelta(hours=1)
    with store.transaction() as tx:
        readings = [Reading("zhapu.tide", NOON + n * TEN, 3.0 + 0.1 * n) for n in range(60)]
        archive.add(tx, readings, NOON + 11 * hour)
        found = judging.window(
            tx, pinghu, "zhapu.tide", NOON - hour, NOON + hour, now=NOON + 11 * hour
        )
        assert [each.doubts for each in found] == [()] * 7


def test_a_correction_is_not_doubted_and_the_last_one_holds(pinghu: City, store: Store) -> None:
    def corrected(value: float | None, minutes: int) -> archive.Observation:
        at = NOON + timedelta(minutes=minutes)
        archive.add(tx, [Reading("zhapu.tide", NOON, value, flag="corrected")], at)
        (found,) = judging.window(tx, pinghu, "zhapu.tide", NOON - TEN, NOON, now=at)
        return found

    with store.transaction() as tx:
        archive.add(tx, [Reading("zhapu.tide", NOON, 9.9)], NOON)
        assert corrected(12.0, 1).usable
        assert corrected(3.4, 2).value == 3.4
        assert corrected(12.0, 3).value == 12.0
        archive.add(tx, [Reading("zhapu.tide", NOON, 14.0)], NOON + TEN)
        assert corrected(3.4, 20).value == 3.4
        assert not corrected(None, 30).usable


# a reading: minute, value, and the place of its copies among all that arrives
LEVELS = st.sampled_from([2.0, 2.01, 2.5, 3.0, 4.2, 4.3, 4.4, 9.0, 14.0, 99.0, None])
BATCHES = st.lists(
    st.tuples(st.integers(0, 40), LEVELS, st.sampled_from(["zhapu.tide", "rain-zhapu.rain"])),
    min_size=1,
    max_size=40,
)
HOLD = Hold(TEN, timedelta(hours=1), 0.2, timedelta(hours=1))


def arrives(city: City, store: Store, batches: list[list[Reading]]) -> list[object]:
    """All that can be asked once the batches have come, a minute after one another."""
    end = NOON + timedelta(hours=8)
    seen: list[object] = []
    with store.transaction() as tx:
        tx.execute(schema.observation.delete())
        for number, batch in enumerate(batches):
            act = Act(tx, end + timedelta(minutes=number), "system")
            actions.record(act, city, batch)
        later = end + timedelta(days=1)
        for name in ("zhapu.tide", "rain-zhapu.rain"):
            found = judging.window(tx, city, name, NOON - TEN, end, now=later)
            seen.append([(o.valid_at, o.start_at, o.value, o.flag, o.doubts) for o in found])
            newest = archive.latest(tx, [name]).get(name)
            seen.append(newest and (newest.valid_at, newest.value))
            samples = [Sample(o.valid_at, o.value or 0.0, "") for o in found if o.usable]
            levels = {Colour.BLUE: 4.0, Colour.RED: 8.0}
            states = [levels_state(samples, levels, HOLD, o.valid_at) for o in found]
            seen.append([(state.colour, state.since) for state in states])
        rows = tx.execute(schema.observation.select()).all()
        seen.append(sorted((r.series, r.valid_at, str(r.value), r.flag) for r in rows))
    return seen


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(batch=BATCHES, order=st.randoms(use_true_random=False), cuts=st.integers(1, 6))
def test_order_repetition_and_delay_of_arrival_change_nothing(
    pinghu: City,
    store: Store,
    batch: list[tuple[int, float | None, str]],
    order: random.Random,
    cuts: int,
) -> None:
    """Conflicting values included: same archive, flags, crossings of thresholds."""
    readings = [Reading(name, NOON + minute * TEN, value) for minute, value, name in batch]
    shuffled = readings + order.choices(readings, k=len(readings))
    order.shuffle(shuffled)
    batches = [shuffled[number::cuts] for number in range(cuts)]
    assert arrives(pinghu, store, [readings]) == arrives(pinghu, store, batches)


@pytest.mark.parametrize(
    ("table", "field", "message", "remedy"),
    [
        ("[quality.snow]\nstep = 1.0", "quality.snow", "not a quantity", "rain"),
        ("[quality.rain]\nstepp = 1.0", "quality.rain.stepp", "not a limit known", "spike"),
        ("[quality.wind]\nrange = [75, 0]", "quality.wind.range", "not a range", "[0.0, 75.0]"),
        ('[quality.wind]\nstep = "much"', "quality.wind.step", "not a limit", "off"),
        ("[quality.wind]\nspike = 0", "quality.wind.spike", "leaves no reading", "off"),
        (
            "[quality.wind]\nflat_within = -1",
            "quality.wind.flat_within",
            "not a limit",
            "0 or more",
        ),
        ("quality = 3", "quality", "not a table", "[quality.rain]"),
        ('day_starts = "8"', "day_starts", "not a time", '"08:00"'),
    ],
)
def test_a_wrong_limit_is_refused_by_name(
    tmp_path: Path, talstadt: City, table: str, field: str, message: str, remedy: str
) -> None:
    folder = tmp_path / "city"
    shutil.copytree(talstadt.folder, folder)
    text = (folder / "city.toml").read_text()
    (folder / "city.toml").write_text(
        f"{text}\n{table}\n" if table.startswith("[") else f"{table}\n{text}"
    )
    (fault,) = [each for each in check(folder) if each.field == field]
    assert message in fault.message
    assert remedy in fault.remedy


def test_a_citys_limits_change_what_they_name_and_nothing_else(
    tmp_path: Path, talstadt: City
) -> None:
    folder = tmp_path / "city"
    shutil.copytree(talstadt.folder, folder)
    with (folder / "city.toml").open("a") as file:
        file.write('\n[quality.river_level]\nrange = [170.0, 190.0]\nstep = "off"\n')
    limits = load(folder).limits
    assert (limits["river_level"].low, limits["river_level"].high) == (170.0, 190.0)
    assert limits["river_level"].step == OFF
    assert limits["river_level"].spike == DEFAULTS["river_level"].spike
    assert limits["rain"] == DEFAULTS["rain"]


def test_the_documented_limits_are_those_of_the_code() -> None:
    page = Path(__file__).parents[2] / "docs" / "observe.md"
    rows = {
        cells[1].strip("` "): [cell.strip() for cell in cells[2:-1]]
        for cells in (line.split("|") for line in page.read_text(encoding="utf-8").splitlines())
        if len(cells) == len(DEFAULTS) + 3
    }
    assert rows.pop("") == list(DEFAULTS)
    assert rows.pop("---") == ["---"] * len(DEFAULTS)
    assert rows.pop("range") == [f"[{each.low:g}, {each.high:g}]" for each in DEFAULTS.values()]
    for name, written in rows.items():
        values = [getattr(each, name) for each in DEFAULTS.values()]
        assert written == ["off" if abs(value) == OFF else f"{value:g}" for value in values], name
    assert {"low", "high", *rows} == {each.name for each in fields(Limits)}


def test_of_many_neighbours_the_nearest_are_asked(pinghu: City) -> None:
    own = pinghu.stations["rain-zhapu"]
    many = {
        f"rain-{n:02d}": replace(own, id=f"rain-{n:02d}", lon=own.lon + 0.001 * n)
        for n in range(1, 41)
    }
    city = replace(pinghu, stations={own.id: own, **dict(reversed(many.items()))})
    found = judging.near(city, own, 20.0)
    assert [each.id for each in found] == [f"rain-{n:02d}" for n in range(1, 13)]
