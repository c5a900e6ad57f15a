"""Who is moved in a drill: officers, crews, readers of messages, and who is given orders.

They do nothing that a person could not do, through the same actions; the journal marks their acts
``on_behalf = "replay"``. Whoever plays by hand is left alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from anlan.city import City
from anlan.drill.script import Deed, Script
from anlan.journal import Act
from anlan.replay import crews, officers, receipts
from anlan.replay.attempt import attempt
from anlan.replay.cast import Cast
from anlan.replay.chance import Chance
from anlan.replay.officers import ReplayedAct
from anlan.respond import actions as respond
from anlan.respond import handover, orders, posts
from anlan.respond.incidents import alerts_in_force, current
from anlan.respond.plan import load
from anlan.store import schema

DONE = "已按指令办理。"


def cast_of(city: City, by_hand: tuple[str, ...]) -> Cast:
    """The cast: of ``by_hand`` a role stands for all its accounts."""
    played = {a.id for a in city.accounts.values() if a.id in by_hand or a.role in by_hand}
    return Cast(timedelta(0), frozenset(played))


def move(
    tx: Connection, now: datetime, city: City, script: Script, cast: Cast, chance: Chance
) -> None:
    """Everything that the moved people do by ``now`` (UTC)."""
    people = script.actors.people
    receipts.network(tx, now, people, chance, cast)
    officers.approve_drafts(tx, now, city, people, chance, cast)
    _first_level(tx, now, city, script, cast, chance)
    officers.set_level(tx, now, city, people, chance, cast)
    crews.work_on_tasks(tx, now, city, people.crews, chance, cast)
    crews.settle_cases(tx, now, city, people.crews, chance, cast)
    crews.stuck_cases(tx, now, city, people.crews, cast)
    _answer_orders(tx, now, script, cast, chance)
    receipts.readers(tx, now, people, chance, cast)


def _first_level(
    tx: Connection, now: datetime, city: City, script: Script, cast: Cast, chance: Chance
) -> None:
    """With no incident yet and no forecast, a commander follows what alerts in force propose."""
    commanders = [a for a in officers.holding(city, "commander") if cast.moves(a)]
    if current(tx) is not None or not commanders:
        return
    level, reason = respond.proposal(tx, load(city.folder), now)
    in_force = alerts_in_force(tx, now)
    if not level or not in_force:
        return
    newest = max(alert.sent_at for alert in in_force)
    due = newest + chance.delay(script.actors.people.level_min, "first level", level)
    if cast.comes(due, now):
        with attempt(tx, commanders[0], "level"):
            act = ReplayedAct(tx, now, commanders[0])
            respond.set_level(act, city, None, level, reason)


def _answer_orders(
    tx: Connection, now: datetime, script: Script, cast: Cast, chance: Chance
) -> None:
    O = schema.command_order  # noqa: E741
    rows = tx.execute(select(O).where(O.c.state.in_(orders.OPEN)).order_by(O.c.id)).all()
    for row in rows:
        if row.given_to is None or not cast.moves(row.given_to):
            continue
        act = ReplayedAct(tx, now, row.given_to)
        if row.state == "given":
            due = row.entered_at + chance.delay(script.actors.order_ack_min, "order", row.id)
            if cast.comes(due, now):
                with attempt(tx, row.given_to, row.id):
                    orders.acknowledge(act, row.id)
        else:
            since = row.acknowledged_at or row.entered_at
            due = since + chance.delay(script.actors.order_done_min, "order done", row.id)
            if cast.comes(due, now):
                with attempt(tx, row.given_to, row.id):
                    orders.report_done(act, row.id, DONE)


def do(tx: Connection, now: datetime, city: City, deed: Deed, cast: Cast) -> bool:
    """A deed of the script, once an incident is open; whether it is dealt with."""
    if not cast.moves(deed.by):
        return True
    incident = current(tx)
    if incident is None:
        return False
    act = ReplayedAct(tx, now, deed.by)
    with attempt(tx, deed.by, incident.id):
        if deed.do == "post":
            posts.take(act, city, incident.id, deed.post)
        elif deed.do == "order":
            orders.give(act, city, incident.id, deed.what, to=deed.to, ack_min=deed.ack_min)
        else:
            _hand_over(act, city, incident.id, deed, cast)
    return True


def _hand_over(act: Act, city: City, incident_id: str, deed: Deed, cast: Cast) -> None:
    """Draft and sign as drafted; who comes takes it at once, unless played by hand."""
    name = handover.draft(act, city, incident_id, exercise=True)
    drafted = handover.get(act.tx, name).text_note
    words = orders.notes(act.tx, [drafted])[drafted]
    handover.sign(act, name, words or "", deed.to)
    if cast.moves(deed.to):
        handover.acknowledge(ReplayedAct(act.tx, act.now, deed.to), city, name)
