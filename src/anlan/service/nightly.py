"""What a served desk does once a night: give up old readings and personal data by rule."""

from __future__ import annotations

import logging
import threading
from dataclasses import astuple
from datetime import time, timedelta

from anlan.access import sessions
from anlan.access.privacy import PHOTOS, erase_all_due, keep_days
from anlan.access.vault import Vault
from anlan.city import City
from anlan.clock import Clock
from anlan.observe import retention
from anlan.respond.firms import films
from anlan.store import Store, get_meta, set_meta
from anlan.warn import hand_offs

AT = time(3, 30)  # local
PERIOD = 600.0
DONE = "retention.done_on"
log = logging.getLogger(__name__)


class Nightly(threading.Thread):
    """Carries out ``[retention]`` and ``[privacy]`` once a day after `AT`."""

    def __init__(self, city: City, store: Store, clock: Clock, period: float = PERIOD) -> None:
        super().__init__(name="nightly", daemon=True)
        self.city = city
        self.store = store
        self.clock = clock
        self.period = period
        self._stop_asked = threading.Event()

    def run(self) -> None:
        """Look every ten minutes whether it is time."""
        while not self._stop_asked.is_set():
            try:
                self.look()
            except Exception:
                log.exception("old readings could not be given up; it is tried again")
            self._stop_asked.wait(self.period)

    def look(self) -> bool:
        """Do the night's work if it is due; whether it was."""
        now = self.clock.now()
        here = now.astimezone(self.city.zone)
        if here.time() < AT:
            return False
        with self.store.read() as conn:
            if get_meta(conn, DONE) == here.date().isoformat():
                return False
        with self.store.transaction() as tx:
            sessions.sweep(tx, now)
            hand_offs.prune(tx, now)
        gone = erase_all_due(self.store, self.city, Vault.of(self.store), now)
        if gone.people or gone.texts or gone.photos:
            log.info("erased: %d people, %d texts, %d photos", *astuple(gone))
        days = keep_days(self.city)
        if PHOTOS in days:
            films.erase_before(self.store.data_dir, now - timedelta(days=days[PHOTOS]))
        for each in retention.thin(self.store, self.city, now, stopped=self._stop_asked.is_set):
            log.info("%s: %d readings gave way to %s", each.series, each.readings, each.step)
        if self._stop_asked.is_set():
            return True
        with self.store.transaction() as tx:
            set_meta(tx, DONE, here.date().isoformat())
        return True

    def stop(self) -> None:
        """Ask the thread to stop after the month of a series under way."""
        self._stop_asked.set()
        if self.is_alive():
            self.join(timeout=30)
