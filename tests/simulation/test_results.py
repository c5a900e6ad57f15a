"""result.nc keeps to the CF conventions, and what was written is there whatever happens."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import h5py
import netCDF4
import numpy as np
import pytest
import rasterio

from anlan.simulation.grid import Grid
from anlan.simulation.results import EXTREMES, FRAMES, THRESHOLDS, ResultFile
from tests.simulation.ground import grid

ROOT = Path(__file__).parents[2]
# two rows and three columns of 10 m with the corner at (100, 200); the north-east is outside
GRID = grid([[1.0, 2.0, 3.0], [4.0, 5.0, np.nan]])


def fields(value: float) -> dict[str, Any]:
    return {name: np.full((2, 3), value) for name in FRAMES}


@contextmanager
def written(
    path: Path, about: Grid = GRID, start: datetime | None = None, title: str = "dam"
) -> Iterator[netCDF4.Dataset]:
    """A result of two frames, opened by the other library, which makes a good referee."""
    with ResultFile(path, about, title, (0.05, 0.3), start) as result:
        for k in range(2):
            result.frame(600.0 * k, fields(float(k)))
        result.extremes(
            {name: np.ones((2, 3)) for name in EXTREMES}
            | {name: np.ones((2, 2, 3)) for name in THRESHOLDS}
        )
    with netCDF4.Dataset(path) as opened:
        opened.set_auto_mask(False)
        yield opened


def test_dimensions_coordinates_and_conventions(tmp_path: Path) -> None:
    with written(tmp_path / "result.nc") as made:
        assert made.Conventions == "CF-1.11"
        assert made.title == "dam"
        assert {name: len(d) for name, d in made.dimensions.items()} == {
            "time": 2, "y": 2, "x": 3, "threshold": 2,
        }  # fmt: skip
        assert made.dimensions["time"].isunlimited()
        assert made["x"][:].tolist() == [105.0, 115.0, 125.0]
        assert made["y"][:].tolist() == [205.0, 215.0]  # rising
        assert made["threshold"][:].tolist() == [0.05, 0.3]
        assert [made[name].axis for name in ("time", "y", "x")] == ["T", "Y", "X"]


def test_every_variable_says_what_it_is_and_in_which_unit(tmp_path: Path) -> None:
    with written(tmp_path / "result.nc") as made:
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
            assert made[name].filters()["shuffle"]
            assert made[name].filters()["complevel"] == 1
            assert made[name].chunking()[-2:] == [2, 3]


def test_outside_the_domain_is_nan(tmp_path: Path) -> None:
    with written(tmp_path / "result.nc") as made:
        outside = [[False, False, False], [False, False, True]]
        for name in ("depth", "max_depth", "arrival_time"):
            layer = made[name][0] if made[name].ndim == 3 else made[name][:]
            assert np.isnan(layer).tolist() == outside
        assert np.isnan(made["depth"]._FillValue)


def test_times_without_a_start_are_plain_seconds(tmp_path: Path) -> None:
    with written(tmp_path / "result.nc") as made:
        assert (made["time"].units, made["time"][:].tolist()) == ("s", [0.0, 600.0])


def test_times_with_a_start_are_absolute(tmp_path: Path) -> None:
    with written(tmp_path / "result.nc", start=datetime(2021, 7, 25, tzinfo=UTC)) as made:
        times = made["time"]
        assert (times.standard_name, times.calendar) == ("time", "standard")
        assert times.units == "seconds since 2021-07-25 00:00:00"
        moment = netCDF4.num2date(times[1], times.units, times.calendar)
        assert str(moment) == "2021-07-25 00:10:00"


def test_a_known_system_is_the_grid_mapping(tmp_path: Path) -> None:
    with written(tmp_path / "result.nc", replace(GRID, crs="EPSG:4549")) as made:
        assert made["depth"].grid_mapping == "crs"
        assert made["crs"].grid_mapping_name == "transverse_mercator"
        assert 'ID["EPSG",4549]' in made["crs"].crs_wkt
        assert made["crs"].dimensions == ()
        assert made["x"].standard_name == "projection_x_coordinate"


def test_without_a_system_there_is_no_grid_mapping(tmp_path: Path) -> None:
    with written(tmp_path / "result.nc") as made:
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

    ended = subprocess.run([sys.executable, "-c", script, str(path)], check=False, cwd=ROOT)

    assert ended.returncode == -9
    with netCDF4.Dataset(path) as made:
        assert made["time"][:].tolist() == [0.0, 600.0, 1200.0]
        assert made["depth"][2, 0, 0] == 2.0


def test_text_that_ascii_cannot_hold_is_kept(tmp_path: Path) -> None:
    with written(tmp_path / "result.nc", title="溃坝 dam") as made:
        assert made.title == "溃坝 dam"


def test_text_is_of_characters_that_any_reader_takes(tmp_path: Path) -> None:
    path = tmp_path / "result.nc"
    with written(path, replace(GRID, crs="EPSG:4549")):
        pass
    with h5py.File(path) as stored:
        texts = [
            node.attrs.get_id(name)
            for node in (stored, stored["depth"], stored["time"])
            for name, value in node.attrs.items()
            if isinstance(value, str | bytes)
        ]

        assert texts
        assert {h5py.check_string_dtype(text.dtype).length for text in texts}.isdisjoint({None})


def test_a_raster_tool_reads_the_depth_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "result.nc"
    with (
        written(path, replace(GRID, crs="EPSG:4549")),
        rasterio.open(f"netcdf:{path}:depth") as raster,
    ):
        assert raster.crs.to_epsg() == 4549
        assert tuple(raster.bounds) == (100.0, 200.0, 130.0, 220.0)
        assert raster.read(2, masked=True).mask.tolist() == [
            [False, False, True],
            [False, False, False],
        ]


def test_another_process_reads_the_frames_while_the_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "result.nc"
    look = "import netCDF4, sys; print(netCDF4.Dataset(sys.argv[1])['depth'][:, 0, 0].tolist())"
    with ResultFile(path, GRID, "dam", (0.05,), None) as result:
        for k in range(2):
            result.frame(600.0 * k, fields(float(k)))
        result.extremes({})  # waits for the frames and leaves the file open
        seen = subprocess.run(
            [sys.executable, "-c", look, path], check=True, capture_output=True, text=True
        )

    assert seen.stdout == "[0.0, 1.0]\n"


def test_other_netcdf_files_may_be_read_meanwhile(tmp_path: Path) -> None:
    """A process reads rain, closing every file, while its frames are written."""
    rain = tmp_path / "rain.nc"
    with netCDF4.Dataset(rain, "w") as made:
        for name, size in (("time", 2), ("y", 50), ("x", 50)):
            made.createDimension(name, size)
        made.createVariable("rate", "f4", ("time", "y", "x"), compression="zlib")[:] = 1.0
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "import netCDF4, numpy as np\n"
        "from anlan.simulation.results import FRAMES, ResultFile\n"
        "from tests.simulation.ground import grid\n"
        "noise = np.random.default_rng(1).random((200, 200))\n"
        "with ResultFile(Path(sys.argv[1]), grid(noise), 'dam', (0.05,), None) as result:\n"
        "    for k in range(30):\n"
        "        result.frame(60.0 * k, dict.fromkeys(FRAMES, noise))\n"
        "        for _ in range(10):\n"
        "            with netCDF4.Dataset(sys.argv[2]) as rain:\n"
        "                rain['rate'][k % 2]\n"
    )
    path = tmp_path / "result.nc"

    ended = subprocess.run(
        [sys.executable, "-c", script, path, rain], check=False, cwd=ROOT, capture_output=True
    )

    assert (ended.returncode, ended.stderr) == (0, b"")
    with netCDF4.Dataset(path) as made:
        assert made["time"][:].tolist() == [60.0 * k for k in range(30)]
        assert not np.isnan(made["v"][:]).any()


def test_a_disk_that_fills_up_is_told_and_survived(tmp_path: Path) -> None:
    """A process may write some bytes only, first too few to begin, then too few to go on."""
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from anlan.simulation.results import FRAMES, ResultFile\n"
        "from tests.simulation.ground import grid\n"
        "noise = np.random.default_rng(1).random((200, 200))\n"
        "for room in (10_000, 1_500_000):\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))\n"
        "    try:\n"
        "        with ResultFile(Path(sys.argv[1]), grid(noise), 'dam', (), None) as result:\n"
        "            for k in range(30):\n"
        "                result.frame(60.0 * k, dict.fromkeys(FRAMES, noise))\n"
        "    except OSError as problem:\n"
        "        print('File too large' in str(problem))\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "result.nc"],
        check=False, cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip

    assert (ended.returncode, ended.stdout) == (0, "True\nTrue\n")


def test_a_frame_that_cannot_be_written_stops_the_run(tmp_path: Path) -> None:
    result = ResultFile(tmp_path / "result.nc", GRID, "dam", (0.05,), None)
    result.frame(0.0, {"depth": np.zeros((5, 5))})  # of no shape that fits

    with pytest.raises(OSError, match=r"result\.nc could not be written"), result:
        for _ in range(100):
            result.frame(600.0, fields(1.0))
