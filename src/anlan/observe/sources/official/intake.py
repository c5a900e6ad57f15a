"""From a document to a kept notice: who signed it, what it says; or into quarantine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from anlan.cap import CapError, SignatureFault, read_feed, read_received, verified
from anlan.city import City
from anlan.journal import Act
from anlan.observe.official import add, notice_of
from anlan.observe.sources.documents import Fetch, changed, dropped
from anlan.observe.sources.official.manifest import Feed, Settings
from anlan.observe.sources.polling import Gathered
from anlan.refusal import Refusal
from anlan.store import schema

MOST_FEED = 8 * 1024 * 1024
MOST_DOCUMENT = 512 * 1024
MOST_AT_ONCE = 100
"""Documents taken of one feed at one asking; the others come with the next."""
SHOWN = 4000  # characters of a document in quarantine
REMEMBERED = 2000
TRIES = 3
SUFFIXES = (".xml", ".cap")


@dataclass(frozen=True)
class Document:
    """A document as it came. ``problem`` says why there is none."""

    feed: str
    name: str
    data: bytes
    problem: str = ""


class FeedJob:
    """Asks one feed for documents that have not been seen."""

    def __init__(self, feed: Feed, settings: Settings, city: City, data: Path, fetch: Fetch):
        self._feed, self._settings, self._city, self._fetch = feed, settings, city, fetch
        self._folder = data / feed.folder if feed.folder else None

    @property
    def id(self) -> str:
        """Of the feed."""
        return self._feed.id

    @property
    def every(self) -> timedelta:
        """How often it is asked."""
        return self._feed.every

    def gather(self, memory: dict[str, Any]) -> Gathered:
        """Documents that are new. Raises `Refusal` when the feed itself cannot be had."""
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
        """Keep the notices in the documents; how many were new, how many refused."""
        done = [take_document(act, self._city, self._settings, each) for each in items]
        return done.count("new"), done.count("refused")


def take_document(act: Act, city: City, settings: Settings, document: Document) -> str:
    """Keep the notice in one document: ``new``, ``known`` or ``refused`` (into quarantine).

    What is verified is read from the signed octets; the document around them is not looked at.
    Acknowledgements and error messages between systems are no warnings and are left out.
    """
    try:
        if document.problem:
            raise CapError([document.problem])
        claimed = read_received(document.data, city.zone)
        sender = settings.senders.get(claimed.alert.sender)
        received, raw, is_verified = claimed, document.data, False
        try:
            raw = verified(document.data, sender.certificates if sender else (), act.now)
            received = read_received(raw, city.zone)
            # the pinned keys were those of the claimed sender: what is signed must say the same
            is_verified = received.alert.sender == claimed.alert.sender
            why = "signed by a pinned key" if is_verified else "signed for another sender"
        except SignatureFault as fault:
            why = str(fault)
        if received.alert.msg_type.value in ("Ack", "Error"):
            return "known"
    except CapError as error:
        _quarantine(act, document, str(error))
        return "refused"
    notice = notice_of(
        received,
        city,
        feed=document.feed,
        received_at=act.now,
        sender=sender,
        verified=is_verified,
        why=why,
        events=settings.events,
    )
    return "new" if add(act, notice, raw) else "known"


def _quarantine(act: Act, document: Document, error: str) -> None:
    act.tx.execute(
        schema.quarantine.insert().values(
            received_at=act.now,
            source=f"official:{document.feed}",
            raw=document.data[:SHOWN].decode("utf-8", "replace") or document.name,
            error=error[:2000],
        )
    )
