"""The pieces a replayed world is made of, by numbers a reader can check by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import nan

import numpy as np
import pytest

from anlan.refusal import Refusal
from anlan.replay import rainfield, truth
from anlan.replay.chance import Chance
from anlan.replay.course import course, harmonic, random_course, random_field
from anlan.replay.parameters import Constituent, Noise, Rain, RainCell

START = datetime(2021, 7, 24, tzinfo=UTC)
HOUR = 3600.0
#: Ends of sixty steps of ten minutes.
STEPS = np.asarray(START.timestamp() + 600.0 * np.arange(1, 61), dtype=np.float64)


def after(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def seconds(*hours: float) -> np.ndarray:
    return np.array([after(h).timestamp() for h in hours])


# Courses ---------------------------------------------------------------------------------------


def test_a_course_passes_through_its_points_never_beyond_them_and_stays_level_outside() -> None:
    points = [(after(0), 1.0), (after(6), 3.0), (after(8), 2.9), (after(20), 0.5)]
    values = course(points, seconds(*np.linspace(-5, 25, 301)))
    assert course(points, seconds(0, 6, 8, 20)) == pytest.approx([1.0, 3.0, 2.9, 0.5])
    assert values.max() == pytest.approx(3.0)
    assert values[0] == 1.0
    assert values[-1] == pytest.approx(0.5)


def test_a_single_constituent_is_a_cosine_of_its_speed_and_phase() -> None:
    twelve_hours = Constituent(name="S2", speed_deg_h=30.0, amplitude_m=0.8, phase_deg=90.0)
    height = harmonic(START, [twelve_hours], seconds(0, 3, 6, 9))
    assert height == pytest.approx([0.0, 0.8, 0.0, -0.8], abs=1e-9)


def test_a_random_course_has_the_size_it_is_given_and_is_the_same_each_time() -> None:
    values = random_course(7, 20_000, 600.0, 0.3, 2.0)
    assert float(values.std()) == pytest.approx(0.3, rel=0.1)
    assert float(np.abs(np.diff(values)).max()) < 0.1
    assert np.array_equal(values, random_course(7, 20_000, 600.0, 0.3, 2.0))
    assert not np.array_equal(values, random_course(8, 20_000, 600.0, 0.3, 2.0))


def test_a_random_field_has_zero_mean_and_unit_variance() -> None:
    field = random_field(3, (60, 60), (4.0, 4.0))
    assert float(field.mean()) == pytest.approx(0.0, abs=1e-9)
    assert float(field.std()) == pytest.approx(1.0)


# Rain ------------------------------------------------------------------------------------------


def flat(lon: float, lat: float) -> tuple[float, float]:
    """Degrees taken as hundreds of kilometres: enough for a rain field."""
    return lon * 1e5, lat * 1e5


def small_rain(total_mm: float, *cells: RainCell) -> rainfield.RainField:
    rain = Rain(
        total_mm=total_mm,
        course=[(after(0), 1.0), (after(10), 1.0)],
        noise=Noise(rms=0.5, hours=2.0, km=6.0),
        cell=list(cells),
    )
    x, y = np.meshgrid(np.linspace(0, 20_000, 6), np.linspace(0, 20_000, 6))
    return rainfield.build(rain, 1, STEPS, 600.0, x.ravel(), y.ravel(), flat)


def cell(mm: float, **changes: object) -> RainCell:
    given: dict[str, object] = {
        "name": "shower",
        "start": after(2),
        "end": after(4),
        "lon": 0.1,
        "lat": 0.1,
        "radius_km": 4.0,
        "mm": mm,
        "source": "assumed",
    }
    return RainCell.model_validate({**given, **changes})


def test_the_city_mean_is_the_event_total_whatever_the_noise() -> None:
    field = small_rain(80.0, cell(30.0))
    x, y = np.meshgrid(np.linspace(0, 20_000, 6), np.linspace(0, 20_000, 6))
    assert float(field.at(x.ravel(), y.ravel()).sum(axis=0).mean()) == pytest.approx(80.0)


def test_a_cell_alone_brings_its_amount_at_its_centre_within_its_hours() -> None:
    fell = rainfield.cell_mm(
        cell(40.0),
        STEPS,
        600.0,
        np.array([10_000.0, 14_000.0]),
        np.array([10_000.0, 10_000.0]),
        flat,
    )
    # one radius (4 km) away 61 % of it falls
    assert fell.sum(axis=0) == pytest.approx([40.0, 40.0 * np.exp(-0.5)])
    assert fell[:12].sum() == 0.0
    assert fell[24:].sum() == 0.0


def test_cells_that_bring_more_than_the_total_are_refused() -> None:
    with pytest.raises(Refusal, match="raise the total"):
        small_rain(1.0, cell(300.0))


def test_a_cell_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(Refusal, match="before it starts"):
        small_rain(80.0, cell(30.0, end=after(1)))


# Truth -----------------------------------------------------------------------------------------


def test_a_crossing_begins_and_ends_where_the_line_meets_the_threshold() -> None:
    found = truth.crossings(seconds(0, 1, 2), [0.0, 2.0, 1.0], 1.5)
    assert found == [truth.Crossing(after(0.75), after(1.5), 2.0, after(1))]


def test_two_high_waters_are_two_crossings_and_a_short_dip_is_none() -> None:
    times, values = seconds(0, 1, 2, 3, 4), [2.0, 0.0, 2.0, 0.0, 0.0]
    assert len(truth.crossings(times, values, 1.0)) == 2
    bridged = truth.crossings(times, values, 1.0, dip=timedelta(hours=3))
    assert [(c.start, c.end) for c in bridged] == [(after(0), after(2.5))]


def test_dry_is_below_every_threshold() -> None:
    found = truth.crossings(seconds(0, 1, 2, 3), [nan, 2.0, nan, nan], 1.0)
    assert [(c.start, c.end) for c in found] == [(after(1), after(1))]
    assert truth.crossings(seconds(0, 1), [nan, nan], -10.0) == []


def test_trailing_sums_look_back_only() -> None:
    amounts = np.array([1.0, 2.0, 4.0, 8.0])
    assert truth.trailing(amounts, HOUR, 2.0) == pytest.approx([1.0, 3.0, 6.0, 12.0])


@pytest.mark.parametrize(
    ("attention", "danger", "rain_12h", "colour"),
    [
        (0, 0, 200.0, None),
        (1, 0, 0.0, "blue"),
        (2, 1, 69.0, "yellow"),
        (2, 2, 69.0, "yellow"),
        (2, 2, 70.0, "orange"),
        (5, 4, 139.0, "orange"),
        (5, 4, 140.0, "red"),
    ],
)
def test_a_towns_colour_counts_places_and_asks_for_rain(
    attention: int, danger: int, rain_12h: float, colour: str | None
) -> None:
    one = np.ones(1)
    seen = {
        "attention": attention * one,
        "danger": danger * one,
        "rain_3h": 0 * one,
        "rain_12h": rain_12h * one,
    }
    standing = [name for name in truth.TOWN_COLOURS if truth.town_colour(seen, name)[0]]
    assert (standing[-1] if standing else None) == colour


# Chance ----------------------------------------------------------------------------------------


def test_chance_answers_the_same_question_the_same_way() -> None:
    chance = Chance(5)
    assert chance.share("a", "b") == Chance(5).share("a", "b")
    assert chance.share("a", "b") != chance.share("a", "c")
    assert chance.share("ab", "") != chance.share("a", "b")
    assert chance.share("a") != Chance(6).share("a")


def test_delays_have_their_median_and_shares_their_frequency() -> None:
    chance = Chance(5)
    minutes = [chance.delay(10.0, str(k)).total_seconds() / 60 for k in range(2000)]
    assert float(np.median(minutes)) == pytest.approx(10.0, rel=0.08)
    assert min(minutes) > 0.5
    assert sum(chance.happens(0.2, str(k)) for k in range(2000)) == pytest.approx(400, abs=60)
