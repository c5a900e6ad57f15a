"""Stations for `benchmarks.observe`: as light as can be, so that the desk is measured."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from anlan.observe.sources.sl651.frames import ETX, Frame, build
from benchmarks.observe_desk import PAIRS, address

CADENCE = timedelta(minutes=5)
WINDOW = 400  # MQTT messages sent before the first is acknowledged


@dataclass(frozen=True)
class Row:
    """A reading of a station."""

    station: str
    at: datetime
    value: float

    @property
    def fields(self) -> dict[str, object]:
        """As in a message of its station."""
        return {"valid_at": self.at.isoformat(), "value": self.value}


def readings(count: int, newest: datetime) -> list[Row]:
    """``count`` readings of the 200 series, each five minutes before the one before it."""
    names = [f"{kind}-{n:03d}" for n in range(PAIRS) for kind in ("level", "rain")]
    return [
        Row(names[n % len(names)], newest - CADENCE * (n // len(names)), 1.0 + n % 97 / 100)
        for n in range(count)
    ]


def by_station(rows: Sequence[Row], size: int) -> Iterator[tuple[str, list[Row]]]:
    """Batches of one station each."""
    kept: dict[str, list[Row]] = {}
    for row in rows:
        batch = kept.setdefault(row.station, [])
        batch.append(row)
        if len(batch) == size:
            yield row.station, kept.pop(row.station)
    yield from kept.items()


class Mqtt:
    """One MQTT 3.1.1 connection that publishes with QoS 1."""

    def __init__(self, port: int) -> None:
        self._line = socket.create_connection(("127.0.0.1", port))
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        variable = b"\x00\x04MQTT\x04\x02\x00\x00" + b"\x00\x00"  # clean, no keep-alive, no name
        self._line.sendall(b"\x10" + bytes([len(variable)]) + variable)
        assert self._exactly(4)[3] == 0
        self._mid, self._left = 0, 0

    def _exactly(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            piece = self._line.recv(count - len(found))
            assert piece, "the broker hung up"
            found += piece
        return found

    def send(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Publish all, and wait until the broker has acknowledged all."""
        for start in range(0, len(messages), WINDOW // 2):
            packets = bytearray()
            for topic, payload in messages[start : start + WINDOW // 2]:
                self._mid = self._mid % 65_535 + 1
                name = topic.encode()
                body = len(name).to_bytes(2) + name + self._mid.to_bytes(2) + payload
                packets += b"\x32" + _length(len(body)) + body
                self._left += 1
            self._line.sendall(packets)
            while self._left > WINDOW // 2:
                self._acknowledged()
        while self._left:
            self._acknowledged()

    def _acknowledged(self) -> None:
        assert self._exactly(4)[0] == 0x40
        self._left -= 1

    def close(self) -> None:
        """Hang up."""
        self._line.close()


def _length(count: int) -> bytes:
    found = bytearray()
    while True:
        count, digit = divmod(count, 128)
        found.append(digit | 0x80 if count else digit)
        if not count:
            return bytes(found)


def mqtt_messages(rows: Sequence[Row], size: int) -> list[tuple[str, bytes]]:
    """Batches as MQTT messages."""
    return [
        (f"stations/{station}/readings", json.dumps([row.fields for row in batch]).encode())
        for station, batch in by_station(rows, size)
    ]


def post(port: int, key: str, bodies: Sequence[bytes], lines: int) -> None:
    """Post bodies over some connections at once, each one after the other."""

    def work(own: Sequence[bytes]) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port)
        headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        for body in own:
            line.request("POST", "/api/v1/readings", body, headers)
            answer = line.getresponse()
            text = answer.read()
            assert answer.status == 200, text
        line.close()

    _together([lambda own=bodies[n::lines]: work(own) for n in range(lines)])  # type: ignore[misc]


def http_bodies(rows: Sequence[Row], size: int) -> list[bytes]:
    """Batches as the bodies of requests."""
    named = [
        {"series": f"{r.station}.{'river_level' if r.station[0] == 'l' else 'rain'}", **r.fields}
        for r in rows
    ]
    return [json.dumps(named[n : n + size]).encode() for n in range(0, len(named), size)]


def sl651_reports(hours: int, newest: datetime, stations: int) -> list[list[bytes]]:
    """Hourly reports (34H: twelve levels, twelve sums of rain) of some stations."""
    local = newest.astimezone(UTC).replace(minute=0, second=0) + timedelta(hours=8)
    sent = f"{datetime.now(UTC) + timedelta(hours=8):%y%m%d%H%M%S}"
    found = []
    for number in range(stations):
        own = []
        for hour in range(hours):
            begin = local - timedelta(hours=hour) - timedelta(minutes=55)
            text = (
                f"{hour + 1:04X}{sent}F1F1{address(number)}48F0F0{begin:%y%m%d%H%M}"
                f"F460{'05' * 12}F0F0{begin:%y%m%d%H%M}F5C0{'0031' * 12}"
            )
            frame = Frame("up", 1, address(number), "1234", 0x34, bytes.fromhex(text), ETX)
            own.append(build(frame))
        found.append(own)
    return found


def report(port: int, frames: Sequence[Sequence[bytes]]) -> int:
    """Send each station's reports over a link of its own; how many were confirmed."""
    confirmed = [0] * len(frames)

    def work(number: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as line:
            for frame in frames[number]:
                line.sendall(frame)
                answer = b""
                while len(answer) < 25:
                    piece = line.recv(1000)
                    assert piece, "the desk hung up"
                    answer += piece
                confirmed[number] += 1

    _together([lambda n=n: work(n) for n in range(len(frames))])  # type: ignore[misc]
    return sum(confirmed)


def _together(tasks: Sequence[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
