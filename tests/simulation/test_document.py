"""A simulation file is read whole, or refused with file, table, key, value and remedy."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from anlan.refusal import Refusal
from anlan.simulation import load
from anlan.simulation.document import Run, Simulation, Terrain
from anlan.simulation.raster import Raster

LEAST = """
[simulation]
duration = 3600.0
[terrain]
elevation = "dem.asc"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("dem.asc", "inflow.csv", "rain.csv", "network.inp"):
        (tmp_path / name).write_text("0\n")
    return tmp_path


def read(folder: Path, text: str) -> Simulation:
    path = folder / "dam.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def refusal(folder: Path, text: str) -> str:
    """The sentence, without the path of the folder."""
    with pytest.raises(Refusal) as caught:
        read(folder, text)
    return caught.value.message.replace(f"{folder}/", "")


def test_two_keys_are_enough(folder: Path) -> None:
    simulation = read(folder, LEAST)

    assert simulation.run.duration == 3600.0
    assert simulation.run.frames_every == 3600.0
    assert simulation.run.gauges_every == 3600.0
    assert simulation.terrain.elevation == folder / "dem.asc"
    assert (simulation.scheme.name, simulation.scheme.courant) == ("full", 0.7)
    assert simulation.boundaries == ()
    assert simulation.output.depth_thresholds == (0.05, 0.15, 0.30)


def test_every_table_of_the_design_is_read(folder: Path) -> None:
    simulation = read(
        folder,
        """
        [simulation]
        name = "dam"
        duration = 7200
        output_interval = 600.0
        gauge_interval = 60.0
        start = 2021-07-25T08:00:00+08:00
        [terrain]
        elevation = "dem.asc"
        resolution = 20.0
        [roughness]
        manning = 0.035
        [scheme]
        name = "inertial"
        threads = 2
        precision = "double"
        max_step = 10.0
        [initial]
        level = 10.0
        [rain]
        rate = 50.0
        [infiltration]
        model = "green_ampt"
        conductivity = 10.0
        suction = 0.11
        deficit = 0.3
        [[boundary]]
        side = "west"
        from = 100.0
        to = 300.0
        kind = "discharge"
        series = "inflow.csv"
        [[boundary]]
        polyline = [[0.0, 0.0], [100.0, 0.0]]
        kind = "normal_depth"
        slope = 0.001
        [[source]]
        point = [382265.0, 6354280.0]
        radius = 10.0
        discharge = 19.7
        [[barrier]]
        polyline = [[0.0, 100.0], [500.0, 100.0]]
        crest = [3.2, 3.4]
        breach = { time = 3600.0, crest = 1.0, width = 40.0, duration = 600.0 }
        [[structure]]
        name = "north pump"
        kind = "pump"
        from = [100.0, 200.0]
        to = [100.0, 260.0]
        capacity = 4.0
        start_level = 1.2
        stop_level = 1.0
        [drainage]
        swmm = "network.inp"
        [[gauge]]
        name = "G1"
        point = [120.0, 340.0]
        [[section]]
        name = "gate street"
        polyline = [[0.0, 50.0], [0.0, 90.0]]
        [output]
        depth_thresholds = [0.1]
        fine = true
        """,
    )

    assert simulation.run.start == datetime(2021, 7, 25, 0, 0, tzinfo=UTC)
    assert simulation.boundaries[0].from_ == 100.0
    assert simulation.boundaries[0].series == folder / "inflow.csv"
    assert simulation.boundaries[1].polyline == ((0.0, 0.0), (100.0, 0.0))
    assert simulation.barriers[0].breach is not None
    assert simulation.barriers[0].breach.width == 40.0
    assert simulation.structures[0].parameters["capacity"] == 4.0
    assert simulation.output.fine


def test_a_moment_without_a_zone_is_utc(folder: Path) -> None:
    text = LEAST.replace("duration", "start = 2021-07-25T00:00:00\nduration")

    assert read(folder, text).run.start == datetime(2021, 7, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            LEAST.replace("duration", "durations"),
            "dam.toml: [simulation] has no key durations; the nearest is duration (its keys are "
            "name, duration, output_interval, gauge_interval, start)",
        ),
        (
            LEAST.replace("duration", "max_step = 5.0\nduration"),
            "dam.toml: [simulation] has no key max_step; it is a key of [scheme]",
        ),
        (
            LEAST + '[[boundary]]\nside = "west"\nkind = "level"\nvale = 3.0\n',
            "dam.toml: [[boundary]] no. 1 has no key vale; the nearest is value (its keys are "
            "side, from, to, polyline, kind, value, series, slope)",
        ),
        (
            LEAST.replace("[simulation]", "[simulations]"),
            "dam.toml: there is no table [simulations]; the nearest is [simulation] (the tables "
            "are simulation, terrain, roughness, scheme, initial, rain, infiltration, "
            "evaporation, wind, boundary, source, barrier, channel, structure, drainage, gauge, "
            "section, output)",
        ),
        (
            "manning = 0.03\n" + LEAST,
            "dam.toml: there is no table [manning]; manning is a key of [roughness] (the tables "
            "are simulation, terrain, roughness, scheme, initial, rain, infiltration, "
            "evaporation, wind, boundary, source, barrier, channel, structure, drainage, gauge, "
            "section, output)",
        ),
        (
            '[simulation]\nduration = 60.0\n[terrain]\nelevation = "no.asc"\n',
            'dam.toml: [terrain] elevation = "no.asc" is not there (no.asc); '
            "paths are relative to the simulation file",
        ),
        (
            '[terrain]\nelevation = "dem.asc"\n',
            "dam.toml: lacks the table [simulation]; write it, with duration",
        ),
        (
            '[simulation]\nname = "x"\n[terrain]\nelevation = "dem.asc"\n',
            "dam.toml: [simulation] lacks duration: time to simulate; give it, in s",
        ),
        (
            LEAST.replace("3600.0", '"an hour"'),
            'dam.toml: [simulation] duration = "an hour" is not a number; give a number above 0 s',
        ),
        (
            LEAST.replace("3600.0", "true"),
            "dam.toml: [simulation] duration = true is not a number; give a number above 0 s",
        ),
        (
            LEAST.replace("3600.0", "-1"),
            "dam.toml: [simulation] duration = -1 lies outside its range; give a number above 0 s",
        ),
        (
            LEAST.replace("3600.0", "inf"),
            "dam.toml: [simulation] duration = inf is not a number to compute with; "
            "give a number above 0 s",
        ),
        (
            LEAST + "[scheme]\ncourant = 1.5\n",
            "dam.toml: [scheme] courant = 1.5 lies outside its range; "
            "give a number above 0 and at most 1",
        ),
        (
            LEAST + '[scheme]\nname = "fulll"\n',
            'dam.toml: [scheme] name = "fulll" is not a choice; '
            'give "inertial", "full" or "second_order" (nearest: "full")',
        ),
        (
            LEAST + "[scheme]\nthreads = 1.5\n",
            "dam.toml: [scheme] threads = 1.5 is not a whole number; give a number of at least 1",
        ),
        (
            LEAST + '[output]\nfine = "yes"\n',
            'dam.toml: [output] fine = "yes" is neither true nor false; write true or false',
        ),
        (
            LEAST + "[output]\ndepth_thresholds = 0.3\n",
            "dam.toml: [output] depth_thresholds = 0.3 is not a list of numbers; "
            "write it like [0.05, 0.15]",
        ),
        (
            LEAST + "[output]\ndepth_thresholds = [0.3, 0.0]\n",
            "dam.toml: [output] depth_thresholds = 0 lies outside its range; "
            "give a number above 0 m",
        ),
        (
            LEAST.replace("duration", "name = 3\nduration"),
            'dam.toml: [simulation] name = 3 is no text; write words in quotes, such as "dam"',
        ),
        (
            LEAST.replace("duration", 'start = "2021"\nduration'),
            'dam.toml: [simulation] start = "2021" is not a moment; '
            "write it without quotes, like 2021-07-25T00:00:00Z",
        ),
        (
            LEAST + "[roughness]\nmanning = [0.1]\n",
            "dam.toml: [roughness] manning = [0.1] is neither a number nor a raster; give a "
            "number of at least 0 and at most 10 s m^-1/3, or the path of a raster in quotes",
        ),
        (
            LEAST + "[initial]\nlevel = 1.0\ndepth = 2.0\n",
            "dam.toml: [initial] gives level and depth; give one of them",
        ),
        (
            LEAST + '[rain]\nrate = 5.0\nseries = "rain.csv"\n',
            "dam.toml: [rain] rate and series are given; give exactly one of rate, series or field",
        ),
        (
            LEAST + "[rain]\n",
            "dam.toml: [rain] none of them is given; give exactly one of rate, series or field",
        ),
        (
            LEAST + "[[rain]]\nrate = 5.0\n",
            "dam.toml: [[rain]] stands in double brackets; there is one: write it as [rain]",
        ),
        (
            LEAST + '[gauge]\nname = "G"\npoint = [0.0, 0.0]\n',
            "dam.toml: [gauge] is one table; there may be several: write it as [[gauge]]",
        ),
        (
            LEAST + '[infiltration]\nmodel = "horton"\ninitial = 20.0\n',
            'dam.toml: [infiltration] model = "horton" lacks final; it needs initial, final, decay',
        ),
        (
            LEAST + '[infiltration]\nmodel = "constant"\nrate = 3.0\ndecay = 2.0\n',
            'dam.toml: [infiltration] decay = 2 does not belong to model = "constant"; '
            "leave it out, or choose model horton",
        ),
        (
            LEAST + '[[boundary]]\nkind = "open"\n',
            "dam.toml: [[boundary]] no. 1 none of them is given; "
            "give exactly one of side or polyline",
        ),
        (
            LEAST + '[[boundary]]\nside = "west"\nkind = "level"\n',
            "dam.toml: [[boundary]] no. 1 none of them is given; "
            "give exactly one of value or series",
        ),
        (
            LEAST + '[[boundary]]\nside = "west"\nkind = "open"\nvalue = 1.0\n',
            'dam.toml: [[boundary]] no. 1 value = 1 does not belong to kind = "open"; '
            'leave it out, or choose kind "level" or "discharge"',
        ),
        (
            LEAST + '[[boundary]]\nside = "west"\nkind = "normal_depth"\n',
            'dam.toml: [[boundary]] no. 1 kind = "normal_depth" lacks slope; '
            "give the bed slope, such as 0.001",
        ),
        (
            LEAST + '[[boundary]]\nside = "west"\nkind = "open"\nslope = 0.1\n',
            'dam.toml: [[boundary]] no. 1 slope = 0.1 does not belong to kind = "open"; '
            'leave it out, or choose kind "normal_depth"',
        ),
        (
            LEAST + '[[boundary]]\nside = "west"\nfrom = 9.0\nto = 3.0\nkind = "open"\n',
            "dam.toml: [[boundary]] no. 1 from = 9 does not lie below to = 3; swap or widen them",
        ),
        (
            LEAST + '[[boundary]]\npolyline = [[0, 0], [1, 1]]\nto = 3.0\nkind = "open"\n',
            "dam.toml: [[boundary]] no. 1 has from or to beside a polyline; they belong to side; "
            "leave them out",
        ),
        (
            LEAST + "[[source]]\npolygon = [[0, 0], [1, 1], [0, 1]]\nradius = 2\ndischarge = 1\n",
            "dam.toml: [[source]] no. 1 radius = 2 belongs to point; leave it out with a polygon",
        ),
        (
            LEAST + "[[source]]\npolygon = [[0, 0], [1, 1]]\ndischarge = 1\n",
            "dam.toml: [[source]] no. 1 polygon = [[0, 0], [1, 1]] is not a polygon; "
            "write at least 3 points like [[0.0, 100.0], [500.0, 100.0]]",
        ),
        (
            LEAST + '[[gauge]]\nname = "G1"\npoint = [1.0]\n',
            "dam.toml: [[gauge]] 'G1' point = [1.0] is not a point; "
            "write map coordinates like [120.0, 340.0]",
        ),
        (
            LEAST + '[[gauge]]\nname = "G"\npoint = [1, 1]\n' * 2,
            "dam.toml: [[gauge]] name 'G' is used twice; give each gauge a name of its own",
        ),
        (
            LEAST + "[[barrier]]\npolyline = [[0, 0], [1, 1]]\ncrest = [1.0, 2.0, 3.0]\n",
            "dam.toml: [[barrier]] no. 1 crest = [1.0, 2.0, 3.0] has 3 numbers, the polyline 2 "
            "vertices; give one number, or one for each vertex",
        ),
        (
            LEAST + "[[barrier]]\npolyline = [[0, 0], [1, 1]]\ncrest = 1\nbreach = { time = 0 }\n",
            "dam.toml: [[barrier]] no. 1 breach: lacks crest: level to which the crest falls; "
            "give it, in m",
        ),
        (
            "[simulation\n",
            "dam.toml is not TOML: Expected ']' at the end of a table declaration (at line 1, "
            "column 12); correct it there (text stands in quotes, tables in brackets)",
        ),
    ],
)
def test_what_does_not_fit_is_refused(folder: Path, text: str, sentence: str) -> None:
    assert refusal(folder, text) == sentence


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as caught:
        load(tmp_path / "no.toml")

    assert caught.value.message == (
        f"simulation file {tmp_path / 'no.toml'} is not there; give the path of a .toml, .par or "
        ".inp file"
    )


def test_a_file_of_an_unknown_kind_is_refused(folder: Path) -> None:
    (folder / "dam.yaml").write_text("")

    with pytest.raises(Refusal, match=r"ends in '.yaml'; files that end in .*\.toml.* are read"):
        load(folder / "dam.yaml")


def test_a_record_made_in_python_is_checked_alike() -> None:
    with pytest.raises(Refusal) as caught:
        Run(duration=-1.0)

    assert caught.value.message == ("duration = -1 lies outside its range; give a number above 0 s")


def test_a_raster_may_stand_for_its_path_in_python() -> None:
    raster = Raster(values=np.zeros((2, 3)), x0=0.0, y0=0.0, dx=10.0, crs="")

    simulation = Simulation(run=Run(duration=60.0), terrain=Terrain(elevation=raster))

    assert simulation.terrain.elevation is raster
