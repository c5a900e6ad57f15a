"""Depth at a hazard place: an underpass is a bucket, everything else stands open."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anlan.assess import bucket, place_depth
from anlan.assess.place import hollow_depth
from anlan.city.place import HazardPlace
from anlan.refusal import Refusal

HOUR = 3600.0
DRY = np.nan

UNDERPASS = HazardPlace(
    id="U1",
    name="人民路下穿",
    name_en="Renmin Road underpass",
    kind="underpass",
    lon=121.0,
    lat=30.7,
    territory="330482001001",
    department="住建局",
    attention_m=0.15,
    danger_m=0.30,
    ground_m=-1.0,
    rim_m=2.0,
    catchment_m2=10_000.0,
    area_m2=500.0,
    pump_m3s=0.05,
    residents=0,
    old_houses=0,
    road_m=120.0,
    synthetic=True,
)
COMMUNITY = replace(UNDERPASS, id="L1", kind="low_community", ground_m=1.8)


def test_the_pump_keeps_up_with_eighteen_millimetres_an_hour() -> None:
    # 18 mm on 10 000 m² is 180 m³; 0.05 m³/s for an hour is 180 m³.
    assert place_depth(UNDERPASS, [DRY], [18.0], HOUR) == pytest.approx([0.0])


def test_what_the_pump_cannot_take_stands_on_the_floor_and_is_gone_an_hour_later() -> None:
    # 30 mm bring 300 m³, 180 are pumped, 120 m³ stand 0.24 m deep on 500 m².
    depth = place_depth(UNDERPASS, [DRY, DRY], [30.0, 0.0], HOUR)
    assert depth == pytest.approx([0.24, 0.0])


def test_surface_water_above_the_rim_fills_it_to_that_level() -> None:
    assert place_depth(UNDERPASS, [2.3], [0.0], HOUR) == pytest.approx([3.3])


def test_surface_water_below_the_rim_stays_out() -> None:
    assert place_depth(UNDERPASS, [1.99], [0.0], HOUR) == pytest.approx([0.0])


def test_a_filled_underpass_is_pumped_dry_only_slowly() -> None:
    # Full: 3 m × 500 m² = 1500 m³. Each hour 180 m³ or 0.36 m go.
    depth = place_depth(UNDERPASS, [2.3, DRY, DRY], [0.0, 0.0, 0.0], HOUR)
    assert depth == pytest.approx([3.3, 2.64, 2.28])


def test_without_a_pump_the_water_stays() -> None:
    still = replace(UNDERPASS, pump_m3s=None)
    assert place_depth(still, [DRY] * 3, [30.0, 0.0, 0.0], HOUR) == pytest.approx([0.6] * 3)


def test_rain_beyond_its_room_runs_off_over_the_rim() -> None:
    flood = bucket(replace(UNDERPASS, pump_m3s=None), [DRY], [200.0], HOUR)
    assert flood.depth_m == pytest.approx([3.0])
    assert flood.spilled_m3 == pytest.approx([500.0])


def test_an_open_place_stands_as_deep_as_the_surface_is_above_its_ground() -> None:
    depth = place_depth(COMMUNITY, [DRY, 1.7, 2.05], [50.0, 50.0, 0.0], HOUR)
    assert depth == pytest.approx([0.0, 0.0, 0.25])


def test_a_film_of_rain_does_not_fill_a_hollow() -> None:
    # The cell's bed lies 0.2 m above the place. 5 mm on it gather to 2 √(0.2 × 0.005) m.
    film = place_depth(COMMUNITY, [2.005], [5.0], HOUR, bed_m=2.0)
    assert film == pytest.approx([0.0632], abs=1e-4)


def test_a_cell_under_water_stands_over_a_hollow_as_a_level_surface() -> None:
    assert place_depth(COMMUNITY, [2.3], [0.0], HOUR, bed_m=2.0) == pytest.approx([0.5])


def test_a_place_above_its_cell_waits_for_the_surface_to_reach_it() -> None:
    depth = place_depth(COMMUNITY, [1.5, 1.9], [0.0, 0.0], HOUR, bed_m=-1.0)
    assert depth == pytest.approx([0.0, 0.1])


@given(h=st.floats(0.0, 3.0), more=st.floats(0.0, 3.0), hollow=st.floats(0.0, 2.0))
def test_a_hollow_is_never_shallower_than_its_cell_nor_deeper_than_the_surface(
    h: float, more: float, hollow: float
) -> None:
    depth = hollow_depth(h, hollow)
    assert h - 1e-9 <= depth <= h + hollow + 1e-9
    assert hollow_depth(h + more, hollow) >= depth - 1e-9


def test_members_are_followed_side_by_side() -> None:
    level = np.full((2, 3), DRY)
    rain = np.array([[30.0, 0.0, 0.0], [0.0, 0.0, 36.0]])
    together = place_depth(UNDERPASS, level, rain, HOUR)
    for member in range(2):
        alone = place_depth(UNDERPASS, level[member], rain[member], HOUR)
        assert together[member] == pytest.approx(alone)


@pytest.mark.parametrize(("field", "value"), [("rim_m", None), ("rim_m", -1.0), ("area_m2", 0.0)])
def test_an_underpass_without_its_measures_is_refused_by_name(
    field: str, value: float | None
) -> None:
    broken = replace(UNDERPASS, **{field: value})  # type: ignore[arg-type]
    with pytest.raises(Refusal, match=rf"U1.*{field}") as refused:
        place_depth(broken, [DRY], [0.0], HOUR)
    assert refused.value.field == field


RAIN = arrays(np.float64, 12, elements=st.floats(0.0, 150.0))
LEVEL = arrays(np.float64, 12, elements=st.one_of(st.just(np.nan), st.floats(-1.0, 5.0)))


@given(rain=RAIN, level=LEVEL, pump=st.floats(0.0, 2.0), catchment=st.floats(0.0, 1e5))
def test_the_bucket_keeps_its_mass(
    rain: np.ndarray, level: np.ndarray, pump: float, catchment: float
) -> None:
    place = replace(UNDERPASS, pump_m3s=pump, catchment_m2=catchment)
    b = bucket(place, level, rain, HOUR)
    change = np.diff(b.stored_m3, prepend=0.0)
    assert change == pytest.approx(
        b.runoff_m3 + b.surface_m3 - b.pumped_m3 - b.spilled_m3, abs=1e-6
    )
    capacity = (2.0 - -1.0) * 500.0
    assert np.all((b.stored_m3 >= 0) & (b.stored_m3 <= capacity + 1e-6))
    assert np.all(b.depth_m >= 0)
    for flow in (b.runoff_m3, b.surface_m3, b.pumped_m3, b.spilled_m3):
        assert np.all(flow >= 0)


@given(rain=RAIN, level=LEVEL, extra=RAIN)
def test_more_rain_never_means_less_water(
    rain: np.ndarray, level: np.ndarray, extra: np.ndarray
) -> None:
    less = place_depth(UNDERPASS, level, rain, HOUR)
    more = place_depth(UNDERPASS, level, rain + extra, HOUR)
    assert np.all(more >= less - 1e-9)
