"""result.nc keeps to the CF conventions, and what was written is there whatever happens."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest

from anlan.simulation.grid import Grid
from anlan.simulation.results import EXTREMES, FRAMES, THRESHOLDS, ResultFile
from tests.simulation.ground import grid

# two rows and three columns of 10 m with the corner at (100, 200); the north-east is outside
GRID = grid([[1.0, 2.0, 3.0], [4.0, 5.0, np.nan]])


def fields(value: float) -> dict[str, Any]:
    return {name: np.full((2, 3), value) for name in FRAMES}


def write(
    path: Path, about: Grid = GRID, start: datetime | None = None, frames: int = 2
) -> netCDF4.Dataset:
    with ResultFile(path, about, "dam", (0.05, 0.3), start) as result:
        for k in range(frames):
            result.frame(600.0 * k, fields(float(k)))
        result.extremes(
            {name: np.ones((2, 3)) for name in EXTREMES}
            | {name: np.ones((2, 2, 3)) for name in THRESHOLDS}
        )
    opened = netCDF4.Dataset(path)
    opened.set_auto_mask(False)
    return opened


def test_dimensions_coordinates_and_conventions(tmp_path: Path) -> None:
    made = write(tmp_path / "result.nc")

    assert made.Conventions == "CF-1.11"
    assert made.title == "dam"
    assert {name: len(d) for name, d in made.dimensions.items()} == {
        "time": 2, "y": 2, "x": 3, "threshold": 2,
    }  # fmt: skip
    assert made["x"][:].tolist() == [105.0, 115.0, 125.0]
    assert made["y"][:].tolist() == [205.0, 215.0]  # rising
    assert made["threshold"][:].tolist() == [0.05, 0.3]
    assert [made[name].axis for name in ("time", "y", "x")] == ["T", "Y", "X"]


def test_every_variable_says_what_it_is_and_in_which_unit(tmp_path: Path) -> None:
    made = write(tmp_path / "result.nc")

    units = {name: made[name].units for name in (*FRAMES, *EXTREMES, *THRESHOLDS)}
    assert units == {
        "depth": "m", "level": "m", "u": "m s-1", "v": "m s-1", "bed": "m", "max_depth": "m",
        "max_level": "m", "max_speed": "m s-1", "time_of_max": "s", "arrival_time": "s",
        "duration_above": "s",
    }  # fmt: skip
    assert made["depth"].dimensions == ("time", "y", "x")
    assert made["max_depth"].dimensions == ("y", "x")
    assert made["arrival_time"].dimensions == ("threshold", "y", "x")
    for name in units:
        assert made[name].dtype == np.float32
        assert made[name].long_name
        assert made[name].filters()["zlib"]


def test_outside_the_domain_is_nan(tmp_path: Path) -> None:
    made = write(tmp_path / "result.nc")

    outside = [[False, False, False], [False, False, True]]
    for name in ("depth", "max_depth", "arrival_time"):
        layer = made[name][0] if made[name].ndim == 3 else made[name][:]
        assert np.isnan(layer).tolist() == outside
    assert np.isnan(made["depth"]._FillValue)


def test_times_without_a_start_are_plain_seconds(tmp_path: Path) -> None:
    made = write(tmp_path / "result.nc")

    assert (made["time"].units, made["time"][:].tolist()) == ("s", [0.0, 600.0])


def test_times_with_a_start_are_absolute(tmp_path: Path) -> None:
    made = write(tmp_path / "result.nc", start=datetime(2021, 7, 25, tzinfo=UTC))

    time = made["time"]
    assert (time.standard_name, time.calendar) == ("time", "standard")
    assert time.units == "seconds since 2021-07-25 00:00:00"
    assert str(netCDF4.num2date(time[1], time.units, time.calendar)) == "2021-07-25 00:10:00"


def test_a_known_system_is_the_grid_mapping(tmp_path: Path) -> None:
    made = write(tmp_path / "result.nc", replace(GRID, crs="EPSG:4549"))

    assert made["depth"].grid_mapping == "crs"
    assert made["crs"].grid_mapping_name == "transverse_mercator"
    assert 'ID["EPSG",4549]' in made["crs"].crs_wkt
    assert made["x"].standard_name == "projection_x_coordinate"


def test_without_a_system_there_is_no_grid_mapping(tmp_path: Path) -> None:
    made = write(tmp_path / "result.nc")

    assert "crs" not in made.variables
    assert not hasattr(made["depth"], "grid_mapping")


def test_frames_are_there_when_the_process_is_killed(tmp_path: Path) -> None:
    """A process writes two frames and dies without closing the file."""
    script = (
        "import os, time, sys\n"
        "from pathlib import Path\n"
        "from tests.simulation.test_results import GRID, fields\n"
        "from anlan.simulation.results import ResultFile\n"
        "result = ResultFile(Path(sys.argv[1]), GRID, 'dam', (0.05,), None)\n"
        "for k in range(3):\n"
        "    result.frame(600.0 * k, fields(float(k)))\n"
        "while result._work.unfinished_tasks and not result._work.empty():\n"
        "    time.sleep(0.01)\n"
        "time.sleep(0.2)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    path = tmp_path / "result.nc"

    root = Path(__file__).parents[2]
    ended = subprocess.run([sys.executable, "-c", script, str(path)], check=False, cwd=root)

    assert ended.returncode == -9
    made = netCDF4.Dataset(path)
    assert made["time"][:].tolist() == [0.0, 600.0, 1200.0]
    assert made["depth"][2, 0, 0] == 2.0


def test_a_frame_that_cannot_be_written_stops_the_run(tmp_path: Path) -> None:
    result = ResultFile(tmp_path / "result.nc", GRID, "dam", (0.05,), None)
    result.frame(0.0, {"depth": np.zeros((5, 5))})  # of no shape that fits

    with pytest.raises(OSError, match=r"result\.nc could not be written"), result:
        for _ in range(100):
            result.frame(600.0, fields(1.0))
