"""From a document to a kept notice: who signed it, what it says; or into quarantine."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from anlan.cap import CapError, MsgType, SignatureFault, read_feed, read_received, verified
from anlan.city import City
from anlan.clock import Clock
from anlan.journal import Act
from anlan.observe.official import Notice, add, notice_of
from anlan.observe.quarantine import put_aside
from anlan.observe.sources.documents import Fetch, changed, dropped
from anlan.observe.sources.official.manifest import Feed, Settings
from anlan.observe.sources.polling import Gathered
from anlan.refusal import Refusal
from anlan.store import Store, schema

MOST_FEED = 8 * 1024 * 1024
MOST_DOCUMENT = 512 * 1024
MOST_AT_ONCE = 100
"""Documents taken of one feed at one asking; the others come with the next."""
REMEMBERED = 2000
TRIES = 3
MOST_AGAIN = 500
N = schema.official_notice
SUFFIXES = (".xml", ".cap")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Document:
    """A document as it came. ``problem`` says why there is none."""

    feed: str
    name: str
    data: bytes
    problem: str = ""


@dataclass(frozen=True)
class Read:
    """What a document says: a notice with its octets, an error, or nothing of interest."""

    document: Document
    notice: Notice | None = None
    raw: bytes = b""
    error: str = ""


class FeedJob:
    """Asks one feed for documents that have not been seen."""

    def __init__(
        self, feed: Feed, settings: Settings, city: City, store: Store, clock: Clock, fetch: Fetch
    ) -> None:
        self._feed, self._settings, self._city, self._fetch = feed, settings, city, fetch
        self._clock = clock
        self._folder = store.data_dir / feed.folder if feed.folder else None

    @property
    def id(self) -> str:
        """Of the feed."""
        return self._feed.id

    @property
    def every(self) -> timedelta:
        """How often it is asked."""
        return self._feed.every

    def gather(self, memory: dict[str, Any]) -> Gathered:
        """What new documents say. Raises `Refusal` when the feed itself cannot be had.

        Signatures are checked here, before the transaction that keeps the notices.
        """
        came = self._gather(memory)
        now = self._clock.now()
        read = [read_document(each, self._city, self._settings, now) for each in came.items]
        return Gathered(read, came.memory, came.problems)

    def _gather(self, memory: dict[str, Any]) -> Gathered:
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            found = [
                Document(self._feed.id, name, b"", content.message)
                if isinstance(content, Refusal)
                else Document(self._feed.id, name, content)
                for name, content in dropped(self._folder, memory, MOST_DOCUMENT, SUFFIXES)
            ]
            return Gathered(found, memory)
        return self._of_address(memory)

    def _of_address(self, memory: dict[str, Any]) -> Gathered:
        waiting: list[list[Any]] = memory.pop("waiting", [])
        body = changed(self._fetch, self._feed.url, memory, MOST_FEED)
        seen: list[str] = memory.setdefault("seen", [])
        known, found = set(seen), []
        if body is not None:
            try:
                entries = read_feed(body, self._feed.url)
            except CapError as error:
                raise Refusal(
                    f"feed {self._feed.id}: {error}", field="feed", value=self._feed.url
                ) from None
            for entry in entries:
                if entry.document is not None:
                    mark = hashlib.sha256(entry.document).hexdigest()[:24]
                    if mark not in known:
                        seen.append(mark)
                        found.append(Document(self._feed.id, self._feed.url, entry.document))
                elif entry.key not in known and all(entry.key != each[0] for each in waiting):
                    waiting.append([entry.key, entry.link, 0])
        problems = []
        left: list[list[Any]] = []
        for number, (key, link, tries) in enumerate(waiting):
            if number >= MOST_AT_ONCE:
                left.append([key, link, tries])
                continue
            document, problem = self._linked(link)
            if document is None and tries + 1 < TRIES:
                left.append([key, link, tries + 1])
                problems.append(problem)
                continue
            seen.append(key)
            found.append(
                document if document is not None else Document(self._feed.id, link, b"", problem)
            )
        del seen[:-REMEMBERED]
        memory["waiting"] = left[: 2 * MOST_AT_ONCE]
        return Gathered(found, memory, tuple(problems))

    def _linked(self, link: str) -> tuple[Document | None, str]:
        host = ""
        with suppress(ValueError):
            host = (urlsplit(link).hostname or "").lower()
        if host not in self._feed.hosts:
            named = f"'{link[:200]}' lies on host '{host}'; name it under hosts of official.toml"
            return Document(self._feed.id, link[:500], b"", named), ""
        try:
            answer = self._fetch(link, most_bytes=MOST_DOCUMENT)
        except Refusal as refusal:
            return None, refusal.message
        return Document(self._feed.id, link[:500], answer.body or b""), ""

    def take(self, act: Act, items: Sequence[Any]) -> tuple[int, int]:
        """Keep the notices that were read; how many were new, how many documents refused."""
        done = [keep(act, each) for each in items]
        return done.count("new"), done.count("refused")


def read_document(document: Document, city: City, settings: Settings, now: datetime) -> Read:
    """The notice in a document, or why there is none.

    What is verified is read from the signed octets; the document around them is not looked at.
    Acknowledgements and error messages between systems are no warnings and are left out.
    """
    try:
        return _read(document, city, settings, now)
    except CapError as error:
        return Read(document, error=str(error))
    except Exception as problem:  # one message that nobody foresaw must not stop all others
        log.exception("official %s: %s", document.feed, document.name)
        return Read(document, error=f"{type(problem).__name__}: {problem}")


def _read(document: Document, city: City, settings: Settings, now: datetime) -> Read:
    if document.problem:
        return Read(document, error=document.problem)
    claimed = read_received(document.data, city.zone)
    sender = settings.senders.get(claimed.alert.sender)
    received, raw, is_verified = claimed, document.data, False
    try:
        raw = verified(document.data, sender.certificates if sender else (), now)
        received = read_received(raw, city.zone)
        # the pinned keys were those of the claimed sender: what is signed must say the same
        is_verified = received.alert.sender == claimed.alert.sender
        why = "signed by a pinned key" if is_verified else "signed for another sender"
    except SignatureFault as fault:
        why = str(fault)
    if received.alert.msg_type in (MsgType.ACK, MsgType.ERROR):
        return Read(document)
    notice = notice_of(
        received,
        city,
        feed=document.feed,
        received_at=now,
        sender=sender,
        verified=is_verified,
        why=why,
        events=settings.events,
    )
    return Read(document, notice, raw)


def keep(act: Act, read: Read) -> str:
    """Keep what was read: ``new``, ``known`` (or nothing), or ``refused`` (into quarantine)."""
    if read.error:
        raw = read.document.data.decode("utf-8", "replace") or read.document.name
        put_aside(act, f"official:{read.document.feed}", raw, read.error)
        return "refused"
    if read.notice is None:
        return "known"
    return "new" if add(act, replace(read.notice, received_at=act.now), read.raw) else "known"


def verify_again(store: Store, city: City, settings: Settings, now: datetime) -> int:
    """Look again at unverified notices that may still hold: a key may have been pinned since.

    Returns how many are verified now.
    """
    pinned = [each.id for each in settings.senders.values() if each.certificates]
    query = (
        select(N.c.feed, N.c.identifier, N.c.raw)
        .where(N.c.verified.is_(False), N.c.sender.in_(pinned), N.c.expires_at > now)
        .order_by(N.c.sent.desc())
        .limit(MOST_AGAIN)
    )
    with store.read() as conn:
        rows = conn.execute(query).all()
    documents = [Document(row.feed, row.identifier, row.raw) for row in rows]
    read = [read_document(each, city, settings, now) for each in documents]
    sound = [each for each in read if each.notice is not None and each.notice.verified]
    if not sound:
        return 0
    with store.transaction() as tx:
        act = Act(tx, now, "system")
        return [keep(act, each) for each in sound].count("new")
