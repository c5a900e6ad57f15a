"""rules.toml: every kind read in its units, and each fault named with the nearest remedy."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from anlan.city import City
from anlan.refusal import Refusal
from anlan.warn.colour import Colour
from anlan.warn.rule import (
    CombinedRule,
    DurationRule,
    NoDataRule,
    RateRule,
    RepeatRule,
    Rules,
)
from anlan.warn.rules import read_rules

HEAD = """
approver_roles = ["commander"]
{top}
[[rule]]
id = "one"
event = "river_level"
name = "河道"
name_en = "River"
code = "RL"
categories = ["Met"]
source = "test"
areas = {areas}
"""
WAITS = "hold_minutes = 15\nfall_minutes = 120\nmax_gap_minutes = 60\n"
DURATION = """
[rule.duration]
stations = ["danghu-level"]
colours = { yellow = ["warning", 12], orange = [1.86, 24] }
fall_minutes = 120
fall_by = 0.05
max_gap_minutes = 60
"""
REPEAT = """
[rule.repeat]
quantity = "river_level"
value = "warning"
colours = { blue = 2, yellow = 3 }
hours = 72
fall_by = 0.1
fall_minutes = 120
max_gap_minutes = 60
"""
RATE = (
    '[rule.rate]\nstations = ["danghu-level"]\ncolours = { blue = 0.3 }\nspan_minutes = 60\n'
    + WAITS
)
NO_DATA = """
[rule.no_data]
quantity = "tide"
colours = { blue = 30, yellow = 120 }
back_minutes = 60
"""
COMBINED = (
    "[rule.combined]\n"
    + WAITS
    + """
[[rule.combined.sets]]
colour = "orange"
rain = { hours = 3, mm = 30, fall_by = 10 }
river = { stations = ["danghu-level"], value = "warning", fall_by = 0.05 }
tide = { stations = ["zhapu"], value = 5.0, datum = "gauge_zero_zhapu" }
impact = { danger_probability = 0.5 }
"""
)


def read(city: City, folder: Path, kind: str, areas: str = '"by_town"', top: str = "") -> Rules:
    path = folder / "rules.toml"
    path.write_text(HEAD.format(areas=areas, top=top) + kind, "utf-8")
    return read_rules(city, path)


def test_a_duration_is_read_in_hours_and_by_the_station_s_own_levels(
    pinghu: City, tmp_path: Path
) -> None:
    rule = read(pinghu, tmp_path, DURATION).rules[0].watching
    assert isinstance(rule, DurationRule)
    assert rule.by_station["danghu-level"] == {
        Colour.YELLOW: (1.46, timedelta(hours=12)),
        Colour.ORANGE: (1.86, timedelta(hours=24)),
    }


def test_a_repeat_counts_at_every_station_that_has_the_level(pinghu: City, tmp_path: Path) -> None:
    rule = read(pinghu, tmp_path, REPEAT).rules[0].watching
    assert isinstance(rule, RepeatRule)
    assert rule.by_station["danghu-level"] == 1.46
    assert (rule.times, rule.span) == ({Colour.BLUE: 2, Colour.YELLOW: 3}, timedelta(hours=72))


def test_a_rate_is_read_in_amounts_within_minutes(pinghu: City, tmp_path: Path) -> None:
    rule = read(pinghu, tmp_path, RATE).rules[0].watching
    assert isinstance(rule, RateRule)
    assert (rule.amounts, rule.span, rule.falling) == (
        {Colour.BLUE: 0.3},
        timedelta(hours=1),
        False,
    )


def test_silence_is_read_in_minutes_for_any_quantity(pinghu: City, tmp_path: Path) -> None:
    found = read(pinghu, tmp_path, NO_DATA, areas='"each_station"')
    assert isinstance(found.rules[0].watching, NoDataRule)
    assert {watch.stations for watch in found.rules[0].watches} == {("zhapu",), ("jinshanzui",)}


def test_a_combined_rule_brings_datums_to_the_city_s_and_rain_of_each_town(
    pinghu: City, tmp_path: Path
) -> None:
    found = read(pinghu, tmp_path, COMBINED, areas='"each_town"').rules[0]
    assert isinstance(found.watching, CombinedRule)
    one = found.watching.sets[0]
    assert one.high[1].by_station["zhapu"] == pytest.approx(5.0 - 1.841)
    danghu = next(watch for watch in found.watches if watch.area == ("330482001000",))
    assert set(danghu.stations) == {"danghu-level", "zhapu", "rain-danghu"}


def test_stations_of_one_town_speak_together(pinghu: City, tmp_path: Path) -> None:
    kind = DURATION.replace(
        '["danghu-level"]', '["danghu-level", "xindai-level", "guangchen-level"]'
    )
    by_town = read(pinghu, tmp_path, kind).rules[0].watches
    assert [watch.key for watch in by_town] == ["330482001000", "330482102000", "330482106000"]


@pytest.mark.parametrize(
    ("kind", "areas", "top", "field", "sentence"),
    [
        (DURATION.replace("fall_by", "fallby"), '"by_town"', "", "fallby", "nearest is 'fall_by'"),
        (RATE.replace("span_", ""), '"by_town"', "", "minutes", "nearest is 'span_minutes'"),
        (NO_DATA.replace("tide", "tides"), '"by_town"', "", "quantity", "use one of rain"),
        (RATE.replace("0.3", "-0.3"), '"by_town"', "", "colours", "0 or more"),
        (RATE.replace("0.3", "nan"), '"by_town"', "", "colours", "0 or more"),
        (NO_DATA.replace("blue = 30, yellow = 120", ""), '"by_town"', "", "colours", "one colour"),
        (DURATION.replace("12]", "1e300]"), '"by_town"', "", "colours.yellow", "0 or more"),
        (DURATION.replace("12]", "800]"), '"by_town"', "", "colours.yellow", "744 at most"),
        (DURATION.replace("1.86", "inf"), '"by_town"', "", "colours", "finite"),
        (REPEAT.replace("blue = 2", "blue = 1"), '"by_town"', "", "colours", "2 or more"),
        (RATE.replace("danghu-level", "rain-danghu"), '"by_town"', "", "stations", "combined rain"),
        (RATE + NO_DATA, '"by_town"', "", "no_data", "it has rate already"),
        (COMBINED, '"by_town"', "", "areas", "each_town"),
        (COMBINED.replace("rain =", "rian ="), '"each_town"', "", "rian", "nearest is 'rain'"),
        (DURATION, '"by_towns"', "", "areas", '"by_town"'),
        (DURATION, '"by_town"', "lower_hold_minute = 3", "lower_hold_minute", "lower_hold_minutes"),
        (
            DURATION,
            '"by_town"',
            '[[silence]]\nfrom = 2021-07-01T00:00:00Z\nuntil = 2022-07-01T00:00:00Z\nreason = "x"',
            "until",
            "31 days at most",
        ),
        (
            DURATION,
            '"by_town"',
            "[[silence]]\nfrom = 2021-07-01T00:00:00Z\nuntil = 2021-07-02T00:00:00Z\n"
            'up_to = "red"\nreason = "x"',
            "up_to",
            "red is never held",
        ),
        (
            DURATION,
            '"by_town"',
            "[[silence]]\nfrom = 2021-07-01T00:00:00\nuntil = 2021-07-02T00:00:00Z",
            "from",
            "with its offset",
        ),
        (
            DURATION,
            '"by_town"',
            '[[inhibit]]\nby = "blue"\nholds = "orange"',
            "holds",
            "a lower colour",
        ),
        (
            DURATION,
            '"by_town"',
            '[[inhibit]]\nby = "red"\nholds = "blue"\nevents = ["rain"]',
            "events",
            "river_level",
        ),
    ],
)
def test_each_fault_is_named_with_its_remedy(
    pinghu: City, tmp_path: Path, kind: str, areas: str, top: str, field: str, sentence: str
) -> None:
    with pytest.raises(Refusal) as found:
        read(pinghu, tmp_path, kind, areas, top)
    assert found.value.field == field
    assert sentence in found.value.message + str(found.value.remedy)
