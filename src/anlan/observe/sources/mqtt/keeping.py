"""Taking messages into the archive: many in one commit, and none lost for another's fault."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from anlan.access.desk import Desk
from anlan.city import City
from anlan.clock import Clock
from anlan.journal import Act
from anlan.observe import actions
from anlan.observe.reading import Reading, RefusedRow
from anlan.observe.sources.mqtt import things
from anlan.observe.sources.mqtt.settings import Settings
from anlan.observe.sources.mqtt.shelf import Message, Place
from anlan.observe.sources.mqtt.topics import SHOWN, Topic, readings
from anlan.refusal import Refusal
from anlan.store import AWAY, Store, news, savepoint, set_meta

TAKEN = "mqtt.taken"  # how far the queue on disk has been taken: [segment, offset]
MOST_BYTES = 256_000  # of one message
# rows refused that quarantine keeps whole; of more it says how many
MOST_REFUSED = 200  # of one commit
MOST_A_MINUTE = 2000
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """What became of messages: readings new to the archive, rows refused."""

    new: int
    refused: int


@dataclass
class _Given:
    """What one message gives, or several: readings, rows refused, observations by Datastream."""

    good: list[Reading] = field(default_factory=list)
    bad: list[RefusedRow] = field(default_factory=list)
    things: dict[str, list[tuple[str, Mapping[str, Any]]]] = field(default_factory=dict)

    def add(self, other: _Given) -> None:
        self.good += other.good
        self.bad += other.bad
        for name, sent in other.things.items():
            self.things.setdefault(name, []).extend(sent)


class Keeper:
    """Takes messages into the archive of one city."""

    def __init__(self, city: City, store: Store, clock: Clock, settings: Settings) -> None:
        self._city, self._store, self._clock, self._settings = city, store, clock, settings
        self._desk = Desk(city, store, clock)
        self._minute = self._kept = 0  # rows in quarantine in this minute
        self._rule = lru_cache(maxsize=10_000)(self._match)

    def keep(self, messages: Sequence[Message], taken: Place | None = None) -> Kept:
        """Commit what the messages give; durable when this returns. Safe to repeat.

        ``taken``: the place in the queue on disk behind them, kept in the same transaction.

        Raises:
            Exception: one of `AWAY` while the store takes nothing.
        """
        parts = [self._read(message) for message in messages]
        together = _Given()
        for part in parts:
            together.add(part)
        try:
            return self._commit([together], taken, patient=False)
        except AWAY:
            raise
        except Exception:
            log.exception("messages cannot be kept together; one by one")
        return self._commit(parts, taken, patient=True)

    def _commit(self, parts: Sequence[_Given], taken: Place | None, *, patient: bool) -> Kept:
        """All parts in one transaction; ``patient``: one that cannot be kept costs no other."""
        refused = 0
        with self._store.transaction() as tx:
            act = Act(tx, self._clock.now(), "system")
            for part in parts:
                try:
                    with savepoint(tx):
                        refused += self._take(act, part)
                except AWAY:
                    raise
                except Exception as problem:
                    if not patient:
                        raise
                    log.exception("a message cannot be kept")
                    actions.record(act, self._city, [], [_broken(part, problem)])
                    refused += 1
            if taken is not None:
                set_meta(tx, TAKEN, [taken.segment, taken.offset])
            new = news.noted(tx)
        return Kept(new, refused)

    def _take(self, act: Act, given: _Given) -> int:
        """Into the archive; how many rows were refused."""
        refused = 0
        if given.good or given.bad:
            done = actions.record(act, self._city, given.good, self._bounded(given.bad))
            refused = max(len(done.refused), len(given.bad))
        return refused + (things.create(act, self._desk, given.things) if given.things else 0)

    def _bounded(self, rows: list[RefusedRow]) -> list[RefusedRow]:
        """No more rows than people can read, and the disk should hold."""
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._kept = minute, 0
        room = max(min(MOST_REFUSED, MOST_A_MINUTE - self._kept), 0)
        self._kept += len(rows)
        if len(rows) <= room:
            return rows
        more = len(rows) - room
        log.warning("%d more rows of MQTT messages are refused", more)
        if not room:
            return []
        refusal = Refusal(
            f"mqtt: {more} more rows were refused together with these; mend their sender first",
            field="payload",
            remedy="fewer messages that are refused",
        )
        return [*rows[:room], RefusedRow(0, f"mqtt {more} rows", refusal)]

    def _match(self, topic: str) -> tuple[Topic, dict[str, str]] | None:
        for rule in self._settings.topics:
            found = rule.match(topic)
            if found is not None:
                return rule, dict(found)
        return None

    def _read(self, message: Message) -> _Given:
        """What a message gives, and what cannot be taken of it. Never raises."""
        name, root = message.topic, self._settings.sensorthings
        try:
            stream = things.datastream(root, name) if root else None
            if stream is not None:
                whose, body = things.checked(name[:200], stream, parsed(message))
                return _Given(things={whose: [(name, body)]})
            matched = self._rule(name)
            if matched is None:
                raise Refusal(
                    f"{name[:200]}: no [[topic]] of mqtt.toml fits this topic",
                    field="topic",
                    value=name[:200],
                    remedy="a [[topic]] whose filter fits, or another topic",
                )
            payload = parsed(message)
            return _Given(*readings(*matched, payload, self._city, self._settings.origin, name))
        except Refusal as refusal:
            return _Given(bad=[_row(message, refusal)])
        except Exception as problem:  # what nobody thought of in a message stops no other
            log.exception("a message of %s cannot be read", name)
            unread = Refusal(
                f"{name[:200]}: cannot be read ({type(problem).__name__})",
                field="payload",
                remedy="JSON as the page on stations says",
            )
            return _Given(bad=[_row(message, unread)])


def parsed(message: Message) -> object:
    """The JSON of a message. Raises `Refusal` when it is none, or too long."""
    name, payload = message.topic[:200], message.payload
    if message.size > MOST_BYTES:
        raise Refusal(
            f"{name}: {message.size} bytes in one message; send at most {MOST_BYTES}",
            field="payload",
            value=message.size,
            remedy="smaller batches",
        )
    try:
        text = payload.decode()
        found: object = json.loads(text)
        if "\\ud" in text.lower():  # half a character can be neither stored nor shown
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as problem:
        raise Refusal(
            f"{name}: the message is not JSON in UTF-8 ({str(problem)[:120]})",
            field="payload",
            value=_shown(payload[:40]),
            remedy='JSON such as {"valid_at": "2021-07-24T08:00+08:00", "value": 3.2}',
        ) from problem
    return found


def _row(message: Message, refusal: Refusal) -> RefusedRow:
    return RefusedRow(1, f"mqtt {message.topic[:200]} {_shown(message.payload)}", refusal)


def _shown(payload: bytes) -> str:
    return payload[:SHOWN].decode("utf-8", "backslashreplace").replace("\x00", "\\x00")


def _broken(given: _Given, problem: Exception) -> RefusedRow:
    refusal = Refusal(
        f"mqtt: the store refuses these readings ({type(problem).__name__})",
        field="readings",
        remedy="see the log of the desk",
    )
    return RefusedRow(1, f"mqtt {given.good[:5]} {given.things}"[:SHOWN], refusal)
