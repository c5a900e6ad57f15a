"""The Monai tank: a tsunami of 1993 on a scale of 1:400, gauges beside the measurement."""

from __future__ import annotations

import io
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anlan.hydraulics import Boundary, Series, edge_faces
from validation.compare import rmse
from validation.flow import FULL, Numbers, Scheme, make_model
from validation.plots import EXACT, of, picture
from validation.record import Figure, Picture, Section, Table, Volume, number

DX = 0.014  # m
GAUGES = {"5": (4.521, 1.196), "7": (4.521, 1.696), "9": (4.521, 2.196)}
END, EVERY = 22.5, 0.05  # s: later the wave maker's reflections are not known
MANNING = 0.01
FOLDER = Path(__file__).parents[3] / "shared" / "data" / "monai_okushiri"


@dataclass(frozen=True)
class Tank:
    """The data of the benchmark.

    Attributes:
        bed: (ny, nx) at the points of the survey, which are cell centres here, m.
        times, wave: of the water level at the seaward edge, s and m.
        seen: time, s, and levels at gauges 5, 7, 9, m: (n, 4).
    """

    bed: Numbers
    times: Numbers
    wave: Numbers
    seen: Numbers


def folder() -> Path | None:
    """Where the data are; none if they are not at hand."""
    found = Path(os.environ.get("ANLAN_MONAI", FOLDER))
    return found if (found / "Benchmark_2_Bathymetry.zip").exists() else None


def load(data: Path) -> Tank:
    """Read the three files of the benchmark."""
    with zipfile.ZipFile(data / "Benchmark_2_Bathymetry.zip") as archive:
        name = next(n for n in archive.namelist() if n.endswith(".xya"))
        text = archive.read(name).decode("ascii")
    points = np.loadtxt(io.StringIO(text), delimiter=",", skiprows=1)
    nx, ny = (np.unique(points[:, k]).size for k in (0, 1))
    order = np.lexsort((points[:, 0], points[:, 1]))
    wave = np.loadtxt(data / "Benchmark_2_input.txt", skiprows=1)
    seen = np.loadtxt(data / "output_ch5-7-9.txt", skiprows=1)
    seen[:, 1:] /= 100.0
    return Tank(points[order, 2].reshape(ny, nx), wave[:, 0], wave[:, 1], seen)


def simulate(tank: Tank, scheme: Scheme, coarser: int = 1) -> tuple[Numbers, Numbers, float]:
    """Times, s, levels at the gauges, m, (n, 3), and the volume error."""
    ny, nx = (n // coarser for n in tank.bed.shape)
    kept = tank.bed[: ny * coarser, : nx * coarser]
    bed = kept.reshape(ny, coarser, nx, coarser).mean(axis=(1, 3))
    dx = DX * coarser
    model = make_model(
        bed,
        dx,
        MANNING,
        depth=np.maximum(-bed, 0.0),
        scheme=scheme,
        boundaries=[
            Boundary(
                "level",
                edge_faces(np.ones(bed.shape, np.bool_), "west"),
                Series(tank.times, tank.wave),
            )
        ],
    )
    # a point of the survey is the centre of its cell; the first stands at 0
    places = [
        (int(y / dx + 0.5 / coarser), int(x / dx + 0.5 / coarser)) for x, y in GAUGES.values()
    ]
    times = np.arange(EVERY, END + 1e-9, EVERY)
    levels = []
    for time in times:
        model.run_until(float(time))
        levels.append([float(model.level[place]) for place in places])
    return times, np.array(levels), model.budget.relative_error


def run(images: Path, quick: bool) -> Section:
    """Both full schemes beside the measurement; a note where the data are not at hand."""
    source = (
        "Matsuyama and Tanaka (2001); benchmark 2 of the third long-wave run-up workshop (2004), Synolakis et al. (2007), "
        "NOAA Tech. Memo. OAR PMEL-135. Laboratory data of CRIEPI by way of anuga-community/anuga_core."
    )
    title, where = "Monai tank", folder()
    if where is None:
        return Section("monai", title, source, "The data are not at hand; the case was left out.")
    tank = load(where)
    figures, rows, volumes, levels = [], [], [], {}
    for scheme in FULL:
        times, levels[scheme], lost = simulate(tank, scheme, 2 if quick else 1)
        volumes.append(Volume(scheme, "single", lost))
        name = scheme.replace("_", " ")
        row = [name]
        for k in range(len(GAUGES)):
            seen = np.interp(times, tank.seen[:, 0], tank.seen[:, k + 1])
            error = 100.0 * rmse(levels[scheme][:, k], seen)
            row += [
                number(error),
                f"{100 * levels[scheme][:, k].max():.2f} / {100 * seen.max():.2f}",
            ]
        rows.append(tuple(row))
        over_all = np.column_stack(
            [np.interp(times, tank.seen[:, 0], tank.seen[:, k + 1]) for k in range(3)]
        )
        figures.append(
            Figure(
                f"level at gauges 5, 7 and 9, RMS, {name}",
                100.0 * rmse(levels[scheme], over_all),
                "cm",
                beside="none known to us for the same measure",
            )
        )
    with picture(images, "monai.png", rows=3, size=(7.5, 5.6)) as axes:
        for k, (ax, gauge) in enumerate(zip(axes, GAUGES, strict=True)):
            ax.plot(tank.seen[:, 0], 100 * tank.seen[:, k + 1], label="measured", **EXACT)
            for scheme in FULL:
                ax.plot(times, 100 * levels[scheme][:, k], **of(scheme))
            ax.set(xlim=(0, END), ylabel=f"gauge {gauge} [cm]")
        axes[0].legend(frameon=False, ncols=3)
        axes[-1].set_xlabel("t [s]")
    return Section(
        name="monai",
        title=title,
        source=source,
        setup=f"5.5 × 3.4 m on {tank.bed.shape[1]} × {tank.bed.shape[0]} cells of 1.4 cm, n = {MANNING}, measured wave as level at "
        f"the seaward edge, other walls closed, {END} s.",
        figures=tuple(figures),
        tables=(
            Table(
                "RMS error of the level, cm, and highest level, computed / measured, cm",
                ("scheme", *(h for g in GAUGES for h in (f"gauge {g}", f"highest at {g}"))),
                tuple(rows),
            ),
        ),
        pictures=(Picture("monai.png", "Level at the gauges beside the measurement"),),
        volumes=tuple(volumes),
    )
