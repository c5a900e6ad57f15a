"""A drill under way: a script carried through one chain, on a store and a clock of its own.

Nothing that matters is kept in memory: what has been played and met stands in the store, and a
drill killed at any point goes on from there. Event time stands still until it is started.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from anlan import warn
from anlan.chain import Arrivals, Chain
from anlan.city import City, OfficialWarning
from anlan.clock import ReplayClock, SteppedClock
from anlan.drill import actors, expect
from anlan.drill.check import faults, readings
from anlan.drill.script import Inject, Script
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.replay.attempt import attempt
from anlan.replay.chance import Chance
from anlan.replay.officers import ReplayedAct
from anlan.replay.prepare import load_people
from anlan.respond import actions as respond
from anlan.store import Store, get_meta, ids, insert, schema, set_meta
from anlan.warn.channels import ExerciseOutlet, Outlet, RealOutlet

TICK = timedelta(minutes=1)
STATE = "drill.state"
State = dict[str, Any]
DIRECTOR = "commander"
"""The role that starts and ends a drill."""


def exercise_only(outlets: Mapping[str, Outlet]) -> Mapping[str, ExerciseOutlet]:
    """The outlets, all of which are of the exercise kind; raises `Refusal` (forbidden) else."""
    found: dict[str, ExerciseOutlet] = {}
    for name, outlet in outlets.items():
        if isinstance(outlet, RealOutlet) or not isinstance(outlet, ExerciseOutlet):
            raise Refusal(
                f"outlet {name} ({type(outlet).__name__}) reaches people; a drill takes exercise "
                "outlets alone",
                field="outlet",
                value=name,
                remedy="an outlet for exercises",
                kind="forbidden",
            )
        found[name] = outlet
    return found


class Drill:
    """One script in one store. Raises `Refusal` when the store holds another drill."""

    def __init__(
        self,
        city: City,
        script: Script,
        store: Store,
        clock: ReplayClock | SteppedClock,
        outlets: Mapping[str, Outlet],
        seed: int = 1,
        by_hand: tuple[str, ...] | None = None,
    ) -> None:
        if clock.real:
            raise Refusal(
                "a drill has a clock of its own; on the real one its alerts could be Actual",
                field="clock",
                remedy="a replay clock or a stepped one",
                kind="forbidden",
            )
        self.city, self.script, self.store, self.clock = city, script, store, clock
        self.start_at = script.drill.start.astimezone(UTC)
        self.end_at = self.start_at + timedelta(minutes=script.drill.minutes)
        hands = script.actors.by_hand if by_hand is None else by_hand
        self.cast = actors.cast_of(city, hands)
        self.chance = Chance(ids.seed("drill", city.id, script.drill.id, seed))
        self.chain = Chain(city, store, clock, exercise_only(outlets), None)
        self._readings = readings(city, script)
        identity: dict[str, object] = {
            "city": city.id,
            "script": ids.digest(script.model_dump(mode="json")),
        }
        identity |= {"seed": seed, "by_hand": sorted(self.cast.by_hand)}
        with store.transaction() as tx:
            known = get_meta(tx, STATE)
            if known is not None and known["identity"] != identity:
                raise Refusal(
                    f"data folder {store.data_dir} holds another drill, or this one with another "
                    "script, seed or cast; give another --data-dir",
                    field="data-dir",
                    value=store.data_dir,
                    remedy="another --data-dir",
                    kind="conflict",
                )
            if known is None:
                _keep(tx, {"identity": identity, "played": [], "cases": {}, "met": {}, "acts": []})
        self._move_clock(self.reached())

    def state(self, conn: Connection) -> State:
        """What has been played and met: started_at, ended_at, played, cases, met, acts."""
        found: State = get_meta(conn, STATE)
        return found

    def reached(self) -> datetime:
        """Event time up to which everything has been done, UTC."""
        return self.chain.cursor() or self.start_at

    @property
    def finished(self) -> bool:
        """Whether it was ended, or its time has run out."""
        with self.store.read() as conn:
            return self.state(conn).get("ended_at") is not None

    @property
    def started(self) -> bool:
        """Whether somebody has started it."""
        with self.store.read() as conn:
            return self.state(conn).get("started_at") is not None

    def start(self, act: Act) -> None:
        """Let the drill begin. Raises `Refusal` when it has begun or ended already."""
        state = self.state(act.tx)
        if state.get("started_at"):
            raise Refusal(
                "this drill has been started already; begin another with another --data-dir",
                field="drill",
                value=self.script.drill.id,
                remedy="another --data-dir",
                kind="conflict",
            )
        _keep(act.tx, {**state, "started_at": act.now.isoformat(), "started_by": act.actor})
        act.record("drill.started", self.script.drill.id, content=state["identity"])

    def end(self, act: Act) -> None:
        """End the drill. Raises `Refusal` before it has begun, and when it has ended already."""
        state = self.state(act.tx)
        if not state.get("started_at") or state.get("ended_at"):
            raise Refusal(
                "this drill is not under way",
                field="drill",
                value=self.script.drill.id,
                remedy="start it first",
                kind="conflict",
                zh="演练没有在进行。",
            )
        _keep(act.tx, {**state, "ended_at": act.now.isoformat(), "ended_by": act.actor})
        act.record("drill.ended", self.script.drill.id)

    def answer(self, act: Act, inject_id: str, choice: int, asked: bool) -> None:
        """Somebody answers an inject's question, once.

        ``asked``: whether the inject goes to them. Raises `Refusal`: not_found before it came or
        for others, conflict for a second answer.
        """
        inject = next((each for each in self.script.inject if each.id == inject_id), None)
        played = inject_id in self.state(act.tx)["played"]
        if inject is None or inject.question is None or not played or not asked:
            raise Refusal(
                f"there is no question '{inject_id[:40]}' for {act.actor} now",
                field="inject",
                value=inject_id[:40],
                remedy="a question of /api/v1/drill",
                kind="not_found",
            )
        if not 0 <= choice < len(inject.question.choices):
            raise Refusal(
                f"choice {choice} is not one of 0 to {len(inject.question.choices) - 1}",
                field="choice",
                value=choice,
                remedy=f"0 to {len(inject.question.choices) - 1}",
            )
        A = schema.drill_answer
        new = {"inject": inject_id, "account": act.actor, "choice": choice, "at": act.now}
        if act.tx.execute(insert(act.tx, A).values(**new).on_conflict_do_nothing()).rowcount != 1:
            raise Refusal(
                "this question was answered already; the first answer stands",
                field="inject",
                value=inject_id,
                remedy="nothing more",
                kind="conflict",
                zh="这道题已经答过，以第一次为准。",
            )
        act.record("drill.answered", inject_id, content={"choice": choice})

    def due(self, now: datetime) -> list[Inject]:
        """Injects whose time has come, in the order of their time."""
        found = [each for each in self.script.inject if self.moment(each) <= now]
        return sorted(found, key=lambda each: each.at_min)

    def moment(self, inject: Inject) -> datetime:
        """When an inject comes, UTC."""
        return self.start_at + timedelta(minutes=inject.at_min)

    def tick(self, until: datetime) -> None:
        """Carry the drill on to ``until`` (UTC), its end at most: chain, injects, people, marks."""
        now = min(until, self.end_at)
        since = self.chain.cursor()
        self.chain.step(now, Arrivals(self._arrived(since, now), self._officials(since, now)))
        with self.store.transaction() as tx:
            state = self.state(tx)
            for inject in self.due(now):
                if inject.id not in state["played"]:
                    self._play(tx, now, inject, state)
            for number, deed in enumerate(self.script.act):
                come = self.start_at + timedelta(minutes=deed.at_min) <= now
                if (
                    come
                    and number not in state["acts"]
                    and actors.do(tx, now, self.city, deed, self.cast)
                ):
                    state["acts"].append(number)
            actors.move(tx, now, self.city, self.script, self.cast, self.chance)
            self._mark(tx, now, state)
            if now >= self.end_at and not state.get("ended_at"):
                state |= {"ended_at": now.isoformat(), "ended_by": "system"}
                Act(tx, now, "system").record("drill.ended", self.script.drill.id)
            _keep(tx, state)
        self._move_clock(now)

    def run(self) -> None:
        """Carry the whole drill through at full speed, started by its first director."""
        with self.store.transaction() as tx:
            if not self.state(tx).get("started_at"):
                directors = [a.id for a in self.city.accounts.values() if a.role == DIRECTOR]
                self.start(ReplayedAct(tx, self.clock.now(), min(directors)))
        while not self.finished:
            self.tick(self.reached() + TICK)

    def _arrived(self, since: datetime | None, now: datetime) -> list[Any]:
        return [
            each
            for each in self._readings
            if each.valid_at <= now and (since is None or each.valid_at > since)
        ]

    def _officials(self, since: datetime | None, now: datetime) -> list[OfficialWarning]:
        found = []
        for inject in self.due(now):
            given, moment = inject.official, self.moment(inject)
            if given is not None and (since is None or moment > since):
                found.append(
                    OfficialWarning(
                        id=f"drill-{self.script.drill.id}-{inject.id}",
                        issuer=given.issuer,
                        issued=moment,
                        event=given.event,
                        colour=given.colour,
                        area=given.area,
                        text=inject.text,
                        places=given.places,
                        source=self.script.drill.source,
                        expires=moment + timedelta(hours=given.hours),
                    )
                )
        return found

    def _play(self, tx: Connection, now: datetime, inject: Inject, state: State) -> None:
        state["played"].append(inject.id)
        report = inject.report
        if report is not None:
            with attempt(tx, report.by, inject.id):
                state["cases"][inject.id] = respond.open_case(
                    ReplayedAct(tx, now, report.by),
                    self.city,
                    report.kind,
                    place=report.place or None,
                    territory=report.territory,
                    text=report.text,
                    reporter=report.by,
                    source="drill",
                )
        Act(tx, now, "system").record("drill.injected", inject.id, valid_at=self.moment(inject))

    def _mark(self, tx: Connection, now: datetime, state: State) -> None:
        for inject in self.script.inject:
            if inject.id not in state["played"]:
                continue
            for number, each in enumerate(inject.expect):
                name = f"{inject.id}.{number}"
                case = state["cases"].get(inject.id)
                if name not in state["met"] and expect.holds(tx, each, self.moment(inject), case):
                    state["met"][name] = now.isoformat()

    def _move_clock(self, now: datetime) -> None:
        if isinstance(self.clock, ReplayClock):
            self.clock.reached(now)
        else:
            self.clock.step_to(now)


def _keep(tx: Connection, state: State) -> None:
    set_meta(tx, STATE, state)


def prepare(
    city: City,
    script: Script,
    store: Store,
    clock: ReplayClock | SteppedClock,
    seed: int = 1,
    by_hand: tuple[str, ...] | None = None,
) -> Drill:
    """A drill ready to be started, fresh or where it was left.

    The store is kept for drills for good: raises `Refusal` for one of a live desk or a replay, for
    a script that does not fit the city, for another drill's store.
    """
    wrong = next(iter(faults(city, script)), None)
    if wrong is not None:
        where, value, what, remedy = wrong
        raise Refusal(
            f"drill {script.drill.id}: {where} '{value}' {what}; {remedy}",
            field=where,
            value=value,
            remedy=remedy,
        )
    load_people(store, city, script.drill.start.astimezone(UTC), "drill")
    outlets = warn.exercise_outlets(city, store.data_dir / "outbox")
    return Drill(city, script, store, clock, outlets, seed, by_hand)
