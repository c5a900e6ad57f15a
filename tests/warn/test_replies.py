"""Reply links: who was asked answers by one, without signing in, and nobody else does."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from anlan.access.desk import Desk
from anlan.city import City
from anlan.clock import SteppedClock
from anlan.journal import Act
from anlan.service.app import create_app
from anlan.store import schema
from anlan.warn import actions, hand_offs
from tests.warn.world import World

REPLY = """
[reply]
url = "https://desk.example"
channels = ["sms", "dingtalk"]
zh = "回复：{link}"
en = " Reply: {link}"
"""
LINK = re.compile(r"回复：https://desk\.example(/r/[\w-]{12})$")


@pytest.fixture
def linked(world: World, tmp_path: Path) -> World:
    """Pinghu whose messages carry links."""
    folder = tmp_path / "linked"
    folder.mkdir()
    for name in ("rules.toml", "messages.toml"):
        shutil.copy(world.city.folder / name, folder / name)
    with (folder / "messages.toml").open("a", encoding="utf-8") as file:
        file.write(REPLY)
    world.city = replace(world.city, folder=folder)
    return world


@pytest.fixture
def stranger(linked: World) -> Iterator[TestClient]:
    """Somebody who never signed in."""
    app = create_app(Desk(linked.city, linked.store, SteppedClock(linked.now)), None)
    with TestClient(app) as client:
        yield client


def issue(world: World) -> dict[str, tuple[str, str]]:
    """A red warning; person -> (delivery, body)."""
    world.read("zhapu", 5.0, 5.0)
    (alert,) = world.evaluate()
    world.approve(alert, "duty-1", "boss")
    return {row.person: (row.id, row.body) for row in world.rows(schema.delivery, alert=alert)}


def test_only_who_must_answer_gets_a_link_and_each_a_different_one(linked: World) -> None:
    sent = issue(linked)
    links = {who: LINK.search(body) for who, (_, body) in sent.items()}
    assert {who for who, link in links.items() if link} == {
        "zhapu-officer",
        "zhapu-village",
        "zhapu-grid",
    }
    assert len({link.group(1) for link in links.values() if link}) == 3


def test_the_preview_shows_the_text_with_its_link_and_counts_it(linked: World) -> None:
    linked.read("zhapu", 5.0, 5.0)
    (alert,) = linked.evaluate()
    with linked.store.read() as conn:
        shown = actions.preview(conn, linked.city, alert)
    (grid,) = [each for each in shown.samples if each["tier"] == "grid"]
    linked.approve(alert, "duty-1", "boss")
    (row,) = linked.rows(schema.delivery, person="zhapu-grid")
    assert len(str(grid["text"])) == len(row.body) == grid["characters"]
    assert str(grid["text"])[:-12] == row.body[:-12]


def test_opening_a_link_acknowledges_nothing_and_its_button_does(
    linked: World, stranger: TestClient
) -> None:
    delivery, body = issue(linked)["zhapu-grid"]
    linked.deliver()
    found = LINK.search(body)
    assert found
    page = stranger.get(found.group(1))
    assert page.status_code == 200
    assert "确认收到" in page.text
    assert found.group(1) not in page.text.replace('method="post"', "")
    assert linked.rows(schema.delivery, id=delivery, state="answered") == []
    again = [stranger.post(found.group(1)) for _ in range(2)]
    assert [each.status_code for each in again] == [200, 200]
    assert "已确认" in again[1].text
    assert len(linked.rows(schema.delivery, id=delivery, state="answered")) == 1
    assert len(linked.journal("delivery.answered")) == 1


@pytest.mark.parametrize("token", ["AAAAAAAAAAAA", "x", "D%00aaaaaaaaaa", "..%2f..%2f", "a" * 5000])
def test_who_guesses_a_link_sees_nothing(linked: World, stranger: TestClient, token: str) -> None:
    issue(linked)
    for answer in (stranger.get(f"/r/{token}"), stranger.post(f"/r/{token}")):
        assert answer.status_code == 404
        assert "水" not in answer.text
    assert linked.journal("delivery.answered") == []


def test_a_message_that_never_left_cannot_be_answered(linked: World, stranger: TestClient) -> None:
    _, body = issue(linked)["zhapu-grid"]
    found = LINK.search(body)
    assert found
    assert stranger.post(found.group(1)).status_code == 409


def test_the_words_of_a_message_are_text_on_its_page(linked: World, stranger: TestClient) -> None:
    delivery, body = issue(linked)["zhapu-grid"]
    linked.deliver()
    with linked.store.transaction() as tx:
        table = schema.delivery
        tx.execute(
            table.update()
            .where(table.c.id == delivery)
            .values(body="<script>alert(1)</script>" + body)
        )
    found = LINK.search(body)
    assert found
    page = stranger.get(found.group(1)).text
    assert "&lt;script&gt;" in page
    assert "<script" not in page


def test_the_next_channel_says_the_same_with_a_link_of_its_own(linked: World) -> None:
    delivery, body = issue(linked)["zhapu-officer"]
    linked.act("system", lambda act: _fail(act, linked, delivery))
    linked.fire()
    (row,) = linked.rows(schema.delivery, person="zhapu-officer", channel="sms")
    assert LINK.sub("", row.body) == LINK.sub("", body)
    assert row.body.count("https://") == 1
    assert row.body != body


def _fail(act: Act, world: World, delivery: str) -> None:
    table = schema.delivery
    act.tx.execute(table.update().where(table.c.id == delivery).values(state="sent"))
    actions.receipt(act, delivery, "failed")


def test_links_and_names_of_old_messages_are_forgotten_but_not_of_what_is_in_force(
    linked: World,
) -> None:
    issue(linked)
    old = linked.now + timedelta(days=91)
    for state, left in (("issued", 3), ("expired", 0)):
        table = schema.alert
        linked.act("system", lambda act: act.tx.execute(table.update().values(state=state)))  # noqa: B023
        linked.act("system", lambda act: hand_offs.prune(act.tx, old))
        assert len(linked.rows(schema.reply_link)) == left


def test_a_city_says_where_its_links_lead(pinghu: City, tmp_path: Path) -> None:
    from anlan.refusal import Refusal
    from anlan.warn import load_messages

    text = (pinghu.folder / "messages.toml").read_text("utf-8")
    for wrong in ("javascript:alert(1)", "desk.example", "https://a b"):
        (tmp_path / "messages.toml").write_text(
            text + REPLY.replace("https://desk.example", wrong), "utf-8"
        )
        with pytest.raises(Refusal, match="reply"):
            load_messages(replace(pinghu, folder=tmp_path))
