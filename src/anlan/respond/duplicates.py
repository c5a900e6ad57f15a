"""Cases that may be one and the same: the engine proposes, a person decides.

Near in place, time and words, as far as the pack says. Words are compared by the pairs of letters
that two texts share (Dice's coefficient), which needs no word list and works for Chinese.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond import case as cases
from anlan.respond import packs
from anlan.respond.pack import Duplicates
from anlan.respond.records import AnyRow, C, append, get_case, history_of, who_for_case
from anlan.store import schema

EARTH_M = 6_371_000.0
MOST_COMPARED = 200
MOST_PROPOSED = 5


@dataclass(frozen=True, slots=True)
class Report:
    """A case as far as it is compared: where (degrees), when, and what was said."""

    id: str
    at: datetime
    territory: str
    place: str | None
    lon: float | None
    lat: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """How near another case is; None for what cannot be compared."""

    id: str
    distance_m: float | None
    minutes: float
    alike: float | None

    def as_json(self) -> dict[str, Any]:
        """For the desk: rounded, and with nothing of the words themselves."""
        return {
            "id": self.id,
            "distance_m": None if self.distance_m is None else round(self.distance_m),
            "minutes": round(self.minutes),
            "alike": None if self.alike is None else round(self.alike, 2),
        }


def alike(one: str, other: str) -> float | None:
    """Share of letter pairs that two texts have in common, 0 to 1; None for less than a pair."""
    pairs = [_pairs(one), _pairs(other)]
    if not all(pairs):
        return None
    common = sum((pairs[0] & pairs[1]).values())
    return 2 * common / (sum(pairs[0].values()) + sum(pairs[1].values()))


def _pairs(text: str) -> Counter[str]:
    letters = [letter for letter in text.lower() if letter.isalnum()]
    return Counter("".join(pair) for pair in itertools.pairwise(letters))


def distance_m(one: Report, other: Report) -> float | None:
    """Metres between two reports on the globe; 0 at one named place; None without points."""
    if one.place is not None and one.place == other.place:
        return 0.0
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return None
    mean = math.radians((one.lat + other.lat) / 2)
    east = math.radians(other.lon - one.lon) * math.cos(mean)
    north = math.radians(other.lat - one.lat)
    return EARTH_M * math.hypot(east, north)


def propose(rule: Duplicates, report: Report, others: Sequence[Report]) -> list[Likeness]:
    """Those of ``others`` that may be the same matter, the nearest first. Pure.

    Without points the same village must do, and then the words must be alike; where either
    said nothing, place and time decide alone.
    """
    found = []
    for other in others:
        minutes = abs((other.at - report.at) / timedelta(minutes=1))
        metres, words = distance_m(report, other), alike(report.text, other.text)
        if metres is None:
            near = report.territory == other.territory and words is not None
        else:
            near = metres <= rule.within_m
        if near and minutes <= rule.within_min and (words is None or words >= rule.alike):
            found.append(Likeness(other.id, metres, minutes, words))
    found.sort(key=lambda each: (-(each.alike or 0), each.distance_m or 0, each.minutes, each.id))
    return found[:MOST_PROPOSED]


def of_case(conn: Connection, city: City, case: AnyRow) -> list[Likeness]:
    """What the engine proposes for one case: open cases of its kind, those kept apart left out."""
    pack = packs.load(city.folder).get(case.kind)
    if pack is None or pack.duplicates is None or case.state in cases.ENDED:
        return []
    rule = pack.duplicates
    span = timedelta(minutes=rule.within_min)
    rows = conn.execute(
        select(C)
        .where(C.c.kind == case.kind, C.c.id != case.id, C.c.state.not_in(cases.ENDED))
        .where(C.c.opened_at >= case.opened_at - span, C.c.opened_at <= case.opened_at + span)
        .order_by(C.c.opened_at.desc(), C.c.id.desc())
        .limit(MOST_COMPARED)
    ).all()
    apart = {row.payload["other"] for row in _kept_apart(conn, case.id)}
    rows = [row for row in rows if row.id not in apart]
    texts = _texts(conn, [case, *rows])
    return propose(rule, _report(case, texts), [_report(row, texts) for row in rows])


def _kept_apart(conn: Connection, case_id: str) -> list[AnyRow]:
    return [row for row in history_of(conn, case_id) if row.type == "case.kept_apart"]


def _texts(conn: Connection, rows: Sequence[AnyRow]) -> Mapping[str, str]:
    N = schema.note
    wanted = {row.data.get("text_note") for row in rows} - {None}
    found = conn.execute(select(N.c.digest, N.c.body).where(N.c.digest.in_(wanted)))
    return {row.digest: row.body or "" for row in found}


def _report(row: AnyRow, texts: Mapping[str, str]) -> Report:
    text = texts.get(row.data.get("text_note") or "", "")
    return Report(row.id, row.opened_at, row.territory, row.place, row.lon, row.lat, text)


def keep_apart(act: Act, city: City, case_id: str, other_id: str) -> None:
    """A supervisor says that two cases are two: neither is proposed for the other again.

    Raises `Refusal`: forbidden for who does not supervise the case, conflict for another case
    that is not there or out of reach.
    """
    case = get_case(act.tx, case_id)
    if "supervisor" not in who_for_case(act, city, case).relations:
        raise Refusal(
            f"{act.actor} may not decide about case {case_id}; its supervisor may",
            field="actor",
            value=act.actor,
            remedy="ask the supervisor",
            kind="forbidden",
        )
    other = act.tx.execute(select(C).where(C.c.id == other_id, C.c.id != case_id)).first()
    if other is None or "supervisor" not in who_for_case(act, city, other).relations:
        raise Refusal(
            f"other {other_id[:40]} is not another case in your part of the city",
            field="other",
            value=other_id[:40],
            remedy="a case proposed as a duplicate",
            kind="conflict",
        )
    told = {row.payload["other"] for row in _kept_apart(act.tx, case_id)}
    if other_id in told:
        return
    for here, there in ((case, other), (other, case)):
        append(act, here.id, "case.kept_apart", {"other": there.id})


def must_supervise(act: Act, city: City, case: AnyRow, field: str) -> None:
    """Refuse a case of another territory as if it were not there."""
    if "supervisor" not in who_for_case(act, city, case).relations:
        raise Refusal(
            f"there is no case {case.id} in your part of the city",
            field=field,
            value=case.id,
            remedy="a case of /api/v1/cases",
            kind="not_found",
        )
