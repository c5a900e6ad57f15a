"""The after-action review of an event: what was warned, done, missed, and what was known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypedDict

from sqlalchemy import Connection, func, select

from anlan import journal, warn
from anlan.city import City, Event
from anlan.respond.expand import DOWN
from anlan.review import (
    aftermath,
    capability,
    english,
    facts,
    indicators,
    observed,
    proposals,
    reported,
    score,
    skill,
    work,
)
from anlan.review.proposals import Proposal
from anlan.review.timeline import timeline
from anlan.store import schema


class Review(TypedDict):
    """A review as plain JSON. Times are ISO 8601 UTC; levels m on ``datum``.

    ``alerts``: every alert sent, ours and relayed, with ``outcome`` and ``lead_time_min`` for
    those that made a claim and ``reported``, what trusted people saw there meanwhile; ``reports``:
    depth reports by town, evidence that scores nothing. ``scores``: counts, in all and
    ``by_event``; ``basis``: "truth" of the replayed world, or "observations". ``facts``: the known
    facts beside what came out. ``lead``: minutes of warning of the alerts that hit. ``steps``: the
    plan's steps against their deadlines; ``kinds`` and ``firms``: damage found and help given;
    ``capability``: what was short; ``proposals``: what the measured times say about plan and rules;
    ``drill``: the report of a drill of the plan, or None.
    """

    city: str
    city_name: str
    city_name_en: str
    event: str
    event_name: str
    event_name_en: str
    synthetic_en: list[str]
    made_at: str
    datum: str
    synthetic: list[str]
    basis: str
    journal: dict[str, Any]
    timeline: list[dict[str, Any]]
    scores: dict[str, Any]
    alerts: list[dict[str, Any]]
    reports: list[dict[str, Any]]
    misses: list[dict[str, Any]]
    tasks: dict[str, Any]
    cases: dict[str, Any]
    alerting: dict[str, Any]
    deliveries: dict[str, Any]
    places: list[dict[str, Any]]
    skill: dict[str, Any]
    facts: list[dict[str, Any]]
    exercise: bool
    lead: dict[str, Any]
    steps: list[dict[str, Any]]
    kinds: list[dict[str, Any]]
    firms: dict[str, Any]
    capability: dict[str, Any]
    proposals: list[Proposal]
    drill: Mapping[str, Any] | None


def build(
    conn: Connection,
    city: City,
    event: Event | None,
    truth: Mapping[str, Any] | None,
    drill: Mapping[str, Any] | None = None,
    exercise: bool = False,
) -> Review:
    """The review of all that the store holds, up to its newest journal entry.

    Args:
        truth: what really happened in the replayed world: ``tide`` [{colour, start, end,
            peak_m, peak_time}], ``towns`` {code: [{colour, start, end}]}, ``places`` {id:
            [{start, …}]}. None when live: then alerts are scored from readings alone.
        event: the event replayed, for its known facts; None when live.
        drill: the report of a drill (`anlan drill -o`, ``drill.json``), shown beside the event.
        exercise: whether all of it is an exercise, as on the desk of a drill; a replay always is.

    The matching rule of alerts and crossings is that of `anlan.review.score`. Of the truth only
    what had begun by the newest entry is used, so that a review in the middle of a replay does
    not tell what is still to come.
    """
    now = conn.execute(select(func.max(schema.journal.c.recorded_at))).scalar_one()
    until = now or datetime.min.replace(tzinfo=UTC)
    known = score.begun(truth, until) if truth is not None else observed.truth(conn, city)
    rows = _sent(conn)
    versions = [_version(row) for row in rows if not row.official]
    at_gauges, gauged = observed.gauges(conn, city)
    scores = score.score(
        versions,
        score.crossings_of(known) + at_gauges,
        meeting(city),
        [*score.known_events(known), *gauged],
        until,
    )
    verdict = journal.verify(conn)
    lines, kinds = timeline(conn)
    events = sorted(
        {each.claim.event for each in scores.judged} | {m.crossing.event for m in scores.missed}
    )
    deliveries = indicators.of_deliveries(conn, city)
    counts = {name: scores.counts(name) for name in events}
    names = {rule.event: (rule.name, rule.name_en) for rule in warn.load_rules(city).rules}
    misses = [_miss(city, miss, names) for miss in scores.missed]
    steps = work.of_steps(city, work.of_plan(conn), until)
    at_places = None
    if truth is not None:
        at_places = skill.place_skill(conn, known.get("places") or {}, until)
    resources, people = capability.of_resources(conn, city), capability.of_people(conn, until)
    return {
        "city": city.id,
        "city_name": city.name,
        "event": event.id if event else "",
        "event_name": event.name if event else "",
        "event_name_en": (event.name_en or event.name) if event else "",
        "city_name_en": city.name_en or city.name,
        "synthetic_en": english.synthetic(city),
        "made_at": now.isoformat() if now else "",
        "datum": city.datum,
        "synthetic": list(city.synthetic),
        "basis": "truth" if truth is not None else "observations",
        "journal": {"entries": verdict.entries, "verified": verdict.verified, "kinds": kinds},
        "timeline": lines,
        "scores": {**scores.counts(), "by_event": counts},
        "alerts": _alerts(city, rows, scores, reported.beside(conn, city, rows), names),
        "reports": reported.summary(conn, city),
        "misses": misses,
        "tasks": indicators.of_tasks(conn, city),
        "cases": indicators.of_cases(conn),
        "alerting": indicators.of_alerts(conn),
        "deliveries": deliveries,
        "places": _places(conn, city, known if truth is not None else None),
        "skill": {**skill.tide_skill(conn, city), "places": at_places},
        "facts": facts.compare(facts.Ground(conn, city, event, versions, until)) if event else [],
        "exercise": exercise or event is not None,
        "lead": indicators.quantiles(
            [each.lead_min for each in scores.judged if each.outcome == "hit" and each.lead_min]
        ),
        "steps": steps,
        "kinds": aftermath.of_kinds(conn, city, until),
        "firms": aftermath.of_firms(conn, city),
        "capability": {
            "resources": resources,
            "shelters": capability.of_shelters(conn, city),
            "people": people,
        },
        "proposals": proposals.propose(
            steps, {"by_event": counts}, misses, deliveries, resources, people, names
        ),
        "drill": drill,
    }


def _sent(conn: Connection) -> Sequence[Any]:
    A = schema.alert
    return conn.execute(
        select(A).where(A.c.sent_at.is_not(None)).order_by(A.c.sent_at, A.c.id)
    ).all()


def _version(row: Any) -> score.Version:
    return score.Version(
        alert=row.id,
        chain=row.chain,
        version=row.version,
        event=row.event,
        colour=row.colour,
        area=tuple(row.area.split()),
        sent=row.sent_at,
        expires=row.expires_at,
        cancels=row.msg_type == "Cancel",
    )


def meeting(city: City) -> score.Meets:
    """Every alert about the tide meets it; otherwise the areas must touch."""
    known = city.territory

    def meets(area: Sequence[str], where: str) -> bool:
        return where == score.TIDE or any(
            known.is_within(unit, code) or known.is_within(code, unit)
            for unit in where.split()
            for code in area
        )

    return meets


def _alerts(
    city: City,
    rows: Sequence[Any],
    scores: score.Scores,
    told: Mapping[str, Mapping[str, Any]],
    names: Mapping[str, tuple[str, str]],
) -> list[dict[str, Any]]:
    judged = {each.claim.alert: each for each in scores.judged}
    shown = []
    for row in rows:
        own = judged.get(row.id)
        crossing = own.crossing if own else None
        shown.append(
            {
                "identifier": row.id,
                "chain": row.chain,
                "version": row.version,
                "event": row.event,
                "event_name": row.event_name,
                "event_name_en": names.get(row.event, ("", row.event_name))[1],
                "colour": row.colour,
                "area": row.area,
                "area_name": row.area_name,
                "area_name_en": english.units(city, row.area) or row.area_name,
                "status": row.status,
                "msgType": row.msg_type,
                "official": row.official,
                "issuer": row.issuer,
                "issued": row.sent_at.isoformat(),
                "expires": row.expires_at.isoformat(),
                "outcome": own.outcome if own else None,
                "lead_time_min": own.lead_min if own else None,
                "crossing_start": crossing.start.isoformat() if crossing else None,
                "crossing_colour": crossing.colour if crossing else None,
                "reported": told.get(row.id),
            }
        )
    return shown


def _miss(city: City, miss: score.Miss, names: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    where = miss.crossing.where
    return {
        "event": miss.crossing.event,
        "event_name": names.get(miss.crossing.event, (miss.crossing.event, ""))[0],
        "event_name_en": names.get(miss.crossing.event, ("", miss.crossing.event))[1],
        "where_name_en": "tide gauge" if where == score.TIDE else english.units(city, where),
        "where": where,
        "where_name": "潮位站"
        if where == score.TIDE
        else "、".join(city.territory.unit(code).name for code in where.split()),
        "colour": miss.crossing.colour,
        "start": miss.crossing.start.isoformat(),
        "end": miss.crossing.end.isoformat(),
        "late_min": None if miss.late_min is None else round(miss.late_min, 1),
    }


def _places(conn: Connection, city: City, truth: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """For each hazard place that the water really reached: was its task done before it came?"""
    C, T = schema.case_item, schema.task
    shown = []
    for place_id, crossings in sorted(((truth or {}).get("places") or {}).items()):
        if not crossings or place_id not in city.places:
            continue
        reached = min(score.moment(row["start"]) for row in crossings)
        done = conn.execute(
            select(func.min(T.c.done_at))
            .join(C, C.c.id == T.c.case_id)
            # standing down is not dealing with it
            .where(C.c.place == place_id, C.c.plan_step.not_like(f"%{DOWN}"))
        ).scalar_one()
        lead = None if done is None else round((reached - done).total_seconds() / 60, 1)
        shown.append(
            {
                "place": place_id,
                "name": city.places[place_id].name,
                "name_en": city.places[place_id].name_en or city.places[place_id].name,
                "kind": city.places[place_id].kind,
                "reached": reached.isoformat(),
                "done": done.isoformat() if done else None,
                "lead_min": lead,
            }
        )
    return shown
