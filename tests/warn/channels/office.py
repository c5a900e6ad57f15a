"""A desk with three people and one alert, whose channels reach servers of the test."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import select

from anlan.access.vault import Vault
from anlan.city import City, Person
from anlan.clock import SteppedClock
from anlan.journal import Act
from anlan.store import Store, schema
from anlan.warn import actions, live_outlets, seed_contacts
from anlan.warn.channels import Outlet
from anlan.warn.channels.channel import Line
from anlan.warn.delivery import key
from tests.warn.world import person

START = datetime(2026, 7, 25, 0, 0, tzinfo=UTC)
PHONES = {"wang": "13900000001", "li": "13900000002", "zhao": "13900000003"}
MESSAGES = """
[channels]
grid = ["NAME", "voice"]
[needs_phone]
channels = ["voice"]
[acknowledge_minutes]
grid = 15
[text.default.default]
zh = "{area}"
en = "{area}"
[text.escalation.default]
zh = "{waiting}"
en = "{waiting}"
"""


def wait_for(true: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until something holds; what runs beside the test has no clock of ours."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it never came about"
        time.sleep(0.005)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Office:
    """A store, a clock that the test moves, and the outlets of a city folder of its own."""

    def __init__(self, city: City, folder: Path) -> None:
        self.folder = folder / "city"
        self.folder.mkdir()
        self.clock = SteppedClock(START)
        self.store = Store(folder / "data")
        (folder / "data.key").write_bytes(Fernet.generate_key())
        self.vault = Vault.of(self.store)
        everybody = tuple(
            Person(
                id=name,
                account="",
                name=name,
                phone=phone,
                role="grid_worker",
                tier="grid",
                territory="330482101000",
                language="zh",
                lon=121.0,
                lat=30.6,
                place="",
                deputy="",
                opted_out=False,
                on_duty=True,
                synthetic=True,
            )
            for name, phone in PHONES.items()
        )
        settings = {"sender": {**city.settings["sender"], "actual": True}}
        self.city = replace(city, folder=self.folder, people=everybody, settings=settings)
        self.outlets: dict[str, Outlet] = {}
        with self.store.transaction() as tx:
            tx.execute(
                schema.person.insert(),
                [
                    person(
                        each.id,
                        "grid_worker",
                        "grid",
                        each.territory,
                        name_enc=self.vault.seal(each.name),
                        phone_enc=self.vault.seal(each.phone),
                    )
                    for each in everybody
                ],
            )
            for status in ("Actual", "Exercise"):
                tx.execute(schema.alert.insert().values(**alert(status)))

    def allow(self, network: str) -> None:
        """Let the city ask servers in this network."""
        fetch = {"allow": [network]}
        self.city = replace(self.city, settings={**self.city.settings, "fetch": fetch})

    def configure(
        self, channel: str, table: str, contacts: Mapping[str, str] | None = None
    ) -> Line:
        """Open the one channel that ``table`` describes; contacts: "person,kind" -> address."""
        (self.folder / "messages.toml").write_text(MESSAGES.replace("NAME", channel), "utf-8")
        (self.folder / "channels.toml").write_text(f"[{channel}]\n{table}", "utf-8")
        rows = [
            f'{who},"{at.replace(chr(34), chr(34) * 2)}"' for who, at in (contacts or {}).items()
        ]
        (self.folder / "contacts.csv").write_text(
            "\n".join(["person,kind,address", *rows]) + "\n", "utf-8"
        )
        with self.store.transaction() as tx:
            seed_contacts(Act(tx, self.clock.now(), "system"), self.city, self.vault)
        outbox = self.folder.parent / "outbox"
        self.outlets = dict(live_outlets(self.city, outbox, self.store, self.clock, self.vault))
        line = self.outlets[channel]
        assert isinstance(line, Line)
        return line

    def plan(
        self, channel: str, who: str, body: str = "水位上涨，请转移。", status: str = "Actual"
    ) -> str:
        """Plan a message; returns the delivery's id."""
        name = key(status, 1, who, channel)
        with self.store.transaction() as tx:
            tx.execute(
                schema.delivery.insert().values(
                    id=name,
                    alert=status,
                    version=1,
                    person=who,
                    channel=channel,
                    tier="grid",
                    state="planned",
                    body=body,
                    planned_at=self.clock.now(),
                    ack_due_at=self.clock.now() + timedelta(minutes=15),
                )
            )
        return name

    def deliver(self) -> dict[str, int]:
        """Hand over what the outlets have room for; the states that there are."""
        counts = actions.deliver(self.store, self.clock.now(), self.outlets)
        return {state: number for state, number in counts.items() if number}

    def forward(self, **span: float) -> None:
        """Let time pass, and let due timers fire."""
        self.clock.step_to(self.clock.now() + timedelta(**span))
        with self.store.transaction() as tx:
            actions.fire_timers(Act(tx, self.clock.now(), "system"), self.city)

    def row(self, delivery: str) -> Any:
        """A delivery as it stands."""
        with self.store.read() as conn:
            table = schema.delivery
            return conn.execute(select(table).where(table.c.id == delivery)).one()

    def rows(self, **wanted: Any) -> list[Any]:
        """Deliveries with these values."""
        query = select(schema.delivery)
        for name, value in wanted.items():
            query = query.where(schema.delivery.c[name] == value)
        with self.store.read() as conn:
            return list(conn.execute(query).all())

    def everything_on_disk(self) -> bytes:
        """All bytes of the store."""
        return b"".join(
            file.read_bytes() for file in self.store.data_dir.rglob("*") if file.is_file()
        )

    def close(self) -> None:
        """Stop the lines, and close the store."""
        for outlet in self.outlets.values():
            if isinstance(outlet, Line):
                outlet.stop()
        self.store.close()


def alert(status: str) -> dict[str, Any]:
    """The row of an alert that is out."""
    return {
        "id": status,
        "chain": status,
        "version": 1,
        "rule": "hand",
        "area": "330482101000",
        "area_name": "乍浦镇",
        "event": "waterlogging",
        "event_name": "内涝",
        "colour": "red",
        "msg_type": "Alert",
        "status": status,
        "state": "issued",
        "official": False,
        "issuer": "",
        "drafted_at": START,
        "sent_at": START,
        "onset_at": START,
        "expires_at": START + timedelta(hours=6),
        "headline": "",
        "description": "",
        "instruction": "",
        "grounds": [],
        "references": [],
        "cap_xml": None,
        "approvals_needed": 1,
    }
