# ruff: noqa: E501  tables read best with a row on a line
"""Make the city folder of Talstadt: `.venv/bin/python cities/talstadt/generate.py [--into DIR]`.

A small invented river town in another country: another coordinate system, datum and time zone,
no tide, no typhoon. It exists so that nothing in the code can depend on Pinghu.
"""

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

import numpy as np  # noqa: E402
import pyproj  # noqa: E402
import shapely  # noqa: E402
from making import between, noise, pick, shares, wkt, write_raster, write_table  # noqa: E402

CRS = "EPSG:25832"
EAST, NORTH = 540_000.0, 5_430_000.0  # where the invented valley is laid, m
DX, NX, NY = 50.0, 120, 100
CITY = "990001000000"
MEADOW, BUILT, WATER, WOOD = 1, 2, 3, 4

_TO_LONLAT = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)

#: code, name, centre (m from the corner), residents, villages
TOWNS = (
    ("990001001000", "Altstadt", (2900, 1900), 9200, ("Marktviertel", "Brückenviertel", "Südhang")),
    ("990001002000", "Nordufer", (3800, 3500), 5400, ("Unterau", "Mühlbach", "Weinberg")),
    ("990001003000", "Westtal", (1100, 2900), 2600, ("Furt", "Oberwiesen")),
)
#: id, name, bed (m, DHHN2016), width (m), course (m from the corner)
RIVERS = (
    ("TAL", "Tal", 177.0, 38, ((-120, 2350), (900, 2250), (1900, 2650), (3000, 2450), (4100, 2600), (5000, 2350), (6120, 2500))),
    ("MUEHL", "Mühlbach", 178.6, 8, ((2300, 3650), (2150, 3000), (1900, 2650))),
)  # fmt: skip


def xy(points):
    """Points in m from the corner as points in m of the city's system."""
    return np.asarray(points, dtype=float) + np.array([EAST, NORTH])


def lonlat(x, y):
    """One point in m from the corner as lon, lat, to about a metre."""
    lon, lat = _TO_LONLAT.transform(EAST + x, NORTH + y)
    return round(lon, 5), round(lat, 5)


def degrees(x, y):
    """Arrays of m in the city's system as lon, lat."""
    return _TO_LONLAT.transform(x, y)


def course(points):
    """A river with bends; all rivers are bent by one field, so that they still meet."""
    line = shapely.get_coordinates(shapely.segmentize(shapely.LineString(xy(points)), 100.0))
    x, y = line[:, 0], line[:, 1]
    bends = [noise(x, y, 900.0, "talstadt east"), noise(x, y, 900.0, "talstadt north")]
    return shapely.LineString(line + 90.0 * np.column_stack(bends))


OUTLINE = shapely.Polygon(
    xy([(150, 400), (1500, 150), (4200, 150), (5850, 700), (5850, 4300), (4500, 4850), (1200, 4850), (150, 3900)])
)  # fmt: skip
POLDER = shapely.Polygon(xy([(3250, 2870), (4700, 2840), (4650, 3480), (3300, 3560)]))


def ground():
    """(NY, NX) heights in m on DHHN2016, and land use: a valley floor between two slopes."""
    x, y = np.meshgrid(EAST + DX * (np.arange(NX) + 0.5), NORTH + DX * (np.arange(NY) + 0.5))
    points = shapely.points(x, y)
    away = shapely.distance(points, course(RIVERS[0][4]))
    z = 180.4 - 0.00008 * (x - EAST) + 0.9 * (1 - np.exp(-((away / 350.0) ** 2)))
    z = z + 42.0 * np.clip((away - 900.0) / 1500.0, 0, None) ** 1.4
    z = z + 0.10 * noise(x, y, 700.0, "talstadt meadows")
    use = np.where(z > 186.0, WOOD, MEADOW)
    for _, _, (cx, cy), residents, _ in TOWNS:
        use[np.hypot(x - EAST - cx, y - NORTH - cy) < 6.5 * residents**0.5] = BUILT
    return np.round(z, 2).astype(np.float32), use.astype(np.uint8)


def works(folder, tal, muehl):
    """lines.csv, polders.csv, structures.csv."""
    canal = shapely.LineString(xy([(3450, 3150), (4450, 3120)]))
    road = shapely.LineString(xy([(2450, 500), (2500, 1800), (2520, 3400), (2700, 4700)]))
    wall = shapely.offset_curve(shapely.intersection(tal, shapely.box(*xy([(2400, 0)])[0], *xy([(3600, 5000)])[0])), -70.0)  # fmt: skip
    write_table(
        folder / "lines.csv",
        "id,name,kind,crest_m,bed_m,width_m,wkt,synthetic",
        [
            *({"id": r[0], "name": r[1], "kind": "river", "bed_m": r[2], "width_m": r[3], "wkt": wkt(line, degrees), "synthetic": True} for r, line in zip(RIVERS, (tal, muehl), strict=True)),
            {"id": "UNTERAU-K", "name": "Binnengraben Unterau", "kind": "river", "bed_m": 179.3, "width_m": 6, "wkt": wkt(canal, degrees), "synthetic": True},
            {"id": "MAUER", "name": "Ufermauer Altstadt", "kind": "dike", "crest_m": 182.4, "width_m": 1, "wkt": wkt(wall, degrees), "synthetic": True},
            {"id": "B-STRASSE", "name": "Bundesstraße", "kind": "road", "width_m": 12, "wkt": wkt(road, degrees), "synthetic": True},
        ],
    )  # fmt: skip
    write_table(
        folder / "polders.csv",
        "id,name,dike_crest_m,wkt,synthetic",
        [{"id": "UNTERAU", "name": "Polder Unterau", "dike_crest_m": 182.6, "wkt": wkt(POLDER, degrees), "synthetic": True}],
    )  # fmt: skip
    (a, b), (c, d) = lonlat(3500, 3148), lonlat(3480, 2520)
    write_table(
        folder / "structures.csv",
        "id,name,kind,from_lon,from_lat,to_lon,to_lat,capacity_m3s,width_m,sill_m,start_level_m,"
        "stop_level_m,synthetic",
        [
            {"id": "PW1", "name": "Pumpwerk Unterau", "kind": "pump", "from_lon": a, "from_lat": b, "to_lon": c, "to_lat": d, "capacity_m3s": 1.2, "start_level_m": 180.2, "stop_level_m": 179.8, "synthetic": True},
            {"id": "SIEL1", "name": "Siel Unterau", "kind": "flap_gate", "from_lon": a, "from_lat": b, "to_lon": c, "to_lat": d, "width_m": 2.0, "sill_m": 179.6, "synthetic": True},
        ],
    )  # fmt: skip


def territory(folder):
    """territory.csv; returns the villages as (code, name, town, x, y)."""
    villages, rows = [], []
    centres = shapely.MultiPoint(xy([town[2] for town in TOWNS]))
    cells = shapely.get_parts(shapely.voronoi_polygons(centres, extend_to=OUTLINE, ordered=True))
    for (code, town_name, (cx, cy), residents, names), cell in zip(TOWNS, cells, strict=True):
        counts = shares(residents, [between(0.8, 1.3, "talstadt", code, n) for n in names])
        for k, (name, count) in enumerate(zip(names, counts, strict=True)):
            angle = 2 * np.pi * k / len(names)
            x, y = cx + 380 * np.cos(angle), cy + 330 * np.sin(angle)
            unit = f"{code[:9]}{k + 1:03d}"
            villages.append((unit, name, code, x, y, count, int(between(2, 25, "old", unit))))
        own = [v for v in villages if v[2] == code]
        lon, lat = lonlat(cx, cy)
        area = wkt(shapely.intersection(cell, OUTLINE), degrees)
        rows.append({"code": code, "name": town_name, "level": "town", "parent": CITY, "lon": lon, "lat": lat, "population": sum(v[5] for v in own), "old_houses": sum(v[6] for v in own), "wkt": area})  # fmt: skip
    for code, name, town, x, y, count, old in villages:
        lon, lat = lonlat(x, y)
        rows.append({"code": code, "name": name, "level": "village", "parent": town, "lon": lon, "lat": lat, "population": count, "old_houses": old})  # fmt: skip
    lon, lat = lonlat(2900, 2300)
    rows.insert(0, {"code": CITY, "name": "Talstadt", "level": "city", "parent": "", "lon": lon, "lat": lat, "population": sum(v[5] for v in villages), "old_houses": sum(v[6] for v in villages), "wkt": wkt(OUTLINE, degrees)})  # fmt: skip
    for row in rows:
        row |= {
            "name_en": row["name"],
            "approximate": True,
            "synthetic": True,
            "source": "invented",
        }
    names = "code,name,name_en,level,parent,lon,lat,population,old_houses,wkt,approximate,synthetic"
    write_table(folder / "territory.csv", f"{names},source", rows)
    return villages


def stations(folder, tal):
    """stations.csv: the river at both ends and at the bridge, rain in two places."""
    rows = []
    for name, title, share, role, datum, warning, guarantee in (
        ("oberpegel", "Oberpegel", 0.0, "boundary_inland", "DHHN2016", 181.2, 182.0),
        ("unterpegel", "Unterpegel", 1.0, "boundary_inland", "DHHN2016", 180.9, 181.7),
        ("bruecke", "Pegel Talbrücke", 0.47, "gauge", "PNP-Talbruecke", 6.0, 6.8),
    ):
        spot = tal.interpolate(share, normalized=True)
        lon, lat = lonlat(spot.x - EAST, spot.y - NORTH)
        rows.append({"id": name, "name": title, "quantity": "river_level", "lon": lon, "lat": lat, "unit": "m", "datum": datum, "warning": warning, "guarantee": guarantee, "territory": CITY if role != "gauge" else TOWNS[0][0], "cadence_min": 15, "role": role})  # fmt: skip
    for name, title, (x, y), town in (("regen-mitte", "Regen Altstadt", (2900, 1700), 0), ("regen-nord", "Regen Nordufer", (3900, 3700), 1)):  # fmt: skip
        lon, lat = lonlat(x, y)
        rows.append({"id": name, "name": title, "quantity": "rain", "lon": lon, "lat": lat, "unit": "mm", "territory": TOWNS[town][0], "cadence_min": 10, "role": "gauge"})  # fmt: skip
    for row in rows:
        row |= {
            "name_en": row["name"],
            "owner": "Stadtwerke",
            "synthetic": True,
            "source": "invented",
        }
    write_table(
        folder / "stations.csv",
        "id,name,name_en,quantity,lon,lat,unit,datum,warning,guarantee,territory,owner,"
        "cadence_min,role,synthetic,source",
        rows,
    )


def places(folder, villages, heights):
    """places.csv and shelters.csv; returns the places as rows."""
    rows = []
    spots = (
        ("underpass", "Bahnunterführung", (2750, 1850), "Tiefbau", 0.30),
        ("underpass", "Unterführung Nordufer", (3650, 3700), "Tiefbau", 0.30),
        ("low_community", "Siedlung Unterau", (3900, 3250), "Ordnungsamt", 0.30),
        ("low_community", "Wohnblock am Ufer", (2600, 2100), "Ordnungsamt", 0.30),
        ("old_houses", "Altes Fischerviertel", (3150, 2180), "Ordnungsamt", 0.30),
        ("old_houses", "Mühlenhäuser", (2420, 3150), "Ordnungsamt", 0.30),
        ("pump_station", "Pumpwerk Unterau", (3460, 3150), "Stadtwerke", 0.50),
        ("road", "Uferstraße", (1500, 2850), "Tiefbau", 0.30),
        ("public_service", "Klinikum", (2950, 1650), "Gesundheit", 0.30),
        ("public_service", "Grundschule Nordufer", (3800, 3450), "Schulen", 0.30),
    )
    for k, (kind, name, (x, y), department, danger) in enumerate(spots, start=1):
        near = min(villages, key=lambda v: np.hypot(v[3] - x, v[4] - y))
        lon, lat = lonlat(x, y)
        land = float(heights[int(y // DX), int(x // DX)])
        row = {"id": f"H{k:02d}", "name": name, "name_en": name, "kind": kind, "lon": lon, "lat": lat, "territory": near[0], "department": department, "attention_m": 0.15, "danger_m": danger, "ground_m": round(land - 0.1, 2), "residents": 0, "old_houses": 0, "road_m": 0, "synthetic": True}  # fmt: skip
        if kind == "underpass":
            row |= {"ground_m": round(land - 3.2, 2), "rim_m": round(land + 0.1, 2), "catchment_m2": 9000, "area_m2": 700, "pump_m3s": 0.06, "road_m": 220}  # fmt: skip
        if kind in ("low_community", "old_houses"):
            row |= {"residents": int(between(60, 420, "homes", name)), "old_houses": int(between(3, 15, "houses", name))}  # fmt: skip
        rows.append(row)
    write_table(
        folder / "places.csv",
        "id,name,name_en,kind,lon,lat,territory,department,attention_m,danger_m,ground_m,rim_m,"
        "catchment_m2,area_m2,pump_m3s,residents,old_houses,road_m,synthetic",
        rows,
    )
    (a, b), (c, d) = lonlat(3200, 1500), lonlat(4100, 4000)
    write_table(
        folder / "shelters.csv",
        "id,name,lon,lat,territory,capacity,synthetic",
        [
            {"id": "SH1", "name": "Stadthalle", "lon": a, "lat": b, "territory": villages[0][0], "capacity": 400, "synthetic": True},
            {"id": "SH2", "name": "Turnhalle Weinberg", "lon": c, "lat": d, "territory": villages[5][0], "capacity": 150, "synthetic": True},
        ],
    )  # fmt: skip
    return rows


class Register:
    """Accounts and people as they are made. Phones: 0171 3920000 to 99 belong to nobody."""

    def __init__(self):
        self.accounts, self.people = [], []

    def add(self, role, tier, code, x, y, account="", place="", department="", deputy=""):
        """Add a person, and their account where one is named; returns the person's id."""
        number = len(self.people) + 1
        first = pick(
            ("Ada", "Bodo", "Clea", "Dirk", "Enno", "Fenja", "Gesa", "Hauke"), "first", number
        )
        last = pick(("Uferlos", "Talgrund", "Wellenreich", "Stromauf", "Quellrand"), "last", number)
        if account:
            self.accounts.append({"id": account, "name": f"{first} {last}", "name_en": f"{first} {last}", "role": role, "territory": code, "department": department, "deputy": ""})  # fmt: skip
        lon, lat = lonlat(x, y)
        self.people.append({"id": f"P{number:03d}", "account": account, "name": f"{first} {last}", "phone": f"017139200{number - 1:02d}", "role": role, "tier": tier, "territory": code, "language": "en", "lon": lon, "lat": lat, "place": place, "deputy": deputy, "opted_out": False, "on_duty": role != "resident", "synthetic": True})  # fmt: skip
        return f"P{number:03d}"


def people(folder, villages, hazards):
    """accounts.csv, people.csv, teams.csv."""
    register = Register()
    for account, role in (("commander-1", "commander"), ("commander-2", "commander"), ("duty-1", "duty_officer"), ("duty-2", "duty_officer"), ("analyst-1", "analyst"), ("admin", "admin")):  # fmt: skip
        register.add(role, "city", CITY, 2900, 2000, account, department="Krisenstab")
    for department in ("Tiefbau", "Ordnungsamt", "Stadtwerke"):
        account = f"liaison-{department.lower()}"
        register.add("liaison", "department", CITY, 2900, 2000, account, department=department)
    for code, name, (x, y), _, _ in TOWNS:
        register.add("town_officer", "town", code, x, y, f"town-{name.lower()}")
    for code, _, _, x, y, _, _ in villages:
        above = register.add("village_officer", "community", code, x, y, f"village-{code[6:]}")
        register.add("grid_worker", "grid", code, x, y, f"grid-{code[6:]}", deputy=above)
    teams = []
    for kind, name, town, account in (
        ("pump_truck", "Pumpenzug THW", 0, "crew-pump"),
        ("rescue", "Wasserrettung", 1, "crew-rescue"),
        ("volunteer", "Freiwillige Nordufer", 1, "volunteer-nord"),
    ):
        code, _, (x, y), _, _ = TOWNS[town]
        volunteer = kind == "volunteer"
        role, tier = ("volunteer", "grid") if volunteer else ("crew", "department")
        register.add(role, tier, code, x, y, account, department="" if volunteer else "Tiefbau")
        teams.append({"id": f"T{len(teams) + 1}", "name": name, "kind": kind, "territory": code, "department": "" if volunteer else "Tiefbau", "account": account, "strength": 8, "synthetic": True})  # fmt: skip
    homes = [row for row in hazards if row["kind"] in ("low_community", "old_houses")]
    for row in homes:
        for k in range(6):
            near = next(v for v in villages if v[0] == row["territory"])
            account = "resident-1" if row is homes[0] and k == 0 else ""
            register.add("resident", "resident", near[0], near[3], near[4], account, str(row["id"]))
    write_table(
        folder / "accounts.csv",
        "id,name,name_en,role,territory,department,deputy",
        register.accounts,
    )
    write_table(
        folder / "people.csv",
        "id,account,name,phone,role,tier,territory,language,lon,lat,place,deputy,opted_out,"
        "on_duty,synthetic",
        register.people,
    )
    write_table(
        folder / "teams.csv", "id,name,kind,territory,department,account,strength,synthetic", teams
    )


def main(folder):
    """Write every generated file under ``folder``."""
    heights, use = ground()
    write_raster(folder / "terrain/dem.tif", heights, EAST, NORTH, DX, CRS, float("nan"))
    write_raster(folder / "terrain/land_use.tif", use, EAST, NORTH, DX, CRS, 0)
    tal, muehl = (course(river[4]) for river in RIVERS)
    villages = territory(folder)
    works(folder, tal, muehl)
    stations(folder, tal)
    people(folder, villages, places(folder, villages, heights))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--into", type=Path, default=HERE, help="folder to write (default: here)")
    main(parser.parse_args().into)
