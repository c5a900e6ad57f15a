"""From a reading to the all-clear, by real protocols and people at real browsers.

Actual warnings need the real clock and a configured sender; local servers stand in for the
carrier, DingTalk and the mail relay, and fail as those do.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from anlan.access import totp
from anlan.city import City
from anlan.clock import RealClock
from anlan.journal import trace, verify
from anlan.store import Store, schema
from tests.browser.conftest import WEB
from tests.browser.providers import (
    GRID,
    LETTERS,
    NO_PHONE,
    SECRETS,
    TOWN,
    VILLAGE,
    Live,
    eventually,
    live_desk,
)

pytestmark = pytest.mark.browser
D, A = schema.delivery, schema.alert
WARNED = {"PE0001", "PE0002", "PE0003", "PE0004", TOWN, VILLAGE, GRID}
THROTTLED = 0x58
STRICT = ("commander", "duty_officer")


@pytest.fixture
def live(
    pinghu: City, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Live]:
    expect.set_options(timeout=30_000)
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with live_desk(pinghu, store, tmp_path, WEB) as desk:
        yield desk
    expect.set_options(timeout=5_000)


class Room:
    """People at browsers of their own."""

    def __init__(self, browser: Browser, live: Live) -> None:
        self._browser, self._live = browser, live
        self.contexts: list[BrowserContext] = []

    def page(self, account: str | None, width: int = 1920, height: int = 1080) -> Page:
        """A browser; signed in, unless nobody is named."""
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN"
        )
        self.contexts.append(context)
        page = context.new_page()
        if account is not None:
            link = self._live.url + self._live.link(account)
            if self._live.city.accounts[account].role in STRICT:
                page.request.get(link)
                self._prove(page)
                link = self._live.url
            page.goto(link)
        return page

    def _prove(self, page: Page) -> None:
        """Set up a second factor, which the real clock asks of who decides."""
        security = f"{self._live.url}/api/v1/me/second-factor"
        headers = {"X-Anlan": "1", "Origin": self._live.url}
        begun = page.request.post(security, headers=headers)
        assert begun.ok, begun.text()
        code = totp.code_at(begun.json()["secret"], RealClock().now())
        done = page.request.post(f"{security}/confirm", headers=headers, data={"code": code})
        assert done.ok, done.text()


@pytest.fixture
def room(browser: Browser, live: Live) -> Iterator[Room]:
    made = Room(browser, live)
    yield made
    for context in made.contexts:
        context.close()


def rows(live: Live, **wanted: str) -> list[object]:
    query = select(D)
    for name, value in wanted.items():
        query = query.where(D.c[name] == value)
    with live.store.read() as conn:
        return list(conn.execute(query).all())


def kinds(live: Live) -> set[str]:
    with live.store.read() as conn:
        return set(conn.execute(select(schema.journal.c.kind)).scalars())


def confirm(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        page.locator(f"dialog [name={name}]").fill(text)
    page.get_by_test_id("ask-confirm").click()


def picture() -> bytes:
    """A PNG of 8 x 8 grey points."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        head = struct.pack(">I", len(data)) + kind + data
        return head + struct.pack(">I", zlib.crc32(kind + data))

    lines = zlib.compress((b"\0" + b"\x80" * 8) * 8)
    size = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def test_the_whole_chain(live: Live, room: Room) -> None:
    duty, commander = room.page("duty-1"), room.page("commander-1")
    live.centre.statuses = [THROTTLED]
    live.dingtalk.faults = ["drop"]
    live.relay.answers = {LETTERS: "451 later"}

    # a reading, a rule, a draft with its preview
    live.tide(6.42, 6.45, 6.47)
    draft = duty.locator("[data-testid=alert-card][data-state=draft]")
    expect(draft).to_have_count(1, timeout=30_000)
    draft.get_by_test_id("audience").click()
    preview = duty.get_by_test_id("audience-dialog")
    expect(preview).to_contain_text(f"回复：{live.url}/r/")
    expect(preview).to_contain_text("没有电话")
    expect(preview).not_to_contain_text("【演练】")
    duty.keyboard.press("Escape")

    # two officers
    draft.get_by_test_id("approve").click()
    confirm(duty)
    expect(draft.get_by_test_id("approvals")).to_contain_text(live.city.accounts["duty-1"].name)
    assert rows(live) == []
    commander.locator("[data-testid=alert-card][data-state=draft]").get_by_test_id(
        "approve"
    ).click()
    confirm(commander)

    # handed over in spite of throttling, a lost answer and a relay that puts off
    eventually(lambda: "delivery.repeated" in kinds(live), "a repeat of the unknown hand-off")
    live.relay.answers = {}
    eventually(lambda: live.relay.letters and len(live.sms()) >= 2, "letters and short messages")
    eventually(lambda: any("重发" in text for text in live.group.texts), "the marked repeat")
    assert "重发" not in live.group.texts[0]
    with live.store.read() as conn:
        (alert,) = conn.execute(select(A)).all()
    assert (alert.status, alert.colour, alert.state) == ("Actual", "orange", "issued")
    lost = rows(live, person=NO_PHONE)
    assert [(each.state, each.reason) for each in lost] == [("failed", "no_phone")]  # type: ignore[attr-defined]

    # answers: by the link of the letter, without signing in; by short message
    letter = live.relay.letters[0].get_body()
    assert letter is not None
    found = re.search(rf"{re.escape(live.url)}(/r/[\w-]{{12}})", letter.get_content())
    assert found
    stranger = room.page(None, 390, 844)
    stranger.goto(live.url + found.group(1))
    stranger.get_by_test_id("confirm").click()
    expect(stranger.get_by_test_id("confirmed")).to_be_visible()
    live.centre.say(live.number(GRID), "收到")
    eventually(
        lambda: {each.person for each in rows(live, state="answered")} >= {TOWN, GRID},  # type: ignore[attr-defined]
        "two answers",
    )

    # the village says nothing: its town is told, by a way not used for it yet
    eventually(lambda: "delivery.escalated" in kinds(live), "escalation")
    town = live.number(TOWN)
    eventually(
        lambda: any(to == town and "未确认" in text for to, text in live.sms()), "the town told"
    )
    (waiting,) = rows(live, person=VILLAGE)
    assert waiting.state == "sent"  # type: ignore[attr-defined]

    # the response: a level, tasks, and a worker whose phone has no signal
    commander.get_by_test_id("level-accept").click(timeout=30_000)
    confirm(commander, reason="风暴潮橙色预警")
    expect(commander.get_by_test_id("task-card").first).to_be_visible(timeout=30_000)
    tasks = commander.request.get(f"{live.url}/api/v1/tasks").json()
    outside = ("crew", "volunteer", "village_officer")
    task = next(
        one
        for one in tasks
        if one["assignee"] and live.city.accounts[one["assignee"]].role in outside
    )
    phone = room.page(task["assignee"], 390, 844)
    phone.get_by_test_id("phone-tasks").click()
    mine = phone.locator(f"[data-testid=task-card][data-task={task['id']}]")
    expect(mine).to_be_visible(timeout=30_000)
    phone.context.set_offline(True)
    for command in ("acknowledge", "depart", "arrive", "done"):
        mine.get_by_test_id(f"task-{command}").click()
    mine.get_by_test_id("evidence").fill("已到位，海塘巡查完毕，无险情")
    mine.get_by_test_id("photo").set_input_files(
        {"name": "dike.png", "mimeType": "image/png", "buffer": picture()}
    )
    mine.get_by_test_id("evidence-submit").click()
    expect(
        phone.get_by_test_id("unsent").or_(phone.get_by_test_id("no-signal")).first
    ).to_be_visible()
    assert "task.done" not in kinds(live)
    phone.context.set_offline(False)
    eventually(lambda: "task.done" in kinds(live), "the phone sends what it kept")

    # another person closes it, with the photo as evidence
    case = f"{live.url}/api/v1/cases/{task['case']}"
    assert commander.request.get(case).json()["state"] == "done_claimed"
    commander.get_by_test_id("tab-cases").click()
    commander.locator(f"[data-testid=case-card][data-case={task['case']}]").click()
    commander.get_by_test_id("case-command-verify").click()
    commander.get_by_test_id("case-command-close").click()
    eventually(
        lambda: commander.request.get(case).json()["state"] == "closed", "the case is closed"
    )
    with live.store.read() as conn:
        assert len(conn.execute(select(schema.attachment)).all()) == 1

    # the water is down: an officer gives the all-clear, to exactly those who were warned
    live.tide(6.33)
    duty.wait_for_timeout(3500)
    live.tide(6.32)
    clear = duty.locator("[data-testid=alert-card][data-state=draft]")
    expect(clear).to_have_count(1, timeout=60_000)
    clear.get_by_test_id("approve").click()
    confirm(duty)
    eventually(
        lambda: {each.person for each in rows(live, version="2")} == WARNED,  # type: ignore[attr-defined]
        "the all-clear",
    )
    eventually(
        lambda: {each.state for each in rows(live, version="2")} <= {"sent", "delivered"},  # type: ignore[attr-defined]
        "the all-clear handed over",
    )
    assert live.number(NO_PHONE) not in {to for to, _ in live.sms()}

    # the log tells it all, and a walk leads from a message back to the reading
    duty.get_by_test_id("tab-journal").click()
    duty.locator(".journal .filters input[type=checkbox]").check()
    log = duty.locator(".journal")
    for words in (
        "拟写预警",
        "批准预警",
        "签发预警",
        "重复发出",
        "收到回执",
        "未回执升级",
        "确定响应级别",
    ):
        expect(log).to_contain_text(words, timeout=30_000)
    for words in ("完成任务", "核实事项", "办结事项"):
        expect(log).to_contain_text(words)
    with live.store.read() as conn:
        assert verify(conn).verified
        steps = trace(conn, f"delivery:{waiting.id}")  # type: ignore[attr-defined]
    assert any("zhapu.tide" in str(step) for step in steps)
