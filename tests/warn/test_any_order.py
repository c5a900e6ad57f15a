"""Whatever people, gauges, providers and crashes do, in any order: valid states, whole history."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from sqlalchemy import select

from anlan.city import City, load
from anlan.journal import last_seq, verify
from anlan.refusal import Refusal
from anlan.store import Store, schema
from anlan.warn import actions, views
from anlan.warn.channels import ExerciseMessage, ExerciseOutlet, Handed, Outcome
from anlan.warn.delivery import MAX_REPEATS, PERHAPS_TOLD, RECEIPTS, Found, State
from anlan.warn.message import REPEAT_MARK
from tests.warn.world import World

A, D, P = schema.alert, schema.delivery, schema.approval
OFFICERS = ("duty-1", "duty-2", "boss", "liaison")  # the last may not decide
ANNOUNCED = ("alert.", "delivery.")


class Fickle(ExerciseOutlet):
    """A provider that does what the test says next, and remembers what it took."""

    def __init__(self) -> None:
        self.mood = Outcome.ACCEPTED
        self.taken: list[ExerciseMessage] = []

    def send(self, messages: Sequence[ExerciseMessage]) -> list[Handed]:
        if self.mood in (Outcome.ACCEPTED, Outcome.UNKNOWN):
            self.taken += messages  # of an unknown hand-off the worst is that it did arrive
        return [Handed(self.mood)] * len(messages)

    def query(self, key: str) -> Found:
        return Found.CANNOT_TELL


class AnyOrder(RuleBasedStateMachine):
    """One city, its tide gauge, four accounts, and everything that can happen to a warning."""

    city: ClassVar[City | None] = None
    settled: ClassVar[Path | None] = None

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="any-order-"))
        cls = type(self)
        if cls.city is None:
            cls.city = load(Path(__file__).parents[2] / "cities" / "pinghu")
        if cls.settled is None:
            cls.settled = Path(tempfile.mkdtemp(prefix="any-order-settled-"))
            first = World(cls.city, cls.settled)
            first.settle()
            first.store.close()
        shutil.copytree(cls.settled, self.folder, dirs_exist_ok=True)
        self.world = World(cls.city, self.folder)
        self.provider = Fickle()
        self.seen: list[dict[str, Any]] = []
        self.seq = 0

    def teardown(self) -> None:
        self.world.store.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @initialize(level=st.sampled_from((4.3, 4.6, 5.0)), approved=st.booleans(), sent=st.booleans())
    def begin(self, level: float, approved: bool, sent: bool) -> None:
        self.world.read("zhapu", level, level, level)
        (name,) = self.world.evaluate()
        if approved:
            for officer in ("duty-1", "boss"):
                if self.world.rows(A, id=name, state="draft"):
                    self.world.approve(name, officer)
        if sent:
            self.messages_go_out(Outcome.ACCEPTED)
        self.look()

    def alerts(self, state: str) -> list[Any]:
        return list(self.world.rows(A, state=state))

    def try_to(self, officer: str, do: Any) -> None:
        refused: list[Refusal] = []
        try:
            self.world.act(officer, do)
        except Refusal as refusal:
            refused.append(refusal)
        assert all(one.kind in ("conflict", "forbidden") and one.remedy for one in refused)

    # --- what can happen -----------------------------------------------------------------------

    @rule(minutes=st.sampled_from((1, 9, 16, 61, 130)))
    def time_passes(self, minutes: int) -> None:
        self.world.forward(minutes=minutes)

    @rule(level=st.sampled_from((1.0, 4.0, 4.3, 4.6, 5.0)))
    def the_gauge_reports(self, level: float) -> None:
        self.world.read("zhapu", level, level, level)
        self.world.evaluate()

    @rule()
    def the_rules_are_looked_at_again(self) -> None:
        self.world.evaluate()

    @precondition(lambda self: self.alerts("draft"))
    @rule(data=st.data(), officer=st.sampled_from(OFFICERS))
    def somebody_approves(self, data: st.DataObject, officer: str) -> None:
        name = data.draw(st.sampled_from([row.id for row in self.alerts("draft")]))
        self.try_to(officer, lambda act: actions.approve(act, self.world.city, name))

    @precondition(lambda self: self.alerts("draft"))
    @rule(officer=st.sampled_from(OFFICERS))
    def somebody_rejects(self, officer: str) -> None:
        name = self.alerts("draft")[0].id
        self.try_to(officer, lambda act: actions.reject(act, self.world.city, name))

    @precondition(lambda self: self.alerts("issued"))
    @rule(officer=st.sampled_from(OFFICERS), mistake=st.booleans())
    def somebody_ends_it(self, officer: str, mistake: bool) -> None:
        name = self.alerts("issued")[0].id
        self.try_to(
            officer,
            lambda act: actions.cancel(act, self.world.city, name, "退水", mistake=mistake),
        )

    @rule(mood=st.sampled_from(Outcome))
    def messages_go_out(self, mood: Outcome) -> None:
        self.provider.mood = mood
        self.world.deliver(dict.fromkeys(("sms", "voice", "dingtalk"), self.provider))

    @precondition(lambda self: self.world.rows(D))
    @rule(data=st.data(), state=st.sampled_from(RECEIPTS))
    def a_receipt_comes(self, data: st.DataObject, state: State) -> None:
        rows = sorted(row.id for row in self.world.rows(D))
        name = data.draw(st.sampled_from(rows))
        self.world.act("system", lambda act: actions.receipt(act, name, state))

    @precondition(lambda self: self.world.rows(D))
    @rule(data=st.data())
    def somebody_answers(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(row.id for row in self.world.rows(D))))
        self.try_to("system", lambda act: actions.acknowledge(act, name))

    @rule()
    def deadlines_fire(self) -> None:
        self.world.fire()

    @rule()
    def the_desk_starts_again(self) -> None:
        self.world.store.close()
        self.world.store = Store(self.folder)

    # --- what always holds ---------------------------------------------------------------------

    def look(self) -> None:
        with self.world.store.read() as conn:
            self.seen = views.alerts(conn, self.world.city)
            self.seq = last_seq(conn)

    @invariant()
    def a_stale_view_and_what_was_announced_give_the_fresh_view(self) -> None:
        """The desk asks again for what an entry of the journal concerns, and for nothing else."""
        J = schema.journal
        with self.world.store.read() as conn:
            kinds = conn.execute(select(J.c.kind).where(J.c.seq > self.seq)).scalars()
            told = any(kind.startswith(ANNOUNCED) for kind in kinds)
            fresh = views.alerts(conn, self.world.city)
        if not told:
            assert [_decided(view) for view in fresh] == [_decided(view) for view in self.seen]
        self.look()

    @invariant()
    def every_chain_is_whole_and_one_version_is_in_force(self) -> None:
        chains: dict[str, list[Any]] = {}
        for row in self.world.rows(A):
            chains.setdefault(row.chain, []).append(row)
        for rows in chains.values():
            assert sum(row.state == "issued" for row in rows) <= 1
            assert sum(row.state == "draft" for row in rows) <= 1
            out = [row for row in rows if row.sent_at is not None]
            cited = {ref[1] for row in out for ref in row.references}
            assert cited <= {row.id for row in out}

    @invariant()
    def nothing_is_issued_without_the_officers_it_needs(self) -> None:
        for row in self.world.rows(A):
            if row.sent_at is None or row.official:
                continue
            officers = {
                one.officer for one in self.world.rows(P, alert=row.id, decision="approved")
            }
            assert len(officers) >= row.approvals_needed
            assert "liaison" not in officers

    @invariant()
    def deliveries_are_in_a_state_that_their_times_explain(self) -> None:
        issued = {row.id for row in self.world.rows(A) if row.sent_at is not None}
        for row in self.world.rows(D):
            assert row.alert in issued
            assert State(row.state) is not State.SENDING  # nobody is handing over just now
            assert 0 <= row.repeat <= MAX_REPEATS
            assert (REPEAT_MARK in row.body) == (row.repeat > 0)
            if row.state == State.ANSWERED:
                assert row.answered_at is not None
            if row.state == State.SUPPRESSED:
                assert row.reason

    @invariant()
    def nobody_gets_a_text_twice_unless_it_is_marked(self) -> None:
        got = [(each.key, each.body) for each in self.provider.taken if not each.repeat]
        assert len(got) == len(set(got))

    @invariant()
    def the_all_clear_goes_to_those_who_may_have_been_warned_and_nobody_else(self) -> None:
        for end in self.world.rows(A, msg_type="Cancel"):
            if end.sent_at is None:
                continue
            earlier = [row.id for row in self.world.rows(A, chain=end.chain) if row.id != end.id]
            warned = {
                row.person
                for name in earlier
                for row in self.world.rows(D, alert=name)
                if row.sending_at is not None or row.state in PERHAPS_TOLD
            }
            told = {row.person for row in self.world.rows(D, alert=end.id)}
            assert told <= warned

    @invariant()
    def the_history_is_complete(self) -> None:
        rows = self.world.rows(A)
        with self.world.store.read() as conn:
            assert verify(conn).verified
        issued = {row.id for row in rows if row.sent_at is not None}
        assert issued == {entry.subject for entry in self.world.journal("alert.issued")}
        answered = {row.id for row in self.world.rows(D, state=State.ANSWERED)}
        assert answered <= {entry.subject for entry in self.world.journal("delivery.answered")}


def _decided(view: dict[str, Any]) -> dict[str, Any]:
    """A view without the counts of receipts, which are no decisions: the desk asks for those."""
    return {name: value for name, value in view.items() if name != "deliveries"}


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=8,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
