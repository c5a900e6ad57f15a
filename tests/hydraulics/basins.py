"""Basins for the tests: generated ones with everything in them, and mirrored or turned ones.

The compiled time loop differs by scheme, by precision, by whether faces, held cells or sources
have a law of their own, and by whether there are structures. Nearly all tests run with something
of each (``IDLE`` where nothing is wanted), so that four loops are compiled instead of sixteen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from anlan.hydraulics import (
    Boundary,
    Breach,
    Bridge,
    Constant,
    Culvert,
    Gate,
    Infiltration,
    Pump,
    Series,
    ShallowWater,
    Source,
    State,
    Structure,
    Weir,
    edge_faces,
)

Numbers = NDArray[np.float64]
Precision = Literal["single", "double"]
Scheme = Literal["inertial", "full"]
SCHEMES: tuple[Scheme, ...] = ("inertial", "full")
NEVER = 1e6
"""A level that no water reaches, m."""


def model(bed: Any, dx: float, manning: Any, **settings: Any) -> ShallowWater:
    """``ShallowWater`` with an idle source and pump, so that it shares a compiled loop."""
    cells = np.argwhere(settings.get("active", np.ones(np.shape(bed), np.bool_)))
    first, last = ((int(cells[end, 0]), int(cells[end, 1])) for end in (0, -1))
    sources = [*settings.pop("sources", ()), Source(([first[0]], [first[1]]), 0.0, "idle")]
    structures = list(settings.pop("structures", ()))
    if not structures and first != last:
        structures = [Pump("idle", first, last, 1.0, start_level=NEVER, stop_level=0.0)]
    return ShallowWater(bed, dx, manning, sources=sources, structures=structures, **settings)


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
    structures: tuple[Structure, ...] = ()

    def model(self, scheme: Scheme, precision: Precision, **changed: Any) -> ShallowWater:
        """The model at its start, with other settings where ``changed`` says so."""
        given: dict[str, Any] = {
            "active": self.active,
            "face_crest_x": self.crest_x,
            "face_crest_y": self.crest_y,
            "structures": self.structures,
            "infiltration": Constant(self.losses),
        }
        made = model(
            self.bed,
            self.dx,
            self.manning,
            scheme=scheme,
            precision=precision,
            **(given | changed),
        )
        self.start(made)
        return made

    def start(self, made: ShallowWater, state: State | None = None) -> None:
        """Give a model the water (or ``state``), the rain and the held level of this basin."""
        made.restore(state or State(time=0.0, depth=self.depth))
        made.set_rain(self.rain)
        if self.held.any():
            made.set_level_boundary(self.held, self.level)

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
    """Hills, hollows, islands, dikes, rain, losses, a held edge, pumps and gates, from a seed."""
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
        first, last, corner = (0, 0), (ny - 1, nx - 1), (0, nx - 1)
        works = (
            Pump("pump", first, last, rng.uniform(0.0, 50.0), 0.5, -0.5),
            Gate("gate", last, corner, sill=-1.0, width=rng.uniform(0.0, 20.0), height=0.8),
            Culvert("pipe", corner, first, 0.2, 0.0, length=30.0, diameter=1.0, flap=True),
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


@dataclass(frozen=True)
class Everything:
    """A polder with all that a run may have: see ``settings``.

    12 rows of 30 cells of 20 m; a river in columns 0 to 3 behind a dike 2.5 m high, which breaks,
    before a polder with a hill in it that falls towards the east.
    """

    infiltration: Infiltration

    @property
    def settings(self) -> dict[str, Any]:
        """Arguments of ``ShallowWater`` besides scheme and precision."""
        ny, nx = 12, 30
        j, i = np.mgrid[0:ny, 0:nx]
        bed = 0.5 - 0.02 * i + 1.5 * np.exp(-((i - 18) ** 2 + (j - 6) ** 2) / 9.0)
        bed[:, :4] = -1.0
        active = np.ones((ny, nx), np.bool_)
        active[5:7, 24:26] = False
        dike = np.full((ny, nx + 1), -np.inf)
        dike[:, 4] = 2.5
        road = np.full((ny + 1, nx), -np.inf)
        road[9, 10:] = 0.9
        tide = Series([0.0, 1800.0, 3600.0], [1.0, 2.4, 0.6])
        flood = Series([0.0, 600.0, 3600.0], [2.0, 30.0, 5.0])
        return {
            "bed_elevation": bed,
            "dx": 20.0,
            "manning": np.where(i < 4, 0.03, 0.05),
            "active": active,
            "face_crest_x": dike,
            "face_crest_y": road,
            "breaches": [Breach([("x", 3, 4), ("x", 4, 4)], 900.0, 0.2, 300.0)],
            "boundaries": [
                Boundary("level", edge_faces(active, "south", 0, 3), tide, name="tide"),
                Boundary("discharge", edge_faces(active, "north", 0, 3), flood, name="river"),
                Boundary("normal_depth", edge_faces(active, "east", 0, 5), slope=1e-3),
                Boundary("open", edge_faces(active, "east", 6, 11)),
            ],
            "sources": [
                Source(([7, 8], [12, 12]), Series([0.0, 1200.0], [0.0, 1.5]), "pipe"),
                Source(([2], [20]), -0.5, "well"),
            ],
            "infiltration": self.infiltration,
            "structures": [
                Pump("pump", (6, 5), (6, 3), [(-3.0, 2.0), (4.0, 0.5)], 0.6, 0.4),
                Weir("weir", (10, 2), (10, 6), crest=1.2, width=8.0),
                Culvert("culvert", (2, 12), (2, 15), 0.3, 0.2, length=60.0, diameter=1.2),
                Gate("flap", (8, 5), (8, 3), sill=0.2, width=3.0, flap=True),
                Bridge("bridge", tuple(("x", row, 8) for row in range(3)), soffit=0.9, top=1.4),
            ],
        }

    def model(self, scheme: Scheme, precision: Precision) -> ShallowWater:
        """The model at its start: 0.5 m of water in the river, rain, evaporation and wind."""
        made = ShallowWater(**self.settings, scheme=scheme, precision=precision)
        self.start(made)
        return made

    @staticmethod
    def start(made: ShallowWater, state: State | None = None) -> None:
        """Give a model the water (or ``state``), rain, evaporation, wind and a held cell."""
        made.restore(state or made.still_water(-0.5))
        made.set_rain(40.0 / 1000 / 3600)
        made.set_evaporation(1.0 / 1000 / 3600)
        made.set_wind(2e-4, -1e-4)
        made.set_level_boundary(([11], [29]), 0.3)
