"""Rain on a tilted plane and on the V-catchment of Di Giammarco et al. (1996)."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from anlan.hydraulics import Boundary, edge_faces
from validation.compare import nse, orders, relative_l1
from validation.exact.hillslope import Slope, valley_outflow
from validation.flow import FULL, SCHEMES, Numbers, Scheme, centres, make_model
from validation.plots import EXACT, of, picture
from validation.record import Figure, Picture, Section, Table, Volume, number

# the plane falls by 2 % in a direction that no grid line follows
WIDE, LONG = 400.0, 200.0  # m
FALL = 0.02
TO_X, TO_Y = 2.0 / math.sqrt(5.0), 1.0 / math.sqrt(5.0)
PLANE = Slope(length=LONG / TO_Y, fall=FALL, manning=0.03, rain=50e-3 / 3600.0)
PLANE_GRIDS = (20, 40, 80, 160)

SIDE = Slope(length=800.0, fall=0.05, manning=0.015, rain=3e-6, stop=5400.0)
CHANNEL = Slope(length=1000.0, fall=0.02, manning=0.15, rain=3e-6, stop=5400.0)
CHANNEL_WIDTH = 20.0
VALLEY_DX = (20.0, 10.0)
END, EVERY = 10_800.0, 60.0


def plane(scheme: Scheme, cells: int) -> tuple[float, Numbers, float]:
    """Relative L1 of the steady depth in %, that depth, the volume error."""
    dx = WIDE / cells
    x, y = np.meshgrid(centres(cells, dx), centres(cells // 2, dx))
    bed = FALL * (TO_X * (WIDE - x) + TO_Y * (LONG - y))
    active = np.ones(bed.shape, np.bool_)
    model = make_model(
        bed,
        dx,
        PLANE.manning,
        scheme=scheme,
        boundaries=[
            Boundary("normal_depth", edge_faces(active, "east"), slope=FALL * TO_X),
            Boundary("normal_depth", edge_faces(active, "north"), slope=FALL * TO_Y),
        ],
    )
    model.set_rain(PLANE.rain)
    model.run_until(2.0 * PLANE.rise)
    depth = np.asarray(model.depth, np.float64)
    exact = PLANE.steady_depth(np.minimum(x / TO_X, y / TO_Y))
    return relative_l1(depth, exact), depth, model.budget.relative_error


def valley_bed(dx: float) -> tuple[Numbers, Numbers]:
    """Bed, m, and roughness of the V-catchment; the valley falls with the row."""
    side, wide = round(SIDE.length / dx), round(CHANNEL_WIDTH / dx)
    along = centres(round(CHANNEL.length / dx), dx)
    across = centres(2 * side + wide, dx)
    away = np.maximum(np.abs(across - across.mean()) - 0.5 * CHANNEL_WIDTH, 0.0)
    top = CHANNEL.fall * CHANNEL.length + 1.0  # 1 m above the upper end of the channel
    channel = away == 0.0
    hill = np.broadcast_to(top + SIDE.fall * away, (along.size, across.size))
    bottom = np.broadcast_to(CHANNEL.fall * (CHANNEL.length - along[:, None]), hill.shape)
    return np.where(channel, bottom, hill), np.broadcast_to(
        np.where(channel, CHANNEL.manning, SIDE.manning), hill.shape
    ).copy()


def valley(scheme: Scheme, dx: float) -> tuple[Numbers, Numbers, float]:
    """Times, outflow in m3/s, the volume error."""
    bed, manning = valley_bed(dx)
    active = np.ones(bed.shape, np.bool_)
    first = round(SIDE.length / dx)
    last = first + round(CHANNEL_WIDTH / dx) - 1
    model = make_model(
        bed,
        dx,
        manning,
        scheme=scheme,
        boundaries=[
            Boundary("normal_depth", edge_faces(active, "north", first, last), slope=CHANNEL.fall)
        ],
    )
    model.set_rain(SIDE.rain)
    times, left = np.arange(EVERY, END + 1.0, EVERY), [0.0]
    for time in times:
        if time == SIDE.stop + EVERY:
            model.set_rain(0.0)
        model.run_until(float(time))
        left.append(model.budget.outflow)
    return times - 0.5 * EVERY, np.diff(left) / EVERY, model.budget.relative_error


def run(images: Path, quick: bool) -> Section:
    """Plane and valley."""
    grids = PLANE_GRIDS[:3] if quick else PLANE_GRIDS
    rows, volumes, figures, finest = [], [], [], {}
    for scheme in FULL:
        errors = []
        for cells in grids:
            error, finest[scheme], lost = plane(scheme, cells)
            errors.append(error)
            volumes.append(Volume(f"plane, {scheme}, {cells} cells", "single", lost))
        name = scheme.replace("_", " ")
        rows.append((name, *map(number, errors), *(f"{o:.2f}" for o in orders(grids, errors))))
        figures.append(
            Figure(
                f"tilted plane, {name}, {WIDE / grids[-1]:g} m",
                errors[-1],
                "%",
                beside="none known to us",
            )
        )
    hydrographs: dict[Scheme, tuple[Numbers, Numbers]] = {}
    found, kinematic = [], np.empty(0)
    lost_in_channel = []
    for scheme in SCHEMES:
        for dx in VALLEY_DX[:1] if quick else VALLEY_DX:
            times, flow, lost = valley(scheme, dx)
            if not kinematic.size:
                kinematic = valley_outflow(SIDE, CHANNEL, CHANNEL_WIDTH, times)
            volumes.append(Volume(f"V-catchment, {scheme}, {dx:g} m", "single", lost))
            score, peak = nse(flow, kinematic), 100.0 * (flow.max() / kinematic.max() - 1.0)
            found.append((scheme.replace("_", " "), f"{dx:g} m", f"{score:.4f}", f"{peak:+.2f} %"))
            hydrographs[scheme] = (times, flow)
        if score < 0.9:
            lost_in_channel.append(scheme.replace("_", " "))
        figures.append(
            Figure(
                f"V-catchment: outflow, NSE, {scheme.replace('_', ' ')}, {dx:g} m",
                score,
                beside="none known to us; Di Giammarco et al. print curves",
            )
        )
    _draw(images, finest, hydrographs, kinematic)
    return Section(
        name="slopes",
        title="Rain on a tilted plane and on a V-catchment",
        source="Kinematic wave: Henderson and Wooding (1964), doi:10.1029/JZ069i008p01531. V-catchment: Di Giammarco, Todini "
        "and Lamberti (1996), J. Hydrol. 175, doi:10.1016/S0022-1694(96)80014-X.",
        setup=f"Plane of {WIDE:.0f} × {LONG:.0f} m that falls by 2 % along (2, 1), n = 0.03, 50 mm/h, closed above, normal depth "
        "below; depth once steady against (r s / a)^(3/5), s the way down from the upper edge. V-catchment: two sides of "
        "800 × 1000 m at 5 %, n = 0.015, into a channel 20 m wide at 2 %, n = 0.15, 10.8 mm/h for 90 min; outflow against "
        "the kinematic wave (sides exact, channel solved on 4000 cells).",
        figures=tuple(figures),
        tables=(
            Table(
                "Tilted plane: relative L1 of the steady depth, %, and order",
                (
                    "scheme",
                    *(f"{WIDE / n:g} m" for n in grids),
                    *(f"order {WIDE / n:g} m" for n in grids[1:]),
                ),
                tuple(rows),
            ),
            Table(
                "V-catchment: outflow against the kinematic wave",
                ("scheme", "cell", "NSE", "peak"),
                tuple(found),
            ),
        ),
        pictures=(
            Picture(
                "slopes.png",
                "Steady depth of the plane along its middle row; outflow of the V-catchment",
            ),
        ),
        volumes=tuple(volumes),
        notes=(
            "The reference is a kinematic wave and the model a dynamic one: where films meet a wall or a corner they differ "
            "in physics, so the error of the plane need not go to zero with the cell.",
            *(
                f"The {name} scheme does not carry the water out of a channel of one or two cells between banks up to 20 m high: "
                f"a known weakness; do not use it there."
                for name in lost_in_channel
            ),
        ),
    )


def _draw(
    images: Path,
    finest: dict[Scheme, Numbers],
    hydrographs: dict[Scheme, tuple[Numbers, Numbers]],
    kinematic: Numbers,
) -> None:
    with picture(images, "slopes.png", columns=2, size=(9.0, 3.2)) as (left, right):
        for scheme, depth in finest.items():
            x = centres(depth.shape[1], WIDE / depth.shape[1])
            left.plot(x, 1000.0 * depth[depth.shape[0] // 2], **of(scheme))
        way = np.minimum(x / TO_X, 0.5 * LONG / TO_Y)
        left.plot(x, 1000.0 * PLANE.steady_depth(way), label="kinematic", linestyle="--", **EXACT)
        left.set(xlabel="x [m]", ylabel="h [mm]")
        left.legend(frameon=False)
        for scheme, (times, flow) in hydrographs.items():
            right.plot(times / 60.0, flow, **of(scheme))
        right.plot(times / 60.0, kinematic, label="kinematic", linestyle="--", **EXACT)
        right.set(xlabel="t [min]", ylabel="outflow [m³/s]")
        right.legend(frameon=False)
