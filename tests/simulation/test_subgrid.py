"""Cells coarser than the terrain, from the file to the map on the fine ground."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from anlan.refusal import Refusal
from anlan.simulation import load, simulate
from anlan.simulation.assembly import assemble
from anlan.simulation.document import Initial, Run, Scheme, Simulation, Terrain
from anlan.simulation.explain import explain
from anlan.simulation.terrain import lay_grid
from tests.simulation.ground import raster, write_asc, write_tif

POLDER = """
[simulation]
duration = 3600.0

[terrain]
elevation = "dem.asc"
resolution = 20.0

[scheme]
name = "inertial"
threads = 1

[roughness]
manning = 0.04

[rain]
rate = 30.0

[[channel]]
polyline = [[0.0, 41.0], [240.0, 41.0]]
width = 5.0
bed = [-0.8, -1.0]

[[boundary]]
side = "east"
from = 40.0
to = 60.0
kind = "level"
value = -0.2

[output]
fine = true
"""


@pytest.fixture
def polder(tmp_path: Path) -> Path:
    """Meadow of 240 m x 120 m on a raster of 5 m, falling to a canal of 5 m along y = 41."""
    y, x = (np.indices((24, 48)) + 0.5) * 5.0
    write_asc(tmp_path / "dem.asc", 1.0 + 0.005 * abs(y - 41.0) - 0.001 * x, dx=5.0)
    path = tmp_path / "polder.toml"
    path.write_text(POLDER)
    return path


def test_a_canal_narrower_than_the_cells_drains_them_and_shows_on_the_map(
    polder: Path, tmp_path: Path
) -> None:
    simulation = load(polder)

    summary = simulate(simulation, tmp_path / "out")

    assert "tables of 16 × 16 finer cells in each cell" in explain(simulation).features
    assert abs(summary.volume.error_relative) < 1e-6
    assert summary.volume.outflow > 0.4 * summary.volume.rain
    with rasterio.open(tmp_path / "out" / "max_depth_fine.tif") as made:
        assert made.res == (1.25, 1.25)
        depth = made.read(1)[::-1]
    canal = depth[31:34]  # y from 38.5 to 43.5
    assert canal.min() > 0.5
    assert np.median(np.delete(depth, range(30, 36), axis=0)) < 0.05
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["cells"] == 72


def town(**terrain: Any) -> Simulation:
    """Still water over cells of 20 m, on a raster of 10 m."""
    about: dict[str, Any] = {"elevation": raster(np.zeros((4, 8))), "resolution": 20.0}
    return Simulation(
        run=Run(duration=60.0),
        terrain=Terrain(**(about | terrain)),
        initial=Initial(level=0.5),
        scheme=Scheme(name="inertial", threads=1),
    )


def test_a_porous_building_holds_its_share_of_water(tmp_path: Path) -> None:
    shape = {"type": "Polygon", "coordinates": [[[0, 0], [20, 0], [20, 10], [0, 10], [0, 0]]]}
    houses = tmp_path / "houses.geojson"
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4549"}}
    one = {"type": "Feature", "properties": {}, "geometry": shape}
    houses.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [one]}))
    ground = write_tif(tmp_path / "dem.tif", np.zeros((2, 4)), "EPSG:4549")
    simulation = town(
        elevation=ground,
        resolution=None,
        buildings=houses,
        building_mode="porous",
        building_porosity=0.2,
    )

    model = assemble(simulation, lay_grid(simulation.terrain))

    assert model.depth[0].tolist() == pytest.approx([0.1, 0.1, 0.5, 0.5])
    assert model.level[0].tolist() == pytest.approx([0.5] * 4)


def test_the_mean_ground_is_to_be_had() -> None:
    rough = raster(np.tile([-1.0, 1.0], (4, 4)))
    tables, mean = (town(elevation=rough, subgrid=given) for given in (True, False))

    kept = assemble(tables, lay_grid(tables.terrain))
    lost = assemble(mean, lay_grid(mean.terrain))

    assert kept.depth == pytest.approx(np.full((2, 4), 0.75))
    assert lost.depth == pytest.approx(np.full((2, 4), 0.5))


@pytest.mark.parametrize(
    ("key", "value"), [("name", "second_order"), ("device", "cuda")], ids=["scheme", "device"]
)
def test_what_takes_no_tables_is_refused_with_the_way_out(key: str, value: str) -> None:
    scheme: dict[str, Any] = {"name": "full", key: value}
    given = replace(town(), scheme=Scheme(**scheme))

    with pytest.raises(Refusal) as caught:
        assemble(given, lay_grid(given.terrain))

    assert caught.value.message == (
        f'[scheme] {key} = "{value}" takes no ground finer than its cells; '
        "give [terrain] subgrid = false for its mean"
    )
