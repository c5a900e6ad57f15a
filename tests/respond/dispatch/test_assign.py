"""The assignment is the best there is, and still stands when the solver does not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.respond.dispatch.assign import (
    MISSING_S,
    Offer,
    Wanted,
    assign,
    by_cp_sat,
    cost_of,
    greedy,
)


def wanted(case: str, priority: int = 1, count: int = 1, due_s: float = 0.0) -> Wanted:
    return Wanted(case, priority, count, due_s)


CASES = ("C1", "C2", "C3")
ASSETS = ("A", "B", "C", "D")
cases_ = st.tuples(
    *(st.builds(wanted, st.just(case), st.integers(1, 5), st.integers(1, 2)) for case in CASES)
)
offers_ = st.lists(
    st.builds(Offer, st.sampled_from(CASES), st.sampled_from(ASSETS), st.integers(0, 30_000)),
    max_size=12,
    unique_by=lambda offer: (offer.case, offer.asset),
)


def valid(cases: Sequence[Wanted], chosen: Sequence[Offer]) -> bool:
    assets = [offer.asset for offer in chosen]
    return len(assets) == len(set(assets)) and all(
        sum(offer.case == each.case for offer in chosen) <= each.count for each in cases
    )


def best_of_all(cases: Sequence[Wanted], offers: Sequence[Offer]) -> int:
    """The least cost over every choice, tried one by one."""
    costs = []
    by_asset = [[None, *(o for o in offers if o.asset == asset)] for asset in ASSETS]
    for picks in product(*by_asset):
        chosen = [offer for offer in picks if offer is not None]
        if valid(cases, chosen):
            costs.append(cost_of(cases, chosen))
    return min(costs)


@settings(max_examples=40)
@given(cases_, offers_)
def test_no_choice_costs_less_than_the_one_proposed(
    cases: tuple[Wanted, ...], offers: list[Offer]
) -> None:
    found = assign(cases, offers)

    assert valid(cases, found.chosen)
    assert found.cost == cost_of(cases, found.chosen) == best_of_all(cases, offers)


@given(cases_, offers_)
def test_the_greedy_choice_is_always_allowed_and_never_better(
    cases: tuple[Wanted, ...], offers: list[Offer]
) -> None:
    chosen = greedy(cases, offers)

    assert valid(cases, chosen)
    assert cost_of(cases, chosen) >= best_of_all(cases, offers)


def test_greedy_takes_the_nearest_where_the_optimum_sends_it_elsewhere() -> None:
    cases = [wanted("C1", due_s=0), wanted("C2", due_s=1)]
    # A is nearest to both; C2 has nobody else
    offers = [Offer("C1", "A", 300), Offer("C1", "B", 400), Offer("C2", "A", 300)]

    assert [offer.asset for offer in greedy(cases, offers)] == ["A"]
    best = assign(cases, offers)
    assert {(offer.case, offer.asset) for offer in best.chosen} == {("C1", "B"), ("C2", "A")}
    assert (best.method, best.cost) == ("optimal", 16 * 700)


def test_an_urgent_case_is_served_before_two_that_can_wait() -> None:
    cases = [wanted("C1", priority=1), wanted("C2", priority=4)]
    offers = [Offer("C1", "A", 3000), Offer("C2", "A", 60)]

    assert [offer.case for offer in assign(cases, offers).chosen] == ["C1"]


def test_without_the_solver_or_when_it_fails_the_greedy_choice_stands() -> None:
    cases, offers = [wanted("C1")], [Offer("C1", "A", 60)]

    def broken(_: Sequence[Wanted], __: Sequence[Offer]) -> None:
        raise RuntimeError("no memory left")

    def absent(_: Sequence[Wanted], __: Sequence[Offer]) -> None:
        raise ImportError("ortools")

    for solver in (None, broken, absent, lambda _, __: None):
        found = assign(cases, offers, solver)
        assert (found.method, found.chosen) == ("greedy", (offers[0],))


def test_who_would_take_longer_than_an_empty_place_counts_is_not_sent() -> None:
    assert assign([wanted("C1")], [Offer("C1", "A", MISSING_S + 60)]).chosen == ()


def test_the_same_question_has_the_same_answer() -> None:
    cases = [wanted(f"C{n}", 1 + n % 3, 2) for n in range(12)]
    offers = [
        Offer(f"C{n}", f"A{m}", 60 * (1 + (7 * n + 3 * m) % 11))
        for n in range(12)
        for m in range(16)
    ]

    first, second = assign(cases, offers), assign(cases, offers)

    assert first == second
    assert first.method in ("optimal", "feasible")
    short = by_cp_sat(cases, offers, work=1e-6)
    assert short is None or short[1] in ("optimal", "feasible")


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="not wanted"):
        assign([wanted("C1")], [Offer("C9", "A", 1)])
    with pytest.raises(ValueError, match="outside 1 to 5"):
        assign([wanted("C1", priority=9)], [])
