"""One run in many ways: precision, threads, members, dry tiles, a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from anlan.hydraulics import Boundary, Series, ShallowWater, edge_faces
from validation.flow import SCHEMES, Numbers, Precision, Scheme, make_model
from validation.record import Figure, Section, Table, Volume, number

SIDE, DX = 192, 5.0
MANNING = 0.04
RAIN = 40e-3 / 3600.0
HALF, END = 300.0, 600.0
SOON = 0.4  # of both, in a quick report: until the level at the edge has risen above the water
SEEDS = (1, 2, 3)
LEVEL = Series(np.array([0.0, END]), np.array([-0.5, 1.0]))


def terrain(seed: int) -> tuple[Numbers, Numbers]:
    """Smooth random hills about 0, m, and the level of water that fills one half to -0.2 m."""
    rng = np.random.default_rng(seed)
    waves = np.fft.rfft2(rng.standard_normal((SIDE, SIDE)))
    ky, kx = np.fft.fftfreq(SIDE), np.fft.rfftfreq(SIDE)
    bed = np.fft.irfft2(
        waves * np.exp(-600.0 * (ky[:, None] ** 2 + kx[None, :] ** 2)), (SIDE, SIDE)
    )
    bed /= bed.std()
    level = np.where(np.arange(SIDE) < SIDE // 2, -0.2, -10.0)
    return bed, np.tile(level, (SIDE, 1))


def _model(seed: int, scheme: Scheme, precision: Precision, **options: Any) -> ShallowWater:
    bed, level = terrain(seed)
    west = edge_faces(np.ones(bed.shape, np.bool_), "west")
    model = make_model(
        bed,
        DX,
        MANNING,
        level=level,
        scheme=scheme,
        precision=precision,
        boundaries=[Boundary("level", west, LEVEL)],
        **options,
    )
    model.set_rain(RAIN)
    return model


def _end(model: ShallowWater, share: float) -> Numbers:
    model.run_until(share * HALF)
    model.run_until(share * END)
    return np.array(model.state.depth, np.float64)


def ways(seed: int, scheme: Scheme, share: float) -> dict[str, float]:
    """Largest difference of depth, m, of each way from the plain single-precision run."""
    plain = _end(_model(seed, scheme, "single"), share)
    double = _end(_model(seed, scheme, "double"), share)
    threads = _end(_model(seed, scheme, "single", threads=2), share)
    members = _end(_model(seed, scheme, "single", members=3), share)
    first = _model(seed, scheme, "single")
    first.run_until(share * HALF)
    second = _model(seed, scheme, "single")
    second.restore(first.state.copy())
    second.run_until(share * END)
    restarted = np.array(second.state.depth, np.float64)
    return {
        "double precision": float(np.abs(double - plain).max()),
        "double precision, RMS": float(np.sqrt(np.mean((double - plain) ** 2))),
        "two threads": float(np.abs(threads - plain).max()),
        "three members": float(np.abs(members - plain[None]).max()),
        "restarted half-way": float(np.abs(restarted - plain).max()),
    }


def run(images: Path, quick: bool) -> Section:
    """Every way, scheme and terrain."""
    rows: list[tuple[str, ...]] = []
    worst: dict[str, float] = {}
    share = SOON if quick else 1.0
    for scheme in SCHEMES:
        per_seed = [ways(seed, scheme, share) for seed in (SEEDS[:1] if quick else SEEDS)]
        for way in per_seed[0]:
            found = max(values[way] for values in per_seed)
            worst[way] = max(worst.get(way, 0.0), found)
            rows.append((scheme.replace("_", " "), way, number(found, 2)))
    exact = ("two threads", "three members", "restarted half-way")
    model = _model(SEEDS[0], "full", "double")
    _end(model, share)
    return Section(
        name="agreement",
        title="One run in many ways",
        source="Promise of the core: members, threads and restarts give the same bits; precisions agree within a stated tolerance.",
        setup=f"{1 if quick else len(SEEDS)} random terrain(s) of {SIDE} × {SIDE} cells of {DX:g} m with hills of one metre, half dry, 40 mm/h and a rising "
        f"level at one edge, {share * END:.0f} s. Largest difference of depth from the plain single-precision run on one thread.",
        figures=(
            *(Figure(f"largest difference, {way}", worst[way], "m", 0.0) for way in exact),
            Figure(
                "single against double precision, RMS", worst["double precision, RMS"], "m", 1e-4
            ),
        ),
        tables=(Table("Largest difference of depth, m", ("scheme", "way", "m"), tuple(rows)),),
        volumes=(Volume("full", "double", model.budget.relative_error),),
        notes=(
            "The GPU is compared in `make test-gpu` where there is one, and under the simulator in the tests.",
        ),
    )
