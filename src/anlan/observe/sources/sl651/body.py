"""What a message of SL 651-2014 says: clause 6.6, identifiers of tables 26 and C.1.

A message is the body of one frame, or of several put together. In bytes (6.6.3) it is a row
of identifier and data: lead byte, then a byte whose high 5 bits count the bytes of data and
whose low 3 the decimals, then packed decimal digits. ``FF`` before the digits is a minus sign;
digits all ``F`` say that there is no value. In characters (6.6.2) identifiers, data and
numbers stand between spaces, and ``M`` says that there is no value.

Two habits of terminals outside the standard are read too: digits all ``A`` for no value, and
a space after the sending time of a message in characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from anlan.observe.sources.sl651.elements import (
    ALARMS,
    BY_LEAD,
    BY_NAME,
    CLASSES,
    LEADS,
    MANUAL,
    OBSERVED,
    PICTURE,
    STATION,
    STEP,
    VELOCITIES,
    Element,
)

KEEP_ALIVE, TEST, EVEN, TIMED, ADDED, HOURLY, MANUAL_REPORT, PICTURE_REPORT = range(0x2F, 0x37)
PRESENT, PERIOD, MANUAL_QUERY, NAMED, PUMPS, STATE = 0x37, 0x38, 0x39, 0x3A, 0x44, 0x46
ELEMENTS = frozenset(
    {TEST, EVEN, TIMED, ADDED, HOURLY, PICTURE_REPORT, PRESENT, PERIOD, NAMED, PUMPS, STATE}
)
MANUALS = frozenset({MANUAL_REPORT, MANUAL_QUERY})
FIVE_MINUTES, HOUR = timedelta(minutes=5), timedelta(hours=1)
MOST_VALUES = 10_000  # of one message: more than a month of 5 min values
AN_HOUR_OF_VALUES = 12  # values in the data of DRP and DRZ1 to DRZ8: one each 5 min of an hour


class Unreadable(Exception):  # noqa: N818  says what the body lacks, never leaves this package
    """The body does not follow the standard; the words say where."""


@dataclass(frozen=True)
class Value:
    """One value of one element.

    Attributes:
        station: whose it is, ten digits.
        at: when it was observed, or the end of its interval; aware; None where nothing says.
        value: in ``element.unit``; None when the station says that it has none.
    """

    station: str
    element: Element
    at: datetime | None
    value: float | None


@dataclass
class Message:
    """What one message says.

    Attributes:
        station: ten digits, from the body if it names one, else from the frame.
        kind: class of the station (table A.1), one letter.
        sent: by the station's clock, aware; None if that is no time.
        error: why the rest could not be read; empty when all was read.
    """

    station: str
    function: int
    serial: int | None = None
    sent: datetime | None = None
    kind: str = ""
    values: list[Value] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    manual: str = ""
    picture: bytes = b""
    error: str = ""

    @property
    def observed(self) -> datetime | None:
        """The first time of observation."""
        return next((value.at for value in self.values if value.at is not None), None)


def read(
    body: bytes, function: int, station: str, zone: tzinfo, *, ascii: bool, up: bool = True
) -> Message:
    """The message in ``body``; never raises: what cannot be read is said in ``error``.

    ``zone``: that of the station's clock; the standard names none, Chinese stations keep
    Beijing time. Of a message from the centre only serial and sending time are read.
    """
    message = Message(station, function)
    try:
        reader = _Characters(body, zone) if ascii else _Bytes(body, zone)
        message.serial, message.sent = reader.opening()
        if not up or function == KEEP_ALIVE:
            return message
        if function in MANUALS:
            message.manual = reader.manual()
        elif function in ELEMENTS:
            _elements(reader, message, in_rows=function in (EVEN, PERIOD))
    except Unreadable as problem:
        message.error = str(problem)
    return message


def moment(digits: str, zone: tzinfo) -> datetime | None:
    """The time of YYMMDDHHmm[SS] (6.6.2.5), years 2000 to 2099; None if it is none."""
    if not re.fullmatch(r"(?:\d\d){5,6}", digits):
        return None
    year, *rest = (int(digits[i : i + 2]) for i in range(0, len(digits), 2))
    try:
        return datetime(2000 + year, *rest, tzinfo=zone)  # type: ignore[misc,arg-type]
    except ValueError:
        return None


def number(digits: str, decimals: int) -> float | None:
    """Packed decimal digits as a number (6.6.3.3); None when they say that there is none.

    Raises `Unreadable` for digits that are none.
    """
    if not digits or set(digits) == {"F"} or set(digits) == {"A"}:
        return None
    negative = digits.startswith("FF")
    plain = digits[2:] if negative else digits
    if not plain.isdecimal():
        raise Unreadable(f"{digits} are not decimal digits")
    value = int(plain) / 10.0**decimals
    return -value if negative else value


def of_an_hour(element: Element, digits: str) -> list[float | None]:
    """The twelve values of DRP (bytes, 0.1 mm) or DRZ1 to DRZ8 (two bytes, cm), in mm or m."""
    width, factor = (2, 10) if element.name == "DRP" else (4, 100)
    if len(digits) != width * AN_HOUR_OF_VALUES:
        raise Unreadable(
            f"{element.name} has {len(digits) // 2} bytes of data; it needs {width * 6}"
        )
    raw = [digits[i : i + width] for i in range(0, len(digits), width)]
    return [None if set(one) == {"F"} else int(one, 16) / factor for one in raw]


def alarms(state: int) -> list[str]:
    """The words of table 58 for each bit that is set."""
    return [words for bit, words in ALARMS.items() if state >> bit & 1]


def _hours_and_minutes(value: float | None) -> float | None:
    """Hours of a duration written HH.mm (E.1.2.3)."""
    if value is None:
        return None
    return int(value) + round(value % 1 * 100) / 60


@dataclass(frozen=True)
class _Group:
    """An identifier with its data: hexadecimal digits, or text where ``decimals`` is None."""

    lead: int
    name: str
    data: str
    decimals: int | None


def _elements(reader: _Reader, message: Message, in_rows: bool) -> None:
    """Fill ``message`` with the groups of a body; those of 31H and 38H come in rows."""
    at: datetime | None = None
    step: timedelta | None = None
    for group in reader.groups():
        if group.lead == STATION:
            message.station, message.kind = group.data, reader.kind()
        elif group.lead == OBSERVED:
            at = moment(group.data, reader.zone)
            if at is None:
                raise Unreadable(f"observation time {group.data} is no time")
        elif group.lead == STEP:
            step = _step(group)
            if in_rows:
                message.values += reader.rows(message.station, at, step)
        elif group.lead == PICTURE:
            message.picture = reader.rest()
        elif group.lead == VELOCITIES:
            raise Unreadable("velocities in bulk (FD) are not read")
        elif group.name == "ZT":
            message.alarms += alarms(_state(group.data))
        else:
            message.values += _values(group, message.station, at)
        if len(message.values) > MOST_VALUES:
            raise Unreadable(f"more than {MOST_VALUES} values")


def _state(digits: str) -> int:
    try:
        return int(digits, 16)
    except ValueError:
        raise Unreadable(f"state {digits[:20]} is not hexadecimal") from None


def _values(group: _Group, station: str, at: datetime | None) -> Iterator[Value]:
    element = BY_LEAD.get(group.lead) or Element(group.lead, group.name, "not in table C.1")
    if element.name.startswith("DR"):
        for i, value in enumerate(of_an_hour(element, group.data)):
            yield Value(station, element, None if at is None else at + i * FIVE_MINUTES, value)
        return
    value = (
        _text_number(group.data) if group.decimals is None else number(group.data, group.decimals)
    )
    yield Value(station, element, at, _hours_and_minutes(value) if element.name == "DT" else value)


def _text_number(text: str) -> float | None:
    if text == "M" or not text.strip("F") or not text.strip("A"):
        return None
    if not re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,15})?", text):
        raise Unreadable(f"{text[:20]} is not a number")
    return float(text)


def _step(group: _Group) -> timedelta:
    """Tables C.2 and C.3: days, hours and minutes; all zero goes with DRP and DRZ."""
    if group.decimals is None:
        unit = {"D": "days", "H": "hours", "N": "minutes"}[group.name[2]]
        return timedelta(**{unit: int(group.name[3:])})
    if len(group.data) != 6 or not group.data.isdecimal():
        raise Unreadable(f"step {group.data} is not days, hours and minutes")
    days, hours, minutes = (int(group.data[i : i + 2]) for i in (0, 2, 4))
    return timedelta(days=days, hours=hours, minutes=minutes)


def _in_rows(
    element: Element,
    taken: Iterable[str],
    station: str,
    at: datetime | None,
    step: timedelta,
    number_of: Callable[[str], float | None],
) -> Iterator[Value]:
    """The values of one element at even intervals (6.6.4.4): an hour each for DRP and DRZ."""
    for i, data in enumerate(taken):
        if i >= MOST_VALUES:
            raise Unreadable(f"more than {MOST_VALUES} values")
        if element.name.startswith("DR"):
            begins = None if at is None else at + i * HOUR
            for j, value in enumerate(of_an_hour(element, data)):
                yield Value(station, element, begins and begins + j * FIVE_MINUTES, value)
        else:
            if not step:
                raise Unreadable("a step of zero goes with DRP and DRZ only")
            yield Value(station, element, None if at is None else at + i * step, number_of(data))


class _Bytes:
    """A body in bytes (6.6.3)."""

    def __init__(self, body: bytes, zone: tzinfo) -> None:
        self.body, self.zone, self.at = body, zone, 0

    def take(self, count: int, what: str) -> str:
        """The next bytes as hexadecimal digits."""
        data = self.body[self.at : self.at + count]
        if len(data) < count:
            raise Unreadable(f"{what} wants {count} bytes at byte {self.at}; {len(data)} are left")
        self.at += count
        return data.hex().upper()

    def opening(self) -> tuple[int, datetime | None]:
        return int(self.take(2, "serial"), 16), moment(self.take(6, "sending time"), self.zone)

    def kind(self) -> str:
        # table 60 puts no class after the station
        if not self.more() or chr(self.body[self.at]) not in CLASSES:
            return ""
        return chr(int(self.take(1, "class"), 16))

    def more(self) -> bool:
        return self.at < len(self.body)

    def groups(self) -> Iterator[_Group]:
        while self.more():
            yield self.group()

    def group(self, with_data: bool = True) -> _Group:
        name = self.take(1, "identifier")
        if name == "FF":  # the user's own range has one byte more
            name += self.take(1, "identifier FF")
        form = int(self.take(1, f"identifier {name}"), 16)
        lead = int(name, 16)
        if lead in (PICTURE, MANUAL, VELOCITIES) or not with_data:
            return _Group(lead, name, str(form), form & 7)
        if lead in (STATION, OBSERVED):
            return _Group(lead, name, self.take(5, name), 0)
        known = BY_LEAD.get(lead)
        data = self.take(form >> 3, f"element {known.name if known else name}")
        return _Group(lead, known.name if known else name, data, form & 7)

    def rows(self, station: str, at: datetime | None, step: timedelta) -> Iterator[Value]:
        """6.6.4.4 b: one identifier, then data to the end."""
        group = self.group(with_data=False)
        size = int(group.data) >> 3
        element = BY_LEAD.get(group.lead)
        if element is None or not size:
            raise Unreadable(f"identifier {group.name} is not in table C.1 or has no length")
        taken = (self.take(size, element.name) for _ in iter(self.more, False))
        decimals = group.decimals or 0
        yield from _in_rows(element, taken, station, at, step, lambda d: number(d, decimals))

    def manual(self) -> str:
        if self.group().lead != MANUAL:
            raise Unreadable("manual values should begin with F2F2")
        return self.rest().decode("ascii", "replace").strip()

    def rest(self) -> bytes:
        left, self.at = self.body[self.at :], len(self.body)
        return left


_WORD = re.compile(rb" *([^ ]+)(?: |$)")


class _Characters:
    """A body in characters (6.6.2): words between spaces after serial and sending time."""

    def __init__(self, body: bytes, zone: tzinfo) -> None:
        self.body, self.zone, self.at = body, zone, 16
        self.words: list[str] = []

    def opening(self) -> tuple[int, datetime | None]:
        opening = self.body[:16].decode("ascii", "replace")
        if not re.fullmatch(r"[0-9A-Fa-f]{4}.{12}", opening, re.DOTALL):
            raise Unreadable("serial and sending time want 16 characters")
        return int(opening[:4], 16), moment(opening[4:], self.zone)

    def word(self, what: str) -> str:
        found = _WORD.match(self.body, self.at)
        if found is None:
            raise Unreadable(f"{what} wants a word at character {self.at}")
        self.at = found.end()
        return found[1].decode("ascii", "replace")

    def more(self) -> bool:
        return _WORD.match(self.body, self.at) is not None

    def kind(self) -> str:
        before = self.at
        if self.more() and (word := self.word("class")) in CLASSES:
            following = self.body[self.at : self.at + 8].lstrip(b" ")
            # H, M... are elements too: a class is followed by the next identifier, not a number
            if not following[:1].isdigit() and not following.startswith(b"-"):
                return word
        self.at = before
        return ""

    def groups(self) -> Iterator[_Group]:
        while self.more():
            name = self.word("identifier").upper()
            if re.fullmatch(r"DR[DHN]\d\d", name):
                yield _Group(STEP, name, "", None)
                continue
            lead = LEADS.get(name)
            known = BY_NAME.get(name)
            if lead == PICTURE:
                yield _Group(lead, name, "", None)
            elif lead is not None:
                yield _Group(lead, name, self.word(name), None)
            else:
                data = self.word(f"element {name}")
                yield _Group(known.lead if known else -1, name, data, None)

    def rows(self, station: str, at: datetime | None, step: timedelta) -> Iterator[Value]:
        """Identifiers of one or more elements, then their data in turn (6.6.4.4)."""
        named: list[Element] = []
        while self.more():
            before = self.at
            element = BY_NAME.get(self.word("identifier").upper())
            if element is None:
                self.at = before
                break
            named.append(element)
        if not named:
            raise Unreadable("no element of table C.1 follows the step")
        data = [self.word("data") for _ in iter(self.more, False)]
        for i, element in enumerate(named):
            own = data[i :: len(named)]
            yield from _in_rows(element, own, station, at, step, _text_number)

    def manual(self) -> str:
        if self.word("manual values").upper() != "RGZS":
            raise Unreadable("manual values should begin with RGZS")
        return self.rest().decode("ascii", "replace").strip()

    def rest(self) -> bytes:
        left, self.at = self.body[self.at :], len(self.body)
        return left


_Reader = _Bytes | _Characters
