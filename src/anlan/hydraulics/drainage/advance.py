"""What Python calls of the network: its volumes at the start, and a stretch of time."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from anlan.hydraulics.drainage.exchange import Inlets
from anlan.hydraulics.drainage.lanes import lane, lanes_of, load, store, with_lane
from anlan.hydraulics.drainage.packing import Packed
from anlan.hydraulics.drainage.solver import fill_volumes, step
from anlan.hydraulics.drainage.state import AREA, DEPTH, LEVEL, TAKEN, DrainState
from anlan.hydraulics.numerics import Array, entry, part, source_digest


@part
def gather(values: Array, block: int, c: int, like_this: Any) -> Any:
    """Column ``c`` of (members, ...) for the members of a block; the last one fills it up."""
    out = like_this
    lanes = lanes_of(like_this)
    for m in range(lanes):
        out = with_lane(out, m, values[min(block * lanes + m, values.shape[0] - 1), c])
    return out


def _compiled(digest: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    @entry
    def begin(net: Packed, state: DrainState) -> None:
        """Give a state its volumes, from its heads."""
        len(digest)
        fill_volumes(net, state)

    @entry
    def drain(
        net: Packed,
        inlets: Inlets,
        state: DrainState,
        level: Array,
        depth: Array,
        area: Array,
        time: Array,
        dt: Array,
        volume: Array,
    ) -> None:
        """Advance a network beside a surface that stands still.

        It takes equal steps of at most ``net.step``.

        Args:
            net: network.
            inlets: of the coupled nodes.
            state: changed in place.
            level: (members, coupled) level of the surface at each coupled node, m.
            depth: (members, coupled) of water there, m; 0 on dry ground.
            area: (members, coupled) of the cells that the water there stands on, m2.
            time: (members, 1) at the start, s, which the series of the network count in.
            dt: (members, 1) to advance, s, above 0.
            volume: (members, coupled) filled with the volume taken from the surface (positive) or
                given to it (negative), m3; never more is taken than ``depth * area``.
        """
        len(digest)
        for block in range(state.node.shape[0]):
            node = state.node[block]
            link = state.link[block]
            xs = state.exchange[block]
            sample = load(state.ledger[block], 0, 0)
            lanes = lanes_of(sample)
            for c in range(inlets.node.shape[0]):
                store(xs, c, LEVEL, gather(level, block, c, sample))
                store(xs, c, DEPTH, gather(depth, block, c, sample))
                store(xs, c, AREA, gather(area, block, c, sample))
                store(xs, c, TAKEN, 0.0)
            steps = sample
            most = 0
            span = gather(dt, block, 0, sample)
            for m in range(lanes):
                count = max(math.ceil(lane(span, m) / net.step - 1e-9), 1)
                steps = with_lane(steps, m, float(count))
                most = max(most, count)
            sub = span / steps
            at_start = gather(time, block, 0, sample)
            for s in range(most):
                step(
                    net,
                    inlets,
                    node,
                    link,
                    xs,
                    state.ledger[block],
                    state.matrix[block],
                    at_start + float(s) * sub,
                    sub,
                    steps > float(s) + 0.5,
                )
            for c in range(inlets.node.shape[0]):
                taken = load(xs, c, TAKEN)
                for m in range(lanes):
                    member = block * lanes + m
                    if member < volume.shape[0]:
                        held = depth[member, c] * area[member, c]
                        volume[member, c] = min(lane(taken, m), held)

    return begin, drain


begin, drain = _compiled(source_digest(__file__))
