"""The flow of a conduit as a function of the heads at its ends, for one step.

The equation of Saint-Venant over the whole conduit, as EPA-SWMM's dynamic wave has it (Rossman
2017, SWMM Reference Manual II, EPA/600/R-17/111, ch. 3): local inertia, the slope of the water
surface, Manning's friction and local losses, and the two convective terms, which fade out between
Froude 0.5 and 1 and for full pipes. The slope is taken at the new time, so a step is bounded by no
wave; friction is the root of a quadratic, so thin flows relax to it and do not swing around it.
"""

from __future__ import annotations

from typing import Any

from anlan.hydraulics.drainage.geometry import (
    CLOSED,
    FULL_AREA,
    HEIGHT,
    LEAST_SHARE,
    area_and_width,
    at,
    whole_section,
)
from anlan.hydraulics.drainage.lanes import (
    anywhere,
    clip,
    cube_root_below,
    larger,
    like,
    load,
    root,
    select,
    size,
    smaller,
    store,
)
from anlan.hydraulics.drainage.packing import (
    AVERAGE,
    BARRELS,
    ENTRY,
    EXIT,
    FLOW_SCALE,
    FROM_Z,
    HELD,
    HIGHEST,
    LENGTH,
    LOWEST,
    NORMAL,
    OUTFALL,
    ROUGH,
    SLOPE,
    TO_Z,
    UNIFORM,
    Packed,
)
from anlan.hydraulics.drainage.state import (
    BASE,
    BY_FROM,
    BY_TO,
    ETA,
    FLOW,
    HEAD,
    HIGH,
    LOW,
    MIDDLE,
    MIDDLE_AREA,
    MIDDLE_WIDTH,
    NEW_MIDDLE,
)
from anlan.hydraulics.numerics import Array, G, part

# A conduit with less water at both ends carries none, m.
LEAST_DEPTH = 3e-5
# Least area for velocities, m2.
LEAST_AREA = 1e-9


@part
def end_level(
    net: Packed, k: int, falls: int, floor: float, head: Any, other_depth: Any, leaving: Any
) -> Any:
    """Depth and level at one end of a conduit, and whether the level is the node's.

    Where the node stands lower than the conduit, the water falls out at its critical depth (at a
    "normal" outfall: at the depth of the other end) and the node is not felt.

    Args:
        net: network.
        k: link.
        falls: HELD, CRITICAL, UNIFORM or DROP.
        floor: bottom of the conduit there, m.
        head: of the node, m.
        other_depth: at the other end, m.
        leaving: discharge of one barrel out of this end, m3/s.
    """
    depth = larger(head - floor, 0.0)
    felt = like(1.0, head)
    level = larger(head, floor)
    if falls != HELD:
        felt = select(head < floor, 0.0, felt)
        edge = other_depth
        if falls != UNIFORM:
            last = net.critical.shape[1] - 1
            place = root(clip(leaving * (1.0 / net.link[k, FLOW_SCALE]), 0.0, 1.0)) * float(last)
            edge = smaller(at(net.critical, net.section_of[k], 0, place), other_depth)
        free = depth < edge
        depth = select(free, edge, depth)
        level = select(free, floor + edge, level)
        felt = select(free, 0.0, felt)
    return depth, level, felt


@part
def conduit(net: Packed, node: Array, link: Array, k: int, dt: Any) -> None:
    """Write BASE, BY_FROM, BY_TO, LOW, HIGH and the three of the middle of conduit ``k``."""
    p = net.link
    barrels = p[k, BARRELS]
    shape_kind = net.shape_kind[k]
    row = net.section_of[k]
    h1 = load(node, net.start[k], HEAD)
    h2 = load(node, net.end[k], HEAD)
    q = load(link, k, FLOW) * (1.0 / barrels)

    plain1 = larger(h1 - p[k, FROM_Z], 0.0)
    plain2 = larger(h2 - p[k, TO_Z], 0.0)
    y1, e1, felt1 = end_level(net, k, net.falls[k, 0], p[k, FROM_Z], h1, plain2, -q)
    y2, e2, felt2 = end_level(net, k, net.falls[k, 1], p[k, TO_Z], h2, plain1, q)

    # An outfall shows the level at the conduit's end.
    if net.node_kind[net.start[k]] == OUTFALL:
        store(node, net.start[k], HEAD, e1)
        store(node, net.start[k], ETA, e1)
    if net.node_kind[net.end[k]] == OUTFALL:
        store(node, net.end[k], HEAD, e2)
        store(node, net.end[k], ETA, e2)

    height = net.shape[k, HEIGHT]
    y_mid = 0.5 * (plain1 + plain2)
    area_mid, width_mid, radius_mid = whole_section(
        shape_kind, net.shape, k, net.tables, row, y_mid
    )
    moist = y_mid > LEAST_SHARE * height
    store(link, k, MIDDLE_AREA, select(moist, area_mid, 0.0 * q))
    store(link, k, MIDDLE_WIDTH, width_mid)
    # The flow takes the middle between ends that are full at most, as EPA-SWMM does.
    capped1 = smaller(y1, height)
    capped2 = smaller(y2, height)
    other_mid = 0.5 * (capped1 + capped2)
    if anywhere(size(other_mid - y_mid) > 0.0):
        y_mid = other_mid
        area_mid, width_mid, radius_mid = whole_section(
            shape_kind, net.shape, k, net.tables, row, y_mid
        )
    full_area = net.shape[k, FULL_AREA]
    if net.shape[k, CLOSED] > 0.0:
        area_mid = smaller(area_mid, full_area)
    area_mid = larger(area_mid, LEAST_AREA)

    drop = e1 - e2
    onward = drop >= 0.0
    y_up = select(onward, y1, y2)
    y_down = select(onward, y2, y1)
    v = q / area_mid
    froude = size(v) * root(width_mid / (G * area_mid))
    inertia = clip(2.0 * (1.0 - froude), 0.0, 1.0)
    together = q * drop > 0.0
    convective = inertia
    if net.shape[k, CLOSED] > 0.0:
        together = together & (y_up < height)
        convective = select((y_up >= height) & (y_down >= height), 0.0, inertia)
    share = select(together, inertia, like(1.0, q))
    falling = net.link[k, SLOPE] > 0.0
    upstream = select(onward, 1.0, like(-1.0, q))
    steeper = y_up < y_down
    if net.node_kind[net.end[k]] != OUTFALL and net.node_kind[net.start[k]] != OUTFALL:
        steeper = steeper | (froude > 1.0)
    downhill = (upstream if falling else -upstream) > 0.0
    check = steeper & downhill & (y_up < height)
    area = area_mid
    radius = radius_mid
    area_up = area_mid
    radius_up = radius_mid
    if anywhere((share < 1.0) | check):
        area_up, _, radius_up = whole_section(shape_kind, net.shape, k, net.tables, row, y_up)
        if net.shape[k, CLOSED] > 0.0:
            area_up = smaller(area_up, full_area)
        area = select(share < 1.0, area_up + (area_mid - area_up) * share, area_mid)
        radius = select(share < 1.0, radius_up + (radius_mid - radius_up) * share, radius_mid)

    pull = dt * (G / p[k, LENGTH]) * area
    gain = 2.0 * v * (area_mid - load(link, k, MIDDLE))
    # the difference of the areas at the ends, by the width halfway
    spread = dt * v * v * (width_mid * (capped2 - capped1)) * (1.0 / p[k, LENGTH])
    star = q + pull * drop + convective * (gain + spread)
    r = cube_root_below(radius)
    r = r * r
    friction = (G * p[k, ROUGH] * p[k, ROUGH]) * (r * r) / area_mid
    losses = p[k, ENTRY] + p[k, EXIT] + p[k, AVERAGE]
    if losses > 0.0:
        here = select(onward, p[k, ENTRY] + 0.0 * v, p[k, EXIT] + 0.0 * v)
        there = select(onward, p[k, EXIT] + 0.0 * v, p[k, ENTRY] + 0.0 * v)
        entry_area, _ = area_and_width(shape_kind, net.shape, k, net.tables, row, y_up)
        exit_area, _ = area_and_width(shape_kind, net.shape, k, net.tables, row, y_down)
        friction = friction + (0.5 / p[k, LENGTH]) * (
            here / larger(entry_area, LEAST_AREA)
            + there / larger(exit_area, LEAST_AREA)
            + p[k, AVERAGE] / area_mid
        )
    a = dt * friction
    slowed = 2.0 * size(star) / (1.0 + root(1.0 + 4.0 * a * size(star)))
    inverse = 1.0 / (1.0 + a * slowed)
    base = star * inverse
    by = pull * inverse
    by_from = by * felt1
    by_to = by * felt2

    check = check & (base * upstream > 0.0)
    if anywhere(check):
        third = cube_root_below(radius_up)
        normal = p[k, NORMAL] * area_up * radius_up * third
        limited = check & (size(base) > normal)
        base = select(limited, normal * upstream, base)
        # dA/dy of a conduit whose area grows as its depth
        by_depth = (5.0 / 3.0) * normal / larger(y_up, 1e-3)
        by_from = select(limited, select(onward, by_depth, 0.0 * q), by_from)
        by_to = select(limited, select(onward, 0.0 * q, by_depth), by_to)

    dry = (y1 < LEAST_DEPTH) & (y2 < LEAST_DEPTH)
    base = select(dry, 0.0, base)
    by_from = select(dry, 0.0, by_from)
    by_to = select(dry, 0.0, by_to)
    store(link, k, BASE, base * barrels)
    store(link, k, BY_FROM, by_from * barrels)
    store(link, k, BY_TO, by_to * barrels)
    store(link, k, LOW, like(p[k, LOWEST], q))
    store(link, k, HIGH, like(p[k, HIGHEST], q))
    store(link, k, NEW_MIDDLE, area_mid)
