"""Whatever people do to a case and its task, in any order, the record stays whole."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from anlan import journal
from anlan.refusal import Refusal
from anlan.respond import actions, case, task, views
from anlan.respond.records import get_case, history_of, rebuild, tasks_of
from anlan.store import schema
from tests.respond.town import ACCOUNTS, EAST_ONE, Desk

WORDS = {"text": "已处置", "reason": "原因"}
PAYLOADS = {
    "assign": WORDS | {"owner": "town-east", "assignee": "village-east-1"},
    "merge": WORDS | {"into": "C9999"},
}
PEOPLE = ("duty", "town-east", "village-east-1", "grid-east-1", "resident-east", "town-west")
moves = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.one_of(
            st.tuples(st.just("case"), st.sampled_from(case.CASE.commands)),
            st.tuples(st.just("task"), st.sampled_from(task.TASK.commands)),
        ),
        st.sampled_from([0, 1, 10, 45]),
    ),
    min_size=4,
    max_size=25,
)


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(moves=moves)
def test_any_sequence_of_commands_leaves_valid_states_and_a_complete_history(
    desk: Desk, moves: list[tuple[str, tuple[str, str], int]]
) -> None:
    reporter = desk.as_("resident-east")
    case_id = actions.open_case(
        reporter, desk.city, "resident_report", territory=EAST_ONE, reporter="resident-east"
    )
    task_id = tasks_of(desk.tx, case_id)[0].id
    for person, (what, command), minutes in moves:
        act = desk.as_(person)
        try:
            if what == "case":
                offered = views.case_buttons(act, desk.city, case_id)
                actions.case_command(act, desk.city, case_id, command, PAYLOADS.get(command, WORDS))
            else:
                offered = views.buttons_of_tasks(act, desk.city, [task_id]).get(task_id, [])
                actions.task_command(act, desk.city, task_id, command, PAYLOADS.get(command, WORDS))
        except Refusal:
            pass
        else:
            assert command in offered
        desk.wait(minutes)
        actions.fire_timers(desk.as_("system"), desk.city)

    row, work = get_case(desk.tx, case_id), tasks_of(desk.tx, case_id)
    history = history_of(desk.tx, case_id)
    state, of_task = rebuild(history)
    assert state == row.state
    assert of_task == {each.id: each.state for each in work}
    assert [each.seq for each in history] == list(range(1, len(history) + 1))
    if row.state in case.ENDED:
        assert all(each.state in task.ENDED for each in work)
    if row.state == "closed":
        before = [each.type for each in history if each.task_id is None]
        assert before[-2:] == ["case.verified", "case.closed"]
    # the journal and the history tell the same story
    subjects = [case_id, *(each.id for each in work)]
    J = schema.journal
    written = desk.tx.execute(
        select(J.c.kind, J.c.subject, J.c.actor).where(J.c.subject.in_(subjects)).order_by(J.c.seq)
    ).all()
    assert [tuple(each) for each in written] == [
        (each.type, each.task_id or case_id, each.actor) for each in history
    ]
    # nobody is told twice at the same step
    climbs = [each for each in history if each.type == "task.escalated"]
    for task_id in {each.task_id for each in climbs}:
        steps = [each.payload["step"] for each in climbs if each.task_id == task_id]
        assert steps == sorted(set(steps))


def test_the_journal_still_verifies_after_a_full_story(desk: Desk) -> None:
    for name, role, _, _ in ACCOUNTS:
        if role == "commander":
            actions.set_level(desk.as_(name), desk.city, None, "II", "试验")
    desk.wait(600)
    actions.fire_timers(desk.as_("system"), desk.city)
    assert journal.verify(desk.tx).verified
