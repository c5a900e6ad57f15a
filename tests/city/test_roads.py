"""A city's road layer: its own GeoPackage in any system, or a CSV; every fault named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely

from anlan.city import City
from anlan.city.fault import Fault
from anlan.city.roads import read_roads

HEAD = "id,name,kind,speed_kmh,one_way,raised_m,place,wkt,synthetic\n"
LINE = '"LINESTRING (121.0 30.7, 121.1 30.7)"'


def read(folder: Path, places: dict[str, str] | None = None) -> tuple[int, list[Fault]]:
    faults: list[Fault] = []
    return len(read_roads(folder, places or {}, faults)), faults


def test_pinghu_has_invented_roads_that_reach_every_village(pinghu: City) -> None:
    ends = np.vstack([shapely.get_coordinates(road.geometry) for road in pinghu.roads])
    x, y = pinghu.to_xy(ends[:, 0], ends[:, 1])

    assert len(pinghu.roads) > 400
    assert all(road.synthetic and "虚构" in road.name for road in pinghu.roads)
    for village in pinghu.territory.villages():
        at = pinghu.to_xy(village.lon, village.lat)
        assert np.hypot(x - at[0], y - at[1]).min() < 200, village.name


def test_a_city_without_a_road_layer_is_no_fault(tmp_path: Path, talstadt: City) -> None:
    assert read(tmp_path) == (0, [])
    assert talstadt.roads == ()


def test_a_row_that_cannot_be_driven_is_named_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "roads.csv").write_text(
        HEAD
        + f"A,甲路,local,30,false,0,,{LINE},true\n"
        + f"B,乙路,lane,30,false,0,,{LINE},true\n"
        + f"C,丙路,local,0,false,0,,{LINE},true\n"
        + f"D,丁路,local,30,false,0,UP01,{LINE},true\n",
        "utf-8",
    )

    count, faults = read(tmp_path, {"UP01": "low_community"})

    assert count == 2
    assert [(fault.row, fault.field) for fault in faults] == [
        (3, "kind"),
        (4, "speed_kmh"),
        (5, "place"),
    ]
    assert "use one of: expressway, trunk" in str(faults[0])


def geopackage(path: Path, **columns: list[object]) -> None:
    """Two roads in EPSG:4549, as a city's survey office would hand them over."""
    turn = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:4549", always_xy=True)
    lines = [
        shapely.LineString([turn.transform(121.0, 30.7), turn.transform(121.1, 30.7)]),
        shapely.LineString([turn.transform(121.1, 30.7), turn.transform(121.1, 30.8)]),
    ]
    fields = {
        "id": ["1", "2"],
        "name": ["人民路", None],
        "kind": ["primary", "local"],
        "speed_kmh": [60, 30],
        "one_way": [True, False],
        **columns,
    }
    pyogrio.raw.write(
        path,
        layer="roads",
        geometry=np.array([shapely.to_wkb(line) for line in lines], dtype=object),
        geometry_type="LineString",
        field_data=[np.array(values) for values in fields.values()],
        fields=list(fields),
        crs="EPSG:4549",
        driver="GPKG",
    )


def test_the_citys_own_geopackage_is_read_in_its_own_system(tmp_path: Path) -> None:
    geopackage(tmp_path / "roads.gpkg", surface=["asphalt", "gravel"])
    faults: list[Fault] = []

    first, second = read_roads(tmp_path, {}, faults)

    assert faults == []
    assert (first.name, first.one_way, first.synthetic) == ("人民路", True, False)
    assert shapely.get_coordinates(first.geometry) == pytest.approx(
        np.array([[121.0, 30.7], [121.1, 30.7]]), abs=1e-6
    )
    assert second.speed_kmh == 30


def test_a_geopackage_of_something_else_says_what_is_missing(tmp_path: Path) -> None:
    geopackage(tmp_path / "roads.gpkg", kind=["primary", "boulevard"])
    (tmp_path / "roads.csv").write_text(HEAD, "utf-8")

    count, faults = read(tmp_path)

    assert count == 1
    assert "only one of them can hold the roads" in str(faults[0])
    assert "'boulevard' is not known here" in str(faults[1])

    (tmp_path / "roads.gpkg").write_bytes(b"no database at all")
    _, faults = read(tmp_path)
    assert "cannot be read" in str(faults[1])
