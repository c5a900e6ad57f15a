"""Basins for the tests: generated ones with everything in them, and mirrored or turned ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from anlan.hydraulics import FlapGate, LocalInertial, Pump, State, Structure

Numbers = NDArray[np.float64]
Precision = Literal["single", "double"]


@dataclass(frozen=True)
class Basin:
    """All that a run needs, as plain arrays."""

    bed: Numbers
    dx: float
    manning: Numbers
    active: NDArray[np.bool_]
    crest_x: Numbers
    crest_y: Numbers
    depth: Numbers
    rain: Numbers
    losses: Numbers
    held: NDArray[np.bool_]
    level: float
    structures: tuple[Structure, ...] = field(default=())

    def model(self, precision: Precision, theta: float = 0.9) -> LocalInertial:
        model = LocalInertial(
            self.bed,
            self.dx,
            self.manning,
            active=self.active,
            face_crest_x=self.crest_x,
            face_crest_y=self.crest_y,
            precision=precision,
            structures=self.structures,
            theta=theta,
        )
        model.restore(State(time=0.0, depth=self.depth))
        model.set_rain(self.rain)
        model.set_losses(self.losses)
        if self.held.any():
            model.set_level_boundary(self.held, self.level)
        return model

    def changed(self, at_cell: Callable[[Numbers], Numbers], turns: bool) -> Basin:
        """The basin mirrored or turned by ``at_cell``; without structures."""

        def true_at_cell(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
            return at_cell(mask.astype(np.float64)) > 0.5

        crest_x, crest_y = at_cell(self.crest_x), at_cell(self.crest_y)
        return replace(
            self,
            bed=at_cell(self.bed),
            manning=at_cell(self.manning),
            active=true_at_cell(self.active),
            crest_x=crest_y if turns else crest_x,
            crest_y=crest_x if turns else crest_y,
            depth=at_cell(self.depth),
            rain=at_cell(self.rain),
            losses=at_cell(self.losses),
            held=true_at_cell(self.held),
            structures=(),
        )


def make(seed: int, ny: int, nx: int, dx: float, *, structures: bool = True) -> Basin:
    """Hills, hollows, islands, dikes, rain, losses, a tidal edge, pumps and gates, from a seed."""
    rng = np.random.default_rng(seed)
    bed = rng.normal(0.0, 1.0, (ny, nx)) + np.linspace(0.0, rng.uniform(-2.0, 2.0), nx)
    active = rng.random((ny, nx)) > 0.1
    active[0, 0] = active[-1, -1] = active[0, -1] = True
    crest_x = np.where(rng.random((ny, nx + 1)) < 0.2, rng.normal(1.0, 1.0, (ny, nx + 1)), -np.inf)
    crest_y = np.where(rng.random((ny + 1, nx)) < 0.2, rng.normal(1.0, 1.0, (ny + 1, nx)), -np.inf)
    depth = np.where(rng.random((ny, nx)) < 0.5, rng.exponential(0.5, (ny, nx)), 0.0)
    held = np.zeros((ny, nx), np.bool_)
    if rng.random() < 0.5:
        held[:, 0] = active[:, 0]
    works: tuple[Structure, ...] = ()
    if structures:
        works = (
            Pump("p", (0, 0), (ny - 1, nx - 1), rng.uniform(0.0, 50.0), 0.5, -0.5),
            FlapGate("g", (ny - 1, nx - 1), (0, nx - 1), rng.uniform(0.0, 20.0), -1.0, 0.8),
        )
    return Basin(
        bed=bed,
        dx=dx,
        manning=rng.uniform(0.0, 0.1, (ny, nx)),
        active=active,
        crest_x=crest_x,
        crest_y=crest_y,
        depth=np.where(active, depth, 0.0),
        rain=rng.uniform(0.0, 1e-4, (ny, nx)) * (rng.random() < 0.7),
        losses=rng.uniform(0.0, 1e-4, (ny, nx)) * (rng.random() < 0.7),
        held=held,
        level=float(rng.normal(0.5, 1.0)),
        structures=works,
    )


def basins(*, structures: bool = True) -> st.SearchStrategy[Basin]:
    """Any basin that ``make`` can make, small enough to fail legibly."""
    return st.builds(
        make,
        seed=st.integers(0, 2**32 - 1),
        ny=st.integers(2, 9),
        nx=st.integers(2, 37),
        dx=st.sampled_from([2.0, 25.0, 200.0]),
        structures=st.just(structures),
    )
