"""Taking messages into the archive: many in one commit, and none lost for another's fault."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

from anlan.city import City
from anlan.clock import Clock
from anlan.journal import Act
from anlan.observe import actions
from anlan.observe.reading import Reading, RefusedRow
from anlan.observe.sources.mqtt.settings import Settings
from anlan.observe.sources.mqtt.shelf import Message, Place
from anlan.observe.sources.mqtt.topics import SHOWN, Topic, readings
from anlan.refusal import Refusal
from anlan.store import Store, savepoint, set_meta

TAKEN = "mqtt.taken"  # how far the queue on disk has been taken: [segment, offset]
MOST_BYTES = 256_000  # of one message
# rows refused in one commit that quarantine keeps whole; of more it says how many
MOST_REFUSED = 200
# what the store raises when it is away, locked or full, and not for what is stored
AWAY = (OperationalError, InterfaceError, InternalError, sqlite3.OperationalError, OSError)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """What became of messages: readings new to the archive, rows refused."""

    new: int
    refused: int


class Keeper:
    """Takes messages into the archive of one city."""

    def __init__(self, city: City, store: Store, clock: Clock, settings: Settings) -> None:
        self._city, self._store, self._clock, self._settings = city, store, clock, settings
        self._rule = lru_cache(maxsize=10_000)(self._match)

    def keep(self, messages: Sequence[Message], taken: Place | None = None) -> Kept:
        """Commit what the messages give; durable when this returns. Safe to repeat.

        ``taken``: the place in the queue on disk behind them, kept in the same transaction.

        Raises:
            Exception: one of `AWAY` while the store takes nothing.
        """
        parts = [self._read(message) for message in messages]
        good = [reading for part, _ in parts for reading in part]
        bad = [row for _, rows in parts for row in rows]
        try:
            return self._commit([(good, bad)], taken)
        except AWAY:
            raise
        except Exception:
            log.exception("messages cannot be kept together; one by one")
        return self._commit(parts, taken)

    def _commit(
        self, parts: Sequence[tuple[list[Reading], list[RefusedRow]]], taken: Place | None
    ) -> Kept:
        new = refused = 0
        with self._store.transaction() as tx:
            act = Act(tx, self._clock.now(), "system")
            for good, bad in parts:
                try:
                    with savepoint(tx):
                        done = actions.record(act, self._city, good, _bounded(bad))
                except AWAY:
                    raise
                except Exception as problem:
                    if len(parts) == 1:
                        raise
                    log.exception("a message cannot be kept")
                    done = actions.record(act, self._city, [], [_broken(good, problem)])
                new += done.new + done.conflicts
                refused += len(done.refused)
            if taken is not None:
                set_meta(tx, TAKEN, [taken.segment, taken.offset])
        return Kept(new, refused)

    def _match(self, topic: str) -> tuple[Topic, dict[str, str]] | None:
        for rule in self._settings.topics:
            found = rule.match(topic)
            if found is not None:
                return rule, dict(found)
        return None

    def _read(self, message: Message) -> tuple[list[Reading], list[RefusedRow]]:
        """The readings of a message, and what cannot be taken of it. Never raises."""
        name = message.topic
        try:
            matched = self._rule(name)
            if matched is None:
                raise Refusal(
                    f"{name[:200]}: no [[topic]] of mqtt.toml fits this topic",
                    field="topic",
                    value=name[:200],
                    remedy="a [[topic]] whose filter fits, or another topic",
                )
            payload = parsed(message)
            return readings(*matched, payload, self._city, self._settings.origin, name)
        except Refusal as refusal:
            return [], [RefusedRow(1, f"mqtt {name[:200]} {_shown(message.payload)}", refusal)]
        except Exception as problem:  # what nobody thought of in a message stops no other
            log.exception("a message of %s cannot be read", name)
            unread = Refusal(
                f"{name[:200]}: cannot be read ({type(problem).__name__})",
                field="payload",
                remedy="JSON as the page on stations says",
            )
            return [], [RefusedRow(1, f"mqtt {name[:200]} {_shown(message.payload)}", unread)]


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


def _shown(payload: bytes) -> str:
    return payload[:SHOWN].decode("utf-8", "backslashreplace").replace("\x00", "\\x00")


def _bounded(rows: list[RefusedRow]) -> list[RefusedRow]:
    """No more rows than people can read, and the disk should hold, of one commit."""
    if len(rows) <= MOST_REFUSED:
        return rows
    more = len(rows) - MOST_REFUSED
    refusal = Refusal(
        f"mqtt: {more} more rows were refused together with these; mend their sender first",
        field="payload",
        remedy="fewer messages that are refused",
    )
    return [*rows[:MOST_REFUSED], RefusedRow(0, f"mqtt {more} rows", refusal)]


def _broken(good: Sequence[Reading], problem: Exception) -> RefusedRow:
    refusal = Refusal(
        f"mqtt: the store refuses these readings ({type(problem).__name__})",
        field="readings",
        remedy="see the log of the desk",
    )
    return RefusedRow(1, f"mqtt {[str(each) for each in good[:5]]}"[:SHOWN], refusal)
