"""The state machines on their own: tables, refusals, and what a case makes of its tasks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.refusal import Refusal
from anlan.respond import case, task
from anlan.respond.machine import Machine, Who, decide, possible

EVERYBODY = frozenset({"owner", "assignee", "eligible", "supervisor", "reporter", "system"})
ASSIGNEE = Who("grid-east-1", frozenset({"assignee"}))
SUPERVISOR = Who("duty", frozenset({"supervisor"}))
WORDS = {"text": "到场，无积水"}


@pytest.mark.parametrize("machine", [case.CASE, task.TASK])
def test_every_state_can_be_reached_and_every_state_that_has_not_ended_can_be_left(
    machine: Machine,
) -> None:
    targets = {move.target for move in machine.moves}
    sources = {state for move in machine.moves for state in move.sources}
    starts = {"draft"} if machine is case.CASE else {"offered"}
    assert targets | starts == set(machine.states)
    # a closed case hears its reporter's verdict and can be reopened; every other end is final
    final = machine.ended - {"closed"}
    assert sources == set(machine.states) - final


def test_a_closed_case_can_only_be_judged_and_reopened() -> None:
    moves = [move for move in case.CASE.moves if "closed" in move.sources]
    assert {(move.command, move.target) for move in moves} == {
        ("rate", "closed"),
        ("reopen", "open"),
    }


def test_a_case_is_closed_only_from_verified() -> None:
    changes = [move for move in case.CASE.moves if move.target not in move.sources]
    assert {s for m in changes if m.target == "closed" for s in m.sources} == {"verified"}


def test_completing_before_acknowledgement_is_refused_and_the_refusal_says_what_would_do() -> None:
    with pytest.raises(Refusal, match="acknowledge it first, or let a supervisor") as refused:
        task.command("T0001", "delivered", "complete", ASSIGNEE, WORDS)
    assert refused.value.kind == "forbidden"


def test_a_supervisor_completes_before_acknowledgement_only_with_a_reason() -> None:
    with pytest.raises(Refusal, match="needs reason"):
        task.command("T0001", "delivered", "complete", SUPERVISOR, WORDS)
    event = task.command(
        "T0001", "delivered", "complete", SUPERVISOR, {**WORDS, "reason": "电话报告"}
    )
    assert event.target == "done"


@pytest.mark.parametrize("payload", [{}, {"text": "  "}, {"photos": []}, {"photos": [""]}])
def test_done_needs_words_or_a_photo(payload: dict[str, object]) -> None:
    with pytest.raises(Refusal, match="evidence"):
        task.command("T0001", "on_site", "complete", ASSIGNEE, payload)
    assert task.command("T0001", "on_site", "complete", ASSIGNEE, {"photos": ["ab"]}).target


def test_declining_needs_a_reason() -> None:
    with pytest.raises(Refusal, match="reason"):
        task.command("T0001", "assigned", "decline", ASSIGNEE, {})


def test_who_did_the_work_cannot_verify_it() -> None:
    doer = Who("duty", frozenset({"supervisor"}), did_it=True)
    with pytest.raises(Refusal, match="needs another person"):
        case.command("C0001", "done_claimed", "verify", doer, {})
    assert "verify" not in possible(case.CASE, "done_claimed", doer)
    assert case.command("C0001", "done_claimed", "verify", SUPERVISOR, {}).target == "verified"


def test_an_unknown_command_is_refused_with_those_there_are() -> None:
    with pytest.raises(Refusal, match="acknowledge, depart"):
        task.command("T0001", "assigned", "finish", ASSIGNEE, {})


@pytest.mark.parametrize(
    ("state", "tasks", "commands"),
    [
        ("assigned", ["delivered"], []),
        ("assigned", ["acknowledged"], ["accept"]),
        ("assigned", ["done"], ["accept", "start", "claim_done"]),
        ("accepted", ["on_site", "assigned"], ["start"]),
        ("working", ["done", "on_site"], []),
        ("working", ["done", "expired"], ["claim_done"]),
        ("working", ["expired"], []),
        ("blocked", ["done"], []),
    ],
)
def test_a_case_follows_its_tasks(state: str, tasks: list[str], commands: list[str]) -> None:
    assert case.follow(state, tasks) == commands


@given(
    machine=st.sampled_from([case.CASE, task.TASK]),
    data=st.data(),
    relations=st.lists(st.frozensets(st.sampled_from(sorted(EVERYBODY))), max_size=12),
)
def test_any_sequence_of_commands_leaves_a_valid_state_or_a_sentence(
    machine: Machine, data: st.DataObject, relations: list[frozenset[str]]
) -> None:
    state = machine.states[0]
    for related in relations:
        command = data.draw(st.sampled_from(machine.commands))
        payload = data.draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "text": st.just("ok"),
                    "reason": st.just("why"),
                    "owner": st.just("duty"),
                    "assignee": st.just("duty"),
                    "into": st.just("C0002"),
                    "tasks": st.just(["T0001"]),
                    "rating": st.just(4),
                    "verdict": st.just("solved"),
                },
            )
        )
        was_ended = state in machine.ended
        try:
            event = decide(machine, "X0001", state, command, Who("x", related), payload)
        except Refusal as refused:
            sentence = (refused.message, refused.remedy)
            assert "X0001" in sentence[0]
            assert sentence[1]
        else:
            assert not was_ended or command in ("rate", "reopen")
            assert event.source == state
            assert event.target in machine.states
            state = event.target
