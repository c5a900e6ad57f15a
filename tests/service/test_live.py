"""The live stream tells the desk everything and everybody else of their own things alone."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import Request

from anlan.access import Caller, sessions
from anlan.access import caller as find_caller
from anlan.access.desk import Desk
from anlan.city import City
from anlan.journal import Act
from anlan.respond import actions
from anlan.service.live import entries_after, stream
from anlan.store import Store, schema
from tests.access.test_sign_in import Present
from tests.service.hand import Hand, raise_hand

NIGHT = datetime(2021, 7, 25, 17, 0, tzinfo=UTC)


@pytest.fixture
def hand(pinghu: City, store: Store) -> Hand:
    return raise_hand(pinghu, store, NIGHT)


def caller(hand: Hand, account: str) -> Caller:
    found = hand.city.accounts[account]
    return Caller(
        id=found.id, name=found.name, name_en=found.name_en, role=found.role,
        territory=found.territory, department=None, exercise=True,
    )  # fmt: skip


def heard(hand: Hand, account: str) -> list[dict[str, object]]:
    desk = Desk(hand.city, hand.store, hand.clock)
    return entries_after(desk, caller(hand, account), 0)[1]


def report(hand: Hand, account: str) -> str:
    """A case reported by ``account`` where they live; goes to the grid worker there."""
    with hand.store.transaction() as tx:
        act = Act(tx, hand.clock.now(), account)
        where = hand.city.accounts[account].territory
        return actions.open_case(
            act, hand.city, "resident_report", "", territory=where, text="进水", reporter=account
        )


def send(hand: Hand, account: str) -> None:
    """A message to ``account``, as the journal tells of it."""
    with hand.store.transaction() as tx:
        P = schema.person
        person = tx.execute(P.select().where(P.c.account == account)).first()
        assert person is not None
        tx.execute(
            schema.delivery.insert().values(
                id=f"D-{account}", alert="a", version=1, person=person.id, channel="sms",
                tier="resident", state="sent", body="x", planned_at=NIGHT,
            )
        )  # fmt: skip
        Act(tx, NIGHT, "system").record("delivery.sent", f"D-{account}")


def test_of_two_residents_each_hears_of_own_reports_and_messages_alone(hand: Hand) -> None:
    first, second = hand.account("resident", 0), hand.account("resident", 1)
    report(hand, first)
    send(hand, second)
    with hand.store.read() as conn:
        J = schema.journal
        seqs = {row.subject: row.seq for row in conn.execute(J.select())}
    mine, theirs = heard(hand, first), heard(hand, second)
    assert mine
    assert all(str(entry["kind"]).startswith("case.") for entry in mine)
    assert theirs == [{"seq": seqs[f"D-{second}"], "kind": "delivery.sent"}]
    assert all(set(entry) == {"seq", "kind"} for entry in mine + theirs)


def test_a_grid_worker_hears_of_the_task_given_and_another_does_not(hand: Hand) -> None:
    case = report(hand, hand.account("resident"))
    with hand.store.read() as conn:
        task = conn.execute(schema.task.select().where(schema.task.c.case_id == case)).first()
    assert task is not None
    other = next(
        account.id
        for account in hand.city.accounts.values()
        if account.role == "grid_worker" and account.id != task.assignee
    )
    assert any(str(entry["kind"]).startswith("task.") for entry in heard(hand, task.assignee))
    assert heard(hand, other) == []


def test_what_is_offered_to_a_role_is_heard_by_that_role_where_it_lies(hand: Hand) -> None:
    volunteer, resident = hand.account("volunteer"), hand.account("resident")
    report(hand, resident)
    with hand.store.transaction() as tx:
        tx.execute(
            schema.task.update().values(
                state="offered", assignee=None, role="volunteer",
                territory=hand.city.accounts[volunteer].territory,
            )
        )  # fmt: skip
    assert heard(hand, volunteer)
    assert not any(str(entry["kind"]).startswith("task.") for entry in heard(hand, resident))


def test_the_desk_hears_of_everything_with_its_subject(hand: Hand) -> None:
    case = report(hand, hand.account("resident"))
    found = heard(hand, hand.account("duty_officer"))
    assert case in {entry["subject"] for entry in found}
    with hand.store.read() as conn:
        assert len(found) == len(conn.execute(schema.journal.select()).all())


def test_a_towns_desk_hears_of_its_own_cases_and_of_no_others_and_of_no_ids(hand: Hand) -> None:
    resident = hand.account("resident")
    known = hand.city.territory
    home = hand.city.accounts[resident].territory
    [town] = [each.code for each in known.towns() if known.is_within(home, each.code)]
    other = next(each.code for each in known.towns() if each.code != town)
    report(hand, resident)
    send(hand, resident)
    with hand.store.transaction() as tx:
        act = Act(tx, NIGHT, "system")
        act.record("alert.issued", "A1")
        act.record("person.opened", "PE0001")
    near = heard(hand, hand.account("town_officer", within=town))
    far = heard(hand, hand.account("town_officer", within=other))
    for told in (near, far):
        kinds = {str(entry["kind"]).partition(".")[0] for entry in told}
        assert "alert" in kinds
        assert not kinds & {"delivery", "person"}
        assert all(set(entry) == {"seq", "kind"} for entry in told)
    assert any(str(entry["kind"]).startswith("case.") for entry in near)
    assert not any(str(entry["kind"]).startswith(("case.", "task.")) for entry in far)


def test_a_stream_ends_when_its_listener_is_signed_out(hand: Hand) -> None:
    wall = Present(NIGHT)
    desk = Desk(hand.city, hand.store, hand.clock, wall=wall)
    hand.app.state.desk = desk
    with hand.store.transaction() as tx:
        act = Act(tx, NIGHT, "system")
        token = sessions.begin(act, "analyst-1", NIGHT, method="link", second_factor=False)
    headers = [(b"cookie", f"anlan_session={token}".encode())]

    async def receive() -> dict[str, str]:
        await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "headers": headers, "app": hand.app}
    request = Request(scope, receive)
    with hand.store.read() as conn:
        listener = find_caller(conn, token, NIGHT, exercise=True)
    assert listener is not None

    async def follow() -> list[str]:
        told = []
        async for event in stream(request, desk, listener, 0, dict):
            told.append(str(event.event))
            if told.count("clock") == 1:
                # the secret changes every hour: that ends no stream
                with hand.store.transaction() as tx:
                    sessions.strengthen(Act(tx, NIGHT, "analyst-1"), listener.session or "", NIGHT)
                wall.step_to(NIGHT + timedelta(seconds=11))
            elif told.count("clock") == 2:
                with hand.store.transaction() as tx:
                    sessions.end(Act(tx, NIGHT, "analyst-1"), "analyst-1")
                wall.step_to(NIGHT + timedelta(seconds=22))
        return told

    told = asyncio.run(follow())
    assert told.count("clock") == 2
    assert told[-1] == "signed-out"
