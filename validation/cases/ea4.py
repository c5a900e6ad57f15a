"""Environment Agency test 4: how fast a flood spreads over a flat plain."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anlan.hydraulics import Boundary, Series, edge_faces
from validation.compare import arrival, rmse
from validation.flow import SCHEMES, Numbers, Scheme, make_model
from validation.plots import of, picture
from validation.record import Figure, Picture, Section, Table, Volume

DX, NX, NY = 5.0, 200, 400
MANNING = 0.05
END, EVERY = 18_000.0, 60.0
INFLOW = Series(
    np.array([0.0, 300.0, 3600.0, 14_400.0, 18_000.0]), np.array([0.0, 0.0, 20.0, 20.0, 0.0])
)
OPENING = 20.0  # m, in the middle of the western edge
POINTS = (
    (50.0, 1000.0),
    (100.0, 1000.0),
    (200.0, 1000.0),
    (300.0, 1000.0),
    (400.0, 1000.0),
    (300.0, 1300.0),
)
WET = 0.02  # m, taken as arrival

# LISFLOOD-FP 8.0 DG2 at 5 m: time, s, and depth at the six points, m
DG2 = np.array(
    [
        [900, 0.0995, 0, 0, 0, 0, 0],
        [1200, 0.1411, 0.0740, 0, 0, 0, 0],
        [1800, 0.1983, 0.1407, 0.0003, 0, 0, 0],
        [2400, 0.2414, 0.1834, 0.1025, 0, 0, 0],
        [3000, 0.2775, 0.2172, 0.1432, 0.0662, 0, 0],
        [3600, 0.3092, 0.2461, 0.1739, 0.1137, 0, 0],
        [4200, 0.3163, 0.2580, 0.1937, 0.1431, 0.0838, 0.0593],
        [4800, 0.3185, 0.2622, 0.2026, 0.1590, 0.1144, 0.1003],
        [5400, 0.3198, 0.2647, 0.2080, 0.1684, 0.1310, 0.1204],
        [6000, 0.3208, 0.2665, 0.2117, 0.1747, 0.1416, 0.1327],
        [7200, 0.3221, 0.2689, 0.2166, 0.1830, 0.1546, 0.1475],
        [9000, 0.3233, 0.2712, 0.2211, 0.1901, 0.1654, 0.1595],
        [10800, 0.3241, 0.2727, 0.2240, 0.1946, 0.1718, 0.1665],
        [12600, 0.3247, 0.2737, 0.2259, 0.1976, 0.1762, 0.1712],
    ]
)
DG2_ARRIVAL = (629.0, 1003.0, 1847.0, 2760.0, 3719.0, 3996.0)  # s, of 2 cm
DG2_PEAK = (0.3251, 0.2745, 0.2275, 0.2002, 0.1800, 0.1755)  # m
ACC_PEAK = (0.3293, 0.2771, 0.2288, 0.2010, 0.1805, 0.1761)  # m, LISFLOOD-FP 8.0 ACC at 1 m
SPREAD = 300.0  # s between the packages of the report


def simulate(scheme: Scheme, coarser: int = 1) -> tuple[Numbers, Numbers, float]:
    """Times, s, depths at the points, m, (n, 6), and the volume error."""
    dx, nx, ny = DX * coarser, NX // coarser, NY // coarser
    half = round(0.5 * OPENING / dx)
    west = edge_faces(np.ones((ny, nx), np.bool_), "west", ny // 2 - half, ny // 2 + half - 1)
    model = make_model(
        np.zeros((ny, nx)),
        dx,
        MANNING,
        scheme=scheme,
        boundaries=[Boundary("discharge", west, INFLOW)],
    )
    times = np.arange(EVERY, END + 1.0, EVERY)
    depths = []
    for time in times:
        model.run_until(float(time))
        depths.append(at_points(np.asarray(model.depth, np.float64), dx))
    return times, np.array(depths), model.budget.relative_error


def at_points(depth: Numbers, dx: float) -> list[float]:
    """Depth at the points, which lie on corners of cells: the mean of the four around."""
    found = []
    for x, y in POINTS:
        column, row = round(x / dx), round(y / dx)
        found.append(float(depth[row - 1 : row + 1, column - 1 : column + 1].mean()))
    return found


def run(images: Path, quick: bool) -> Section:
    """All schemes beside the published series."""
    figures, rows, volumes, curves = [], [], [], {}
    for scheme in SCHEMES:
        times, depths, lost = simulate(scheme, 2 if quick else 1)
        curves[scheme] = depths
        volumes.append(Volume(scheme, "single", lost))
        name = scheme.replace("_", " ")
        came = [arrival(times, depths[:, k], WET) for k in range(6)]
        late = [found - theirs for found, theirs in zip(came, DG2_ARRIVAL, strict=True)]
        sampled = np.column_stack([np.interp(DG2[:, 0], times, depths[:, k]) for k in range(6)])
        difference = 1000.0 * rmse(sampled, DG2[:, 1:])
        figures += [
            Figure(
                f"arrival of 2 cm at the six points, largest difference from LISFLOOD-FP DG2, {name}",
                max(map(abs, late)),
                "s",
                SPREAD,
                beside="packages of the report differ by about 5 min among themselves",
            ),
            Figure(
                f"depth at the six points, RMS difference from LISFLOOD-FP DG2, {name}",
                difference,
                "mm",
            ),
        ]
        rows += [
            (name, "arrival of 2 cm, min", *(f"{t / 60.0:.1f}" for t in came)),
            (name, "highest depth, m", *(f"{h:.4f}" for h in depths.max(axis=0))),
        ]
    rows += [
        (
            "LISFLOOD-FP 8.0 DG2, 5 m",
            "arrival of 2 cm, min",
            *(f"{t / 60.0:.1f}" for t in DG2_ARRIVAL),
        ),
        ("LISFLOOD-FP 8.0 DG2, 5 m", "highest depth, m", *(f"{h:.4f}" for h in DG2_PEAK)),
        ("LISFLOOD-FP 8.0 ACC, 1 m", "highest depth, m", *(f"{h:.4f}" for h in ACC_PEAK)),
    ]
    with picture(images, "ea4.png", rows=2, columns=3, size=(9.0, 4.6)) as axes:
        for k, ax in enumerate(axes.flat):
            for scheme in SCHEMES:
                ax.plot(times / 60.0, curves[scheme][:, k], **of(scheme))
            ax.plot(DG2[:, 0] / 60.0, DG2[:, k + 1], "k.", markersize=5, label="LISFLOOD-FP DG2")
            ax.set(title=f"point {k + 1}", ylim=(0, None))
        axes[0, 0].legend(frameon=False, fontsize=8)
        axes[1, 0].set(xlabel="t [min]", ylabel="h [m]")
    return Section(
        name="ea4",
        title="Environment Agency test 4: speed of a flood over a plain",
        source="Néelz and Pender (2013), Benchmarking the latest generation of 2D hydraulic modelling packages, Environment "
        "Agency SC120002, test 4. Series of LISFLOOD-FP 8.0: Shaw et al. (2021), doi:10.5194/gmd-14-3577-2021, data "
        "doi:10.5281/zenodo.4066824 (CC-BY-4.0).",
        setup="Flat plain of 1000 × 2000 m, dry, n = 0.05, cells of 5 m; a hydrograph that rises to 20 m³/s between 5 and 60 "
        "min, holds until 240 min and falls to zero at 300 min enters by a 20 m opening in the middle of the western edge; "
        "other edges closed; 5 h.",
        figures=tuple(figures),
        tables=(
            Table("At the six points", ("engine", "", *(f"{k}" for k in range(1, 7))), tuple(rows)),
        ),
        pictures=(Picture("ea4.png", "Depth at the six points beside LISFLOOD-FP 8.0 DG2 at 5 m"),),
        volumes=tuple(volumes),
        notes=(
            "The report's own curves are only printed as pictures, which we could not have; the five minutes between its "
            "packages are its words as others quote them. LISFLOOD-FP's run leaves its other edges open, which no water "
            "reaches before three hours.",
        ),
    )
