"""Rain on a slope with thin films: a million cells beside four times finer ones, and peers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from benchmarks.rain_case import (
    BUMP_HEIGHT,
    BUMPS,
    DX,
    HOUR,
    MANNING,
    RAIN_MM_H,
    SEED,
    SHORT,
    SIDE,
    SLOPE,
    bed,
)

from validation.compare import rmse
from validation.flow import SCHEMES, Numbers, Scheme, make_model
from validation.plots import of, picture
from validation.record import Figure, Picture, Section, Table, Volume

FINER = 4
WINDOW = 250  # cells; a quick run takes this corner of the bed
BENCH = Path(__file__).parents[2] / "build" / "bench"  # where `make bench` leaves depths
Depths = dict[float, Numbers]
STOPS = (SHORT, HOUR)  # s; some peers run ten minutes only
PEERS_DIFFER = 7.0  # mm, the most that the peers differ among themselves


def finer_bed(factor: int, side: int = SIDE) -> Numbers:
    """(side * factor)^2 bed, m, of the same bumps at finer cell centres.

    The bumps are periodic and have no wave shorter than a few cells, so their Fourier series gives
    them anywhere; the shift puts a fine cell centre at its place within the coarse cell.
    """
    rng = np.random.default_rng(SEED)
    fine = side * factor
    place = (np.arange(fine) + 0.5) / factor - 0.5  # in coarse cells, centre of the first at 0
    z = np.tile(SLOPE * DX * (SIDE - 1 - place), (fine, 1))
    for length in BUMPS:
        noise = rng.standard_normal((SIDE, SIDE))
        ky, kx = np.fft.fftfreq(SIDE), np.fft.rfftfreq(SIDE)
        damping = np.exp(-2.0 * (np.pi * length / DX) ** 2 * (ky[:, None] ** 2 + kx[None, :] ** 2))
        waves = np.fft.rfft2(noise) * damping
        scale = BUMP_HEIGHT / np.fft.irfft2(waves, (SIDE, SIDE)).std()
        shift = 0.5 / factor - 0.5
        waves = waves * np.exp(2j * np.pi * shift * (ky[:, None] + kx[None, :]))
        total = SIDE * factor
        padded = np.zeros((total, total // 2 + 1), np.complex128)
        half = SIDE // 2
        padded[:half, :half] = waves[:half, :half]
        padded[-half:, :half] = waves[half:, :half]
        z += scale * factor**2 * np.fft.irfft2(padded, (total, total))[:fine, :fine]
    return z


def simulate(z: Numbers, dx: float, scheme: Scheme) -> tuple[Depths, float]:
    """Depths after ten minutes and after the hour, m, and the volume error."""
    model = make_model(z, dx, MANNING, scheme=scheme, threads=2)
    model.set_rain(RAIN_MM_H / 3.6e6)
    found = {}
    for stop in STOPS:
        model.run_until(stop)
        found[stop] = np.array(model.depth, np.float64)
    return found, model.budget.relative_error


def means(fine: Numbers, factor: int) -> Numbers:
    """Means over blocks of ``factor`` x ``factor`` cells."""
    ny, nx = (n // factor for n in fine.shape)
    return np.asarray(fine.reshape(ny, factor, nx, factor).mean(axis=(1, 3)))


def run(images: Path, quick: bool) -> Section:
    """Our depths beside the finer run and, where they were kept, beside the peers'."""
    side = WINDOW if quick else SIDE
    coarse = np.ascontiguousarray(bed()[:side, :side])
    fine, lost = simulate(finer_bed(FINER, side), DX / FINER, "full")
    truth = {stop: means(depth, FINER) for stop, depth in fine.items()}
    del fine
    volumes = [Volume(f"full, {DX / FINER:g} m", "single", lost)]
    depths: dict[Scheme, Depths] = {}
    errors: dict[str, dict[float, float]] = {}
    figures = []
    for scheme in SCHEMES:
        depths[scheme], lost = simulate(coarse, DX, scheme)
        volumes.append(Volume(f"{scheme}, {DX:g} m", "single", lost))
        name = f"Anlan, {scheme.replace('_', ' ')}"
        errors[name] = {t: 1000.0 * rmse(depths[scheme][t], truth[t]) for t in STOPS}
        figures.append(
            Figure(
                f"depth after the hour, RMS from our own run on {DX / FINER:g} m, {scheme.replace('_', ' ')}",
                errors[name][HOUR],
                "mm",
                None if scheme == "second_order" else PEERS_DIFFER,
            )
        )
    theirs = {} if quick else _peers(truth)
    for stop in STOPS:
        best = min((e[stop] for e in theirs.values() if stop in e), default=None)
        if best is not None:
            figures.append(
                Figure(
                    f"the same of full over that of the best peer, after {stop / 60:g} min",
                    errors["Anlan, full"][stop] / best,
                    promise=1.0,
                )
            )
    rows = [
        (name, *(f"{e[t]:.1f}" if t in e else "" for t in STOPS))
        for name, e in (errors | theirs).items()
    ]
    notes = () if theirs else ("The peers' depths are not at hand: `make bench` computes them.",)
    with picture(images, "rain_hour.png", columns=2, size=(9.0, 3.6)) as (left, right):
        shown = left.imshow(1000.0 * depths["full"][HOUR], origin="lower", cmap="Blues", vmax=300)
        left.set(title="depth after the hour, full [mm]")
        left.figure.colorbar(shown, ax=left)
        for scheme in SCHEMES:
            difference = 1000.0 * np.abs(depths[scheme][HOUR] - truth[HOUR]).ravel()
            ordered = np.sort(difference)[:: max(1, difference.size // 2000)]
            right.plot(ordered, np.linspace(0, 100, ordered.size), **of(scheme))
        right.set(
            xlim=(0, 30), xlabel="difference from the finer run [mm]", ylabel="cells with less [%]"
        )
        right.legend(frameon=False)
    return Section(
        name="rain_hour",
        title="Rain on a slope with thin films, 1000 × 1000",
        source="The rain hour of the benchmarks of this project (`benchmarks/rain_case.py`).",
        setup=f"{side} × {side} cells of 10 m, slope 5e-4 with bumps of half a metre, n = 0.05, 50 mm/h for an hour, closed, dry "
        f"at the start; beside the full scheme on cells of {DX / FINER:g} m over the same bumps, in means over the coarse cells. "
        f"Peers differ by 2 to {PEERS_DIFFER:g} mm among themselves (LISFLOOD-FP, SFINCS and prototypes of this project).",
        figures=tuple(figures),
        tables=(
            Table(
                "RMS of the depth from the finer run, mm",
                ("engine", "10 min", "60 min"),
                tuple(rows),
            ),
        ),
        pictures=(Picture("rain_hour.png", "Depth, and how far cells are from the finer run"),),
        volumes=tuple(volumes),
        notes=notes,
    )


def _peers(truth: Depths) -> dict[str, dict[float, float]]:
    """RMS from the finer run, mm, of every peer whose depths a benchmark has kept, by time."""
    found: dict[str, dict[float, float]] = {}
    for file in sorted(BENCH.glob("*/*.npy")):
        name, stop = file.parent.name, float(file.stem)
        if name.startswith("anlan") or stop not in truth:
            continue
        depth = np.load(file).astype(np.float64)
        factor = truth[stop].shape[0] // depth.shape[0]
        against = means(truth[stop], factor) if factor > 1 else truth[stop]
        found.setdefault(name, {})[stop] = 1000.0 * rmse(depth, against)
    return found
