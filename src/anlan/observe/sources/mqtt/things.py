"""SensorThings over MQTT (OGC 18-088, clauses 13.2 and 13.3): observations in, and told of.

``v1.1/Datastreams('zhapu.tide')/Observations`` and ``v1.1/Observations`` take an observation as
the body of a POST there would be, and carry each new one as GET would show it. A phenomenonTime is
needed: MQTT may deliver twice, and without one the second would be another observation.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from anlan.access.desk import Desk
from anlan.access.rights import Caller
from anlan.city import City
from anlan.clock import Clock
from anlan.journal import Act
from anlan.observe import actions
from anlan.observe.reading import RefusedRow
from anlan.observe.sta import kept, requests
from anlan.observe.sta.query import Query
from anlan.refusal import Refusal
from anlan.store import Store
from anlan.store.news import Key

MOST_WAITING = 20_000  # observations of which nobody has been told yet
AT_ONCE = 200  # told of in one look at the database
SHOWN = 500  # characters of a body in quarantine
# the desk itself, looking at what it tells; who may listen is for the broker to say
TELLER = Caller("system", "MQTT", "MQTT", "analyst", "", None, False)
log = logging.getLogger(__name__)


def datastream(root: str, topic: str) -> str | None:
    """The Datastream that a topic names, empty where the body must; None for another topic."""
    found = re.fullmatch(rf"{re.escape(root)}/(?:Datastreams\((.+)\)/)?Observations", topic)
    if found is None:
        return None
    name = unquote(found[1] or "")
    return name[1:-1].replace("''", "'") if name[:1] == name[-1:] == "'" else name


def checked(topic: str, named: str, body: object) -> tuple[str, Mapping[str, Any]]:
    """Whose observation a body is, and the rest of it; ``named``: the Datastream of its topic.

    Raises `Refusal` when it is none, might come twice as two, or links to another Datastream.
    """
    if not isinstance(body, Mapping):
        raise Refusal(
            f"{topic}: '{str(body)[:40]}' is not a JSON object; publish one observation a message",
            field="payload",
            value=str(body)[:40],
            remedy='{"phenomenonTime": …, "result": …}',
        )
    if not body.get("phenomenonTime"):
        raise Refusal(
            f"{topic}: phenomenonTime is missing; over MQTT a message may come twice, and without "
            "its time the second would be another observation",
            field="phenomenonTime",
            remedy="a time such as 2021-07-24T08:00:00+08:00",
        )
    link = body.get("Datastream")
    linked = str(link.get("@iot.id") or "") if isinstance(link, Mapping) else ""
    if not (named or linked) or (named and linked not in ("", named)):
        raise Refusal(
            f"{topic}: Datastream '{linked[:80]}' in the message, '{named[:80]}' in its topic; "
            "name one",
            field="Datastream",
            value=linked[:80],
            remedy='a topic such as v1.1/Datastreams(\'ID\')/Observations, or {"@iot.id": "ID"}',
        )
    rest = {key: value for key, value in body.items() if key != "Datastream"}
    return named or linked, rest


def create(
    act: Act, desk: Desk, by_stream: Mapping[str, Sequence[tuple[str, Mapping[str, Any]]]]
) -> int:
    """Keep observations: Datastream -> (topic, body); returns how many were refused.

    Each is its station's own: a Datastream takes what its topic brings and may say what a station
    may. What is refused lies in quarantine.
    """
    refused = 0
    streams = kept.catalogue(act.tx, desk.city).streams
    for name, sent in by_stream.items():
        stream = streams.get(name)
        station = stream.thing if stream is not None else "-"
        caller = Caller("system", "MQTT", "MQTT", "station", "", None, False, station)
        bodies = [body for _, body in sent]
        outcomes = requests.create_observations(act, desk, caller, bodies, name)
        for (topic, body), outcome in zip(sent, outcomes, strict=True):
            if outcome.refusal is None:
                continue
            refused += 1
            if outcome.refusal.kind == "forbidden":  # which the service does not keep
                raw = f"mqtt {topic[:200]} {str(body)[:SHOWN]}"
                actions.record(act, desk.city, [], [RefusedRow(1, raw, outcome.refusal)])
    return refused


class Updates(threading.Thread):
    """Tells subscribers of each new observation, in the order of the commits.

    Args:
        publish: (topic, payload); must not block.
        address: of the service, for the links in what is told.
    """

    def __init__(
        self,
        city: City,
        store: Store,
        clock: Clock,
        root: str,
        address: str,
        publish: Callable[[str, bytes], None],
    ) -> None:
        super().__init__(name="mqtt-updates", daemon=True)
        self._desk, self._root, self._address = Desk(city, store, clock), root, address
        self._publish = publish
        self._new: deque[Key] = deque(maxlen=MOST_WAITING)
        self._woken, self._ending = threading.Event(), False
        self.left_out = 0  # of which nobody was told: too many came at once

    def hear(self, keys: Sequence[Key]) -> None:
        """These are committed; called by the store."""
        if self._ending:
            return
        self.left_out += max(len(self._new) + len(keys) - MOST_WAITING, 0)
        self._new.extend(keys)
        self._woken.set()

    def stop(self) -> None:
        """End; nobody is told of what still waits."""
        self._ending = True
        self._woken.set()
        self.join(timeout=5)

    def run(self) -> None:
        """Tell until stopped."""
        while not self._ending:
            self._woken.wait()
            self._woken.clear()
            while self._new and not self._ending:
                keys = [self._new.popleft() for _ in range(min(len(self._new), AT_ONCE))]
                try:
                    self._tell(keys)
                except Exception:
                    log.exception("nobody could be told of %d observations", len(keys))

    def _tell(self, keys: Sequence[Key]) -> None:
        with self._desk.store.read() as conn:
            view = requests.view(self._desk, TELLER, conn, self._address)
            for series, valid_at in dict.fromkeys(keys):
                stream = view.catalogue.streams.get(series)
                seen = None if stream is None else view.archive.one(stream, valid_at)
                if seen is None:
                    continue
                view.shown = 0
                told = json.dumps(view.observation(seen, Query()), ensure_ascii=False).encode()
                name = series.replace("'", "''")
                self._publish(f"{self._root}/Datastreams('{name}')/Observations", told)
                self._publish(f"{self._root}/Observations", told)
