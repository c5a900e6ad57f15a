"""Buildings stand on the ground as walls, mounds or porous ground."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anlan.refusal import Refusal
from anlan.simulation.document import Terrain
from anlan.simulation.terrain import lay_grid
from tests.simulation.ground import write_tif

CRS = "EPSG:4549"


def footprints(folder: Path, kind: str = "Polygon", crs: str = "EPSG::4549") -> Path:
    """One house from (10, 10) to (30, 20)."""
    ring = [[10, 10], [30, 10], [30, 20], [10, 20], [10, 10]]
    shape = {"type": kind, "coordinates": [ring] if kind == "Polygon" else ring}
    path = folder / "houses.geojson"
    path.write_text(
        json.dumps(
            {
                "type": "FeatureCollection",
                "crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:{crs}"}},
                "features": [{"type": "Feature", "properties": {}, "geometry": shape}],
            }
        )
    )
    return path


def terrain(folder: Path, **more: Any) -> Terrain:
    """Flat ground at 1 m, four columns and three rows of 10 m."""
    ground = write_tif(folder / "dem.tif", np.ones((3, 4)), CRS)
    more = more if "buildings" in more else {"buildings": footprints(folder)} | more
    return Terrain(elevation=ground, **more)


def test_a_block_is_outside_the_domain(tmp_path: Path) -> None:
    laid = lay_grid(terrain(tmp_path))

    assert laid.active.tolist() == [
        [True, True, True, True],
        [True, False, False, True],
        [True, True, True, True],
    ]


def test_a_raised_building_is_a_mound(tmp_path: Path) -> None:
    laid = lay_grid(terrain(tmp_path, building_mode="raise", building_height=3.0))

    assert laid.bed[1].tolist() == [1.0, 4.0, 4.0, 1.0]
    assert laid.active.all()


def test_a_porous_building_is_open_in_part(tmp_path: Path) -> None:
    laid = lay_grid(terrain(tmp_path, building_mode="porous", building_porosity=0.4))

    assert laid.active.all()
    assert laid.porosity is not None
    assert laid.porosity[1].tolist() == [1.0, 0.4, 0.4, 1.0]


def test_lines_are_no_footprints(tmp_path: Path) -> None:
    ground = terrain(tmp_path, buildings=footprints(tmp_path, "LineString"))

    with pytest.raises(Refusal, match="hold no polygon; give footprints as areas"):
        lay_grid(ground)


def test_buildings_in_another_system_are_refused_with_the_command(tmp_path: Path) -> None:
    ground = terrain(tmp_path, buildings=footprints(tmp_path, crs="EPSG::25832"))

    with pytest.raises(Refusal) as caught:
        lay_grid(ground)

    assert caught.value.remedy == ("ogr2ogr -t_srs EPSG:4549 houses_terrain.gpkg houses.geojson")


def test_a_file_without_shapes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "houses.gpkg").write_text("none")

    with pytest.raises(Refusal, match=r"buildings .* cannot be read .*give a GeoPackage"):
        lay_grid(terrain(tmp_path, buildings=tmp_path / "houses.gpkg"))
