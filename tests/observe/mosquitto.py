"""A real broker for the tests: mosquitto on a free port, with its files in a folder of the test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

PROGRAM = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
needs_mosquitto = pytest.mark.skipif(
    PROGRAM is None and "CI" not in os.environ, reason="mosquitto is not installed"
)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mosquitto:
    """The broker; what it keeps survives `stop` and `start`."""

    def __init__(self, folder: Path, more: Sequence[str] = (), anonymous: bool = True) -> None:
        folder.mkdir(exist_ok=True)
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        self._process: subprocess.Popen[bytes] | None = None
        lines = [
            f"listener {self.port} 127.0.0.1",
            f"allow_anonymous {'true' if anonymous else 'false'}",
            "persistence true",
            f"persistence_location {folder}/",
            "max_queued_messages 200000",
            "user root",
            *more,
        ]
        self._config.write_text("\n".join(lines) + "\n", encoding="utf-8")

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait until it listens."""
        assert PROGRAM is not None
        self._process = subprocess.Popen(
            [PROGRAM, "-c", str(self._config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(200):
            with socket.socket() as line:
                if line.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("mosquitto does not listen")

    def stop(self) -> None:
        """End it, politely: it writes down what it keeps."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None


class Publisher:
    """A station, or a hub, that publishes with QoS 1 and knows what the broker has taken."""

    def __init__(
        self, port: int, user: str | None = None, password: str | None = None, window: int = 1000
    ) -> None:
        self.client = paho.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self.client.max_inflight_messages_set(window)
        if user is not None:
            self.client.username_pw_set(user, password)
        self._ready = threading.Event()
        self.client.on_connect = lambda *_: self._ready.set()
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        assert self._ready.wait(10)

    def send(self, topic: str, *payloads: bytes | str) -> None:
        """Publish, and wait until the broker has taken all."""
        sent = [self.client.publish(topic, payload, qos=1) for payload in payloads]
        for each in sent:
            each.wait_for_publish(20)
            assert each.is_published()

    def close(self) -> None:
        """Leave the broker."""
        self.client.disconnect()
        self.client.loop_stop()
