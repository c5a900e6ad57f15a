"""The protocol data units of SMPP 3.4 that a client of messages needs. Pure.

Sections are those of "Short Message Peer to Peer Protocol Specification v3.4", issue 1.2.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

HEADER = struct.Struct(">IIII")
LARGEST = 65_536  # octets of a unit that is still read

# command_id, section 5.1.2.1
GENERIC_NACK = 0x80000000
SUBMIT_SM, DELIVER_SM, UNBIND = 0x04, 0x05, 0x06
BIND_TRANSCEIVER, ENQUIRE_LINK = 0x09, 0x15
RESPONSE = 0x80000000
# command_status, section 5.1.3
ROK, RINVCMDID, RSYSERR, RMSGQFUL = 0x00, 0x03, 0x08, 0x14
RTHROTTLED, RX_T_APPN = 0x58, 0x64
# esm_class, section 5.2.12: what a deliver_sm is, and whether the text begins with a header
KIND, RECEIPT, HAS_HEADER = 0x3C, 0x04, 0x40
WITH_RECEIPT = 0x01  # registered_delivery, section 5.2.17: of final outcomes, good and bad
# optional parameters, section 5.3.2
RECEIPTED_ID, MESSAGE_STATE, MESSAGE_PAYLOAD = 0x001E, 0x0427, 0x0424
# message_state, section 5.2.28, and the words of receipts in text, appendix B
STATES = {2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 8: "REJECTD"}
_WORDS = re.compile(r"id:\s*(\S+).*?stat:\s*(\w+)", re.IGNORECASE | re.DOTALL)


class Malformed(ValueError):  # noqa: N818  what others send is no malfunction of ours
    """Octets that are no unit of the protocol."""


@dataclass(frozen=True)
class Unit:
    """A unit: what it is, how it went, its number, and what it carries."""

    command: int
    status: int
    number: int
    body: bytes = b""

    def octets(self) -> bytes:
        """As it travels."""
        size = HEADER.size + len(self.body)
        return HEADER.pack(size, self.command, self.status, self.number) + self.body


@dataclass(frozen=True)
class Short:
    """A submit_sm or deliver_sm: from, to, and the message."""

    source: str
    destination: str
    coding: int
    message: bytes
    kind: int = 0
    receipt: int = 0
    source_type: tuple[int, int] = (0, 0)  # type of number, numbering plan: section 5.2.5
    destination_type: tuple[int, int] = (1, 1)
    options: Mapping[int, bytes] = field(default_factory=dict)

    def body(self) -> bytes:
        """The body of the unit."""
        return b"".join(
            (
                b"\0",
                bytes(self.source_type) + _string(self.source),
                bytes(self.destination_type) + _string(self.destination),
                bytes([self.kind, 0, 0]) + b"\0\0",
                bytes([self.receipt, 0, self.coding, 0, len(self.message)]),
                self.message,
                *(struct.pack(">HH", tag, len(v)) + v for tag, v in self.options.items()),
            )
        )

    @property
    def text(self) -> bytes:
        """The message, wherever it stands."""
        return self.options.get(MESSAGE_PAYLOAD, self.message)


def bind(user: str, password: str, system_type: str) -> bytes:
    """The body of a bind_transceiver of version 3.4 (section 4.1.5)."""
    return b"".join(
        (_string(user), _string(password), _string(system_type), b"\x34\0\0", _string(""))
    )


def read_length(head: bytes) -> int:
    """How long the unit is that begins with these four octets."""
    (length,) = struct.unpack(">I", head)
    if not HEADER.size <= length <= LARGEST:
        raise Malformed(f"a unit of {length} octets")
    return int(length)


def read_unit(octets: bytes) -> Unit:
    """A whole unit."""
    _, command, status, number = HEADER.unpack_from(octets)
    return Unit(command, status, number, octets[HEADER.size :])


def read_string(body: bytes, at: int = 0) -> tuple[str, int]:
    """A text that ends with NUL, and where the next field begins."""
    end = body.find(b"\0", at)
    if end < 0:
        raise Malformed("a text without end")
    return body[at:end].decode("latin-1"), end + 1


def read_short(body: bytes) -> Short:
    """A submit_sm or deliver_sm (sections 4.4.1 and 4.6.1)."""
    try:
        _, at = read_string(body)
        source_type = (body[at], body[at + 1])
        source, at = read_string(body, at + 2)
        destination_type = (body[at], body[at + 1])
        destination, at = read_string(body, at + 2)
        kind = body[at]
        _, at = read_string(body, at + 3)
        _, at = read_string(body, at)
        receipt, coding, length = body[at], body[at + 2], body[at + 4]
        at += 5
        message = body[at : at + length]
        if len(message) != length:
            raise Malformed("a message shorter than it says")
        options = _read_options(body[at + length :])
    except IndexError as problem:
        raise Malformed("a unit that ends too soon") from problem
    return Short(
        source, destination, coding, message, kind, receipt, source_type, destination_type, options
    )


def read_receipt(short: Short) -> tuple[str, str] | None:
    """The message that a receipt is of, and its state as a word; None if it says neither."""
    found = _WORDS.search(short.text.decode("latin-1"))
    name, word = found.groups() if found else ("", "")
    if RECEIPTED_ID in short.options:
        name = short.options[RECEIPTED_ID].rstrip(b"\0").decode("latin-1")
    state = short.options.get(MESSAGE_STATE, b"")
    if len(state) == 1:
        word = STATES.get(state[0], "")
    return (name, word.upper()) if name and word else None


def _read_options(octets: bytes) -> dict[int, bytes]:
    options, at = {}, 0
    while at < len(octets):
        if at + 4 > len(octets):
            raise Malformed("an option without length")
        tag, length = struct.unpack_from(">HH", octets, at)
        value = octets[at + 4 : at + 4 + length]
        if len(value) != length:
            raise Malformed("an option shorter than it says")
        options[tag] = value
        at += 4 + length
    return options


def _string(text: str) -> bytes:
    return text.encode("ascii", "replace").replace(b"\0", b"") + b"\0"
