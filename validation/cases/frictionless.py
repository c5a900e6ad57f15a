"""Dam breaks and the radial bowl on 200 x 200 cells: the cases with promised figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from validation.compare import relative_l1
from validation.exact.bowls import RadialBowl
from validation.exact.dam_break import ritter, stoker
from validation.flow import FULL, SCHEMES, Numbers, Scheme, centres, make_model
from validation.peers import FRICTIONLESS, MEASURED
from validation.plots import EXACT, of, picture
from validation.record import Figure, Picture, Section, Table, Volume, number

CELLS = 200
DAM_DX = 10.0  # m
BOWL_DX = 15.0  # m
BOWL = RadialBowl(radius=1000.0, depth=10.0, start=800.0)
TIME = {"Stoker": 150.0, "Ritter": 120.0}  # s
DOWNSTREAM = {"Stoker": 0.1, "Ritter": 0.0}  # m
PROMISE: dict[Scheme, dict[str, float]] = {
    "full": {"Stoker": 1.0, "Ritter": 0.6, "bowl T": 1.5},
    "second_order": {"Stoker": 0.25, "Ritter": 0.28, "bowl T": 0.40},
}
ORDER = ("Stoker", "Ritter", "bowl T/2", "bowl T")


def dam_break(name: str, scheme: Scheme, cells: int = CELLS) -> tuple[float, Numbers, float]:
    """Relative L1 of depth in %, the depth along the middle row, the volume error."""
    dx = 2000.0 / cells
    x = centres(cells, dx, -1000.0)
    low = DOWNSTREAM[name]
    start = np.tile(np.where(x < 0.0, 1.0, low), (cells, 1))
    model = make_model(np.zeros_like(start), dx, depth=start, scheme=scheme)
    model.run_until(TIME[name])
    exact = stoker(x, TIME[name], 1.0, low)[0] if low else ritter(x, TIME[name], 1.0)[0]
    depth = np.asarray(model.depth, np.float64)
    error = relative_l1(depth, np.tile(exact, (cells, 1)))
    return error, depth[cells // 2], model.budget.relative_error


def bowl(scheme: Scheme, cells: int = CELLS) -> tuple[float, float, Numbers, float]:
    """Relative L1 of depth in % at T/2 and T, the depth along the middle row at T, the volume."""
    dx = 3000.0 / cells
    x = centres(cells, dx, -1500.0)
    r = np.hypot(x[None, :], x[:, None])
    model = make_model(BOWL.bed(r), dx, depth=BOWL.h(r, 0.0), scheme=scheme)
    errors = []
    for time in (0.5 * BOWL.period, BOWL.period):
        model.run_until(time)
        errors.append(relative_l1(model.depth, BOWL.h(r, time)))
    middle = np.asarray(model.depth, np.float64)[cells // 2]
    return errors[0], errors[1], middle, model.budget.relative_error


def run(images: Path, quick: bool) -> Section:
    """All schemes on all four, beside the peers."""
    errors: dict[Scheme, dict[str, float]] = {}
    volumes, profiles = [], {}
    for scheme in SCHEMES:
        found: dict[str, float] = {}
        for name in ("Stoker", "Ritter"):
            found[name], profiles[name, scheme], lost = dam_break(name, scheme)
            volumes.append(Volume(f"{name}, {scheme}", "single", lost))
        half, whole, profiles["bowl T", scheme], lost = bowl(scheme)
        found |= {"bowl T/2": half, "bowl T": whole}
        volumes.append(Volume(f"bowl, {scheme}", "single", lost))
        errors[scheme] = found
    _draw(images, profiles)
    figures = [
        Figure(f"{name}, {scheme.replace('_', ' ')}", errors[scheme][name], "%", limit)
        for scheme in FULL
        for name, limit in PROMISE[scheme].items()
    ]
    ours = [
        (f"**Anlan, {s.replace('_', ' ')}**", *(number(errors[s][n]) for n in ORDER))
        for s in SCHEMES
    ]
    theirs = [
        (name, *("stopped" if v is None else f"{v:g}" for v in values))
        for name, values in FRICTIONLESS.items()
    ]
    return Section(
        name="frictionless",
        title="Dam breaks and radial bowl, 200 × 200",
        source="Stoker (1957), Ritter (1892), Thacker (1981, eq. 50) as in SWASHES 4.1.1, 4.1.2, 4.2.2 "
        "([Delestre et al. 2013](https://doi.org/10.1002/fld.3741)).",
        setup="No friction, closed edges, cells of 10 m (dam breaks: 1 m of water over 0.1 m, read at 150 s; over dry "
        "ground, at 120 s) and 15 m (bowl of a = 1000 m, h0 = 10 m, r0 = 800 m, read after half a period and one of "
        f"{BOWL.period:.0f} s). Error: sum of |h − exact| over sum of exact depths, all cells.",
        figures=tuple(figures),
        tables=(
            Table(
                f"Relative L1 of depth, %; other engines {MEASURED}",
                ("engine", *ORDER),
                (*ours, *theirs),
            ),
        ),
        pictures=(
            Picture("frictionless.png", "Depth along the middle row at the end, and the exact one"),
        ),
        volumes=tuple(volumes),
        notes=(
            "*inertial* leaves out advection by design; these cases show what that costs. They are outside its range.",
        ),
    )


def _draw(images: Path, profiles: dict[tuple[str, Scheme], Numbers]) -> None:
    with picture(images, "frictionless.png", columns=3, size=(9.0, 3.0)) as axes:
        for ax, name in zip(axes, ("Stoker", "Ritter", "bowl T"), strict=True):
            dx, start = (BOWL_DX, -1500.0) if name == "bowl T" else (DAM_DX, -1000.0)
            x = centres(CELLS, dx, start)
            for scheme in SCHEMES:
                ax.plot(x, profiles[name, scheme], **of(scheme))
            fine = np.linspace(x[0], x[-1], 2001)
            if name == "bowl T":
                exact = BOWL.h(np.hypot(fine, 0.5 * dx), BOWL.period)
            elif name == "Stoker":
                exact = stoker(fine, TIME[name], 1.0, DOWNSTREAM[name])[0]
            else:
                exact = ritter(fine, TIME[name], 1.0)[0]
            ax.plot(fine, exact, label="exact", **EXACT)
            ax.set(title=name, xlabel="x [m]")
        axes[0].set_ylabel("h [m]")
        axes[0].legend(frameon=False, fontsize=8)
