"""Posting readings over HTTP: what cannot be taken is refused, never a fault of the server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from anlan.city import City
from anlan.observe.routes import MOST_BYTES
from anlan.store import Store
from tests.service.hand import raise_hand

pytestmark = pytest.mark.both_engines

NIGHT = datetime(2021, 7, 25, 17, 0, tzinfo=UTC)
CSV = {"content-type": "text/csv"}
JSON = {"content-type": "application/json"}
WHERE = "/api/v1/readings"


@pytest.fixture
def station(pinghu: City, store: Store) -> Iterator[TestClient]:
    """A client with the key of the tide gauge."""
    hand = raise_hand(pinghu, store, NIGHT)
    key = hand.key(hand.account("admin"), station="zhapu")
    with TestClient(hand.app, headers=key) as client:
        yield client


def test_a_time_before_any_gauge_is_a_refused_row(station: TestClient) -> None:
    rows = [{"series": "zhapu.tide", "valid_at": "0001-01-01T00:00+08:00", "value": 3.0}]
    answer = station.post(WHERE, json={"readings": rows})
    assert answer.status_code == 200
    assert answer.json()["refused"][0]["field"] == "valid_at"
    asked = station.get("/api/v1/series/zhapu.tide", params={"to": "0001-01-01T00:00Z"})
    assert asked.status_code in (403, 422)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("series,valid_at,value\nzhapu.tide," + "x" * 140_000 + ",3\n", CSV),
        ("[" * 100_000, JSON),
        (r'[{"series": "\ud800", "valid_at": "x", "value": 1}]', JSON),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    station: TestClient, body: str, kind: dict[str, str]
) -> None:
    answer = station.post(WHERE, content=body, headers=kind)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == "body"


def test_a_body_said_to_be_too_long_is_not_read(station: TestClient) -> None:
    answer = station.post(
        WHERE, content=b"x", headers={**CSV, "content-length": str(MOST_BYTES + 1)}
    )
    assert answer.status_code == 422
    assert "smaller batches" in answer.text


def test_a_body_without_a_length_is_read_up_to_the_limit(station: TestClient) -> None:
    pieces = (b"x" * 1_000_000 for _ in range(7))
    answer = station.post(WHERE, content=pieces, headers=CSV)
    assert answer.status_code == 422
    assert "smaller batches" in answer.text
