"""Alerts, people and rule states as rows: the only place of this stage that knows the columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import shapely
from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, or_, select, update

from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import get_meta, insert, schema, set_meta
from anlan.warn.audience import PHONE, Someone, units_below
from anlan.warn.colour import Colour, colour

A, P, C = schema.alert, schema.person, schema.contact
AlertRow = Row[Any]

HAND = "hand"
"""The rule of alerts that an officer wrote; no gauge watches them."""

STATUS_LETTERS = {"Exercise": "EX", "Actual": "AC", "Test": "TE"}


def alert_row(conn: Connection, alert_id: str) -> AlertRow:
    """The alert with this id.

    Raises:
        Refusal: ``not_found``.
    """
    row = conn.execute(select(A).where(A.c.id == alert_id)).first()
    if row is None:
        raise unknown(alert_id)
    return row


def unknown(alert_id: str) -> Refusal:
    """One answer for an alert that is not there and for one that is not for the asker's eyes."""
    return Refusal(
        f"alert '{alert_id}' is not known; `anlan alert list` shows those there are",
        field="alert",
        value=alert_id,
        remedy="an identifier from the list",
        kind="not_found",
    )


def chain_rows(conn: Connection, chain: str) -> Sequence[AlertRow]:
    """All versions of a chain, oldest first."""
    return conn.execute(select(A).where(A.c.chain == chain).order_by(A.c.version)).all()


def standing_rows(conn: Connection) -> dict[tuple[str, str], list[AlertRow]]:
    """Our own drafts and issued alerts (all-clears in force left out) by rule and area."""
    found: dict[tuple[str, str], list[AlertRow]] = {}
    for row in conn.execute(
        select(A).where(A.c.official.is_(False), A.c.state.in_(("draft", "issued")))
    ):
        if row.state == "issued" and row.msg_type == "Cancel":
            continue
        found.setdefault((row.rule, row.area), []).append(row)
    return found


def new_identifier(act: Act, city: City, status: str) -> str:
    """The next identifier, such as ``anlan.pinghu.EX.20210724T1620.3`` (city time, running)."""
    prefix = f"anlan.{city.id}.{STATUS_LETTERS[status]}."
    count = act.tx.execute(
        select(func.count()).select_from(A).where(A.c.id.startswith(prefix))
    ).scalar_one()
    return f"{prefix}{act.now.astimezone(city.zone):%Y%m%dT%H%M}.{count + 1}"


def insert_alert(act: Act, values: Mapping[str, Any]) -> None:
    """Add a row; what is not given is empty."""
    empty = {"sent_at": None, "onset_at": None, "cap_xml": None, "official": False, "issuer": ""}
    act.tx.execute(A.insert().values(**{**empty, **values}))


def change_alert(act: Act, alert_id: str, expected: str, **values: Any) -> bool:
    """Change a row that is in state ``expected``; False when somebody else was first."""
    done = act.tx.execute(
        update(A).where(A.c.id == alert_id, A.c.state == expected).values(**values)
    )
    return done.rowcount == 1


def waiting_colour(row: AlertRow) -> Colour:
    """The colour that a draft leads to: NONE for an all-clear."""
    return Colour.NONE if row.msg_type == "Cancel" else colour(row.colour)


def facts_of(conn: Connection, alert_id: str) -> dict[str, str]:
    """The numbers that an alert's texts use."""
    kept = get_meta(conn, f"alert.facts:{alert_id}")
    return dict(kept) if kept else {}


def facts_of_all(conn: Connection, alerts: Sequence[str]) -> dict[str, dict[str, str]]:
    """`facts_of` several alerts at once; one that has none is left out."""
    names = {f"alert.facts:{each}": each for each in alerts}
    rows = conn.execute(select(schema.meta).where(schema.meta.c.key.in_(list(names))))
    return {names[row.key]: dict(row.value) for row in rows if row.value}


def keep_facts(act: Act, alert_id: str, facts: Mapping[str, str]) -> None:
    """Keep the numbers with the alert, so that its texts say what was known at drafting."""
    set_meta(act.tx, f"alert.facts:{alert_id}", dict(facts))


def rule_states(conn: Connection) -> dict[tuple[str, str], dict[str, Any]]:
    """Memory of every rule and area."""
    return {
        (row.rule, row.area): dict(row.state)
        for row in conn.execute(select(schema.rule_state)).all()
    }


def keep_rule_state(act: Act, rule: str, area: str, state: Mapping[str, Any]) -> None:
    """Remember what a rule needs to know next time."""
    act.tx.execute(
        insert(act.tx, schema.rule_state)
        .values(rule=rule, area=area, state=dict(state))
        .on_conflict_do_update(index_elements=["rule", "area"], set_={"state": dict(state)})
    )


_PERSON = (
    P.c.id,
    P.c.role,
    P.c.tier,
    P.c.territory,
    case((P.c.language.startswith("en"), "en"), else_="zh"),
    P.c.lon,
    P.c.lat,
    P.c.place,
    P.c.deputy,
    P.c.opted_out,
    P.c.on_duty,
    P.c.phone_enc != "",
)
OFFICERS = P.c.tier != "resident"
READ_AT_ONCE = 1000  # rows


def people(conn: Connection, *among: ColumnElement[bool]) -> list[Someone]:
    """Everybody whom a message can reach (or those of them ``among`` whom), without names and
    addresses. Of a large city, residents are asked for by their area: see `residents_near`."""
    kinds: dict[str, set[str]] = {}
    for contact in conn.execute(select(C.c.person, C.c.kind)):
        kinds.setdefault(contact.person, set()).add(contact.kind)
    reached = {True: frozenset({PHONE}), False: frozenset[str]()}
    found = []
    rows = conn.execute(select(*_PERSON).where(P.c.erased_at.is_(None), *among).order_by(P.c.id))
    for part in rows.partitions(READ_AT_ONCE):
        for *values, has_phone in part:
            addresses = reached[bool(has_phone)]
            if values[0] in kinds:
                addresses = addresses | kinds[values[0]]
            found.append(Someone._make((*values, addresses)))
    return found


def residents_near(
    city: City, area: Sequence[str], polygon: shapely.Geometry | None = None
) -> ColumnElement[bool]:
    """The residents who live in an area, or whose position may lie in it.

    Of a polygon, those whose position may lie in it, and those of the area without a position.
    """
    units = [city.territory.unit(code).polygon for code in area]
    shapes = units if polygon is None else [polygon]
    boxes = [shape.bounds for shape in shapes if shape is not None]
    home: ColumnElement[bool] = func.substr(P.c.territory, 1, 12).in_(
        sorted(units_below(city.territory, area))
    )
    if polygon is not None:
        home = and_(or_(P.c.lon.is_(None), P.c.lat.is_(None)), home)
    near = [
        and_(P.c.lon.between(west, east), P.c.lat.between(south, north))
        for west, south, east, north in boxes
    ]
    return and_(P.c.tier == "resident", or_(home, *near))


def area_names(city: City, area: str, language: str = "zh") -> str:
    """The names of an area's units, joined as the language does."""
    units = [city.territory.unit(code) for code in area.split()]
    if language == "en":
        return ", ".join(unit.name_en or unit.name for unit in units)
    return "、".join(unit.name for unit in units)


def is_public(city: City, event: str) -> bool:
    """Whether the city may tell the public about this kind of event itself."""
    return event in public_events(city)


def public_events(city: City) -> list[str]:
    """The kinds of event that the city may tell the public about itself."""
    authority = city.settings.get("authority") or {}
    return [str(event) for event in authority.get("public", ())]


def local(city: City, moment: datetime | None, language: str = "zh") -> str:
    """A time as people read it, in the city's zone; empty for none."""
    if moment is None:
        return ""
    here = moment.astimezone(city.zone)
    return f"{here.month}月{here.day}日{here:%H:%M}" if language == "zh" else f"{here:%d %b %H:%M}"


def whole_seconds(moment: datetime) -> datetime:
    """CAP knows whole seconds."""
    return moment.replace(microsecond=0)
