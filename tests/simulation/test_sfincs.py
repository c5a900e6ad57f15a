"""SFINCS's input files: the same water as the same case in TOML, and what is refused."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

import netCDF4
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from anlan.refusal import Refusal
from anlan.simulation import Raster, Simulation, TimeTable, load
from anlan.simulation.sfincs import ASIDE, OFF, ONE, REFUSED
from tests.simulation.ground import write_asc
from tests.simulation.test_lisflood import GROUND, same_water, toml

# Cells of level in the last column, of outflow in the first row, one outside.
MASK = np.ones((20, 20), int)
MASK[:, 19] = 2
MASK[0, :19] = 3
MASK[19, 0] = 0
SHORT = """
mmax = 20
nmax = 20
dx = 10
dy = 10
x0 = 0
y0 = 0
tref = 20240101 000000
tstart = 20240101 001000
tstop = 20240101 001500
dtout = 100
dthisout = 100
dtmax = 5
depfile = sfincs.dep
mskfile = sfincs.msk
"""


def by_cell(values: NDArray[np.float64], mask: NDArray[np.int64] = MASK) -> bytes:
    """Numbers of the cells of the mask, column by column, as SFINCS's binary files hold them."""
    return values.T[(mask > 0).T].astype("<f4").tobytes()


def model(
    folder: Path,
    text: str = "",
    files: Mapping[str, str] = MappingProxyType({}),
    mask: NDArray[np.int64] = MASK,
    binary: bool = True,
) -> Path:
    """An input file in a folder of its own, with files beside it by their ending."""
    here = folder / "sfincs"
    here.mkdir(exist_ok=True)
    if binary:
        inside = (mask > 0).T.ravel()
        indices = np.flatnonzero(inside) + 1
        (here / "sfincs.ind").write_bytes(
            struct.pack("<i", len(indices)) + indices.astype("<i4").tobytes()
        )
        (here / "sfincs.msk").write_bytes(mask.T[(mask > 0).T].astype("u1").tobytes())
        (here / "sfincs.dep").write_bytes(by_cell(GROUND, mask))
        text = f"indexfile = sfincs.ind\ninputformat = bin\n{text}"
    else:
        np.savetxt(here / "sfincs.msk", mask, fmt="%d")
        np.savetxt(here / "sfincs.dep", GROUND)
        text = f"inputformat = asc\n{text}"
    for ending, content in files.items():
        (here / f"sfincs.{ending}").write_text(content)
    path = here / "sfincs.inp"
    path.write_text(SHORT + text)
    return path


def test_levels_outflow_and_discharges_are_those_of_the_same_toml(tmp_path: Path) -> None:
    write_asc(tmp_path / "dem.asc", np.where(MASK == 1, GROUND, np.nan))
    write_asc(tmp_path / "n.asc", np.where(GROUND > 1.5, 0.06, 0.02))
    inp = model(
        tmp_path,
        "advection = 0\nalpha = 0.7\nzsini = 1.1\nmanning_land = 0.06\nmanning_sea = 0.02\n"
        "rgh_lev_land = 1.5\nbndfile = sfincs.bnd\nbzsfile = sfincs.bzs\nsrcfile = sfincs.src\n"
        "disfile = sfincs.dis\nthdfile = sfincs.thd\nweirfile = sfincs.weir\nobsfile = sfincs.obs\n"
        "crsfile = sfincs.crs\n",
        {
            "bnd": "300 100\n",
            "bzs": "600 1.2\n900 1.8\n",
            "src": "55 105\n",
            "dis": "0 0\n600 1.0\n900 3.0\n",
            "thd": "wall\n2 2\n40 30\n40 150\n",
            "weir": "levee\n2 4\n100 0 1.4 0.6\n100 200 1.6 0.6\n",
            "obs": '55 105 "by the source"\n95 45\n5000 0 "far"\n',
            "crs": "street\n2 2\n60 0\n60 200\n",
        },
    )
    beside = toml(
        tmp_path,
        "[simulation]\nduration = 300.0\noutput_interval = 100.0\n"
        '[terrain]\nelevation = "dem.asc"\n[roughness]\nmanning = "n.asc"\n[initial]\nlevel = 1.1\n'
        '[scheme]\nname = "inertial"\nmax_step = 5.0\n[[boundary]]\nside = "south"\nkind = "open"\n'
        '[[boundary]]\nside = "east"\nkind = "level"\nseries = "tide.csv"\n[[source]]\n'
        'point = [55, 105]\nseries = "q.csv"\n[[barrier]]\npolyline = [[40, 30], [40, 150]]\n'
        "crest = 10000.0\n[[barrier]]\npolyline = [[100, 0], [100, 200]]\ncrest = [1.4, 1.6]\n"
        '[[gauge]]\nname = "by the source"\npoint = [55, 105]\n[[gauge]]\nname = "station_002"\n'
        'point = [95, 45]\n[[section]]\nname = "street"\npolyline = [[60, 0], [60, 200]]\n',
    )
    (tmp_path / "tide.csv").write_text("time_s,value\n0,1.2\n300,1.8\n")
    (tmp_path / "q.csv").write_text("time_s,discharge\n0,1\n300,3\n")

    same_water(inp, beside, tmp_path)
    simulation = load(inp)
    assert [gauge.name for gauge in simulation.gauges] == ["by the source", "station_002"]
    assert "left aside: observation far, in no active cell" in simulation.notes
    assert simulation.run.start is not None
    assert simulation.run.start.isoformat() == "2024-01-01T00:10:00+00:00"


def test_rain_and_losses_by_text_are_those_of_the_same_toml(tmp_path: Path) -> None:
    inside = np.ones((20, 20), int)
    inp = model(
        tmp_path,
        "advection = 0\nalpha = 0.7\nzsini = -99\nprecipfile = sfincs.prcp\nqinf = 3.6\n"
        "qinf_zmin = 1.5\n",
        {"prcp": "0 36\n780 36\n780 0\n900 0\n"},
        mask=inside,
        binary=False,
    )
    write_asc(tmp_path / "dem.asc", GROUND)
    write_asc(tmp_path / "soil.asc", np.where(GROUND > 1.5, 3.6, 0.0))
    (tmp_path / "rain.csv").write_text("time_s,rate_mm_h\n0,36\n180,18\n180.001,0\n")
    beside = toml(
        tmp_path,
        "simulation = { duration = 300.0, output_interval = 100.0 }\nroughness.manning = 0.04\n"
        'terrain.elevation = "dem.asc"\nscheme = { name = "inertial", max_step = 5.0 }\n'
        'rain.series = "rain.csv"\ninfiltration = { model = "constant", rate = "soil.asc" }\n',
    )

    same_water(inp, beside, tmp_path)


def test_a_level_between_two_points_is_their_mean_by_distance(tmp_path: Path) -> None:
    simulation = load(
        model(
            tmp_path,
            "bndfile = sfincs.bnd\nbzsfile = sfincs.bzs\nzsini = 1.0\ntspinup = 60\n",
            {"bnd": "195 -5\n195 205\n", "bzs": "0 1 3\n900 1 3\n"},
        )
    )

    levels = [table for table in simulation.boundaries if table.kind == "level"]
    assert len(levels) == 19  # one for each cell of mask 2 beside one of mask 1
    for table in levels:
        assert table.polyline is not None
        assert isinstance(table.series, TimeTable)
        y = np.mean([point[1] for point in table.polyline])
        at = np.interp([0.0, 30.0, 60.0, 300.0], table.series.times, table.series.values)
        own = 1.0 + 2.0 * (y + 5.0) / 210.0
        assert at == pytest.approx([1.0, 0.5 * (1.0 + own), own, own], abs=1e-6)


def test_netcdf_of_levels_and_discharges_stands_for_the_files_of_text(tmp_path: Path) -> None:
    by_text = model(
        tmp_path,
        "bndfile = sfincs.bnd\nbzsfile = sfincs.bzs\nsrcfile = sfincs.src\ndisfile = sfincs.dis\n",
        {
            "bnd": "300 0\n300 200\n",
            "bzs": "0 1 2\n900 2 3\n",
            "src": "55 105\n",
            "dis": "0 0\n900 9\n",
        },
    )
    text = load(by_text)
    for name, variable, x, y, values in (
        ("levels", "zs", [300, 300], [0, 200], [[1, 2], [2, 3]]),
        ("flows", "discharge", [55], [105], [[0], [9]]),
    ):
        with netCDF4.Dataset(by_text.parent / f"{name}.nc", "w") as file:
            file.createDimension("time", 2)
            file.createDimension("stations", len(x))
            for called, dimensions, numbers in (
                ("time", ("time",), [0, 15]),
                ("x", ("stations",), x),
                ("y", ("stations",), y),
                (variable, ("time", "stations"), values),
            ):
                file.createVariable(called, "f8", dimensions)[:] = numbers
            file["time"].units = "minutes since 2024-01-01 00:00:00.0 +0000"

    net = load(model(tmp_path, "netbndbzsbzifile = levels.nc\nnetsrcdisfile = flows.nc\n"))

    assert len(text.boundaries) == len(net.boundaries) > 10
    for one, other in zip(text.boundaries, net.boundaries, strict=True):
        assert (one.kind, one.polyline) == (other.kind, other.polyline)
    series, same = (
        [*(table.series for table in s.boundaries), *(table.series for table in s.sources)]
        for s in (text, net)
    )
    for wanted, read in zip(series, same, strict=True):
        if isinstance(wanted, TimeTable):
            assert isinstance(read, TimeTable)
            np.testing.assert_allclose(wanted.times, read.times)
            np.testing.assert_allclose(wanted.values, read.values)


def test_a_pump_lifts_while_there_is_water(tmp_path: Path) -> None:
    (pump,) = load(
        model(tmp_path, "drnfile = sfincs.drn\n", {"drn": "55 105 155 105 1 0.345 0 0 0 0\n"})
    ).structures

    bed = float(GROUND.astype(np.float32)[10, 5])
    assert (pump.kind, pump.from_, pump.to) == ("pump", (55.0, 105.0), (155.0, 105.0))
    assert pump.parameters == {
        "capacity": 0.345,
        "start_level": pytest.approx(bed + 0.01),
        "stop_level": pytest.approx(bed + 0.001),
    }


def test_rain_as_a_field_is_the_file_itself(tmp_path: Path) -> None:
    rain = load(model(tmp_path, "netamprfile = sfincs.nc\n", {"nc": ""})).rain

    assert rain is not None
    assert (rain.field, rain.interpolation) == (tmp_path / "sfincs" / "sfincs.nc", "bilinear")


def test_steady_wind_keeps_the_drag_and_densities_of_sfincs(tmp_path: Path) -> None:
    wind = load(model(tmp_path, "wndfile = sfincs.wnd\n", {"wnd": "0 14 90\n"})).wind

    assert wind is not None
    # 14 m/s is half way to 28, from the east; its stress over the density of water
    assert wind.stress == pytest.approx((-1.25 / 1024.0 * 0.00175 * 14.0**2, 0.0), abs=1e-9)


def test_values_by_cell_stand_in_their_cells(tmp_path: Path) -> None:
    inp = model(tmp_path, "manningfile = sfincs.man\ninifile = sfincs.ini\n")
    (inp.parent / "sfincs.man").write_bytes(by_cell(GROUND / 10.0))
    (inp.parent / "sfincs.ini").write_bytes(by_cell(GROUND + 0.5))

    simulation = load(inp)

    inside = MASK == 1
    manning, level = simulation.roughness.manning, simulation.initial.level
    assert isinstance(manning, Raster)
    assert manning.values[inside] == pytest.approx(GROUND[inside] / 10.0, rel=1e-6)
    assert isinstance(level, Raster)
    assert level.values[inside] == pytest.approx(GROUND[inside] + 0.5, rel=1e-6)


@pytest.mark.parametrize("key", [*REFUSED, *OFF, *ONE, "rotation", "dy", "mannning", "epsg"])
def test_what_would_change_the_answer_is_refused_with_its_line(tmp_path: Path, key: str) -> None:
    path = model(tmp_path)
    lines = [line for line in SHORT.splitlines() if not line.startswith(f"{key} ")]
    path.write_text(f"{key} = 3\n" + "\n".join(lines) + "\nindexfile = sfincs.ind\n")

    with pytest.raises(Refusal, match=rf"sfincs\.inp, line 1: {key} .*; ") as refused:
        load(path)

    assert refused.value.remedy


@pytest.mark.parametrize(
    ("text", "files", "said"),
    [
        ("drnfile = sfincs.drn\n", {"drn": "55 105 155 105 2 1\n"}, r"line 1: .* a culvert"),
        ("drnfile = sfincs.drn\n", {"drn": "5 5 155 105 1 1\n"}, r"line 1: the intake at \(5, 5\)"),
        ("srcfile = sfincs.src\ndisfile = sfincs.dis\n", {"src": "55 105\n", "dis": "0 1 2\n"},
         r"sfincs\.dis, line 1: the row has 2 values, 1 are wanted"),
        ("srcfile = sfincs.src\n", {"src": "-5 5\n"}, r"sfincs\.src, line 1: the discharge at"),
        ("thdfile = sfincs.thd\n", {"thd": "wall\n3 2\n0 0\n1 1\n"}, r"line 2: 3 rows are announ"),
        ("wndfile = sfincs.wnd\n", {"wnd": "0 1 90\n9 2 90\n"}, "wndfile changes in time"),
        ("precipfile = sfincs.p\nnetamprfile = sfincs.p\n", {"p": "0 1\n"}, "give one of them"),
        ("netamprfile = sfincs.p\nampr_block = 0\n", {"p": ""}, "ampr_block makes rain linear"),
        ("netsrcdisfile = sfincs.nc\n", {"nc": "no"}, "cannot be read"),
        ("manningfile = sfincs.man\n", {"man": "1234"}, "holds 1 cells, the indexfile 399"),
        ("manningfile = sfincs.man\n", {"man": "12345"}, "is no row of numbers of 4 bytes"),
        ("bndfile = none\nobsfile = gone.obs\n", {}, "obsfile gone.obs is not there"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(
    tmp_path: Path, text: str, files: dict[str, str], said: str
) -> None:
    with pytest.raises(Refusal, match=said):
        load(model(tmp_path, text, files))


def test_another_mask_and_a_network_of_swmm_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"mskfile sfincs\.msk holds 5"):
        load(model(tmp_path, mask=np.where(MASK == 2, 5, MASK)))
    (tmp_path / "net.inp").write_text("[TITLE]\nx\n")
    with pytest.raises(Refusal, match=r"is an EPA-SWMM network; give it as \[drainage\] swmm"):
        load(tmp_path / "net.inp")


def test_what_is_left_aside_is_said(tmp_path: Path) -> None:
    path = model(tmp_path)
    text = path.read_text()
    for what, keys in ASIDE.items():
        path.write_text(text + "".join(f"{key} = 1\n" for key in keys.split()))
        assert f"left aside, {what}: {', '.join(keys.split())}" in load(path).notes


VOCABULARY = """
mmax nmax dx dy x0 rotation tstart tstop depfile mskfile indexfile inputformat = asc bin bndfile
bzsfile srcfile disfile obsfile thdfile weirfile crsfile drnfile precipfile wndfile sfincs.bnd
sfincs.bzs sfincs.dep sfincs.msk sfincs.ind manning zsini qinf 0 1 2 -1 5.5 1e9 nan none # " . ..
20240101 000000
"""
WORDS = st.sampled_from(VOCABULARY.split())
LINES = st.lists(st.lists(WORDS | st.text(max_size=6), max_size=6).map(" ".join), max_size=8)


@settings(max_examples=60, deadline=None)
@given(LINES, LINES, st.binary(max_size=24), st.booleans())
def test_any_text_is_a_simulation_or_a_refusal(
    keys: list[str], rows: list[str], raw: bytes, binary: bool
) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = model(
            Path(name),
            "bndfile = sfincs.bnd\nbzsfile = sfincs.bzs\nthdfile = sfincs.thd\n",
            {"bnd": "\n".join(rows[:2]), "bzs": "\n".join(rows), "thd": "\n".join(rows[2:])},
            binary=binary,
        )
        if raw:
            (path.parent / "sfincs.dep").write_bytes(raw)
        path.write_text("\n".join(keys) + path.read_text(), encoding="utf-8", errors="replace")
        with suppress(Refusal):
            assert isinstance(load(path), Simulation)
