"""The feed: from the broker to the archive, over the queue on disk while the archive is away.

Two threads. The line reads and acknowledges. The other one commits, as many messages together as
came meanwhile; only then are they acknowledged. When a commit does not come to its end, the line
lays what comes after on the shelf, the queue on disk, and acknowledges that. While anything lies
there, everything goes behind it, so that the order is kept.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from anlan.city import City
from anlan.clock import Clock
from anlan.observe.sources.mqtt.keeping import MOST_BYTES, TAKEN, Keeper
from anlan.observe.sources.mqtt.link import Delivered, Link, pause_s
from anlan.observe.sources.mqtt.settings import MB, Settings
from anlan.observe.sources.mqtt.shelf import Message, Place, Shelf
from anlan.observe.sources.mqtt.things import Updates
from anlan.observe.sources.mqtt.topics import SHOWN
from anlan.observe.sources.source import State
from anlan.refusal import Refusal
from anlan.store import AWAY, Store, get_meta, set_meta

FILTERS = "mqtt.filters"  # what the broker was last asked for
MOST_TOGETHER = 1000  # messages in one commit
MOST_WAITING = 64 * MB  # bytes in memory, beyond which nothing more is read
SLOW_S = 2.0  # a commit that takes longer sends what comes after it to the shelf
log = logging.getLogger(__name__)


class MqttFeed:
    """One broker, one city."""

    def __init__(self, city: City, store: Store, clock: Clock, settings: Settings) -> None:
        self._store, self._clock, self._settings = store, clock, settings
        self._keeper = Keeper(city, store, clock, settings)
        self._arrived = threading.Condition()
        self._inbox: deque[Delivered] = deque()
        self._bytes = 0
        self._heard_at: datetime | None = None  # written by the line
        self._new = self._refused = 0  # written by the thread that commits
        self._busy_since: float | None = None
        self._away = self._crammed = ""
        self._ending = threading.Event()
        self._chance = random.Random()
        self._updates: Updates | None = None
        if settings.sensorthings:
            self._updates = Updates(
                city, store, clock, settings.sensorthings, settings.address, self._publish
            )
        self._commits = threading.Thread(target=self._commit_all, name="mqtt-keep", daemon=True)
        self._shelf: Shelf | None = None
        self._link: Link | None = None

    @property
    def sensorthings(self) -> str:
        """Address of the broker whose SensorThings topics serve; empty where none do."""
        return self._settings.broker.words if self._settings.sensorthings else ""

    def start(self) -> None:
        """Begin; the broker may come later. Raises `Refusal` when the queue cannot be kept."""
        with self._store.read() as conn:
            taken = get_meta(conn, TAKEN)
            known: list[str] = get_meta(conn, FILTERS) or []
        folder = self._settings.queue or self._store.data_dir / "mqtt"
        try:
            self._shelf = Shelf(
                folder, self._settings.most_queued, Place(*taken) if taken else None
            )
        except OSError as problem:
            raise Refusal(
                f"mqtt.toml: queue.folder {folder} cannot be written ({problem.strerror}); "
                "name another",
                field="queue.folder",
                value=folder,
                remedy="a folder that this account may write",
            ) from problem
        filters = self._settings.filters
        gone = [each for each in known if each not in filters]
        if list(filters) != known:
            with self._store.transaction() as tx:
                set_meta(tx, FILTERS, list(filters))
        self._link = Link(
            self._settings.broker, filters, self._deliver, self._full, self._tick, gone
        )
        self._commits.start()
        self._link.start()
        if self._updates is not None:
            self._updates.start()
            self._store.on_readings(self._updates.hear)

    def stop(self) -> None:
        """End. What was not acknowledged is sent again when the desk comes back."""
        self._ending.set()
        with self._arrived:
            self._arrived.notify_all()
        if self._commits.is_alive():
            self._commits.join(timeout=10)
        if self._updates is not None:
            self._updates.stop()
        if self._link is not None:
            self._link.stop()
        if self._shelf is not None:
            self._shelf.close()

    def state(self) -> State:
        """How it is doing."""
        standing = self._link.standing if self._link is not None else None
        waiting = len(self._shelf) if self._shelf is not None else 0
        problems = [standing.problem if standing else "", self._away, self._crammed]
        if self._updates is not None and self._updates.left_out:
            problems.append(
                f"推送过多 {self._updates.left_out} observations were told to nobody: too many"
            )
        return State(
            connected=standing is not None and standing.up,
            heard_at=self._heard_at,
            taken=self._new,
            refused=self._refused,
            waiting=waiting,
            problem="; ".join(each for each in problems if each),
        )

    def _publish(self, topic: str, payload: bytes) -> None:
        if self._link is not None:
            self._link.publish(topic, payload)

    # -- in the thread of the line -------------------------------------------------------------

    def _deliver(self, message: Delivered) -> None:
        if message.size > MOST_BYTES:
            # too long to be taken: what quarantine shows is all that need wait here
            message = replace(message, payload=message.payload[:SHOWN])
        with self._arrived:
            self._inbox.append(message)
            self._bytes += len(message.payload)
            self._arrived.notify()
        self._heard_at = self._clock.now()

    def _full(self) -> bool:
        return self._bytes > MOST_WAITING

    def _tick(self) -> None:
        """Lay aside what waits behind a commit that does not end."""
        since, shelf = self._busy_since, self._shelf
        if since is None or shelf is None or time.monotonic() - since < SLOW_S:
            return
        with self._arrived:
            waiting = list(self._inbox)
            if not waiting:
                return
            try:
                shelf.put([each.message for each in waiting])
            except OSError as problem:
                # not acknowledged: the broker keeps them, and sends them again in time
                self._crammed = f"磁盘队列已满 the queue on disk takes no more ({problem})"
                return
            self._crammed = ""
            self._inbox.clear()
            self._bytes = 0
        if self._link is not None:
            self._link.acknowledge(waiting)

    # -- in the thread that commits ------------------------------------------------------------

    def _commit_all(self) -> None:
        while not self._ending.is_set():
            try:
                self._commit_some()
            except OSError as problem:
                log.warning("queue on disk: %s", problem)
                self._crammed = f"磁盘队列读不出 the queue on disk cannot be read ({problem})"
                self._ending.wait(1.0)
            except Exception:  # a thread that ended would leave all messages waiting, unseen
                log.exception("messages could not be kept")
                self._ending.wait(1.0)

    def _commit_some(self) -> None:
        """What lies on the shelf, or else what has come."""
        assert self._shelf is not None
        assert self._link is not None
        shelved, place = self._shelf.head(MOST_TOGETHER, MOST_WAITING // 4)
        if shelved:
            if self._keep(shelved, place):
                self._shelf.drop(place, len(shelved))
            return
        if len(self._shelf):  # only what is damaged is left
            self._shelf.drop(place, 0)
        arrived = self._take()
        if arrived and self._keep([each.message for each in arrived], None):
            self._link.acknowledge(arrived)

    def _take(self) -> list[Delivered]:
        with self._arrived:
            if not self._inbox:
                self._arrived.wait(timeout=0.5)
            taken: list[Delivered] = []
            while self._inbox and len(taken) < MOST_TOGETHER:
                message = self._inbox.popleft()
                self._bytes -= len(message.payload)
                taken.append(message)
            return taken

    def _keep(self, messages: Sequence[Message], place: Place | None) -> bool:
        """Commit, as often as it takes; False only when the desk ends before."""
        attempt = 0
        self._busy_since = time.monotonic()
        while not self._ending.is_set():
            try:
                kept = self._keeper.keep(messages, place)
            except AWAY as problem:
                attempt += 1
                words = str(getattr(problem, "orig", None) or problem).splitlines()[0][:200]
                self._away = f"数据库暂不可写 the database takes nothing ({words})"
                wait = min(pause_s(attempt, self._chance), 10.0)
                log.warning("%s; %d messages wait", self._away, len(messages))
                self._ending.wait(wait)
                continue
            except Exception as problem:  # must not end the thread: it is tried again
                attempt += 1
                log.exception("messages could not be kept")
                self._away = f"消息无法入库 messages cannot be kept ({type(problem).__name__})"
                self._ending.wait(min(pause_s(attempt, self._chance), 10.0))
                continue
            self._away = self._crammed = ""
            self._busy_since = None
            self._new += kept.new
            self._refused += kept.refused
            return True
        return False
