"""Published solutions, each with its tolerance. More of them are in ``validation``."""

from __future__ import annotations

import math

import numpy as np
import pytest

from anlan.hydraulics import Boundary, Series, edge_faces
from tests.hydraulics import basins
from tests.hydraulics.basins import Scheme

G = 9.81


def _advancing_wave(
    scheme: Scheme, dx: float, n: float, u: float, theta: float
) -> tuple[float, float]:
    """Root-mean-square error of depth as a share of the inlet depth, and of the front's place [m].

    The level at the edge, whose water moves like that of the solution, follows it for an hour. It
    stands half a cell beyond the edge, a whole one from the first cell's centre.
    """
    end = 3600.0
    columns = round(1.4 * u * end / dx)
    times = np.arange(end + 1.0)
    level = (7.0 / 3.0 * n**2 * u**3 * times) ** (3.0 / 7.0)
    west = edge_faces(np.ones((1, columns), np.bool_), "west")
    plane = basins.model(
        np.zeros((1, columns)),
        dx,
        n,
        scheme=scheme,
        precision="double",
        theta=theta,
        boundaries=[Boundary("level", west, Series(times, level))],
    )
    plane.run(end)
    x = (np.arange(columns) + 1.0) * dx
    exact = (7.0 / 3.0 * n**2 * u**2 * np.maximum(u * end - x, 0.0)) ** (3.0 / 7.0)
    depth = plane.state.depth[0]
    wet = exact > 0.0
    front, exact_front = (float(x[h > 0.05 * exact[0]].max()) for h in (depth, exact))
    error = float(np.sqrt(np.mean((depth - exact)[wet] ** 2)))
    return error / float(level[-1]), front - exact_front


@pytest.mark.parametrize(
    ("scheme", "n", "u", "dx", "theta", "tolerance"),
    [
        # Froude number 0.12 at the inlet: the regime that the inertial scheme is for.
        ("inertial", 0.05, 0.4, 25.0, 1.0, 0.015),
        ("inertial", 0.05, 0.4, 25.0, 0.9, 0.015),
        ("full", 0.05, 0.4, 25.0, 0.9, 0.01),
        # Froude number 0.21.
        ("inertial", 0.03, 1.0, 50.0, 0.9, 0.015),
        ("full", 0.03, 1.0, 50.0, 0.9, 0.01),
    ],
)
def test_a_wave_advances_over_a_dry_plane(
    scheme: Scheme, n: float, u: float, dx: float, theta: float, tolerance: float
) -> None:
    """Hunter et al. (2005), doi:10.1016/j.advwatres.2005.03.007: h^(7/3) = 7/3 n^2 u^2 (u t - x).

    Every particle there moves at u without acceleration. The inertial scheme sees one of -u^2 dh/dx
    all the same, a share Fr^2 of the slope, so the front of its wave is too steep.
    Tolerance: of the inlet depth (1.14 m and 2.38 m), and the front within two cells.
    """
    error, shift = _advancing_wave(scheme, dx, n, u, theta)
    assert error < tolerance
    assert abs(shift) <= 2 * dx


@pytest.mark.parametrize("scheme", basins.SCHEMES)
def test_a_standing_wave_returns_after_its_period(scheme: Scheme) -> None:
    """Linear wave in a closed basin, Lamb (1932) art. 190: T = 2 L / sqrt(g h) = 638.6 s.

    50 cells over 1,000 m, depth 1 m, no friction, all weight on the face itself. Tolerance: 1 % of
    the amplitude.
    """
    length, depth, amplitude, columns = 1000.0, 1.0, 1e-3, 50
    x = (np.arange(columns) + 0.5) * length / columns
    wave = amplitude * np.cos(math.pi * x / length)
    basin = basins.model(
        np.zeros((1, columns)),
        length / columns,
        0.0,
        scheme=scheme,
        precision="double",
        theta=1.0,
    )
    basin.restore(basin.still_water((depth + wave)[None, :]))

    period = 2.0 * length / math.sqrt(G * depth)
    basin.run(0.5 * period)
    half = basin.state.depth[0] - depth
    basin.run(0.5 * period)
    whole = basin.state.depth[0] - depth

    assert np.abs(half + wave).max() < 0.01 * amplitude
    assert np.abs(whole - wave).max() < 0.01 * amplitude


@pytest.mark.parametrize("scheme", basins.SCHEMES)
def test_steady_rain_runs_off_a_plane_at_the_depth_of_manning(scheme: Scheme) -> None:
    """Kinematic wave: q = r x and h = (n q / sqrt(S))^(3/5), Henderson and Wooding (1964).

    500 m at a slope of 0.01, n = 0.03, 100 mm/h: q = 6.9e-3 m2/s and h = 0.0246 m at 250 m, found
    in the cell above the face. Tolerance: discharge 0.1 % (volume), depth 1 %.
    """
    dx, columns, slope, n, rain = 10.0, 50, 0.01, 0.03, 0.1 / 3600
    bed = (columns - np.arange(columns)) * dx * slope
    bed[-1] -= 1.0
    plane = basins.model(bed[None, :], dx, n, scheme=scheme, precision="double", max_step=5.0)
    plane.set_level_boundary(([0], [columns - 1]), bed[-1] + 0.01)
    plane.set_rain(rain)

    plane.run(2 * 3600.0)

    face = 25  # 250 m of plane above it
    assert plane.state.qx is not None
    discharge = float(plane.state.qx[0, face])
    assert discharge == pytest.approx(rain * face * dx, rel=1e-3)
    above = float(plane.state.depth[0, face - 1])
    assert above == pytest.approx((n * rain * face * dx / math.sqrt(slope)) ** 0.6, rel=0.01)
