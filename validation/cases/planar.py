"""Thacker's plane surface in a parabolic valley, on four grids."""

from __future__ import annotations

from pathlib import Path

from validation.compare import orders, relative_l1
from validation.exact.bowls import PlanarValley
from validation.flow import FULL, Scheme, centres, make_model, rows_of
from validation.plots import EXACT, of, picture
from validation.record import Figure, Picture, Section, Table, Volume, number

VALLEY = PlanarValley(width=1000.0, depth=10.0, swing=500.0)
LENGTH = 4000.0  # m, the valley in its middle
GRIDS = (50, 100, 200, 400)
MOST = 0.5  # %, promised from 200 cells on


def _swing(scheme: Scheme, cells: int) -> tuple[float, list[float], float]:
    """Relative L1 of depth in % after one period, the last depth, the volume error."""
    dx = LENGTH / cells
    x = centres(cells, dx, -0.5 * LENGTH)
    model = make_model(rows_of(VALLEY.bed(x)), dx, depth=rows_of(VALLEY.h(x, 0.0)), scheme=scheme)
    model.run_until(VALLEY.period)
    depth = model.depth[1]
    return relative_l1(depth, VALLEY.h(x, VALLEY.period)), depth, model.budget.relative_error


def run(images: Path, quick: bool) -> Section:
    """Errors, orders and a plot of the finest grid."""
    grids = GRIDS[:3] if quick else GRIDS
    rows, volumes, finest = [], [], {}
    figures = []
    for scheme in FULL:
        errors = []
        for cells in grids:
            error, finest[scheme], lost = _swing(scheme, cells)
            errors.append(error)
            volumes.append(Volume(f"{scheme}, {cells} cells", "single", lost))
        name = scheme.replace("_", " ")
        found = orders(grids, errors)
        rows.append((name, *(number(e) for e in errors), *(f"{o:.2f}" for o in found)))
        figures.append(
            Figure(f"{name}, {grids[-1]} cells", errors[-1], "%", MOST, beside="none known to us")
        )
    x = centres(grids[-1], LENGTH / grids[-1], -0.5 * LENGTH)
    with picture(images, "planar.png") as ax:
        ax.plot(x, VALLEY.bed(x), color="#7a5c3a", linewidth=1.0, label="bed")
        for scheme in FULL:
            ax.plot(x, finest[scheme] + VALLEY.bed(x), **of(scheme))
        exact = VALLEY.h(x, VALLEY.period)
        ax.plot(x[exact > 0], (exact + VALLEY.bed(x))[exact > 0], label="exact", **EXACT)
        ax.set(xlabel="x [m]", ylabel="level [m]", ylim=(-12, 15))
        ax.legend(frameon=False)
    columns = ("scheme", *(f"{n} cells" for n in grids), *(f"order {n}" for n in grids[1:]))
    return Section(
        name="planar",
        title="Plane surface in a parabolic valley",
        source="Thacker (1981); SWASHES 4.2.1 ([Delestre et al. 2013](https://doi.org/10.1002/fld.3741)).",
        setup=f"Valley of a = 1000 m and h0 = 10 m, shoreline swinging by ±500 m, no friction, read after one period of "
        f"{VALLEY.period:.0f} s over {LENGTH:.0f} m. Two moving shorelines.",
        figures=tuple(figures),
        tables=(
            Table(
                "Relative L1 of depth, %, and order between neighbouring grids",
                columns,
                tuple(rows),
            ),
        ),
        pictures=(Picture("planar.png", f"Level after one period, {grids[-1]} cells"),),
        volumes=tuple(volumes),
    )
