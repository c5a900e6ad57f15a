"""Whatever people do, in any order, to cases of any kind: the record stays valid and complete.

A state machine of Hypothesis opens cases, commands them and their tasks with good and bad
payloads, lets time pass and timers fire. After every step each case is in a state its kind has,
its history gives it back, and an old view with the events since is what a fresh look shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from anlan import journal
from anlan.refusal import Refusal
from anlan.respond import actions, case, packs, points, task, views
from anlan.respond.records import get_case, history_of, rebuild, tasks_of
from anlan.store import schema
from tests.respond.fold import View, fold, fresh
from tests.respond.town import EAST_ONE, EAST_TWO, Desk

STORY = """
[pack]
kind = "story"
title = "事"
title_en = "Story"
priority = 3
opens = ["resident"]

[owner]
roles = ["grid_worker", "village_officer", "town_officer"]

[deadlines]
due_min = 90
verify_min = 45

[[pause]]
code = "wait"
title = "等"
title_en = "Wait"
longest_min = 60

[evidence]
text = true

[duplicates]
within_m = 100
within_min = 60

[[points]]
to = "reporter"
points = 2
words = "报告"
words_en = "Reported"

[[points]]
to = "doer"
on = "rated"
points = 3
words = "办理"
words_en = "Done"

[[task]]
title = "办"
instruction = ""
ack_min = 15
done_min = 60

[[field]]
key = "what"
type = "choices"
label = "什么"
label_en = "What"
choices = [
  { value = "a", label = "甲", label_en = "A" },
  { value = "b", label = "乙", label_en = "B" },
]

[[field]]
key = "done"
type = "integer"
phase = "done"
label = "数"
label_en = "Count"
required = true

[[field]]
key = "passed"
type = "yes_no"
phase = "check"
label = "过"
label_en = "Passed"
each = "what"
required = true
must = true
"""
PEOPLE = (
    "duty",
    "town-east",
    "village-east-1",
    "grid-east-1",
    "resident-east",
    "town-west",
    "crew-build",
)
people = st.sampled_from(PEOPLE)
WORDS = {"text": "已处置", "reason": "原因"}
passed = st.dictionaries(st.sampled_from("abc"), st.booleans(), max_size=2)
forms = st.fixed_dictionaries(
    {}, optional={"done": st.integers(0, 3), "passed": passed, "what": st.just(["a"])}
)


@contextmanager
def _attempt(desk: Desk) -> Iterator[list[bool]]:
    """Something that is done wholly or refused, with a remedy, and then not at all."""
    done: list[bool] = []
    try:
        with desk.tx.begin_nested():
            yield done
            done.append(True)
    except Refusal as refusal:
        told = (refusal.message, refusal.remedy)
    else:
        return
    assert all(told)


class Story(RuleBasedStateMachine):
    """People, cases and a clock; what they did is checked against the twin of `fold`."""

    desk: Desk
    reached: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.stale: dict[str, tuple[int, View]] = {}

    @property
    def cases(self) -> list[str]:
        return list(self.stale)

    def _watch(self, case_id: str) -> None:
        last = history_of(self.desk.tx, case_id)[-1].seq
        self.stale[case_id] = (last, fresh(self.desk.tx, case_id))

    @rule(
        kind=st.sampled_from(["story", "resident_report"]),
        where=st.sampled_from([EAST_ONE, EAST_TWO]),
        what=st.lists(st.sampled_from("ab"), unique=True, max_size=2),
    )
    @precondition(lambda self: len(self.stale) < 4)
    def report(self, kind: str, where: str, what: list[str]) -> None:
        form = {"what": what} if kind == "story" else {}
        act = self.desk.as_("resident-east")
        self._watch(
            actions.open_case(
                act, self.desk.city, kind, territory=where, reporter="resident-east", form=form
            )
        )

    @rule(data=st.data(), person=people, offered=st.booleans())
    @precondition(lambda self: self.stale)
    def command(self, data: st.DataObject, person: str, offered: bool) -> None:
        """Any command by anybody; every other time one that they are offered."""
        case_id = data.draw(st.sampled_from(self.cases))
        able = views.case_buttons(self.desk.as_(person), self.desk.city, case_id)
        commands = able if offered and able else list(case.CASE.commands)
        command = data.draw(st.sampled_from(commands))
        self._try(person, case_id, command, self._payload(data, command))

    def _payload(self, data: st.DataObject, command: str) -> dict[str, Any]:
        payload: dict[str, Any] = dict(WORDS)
        if command == "assign":
            payload["owner"] = data.draw(people)
        elif command == "merge":
            payload["into"] = data.draw(st.sampled_from(self.cases))
        elif command == "block":
            payload["cause"] = data.draw(st.sampled_from([None, "wait", "wait", "nothing"]))
        elif command == "rate":
            payload["verdict"] = data.draw(st.sampled_from(["solved", "partly", "unsolved"]))
            payload["rating"] = data.draw(st.integers(0, 6))
        elif command in ("claim_done", "verify"):
            payload["form"] = data.draw(forms)
        return payload

    def _try(self, person: str, case_id: str, command: str, payload: dict[str, Any]) -> None:
        act = self.desk.as_(person)
        offered = views.case_buttons(act, self.desk.city, case_id)
        with _attempt(self.desk) as done:
            actions.case_command(act, self.desk.city, case_id, command, payload)
        assert not done or command in offered

    @rule(data=st.data(), person=people, command=st.sampled_from(task.TASK.commands))
    @precondition(lambda self: self.stale)
    def work(self, data: st.DataObject, person: str, command: str) -> None:
        case_id = data.draw(st.sampled_from(self.cases))
        tasks = tasks_of(self.desk.tx, case_id)
        if not tasks:
            return
        chosen = data.draw(st.sampled_from([each.id for each in tasks]))
        payload: dict[str, Any] = dict(WORDS)
        if command == "assign":
            payload["assignee"] = data.draw(people)
        elif command == "complete":
            payload["form"] = data.draw(st.sampled_from([{}, {"done": 2}, {"done": "two"}]))
        act = self.desk.as_(person)
        with _attempt(self.desk):
            actions.task_command(act, self.desk.city, chosen, command, payload)

    @rule(data=st.data(), far=st.integers(0, 4))
    @precondition(lambda self: self.stale)
    def do_it_well(self, data: st.DataObject, far: int) -> None:
        """The straight way, so that the far states are reached as well."""
        case_id = data.draw(st.sampled_from(self.cases))
        for each in tasks_of(self.desk.tx, case_id):
            for command in ("acknowledge", "depart", "complete"):
                payload = {**WORDS, "form": {"done": 1}} if command == "complete" else {}
                if get_case(self.desk.tx, case_id).kind != "story":
                    payload.pop("form", None)
                doer = self.desk.as_(each.assignee or "")
                with _attempt(self.desk):
                    actions.task_command(doer, self.desk.city, each.id, command, payload)
        chosen = get_case(self.desk.tx, case_id).data.get("form", {}).get("what", [])
        form = {"form": {"passed": dict.fromkeys(chosen, True)}} if chosen else {}
        way: list[tuple[str, str, dict[str, Any]]] = [
            ("duty", "verify", form),
            ("duty", "close", {}),
            ("resident-east", "rate", {"verdict": "partly", "rating": 4}),
            ("resident-east", "reopen", {"reason": "又积水"}),
        ]
        for person, command, payload in way[:far]:
            self._try(person, case_id, command, payload)

    @rule(data=st.data())
    @precondition(lambda self: self.stale)
    def get_stuck(self, data: st.DataObject) -> None:
        """Work begun and then blocked for a listed reason."""
        case_id = data.draw(st.sampled_from(self.cases))
        for each in tasks_of(self.desk.tx, case_id):
            with _attempt(self.desk):
                doer = self.desk.as_(each.assignee or "")
                actions.task_command(doer, self.desk.city, each.id, "acknowledge")
        self._try("duty", case_id, "assign", {"owner": "duty"})
        self._try("duty", case_id, "accept", {})
        self._try("duty", case_id, "block", {"cause": "wait"})

    @rule(data=st.data(), person=people)
    @precondition(lambda self: len(self.stale) > 1)
    def keep_apart(self, data: st.DataObject, person: str) -> None:
        one, other = (data.draw(st.sampled_from(self.cases)) for _ in range(2))
        act = self.desk.as_(person)
        with _attempt(self.desk):
            actions.keep_apart(act, self.desk.city, one, other)

    @rule(minutes=st.sampled_from([1, 10, 20, 50, 200, 8 * 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.desk.wait(minutes)
        actions.fire_timers(self.desk.as_("system"), self.desk.city)
        # what was due has fired, and fires no second time
        assert actions.fire_timers(self.desk.as_("system"), self.desk.city) == []

    @invariant()
    def a_stale_view_and_the_events_since_are_a_fresh_view(self) -> None:
        for case_id, (seen, view) in self.stale.items():
            history = history_of(self.desk.tx, case_id)
            assert fold(view, history[seen:]) == fresh(self.desk.tx, case_id)
            # an older view is kept for a while, so that longer gaps are bridged as well
            if len(history) - seen > 6:
                self._watch(case_id)

    @invariant()
    def states_are_valid_and_the_history_gives_them_back(self) -> None:
        for case_id in self.stale:
            row, work = get_case(self.desk.tx, case_id), tasks_of(self.desk.tx, case_id)
            history = history_of(self.desk.tx, case_id)
            machine = case.machine_of(packs.standing(self.desk.city.folder, row.kind))
            assert row.state in machine.states
            assert rebuild(history) == (row.state, {each.id: each.state for each in work})
            assert [each.seq for each in history] == list(range(1, len(history) + 1))
            if row.state in case.ENDED:
                assert all(each.state in task.ENDED for each in work)
                assert row.closed_at is not None
            if row.state == "closed":
                assert _came_from(history, "closed") == "verified"
            # a clock stands only while its case is blocked for a listed reason
            assert not row.data.get("paused") or row.state == "blocked" or row.state in case.ENDED

    @invariant()
    def points_are_held_once_and_only_by_what_is_closed_or_rated(self) -> None:
        for case_id in self.stale:
            held = points.standing(self.desk.tx, case_id)
            names = [(line.account, line.rule) for line in held]
            assert len(names) == len(set(names))
            if get_case(self.desk.tx, case_id).state in ("open", "assigned", "returned"):
                assert held == []

    def teardown(self) -> None:
        told: list[tuple[str, str, str]] = []
        for case_id in self.stale:
            history = history_of(self.desk.tx, case_id)
            self.reached.update(each.type for each in history)
            told += [(each.type, each.task_id or case_id, each.actor) for each in history]
            for climbed in ("task.escalated", "case.escalated"):
                steps = [
                    (each.task_id, each.payload["step"]) for each in history if each.type == climbed
                ]
                assert len(steps) == len(set(steps))
        J = schema.journal
        subjects = {subject for _, subject, _ in told}
        rows = self.desk.tx.execute(
            select(J.c.kind, J.c.subject, J.c.actor).where(J.c.subject.in_(subjects))
        )
        assert sorted(tuple(row) for row in rows) == sorted(told)
        # the next story must not hear this one's timers
        for case_id in self.stale:
            self._try("duty", case_id, "cancel", {"reason": "完"})


def _came_from(history: Any, state: str) -> str:
    moves = [
        row.payload for row in history if row.task_id is None and row.payload.get("to") == state
    ]
    changes = [move["from"] for move in moves if move["from"] != state]
    return str(changes[-1])


def test_any_story_of_any_kind_is_valid_complete_and_told_once(desk: Desk) -> None:
    (desk.city.folder / "packs/story.toml").write_text(STORY, encoding="utf-8")

    class Told(Story):
        pass

    Told.desk = desk
    run_state_machine_as_test(
        Told,
        settings=settings(
            max_examples=16,
            derandomize=True,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert journal.verify(desk.tx).verified
    # a test that never got there would say nothing of it
    far = {"closed", "rated", "reopened", "merged", "kept_apart", "escalated", "late", "rejected"}
    far |= {"clock_stopped", "clock_resumed", "blocked", "returned", "cancelled", "absorbed"}
    assert {f"case.{each}" for each in far} <= Told.reached
