"""``official.toml`` of a city folder: whose warnings are taken in, and by which keys.

::

    [source]
    owner = "平湖市气象局"
    licence = "government warning, relayed with its issuer"
    quality = "checked"
    cadence_minutes = 1
    time_out_s = 20

    [[feed]]
    id = "met"
    url = "https://example.cn/alerts/atom.xml"   # Atom, RSS, or one CAP document
    hosts = ["cap.example.cn"]                   # other hosts that its entries may link to

    [[feed]]
    id = "drop"
    folder = "inbox/official"                    # or a folder below the data folder

    [[sender]]
    id = "33048241600000"                        # as in the sender of its messages
    name = "平湖市气象台"
    name_en = "Pinghu Meteorological Observatory"
    certificates = ["keys/pinghu-met.pem"]       # pinned keys, files of the city folder
    area = "330482000000"                        # where a message names no place

    [events]                                     # event code = this city's word for it
    "11B03" = "暴雨"

A sender without certificates is shown as unverified and never acts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from anlan.cap import load_certificates
from anlan.city import City
from anlan.observe.official import Sender
from anlan.observe.sources.source import Origin
from anlan.observe.sources.table import Table

FILE = "official.toml"
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")


@dataclass(frozen=True)
class Feed:
    """One place where warnings come from: ``url`` or ``folder``, the other is empty.

    Attributes:
        hosts: hosts that documents may be fetched from: the feed's own and those named.
    """

    id: str
    url: str
    folder: str
    hosts: frozenset[str]
    every: timedelta


@dataclass(frozen=True)
class Settings:
    """What ``official.toml`` says beside ``[source]``."""

    feeds: tuple[Feed, ...]
    senders: Mapping[str, Sender]
    events: Mapping[str, str]
    time_out_s: float


def read_settings(city: City, origin: Origin, table: Table) -> Settings:
    """The settings. Raises `Refusal` naming key and remedy."""
    table.known("feed", "sender", "events")
    feeds: dict[str, Feed] = {}
    for each in table.tables("feed"):
        feed = _feed(each, origin)
        if feed.id in feeds:
            raise each.wrong("id", feed.id, "stands twice", "an id of its own")
        feeds[feed.id] = feed
    senders: dict[str, Sender] = {}
    for each in table.tables("sender", []):
        sender = _sender(each, city)
        if sender.id in senders:
            raise each.wrong("id", sender.id, "stands twice", "each sender once")
        senders[sender.id] = sender
    events = table.table("events", {})
    named = {code: events.text(code, "the city's word for it") for code in events.values}
    return Settings(tuple(feeds.values()), senders, named, origin.time_out_s)


def web_address(table: Table, key: str = "url") -> str:
    """An http or https address under ``key``, empty where there is none."""
    url = table.text(key, "https://…", "")
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or any(letter.isspace() for letter in url):
        raise table.wrong(key, url, "is not a web address", "https://example.cn/feed.xml")
    return url


def identifier(table: Table) -> str:
    """The ``id`` of a table: short, lower case."""
    found = table.text("id", "a short name such as met")
    if not ID.fullmatch(found):
        raise table.wrong("id", found, "is not of lower-case letters, digits and -", "such as met")
    return found


def drop_folder(table: Table) -> str:
    """A folder below the data folder, empty where there is none."""
    folder = table.text("folder", "inbox/official", "")
    if folder and (Path(folder).is_absolute() or ".." in Path(folder).parts):
        raise table.wrong("folder", folder, "leaves the data folder", "such as inbox/official")
    return folder


def every(table: Table, origin: Origin) -> timedelta:
    """How often it is asked: ``every_s``, else the cadence of the source; 1 s at least."""
    seconds = table.positive("every_s", origin.cadence.total_seconds())
    return timedelta(seconds=max(1.0, seconds))


def _feed(table: Table, origin: Origin) -> Feed:
    table.known("id", "url", "folder", "hosts", "every_s")
    url, folder = web_address(table), drop_folder(table)
    if bool(url) == bool(folder):
        raise table.wrong("url", None, "or folder is needed, not both", 'url = "https://…"')
    hosts = {urlsplit(url).hostname or ""} if url else set()
    for host in table.values.get("hosts", []):
        if not isinstance(host, str) or not re.fullmatch(r"[A-Za-z0-9.:-]{1,253}", host):
            raise table.wrong("hosts", host, "is not a list of hosts", '["cap.example.cn"]')
        hosts.add(host.lower())
    return Feed(identifier(table), url, folder, frozenset(hosts), every(table, origin))


def _sender(table: Table, city: City) -> Sender:
    table.known("id", "name", "name_en", "certificates", "area")
    area = table.text("area", "a territory code", "")
    if area and area not in city.territory:
        raise table.wrong("area", area, "is not in territory.csv", "a code of territory.csv")
    certificates: list[x509.Certificate] = []
    names = table.values.get("certificates", [])
    if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
        raise table.wrong("certificates", names, "is not a list of files", '["keys/met.pem"]')
    for name in names:
        try:
            certificates += load_certificates((city.folder / name).read_bytes())
        except OSError as problem:
            words = f"cannot be read ({problem.strerror})"
            raise table.wrong(
                "certificates", name, words, "a PEM file of the city folder"
            ) from None
        except ValueError:
            raise table.wrong(
                "certificates", name, "holds no certificate", "a PEM file (BEGIN CERTIFICATE)"
            ) from None
    sender = table.text("id", "the sender as in its messages")
    return Sender(
        sender,
        table.text("name", "the authority's name"),
        table.text("name_en", "", ""),
        tuple(certificates),
        area,
    )
