"""Free text of every kind comes out as text: log, hand-over, review, sheets, and the answers."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from anlan.city import City
from anlan.legible import legible
from anlan.store import Store
from tests.free_text import HOSTILE, lost_in_sheet, lost_on_page
from tests.service.hand import Hand, raise_hand
from tests.warn.world import START


@pytest.fixture
def hand(pinghu: City, store: Store) -> Hand:
    return raise_hand(pinghu, store, START)


def taken(desk: TestClient, path: str, key: str, **more: object) -> list[str]:
    """Post each kind of text in its field; the names made. A refusal names the field."""
    names = []
    for kind, text in HOSTILE.items():
        answer = desk.post(path, json={key: text, **more})
        if answer.status_code == 422:  # what no store can hold may be refused, and then by name
            assert kind in ("nul", "no characters", "bidi"), (kind, answer.text)
            assert key in answer.json()["field"]
            answer = desk.post(path, json={key: legible(text), **more})
        assert answer.is_success, (kind, answer.text)
        names.append(answer.json()["id"])
    return names


def test_what_is_ordered_and_handed_over_is_text_on_every_page_and_sheet(hand: Hand) -> None:
    with hand.signed_in(hand.account("commander")) as desk:
        incident = taken(desk, "/api/v1/incidents", "name", reason="试")[0]
        for text in HOSTILE.values():
            answer = desk.post(
                f"/api/v1/incidents/{incident}/level",
                json={"level": "IV", "reason": legible(text)},
            )
            assert answer.status_code in (200, 409), answer.text
        taken(desk, f"/api/v1/incidents/{incident}/orders", "what", to_name="老王")
        page = desk.get(f"/api/v1/incidents/{incident}/log.html")
        assert lost_on_page(page.text) == []
        sheet = desk.get(f"/api/v1/incidents/{incident}/log.csv")
        assert lost_in_sheet(sheet.text) == []
        for language in ("zh", "en"):
            review = desk.get(f"/api/v1/review.html?language={language}")
            assert lost_on_page(review.text) == []
        note = desk.post("/api/v1/handovers", json={"incident": incident}).json()["id"]
        words = "\n".join(legible(text) for text in HOSTILE.values())
        coming = hand.account("duty_officer")
        signed = desk.post(f"/api/v1/handovers/{note}/sign", json={"text": words, "to": coming})
        assert signed.is_success, signed.text
        answer = desk.get("/api/v1/handovers")
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()[0]["text"] == words
        rows = desk.get(f"/api/v1/incidents/{incident}/log.csv").text
        assert lost_in_sheet(rows) == []


def test_ten_million_characters_are_refused_on_every_route_that_takes_words(hand: Hand) -> None:
    huge = b'{"text": "' + b"x" * 10_000_000 + b'"}'
    words = {"content-type": "application/json"}
    asked = {
        (method, row.path)
        for (_, method), row in hand.app.state.policy.rows.items()
        if method in ("POST", "PUT", "PATCH", "DELETE")
    }
    assert len(asked) > 60
    with hand.signed_in(hand.account("commander")) as desk:
        for method, path in sorted(asked):
            answer = desk.request(method, path, content=huge, headers=words)
            assert answer.status_code in (400, 401, 403, 404, 413, 422, 429), (method, path)
            assert len(answer.content) < 20_000, (method, path)
        answer = desk.post("/api/v1/incidents", json={"name": "水" * 81, "reason": "试"})
        assert (answer.status_code, answer.json()["field"]) == (422, "name")
