"""The order in which a network's equations are solved, found once.

The equations of a step couple each node with its neighbours alone. Eliminating first what has
fewest neighbours (Markowitz 1957; Tinney and Walker 1967, doi:10.1109/PROC.1967.6011) costs one
product for each pipe of a tree, and little more with the few loops that drains have.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


class Elimination(NamedTuple):
    """What to do in which order.

    Rows of the matrix's storage: the diagonal of each node, then for every coupled pair two rows,
    first the coefficient in the equation of the earlier node, then in that of the later one.
    """

    order: Indices  # nodes, first eliminated first
    first_pair: Indices  # of each place in the order, and one past the last
    later: Indices  # for each pair, the node that stays
    upper: Indices  # for each pair, the row with the coefficient in the earlier node's equation
    first_update: Indices  # of each place in the order, and one past the last
    target: Indices  # row from which the product is taken
    left: Indices  # row of the coefficient in the equation that is changed
    right: Indices  # row of the coefficient in the eliminated equation
    pair_of_link: Indices  # row of the coefficient of ``to_node`` in ``from_node``'s equation
    pair_back: Indices  # the reverse
    rows: int


def eliminate(nodes: int, start: Indices, end: Indices) -> Elimination:
    """Order ``nodes`` coupled by links from ``start`` to ``end``."""
    around: list[set[int]] = [set() for _ in range(nodes)]
    for a, b in zip(start.tolist(), end.tolist(), strict=True):
        around[a].add(b)
        around[b].add(a)
    order: list[int] = []
    structure: list[list[int]] = []
    done = [False] * nodes
    queue = [(len(around[k]), k) for k in range(nodes)]
    heapq.heapify(queue)
    while queue:
        degree, k = heapq.heappop(queue)
        if done[k] or degree != len(around[k]):
            continue
        done[k] = True
        order.append(k)
        clique = sorted(around[k])
        structure.append(clique)
        for a in clique:
            around[a].discard(k)
            around[a].update(b for b in clique if b != a)
            heapq.heappush(queue, (len(around[a]), a))

    row: dict[tuple[int, int], int] = {}
    rows = nodes
    for k, clique in zip(order, structure, strict=True):
        for j in clique:
            row[k, j] = rows
            row[j, k] = rows + 1
            rows += 2
    later: list[int] = []
    upper: list[int] = []
    target: list[int] = []
    left: list[int] = []
    right: list[int] = []
    first_pair, first_update = [0], [0]
    for k, clique in zip(order, structure, strict=True):
        for j in clique:
            later.append(j)
            upper.append(row[k, j])
            for i in clique:
                target.append(j if i == j else row[j, i])
                left.append(row[j, k])
                right.append(row[k, i])
        first_pair.append(len(later))
        first_update.append(len(target))

    def indices(values: list[int]) -> Indices:
        return np.array(values, np.int64)

    pairs = list(zip(start.tolist(), end.tolist(), strict=True))
    return Elimination(
        order=indices(order),
        first_pair=indices(first_pair),
        later=indices(later),
        upper=indices(upper),
        first_update=indices(first_update),
        target=indices(target),
        left=indices(left),
        right=indices(right),
        pair_of_link=indices([row[a, b] for a, b in pairs]),
        pair_back=indices([row[b, a] for a, b in pairs]),
        rows=rows,
    )
