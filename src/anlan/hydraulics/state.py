"""What a run is at one moment, and where its water came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anlan.hydraulics.numerics import Array


@dataclass(frozen=True)
class State:
    """Water and clock at one moment; enough to continue a run bit for bit.

    A state taken from a model shows its arrays as they are now and is good until the next step;
    ``copy`` keeps it. A state for a new start needs only ``depth``.

    Attributes:
        time: since the start of the run, s.
        depth: (ny, nx) at cells, m.
        qx: (ny, nx+1) discharge per unit width at x faces, m2/s, positive along the columns;
            none means still water.
        qy: (ny+1, nx) the same at y faces, positive along the rows.
        carry: (ny, nx) what rounding has kept out of ``depth``, m.
        speed: fastest wave of the last step, m/s, which sets the next step.
        running: for each structure, whether it is a pump that runs.
    """

    time: float
    depth: Array
    qx: Array | None = None
    qy: Array | None = None
    carry: Array | None = None
    speed: float | None = None
    running: NDArray[np.bool_] | None = None

    def copy(self) -> State:
        """The same state in arrays of its own."""

        def own(array: Array | None) -> Array | None:
            return None if array is None else array.copy()

        return State(
            time=self.time,
            depth=self.depth.copy(),
            qx=own(self.qx),
            qy=own(self.qy),
            carry=own(self.carry),
            speed=self.speed,
            running=own(self.running),
        )


@dataclass(frozen=True)
class Budget:
    """Volumes since the run was made or restored, m3, summed in double precision.

    Attributes:
        initial: water held at the start.
        rain: fallen on active cells.
        inflow: entered through cells with a prescribed level.
        outflow: left through them.
        losses: taken by infiltration and drains; never more than was there.
        storage: water held now.
        structures: volume that each structure moved from its first to its second cell; it stays
            inside, so it is not part of the sum.
    """

    initial: float
    rain: float
    inflow: float
    outflow: float
    losses: float
    storage: float
    structures: Mapping[str, float] = field(default_factory=dict)

    @property
    def residual(self) -> float:
        """Water that appeared from nowhere (positive) or vanished (negative), m3."""
        came = self.initial + self.rain + self.inflow
        return self.storage - (came - self.outflow - self.losses)

    @property
    def relative_error(self) -> float:
        """``residual`` as a share of all the water that the run has seen; 0 if it saw none."""
        came = self.initial + self.rain + self.inflow
        return self.residual / came if came > 0.0 else self.residual
