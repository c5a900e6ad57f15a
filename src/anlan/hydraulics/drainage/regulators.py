"""Flow through pumps, orifices, weirs and outlets as a function of the heads at their ends.

Each law is plain arithmetic for one member, which a step asks for at three pairs of heads to know
how the flow answers to them. Orifices and weirs as EPA-SWMM has them (Rossman 2017, SWMM Reference
Manual II, ch. 6): an opening not full is a weir, a weir running full an orifice, and water below
drowns them by Villemonte's law.
"""

from __future__ import annotations

import math

from anlan.hydraulics.drainage.lanes import lane, lanes_of, like, load, store, with_lane
from anlan.hydraulics.drainage.packing import (
    FIFTH,
    FIRST,
    FOURTH,
    FROM_Z,
    HIGHEST,
    INVERT,
    LAW,
    LOWEST,
    ORIFICE,
    OUTLET,
    PUMP,
    SECOND,
    THIRD,
    Curves,
    Packed,
)
from anlan.hydraulics.drainage.state import (
    BASE,
    BY_FROM,
    BY_TO,
    FLOW,
    HEAD,
    HIGH,
    LOW,
    NEW_MIDDLE,
    RUNNING,
    VOLUME,
)
from anlan.hydraulics.numerics import Array, part

IDEAL, VOLUME_STEPS, DEPTH_STEPS, BY_HEAD, BY_DEPTH = range(5)
TRANSVERSE, SIDE, V_NOTCH, TRAPEZOIDAL = range(4)
VILLEMONTE = 0.385
# Heads are varied by this to see how a flow answers, m.
NUDGE = 1e-3


@part
def value_at(curves: Curves, c: int, x: float) -> float:
    """The curve's line at x; its ends hold beyond."""
    low = curves.first[c]
    high = curves.first[c + 1] - 1
    if x <= curves.x[low]:
        return float(curves.y[low])
    if x >= curves.x[high]:
        return float(curves.y[high])
    while high - low > 1:
        middle = (low + high) // 2
        if curves.x[middle] <= x:
            low = middle
        else:
            high = middle
    share = (x - curves.x[low]) / (curves.x[high] - curves.x[low])
    return float(curves.y[low] + share * (curves.y[high] - curves.y[low]))


@part
def step_at(curves: Curves, c: int, x: float) -> float:
    """The y of the first point whose x is not yet reached, or of the last point."""
    for k in range(curves.first[c], curves.first[c + 1]):
        if x <= curves.x[k]:
            return float(curves.y[k])
    return float(curves.y[curves.first[c + 1] - 1])


@part
def drowned(q: float, up: float, down: float, exponent: float) -> float:
    """A weir's flow when the water below stands above its crest, heads above the crest."""
    if down <= 0.0 or up <= 0.0:
        return q
    return float(q * (1.0 - min(down / up, 1.0) ** exponent) ** VILLEMONTE)


@part
def orifice_flow(net: Packed, k: int, up: float, down: float) -> float:
    """Discharge from the higher to the lower level, m3/s; levels above the opening's bottom."""
    height = net.link[k, FIRST]
    full = net.link[k, SECOND]
    if net.link[k, LAW] > 0.0:
        turn = net.link[k, THIRD]
        if up < turn:
            q = full * math.sqrt(turn) * (max(up, 0.0) / turn) ** 1.5
            return drowned(q, up, down, 1.5)
        return float(full * math.sqrt(max(up - max(down, 0.0), 0.0)))
    if up < height:
        q = full * math.sqrt(0.5 * height) * (max(up, 0.0) / height) ** 1.5
        return drowned(q, up, down, 1.5)
    return float(full * math.sqrt(max(up - max(down, 0.5 * height), 0.0)))


@part
def free_weir(net: Packed, k: int, h: float) -> float:
    """Discharge of an undrowned weir under a head, m3/s."""
    width = net.link[k, SECOND]
    c = net.link[k, THIRD]
    law = int(net.link[k, LAW])
    contractions = net.link[k, FIFTH]
    if contractions < 0.0:
        contractions = -1.0 - contractions
    if law == TRANSVERSE:
        return float(c * max(width - 0.1 * contractions * h, 0.0) * h**1.5)
    if law == SIDE:
        return float(c * max(width - 0.1 * contractions * h, 0.0) ** 0.83 * h ** (5.0 / 3.0))
    if law == V_NOTCH:
        return float(net.link[k, FOURTH] * h**2.5)
    crest = c * max(width - 0.1 * contractions * h, 0.0) * h**1.5
    return float(crest + net.link[k, FOURTH] * h**2.5)


@part
def weir_flow(net: Packed, k: int, up: float, down: float) -> float:
    """Discharge from the higher to the lower level, m3/s; levels above the crest."""
    if up <= 0.0:
        return 0.0
    height = net.link[k, FIRST]
    law = int(net.link[k, LAW])
    exponent = 1.5
    if law == SIDE:
        exponent = 5.0 / 3.0
    elif law == V_NOTCH:
        exponent = 2.5
    if up <= height:
        return drowned(free_weir(net, k, up), up, down, exponent)
    most = free_weir(net, k, height)
    if net.link[k, FIFTH] < 0.0:
        return drowned(most, height, min(down, height), exponent)
    head = up - max(down, 0.5 * height)
    return float(most * math.sqrt(max(head, 0.0) / (0.5 * height)))


@part
def opening_flow(net: Packed, k: int, h1: float, h2: float) -> float:
    """Discharge of an orifice, weir or outlet, m3/s, from ``from_node`` to ``to_node``."""
    kind = net.link_kind[k]
    up = max(h1, h2) - net.link[k, FROM_Z]
    down = min(h1, h2) - net.link[k, FROM_Z]
    if up <= 0.0:
        return 0.0
    if kind == ORIFICE:
        q = orifice_flow(net, k, up, down)
    elif kind == OUTLET:
        over = up if net.link[k, LAW] == 0.0 else up - max(down, 0.0)
        q = value_at(net.curves, net.curve_of[k], over)
        if h2 > h1 and net.link[k, LAW] == 0.0:
            q = 0.0
    else:
        q = weir_flow(net, k, up, down)
    return q if h1 >= h2 else -q


@part
def pump_flow(net: Packed, k: int, h1: float, h2: float, volume: float, running: float) -> float:
    """Discharge of a pump other than an ideal one, m3/s."""
    if running == 0.0:
        return 0.0
    law = int(net.link[k, LAW])
    c = net.curve_of[k]
    depth = h1 - net.node[net.start[k], INVERT]
    if law == VOLUME_STEPS:
        return step_at(net.curves, c, volume)
    if law == DEPTH_STEPS:
        return step_at(net.curves, c, depth)
    if law == BY_HEAD:
        return value_at(net.curves, c, h2 - h1)
    return value_at(net.curves, c, depth)


@part
def regulator(net: Packed, node: Array, link: Array, k: int, dt: float, arriving: float) -> None:
    """Write BASE, BY_FROM, BY_TO, LOW, HIGH and RUNNING of a link that is no conduit.

    Args:
        net: network.
        node: fields.
        link: fields.
        k: the link.
        dt: step, s.
        arriving: flow into ``from_node``, m3/s, which an ideal pump hands on.
    """
    a = net.start[k]
    h1s = load(node, a, HEAD)
    h2s = load(node, net.end[k], HEAD)
    volumes = load(node, a, VOLUME)
    running = load(link, k, RUNNING)
    base, by_from, by_to = h1s, h1s, h1s
    low = like(net.link[k, LOWEST], h1s)
    high = like(net.link[k, HIGHEST], h1s)
    for m in range(lanes_of(h1s)):
        h1 = lane(h1s, m)
        h2 = lane(h2s, m)
        q = 0.0
        d1 = 0.0
        d2 = 0.0
        if net.link_kind[k] == PUMP:
            volume = lane(volumes, m)
            on = lane(running, m)
            depth = h1 - net.node[a, INVERT]
            if net.link[k, FIRST] > 0.0:
                if depth >= net.link[k, FIRST]:
                    on = 1.0
                elif depth <= net.link[k, SECOND]:
                    on = 0.0
                running = with_lane(running, m, on)
            least = max(volume, 0.0) / lane(dt, m) + lane(arriving, m)
            if int(net.link[k, LAW]) == IDEAL:
                q = on * max(lane(arriving, m), 0.0)
            else:
                q = min(pump_flow(net, k, h1, h2, volume, on), max(least, 0.0))
                if int(net.link[k, LAW]) == BY_HEAD:
                    d2 = max(q - pump_flow(net, k, h1, h2 + NUDGE, volume, on), 0.0) / NUDGE
                    d1 = d2
        else:
            q = opening_flow(net, k, h1, h2)
            # within a step the answer to the heads may stop the flow, not turn it
            if h1 >= h2:
                low = with_lane(low, m, max(lane(low, m), 0.0))
            else:
                high = with_lane(high, m, min(lane(high, m), 0.0))
            d1 = max(opening_flow(net, k, h1 + NUDGE, h2) - q, 0.0) / NUDGE
            d2 = max(q - opening_flow(net, k, h1, h2 + NUDGE), 0.0) / NUDGE
        base = with_lane(base, m, q)
        by_from = with_lane(by_from, m, d1)
        by_to = with_lane(by_to, m, d2)
    store(link, k, RUNNING, running)
    store(link, k, BASE, base)
    store(link, k, BY_FROM, by_from)
    store(link, k, BY_TO, by_to)
    store(link, k, LOW, low)
    store(link, k, HIGH, high)
    store(link, k, NEW_MIDDLE, load(link, k, FLOW))
