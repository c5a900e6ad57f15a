"""The TCP server to which SL 651 stations report.

A message is confirmed only after the transaction that holds it is on disk; a station that
gets no confirmation sends it again, which changes nothing. One task writes for all links, so
that messages that come together share a commit.

A link is cut when it sends too much that is no frame, too many messages that are refused, or
nothing for long; one that sends too fast is read more slowly.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from anlan.city import City
from anlan.clock import Clock
from anlan.journal import Act
from anlan.observe.sources.sl651 import answers
from anlan.observe.sources.sl651.frames import Broken, Frame, Parser
from anlan.observe.sources.sl651.intake import Outcome, take_in
from anlan.observe.sources.sl651.manifest import Manifest, Server
from anlan.observe.sources.sl651.packets import Assembly, Gap, Refused
from anlan.observe.sources.source import State
from anlan.refusal import Refusal
from anlan.store import AWAY, Store

PIECE = 4096  # bytes read at once
MOST_WASTED = 16_384  # bytes in a row that belong to no frame
MOST_REFUSED = 20  # messages of one link that are refused
MOST_PER_SECOND = 50  # frames of one link
STRANGERS_PER_MINUTE = 60  # messages of unknown stations, or of wrong password, that are kept
MOST_TOGETHER = 200  # messages in one commit
GAP_S = 10.0  # a frame that pauses for so long will not go on
BEGIN_S = 10.0  # until the server listens
log = logging.getLogger(__name__)


@dataclass
class _Link:
    """One connection."""

    peer: str
    writer: asyncio.StreamWriter
    parser: Parser
    assembly: Assembly
    refused: int = 0


class Listener(threading.Thread):
    """Listens until stopped, in a thread of its own with an event loop of its own."""

    def __init__(self, city: City, store: Store, clock: Clock, manifest: Manifest) -> None:
        super().__init__(name="sl651", daemon=True)
        if manifest.server is None:
            raise ValueError("the manifest has no server")
        self._city, self._store, self._clock, self._manifest = city, store, clock, manifest
        self._where: Server = manifest.server
        self._begun = threading.Event()
        self._problem: OSError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Event | None = None
        self._queue: asyncio.Queue[tuple[Frame, asyncio.Future[Outcome | None]]]
        self._links: set[asyncio.Task[None]] = set()
        self._strangers = (0, 0)  # minute, messages in it
        self._state = State(connected=False)
        self.port = self._where.port

    def state(self) -> State:
        """How it is doing; ``connected``: it listens."""
        return replace(self._state, connected=self.is_alive() and self._begun.is_set())

    def start(self) -> None:
        """Returns once the server listens. Raises `Refusal` when it cannot."""
        super().start()
        self._begun.wait(BEGIN_S)
        if self._problem is not None:
            raise Refusal(
                f"sl651.toml: server.port {self._where.port} on {self._where.host} cannot be "
                f"listened on ({self._problem.strerror}); give another",
                field="server.port",
                value=self._where.port,
                remedy="a free port",
            )

    def stop(self) -> None:
        """Close every link; what was not confirmed is sent again by its station."""
        if self._loop is not None and self._ended is not None:
            with contextlib.suppress(RuntimeError):  # ended by itself
                self._loop.call_soon_threadsafe(self._ended.set)
        self.join(timeout=10)

    def run(self) -> None:
        """Listen until asked to stop."""
        asyncio.run(self._listen())

    async def _listen(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        self._queue = asyncio.Queue()
        try:
            server = await asyncio.start_server(
                self._meet, self._where.host, self._where.port, limit=2 * PIECE
            )
        except OSError as problem:
            self._problem = problem
            self._begun.set()
            return
        self.port = server.sockets[0].getsockname()[1]
        writing = asyncio.create_task(self._write())
        self._begun.set()
        log.info("SL 651 stations may report on port %d", self.port)
        await self._ended.wait()
        server.close()
        for task in (writing, *self._links):
            task.cancel()
        await asyncio.gather(writing, *self._links, return_exceptions=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = "{}:{}".format(*writer.get_extra_info("peername")[:2])
        task = asyncio.current_task()
        if task is None or len(self._links) >= self._where.most_connections:
            log.warning("SL 651: %s is turned away, %d links are open", peer, len(self._links))
            writer.close()
            return
        self._links.add(task)
        link = _Link(peer, writer, Parser(), Assembly())
        try:
            why = await self._serve(link, reader)
        except (OSError, TimeoutError) as problem:
            why = str(problem) or "lost"
        except asyncio.CancelledError:
            why = "the server stops"
        finally:
            self._links.discard(task)
            writer.close()
        log.info("SL 651: %s closed: %s", peer, why)

    async def _serve(self, link: _Link, reader: asyncio.StreamReader) -> str:
        """Take what one link sends until it ends or is cut; why it did."""
        second, frames, silent_since = 0, 0, time.monotonic()
        while True:
            under_way = link.parser.pending or link.assembly.waiting
            left = self._manifest.origin.time_out_s - (time.monotonic() - silent_since)
            if left <= 0:
                return "silent for too long"
            try:
                async with asyncio.timeout(min(left, GAP_S) if under_way else left):
                    data = await reader.read(PIECE)
            except TimeoutError:
                found = link.parser.flush()
                if not found and (gap := link.assembly.after_silence()) is not None:
                    await self._ask(link, gap)
            else:
                silent_since = time.monotonic()
                found = link.parser.feed(data) if data else link.parser.flush()
                if not data and not found:
                    return "by the station"
            for each in found:
                if int(time.monotonic()) != second:
                    second, frames = int(time.monotonic()), 0
                frames += 1
                if frames > MOST_PER_SECOND:
                    await asyncio.sleep(1.0)
                await self._take(link, each)
                if link.refused > MOST_REFUSED:
                    return f"cut: {link.refused} messages refused"
            if link.parser.wasted > MOST_WASTED:
                return f"cut: {link.parser.wasted} bytes that belong to no frame"

    async def _take(self, link: _Link, found: Frame | Broken) -> None:
        """One frame: kept, and answered if its station wants that."""
        self._state = replace(self._state, heard_at=self._clock.now())
        if isinstance(found, Broken):
            log.warning("SL 651: %s sent a broken frame: %s", link.peer, found.error)
            return
        if found.direction == "down":
            link.refused += 1
            return
        terminal = self._manifest.terminals.get(found.station)
        whole: Frame | Gap | Refused | None = found
        if terminal is None or terminal.password != found.password:
            # nobody unknown may fill memory with packets or the disk with messages
            if self._too_many_strangers():
                link.refused += 1
                log.warning("SL 651: %s: stranger %s not kept", link.peer, found.station)
                return
        elif found.packet is not None:
            whole = link.assembly.add(found, time.monotonic())
        if whole is None:
            return
        if isinstance(whole, Refused):
            link.refused += 1
            log.warning("SL 651: %s sent a packet refused: %s", link.peer, whole.error)
            return
        if isinstance(whole, Gap):
            await self._ask(link, whole)
            return
        future: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
        await self._queue.put((whole, future))
        outcome = await future
        self._count(outcome)
        if outcome is not None:
            await self._answer(link, whole, outcome)

    def _count(self, outcome: Outcome | None) -> None:
        """After each message; all links share the one loop, so nothing is lost between."""
        if outcome is None:
            self._state = replace(self._state, problem="the store does not take messages")
            return
        taken = self._state.taken + outcome.readings
        refused = self._state.refused + bool(outcome.words)
        self._state = replace(self._state, taken=taken, refused=refused, problem="")

    def _too_many_strangers(self) -> bool:
        minute = int(time.monotonic() // 60)
        count = self._strangers[1] if self._strangers[0] == minute else 0
        self._strangers = (minute, count + 1)
        return count >= STRANGERS_PER_MINUTE

    async def _answer(self, link: _Link, frame: Frame, outcome: Outcome) -> None:
        if outcome.words:
            link.refused += 1
            log.warning("SL 651: %s station %s: %s", link.peer, frame.station, outcome.words)
        terminal = self._manifest.terminals.get(frame.station)
        if terminal is None or not terminal.confirm or not outcome.answer:
            return
        confirmed = answers.confirm(frame, outcome.serial, self._local_now(), terminal.stay_online)
        await _send(link, confirmed)

    async def _ask(self, link: _Link, gap: Gap) -> None:
        """Ask for a missing packet, which a station repeats twice at most (6.3.1.2 c)."""
        terminal = self._manifest.terminals[gap.frame.station]
        if terminal.confirm:
            again = answers.ask_again(gap.frame, gap.number, gap.serial, self._local_now())
            await _send(link, again)

    def _local_now(self) -> datetime:
        return self._clock.now().astimezone(self._city.zone)

    async def _write(self) -> None:
        """Commit what has come, together, then let the links confirm."""
        while True:
            waiting = [await self._queue.get()]
            while len(waiting) < MOST_TOGETHER and not self._queue.empty():
                waiting.append(self._queue.get_nowait())
            try:
                outcomes = await asyncio.to_thread(self._commit, [frame for frame, _ in waiting])
            except Exception:
                log.exception("SL 651: %d messages could not be kept", len(waiting))
                outcomes = [None] * len(waiting)
            for (_, future), outcome in zip(waiting, outcomes, strict=True):
                if not future.done():
                    future.set_result(outcome)

    def _commit(self, frames: Sequence[Frame]) -> list[Outcome | None]:
        """One transaction for all; a message that cannot be kept does not stop the others."""
        try:
            with self._store.transaction() as tx:
                act = Act(tx, self._clock.now(), "system")
                return [*take_in(act, self._city, self._manifest, frames)]
        except AWAY:
            raise
        except Exception:
            if len(frames) == 1:
                log.exception("SL 651: a message of %s could not be kept", frames[0].station)
                return [None]
            log.exception("SL 651: %d messages cannot be kept together; one by one", len(frames))
        return [self._commit([frame])[0] for frame in frames]


async def _send(link: _Link, answer: bytes) -> None:
    link.writer.write(answer)
    async with asyncio.timeout(GAP_S):  # a station that reads nothing must not hold its place
        await link.writer.drain()
