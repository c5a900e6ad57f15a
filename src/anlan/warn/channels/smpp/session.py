"""One bind to a message centre: kept up, asked and answered; many requests under way at once."""

from __future__ import annotations

import contextlib
import logging
import queue
import random
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace

from anlan.warn.channels.smpp.pdu import (
    BIND_TRANSCEIVER,
    DELIVER_SM,
    ENQUIRE_LINK,
    GENERIC_NACK,
    RESPONSE,
    RINVCMDID,
    ROK,
    RX_T_APPN,
    UNBIND,
    Malformed,
    Short,
    Unit,
    bind,
    read_length,
    read_short,
    read_unit,
)

TICK_S = 0.2
SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 60.0
MOST_WAITING = 1000  # units of the other side's that wait to be kept
LAST_NUMBER = 0x7FFFFFFF
log = logging.getLogger(__name__)


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


class Session(threading.Thread):
    """Binds, again and again, until stopped.

    Args:
        hear: called with each deliver_sm in a thread of its own; what it raises makes the centre
            send the unit again.
    """

    def __init__(self, centre: Centre, hear: Callable[[Short], None]) -> None:
        super().__init__(name="smpp", daemon=True)
        self._centre, self._hear = centre, hear
        self._ending = threading.Event()
        self._bound = threading.Event()
        self._lock = threading.Lock()  # of what follows
        self._line: socket.socket | None = None
        self._waiting: dict[int, Future[Unit]] = {}
        self._number = 0
        self._inbox: queue.Queue[Unit] = queue.Queue(MOST_WAITING)
        self._hearer = threading.Thread(target=self._keep, name="smpp-hear", daemon=True)
        self.problem = "not begun"

    @property
    def bound(self) -> bool:
        """Whether the centre has let us in, and is there."""
        return self._bound.is_set()

    def request(self, command: int, body: bytes) -> Future[Unit]:
        """Send a unit; its answer comes as the future's result, `Lost` when the line broke first.

        Raises:
            NotBound: nothing was sent.
        """
        if not self.bound:
            raise NotBound
        return self._ask(command, body)

    def stop(self) -> None:
        """Unbind, and end."""
        self._ending.set()
        if self.is_alive():
            self.join(timeout=self._centre.time_out_s)

    def run(self) -> None:
        """Bind, serve, and bind again."""
        self._hearer.start()
        attempt, chance = 0, random.Random()
        while not self._ending.is_set():
            begun = time.monotonic()
            try:
                self._serve()
            except (Lost, Malformed, OSError) as problem:
                self.problem = str(problem) or type(problem).__name__
            finally:
                self._hang_up()
            if self._ending.is_set():
                return
            attempt = 1 if time.monotonic() - begun > LONGEST_PAUSE_S else attempt + 1
            pause = min(LONGEST_PAUSE_S, SHORTEST_PAUSE_S * 2.0 ** min(attempt - 1, 20))
            log.warning("message centre %s: %s", self._centre.host, self.problem)
            self._ending.wait(pause * chance.uniform(0.5, 1.0))

    def _serve(self) -> None:
        line = connect(self._centre)
        with self._lock:
            self._line = line
        reader = _Reader(line)
        own = self._centre
        bound = self._ask(BIND_TRANSCEIVER, bind(own.user, own.password, own.system_type))
        begun = heard = time.monotonic()
        enquired: Future[Unit] | None = None
        while not self._ending.is_set():
            unit = reader.unit()
            now = time.monotonic()
            if unit is not None:
                heard, enquired = now, None
                self._take(unit)
            if not self.bound:
                _check_bind(bound, now - begun > own.time_out_s)
                if bound.done():
                    self.problem = ""
                    self._bound.set()
            elif enquired is None and now - heard > own.enquire_s:
                enquired, heard = self._ask(ENQUIRE_LINK, b""), now
            elif enquired is not None and now - heard > own.time_out_s:
                raise Lost("the message centre no longer answers")
        self._ask(UNBIND, b"")

    def _take(self, unit: Unit) -> None:
        if unit.command & RESPONSE:
            with self._lock:
                waiting = self._waiting.pop(unit.number, None)
            if waiting is not None and waiting.set_running_or_notify_cancel():
                waiting.set_result(unit)
            return
        if unit.command == DELIVER_SM:
            try:
                self._inbox.put_nowait(unit)
            except queue.Full:
                self._answer(unit, RX_T_APPN)
        elif unit.command in (ENQUIRE_LINK, UNBIND):
            self._answer(unit, ROK)
            if unit.command == UNBIND:
                raise Lost("the message centre ended the bind")
        else:
            self._send(Unit(GENERIC_NACK, RINVCMDID, unit.number))

    def _keep(self) -> None:
        """Hand on what comes in; answer for it once it is kept."""
        while not self._ending.is_set():
            try:
                unit = self._inbox.get(timeout=TICK_S)
            except queue.Empty:
                continue
            status = ROK
            try:
                self._hear(read_short(unit.body))
            except Malformed as problem:
                log.warning("message centre %s sends %s", self._centre.host, problem)
            except Exception as problem:
                # its words may hold a number
                log.error("a message that came in could not be kept: %s", type(problem).__name__)
                status = RX_T_APPN
            try:
                self._answer(unit, status)
            except (OSError, NotBound):
                continue  # the line is gone: the centre sends it again

    def _answer(self, unit: Unit, status: int) -> None:
        body = b"\0" if unit.command == DELIVER_SM else b""
        self._send(Unit(unit.command | RESPONSE, status, unit.number, body))

    def _ask(self, command: int, body: bytes) -> Future[Unit]:
        answer: Future[Unit] = Future()
        with self._lock:
            self._number = self._number % LAST_NUMBER + 1
            unit = Unit(command, 0, self._number, body)
            self._waiting[unit.number] = answer
        try:
            self._send(unit)
        except (OSError, NotBound) as problem:
            with self._lock:
                self._waiting.pop(unit.number, None)
            if isinstance(problem, NotBound):
                raise
            answer.set_exception(Lost(type(problem).__name__))
        return answer

    def _send(self, unit: Unit) -> None:
        with self._lock:
            if self._line is None:
                raise NotBound
            try:
                self._line.sendall(unit.octets())
            except OSError:
                # part of the unit may have gone out: nothing that follows would be understood
                with contextlib.suppress(OSError):
                    self._line.shutdown(socket.SHUT_RDWR)
                raise

    def _hang_up(self) -> None:
        self._bound.clear()
        with self._lock:
            line, self._line = self._line, None
            lost, self._waiting = self._waiting, {}
        if line is not None:
            line.close()
        for waiting in lost.values():
            if waiting.set_running_or_notify_cancel():
                waiting.set_exception(Lost("the line broke"))


class _Reader:
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


def _check_bind(bound: Future[Unit], too_late: bool) -> None:
    if bound.done():
        status = bound.result().status
        if status != ROK:
            raise Lost(f"the message centre does not let us in (status {status:#x})", refused=True)
    elif too_late:
        raise Lost("no answer to the bind")


def try_bind(centre: Centre) -> None:
    """Bind once and leave. Raises `Lost` or OSError when that fails."""
    session = Session(replace(centre), lambda _: None)
    session.start()
    until = time.monotonic() + centre.time_out_s
    while not session.bound and time.monotonic() < until and session.problem in ("", "not begun"):
        time.sleep(0.02)
    bound, problem = session.bound, session.problem
    session.stop()
    if not bound:
        raise Lost(problem if problem != "not begun" else "no answer")
