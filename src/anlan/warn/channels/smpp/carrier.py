"""Messages to the carrier, and what comes back: what each of its words means for a delivery."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass

from anlan.warn.channels.book import PHONE, international, is_number
from anlan.warn.channels.channel import AGAIN_S, Common, Line, Setup, side_by_side
from anlan.warn.channels.outlet import ActualMessage, Handed, Outcome
from anlan.warn.channels.smpp.pdu import (
    HAS_HEADER,
    KIND,
    MESSAGE_PAYLOAD,
    RECEIPT,
    RMSGQFUL,
    ROK,
    RSYSERR,
    RTHROTTLED,
    RX_T_APPN,
    SUBMIT_SM,
    WITH_RECEIPT,
    Malformed,
    Short,
    Unit,
    read_receipt,
    read_string,
)
from anlan.warn.channels.smpp.session import Session
from anlan.warn.channels.smpp.text import MOST_PARTS, decode, encode, header, without_header
from anlan.warn.channels.smpp.wire import Centre, Lost, NotBound
from anlan.warn.delivery import State

NOT_NOW = (RTHROTTLED, RMSGQFUL, RSYSERR, RX_T_APPN)
MOST_TRIES = 10  # of a later part that is throttled
STATES = {
    "DELIVRD": State.DELIVERED,
    "EXPIRED": State.FAILED,
    "DELETED": State.FAILED,
    "UNDELIV": State.FAILED,
    "REJECTD": State.FAILED,
}
ALPHANUMERIC, PLAIN = (5, 0), (0, 1)  # type of number and numbering plan of a sender
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """What the table of an SMPP channel says."""

    host: str
    port: int
    tls: bool
    user: str
    system_type: str
    sender: str
    long: str
    window: int
    enquire_s: float
    receipt_id: str

    def centre(self, common: Common, password: str) -> Centre:
        """The message centre."""
        return Centre(
            self.host,
            self.port,
            self.tls,
            self.user,
            password,
            self.system_type,
            common.time_out_s,
            self.enquire_s,
        )


class Carrier(Line):
    """A bind to the carrier, and the messages that go by it."""

    address = PHONE

    def __init__(self, setup: Setup[Settings]) -> None:
        super().__init__(setup.common, setup.book, setup.clock)
        own = setup.settings
        self._own, self._inbox = own, setup.inbox
        self._numbers = itertools.count(1)
        self._numbers_lock = threading.Lock()
        self.session = Session(own.centre(setup.common, setup.secrets["password"]), self._hear)

    def start(self) -> None:
        """Begin to bind."""
        self.session.start()

    def problem(self) -> str:
        """Why there is no bind, if there is none."""
        return super().problem() if self.session.bound else f"no bind: {self.session.problem}"

    def stop(self) -> None:
        """Unbind."""
        self.session.stop()

    def let_out(self, messages: Sequence[tuple[ActualMessage, str]]) -> list[Handed]:
        """Submit, a window at a time."""
        return side_by_side(self._one, messages, self._own.window)

    def _one(self, message: ActualMessage, address: str) -> Handed:
        if not is_number(address):
            return Handed(Outcome.REFUSED, reason="no telephone number")
        units = self._units(message.body, international(address).removeprefix("+"))
        if len(units) > MOST_PARTS:
            return Handed(Outcome.REFUSED, reason=f"more than {MOST_PARTS} parts")
        key, references = self.book.key(address), list[str]()
        for number, short in enumerate(units, start=1):
            try:
                status, reference, answer = self._submit(short, wait=number > 1)
            except NotBound:
                if number == 1:
                    return Handed(Outcome.DEFERRED, reason="no bind")
                return Handed(Outcome.UNKNOWN, tuple(references), "line lost between parts", key)
            if answer is not None:
                if number == len(units):
                    self._settle_late(answer, message.key, key)
                return Handed(Outcome.UNKNOWN, tuple(references), "no answer", key)
            if status == ROK:
                references += [reference] if reference else []
            elif status in NOT_NOW:
                if number == 1:
                    self.bucket.hold(self.clock.now(), AGAIN_S if status != RTHROTTLED else 1.0)
                    return Handed(Outcome.DEFERRED, reason=f"SMPP {status:#x}")
                return Handed(Outcome.UNKNOWN, tuple(references), f"SMPP {status:#x}", key)
            else:
                return Handed(Outcome.REFUSED, reason=f"SMPP {status:#x}")
        return Handed(Outcome.ACCEPTED, tuple(references), address_key=key)

    def _units(self, text: str, to: str) -> list[Short]:
        coded = encode(text)
        own, kind = self._own.sender, PLAIN if self._own.sender.isdigit() else ALPHANUMERIC
        if len(coded.parts) == 1:
            return [Short(own, to, coded.coding, coded.whole, 0, WITH_RECEIPT, kind)]
        if self._own.long == "payload":
            whole = {MESSAGE_PAYLOAD: coded.whole}
            return [Short(own, to, coded.coding, b"", 0, WITH_RECEIPT, kind, options=whole)]
        with self._numbers_lock:
            number = next(self._numbers)
        count = len(coded.parts)
        return [
            Short(
                own,
                to,
                coded.coding,
                header(number, count, place) + part,
                HAS_HEADER,
                WITH_RECEIPT,
                kind,
            )
            for place, part in enumerate(coded.parts, start=1)
        ]

    def _submit(self, short: Short, wait: bool) -> tuple[int, str, Future[Unit] | None]:
        """Status and reference of one part; or the future of an answer that did not come.

        A later part waits while the centre is throttled: half a message helps nobody.
        """
        for attempt in range(MOST_TRIES if wait else 1):
            if attempt:
                time.sleep(self._own_pause(attempt))
            answer = self.session.request(SUBMIT_SM, short.body())
            try:
                unit = answer.result(self.common.time_out_s)
            except Lost:
                return 0, "", Future()
            except Late:
                return 0, "", answer
            if unit.status not in NOT_NOW:
                break
        reference = ""
        if unit.status == ROK:
            try:
                reference = self._same(read_string(unit.body)[0])
            except Malformed:
                log.warning("message centre %s names no message", self._own.host)
        return unit.status, reference, None

    def _own_pause(self, attempt: int) -> float:
        return float(min(1.0, 0.05 * 2**attempt))

    def _settle_late(self, answer: Future[Unit], delivery: str, key: str) -> None:
        def came(late: Future[Unit]) -> None:
            if late.cancelled() or late.exception() is not None:
                return
            unit = late.result()
            if unit.status == ROK:
                reference = self._same(read_string(unit.body)[0])
                self._inbox.late(self.common.name, delivery, (reference,), key)

        answer.add_done_callback(came)

    def _hear(self, short: Short) -> None:
        """A receipt, or somebody's answer."""
        if short.kind & KIND == RECEIPT:
            found = read_receipt(short)
            if found is None or found[1] not in STATES:
                return
            name, word = found
            if self._own.receipt_id == "hex_to_decimal" and len(name) < 25 and name.isdecimal():
                name = f"{int(name):X}"
            self._inbox.receipt(self.common.name, self._same(name), STATES[word])
        elif short.kind & KIND == 0:
            octets = short.text
            if short.kind & HAS_HEADER:
                octets = without_header(octets)
            text = decode(short.coding, octets)
            self._inbox.answer(self.common.name, self.book.key(short.source), text)

    def _same(self, name: str) -> str:
        """One way to write a reference, whether it was sent or came back."""
        return name.upper().lstrip("0") if self._own.receipt_id == "hex_to_decimal" else name
