"""Environment Agency test 1: a rise that overtops a sill and leaves a pond behind it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.interpolate import PchipInterpolator

from anlan.hydraulics import Boundary, Series, edge_faces
from validation.flow import SCHEMES, Numbers, Scheme, centres, make_model, rows_of
from validation.plots import of, picture
from validation.record import Figure, Picture, Section, Table, Volume

DX, NX, NY = 10.0, 70, 10
MANNING = 0.03
START = 9.7  # m
END, EVERY = 72_000.0, 300.0
LEVEL = Series(
    np.array([0.0, 300.0, 3600.0, 39_600.0, 43_200.0, 72_000.0]),
    np.array([9.7, 9.7, 10.35, 10.35, 9.7, 9.7]),
)
POINTS = (400.0, 600.0)  # m from the west
PEAK, POND = 10.35, 10.25  # m, what the report expects at both points

# edges of the colours of a published plot of the terrain: place, m, and level, m
PROFILE = np.array(
    [
        [-20.0, 9.606], [1.9, 9.651], [23.8, 9.697], [45.7, 9.742], [66.6, 9.788], [87.6, 9.833],
        [109.5, 9.879], [130.4, 9.924], [152.3, 9.970], [173.2, 10.015], [194.1, 10.061],
        [216.0, 10.106], [238.0, 10.152], [258.9, 10.197], [286.8, 10.243], [301.0, 10.25],
        [315.6, 10.243], [342.5, 10.197], [359.5, 10.152], [372.4, 10.106], [385.4, 10.061],
        [396.3, 10.015], [408.3, 9.970], [420.2, 9.924], [433.2, 9.879], [447.1, 9.833],
        [465.0, 9.788], [500.8, 9.755], [536.7, 9.788], [554.7, 9.833], [568.6, 9.879],
        [581.6, 9.924], [593.5, 9.970], [605.5, 10.015], [616.4, 10.061], [628.4, 10.106],
        [640.3, 10.152], [651.3, 10.197], [663.2, 10.243], [674.2, 10.288], [686.1, 10.333],
        [698.1, 10.379], [710.0, 10.424],
    ]
)  # fmt: skip


def bed(x: Numbers) -> Numbers:
    """Terrain, m, as read from the plot: within about 1 cm."""
    return np.asarray(PchipInterpolator(PROFILE[:, 0], PROFILE[:, 1])(x))


def simulate(scheme: Scheme) -> tuple[Numbers, Numbers, float]:
    """Times, s, levels at the two points, m (bed where dry), the volume error."""
    z = rows_of(bed(centres(NX, DX)), NY)
    west = edge_faces(np.ones(z.shape, np.bool_), "west")
    model = make_model(
        z,
        DX,
        MANNING,
        depth=np.maximum(START - z, 0.0) * (centres(NX, DX) < 300.0),
        scheme=scheme,
        boundaries=[Boundary("level", west, LEVEL)],
    )
    times = np.arange(EVERY, END + 1.0, EVERY)
    levels = []
    for time in times:
        model.run_until(float(time))
        level = np.asarray(model.depth, np.float64) + z
        levels.append([float(level[NY // 2, int(x // DX)]) for x in POINTS])
    return times, np.array(levels), model.budget.relative_error


def run(images: Path, quick: bool) -> Section:
    """All schemes beside the expected levels."""
    sill = float(bed(centres(NX, DX))[20:40].max())
    figures, rows, volumes, curves = [], [], [], {}
    for scheme in SCHEMES:
        times, curves[scheme], lost = simulate(scheme)
        volumes.append(Volume(scheme, "single", lost))
        name = scheme.replace("_", " ")
        highest, last = curves[scheme].max(axis=0), curves[scheme][-1]
        figures += [
            Figure(
                f"highest level at points 1 and 2, off {PEAK} m, {name}",
                float(np.abs(highest - PEAK).max()),
                "m",
                0.01,
            ),
            Figure(
                f"pond left at the end, off {POND} m, {name}",
                float(np.abs(last - POND).max()),
                "m",
                0.01,
            ),
        ]
        rows.append((name, *(f"{v:.3f}" for v in (*highest, *last))))
    with picture(images, "ea1.png", columns=2, size=(9.0, 3.2)) as axes:
        for k, ax in enumerate(axes):
            for scheme in SCHEMES:
                ax.plot(times / 3600.0, curves[scheme][:, k], **of(scheme))
            ax.axhline(PEAK, color="black", linewidth=0.7, linestyle=":")
            ax.axhline(POND, color="black", linewidth=0.7, linestyle="--")
            ax.set(title=f"point {k + 1}, x = {POINTS[k]:.0f} m", xlabel="t [h]")
        axes[0].set_ylabel("level [m]")
        axes[1].legend(frameon=False)
    return Section(
        name="ea1",
        title="Environment Agency test 1: a disconnected water body",
        source="Néelz and Pender (2013), SC120002, test 1. Terrain read from the colours of a plot of its raster in "
        "KYANJO/GeoFlood (± 1 cm; sill 10.25 m); level series as there.",
        setup=f"700 × 100 m, cells of 10 m, n = 0.03; the level at the western edge rises from 9.7 to 10.35 m in an hour, stays "
        f"for ten hours and falls back, over a sill at 300 m into a hollow; 20 h. The highest cell of our sill is {sill:.3f} m.",
        figures=tuple(figures),
        tables=(
            Table(
                "Level, m",
                ("scheme", "highest at 1", "highest at 2", "final at 1", "final at 2"),
                tuple(rows),
            ),
        ),
        pictures=(Picture("ea1.png", "Level at the two points; dotted 10.35 m, dashed 10.25 m"),),
        volumes=tuple(volumes),
        notes=(
            "The original raster could not be had. The report expects both points to reach the level of the edge and to keep a "
            "pond at the level of the sill; a promise of 1 cm is ours, the accuracy of the terrain.",
        ),
    )
