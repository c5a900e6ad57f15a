"""Rain in time: steady, as steps of a series, as frames of a NetCDF field."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest

from anlan.refusal import Refusal
from anlan.simulation.forcing import Rain
from anlan.simulation.rain import rain_frames
from anlan.simulation.series import TimeTable
from tests.simulation.ground import grid

GRID = grid([[0, 0, 0], [0, 0, np.nan]])  # centres x 105, 115, 125; y 205, 215
MM_H = 1.0 / 3.6e6


def field(folder: Path, **change: Any) -> Path:
    """Two frames, at 0 and 600 s, on cells of 20 m with centres x 105, 125 and y 215, 195."""
    about: dict[str, Any] = {
        "time_units": "s",
        "units": "mm h-1",
        "x": [105.0, 125.0],
        "times": [0.0, 600.0],
    }
    about |= change
    folder.mkdir(exist_ok=True)
    path = folder / "rain.nc"
    with netCDF4.Dataset(path, "w", format=about.get("format", "NETCDF4")) as made:
        for name, values in (("time", about["times"]), ("y", [215.0, 195.0]), ("x", about["x"])):
            made.createDimension(name, len(values))
            made.createVariable(name, "f8", (name,))[:] = values
        made["time"].units = about["time_units"]
        made["x"].units = made["y"].units = about.get("axis_units", "m")
        rain = made.createVariable("rainfall", "f4", ("time", "y", "x"))
        rain.units = about["units"]
        rain[0] = [[1.0, 2.0], [3.0, 4.0]]
        rain[1] = 10.0 if "bad" not in about else -1.0
    return path


def test_without_a_table_there_is_no_rain() -> None:
    assert [(f.time, f.rate) for f in rain_frames(None, GRID, None)] == [(0.0, 0.0)]


def test_a_rate_in_mm_per_hour_becomes_metres_per_second() -> None:
    (frame,) = rain_frames(Rain(rate=36.0), GRID, None)

    assert frame.rate == pytest.approx(1e-5)


def test_a_row_of_a_series_holds_until_the_next() -> None:
    table = TimeTable(np.array([600.0, 1200.0]), np.array([36.0, 0.0]))

    frames = list(rain_frames(Rain(series=table), GRID, None))

    assert [f.time for f in frames] == [0.0, 600.0, 1200.0]
    assert [f.rate for f in frames] == pytest.approx([0.0, 1e-5, 0.0])


def test_a_negative_row_is_refused() -> None:
    table = TimeTable(np.array([0.0]), np.array([-1.0]))

    with pytest.raises(Refusal, match="rate_mm_h is -1 at time_s 0; rain is 0 or more"):
        rain_frames(Rain(series=table), GRID, None)


@pytest.mark.parametrize("form", ["NETCDF4", "NETCDF3_CLASSIC", "NETCDF3_64BIT_DATA"])
def test_a_field_is_read_at_the_nearest_centre(tmp_path: Path, form: str) -> None:
    first, second = rain_frames(Rain(field=field(tmp_path, format=form)), GRID, None)

    assert (first.time, second.time) == (0.0, 600.0)
    # row 205 lies between 195 and 215: the first of equals, 215, holds; x 115 takes 105
    assert np.asarray(first.rate)[:, [0, 2]].tolist() == pytest.approx(
        np.array([[1.0, 2.0], [1.0, 0.0]]) * MM_H
    )
    assert np.asarray(second.rate)[0] == pytest.approx(10.0 * MM_H)


def test_a_field_is_linear_between_centres_when_asked(tmp_path: Path) -> None:
    first, _ = rain_frames(Rain(field=field(tmp_path), interpolation="bilinear"), GRID, None)

    # at y 205 half way between rows (3, 4) and (1, 2); at x 115 half way between columns
    assert np.asarray(first.rate)[0] == pytest.approx(np.array([2.0, 2.5, 3.0]) * MM_H)


def test_absolute_times_count_from_the_start_of_the_simulation(tmp_path: Path) -> None:
    path = field(tmp_path, time_units="seconds since 2021-07-25 00:00:00")
    start = datetime(2021, 7, 25, 0, 5, tzinfo=UTC)

    frames = list(rain_frames(Rain(field=path), GRID, start))

    # the frame of 00:00 holds at the start, 00:05; that of 00:10 comes 300 s later
    assert [f.time for f in frames] == [0.0, 300.0]
    assert np.asarray(frames[0].rate)[0, 0] == pytest.approx(1.0 * MM_H)


def test_a_field_is_open_only_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    original = netCDF4.Dataset

    def watched(path: Path) -> Any:
        made.append(original(path))
        return made[-1]

    path, unfit = field(tmp_path), field(tmp_path / "unfit", units="mm")
    monkeypatch.setattr(netCDF4, "Dataset", watched)
    frames = rain_frames(Rain(field=path), GRID, None)
    next(frames)  # and the run ends here
    with pytest.raises(Refusal):
        rain_frames(Rain(field=unfit), GRID, None)

    assert len(made) == 3
    assert not any(file.isopen() for file in made)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"units": "mm"}, "gives rainfall in 'mm'; give it in one of mm/h, mm h-1"),
        (
            {"time_units": "hours since 2021-07-25"},
            "gives absolute times ('hours since 2021-07-25') and the simulation has no start",
        ),
        ({"time_units": "h"}, "gives its times in 'h'; give 's' or 'seconds since …'"),
        ({"times": [0.0, 0.0]}, "has times that do not rise; put the frames in order"),
        ({"axis_units": "degrees_east"}, "gives y in 'degrees_east'; reproject it"),
        ({"x": [75.0, 85.0]}, "reaches from x 75 to 85 and the domain from 105 to 125"),
        ({"bad": True}, "holds -1 at (105, 205) in frame 1; give a number of 0 or more"),
    ],
)
def test_a_faulty_field_is_refused(tmp_path: Path, change: dict[str, Any], sentence: str) -> None:
    path = field(tmp_path, **change)

    with pytest.raises(Refusal) as caught:
        list(rain_frames(Rain(field=path), GRID, None))

    assert sentence in caught.value.message
    assert caught.value.message.startswith(f"[rain] field {path} ")


def test_a_file_that_is_no_field_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rain.nc"
    path.write_text("time,y,x\n")

    with pytest.raises(Refusal, match=r"cannot be read .*; give a NetCDF file"):
        list(rain_frames(Rain(field=path), GRID, None))
