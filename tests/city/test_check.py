# ruff: noqa: E501  tables read best with a row on a line
"""`anlan city check`: every fault is named with file, row, field, value and remedy."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from anlan.city import Fault, check, load
from anlan.refusal import Refusal

SMALL = Path(__file__).resolve().parents[2] / "cities" / "talstadt"
Spoil = Callable[[str, str, str, str], int]


def test_both_shipped_cities_are_without_fault() -> None:
    cities = Path(__file__).resolve().parents[2] / "cities"

    assert [str(fault) for name in ("pinghu", "talstadt") for fault in check(cities / name)] == []


@pytest.mark.parametrize(
    ("file", "key", "column", "value", "message", "remedy"),
    [
        ("places.csv", "H01", "territory", "330482999999", "not a code of territory", "add the unit"),
        ("places.csv", "H01", "territory", "99000100", "not a code of 12 digits", "12 digits"),
        ("places.csv", "H01", "kind", "tunnel", "not known here", "underpass"),
        ("places.csv", "H01", "ground_m", "high", "not a number", "digits with a point"),
        ("places.csv", "H01", "ground_m", "nan", "outside", "number from"),
        ("places.csv", "H01", "rim_m", "", "not above ground_m", "surface water enters"),
        ("places.csv", "H01", "area_m2", "", "is empty", "area of its floor"),
        ("places.csv", "H03", "danger_m", "0.05", "below attention_m", "means danger"),
        ("places.csv", "H03", "residents", "12.5", "not a whole number", "count"),
        ("stations.csv", "bruecke", "datum", "Wusong", "not in [datums]", "PNP-Talbruecke"),
        ("stations.csv", "bruecke", "datum", "", "is empty at a station", "datum of its zero"),
        ("stations.csv", "bruecke", "unit", "cm", "not the unit of river_level", "in m"),
        ("stations.csv", "bruecke", "guarantee", "5", "below the warning level", "swap"),
        ("stations.csv", "regen-nord", "role", "boundary_inland", "does not fit rain", "river_level"),
        ("territory.csv", "990001001001", "parent", "990001009000", "not a code", "its town"),
        ("territory.csv", "990001001001", "parent", "990001000000", "is a city", "its town"),
        ("territory.csv", "990001001001", "synthetic", "yes", "neither true nor false", "true"),
        ("accounts.csv", "duty-1", "role", "boss", "not known here", "duty_officer"),
        ("accounts.csv", "duty-1", "deputy", "duty-9", "not an id of accounts.csv", "accounts.csv"),
        ("people.csv", "P001", "phone", "13812345678", "may be somebody's", "01713920000"),
        ("people.csv", "P001", "role", "resident", "not the role of account", "same role"),
        ("people.csv", "P001", "place", "H99", "not an id of places.csv", "places.csv"),
        ("lines.csv", "TAL", "wkt", "LINESTRING (540000 5430000, 541000 5430000)", "not in degrees", "4326"),
        ("lines.csv", "TAL", "wkt", "POINT (9.5 49.0)", "is a Point", "LineString"),
        ("lines.csv", "TAL", "wkt", "9.5 49.0", "is not WKT", "WKT"),
        ("structures.csv", "PW1", "capacity_m3s", "", "is empty at a pump", "fill it in"),
        ("structures.csv", "PW1", "stop_level_m", "181", "above start_level_m", "stop below"),
        ("teams.csv", "T1", "account", "crew-9", "not an id of accounts.csv", "accounts.csv"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_named_with_row_value_and_remedy(
    copy: Path,
    spoil: Spoil,
    file: str,
    key: str,
    column: str,
    value: str,
    message: str,
    remedy: str,
) -> None:
    line = spoil(file, key, column, value)

    faults = [fault for fault in check(copy) if fault.field == column]

    assert [(fault.file, fault.row) for fault in faults] == [(file, line)]
    assert faults[0].value == value
    assert message in faults[0].message
    assert remedy in faults[0].remedy


def test_a_place_outside_the_outline_is_named(copy: Path, spoil: Spoil) -> None:
    line = spoil("places.csv", "H01", "lon", "8.2")

    (fault,) = check(copy)

    assert (fault.file, fault.row, fault.field) == ("places.csv", line, "lon,lat")
    assert "outside the city's outline" in fault.message
    assert "longitude first" in fault.remedy


def test_swapped_coordinates_are_outside_too(copy: Path, spoil: Spoil) -> None:
    spoil("places.csv", "H01", "lon", "49.02")
    spoil("places.csv", "H01", "lat", "9.58")

    assert [fault.field for fault in check(copy)] == ["lon,lat"]


def test_a_repeated_id_names_both_rows(copy: Path, spoil: Spoil) -> None:
    line = spoil("places.csv", "H02", "id", "H01")

    (fault,) = check(copy)

    assert (fault.row, fault.value) == (line, "H01")
    assert f"first in row {line - 1}" in fault.message


def test_checking_goes_on_after_the_first_fault(copy: Path, spoil: Spoil) -> None:
    spoil("places.csv", "H01", "kind", "tunnel")
    spoil("stations.csv", "bruecke", "datum", "")
    spoil("people.csv", "P001", "phone", "13812345678")
    (copy / "shelters.csv").unlink()

    faults = check(copy)

    assert {fault.file for fault in faults} == {
        "places.csv",
        "stations.csv",
        "people.csv",
        "shelters.csv",
    }


def test_a_faulty_row_does_not_make_references_to_it_faults(copy: Path, spoil: Spoil) -> None:
    spoil("territory.csv", "990001001001", "population", "many")  # places and people lie in it

    assert [fault.field for fault in check(copy)] == ["population"]


def test_a_missing_table_names_the_header_to_write(copy: Path) -> None:
    (copy / "teams.csv").unlink()

    (fault,) = check(copy)

    assert (fault.file, fault.message) == ("teams.csv", "is missing")
    assert "id,name,kind,territory" in fault.remedy


def test_a_quotation_mark_that_never_closes_is_one_fault(copy: Path) -> None:
    with (copy / "teams.csv").open("a", encoding="utf-8") as file:
        file.write('T9,"' + "x" * 200_000)

    faults = [fault for fault in check(copy) if fault.file == "teams.csv"]

    assert ["is not CSV" in fault.message for fault in faults] == [True]


def test_an_unknown_column_names_the_known_ones(copy: Path) -> None:
    path = copy / "shelters.csv"
    path.write_text(path.read_text().replace("capacity", "beds", 1))

    faults = check(copy)

    assert [(fault.field, fault.row) for fault in faults] == [("capacity", 1), ("beds", 1)]
    assert "capacity" in faults[1].remedy


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ('crs = "EPSG:25832" ', 'crs = "EPSG:4326" ', "crs", "not in metres"),
        ('crs = "EPSG:25832" ', 'crs = "EPSG:0815" ', "crs", "not a coordinate reference system"),
        ("Europe/Berlin", "Europe/Talstadt", "time_zone", "not a time zone"),
        ('datum = "DHHN2016"', 'datum = "NHN"', "datums.NHN", "city's own datum"),
        ("PNP-Talbruecke = 175.0", 'PNP-Talbruecke = "175"', "datums.PNP-Talbruecke", "not a number"),
        ("terrain/dem.tif", "terrain/none.tif", "", "is missing (grid.terrain)"),
        ('["01713920000", "01713920099"]', "[]", "people.invented_phones", "invented people"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named(copy: Path, old: str, new: str, field: str, words: str) -> None:
    path = copy / "city.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))

    fault = next(fault for fault in check(copy) if fault.field == field)

    assert words in fault.message
    assert fault.remedy


def test_a_terrain_in_degrees_names_what_was_found_and_the_command(copy: Path) -> None:
    with rasterio.open(
        copy / "terrain/dem.tif", "w", driver="GTiff", width=4, height=4, count=1,
        dtype="float32", crs="EPSG:4326", transform=from_origin(9.5, 49.1, 0.001, 0.001),
    ) as target:  # fmt: skip
        target.write(np.zeros((4, 4), dtype=np.float32), 1)

    (fault,) = check(copy)

    assert (fault.file, fault.value) == ("terrain/dem.tif", "EPSG:4326")
    assert "is in degrees" in fault.message
    assert "gdalwarp -t_srs EPSG:25832" in fault.remedy


def test_a_land_use_value_without_a_class_is_named(copy: Path) -> None:
    path = copy / "city.toml"
    path.write_text(
        path.read_text().replace("[land_use.wood]\ncode = 4", "[land_use.wood]\ncode = 9")
    )

    (fault,) = check(copy)

    assert (fault.file, fault.value) == ("terrain/land_use.tif", "4")
    assert "has no class" in fault.message


def test_toml_that_cannot_be_read_is_one_fault_with_its_line(copy: Path) -> None:
    (copy / "city.toml").write_text("id = talstadt\n")

    fault = check(copy)[0]

    assert "is not TOML" in fault.message
    assert "line 1" in fault.message


def test_loading_refuses_with_the_first_faults(copy: Path, spoil: Spoil) -> None:
    for k in range(1, 8):
        spoil("places.csv", f"H0{k}", "kind", "tunnel")

    with pytest.raises(Refusal) as refusal:
        load(copy)

    assert "has 7 fault(s)" in refusal.value.message
    assert "places.csv row 2: kind 'tunnel' is not known here" in refusal.value.message
    assert "and 2 more" in refusal.value.message
    assert refusal.value.field == "kind"


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    (fault,) = check(tmp_path / "none")

    assert str(fault).endswith("name a city folder")


def test_an_event_is_checked_with_its_times_and_codes(copy: Path) -> None:
    event = copy / "events" / "flood"
    event.mkdir(parents=True)
    (event / "event.toml").write_text(
        'name = "Flood"\nfrom = 2024-06-02T00:00:00+02:00\nto = 2024-06-01T00:00:00+02:00\n'
        "cycles_until = 2024-06-01T00:00:00\n"
    )
    (event / "official.csv").write_text(
        "id,issuer,issued,event,colour,area,text,places,source\n"
        "W1,DWD,2024-06-01T10:00:00,Rain,purple,all,rain,,x\n"
    )

    faults = {(fault.file.split("/")[-1], fault.field): fault for fault in check(copy)}

    assert set(faults) == {
        ("event.toml", "to"),
        ("event.toml", "cycles_until"),
        ("official.csv", "issued"),
        ("official.csv", "colour"),
    }
    assert "no offset from UTC" in faults["official.csv", "issued"].message


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_whatever_stands_in_a_cell_checking_answers_and_loading_refuses_or_loads(
    data: st.DataObject,
) -> None:
    sheet = data.draw(st.sampled_from(sorted(path.name for path in SMALL.glob("*.csv"))))
    with TemporaryDirectory() as name:
        folder = Path(name) / "city"
        shutil.copytree(SMALL, folder)
        with (folder / sheet).open(encoding="utf-8", newline="") as source:
            rows = list(csv.reader(source))
        row = data.draw(st.sampled_from(rows))
        odd = st.sampled_from(["", "nan", "1e999", "-1", "LINESTRING EMPTY", "181", '"', "true"])
        column = data.draw(st.integers(0, len(row) - 1))
        row[column] = data.draw(odd | st.text(max_size=12))
        with (folder / sheet).open("w", encoding="utf-8", newline="") as target:
            csv.writer(target).writerows(rows)

        faults = check(folder)

        assert all(str(fault) and fault.remedy for fault in faults)
        if faults:
            with pytest.raises(Refusal):
                load(folder)
        else:
            load(folder)


def test_a_fault_reads_as_one_sentence() -> None:
    fault = Fault("a.csv", 4, "warning", "abc", "is not a number", "write digits")

    assert str(fault) == "a.csv row 4: warning 'abc' is not a number; write digits"


def test_the_digest_follows_what_a_forecast_reads_and_nothing_else(copy: Path) -> None:
    before = load(copy).digest

    (copy / "people.csv").write_text((copy / "people.csv").read_text() + "\n")
    same = load(copy).digest
    shutil.copy(copy / "places.csv", copy / "old.csv")
    (copy / "places.csv").write_text((copy / "places.csv").read_text().replace("0.3,", "0.31,", 1))

    assert same == before
    assert load(copy).digest != before
