"""/metrics: numbers for Prometheus, by the rights of who asks, and nobody's name among them."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from anlan.city import City
from anlan.store import Store
from tests.service.hand import Hand, raise_hand
from tests.warn.world import START

SAMPLE = re.compile(r'^[a-z_]+(\{([a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+\})? -?[0-9.e+]+$')


@pytest.fixture
def hand(pinghu: City, store: Store) -> Hand:
    made = raise_hand(pinghu, store, START)
    made.post_tide([4.0, 4.1, 4.2])
    return made


def families(text: str) -> dict[str, float]:
    """Value of each sample by its name and labels; every line is well-formed."""
    found = {}
    for line in text.splitlines():
        if not line.startswith(("# HELP ", "# TYPE ")):
            assert SAMPLE.match(line), line
            name, _, value = line.rpartition(" ")
            found[name] = float(value)
    return found


def test_the_desk_is_told_in_numbers_that_prometheus_reads(hand: Hand) -> None:
    with hand.signed_in(hand.account("commander")) as desk:
        desk.post("/api/v1/incidents", json={"name": "试验", "reason": "试"})
        answer = desk.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    told = families(answer.text)
    newest = told['anlan_station_newest_seconds{station="zhapu",quantity="tide"}']
    assert newest == hand.clock.now().timestamp() == told["anlan_clock_seconds"]
    assert told["anlan_ready"] == 1
    assert told["anlan_journal_entries"] > 0
    assert told["anlan_tasks_overdue"] == 0
    assert 'exercise="true"' in answer.text


def test_who_may_see_less_is_told_less_and_a_stranger_nothing(hand: Hand) -> None:
    with hand.signed_in(hand.account("town_officer")) as town:
        told = town.get("/metrics").text
    assert "anlan_ready" in told
    assert "anlan_tasks" not in told  # of the whole city; hers is a part of it
    assert "anlan_deliveries" not in told
    assert "anlan_journal" not in told
    with hand.signed_in(hand.account("grid_worker")) as grid:
        assert grid.get("/metrics").status_code == 403
    assert TestClient(hand.app).get("/metrics").status_code == 401
