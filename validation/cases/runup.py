"""Waves that run up a plane beach and do not break."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from anlan.hydraulics import Boundary, Series, edge_faces
from validation.compare import orders, rmse
from validation.exact import G
from validation.exact.runup import StandingWave, run_up_law, solitary_wave
from validation.flow import FULL, Numbers, Scheme, centres, make_model, rows_of
from validation.plots import EXACT, of, picture
from validation.record import Figure, Picture, Section, Table, Volume, number

ROWS = 3
WAVE = StandingWave(slope=0.04, length=20.0, amplitude=0.6)
SEAWARD, LANDWARD = 40.0, 8.0  # m from the still shoreline
GRIDS = (96, 192, 384, 768)
SWINGS = 2
WET = 1e-3  # m: the shoreline is the last cell with more

HEIGHT, COTANGENT = 0.0185, 19.85  # of the solitary wave over 1 m of water
SOLITARY_DX = (0.2, 0.1, 0.05)


def standing(scheme: Scheme, cells: int) -> tuple[float, Numbers, Numbers, Numbers, float]:
    """Error of the shore's level as % of its swing, times, shore, last level, volume error."""
    dx = (SEAWARD + LANDWARD) / cells
    x = centres(cells, dx, -SEAWARD)
    bed = WAVE.slope * x
    level = WAVE.level(x, 0.0)
    depth = np.maximum(np.nan_to_num(level, nan=-math.inf) - bed, 0.0)
    times = np.linspace(0.0, SWINGS * WAVE.period, 801)
    edge = np.array([float(WAVE.level(np.array([-SEAWARD]), t)[0]) for t in times])
    model = make_model(
        rows_of(bed, ROWS),
        dx,
        depth=rows_of(depth, ROWS),
        scheme=scheme,
        boundaries=[
            Boundary(
                "level", edge_faces(np.ones((ROWS, cells), np.bool_), "west"), Series(times, edge)
            )
        ],
    )
    seen = np.linspace(0.0, SWINGS * WAVE.period, 81)[1:]
    shore = []
    for time in seen:
        model.run_until(float(time))
        h = np.asarray(model.depth, np.float64)[1]
        last = int(np.nonzero(h > WET)[0][-1])
        shore.append(h[last] + bed[last])
    exact = np.array([WAVE.shore(float(t)) for t in seen])
    swing = float(exact.max() - exact.min())
    h = np.asarray(model.depth, np.float64)[1]
    level = np.where(h > WET, h + bed, np.nan)
    return (
        100.0 * rmse(shore, exact) / swing,
        seen,
        np.array(shore),
        level,
        model.budget.relative_error,
    )


def solitary(scheme: Scheme, dx: float) -> tuple[float, float]:
    """Highest run-up over the depth of 1 m, and the volume error."""
    k = math.sqrt(0.75 * HEIGHT)
    crest = (
        COTANGENT + math.acosh(math.sqrt(20.0)) / k
    )  # Synolakis (1987): half a wave from the toe
    cells = round((crest + 40.0 + 5.0) / dx)
    x = centres(cells, dx, -5.0)  # seaward positive, the still shoreline at 0
    bed = -np.minimum(x, COTANGENT) / COTANGENT
    eta = solitary_wave(x, HEIGHT, 1.0, crest)
    depth = np.maximum(eta - bed, 0.0)
    u = np.where(depth > 0.0, -eta * math.sqrt(G), 0.0)
    model = make_model(
        rows_of(bed, ROWS), dx, depth=rows_of(depth, ROWS), u=rows_of(u, ROWS), scheme=scheme
    )
    highest = 0.0
    for time in np.arange(0.25, 25.0, 0.25):
        model.run_until(float(time))
        h = np.asarray(model.depth, np.float64)[1]
        highest = max(highest, float((h + bed)[h > WET].max(initial=0.0, where=(x < 5.0)[h > WET])))
    return highest, model.budget.relative_error


def run(images: Path, quick: bool) -> Section:
    """Both waves."""
    grids = GRIDS[:3] if quick else GRIDS
    rows, volumes, figures, finest = [], [], [], {}
    for scheme in FULL:
        errors = []
        for cells in grids:
            error, seen, shore, level, lost = standing(scheme, cells)
            finest[scheme] = (seen, shore, level)
            errors.append(error)
            volumes.append(Volume(f"standing wave, {scheme}, {cells} cells", "single", lost))
        name = scheme.replace("_", " ")
        rows.append((name, *map(number, errors), *(f"{o:.2f}" for o in orders(grids, errors))))
        figures.append(
            Figure(
                f"standing wave: level at the shore, {name}, {grids[-1]} cells",
                errors[-1],
                "% of its swing (RMS)",
                beside="none known to us",
            )
        )
    law = run_up_law(HEIGHT, 1.0, COTANGENT)
    found = []
    for scheme in FULL:
        heights = []
        for dx in SOLITARY_DX:
            height, lost = solitary(scheme, dx)
            heights.append(height)
            volumes.append(Volume(f"solitary wave, {scheme}, {dx} m", "single", lost))
        name = scheme.replace("_", " ")
        found.append((name, *(f"{h:.4f}" for h in heights)))
        figures.append(
            Figure(
                f"solitary wave: run-up against the law, {name}, {SOLITARY_DX[-1]} m",
                100.0 * abs(heights[-1] / law - 1.0),
                "%",
                promise=5.0,
                beside="≤ 5 % is asked of a tsunami model by Synolakis et al. (2007)",
            )
        )
    found.append(("run-up law", *(f"{law:.4f}" for _ in SOLITARY_DX)))
    _draw(images, finest, grids[-1])
    return Section(
        name="runup",
        title="Run-up on a plane beach",
        source="Standing wave: Carrier and Greenspan (1958), doi:10.1017/S0022112058000331, the solution that Lynett et al. "
        "(2002) and others run up their models with. Solitary wave: Synolakis (1987), doi:10.1017/S002211208700329X, eq. "
        "3.10; criterion: Synolakis et al. (2007), NOAA Tech. Memo. OAR PMEL-135.",
        setup=f"Standing wave on a 1:25 beach, {WAVE.period:.1f} s, highest run-up {WAVE.shore(0.0):.2f} m, for {SWINGS} swings; "
        f"level prescribed {SEAWARD:.0f} m from the shore. Solitary wave of H/d = {HEIGHT} on 1:{COTANGENT}, which does not "
        "break. No friction. The shoreline is the last cell with more than 1 mm.",
        figures=tuple(figures),
        tables=(
            Table(
                "Standing wave: RMS error of the level at the shore, % of its swing, and order",
                ("scheme", *(f"{n} cells" for n in grids), *(f"order {n}" for n in grids[1:])),
                tuple(rows),
            ),
            Table(
                "Solitary wave: highest run-up over depth",
                ("scheme", *(f"{dx} m" for dx in SOLITARY_DX)),
                tuple(found),
            ),
        ),
        pictures=(
            Picture(
                "runup.png",
                f"Standing wave: level at the shore, and after {SWINGS} swings, {grids[-1]} cells",
            ),
        ),
        volumes=tuple(volumes),
        notes=("The law is asymptotic for small waves, so its last per cent is not the model's.",),
    )


def _draw(images: Path, finest: dict[Scheme, tuple[Numbers, Numbers, Numbers]], cells: int) -> None:
    x = centres(cells, (SEAWARD + LANDWARD) / cells, -SEAWARD)
    with picture(images, "runup.png", columns=2, size=(9.0, 3.2)) as (left, right):
        for scheme, (seen, shore, level) in finest.items():
            left.plot(seen, shore, **of(scheme))
            right.plot(x, level, **of(scheme))
        fine = np.linspace(0.0, SWINGS * WAVE.period, 400)
        left.plot(
            fine, [WAVE.shore(float(t)) for t in fine], label="exact", linestyle="--", **EXACT
        )
        right.plot(x, WAVE.level(x, SWINGS * WAVE.period), label="exact", linestyle="--", **EXACT)
        right.plot(x, WAVE.slope * x, color="#7a5c3a", linewidth=1.0, label="bed")
        left.set(xlabel="t [s]", ylabel="level at the shore [m]")
        right.set(xlabel="x [m]", ylabel="level [m]", xlim=(-20, 6), ylim=(-0.4, 0.25))
        right.legend(frameon=False)
