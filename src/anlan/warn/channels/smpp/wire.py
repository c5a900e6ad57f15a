"""The line to a message centre: how it is made, and whole units read from it."""

from __future__ import annotations

import select
import socket
import ssl
from dataclasses import dataclass

from anlan.warn.channels.smpp.pdu import Unit, read_length, read_unit

TICK_S = 0.2


class Lost(Exception):  # noqa: N818  the line is lost, which is no malfunction of ours
    """The line broke, or could not be made; ``refused`` when the other side does not let us in."""

    def __init__(self, words: str, refused: bool = False) -> None:
        super().__init__(words)
        self.refused = refused


class NotBound(Exception):  # noqa: N818  the other side is away, which is no malfunction of ours
    """Nothing was sent: there is no bind."""


@dataclass(frozen=True)
class Centre:
    """Where the message centre is, and as whom we come to it.

    ``enquire_s``: after how long a silence it is asked whether it is there.
    """

    host: str
    port: int
    tls: bool
    user: str
    password: str
    system_type: str = ""
    time_out_s: float = 10.0
    enquire_s: float = 30.0


class Reader:
    """Whole units from a line that is read a piece at a time."""

    def __init__(self, line: socket.socket) -> None:
        self._line, self._octets = line, bytearray()

    def unit(self) -> Unit | None:
        """The next unit; None when none is whole within a tick."""
        if (found := self._whole()) is not None:
            return found
        buffered = isinstance(self._line, ssl.SSLSocket) and self._line.pending()
        if not buffered and not select.select([self._line], [], [], TICK_S)[0]:
            return None
        try:
            piece = self._line.recv(65_536)
        except (TimeoutError, ssl.SSLWantReadError):
            return None
        if not piece:
            raise Lost("the message centre hung up")
        self._octets += piece
        return self._whole()

    def _whole(self) -> Unit | None:
        if len(self._octets) < 4:
            return None
        length = read_length(bytes(self._octets[:4]))
        if len(self._octets) < length:
            return None
        unit = read_unit(bytes(self._octets[:length]))
        del self._octets[:length]
        return unit


def connect(centre: Centre) -> socket.socket:
    """A line to the centre."""
    line = socket.create_connection((centre.host, centre.port), timeout=centre.time_out_s)
    try:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if centre.tls:
            line = ssl.create_default_context().wrap_socket(line, server_hostname=centre.host)
    except BaseException:
        line.close()
        raise
    return line
