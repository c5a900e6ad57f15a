"""Volunteers by hand: from an invitation to a search that ends with a check-out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import select

from anlan import warn
from anlan.city import City
from anlan.journal import Act, verify
from anlan.store import Store, schema
from anlan.warn import hand_offs
from anlan.warn.channels.outlet import Handed, Outcome
from anlan.warn.inbox import Inbox
from tests.service.hand import Hand, raise_hand

MORNING = datetime(2021, 7, 26, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
TOWN = "330482101000"
VILLAGE = "330482101006"
J, D, V = schema.journal, schema.delivery, schema.volunteer


@pytest.fixture
def hand(pinghu: City, store: Store) -> Hand:
    return raise_hand(pinghu, store, MORNING)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def do(client: TestClient, command: str, **given: Any) -> Any:
    answer = client.post("/api/v1/me/volunteer", json={"do": command, **given})
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def order(client: TestClient, path: str, **given: Any) -> Any:
    answer = client.post(f"/api/v1/{path}", json=given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def offered(desk: TestClient, **change: Any) -> str:
    given = {
        "title": "搬运沙袋", "territory": VILLAGE, "starts_at": "2021-07-26T10:00:00+08:00",
        "ends_at": "2021-07-26T18:00:00+08:00", "needed": 1, **change,
    }  # fmt: skip
    return str(order(desk, "volunteer-work", **given)["id"])


def volunteers_free(hand: Hand, number: int) -> list[tuple[str, str]]:
    """(volunteer, account) of seeded volunteers."""
    with hand.store.read() as conn:
        rows = conn.execute(select(V.c.id, V.c.account).order_by(V.c.id).limit(number)).all()
    return [(row.id, row.account) for row in rows]


def kinds(hand: Hand, subject: str) -> list[str]:
    with hand.store.read() as conn:
        rows = conn.execute(select(J.c.kind).where(J.c.subject == subject).order_by(J.c.seq))
        return list(rows.scalars())


def test_a_stranger_registers_by_invitation_and_a_person_approves(hand: Hand) -> None:
    officer = hand.account("town_officer", within=TOWN)
    with hand.signed_in(officer) as desk:
        url = order(desk, "volunteer-invitations", territory=TOWN, places=1)["url"]
    path = "/join/" + url.rpartition("/")[2]
    with TestClient(hand.app, follow_redirects=True, headers={"X-Anlan": "1"}) as phone:
        assert "开始登记" in phone.get(path).text
        assert phone.get(path).status_code == 200  # opening it takes no place
        phone.post(path, follow_redirects=True)
        me = phone.get("/api/v1/me/volunteer").json()
        assert me["volunteer"] is None
        refused = phone.post("/api/v1/me/volunteer", json={"do": "apply", "name": "王小明"})
        assert (refused.status_code, refused.json()["field"]) == (422, "consent")
        do(
            phone, "apply", name="王小明", phone="10000077777", territory=VILLAGE, consent=True,
            skills=[{"skill": "logistics", "learned_at": "2021-01-01"}], times=[[0, 480, 1080]],
        )  # fmt: skip
        [applied] = me_of(phone)["skills"]
        assert applied["state"] == "unverified"
        assert (
            phone.post("/api/v1/me/volunteer", json={"do": "claim", "work": "W0001"}).status_code
            == 403
        )
        assert TestClient(hand.app).post(path, follow_redirects=False).status_code == 404
        with hand.signed_in(officer) as desk:
            listed = desk.get("/api/v1/volunteers").json()["volunteers"]
            [mine] = [one for one in listed if one["state"] == "applied"]
            assert mine["name"] == "王**"
            assert "10000077777" not in desk.get("/api/v1/volunteers").text
            order(desk, f"volunteers/{mine['id']}/approve")
            order(desk, f"volunteers/{mine['id']}/verify_skill", skill="logistics")
            bare = desk.post(
                f"/api/v1/volunteers/{mine['id']}/contact", json={"purpose": "contact"}
            )
            assert (bare.status_code, bare.json()["field"]) == (422, "reason")
            told = order(
                desk, f"volunteers/{mine['id']}/contact", purpose="contact", reason="核对集合点"
            )["result"]
            assert told == {"name": "王小明", "phone": "10000077777"}
        [skill] = me_of(phone)["skills"]
        assert skill["state"] == "valid"
        work = offered_by(hand, officer, skill="logistics")
        assert do(phone, "claim", work=work) == "claimed"
    with hand.store.read() as conn:
        said = str(conn.execute(select(J)).all())
        stored = str(conn.execute(select(schema.person)).all())
    assert "person.opened" in said
    for secret in ("王小明", "10000077777", "核对集合点"):
        assert secret not in said
        assert secret not in stored


def me_of(phone: TestClient) -> Any:
    return phone.get("/api/v1/me/volunteer").json()["volunteer"]


def offered_by(hand: Hand, officer: str, **change: Any) -> str:
    with hand.signed_in(officer) as desk:
        return offered(desk, **change)


def test_two_who_claim_one_place_get_one_place_and_one_wait(hand: Hand, stack: ExitStack) -> None:
    work = offered_by(hand, hand.account("duty_officer"))
    [(_, one), (second, two)] = volunteers_free(hand, 2)
    a, b = (stack.enter_context(hand.signed_in(account)) for account in (one, two))
    assert do(a, "claim", work=work) == "claimed"
    assert do(b, "claim", work=work) == "waiting"
    again = a.post("/api/v1/me/volunteer", json={"do": "claim", "work": work})
    assert again.status_code == 409
    do(a, "withdraw", work=work)
    [mine] = b.get("/api/v1/me/volunteer").json()["mine"]
    assert mine["state"] == "claimed"
    hand.step()
    with hand.store.read() as conn:
        person = conn.execute(select(V.c.person).where(V.c.id == second)).scalar_one()
        [told] = conn.execute(select(D).where(D.c.person == person)).all()
    assert told.body.startswith("【演练】")
    assert "已有名额" in told.body
    assert told.state in ("sent", "delivered")
    other = offered_by(hand, hand.account("duty_officer"), title="同一时间的另一项")
    clash = b.post("/api/v1/me/volunteer", json={"do": "claim", "work": other})
    assert (clash.status_code, clash.json()["value"]) == (409, work)
    assert do(a, "claim", work=other) == "claimed"


def test_a_call_shows_whom_why_and_how_many_and_a_yes_takes_a_place(
    hand: Hand, stack: ExitStack
) -> None:
    desk = stack.enter_context(hand.signed_in(hand.account("duty_officer")))
    work = offered(desk, needed=3, skill="dialect", self_claim=False)
    found = order(desk, f"volunteer-work/{work}/preview")
    assert found["expected"]["enough"] >= 0.9
    assert found["expected"]["mean"] >= 3
    scores = [one["reasons"]["score"] for one in found["chosen"]]
    assert scores == sorted(scores, reverse=True)
    assert {"distance_km", "p_yes", "p_show", "factors"} <= found["chosen"][0]["reasons"].keys()
    assert {one["reason"] for one in found["left_out"]} >= {"skill_missing"}
    names = [one["volunteer"] for one in found["chosen"]]
    order(desk, f"volunteer-work/{work}/call", volunteers=names)
    hand.step()
    seen = desk.get(f"/api/v1/volunteer-work/{work}").json()
    [call] = seen["calls"]
    assert {one["delivery"] for one in call["asked"]} == {"sent"}
    assert seen["places"] >= 3  # overbooked by how many show up
    with hand.store.read() as conn:
        accounts = {r.id: r.account for r in conn.execute(select(V.c.id, V.c.account))}
        bodies = list(conn.execute(select(D.c.body)).scalars())
    assert all(body.startswith("【演练】") and "志愿召集" in body for body in bodies)
    yes = stack.enter_context(hand.signed_in(accounts[names[0]]))
    no = stack.enter_context(hand.signed_in(accounts[names[1]]))
    assert do(yes, "yes", call=call["id"]) == "claimed"
    assert do(no, "no", call=call["id"]) == "no"
    stranger = stack.enter_context(hand.signed_in(accounts[found["left_out"][0]["volunteer"]]))
    foreign = stranger.post("/api/v1/me/volunteer", json={"do": "yes", "call": call["id"]})
    assert foreign.status_code == 404
    after = desk.get(f"/api/v1/volunteer-work/{work}").json()
    answers = {one["volunteer"]: one["answer"] for one in after["calls"][0]["asked"]}
    assert (answers[names[0]], answers[names[1]]) == ("yes", "no")
    assert after["outlook"]["silent"] == len(names) - 2
    # when the time to answer is over, too few will come: the organiser is shown
    hand.step(21)
    assert "volunteer.call_short" in kinds(hand, call["id"])
    again = order(desk, f"volunteer-work/{work}/preview")
    assert not {one["volunteer"] for one in again["chosen"]} & set(names)


def test_who_does_not_check_out_is_reminded_then_looked_for_and_found_by_checking_out(
    hand: Hand, stack: ExitStack
) -> None:
    desk = stack.enter_context(hand.signed_in(hand.account("duty_officer")))
    work = offered(desk, safe_min=60)
    [(volunteer, account)] = volunteers_free(hand, 1)
    phone = stack.enter_context(hand.signed_in(account))
    do(phone, "claim", work=work)
    hand.step(60)
    do(phone, "check_in", work=work)
    hand.step(59)
    [claim] = desk.get(f"/api/v1/volunteer-work/{work}").json()["claims"]
    assert (claim["state"], claim["overdue"], claim["search_case"]) == ("on_site", False, None)
    hand.step(1)
    assert reminders(hand) == 1
    assert desk.get(f"/api/v1/volunteer-work/{work}").json()["claims"][0]["overdue"]
    [listed] = desk.get("/api/v1/volunteer-work").json()
    assert [(one["volunteer"], one["overdue"]) for one in listed["out"]] == [(volunteer, True)]
    hand.step(14)
    assert searches(hand) == []
    hand.step(1)
    [case] = searches(hand)
    assert volunteer in case.title
    hand.step(30)
    assert len(searches(hand)) == 1
    assert reminders(hand) == 1
    task = desk.get(f"/api/v1/cases/{case.id}").json()["tasks"][0]
    assert task["escalation"] >= 1  # nobody answered for it: it climbs by itself
    refused = desk.post(f"/api/v1/volunteer-work/{work}/finish", json={"text": "完成"})
    assert refused.status_code == 409
    assert volunteer in refused.text
    do(phone, "check_out", work=work)
    assert desk.get(f"/api/v1/cases/{case.id}").json()["state"] == "cancelled"
    order(desk, f"volunteer-work/{work}/finish", text="沙袋到位")
    kept = desk.get(f"/api/v1/volunteer-work/{work}").json()
    assert desk.get(f"/api/v1/cases/{kept['case']}").json()["state"] == "done_claimed"


def test_a_desk_that_was_down_looks_at_once_for_who_is_overdue(hand: Hand) -> None:
    work = offered_by(hand, hand.account("duty_officer"), safe_min=60)
    [(_, account)] = volunteers_free(hand, 1)
    with hand.signed_in(account) as phone:
        do(phone, "claim", work=work)
        hand.step(60)
        do(phone, "check_in", work=work)
    hand.step(300)  # nothing was stepped in between: both times fell due while it was down
    assert (reminders(hand), len(searches(hand))) == (1, 1)
    hand.step(5)
    assert (reminders(hand), len(searches(hand))) == (1, 1)


def test_reporting_safe_moves_the_time_and_calls_the_search_off(hand: Hand) -> None:
    work = offered_by(hand, hand.account("duty_officer"), safe_min=60)
    [(_, account)] = volunteers_free(hand, 1)
    with hand.signed_in(account) as phone:
        do(phone, "claim", work=work)
        hand.step(60)
        do(phone, "check_in", work=work)
        hand.step(80)
        assert [case.state for case in searches(hand)] == ["assigned"]
        do(phone, "extend", work=work, minutes=30)
        hand.step(29)
        assert searches(hand)[0].state == "cancelled"
        assert len(searches(hand)) == 1
        hand.step(20)
        assert len(searches(hand)) == 2
        far = phone.post(
            "/api/v1/me/volunteer", json={"do": "extend", "work": work, "minutes": 10_000}
        )
        assert (far.status_code, far.json()["field"]) == (422, "minutes")


def searches(hand: Hand) -> list[Any]:
    C = schema.case_item
    with hand.store.read() as conn:
        found = conn.execute(select(C).where(C.c.kind == "volunteer_search").order_by(C.c.id)).all()
    return list(found)


def reminders(hand: Hand) -> int:
    N = schema.notice
    with hand.store.read() as conn:
        return len(conn.execute(select(N).where(N.c.kind == "volunteer.remind")).all())


def test_hours_come_from_the_journal_and_only_another_person_corrects_them(
    hand: Hand, stack: ExitStack
) -> None:
    desk = stack.enter_context(hand.signed_in(hand.account("duty_officer")))
    work = offered(desk, title='=HYPERLINK("http://evil")', safe_min=300)
    [(volunteer, account)] = volunteers_free(hand, 1)
    phone = stack.enter_context(hand.signed_in(account))
    do(phone, "claim", work=work)
    hand.step(60)
    do(phone, "check_in", work=work, age_s=600)  # the phone had kept it for ten minutes
    hand.step(90)
    do(phone, "check_out", work=work)
    assert me_of(phone)["minutes"] == 100
    do(phone, "rate", work=work, stars=4, text="组织有序")
    order(desk, f"volunteer-work/{work}/rate", volunteer=volunteer, stars=5, text="很好")
    bare = desk.post(
        f"/api/v1/volunteer-work/{work}/correct", json={"volunteer": volunteer, "minutes": 20}
    )
    assert (bare.status_code, bare.json()["field"]) == (422, "reason")
    order(
        desk, f"volunteer-work/{work}/correct", volunteer=volunteer, minutes=20, reason="漏计路途"
    )
    [claim] = desk.get(f"/api/v1/volunteer-work/{work}").json()["claims"]
    assert (claim["minutes_journal"], claim["minutes"]) == (100, 120)
    assert (claim["rating_of_work"], claim["said"]) == (4, "组织有序")
    [mine] = phone.get("/api/v1/me/volunteer").json()["mine"]
    assert (mine["rating_of_volunteer"], mine["said"], mine["minutes"]) == (5, "很好", 120)
    text = desk.get("/api/v1/volunteer-hours.csv").text
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[0] == ["【演练】EXERCISE"]
    assert "synthetic" in rows[1][0]
    [row] = [row for row in rows if row[0] == volunteer]
    assert row[4].startswith("'=")
    assert row[-2:] == ["100", "120"]
    assert "*" in row[1]
    with hand.store.read() as conn:
        assert verify(conn).verified


def test_a_learning_item_reaches_its_group_and_shows_who_understood(
    hand: Hand, stack: ExitStack
) -> None:
    desk = stack.enter_context(hand.signed_in(hand.account("duty_officer")))
    root = hand.city.territory.root.code
    item = order(
        desk, "learning", title="涉水安全", body="水过膝盖不下水", territory=root,
        role="volunteer", skill="boat", tell=True,
    )["id"]  # fmt: skip
    with hand.store.read() as conn:
        S = schema.volunteer_skill
        boat = conn.execute(
            select(V.c.account).join(S, S.c.volunteer == V.c.id).where(S.c.skill == "boat")
        ).scalars()
        having = sorted(boat)
        told = conn.execute(select(D.c.body, schema.person.c.account).join(
            schema.person, schema.person.c.id == D.c.person
        )).all()  # fmt: skip
    assert sorted(one.account for one in told) == having
    assert all(one.body.startswith("【演练】") and "涉水安全" in one.body for one in told)
    phone = stack.enter_context(hand.signed_in(having[0]))
    [shown] = phone.get("/api/v1/me/volunteer").json()["learning"]
    assert shown["read_at"] is None
    do(phone, "read", item=item)
    do(phone, "understood", item=item)
    [counted] = desk.get("/api/v1/learning").json()
    assert (counted["people"], counted["read"], counted["understood"]) == (len(having), 1, 1)
    resident = stack.enter_context(hand.signed_in(hand.account("resident")))
    assert resident.get("/api/v1/me/volunteer").json()["learning"] == []
    foreign = resident.post("/api/v1/me/volunteer", json={"do": "read", "item": item})
    assert foreign.status_code == 404
    # withdrawn before it went out, it goes to nobody
    assert order(desk, f"learning/{item}/withdraw") is not None
    with hand.store.read() as conn:
        assert set(conn.execute(select(D.c.state)).scalars()) == {"suppressed"}


def test_who_leaves_is_forgotten_and_the_chain_of_the_journal_stays_valid(hand: Hand) -> None:
    resident = hand.account("resident")
    home = hand.city.accounts[resident].territory
    with hand.signed_in(resident) as phone:
        given = {"name": "李四", "phone": "10000088888", "territory": home, "consent": True}
        volunteer = do(phone, "apply", **given)["id"]
        do(phone, "leave")
    with hand.store.read() as conn:
        row = conn.execute(select(V).where(V.c.id == volunteer)).one()
        assert (row.state, row.account, row.person) == ("erased", None, None)
        P = schema.person
        assert conn.execute(select(P).where(P.c.id.startswith("PV"))).first() is None
        assert verify(conn).verified


def test_personal_data_are_erased_by_date_unless_the_person_was_active(hand: Hand) -> None:
    with hand.store.read() as conn:
        before = len(conn.execute(select(V.c.id).where(V.c.state == "approved")).all())
    [(volunteer, account)] = volunteers_free(hand, 1)
    work = offered_by(hand, hand.account("duty_officer"))
    with hand.signed_in(account) as phone:
        do(phone, "claim", work=work)
        hand.step(60)
        do(phone, "check_in", work=work)
        do(phone, "check_out", work=work)
    hand.clock.step_to(MORNING + timedelta(days=730))  # 24 months after the first minute
    hand.step()
    with hand.store.read() as conn:
        left = conn.execute(select(V.c.id).where(V.c.state == "approved")).scalars().all()
        gone = conn.execute(select(V.c.person).where(V.c.state == "erased")).scalars().all()
    assert left == [volunteer]
    assert len(gone) == before - 1
    assert set(gone) == {None}


def test_an_officer_of_another_town_finds_nothing(hand: Hand, stack: ExitStack) -> None:
    work = offered_by(hand, hand.account("town_officer", within=TOWN))
    other = next(
        one.id
        for one in hand.city.accounts.values()
        if one.role == "town_officer" and one.territory != TOWN
    )
    desk = stack.enter_context(hand.signed_in(other))
    real = desk.get(f"/api/v1/volunteer-work/{work}")
    invented = desk.get("/api/v1/volunteer-work/W9999")
    assert real.status_code == invented.status_code == 404
    assert real.text.replace(work, "") == invented.text.replace("W9999", "")
    assert work not in [one["id"] for one in desk.get("/api/v1/volunteer-work").json()]
    for command in ("call", "preview", "finish"):
        assert desk.post(f"/api/v1/volunteer-work/{work}/{command}", json={}).status_code == 404
    refused = desk.post(
        "/api/v1/volunteer-work",
        json={"title": "越界", "territory": VILLAGE, "needed": 1,
              "starts_at": "2021-07-26T10:00:00+08:00", "ends_at": "2021-07-26T12:00:00+08:00"},
    )  # fmt: skip
    assert refused.status_code == 404
    resident = stack.enter_context(hand.signed_in(hand.account("resident")))
    assert resident.get("/api/v1/volunteers").status_code == 403


def test_a_call_is_answered_by_its_own_link_and_opening_it_answers_nothing(
    hand: Hand, stack: ExitStack
) -> None:
    desk = stack.enter_context(hand.signed_in(hand.account("duty_officer")))
    work = offered(desk, needed=1, title="<b>巡查</b>")
    names = [one["volunteer"] for one in order(desk, f"volunteer-work/{work}/preview")["chosen"]]
    order(desk, f"volunteer-work/{work}/call", volunteers=names)
    token = link_of(hand, names[0])
    stranger = stack.enter_context(TestClient(hand.app))
    page = stranger.get(f"/v/{token}")
    assert page.status_code == 200
    assert "演练" in page.text
    assert "<b>巡查" not in page.text
    assert "&lt;b&gt;巡查" in page.text
    assert answer_of(desk, work, names[0]) is None
    assert "已报名" in stranger.post(f"/v/{token}", data={"answer": "yes"}).text
    assert answer_of(desk, work, names[0]) == "yes"
    assert "不能来" in stranger.post(f"/v/{token}", data={"answer": "no"}).text
    assert answer_of(desk, work, names[0]) == "no"
    assert stranger.post(f"/v/{token}", data={"answer": "perhaps"}).status_code == 409
    assert stranger.get("/v/" + "x" * 12).status_code == 404


def link_of(hand: Hand, volunteer: str) -> str:
    """A reply link of the volunteer's message, as a channel that carries links would have it."""
    token = "a-token-12ab"
    with hand.store.transaction() as tx:
        person = tx.execute(select(V.c.person).where(V.c.id == volunteer)).scalar_one()
        delivery = tx.execute(select(D.c.id).where(D.c.person == person)).scalar_one()
        tx.execute(
            schema.reply_link.insert().values(token=token, delivery=delivery, at=hand.clock.now())
        )
    return token


def answer_of(desk: TestClient, work: str, volunteer: str) -> Any:
    [call] = desk.get(f"/api/v1/volunteer-work/{work}").json()["calls"]
    return next(one["answer"] for one in call["asked"] if one["volunteer"] == volunteer)


def test_a_message_answered_with_yes_counts_and_one_that_comes_too_late_is_shown_so(
    hand: Hand, stack: ExitStack
) -> None:
    desk = stack.enter_context(hand.signed_in(hand.account("duty_officer")))
    work = offered(desk, needed=1)
    names = [one["volunteer"] for one in order(desk, f"volunteer-work/{work}/preview")["chosen"]]
    order(desk, f"volunteer-work/{work}/call", volunteers=names)
    hand.step(1)
    answered_by_message(hand, names[0])
    hand.step(1)
    assert answer_of(desk, work, names[0]) == "yes"
    order(desk, f"volunteer-work/{work}/finish", text="提前完成")
    answered_by_message(hand, names[1])
    hand.step(1)
    assert answer_of(desk, work, names[1]) == "late"


def answered_by_message(hand: Hand, volunteer: str) -> None:
    with hand.store.transaction() as tx:
        person = tx.execute(select(V.c.person).where(V.c.id == volunteer)).scalar_one()
        delivery = tx.execute(select(D.c.id).where(D.c.person == person)).scalar_one()
        warn.actions.acknowledge(Act(tx, hand.clock.now(), "system"), delivery)


def test_an_answer_by_message_says_yes_or_no_and_the_last_word_counts(
    hand: Hand, stack: ExitStack
) -> None:
    desk = stack.enter_context(hand.signed_in(hand.account("duty_officer")))
    work = offered(desk, needed=1)
    names = [one["volunteer"] for one in order(desk, f"volunteer-work/{work}/preview")["chosen"]]
    order(desk, f"volunteer-work/{work}/call", volunteers=names)
    hand.step(1)
    inbox = Inbox(hand.store, hand.clock)
    address = sent_by_message(hand, names[0])
    for text, answer in (("大概吧", None), ("不来。", "no"), ("1", "yes"), ("2", "no")):
        assert inbox.answer("sms", address, text) is not None
        hand.step(1)
        assert answer_of(desk, work, names[0]) == answer, text
    places = desk.get(f"/api/v1/volunteer-work/{work}").json()["claims"]
    assert [one["state"] for one in places if one["volunteer"] == names[0]] in ([], ["withdrawn"])
    # a yes stands when the time to answer is over, until it is taken back
    inbox.answer("sms", address, "1")
    hand.step(60)
    assert answer_of(desk, work, names[0]) == "yes"
    inbox.answer("sms", address, "来不了")
    hand.step(1)
    assert answer_of(desk, work, names[0]) == "no"


def sent_by_message(hand: Hand, volunteer: str) -> str:
    """The volunteer's message as handed over by short message; returns the key of the address."""
    address = f"key-{volunteer}"
    with hand.store.transaction() as tx:
        person = tx.execute(select(V.c.person).where(V.c.id == volunteer)).scalar_one()
        tx.execute(D.update().where(D.c.person == person).values(channel="sms"))
        row = tx.execute(select(D).where(D.c.person == person)).one()
        handed = Handed(Outcome.ACCEPTED, ("reference",), address_key=address)
        hand_offs.note(tx, hand.clock.now(), row, handed)
    return address


def test_a_failed_channel_falls_to_the_next_and_nothing_stops_the_chain(
    hand: Hand, stack: ExitStack
) -> None:
    desk = stack.enter_context(hand.signed_in(hand.account("duty_officer")))
    work = offered(desk, needed=1)
    names = [one["volunteer"] for one in order(desk, f"volunteer-work/{work}/preview")["chosen"]]
    order(desk, f"volunteer-work/{work}/call", volunteers=names[:1])
    hand.step(1)
    with hand.store.transaction() as tx:
        [row] = tx.execute(select(D)).all()
        warn.actions.receipt(Act(tx, hand.clock.now(), "system"), row.id, "failed")
    hand.step(1)
    with hand.store.read() as conn:
        rows = conn.execute(select(D).order_by(D.c.planned_at)).all()
    assert [one.state for one in rows] == ["failed", "sent"]
    assert rows[0].channel != rows[1].channel
    assert rows[1].body.startswith("【演练】")
    hand.step(60)  # nobody climbs a ladder for an unanswered call


def test_a_certificate_is_seen_by_who_verifies_and_goes_when_the_volunteer_leaves(
    hand: Hand, stack: ExitStack
) -> None:
    resident = hand.account("resident")
    home = hand.city.accounts[resident].territory
    town = next(u.code for u in hand.city.territory.ancestors(home) if u.level == "town")
    phone = stack.enter_context(hand.signed_in(resident))
    raw = io.BytesIO()
    Image.new("RGB", (8, 8), (10, 20, 30)).save(raw, "PNG")
    photo = phone.post("/api/v1/attachments", files={"file": ("a.png", raw.getvalue())}).json()
    given = {"name": "李四", "phone": "10000088888", "territory": home, "consent": True}
    volunteer = do(phone, "apply", **given)["id"]
    do(phone, "skill", skill="first_aid", learned_at="2021-06-01", photos=[photo["digest"]])
    stolen = phone.post(
        "/api/v1/me/volunteer",
        json={"do": "skill", "skill": "boat", "learned_at": "2021-06-01", "proof": "0" * 64},
    )
    assert (stolen.status_code, stolen.json()["field"]) == (422, "proof")
    officer = stack.enter_context(hand.signed_in(hand.account("town_officer", within=town)))
    assert officer.get(f"/api/v1/attachments/{photo['digest']}").status_code == 200
    bare = officer.post(f"/api/v1/volunteers/{volunteer}/verify_skill", json={"skill": "boat"})
    assert bare.status_code == 409
    order(officer, f"volunteers/{volunteer}/approve")
    order(officer, f"volunteers/{volunteer}/verify_skill", skill="first_aid")
    [skill] = me_of(phone)["skills"]
    assert (skill["state"], skill["expires_at"][:10]) == ("valid", "2023-06-01")
    do(phone, "leave")
    assert officer.get(f"/api/v1/attachments/{photo['digest']}").status_code == 404
    assert phone.get("/api/v1/me/messages").status_code == 200  # the account was theirs before


def test_a_drill_is_marked_and_counts_in_nobodys_record(hand: Hand, stack: ExitStack) -> None:
    desk = stack.enter_context(hand.signed_in(hand.account("duty_officer")))
    volunteer, account = volunteers_free(hand, 2)[1]  # free at any time
    phone = stack.enter_context(hand.signed_in(account))
    before = me_of(phone)["past"]

    def take_part(drill: bool) -> None:
        work = offered(
            desk, drill=drill, starts_at=hand.clock.now().isoformat(),
            ends_at=(hand.clock.now() + timedelta(hours=2)).isoformat(),
        )  # fmt: skip
        call = order(desk, f"volunteer-work/{work}/call", volunteers=[volunteer])["result"]
        assert do(phone, "yes", call=call) == "claimed"
        do(phone, "check_in", work=work)
        refused = phone.post("/api/v1/me/volunteer", json={"do": "no", "call": call})
        assert refused.status_code == 409
        hand.step(30)
        do(phone, "check_out", work=work)
        order(desk, f"volunteer-work/{work}/finish", text="完成")

    take_part(drill=True)
    assert me_of(phone)["past"] == before
    assert me_of(phone)["minutes"] == 30  # hours of a drill are hours
    take_part(drill=False)
    assert me_of(phone)["past"] == {name: n + 1 for name, n in before.items()}
    with hand.store.read() as conn:
        assert all(body.startswith("【演练】") for body in conn.execute(select(D.c.body)).scalars())
