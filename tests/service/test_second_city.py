"""Nothing depends on Pinghu: a river town elsewhere, fed over HTTP, from rain to closed task.

Talstadt has another CRS, datum and time zone, no tide and no typhoon, and is built from CSV,
TOML and GeoTIFF files alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from anlan.assess.report import KINDS
from anlan.city import City
from anlan.forecast import read_settings
from anlan.store import Store
from tests.service.hand import Hand, raise_hand

# summer time: 17:40 in Berlin, twenty minutes before a forecast cycle
AFTERNOON = datetime(2024, 6, 1, 15, 40, tzinfo=UTC)


@pytest.fixture
def hand(talstadt: City, store: Store) -> Iterator[Hand]:
    settings = read_settings(talstadt.settings, members=3, resolution_m=200, lead_hours=12)
    raised = raise_hand(talstadt, store, AFTERNOON, settings=settings)
    yield raised
    raised.chain.close()


def _row(series: str, at: datetime, value: float, **more: str) -> dict[str, Any]:
    return {"series": series, "valid_at": at.isoformat(), "value": value, **more}


def _cloudburst(hand: Hand, hours: int = 3) -> list[dict[str, Any]]:
    """A rising river in the gauge's own zero, and 36 mm in the last hour."""
    now, rows = hand.clock.now(), []
    for back in range(hours * 6):
        at = now - timedelta(minutes=10 * back)
        for gauge in ("regen-mitte", "regen-nord"):
            rows.append(_row(f"{gauge}.rain", at, 6.0 if back < 6 else 0.5, unit="mm"))
    for back in range(hours * 4):
        at = now - timedelta(minutes=15 * back)
        rows.append(_row("bruecke.river_level", at, 5.2 - 0.02 * back, datum="PNP-Talbruecke"))
        rows.append(_row("oberpegel.river_level", at, 180.2))
        rows.append(_row("unterpegel.river_level", at, 179.9))
    return rows


def test_from_rain_over_http_to_a_closed_case_with_a_forecast(hand: Hand) -> None:
    hand.step()
    with TestClient(hand.app) as stations:
        answer = stations.post(
            "/api/v1/readings",
            json=_cloudburst(hand),
            headers=hand.key(hand.account("admin")),
        )
    assert answer.json()["refused"] == []
    hand.step(1)
    hand.step(19)  # 18:00 in Berlin: a cycle is due
    while (future := hand.chain.blocking(hand.clock.now() + timedelta(hours=1))) is not None:
        future.result(timeout=120)
    assert hand.step(20).published

    with hand.signed_in(hand.account("duty_officer")) as desk:
        bridge = next(s for s in desk.get("/api/v1/stations").json() if s["id"] == "bruecke")
        assert bridge["latest"]["value"] == pytest.approx(5.2 + 175.0)
        assert bridge["datum"] == "DHHN2016"
        nothing: dict[str, object] = {"storm": None, "fixes": [], "forecast": None, "agencies": []}
        assert desk.get("/api/v1/track").json() == nothing
        run, before_the_rain = desk.get("/api/v1/runs").json()
        assert run["issued"] > before_the_rain["issued"]
        shown = desk.get(f"/api/v1/runs/{run['id']}").json()
        frame = desk.get(f"/api/v1/runs/{run['id']}/depth/p50/3.u8").content
        assert len(frame) == shown["grid"]["nx"] * shown["grid"]["ny"]
        fan = desk.get(f"/api/v1/runs/{run['id']}/series/bruecke").json()
        assert fan["p10"][-1] <= fan["p50"][-1] <= fan["p90"][-1]
        assessment = desk.get("/api/v1/assessments/latest").json()
        assert assessment["tide"] is None
        report = desk.get(f"/api/v1/assessments/{run['id']}/report.html")
        assert "Talstadt" in report.text
        forms = {kind: desk.get(f"/api/v1/assessments/{run['id']}/report.{kind}") for kind in KINDS}
        assert forms["pdf"].content[:4] == b"%PDF"
        assert forms["docx"].content[:2] == b"PK"
        assert forms["gpkg"].content[:15] == b"SQLite format 3"
        assert forms["gpkg"].headers["content-disposition"].startswith("attachment")
        assert forms["json"].json() == assessment
        chinese = desk.get(f"/api/v1/assessments/{run['id']}/report.html?language=zh")
        assert "洪涝灾害影响评估报告" in chinese.text
        asked = desk.get(f"/api/v1/assessments/{run['id']}/report.html?language=fr")
        assert (asked.status_code, asked.json()["field"]) == (422, "language")

        drafts = desk.get("/api/v1/alerts", params={"state": "draft"}).json()
        town = next(d for d in drafts if d["event"] == "waterlogging")
        assert town["colour"] == "yellow"
        assert (
            desk.post(f"/api/v1/alerts/{town['id']}/approve", json={}).json()["state"] == "issued"
        )
        assert "+02:00" in desk.get(f"/api/v1/alerts/{town['id']}").json()["cap_xml"]
        incident = desk.post("/api/v1/incidents", json={"name": "Starkregen"}).json()
        desk.post(f"/api/v1/incidents/{incident['id']}/level", json={"level": "IV", "reason": "x"})
        hand.step(1)
        task = next(t for t in desk.get("/api/v1/tasks").json() if t["state"] == "assigned")
    assert (hand.store.data_dir / "outbox" / "exercise.jsonl").read_text()

    with hand.signed_in(task["assignee"]) as phone:
        phone.post(f"/api/v1/tasks/{task['id']}/acknowledge", json={})
        done_task = phone.post(f"/api/v1/tasks/{task['id']}/arrive", json={})
        assert done_task.status_code == 200, done_task.text
        phone.post(f"/api/v1/tasks/{task['id']}/complete", json={"text": "erledigt"})
    with hand.signed_in(hand.account("commander")) as desk:
        desk.post(f"/api/v1/cases/{task['case']}/verify", json={})
        closed = desk.post(f"/api/v1/cases/{task['case']}/close", json={}).json()
    assert closed == {"state": "closed"}


def test_a_csv_over_http_with_a_wrong_unit_names_row_field_and_remedy(hand: Hand) -> None:
    text = (
        "series,valid_at,value,unit\n"
        "bruecke.river_level,2024-06-01T16:00+02:00,17.0,ft\n"
        "regen-mitte.rain,2024-06-01T16:00+02:00,1.2,mm\n"
    )
    with TestClient(hand.app) as stations:
        answer = stations.post(
            "/api/v1/readings",
            content=text,
            headers={"content-type": "text/csv"} | hand.key(hand.account("admin")),
        ).json()
    assert answer["new"] == 1
    (refused,) = answer["refused"]
    assert (refused["row"], refused["field"], refused["value"]) == (1, "unit", "ft")
    assert "m or cm" in refused["remedy"]
