"""Pinghu with few people and a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from anlan.city import City
from anlan.journal import Act
from anlan.observe import Reading, archive
from anlan.store import Store, schema
from anlan.warn import actions, exercise_outlets
from anlan.warn.channels import Outlet

START = datetime(2021, 7, 25, 0, 0, tzinfo=UTC)


def person(name: str, role: str, tier: str, territory: str, **changes: Any) -> dict[str, Any]:
    """A row of ``person``; encryption belongs to another stage."""
    row = {
        "id": name,
        "account": None,
        "name_enc": "sealed",
        "phone_enc": "sealed",
        "role": role,
        "tier": tier,
        "territory": territory,
        "language": "zh",
        "lon": None,
        "lat": None,
        "place": None,
        "deputy": None,
        "opted_out": False,
        "on_duty": True,
        "synthetic": True,
    }
    return {**row, **changes}


ZHAPU = "330482101000"
PEOPLE = [
    person("commander", "commander", "city", "330482000000"),
    person("water", "liaison", "department", "330482000000"),
    person("zhapu-officer", "town_officer", "town", ZHAPU),
    person("xindai-officer", "town_officer", "town", "330482102000"),
    person("zhapu-village", "village_officer", "community", ""),
    person("zhapu-grid", "grid_worker", "grid", ""),
    person("zhapu-volunteer", "volunteer", "grid", ""),
    person("zhapu-resident", "resident", "resident", ""),
    person("no-phone", "resident", "resident", "", phone_enc=""),
    person("opted-out", "resident", "resident", "", opted_out=True),
]


class World:
    """A store with accounts and people, and a clock that the test moves."""

    def __init__(self, city: City, folder: Path) -> None:
        self.city = city
        self.folder = folder
        self.store = Store(folder)
        self.now = START

    def settle(self) -> None:
        """Put accounts and people into a new store."""
        village = self.city.territory.children(ZHAPU)[0].code
        with self.store.transaction() as tx:
            tx.execute(
                schema.person.insert(),
                [{**row, "territory": row["territory"] or village} for row in PEOPLE],
            )
            tx.execute(
                schema.account.insert(),
                [
                    {
                        "id": name,
                        "name": name,
                        "name_en": name,
                        "role": role,
                        "territory": "330482000000",
                        "department": None,
                        "disabled": False,
                    }
                    for name, role in (
                        ("duty-1", "duty_officer"),
                        ("duty-2", "duty_officer"),
                        ("boss", "commander"),
                        ("liaison", "liaison"),
                    )
                ],
            )

    def act(self, actor: str, do: Callable[[Act], Any], on_behalf: str | None = None) -> Any:
        """Do something as ``actor`` now, in one transaction."""
        with self.store.transaction() as tx:
            return do(Act(tx, self.now, actor, on_behalf))

    def forward(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def read(self, station: str, *values: float | None, step: int = 10) -> None:
        """Readings of a station, the last one now, ``step`` minutes apart."""
        series = self.city.stations[station].series
        first = self.now - timedelta(minutes=step * (len(values) - 1))
        readings = [
            Reading(
                series,
                first + timedelta(minutes=step * number),
                value,
                first + timedelta(minutes=step * (number - 1)),
                "ok" if value is not None else "missing",
            )
            for number, value in enumerate(values)
        ]
        self.act("system", lambda act: archive.add(act.tx, readings, self.now))

    def evaluate(self, *runs: dict[str, Any]) -> list[str]:
        """Apply the rules to the readings and runs (newest first)."""
        given = [(f"run-{run['issued']}", run) for run in runs]
        result: list[str] = self.act("system", lambda act: actions.evaluate(act, self.city, given))
        return result

    def approve(self, alert: str, *officers: str) -> None:
        """Approve as each of the officers."""
        for officer in officers:
            self.act(officer, lambda act: actions.approve(act, self.city, alert))

    def fire(self) -> int:
        """Fire what is due."""
        count: int = self.act("system", lambda act: actions.fire_timers(act, self.city))
        return count

    def deliver(self, outlets: dict[str, Outlet] | None = None) -> dict[str, int]:
        """Hand everything over."""
        chosen = outlets or exercise_outlets(self.city, self.folder / "outbox")
        return dict(actions.deliver(self.store, self.now, chosen))

    def rows(self, table: Any, **wanted: Any) -> Sequence[Any]:
        """Rows of a table with these values."""
        query = table.select()
        for name, value in wanted.items():
            query = query.where(table.c[name] == value)
        with self.store.read() as conn:
            return conn.execute(query).all()

    def journal(self, kind: str) -> Sequence[Any]:
        """Journal entries of a kind."""
        return self.rows(schema.journal, kind=kind)


def tide_run(issued: datetime, peaks: Sequence[float], hours: float = 18.0) -> dict[str, Any]:
    """An assessment of a run whose members peak at these levels (m, 1985), all at one time."""
    at = (issued + timedelta(hours=hours)).isoformat()
    ordered = sorted(peaks)
    return {
        "issued": issued.isoformat(),
        "horizon_h": 48,
        "tide": {
            "station": "zhapu",
            "peak": {"p10": ordered[0], "p50": ordered[len(ordered) // 2], "p90": ordered[-1]},
            "peak_time": at,
            "exceedance": [],
            "member_peaks": [{"peak_m": peak, "time": at} for peak in peaks],
        },
        "towns": [],
        "places": [],
    }


def town_run(issued: datetime, **measures: float) -> dict[str, Any]:
    """An assessment of a run with one town."""
    empty = {
        "attention_probability": 0.0,
        "danger_probability": 0.0,
        "places_attention_p50": 0,
        "places_danger_p50": 0,
        "max_rain_3h_p50": 0,
        "max_rain_12h_p50": 0,
        "residents_p50": 0,
    }
    return {
        "issued": issued.isoformat(),
        "horizon_h": 48,
        "tide": None,
        "towns": [{"code": ZHAPU, "onset": None, **empty, **measures}],
        "places": [],
    }
