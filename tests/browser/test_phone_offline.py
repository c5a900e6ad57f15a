"""The phone page in airplane mode: it opens, work goes on, and all of it lands exactly once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from anlan.store import schema
from tests.browser.conftest import AtWork, Person, Served
from tests.browser.street import give_task, picture, publish_run, ready_offline
from tests.service.hand import Hand

pytestmark = pytest.mark.browser
SitDown = Callable[..., Person]
SOON = 20_000


def phone(sit_down: SitDown, account: str) -> Person:
    return sit_down(account, 360, 780)


def unplug(person: Person) -> None:
    """Airplane mode: neither the page nor its worker reaches anything."""
    person.context.set_offline(True)


def plug(person: Person) -> None:
    person.context.set_offline(False)


def reopen(person: Person, served: Served, page: str = "") -> Page:
    """Kill the page, queue and all, and open it anew."""
    person.page.close(run_before_unload=False)
    person.page = person.context.new_page()
    person.page.goto(f"{served.url}/phone.html{page}")
    return person.page


def done_history(hand: Hand, task: str) -> list[str]:
    H = schema.history
    with hand.store.read() as conn:
        rows = conn.execute(
            select(H.c.type).where(H.c.task_id == task).order_by(H.c.case_id, H.c.seq)
        )
        return [row.type for row in rows]


NONE_WAIT = """() => new Promise((resolve) => {
  const request = indexedDB.open("anlan");
  request.onsuccess = () => {
    const count = request.result.transaction("outbox").objectStore("outbox").count();
    count.onsuccess = () => { request.result.close(); resolve(count.result === 0); };
  };
})"""


def settled(page: Page) -> None:
    """Wait until nothing waits on the phone, and the page has noticed."""
    for _ in range(SOON // 100):
        if page.evaluate(NONE_WAIT):
            break
        page.wait_for_timeout(100)
    expect(page.get_by_test_id("unsent")).to_have_count(0, timeout=SOON)


def finish_task(page: Page, task: str, words: str, photo: bool = False) -> None:
    mine = page.locator(f"[data-testid=task-card][data-task={task}]")
    mine.get_by_test_id("task-acknowledge").click()
    mine.get_by_test_id("task-depart").click()
    mine.get_by_test_id("task-arrive").click()
    mine.get_by_test_id("task-done").click()
    if photo:
        page.get_by_test_id("photo").set_input_files(
            {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": picture()}
        )
    page.get_by_test_id("evidence").fill(words)
    page.get_by_test_id("evidence-submit").click()
    expect(mine).to_have_count(0, timeout=SOON)


def test_after_one_visit_the_page_opens_in_airplane_mode_with_what_was_last_known(
    served: Served, sit_down: SitDown
) -> None:
    hand = served.hand
    worker = hand.account("grid_worker")
    task = give_task(hand, worker)
    publish_run(hand, lambda lon, lat, hour: 0 * lon + 0.1 * hour)
    person = phone(sit_down, worker)
    person.page.get_by_test_id("phone-map").click()
    expect(person.page.get_by_test_id("water-here")).to_contain_text("没有预报积水", timeout=SOON)
    ready_offline(person.page)
    unplug(person)
    page = reopen(person, served, "#tasks")
    expect(page.locator(f"[data-task={task}]")).to_be_visible(timeout=SOON)
    expect(page.get_by_test_id("as-of").first).to_contain_text("截至 01:00")
    expect(page.get_by_test_id("no-signal")).to_be_visible()
    expect(page.get_by_test_id("exercise")).to_be_visible()
    page.get_by_test_id("phone-map").click()
    expect(page.get_by_test_id("shelter")).to_have_count(4)
    page.get_by_test_id("hour-6").click()
    expect(page.get_by_test_id("water-here")).to_contain_text("0.6 m")
    expect(page.locator("[data-testid=street-map] canvas")).to_be_visible(timeout=SOON)
    person.complaints.clear()


def test_work_done_in_airplane_mode_outlives_the_page_and_lands_once_with_its_photo(
    served: Served, at_work: AtWork
) -> None:
    hand = served.hand
    task, person = at_work.task, at_work.person
    ready_offline(person.page)
    person.page.get_by_test_id("phone-tasks").click()
    unplug(person)
    finish_task(person.page, task, "已设警示，水深齐膝", photo=True)
    expect(person.page.get_by_test_id("unsent")).to_contain_text("4 条")
    page = reopen(person, served, "#waiting")
    expect(page.get_by_test_id("letter")).to_have_count(4, timeout=SOON)
    expect(page.locator("img.thumb")).to_be_visible()
    assert "task.acknowledged" not in done_history(hand, task)
    plug(person)
    settled(page)
    assert [one for one in done_history(hand, task) if one != "task.assigned"] == [
        "task.acknowledged",
        "task.departed",
        "task.arrived",
        "task.done",
    ]
    with hand.store.read() as conn:
        evidence = conn.execute(
            select(schema.task.c.evidence).where(schema.task.c.id == task)
        ).scalar_one()
        photos = conn.execute(select(schema.attachment.c.digest)).scalars().all()
    assert len(photos) == 1
    assert evidence["photos"] == photos
    person.complaints.clear()


def test_when_the_answer_is_lost_the_deed_is_sent_again_and_done_once(
    served: Served, at_work: AtWork
) -> None:
    hand = served.hand
    task, person = at_work.task, at_work.person
    person.page.get_by_test_id("phone-tasks").click()
    taken: list[int] = []

    def lose(route: Route) -> None:
        taken.append(route.fetch().status)
        route.abort("connectionreset")

    person.context.route("**/api/v1/tasks/*/*", lose)
    mine = person.page.locator(f"[data-testid=task-card][data-task={task}]")
    mine.get_by_test_id("task-acknowledge").click()
    expect(person.page.get_by_test_id("unsent")).to_contain_text("1 条", timeout=SOON)
    assert set(taken) == {200}
    person.context.unroute("**/api/v1/tasks/*/*")
    settled(reopen(person, served, "#tasks"))
    assert done_history(hand, task).count("task.acknowledged") == 1
    person.complaints.clear()


def test_a_task_taken_away_meanwhile_is_shown_to_the_person_who_keeps_the_work_as_a_note(
    served: Served, at_work: AtWork
) -> None:
    hand = served.hand
    task, person = at_work.task, at_work.person
    ready_offline(person.page)
    person.page.get_by_test_id("phone-tasks").click()
    unplug(person)
    finish_task(person.page, task, "泵已架好")
    with hand.signed_in(hand.account("commander")) as desk:
        given = desk.post(f"/api/v1/tasks/{task}/withdraw", json={"reason": "改由消防处理"})
        assert given.status_code == 200, given.text
    plug(person)
    page = person.page
    page.get_by_test_id("refused").click(timeout=SOON)
    conflict = page.get_by_test_id("conflict")
    expect(conflict).to_have_count(1)
    expect(conflict).to_contain_text("泵已架好")
    expect(conflict.get_by_test_id("conflict-why")).to_contain_text("任务失效", timeout=SOON)
    expect(conflict.get_by_test_id("conflict-why")).to_contain_text(
        hand.city.accounts[hand.account("commander")].name
    )
    conflict.get_by_test_id("conflict-note").click()
    expect(conflict).to_have_count(0, timeout=SOON)
    settled(page)
    types = done_history(hand, task)
    assert types.count("task.noted") == 1
    assert "task.done" not in types
    with hand.signed_in(hand.account("commander")) as desk:
        case = next(t for t in desk.get("/api/v1/tasks").json() if t["id"] == task)["case"]
        history = desk.get(f"/api/v1/cases/{case}").json()["history"]
    assert "泵已架好" in next(h for h in history if h["type"] == "task.noted")["payload"]["text"]
    person.complaints.clear()


def test_two_people_on_one_phone_see_and_send_only_their_own(
    served: Served, sit_down: SitDown
) -> None:
    hand = served.hand
    first, second = hand.account("grid_worker"), hand.account("resident")
    task = give_task(hand, first, "只给第一个人的任务")
    person = phone(sit_down, first)
    ready_offline(person.page)
    person.page.get_by_test_id("phone-tasks").click()
    unplug(person)
    person.page.locator(f"[data-task={task}]").get_by_test_id("task-acknowledge").click()
    expect(person.page.get_by_test_id("unsent")).to_be_visible()
    person.page.close(run_before_unload=False)
    # the second signs in on the same phone before anything could be sent for the first
    assert person.context.request.get(served.url + hand.link(second)).ok
    plug(person)
    page = person.page = person.context.new_page()
    page.goto(f"{served.url}/phone.html")
    expect(page.get_by_text(hand.city.accounts[second].name)).to_be_visible(timeout=SOON)
    page.get_by_test_id("phone-more").click()
    page.get_by_test_id("phone-waiting").click()
    expect(page.get_by_text("其他账号的 1 条待发送")).to_be_visible(timeout=SOON)
    expect(page.get_by_text("只给第一个人的任务")).to_have_count(0)
    unplug(person)
    page = reopen(person, served, "#tasks")
    expect(page.get_by_text(hand.city.accounts[second].name)).to_be_visible(timeout=SOON)
    expect(page.get_by_text("只给第一个人的任务")).to_have_count(0)
    assert "task.acknowledged" not in done_history(hand, task)
    plug(person)
    # the first comes back: what they wrote goes as theirs
    page.goto(served.url + hand.link(first))
    expect(page.locator(f"[data-task={task}][data-state=acknowledged]")).to_be_visible(timeout=SOON)
    settled(page)
    assert done_history(hand, task).count("task.acknowledged") == 1
    person.complaints.clear()


def test_signing_out_leaves_nothing_on_the_phone(served: Served, sit_down: SitDown) -> None:
    hand = served.hand
    worker = hand.account("grid_worker")
    give_task(hand, worker, "不该留下的任务")
    person = phone(sit_down, worker)
    ready_offline(person.page)
    unplug(person)
    # without a signal too: the phone forgets now, the service is told when it can be
    person.page.get_by_test_id("signout").click()
    expect(person.page.get_by_test_id("signed-out")).to_be_visible(timeout=SOON)
    left = person.page.evaluate(
        """async () => {
          const database = await new Promise((resolve) => {
            const request = indexedDB.open("anlan");
            request.onsuccess = () => resolve(request.result);
          });
          const all = (name) => new Promise((resolve) => {
            const request = database.transaction(name).objectStore(name).getAll();
            request.onsuccess = () => resolve(request.result);
          });
          const typed = (await all("person")).filter((one) => one.id.startsWith("draft "));
          return [await all("known"), await all("outbox"), typed];
        }"""
    )
    assert left == [[], [], []]
    plug(person)
    expect(reopen(person, served).get_by_test_id("signed-out")).to_be_visible(timeout=SOON)
    page = reopen(person, served, "#tasks")
    expect(page.get_by_test_id("signed-out")).to_be_visible(timeout=SOON)
    expect(page.get_by_text("不该留下的任务")).to_have_count(0)
    assert page.request.get(f"{served.url}/api/v1/me/messages").status == 401
    person.complaints.clear()


def test_a_report_with_a_photo_takes_three_taps(served: Served, sit_down: SitDown) -> None:
    hand = served.hand
    resident = hand.account("resident")
    person = phone(sit_down, resident)
    village = hand.city.territory.unit(hand.city.accounts[resident].territory)
    person.context.grant_permissions(["geolocation"])
    person.context.set_geolocation(
        {"longitude": village.lon, "latitude": village.lat, "accuracy": 12}
    )
    page = person.page
    expect(page.get_by_test_id("phone-report")).to_be_visible(timeout=SOON)
    page.evaluate("window.taps = 0; addEventListener('pointerdown', () => window.taps++, true)")
    with page.expect_file_chooser() as chooser:
        page.locator("label.camera").click()
    chooser.value.set_files({"name": "p.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    page.get_by_test_id("depth-knee").click()
    page.get_by_test_id("report-submit").click(timeout=SOON)
    expect(page.get_by_test_id("report-card")).to_have_count(1, timeout=SOON)
    assert page.evaluate("window.taps") == 3
    with hand.store.read() as conn:
        report = conn.execute(select(schema.depth_report)).one()
    assert len(report.photos) == 1
    assert report.accuracy_m == 12
