"""Track files of the agencies, each in its own form, units and zone."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.observe.storm import Fix, StormTrack, read_tracks
from anlan.refusal import Refusal

SHARED = Path(__file__).parents[3] / "shared" / "data"
CMA = """66666 0000   34 0001 2106 0 6 In-Fa                              20220410
2021072600 3 306 1213  978      25
2021072606 3 307 1210  980      23
66666 0000    3 0003 0000 0 6 (nameless)                         20220410
2021080100 0 150 1300 1006      10
"""
JMA = """66666 2106  081 0008 2106 0 6               IN-FA              20211005
21072600 002 4 304 1214  980     050     30120 0090 30270 0240
21073106 002 6 409 1215  994     000
"""


def point(time: str, lng: float, lat: float, **more: object) -> dict[str, object]:
    return {"time": time, "lng": lng, "lat": lat, "speed": 28, "pressure": 978, **more}


def operational(**changes: Any) -> str:
    ahead = {
        "tm": "中国",
        "forecastpoints": [
            point("2021-07-26 08:00:00", 121.3, 30.6),
            point("2021-07-26 20:00:00", 120.7, 30.9, speed="23", pressure="985"),
        ],
    }
    other = {"tm": "日本", "forecastpoints": [point("2021-07-27 08:00:00", 119.9, 31.5)]}
    storm = {
        "tfbh": "202106",
        "name": "烟花",
        "ename": "IN-FA",
        "points": [
            point("2021-07-26T05:00:00", 121.5, 30.5, radius7="300|250||200", radius10=0),
            point(
                "2021-07-26T08:00:00",
                121.3,
                30.6,
                radius7_quad={"ne": 300, "se": 280, "sw": 0, "nw": None},
                radius10=80,
                radius12="",
                forecast=[ahead, other],
            ),
        ],
    }
    return "\ufeff" + json.dumps([{**storm, **changes}], ensure_ascii=False)


def test_a_cma_best_track_is_in_tenths_of_degrees_and_metres_per_second() -> None:
    named, nameless = read_tracks(CMA.encode(), "CH2021BST.txt")
    assert (named.storm, named.agency, named.name_en, named.wind_minutes) == (
        "202106", "CMA", "In-Fa", 2,
    )  # fmt: skip
    first = named.fixes[0]
    assert (first.lon, first.lat, first.pressure_hpa, first.wind_ms) == (121.3, 30.6, 978, 25)
    assert first.time == datetime(2021, 7, 26, 0, tzinfo=UTC)
    assert nameless.storm == "2021-cma-0003"


def test_a_jma_best_track_is_in_knots_and_000_means_not_given() -> None:
    (track,) = read_tracks(JMA.encode(), "bst.txt")
    assert (track.storm, track.agency, track.name_en) == ("202106", "JMA", "In-Fa")
    assert track.fixes[0].wind_ms == pytest.approx(50 * 1852 / 3600)
    assert track.fixes[1].wind_ms is None
    assert track.wind_minutes == 10


def test_an_operational_file_is_in_beijing_time_with_forecasts_by_agency() -> None:
    cma, jma = read_tracks(operational().encode(), "202106.json")
    assert (cma.agency, cma.name, cma.name_en) == ("CMA", "烟花", "In-Fa")
    seen = [fix for fix in cma.fixes if not fix.forecast]
    ahead = [fix for fix in cma.fixes if fix.forecast]
    assert seen[-1].time == datetime(2021, 7, 26, 0, tzinfo=UTC)
    # the point that repeats the present is no forecast
    assert [(fix.base.hour, fix.time.hour, fix.wind_ms) for fix in ahead] == [(0, 12, 23.0)]
    assert (jma.agency, jma.fixes[0].time.day) == ("JMA", 27)


def test_radii_of_nought_or_blank_are_not_given() -> None:
    first, second = read_tracks(operational().encode(), "x.json")[0].fixes[:2]
    assert first.r7 == (300.0, 250.0, 0.0, 200.0)
    assert first.r10 is None
    assert second.r7 == (300.0, 280.0, 0.0, 0.0)
    assert second.r10 == (80.0, 80.0, 80.0, 80.0)
    assert second.r12 is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"tfbh": "x"}, "tfbh 'x' cannot be; write a storm's number such as 202106"),
        ({"points": [point("soon", 121, 30)]}, "point 1: time 'soon' cannot be"),
        ({"points": [point("2021-07-26T05:00:00", 121, 130)]}, "position '130.0, 121.0' cannot be"),
        ({"points": [point("2021-07-26T05:00:00", 121, 30, pressure="high")]}, "pressure 'high'"),
        ({"points": [point("2021-07-26T05:00:00", 121, 30, pressure=98)]}, "pressure '98.0'"),
        ({"points": 7}, "an object with a list of points"),
    ],
)
def test_a_fault_is_named_with_storm_point_and_value(
    changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(Refusal) as refused:
        read_tracks(operational(**changes).encode(), "x.json")
    assert sentence in refused.value.message


IBTRACS = "\n".join(
    [
        "SID,SEASON,NUMBER,NAME,ISO_TIME,LAT,LON,WMO_WIND,WMO_PRES,"
        "TOKYO_LAT,TOKYO_LON,TOKYO_WIND,TOKYO_PRES,CMA_LAT,CMA_LON,CMA_WIND,CMA_PRES",
        " ,Year, , , ,degrees_north,degrees_east,kts,mb,degrees_north,degrees_east,kts,mb,,,,",
        "2021196N19136,2021,50,IN-FA,2021-07-26 00:00:00,30.5,121.3,50,980,"
        "30.4,121.4,50,980,30.6,121.3,49,978",
        "2021196N19136,2021,50,IN-FA,2021-07-26 03:00:00,30.6,121.2, , , , , , ,30.6,121.2,49,978",
    ]
)


def test_ibtracs_csv_gives_a_track_for_each_agency() -> None:
    tracks = {each.agency: each for each in read_tracks(IBTRACS.encode(), "ibtracs.csv")}
    assert {agency: len(track.fixes) for agency, track in tracks.items()} == {
        "CMA": 2, "JMA": 1, "WMO": 2,
    }  # fmt: skip
    assert tracks["CMA"].fixes[0].wind_ms == pytest.approx(49 * 1852 / 3600)
    assert tracks["WMO"].fixes[1].wind_ms is None


def test_ibtracs_netcdf_says_the_same_as_its_csv(tmp_path: Path) -> None:
    import netCDF4

    path = tmp_path / "ibtracs.nc"
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("storm", 1), ("date_time", 3), ("text", 19)):
            file.createDimension(name, size)
        for name, value in (("sid", "2021196N19136"), ("name", "IN-FA")):
            file.createVariable(name, "S1", ("storm", "text"))[0, : len(value)] = list(value)
        stamps = file.createVariable("iso_time", "S1", ("storm", "date_time", "text"))
        for step, hour in enumerate((0, 3)):
            stamps[0, step] = list(f"2021-07-26 {hour:02d}:00:00")
        gap = -9999.0
        for name, values in {
            "lat": (30.5, 30.6), "lon": (121.3, 121.2),
            "wmo_wind": (50, gap), "wmo_pres": (980, gap),
            "cma_lat": (30.6, 30.6), "cma_lon": (121.3, 121.2),
            "cma_wind": (49, 49), "cma_pres": (978, 978),
            "tokyo_lat": (30.4, gap), "tokyo_lon": (121.4, gap),
            "tokyo_wind": (50, gap), "tokyo_pres": (980, gap),
        }.items():  # fmt: skip
            column = file.createVariable(name, "f4", ("storm", "date_time"), fill_value=gap)
            column[0, :2] = np.array(values, dtype=np.float32)

    def rounded(tracks: list[StormTrack]) -> object:
        def numbers(fix: Fix) -> list[object]:
            both = (fix.pressure_hpa, fix.wind_ms)
            return [round(fix.lon, 3), round(fix.lat, 3), *(v and round(v, 2) for v in both)]

        return {(t.storm, t.agency, t.name_en): [numbers(f) for f in t.fixes] for t in tracks}

    by_csv = read_tracks(IBTRACS.encode(), "ibtracs.csv")
    assert rounded(read_tracks(path.read_bytes(), path.name)) == rounded(by_csv)


@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 200))
def test_no_bytes_do_worse_than_a_refusal(noise: bytes, at: int, cut: int) -> None:
    for whole in (CMA, JMA, operational(), IBTRACS):
        data = whole.encode()
        with suppress(Refusal):  # anything else fails the test
            read_tracks(data[:at] + noise + data[at + cut :], "x")


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89HDF\r\n", b"[1]", b"{}"])
def test_what_is_no_track_file_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(Refusal, match="x"):
        read_tracks(data, "x")


def test_whole_seasons_of_the_agencies_are_read() -> None:
    folder = SHARED / "typhoon"
    if not folder.exists():
        pytest.skip("the agencies' files stay outside the project for their terms")
    found = {
        name: read_tracks((folder / name).read_bytes(), name)
        for name in ("CH2021BST.txt", "jma_bst_subset.txt", "isc_202106_infa.json")
    }
    assert len(found["CH2021BST.txt"]) == 26
    infa = {name: next(t for t in tracks if t.storm == "202106") for name, tracks in found.items()}
    landfall = datetime(2021, 7, 26, 3, tzinfo=UTC)
    (cma,) = [fix for fix in infa["CH2021BST.txt"].fixes if fix.time == landfall]
    assert (cma.pressure_hpa, cma.wind_ms) == (978, 25)
    (seen,) = [
        fix
        for fix in infa["isc_202106_infa.json"].fixes
        if fix.time == datetime(2021, 7, 26, 2, tzinfo=UTC)
    ]
    assert (seen.pressure_hpa, seen.wind_ms) == (978, 28)
