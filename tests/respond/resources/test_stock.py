"""Which lots fill a request: the nearest depot, within it what expires first, nothing expired."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.respond.resources.stock import Lot, parts

NOW = datetime(2021, 7, 25, tzinfo=UTC)


def lot(name: str, depot: str, quantity: float, days: float | None = None) -> Lot:
    return Lot(name, depot, quantity, None if days is None else NOW + timedelta(days=days))


def test_the_nearest_depot_gives_first_and_what_expires_first_goes_first() -> None:
    lots = [lot("a", "far", 100), lot("b", "near", 10), lot("c", "near", 10, days=3)]

    found = parts(lots, 15, {"near": 1000.0, "far": 9000.0}, NOW)

    assert [(part.lot, part.quantity) for part in found] == [("c", 10), ("b", 5)]


def test_an_expired_lot_is_never_handed_out() -> None:
    assert parts([lot("old", "near", 10, days=-1)], 5, {"near": 1.0}, NOW) == []
    assert not lot("today", "near", 10, days=0.01).expired(NOW)
    assert lot("soon", "near", 10, days=29).expires_soon(NOW)


lots_ = st.lists(
    st.builds(
        lot,
        st.uuids().map(str),
        st.sampled_from(["near", "far", "unknown"]),
        st.floats(0, 1000),
        st.none() | st.floats(-50, 50),
    ),
    max_size=12,
)


@given(lots_, st.floats(0.1, 5000))
def test_never_more_than_asked_nor_than_there_is(lots: list[Lot], quantity: float) -> None:
    found = parts(lots, quantity, {"near": 1.0, "far": 2.0}, NOW)

    good = {each.id: each.quantity for each in lots if not each.expired(NOW)}
    assert all(0 < part.quantity <= good[part.lot] for part in found)
    assert sum(part.quantity for part in found) == pytest.approx(
        min(quantity, sum(good.values())), rel=1e-9
    )
