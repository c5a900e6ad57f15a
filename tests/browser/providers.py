"""A city on the real clock, cleared to send, whose providers are servers of the test."""

from __future__ import annotations

import csv
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn
from aiosmtpd.controller import Controller
from fastapi.testclient import TestClient

from anlan import warn
from anlan.access import issue, seed_accounts
from anlan.access.desk import WALL, Desk
from anlan.access.vault import Vault, seed_people
from anlan.chain import Chain
from anlan.city import City, load
from anlan.clock import RealClock
from anlan.journal import Act
from anlan.service.app import create_app
from anlan.service.live_chain import LiveChain
from anlan.store import Store
from tests.warn.channels.office import free_port
from tests.warn.channels.smsc import Centre
from tests.warn.channels.test_dingtalk_robot import SECRET, Group
from tests.warn.channels.test_mail import Relay
from tests.warn.channels.web import Provider

KEPT = ("PE0001", "PE0002", "PE0003", "PE0004", "PE0033", "PE0142", "PE0143", "PE0145")
TOWN, VILLAGE, GRID, NO_PHONE = "PE0033", "PE0142", "PE0143", "PE0145"
LETTERS = "zhapu@town.example"
RULES = """
approver_roles = ["commander", "duty_officer"]
lower_hold_minutes = 0.02
[approve_within_minutes]
orange = 15
[[rule]]
id = "tide"
event = "storm_tide"
name = "风暴潮"
name_en = "Storm tide"
code = "11E02"
categories = ["Met"]
source = "test"
areas = [["330482101000"]]
[rule.levels]
stations = ["zhapu"]
datum = "gauge_zero_zhapu"
colours = { orange = 6.40 }
hold_minutes = 0
fall_minutes = 0.05
fall_by_m = 0.05
max_gap_minutes = 90
near_m = 0.1
"""
REPLY = """
[reply]
url = "URL"
channels = ["email"]
zh = "回复：{link}"
en = " Reply: {link}"
"""


@dataclass
class Live:
    """A running desk, and the other sides of its channels."""

    city: City
    store: Store
    url: str
    app: Any
    centre: Centre
    group: Group
    dingtalk: Provider
    relay: Relay

    def link(self, account: str) -> str:
        """The path of a one-time sign-in link."""
        with self.store.transaction() as tx:
            token = issue(Act(tx, RealClock().now(), "system"), account, "link", WALL.now())
        return f"/signin/{token}"

    def tide(self, *levels: float) -> None:
        """Readings of the gauge, m above its zero, a second apart, the last one now."""
        with self.store.transaction() as tx:
            act = Act(tx, RealClock().now(), "system")
            admin = next(a.id for a in self.city.accounts.values() if a.role == "admin")
            token = issue(act, admin, "key", WALL.now(), station="zhapu")
        rows = [
            {
                "series": "zhapu.tide",
                "valid_at": (act.now - timedelta(seconds=back)).isoformat(),
                "value": level,
                "unit": "m",
                "datum": "gauge_zero_zhapu",
            }
            for back, level in enumerate(reversed(levels))
        ]
        with TestClient(self.app) as client:
            headers = {"Authorization": f"Bearer {token}"}
            answer = client.post("/api/v1/readings", json={"readings": rows}, headers=headers)
        assert answer.status_code == 200, answer.text

    def sms(self) -> list[tuple[str, str]]:
        """(number, text) of what the message centre took; parts of long ones one by one."""
        return [
            (each.to[-11:], each.octets.decode("utf-16-be", "replace"))
            for each in self.centre.taken
        ]

    def number(self, person: str) -> str:
        """A person's telephone number, as the test's own file has it."""
        return next(each.phone for each in self.city.people if each.id == person)


def _lay(pinghu: City, folder: Path, url: str, ports: dict[str, int]) -> City:
    city = folder / "city"
    shutil.copytree(pinghu.folder, city, ignore=shutil.ignore_patterns("events", "generator"))
    (city / "rules.toml").write_text(RULES, "utf-8")
    _change(city / "city.toml", "[sender]\n", "[sender]\nactual = true\n")
    texts = city / "messages.toml"
    _change(texts, 'city = ["dingtalk", "sms", "voice"]', 'city = ["dingtalk", "sms"]')
    _change(texts, 'town = ["dingtalk", "sms", "voice"]', 'town = ["email", "sms"]')
    _change(texts, 'community = ["dingtalk", "sms", "voice"]', 'community = ["sms"]')
    _change(texts, 'grid = ["sms", "voice", "dingtalk"]', 'grid = ["sms"]')
    _change(texts, "community = 15", "community = 0.05")
    with texts.open("a", encoding="utf-8") as file:
        file.write(REPLY.replace("URL", url))
    with (city / "people.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["id"] in KEPT]
    for row in rows:
        row["deputy"] = ""
        row["phone"] = "" if row["id"] == NO_PHONE else row["phone"]
    with (city / "people.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    (city / "contacts.csv").write_text(f"person,kind,address\n{TOWN},email,{LETTERS}\n", "utf-8")
    (city / "channels.toml").write_text(
        f"""
[sms]
kind = "smpp"
host = "127.0.0.1"
port = {ports["sms"]}
user = "anlan"
sender = "10690330482"
settle_s = 1
[dingtalk]
kind = "dingtalk_robot"
url = "http://127.0.0.1:{ports["dingtalk"]}"
settle_s = 1
[email]
kind = "email"
host = "127.0.0.1"
port = {ports["email"]}
security = "none"
sender = "alert@pinghu.example"
""",
        "utf-8",
    )
    return load(city)


def _change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text, old
    file.write_text(text.replace(old, new, 1), "utf-8")


@contextmanager
def live_desk(pinghu: City, store: Store, folder: Path, web: Path) -> Iterator[Live]:
    """The desk as `anlan serve` runs it, without forecasts, and its providers."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    centre, group, relay, smtp = Centre(), Group(), Relay(), free_port()
    dingtalk = Provider(group.answer)
    letters = Controller(relay, hostname="127.0.0.1", port=smtp)
    letters.start()
    ports = {"sms": centre.port, "dingtalk": int(dingtalk.url.rsplit(":", 1)[1]), "email": smtp}
    city, clock, vault = _lay(pinghu, folder, url, ports), RealClock(), Vault.of(store)
    with store.transaction() as tx:
        seed_accounts(tx, city)
        seed_people(Act(tx, clock.now(), "system"), city, vault)
        warn.seed_contacts(Act(tx, clock.now(), "system"), city, vault)
    outlets = warn.live_outlets(city, store.data_dir / "outbox", store, clock, vault)
    senders = warn.Senders(store, clock, outlets, period_s=0.1)
    loop = LiveChain(Chain(city, store, clock, None, None), clock, period=0.2)
    app = create_app(Desk(city, store, clock), web, None, lambda: loop.problem)
    app.state.lines = senders.lines
    with _serving(app, port):
        loop.start()
        senders.start()
        try:
            yield Live(city, store, url, app, centre, group, dingtalk, relay)
        finally:
            loop.stop()
            senders.stop()
            centre.close()
            dingtalk.close()
            letters.stop()


@contextmanager
def _serving(app: Any, port: int) -> Iterator[None]:
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="error", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=10)


SECRETS = {
    "ANLAN_CHANNEL_SMS_PASSWORD": "secret",
    "ANLAN_CHANNEL_DINGTALK_TOKEN": "tok",
    "ANLAN_CHANNEL_DINGTALK_SECRET": SECRET,
}


def eventually(true: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Wait until something holds."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"never: {what}"
        time.sleep(0.05)
