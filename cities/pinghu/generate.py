"""Make the city folder of Pinghu: `.venv/bin/python cities/pinghu/generate.py [--into DIR]`.

Everything it writes is deterministic. What is real and what is invented: README.md beside this
file. Rules, plan, messages, tide, typhoon and the worlds of a replay are not made here.
"""

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE / "generator")]

import pinghu_firms  # noqa: E402
import pinghu_people  # noqa: E402
import pinghu_places  # noqa: E402
import pinghu_roads  # noqa: E402
import pinghu_stations  # noqa: E402
import pinghu_stores  # noqa: E402
import pinghu_territory  # noqa: E402
import pinghu_volunteers  # noqa: E402
import pinghu_works  # noqa: E402
from making import write_raster  # noqa: E402
from pinghu_facts import CRS  # noqa: E402
from pinghu_land import DX, Land  # noqa: E402


def main(folder: Path) -> None:
    """Write every generated file under ``folder``."""
    land = Land()
    ground, use = land.rasters
    x0, y0, _, _ = land.grid
    write_raster(folder / "terrain/dem.tif", ground, x0, y0, DX, CRS, float("nan"))
    units = pinghu_territory.villages(land)
    pinghu_territory.settle(land, use, units)
    write_raster(folder / "terrain/land_use.tif", use, x0, y0, DX, CRS, 0)
    works = pinghu_works.draw(land, units)
    pinghu_territory.write(folder, land, units)
    pinghu_works.write(folder, land, works)
    pinghu_stations.write(folder)
    places = pinghu_places.make(land, units, works)
    pinghu_places.write(folder, land, units, places)
    pinghu_roads.write(folder, land, units, places)
    pinghu_stores.write(folder)
    register = pinghu_people.make(units, places)
    firms = pinghu_firms.make(units, register)
    pinghu_firms.partners(register)
    volunteers = pinghu_volunteers.make(units, register)
    pinghu_people.write(folder, register)
    pinghu_volunteers.write(folder, volunteers)
    pinghu_firms.write(folder, firms)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--into", type=Path, default=HERE, help="folder to write (default: here)")
    main(parser.parse_args().into)
