"""A verified warning of an authority is passed on under its name; nothing unverified ever is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.cap import read_received
from anlan.city import City
from anlan.journal import Act
from anlan.observe.official import Sender, add, notice_of
from anlan.store import Store
from tests.cap.keys import NOW
from tests.observe.official_messages import SENDER, message
from tests.service.hand import Hand, raise_hand

pytestmark = pytest.mark.both_engines

HOUR = timedelta(hours=1)


@pytest.fixture
def hand(pinghu: City, store: Store) -> Hand:
    return raise_hand(pinghu, store, NOW)


def receive(hand: Hand, document: bytes, *, verified: bool = True) -> None:
    with hand.store.transaction() as tx:
        act = Act(tx, hand.clock.now(), "system")
        notice = notice_of(
            read_received(document, hand.city.zone),
            hand.city,
            feed="met",
            received_at=act.now,
            sender=Sender(SENDER, "平湖市气象台"),
            verified=verified,
            why="",
        )
        add(act, notice, document)


def alerts(hand: Hand) -> list[tuple[str, str, str, str]]:
    with hand.signed_in(hand.account("duty_officer")) as desk:
        found = desk.get("/api/v1/alerts").json()
    return [(a["issuer"], a["colour"], a["msg_type"], a["state"]) for a in found if a["official"]]


def test_raised_and_lifted_by_its_issuer(hand: Hand) -> None:
    receive(hand, message("A"))
    hand.step(1)
    hand.step(1)
    assert alerts(hand) == [("平湖市气象台", "orange", "Alert", "issued")]
    receive(
        hand, message("B", kind="Update", colour="红", sent=NOW + HOUR, references=[("A", NOW)])
    )
    hand.step(60)
    assert alerts(hand) == [
        ("平湖市气象台", "red", "Update", "issued"),
        ("平湖市气象台", "orange", "Alert", "superseded"),
    ]
    lifting = message(
        "C", kind="Cancel", verb="解除", colour="红", sent=NOW + 2 * HOUR,
        references=[("B", NOW + HOUR)],
    )  # fmt: skip
    receive(hand, lifting)
    hand.step(60)
    hand.step(1)
    assert [(kind, state) for _, _, kind, state in alerts(hand)] == [
        ("Cancel", "issued"), ("Update", "cancelled"), ("Alert", "superseded"),
    ]  # fmt: skip


def test_two_warnings_of_one_kind_for_two_towns_stand_beside_each_other(hand: Hand) -> None:
    receive(hand, message("A", geocode="330482101000"))
    receive(hand, message("B", geocode="330482108000"))
    hand.step(1)
    assert [state for *_, state in alerts(hand)] == ["issued", "issued"]


def test_an_unverified_warning_is_shown_and_does_nothing(hand: Hand) -> None:
    receive(hand, message("A", colour="红"), verified=False)
    hand.step(1)
    assert alerts(hand) == []
    with hand.signed_in(hand.account("duty_officer")) as desk:
        (shown,) = desk.get("/api/v1/official").json()
        assert (shown["verified"], shown["state"], shown["acts"]) == (False, "in_force", False)
        assert shown["relayed"] is None
        raw = desk.get(f"/api/v1/official/{shown['id']}/cap")
        assert raw.headers["content-type"] == "text/plain; charset=utf-8"
        assert desk.get("/api/v1/incidents").json() == []


def test_an_unverified_lifting_ends_nothing(hand: Hand) -> None:
    receive(hand, message("A"))
    hand.step(1)
    forged = message("B", kind="Cancel", verb="解除", sent=NOW + HOUR, references=[("A", NOW)])
    receive(hand, forged, verified=False)
    hand.step(90)
    assert [state for *_, state in alerts(hand)] == ["issued"]


def test_a_relayed_warning_names_the_notice_behind_it(hand: Hand) -> None:
    receive(hand, message("A"))
    hand.step(1)
    with hand.signed_in(hand.account("duty_officer")) as desk:
        (notice,) = desk.get("/api/v1/official").json()
        alert = desk.get(f"/api/v1/alerts/{notice['relayed']}").json()
    assert f"official:{notice['id']}" in alert["grounds"]
    assert alert["expires_at"].startswith("2021-07-25T14:00")


def test_the_list_is_not_for_everybody(hand: Hand) -> None:
    with hand.signed_in(hand.account("resident")) as phone:
        assert phone.get("/api/v1/official").status_code == 403
