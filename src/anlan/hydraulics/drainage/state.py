"""What a network holds at one moment, for every member, and where its water went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from anlan.hydraulics.drainage.lanes import WIDTH
from anlan.hydraulics.numerics import Array

# Fields of ``DrainState.node``: level and volume, then what a step writes for itself.
HEAD, VOLUME, ETA, RESIDUAL, EXTERNAL, AT_HAND = range(6)
NODE_FIELDS = 6
# Fields of ``DrainState.link``: flow, area halfway one step ago, whether a pump runs; then the
# flow of this step as a function of the heads, Q = BASE + BY_FROM dh1 - BY_TO dh2 within bounds.
# The two FALLS say whether an end falls freely, so that the other end's node holds its half.
FLOW, MIDDLE, RUNNING, FALLS_FROM, FALLS_TO = range(5)
BASE, BY_FROM, BY_TO, LOW, HIGH, NEW_FLOW, NEW_MIDDLE = range(5, 12)
# Area and width halfway before the step, slot included.
MIDDLE_AREA, MIDDLE_WIDTH = range(12, 14)
LINK_FIELDS = 14
# Fields of ``DrainState.ledger``, m3 since the start.
INITIAL, INFLOW, OUTFLOW, BACKFLOW, FROM_SURFACE, TO_SURFACE, FLOODED = range(7)
LEDGER_FIELDS = 7
# Fields of ``DrainState.exchange``: surface level and depth, flow into the node, volume taken, the
# node's head one round ago, and the area of the surface.
LEVEL, DEPTH, INTO, TAKEN, BEFORE, AREA = range(6)
EXCHANGE_FIELDS = 6


class DrainState(NamedTuple):
    """Arrays that one step changes in place; members in blocks.

    One member: (1, rows, fields). More: (blocks, rows, fields, 8), the last block filled up with
    copies of the last member. ``ledger`` has one row.
    """

    node: Array
    link: Array
    ledger: Array
    exchange: Array
    matrix: Array  # scratch

    def copy(self) -> DrainState:
        """The same in arrays of its own."""
        return DrainState(*(array.copy() for array in self))


def empty_state(members: int, nodes: int, links: int, coupled: int, rows: int) -> DrainState:
    """Zeros for a number of members."""
    blocks, last = (1, ()) if members == 1 else (-(-members // WIDTH), (WIDTH,))
    return DrainState(
        *(
            np.zeros((blocks, count, fields, *last))
            for count, fields in (
                (nodes, NODE_FIELDS),
                (links, LINK_FIELDS),
                (1, LEDGER_FIELDS),
                (coupled, EXCHANGE_FIELDS),
                (rows, 1),
            )
        )
    )


def of_members(array: Array, field: int, members: int) -> Array:
    """One field as (members, rows), in an array of its own."""
    part = array[:, :, field]
    if part.ndim == 3:
        part = part.transpose(0, 2, 1).reshape(-1, part.shape[1])
    return np.array(part[:members])


def to_members(array: Array, field: int, values: Array) -> None:
    """Write (members, rows) into one field."""
    if array.ndim == 3:
        array[:, :, field] = values
        return
    members = np.minimum(np.arange(array.shape[0] * WIDTH), len(values) - 1)
    array[:, :, field] = values[members].reshape(array.shape[0], WIDTH, -1).transpose(0, 2, 1)


@dataclass(frozen=True)
class DrainBudget:
    """Volumes of each member since the start, m3, arrays of shape (members,).

    Attributes:
        initial: held at the start.
        inflow: entered at nodes from outside (negative where more was taken out).
        outflow: left at outfalls.
        backflow: entered at outfalls.
        from_surface: taken from the surface at inlets.
        to_surface: given to it by surcharge.
        flooded: left over rims that neither pond nor lie under a surface cell.
        storage: held now, ponded water included.

    An outfall in a surface cell counts under ``outflow`` and ``backflow``.
    """

    initial: Array
    inflow: Array
    outflow: Array
    backflow: Array
    from_surface: Array
    to_surface: Array
    flooded: Array
    storage: Array

    @property
    def residual(self) -> Array:
        """Water that appeared from nowhere (positive) or vanished (negative), m3."""
        came = self.initial + self.inflow + self.backflow + self.from_surface
        return np.asarray(self.storage - (came - self.outflow - self.to_surface - self.flooded))

    @property
    def relative_error(self) -> Array:
        """``residual`` as a share of all water that came."""
        came = self.initial + np.maximum(self.inflow, 0.0) + self.backflow + self.from_surface
        return np.asarray(self.residual / np.maximum(came, 1e-300))
