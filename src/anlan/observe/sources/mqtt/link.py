"""The line to the broker: kept up, with a session that outlives it; acknowledges when told.

One thread owns the line. Messages are handed on as they come and acknowledged, by the same
thread, only when `acknowledge` has been called for them; the broker sends again what was not.
"""

from __future__ import annotations

import contextlib
import logging
import random
import selectors
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from anlan.observe.sources.mqtt.settings import PASSWORD, USER, Broker
from anlan.observe.sources.mqtt.shelf import Message

WINDOW = 2000  # messages that the broker sends before the first of them is acknowledged
LONGEST = 16_000_000  # bytes of a packet that the broker may send
SESSION_S = 7 * 24 * 3600  # how long the broker keeps what comes while the desk is away
KEEPALIVE_S = 30
CONNECT_S = 10.0
LEAVE_S = 2.0
TICK_S = 0.5
SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 60.0
MOST_OUTGOING = 20_000  # messages of ours that wait for the line
AT_ONCE = 64  # packets read before anything else is looked at
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivered:
    """A message as it came: what it is, and what is needed to acknowledge it."""

    topic: str
    payload: bytes
    mid: int
    qos: int
    line: int  # of which connection: numbers mean nothing on the next one
    size: int  # bytes of the payload as it came

    @property
    def message(self) -> Message:
        """What it is, without how it came."""
        return Message(self.topic, self.payload, self.size)


@dataclass(frozen=True)
class Standing:
    """How the line is: up or not, and what is wrong."""

    up: bool = False
    problem: str = ""


def pause_s(attempt: int, chance: random.Random) -> float:
    """How long to wait before attempt 1, 2, …: twice as long each time, and never all together."""
    longest = min(LONGEST_PAUSE_S, SHORTEST_PAUSE_S * 2.0 ** min(attempt, 20))
    return longest * chance.uniform(0.5, 1.0)


class Lost(Exception):  # noqa: N818  the line is lost, which is no malfunction of ours
    """The line broke, or could not be made."""


class Link(threading.Thread):
    """Keeps the line up until stopped.

    Args:
        deliver: called with each message, in the thread of the line.
        busy: whether nothing more should be read for now.
        tick: called about twice a second, in the thread of the line.
        gone: filters of an earlier life, to be taken back.
        session_s: how long the broker keeps what comes while nobody is there.
    """

    def __init__(
        self,
        broker: Broker,
        filters: Sequence[str],
        deliver: Callable[[Delivered], None],
        busy: Callable[[], bool],
        tick: Callable[[], None],
        gone: Sequence[str] = (),
        session_s: int = SESSION_S,
    ) -> None:
        super().__init__(name="mqtt", daemon=True)
        self._broker, self._filters, self._gone = broker, tuple(filters), tuple(gone)
        self._deliver, self._busy, self._tick = deliver, busy, tick
        self._session_s = session_s
        self._chance = random.Random()
        self._ending = threading.Event()
        self._line = self._count = 0
        self._refused = ""  # why the broker refused the connection
        self._done: deque[Delivered] = deque()
        self._outgoing: deque[tuple[str, bytes]] = deque(maxlen=MOST_OUTGOING)
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        self.standing = Standing()

    def acknowledge(self, messages: Sequence[Delivered]) -> None:
        """These are kept: the broker may forget them. Called from any thread."""
        self._done.extend(messages)
        self.wake()

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish with QoS 1 if the line is up; else nobody is told. Called from any thread."""
        if self.standing.up:
            self._outgoing.append((topic, payload))
            self.wake()

    def wake(self) -> None:
        """Let the line look at what there is to do."""
        try:
            self._wake.send(b"x")
        except (BlockingIOError, OSError):
            return  # it is awake, or closed

    def stop(self) -> None:
        """Leave the broker; it keeps what comes until the session ends."""
        self._ending.set()
        self.wake()
        self.join(timeout=10)

    def run(self) -> None:
        """Connect, again and again, until stopped."""
        attempt = 0
        while not self._ending.is_set():
            begun = time.monotonic()
            try:
                self._session()
            except (Lost, OSError, ValueError) as problem:
                words = str(problem) or type(problem).__name__
                self.standing = Standing(False, f"未连上 broker {self._broker.words}: {words}")
            except Exception as problem:
                log.exception("the line to the broker failed")
                self.standing = Standing(False, f"未连上 broker {self._broker.words}: {problem}")
            if self._ending.is_set():
                break
            # a line that held for a while was no failed attempt
            attempt = 1 if time.monotonic() - begun > LONGEST_PAUSE_S else attempt + 1
            wait = pause_s(attempt, self._chance)
            log.warning("%s; again in %.1f s", self.standing.problem, wait)
            self._idle(wait)
        self.standing = Standing(False)

    def _idle(self, wait: float) -> None:
        until = time.monotonic() + wait
        while not self._ending.is_set() and (left := until - time.monotonic()) > 0:
            self._ending.wait(min(left, TICK_S))
            self._tick()

    def _session(self) -> None:
        """One connection, from beginning to end."""
        self._line += 1
        self._refused = ""
        client = self._client()
        where = (self._broker.host, self._broker.port, KEEPALIVE_S)
        if self._broker.version == "5":
            client.connect(*where, clean_start=not self._session_s, properties=self._wanted())
        else:
            client.connect(*where)
        try:
            self._loop(client)
        finally:
            self._acknowledge(client)  # what was kept to the last
            client.disconnect()
            client.loop_write()
            line = client.socket()
            if isinstance(line, socket.socket):
                if self._ending.is_set():
                    _hang_up(line)
                line.close()

    def _wanted(self) -> Properties:
        wanted = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        wanted.SessionExpiryInterval = self._session_s
        wanted.ReceiveMaximum = WINDOW
        wanted.MaximumPacketSize = LONGEST
        return wanted

    def _client(self) -> paho.Client:
        five = self._broker.version == "5"
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._broker.client,
            clean_session=None if five else not self._session_s,
            protocol=MQTTProtocolVersion.MQTTv5 if five else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.connect_timeout = CONNECT_S
        if self._broker.user is not None:
            client.username_pw_set(self._broker.user, self._broker.password)
        if self._broker.tls:
            client.tls_set_context(
                ssl.create_default_context(cafile=str(self._broker.ca) if self._broker.ca else None)
            )
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_message = self._message
        return client

    def _connected(
        self,
        client: paho.Client,
        _data: object,
        flags: paho.ConnectFlags,
        code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if code.is_failure:
            remedy = ""
            if code.getName() in ("Not authorized", "Bad user name or password"):
                remedy = f"; give {USER} and {PASSWORD}, and let the broker know them"
            self._refused = f"{code}{remedy}"
            return
        if self._broker.version == "5":
            # what we publish ourselves is not for us
            own = SubscribeOptions(qos=1, noLocal=True)
            client.subscribe([(each, own) for each in self._filters])
        else:
            client.subscribe([(each, 1) for each in self._filters])
        if self._gone:
            client.unsubscribe(list(self._gone))
        log.info("connected to %s, session %s", self._broker.words, flags.session_present)

    def _subscribed(
        self,
        _client: paho.Client,
        _data: object,
        _mid: int,
        codes: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        refused = [
            name for name, code in zip(self._filters, codes, strict=False) if code.is_failure
        ]
        problem = ""
        if refused:
            problem = (
                f"无权订阅 broker {self._broker.words} refuses the desk the topics "
                f"{', '.join(refused)}; allow them in its access list"
            )
            log.error("%s", problem)
        self.standing = Standing(True, problem)

    def _message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        self._count += 1
        try:
            topic = message.topic
        except UnicodeDecodeError:  # no broker should let it pass; it must not break the line
            topic = "(a topic that is not UTF-8)"
        self._deliver(
            Delivered(
                topic,
                bytes(message.payload),
                message.mid,
                message.qos,
                self._line,
                len(message.payload),
            )
        )

    def _loop(self, client: paho.Client) -> None:
        """Read, write and acknowledge until the line breaks."""
        line = client.socket()
        if not isinstance(line, socket.socket):
            raise Lost("no connection")
        begun = last_misc = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(self._woken, selectors.EVENT_READ)
            selector.register(line, selectors.EVENT_READ)
            while not self._ending.is_set():
                full = self._busy()
                events = (0 if full else selectors.EVENT_READ) | (
                    selectors.EVENT_WRITE if client.want_write() else 0
                )
                _watch(selector, line, events)
                ready = {key.fileobj: mask for key, mask in selector.select(TICK_S)}
                if self._woken in ready:
                    self._woken.recv(4096)
                if ready.get(line, 0) & selectors.EVENT_READ:
                    self._read(client, line)
                self._acknowledge(client)
                self._send(client)
                if client.want_write():
                    _sound(client.loop_write())
                now = time.monotonic()
                if now - last_misc >= TICK_S:
                    last_misc = now
                    if not full:  # an answer to a ping may lie unread meanwhile
                        _sound(client.loop_misc())
                    self._tick()
                if client.socket() is None:
                    raise Lost("the broker ended the connection")
                if not client.is_connected() and now - begun > CONNECT_S:
                    raise Lost("no answer to the connection")

    def _read(self, client: paho.Client, line: socket.socket) -> None:
        for _ in range(AT_ONCE):
            before = self._count
            result = client.loop_read()
            if result != MQTTErrorCode.MQTT_ERR_SUCCESS:
                raise Lost(self._refused or str(paho.error_string(result)))
            buffered = isinstance(line, ssl.SSLSocket) and line.pending()
            if self._busy() or (self._count == before and not buffered):
                return

    def _send(self, client: paho.Client) -> None:
        for _ in range(min(len(self._outgoing), AT_ONCE)):
            topic, payload = self._outgoing.popleft()
            client.publish(topic, payload, qos=1)
        if self._outgoing:
            self.wake()

    def _acknowledge(self, client: paho.Client) -> None:
        while self._done:
            message = self._done.popleft()
            if message.line == self._line and message.qos:
                client.ack(message.mid, message.qos)


def _hang_up(line: socket.socket) -> None:
    """Wait until the broker has read the last of it: a line that is torn takes that along."""
    with contextlib.suppress(OSError, ValueError):
        line.settimeout(LEAVE_S)
        while line.recv(65_536):
            pass


def _watch(selector: selectors.BaseSelector, line: socket.socket, events: int) -> None:
    known = selector.get_map().get(line)
    if known is None:
        if events:
            selector.register(line, events)
    elif not events:
        selector.unregister(line)
    elif known.events != events:
        selector.modify(line, events)


def _sound(result: MQTTErrorCode) -> None:
    if result not in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_AGAIN):
        raise Lost(str(paho.error_string(result)))
