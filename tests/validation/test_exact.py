"""The exact solutions satisfy the equations that they are said to solve."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from validation.exact import G, bump, channels
from validation.exact.bowls import PlanarValley, RadialBowl
from validation.exact.dam_break import ritter, stoker
from validation.exact.hillslope import Slope, valley_outflow
from validation.exact.runup import StandingWave, run_up_law

Numbers = NDArray[np.float64]
Field = Callable[[Numbers, float], Numbers]


def residuals(
    h: Field,
    u: Field,
    bed: Callable[[Numbers], Numbers],
    x: Numbers,
    t: float,
    dx: float,
    dt: float,
) -> tuple[float, float]:
    """Largest residuals of h_t + (h u)_x = 0 and u_t + u u_x + g (h + z)_x = 0, by differences."""

    def over_x(f: Callable[[Numbers], Numbers]) -> Numbers:
        return (f(x + dx) - f(x - dx)) / (2.0 * dx)

    def over_t(f: Field) -> Numbers:
        return (f(x, t + dt) - f(x, t - dt)) / (2.0 * dt)

    mass = over_t(h) + over_x(lambda y: h(y, t) * u(y, t))
    force = over_x(lambda y: h(y, t) + bed(y))
    momentum = over_t(u) + u(x, t) * over_x(lambda y: u(y, t)) + G * force
    return float(np.abs(mass).max()), float(np.abs(momentum).max())


def test_the_dam_breaks_solve_the_equations_in_their_fans() -> None:
    x = np.linspace(-300.0, 50.0, 29)
    flat = np.zeros_like
    for h, u in (
        (lambda y, t: stoker(y, t, 1.0, 0.1)[0], lambda y, t: stoker(y, t, 1.0, 0.1)[1]),
        (lambda y, t: ritter(y, t, 1.0)[0], lambda y, t: ritter(y, t, 1.0)[1]),
    ):
        mass, momentum = residuals(h, u, flat, x, 120.0, 0.01, 0.01)
        assert mass < 1e-8
        assert momentum < 1e-8


def test_the_shock_of_stoker_moves_as_mass_and_momentum_ask() -> None:
    x = np.linspace(-1000.0, 1000.0, 2_000_001)
    h, u = stoker(x, 150.0, 1.0, 0.1)
    front = x[np.nonzero(h > 0.1000001)[0][-1]]
    behind = np.nonzero(h > 0.1000001)[0][-1]
    speed = front / 150.0
    h1, u1 = h[behind], u[behind]
    assert speed * (h1 - 0.1) == pytest.approx(h1 * u1, rel=1e-5)
    assert speed * h1 * u1 == pytest.approx(h1 * u1**2 + 0.5 * G * (h1**2 - 0.1**2), rel=1e-5)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.7])
def test_the_radial_bowl_solves_the_equations(share: float) -> None:
    bowl = RadialBowl(1000.0, 10.0, 800.0)
    t = share * bowl.period
    r = np.linspace(50.0, 600.0, 23)
    dr = dt = 1e-2
    # in polar coordinates the mass balance gains h u / r
    mass, momentum = residuals(bowl.h, bowl.speed, bowl.bed, r, t, dr, dt)
    by_hand = (bowl.h(r, t + dt) - bowl.h(r, t - dt)) / (2 * dt)
    flux = ((r + dr) * bowl.h(r + dr, t) * bowl.speed(r + dr, t)) - (
        (r - dr) * bowl.h(r - dr, t) * bowl.speed(r - dr, t)
    )
    assert np.abs(by_hand + flux / (2 * dr) / r).max() < 1e-7
    assert momentum < 1e-7
    assert mass > 1e-4  # the plane balance alone does not close: it must be the polar one


def test_the_radial_bowl_starts_and_keeps_its_volume() -> None:
    bowl = RadialBowl(1000.0, 10.0, 800.0)
    r = np.linspace(0.005, 1999.995, 200_000)
    start, later = (float((bowl.h(r, t) * r).sum()) for t in (0.0, 0.3 * bowl.period))
    assert later == pytest.approx(start, rel=1e-7)
    wet = r[bowl.h(r, 0.0) > 0.0].max()
    assert wet == pytest.approx(math.sqrt(1000.0 * 800.0), abs=0.02)


def test_the_planar_valley_solves_the_equations() -> None:
    valley = PlanarValley(1000.0, 10.0, 500.0)
    x = np.linspace(-400.0, 400.0, 17)
    t = 0.2 * valley.period
    mass, momentum = residuals(
        valley.h, lambda y, s: np.full_like(y, valley.u(s)), valley.bed, x, t, 1e-2, 1e-2
    )
    assert mass < 1e-8
    assert momentum < 1e-8


@pytest.mark.parametrize(
    "channel",
    [
        channels.subcritical(),
        channels.subcritical(rain=0.001, inflow=1.0),
        channels.transcritical(),
    ],
    ids=lambda c: c.name,
)
def test_the_made_channels_balance_their_momentum(channel: channels.Channel) -> None:
    """(q^2/h + g h^2/2)_x = -g h (z_x + n^2 q^2 / h^(10/3)), with q_x = rain."""
    x = np.linspace(10.0, 990.0, 50)
    dx = 1e-3

    def force(y: Numbers) -> Numbers:
        h, q = channel.h(y), channel.q(y)
        return q * q / h + 0.5 * G * h * h

    left = (force(x + dx) - force(x - dx)) / (2 * dx)
    h, q = channel.h(x), channel.q(x)
    right = -G * h * (channel.slope_of_bed(x) + channel.manning**2 * q**2 / h ** (10 / 3))
    assert np.abs(left - right).max() < 1e-6
    step = 1.0
    bed_slope = (channel.bed(x + step) - channel.bed(x - step)) / (2 * step)
    assert np.abs(bed_slope - channel.slope_of_bed(x)).max() < 1e-5


def test_the_flow_over_the_bump_passes_its_top_at_the_critical_depth() -> None:
    critical = (bump.DISCHARGE**2 / G) ** (1.0 / 3.0)
    assert bump.depth(np.array([bump.TOP]))[0] == pytest.approx(critical, rel=1e-6)
    assert 11.0 < bump.jump() < 12.0  # SWASHES fig. 5: the jump lies on the lee side
    ends = bump.depth(np.array([0.0, bump.LENGTH]))
    assert ends[1] == pytest.approx(bump.LEVEL)
    head = [h + bump.DISCHARGE**2 / (2 * G * h * h) for h in ends]
    assert head[0] > head[1]  # the jump loses energy


@pytest.mark.parametrize("share", [0.1, 0.35, 0.8])
def test_the_standing_wave_solves_the_equations(share: float) -> None:
    wave = StandingWave(slope=0.04, length=20.0, amplitude=0.8)
    x = np.linspace(-60.0, -5.0, 56)
    mass, momentum = residuals(
        lambda y, t: wave.level(y, t) - 0.04 * y,
        wave.u,
        lambda y: 0.04 * y,
        x,
        share * wave.period,
        0.05,
        0.05,
    )
    assert mass < 2e-4  # of 0.1 m/s; the curves are interpolated
    assert momentum < 2e-4  # of 0.4 m/s2


def test_the_shore_of_the_standing_wave_runs_up_to_a_quarter_of_its_amplitude() -> None:
    wave = StandingWave(slope=0.04, length=20.0, amplitude=0.8)
    assert wave.shore(0.0) == pytest.approx(0.25 * 0.8 * 0.04 * 20.0)
    assert wave.shore(wave.period) == pytest.approx(wave.shore(0.0))
    x = np.linspace(-40.0, 10.0, 50_001)
    level = wave.level(x, 0.3 * wave.period)
    assert np.nanmax(np.where(np.isnan(level), -np.inf, x)) * 0.04 == pytest.approx(
        wave.shore(0.3 * wave.period), abs=1e-4
    )


def test_the_run_up_law_gives_the_figure_of_its_benchmark() -> None:
    """H/d = 0.0185 at 1:19.85: R/d = 2.831 sqrt(19.85) 0.0185^1.25 = 0.086."""
    assert run_up_law(0.0185, 1.0, 19.85) == pytest.approx(0.086, abs=5e-4)


def test_the_slope_gives_off_all_its_rain() -> None:
    slope = Slope(length=800.0, fall=0.05, manning=0.015, rain=3e-6, stop=5400.0)
    assert slope.rise < slope.stop
    times = np.linspace(0.0, 40_000.0, 400_001)
    volume = np.trapezoid([slope.outflow(float(t)) for t in times], times)
    assert volume == pytest.approx(3e-6 * 5400.0 * 800.0, rel=2e-3)
    assert slope.outflow(5400.0) == pytest.approx(3e-6 * 800.0)


def test_the_valley_gives_off_the_rain_of_its_whole_area() -> None:
    """Di Giammarco et al. (1996): 1,620 m x 1,000 m at 10.8 mm/h is 4.86 m3/s."""
    side = Slope(800.0, 0.05, 0.015, 3e-6)
    channel = Slope(1000.0, 0.02, 0.15, 3e-6)
    steady = valley_outflow(side, channel, 20.0, np.array([30_000.0]), cells=200)
    assert steady[0] == pytest.approx(4.86, rel=1e-3)
    assert math.isfinite(steady[0])
