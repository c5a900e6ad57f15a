"""Free text of every kind comes out as text: on the page, in CAP, in the feed, in messages."""

from __future__ import annotations

import re
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan import cap
from anlan.access.desk import Desk
from anlan.city import City
from anlan.clock import SteppedClock
from anlan.refusal import Refusal
from anlan.store import Store, schema
from anlan.warn import actions, routes
from anlan.warn.handwritten import MOST_SIGNS, write
from anlan.warn.message import plain_text
from tests.free_text import HOSTILE
from tests.service.hand import raise_hand
from tests.warn.test_replies import LINK, linked
from tests.warn.world import START, ZHAPU, World

__all__ = ["linked"]


def say(world: World, text: str) -> str:
    """A handwritten alert with the text in every field, approved."""
    name: str = world.act(
        "duty-1",
        lambda act: write(
            act, world.city, event="waterlogging", colour_name="orange", area=ZHAPU,
            headline=text, description=text, instruction=text,
        ),
    )  # fmt: skip
    world.approve(name, "duty-1", "boss")
    return name


@pytest.mark.parametrize("kind", HOSTILE)
def test_it_is_text_everywhere(linked: World, kind: str) -> None:
    text = HOSTILE[kind]
    shown = plain_text(text).strip()
    name = say(linked, text)
    (row,) = linked.rows(schema.alert, id=name)
    document = cap.read(row.cap_xml.encode())
    assert (document.infos[0].headline or "").removeprefix("【演练】") == shown[:139]
    assert [each for each in cap.check(document) if each.severity == "error"] == []
    bodies = {each.person: each.body for each in linked.rows(schema.delivery, alert=name)}
    assert shown in bodies["zhapu-grid"]
    assert all(sign.isprintable() for body in bodies.values() for sign in body), (
        "no control sign, no direction mark"
    )
    pages = FastAPI()
    pages.state.desk = Desk(linked.city, linked.store, SteppedClock(linked.now))
    pages.include_router(routes.feed)
    linked.deliver()
    with TestClient(pages) as stranger:
        link = LINK.search(bodies["zhapu-grid"])
        assert link
        page = stranger.get(link.group(1)).text
    assert shown in unescape(page)
    assert re.findall(r"<(?:script|img|b|a)\b", page) == []


def test_the_feed_is_well_formed_whatever_the_words(pinghu: City, store: Store) -> None:
    hand = raise_hand(pinghu, store, START)
    with hand.signed_in(hand.account("duty_officer")) as officer:
        for text in HOSTILE.values():
            words = {"headline": text, "description": text, "instruction": text}
            made = officer.post(
                "/api/v1/alerts",
                json={"event": "waterlogging", "colour": "blue", "area": ZHAPU, **words},
            )
            assert made.status_code == 200, made.text
            name = made.json()["id"]
            assert officer.post(f"/api/v1/alerts/{name}/approve", json={}).status_code == 200
        atom = ET.fromstring(officer.get("/cap/alerts.atom").content)
        listed = officer.get("/api/v1/alerts").json()
        huge = officer.post(f"/api/v1/alerts/{name}/cancel", json={"reason": "水" * 3_000_000})
    entries = atom.findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == len(listed) == len(HOSTILE)
    titles = {entry.findtext("{http://www.w3.org/2005/Atom}title") for entry in entries}
    assert titles == {view["headline"] for view in listed}
    assert huge.status_code in (400, 413, 422)
    assert len(huge.content) < 20_000


def test_ten_million_characters_are_refused_by_field(world: World) -> None:
    with pytest.raises(Refusal, match=f"{MOST_SIGNS} at most") as refusal:
        say(world, "水" * 10_000_000)
    assert refusal.value.field == "headline"
    assert len(str(refusal.value.value)) < 100
    assert world.rows(schema.alert) == []


def test_the_reason_of_a_withdrawn_mistake_is_text_too(world: World) -> None:
    name = say(world, "积水")
    ended = world.act(
        "boss",
        lambda act: actions.cancel(
            act, world.city, name, HOSTILE["nul"] + HOSTILE["html"], mistake=True
        ),
    )
    (row,) = world.rows(schema.alert, id=ended)
    assert "<script>" in (cap.read(row.cap_xml.encode()).note or "")


@given(text=st.text(min_size=1, max_size=200))
@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_any_text_is_refused_or_makes_a_valid_message(world: World, text: str) -> None:
    if not plain_text(text).strip():
        with pytest.raises(Refusal, match="is empty"):
            say(world, text)
        return
    (row,) = world.rows(schema.alert, id=say(world, text))
    document = cap.read(row.cap_xml.encode())
    assert [each for each in cap.check(document) if each.severity == "error"] == []
