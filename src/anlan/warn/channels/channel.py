"""The one shape of a channel: what it declares, how it is set up, opened and tried.

A channel is an object of a class derived from `Channel`; what it opens is a `Line`, which is a
`RealOutlet`: no exercise text can pass it. ``channels.toml`` of a city folder names them::

    [sms]                       # the name that messages.toml uses
    kind = "smpp"               # which module
    per_minute = 3000           # our own limit, at most what the other side grants
    time_out_s = 10             # for one call
    settle_s = 60               # how long a receipt may settle an unknown hand-off
    give_up_s = 120             # away for longer: messages go to the next channel
    ...                         # and the keys of the kind

What is secret comes from the environment, as ANLAN_CHANNEL_<NAME>_<SECRET>.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from anlan.clock import Clock
from anlan.observe.fetching import Rules
from anlan.observe.sources import Table
from anlan.refusal import Refusal
from anlan.warn.channels.book import Book
from anlan.warn.channels.outlet import ActualMessage, Handed, Outcome, RealOutlet
from anlan.warn.channels.rate import Bucket
from anlan.warn.delivery import Found

if TYPE_CHECKING:
    from anlan.warn.inbox import Inbox

S = TypeVar("S")
COMMON = ("kind", "per_minute", "time_out_s", "settle_s", "give_up_s")
NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
MOST_PUT_OFF = 100_000
AGAIN_S = 5.0  # how long a line whose other side is away waits before it tries again
NO_ADDRESS, TOO_LONG, AWAY = "no address", "longer than the channel takes", "not reachable"


@dataclass(frozen=True)
class Common:
    """What every channel's table says.

    Attributes:
        per_minute: messages, or calls where a call carries many.
        time_out_s: for one call.
        settle_s: how long a receipt may settle an unknown hand-off before it is repeated.
        give_up_s: how long nothing may be taken before messages go to the next channel.
    """

    name: str
    per_minute: float
    time_out_s: float
    settle_s: float
    give_up_s: float


@dataclass(frozen=True)
class Setup(Generic[S]):
    """All that a channel needs to be opened: what the folder says, and the desk around it."""

    common: Common
    settings: S
    secrets: Mapping[str, str]
    book: Book
    clock: Clock
    inbox: Inbox
    fetch: Rules


class Line(RealOutlet):
    """An open channel: addresses looked up, rate kept, the other side's absence borne.

    A channel gives `let_out`; ``longest`` is in characters, ``address`` a kind of the book (empty:
    it needs none).
    """

    address = ""
    longest = 100_000
    batch = 50  # few, since all of a batch that is cut short are unknown
    report_token = ""  # by which the provider's reports are let in; empty: none are
    kind = title = receipts = ""  # as its channel says

    def __init__(self, common: Common, book: Book, clock: Clock) -> None:
        self.common, self.book, self.clock = common, book, clock
        self.settle_s = common.settle_s
        self.bucket = Bucket(common.per_minute, clock.now())
        self._none_since: datetime | None = None  # since when nothing at all has been taken
        self._put_off: dict[str, datetime] = {}  # message -> when it was first put off

    def room(self) -> int:
        """How many messages may go now."""
        return min(self.batch, self.bucket.room(self.clock.now()))

    def spend(self, messages: Sequence[ActualMessage]) -> None:
        """Count a call against the rate; a channel whose calls carry many counts calls."""
        self.bucket.spend(self.clock.now(), len(messages))

    def query(self, key: str) -> Found:
        """Few providers can be asked about one message: nothing is known."""
        return Found.CANNOT_TELL

    def problem(self) -> str:
        """What is wrong with the line now, in a few words; empty while nothing is known."""
        since = self._none_since
        return "" if since is None else f"nothing was taken since {since:%Y-%m-%d %H:%M:%SZ}"

    def start(self) -> None:
        """Begin what runs beside the hand-offs, if anything does; returns at once."""
        return

    def stop(self) -> None:
        """End it."""
        return

    def take_report(self, body: bytes) -> dict[str, object]:
        """Keep what the provider pushes; the answer that it wants to hear.

        Raises:
            Refusal: for what the provider's documents do not describe.
        """
        raise Refusal(
            f"channel '{self.common.name}' takes no reports",
            field="channel",
            value=self.common.name,
            remedy="a channel whose provider pushes them",
            kind="not_found",
        )

    @abstractmethod
    def let_out(self, messages: Sequence[tuple[ActualMessage, str]]) -> list[Handed]:
        """Hand (message, address) over, in order; DEFERRED for what was surely not taken."""

    def transmit(self, messages: Sequence[ActualMessage]) -> list[Handed]:
        """Hand over what has an address and fits; what the other side is away for too long is
        refused, so that the next channel is tried."""
        self.spend(messages)
        names = [each.to for each in messages]
        to = self.book.addresses(self.address, names) if self.address else dict.fromkeys(names, "")
        handed: dict[str, Handed] = {}
        fit: list[tuple[ActualMessage, str]] = []
        for each in messages:
            if each.to not in to:
                handed[each.key] = Handed(Outcome.REFUSED, reason=NO_ADDRESS)
            elif len(each.body) > self.longest:
                handed[each.key] = Handed(Outcome.REFUSED, reason=TOO_LONG)
            else:
                fit.append((each, to[each.to]))
        outcomes = self.let_out(fit) if fit else []
        for (each, _), outcome in zip(fit, outcomes, strict=False):
            handed[each.key] = outcome
        handed |= self._given_up([each.key for each, _ in fit], handed)
        lost = Handed(Outcome.UNKNOWN)
        return [handed.get(each.key, lost) for each in messages]

    def _given_up(self, fit: Sequence[str], handed: Mapping[str, Handed]) -> dict[str, Handed]:
        """What has been put off for too long, by itself or because nothing is taken at all."""
        now = self.clock.now()
        put_off = [key for key in fit if key in handed and _is_put_off(handed[key])]
        for key in handed.keys() - set(put_off):
            self._put_off.pop(key, None)
        if not put_off or len(put_off) < len(fit):
            self._none_since = None
        else:
            self._none_since = self._none_since or now
            self.bucket.hold(now, AGAIN_S)
        if len(self._put_off) > MOST_PUT_OFF:
            self._put_off.clear()  # of messages that were superseded, nobody tells us
        too_long: dict[str, Handed] = {}
        for key in put_off:
            since = min(self._put_off.setdefault(key, now), self._none_since or now)
            if (now - since).total_seconds() >= self.common.give_up_s:
                too_long[key] = Handed(Outcome.REFUSED, reason=f"{AWAY}: {handed[key].reason}")
                del self._put_off[key]
        return too_long


def _is_put_off(handed: Handed) -> bool:
    return handed.outcome is Outcome.DEFERRED


def side_by_side(
    one: Callable[[ActualMessage, str], Handed],
    messages: Sequence[tuple[ActualMessage, str]],
    workers: int,
) -> list[Handed]:
    """``one`` for each message, some at a time, in order; what breaks is unknown.

    Once the other side has put off a message, those not begun are put off too: asking a server
    that is away, or overrun, a hundred times more helps nobody.
    """
    closed = False

    def guarded(message: ActualMessage, address: str) -> Handed:
        nonlocal closed
        if closed:
            return Handed(Outcome.DEFERRED, reason="after one that was put off")
        try:
            found = one(message, address)
        except Exception as problem:
            return Handed(Outcome.UNKNOWN, reason=type(problem).__name__)
        closed = closed or found.outcome is Outcome.DEFERRED
        return found

    if len(messages) == 1:
        return [guarded(*messages[0])]
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="hand-off") as pool:
        return list(pool.map(lambda pair: guarded(*pair), messages))


class Channel(ABC, Generic[S]):
    """A way by which words reach people.

    Attributes:
        kind: its name in ``channels.toml``.
        title: a line for people.
        address: the kind of address that it needs (`book`).
        longest: characters of its longest text.
        per_minute: the limit that holds where the folder names none, and ``granted`` the highest
            that it may name (None: the provider decides).
        secrets: what it takes from the environment; ``spare`` what it does without.
        receipts: what is known after acceptance, in a sentence.
    """

    kind: str
    title: str
    address: str
    longest: int
    per_minute: float
    granted: float | None = None
    secrets: tuple[str, ...] = ()
    spare: tuple[str, ...] = ()
    receipts: str

    @abstractmethod
    def read(self, table: Table) -> S:
        """The keys of the kind. Raises `Refusal` naming key and remedy."""

    @abstractmethod
    def open(self, setup: Setup[S]) -> Line:
        """The line, not yet started. Raises `Refusal` when it can never work."""

    @abstractmethod
    def probe(self, common: Common, settings: S, secrets: Mapping[str, str]) -> str:
        """Try, within seconds and without a message to anybody, whether the other side is there
        and knows us; what was found, in a sentence. Raises `Refusal` when it is not."""

    def wanted(self, settings: S) -> Sequence[str]:
        """The secrets that these settings need."""
        return self.secrets

    def common(self, name: str, table: Table) -> Common:
        """The keys that every channel has."""
        per_minute = table.positive("per_minute", self.per_minute)
        if self.granted is not None and per_minute > self.granted:
            raise table.wrong(
                "per_minute",
                per_minute,
                "is more than the provider takes",
                f"{self.granted:g} or less",
            )
        return Common(
            name,
            per_minute,
            table.positive("time_out_s", 10.0),
            table.positive("settle_s", 60.0),
            table.positive("give_up_s", 120.0),
        )
