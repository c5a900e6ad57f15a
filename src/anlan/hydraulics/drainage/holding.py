"""The water that nodes hold: in shafts, basins and their halves of conduits."""

from __future__ import annotations

import math
from typing import Any

from anlan.hydraulics.drainage.geometry import CLOSED, HEIGHT, area_and_width, at
from anlan.hydraulics.drainage.lanes import (
    anywhere,
    clip,
    larger,
    like,
    load,
    select,
    size,
    smaller,
    store,
)
from anlan.hydraulics.drainage.packing import (
    CAP,
    DROP,
    FROM_HELD,
    FROM_Z,
    INVERT,
    PONDED,
    RIM,
    SHAFT,
    STORAGE,
    TO_HELD,
    TO_Z,
    Packed,
)
from anlan.hydraulics.drainage.state import (
    ETA,
    FALLS_FROM,
    FALLS_TO,
    HEAD,
    MIDDLE_AREA,
    MIDDLE_WIDTH,
    VOLUME,
)
from anlan.hydraulics.numerics import Array, part

# Above a rim that neither ponds nor lies under a surface cell water spreads over this, m2, until
# the end of the step takes it away.
SPILL_AREA = 1e4
# Depth at an end that falls freely, as a share of the depth at the other end.
FALL_DEPTH = 0.75
# From this share of the height on, the middle's area follows its shape at each round.
NEAR_CROWN = 0.8


@part
def add(array: Array, row: int, field: int, value: Any) -> None:
    """Add to one field of one row."""
    store(array, row, field, load(array, row, field) + value)


@part
def held_at_node(net: Packed, i: int, eta: Any) -> Any:
    """Water that a node itself holds at a level, m3, and how it grows with the level, m2."""
    p = net.node
    depth = eta - p[i, INVERT]
    under = depth > 0.0
    if net.node_kind[i] == STORAGE:
        row = net.storage_of[i]
        last = net.storage.shape[1] - 1
        top = net.storage_depth[row]
        place = clip(depth * (1.0 / top), 0.0, 1.0) * float(last)
        surface = at(net.storage, row, 1, place)
        beyond = larger(depth - top, 0.0)
        volume = at(net.storage, row, 0, place) + net.storage[row, last, 1] * beyond
    else:
        volume = p[i, SHAFT] * larger(depth, 0.0)
        surface = like(p[i, SHAFT], eta)
    surface = select(under, surface, 0.0 * eta)
    if p[i, PONDED] > 0.0:
        over = eta - p[i, RIM]
        volume = volume + p[i, PONDED] * larger(over, 0.0)
        surface = surface + select(over > 0.0, p[i, PONDED] + 0.0 * eta, 0.0 * eta)
    if p[i, CAP] < math.inf:
        over = eta - p[i, CAP]
        volume = volume + SPILL_AREA * larger(over, 0.0)
        surface = surface + select(over > 0.0, SPILL_AREA + 0.0 * eta, 0.0 * eta)
    return volume, surface


@part
def end_depths(net: Packed, node: Array, k: int, field: int) -> Any:
    """Depths above the conduit's bottom at its ends, m, 0 or more."""
    y_a = load(node, net.start[k], field) - net.link[k, FROM_Z]
    y_b = load(node, net.end[k], field) - net.link[k, TO_Z]
    return larger(y_a, 0.0 * y_a), larger(y_b, 0.0 * y_b)


@part
def area_at(net: Packed, k: int, y: Any) -> Any:
    """Area of the water in a conduit, slot included, at a depth, m2, and its growth, m."""
    kind = net.shape_kind[k]
    return area_and_width(kind, net.shape, k, net.tables, net.section_of[k], y)


@part
def fallen_share(net: Packed, k: int, held: float, y: Any) -> Any:
    """Water of a conduit's half whose end falls freely, held by the other node at depth y."""
    wet, width = area_at(net, k, FALL_DEPTH * y)
    return held * wet, (held * FALL_DEPTH) * width


@part
def middle_area(net: Packed, link: Array, k: int, old_a: Any, old_b: Any, rise: Any) -> Any:
    """Area halfway, m2, once one end has risen, m, and its growth, m.

    By the width before the step, which saves a root; near the crown, where the width vanishes, from
    the shape itself.
    """
    area = load(link, k, MIDDLE_AREA)
    width = load(link, k, MIDDLE_WIDTH)
    before = 0.5 * (old_a + old_b)
    after = before + 0.5 * rise
    linear = area + 0.5 * width * rise
    if net.shape[k, CLOSED] > 0.0:
        near = larger(before, after) > NEAR_CROWN * net.shape[k, HEIGHT]
        if anywhere(near):
            exact, wide = area_at(net, k, after)
            linear = select(near, exact, linear)
            width = select(near, wide, width)
    return linear, width


@part
def held_in_conduit(net: Packed, node: Array, link: Array, k: int) -> Any:
    """Water of a conduit that its nodes hold as one of them rises, m3, and its growth, m2.

    A conduit holds L/4 (A1 + 2 Am + A2), with Am at the mean of its depths. Each node's head is
    asked for with the other end as it was before the step, so that it stores L/4 (W1 + Wm) for each
    metre, as in EPA-SWMM; what a node has so stored of the middle in the other's name ``settle``
    hands over. Where an end falls freely into its node, the other node holds all.
    """
    p = net.link
    y_a = load(node, net.start[k], ETA) - p[k, FROM_Z]
    y_b = load(node, net.end[k], ETA) - p[k, TO_Z]
    half_a = p[k, FROM_HELD]
    half_b = p[k, TO_HELD]
    wet_a, width_a = area_at(net, k, y_a)
    wet_b, width_b = area_at(net, k, y_b)
    if half_a == 0.0 or half_b == 0.0:
        return half_a * wet_a, half_b * wet_b, half_a * width_a, half_b * width_b
    old_a, old_b = end_depths(net, node, k, HEAD)
    middle, spread = middle_area(net, link, k, old_a, old_b, y_a - old_a)
    held_a = 0.5 * half_a * wet_a + half_a * middle
    wide_a = 0.5 * half_a * (width_a + spread)
    middle, spread = middle_area(net, link, k, old_a, old_b, y_b - old_b)
    held_b = 0.5 * half_b * wet_b + half_b * middle
    wide_b = 0.5 * half_b * (width_b + spread)
    if net.falls[k, 1] == DROP:
        falls = load(link, k, FALLS_TO) > 0.5
        if anywhere(falls):
            more, wider = fallen_share(net, k, half_b, y_a)
            held_a = select(falls, half_a * wet_a + more, held_a)
            wide_a = select(falls, half_a * width_a + wider, wide_a)
            held_b = select(falls, 0.0 * held_b, held_b)
            wide_b = select(falls, 0.0 * wide_b, wide_b)
    if net.falls[k, 0] == DROP:
        falls = load(link, k, FALLS_FROM) > 0.5
        if anywhere(falls):
            more, wider = fallen_share(net, k, half_a, y_b)
            held_b = select(falls, half_b * wet_b + more, held_b)
            wide_b = select(falls, half_b * width_b + wider, wide_b)
            held_a = select(falls, 0.0 * held_a, held_a)
            wide_a = select(falls, 0.0 * wide_a, wide_a)
    return held_a, held_b, wide_a, wide_b


@part
def owned_of_conduit(net: Packed, node: Array, link: Array, k: int) -> Any:
    """Water of a conduit that is each node's at the heads HEAD, m3."""
    p = net.link
    y_a, y_b = end_depths(net, node, k, HEAD)
    half_a = p[k, FROM_HELD]
    half_b = p[k, TO_HELD]
    wet_a, _ = area_at(net, k, y_a)
    wet_b, _ = area_at(net, k, y_b)
    if half_a == 0.0 or half_b == 0.0:
        return half_a * wet_a, half_b * wet_b
    middle, _ = area_at(net, k, 0.5 * (y_a + y_b))
    quarter = 0.5 * half_a * middle
    own_a = 0.5 * half_a * wet_a + quarter
    own_b = 0.5 * half_b * wet_b + quarter
    if net.falls[k, 1] == DROP:
        falls = load(link, k, FALLS_TO) > 0.5
        more, _ = fallen_share(net, k, half_b, y_a)
        own_a = select(falls, half_a * wet_a + more, own_a)
        own_b = select(falls, 0.0 * own_b, own_b)
    if net.falls[k, 0] == DROP:
        falls = load(link, k, FALLS_FROM) > 0.5
        more, _ = fallen_share(net, k, half_a, y_b)
        own_b = select(falls, half_b * wet_b + more, own_b)
        own_a = select(falls, 0.0 * own_a, own_a)
    return own_a, own_b


@part
def free_ends(net: Packed, node: Array, k: int) -> Any:
    """Whether each end of a conduit falls freely: 1 or 0."""
    height = net.shape[k, HEIGHT]
    y_a, y_b = end_depths(net, node, k, HEAD)
    from_falls = 0.0 * y_a
    to_falls = 0.0 * y_a
    if net.falls[k, 0] == DROP:
        from_falls = select(y_a < FALL_DEPTH * smaller(y_b, height), 1.0, from_falls)
    if net.falls[k, 1] == DROP:
        to_falls = select(y_b < FALL_DEPTH * smaller(y_a, height), 1.0, to_falls)
    return from_falls, to_falls


@part
def hand_over(net: Packed, node: Array, link: Array, k: int, live: Any) -> None:
    """Give the half of a conduit whose end begins or ceases to fall freely to the right node."""
    from_falls, to_falls = free_ends(net, node, k)
    was_from = load(link, k, FALLS_FROM)
    was_to = load(link, k, FALLS_TO)
    changed = (size(from_falls - was_from) > 0.5) | (size(to_falls - was_to) > 0.5)
    if anywhere(changed & live):
        before, before_b = owned_of_conduit(net, node, link, k)
        store(link, k, FALLS_FROM, select(live, from_falls, was_from))
        store(link, k, FALLS_TO, select(live, to_falls, was_to))
        after, after_b = owned_of_conduit(net, node, link, k)
        # what the giving node loses; the other gains as much when the change comes at its time
        given = select(after < before, before - after, after_b - before_b)
        given = select(live, given, 0.0 * given)
        add(node, net.start[k], VOLUME, -given)
        add(node, net.end[k], VOLUME, given)


@part
def hand_back(net: Packed, node: Array, link: Array, k: int, live: Any) -> None:
    """Give each node its quarter of what the other stored of the middle during the step."""
    half = net.link[k, FROM_HELD]
    if half > 0.0 and net.link[k, TO_HELD] > 0.0:
        old_a, old_b = end_depths(net, node, k, HEAD)
        new_a = load(node, net.start[k], ETA) - net.link[k, FROM_Z]
        new_b = load(node, net.end[k], ETA) - net.link[k, TO_Z]
        by_a, _ = middle_area(net, link, k, old_a, old_b, new_a - old_a)
        by_b, _ = middle_area(net, link, k, old_a, old_b, new_b - old_b)
        given = 0.5 * half * (by_a - by_b)
        none = load(link, k, FALLS_FROM) + load(link, k, FALLS_TO) > 0.5
        given = select(none, 0.0 * given, select(live, given, 0.0 * given))
        add(node, net.start[k], VOLUME, -given)
        add(node, net.end[k], VOLUME, given)
