"""Official warnings come in by feed and by file: kept once, verified or shown as not."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from sqlalchemy import func, select

from anlan.city import City, load
from anlan.clock import SteppedClock
from anlan.journal import Act, verify
from anlan.observe.official import known
from anlan.observe.quarantine import MOST_A_DAY
from anlan.observe.sources.documents import Answer
from anlan.observe.sources.official import SOURCE, FeedJob, Settings
from anlan.observe.sources.official.intake import MOST_AT_ONCE
from anlan.observe.sources.polling import Poller
from anlan.observe.sources.web import fetcher
from anlan.refusal import Refusal
from anlan.store import Store, schema
from tests.cap.keys import NOW, Keys, new_keys
from tests.conftest import CITIES
from tests.observe.official_messages import SENDER, message
from tests.observe.test_fetching import plain, serving

MANIFEST = f"""
[source]
owner = "平湖市气象局"
licence = "government warning"
quality = "checked"
cadence_minutes = 1

[[feed]]
id = "drop"
folder = "inbox/official"

[[feed]]
id = "met"
url = "https://met.example/atom.xml"

[[sender]]
id = "{SENDER}"
name = "平湖市气象台"
certificates = ["keys/met.pem"]
"""


@pytest.fixture(scope="module")
def met() -> Keys:
    return new_keys()


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, met: Keys) -> City:
    folder = tmp_path_factory.mktemp("cities") / "pinghu"
    shutil.copytree(CITIES / "pinghu", folder)
    (folder / "keys").mkdir()
    (folder / "keys" / "met.pem").write_bytes(met.pem)
    (folder / "official.toml").write_text(MANIFEST, encoding="utf-8")
    return load(folder)


@dataclass
class Web:
    """What an address answers, and what it was asked."""

    pages: dict[str, bytes | int] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, url: str, *, etag: str = "", modified: str = "", most_bytes: int) -> Answer:
        self.asked.append((url, etag))
        page = self.pages.get(url, 404)
        if isinstance(page, int):
            raise Refusal(f"{url} answered with status {page}")
        tag = f'"{hash(page)}"'
        return Answer(None, etag, modified) if etag == tag else Answer(page, tag, "")


class Desk:
    def __init__(self, city: City, store: Store) -> None:
        found = SOURCE.settings(city)
        assert found is not None
        self.city, self.store, self.clock = city, store, SteppedClock(NOW)
        self.settings: Settings = found[1]
        self.web = Web()
        self.jobs = {
            feed.id: FeedJob(feed, self.settings, city, store, self.clock, self.web)
            for feed in self.settings.feeds
        }
        self.poller = Poller("official", store, self.clock, list(self.jobs.values()))

    def drop(self, **files: bytes) -> None:
        folder = self.store.data_dir / "inbox" / "official"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / f"{name}.xml").write_bytes(content)
        self.poller.poll(self.jobs["drop"])

    def poll(self) -> None:
        self.poller.poll(self.jobs["met"])

    def known(self) -> Mapping[str, tuple[str, bool]]:
        with self.store.read() as conn:
            found = known(conn, self.clock.now())
        return {each.notice.identifier: (each.state, each.acts) for each in found}

    def quarantined(self) -> list[str]:
        with self.store.read() as conn:
            return list(conn.execute(select(schema.quarantine.c.error)).scalars())

    def count(self) -> int:
        with self.store.read() as conn:
            return conn.execute(
                select(func.count()).select_from(schema.official_notice)
            ).scalar_one()


@pytest.fixture
def desk(city: City, store: Store) -> Desk:
    return Desk(city, store)


def atom(*links: str) -> bytes:
    entries = "".join(
        f'<entry><id>{link}</id><link type="application/cap+xml" href="{link}"/></entry>'
        for link in links
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'.encode()


@pytest.mark.both_engines
def test_a_signed_file_acts_and_an_unsigned_one_is_only_shown(desk: Desk, met: Keys) -> None:
    desk.drop(a=met.sign(message("A")), b=message("B", event="大风"))
    assert desk.known() == {"A": ("in_force", True), "B": ("in_force", False)}
    with desk.store.read() as conn:
        why = {each.notice.identifier: each.notice.why for each in known(conn, NOW)}
        assert verify(conn).verified
    assert why == {"A": "signed by a pinned key", "B": "the message is not signed"}


def test_a_signature_of_a_stranger_under_a_known_name_is_not_taken(desk: Desk) -> None:
    desk.drop(a=new_keys().sign(message("A")))
    assert desk.known() == {"A": ("in_force", False)}


def test_a_pinned_sender_cannot_sign_for_another(desk: Desk, met: Keys) -> None:
    desk.drop(a=met.sign(message("A", sender="sea@x.example")))
    assert desk.known() == {"A": ("in_force", False)}


def test_a_signed_message_around_which_words_were_wrapped_is_not_verified(
    desk: Desk, met: Keys
) -> None:
    signed = met.sign(message("A"))
    inner = signed[signed.index(b"<alert") :]
    outer = message("A", colour="蓝").replace(b"</alert>", inner + b"</alert>")
    desk.drop(a=outer)
    assert all(not acts for _, acts in desk.known().values())


def test_the_same_message_by_any_way_and_any_number_of_times_is_one(desk: Desk, met: Keys) -> None:
    signed = met.sign(message("A"))
    link = "https://met.example/a.xml"
    desk.web.pages = {"https://met.example/atom.xml": atom(link), link: signed}
    for _ in range(3):
        desk.drop(a=signed, again=signed)
        desk.poll()
    assert desk.count() == 1
    assert [url for url, _ in desk.web.asked] == [
        "https://met.example/atom.xml", link,
        "https://met.example/atom.xml", "https://met.example/atom.xml",
    ]  # fmt: skip
    assert desk.web.asked[-1][1].startswith('"')


def test_what_is_no_message_goes_to_quarantine_with_its_reason_once(desk: Desk) -> None:
    desk.drop(a=b"<html/>", b=b"<!DOCTYPE a><alert/>", c=message("C"))
    desk.drop()
    assert set(desk.known()) == {"C"}
    assert len(desk.quarantined()) == 2
    assert any("DOCTYPE" in each for each in desk.quarantined())


def test_a_link_to_another_host_is_not_followed(desk: Desk) -> None:
    desk.web.pages = {"https://met.example/atom.xml": atom("http://169.254.169.254/x")}
    desk.poll()
    assert [url for url, _ in desk.web.asked] == ["https://met.example/atom.xml"]
    assert "name it under hosts of official.toml" in desk.quarantined()[0]


def test_a_document_that_cannot_be_had_is_asked_for_again_three_times(desk: Desk) -> None:
    link = "https://met.example/a.xml"
    desk.web.pages = {"https://met.example/atom.xml": atom(link)}
    for _ in range(5):
        desk.poll()
    assert [url for url, _ in desk.web.asked].count(link) == 3
    assert desk.quarantined() == [f"{link} answered with status 404"]


def test_a_long_feed_is_taken_in_parts_and_nothing_is_left_out(desk: Desk, met: Keys) -> None:
    links = [f"https://met.example/{n}.xml" for n in range(MOST_AT_ONCE + 20)]
    desk.web.pages = {"https://met.example/atom.xml": atom(*links)}
    desk.web.pages |= {link: message(f"M{n}") for n, link in enumerate(links)}
    desk.poll()
    assert desk.count() == MOST_AT_ONCE
    desk.poll()
    assert desk.count() == len(links)


def test_a_feed_that_fails_is_named_and_does_not_hold_up_the_other(desk: Desk, met: Keys) -> None:
    desk.web.pages = {"https://met.example/atom.xml": b"<html>busy</html>"}
    desk.poll()
    desk.drop(a=met.sign(message("A")))
    state = desk.poller.state()
    assert "an Atom or RSS feed or an alert is read" in state.problem
    assert (state.connected, state.taken) == (True, 1)
    desk.web.pages = {"https://met.example/atom.xml": atom()}
    desk.poll()
    assert desk.poller.state().problem == ""


def test_a_crash_between_fetching_and_keeping_loses_nothing(
    desk: Desk, met: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(self: FeedJob, act: Act, items: object) -> tuple[int, int]:
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr(FeedJob, "take", crash)
        desk.drop(a=met.sign(message("A")))
    assert desk.count() == 0
    desk.drop()
    assert desk.known() == {"A": ("in_force", True)}


@pytest.mark.both_engines
def test_what_was_known_at_a_past_moment_can_be_asked(desk: Desk, met: Keys) -> None:
    desk.drop(a=met.sign(message("A")))
    desk.clock.step_to(NOW + timedelta(hours=1))
    lifted = message(
        "B", kind="Cancel", verb="解除", sent=NOW + timedelta(minutes=50), references=[("A", NOW)]
    )
    desk.drop(b=met.sign(lifted))
    with desk.store.read() as conn:
        then = known(conn, desk.clock.now(), as_of=NOW + timedelta(minutes=30))
    assert [each.state for each in then] == ["in_force"]
    assert desk.known()["A"] == ("ended", False)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"keys/met.pem"', '"keys/none.pem"', "certificates 'keys/none.pem' cannot be read"),
        ('"keys/met.pem"', '"city.toml"', "'city.toml' holds no certificate"),
        ("https://met.example/atom.xml", "file:///etc/passwd", "is not a web address"),
        ("inbox/official", "../keys", "leaves the data folder"),
        ('id = "met"', 'id = "drop"', "stands twice"),
        ("[[feed]]", "[[feeds]]", "is not a key"),
    ],
)
def test_a_slip_in_the_file_is_refused_by_name(
    city: City, tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    folder = tmp_path / "pinghu"
    shutil.copytree(city.folder, folder)
    (folder / "official.toml").write_text(MANIFEST.replace(old, new), encoding="utf-8")
    (fault,) = SOURCE.check(folder)
    assert sentence in fault.message
    assert json.dumps(fault.remedy)


def test_a_feed_of_a_real_server_is_asked_again_only_for_what_changed(
    city: City, store: Store, tmp_path: Path, met: Keys
) -> None:
    signed = met.sign(message("A"))
    statuses: list[int] = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        if request.path == "/a.xml":
            plain(signed)(request)
        elif request.headers.get("If-None-Match") == '"v1"':
            statuses.append(304)
            request.send_response(304)
            request.end_headers()
        else:
            statuses.append(200)
            plain(atom("a.xml"), ETag='"v1"')(request)

    with serving(answer) as served:
        folder = tmp_path / "pinghu"
        shutil.copytree(city.folder, folder)
        text = MANIFEST.replace("https://met.example/atom.xml", f"{served.url}/atom.xml")
        (folder / "official.toml").write_text(text, encoding="utf-8")
        here = load(folder)
        found = SOURCE.settings(here)
        assert found is not None
        job = FeedJob(
            found[1].feeds[1], found[1], here, store, SteppedClock(NOW), fetcher(here, 5.0)
        )
        refused = Poller("official", store, SteppedClock(NOW), [job])
        refused.poll(job)
        # this machine is no public address: a city must allow it by name
        assert "allow" in refused.state().problem
        assert served.asked == []
        with (folder / "city.toml").open("a", encoding="utf-8") as file:
            file.write('\n[fetch]\nallow = ["127.0.0.1"]\n')
        here = load(folder)
        job = FeedJob(
            found[1].feeds[1], found[1], here, store, SteppedClock(NOW), fetcher(here, 5.0)
        )
        poller = Poller("official", store, SteppedClock(NOW), [job])
        for _ in range(3):
            poller.poll(job)
        assert poller.state().problem == ""
    assert statuses == [200, 304, 304]
    with store.read() as conn:
        assert [each.notice.verified for each in known(conn, NOW)] == [True]


def test_what_ended_a_long_warning_is_remembered_as_long_as_it_could_hold(
    desk: Desk, met: Keys
) -> None:
    lifted = message("B", kind="Cancel", verb="解除", hours=1, references=[("A", NOW)])
    desk.drop(a=met.sign(message("A", hours=14 * 24)), b=met.sign(lifted))
    for days in (1, 5, 10, 13):
        desk.clock.step_to(NOW + timedelta(days=days))
        assert desk.known()["A"] == ("ended", False)


@pytest.mark.both_engines
def test_a_feed_that_floods_fills_no_disk(desk: Desk) -> None:
    for start in range(0, MOST_A_DAY + 100, 50):
        desk.drop(**{f"n{n}": f"<no>{n}</no>".encode() for n in range(start, start + 50)})
    assert len(desk.quarantined()) == MOST_A_DAY


@pytest.mark.parametrize(
    "area",
    [
        "<circle>30.7,121.0 1e308</circle>",
        "<circle>30.7,121.0 -5</circle>",
        "<polygon>"
        + " ".join(
            f"{30 + (n * 7919 % 97) / 97},{120 + (n * 104729 % 89) / 89}" for n in range(4000)
        )
        + " 30,120</polygon>",
        "<polygon>30,120 30,120 30,120 30,120</polygon>",
    ],
    ids=["endless circle", "negative circle", "tangled ring", "ring without area"],
)
def test_a_shape_made_to_hurt_costs_little_and_stops_nobody(desk: Desk, area: str) -> None:
    end = b"</areaDesc>"
    bad = message("X").replace(end, end + area.encode(), 1)
    assert area.encode() in bad
    began = time.monotonic()
    desk.drop(a=bad, b=message("B"))
    assert time.monotonic() - began < 60.0
    assert "B" in desk.known()


def test_a_key_pinned_later_verifies_what_has_come_before(
    city: City, store: Store, tmp_path: Path, met: Keys
) -> None:
    folder = tmp_path / "pinghu"
    shutil.copytree(city.folder, folder)
    text = MANIFEST.replace('certificates = ["keys/met.pem"]', "")
    (folder / "official.toml").write_text(text, encoding="utf-8")
    before = Desk(load(folder), store)
    before.drop(a=met.sign(message("A")))
    assert before.known() == {"A": ("in_force", False)}
    (folder / "official.toml").write_text(MANIFEST, encoding="utf-8")
    for _ in range(2):
        assert SOURCE.feed(load(folder), store, SteppedClock(NOW)) is not None
    assert before.known() == {"A": ("in_force", True)}
    assert before.count() == 2
