"""A camera that streams by RTSP (RFC 2326): the picture is ffmpeg's, by RTP as from any camera."""

from __future__ import annotations

import hashlib
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

needs_ffmpeg = pytest.mark.skipif(
    shutil.which("ffmpeg") is None, reason="ffmpeg, which reads RTSP, is not installed"
)
REALM, NONCE = "IP Camera(C2345)", "4e6f6e6365"


class RtspCamera:
    """Answers OPTIONS, DESCRIBE, SETUP (interleaved) and PLAY to whoever knows the password.

    Attributes:
        asked: the requests that came, in order, as text.
        sends_on: to where DESCRIBE redirects, if anywhere.
    """

    def __init__(self, sdp: str, packets: socket.socket, account: tuple[str, str] | None) -> None:
        self._sdp, self._packets, self._account = sdp, packets, account
        self.asked: list[str] = []
        self.sends_on = ""
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"rtsp://127.0.0.1:{self._door.getsockname()[1]}/Streaming/Channels/101"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits at it
        self._door.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._door.accept()
                with line, suppress(OSError):
                    self._speak(line)

    def _speak(self, line: socket.socket) -> None:
        data = b""
        while True:
            while b"\r\n\r\n" not in data:
                piece = line.recv(4096)
                if not piece:
                    return
                data += piece
            request, _, data = data.partition(b"\r\n\r\n")
            text = request.decode()
            self.asked.append(text)
            line.sendall(self._answer(text).encode())
            if text.startswith("PLAY"):
                self._stream(line)
                return

    def _answer(self, request: str) -> str:
        method, target = request.split(" ")[:2]
        said = dict(re.findall(r"^([\w-]+): (.*?)\r?$", request, re.MULTILINE))
        head = f"RTSP/1.0 {{}}\r\nCSeq: {said['CSeq']}\r\n"
        if method == "OPTIONS":
            return head.format("200 OK") + "Public: OPTIONS, DESCRIBE, SETUP, PLAY\r\n\r\n"
        if self.sends_on:
            return head.format("302 Moved") + f"Location: {self.sends_on}\r\n\r\n"
        if self._account and not self._known(method, target, said.get("Authorization", "")):
            return (
                head.format("401 Unauthorized")
                + f'WWW-Authenticate: Digest realm="{REALM}", nonce="{NONCE}"\r\n'
                + f'WWW-Authenticate: Basic realm="{REALM}"\r\n\r\n'
            )
        head = head.format("200 OK") + "Session: 7\r\n"
        if method == "DESCRIBE":
            kind = f"Content-Base: {self.url}/\r\nContent-Type: application/sdp\r\n"
            return f"{head}{kind}Content-Length: {len(self._sdp)}\r\n\r\n{self._sdp}"
        if method == "SETUP":
            head += "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        return head + "\r\n"

    def _known(self, method: str, target: str, given: str) -> bool:
        """RFC 2069, as cameras do it."""
        assert self._account is not None
        said = dict(re.findall(r'(\w+)="([^"]*)"', given))

        def md5(*parts: str) -> str:
            return hashlib.md5(":".join(parts).encode()).hexdigest()

        user, password = self._account
        expected = md5(md5(user, REALM, password), NONCE, md5(method, target))
        return said.get("response") == expected and said.get("uri") == target

    def _stream(self, line: socket.socket) -> None:
        while True:
            packet = self._packets.recv(65_535)
            line.sendall(b"$\0" + len(packet).to_bytes(2) + packet)


@contextmanager
def camera(folder: Path, account: tuple[str, str] | None = None) -> Iterator[RtspCamera]:
    """A camera that looks at a test picture of 320 × 240, ten frames a second."""
    packets = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    packets.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    packets.bind(("127.0.0.1", 0))
    sdp = folder / "stream.sdp"
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-re", "-f", "lavfi"]
    command += ["-i", "testsrc=size=320x240:rate=10", "-c:v", "libx264", "-preset", "ultrafast"]
    command += ["-tune", "zerolatency", "-g", "5", "-threads", "1", "-sdp_file", str(sdp)]
    command += ["-f", "rtp", f"rtp://127.0.0.1:{packets.getsockname()[1]}"]
    encoder = subprocess.Popen(command)
    try:
        while not sdp.exists() or "m=video" not in sdp.read_text():
            assert encoder.poll() is None
            time.sleep(0.01)
        time.sleep(0.05)
        served = RtspCamera(_as_camera(sdp.read_text()), packets, account)
        try:
            yield served
        finally:
            served.close()
    finally:
        encoder.kill()
        encoder.wait()
        packets.close()


def _as_camera(sdp: str) -> str:
    """ffmpeg's description, with the media's address as a camera gives it."""
    sdp = re.sub(r"^SDP:\s*", "", sdp).replace("\r\n", "\n").strip()
    sdp = re.sub(r"m=video \d+", "m=video 0", sdp)
    return "\r\n".join([*sdp.split("\n"), "a=control:trackID=1", ""])
