"""The chain with nobody replayed and nothing forecast: a reading in, a task closed.

One reading over HTTP → rule → draft → two officers → file outlet → response level → task →
acknowledged → done → verified by another → closed; and what nobody does escalates.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from anlan.city import City
from anlan.journal import trace, verify
from anlan.store import Store
from tests.service.hand import Hand, raise_hand

pytestmark = pytest.mark.both_engines

NIGHT = datetime(2021, 7, 25, 17, 0, tzinfo=UTC)


@pytest.fixture
def hand(pinghu: City, store: Store) -> Hand:
    return raise_hand(pinghu, store, NIGHT)


def _drafts(client: object) -> list[dict[str, object]]:
    return client.get("/api/v1/alerts", params={"state": "draft"}).json()  # type: ignore[attr-defined, no-any-return]


def test_from_one_reading_to_a_closed_case(hand: Hand) -> None:
    hand.step()
    hand.post_tide([6.42, 6.45, 6.47])
    hand.step(1)
    first, second = hand.account("duty_officer"), hand.account("commander")

    with hand.signed_in(first) as desk:
        (draft,) = _drafts(desk)
        assert (draft["colour"], draft["approvals_needed"]) == ("orange", 2)
        preview = desk.get(f"/api/v1/alerts/{draft['id']}/audience").json()
        assert preview["total"] > 10
        assert all("【演练】" in sample["text"] for sample in preview["samples"])
        assert (
            desk.post(f"/api/v1/alerts/{draft['id']}/approve", json={}).json()["state"] == "draft"
        )
        again = desk.post(f"/api/v1/alerts/{draft['id']}/approve", json={})
        assert again.status_code == 409
        assert "second officer" in again.json()["message"]

    outbox = hand.store.data_dir / "outbox" / "exercise.jsonl"
    assert not outbox.exists() or outbox.read_text() == ""
    with hand.signed_in(second) as desk:
        done = desk.post(f"/api/v1/alerts/{draft['id']}/approve", json={"note": "同意"}).json()
        assert done["state"] == "issued"
        hand.step(1)
        lines = [json.loads(line) for line in outbox.read_text().splitlines()]
        assert len({line["key"] for line in lines}) == len(lines) >= preview["total"] - 5
        assert all("【演练】" in line["body"] for line in lines)

        (incident,) = desk.get("/api/v1/incidents").json()
        assert incident["proposed_level"]
        level = incident["proposed_level"]
        opened = desk.post(
            f"/api/v1/incidents/{incident['id']}/level", json={"level": level, "reason": "风暴潮"}
        ).json()
        assert opened["opened"]
        tasks = desk.get("/api/v1/tasks").json()

    task = next(task for task in tasks if task["assignee"] and task["state"] == "assigned")
    with hand.signed_in(task["assignee"]) as phone:
        for command, payload in (
            ("acknowledge", {}),
            ("depart", {}),
            ("arrive", {}),
            ("complete", {"text": "已到位，巡查完毕"}),
        ):
            answer = phone.post(f"/api/v1/tasks/{task['id']}/{command}", json=payload)
            assert answer.status_code == 200, answer.text
    with hand.signed_in(second) as desk:
        case = desk.get(f"/api/v1/cases/{task['case']}").json()
        assert case["state"] == "done_claimed"
        for command in ("verify", "close"):
            answer = desk.post(f"/api/v1/cases/{case['id']}/{command}", json={})
            assert answer.status_code == 200, answer.text
        assert answer.json()["state"] == "closed"

    with hand.store.read() as conn:
        assert verify(conn).verified
        steps = trace(conn, f"task:{task['id']}")
    grounds = [ground for step in steps for ground in step["grounds"]]  # type: ignore[attr-defined]
    assert any(ground.startswith("obs:zhapu.tide@") for ground in grounds)


def test_a_draft_that_nobody_approves_visibly_escalates(hand: Hand) -> None:
    hand.step()
    hand.post_tide([6.42, 6.45])
    hand.step(1)
    hand.step(16)
    with hand.signed_in(hand.account("commander")) as desk:
        (draft,) = _drafts(desk)
    assert draft["unapproved_since"]
    assert draft["escalated_to"]


def test_a_task_that_nobody_acknowledges_climbs_once_for_each_rung(hand: Hand) -> None:
    hand.step()
    with hand.signed_in(hand.account("duty_officer")) as desk:
        incident = desk.post("/api/v1/incidents", json={"name": "防汛值守"}).json()
        desk.post(f"/api/v1/incidents/{incident['id']}/level", json={"level": "IV", "reason": "雨"})
        before = desk.get("/api/v1/tasks").json()
        assert before
        assert not any(task["escalation"] for task in before)
        hand.step(61)
        hand.step(1)
        after = desk.get("/api/v1/tasks").json()
    climbed = [task for task in after if task["escalation"] > 0]
    assert climbed
    assert all(task["late"] for task in climbed)


def test_a_residents_report_opens_a_case_for_the_grid_worker(hand: Hand) -> None:
    hand.step()
    resident = hand.account("resident")
    spot = hand.city.territory.unit(hand.city.accounts[resident].territory)
    with hand.signed_in(resident) as phone:
        body = {"text": "楼道口进水", "depth_class": "ankle", "lon": spot.lon, "lat": spot.lat}
        key = {"Idempotency-Key": "a1"}
        case = phone.post("/api/v1/cases", json=body, headers=key).json()
        assert phone.post("/api/v1/cases", json=body, headers=key).json() == case
        assert [found["id"] for found in phone.get("/api/v1/cases").json()] == [case["id"]]
        assert phone.get("/api/v1/alerts").status_code == 403
    with hand.signed_in(hand.account("duty_officer")) as desk:
        view = desk.get(f"/api/v1/cases/{case['id']}").json()
    assert "楼道口进水" in view["text"]
    (task,) = view["tasks"]
    assert hand.city.accounts[task["assignee"]].role == "grid_worker"
    assert hand.city.accounts[task["assignee"]].territory == view["territory"]


def test_strangers_get_nothing_but_health_and_the_public_feed(hand: Hand) -> None:
    hand.step()
    with TestClient(hand.app) as stranger:
        assert stranger.get("/healthz").text == "ok"
        assert stranger.get("/cap/alerts.atom").status_code == 200
        routes = hand.app.openapi()["paths"]
        for path, verbs in routes.items():
            if path == "/api/v1/session" or not path.startswith("/api/v1"):
                continue
            for verb in verbs:
                if path in ("/api/v1/clock", "/api/v1/signout"):
                    continue
                url = path.replace("{", "").replace("}", "")
                assert stranger.request(verb.upper(), url).status_code in (401, 403, 422), (
                    verb,
                    path,
                )


def test_a_stations_key_cannot_write_another_stations_series(hand: Hand) -> None:
    row = {"series": "jiaxing.river_level", "valid_at": NIGHT.isoformat(), "value": 1.0}
    with TestClient(hand.app) as client:
        answer = client.post(
            "/api/v1/readings",
            json=[row],
            headers=hand.key(hand.account("admin"), station="zhapu"),
        )
    assert answer.status_code == 403
    assert "station zhapu" in answer.json()["message"]


def test_a_cookie_alone_cannot_change_anything(hand: Hand) -> None:
    hand.step()
    with hand.signed_in(hand.account("duty_officer")) as desk:
        desk.headers.pop("X-Anlan")
        answer = desk.post("/api/v1/incidents", json={"name": "x"})
    assert answer.status_code == 403
    assert "X-Anlan" in answer.json()["message"]


def test_an_officer_writes_a_warning_in_own_words_and_it_goes_the_same_way(hand: Hand) -> None:
    hand.step()
    town = hand.city.territory.towns()[0]
    words = {
        "event": "waterlogging",
        "colour": "yellow",
        "area": town.code,
        "headline": "老城区多处积水",
        "description": "南市路口积水及膝，请绕行。",
        "hours": 6,
    }
    with hand.signed_in(hand.account("duty_officer")) as desk:
        wrong = desk.post("/api/v1/alerts", json=words | {"area": "999999999999"})
        assert wrong.status_code == 404
        assert "999999999999" in wrong.json()["message"]
        made = desk.post("/api/v1/alerts", json=words).json()
        assert (
            desk.post(f"/api/v1/alerts/{made['id']}/approve", json={}).json()["state"] == "issued"
        )
        hand.step(1)
        issued = desk.get(f"/api/v1/alerts/{made['id']}").json()
    assert "南市路口积水及膝" in issued["cap_xml"]
    assert "老城区多处积水" in issued["cap_xml"]
    sent = (hand.store.data_dir / "outbox" / "exercise.jsonl").read_text().splitlines()
    assert sent
    assert all("南市路口" in json.loads(line)["body"] for line in sent)
