"""Anchors the journal every few minutes outside the database, and says when they disagree."""

from __future__ import annotations

import logging
import threading
import urllib.request

from anlan.access.desk import WALL
from anlan.access.settings import is_safe
from anlan.journal import anchor
from anlan.refusal import Refusal
from anlan.store import Store

PERIOD = 300.0
SEND_S = 10.0
log = logging.getLogger(__name__)


class Anchoring(threading.Thread):
    """Appends the journal's head to the anchor file, and sends it to ``url`` if there is one.

    Where the journal contradicts what was anchored nothing is added: the file must keep what
    shows it. ``problem`` then says so, and the desk does.
    """

    def __init__(self, store: Store, url: str = "", period: float = PERIOD) -> None:
        super().__init__(name="anchoring", daemon=True)
        self.store = store
        self.url = url
        self.period = period
        self.problem: str | None = None
        self._asked = threading.Event()

    def run(self) -> None:
        """Anchor now and every ``period`` seconds."""
        while True:
            self.anchor()
            if self._asked.wait(self.period):
                return

    def anchor(self) -> bool:
        """Anchor once; whether a line was added."""
        try:
            path = anchor.anchor_file(self.store)
            points = anchor.read(path) if path.exists() else []
            with self.store.read() as conn:
                point = anchor.head(conn, WALL.now())
                wrong = anchor.contradiction(conn, points)
            if wrong:
                raise Refusal(f"the journal is not what was anchored: {wrong}", field="journal")
            added = point is not None and anchor.append(path, point)
            if added and self.url:
                self._send(path.read_text(encoding="utf-8").splitlines()[-1])
            self.problem = None
        except Exception as problem:
            said = problem.message if isinstance(problem, Refusal) else str(problem)
            if said != self.problem:
                log.error("anchor of the journal: %s", said)
            self.problem = said
            return False
        return bool(added)

    def _send(self, line: str) -> None:
        if not is_safe(self.url):
            raise Refusal(
                "ANLAN_ANCHOR_URL is no https:// address",
                field="ANLAN_ANCHOR_URL",
                remedy="an https:// address that takes a POST of JSON",
            )
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url, line.encode(), headers, method="POST")
        with urllib.request.urlopen(request, timeout=SEND_S) as answer:
            answer.read(1000)

    def stop(self) -> None:
        """Anchor once more, and stop."""
        self._asked.set()
        if self.is_alive():
            self.join(timeout=SEND_S + 5)
        self.anchor()
