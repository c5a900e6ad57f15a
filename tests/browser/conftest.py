"""A served desk and a real Chromium for the browser tests."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from anlan.city import City
from anlan.store import Store
from tests.browser.street import give_task
from tests.service.hand import Hand, raise_hand

WEB = Path(__file__).parents[2] / "web" / "dist"
# what a page is waited for: a busy machine draws the map in software
PATIENCE = 60_000  # ms
expect.set_options(timeout=PATIENCE)
NIGHT = datetime(2021, 7, 25, 17, 0, tzinfo=UTC)
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    # the map is drawn by WebGL in software; what lies around it is put together at half the work so
    "--disable-gpu-compositing",
]


@dataclass
class Served:
    """A desk behind an address."""

    hand: Hand
    url: str


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "no Chromium; run make packages"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def pages() -> Path:
    """The folder of the built pages; a test that changes them has its own."""
    assert (WEB / "index.html").exists(), "the pages are not built; run make setup"
    return WEB


@pytest.fixture
def served(pinghu: City, store: Store, pages: Path) -> Iterator[Served]:
    hand = raise_hand(pinghu, store, NIGHT, pages)
    hand.step()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(
        hand.app, host="127.0.0.1", port=port, log_level="error", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield Served(hand, f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join(timeout=10)


@dataclass
class Person:
    """Somebody at a browser of their own; complains of every error the page logs."""

    page: Page
    context: BrowserContext
    complaints: list[str]


SitDown = Callable[..., Person]


@pytest.fixture
def sit_down(browser: Browser, served: Served) -> Iterator[SitDown]:
    people: list[Person] = []

    def open_page(account: str, width: int = 1920, height: int = 1080) -> Person:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        person = Person(page, context, [])

        def hear(message: ConsoleMessage) -> None:
            # a refusal shows as a failed request too; the pages tell people about it themselves
            if message.type == "error" and "Failed to load resource" not in message.text:
                person.complaints.append(message.text)

        page.on("console", hear)
        page.on("pageerror", lambda error: person.complaints.append(str(error)))
        page.goto(served.url + served.hand.link(account))
        people.append(person)
        return person

    yield open_page
    for person in people:
        assert person.complaints == []
        person.context.close()


@dataclass
class AtWork:
    """A grid worker with a task, at a phone."""

    worker: str
    task: str
    person: Person


@pytest.fixture
def at_work(served: Served, sit_down: SitDown) -> AtWork:
    worker = served.hand.account("grid_worker")
    task = give_task(served.hand, worker)
    return AtWork(worker, task, sit_down(worker, 360, 780))
