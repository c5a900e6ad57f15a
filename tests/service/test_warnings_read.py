"""Who may read which warning: the CAP feed, one alert, deliveries; and keys used twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from anlan.city import City
from anlan.store import Store, schema
from tests.service.hand import Hand, raise_hand

NIGHT = datetime(2021, 7, 25, 17, 0, tzinfo=UTC)


@pytest.fixture
def hand(pinghu: City, store: Store) -> Hand:
    return raise_hand(pinghu, store, NIGHT)


def words(hand: Hand) -> dict[str, object]:
    """A yellow warning of a kind that the city may tell the public."""
    return {
        "event": "waterlogging",
        "colour": "yellow",
        "area": hand.city.territory.towns()[0].code,
        "headline": "老城区多处积水",
        "description": "南市路口积水及膝，请绕行。",
        "hours": 6,
    }


def issued(hand: Hand, desk: TestClient) -> str:
    """The id of such a warning, approved."""
    name = desk.post("/api/v1/alerts", json=words(hand)).json()["id"]
    assert desk.post(f"/api/v1/alerts/{name}/approve", json={}).json()["state"] == "issued"
    return str(name)


def test_a_stranger_sees_no_exercise_and_a_signed_in_viewer_does(hand: Hand) -> None:
    with hand.signed_in(hand.account("duty_officer")) as desk:
        name = issued(hand, desk)
        assert name in desk.get("/cap/alerts.atom").text
        assert desk.get(f"/cap/{name}.xml").status_code == 200
    with TestClient(hand.app) as stranger:
        assert name not in stranger.get("/cap/alerts.atom").text
        assert stranger.get(f"/cap/{name}.xml").status_code == 404
        with hand.store.transaction() as tx:
            tx.execute(update(schema.alert).values(status="Actual"))
        assert name in stranger.get("/cap/alerts.atom").text
        assert stranger.get(f"/cap/{name}.xml").status_code == 200


def test_an_old_document_is_found_by_its_id_though_the_feed_has_forgotten_it(hand: Hand) -> None:
    with hand.signed_in(hand.account("duty_officer")) as desk:
        name = issued(hand, desk)
        with hand.store.transaction() as tx:
            row = tx.execute(schema.alert.select()).one()._mapping
            tx.execute(
                schema.alert.insert(),
                [
                    {
                        **row,
                        "id": f"later.{number}",
                        "chain": f"later.{number}",
                        "sent_at": row["sent_at"] + timedelta(minutes=1),
                    }
                    for number in range(120)
                ],
            )
        assert name not in desk.get("/cap/alerts.atom").text
        assert desk.get(f"/cap/{name}.xml").status_code == 200
        assert desk.get(f"/api/v1/alerts/{name}").json()["id"] == name


def test_deliveries_of_a_state_are_found_behind_a_thousand_of_another(hand: Hand) -> None:
    def delivery(number: int, state: str, later: int) -> dict[str, object]:
        return {
            "id": f"D{number:05d}", "alert": "a", "version": 1, "person": f"p{number}",
            "channel": "sms", "tier": "resident", "state": state, "body": "x",
            "planned_at": NIGHT + timedelta(minutes=later),
        }  # fmt: skip

    with hand.store.transaction() as tx:
        rows = [delivery(0, "failed", 0), *(delivery(n, "sent", 1) for n in range(1, 1102))]
        tx.execute(schema.delivery.insert(), rows)
    with hand.signed_in(hand.account("duty_officer")) as desk:
        found = desk.get("/api/v1/deliveries", params={"state": "failed"}).json()
        assert [row["id"] for row in found] == ["D00000"]
        assert len(desk.get("/api/v1/deliveries", params={"most": 7}).json()) == 7


def test_a_key_used_again_for_another_alert_does_not_answer_for_the_first(hand: Hand) -> None:
    with hand.signed_in(hand.account("duty_officer")) as desk:
        names = [desk.post("/api/v1/alerts", json=words(hand)).json()["id"] for _ in range(2)]
        key = {"Idempotency-Key": "same"}
        answers = [
            desk.post(f"/api/v1/alerts/{name}/approve", json={}, headers=key).json()
            for name in [*names, names[0]]
        ]
    assert [answer["alert"] for answer in answers] == [*names, names[0]]
    assert all(answer["state"] == "issued" for answer in answers)
