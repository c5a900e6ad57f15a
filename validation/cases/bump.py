"""Flow over a bump that turns fast and jumps back, on four grids."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anlan.hydraulics import Boundary, edge_faces
from validation.compare import orders, relative_l1
from validation.exact import bump
from validation.flow import FULL, Numbers, Scheme, centres, make_model, rows_of
from validation.plots import EXACT, of, picture
from validation.record import Figure, Picture, Section, Table, Volume, number

GRIDS = (100, 200, 400, 800)
ROWS = 3
LONG = 400.0  # s, until steady


def _steady(scheme: Scheme, cells: int) -> tuple[float, Numbers, float]:
    """Relative L1 of the steady depth in %, the depth, the volume error."""
    dx = bump.LENGTH / cells
    x = centres(cells, dx)
    z = bump.bed(x)
    active = np.ones((ROWS, cells), np.bool_)
    model = make_model(
        rows_of(z, ROWS),
        dx,
        depth=rows_of(bump.LEVEL - z, ROWS),
        scheme=scheme,
        boundaries=[
            Boundary("discharge", edge_faces(active, "west"), bump.DISCHARGE * ROWS * dx),
            Boundary("level", edge_faces(active, "east"), bump.LEVEL),
        ],
    )
    model.run_until(LONG)
    depth = np.asarray(model.depth, np.float64)[1]
    return relative_l1(depth, bump.depth(x)), depth, model.budget.relative_error


def run(images: Path, quick: bool) -> Section:
    """Errors, orders and the profile."""
    grids = GRIDS[:3] if quick else GRIDS
    rows, volumes, figures, finest = [], [], [], {}
    for scheme in FULL:
        errors = []
        for cells in grids:
            error, finest[scheme], lost = _steady(scheme, cells)
            errors.append(error)
            volumes.append(Volume(f"{scheme}, {cells} cells", "single", lost))
        name = scheme.replace("_", " ")
        rows.append((name, *map(number, errors), *(f"{o:.2f}" for o in orders(grids, errors))))
        figures.append(
            Figure(f"{name}, {grids[-1]} cells", errors[-1], "%", beside="none known to us")
        )
    x = centres(grids[-1], bump.LENGTH / grids[-1])
    with picture(images, "bump.png") as ax:
        ax.fill_between(x, bump.bed(x), color="#d9cbb8", label="bed")
        for scheme in FULL:
            ax.plot(x, finest[scheme] + bump.bed(x), **of(scheme))
        ax.plot(x, bump.depth(x) + bump.bed(x), label="exact", linestyle="--", **EXACT)
        ax.set(xlabel="x [m]", ylabel="level [m]", xlim=(5, 18), ylim=(0, 0.5))
        ax.legend(frameon=False, ncols=2)
    return Section(
        name="bump",
        title="Transcritical flow over a bump with a jump",
        source="Goutal and Maurel (1997); SWASHES 3.1.5 ([Delestre et al. 2013](https://doi.org/10.1002/fld.3741)).",
        setup=f"25 m without friction, 0.18 m²/s, level 0.33 m at the outflow, started at rest and read after {LONG:.0f} s; "
        f"the jump stands at {bump.jump():.2f} m.",
        figures=tuple(figures),
        tables=(
            Table(
                "Relative L1 of depth, %, and order (1 at best: there is a jump)",
                ("scheme", *(f"{n} cells" for n in grids), *(f"order {n}" for n in grids[1:])),
                tuple(rows),
            ),
        ),
        pictures=(Picture("bump.png", f"Level once steady, {grids[-1]} cells"),),
        volumes=tuple(volumes),
    )
