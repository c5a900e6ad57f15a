"""One picture of an RTSP stream (RFC 2326), decoded by ffmpeg.

ffmpeg speaks to a door of this machine, and what it says is passed on to the camera. So the camera
is asked at the address that was judged and nowhere else (ffmpeg would follow its redirects), and
its password stands on no command line.
"""

from __future__ import annotations

import contextlib
import selectors
import shutil
import socket
import subprocess
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from anlan.observe import fetching
from anlan.observe.sources.cameras.manifest import Camera
from anlan.refusal import Refusal

MOST_PICTURE = 20_000_000
MOST_HEADER = 65_536
PIECE = 65_536
END = b"\r\n\r\n"


class StreamError(Exception):
    """What a camera did so that its stream is given up."""


@dataclass
class Talk:
    """What passes between a player and a camera, message by message; no sockets here.

    Attributes:
        near, far: how an address of the stream begins for the player, and for the camera.
        account: that the camera may ask for.
    """

    near: str
    far: str
    account: fetching.Account | None
    _up: bytes = b""
    _down: bytes = b""
    _waiting: dict[str, tuple[list[str], bytes, bool]] = field(default_factory=dict)
    _serial: int = 0
    _challenges: list[str] = field(default_factory=list)

    def from_player(self, data: bytes) -> bytes:
        """What goes on to the camera. Raises `StreamError`."""
        self._up += data
        out = b""
        while (unit := _unit(self._up)) is not None:
            self._up = self._up[len(unit) :]
            if unit[:1] == b"$":
                out += unit
                continue
            lines, body = _parted(unit)
            method, _, rest = lines[0].partition(" ")
            if rest.startswith(self.near):
                lines[0] = f"{method} {self.far}{rest[len(self.near) :]}"
            out += self._ask(lines, body, False)
        return out

    def from_camera(self, data: bytes) -> tuple[bytes, bytes]:
        """What goes on to the player, and what the camera is told at once. Raises `StreamError`."""
        self._down += data
        down = up = b""
        while (unit := _unit(self._down)) is not None:
            self._down = self._down[len(unit) :]
            if unit[:1] == b"$":
                down += unit
                continue
            lines, body = _parted(unit)
            if not lines[0].startswith("RTSP/"):
                continue  # requests of a camera: nothing that one picture needs
            status = lines[0].split(" ")[1:2]
            # a camera that leaves the number out answers what was asked first
            serial = _header(lines, "cseq") or next(iter(self._waiting), "")
            asked = self._waiting.pop(serial, None)
            if asked is None:
                continue
            if status and status[0].startswith("3"):
                raise StreamError("it sends on to another address; name that one")
            if status == ["401"] and self.account is not None and not asked[2]:
                self._challenges = _headers(lines, "www-authenticate")
                if self._authorization(asked[0]) is not None:
                    up += self._ask(asked[0], asked[1], True)
                    continue
            if status == ["401"]:
                raise StreamError("it does not take the user name and password")
            down += _joined(_with(lines, "CSeq", _header(asked[0], "cseq")), body)
        return down, up

    def _ask(self, lines: list[str], body: bytes, again: bool) -> bytes:
        self._serial += 1
        self._waiting[str(self._serial)] = (lines, body, again)
        sent = _with(lines, "CSeq", str(self._serial))
        answer = self._authorization(lines)
        return _joined(sent if answer is None else [*sent, f"Authorization: {answer}"], body)

    def _authorization(self, lines: list[str]) -> str | None:
        method, target = [*lines[0].split(" "), ""][:2]
        if self.account is None or not self._challenges:
            return None
        return self.account.answer(self._challenges, method, target)


def _unit(data: bytes) -> bytes | None:
    """The first whole message or interleaved packet (RFC 2326, 10.12), or None so far."""
    if data[:1] == b"$":
        size = 4 + int.from_bytes(data[2:4]) if len(data) >= 4 else len(data) + 1
        return data[:size] if len(data) >= size else None
    end = data.find(END, 0, MOST_HEADER)
    if end < 0:
        if len(data) >= MOST_HEADER:
            raise StreamError("it does not speak RTSP")
        return None
    said = _header(_parted(data[: end + 4])[0], "content-length") or "0"
    if not said.isdecimal() or int(said[:12]) > MOST_HEADER:
        raise StreamError("it does not speak RTSP")
    size = end + 4 + int(said)
    return data[:size] if len(data) >= size else None


def _parted(unit: bytes) -> tuple[list[str], bytes]:
    head, _, body = unit.partition(END)
    return head.decode("utf-8", "replace").lstrip("\r\n").split("\r\n"), body


def _joined(lines: list[str], body: bytes) -> bytes:
    return "\r\n".join(lines).encode() + END + body


def _headers(lines: list[str], name: str) -> list[str]:
    pairs = (line.partition(":") for line in lines[1:])
    return [value.strip() for key, _, value in pairs if key.strip().lower() == name]


def _header(lines: list[str], name: str) -> str:
    return (_headers(lines, name) or [""])[0]


def _with(lines: list[str], name: str, value: str) -> list[str]:
    kept = [line for line in lines[1:] if line.partition(":")[0].strip().lower() != name.lower()]
    return [lines[0], f"{name}: {value}", *kept]


def picture(camera: Camera, rules: fetching.Rules, time_out_s: float) -> bytes:
    """One picture, as JPEG.

    Raises:
        Refusal: where ffmpeg is not installed, the address may not be asked, or nothing came.
    """
    program = shutil.which("ffmpeg")
    if program is None:
        raise Refusal(
            f"camera {camera.id} streams by RTSP, which needs ffmpeg; install it, or name the "
            "address of a snapshot",
            field="url",
            value=camera.id,
            remedy="ffmpeg, or an http address",
        )
    deadline = time.monotonic() + time_out_s
    parts = urlsplit(camera.url)
    host, port = parts.hostname or "", parts.port or 554
    shown = f"[{host}]" if ":" in host else host
    try:
        _, _, addresses = fetching.judge(f"http://{shown}:{port}/", rules)
        line = socket.create_connection((addresses[0], port), timeout=time_out_s)
    except OSError as problem:
        raise _nothing(camera, f"it cannot be reached ({problem})") from problem
    with line, socket.create_server(("127.0.0.1", 0)) as door:
        near = f"rtsp://127.0.0.1:{door.getsockname()[1]}"
        talk = Talk(near, f"rtsp://{shown}:{port}", camera.account)
        trouble: list[str] = []
        relay = threading.Thread(
            target=_relay, args=(talk, door, line, deadline, trouble), daemon=True
        )
        relay.start()
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        command = [program, "-nostdin", "-loglevel", "error", "-protocol_whitelist", "rtsp,rtp,tcp"]
        command += ["-rtsp_transport", "tcp", "-i", near + path, "-map", "0:v:0", "-frames:v", "1"]
        command += ["-f", "image2pipe", "-c:v", "mjpeg", "-q:v", "3", "-fs", str(MOST_PICTURE), "-"]
        try:
            left = max(0.0, deadline - time.monotonic())
            done = subprocess.run(command, capture_output=True, timeout=left, check=False)
        except subprocess.TimeoutExpired as problem:
            words = trouble[0] if trouble else f"nothing came in {time_out_s:g} s"
            raise _nothing(camera, words) from problem
        finally:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            relay.join(1.0)  # it knows why the stream was given up, ffmpeg only that it was
    if not done.stdout:
        words = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        words = words.replace(near, f"rtsp://{shown}:{port}")[:120]
        raise _nothing(camera, trouble[0] if trouble else words or "nothing came")
    return done.stdout


def _relay(
    talk: Talk, door: socket.socket, camera: socket.socket, deadline: float, trouble: list[str]
) -> None:
    """Pass on what is said until one side ends; why it was cut short goes to ``trouble``."""
    try:
        door.settimeout(max(0.01, deadline - time.monotonic()))
        player, _ = door.accept()
        with player, selectors.DefaultSelector() as sides:
            for each in (player, camera):
                each.settimeout(max(0.01, deadline - time.monotonic()))
                sides.register(each, selectors.EVENT_READ)
            while (left := deadline - time.monotonic()) > 0:
                for key, _ in sides.select(left):
                    side = player if key.fileobj is player else camera
                    data = side.recv(PIECE)
                    if not data:
                        return
                    if side is player:
                        camera.sendall(talk.from_player(data))
                        continue
                    down, up = talk.from_camera(data)
                    if up:
                        camera.sendall(up)
                    if down:
                        player.sendall(down)
    except StreamError as broken:
        trouble.append(str(broken))
    except (OSError, ValueError):
        return  # one side is gone: ffmpeg says what it lacks


def _nothing(camera: Camera, why: str) -> Refusal:
    return Refusal(f"camera {camera.id}: {why}", field="url", value=camera.id, remedy="try later")
