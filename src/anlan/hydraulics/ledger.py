"""Where the water of a run came from and went: the sums that its budget is drawn up from."""

from __future__ import annotations

import itertools

import numpy as np

from anlan.hydraulics.lay_run import Plan
from anlan.hydraulics.numerics import Array
from anlan.hydraulics.state import Budget
from anlan.hydraulics.way_laws import BRIDGE


class Ledger:
    """Volumes of each member, (M,) m3; those that the steps sum lie in the run.

    Attributes:
        initial: held at the start.
        evaporated: taken by the air.
        drained: taken by the drainage network, less what it gave back.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._rate = np.zeros(plan.domain.members)  # of rain, m3/s
        self.begin(np.zeros(plan.domain.members))

    def begin(self, initial: Array) -> None:
        """Begin anew with so much water held."""
        plan, run = self._plan, self._plan.run
        steps = (run.ways.came, run.ways.went, plan.works.volume, run.tiles.taken, *run.sums)
        for array in steps:
            array[...] = 0.0
        self.initial = initial
        self.evaporated = np.zeros(len(initial))
        self.drained = np.zeros(len(initial))
        self._rain = np.zeros(len(initial))
        self._rained_at = run.clock.time.copy()

    def set_rain(self, rate: Array) -> None:
        """Rain from now on, (M,) m3/s."""
        self._count_rain()
        self._rate = rate

    def budget(self, storage: Array) -> Budget:
        """All that came and went until now; ``storage`` is the water held."""
        self._count_rain()
        plan, run, ways = self._plan, self._plan.run, self._plan.run.ways
        shown = plan.domain.shown
        moved = dict(zip((s.name for s in plan.links), plan.works.volume.T, strict=True))
        into = np.where(ways.inward > 0, ways.came, ways.went)
        out = np.where(ways.inward > 0, ways.went, ways.came)
        edge = ways.inward != 0
        owner = np.where(ways.kind == BRIDGE, ways.bridge, -1)
        for b, bridge in enumerate(plan.bridges):
            here = np.isin(owner, np.flatnonzero(ways.bridges.owner == b))
            moved[bridge.name] = (ways.came - ways.went)[:, here].sum(axis=1)
        each = (into - out)[:, run.edges.way]
        return Budget(
            initial=shown(self.initial),
            rain=shown(self._rain.copy()),
            inflow=shown(run.sums.inflow + into[:, edge].sum(axis=1)),
            outflow=shown(run.sums.outflow + out[:, edge].sum(axis=1)),
            infiltration=shown(run.tiles.taken.sum(axis=(1, 2)) * plan.domain.area),
            evaporation=shown(self.evaporated.copy()),
            drained=shown(self.drained.copy()),
            storage=shown(storage),
            structures={s.name: shown(moved[s.name]) for s in plan.structures},
            boundaries=tuple(
                shown(each[:, a:b].sum(axis=1)) for a, b in itertools.pairwise(run.edges.first)
            ),
        )

    def _count_rain(self) -> None:
        """Sum the rain since the rate was last changed."""
        now = self._plan.run.clock.time
        self._rain += self._rate * (now - self._rained_at)
        self._rained_at = now.copy()
