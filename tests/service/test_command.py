"""The command post over HTTP: orders, posts, hand-overs, the checklist, printed and exported."""

from __future__ import annotations

from typing import Any

import pytest

from anlan.city import City
from anlan.store import Store
from tests.browser.conftest import NIGHT
from tests.service.hand import Hand, raise_hand

EAST = "330482101000"


@pytest.fixture
def hand(pinghu: City, store: Store) -> Hand:
    made = raise_hand(pinghu, store, NIGHT)
    made.step()
    return made


def opened(hand: Hand) -> str:
    with hand.signed_in(hand.account("commander")) as commander:
        made = commander.post("/api/v1/incidents", json={"name": "试验", "reason": "试"})
        name = made.json()["id"]
        assert commander.post(
            f"/api/v1/incidents/{name}/level", json={"level": "IV", "reason": "试"}
        ).is_success
    return str(name)


def test_an_order_by_telephone_is_answered_by_phone_and_printed(hand: Hand) -> None:
    incident = opened(hand)
    town = hand.account("town_officer", within=EAST)
    with hand.signed_in(hand.account("commander")) as commander:
        body: dict[str, Any] = {"what": "撤离 <b>旱闸</b>", "to": town, "means": "phone"}
        headers = {"Idempotency-Key": "one"}
        path = f"/api/v1/incidents/{incident}/orders"
        first = commander.post(path, json=body, headers=headers).json()["id"]
        assert commander.post(path, json=body, headers=headers).json()["id"] == first
    with hand.signed_in(town) as officer:
        shown = officer.get("/api/v1/me/orders").json()
        assert [(one["id"], one["allowed"]) for one in shown] == [(first, ["acknowledge", "done"])]
        assert officer.post(f"/api/v1/orders/{first}/acknowledge", json={}).json() == {
            "state": "acknowledged"
        }
    with hand.signed_in(hand.account("commander")) as commander:
        page = commander.get(f"/api/v1/incidents/{incident}/log.html")
        assert "演练 EXERCISE" in page.text
        assert "撤离 &lt;b&gt;旱闸&lt;/b&gt;" in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        sheet = commander.get(f"/api/v1/incidents/{incident}/log.csv")
        assert sheet.content.startswith("\ufeff【演练】EXERCISE".encode())


def test_a_town_sees_the_orders_that_concern_it_and_no_others(hand: Hand) -> None:
    incident = opened(hand)
    east = hand.account("town_officer", within=EAST)
    west = hand.account("town_officer", within="330482102000")
    with hand.signed_in(hand.account("commander")) as commander:
        path = f"/api/v1/incidents/{incident}/orders"
        name = commander.post(path, json={"what": "撤离", "to": east}).json()["id"]
    with hand.signed_in(west) as officer:
        assert officer.get("/api/v1/command").json()["orders"] == []
        foreign = officer.post(f"/api/v1/orders/{name}/done", json={"words": "好"})
        assert foreign.status_code == 404
        invented = officer.post("/api/v1/orders/O9999/done", json={"words": "好"})
        assert foreign.text.replace(name, "") == invented.text.replace("O9999", "")
        assert officer.get(f"/api/v1/incidents/{incident}/log").status_code == 403
        rows = officer.get(f"/api/v1/incidents/{incident}/checklist").json()["levels"][0]["steps"]
        towns = {row["town_name"] for step in rows for row in step["rows"]}
        assert towns == {hand.city.territory.unit("330482102000").name}


def test_a_watch_is_handed_over_at_the_desk(hand: Hand) -> None:
    incident = opened(hand)
    first, second = hand.account("duty_officer", 0), hand.account("duty_officer", 1)
    with hand.signed_in(first) as leaving:
        post = f"/api/v1/incidents/{incident}/posts/commander"
        assert leaving.post(f"{post}/take", json={}).json() == {"account": first}
        name = leaving.post("/api/v1/handovers", json={"incident": incident}).json()["id"]
        note = leaving.get("/api/v1/handovers").json()[0]
        assert "响应等级：IV 级" in note["text"]
        assert leaving.post(
            f"/api/v1/handovers/{name}/sign", json={"text": note["text"] + "盯住", "to": second}
        ).is_success
    with hand.signed_in(second) as coming:
        assert coming.get("/api/v1/handovers").json()[0]["allowed"] == ["acknowledge"]
        answer = coming.post(f"/api/v1/handovers/{name}/acknowledge", json={}).json()
        assert answer == {"state": "acknowledged", "posts": ["commander"]}
        posts = {one["post"]: one for one in coming.get("/api/v1/command").json()["posts"]}
        assert posts["commander"]["account"] == second


def test_a_level_is_foreseen_before_it_is_set(hand: Hand) -> None:
    incident = opened(hand)
    with hand.signed_in(hand.account("duty_officer")) as officer:
        found = officer.get(f"/api/v1/incidents/{incident}/foresee?level=III").json()
        done = officer.post(
            f"/api/v1/incidents/{incident}/level", json={"level": "III", "reason": "试"}
        ).json()
        assert sum(one["count"] for one in found["starts"]) == len(done["opened"]) > 0
        wrong = officer.get(f"/api/v1/incidents/{incident}/foresee?level=V")
        assert (wrong.status_code, wrong.json()["field"]) == (422, "level")


def test_a_desk_without_a_drill_has_none(hand: Hand) -> None:
    with hand.signed_in(hand.account("commander")) as commander:
        for ask in (commander.get("/api/v1/drill"), commander.post("/api/v1/drill/start")):
            assert ask.status_code == 404
