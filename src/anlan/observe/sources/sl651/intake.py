"""Taking messages in: who sent them, what they give, into the archive by the same door as HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from anlan.city import City
from anlan.journal import Act
from anlan.observe import actions
from anlan.observe.actions import Batch
from anlan.observe.reading import Reading, RefusedRow
from anlan.observe.sources.sl651 import body
from anlan.observe.sources.sl651.body import Message
from anlan.observe.sources.sl651.frames import Frame
from anlan.observe.sources.sl651.manifest import Manifest
from anlan.observe.sources.sl651.readings import Counter, take
from anlan.refusal import Refusal
from anlan.store import get_metas, ids, set_metas

# a message that comes again within this is a resend: stations try three times (6.3.2.3)
RESENT_WITHIN = timedelta(hours=1)
RECENT = 32  # messages remembered of each station
SHOWN = 2000  # hexadecimal digits of a message in quarantine


@dataclass(frozen=True)
class Outcome:
    """What became of a message.

    Attributes:
        serial: to be confirmed.
        answer: whether to confirm; not to a keep-alive, nor to a station that is not in the
            manifest or whose password does not fit.
        readings: how many were new to the archive.
        words: why the message, or a part of it, is in quarantine; empty if it is not.
    """

    serial: int
    answer: bool
    readings: int = 0
    words: str = ""


@dataclass(frozen=True)
class _Given:
    """What one message gives, before it is kept."""

    outcome: Outcome
    readings: Sequence[Reading] = ()
    refused: Sequence[RefusedRow] = ()


class _Memory:
    """What is kept of stations between their messages: the rain counter, the last messages."""

    def __init__(self, tx: Connection, addresses: Iterable[str]) -> None:
        self._tx = tx
        self._known: dict[str, Any] = get_metas(tx, {f"sl651.{each}" for each in addresses})
        self._changed: dict[str, Any] = {}

    def of(self, address: str) -> dict[str, Any]:
        return self._known.get(f"sl651.{address}") or {"counter": None, "recent": []}

    def set(self, address: str, state: dict[str, Any]) -> None:
        self._known[f"sl651.{address}"] = self._changed[f"sl651.{address}"] = state

    def keep(self) -> None:
        set_metas(self._tx, self._changed)


def take_in(act: Act, city: City, manifest: Manifest, frames: Sequence[Frame]) -> list[Outcome]:
    """Store what whole messages give, as if one came after the other; safe to repeat.

    Everything happens in the transaction of ``act``: once it has committed, the messages may
    be confirmed. What gives no reading is kept in quarantine with the reason.
    """
    memory = _Memory(act.tx, {frame.station for frame in frames} & manifest.terminals.keys())
    given = [_read(frame, city, manifest, act.now, memory) for frame in frames]
    done = actions.record_all(
        act.tx, city, act.now, [Batch(act.actor, each.readings, each.refused) for each in given]
    )
    memory.keep()
    return [
        each.outcome
        if each.outcome.words
        else replace(
            each.outcome,
            readings=kept.new + kept.conflicts,
            words="; ".join(row.refusal.message for row in kept.refused),
        )
        for each, kept in zip(given, done, strict=True)
    ]


def _read(frame: Frame, city: City, manifest: Manifest, now: datetime, memory: _Memory) -> _Given:
    terminal = manifest.terminals.get(frame.station)
    if terminal is None:
        return _quarantine(frame, 0, False, "station is not in sl651.toml; add it")
    if frame.password != terminal.password:
        words = "password is not that of sl651.toml; correct the one or the other"
        return _quarantine(frame, 0, False, words)
    message = body.read(frame.body, frame.function, frame.station, city.zone, ascii=frame.ascii)
    serial = message.serial or 0
    if frame.function == body.KEEP_ALIVE and not message.error:
        return _Given(Outcome(serial, False))
    state = memory.of(terminal.address)
    # a resend keeps serial and content (6.6.2.4) but not the time of sending
    digest = ids.digest([serial, frame.function, frame.body[16 if frame.ascii else 8 :].hex()])
    since = now - RESENT_WITHIN
    recent = [(d, at) for d, at in state["recent"] if datetime.fromisoformat(at) > since]
    if any(known == digest for known, _ in recent):
        return _Given(Outcome(serial, True))
    held = state["counter"]
    counter = Counter(datetime.fromisoformat(held[0]), held[1]) if held else None
    if words := _objection(message, frame):
        given = _quarantine(frame, serial, True, words)
    else:
        taken = take(message, terminal, city, now, counter)
        counter = taken.counter
        refused = [_refused(frame, words) for words in taken.objections]
        given = _Given(Outcome(serial, True), taken.readings, refused)
    memory.set(
        terminal.address,
        {
            "counter": [counter.at.isoformat(), counter.mm] if counter else None,
            "recent": [*recent[1 - RECENT :], (digest, now.isoformat())],
        },
    )
    return given


def _objection(message: Message, frame: Frame) -> str:
    """Why a message as a whole gives no reading, or nothing."""
    if message.error:
        return message.error
    if frame.function == body.TEST:
        return "test report (30H): kept apart, never a reading"
    if message.picture:
        return f"picture of {len(message.picture)} bytes: this version keeps no pictures"
    if message.manual:
        return f"manual values '{message.manual[:200]}': for somebody to enter"
    foreign = {value.station for value in message.values} - {frame.station}
    if foreign or message.station != frame.station:
        other = min(foreign | {message.station} - {frame.station})
        return f"values of station {other}; a station may send its own only"
    return ""


def _quarantine(frame: Frame, serial: int, answer: bool, words: str) -> _Given:
    return _Given(Outcome(serial, answer, words=words), refused=[_refused(frame, words)])


def _refused(frame: Frame, words: str) -> RefusedRow:
    # without the password: quarantine is read by people
    raw = f"sl651 {frame.station} {frame.function:02X} {frame.body.hex().upper()[:SHOWN]}"
    refusal = Refusal(f"SL 651 station {frame.station}: {words}", field="frame", remedy="see above")
    return RefusedRow(1, raw, refusal)
