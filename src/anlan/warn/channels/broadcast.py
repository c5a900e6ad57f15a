"""Loudspeakers and LED boards, by MQTT: a message to the topic of each device.

::

    [speakers]
    kind = "mqtt"
    url = "mqtts://broker.pinghu.example:8883"  # mqtt only within a network of your own
    client = "anlan-speakers"
    ca = "/etc/anlan/broker-ca.pem"             # default: the system's authorities
    receipts = "speakers/receipts"              # where devices say what they did; default: nowhere
    longest = 500                               # characters that a device can show or read
    expire_s = 3600                             # a device that is away for longer hears it no more
    # ANLAN_CHANNEL_<NAME>_USER and ANLAN_CHANNEL_<NAME>_PASSWORD, where the broker wants them

A device belongs to whoever answers for it: its topic stands in ``contacts.csv`` (kind ``mqtt``).
A message is JSON (``delivery``, ``alert``, ``text``, ``repeat``) with QoS 1, not retained. Accepted
means that the broker acknowledged it; "no matching subscribers" refuses it for good. A device's
receipt is ``{"delivery": id, "state": "delivered" or "failed"}``; the broker's access list says
who may write there.
"""

from __future__ import annotations

import json
import logging
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from anlan.observe.sources import Table
from anlan.refusal import Refusal
from anlan.warn.channels.channel import Channel, Common, Line, Setup
from anlan.warn.channels.outlet import ActualMessage, Handed, Outcome
from anlan.warn.channels.post import is_private
from anlan.warn.delivery import State

PORTS = {"mqtt": 1883, "mqtts": 8883}
KEEPALIVE_S = 30
LONGEST_PAUSE_S = 60
MOST_RECEIPT = 1000  # octets
RECEIPTS = {str(state): state for state in (State.DELIVERED, State.FAILED)}
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """What the table says."""

    host: str
    port: int
    tls: bool
    client: str
    ca: str
    receipts: str
    longest: int
    expire_s: int

    @property
    def words(self) -> str:
        """The broker's address."""
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"


def client_of(own: Settings, secrets: Mapping[str, str], name: str) -> paho.Client:
    """A client of the broker, not yet connected."""
    client = paho.Client(
        CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTProtocolVersion.MQTTv5
    )
    client.reconnect_delay_set(1, LONGEST_PAUSE_S)
    if secrets["user"]:
        client.username_pw_set(secrets["user"], secrets["password"])
    if own.tls:
        client.tls_set_context(ssl.create_default_context(cafile=own.ca or None))
    return client


class Broadcast(Line):
    """The line to the broker; acknowledgements are waited for all together."""

    address = "mqtt"

    def __init__(self, setup: Setup[Settings]) -> None:
        super().__init__(setup.common, setup.book, setup.clock)
        self._own, self._inbox = setup.settings, setup.inbox
        self.longest = setup.settings.longest
        self._lock = threading.Condition()
        self._said: dict[int, ReasonCode] = {}  # acknowledged: which message, and how
        self._late: dict[int, str] = {}  # not acknowledged in time: which delivery
        self._client = client_of(setup.settings, setup.secrets, setup.settings.client)
        self._client.on_connect = self._connected
        self._client.on_message = self._heard
        self._client.on_publish = self._published

    @property
    def connected(self) -> bool:
        """Whether the broker is there, and lets us in."""
        return self._client.is_connected()

    def start(self) -> None:
        """Begin to connect; the client's own thread keeps at it."""
        self._client.connect_async(self._own.host, self._own.port, KEEPALIVE_S)
        self._client.loop_start()

    def problem(self) -> str:
        """That the broker is away, if it is."""
        return super().problem() if self.connected else f"no broker at {self._own.words}"

    def stop(self) -> None:
        """Leave the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    def let_out(self, messages: Sequence[tuple[ActualMessage, str]]) -> list[Handed]:
        """Publish all, then wait for what the broker says of each."""
        with self._lock:
            self._said.clear()
        sent = [self._publish(message, topic) for message, topic in messages]
        until = time.monotonic() + self.common.time_out_s
        wanted = {mid for mid in sent if mid is not None}
        with self._lock:
            while not wanted <= self._said.keys() and (left := until - time.monotonic()) > 0:
                self._lock.wait(left)
            codes = {mid: self._said.pop(mid, None) for mid in wanted}
            for (message, _), mid in zip(messages, sent, strict=True):
                if mid is not None and codes[mid] is None:
                    self._late[mid] = message.key
        return [
            Handed(Outcome.DEFERRED, reason="no broker") if mid is None else _meaning(codes[mid])
            for mid in sent
        ]

    def _publish(self, message: ActualMessage, topic: str) -> int | None:
        """The number under which the broker will acknowledge it; None if it did not go out."""
        if not self.connected:
            return None
        said = {
            "delivery": message.key,
            "alert": message.alert,
            "text": message.body,
            "repeat": message.repeat,
        }
        lasts = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        lasts.MessageExpiryInterval = self._own.expire_s
        body = json.dumps(said, ensure_ascii=False).encode()
        found = self._client.publish(topic, body, qos=1, properties=lasts)
        # a message that found no line is kept by the client and goes out later: not for us to say
        return found.mid if found.rc == MQTTErrorCode.MQTT_ERR_SUCCESS else -1

    def _published(
        self,
        _client: paho.Client,
        _data: object,
        mid: int,
        code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        with self._lock:
            delivery = self._late.pop(mid, None)
            if delivery is None:
                self._said[mid] = code
                self._lock.notify_all()
        if delivery is not None and not code.is_failure:
            try:
                self._inbox.late(self.common.name, delivery, (), "")
            except Exception as problem:
                log.error("a late word could not be kept: %s", type(problem).__name__)

    def _connected(
        self,
        client: paho.Client,
        _data: object,
        _flags: paho.ConnectFlags,
        code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if code.is_failure:
            log.error("broker %s does not let channel %s in: %s", *self._names(), code)
        elif self._own.receipts:
            client.subscribe(self._own.receipts, qos=1)

    def _names(self) -> tuple[str, str]:
        return self._own.words, self.common.name

    def _heard(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        if len(message.payload) > MOST_RECEIPT:
            return
        try:
            found = json.loads(message.payload)
            delivery, state = found["delivery"], RECEIPTS[found["state"]]
        except (ValueError, KeyError, TypeError, RecursionError):
            log.warning("broker %s brings channel %s what is no receipt", *self._names())
            return
        try:
            self._inbox.of_delivery(str(delivery), self.common.name, state)
        except Exception as problem:
            log.error("a receipt could not be kept: %s", type(problem).__name__)


def _meaning(code: ReasonCode | None) -> Handed:
    if code is None:
        return Handed(Outcome.UNKNOWN, reason="not acknowledged")
    if code.getName() == "No matching subscribers":
        return Handed(Outcome.REFUSED, reason="the device is not there")
    if code.getName() == "Quota exceeded":
        return Handed(Outcome.DEFERRED, reason="MQTT quota exceeded")
    if code.is_failure:
        return Handed(Outcome.REFUSED, reason=f"MQTT {code.getName()}")
    return Handed(Outcome.ACCEPTED)


class Mqtt(Channel[Settings]):
    """Loudspeakers and boards."""

    kind = "mqtt"
    title = "广播与显示屏 loudspeakers and boards by MQTT"
    address = "mqtt"
    longest = 500
    per_minute = 3000.0
    spare = ("user", "password")
    receipts = "what devices publish to the topic of receipts, if they do"

    def read(self, table: Table) -> Settings:
        """Which broker, and how devices take messages."""
        table.known("url", "client", "ca", "receipts", "longest", "expire_s")
        url = table.text("url", "mqtts://host:port")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as problem:
            raise table.wrong("url", url, f"cannot be read ({problem})", "mqtts://host") from None
        if parts.scheme not in PORTS or not host or parts.username or parts.path.strip("/"):
            raise table.wrong("url", None, "is no broker's address", "mqtts://host:port")
        if parts.scheme == "mqtt" and not is_private(host):
            raise table.wrong("url", url, "leaves the line open", "mqtts, or an address of yours")
        ca = table.text("ca", "a file", "")
        if ca and not Path(ca).is_file():
            raise table.wrong("ca", ca, "is no file", "the authority of the broker's certificate")
        receipts = table.text("receipts", "a topic", "")
        if any(sign in receipts for sign in "+#\0"):
            raise table.wrong("receipts", receipts, "is no topic of its own", "no + and no #")
        return Settings(
            host,
            port or PORTS[parts.scheme],
            parts.scheme == "mqtts",
            table.text("client", "a name", "anlan-broadcast"),
            ca,
            receipts,
            table.whole("longest", "characters", 500, 1, 10_000),
            table.whole("expire_s", "seconds", 3600, 1),
        )

    def open(self, setup: Setup[Settings]) -> Line:
        """The line to the broker."""
        return Broadcast(setup)

    def probe(self, common: Common, settings: Settings, secrets: Mapping[str, str]) -> str:
        """Connect, and leave."""
        came = threading.Event()
        said: list[ReasonCode] = []

        def connected(_c: object, _d: object, _f: object, code: ReasonCode, _p: object) -> None:
            said.append(code)
            came.set()

        client = client_of(settings, secrets, f"{settings.client}-doctor")
        client.on_connect = connected
        problem = "does not answer"
        try:
            client.connect_async(settings.host, settings.port, KEEPALIVE_S)
            client.loop_start()
            came.wait(common.time_out_s)
        finally:
            client.disconnect()
            client.loop_stop()
        if said and not said[0].is_failure:
            return f"broker {settings.words} lets the desk in"
        if said:
            problem = f"does not let the desk in ({said[0].getName()})"
        raise Refusal(
            f"channels.toml: {common.name}: broker {settings.words} {problem}; check url, user "
            "and password",
            field="url",
            value=settings.words,
            remedy="a broker that lets the desk in",
        )


MQTT = Mqtt()
