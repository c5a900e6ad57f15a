"""MacDonald's steady channels, with and without rain, on four grids."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from anlan.hydraulics import Boundary, edge_faces
from validation.compare import orders, relative_l1
from validation.exact.channels import Channel, subcritical, transcritical
from validation.flow import FULL, Numbers, Scheme, centres, make_model, rows_of
from validation.plots import EXACT, of, picture
from validation.record import Figure, Picture, Section, Table, Volume, number

CHANNELS = (subcritical(), subcritical(rain=0.001, inflow=1.0), transcritical())
GRIDS = (50, 100, 200, 400)
ROWS = 3
LONG = 7200.0  # s, until steady
RIPPLES = (
    "On the finest grid the full scheme ripples by a centimetre or two ahead of the outflow, where the flow is all but "
    "critical, and its error grows again: a known weakness. The second-order scheme does not."
)
LAST_DEPTH = {c.name: float(c.h(np.array([c.length]))[0]) for c in CHANNELS}


def _boundaries(channel: Channel, cells: int, dx: float) -> list[Any]:
    active = np.ones((ROWS, cells), np.bool_)
    inflow = Boundary("discharge", edge_faces(active, "west"), channel.inflow * ROWS * dx)
    east = edge_faces(active, "east")
    if channel.name == "subcritical to supercritical":
        return [inflow, Boundary("open", east)]
    return [inflow, Boundary("level", east, LAST_DEPTH[channel.name])]  # the bed is 0 there


def steady(channel: Channel, scheme: Scheme, cells: int) -> tuple[float, Numbers, float]:
    """Relative L1 of the steady depth in %, the depth, the volume error."""
    dx = channel.length / cells
    x = centres(cells, dx)
    bed, exact = rows_of(channel.bed(x), ROWS), channel.h(x)
    model = make_model(
        bed,
        dx,
        channel.manning,
        depth=rows_of(exact, ROWS),
        u=rows_of(channel.q(x) / exact, ROWS),
        scheme=scheme,
        boundaries=_boundaries(channel, cells, dx),
    )
    if channel.rain:
        model.set_rain(channel.rain)
    model.run_until(LONG)
    depth = np.asarray(model.depth, np.float64)[1]
    return relative_l1(depth, exact), depth, model.budget.relative_error


def run(images: Path, quick: bool) -> Section:
    """Errors, orders and profiles."""
    grids = GRIDS[:3] if quick else GRIDS
    rows, volumes, figures = [], [], []
    grew = False
    finest: dict[tuple[str, Scheme], Numbers] = {}
    for channel in CHANNELS:
        for scheme in FULL:
            errors = []
            for cells in grids:
                error, finest[channel.name, scheme], lost = steady(channel, scheme, cells)
                errors.append(error)
                volumes.append(Volume(f"{channel.name}, {scheme}, {cells} cells", "single", lost))
            name = scheme.replace("_", " ")
            found = orders(grids, errors)
            grew |= scheme == "full" and min(found) < 0.0
            rows.append((channel.name, name, *map(number, errors), *(f"{o:.2f}" for o in found)))
            figures.append(
                Figure(
                    f"{channel.name}, {name}, {grids[-1]} cells",
                    errors[-1],
                    "%",
                    beside="none known to us",
                )
            )
    _draw(images, finest, grids[-1])
    notes = (RIPPLES,) if grew else ()
    head = ("channel", "scheme", *(f"{n} cells" for n in grids))
    return Section(
        name="channels",
        title="Steady channels with friction, and with rain",
        source="MacDonald et al. (1997), doi:10.1061/(ASCE)0733-9429(1997)123:11(1041); SWASHES 3.2.1 and, with rain, "
        "3.3.1 ([Delestre et al. 2013](https://doi.org/10.1002/fld.3741)).",
        setup="1000 m; beds made so that a given depth is exact: calm flow (n = 0.033, 2 m²/s), the same with 1 m²/s and "
        "1 mm/s of rain, and calm flow that turns fast (n = 0.0218, 2 m²/s). Discharge prescribed at the inflow, level at "
        "the outflow (open where it is fast); read after two hours.",
        figures=tuple(figures),
        tables=(
            Table(
                "Relative L1 of depth, %, and order between neighbouring grids",
                (*head, *(f"order {n}" for n in grids[1:])),
                tuple(rows),
            ),
        ),
        pictures=(Picture("channels.png", f"Depth once steady, {grids[-1]} cells"),),
        volumes=tuple(volumes),
        notes=notes,
    )


def _draw(images: Path, finest: dict[tuple[str, Scheme], Numbers], cells: int) -> None:
    with picture(images, "channels.png", columns=3, size=(9.0, 3.0)) as axes:
        for ax, channel in zip(axes, CHANNELS, strict=True):
            x = centres(cells, channel.length / cells)
            for scheme in FULL:
                ax.plot(x, finest[channel.name, scheme], **of(scheme))
            ax.plot(x, channel.h(x), label="exact", linestyle="--", **EXACT)
            ax.set(title=channel.name, xlabel="x [m]")
        axes[0].set_ylabel("h [m]")
        axes[0].legend(frameon=False)
