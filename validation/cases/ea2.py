"""Environment Agency test 2: water that fills depressions one after the other."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from anlan.hydraulics import Boundary, Series, edge_faces
from validation.flow import SCHEMES, Numbers, Scheme, centres, make_model
from validation.plots import COLOUR, picture
from validation.record import Figure, Picture, Section, Table, Volume

DX, CELLS = 20.0, 100
MANNING = 0.03
END = 172_800.0
EVERY = 1800.0
INFLOW = Series(
    np.array([0.0, 300.0, 600.0, 5160.0, 5460.0]), np.array([0.0, 0.0, 20.0, 20.0, 0.0])
)
POINTS = tuple(
    (x, y) for x in (250.0, 750.0, 1250.0, 1750.0) for y in (250.0, 750.0, 1250.0, 1750.0)
)
# final levels at the points, m; nan: dry
GEOFLOOD = (8.590, 8.877, 9.207, 9.540, 8.217, 8.627, 8.957, 9.288, math.nan, 8.086, 8.538, 8.891)
DECERIS = (0.38, 0.33, 0.33, 0.33, 0.28, 0.33, 0.33, 0.33, math.nan, 0.06, 0.17, 0.18)  # depths
WET = 0.02  # m


def bed(x: Numbers, y: Numbers) -> Numbers:
    """Sixteen pits of half a metre on a plane, m; x from the west, y from the south, m.

    z = 10 - x/2000 - (2000 - y)/1500 + e, e = (cos(2 pi x/500) + cos(2 pi y/500)) / 4, a quarter of
    it where it is positive: a flattened egg box. The formula is ours: it gives the rows of the
    published raster at y = 1756 and y = 1504 m within 0.3 mm.
    """
    plane = 10.0 - x / 2000.0 - (2000.0 - y) / 1500.0
    egg = 0.25 * (np.cos(2.0 * math.pi * x / 500.0) + np.cos(2.0 * math.pi * y / 500.0))
    return np.asarray(plane + np.where(egg > 0.0, 0.25 * egg, egg))


def simulate(scheme: Scheme, end: float = END) -> tuple[Numbers, Numbers, Numbers, float]:
    """Times, s, depths at the points, m, (n, 16), the last depth, the volume error."""
    x, y = np.meshgrid(centres(CELLS, DX), centres(CELLS, DX))
    rows = round(100.0 / DX)  # the inflow runs 100 m south from the north-western corner
    west = edge_faces(np.ones(x.shape, np.bool_), "west", CELLS - rows, CELLS - 1)
    model = make_model(
        bed(x, y), DX, MANNING, scheme=scheme, boundaries=[Boundary("discharge", west, INFLOW)]
    )
    places = [(int(py // DX), int(px // DX)) for px, py in POINTS]
    times = np.arange(EVERY, end + 1.0, EVERY)
    depths = []
    for time in times:
        model.run_until(float(time))
        depths.append([float(model.depth[place]) for place in places])
    last = np.asarray(model.depth, np.float64)
    return times, np.array(depths), last, model.budget.relative_error


def others() -> tuple[Numbers, Numbers]:
    """Lowest and highest final depth, m, of the two public codes at the sixteen points."""
    z = bed(*(np.array(axis) for axis in zip(*POINTS, strict=True)))
    levels = np.full(16, np.nan)
    levels[:12] = GEOFLOOD
    depths = np.full(16, np.nan)
    depths[:12] = DECERIS
    both = np.nan_to_num(np.stack([levels - z, depths]), nan=0.0)
    return both.min(axis=0), both.max(axis=0)


def run(images: Path, quick: bool) -> Section:
    """All schemes beside two public codes."""
    low, high = others()
    figures, rows, volumes, curves, maps = [], [], [], {}, {}
    for scheme in SCHEMES:
        times, depths, maps[scheme], lost = simulate(scheme, 0.25 * END if quick else END)
        curves[scheme] = depths
        volumes.append(Volume(scheme, "single", lost))
        name = scheme.replace("_", " ")
        final = depths[-1]
        outside = np.maximum(np.maximum(low - final, final - high), 0.0)
        wet = (final > WET) == (high > WET)
        figures += [
            Figure(
                f"final depth, furthest outside what two public codes print, {name}",
                outside.max(),
                "m",
            ),
            Figure(
                f"points wet or dry as in both, of 16, {name}",
                float(wet.sum()),
                promise=16.0,
                at_least=True,
            ),
        ]
        rows.append((name, *(f"{h:.2f}" for h in final)))
    rows.append(("GeoFlood", *(f"{v:.2f}" for v in _geoflood())))
    rows.append(
        ("deceris_inundation", *(f"{v:.2f}" for v in np.nan_to_num([*DECERIS, *[math.nan] * 4])))
    )
    with picture(images, "ea2.png", columns=2, size=(9.0, 3.6)) as (left, right):
        for k, style in ((0, "-"), (4, "--"), (9, ":"), (11, "-.")):
            left.plot(
                times / 3600.0,
                curves["full"][:, k],
                style,
                color=COLOUR["full"],
                label=f"point {k + 1}, full",
            )
            left.plot(
                times / 3600.0, curves["second_order"][:, k], style, color=COLOUR["second_order"]
            )
        left.set(xlabel="t [h]", ylabel="h [m]", title="blue: full, orange: second order")
        left.legend(frameon=False, fontsize=8)
        shown = np.where(maps["full"] > 0.01, maps["full"], np.nan)
        drawn = right.imshow(shown, origin="lower", extent=(0, 2000, 0, 2000), cmap="Blues", vmin=0)
        right.set(title="depth at the end, full [m]")
        right.figure.colorbar(drawn, ax=right)
    return Section(
        name="ea2",
        title="Environment Agency test 2: filling of depressions",
        source="Néelz and Pender (2013), SC120002, test 2. Terrain, inflow and points as in the data of 2010 that "
        "u11d-com/deceris_inundation keeps. Final depths of two codes that publish theirs: GeoFlood (KYANJO/GeoFlood, read "
        "from the plots of its notebook, ± 1 cm) and deceris_inundation (its results page).",
        setup="2000 × 2000 m, cells of 20 m, n = 0.03, dry; sixteen pits of half a metre on a plane that falls to the "
        "south-east; 20 m³/s for 76 min (97,200 m³ in all) over 100 m of the north-western edge; closed; 48 h.",
        figures=tuple(figures),
        tables=(
            Table(
                "Final depth at the points, m",
                ("engine", *(str(k) for k in range(1, 17))),
                tuple(rows),
            ),
        ),
        pictures=(
            Picture("ea2.png", "Depth at points 1, 5, 10 and 12, and everywhere at the end"),
        ),
        volumes=tuple(volumes),
        notes=("The report's own levels are only printed as pictures, which we could not have.",),
    )


def _geoflood() -> Numbers:
    """Its final depths, m."""
    z = bed(*(np.array(axis) for axis in zip(*POINTS, strict=True)))
    levels = np.full(16, np.nan)
    levels[:12] = GEOFLOOD
    return np.nan_to_num(levels - z, nan=0.0)
