"""``/metrics`` for Prometheus: how the desk and its chain stand, in numbers alone.

Each family asks for a right of the desk; who lacks it gets the others. No person, household or
free text leaves by it: labels are states, colours, kinds and ids of stations. Counts are of what
the store holds now, so they are gauges; times are seconds since 1970 UTC, of the desk's own clock.
Exposition format: Prometheus text 0.0.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection, func, select

from anlan import __version__
from anlan.access.desk import Desk, DeskHere, Viewer
from anlan.access.rights import CITY_WIDE, Right
from anlan.store import schema

pages = APIRouter(tags=["metrics"])
FORMAT = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[Mapping[str, str], float]


@dataclass(frozen=True)
class Family:
    """A name, what it counts, the right it asks for, and where its samples come from.

    ``whole``: of the whole city, so only for those whose part is the whole city.
    """

    name: str
    help: str
    right: Right
    read: Callable[[Connection, Desk], Iterable[Sample]]
    whole: bool = False


def _count(table: object, *columns: str) -> Callable[[Connection, Desk], Iterator[Sample]]:
    """Rows of a table by some of its columns."""

    def read(conn: Connection, desk: Desk) -> Iterator[Sample]:
        found = [table.c[name] for name in columns]  # type: ignore[attr-defined]
        for row in conn.execute(select(*found, func.count()).group_by(*found).order_by(*found)):
            yield dict(zip(columns, (str(each) for each in row[:-1]), strict=True)), row[-1]

    return read


def _readings(conn: Connection, desk: Desk) -> Iterator[Sample]:
    O = schema.observation  # noqa: E741
    for station in desk.city.stations.values():
        # the newest row of one series is one step in the table's own key
        newest = conn.execute(
            select(func.max(O.c.valid_at)).where(O.c.series == station.series)
        ).scalar_one()
        if newest is not None:
            yield {"station": station.id, "quantity": station.quantity}, _seconds(newest)


def _run(conn: Connection, desk: Desk) -> Iterator[Sample]:
    R = schema.run
    newest = conn.execute(
        select(func.max(R.c.issued_at)).where(R.c.state == "published")
    ).scalar_one()
    if newest is not None:
        yield {}, _seconds(newest)


def _overdue(conn: Connection, desk: Desk) -> Iterator[Sample]:
    T = schema.task
    late = (T.c.done_at.is_(None), T.c.state.not_in(("done", "expired", "declined")))
    due = conn.execute(
        select(func.count()).where(*late, T.c.due_at < desk.clock.now())
    ).scalar_one()
    yield {}, due


def _timers(conn: Connection, desk: Desk) -> Iterator[Sample]:
    X = schema.timer
    due = conn.execute(
        select(func.count()).where(X.c.fired_at.is_(None), X.c.due_at < desk.clock.now())
    ).scalar_one()
    yield {}, due


def _journal(conn: Connection, desk: Desk) -> Iterator[Sample]:
    yield {}, conn.execute(select(func.max(schema.journal.c.seq))).scalar_one() or 0


FAMILIES = (
    Family(
        "anlan_station_newest_seconds", "Time of each station's newest reading", "view", _readings
    ),
    Family("anlan_forecast_newest_seconds", "Issue time of the newest published run", "view", _run),
    Family("anlan_forecast_runs", "Forecast runs by state", "view", _count(schema.run, "state")),
    Family(
        "anlan_alerts",
        "Alert versions by state, colour and status",
        "view",
        _count(schema.alert, "state", "colour", "status"),
    ),
    Family(
        "anlan_cases",
        "Cases by kind and state",
        "view",
        _count(schema.case_item, "kind", "state"),
        whole=True,
    ),
    Family("anlan_tasks", "Tasks by state", "view", _count(schema.task, "state"), whole=True),
    Family(
        "anlan_tasks_overdue", "Tasks past their time and not done", "view", _overdue, whole=True
    ),
    Family("anlan_timers_overdue", "Timers that are due and have not fired", "view", _timers),
    Family(
        "anlan_deliveries",
        "Messages by channel and state",
        "people",
        _count(schema.delivery, "channel", "state"),
    ),
    Family("anlan_journal_entries", "Entries of the journal", "journal", _journal),
)


@pages.get("/metrics", include_in_schema=False)
def metrics(request: Request, desk: DeskHere, caller: Viewer) -> Response:
    """What the caller's rights show of the desk, for Prometheus; ask with a Bearer key."""
    view = request.app.state.clock_view()
    about = {"city": desk.city.id, "version": __version__, "exercise": str(desk.exercise).lower()}
    lines = [
        *_family("anlan_info", "This desk", [(about, 1)]),
        *_family("anlan_clock_seconds", "The desk's own time", [({}, _seconds(desk.clock.now()))]),
        *_family("anlan_ready", "0 while a step of the chain fails", [({}, not view["problem"])]),
    ]
    city_wide = caller.role in CITY_WIDE
    with desk.store.read() as conn:
        for each in FAMILIES:
            if each.right in caller.rights and (city_wide or not each.whole):
                lines += _family(each.name, each.help, each.read(conn, desk))
    return Response("".join(f"{line}\n" for line in lines), media_type=FORMAT)


def _family(name: str, words: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {name} {words}"
    yield f"# TYPE {name} gauge"
    for labels, value in samples:
        inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"{name}{{{inside}}} {float(value):.15g}" if inside else f"{name} {float(value):.15g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _seconds(moment: datetime) -> float:
    return moment.timestamp()
