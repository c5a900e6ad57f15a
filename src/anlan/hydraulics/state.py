"""What a run is at one moment, and where its water came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from anlan.hydraulics.numerics import Array


@dataclass(frozen=True, eq=False)
class State:
    """Water and clock at one moment; enough to continue a run bit for bit.

    A state taken from a model shows its arrays as they are now and is good until the next step;
    ``copy`` keeps it. A state for a new start needs only ``depth``. In an ensemble of M members
    every array has a leading dimension (M,), and ``time`` is an array.

    Attributes:
        time: since the start of the run, s; (M,) in an ensemble.
        depth: (ny, nx) at cells, m.
        qx: (ny, nx+1) discharge per unit width at x faces, m2/s, positive along the columns; at
            cells (ny, nx) in the second-order scheme. None means still water.
        qy: (ny+1, nx) the same at y faces, positive along the rows.
        carry: (ny, nx) what rounding has kept out of ``depth``, m.
        ux: (ny, nx+1) velocity at x faces, m/s, of the full scheme; none takes it from ``qx``.
        uy: (ny+1, nx) the same at y faces.
        speed: fastest wave of the last step, m/s, which sets the next step.
        last_step: s; 0 before the first.
        works: (k, 3) what the structures remember.
        soil: what the soil remembers, of the infiltration's own kind.
        drainage: what the drainage network holds.
    """

    time: Any
    depth: Array
    qx: Array | None = None
    qy: Array | None = None
    carry: Array | None = None
    ux: Array | None = None
    uy: Array | None = None
    speed: Any = None
    last_step: Any = 0.0
    works: Array | None = None
    soil: Array | None = None
    drainage: Any = None

    def copy(self) -> State:
        """The same state in arrays of its own."""
        return State(**{f.name: _own(getattr(self, f.name)) for f in fields(self)})


def _own(value: Any) -> Any:
    return value.copy() if hasattr(value, "copy") else value


@dataclass(frozen=True)
class Budget:
    """Volumes since the run was made or restored, m3, summed in double precision.

    In an ensemble every entry is an array (M,).

    Attributes:
        initial: water held at the start.
        rain: fallen on active cells.
        inflow: entered over boundaries, at sources and in cells with a prescribed level.
        outflow: left there.
        infiltration: taken by the ground; never more than was there.
        evaporation: taken by the air.
        drained: taken by the drainage network, less what it gave back.
        storage: water held now.
        structures: volume that each structure moved from its first to its second cell, or along
            the axis under a bridge; it stays inside, so it is not part of the sum.
        boundaries: net volume that entered over each boundary, in the order given; part of
            ``inflow`` and ``outflow``.
    """

    initial: Any
    rain: Any
    inflow: Any
    outflow: Any
    infiltration: Any
    evaporation: Any
    drained: Any
    storage: Any
    structures: Mapping[str, Any] = field(default_factory=dict)
    boundaries: tuple[Any, ...] = ()

    @property
    def residual(self) -> Any:
        """Water that appeared from nowhere (positive) or vanished (negative), m3."""
        came = self.initial + self.rain + self.inflow
        gone = self.outflow + self.infiltration + self.evaporation + self.drained
        return self.storage - (came - gone)

    @property
    def relative_error(self) -> Any:
        """``residual`` as a share of all the water that the run has seen; 0 if it saw none."""
        came = self.initial + self.rain + self.inflow
        return self.residual / np.where(came > 0.0, came, 1.0)
