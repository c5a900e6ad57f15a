"""What nobody has approved yet is not for every desk."""

from __future__ import annotations

from datetime import UTC, datetime

from anlan.city import City
from anlan.store import Store
from tests.service.hand import raise_hand

NIGHT = datetime(2021, 7, 25, 17, 0, tzinfo=UTC)


def test_a_towns_desk_sees_alerts_once_they_are_issued(pinghu: City, store: Store) -> None:
    hand = raise_hand(pinghu, store, NIGHT)
    words = {"event": "waterlogging", "colour": "blue", "area": pinghu.territory.root.code}
    text = {"headline": "低洼处积水", "description": "请绕行"}
    officer, town = hand.account("duty_officer"), hand.account("town_officer")
    with hand.signed_in(officer) as desk:
        made = desk.post("/api/v1/alerts", json={**words, **text})
        assert made.status_code == 200, made.text
        name = made.json()["id"]
    with hand.signed_in(town) as there:
        assert there.get("/api/v1/alerts").json() == []
        hidden = there.get(f"/api/v1/alerts/{name}")
        invented = there.get("/api/v1/alerts/none")
        assert (hidden.status_code, invented.status_code) == (404, 404)
        assert hidden.text.replace(name, "none") == invented.text
    with hand.signed_in(officer) as desk:
        assert desk.post(f"/api/v1/alerts/{name}/approve", json={}).json()["state"] == "issued"
    with hand.signed_in(town) as there:
        assert [one["id"] for one in there.get("/api/v1/alerts").json()] == [name]
        assert there.get(f"/api/v1/alerts/{name}").status_code == 200
