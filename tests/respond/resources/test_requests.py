"""From asking to giving back: parts from several towns, nothing below zero, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from anlan.city import City
from anlan.journal import Act, verify
from anlan.refusal import Refusal
from anlan.respond.resources import asking, assets, shelters, supply, views
from anlan.store import Store, schema
from tests.respond.resources.keeping import begin
from tests.respond.town import Desk, make_city, people


def quantity(desk: Desk, lot: str) -> float:
    L = schema.stock_lot
    return float(desk.tx.execute(select(L.c.quantity).where(L.c.id == lot)).scalar_one())


def state(desk: Desk, request: str) -> tuple[str, float]:
    [found] = [one for one in views.requests(desk.tx, desk.city) if one["id"] == request]
    return found["state"], found["filled"]


def asked(desk: Desk, item: str = "编织袋", wanted: float = 130) -> str:
    case = begin(desk)
    return asking.request(desk.as_("village-east-1"), desk.city, case, item, wanted, "堵漏用")


def test_a_request_is_filled_in_parts_by_two_towns(desk: Desk) -> None:
    request = asked(desk)
    assert state(desk, request) == ("open", 0)

    supply.fill(desk.as_("town-east"), desk.city, request, "bags-e", 100)
    assert state(desk, request) == ("partly", 100)
    supply.fill(desk.as_("town-west"), desk.city, request, "bags-w")

    assert state(desk, request) == ("filled", 130)
    assert (quantity(desk, "bags-e"), quantity(desk, "bags-w")) == (0, 30)


def test_what_was_sent_is_received_then_used_up_or_returned(desk: Desk) -> None:
    request = asked(desk, wanted=50)
    fill = supply.fill(desk.as_("duty"), desk.city, request, "bags-e")

    supply.receive(desk.as_("village-east-1"), desk.city, fill)
    supply.consume(desk.as_("village-east-1"), desk.city, fill, 30)
    supply.give_back(desk.as_("village-east-1"), desk.city, fill)

    [view] = views.requests(desk.tx, desk.city)
    assert view["fills"][0]["state"] == "closed"
    assert quantity(desk, "bags-e") == 70
    with pytest.raises(Refusal, match="only 0 are still out"):
        supply.consume(desk.as_("village-east-1"), desk.city, fill, 1)
    with pytest.raises(Refusal, match="'closed' already; only what is under way can arrive"):
        supply.receive(desk.as_("village-east-1"), desk.city, fill)


def test_what_never_arrived_and_came_back_is_wanted_again(desk: Desk) -> None:
    request = asked(desk, wanted=50)
    fill = supply.fill(desk.as_("duty"), desk.city, request, "bags-e")

    supply.give_back(desk.as_("duty"), desk.city, fill)

    assert state(desk, request) == ("open", 0)
    assert quantity(desk, "bags-e") == 100


def test_more_than_wanted_or_there_is_not_sent(desk: Desk) -> None:
    request = asked(desk, wanted=70)

    with pytest.raises(Refusal, match="wants 70 只 more; 80 cannot be sent"):
        supply.fill(desk.as_("duty"), desk.city, request, "bags-e", 80)
    with pytest.raises(Refusal, match="has only 60 只; 70 cannot be taken"):
        supply.fill(desk.as_("duty"), desk.city, request, "bags-w", 70)
    with pytest.raises(Refusal, match="P1 is pump, and request RQ0001 asks for 编织袋"):
        supply.fill(desk.as_("duty"), desk.city, request, "P1")


def test_an_expired_lot_is_refused_and_shown_as_expired(desk: Desk) -> None:
    request = asked(desk, "瓶装水", 10)

    with pytest.raises(Refusal, match="lot water-old expired on 2021-07-24"):
        supply.fill(desk.as_("duty"), desk.city, request, "water-old")
    [water] = [
        one
        for one in views.picture(desk.tx, desk.city, desk.now)["items"]
        if one["item"] == "瓶装水"
    ]
    assert (water["quantity"], water["expired"], water["soon"]) == (30, 20, 30)
    offered = views.offers(desk.tx, desk.city, request, desk.now)
    assert {lot["id"]: lot["suggested"] for lot in offered["lots"]} == {
        "water-new": 10,
        "water-old": 0,
    }


@pytest.mark.parametrize("who", ["town-west", "crew-build", "liaison-build", "resident-east"])
def test_only_who_keeps_a_depot_hands_out_of_it(desk: Desk, who: str) -> None:
    request = asked(desk)

    with pytest.raises(Refusal, match=f"{who} has no say over this"):
        supply.fill(desk.as_(who), desk.city, request, "bags-e")


def test_only_who_has_a_part_in_a_case_asks_for_it(desk: Desk) -> None:
    case = begin(desk)

    for who in ("town-west", "village-west-1", "resident-east"):
        with pytest.raises(Refusal, match="there is no case C0001 that you may ask for"):
            asking.request(desk.as_(who), desk.city, case, "编织袋", 1)
    with pytest.raises(Refusal, match="there is no case C9999 that you may ask for"):
        asking.request(desk.as_("duty"), desk.city, "C9999", "编织袋", 1)
    with pytest.raises(Refusal, match="item '飞机' is neither kept"):
        asking.request(desk.as_("duty"), desk.city, case, "飞机", 1)
    for wrong in (0.0, -1.0, float("nan"), 1e12):
        with pytest.raises(Refusal, match="is not over 0"):
            asking.request(desk.as_("duty"), desk.city, case, "编织袋", wrong)


def test_a_pump_is_sent_once_and_comes_back_ready(desk: Desk) -> None:
    first = asked(desk, "pump", 2)
    fill = supply.fill(desk.as_("liaison-build"), desk.city, first, "P1")

    with pytest.raises(Refusal, match=r"P1号泵 \(P1\) is 'out' for case C0001"):
        supply.fill(desk.as_("duty"), desk.city, first, "P1")
    with pytest.raises(Refusal, match="it comes back when that ends"):
        assets.set_state(desk.as_("duty"), desk.city, "P1", "repair")
    supply.give_back(desk.as_("duty"), desk.city, fill)
    assets.set_state(desk.as_("duty"), desk.city, "P1", "repair", "进水")

    found = {one["id"]: one["state"] for one in views.assets(desk.tx, desk.city)}
    assert found["P1"] == "repair"
    with pytest.raises(Refusal, match="is 'repair'; only what is ready"):
        assets.take(desk.as_("system"), "P1", case_id="C0001")


def test_a_shelter_takes_no_more_than_it_holds_and_none_while_closed(desk: Desk) -> None:
    begin(desk)
    town = desk.as_("town-east")

    with pytest.raises(Refusal, match="shelter S1 is not open"):
        shelters.move(town, desk.city, "S1", 10)
    shelters.set_open(town, desk.city, "S1", True)
    assert shelters.move(town, desk.city, "S1", 290) == 290
    with pytest.raises(Refusal, match="has 10 free places of 300"):
        shelters.move(town, desk.city, "S1", 11)
    with pytest.raises(Refusal, match="290 people are in shelter S1"):
        shelters.set_open(town, desk.city, "S1", False)
    with pytest.raises(Refusal, match="holds 290 people"):
        shelters.move(town, desk.city, "S1", -291)
    assert shelters.move(town, desk.city, "S1", -290) == 0


def test_every_step_is_in_the_journal_without_its_words(desk: Desk) -> None:
    request = asked(desk, wanted=10)
    fill = supply.fill(desk.as_("duty"), desk.city, request, "bags-e")
    supply.give_back(desk.as_("duty"), desk.city, fill)
    asking.cancel(desk.as_("duty"), desk.city, request, "张三家已退水")

    J = schema.journal
    rows = desk.tx.execute(select(J).where(J.c.kind.startswith("resource.")).order_by(J.c.seq))
    assert [row.kind for row in rows] == [
        "resource.loaded",
        "resource.requested",
        "resource.sent",
        "resource.returned",
        "resource.cancelled",
    ]
    assert verify(desk.tx).verified
    notes = desk.tx.execute(select(schema.note.c.body)).scalars().all()
    assert {"堵漏用", "张三家已退水"} <= set(notes)


steps = st.lists(
    st.tuples(
        st.sampled_from(["fill", "receive", "return", "consume", "cancel"]),
        st.sampled_from(["bags-e", "bags-w", "P1"]),
        st.floats(0.5, 200),
    ),
    max_size=14,
)


class Undo(Exception):  # noqa: N818  takes an example back
    """Leaves the transaction, so that the next example finds the town as it was."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, City]]:
    folder = tmp_path_factory.mktemp("town")
    store = Store(folder / "data")
    with store.transaction() as tx:
        people(tx)
    yield store, make_city(folder / "city")
    store.close()


@given(plan=steps)
def test_any_sequence_keeps_every_bag_in_one_place(
    plan: list[tuple[str, str, float]], town: tuple[Store, City]
) -> None:
    store, city = town
    with suppress(Undo), store.transaction() as tx:
        desk = Desk(tx, city)
        request = asked(desk, wanted=150)
        fills: list[str] = []
        for what, source, amount in plan:
            _try(desk, request, fills, what, source, amount)
        lots = sum(quantity(desk, lot) for lot in ("bags-e", "bags-w"))
        [view] = views.requests(tx, desk.city)
        out = sum(f["quantity"] - f["returned"] - f["consumed"] for f in view["fills"])
        used = sum(f["consumed"] for f in view["fills"])
        assert lots + out + used == pytest.approx(160)
        assert min(quantity(desk, lot) for lot in ("bags-e", "bags-w")) >= 0
        assert 0 <= view["filled"] <= 150
        raise Undo


def _try(desk: Desk, request: str, fills: list[str], what: str, source: str, amount: float) -> None:
    act: Act = desk.as_("duty")
    try:
        if what == "fill":
            fills.append(supply.fill(act, desk.city, request, source, amount))
        elif what == "cancel":
            asking.cancel(act, desk.city, request, "够了")
        elif fills and what == "receive":
            supply.receive(act, desk.city, fills[-1])
        elif fills:
            deed = supply.give_back if what == "return" else supply.consume
            deed(act, desk.city, fills[-1], amount)
    except Refusal:
        pass  # what is refused changes nothing: the sums below say so
