"""What the store knows of each firm: the facts that its colour is worked out from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection, func, select

from anlan.assess import Assessment
from anlan.assess.actions import latest
from anlan.city import City, Firm
from anlan.observe import people
from anlan.respond import case as cases
from anlan.respond.firms.settings import Colours
from anlan.respond.firms.standing import Facts, OpenCase, Operation, Threat
from anlan.respond.records import C, H, I
from anlan.store import schema

F, S, M, Shot = (
    schema.firm_case,
    schema.firm_standing,
    schema.firm_measure,
    schema.check_shot,
)
VISITS = ("firm_visit", "remote_check")
RESUMPTION = "resumption"
#: A report of water speaks of the present for so long.
WET_FOR = timedelta(hours=6)
#: Depths of a village's own water (m, a key of the assessment) that mean attention and danger.
VILLAGE_ATTENTION, VILLAGE_DANGER = "0.15", "0.50"


def facts_of_all(
    conn: Connection, city: City, rules: Colours, now: datetime
) -> Mapping[str, Facts]:
    """The facts of every firm of the city at ``now`` (UTC); a handful of queries for all."""
    own = _own_cases(conn)
    settled = _settled_at(conn)
    standing = {row.firm: row for row in conn.execute(select(S))}
    refused, overdue = _refused_shots(conn), _overdue_measures(conn, now)
    expected = latest(conn)
    told = people.reports(conn, now - WET_FOR, now)
    since = conn.execute(
        select(func.min(I.c.level_set_at)).where(I.c.state == "open", I.c.level != "")
    ).scalar_one()
    found = {}
    for firm in city.firms.values():
        rows = own.get(firm.id, [])
        visited = [settled[r.id] for r in rows if r.kind in VISITS and r.id in settled]
        found[firm.id] = Facts(
            operation=_operation(standing.get(firm.id), rows, settled),
            threats=_threats(city, firm, expected[0], rules.near_m) if expected else (),
            wet=[
                one.report.id
                for one in told
                if one.trust >= people.TRUSTED
                and _apart(firm, one.report.lon, one.report.lat) <= rules.near_m
            ],
            cases=[
                OpenCase(row.id, row.kind, bool(row.data.get("late")))
                for row in rows
                # a pass that is being decided on is no trouble of the firm's
                if row.state not in cases.SETTLED
                and (row.kind != "freight_pass" or row.data.get("late"))
            ],
            refused_shots=sum(refused.get(row.id, 0) for row in rows),
            overdue_measures=overdue.get(firm.id, 0),
            visited_at=max(visited, default=None),
            responding=since is not None,
            known_since=since,
        )
    return found


def _apart(firm: Firm, lon: float, lat: float) -> float:
    return people.metres(firm.lon, firm.lat, lon, lat)


def _own_cases(conn: Connection) -> Mapping[str, list[Any]]:
    """Rows of the cases of each firm that were not given up, oldest first."""
    found: dict[str, list[Any]] = defaultdict(list)
    rows = conn.execute(
        select(C, F.c.firm)
        .join(F, F.c.case_id == C.c.id)
        .where(C.c.state.not_in(("cancelled", "merged")))
        .order_by(C.c.opened_at, C.c.id)
    )
    for row in rows:
        found[row.firm].append(row)
    return found


def _settled_at(conn: Connection) -> Mapping[str, datetime]:
    """When the work of each firm's case came to its end: visits by their work, resumptions by
    the decision on them."""
    ends = ("case.done_claimed", "case.verified")
    rows = conn.execute(
        select(H.c.case_id, H.c.type, H.c.at, C.c.kind, C.c.state)
        .join(F, F.c.case_id == H.c.case_id)
        .join(C, C.c.id == H.c.case_id)
        .where(H.c.type.in_(ends))
        .order_by(H.c.at)
    )
    found = {}
    for row in rows:
        wanted = "case.verified" if row.kind == RESUMPTION else "case.done_claimed"
        stands = row.state in ("verified", "closed") if row.kind == RESUMPTION else True
        if row.type == wanted and stands:
            found[row.case_id] = row.at
    return found


def _operation(standing: Any, rows: list[Any], settled: Mapping[str, datetime]) -> Operation:
    """How the firm works by what was said, seen and decided, in the order of time.

    Once it stopped, a decision on its resumption alone lets it run again: that a visitor found
    it running does not.
    """
    said: list[tuple[datetime, str, bool]] = []
    if standing is not None and standing.operation_at is not None:
        said.append((standing.operation_at, standing.operation, True))
    for row in rows:
        if row.id not in settled:
            continue
        seen = row.data.get("form", {}).get("work")
        if row.kind == RESUMPTION:
            said.append((settled[row.id], "running", True))
        elif row.kind == "firm_visit" and isinstance(seen, str):
            said.append((settled[row.id], seen, seen != "running"))
    state = "running"
    for _, operation, decides in sorted(said):
        if decides or state != "stopped":
            state = operation
    return cast("Operation", state)


def _threats(city: City, firm: Firm, expected: Assessment, near_m: float) -> list[Threat]:
    found = []
    for part in expected["places"]:
        place = city.places.get(part["id"])
        if place is None or _apart(firm, place.lon, place.lat) > near_m:
            continue
        for danger in (True, False):
            hazard = part["danger"] if danger else part["attention"]
            found.append(Threat(part["id"], danger, hazard["probability"]))
    for village in expected["villages"]:
        if village["code"] == firm.territory:
            likely = village["probability"]
            found.append(Threat(firm.territory, True, likely.get(VILLAGE_DANGER, 0.0)))
            found.append(Threat(firm.territory, False, likely.get(VILLAGE_ATTENTION, 0.0)))
    return [threat for threat in found if threat.probability > 0]


def _refused_shots(conn: Connection) -> Mapping[str, int]:
    """How many shots of each open check stand refused: the newest picture of a shot counts."""
    newest: dict[tuple[str, str], Any] = {}
    rows = conn.execute(
        select(Shot.c.case_id, Shot.c.shot, Shot.c.verdict)
        .join(C, C.c.id == Shot.c.case_id)
        .where(C.c.state.not_in(cases.ENDED))
        .order_by(Shot.c.number)
    )
    for row in rows:
        newest[row.case_id, row.shot] = row.verdict
    found: dict[str, int] = defaultdict(int)
    for (case_id, _), verdict in newest.items():
        found[case_id] += verdict == "refused"
    return found


def _overdue_measures(conn: Connection, now: datetime) -> Mapping[str, int]:
    rows = conn.execute(
        select(M.c.firm, func.count())
        .where(M.c.state == "open", M.c.due_at < now)
        .group_by(M.c.firm)
    )
    return {row[0]: row[1] for row in rows}
