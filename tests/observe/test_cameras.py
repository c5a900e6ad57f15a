"""Cameras are asked for pictures, which are kept, shown, and read off; and go when they are old."""

from __future__ import annotations

import io
import ipaddress
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import func, select

from anlan.city import City, load
from anlan.clock import SteppedClock
from anlan.observe import archive, fetching
from anlan.observe.camera import frames
from anlan.observe.sources import cameras
from anlan.observe.sources.cameras import SOURCE, rtsp
from anlan.observe.sources.cameras.job import grabber
from anlan.observe.sources.polling import Poller
from anlan.refusal import Refusal
from anlan.store import Store, schema
from tests.observe.rain_files import HOUR, NOON
from tests.observe.rtsp_camera import camera, needs_ffmpeg
from tests.observe.test_fetching import Served, plain, redirect, serving
from tests.service.hand import raise_hand

TOML = """[source]
owner = "owner"
licence = "licence"
quality = "automatic"
cadence_minutes = 5
time_out_s = 5

[[camera]]
id = "bridge"
name = "当湖大桥"
url = "URL/snap.jpg"
keep_days = 2
"""
STAFF = """[camera.staff]
series = "danghu-level.river_level"
corners = [[612, 60], [668, 62], [664, 640], [606, 638]]
top_m = 4.0
bottom_m = 1.0
"""
LEVEL = "danghu-level.river_level"


def jpeg(picture: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=85)
    return out.getvalue()


def some(seed: int = 1) -> bytes:
    return jpeg(np.random.default_rng(seed).integers(0, 255, (90, 160, 3)).astype(np.uint8))


class Bridge:
    """A camera whose answer may change, and the desk that asks it."""

    def __init__(self, served: Served, tmp_path: Path, pinghu: City, store: Store, more: str):
        folder = tmp_path / "pinghu"
        shutil.copytree(pinghu.folder, folder)
        text = TOML.replace("URL", served.url) + more
        (folder / "cameras.toml").write_text(text, encoding="utf-8")
        with (folder / "city.toml").open("a", encoding="utf-8") as file:
            file.write('\n[fetch]\nallow = ["127.0.0.1"]\n')
        self.city, self.store, self.clock = load(folder), store, SteppedClock(NOON)
        feed = SOURCE.feed(self.city, store, self.clock)
        assert isinstance(feed, Poller)
        self.feed = feed

    def ask(self, after: timedelta = 5 * HOUR / 60) -> str:
        """Ask once, some time later; the problem of the feed."""
        self.clock.step_to(self.clock.now() + after)
        (job,) = self.feed._jobs
        self.feed.poll(job)
        return self.feed.state().problem

    def count(self) -> int:
        with self.store.read() as conn:
            return conn.execute(select(func.count()).select_from(schema.camera_frame)).scalar_one()


class Answers:
    """What the camera gives: set `body`, or `reply` as a whole, to change it."""

    def __init__(self) -> None:
        self.body = some()
        self.reply: Callable[[Any], None] | None = None

    def __call__(self, request: Any) -> None:
        (self.reply or plain(self.body))(request)


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def served(answers: Answers) -> Iterator[Served]:
    with serving(answers) as found:
        yield found


@pytest.fixture
def bridge(served: Served, tmp_path: Path, pinghu: City, store: Store) -> Bridge:
    return Bridge(served, tmp_path, pinghu, store, "")


def test_a_picture_is_kept_without_what_came_with_it(bridge: Bridge, answers: Answers) -> None:
    picture = Image.fromarray(np.zeros((90, 160, 3), np.uint8))
    marks = picture.getexif()
    marks[0x010E] = "GPS of somebody"
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=marks)
    answers.body = out.getvalue() + b"<script>alert(1)</script>"
    assert bridge.ask() == ""
    (full,) = [
        p for p in (bridge.store.data_dir / "cameras").rglob("*.jpg") if "thumb" not in p.name
    ]
    assert b"GPS" not in full.read_bytes()
    assert b"script" not in full.read_bytes()
    with Image.open(full.with_suffix("").with_suffix(".thumb.jpg")) as thumb:
        assert max(thumb.size) <= 320


def test_the_same_picture_again_is_no_new_one_and_is_said(bridge: Bridge) -> None:
    assert bridge.ask() == ""
    assert "gives the same picture again" in bridge.ask()
    assert bridge.count() == 1


@pytest.mark.parametrize("body", [b"", b"<html>login</html>", b"GIF89a", b"\xff\xd8\xff\xe0broken"])
def test_what_is_no_picture_is_said_and_not_kept(
    bridge: Bridge, answers: Answers, body: bytes
) -> None:
    answers.body = body
    assert "gave no picture that can be opened" in bridge.ask()
    assert bridge.count() == 0


def test_a_picture_that_would_burst_memory_is_refused() -> None:
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    with pytest.raises(Refusal, match="no picture that can be opened"):
        frames.opened(out.getvalue(), "x")


@pytest.mark.both_engines
def test_pictures_go_when_they_are_old_or_too_many(
    served: Served, answers: Answers, tmp_path: Path, pinghu: City, store: Store
) -> None:
    bridge = Bridge(served, tmp_path, pinghu, store, "most = 3\n")
    for seed in range(5):
        answers.body = some(seed)
        bridge.ask()
    assert bridge.count() == 3
    answers.body = some(9)
    bridge.ask(timedelta(days=3))
    assert bridge.count() == 1
    assert len(list((store.data_dir / "cameras").rglob("*.jpg"))) == 2  # picture and thumbnail


def test_a_level_read_off_the_staff_is_a_reading_of_its_series(
    served: Served, answers: Answers, tmp_path: Path, pinghu: City, store: Store
) -> None:
    pytest.importorskip("cv2", reason="OpenCV is not installed")
    from tests.observe.staff_pictures import Scene, render

    bridge = Bridge(served, tmp_path, pinghu, store, STAFF)
    for seed in range(4):
        answers.body = jpeg(render(Scene(2.4, seed=seed)))
        bridge.ask()
    answers.body = jpeg(render(Scene(2.4, light=0.0)))
    bridge.ask()
    with store.read() as conn:
        found = archive.window(conn, LEVEL, NOON, bridge.clock.now())
        kept = conn.execute(select(schema.camera_frame)).all()
    assert len(kept) == 5
    assert kept[-1].why == "too dark or too even"
    assert len(found) >= 3
    assert all(reading.value == pytest.approx(2.4, abs=0.02) for reading in found)
    assert {reading.flag for reading in found} <= {"ok", "suspect"}
    assert SOURCE.series(SOURCE.settings(bridge.city)[1]) == [LEVEL]  # type: ignore[index]


def test_the_desk_shows_cameras_to_those_who_may_see(bridge: Bridge) -> None:
    bridge.ask()
    hand = raise_hand(bridge.city, bridge.store, bridge.clock.now())
    with hand.signed_in(hand.account("duty_officer")) as desk:
        (camera,) = desk.get("/api/v1/cameras").json()
        assert (camera["name"], camera["silent"]) == ("当湖大桥", False)
        then = {"as_of": (bridge.clock.now() - HOUR).isoformat()}
        assert desk.get("/api/v1/cameras", params=then).json()[0]["latest"] is None
        picture = desk.get("/api/v1/cameras/bridge/picture?thumb=true")
        assert picture.headers["content-type"] == "image/jpeg"
        assert desk.get("/api/v1/cameras/none/picture").status_code == 404
        assert len(desk.get("/api/v1/cameras/bridge/frames").json()) == 1
        text = desk.get("/api/v1/cameras").text
        assert "127.0.0.1" not in text  # neither address nor account of a camera leaves the desk
    with hand.signed_in(hand.account("resident")) as phone:
        for path in ("cameras", "cameras/bridge/picture", "cameras/bridge/frames"):
            assert phone.get(f"/api/v1/{path}").status_code == 403


HERE = fetching.Rules(networks=(ipaddress.ip_network("127.0.0.1"),))


def streaming(url: str, password: str = "se:cret") -> cameras.Camera:
    return cameras.Camera("yard", "场", "", url, "viewer", password, 0, 0, HOUR, HOUR, 1, None)


@needs_ffmpeg
def test_a_stream_by_rtsp_gives_a_picture_and_keeps_the_password_to_itself(
    tmp_path: Path,
) -> None:
    with camera(tmp_path, ("viewer", "se:cret")) as yard:
        picture = frames.opened(rtsp.picture(streaming(yard.url), HERE, 30.0), "yard").picture
        assert picture.shape == (240, 320, 3)
        assert np.ptp(picture) > 200  # the test picture, not a grey plane
        with pytest.raises(Refusal, match="yard: it does not take the user name and password"):
            rtsp.picture(streaming(yard.url, "wrong"), HERE, 30.0)
        yard.sends_on = "rtsp://10.0.0.1/"
        with pytest.raises(Refusal, match="yard: it sends on to another address"):
            rtsp.picture(streaming(yard.url), HERE, 30.0)
        asked = len(yard.asked)
        with pytest.raises(Refusal, match="not an address of the public network"):
            rtsp.picture(streaming(yard.url), fetching.Rules(), 30.0)
    assert len(yard.asked) == asked
    assert all("cret" not in request for request in yard.asked)
    with pytest.raises(Refusal, match="yard: it cannot be reached"):
        rtsp.picture(streaming(yard.url), HERE, 5.0)


@given(
    st.lists(
        st.binary(max_size=60)
        | st.sampled_from([b"RTSP/1.0 ", b"\r\n\r\n", b"$\0\0\1", b"CSeq: 1\r\n"])
    )
)
def test_whatever_a_camera_says_the_talk_goes_on_or_is_given_up(said: list[bytes]) -> None:
    talk = rtsp.Talk("rtsp://near:1", "rtsp://far:2", fetching.Account("a", "b"))
    assert talk.from_player(b"OPTIONS rtsp://near:1/x RTSP/1.0\r\nCSeq: 5\r\n\r\n").startswith(
        b"OPTIONS rtsp://far:2/x RTSP/1.0\r\nCSeq: 1\r\n"
    )
    with suppress(rtsp.StreamError):
        for piece in said:
            talk.from_camera(piece)


def test_an_account_is_answered_as_the_standards_example_has_it() -> None:
    """RFC 7616, 3.9.1, with its client nonce; the stronger of two is taken."""
    who = fetching.Account("Mufasa", "Circle of Life")
    said = (
        'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    both = [said.format("MD5") + ", Basic realm=x", said.format("SHA-256")]
    own = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    answers = [who.answer(each, "GET", "/dir/index.html", own) for each in (both[:1], both)]
    assert 'response="8ca523f5e9506fed4657c9700eebdbec"' in (answers[0] or "")
    assert "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1" in (answers[1] or "")
    assert "Circle" not in repr(who)
    assert who.answer(["Negotiate", "Digest realm=x, algorithm=MD9, nonce=1"], "GET", "/") is None


def test_a_camera_that_asks_by_http_digest_gets_an_answer_and_others_no_password(
    served: Served, answers: Answers, bridge: Bridge
) -> None:
    def challenge(request: Any) -> None:
        given = request.headers.get("Authorization", "")
        if 'uri="/snap.jpg?channel=1"' in given and 'username="viewer"' in given:
            return plain(some())(request)
        request.send_response(401)
        for kind in ('Digest realm="cam", nonce="1", qop="auth"', "Basic realm=cam"):
            request.send_header("WWW-Authenticate", kind)
        request.end_headers()
        return None

    answers.reply = challenge
    grab = grabber(bridge.city, 10.0)
    url = f"{served.url}/snap.jpg?channel=1"
    assert grab(streaming(url)) == some()
    assert "Authorization" not in served.asked[0][1]  # only who asks is told
    assert all("Basic" not in headers.get("Authorization", "") for _, headers in served.asked)
    with serving(redirect(url)) as elsewhere, pytest.raises(Refusal, match="answers 401"):
        grab(streaming(f"{elsewhere.url}/"))


def test_a_stream_without_ffmpeg_says_what_to_do(
    pinghu: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(
        Refusal, match="needs ffmpeg; install it, or name the address of a snapshot"
    ):
        grabber(pinghu, 5.0)(streaming("rtsp://192.0.2.1/s"))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("URL/snap.jpg", "http://viewer:secret@10.0.0.1/x.jpg", "is not an address of http"),
        ("URL/snap.jpg", "file:///etc/passwd", "is not an address of http"),
        ("danghu-level.river_level", "rain-danghu.rain", "is not a level of the city"),
        ("[[612, 60], [668, 62], [664, 640], [606, 638]]", "[[1, 2]]", "is not four points"),
        ("[606, 638]", "[606, 20]", "is not four points"),
        ("top_m = 4.0", "top_m = 0.5", "is not 0.3 to 12 m above bottom_m"),
    ],
)
def test_a_slip_in_the_file_is_refused_by_name(
    pinghu: City, tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    folder = tmp_path / "pinghu"
    shutil.copytree(pinghu.folder, folder)
    text = (TOML + STAFF).replace(old, new).replace("URL", "http://192.0.2.1")
    (folder / "cameras.toml").write_text(text, encoding="utf-8")
    (fault,) = SOURCE.check(folder)
    assert sentence in fault.message
    assert "secret" not in fault.message
