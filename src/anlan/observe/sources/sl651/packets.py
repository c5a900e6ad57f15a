"""Messages sent in several packets (mode M3 of SL 651-2014, 6.3.1.2 c): put together again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from anlan.observe.sources.sl651.frames import ETX, Frame

MOST_BYTES = 2_000_000  # of one message: a large picture
WAIT_S = 120.0  # for the next packet
MOST_ASKED = 2  # a packet is sent again twice at most (6.3.1.2 c)


@dataclass(frozen=True)
class Gap:
    """The last packet has come, or no more come, and ``number`` is missing.

    ``serial`` is that of the message, 0 while its first packet, which carries it, is missing.
    """

    frame: Frame
    number: int
    serial: int


@dataclass(frozen=True)
class Refused:
    """A packet that fits no message, with the reason."""

    frame: Frame
    error: str


class Assembly:
    """The message that one link is sending: its packets so far. Time is monotonic seconds."""

    def __init__(self, wait_s: float = WAIT_S, most_bytes: int = MOST_BYTES) -> None:
        self._wait_s, self._most_bytes = wait_s, most_bytes
        self._parts: dict[int, Frame] = {}
        self._heard = 0.0
        self._asked = 0

    @property
    def waiting(self) -> tuple[int, int] | None:
        """(packets here, packets in all), or None when no message is under way."""
        first = next(iter(self._parts.values()), None)
        return (
            None if first is None or first.packet is None else (len(self._parts), first.packet[0])
        )

    def add(self, frame: Frame, now: float) -> Frame | Gap | Refused | None:
        """The whole message, what it lacks, why the packet is refused, or None to wait.

        A packet of another message begins that one; what was there of the old is given up,
        as the station sends it again from its first packet.
        """
        if frame.packet is None:
            return Refused(frame, "the packet counts are missing")
        total, number = frame.packet
        if not 1 <= number <= total:
            return Refused(frame, f"packet {number} of {total} cannot be")
        if now - self._heard > self._wait_s or not self._goes_on(frame):
            self._parts.clear()
        self._heard, self._asked = now, 0
        self._parts[number] = frame
        if sum(len(part.body) for part in self._parts.values()) > self._most_bytes:
            self._parts.clear()
            return Refused(frame, f"more than {self._most_bytes} bytes in one message")
        if len(self._parts) == total:
            body = b"".join(self._parts[i].body for i in range(1, total + 1))
            self._parts.clear()
            return replace(frame, body=body, packet=(total, total), end=ETX)
        # a packet that was asked for again ends with ETX as well
        return self.gap() if frame.end == ETX else None

    def gap(self) -> Gap | None:
        """The first packet that is missing, or None when no message is under way."""
        newest = next(reversed(self._parts.values()), None)
        if newest is None or newest.packet is None:
            return None
        missing = (i for i in range(1, newest.packet[0] + 1) if i not in self._parts)
        first = self._parts.get(1)
        return Gap(newest, next(missing), 0 if first is None else _serial(first))

    def after_silence(self) -> Gap | None:
        """As `gap`, when the line has fallen silent; the third time the message is given up."""
        self._asked += 1
        if self._asked > MOST_ASKED:
            self._parts.clear()
        return self.gap()

    def _goes_on(self, frame: Frame) -> bool:
        """Whether the packet belongs to the message under way."""
        newest = next(reversed(self._parts.values()), None)
        if newest is None or newest.packet is None or frame.packet is None:
            return False
        again = self._parts.get(frame.packet[1])
        return (newest.station, newest.function, newest.packet[0]) == (
            frame.station,
            frame.function,
            frame.packet[0],
        ) and (again is None or again.body == frame.body)


def _serial(frame: Frame) -> int:
    """The serial that begins the body of a first packet; 0 if none does."""
    try:
        return int(frame.body[:4] if frame.ascii else frame.body[:2].hex(), 16)
    except ValueError:
        return 0
