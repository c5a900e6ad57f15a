"""A message centre of SMPP 3.4 for the tests, written from the specification alone.

It shares no code with the client: units are taken apart here by hand.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from dataclasses import dataclass, field

BIND, SUBMIT, DELIVER, ENQUIRE, UNBIND = 0x09, 0x04, 0x05, 0x15, 0x06
RESPONSE = 0x80000000


@dataclass
class Taken:
    """A submit_sm as it came."""

    source: str
    to: str
    esm_class: int
    registered: int
    coding: int
    octets: bytes
    payload: bytes | None


@dataclass
class Centre:
    """What it did and heard, and how it is to behave."""

    password: str = "secret"
    taken: list[Taken] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)  # of the next submits; then 0
    delay_s: float = 0.0
    mute: bool = False  # takes messages and never answers
    drop: bool = False  # takes a message and hangs up
    receipt_first: bool = False  # the receipt before the answer
    deaf: bool = False  # does not answer enquire_link
    binds: int = 0
    enquiries: int = 0
    unbinds: int = 0
    answers: list[int] = field(default_factory=list)  # statuses of deliver_sm_resp

    def __post_init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._lines: list[socket.socket] = []
        self._lock = threading.Lock()
        self._ids = 0x1A2B0
        self._sequence = 1000
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        """Stop listening, and hang up."""
        self._server.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Tear all lines."""
        for line in self._lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
        self._lines.clear()

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self._server.accept()
            except OSError:
                return
            self._lines.append(line)
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        try:
            while True:
                head = _exactly(line, 16)
                length, command, status, number = struct.unpack(">IIII", head)
                self._unit(line, command, status, number, _exactly(line, length - 16))
        except (OSError, ConnectionError):
            line.close()

    def _unit(
        self, line: socket.socket, command: int, status: int, number: int, body: bytes
    ) -> None:
        if command == BIND:
            self.binds += 1
            user, password, *_ = body.split(b"\0")
            good = user == b"anlan" and password == self.password.encode()
            self._say(line, BIND | RESPONSE, 0 if good else 0x0E, number, b"test\0")
        elif command == SUBMIT:
            self._submit(line, number, body)
        elif command == ENQUIRE:
            self.enquiries += 1
            if not self.deaf:
                self._say(line, ENQUIRE | RESPONSE, 0, number)
        elif command == UNBIND:
            self.unbinds += 1
            self._say(line, UNBIND | RESPONSE, 0, number)
        elif command == DELIVER | RESPONSE:
            self.answers.append(status)

    def _submit(self, line: socket.socket, number: int, body: bytes) -> None:
        message = _take_apart(body)
        with self._lock:
            status = self.statuses.pop(0) if self.statuses else 0
            self._ids += 1
            name = f"{self._ids:X}"
            if status == 0:
                self.taken.append(message)
        if self.mute:
            return
        if self.drop:
            raise ConnectionError
        if self.receipt_first:
            self.receipt(name)
            time.sleep(0.1)
        time.sleep(self.delay_s)
        self._say(
            line, SUBMIT | RESPONSE, status, number, name.encode() + b"\0" if not status else b""
        )

    @property
    def last_id(self) -> str:
        """The name of the message last taken."""
        return f"{self._ids:X}"

    def receipt(self, name: str, word: str = "DELIVRD", options: bool = False) -> None:
        """Send a receipt of the message ``name``, as text or as optional parameters."""
        dates = "submit date:2607250801 done date:2607250802"
        text = f"id:{name} sub:001 dlvrd:001 {dates} stat:{word} err:000 text:"
        more = b""
        if options:
            state = {"DELIVRD": 2, "UNDELIV": 5}[word]
            value = name.encode() + b"\0"
            more = (
                struct.pack(">HH", 0x001E, len(value))
                + value
                + struct.pack(">HHB", 0x0427, 1, state)
            )
            text = ""
        self._deliver("13900000001", 0x04, 0, text.encode(), more)

    def say(self, source: str, text: str) -> None:
        """Somebody writes."""
        self._deliver(source, 0, 8, text.encode("utf-16-be"))

    def raw(self, octets: bytes) -> None:
        """Send what may be no unit at all."""
        self._lines[-1].sendall(octets)

    def _deliver(
        self, source: str, esm: int, coding: int, octets: bytes, more: bytes = b""
    ) -> None:
        self._sequence += 1
        body = (
            b"\0\x01\x01"
            + source.encode()
            + b"\0\x00\x0110690330482\0"
            + bytes([esm, 0, 0])
            + b"\0\0"
            + bytes([0, 0, coding, 0, len(octets)])
            + octets
            + more
        )
        self._say(self._lines[-1], DELIVER, 0, self._sequence, body)

    def _say(
        self, line: socket.socket, command: int, status: int, number: int, body: bytes = b""
    ) -> None:
        with self._lock:
            line.sendall(struct.pack(">IIII", 16 + len(body), command, status, number) + body)


def _exactly(line: socket.socket, count: int) -> bytes:
    octets = b""
    while len(octets) < count:
        piece = line.recv(count - len(octets))
        if not piece:
            raise ConnectionError
        octets += piece
    return octets


def _take_apart(body: bytes) -> Taken:
    service, rest = body.split(b"\0", 1)
    assert service == b""
    source, rest = rest[2:].split(b"\0", 1)
    to, rest = rest[2:].split(b"\0", 1)
    esm, rest = rest[0], rest[3:]
    assert rest[:2] == b"\0\0", "no schedule, no validity"
    registered, _, coding, _, length = rest[2:7]
    octets, options = rest[7 : 7 + length], rest[7 + length :]
    assert len(octets) == length
    payload = None
    if options:
        tag, size = struct.unpack(">HH", options[:4])
        assert tag == 0x0424
        assert len(options) == 4 + size
        payload = options[4:]
    return Taken(source.decode(), to.decode(), esm, registered, coding, octets, payload)
