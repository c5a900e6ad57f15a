"""Tide from harmonics, surge from a storm, and the one number fitted."""

from __future__ import annotations

import csv
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from anlan.forecast import fit_surge
from anlan.forecast.climate import read_best_tracks
from anlan.forecast.surge import Setup, axis_stress, inverse_barometer, read_setup, residual
from anlan.forecast.tide import CONSTITUENTS, Harmonics, predict, read_harmonics
from anlan.refusal import Refusal

CITY = Path(__file__).parents[2] / "cities" / "pinghu"
SHARED = Path(__file__).parents[3] / "shared" / "data"
PUBLISHED = SHARED / "tide_surge" / "zhapu_predicted_20210720_30.csv"
SETUP = Setup(90.0, 9.0, 70e3, 80e3, 0.3)


def zhapu() -> Harmonics:
    return read_harmonics(CITY / "tide" / "zhapu.toml")


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("when", "height"),
    # high waters of the constants' own prediction by utide, m above gauge zero
    [
        ("2021-07-24T00:30+08:00", 5.41),
        ("2021-07-25T01:20+08:00", 5.63),
        ("2021-07-26T02:00+08:00", 5.73),
        ("2021-07-26T14:20+08:00", 4.56),
    ],
)
def test_zhapu_s_high_waters_agree_with_another_program(when: str, height: float) -> None:
    assert float(predict(zhapu(), at(when))[0]) == pytest.approx(height, abs=0.03)


def test_in_fa_s_landfall_fell_near_low_water() -> None:
    hours = at("2021-07-26T00:00+08:00") + 600.0 * np.arange(144)
    morning = hours[(hours > at("2021-07-26T05:00+08:00")) & (hours < at("2021-07-26T12:00+08:00"))]
    lowest = morning[predict(zhapu(), morning).argmin()]
    assert abs(lowest - at("2021-07-26T09:00+08:00")) < 3600.0


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the shared prediction is not at hand")
def test_ten_days_of_tide_agree_with_the_other_program() -> None:
    with PUBLISHED.open() as handle:
        rows = list(csv.reader(handle))[1:]
    seconds = np.array([at(r[0]) for r in rows])
    there = np.array([float(r[1]) for r in rows]) / 100.0
    # nodal corrections by formula here, by satellites and latitude there
    assert np.sqrt(np.mean((predict(zhapu(), seconds) - there) ** 2)) < 0.015


def test_m2_alone_repeats_after_its_period() -> None:
    only = Harmonics("x", "1985", 0.0, {"M2": (1.0, 0.0)})
    start = at("2021-07-20T00:00+00:00")
    one, two = predict(only, np.array([start, start + 12.4206012 * 3600.0]))
    assert one == pytest.approx(two, abs=1e-4)


def test_nineteen_constituents_are_known_and_another_is_refused(tmp_path: Path) -> None:
    assert len(CONSTITUENTS) == 19
    path = tmp_path / "x.toml"
    path.write_text(
        'station = "x"\ndatum = "1985"\nmean_level_m = 0.0\n'
        "[constituents.M3]\namplitude_m = 0.1\nphase_deg = 0.0\n"
    )
    with pytest.raises(Refusal, match="M3 is not known; use Q1"):
        read_harmonics(path)


def test_a_hectopascal_is_a_centimetre() -> None:
    assert float(inverse_barometer(1009.0)) == pytest.approx(0.01, rel=1e-3)


def test_stress_is_positive_for_a_wind_from_the_bearing() -> None:
    assert float(axis_stress(-10.0, 0.0, 90.0)) > 0.0
    assert float(axis_stress(10.0, 0.0, 90.0)) < 0.0
    assert float(axis_stress(0.0, 10.0, 90.0)) == pytest.approx(0.0, abs=1e-12)


def steady_wind(tide: float) -> float:
    t = 600.0 * np.arange(600, dtype=np.float64)
    calm = np.full(600, 1010.0)
    return float(
        residual(SETUP, t, np.full(600, tide), calm, np.full(600, -20.0), np.zeros(600))[-1]
    )


def test_set_up_goes_with_one_over_depth() -> None:
    assert steady_wind(-2.0) / steady_wind(2.0) == pytest.approx(11.0 / 7.0, rel=1e-3)


def test_the_same_wind_peaks_before_high_water() -> None:
    t = 600.0 * np.arange(300, dtype=np.float64)
    tide = 2.0 * np.sin(2 * np.pi * t / 44712.0)
    calm = np.full(300, 1010.0)
    out = residual(SETUP, t, tide, calm, np.full(300, -20.0), np.zeros(300))
    cycle = slice(150, 225)
    low, peak = t[cycle][tide[cycle].argmin()], t[cycle][out[cycle].argmax()]
    high = low + 22356.0
    assert low < peak < high


def test_the_fit_is_linear_least_squares_and_reproduces_the_peak_before_high_water() -> None:
    storms = read_best_tracks(CITY / "typhoon" / "cma_points.csv")
    wanda = fit_surge.find(storms, 1956, "Wanda")
    record = fit_surge.read_record(CITY / "tide" / "surge_5612_zhapu.csv")
    setup = read_setup(CITY / "tide" / "setup.toml")
    fitted = fit_surge.fit(setup, record, wanda, 121.0833, 30.6)
    assert fitted.fetch == pytest.approx(setup.fetch, abs=1.0)
    modelled = fit_surge.simulate(fitted, record, wanda, 121.0833, 30.6)
    level = record.tide + modelled
    # observed: the residual was greatest an hour before the sea was
    assert record.seconds[modelled.argmax()] <= record.seconds[level.argmax()]
    assert abs(fit_surge.score(record, modelled).peak_late_h) <= 1.0


def test_the_command_prints_the_error_that_the_file_keeps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    city = tmp_path / "city"
    shutil.copytree(CITY / "tide", city / "tide")
    shutil.copytree(CITY / "typhoon", city / "typhoon")
    (city / "city.toml").write_text("[forecast]\n")
    assert fit_surge.main([str(city)]) == 0
    said = capsys.readouterr().out
    found = re.search(r"5612 Wanda \(fitted\): rms ([\d.]+) m", said)
    assert found is not None
    kept = (city / "tide" / "setup.toml").read_text()
    assert f"rms {found.group(1)} m" in read_setup(city / "tide" / "setup.toml").source
    assert kept == (CITY / "tide" / "setup.toml").read_text()
    assert "never fitted" in said
    assert "one event" in said


def test_an_unknown_storm_is_refused_with_the_names_of_the_year() -> None:
    storms = read_best_tracks(CITY / "typhoon" / "cma_points.csv")
    with pytest.raises(Refusal, match="that year has: Wanda"):
        fit_surge.find(storms, 1956, "Nobody")


def test_hours_without_an_observation_are_not_fitted_nor_scored() -> None:
    record = fit_surge.read_record(CITY / "tide" / "surge_5622_zhapu.csv")
    assert np.isnan(record.residual[-1])
    assert np.isfinite(fit_surge.score(record, record.tide).rms)


def test_times_are_utc_inside() -> None:
    record = fit_surge.read_record(CITY / "tide" / "surge_5612_zhapu.csv")
    assert datetime.fromtimestamp(record.seconds[0], UTC) == datetime(1956, 7, 30, 16, tzinfo=UTC)
