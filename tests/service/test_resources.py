"""Resources over HTTP: every town sees what is wanted, only those near it the words of the case."""

from __future__ import annotations

from datetime import UTC, datetime

from anlan.city import City
from anlan.store import Store
from tests.service.hand import raise_hand

NIGHT = datetime(2021, 7, 25, 17, 0, tzinfo=UTC)
VILLAGE = "330482108004"


def test_another_town_fills_a_request_without_reading_the_case(pinghu: City, store: Store) -> None:
    hand = raise_hand(pinghu, store, NIGHT)
    own = hand.account("town_officer", within="330482108000")
    other = hand.account("town_officer", within="330482103000")
    with hand.signed_in(own) as client:
        case = client.post(
            "/api/v1/cases", json={"kind": "resident_report", "territory": VILLAGE, "text": "进水"}
        ).json()["id"]
        asked = {"case": case, "item": "编织袋", "quantity": 50, "note": "张家门口"}
        key = {"Idempotency-Key": "once"}
        first = client.post("/api/v1/resources/requests", json=asked, headers=key).json()
        again = client.post("/api/v1/resources/requests", json=asked, headers=key).json()
        assert first == again
        [seen] = client.get("/api/v1/resources/requests").json()
        assert (seen["note"], seen["case"]) == ("张家门口", case)
    with hand.signed_in(other) as client:
        [seen] = client.get("/api/v1/resources/requests").json()
        assert (seen["item"], seen["quantity"], seen["note"], seen["case_title"]) == (
            "编织袋",
            50,
            None,
            "",
        )
        offers = client.get(f"/api/v1/resources/requests/{first['id']}/offers").json()
        lots = {lot["depot"]: lot["id"] for lot in offers["lots"]}
        mine = next(d.id for d in pinghu.stores.depots.values() if d.account == other)
        theirs = next(d.id for d in pinghu.stores.depots.values() if d.account == own)
        path = f"/api/v1/resources/requests/{first['id']}/fill"
        assert client.post(path, json={"source": lots[theirs]}).status_code == 403
        assert client.post(path, json={"source": lots[mine]}).status_code == 200
        # nobody asks for a case elsewhere, and it is not confirmed to exist
        assert client.post("/api/v1/resources/requests", json=asked).status_code == 404
        for wrong in ({"quantity": -1}, {"item": "=cmd()"}, {"quantity": 1e300}):
            answer = client.post("/api/v1/resources/requests", json={**asked, **wrong})
            assert answer.status_code in (404, 422)
