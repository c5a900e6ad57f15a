"""One step of a drainage network, and the steps that fill a time.

Unknown are the heads. Water at a node is what its half conduits, its shaft or basin and its ponded
rim hold at a head, V(H); flows follow the new heads in proportion (``momentum``). So a step solves

    V(H') = V + dt (inflow + exchange(H') + sum of flows(H'))

by Newton's method, each time eliminating the nodes in a fixed order (``elimination``). V(H) bends
where a pipe runs full; the safeguard is that a node leaving the slot is first tried below its
crown. At last volumes are added up from the flows, so water is kept whatever the iteration left
over, and flows out of a node that would fall below empty are cut.

Why not an explicit step: it must follow the pressure wave through the shortest pipe, 0.2 s for 10 m
at 50 m/s, and so would take 25 steps where this one takes one of 5 s with two rounds. Here the step
is bounded by the storm, not by the shortest pipe, and all members can take the same.
"""

from __future__ import annotations

import math
from typing import Any

from anlan.hydraulics.drainage.exchange import Inlets, exchange
from anlan.hydraulics.drainage.holding import (
    SPILL_AREA,
    add,
    free_ends,
    hand_back,
    hand_over,
    held_at_node,
    held_in_conduit,
    owned_of_conduit,
)
from anlan.hydraulics.drainage.lanes import (
    anywhere,
    clip,
    lane,
    lanes_of,
    larger,
    like,
    load,
    select,
    size,
    smaller,
    store,
    with_lane,
)
from anlan.hydraulics.drainage.momentum import conduit
from anlan.hydraulics.drainage.packing import (
    CAP,
    CONDUIT,
    CROWN,
    DROP,
    FROM_HELD,
    INVERT,
    LANDING,
    OUTFALL,
    STRIDE,
    TO_HELD,
    Packed,
)
from anlan.hydraulics.drainage.regulators import regulator, value_at
from anlan.hydraulics.drainage.state import (
    AREA,
    AT_HAND,
    BACKFLOW,
    BASE,
    BEFORE,
    BY_FROM,
    BY_TO,
    DEPTH,
    ETA,
    EXTERNAL,
    FALLS_FROM,
    FALLS_TO,
    FLOODED,
    FLOW,
    FROM_SURFACE,
    HEAD,
    HIGH,
    INFLOW,
    INTO,
    LEVEL,
    LOW,
    MIDDLE,
    MIDDLE_AREA,
    NEW_FLOW,
    NEW_MIDDLE,
    OUTFLOW,
    RESIDUAL,
    TAKEN,
    TO_SURFACE,
    VOLUME,
    DrainState,
)
from anlan.hydraulics.numerics import Array, part

# Newton's method ends when no head moves by more, m, or after so many rounds.
CLOSE = 1e-3
ROUNDS = 30
# Keeps the equation of an empty node solvable, m2.
LEAST_SURFACE = 1e-6
# How often flows out of empty nodes are cut one after the other before all are at once.
CUTS = 8


@part
def flow_at(net: Packed, node: Array, link: Array, k: int, a: int, b: int) -> Any:
    """Flow of a link at the heads ETA, m3/s, and how it answers to each of them, m2/s."""
    risen_a = load(node, a, ETA) - load(node, a, HEAD)
    risen_b = load(node, b, ETA) - load(node, b, HEAD)
    by_a = load(link, k, BY_FROM)
    by_b = load(link, k, BY_TO)
    q = load(link, k, BASE) + (by_a * risen_a - by_b * risen_b)
    if net.bounded[k]:
        low = load(link, k, LOW)
        high = load(link, k, HIGH)
        within = (q >= low) & (q <= high)
        by_a = select(within, by_a, 0.0 * q)
        by_b = select(within, by_b, 0.0 * q)
        q = clip(q, low, high)
    return q, by_a, by_b


@part
def assemble(
    net: Packed, inlets: Inlets, node: Array, link: Array, xs: Array, w: Array, dt: Any
) -> None:
    """Write what is missing at each node for its balance, m3, and how heads change that."""
    plan = net.plan
    for r in range(w.shape[0]):
        store(w, r, 0, 0.0)
    for i in range(node.shape[0]):
        eta = load(node, i, ETA)
        volume, surface = held_at_node(net, i, eta)
        missing = load(node, i, AT_HAND) - volume + dt * load(node, i, EXTERNAL)
        store(node, i, RESIDUAL, missing)
        store(w, i, 0, surface + LEAST_SURFACE)
    for c in range(inlets.node.shape[0]):
        i = inlets.node[c]
        if net.node_kind[i] != OUTFALL:
            into, answer = exchange(
                load(node, i, ETA),
                load(xs, c, LEVEL),
                load(xs, c, DEPTH),
                inlets.weir[c],
                inlets.orifice[c],
                load(xs, c, AREA),
                dt,
            )
            add(node, i, RESIDUAL, dt * into)
            add(w, i, 0, dt * answer)
    for k in range(link.shape[0]):
        a = net.start[k]
        b = net.end[k]
        q, by_a, by_b = flow_at(net, node, link, k, a, b)
        q = dt * q
        by_a = dt * by_a
        by_b = dt * by_b
        gain_a = -q
        gain_b = q
        grow_a = by_a
        grow_b = by_b
        if net.link_kind[k] == CONDUIT:
            held_a, held_b, wide_a, wide_b = held_in_conduit(net, node, link, k)
            gain_a = gain_a - held_a
            gain_b = gain_b - held_b
            grow_a = grow_a + wide_a
            grow_b = grow_b + wide_b
        add(node, a, RESIDUAL, gain_a)
        add(node, b, RESIDUAL, gain_b)
        add(w, a, 0, grow_a)
        add(w, b, 0, grow_b)
        if net.node_kind[a] != OUTFALL:
            add(w, plan.pair_of_link[k], 0, -by_b)
        if net.node_kind[b] != OUTFALL:
            add(w, plan.pair_back[k], 0, -by_a)


@part
def solve(net: Packed, node: Array, w: Array) -> None:
    """Turn RESIDUAL into the rise of the heads, m."""
    plan = net.plan
    for i in range(node.shape[0]):
        if net.node_kind[i] == OUTFALL:
            store(node, i, RESIDUAL, 0.0)
            store(w, i, 0, 1.0)
    for place in range(plan.order.shape[0]):
        k = plan.order[place]
        inverse = 1.0 / load(w, k, 0)
        store(w, k, 0, inverse)
        known = load(node, k, RESIDUAL)
        for e in range(plan.first_pair[place], plan.first_pair[place + 1]):
            factor = load(w, plan.upper[e] + 1, 0) * inverse
            store(w, plan.upper[e] + 1, 0, factor)
            add(node, plan.later[e], RESIDUAL, -factor * known)
        for u in range(plan.first_update[place], plan.first_update[place + 1]):
            add(w, plan.target[u], 0, -load(w, plan.left[u], 0) * load(w, plan.right[u], 0))
    for place in range(plan.order.shape[0] - 1, -1, -1):
        k = plan.order[place]
        known = load(node, k, RESIDUAL)
        for e in range(plan.first_pair[place], plan.first_pair[place + 1]):
            known = known - load(w, plan.upper[e], 0) * load(node, plan.later[e], RESIDUAL)
        store(node, k, RESIDUAL, known * load(w, k, 0))


@part
def newton(
    net: Packed, inlets: Inlets, node: Array, link: Array, xs: Array, w: Array, dt: Any
) -> None:
    """Find the heads ETA at the end of the step."""
    moving = 0.0 * dt + 1.0
    for _ in range(ROUNDS):
        assemble(net, inlets, node, link, xs, w, dt)
        solve(net, node, w)
        farthest = 0.0 * dt
        for c in range(inlets.node.shape[0]):
            store(xs, c, BEFORE, load(node, inlets.node[c], ETA))
        for i in range(node.shape[0]):
            eta = load(node, i, ETA)
            rise = load(node, i, RESIDUAL) * moving
            over = eta > net.node[i, CROWN]
            stride = net.node[i, STRIDE]
            after = select(
                over, larger(eta + rise, net.node[i, LANDING]), eta + clip(rise, -stride, stride)
            )
            farthest = larger(farthest, size(after - eta))
            store(node, i, ETA, after)
        for c in range(inlets.node.shape[0]):
            # the law bends sharply where the levels meet, so no round passes that point
            before = load(xs, c, BEFORE)
            after = load(node, inlets.node[c], ETA)
            level = load(xs, c, LEVEL)
            passes = ((before > level) & (after < level)) | ((before < level) & (after > level))
            store(node, inlets.node[c], ETA, select(passes, level, after))
        moving = select(farthest > CLOSE, moving, 0.0 * dt)
        if not anywhere(moving > 0.0):
            break


@part
def total_flow(net: Packed, inlets: Inlets, node: Array, link: Array, xs: Array) -> None:
    """Write the net inflow of each node, m3/s, into RESIDUAL."""
    for i in range(node.shape[0]):
        store(node, i, RESIDUAL, load(node, i, EXTERNAL))
    for c in range(inlets.node.shape[0]):
        if net.node_kind[inlets.node[c]] != OUTFALL:
            add(node, inlets.node[c], RESIDUAL, load(xs, c, INTO))
    for k in range(link.shape[0]):
        q = load(link, k, NEW_FLOW)
        add(node, net.start[k], RESIDUAL, -q)
        add(node, net.end[k], RESIDUAL, q)


@part
def cut(
    net: Packed,
    inlets: Inlets,
    node: Array,
    link: Array,
    xs: Array,
    w: Array,
    dt: Any,
    short: Any,
    all_at_once: bool,
) -> None:
    """Cut flows out of nodes that would fall below empty to what these hold and get.

    Only where ``short``. With ``all_at_once`` every flow is cut to what its node held before,
    which is always enough.
    """
    for i in range(node.shape[0]):
        store(w, i, 0, larger(-load(node, i, EXTERNAL), 0.0 * dt))
    for c in range(inlets.node.shape[0]):
        i = inlets.node[c]
        if net.node_kind[i] != OUTFALL:
            add(w, i, 0, larger(-load(xs, c, INTO), 0.0 * dt))
    for k in range(link.shape[0]):
        q = load(link, k, NEW_FLOW)
        add(w, net.start[k], 0, larger(q, 0.0 * dt))
        add(w, net.end[k], 0, larger(-q, 0.0 * dt))
    for i in range(node.shape[0]):
        out = load(w, i, 0)
        kept = load(node, i, AT_HAND) / dt
        if not all_at_once:
            kept = kept + (load(node, i, RESIDUAL) + out)
        wanted = larger(out, 1e-300)
        share = select(
            short & (kept < out) & (out > 0.0), larger(kept, 0.0) / wanted, 1.0 + 0.0 * dt
        )
        if net.node_kind[i] == OUTFALL:
            share = 1.0 + 0.0 * dt
        store(w, i, 0, share)
    for i in range(node.shape[0]):
        q = load(node, i, EXTERNAL)
        store(node, i, EXTERNAL, select(q < 0.0, q * load(w, i, 0), q))
    for c in range(inlets.node.shape[0]):
        i = inlets.node[c]
        if net.node_kind[i] != OUTFALL:
            q = load(xs, c, INTO)
            store(xs, c, INTO, select(q < 0.0, q * load(w, i, 0), q))
    for k in range(link.shape[0]):
        q = load(link, k, NEW_FLOW)
        shares = select(q > 0.0, load(w, net.start[k], 0), load(w, net.end[k], 0))
        store(link, k, NEW_FLOW, q * shares)


@part
def would_empty(node: Array, net: Packed, dt: Any) -> Any:
    """Where the flows would take more out of a node than it holds."""
    short = dt < 0.0
    for i in range(node.shape[0]):
        if net.node_kind[i] != OUTFALL:
            v = load(node, i, AT_HAND)
            short = short | (v + dt * load(node, i, RESIDUAL) < -1e-14 * v)
    return short


@part
def settle(
    net: Packed,
    inlets: Inlets,
    node: Array,
    link: Array,
    xs: Array,
    ledger: Array,
    w: Array,
    dt: Any,
    live: Any,
) -> None:
    """Take flows from the heads found, add up volumes and write the new state."""
    for c in range(inlets.node.shape[0]):
        i = inlets.node[c]
        if net.node_kind[i] != OUTFALL:
            into, _ = exchange(
                load(node, i, ETA),
                load(xs, c, LEVEL),
                load(xs, c, DEPTH),
                inlets.weir[c],
                inlets.orifice[c],
                load(xs, c, AREA),
                dt,
            )
            store(xs, c, INTO, into)
    for i in range(node.shape[0]):
        store(node, i, RESIDUAL, load(node, i, EXTERNAL))
    for c in range(inlets.node.shape[0]):
        if net.node_kind[inlets.node[c]] != OUTFALL:
            add(node, inlets.node[c], RESIDUAL, load(xs, c, INTO))
    for k in range(link.shape[0]):
        q, _, _ = flow_at(net, node, link, k, net.start[k], net.end[k])
        store(link, k, NEW_FLOW, q)
        add(node, net.start[k], RESIDUAL, -q)
        add(node, net.end[k], RESIDUAL, q)
    for cuts in range(CUTS + 1):
        short = would_empty(node, net, dt)
        if not anywhere(short):
            break
        cut(net, inlets, node, link, xs, w, dt, short, cuts == CUTS)
        total_flow(net, inlets, node, link, xs)

    inflow = 0.0 * dt
    outflow = 0.0 * dt
    backflow = 0.0 * dt
    flooded = 0.0 * dt
    for i in range(node.shape[0]):
        gain = dt * load(node, i, RESIDUAL)
        eta = load(node, i, ETA)
        if net.node_kind[i] == OUTFALL:
            outflow = outflow + larger(gain, 0.0 * dt)
            backflow = backflow + larger(-gain, 0.0 * dt)
        else:
            inflow = inflow + dt * load(node, i, EXTERNAL)
            volume = load(node, i, VOLUME) + gain
            cap = net.node[i, CAP]
            if cap < math.inf:
                over = smaller(SPILL_AREA * larger(eta - cap, 0.0), larger(volume, 0.0))
                volume = volume - over
                flooded = flooded + over
                eta = smaller(eta, cap)
            store(node, i, VOLUME, select(live, volume, load(node, i, VOLUME)))
            store(node, i, ETA, eta)
    for k in range(link.shape[0]):
        if net.link_kind[k] == CONDUIT:
            hand_back(net, node, link, k, live)
        store(link, k, FLOW, select(live, load(link, k, NEW_FLOW), load(link, k, FLOW)))
        store(link, k, MIDDLE, select(live, load(link, k, NEW_MIDDLE), load(link, k, MIDDLE)))
    for i in range(node.shape[0]):
        eta = larger(load(node, i, ETA), net.node[i, INVERT])
        store(node, i, HEAD, select(live, eta, load(node, i, HEAD)))

    taken = 0.0 * dt
    given = 0.0 * dt
    for c in range(inlets.node.shape[0]):
        i = inlets.node[c]
        if net.node_kind[i] == OUTFALL:
            store(xs, c, INTO, -load(node, i, RESIDUAL))
        else:
            taken = taken + dt * larger(load(xs, c, INTO), 0.0)
            given = given + dt * larger(-load(xs, c, INTO), 0.0)
        moved = select(live, dt * load(xs, c, INTO), 0.0 * dt)
        add(xs, c, TAKEN, moved)
        store(xs, c, LEVEL, load(xs, c, LEVEL) - moved * (1.0 / load(xs, c, AREA)))
        store(xs, c, DEPTH, larger(load(xs, c, DEPTH) - moved * (1.0 / load(xs, c, AREA)), 0.0))
    for field, value in (
        (INFLOW, inflow),
        (OUTFLOW, outflow),
        (BACKFLOW, backflow),
        (FROM_SURFACE, taken),
        (TO_SURFACE, given),
        (FLOODED, flooded),
    ):
        add(ledger, 0, field, select(live, value, 0.0 * dt))


@part
def series_at(net: Packed, c: int, time: Any) -> Any:
    """A curve over time, s, for each lane; worked out once where all have one time."""
    first = lane(time, 0)
    out = like(value_at(net.curves, c, first), time)
    for m in range(1, lanes_of(time)):
        if lane(time, m) != first:
            out = with_lane(out, m, value_at(net.curves, c, lane(time, m)))
    return out


@part
def force(
    net: Packed,
    inlets: Inlets,
    node: Array,
    link: Array,
    xs: Array,
    time: Any,
    dt: Any,
    live: Any,
) -> None:
    """Write inflows, levels outside outfalls, and each link's answer to heads."""
    for i in range(node.shape[0]):
        store(node, i, EXTERNAL, 0.0)
        if net.node_kind[i] == OUTFALL:
            level = like(net.node[i, INVERT], dt)
            if net.stage_curve[i] >= 0:
                level = series_at(net, net.stage_curve[i], time + dt)
            store(node, i, HEAD, level)
    for k in range(link.shape[0]):
        if net.falls[k, 0] == DROP or net.falls[k, 1] == DROP:
            hand_over(net, node, link, k, live)
    for f in range(net.inflow_node.shape[0]):
        c = net.inflow_curve[f]
        q = 0.5 * (series_at(net, c, time) + series_at(net, c, time + dt))
        i = net.inflow_node[f]
        add(node, i, EXTERNAL, larger(q, -larger(load(node, i, VOLUME), 0.0) / dt))
    for c in range(inlets.node.shape[0]):
        i = inlets.node[c]
        if net.node_kind[i] == OUTFALL:
            stage = select(load(xs, c, DEPTH) > 0.0, load(xs, c, LEVEL), net.node[i, INVERT])
            store(node, i, HEAD, stage)
    for i in range(node.shape[0]):
        store(node, i, ETA, load(node, i, HEAD))
        store(node, i, RESIDUAL, load(node, i, EXTERNAL))
        store(node, i, AT_HAND, load(node, i, VOLUME))
    if net.regulated:  # pumps ask what arrives
        for k in range(link.shape[0]):
            q = load(link, k, FLOW)
            add(node, net.start[k], RESIDUAL, larger(-q, 0.0 * q))
            add(node, net.end[k], RESIDUAL, larger(q, 0.0 * q))
    for k in range(link.shape[0]):
        if net.link_kind[k] == CONDUIT:
            conduit(net, node, link, k, dt)
            half = net.link[k, FROM_HELD]
            if half > 0.0 and net.link[k, TO_HELD] > 0.0:
                quarter = 0.5 * half * load(link, k, MIDDLE_AREA)
                none = load(link, k, FALLS_FROM) + load(link, k, FALLS_TO) > 0.5
                quarter = select(none, 0.0 * quarter, quarter)
                add(node, net.start[k], AT_HAND, quarter)
                add(node, net.end[k], AT_HAND, quarter)
        else:
            regulator(net, node, link, k, dt, load(node, net.start[k], RESIDUAL))
    for i in range(node.shape[0]):
        # a node may owe a little to the middle of a conduit that both ends left dry at once
        store(node, i, AT_HAND, larger(load(node, i, AT_HAND), 0.0))
    for c in range(inlets.node.shape[0]):
        i = inlets.node[c]
        if net.node_kind[i] == OUTFALL:
            most = load(xs, c, DEPTH) * load(xs, c, AREA) / dt
            for k in range(link.shape[0]):
                if net.end[k] == i:
                    store(link, k, LOW, larger(load(link, k, LOW), -most))
                elif net.start[k] == i:
                    store(link, k, HIGH, smaller(load(link, k, HIGH), most))


@part
def step(
    net: Packed,
    inlets: Inlets,
    node: Array,
    link: Array,
    xs: Array,
    ledger: Array,
    w: Array,
    time: Any,
    dt: Any,
    live: Any,
) -> None:
    """Advance one block of members by ``dt``, s; what is not ``live`` stays."""
    force(net, inlets, node, link, xs, time, dt, live)
    newton(net, inlets, node, link, xs, w, dt)
    settle(net, inlets, node, link, xs, ledger, w, dt, live)


@part
def fill_volumes(net: Packed, state: DrainState) -> None:
    """Set VOLUME to what every node holds at its HEAD, and INITIAL to their sum."""
    for block in range(state.node.shape[0]):
        node = state.node[block]
        total = 0.0 * load(node, 0, HEAD)
        for i in range(node.shape[0]):
            volume, _ = held_at_node(net, i, load(node, i, HEAD))
            store(node, i, VOLUME, volume if net.node_kind[i] != OUTFALL else 0.0 * volume)
        link = state.link[block]
        for k in range(net.start.shape[0]):
            if net.link_kind[k] == CONDUIT:
                from_falls, to_falls = free_ends(net, node, k)
                store(link, k, FALLS_FROM, from_falls)
                store(link, k, FALLS_TO, to_falls)
                own_a, own_b = owned_of_conduit(net, node, link, k)
                add(node, net.start[k], VOLUME, own_a)
                add(node, net.end[k], VOLUME, own_b)
        for i in range(node.shape[0]):
            total = total + load(node, i, VOLUME)
        store(state.ledger[block], 0, 0, total)
