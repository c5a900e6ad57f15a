"""Gridded rain of any form lands on the city's grid as mm where and when it fell."""

from __future__ import annotations

import itertools
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import netCDF4
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer
from sqlalchemy import func, select

from anlan.city import City
from anlan.clock import SteppedClock
from anlan.journal import verify
from anlan.observe import rainfield
from anlan.observe.rainfield import How, Taken, grid_of, open_field, take_file, window
from anlan.observe.rainfield.grid import Grid
from anlan.refusal import Refusal
from anlan.store import Store, schema
from tests.observe.rain_files import (
    HOUR,
    LAT,
    LON,
    NOON,
    Array,
    geotiff,
    grib,
    grib_1,
    netcdf,
    ramp,
)

PLACE = (121.02, 30.70)  # Pinghu
THERE = 10.0 * (PLACE[0] - 119.0)  # mm of `ramp` there


class Desk:
    def __init__(self, city: City, store: Store) -> None:
        self.city, self.store = city, store
        self.clock = SteppedClock(NOON)

    def take(self, path: Path, *, forecast: bool = False, how: How | None = None) -> Taken:
        return take_file(
            self.store, self.city, self.clock, path, "radar", forecast=forecast, how=how
        )

    def frames(self, forecast: bool = False) -> list[rainfield.Kept]:
        now = self.clock.now()
        with self.store.read() as conn:
            if forecast:
                return rainfield.newest_forecast(conn, now, 1000.0)
            return window(conn, "radar", NOON - 100 * HOUR, now, now)

    def here(self, frame: rainfield.Kept) -> float:
        x, y = self.city.to_xy(*PLACE)
        rain = frame.read(self.store.data_dir)
        return float(grid_of(self.city).at(rain, np.array([float(x)]), np.array([float(y)]))[0])


@pytest.fixture
def desk(pinghu: City, store: Store) -> Desk:
    return Desk(pinghu, store)


def hours(count: int) -> list[datetime]:
    return [NOON + k * HOUR for k in range(1, count + 1)]


@pytest.mark.parametrize("falling", [False, True])
def test_cf_netcdf_lands_where_it_fell(desk: Desk, tmp_path: Path, falling: bool) -> None:
    path = netcdf(tmp_path / "r.nc", ramp()[None], [NOON], starts=[NOON - HOUR], falling=falling)
    taken = desk.take(path)
    (frame,) = desk.frames()
    assert (taken.new, frame.start, frame.end) == (1, NOON - HOUR, NOON)
    assert desk.here(frame) == pytest.approx(THERE, abs=0.02)


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [
        ("mm", 12.0, 12.0),
        ("kg m-2", 12.0, 12.0),
        ("m", 0.012, 12.0),
        ("mm h-1", 6.0, 12.0),
        ("mm/hr", 6.0, 12.0),
        ("kg m-2 s-1", 1.0 / 600.0, 12.0),
        ("mm s-1", 1.0 / 600.0, 12.0),
        ("m s-1", 1e-3 / 600.0, 12.0),
    ],
)
def test_every_unit_of_rain_gives_mm_in_the_interval(
    desk: Desk, tmp_path: Path, unit: str, value: float, expected: float
) -> None:
    """Two hours of it: an amount stays, a rate doubles."""
    flat = np.full((1, LAT.size, LON.size), value)
    path = netcdf(tmp_path / "r.nc", flat, [NOON], starts=[NOON - 2 * HOUR], unit=unit)
    desk.take(path)
    (frame,) = desk.frames()
    assert desk.here(frame) == pytest.approx(expected, rel=1e-4)


def test_an_unknown_unit_or_none_is_refused_with_the_choices(desk: Desk, tmp_path: Path) -> None:
    for unit in ("dBZ", "", "1"):
        path = netcdf(
            tmp_path / f"{unit}.nc", ramp()[None], [NOON], starts=[NOON - HOUR], unit=unit
        )
        with pytest.raises(Refusal, match=r"name it with --unit: mm, kg m-2"):
            desk.take(path)
    desk.take(tmp_path / "dBZ.nc", how=How(unit="mm"))
    assert len(desk.frames()) == 1


def test_rain_that_no_cloud_can_give_is_refused(desk: Desk, tmp_path: Path) -> None:
    flat = np.full((1, LAT.size, LON.size), 12.0)
    path = netcdf(tmp_path / "r.nc", flat, [NOON], starts=[NOON - HOUR], unit="m")
    with pytest.raises(Refusal, match=r"12000 mm in 1 h .* cannot be; its unit is another"):
        desk.take(path)


def test_gaps_stay_gaps_and_are_no_dry_ground(desk: Desk, tmp_path: Path) -> None:
    holed = ramp().copy()
    column = int(np.argmin(np.abs(LON - PLACE[0])))
    holed[:, column - 1 : column + 2] = np.nan
    desk.take(netcdf(tmp_path / "r.nc", holed[None], [NOON], starts=[NOON - HOUR]))
    (frame,) = desk.frames()
    assert np.isnan(desk.here(frame))
    assert np.isfinite(frame.read(desk.store.data_dir)).any()


def test_running_totals_become_hourly_rain(desk: Desk, tmp_path: Path) -> None:
    flat = np.ones((4, LAT.size, LON.size)) * np.array([3.0, 3.0, 10.0, 12.0])[:, None, None]
    starts = [NOON] * 4
    path = netcdf(tmp_path / "r.nc", flat, hours(4), starts=starts, base=NOON)
    desk.take(path, forecast=True)
    assert [round(desk.here(frame), 3) for frame in desk.frames(True)] == [3.0, 0.0, 7.0, 2.0]


def test_amounts_without_bounds_must_be_said_to_be_one_or_the_other(
    desk: Desk, tmp_path: Path
) -> None:
    flat = np.ones((3, LAT.size, LON.size)) * np.array([3.0, 5.0, 9.0])[:, None, None]
    path = netcdf(tmp_path / "r.nc", flat, hours(3), base=NOON)
    with pytest.raises(Refusal, match="say with --totals whether"):
        desk.take(path, forecast=True)
    desk.take(path, forecast=True, how=How(totals="running"))
    assert [round(desk.here(frame), 3) for frame in desk.frames(True)] == [3.0, 2.0, 4.0]
    desk.clock.step_to(NOON + HOUR / 60)
    taken = desk.take(path, forecast=True, how=How(totals="interval"))
    assert [round(desk.here(frame), 3) for frame in desk.frames(True)] == [3.0, 5.0, 9.0]
    assert "each frame is taken to be the 1:00:00 before its time" in taken.remarks[0]


def test_times_count_in_the_zone_of_the_units(desk: Desk, tmp_path: Path) -> None:
    path = netcdf(
        tmp_path / "r.nc",
        ramp()[None],
        [NOON],
        starts=[NOON - HOUR],
        time_units="hours since 2021-07-25 00:00:00 +08:00",
    )
    desk.take(path)
    assert desk.frames()[0].end == NOON - 8 * HOUR


def test_a_lambert_grid_and_bent_axes_land_in_the_same_place(desk: Desk, tmp_path: Path) -> None:
    crs = CRS.from_proj4("+proj=lcc +lat_1=30 +lat_2=60 +lat_0=31 +lon_0=120 +R=6370000 +units=m")
    x = np.arange(-200_000.0, 300_001.0, 4000.0)
    y = np.arange(-200_000.0, 200_001.0, 4000.0)
    back = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    lon, lat = back.transform(*np.meshgrid(x, y))
    for name in ("lambert", "bent"):
        with netCDF4.Dataset(tmp_path / f"{name}.nc", "w") as file:
            for key, size in (("time", 1), ("y", y.size), ("x", x.size), ("nv", 2)):
                file.createDimension(key, size)
            time = file.createVariable("time", "f8", ("time",))
            time.units, time.bounds = "hours since 2021-07-25 00:00:00", "tb"
            time[:] = [12.0]
            file.createVariable("tb", "f8", ("time", "nv"))[:] = [[11.0, 12.0]]
            rain = file.createVariable("rain", "f4", ("time", "y", "x"))
            rain.units = "mm"
            rain[0] = 10.0 * (lon - 119.0)
            if name == "lambert":
                mapping = file.createVariable("crs", "i4")
                mapping.setncatts(
                    {
                        "grid_mapping_name": "lambert_conformal_conic",
                        "standard_parallel": [30.0, 60.0],
                        "latitude_of_projection_origin": 31.0,
                        "longitude_of_central_meridian": 120.0,
                        "earth_radius": 6370000.0,
                    }
                )
                rain.grid_mapping = "crs"
                for key, axis in (("x", x), ("y", y)):
                    held = file.createVariable(key, "f8", (key,))
                    held.standard_name, held.units = f"projection_{key}_coordinate", "km"
                    held[:] = axis / 1000.0
            else:
                rain.coordinates = "lon lat"
                for key, values, unit in (("lon", lon, "east"), ("lat", lat, "north")):
                    held = file.createVariable(key, "f8", ("y", "x"))
                    held.units = f"degrees_{unit}"
                    held[:] = values
        desk.take(tmp_path / f"{name}.nc")
        # the nearest cell of 4 km of a bent grid is 0.02 degrees off at most: 0.3 mm
        assert desk.here(desk.frames()[0]) == pytest.approx(THERE, abs=0.3)


def test_grib_2_amounts_are_of_their_interval(desk: Desk, tmp_path: Path) -> None:
    pytest.importorskip("eccodes")
    path = grib(tmp_path / "r.grib2", [(ramp(), 0, 3), (2.0 * ramp(), 3, 6)])
    taken = desk.take(path, forecast=True)
    first, second = desk.frames(True)
    assert (taken.base, first.start, first.end) == (NOON, NOON, NOON + 3 * HOUR)
    assert second.start == NOON + 3 * HOUR
    assert desk.here(first) == pytest.approx(THERE, abs=0.02)
    assert desk.here(second) == pytest.approx(2 * THERE, abs=0.04)


def test_grib_2_totals_since_the_start_become_intervals(desk: Desk, tmp_path: Path) -> None:
    pytest.importorskip("eccodes")
    path = grib(tmp_path / "r.grib2", [(ramp(), 0, 3), (2.5 * ramp(), 0, 6)])
    taken = desk.take(path, forecast=True)
    assert desk.here(desk.frames(True)[1]) == pytest.approx(1.5 * THERE, abs=0.04)
    assert "differences are taken" in taken.remarks[0]


ECMWF_TP = {"centre": 98, "table2Version": 128, "indicatorOfParameter": 228}  # m


@pytest.mark.parametrize(
    ("messages", "codes", "how"),
    [
        ([(0, 3, 4), (3, 6, 4)], {}, How()),  # accumulated over P1 to P2
        ([(0, 3, 4), (0, 6, 4)], {}, How()),  # since the forecast began
        ([(3, 0, 0), (6, 0, 0)], ECMWF_TP, How()),
        ([(3, 0, 0), (6, 0, 0)], {}, How(totals="running")),
        ([(0, 3, 10), (0, 6, 10)], {}, How(totals="interval", minutes=180)),  # P1 in two octets
    ],
)
def test_grib_1_amounts_fall_where_section_1_or_somebody_says(
    desk: Desk,
    tmp_path: Path,
    messages: list[tuple[int, int, int]],
    codes: dict[str, int],
    how: How,
) -> None:
    pytest.importorskip("eccodes")
    running = messages != [(0, 3, 4), (3, 6, 4)] and how.totals != "interval"
    unit = 0.001 if codes else 1.0
    values = [unit * ramp(), unit * (2.5 if running else 1.5) * ramp()]
    path = grib_1(
        tmp_path / "r.grb",
        [(value, *said) for value, said in zip(values, messages, strict=True)],
        **codes,
    )
    desk.take(path, forecast=True, how=how)
    first, second = desk.frames(True)
    assert (first.start, first.end, second.end) == (NOON, NOON + 3 * HOUR, NOON + 6 * HOUR)
    assert desk.here(first) == pytest.approx(THERE, abs=0.04)
    assert desk.here(second) == pytest.approx(1.5 * THERE, abs=0.04)


def test_a_grib_1_amount_whose_start_nobody_says_is_refused(desk: Desk, tmp_path: Path) -> None:
    pytest.importorskip("eccodes")
    path = grib_1(tmp_path / "r.grb", [(ramp(), 3, 0, 0)])
    with pytest.raises(Refusal, match="say with --totals running"):
        desk.take(path, forecast=True)


def test_other_elements_of_a_grib_file_are_left_out(desk: Desk, tmp_path: Path) -> None:
    pytest.importorskip("eccodes")
    path = grib(tmp_path / "t.grib2", [(ramp(), 0, 3)], parameterCategory=0, parameterNumber=0)
    with pytest.raises(Refusal, match="none of them is rain"):
        desk.take(path, forecast=True)


def test_a_geotiff_takes_its_time_from_its_name_in_the_zone_that_is_said(
    desk: Desk, tmp_path: Path
) -> None:
    path = geotiff(tmp_path / "radar_202107252000.tif", ramp())
    with pytest.raises(Refusal, match="say how long a frame is with --minutes"):
        desk.take(path)
    with pytest.raises(Refusal, match="it names no zone; say it with --zone"):
        desk.take(path, how=How(minutes=60))
    desk.take(path, how=How(minutes=60, zone=ZoneInfo("Asia/Shanghai")))
    (frame,) = desk.frames()
    assert (frame.start, frame.end) == (NOON - HOUR, NOON)
    assert desk.here(frame) == pytest.approx(THERE, abs=0.02)


def test_a_field_of_another_place_is_refused_with_both_places(
    desk: Desk, talstadt: City, tmp_path: Path
) -> None:
    path = netcdf(tmp_path / "r.nc", ramp()[None], [NOON], starts=[NOON - HOUR])
    with pytest.raises(Refusal, match=r"covers 119\.00 to 123\.00 E, 29\.00 to 32\.50 N, and not"):
        take_file(desk.store, talstadt, desk.clock, path, "radar", forecast=False)


def test_the_same_file_again_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    path = netcdf(tmp_path / "r.nc", ramp()[None], [NOON], starts=[NOON - HOUR])
    assert [desk.take(path).new for _ in range(3)] == [1, 0, 0]
    with desk.store.read() as conn:
        assert verify(conn).verified
        assert conn.execute(select(func.count()).select_from(schema.rain_frame)).scalar() == 1


def test_a_corrected_field_holds_from_its_arrival_on(desk: Desk, tmp_path: Path) -> None:
    desk.take(netcdf(tmp_path / "a.nc", ramp()[None], [NOON], starts=[NOON - HOUR]))
    then = desk.clock.now()
    desk.clock.step_to(then + HOUR)
    desk.take(netcdf(tmp_path / "b.nc", 2 * ramp()[None], [NOON], starts=[NOON - HOUR]))
    assert desk.here(desk.frames()[0]) == pytest.approx(2 * THERE, abs=0.04)
    with desk.store.read() as conn:
        (before,) = window(conn, "radar", NOON - HOUR, NOON, then)
    assert desk.here(before) == pytest.approx(THERE, abs=0.02)


def test_observed_rain_cannot_lie_ahead_nor_a_forecast_go_without_its_time(
    desk: Desk, tmp_path: Path
) -> None:
    late = NOON + 72 * HOUR
    path = netcdf(tmp_path / "r.nc", ramp()[None], [late], starts=[late - HOUR])
    with pytest.raises(Refusal, match="observed rain cannot lie ahead"):
        desk.take(path)
    with pytest.raises(Refusal, match="say when the forecast was made with --issued"):
        desk.take(path, forecast=True)


def test_days_past_their_keeping_go_with_their_values(desk: Desk, tmp_path: Path) -> None:
    desk.clock.step_to(NOON + 24 * HOUR)
    for day in (0, 1):
        at = NOON + 24 * day * HOUR
        desk.take(netcdf(tmp_path / f"{day}.nc", ramp()[None], [at], starts=[at - HOUR]))
    folders = sorted((desk.store.data_dir / "rain").glob("*/*/*.zarr"))
    assert len(folders) == 2
    assert rainfield.prune(desk.store, "radar", NOON + 12 * HOUR) == 1
    assert [frame.end for frame in desk.frames()] == [NOON + 24 * HOUR]
    assert [folder.exists() for folder in folders] == [False, True]


def test_many_frames_of_a_day_share_one_array_and_keep_apart(desk: Desk, tmp_path: Path) -> None:
    desk.clock.step_to(NOON + 8 * HOUR)
    steps = np.arange(1.0, 8.0)
    values = steps[:, None, None] * np.ones((1, LAT.size, LON.size))
    ends = hours(7)
    starts = [end - HOUR for end in ends]
    desk.take(netcdf(tmp_path / "r.nc", values, ends, starts=starts))
    frames = desk.frames()
    assert len({frame.path for frame in frames}) == 1
    assert [round(desk.here(frame), 4) for frame in frames] == list(steps)


def test_hours_are_shared_out_from_longer_and_shorter_frames(desk: Desk, tmp_path: Path) -> None:
    ends = [NOON + 1 * HOUR, NOON + 3 * HOUR]
    values = np.ones((2, LAT.size, LON.size)) * np.array([4.0, 10.0])[:, None, None]
    path = netcdf(tmp_path / "r.nc", values, ends, starts=[NOON, NOON + HOUR], base=NOON)
    desk.take(path, forecast=True)
    x, y = (np.array([float(v)]) for v in desk.city.to_xy(*PLACE))
    got = rainfield.forecast_hours(
        desk.frames(True), desk.store.data_dir, grid_of(desk.city), NOON, 4, x, y
    )
    assert got[0, :3] == pytest.approx([4.0, 5.0, 5.0], rel=1e-6)
    assert np.isnan(got[0, 3])


@given(st.integers(0, 3000), st.binary(max_size=40))
@settings(max_examples=25)
def test_a_damaged_file_is_refused_and_never_worse(
    tmp_path_factory: pytest.TempPathFactory, at: int, noise: bytes
) -> None:
    folder = tmp_path_factory.mktemp("rain")
    path = geotiff(folder / "radar_202107252000.tif", ramp())
    data = path.read_bytes()
    path.write_bytes(data[:at] + noise + data[at + len(noise) :])
    with suppress(Refusal):  # anything else fails the test
        field = open_field(path, How(minutes=60, zone=ZoneInfo("UTC")))
        for frame in field.frames:
            frame.read((slice(0, 5), slice(0, 5)))
        field.close()


def test_the_grid_of_a_city_reaches_around_it(pinghu: City) -> None:
    grid = grid_of(pinghu)
    assert isinstance(grid, Grid)
    x, y = grid.centres()
    px, py = pinghu.to_xy(*PLACE)
    assert x[0] < float(px) - 50_000 < float(px) + 50_000 < x[-1]
    assert y[0] < float(py) - 50_000 < float(py) + 50_000 < y[-1]
    assert all(step == 1000.0 for step in itertools.islice(np.diff(x), 5))


def total(rain: Array) -> float:
    return float(np.nansum(rain))


def test_cells_finer_than_the_grid_are_averaged(desk: Desk, tmp_path: Path) -> None:
    """A checkerboard of 0 and 8 mm in cells of 250 m is 4 mm on the grid of 1 km."""
    grid = grid_of(desk.city)
    ny, nx = (4 * size for size in grid.shape)
    board = 8.0 * ((np.add.outer(np.arange(ny), np.arange(nx))) % 2)
    path = tmp_path / "fine_202107251200.tif"
    import rasterio
    from rasterio.transform import from_origin

    top = grid.y0 + grid.dx * grid.shape[0]
    with rasterio.open(
        path, "w", driver="GTiff", height=ny, width=nx, count=1, dtype="float32",
        crs=grid.crs, transform=from_origin(grid.x0, top, 250.0, 250.0),
    ) as file:  # fmt: skip
        file.write(board.astype(np.float32), 1)
        file.units = ("mm",)
    desk.take(path, how=How(minutes=60, zone=ZoneInfo("UTC")))
    rain = desk.frames()[0].read(desk.store.data_dir)
    assert np.allclose(rain, 4.0, atol=1e-5)
    assert total(rain) == pytest.approx(4.0 * rain.size, rel=1e-6)
    assert timedelta(hours=1) == desk.frames()[0].end - desk.frames()[0].start


def test_cells_of_a_metre_over_a_whole_region_are_refused_before_they_are_read(
    desk: Desk, tmp_path: Path
) -> None:
    import rasterio
    from rasterio.transform import from_origin

    path = tmp_path / "fine_202107251200.tif"
    grid = grid_of(desk.city)
    size = int(grid.dx * max(grid.shape))
    with rasterio.open(
        path, "w", driver="GTiff", height=size, width=size, count=1, dtype="float32",
        crs=grid.crs, transform=from_origin(grid.x0, grid.y0 + size, 1.0, 1.0), sparse_ok=True,
        tiled=True,
    ) as file:  # fmt: skip
        file.units = ("mm",)
    with pytest.raises(Refusal, match="cells of 1 m over the city; at most"):
        desk.take(path, how=How(minutes=60, zone=ZoneInfo("UTC")))
