"""LISFLOOD-FP's parameter files: the same water as the same case in TOML, and what is refused."""

from __future__ import annotations

import csv
import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from anlan.cli.simulate import app
from anlan.refusal import Refusal
from anlan.simulation import Simulation, TimeTable, load, simulate
from anlan.simulation.lisflood import ASIDE, REFUSED
from anlan.simulation.other_models import in_steps
from tests.simulation.ground import write_asc

# Ground of 20 by 20 cells of 10 m that falls to the south, with its corner at (0, 0); in whole
# parts of 1/32 m, which text and single precision hold exactly.
GROUND = np.round(32.0 * np.add.outer(np.linspace(1.0, 2.0, 20), np.cos(np.arange(20.0)) / 16)) / 32
SHORT = "DEMfile dem.asc\nsim_time 300\nsaveint 100\nmassint 100\ninitial_tstep 5\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_asc(tmp_path / "dem.asc", GROUND)
    return tmp_path


def par(folder: Path, text: str, **files: str) -> Path:
    """A parameter file, with files beside it by their ending."""
    for ending, content in files.items():
        (folder / f"model.{ending}").write_text(content)
    path = folder / "model.par"
    path.write_text(SHORT + text)
    return path


def toml(folder: Path, text: str) -> Path:
    path = folder / "model.toml"
    path.write_text(text)
    return path


def fields(simulation: Simulation, out: Path) -> dict[str, Any]:
    simulate(simulation, out)
    with netCDF4.Dataset(out / "result.nc") as opened:
        opened.set_auto_mask(False)
        return {name: np.asarray(opened[name][:]) for name in ("time", "depth", "u", "v")}


def same_water(one: Path, other: Path, folder: Path) -> None:
    """Both files run and give the same fields, gauges and sections."""
    a, b = (fields(load(path), folder / path.suffix[1:]) for path in (one, other))
    for name, values in a.items():
        np.testing.assert_allclose(values, b[name], rtol=1e-5, atol=1e-6, err_msg=name)
    assert (a["depth"][-1] > 1e-3).any()
    for name in ("gauges.csv", "sections.csv"):
        tables = []
        for path in (one, other):
            file = folder / path.suffix[1:] / name
            tables.append(list(csv.reader(file.open())) if file.exists() else [])
        numbers = [
            [[float(w) for k, w in enumerate(row) if k != 1] for row in table[1:]]
            for table in tables
        ]
        np.testing.assert_allclose(numbers[0], numbers[1], rtol=1e-4, atol=1e-5, err_msg=name)


def test_water_from_sky_and_ground_is_that_of_the_same_toml(folder: Path) -> None:
    write_asc(folder / "n.asc", np.where(GROUND > 1.5, 0.1, 0.03))
    write_asc(folder / "start.asc", np.where(GROUND < 1.2, 0.2, np.nan))
    model = par(
        folder,
        "acceleration\nmanningfile n.asc\nstartfile start.asc\nrainfall model.rain\n"
        "infiltration 1e-6\nevaporation model.evap\ncfl 0.5\n",
        rain="# storm\n3 hours\n36 0\n36 0.05\n0 0.05\n",
        evap="# dry\n1 days\n24 0\n",
    )
    (folder / "rain.csv").write_text("time_s,rate_mm_h\n0,36\n180,18\n180.001,0\n")
    write_asc(folder / "wet.asc", np.where(GROUND < 1.2, 0.2, 0.0))
    beside = toml(
        folder,
        "simulation = { duration = 300.0, output_interval = 100.0 }\n"
        'terrain.elevation = "dem.asc"\nroughness.manning = "n.asc"\ninitial.depth = "wet.asc"\n'
        'rain.series = "rain.csv"\ninfiltration = { model = "constant", rate = 3.6 }\n'
        'evaporation.rate = 1.0\nscheme = { name = "inertial", courant = 0.5, max_step = 5.0 }\n',
    )

    same_water(model, beside, folder)


def test_edges_points_and_watches_are_those_of_the_same_toml(folder: Path) -> None:
    model = par(
        folder,
        "acceleration\nfpfric 0.04\nbcifile model.bci\nbdyfile model.bdy\nstagefile model.stage\n"
        "gaugefile model.gauge\n",
        bci="W 100 130 QVAR in\nE 0 200 FREE\nS 40 80 HFIX 1.3\nS 120 160 FREE 0.01\n"
        "N 0 50 HVAR tide\nP 105 95 QFIX 0.2\nP 15 15 HFIX 1.4\n",
        bdy="a comment\nin\n2 seconds\n0.05 0\n0.1 300\ntide\n2 minutes\n2.0 0\n2.3 2\n",
        stage="3\n105 95\n55 12\n500 500\n",
        gauge="2\n100 80 N 45\n105 95 E 20\n",
    )
    (folder / "in.csv").write_text("time_s,value\n0,0.5\n300,1.0\n")  # of one face of 10 m
    (folder / "tide.csv").write_text("time_s,value\n0,2.0\n120,2.3\n")
    inflow = "".join(
        f'[[boundary]]\nside = "west"\nfrom = {y}\nto = {y + 10}\nkind = "discharge"\n'
        'series = "in.csv"\n'
        for y in (100, 110, 120)
    )
    write_asc(
        folder / "hole.asc", np.where((np.indices(GROUND.shape) == 1).all(axis=0), np.nan, GROUND)
    )
    beside = toml(
        folder,
        "[simulation]\nduration = 300.0\noutput_interval = 100.0\ngauge_interval = 100.0\n"
        '[terrain]\nelevation = "hole.asc"\n[roughness]\nmanning = 0.04\n'
        '[scheme]\nname = "inertial"\nmax_step = 5.0\n' + inflow + '[[boundary]]\nside = "east"\n'
        'kind = "open"\n[[boundary]]\nside = "south"\nfrom = 40\nto = 80\nkind = "level"\n'
        'value = 1.3\n[[boundary]]\nside = "south"\nfrom = 120\nto = 160\nkind = "normal_depth"\n'
        'slope = 0.01\n[[boundary]]\nside = "north"\nfrom = 0\nto = 50\nkind = "level"\n'
        'series = "tide.csv"\n[[boundary]]\npolyline = [[10, 10], [20, 10], [20, 20], [10, 20], '
        '[10, 10]]\nkind = "level"\nvalue = 1.4\n[[source]]\npoint = [105, 95]\n'
        'discharge = 2.0\n[[gauge]]\nname = "stage 1"\npoint = [105, 95]\n[[gauge]]\n'
        'name = "stage 2"\npoint = [55, 15]\n[[section]]\nname = "gauge 1"\n'
        'polyline = [[100, 80], [150, 80]]\n[[section]]\nname = "gauge 2"\n'
        "polyline = [[110, 100], [110, 80]]\n",
    )

    same_water(model, beside, folder)
    assert "left aside: stage 3, off the ground or where a level is given" in load(model).notes


def test_a_weir_stands_on_its_face_alone(folder: Path) -> None:
    model = par(folder, "acceleration\nweirfile model.weir\n", weir="1\n105 105 NF 1.7 1.9 0.9 8\n")

    simulation = load(model)

    (weir,) = simulation.structures
    assert (weir.from_, weir.to) == ((105.0, 105.0), (105.0, 115.0))
    assert weir.parameters == {
        "crest": 1.9,
        "width": 8.0,
        "coefficient": pytest.approx(0.997, abs=1e-3),
        "flap": True,
    }
    assert simulation.barriers[0].polyline == ((100.0, 110.0), (110.0, 110.0))


@pytest.mark.parametrize(
    ("key", "scheme"),
    [
        ("acceleration", "inertial"),
        ("fv1", "full"),
        ("Roe", "full"),
        ("dg2", "second_order"),
        ("adaptoff", "inertial"),
        ("#", "inertial"),
    ],
)
def test_the_nearest_scheme_is_taken_and_said(folder: Path, key: str, scheme: str) -> None:
    simulation = load(par(folder, key + "\n"))

    assert simulation.scheme.name == scheme
    assert any(f'computed with scheme "{scheme}"' in note for note in simulation.notes)


def test_levels_at_the_start_come_by_either_form_of_startelev(folder: Path) -> None:
    write_asc(folder / "level.asc", np.full(GROUND.shape, 1.5))

    for text in ("startelev level.asc\n", "startfile level.asc\nstartelev\n"):
        initial = load(par(folder, text)).initial
        assert initial.level is not None
        assert initial.depth is None


def test_water_runs_off_where_there_is_no_data(folder: Path) -> None:
    write_asc(folder / "dem.asc", np.where(np.arange(20) == 10, np.nan, GROUND))

    simulation = load(par(folder, "fv1\ndrain_nodata\nnodata_elevation -1e4\n"))

    assert [table.kind for table in simulation.boundaries] == ["open", "open"]


@pytest.mark.parametrize("key", [*REFUSED, "gravity", "tstart", "nodata_elevation", "acelleration"])
def test_what_would_change_the_answer_is_refused_with_its_line(folder: Path, key: str) -> None:
    with pytest.raises(Refusal, match=rf"model\.par, line 6: (the )?{key}.*; ") as refused:
        load(par(folder, f"{key} 1\n"))

    assert refused.value.remedy


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"bci": "N 0 50 HVAR tide\n"}, r"model\.bci, line 1: the bdyfile has no series tide"),
        ({"bci": "F 0 50 FREE\n"}, r"line 1: F is an outflow of a channel inside a cell"),
        ({"bci": "P 5 5 FREE\n"}, r"line 1: FREE at a point"),
        ({"bci": "N 0 50 FREE 2\n"}, r"line 1: slope = 2 lies outside its range"),
        ({"bci": "N 0 50 RIVER\n"}, r"line 1: RIVER is no kind of boundary"),
        ({"bci": "P -5 5 HFIX 1\n"}, r"line 1: \(-5, 5\) lies off the DEM"),
        ({"bdy": "x\ntide\n2 weeks\n1 0\n"}, r"model\.bdy, line 3: weeks is no unit of time"),
        ({"bdy": "x\ntide\n2 hours\n1 0\n"}, r"line 3: 2 lines are announced and 1 follow"),
        ({"bdy": "x\ntide\n2 hours\n1 1\n1 0\n"}, r"line 5: time 0 s comes after 3600 s"),
        ({"weir": "1\n105 105 nb 0.8 68 1.5 10\n"}, r"line 2: direction NB is none of a weir"),
        ({"gauge": "1\n105 105 up 10\n"}, r"line 2: direction UP is none"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(
    folder: Path, files: dict[str, str], said: str
) -> None:
    keys = {"bci": "bcifile", "bdy": "bdyfile", "weir": "weirfile", "gauge": "gaugefile"}
    named = "".join(f"{keys[ending]} model.{ending}\n" for ending in files)

    with pytest.raises(Refusal, match=said):
        load(par(folder, named, **files))


def test_evaporation_that_changes_is_refused(folder: Path) -> None:
    with pytest.raises(Refusal, match="evaporation changes in time"):
        load(par(folder, "evaporation model.evap\n", evap="x\n2 hours\n1 0\n2 1\n"))


def test_what_is_left_aside_is_said(folder: Path) -> None:
    for what, keys in ASIDE.items():
        for key in keys.split():
            notes = load(par(folder, f"{key} 1\n")).notes
            assert f"left aside, {what}: {key}" in notes


def test_the_command_says_the_notes_beside_its_answer(folder: Path) -> None:
    ended = CliRunner().invoke(
        app, ["simulate", str(par(folder, "acceleration\nelevoff\n")), "--explain", "--json"]
    )

    assert ended.exit_code == 0
    assert json.loads(ended.stdout)["scheme"] == "inertial"
    assert "gauges and sections here: elevoff\n" in ended.stderr
    assert 'solver acceleration (local inertia): computed with scheme "inertial"\n' in ended.stderr


def test_linear_rain_in_steps_keeps_its_volume() -> None:
    linear = TimeTable(np.array([60.0, 400.0, 400.001]), np.array([10.0, 50.0, 0.0]))

    steps = in_steps(linear, 1e9)

    ends = np.append(steps.times[1:], 500.0)
    volume = float((steps.values * (ends - steps.times)).sum())
    assert volume == pytest.approx(60.0 * 10.0 + 340.0 * 30.0, rel=1e-4)
    assert np.diff(steps.times).max() <= 60.0 or steps.times[-1] == 400.001


VOCABULARY = """
DEMfile dem.asc model.bci model.bdy bcifile bdyfile stagefile gaugefile weirfile rainfall startfile
startelev evaporation infiltration fpfric sim_time saveint acceleration fv1 cfl drain_nodata
N E S W P HFIX HVAR QFIX QVAR FREE CLOSED a b 0 1 2 3 -1 5.5 1e9 nan seconds hours # . ..
"""
WORDS = st.sampled_from(VOCABULARY.split())
LINES = st.lists(st.lists(WORDS | st.text(max_size=6), max_size=6).map(" ".join), max_size=8)


@settings(max_examples=60, deadline=None)
@given(LINES, LINES, LINES)
def test_any_text_is_a_simulation_or_a_refusal(
    keys: list[str], conditions: list[str], series: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_asc(folder / "dem.asc", [[1.0, 2.0], [3.0, 4.0]])
        for ending, lines in (("bci", conditions), ("bdy", series), ("par", keys)):
            text = "\n".join(lines)
            if ending == "par":
                text = "DEMfile dem.asc\nbcifile model.bci\nbdyfile model.bdy\n" + text
            (folder / f"model.{ending}").write_text(text, encoding="utf-8", errors="replace")
        with suppress(Refusal):
            assert isinstance(load(folder / "model.par"), Simulation)
