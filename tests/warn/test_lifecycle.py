"""The pure core: crossings, the life of a warning, and the words."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.city import City, load
from anlan.refusal import Refusal
from anlan.warn import check, load_messages, load_rules
from anlan.warn.colour import COLOURS, Colour
from anlan.warn.lifecycle import Evidence, Standing, Step, decide
from anlan.warn.message import marked, render, repeated, segments
from anlan.warn.observed import Hold, RainSum, Sample, levels_state, rain_state

T0 = datetime(2021, 7, 25, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
HOLD = Hold(rise=10 * MINUTE, fall=60 * MINUTE, fall_by=0.2, max_gap=30 * MINUTE)
LEVELS = {Colour.BLUE: 1.0, Colour.RED: 2.0}


def samples(*values: float, step: int = 10) -> list[Sample]:
    return [
        Sample(T0 + number * step * MINUTE, value, f"obs:{number}")
        for number, value in enumerate(values)
    ]


def state(*values: float, before: Colour = Colour.NONE) -> Colour:
    given = samples(*values)
    return levels_state(given, LEVELS, HOLD, given[-1].at, before=before).colour


def test_a_level_counts_once_it_has_held() -> None:
    assert state(0.9, 1.1) is Colour.NONE
    assert state(0.9, 1.1, 1.1) is Colour.BLUE
    assert state(0.9, 1.1, 0.9, 1.1) is Colour.NONE


def test_it_falls_only_below_the_margin_and_after_the_longer_hold() -> None:
    assert state(1.1, 1.1, *[0.9] * 20) is Colour.BLUE
    assert state(1.1, 1.1, *[0.7] * 6) is Colour.BLUE
    assert state(1.1, 1.1, *[0.7] * 7) is Colour.NONE


def test_a_silence_clears_nothing_and_restarts_the_wait() -> None:
    given = [*samples(1.1, 1.1, 0.7), Sample(T0 + 90 * MINUTE, 0.7, "obs:late")]
    found = levels_state(given, LEVELS, HOLD, T0 + 90 * MINUTE)
    assert (found.colour, found.present) == (Colour.BLUE, True)
    assert not levels_state(given, LEVELS, HOLD, T0 + 180 * MINUTE).present


@settings(max_examples=60)
@given(st.lists(st.floats(0, 3), min_size=1, max_size=40), st.floats(0, 1))
def test_higher_water_never_gives_a_lower_colour(values: list[float], more: float) -> None:
    assert state(*[value + more for value in values]) >= state(*values)


def test_only_sums_that_lie_wholly_in_the_hours_count() -> None:
    sums = [RainSum(T0 + (n - 1) * HOUR, T0 + n * HOUR, 20.0, f"obs:{n}") for n in range(1, 7)]
    thresholds = {Colour.BLUE: (3.0, 60.0), Colour.RED: (3.0, 61.0)}
    found = rain_state(sums, thresholds, {}, T0 + 6 * HOUR, HOUR)
    assert found.colour is Colour.BLUE


HOURS2 = timedelta(hours=2)


def step(standing: Standing, evidence: Evidence, now: datetime = T0) -> tuple[Step, Colour]:
    decision = decide(standing, evidence, now, HOURS2, HOUR)
    return decision.step, decision.colour


def seen(colour: Colour, present: bool = True) -> Evidence:
    return Evidence(observed=colour, has_gauge=True, gauge_present=present)


def test_rising_goes_at_once_and_falling_waits() -> None:
    out = Standing(issued=Colour.YELLOW)
    assert step(out, seen(Colour.RED)) == (Step.RAISE, Colour.RED)
    assert step(out, seen(Colour.BLUE))[0] is Step.NOTHING
    waited = Standing(issued=Colour.YELLOW, lower_since=T0 - HOURS2)
    assert step(waited, seen(Colour.BLUE)) == (Step.LOWER, Colour.BLUE)
    assert step(waited, seen(Colour.NONE)) == (Step.CLEAR, Colour.NONE)


def test_a_forecast_warning_is_lowered_by_two_runs_only() -> None:
    out = Standing(issued=Colour.ORANGE, forecast_based=True, lower_since=T0 - HOURS2)
    one = Evidence(forecasts=(Colour.NONE,), has_gauge=True, gauge_present=True)
    half = Evidence(forecasts=(Colour.NONE, Colour.ORANGE), has_gauge=True, gauge_present=True)
    both = Evidence(forecasts=(Colour.NONE, Colour.NONE), has_gauge=True, gauge_present=True)
    assert [step(out, each)[0] for each in (one, half, both)] == [
        Step.NOTHING,
        Step.NOTHING,
        Step.CLEAR,
    ]


colours = st.sampled_from(Colour)
evidences = st.builds(
    Evidence,
    observed=colours,
    near=colours,
    forecasts=st.lists(colours, max_size=2).map(tuple),
    gauge_present=st.booleans(),
    has_gauge=st.booleans(),
)
standings = st.builds(
    Standing,
    issued=colours,
    issued_until=st.none() | st.just(T0 + 9 * HOUR) | st.just(T0),
    forecast_based=st.booleans(),
    waiting=st.none() | colours,
    lower_since=st.none() | st.just(T0 - 3 * HOUR),
    rejected=colours,
)


@settings(max_examples=300)
@given(standings, evidences)
def test_invariants_of_every_decision(standing: Standing, evidence: Evidence) -> None:
    found, colour = step(standing, evidence)
    silent = evidence.has_gauge and not evidence.gauge_present
    if found in (Step.LOWER, Step.CLEAR):
        assert not silent, "no data never clears"
        assert colour < standing.issued
        assert standing.lower_since is not None, "falling waits"
    if found in (Step.NEW, Step.RAISE):
        assert colour > standing.issued
        assert colour == evidence.raise_to
    if standing.waiting is not None:
        assert found in (Step.NOTHING, Step.REFRESH, Step.LAPSE), "a draft is never doubled"
    if (
        evidence.raise_to > standing.issued
        and standing.waiting is None
        and evidence.raise_to != standing.rejected
    ):
        assert found in (Step.NEW, Step.RAISE), "raising always notifies"


def test_one_run_never_raises_without_a_gauge() -> None:
    for colour in COLOURS:
        assert Evidence(forecasts=(colour,)).raise_to is Colour.NONE
        assert Evidence(forecasts=(colour,), near=Colour.BLUE).raise_to is Colour.BLUE


def test_marks_stand_first_and_once() -> None:
    text = marked("水位上涨", "Exercise")
    assert text == "【演练】水位上涨"
    assert marked(text, "Exercise") == text
    assert repeated(repeated(text)) == "【演练】【重发】水位上涨"
    assert marked("水位上涨", "Actual") == "水位上涨"


@given(st.text(max_size=40))
def test_values_are_text_and_never_templates(value: str) -> None:
    out = render("{place}!", {"place": "{issuer}" + value, "issuer": "secret"})
    assert out.startswith("{issuer}")
    assert all(sign.isprintable() for sign in out)


def test_sms_segments_are_seventy_then_sixty_seven() -> None:
    assert [segments("字" * n) for n in (1, 70, 71, 134, 135)] == [1, 1, 2, 2, 3]


def test_every_text_of_pinghu_has_both_languages_and_every_tier_a_text(pinghu: City) -> None:
    messages = load_messages(pinghu)
    for kind in (
        "storm_tide",
        "waterlogging",
        "river_level",
        "clear",
        "official",
        "escalation",
    ):
        for tier in ("city", "department", "town", "community", "grid", "resident"):
            for language in ("zh", "en"):
                assert messages.template(kind, tier, language)


def test_pinghus_tide_levels_are_those_written_down_on_the_city_datum(pinghu: City) -> None:
    tide = load_rules(pinghu).rule("storm-tide")
    assert tide is not None
    assert tide.levels is not None
    assert tide.assumed
    expected = {
        c: pinghu.level(v, "gauge_zero_zhapu")
        for c, v in zip(COLOURS, (5.8, 6.1, 6.4, 6.8), strict=True)
    }
    assert tide.levels.by_station["zhapu"] == expected


@pytest.fixture
def copy(pinghu: City, tmp_path: Path) -> Path:
    """A copy of the city folder that a test may spoil."""
    folder = tmp_path / "pinghu"
    shutil.copytree(pinghu.folder, folder, ignore=shutil.ignore_patterns("generat*"))
    return folder


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("rules.toml", "blue = 5.80", "green = 5.80", "'green' is no colour"),
        ("rules.toml", "yellow = 6.10", "yellow = 5.10", "each colour lie above the one before"),
        ("rules.toml", 'stations = ["zhapu"]', 'stations = ["zapu"]', "use an id of stations.csv"),
        ("rules.toml", "gauge_zero_zhapu", "wusong", "datum 'wusong' is not known"),
        ("rules.toml", "fall_minutes = 780", "fall_minutes = 5", "longer than hold_minutes"),
        (
            "rules.toml",
            "{ attention_probability = 0.5 }",
            "{ attention = 0.5 }",
            "the nearest is 'attention_probability'",
        ),
        ("rules.toml", "330482108000", "330482999000", "330482999000"),
        ("messages.toml", "{issuer}", "{password}", "{password}"),
        ("messages.toml", "{level}", "{level.__class__}", "cannot be used"),
        ("messages.toml", "[cost]", "[cost", "messages.toml"),
    ],
)
def test_city_check_names_each_fault(
    copy: Path, file: str, old: str, new: str, sentence: str
) -> None:
    path = copy / file
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    faults = check(copy)
    assert [fault.file for fault in faults] == [file]
    assert sentence in str(faults[0])


def test_a_city_without_rules_has_none_and_says_so(copy: Path) -> None:
    (copy / "rules.toml").unlink()
    (copy / "messages.toml").unlink()
    city = load(copy)
    assert load_rules(city).rules == ()
    with pytest.raises(Refusal, match=r"no text for 'storm_tide'"):
        load_messages(city).template("storm_tide", "grid", "zh")
