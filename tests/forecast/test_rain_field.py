"""Members start from a forecast rain field where a fresh one had come; else all is as before."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from anlan import forecast
from anlan.city import City
from anlan.clock import SteppedClock
from anlan.forecast.drives import Drives
from anlan.journal import trace
from anlan.observe import rainfield
from anlan.store import Store
from tests.observe.rain_files import HOUR, LAT, LON, NOON, netcdf

ISSUE = NOON + 3 * HOUR


def field(folder: Path, rate: float, hours: int = 24, base: datetime = NOON) -> Path:
    ends = [base + k * HOUR for k in range(1, hours + 1)]
    values = np.full((hours, LAT.size, LON.size), rate)
    name = f"{rate}-{base:%H}.nc"
    return netcdf(folder / name, values, ends, starts=[end - HOUR for end in ends], base=base)


def keep(store: Store, city: City, path: Path, at: datetime, product: str = "gfs") -> None:
    rainfield.take_file(store, city, SteppedClock(at), path, product, forecast=True)


def frozen(store: Store, city: City, issue: datetime = ISSUE) -> forecast.Bundle:
    small = {"resolution_m": 400.0, "members": 2, "lead_hours": 12, "spinup_hours": 3}
    settings = forecast.read_settings(city.settings, **small)
    with store.read() as conn:
        return forecast.freeze(conn, city, None, issue, settings, store.data_dir)


def mean_rain(bundle: forecast.Bundle) -> list[float]:
    """Of the control, over the city, in each hour."""
    rain = Drives(bundle).member(0).drive.rain
    return [round(float(each), 3) for each in rain.mean(axis=0)]


def test_without_a_field_the_run_is_the_same_as_ever(store: Store, pinghu: City) -> None:
    bundle = frozen(store, pinghu)
    assert "field_rain" not in bundle.arrays
    assert "rain_field" not in bundle.meta
    assert set(mean_rain(bundle)) == {0.0}


def test_the_control_has_the_rain_of_the_field(store: Store, pinghu: City, tmp_path: Path) -> None:
    keep(store, pinghu, field(tmp_path, 5.0), NOON + HOUR)
    bundle = frozen(store, pinghu)
    # no gauge has been read: nothing persists, the field holds from the first hour on
    assert mean_rain(bundle) == [5.0] * 12
    assert bundle.meta["rain_field"] == {"product": "gfs", "base": NOON.isoformat()}
    assert "rain:gfs@2021-07-25T12:00Z" in bundle.grounds
    with store.read() as conn:
        (entry,) = trace(conn, "rain:gfs@2021-07-25T12:00Z")
    assert entry["kind"] == "observe.rain_field"


def test_what_came_after_the_issue_time_does_not_change_the_run(
    store: Store, pinghu: City, tmp_path: Path
) -> None:
    keep(store, pinghu, field(tmp_path, 5.0), NOON + HOUR)
    before = frozen(store, pinghu)
    keep(store, pinghu, field(tmp_path, 9.0), ISSUE + HOUR)
    keep(store, pinghu, field(tmp_path, 7.0, base=ISSUE), ISSUE + HOUR, "other")
    assert frozen(store, pinghu).hash == before.hash


def test_the_newest_forecast_counts_whichever_came_last(
    store: Store, pinghu: City, tmp_path: Path
) -> None:
    keep(store, pinghu, field(tmp_path, 7.0, base=NOON + HOUR), NOON + HOUR, "new")
    keep(store, pinghu, field(tmp_path, 5.0), NOON + 2 * HOUR, "old")
    assert set(mean_rain(frozen(store, pinghu))) == {7.0}


def test_an_old_field_is_not_used(store: Store, pinghu: City, tmp_path: Path) -> None:
    keep(store, pinghu, field(tmp_path, 5.0, hours=48), NOON)
    assert "field_rain" in frozen(store, pinghu, NOON + timedelta(hours=17)).arrays
    assert "field_rain" not in frozen(store, pinghu, NOON + timedelta(hours=18)).arrays


def test_beyond_the_end_of_the_field_the_run_goes_on_as_without_it(
    store: Store, pinghu: City, tmp_path: Path
) -> None:
    keep(store, pinghu, field(tmp_path, 5.0, hours=8), NOON)
    assert mean_rain(frozen(store, pinghu)) == [5.0] * 5 + [0.0] * 7


def test_a_field_whose_values_are_gone_does_not_stop_the_run(
    store: Store, pinghu: City, tmp_path: Path
) -> None:
    keep(store, pinghu, field(tmp_path, 5.0), NOON)
    shutil.rmtree(store.data_dir / "rain")
    assert "field_rain" not in frozen(store, pinghu).arrays


@pytest.mark.parametrize("rate", [2.0, 20.0])
def test_members_spread_around_the_field(
    store: Store, pinghu: City, tmp_path: Path, rate: float
) -> None:
    keep(store, pinghu, field(tmp_path, rate), NOON)
    drives = Drives(frozen(store, pinghu))
    other = drives.member(1).drive.rain
    assert other.std() > 0.05 * rate
