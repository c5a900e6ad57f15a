"""Who goes where: an assignment of teams and things to cases, exact or greedy. Pure.

Each case wants so many; each team or thing goes to one case at most. What is minimised is the
travel time of all who are sent, weighted by the cases' priority, with every place left empty
counted as `MISSING_S` of travel: first as many of the urgent cases as possible are served, then
soon. OR-Tools' CP-SAT solves it to the optimum, or as far as its limit lets it: a limit in
deterministic work, not in seconds, so that the same question has the same answer on every
machine. Where OR-Tools is not installed or fails, the most urgent case takes the nearest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

MISSING_S = 6 * 3600
WEIGHTS: Mapping[int, int] = {1: 16, 2: 8, 3: 4, 4: 2, 5: 1}
"""By the priority of a case, 1 the most urgent: each step counts half as much."""
WORK = 4.0
"""CP-SAT's deterministic limit; some seconds on a slow core."""
PREFERRED_S = 300
"""An asset of a kind named later in the need counts as this much further away, s, per step."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A case that wants ``count`` of something; ``due_s`` orders cases of one priority."""

    case: str
    priority: int
    count: int
    due_s: float


@dataclass(frozen=True, slots=True)
class Offer:
    """An asset that can reach a case in ``travel_s``; ``penalty_s``: less fit for it by so much."""

    case: str
    asset: str
    travel_s: float
    penalty_s: float = 0.0

    @property
    def cost_s(self) -> int:
        """Travel with its penalty, in whole seconds."""
        return round(self.travel_s + self.penalty_s)


@dataclass(frozen=True)
class Assignment:
    """What was chosen, how (``optimal``, ``feasible`` or ``greedy``), and what it costs."""

    chosen: tuple[Offer, ...]
    method: str
    cost: int


Solver = Callable[[Sequence[Wanted], Sequence[Offer]], tuple[Sequence[Offer], str] | None]


def cost_of(wanted: Sequence[Wanted], chosen: Sequence[Offer]) -> int:
    """The weighted seconds of a choice, with its empty places."""
    weight = {each.case: WEIGHTS[each.priority] for each in wanted}
    sent = {each.case: 0 for each in wanted}
    total = 0
    for offer in chosen:
        sent[offer.case] += 1
        total += weight[offer.case] * offer.cost_s
    return total + sum(
        weight[each.case] * MISSING_S * (each.count - sent[each.case]) for each in wanted
    )


def greedy(wanted: Sequence[Wanted], offers: Sequence[Offer]) -> tuple[Offer, ...]:
    """The most urgent case takes the nearest, then the next; every first before any second."""
    order = sorted(wanted, key=lambda each: (each.priority, each.due_s, each.case))
    ranked = sorted(offers, key=lambda offer: (offer.cost_s, offer.asset))
    taken: set[str] = set()
    chosen: list[Offer] = []
    for turn in range(max((each.count for each in order), default=0)):
        for each in order:
            if turn >= each.count:
                continue
            nearest = next(
                (o for o in ranked if o.case == each.case and o.asset not in taken), None
            )
            if nearest is not None and nearest.cost_s < MISSING_S:
                taken.add(nearest.asset)
                chosen.append(nearest)
    return tuple(chosen)


def by_cp_sat(
    wanted: Sequence[Wanted], offers: Sequence[Offer], work: float = WORK
) -> tuple[Sequence[Offer], str] | None:
    """CP-SAT's choice and whether it is ``optimal`` or ``feasible``; None where it found none.

    Raises `ImportError` where OR-Tools is not installed.
    """
    from ortools.sat.python import cp_model  # loaded when asked: 80 MB that a small desk may lack

    model = cp_model.CpModel()
    pick = [model.new_bool_var(f"x{n}") for n in range(len(offers))]
    of_asset: dict[str, list[int]] = {}
    of_case: dict[str, list[int]] = {}
    for n, offer in enumerate(offers):
        of_asset.setdefault(offer.asset, []).append(n)
        of_case.setdefault(offer.case, []).append(n)
    for ours in of_asset.values():
        model.add_at_most_one(pick[n] for n in ours)
    weight = {each.case: WEIGHTS[each.priority] for each in wanted}
    for each in wanted:
        model.add(sum(pick[n] for n in of_case.get(each.case, [])) <= each.count)
    # an empty place costs the same wherever it is: only what filling it saves matters
    model.minimize(
        sum(
            weight[offer.case] * (offer.cost_s - MISSING_S) * pick[n]
            for n, offer in enumerate(offers)
        )
    )
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = work
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    chosen = [offer for n, offer in enumerate(offers) if solver.value(pick[n])]
    return chosen, "optimal" if status == cp_model.OPTIMAL else "feasible"


def assign(
    wanted: Sequence[Wanted], offers: Sequence[Offer], solver: Solver | None = by_cp_sat
) -> Assignment:
    """The best choice found; greedy where the solver is missing, fails, or does worse.

    Raises:
        ValueError: for an offer of a case that nobody wants, or a priority outside 1 to 5.
    """
    known = {each.case for each in wanted}
    if any(offer.case not in known for offer in offers):
        raise ValueError("an offer names a case that is not wanted")
    if any(each.priority not in WEIGHTS for each in wanted):
        raise ValueError("a case has a priority outside 1 to 5")
    simple = greedy(wanted, offers)
    best = Assignment(simple, "greedy", cost_of(wanted, simple))
    if solver is None or not offers:
        return best
    try:
        found = solver(wanted, offers)
    except (ImportError, RuntimeError, MemoryError):
        return best
    if found is None:
        return best
    chosen = tuple(sorted(found[0], key=lambda offer: (offer.case, offer.cost_s, offer.asset)))
    cost = cost_of(wanted, chosen)
    return Assignment(chosen, found[1], cost) if cost <= best.cost else best
