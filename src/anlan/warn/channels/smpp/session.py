"""One bind to a message centre: kept up, asked and answered; many requests under way at once."""

from __future__ import annotations

import contextlib
import logging
import queue
import random
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

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
    read_short,
)
from anlan.warn.channels.smpp.wire import TICK_S, Centre, Lost, NotBound, Reader, connect

SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 60.0
MOST_WAITING = 1000  # units of the other side's that wait to be kept
LAST_NUMBER = 0x7FFFFFFF
log = logging.getLogger(__name__)


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
        reader = Reader(line)
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
