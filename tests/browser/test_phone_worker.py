"""The phone page's worker and database: sending when closed, updates, and older phones."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from anlan.store import schema
from anlan.warn.channels.channel import Common, Setup
from anlan.warn.channels.web_push import WEB_PUSH, Settings
from tests.browser.conftest import WEB, AtWork, Person, Served
from tests.browser.street import give_task, ready_offline
from tests.browser.test_phone_offline import SOON, done_history, phone, plug, settled, unplug
from tests.warn.channels.test_web_push import KEY
from tests.warn.channels.test_web_push import Browser as PushBrowser

pytestmark = pytest.mark.browser
SitDown = Callable[..., Person]

SHOWN = """() => navigator.serviceWorker.getRegistration('/phone.html')
  .then((one) => one.getNotifications())
  .then(([one]) => one?.title === '水位上涨。' && one.body === '请转移。')"""

# as the page kept a letter before letters had owners
OLD_LETTER = """path => new Promise((resolve, reject) => {
  const request = indexedDB.open("anlan", 1);
  request.onupgradeneeded = () =>
    request.result.createObjectStore("outbox", { keyPath: "key" });
  request.onerror = () => reject(request.error);
  request.onsuccess = () => {
    const change = request.result.transaction("outbox", "readwrite");
    const letter = { key: "0".repeat(32), path, body: {}, photo: null, at: Date.now() };
    change.objectStore("outbox").put(letter);
    change.oncomplete = () => { request.result.close(); resolve(null); };
  };
})"""


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Pages that may be replaced by a newer version."""
    assert (WEB / "phone.html").exists(), "the pages are not built; run make setup"
    return Path(shutil.copytree(WEB, tmp_path / "pages"))


def test_what_waits_goes_out_after_the_page_was_closed(served: Served, at_work: AtWork) -> None:
    hand = served.hand
    task, person = at_work.task, at_work.person
    ready_offline(person.page)
    person.page.get_by_test_id("phone-tasks").click()
    unplug(person)
    person.page.locator(f"[data-task={task}]").get_by_test_id("task-acknowledge").click()
    expect(person.page.get_by_test_id("unsent")).to_be_visible()
    other = person.context.new_page()
    person.page.close(run_before_unload=False)
    plug(person)
    for _ in range(200):
        if "task.acknowledged" in done_history(hand, task):
            break
        other.wait_for_timeout(100)
    assert done_history(hand, task).count("task.acknowledged") == 1
    person.complaints.clear()


def test_an_update_of_the_page_takes_over_when_asked_and_keeps_what_waits(
    served: Served, at_work: AtWork, pages: Path
) -> None:
    hand = served.hand
    task, person = at_work.task, at_work.person
    page = person.page
    ready_offline(page)
    page.get_by_test_id("phone-tasks").click()
    unplug(person)
    page.locator(f"[data-task={task}]").get_by_test_id("task-acknowledge").click()
    expect(page.get_by_test_id("unsent")).to_be_visible()
    # nothing can be sent, but the newer version is there
    person.context.route("**/api/v1/tasks/**", lambda route: route.abort("connectionreset"))
    html = pages / "phone.html"
    html.write_text(html.read_text("utf-8").replace("<title>", "<title>新 "), "utf-8")
    worker_file = pages / "phone-worker.js"
    worker_file.write_text(
        worker_file.read_text("utf-8").replace("phone-", "phone-new-", 1), "utf-8"
    )
    plug(person)
    page.evaluate(
        "navigator.serviceWorker.getRegistration('/phone.html').then((one) => one.update())"
    )
    page.get_by_test_id("newer").click(timeout=SOON)
    expect(page.get_by_test_id("newer")).to_have_count(0, timeout=SOON)
    assert "新" in page.evaluate("fetch('/phone.html').then((one) => one.text())")
    expect(page.get_by_test_id("unsent")).to_be_visible(timeout=SOON)
    person.context.unroute("**/api/v1/tasks/**")
    page.reload()
    settled(page)
    assert done_history(hand, task).count("task.acknowledged") == 1
    person.complaints.clear()


# the browser's own push service is out of reach here, and of no use in a private window
SUBSCRIBED = """() => { PushManager.prototype.getSubscription = async () => window.given ?? null;
PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
  if (!userVisibleOnly || applicationServerKey !== "KEY") throw new Error("not as asked");
  const given = SUBSCRIPTION;
  return (window.given = {
    endpoint: given.endpoint, toJSON: () => given, unsubscribe: async () => (window.given = null),
  });
}; }"""


def test_a_phone_asks_for_notices_shows_them_and_ends_them(
    served: Served, sit_down: SitDown
) -> None:
    hand = served.hand
    common, own = Common("browser", 60, 1, 1, 1), Settings("mailto:duty@pinghu.example", 60)
    setup = Setup(common, own, {"key": KEY}, None, hand.clock, None, None)  # type: ignore[arg-type]
    line = WEB_PUSH.open(setup)
    hand.app.state.lines = {"browser": line}
    person = phone(sit_down, hand.account("grid_worker"))
    page, card = person.page, person.page.get_by_test_id("push")
    person.context.grant_permissions(["notifications"], origin=served.url)
    browser = PushBrowser()
    browser.url = "https://push.example.net"
    fake = SUBSCRIBED.replace("KEY", line.server_key)  # type: ignore[attr-defined]
    page.evaluate(fake.replace("SUBSCRIPTION", browser.subscription()))
    ready_offline(page)
    page.get_by_test_id("push-ask").click(timeout=SOON)
    expect(card).to_have_attribute("data-state", "on", timeout=SOON)
    with hand.store.read() as conn:
        assert len(conn.execute(select(schema.contact)).all()) == 1
    # a message of the push service, put before the page's own worker
    tool = person.context.new_cdp_session(page)
    found: list[str] = []
    tool.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda said: found.extend(one["registrationId"] for one in said["registrations"]),
    )
    tool.send("ServiceWorker.enable")
    for _ in range(100):
        if found:
            break
        page.wait_for_timeout(100)
    notice = {"delivery": "D1", "title": "水位上涨。", "body": "水位上涨。\n请转移。"}
    tool.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": served.url, "registrationId": found[0], "data": json.dumps(notice)},
    )
    page.wait_for_function(SHOWN, timeout=SOON)
    page.get_by_test_id("push-end").click()
    expect(card).to_have_attribute("data-state", "off", timeout=SOON)
    with hand.store.read() as conn:
        assert conn.execute(select(schema.contact)).all() == []


def test_a_letter_older_than_accounts_is_sent_only_once_somebody_says_it_is_theirs(
    served: Served, sit_down: SitDown
) -> None:
    hand = served.hand
    worker = hand.account("grid_worker")
    task = give_task(hand, worker)
    person = phone(sit_down, hand.account("resident"))
    # a phone as it was before: its database is made anew in the old shape
    person.page.goto(f"{served.url}/favicon.svg")
    person.page.evaluate(
        "new Promise((done) => { indexedDB.deleteDatabase('anlan').onsuccess = done })"
    )
    person.page.evaluate(OLD_LETTER, f"/tasks/{task}/acknowledge")
    page = person.page
    page.goto(served.url + hand.link(worker))
    page.get_by_test_id("refused").click(timeout=SOON)
    expect(page.get_by_test_id("conflict")).to_contain_text("更新前存下的")
    assert "task.acknowledged" not in done_history(hand, task)
    page.get_by_test_id("conflict-retry").click()
    settled(page)
    expect(page.get_by_test_id("refused")).to_have_count(0, timeout=SOON)
    assert done_history(hand, task).count("task.acknowledged") == 1
    person.complaints.clear()
