"""Who sees which photo, and what a phone can and cannot do to the task board."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import event
from sqlalchemy.engine import Engine

from anlan.city import City
from anlan.journal import Act
from anlan.respond import actions
from anlan.store import Store
from tests.service.hand import Hand, raise_hand

NIGHT = datetime(2021, 7, 25, 17, 0, tzinfo=UTC)


@pytest.fixture
def hand(pinghu: City, store: Store) -> Hand:
    return raise_hand(pinghu, store, NIGHT)


def photo(client: TestClient, shade: int) -> str:
    raw = io.BytesIO()
    Image.new("RGB", (8, 8), (shade, 0, 0)).save(raw, "PNG")
    answer = client.post("/api/v1/attachments", files={"file": ("a.png", raw.getvalue())})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["digest"])


def other_town(hand: Hand, role: str, account: str) -> str:
    """An account of the role in another town than that of ``account``."""
    known = hand.city.territory
    home = hand.city.accounts[account].territory
    town = next(u for u in [known.unit(home), *known.ancestors(home)] if u.level == "town")
    return next(
        one.id
        for one in hand.city.accounts.values()
        if one.role == role and not known.is_within(one.territory, town.code)
    )


def status(hand: Hand, account: str, digest: str) -> int:
    with hand.signed_in(account) as client:
        return int(client.get(f"/api/v1/attachments/{digest}").status_code)


def test_a_photo_is_shown_to_its_taker_and_to_who_sees_a_case_naming_it(hand: Hand) -> None:
    resident = hand.account("resident")
    home = hand.city.accounts[resident].territory
    with hand.signed_in(resident) as phone:
        loose, reported = photo(phone, 10), photo(phone, 20)
        report = {"territory": home, "text": "积水", "photos": [reported]}
        case_id = phone.post("/api/v1/cases", json=report).json()["id"]
        assert phone.get(f"/api/v1/attachments/{loose}").status_code == 200
    with hand.signed_in(hand.account("duty_officer")) as desk:
        [task] = desk.get(f"/api/v1/cases/{case_id}").json()["tasks"]
        assert desk.get(f"/api/v1/attachments/{loose}").status_code == 200
    doer = task["assignee"]
    assert status(hand, doer, reported) == 200
    assert status(hand, doer, loose) == 404
    with hand.signed_in(doer) as phone:
        proof = photo(phone, 30)
        phone.post(f"/api/v1/tasks/{task['id']}/acknowledge", json={})
        done = {"text": "已处置", "photos": [proof]}
        answer = phone.post(f"/api/v1/tasks/{task['id']}/complete", json=done)
        assert answer.status_code == 200, answer.text
    assert status(hand, resident, proof) == 200
    strangers = [
        other_town(hand, "town_officer", resident),
        other_town(hand, "grid_worker", resident),
        next(
            a.id for a in hand.city.accounts.values() if a.role == "resident" and a.id != resident
        ),
    ]
    for stranger in strangers:
        assert status(hand, stranger, reported) == status(hand, stranger, proof) == 404
        assert status(hand, stranger, "0" * 64) == 404


def test_a_phone_cannot_put_what_it_likes_into_the_history(hand: Hand) -> None:
    resident = hand.account("resident")
    with hand.signed_in(resident) as phone:
        report = {"territory": hand.city.accounts[resident].territory, "text": "积水"}
        case_id = phone.post("/api/v1/cases", json=report).json()["id"]
    with hand.signed_in(hand.account("duty_officer")) as desk:
        [task] = desk.get(f"/api/v1/cases/{case_id}").json()["tasks"]
    with hand.signed_in(task["assignee"]) as phone:
        for key, value in (("text_note", [1]), ("evil", "name+phone"), ("depth_m", "very")):
            answer = phone.post(f"/api/v1/tasks/{task['id']}/acknowledge", json={key: value})
            assert (answer.status_code, answer.json()["field"]) == (422, key)
            assert answer.json()["remedy"]
        assert phone.get("/api/v1/tasks").status_code == 200


def test_the_task_board_asks_the_store_as_often_for_many_tasks_as_for_one(hand: Hand) -> None:
    villages = hand.city.territory.villages()

    def report(number: int) -> None:
        with hand.store.transaction() as tx:
            act = Act(tx, hand.clock.now(), hand.account("duty_officer"))
            for village in villages[:number]:
                actions.open_case(act, hand.city, "resident_report", territory=village.code)

    def asked(client: TestClient) -> int:
        said: list[str] = []

        def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
            said.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            board = client.get("/api/v1/tasks").json()
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        assert all("assign" in task["allowed"] for task in board)
        return len(said)

    with hand.signed_in(hand.account("duty_officer")) as desk:
        report(1)
        few = asked(desk)
        report(12)
        assert asked(desk) == few
