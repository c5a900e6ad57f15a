"""``mqtt.toml`` of a city folder: which broker, which topics, and whose readings they carry.

::

    [source]                            # as for every source
    owner = "平湖市水利局"
    licence = "own network"
    quality = "automatic"
    cadence_minutes = 5

    [broker]
    url = "mqtts://hub.pinghu.lan:8883" # or mqtt://; the variable ANLAN_MQTT_URL stands before it
    client = "anlan-pinghu"             # under this name the broker keeps what came meanwhile
    version = "5"                       # or "3.1.1"
    ca = "broker-ca.pem"                # a file beside this one; default: the system's authorities

    [queue]                             # on disk, while the database is away
    most_mb = 512
    folder = "/var/spool/anlan"         # default: mqtt/ in the data folder

    [sensorthings]                      # OGC SensorThings 1.1, clauses 12 and 13
    root = "v1.1"                       # the first level of its topics
    address = "https://desk.pinghu.lan/sta/v1.1"   # for the links in what is told

    [[topic]]                           # rows as over HTTP, of the station that the topic names
    filter = "stations/{station}/readings"

    [[topic]]                           # anything else: where what stands
    filter = "hydro/0012/up"
    items = "data.records"              # the list of readings; default: the message itself
    time = "unix_ms"                    # iso (default), unix_s or unix_ms
    zone = "Asia/Shanghai"              # of times without one; default: they are refused
    [topic.keys]
    valid_at = "ts"
    [topic.series]                      # where in a reading = series of the city
    "values.z" = "danghu-level.river_level"

User and password come from ANLAN_MQTT_USER and ANLAN_MQTT_PASSWORD, or stand in ANLAN_MQTT_URL.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from anlan.city import City
from anlan.observe.sources.mqtt.topics import Topic, read_topic
from anlan.observe.sources.source import Origin
from anlan.observe.sources.table import Table

FILE = "mqtt.toml"
URL, USER, PASSWORD = "ANLAN_MQTT_URL", "ANLAN_MQTT_USER", "ANLAN_MQTT_PASSWORD"
PORTS = {"mqtt": 1883, "mqtts": 8883}
MB = 1_000_000


@dataclass(frozen=True)
class Broker:
    """Where the broker is, and as whom the desk comes to it."""

    host: str
    port: int
    tls: bool
    client: str
    version: Literal["5", "3.1.1"]
    ca: Path | None = None
    user: str | None = None
    password: str | None = None

    @property
    def words(self) -> str:
        """Its address for people, without user and password."""
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"


@dataclass(frozen=True)
class Settings:
    """What ``mqtt.toml`` says.

    Attributes:
        sensorthings: the first level of the SensorThings topics; empty: none.
        address: of the SensorThings service.
        most_queued: bytes that the queue on disk may take.
        queue: its folder; None: in the data folder.
    """

    origin: Origin
    broker: Broker
    topics: tuple[Topic, ...]
    sensorthings: str
    address: str
    most_queued: int
    queue: Path | None

    @property
    def filters(self) -> tuple[str, ...]:
        """What to subscribe to."""
        found = [topic.subscription for topic in self.topics]
        if self.sensorthings:
            found += [f"{self.sensorthings}/+/Observations", f"{self.sensorthings}/Observations"]
        return tuple(dict.fromkeys(found))


def read_settings(
    city: City, origin: Origin, table: Table, environment: Mapping[str, str] = os.environ
) -> Settings:
    """What the file says. Raises `Refusal` naming key, value and remedy."""
    table.known("broker", "queue", "sensorthings", "topic")
    queue = table.table("queue", {})
    queue.known("most_mb", "folder")
    things = table.table("sensorthings", {})
    things.known("root", "address")
    root = things.text("root", "v1.1", "v1.1") if "sensorthings" in table else ""
    topics = tuple(read_topic(city, origin, each) for each in table.tables("topic", []))
    if not topics and not root:
        raise table.wrong("topic", None, "is missing", "[[topic]], or [sensorthings]")
    folder = queue.text("folder", "a folder", "")
    return Settings(
        origin,
        _broker(city, table.table("broker"), environment),
        topics,
        root,
        things.text("address", "https://desk.pinghu.lan/sta/v1.1", "/sta/v1.1").rstrip("/"),
        int(queue.positive("most_mb", 512.0) * MB),
        Path(folder) if folder else None,
    )


def _broker(city: City, table: Table, environment: Mapping[str, str]) -> Broker:
    table.known("url", "client", "version", "ca")
    remedy = "a URL such as mqtts://hub.pinghu.lan:8883"
    written = environment.get(URL) or table.text("url", remedy)
    # what the variable holds may hold a password
    shown = None if URL in environment else written
    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError as problem:
        raise table.wrong("url", shown, f"cannot be read ({problem})", remedy) from problem
    if parts.scheme not in PORTS or not parts.hostname:
        raise table.wrong("url", shown, "is not of mqtt:// or mqtts://", remedy)
    if parts.path.strip("/") or parts.query:
        raise table.wrong("url", shown, "goes on after the port", remedy)
    if URL not in environment and (parts.username or parts.password):
        what = "holds a user or password, which do not belong in a file"
        raise table.wrong("url", None, what, f"them to {USER} and {PASSWORD}")
    version = table.one_of("version", ("5", "3.1.1"), "5")
    named = table.text("ca", "a file beside this one", "")
    ca = city.folder / named if named else None
    if ca is not None and not ca.is_file():
        raise table.wrong("ca", named, "is not a file of the city folder", "its name")
    user = unquote(parts.username) if parts.username else environment.get(USER)
    password = unquote(parts.password) if parts.password else environment.get(PASSWORD)
    return Broker(
        parts.hostname,
        port or PORTS[parts.scheme],
        parts.scheme == "mqtts",
        table.text("client", "a name such as anlan-pinghu", f"anlan-{city.id}"),
        "5" if version == "5" else "3.1.1",
        ca,
        user,
        password,
    )
