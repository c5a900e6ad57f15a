"""SL 651 stations call the server: kept before confirmed, never doubled, never for another."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from anlan.city import City
from anlan.clock import SteppedClock
from anlan.journal import verify
from anlan.observe import archive
from anlan.observe.sources import feeds
from anlan.observe.sources.sl651 import SOURCE, Listener, answers, server
from anlan.observe.sources.sl651.frames import ACK, EOT, ESC, ETB, NAK, Frame, Parser, build
from anlan.refusal import Refusal
from anlan.store import Store, schema
from tests.conftest import CITIES
from tests.observe import sl651_frames as made
from tests.observe.sl651_frames import MANIFEST, counter, level

EIGHT = datetime(2021, 7, 25, 0, 0, tzinfo=UTC)  # 08:00 in Beijing
NOW = EIGHT + timedelta(seconds=4)
RAIN, RIVER = "rain-danghu.rain", "danghu-level.river_level"


class Centre:
    """A listening server with its store and clock."""

    def __init__(self, city: City, store: Store) -> None:
        self.city, self.store, self.clock = city, store, SteppedClock(NOW)
        found = SOURCE.feed(city, store, self.clock)
        assert isinstance(found, Listener)
        self.listener = found

    def call(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.listener.port), timeout=5)

    def send(self, *frames: bytes) -> list[Frame]:
        """What the centre answers to these frames, sent over one link that is then closed."""
        with self.call() as link:
            link.sendall(b"".join(frames))
            link.shutdown(socket.SHUT_WR)
            return heard(link)

    def levels(self, as_of: datetime | None = None) -> list[float | None]:
        with self.store.read() as conn:
            start, end = EIGHT - timedelta(days=1), EIGHT + timedelta(days=1)
            return [o.value for o in archive.window(conn, RIVER, start, end, as_of)]

    def count(self) -> int:
        with self.store.read() as conn:
            return conn.execute(select(func.count()).select_from(schema.observation)).scalar_one()

    def quarantined(self) -> list[str]:
        with self.store.read() as conn:
            return list(conn.execute(select(schema.quarantine.c.error)).scalars())


def heard(link: socket.socket) -> list[Frame]:
    """Every frame that comes until the other side closes."""
    parser, found = Parser(), []
    while data := link.recv(4096):
        found += parser.feed(data)
    return [each for each in found + parser.flush() if isinstance(each, Frame)]


@pytest.fixture
def city(pinghu: City, tmp_path: Path) -> City:
    (tmp_path / "sl651.toml").write_text(MANIFEST, encoding="utf-8")
    return replace(pinghu, folder=tmp_path)


@pytest.fixture
def centre(city: City, store: Store) -> Iterator[Centre]:
    opened = Centre(city, store)
    opened.listener.start()
    yield opened
    opened.listener.stop()


def test_a_reading_is_committed_then_confirmed_and_known_as_of_its_arrival(centre: Centre) -> None:
    (answer,) = centre.send(made.report(level(5.441), serial=7))
    assert (answer.direction, answer.station, answer.function) == ("down", "0012345678", 0x32)
    assert answer.body.hex() == "0007210725080004"  # the serial, and the centre's time in Beijing
    assert answer.end == EOT
    assert centre.levels() == [pytest.approx(3.6)]
    assert centre.levels(as_of=NOW) == [pytest.approx(3.6)]
    assert centre.levels(as_of=NOW - timedelta(seconds=1)) == []
    with centre.store.read() as conn:
        assert verify(conn).verified


def test_a_report_in_characters_is_confirmed_in_characters(centre: Centre) -> None:
    text = "0007210725080003ST 0012345678 H TT 2107250800 Z 5.441 "
    (answer,) = centre.send(made.characters(text))
    assert answer.ascii
    assert answer.body == b"0007210725080004"
    assert centre.levels() == [pytest.approx(3.6)]


@pytest.mark.parametrize(
    ("published", "confirmed"),
    [(made.TEST, made.TEST_CONFIRMED), (made.TIMED, made.TIMED_CONFIRMED)],
)
def test_confirmations_are_those_published(published: str, confirmed: str) -> None:
    (frame,) = Parser().feed(bytes.fromhex(published))
    (other,) = Parser().feed(bytes.fromhex(confirmed))
    assert isinstance(frame, Frame)
    assert isinstance(other, Frame)
    sent = datetime.strptime("20" + other.body[2:].hex(), "%Y%m%d%H%M%S")  # noqa: DTZ007
    built = answers.confirm(frame, int.from_bytes(frame.body[:2]), sent, True)
    assert built.hex().upper() == confirmed


def test_how_an_answer_ends_says_what_the_station_is_to_do() -> None:
    (single,) = Parser().feed(made.report(level(1.0)))
    assert isinstance(single, Frame)
    more = replace(single, end=ETB)
    for frame, stay, end in ((single, False, EOT), (single, True, ESC), (more, False, ACK)):
        (answer,) = Parser().feed(answers.confirm(frame, 1, NOW, stay))
        assert isinstance(answer, Frame)
        assert answer.end == end


DYING = """
import os, signal, sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from anlan.city import load
from anlan.clock import SteppedClock
from anlan.observe.sources.sl651 import SOURCE, answers
from anlan.store import Store

city, folder = load(sys.argv[1]), Path(sys.argv[2])
answers.confirm = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
clock = SteppedClock(datetime(2021, 7, 25, 0, 0, 4, tzinfo=UTC))
found = SOURCE.feed(replace(city, folder=folder), Store(folder / "var"), clock)
found.start()
print(found.port, flush=True)
found.join()
"""


def test_a_process_killed_between_commit_and_confirmation_doubles_nothing(
    city: City, store: Store
) -> None:
    raw = made.report(level(5.0) + counter(3.0), serial=9)
    command = [sys.executable, "-c", DYING, str(CITIES / "pinghu"), str(city.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as dying:
        assert dying.stdout is not None
        port = int(dying.stdout.readline())
        with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
            link.sendall(raw)
            with contextlib.suppress(ConnectionResetError):
                assert link.recv(100) == b""
        assert dying.wait(30) == -signal.SIGKILL
    centre = Centre(city, store)
    centre.clock.step_to(NOW + timedelta(seconds=30))
    assert centre.count() == 1
    centre.listener.start()
    again = made.report(level(5.0) + counter(3.0), serial=9, sent="210725080033")
    (answer,) = centre.send(again)
    centre.listener.stop()
    assert answer.body.hex().startswith("0009")
    assert centre.count() == 1


def test_a_store_that_fails_confirms_nothing_and_the_resend_is_kept(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(server, "take_in", full)
        assert centre.send(made.report(level(5.0))) == []
    assert len(centre.send(made.report(level(5.0)))) == 1
    assert centre.count() == 1


def test_a_resend_with_a_lost_clock_is_one_reading(centre: Centre) -> None:
    raw = made.report(level(5.0), sent="000101000003", observed="0001010000")
    for seconds in (0, 30, 60):
        centre.clock.step_to(NOW + timedelta(seconds=seconds))
        assert len(centre.send(raw)) == 1
    assert centre.count() == 1


def test_a_counter_that_turns_over_gives_rain_through_the_server(centre: Centre) -> None:
    centre.send(made.report(counter(99_999.5), serial=1))
    centre.clock.step_to(NOW + timedelta(minutes=5))
    centre.send(made.report(counter(1.0), serial=2, sent="210725080503", observed="2107250805"))
    with centre.store.read() as conn:
        (rain,) = archive.window(conn, RAIN, EIGHT, EIGHT + timedelta(hours=1))
    assert (rain.value, rain.flag, rain.start_at) == (1.5, "ok", EIGHT)


def test_a_test_report_is_confirmed_and_never_a_reading(centre: Centre) -> None:
    assert len(centre.send(made.report(level(99.0), function=0x30))) == 1
    assert centre.count() == 0
    assert "never a reading" in centre.quarantined()[0]


@pytest.mark.parametrize(
    ("raw", "words", "answered"),
    [
        (made.report(level(5.0), password="9999"), "password is not that", False),
        (made.report(level(5.0), station="0099999999"), "station is not in sl651.toml", False),
        (made.report(level(5.0), own="0011223344"), "a station may send its own only", True),
        (made.report("39 23 0001"), "element Z wants 4 bytes", True),
        (made.report("F3F3 FFD8", function=0x36), "picture of 2 bytes", True),
        (made.report(level(5.0), observed="2107251200"), "set the station's clock", True),
    ],
)
def test_what_is_no_reading_is_kept_in_quarantine_with_its_reason(
    centre: Centre, raw: bytes, words: str, answered: bool
) -> None:
    assert bool(centre.send(raw)) is answered
    assert centre.count() == 0
    (error,) = centre.quarantined()
    assert words in error


def test_a_keep_alive_is_not_answered(centre: Centre) -> None:
    assert centre.send(bytes.fromhex(made.KEEP_ALIVE)) == []
    assert centre.quarantined() == []


def test_packets_are_confirmed_once_and_a_missing_one_is_asked_for(centre: Centre) -> None:
    (whole,) = Parser().feed(made.report("0418 000005 3923 00005000 00005100", function=0x31))
    assert isinstance(whole, Frame)
    parts = [whole.body[:20], whole.body[20:30], whole.body[30:]]

    def packet(number: int, end: int) -> bytes:
        return build(replace(whole, body=parts[number - 1], packet=(3, number), end=end))

    with centre.call() as link:
        link.sendall(packet(1, ETB) + packet(3, 0x03))
        (asked,) = Parser().feed(link.recv(4096))
        assert isinstance(asked, Frame)
        assert (asked.end, asked.packet) == (NAK, (3, 2))
        link.sendall(packet(2, 0x03))
        (confirmed,) = Parser().feed(link.recv(4096))
        assert isinstance(confirmed, Frame)
        assert (confirmed.end, confirmed.packet) == (EOT, (3, 3))
    assert centre.levels() == [pytest.approx(5.0 - 1.841), pytest.approx(5.1 - 1.841)]


def test_a_megabyte_of_noise_is_cut_off_and_other_links_go_on(centre: Centre) -> None:
    with centre.call() as noisy, pytest.raises(OSError):
        for _ in range(1000):
            noisy.sendall(b"\x7e\x7e" + b"\x00" * 1000)
            time.sleep(0.001)
    assert len(centre.send(made.report(level(5.0)))) == 1


def test_noise_before_a_frame_and_a_broken_one_hide_nothing(centre: Centre) -> None:
    spoilt = bytearray(made.report(level(4.0), serial=1))
    spoilt[-1] ^= 1
    answers_ = centre.send(b"+CSQ: 17\r\n", bytes(spoilt), made.report(level(5.0), serial=2))
    assert [answer.body[:2].hex() for answer in answers_] == ["0002"]


def test_strangers_cannot_fill_the_quarantine(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "STRANGERS_PER_MINUTE", 2)
    frames = [made.report(level(5.0), station="0099999999", serial=i) for i in range(1, 6)]
    assert centre.send(*frames) == []
    assert len(centre.quarantined()) == 2
    assert len(centre.send(made.report(level(5.0)))) == 1


def test_a_link_whose_messages_are_all_refused_is_cut(centre: Centre) -> None:
    centre.send(*(made.report("39 23 0001", serial=serial) for serial in range(1, 30)))
    assert len(centre.quarantined()) == server.MOST_REFUSED + 1


def test_more_links_than_allowed_are_turned_away(centre: Centre) -> None:
    links = [centre.call() for _ in range(3)]
    for link in links:  # a confirmation says that the link is open
        link.sendall(made.report(level(5.0)))
        assert link.recv(100)
    with centre.call() as fourth:
        assert fourth.recv(100) == b""
    for link in links:
        link.close()


def test_a_station_that_wants_no_answer_gets_none(city: City, store: Store) -> None:
    text = MANIFEST.replace("confirm = true", "confirm = false")
    (city.folder / "sl651.toml").write_text(text, encoding="utf-8")
    silent = Centre(city, store)
    silent.listener.start()
    assert silent.send(made.report(level(5.0))) == []
    assert silent.count() == 1
    silent.listener.stop()


def test_a_port_that_is_taken_is_refused_by_name(centre: Centre, city: City, store: Store) -> None:
    text = MANIFEST.replace("port = 0", f"port = {centre.listener.port}")
    (city.folder / "sl651.toml").write_text(text, encoding="utf-8")
    (running,) = feeds(city, store, centre.clock)
    with pytest.raises(Refusal, match=r"server.port \d+ on 127.0.0.1 cannot be listened on"):
        running.start()


def test_nothing_listens_unless_the_manifest_says_where(city: City, store: Store) -> None:
    table = '[server]\nhost = "127.0.0.1"\nport = 0\nmost_connections = 3\n'
    (city.folder / "sl651.toml").write_text(MANIFEST.replace(table, ""), encoding="utf-8")
    assert list(feeds(city, store, SteppedClock(NOW))) == []
