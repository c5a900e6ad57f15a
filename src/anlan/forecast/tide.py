"""Astronomical tide from harmonic constants, with nodal corrections.

    h(t) = Z0 + Σ f_i H_i cos(V_i(t) + u_i - g_i)

V from the mean longitudes of moon, sun and their perigees (Schureman 1958, Special Publication 98,
as polynomials of the time since 1899-12-31T12Z), Doodson numbers and phase steps as in Foreman
(1977, Pacific Marine Science Report 77-10); f and u of the major constituents from Doodson's
series in the longitude of the moon's node N (Pugh 1987, *Tides, Surges and Mean Sea-Level*,
table 4:3); compound constituents take the products. g is the Greenwich phase lag.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.refusal import Refusal

Array = NDArray[np.float64]

_EPOCH_DAYS = 25567.5
"""Days from 1899-12-31T12Z to 1970-01-01T00Z."""

# multiples of (lunar time, s, h, p, N', p1) and a constant in turns
_BASIC: dict[str, tuple[tuple[int, int, int, int, int, int], float]] = {
    "Q1": ((1, -2, 0, 1, 0, 0), -0.25),
    "O1": ((1, -1, 0, 0, 0, 0), -0.25),
    "P1": ((1, 1, -2, 0, 0, 0), -0.25),
    "K1": ((1, 1, 0, 0, 0, 0), -0.75),
    "2N2": ((2, -2, 0, 2, 0, 0), 0.0),
    "MU2": ((2, -2, 2, 0, 0, 0), 0.0),
    "N2": ((2, -1, 0, 1, 0, 0), 0.0),
    "NU2": ((2, -1, 2, -1, 0, 0), 0.0),
    "M2": ((2, 0, 0, 0, 0, 0), 0.0),
    "L2": ((2, 1, 0, -1, 0, 0), -0.5),
    "T2": ((2, 2, -3, 0, 0, 1), 0.0),
    "S2": ((2, 2, -2, 0, 0, 0), 0.0),
    "K2": ((2, 2, 0, 0, 0, 0), 0.0),
}
_COMPOUND: dict[str, dict[str, int]] = {
    "M4": {"M2": 2},
    "MS4": {"M2": 1, "S2": 1},
    "MN4": {"M2": 1, "N2": 1},
    "M6": {"M2": 3},
    "2MS6": {"M2": 2, "S2": 1},
    "M8": {"M2": 4},
}
CONSTITUENTS = (*_BASIC, *_COMPOUND)


@dataclass(frozen=True)
class Harmonics:
    """Harmonic constants of one station.

    Attributes:
        station: its name; datum: name of the datum the heights are on.
        mean_level: Z0 [m on ``datum``].
        constants: constituent -> (amplitude [m], Greenwich phase lag [degrees]).
        source: where they come from.
    """

    station: str
    datum: str
    mean_level: float
    constants: dict[str, tuple[float, float]]
    source: str = ""


def read_harmonics(path: Path) -> Harmonics:
    """Harmonics from a TOML file: station, datum, mean_level_m, source, [constituents.NAME].

    Raises:
        Refusal: for a constituent this module does not know, naming those it does.
    """
    with path.open("rb") as handle:
        raw = tomllib.load(handle)
    constants: dict[str, tuple[float, float]] = {}
    for name, entry in raw["constituents"].items():
        if name not in CONSTITUENTS:
            raise Refusal(
                f"{path.name}: constituent {name} is not known; use {', '.join(CONSTITUENTS)}",
                field="constituents",
                value=name,
                remedy=f"one of {', '.join(CONSTITUENTS)}",
            )
        constants[name] = (float(entry["amplitude_m"]), float(entry["phase_deg"]))
    return Harmonics(
        str(raw["station"]),
        str(raw["datum"]),
        float(raw["mean_level_m"]),
        constants,
        str(raw.get("source", "")),
    )


def _longitudes(seconds: Array) -> dict[str, Array]:
    """Lunar time, s, h, p, N' = -N, p1 [degrees] at Unix ``seconds``."""
    d = seconds / 86400.0 + _EPOCH_DAYS
    big = d / 10000.0

    def series(c0: float, c1: float, c2: float, c3: float) -> Array:
        return np.asarray(c0 + c1 * d + c2 * big**2 + c3 * big**3)

    s = series(270.434164, 13.1763965268, -0.0000850, 0.000000039)
    h = series(279.696678, 0.9856473354, 0.00002267, 0.0)
    return {
        "tau": 360.0 * np.mod(seconds / 86400.0, 1.0) + h - s,
        "s": s,
        "h": h,
        "p": series(334.329556, 0.1114040803, -0.0007739, -0.00000026),
        "np": series(-259.183275, 0.0529539222, -0.0001557, -0.000000050),
        "pp": series(281.220844, 0.0000470684, 0.0000339, 0.000000070),
    }


def _nodal(name: str, node: Array, perigee: Array) -> tuple[Array, Array]:
    """f and u [degrees] of a basic constituent; ``node`` = N and ``perigee`` = p in radians."""
    n = node
    if name in ("M2", "N2", "NU2", "MU2", "2N2"):
        return 1.0 - 0.037 * np.cos(n) + 0.0002 * np.cos(2 * n), -2.1 * np.sin(n)
    if name in ("O1", "Q1"):
        f = 1.0089 + 0.1871 * np.cos(n) - 0.0147 * np.cos(2 * n) + 0.0014 * np.cos(3 * n)
        return f, 10.80 * np.sin(n) - 1.34 * np.sin(2 * n) + 0.19 * np.sin(3 * n)
    if name == "K1":
        f = 1.0060 + 0.1150 * np.cos(n) - 0.0088 * np.cos(2 * n) + 0.0006 * np.cos(3 * n)
        return f, -8.86 * np.sin(n) + 0.68 * np.sin(2 * n) - 0.07 * np.sin(3 * n)
    if name == "K2":
        f = 1.0241 + 0.2863 * np.cos(n) + 0.0083 * np.cos(2 * n) - 0.0015 * np.cos(3 * n)
        return f, -17.74 * np.sin(n) + 0.68 * np.sin(2 * n) - 0.04 * np.sin(3 * n)
    if name == "L2":
        terms = ((0.2505, 2 * perigee), (0.1102, 2 * perigee - n), (0.0156, 2 * perigee - 2 * n))
        x = 1.0 - 0.0370 * np.cos(n) - sum(a * np.cos(b) for a, b in terms)
        y = -0.0370 * np.sin(n) - sum(a * np.sin(b) for a, b in terms)
        return np.hypot(x, y), np.degrees(np.arctan2(y, x))
    return np.ones_like(n), np.zeros_like(n)


def predict(harmonics: Harmonics, seconds: ArrayLike) -> Array:
    """Tide [m on ``harmonics.datum``] at Unix ``seconds`` (k,), UTC."""
    t = np.atleast_1d(np.asarray(seconds, dtype=np.float64))
    at = _longitudes(t)
    angles = (at["tau"], at["s"], at["h"], at["p"], at["np"], at["pp"])
    node, perigee = np.radians(-at["np"]), np.radians(at["p"])
    phase: dict[str, Array] = {}
    factor: dict[str, Array] = {}
    for name, (multiples, turns) in _BASIC.items():
        f, u = _nodal(name, node, perigee)
        v = sum((m * a for m, a in zip(multiples, angles, strict=True)), np.zeros_like(t))
        factor[name], phase[name] = f, v + 360.0 * turns + u
    for name, parts in _COMPOUND.items():
        factor[name] = np.prod([factor[p] ** k for p, k in parts.items()], axis=0)
        phase[name] = sum((k * phase[p] for p, k in parts.items()), np.zeros_like(t))
    height = np.full(t.shape, harmonics.mean_level)
    for name, (amplitude, lag) in harmonics.constants.items():
        height += factor[name] * amplitude * np.cos(np.radians(phase[name] - lag))
    return height
