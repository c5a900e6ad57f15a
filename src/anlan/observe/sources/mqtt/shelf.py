"""The queue on disk: messages that were acknowledged while the database could not take them.

Segments of records, each with its length and checksum, written to the end and forced to disk.
How far they have been taken into the database stands in the database itself, in the transaction
that took them: so each is taken exactly once, whenever the power goes.
"""

from __future__ import annotations

import logging
import os
import struct
import threading
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

SEGMENT = 16_000_000  # bytes after which a new segment is begun
_HEAD = struct.Struct(">II")  # length and CRC-32 of what follows
_TOPIC = struct.Struct(">IH")  # size of the message as it came, length of its topic
log = logging.getLogger(__name__)


class Full(OSError):  # noqa: N818  the queue is full, which is no malfunction
    """The queue has reached its limit."""


@dataclass(frozen=True)
class Message:
    """What came on a topic.

    Attributes:
        payload: as it came; its beginning, if it is longer than can be taken.
        size: bytes as it came.
    """

    topic: str
    payload: bytes
    size: int


@dataclass(frozen=True, order=True)
class Place:
    """A place in the queue: everything before it has been taken."""

    segment: int
    offset: int


class Shelf:
    """The queue in ``folder``, of at most ``most_bytes``; safe to use from two threads.

    Args:
        taken: the place up to which the database has taken messages.

    Raises:
        OSError: when the folder cannot be written.
    """

    def __init__(self, folder: Path, most_bytes: int, taken: Place | None = None) -> None:
        self._folder, self._most = folder, most_bytes
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self._taken = taken or Place(0, 0)
        self._sizes: dict[int, int] = {}
        self._damaged: set[int] = set()
        self._count = 0
        for path in sorted(folder.glob("*.queue")):
            number = int(path.stem)
            if number < self._taken.segment:
                path.unlink()
            else:
                begin = self._taken.offset if number == self._taken.segment else 0
                count, size = _whole(path, begin)
                self._sizes[number], self._count = size, self._count + count
        # never the segment of an earlier life: its end may be torn
        self._number = max([self._taken.segment, *self._sizes]) + 1
        self._open: BinaryIO | None = None

    def __len__(self) -> int:
        return self._count

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(self._sizes.values())

    def put(self, messages: Sequence[Message]) -> None:
        """Add to the end; on disk when this returns.

        Raises:
            Full: beyond the limit. Nothing was added.
            OSError: when the disk does not take it. Nothing was added.
        """
        data = b"".join(_record(message) for message in messages)
        with self._lock:
            if self.size + len(data) > self._most:
                raise Full(f"the queue holds {self.size} bytes and may hold {self._most}")
            if self._open is None or self._sizes[self._number] >= SEGMENT:
                self._begin()
            assert self._open is not None
            end = self._sizes[self._number]
            try:
                rest = memoryview(data)
                while rest:  # a disk that is nearly full takes a part, and says so the next time
                    rest = rest[os.write(self._open.fileno(), rest) :]
                os.fsync(self._open.fileno())
            except OSError:
                # what may be there in part must not stand before what comes next
                self._leave(end)
                raise
            self._sizes[self._number] = end + len(data)
            self._count += len(messages)

    def head(self, most: int, most_bytes: int) -> tuple[list[Message], Place]:
        """The oldest messages, and the place behind them; they stay until `drop`."""
        with self._lock:
            found: list[Message] = []
            place, room = self._taken, most_bytes
            for number in sorted(self._sizes):
                if number < self._taken.segment:  # taken, and could not be deleted
                    continue
                begin = place.offset if number == place.segment else 0
                with (self._folder / _name(number)).open("rb") as file:
                    file.seek(begin)
                    place = Place(number, begin)
                    while len(found) < most and room > 0 and begin < self._sizes[number]:
                        message, length = _read(file)
                        if message is None:
                            log.error("queue %s is damaged at %d; the rest is left", number, begin)
                            self._damaged.add(number)
                            place = Place(number, self._sizes[number])
                            break
                        found.append(message)
                        room -= length
                        begin += length
                        place = Place(number, begin)
                if len(found) >= most or room <= 0:
                    break
            return found, place

    def drop(self, place: Place, count: int) -> None:
        """Forget the ``count`` messages before ``place``, which the database has taken."""
        with self._lock:
            self._taken, self._count = place, self._count - count
            for number in list(self._sizes):
                whole = number == place.segment and place.offset >= self._sizes[number]
                if number < place.segment or whole:
                    if number == self._number:
                        self._leave(None)
                    path = self._folder / _name(number)
                    if number in self._damaged:
                        path.rename(path.with_suffix(".damaged"))  # for somebody to look into
                    else:
                        path.unlink(missing_ok=True)
                    del self._sizes[number]
            if not self._sizes:
                self._count = 0

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._leave(None)

    def _begin(self) -> None:
        self._leave(None)
        path = self._folder / _name(self._number)
        self._open = path.open("ab", buffering=0)
        self._sizes[self._number] = 0
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _leave(self, end: int | None) -> None:
        """Write no more into this segment, which is whole up to ``end``."""
        if self._open is None:
            return
        file, self._open = self._open, None
        try:
            if end is not None:
                file.truncate(end)
            file.close()
        except OSError:
            log.warning("the end of queue segment %d may be torn", self._number)
        self._number += 1


def _name(number: int) -> str:
    return f"{number:08d}.queue"


def _record(message: Message) -> bytes:
    topic = message.topic.encode()
    body = _TOPIC.pack(message.size, len(topic)) + topic + message.payload
    return _HEAD.pack(len(body), zlib.crc32(body)) + body


def _read(file: BinaryIO) -> tuple[Message | None, int]:
    """The next message and its length in the file; None at the end or at a torn one."""
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None, 0
    length, crc = _HEAD.unpack(head)
    body = file.read(length)
    if len(body) < length or length < _TOPIC.size or zlib.crc32(body) != crc:
        return None, 0
    size, named = _TOPIC.unpack(body[: _TOPIC.size])
    name = body[_TOPIC.size : _TOPIC.size + named].decode("utf-8", "replace")
    return Message(name, body[_TOPIC.size + named :], size), _HEAD.size + length


def _whole(path: Path, begin: int) -> tuple[int, int]:
    """How many messages a segment of an earlier life holds, and where the last one ends."""
    count, end = 0, begin
    with path.open("rb") as file:
        file.seek(begin)
        while True:
            message, length = _read(file)
            if message is None:
                return count, end
            count, end = count + 1, end + length
