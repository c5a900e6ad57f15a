"""What the two shipped folders hold: sourced facts as published, invented parts marked."""

from __future__ import annotations

import csv
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely

from anlan.city import City
from anlan.refusal import Refusal

CITIES = Path(__file__).resolve().parents[2] / "cities"


def test_pinghu_has_nine_towns_and_134_villages_with_their_codes(pinghu: City) -> None:
    territory = pinghu.territory

    assert len(territory.towns()) == 9
    assert len(territory.villages()) == 134
    assert all(len(unit.code) == 12 for unit in territory.units())
    assert territory.unit("330482101000").name == "乍浦镇"
    assert territory.unit("330482002000").name == "钟埭街道"  # not 003, as another list has it
    assert territory.unit("330482001001").name == "水洞埭社区"


def test_residents_and_old_houses_add_up_from_village_to_city(pinghu: City) -> None:
    territory = pinghu.territory

    for unit in [territory.root, *territory.towns()]:
        below = territory.children(unit.code)
        assert unit.population == sum(child.population for child in below)
        assert unit.old_houses == sum(child.old_houses for child in below)


def test_the_outline_is_coarse_and_as_large_as_the_land(pinghu: City) -> None:
    outline = pinghu.territory.root.polygon
    assert outline is not None
    metres = shapely.transform(outline, lambda a: np.column_stack(pinghu.to_xy(a[:, 0], a[:, 1])))

    assert len(outline.exterior.coords) <= 61
    assert shapely.area(metres) / 1e6 == pytest.approx(545, abs=15)  # land 540-555 km2
    assert pinghu.territory.root.approximate


def test_every_village_lies_inside_its_town(pinghu: City) -> None:
    for village in pinghu.territory.villages():
        town = pinghu.territory.unit(village.parent).polygon
        assert shapely.contains_xy(town, village.lon, village.lat), village.code


@pytest.mark.parametrize(
    ("station", "raw", "on_1985"),
    [
        ("zhapu", 6.10, 4.259),  # gauge zero
        ("jiaxing", 1.46, 1.46),  # published on 1985
        ("fengwei", 3.5, 1.659),  # Wusong - 1.841
        ("zhangyan", 3.3, 1.459),
        ("jinshanzui", 5.4, 3.559),
    ],
)
def test_published_warning_levels_are_kept_and_converted(
    pinghu: City, station: str, raw: float, on_1985: float
) -> None:
    found = pinghu.stations[station]

    assert found.warning_raw == raw
    assert found.warning == pytest.approx(on_1985, abs=1e-9)
    assert not found.synthetic
    assert found.source


def test_datums_convert_both_known_marks(pinghu: City) -> None:
    assert pinghu.level(2.4, "Wusong") == pytest.approx(0.559)  # Jinshan's canal level
    assert pinghu.level(5.69, "1985") == 5.69
    with pytest.raises(
        Refusal, match="datum 'NAP' is not known in 平湖市; use one of 1985, Wusong"
    ):
        pinghu.level(1.0, "NAP")


def test_each_town_has_a_rain_gauge_and_the_model_has_its_boundaries(pinghu: City) -> None:
    rain = [s for s in pinghu.stations.values() if s.quantity == "rain"]
    roles = {s.id: s.role for s in pinghu.stations.values() if s.role != "gauge"}

    assert sorted(s.territory for s in rain) == [t.code for t in pinghu.territory.towns()]
    assert all(s.cadence == timedelta(minutes=10) for s in rain)
    assert roles == {
        "zhapu": "boundary_tide",
        "jiaxing": "boundary_inland",
        "fengwei": "boundary_inland",
        "zhangyan": "boundary_inland",
    }
    assert pinghu.stations["zhapu"].series == "zhapu.tide"


def test_sixty_places_of_every_kind_carry_thresholds(pinghu: City) -> None:
    kinds = {place.kind for place in pinghu.places.values()}

    assert 55 <= len(pinghu.places) <= 75
    assert len(kinds) == 7
    assert {place.attention_m for place in pinghu.places.values()} == {0.15}
    assert {place.danger_m for place in pinghu.places.values()} == {0.30, 0.50}


def test_every_village_has_an_officer_and_a_grid_worker_every_town_two_officers(
    pinghu: City,
) -> None:
    held = [(account.role, account.territory) for account in pinghu.accounts.values()]

    for village in pinghu.territory.villages():
        assert held.count(("village_officer", village.code)) == 1
        assert held.count(("grid_worker", village.code)) == 1
    for town in pinghu.territory.towns():
        assert held.count(("town_officer", town.code)) == 2
    roles = [role for role, _ in held]
    assert (roles.count("commander"), roles.count("duty_officer"), roles.count("admin")) == (
        2,
        3,
        1,
    )
    assert roles.count("liaison") == 9


def test_all_people_are_invented_with_numbers_that_nobody_has(pinghu: City) -> None:
    assert 1000 <= len(pinghu.people) <= 1300
    assert all(person.synthetic for person in pinghu.people)
    assert all(person.phone.startswith("10000") for person in pinghu.people)
    assert len({person.phone for person in pinghu.people}) == len(pinghu.people)


def test_the_track_is_what_was_known_then(pinghu: City) -> None:
    event = pinghu.event("infa-2021")
    by_time = {fix.time: fix for fix in event.track}

    at_sea = by_time[datetime(2021, 7, 25, 12, 0, tzinfo=UTC)]  # 20:00 Beijing
    ashore = by_time[datetime(2021, 7, 26, 2, 0, tzinfo=UTC)]  # 10:00 Beijing, just landed

    assert (at_sea.lon, at_sea.lat, at_sea.pressure_hpa, at_sea.wind_ms) == (121.9, 30.2, 970, 35)
    assert at_sea.r7 == (300, 200, 200, 250)
    assert at_sea.r12 is None
    assert (ashore.lon, ashore.lat, ashore.pressure_hpa) == (121.1, 30.7, 978)
    assert ashore.r7 is None  # 0 in the source from here on: not given
    assert event.start == datetime(2021, 7, 21, 16, 0, tzinfo=UTC)
    assert event.cycles_until == datetime(2021, 7, 27, 10, 0, tzinfo=UTC)


def test_official_warnings_keep_issuer_and_source(pinghu: City) -> None:
    event = pinghu.event("infa-2021")
    first = event.official[0]

    assert (first.issuer, first.event, first.colour) == ("国家海洋预报台", "风暴潮", "orange")
    assert first.issued == datetime(2021, 7, 23, 2, 12, tzinfo=UTC)
    assert all(warning.source for warning in event.official)
    assert all(code in pinghu.territory for w in event.official for code in w.places)


def test_an_unknown_event_is_refused_with_the_known_ones(pinghu: City) -> None:
    assert pinghu.events() == ["infa-2021"]
    with pytest.raises(Refusal, match="known: infa-2021") as refusal:
        pinghu.event("fitow-2013")
    assert refusal.value.kind == "not_found"


def test_what_is_invented_is_listed_for_map_report_and_api(pinghu: City) -> None:
    assert "地形" in pinghu.synthetic
    assert "人员与账号" in pinghu.synthetic
    assert all(line.synthetic for line in pinghu.lines)
    assert all(place.synthetic for place in pinghu.places.values())


def test_talstadt_differs_in_everything_that_code_might_assume(
    pinghu: City, talstadt: City
) -> None:
    assert talstadt.crs != pinghu.crs
    assert talstadt.datum == "DHHN2016"
    assert talstadt.zone.key == "Europe/Berlin"
    assert talstadt.events() == []
    assert not any(s.quantity in ("tide", "wind") for s in talstadt.stations.values())
    assert "tide_station" not in talstadt.settings["forecast"]
    assert (len(talstadt.territory.towns()), len(talstadt.territory.villages())) == (3, 8)
    assert all(unit.synthetic for unit in talstadt.territory.units())


def test_talstadts_gauge_reads_on_its_own_zero(talstadt: City) -> None:
    bridge = talstadt.stations["bruecke"]

    assert (bridge.warning_raw, bridge.warning) == (6.0, 181.0)


@pytest.mark.parametrize("name", ["pinghu", "talstadt"])
def test_the_generator_makes_what_is_shipped(name: str, tmp_path: Path) -> None:
    script = CITIES / name / "generate.py"
    subprocess.run([sys.executable, str(script), "--into", str(tmp_path)], check=True, timeout=120)

    for made in sorted(tmp_path.rglob("*.csv")):
        shipped = CITIES / name / made.relative_to(tmp_path)
        with made.open(encoding="utf-8") as one, shipped.open(encoding="utf-8") as other:
            assert list(csv.reader(one)) == list(csv.reader(other)), made.name
    for made in sorted(tmp_path.rglob("*.tif")):
        with (
            rasterio.open(made) as one,
            rasterio.open(CITIES / name / made.relative_to(tmp_path)) as other,
        ):
            np.testing.assert_allclose(one.read(1), other.read(1), atol=0.011)
