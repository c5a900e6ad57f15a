"""A simulation from its tables to its folder: budget, gauges, sections, barriers, cancelling."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
from numpy.typing import NDArray

from anlan.refusal import Refusal
from anlan.simulation import Progress, Summary, load, simulate
from anlan.simulation.document import (
    BarrierTable,
    BreachTable,
    ChannelTable,
    GaugeTable,
    Initial,
    Output,
    Run,
    SectionTable,
    Simulation,
    Terrain,
)
from anlan.simulation.forcing import (
    BoundaryTable,
    DrainageTable,
    Infiltration,
    Rain,
    SourceTable,
)
from tests.simulation.ground import raster

FLAT = raster(np.zeros((10, 20)), x0=0.0, y0=0.0)
EXAMPLE = Path(__file__).parents[2] / "examples" / "simulate" / "polder.toml"


def basin(**tables: Any) -> Simulation:
    """A flat basin of 20 by 10 cells of 10 m with its corner at (0, 0), for 10 minutes."""
    about: dict[str, Any] = {
        "run": Run(duration=600.0, output_interval=300.0),
        "terrain": Terrain(elevation=FLAT),
    }
    return Simulation(**(about | tables))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as source:
        return list(csv.DictReader(source))


def result(folder: Path, name: str) -> NDArray[Any]:
    """What `result.nc` holds of a variable."""
    with netCDF4.Dataset(folder / "result.nc") as opened:
        opened.set_auto_mask(False)
        return np.asarray(opened[name][:])


def test_rain_in_a_closed_basin_stays_there(tmp_path: Path) -> None:
    summary = simulate(basin(rain=Rain(rate=36.0)), tmp_path)

    # 36 mm/h for 10 minutes are 6 mm on 20000 m2
    assert summary.volume.rain == pytest.approx(120.0)
    assert summary.volume.final == pytest.approx(120.0)
    assert abs(summary.volume.error_relative) < 1e-6
    assert result(tmp_path, "time").tolist() == [0.0, 300.0, 600.0]
    assert result(tmp_path, "depth")[-1] == pytest.approx(np.full((10, 20), 0.006), rel=1e-3)


def test_the_last_output_is_at_the_duration(tmp_path: Path) -> None:
    simulate(basin(run=Run(duration=500.0, output_interval=300.0)), tmp_path)

    assert result(tmp_path, "time").tolist() == [0.0, 300.0, 500.0]


def test_the_summary_says_what_the_design_asks(tmp_path: Path) -> None:
    summary = simulate(basin(rain=Rain(rate=36.0)), tmp_path)

    written = json.loads((tmp_path / "summary.json").read_text())
    assert written == summary.as_dict()
    assert written["cells"] == 200
    assert written["simulated_s"] == 600.0
    assert written["finished"]
    assert written["cell_updates_per_s"] == pytest.approx(
        200 * written["steps"] / written["wall_s"], rel=0.01
    )
    assert set(written) >= {
        "steps", "wall_s", "compile_s", "total_s", "peak_memory_mb", "device", "threads", "version",
    }  # fmt: skip
    assert set(written["volume"]) >= {
        "initial", "rain", "inflow", "outflow", "infiltration", "drained", "final",
        "error_relative",
    }  # fmt: skip


def test_rain_of_a_series_is_constant_from_row_to_row(tmp_path: Path) -> None:
    (tmp_path / "rain.csv").write_text("time_s,rate_mm_h\n0,36\n100,0\n400,72\n")

    summary = simulate(basin(rain=Rain(series=tmp_path / "rain.csv")), tmp_path / "out")

    # 100 s of 0.01 mm/s and 200 s of 0.02 mm/s are 5 mm on 20000 m2
    assert summary.volume.rain == pytest.approx(100.0)


def test_infiltration_takes_no_more_than_is_there(tmp_path: Path) -> None:
    summary = simulate(
        basin(rain=Rain(rate=36.0), infiltration=Infiltration(model="constant", rate=18.0)),
        tmp_path,
    )

    assert summary.volume.infiltration == pytest.approx(60.0, rel=0.02)
    assert summary.volume.final == pytest.approx(60.0, rel=0.02)


def test_still_water_shows_at_gauges_and_nothing_crosses_sections(tmp_path: Path) -> None:
    simulate(
        basin(
            initial=Initial(level=1.5),
            gauges=(GaugeTable(name="G", point=(55.0, 55.0)),),
            sections=(SectionTable(name="S", polyline=((50.0, 0.0), (50.0, 100.0))),),
        ),
        tmp_path,
    )

    gauge = rows(tmp_path / "gauges.csv")
    assert [float(row["time_s"]) for row in gauge] == [0.0, 300.0, 600.0]
    assert {(row["name"], row["depth"], row["level"]) for row in gauge} == {("G", "1.5", "1.5")}
    assert all(abs(float(row["discharge"])) < 1e-6 for row in rows(tmp_path / "sections.csv"))
    assert not (tmp_path / "structures.csv").exists()


def dam(**tables: Any) -> Simulation:
    """Water of 1 m in the western half, let go at the start."""
    depth = np.zeros((10, 20))
    depth[:, :10] = 1.0
    return basin(
        **{
            "run": Run(duration=20.0, gauge_interval=10.0),
            "initial": Initial(depth=raster(depth, x0=0.0, y0=0.0)),
        }
        | tables
    )


def test_a_section_counts_what_passes_to_its_left(tmp_path: Path) -> None:
    line = ((100.0, 0.0), (100.0, 100.0))  # northwards: its left is west, the water runs east
    simulate(
        dam(
            sections=(
                SectionTable(name="northwards", polyline=line),
                SectionTable(name="southwards", polyline=line[::-1]),
            )
        ),
        tmp_path,
    )

    found = {(r["name"], float(r["time_s"])): float(r["discharge"]) for r in rows(
        tmp_path / "sections.csv"
    )}  # fmt: skip
    # a dam break passes 8/27 sqrt(g) h^(3/2) = 0.928 m2/s at the dam, over 100 m; cells of 10 m
    # see it blurred
    assert found["southwards", 10.0] == pytest.approx(92.8, rel=0.2)
    assert found["northwards", 10.0] == -found["southwards", 10.0]


def test_a_gauge_shows_velocity_towards_the_east(tmp_path: Path) -> None:
    simulate(dam(gauges=(GaugeTable(name="G", point=(105.0, 50.0)),)), tmp_path)

    last = rows(tmp_path / "gauges.csv")[-1]
    assert float(last["u"]) > 0.5
    assert abs(float(last["v"])) < 1e-3


def test_water_does_not_pass_a_barrier_that_it_does_not_reach(tmp_path: Path) -> None:
    slanting = ((100.5, 0.0), (104.0, 52.0), (99.5, 100.0))

    simulate(dam(barriers=(BarrierTable(polyline=slanting, crest=1.2),)), tmp_path)

    depth = result(tmp_path, "max_depth")
    assert depth[:, 11:].max() == 0.0
    assert depth[:, :9].min() == pytest.approx(1.0, rel=1e-3)


def test_a_breach_lets_water_through_its_gap(tmp_path: Path) -> None:
    gap = BreachTable(time=5.0, crest=0.0, width=20.0)
    dike = BarrierTable(polyline=((100.0, 0.0), (100.0, 100.0)), crest=1.2, breach=gap)

    simulate(dam(barriers=(dike,), output=Output(tracking_interval=0.5)), tmp_path)

    # 20 m in the middle are rows 4 and 5; they are reached first, and not before the gap opens
    arrival = result(tmp_path, "arrival_time")[0][:, 10]
    assert np.nanmin(arrival) >= 5.0
    assert np.nanmax(arrival[4:6]) == np.nanmin(arrival) < np.nanmin(arrival[[3, 6]])


def test_a_discharge_boundary_brings_its_volume(tmp_path: Path) -> None:
    summary = simulate(
        basin(
            initial=Initial(level=0.5),
            boundaries=(BoundaryTable(side="west", kind="discharge", value=2.0),),
        ),
        tmp_path,
    )

    assert summary.volume.inflow == pytest.approx(1200.0, rel=1e-6)


def test_a_level_boundary_fills_the_basin_to_its_level(tmp_path: Path) -> None:
    simulate(
        basin(
            run=Run(duration=3600.0),
            boundaries=(BoundaryTable(side="north", kind="level", value=0.5),),
        ),
        tmp_path,
    )

    assert result(tmp_path, "level")[-1] == pytest.approx(np.full((10, 20), 0.5), abs=0.02)


def test_a_source_brings_its_volume_where_it_stands(tmp_path: Path) -> None:
    summary = simulate(
        basin(
            run=Run(duration=10.0),
            sources=(SourceTable(point=(55.0, 55.0), radius=12.0, discharge=3.0),),
        ),
        tmp_path,
    )

    assert summary.volume.inflow == pytest.approx(30.0, rel=1e-6)
    # the cell that holds the point and the four beside it are within 12 m
    depth = result(tmp_path, "depth")[-1]
    assert depth[3:8, 3:8].sum() * 100.0 == pytest.approx(30.0, rel=0.01)


NETWORK = """
[OPTIONS]
FLOW_UNITS CMS
ROUTING_STEP 5
[JUNCTIONS]
;name invert depth
J1 -2.0 2.0
[OUTFALLS]
O1 -2.5 FREE
[CONDUITS]
P1 J1 O1 50 0.013 0 0
[XSECTIONS]
P1 CIRCULAR 0.5 0 0 0 1
[COORDINATES]
J1 55 55
O1 500 500
"""


def test_drains_take_water_from_the_cell_over_their_node(tmp_path: Path) -> None:
    (tmp_path / "net.inp").write_text(NETWORK)

    summary = simulate(
        basin(initial=Initial(level=0.2), drainage=DrainageTable(swmm=tmp_path / "net.inp")),
        tmp_path / "out",
    )

    # a pipe of 0.5 m that falls by 1 % carries about 0.38 m3/s when full: 600 s take some 200 m3
    assert 100.0 < summary.volume.drained < 300.0
    assert summary.volume.final == pytest.approx(4000.0 - summary.volume.drained, rel=1e-6)


def test_a_network_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "net.inp").write_text(NETWORK.replace("J1 55 55", "J1 5500 5500"))

    with pytest.raises(Refusal) as caught:
        simulate(basin(drainage=DrainageTable(swmm=tmp_path / "net.inp")), tmp_path / "out")

    assert caught.value.message == (
        f"[drainage] swmm: no node of {tmp_path / 'net.inp'} lies in the domain (x 0 to 200, "
        "y 0 to 100); give [COORDINATES] in the terrain's system"
    )


def test_a_run_that_is_cancelled_keeps_what_it_has(tmp_path: Path) -> None:
    seen: list[Progress] = []

    def until_half(moment: Progress) -> bool:
        seen.append(moment)
        return moment.time < 300.0

    summary = simulate(basin(rain=Rain(rate=36.0)), tmp_path, progress=until_half)

    assert not summary.finished
    assert 300.0 <= summary.simulated_s < 600.0
    assert result(tmp_path, "time")[-1] == summary.simulated_s
    assert np.isfinite(result(tmp_path, "max_depth")).all()
    assert not json.loads((tmp_path / "summary.json").read_text())["finished"]
    assert seen[-1].cells == 200


def test_a_former_result_is_replaced(tmp_path: Path) -> None:
    simulate(basin(gauges=(GaugeTable(name="G", point=(5.0, 5.0)),)), tmp_path)

    simulate(basin(output=Output(depth_thresholds=(1.0,))), tmp_path)

    assert not (tmp_path / "gauges.csv").exists()
    assert result(tmp_path, "threshold").tolist() == [1.0]


@pytest.mark.parametrize(
    ("tables", "sentence"),
    [
        (
            {"gauges": (GaugeTable(name="G", point=(500.0, 5.0)),)},
            "[[gauge]] 'G' point (500, 5) lies outside the terrain; "
            "give a point within x 0 to 200, y 0 to 100",
        ),
        (
            {"sections": (SectionTable(name="S", polyline=((1.0, 1.0), (2.0, 2.0))),)},
            "[[section]] 'S' polyline crosses no link of the domain; lengthen it or move it: the "
            "domain spans x 0 to 200, y 0 to 100 and its cells measure 10 m",
        ),
        (
            {"barriers": (BarrierTable(polyline=((1.0, 1.0), (2.0, 2.0)), crest=1.0),)},
            "[[barrier]] no. 1 polyline crosses no link between cells of the domain; lengthen it "
            "or move it: the domain spans x 0 to 200, y 0 to 100 and its cells measure 10 m",
        ),
        (
            {"boundaries": (BoundaryTable(side="west", from_=300.0, kind="open"),)},
            "[[boundary]] no. 1: no cell of the domain lies on the west side between from and to; "
            "the domain spans x 0 to 200, y 0 to 100",
        ),
        (
            {"boundaries": (BoundaryTable(side="west", kind="open"),) * 2},
            "[[boundary]] no. 1: later boundaries take all of its faces; "
            "leave it out, or shorten them",
        ),
        (
            {"channels": (ChannelTable(polyline=((0.0, 5.0), (90.0, 5.0)), width=9.0, bed=-1.0),)}
            | {"terrain": Terrain(elevation=FLAT, subgrid=False)},
            "[[channel]] needs [terrain] subgrid = true; leave subgrid out",
        ),
        (
            {"sources": (SourceTable(point=(-5.0, 5.0), discharge=1.0),)},
            "[[source]] no. 1 point (-5, 5) lies outside the terrain; "
            "give a point within x 0 to 200, y 0 to 100",
        ),
    ],
)
def test_what_does_not_meet_the_terrain_is_refused_before_anything_is_written(
    tmp_path: Path, tables: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refusal) as caught:
        simulate(basin(**tables), tmp_path / "out")

    assert caught.value.message == sentence
    assert not (tmp_path / "out" / "result.nc").exists()


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> tuple[Summary, Path]:
    folder = tmp_path_factory.mktemp("polder")
    return simulate(load(EXAMPLE), folder), folder


def test_the_example_keeps_its_water(example: tuple[Summary, Path]) -> None:
    summary, _ = example

    assert abs(summary.volume.error_relative) < 1e-6
    # 0.5 h of 30, 0.5 h of 60 and 0.5 h of 20 mm/h on 600 m by 400 m
    assert summary.volume.rain == pytest.approx(0.055 * 240000.0, rel=1e-6)
    assert summary.volume.structures["pump"] > 0.0


def test_the_example_stays_dry_behind_its_dike_until_the_breach(
    example: tuple[Summary, Path],
) -> None:
    _, folder = example

    before = {float(r["time_s"]): float(r["discharge"]) for r in rows(folder / "sections.csv")}
    assert abs(before[3600.0]) < 0.5
    assert max(before.values()) > 5.0
    assert all(t > 3600.0 for t, discharge in before.items() if discharge > 1.0)
