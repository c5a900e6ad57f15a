"""Several desks at once, on both engines: the last bag and the only pump go to one of them."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond.resources import asking, supply, views
from anlan.store import Store, schema
from tests.respond.resources.keeping import begin, kept
from tests.respond.town import START, Desk, make_city, people

pytestmark = pytest.mark.both_engines


def test_ten_hands_that_reach_for_the_same_stock_never_take_more_than_there_is(
    tmp_path: Path,
) -> None:
    stores = [Store(tmp_path / "data") for _ in range(3)]
    city = kept(make_city(tmp_path / "city"))
    with stores[0].transaction() as tx:
        people(tx)
        desk = Desk(tx, city)
        case = begin(desk)
        bags = asking.request(desk.as_("duty"), city, case, "编织袋", 500)
        pumps = asking.request(desk.as_("duty"), city, case, "pump", 9)
    ready = threading.Barrier(10)
    won: list[tuple[str, float]] = []

    def hand(number: int) -> None:
        ready.wait()
        for source, request, amount in (("bags-e", bags, 17.0), ("P1", pumps, None)):
            try:
                with stores[number % 3].transaction() as tx:
                    supply.fill(Act(tx, START, "duty"), city, request, source, amount)
            except Refusal:
                continue
            won.append((source, amount or 1.0))

    hands = [threading.Thread(target=hand, args=(number,)) for number in range(10)]
    for one in hands:
        one.start()
    for one in hands:
        one.join()

    with stores[0].read() as conn:
        L = schema.stock_lot
        left = conn.execute(select(L.c.quantity).where(L.c.id == "bags-e")).scalar_one()
        shown = {one["id"]: one for one in views.requests(conn, city)}
    taken = [amount for source, amount in won if source == "bags-e"]
    assert taken == [17.0] * 5  # six times seventeen is more than a hundred
    assert left == 100 - 5 * 17
    assert [source for source, _ in won].count("P1") == 1
    assert (shown[bags]["filled"], shown[pumps]["filled"]) == (85, 1)
    for store in stores:
        store.close()
