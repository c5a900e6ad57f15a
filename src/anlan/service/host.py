"""Running a desk: on the real clock, or hosting a replay; and the web server around it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from rich.console import Console

from anlan import forecast, warn
from anlan.access import issue, load_accounts
from anlan.access.desk import WALL, Desk
from anlan.access.vault import Vault, seed_people
from anlan.chain import Chain
from anlan.city import City
from anlan.clock import RealClock, ReplayClock
from anlan.journal import Act
from anlan.observe.sources import feeds
from anlan.refusal import Refusal
from anlan.replay import Plan, Replay, prepare
from anlan.respond.resources import seed as seed_resources
from anlan.respond.volunteers.seed import seed_volunteers
from anlan.service.anchoring import Anchoring
from anlan.service.app import create_app
from anlan.service.live_chain import LiveChain
from anlan.service.nightly import Nightly
from anlan.service.replay_host import ReplayHost
from anlan.store import Store
from anlan.warn import signing

GRACE_S = 3  # an open live stream must not keep the server from stopping
err = Console(stderr=True, highlight=False)


def web_folder() -> Path | None:
    """The built pages: beside the working folder, or beside the sources."""
    for folder in (Path("web/dist"), Path(__file__).parents[3] / "web" / "dist"):
        if (folder / "index.html").exists():
            return folder
    return None


def check_port(port: int) -> None:
    """Raise `Refusal` when something listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as problem:
            raise Refusal(
                f"port {port} is taken; choose another: make demo PORT={port + 1}",
                field="port",
                value=port,
                remedy="a free port",
            ) from problem


def first_account(city: City, exercise: bool) -> str:
    """Whom the printed link signs in: the duty officer of an exercise, else the administrator."""
    wanted = ("duty_officer", "commander") if exercise else ("admin", "duty_officer", "commander")
    for role in wanted:
        for account in city.accounts.values():
            if account.role == role:
                return account.id
    raise Refusal(
        f"accounts.csv of {city.name} names nobody with one of the roles {', '.join(wanted)}",
        field="accounts.csv",
        remedy=f"a row with the role {wanted[0]}",
    )


def announce(
    city: City, store: Store, clock: RealClock | ReplayClock, port: int, role: str = ""
) -> None:
    """Print a one-time sign-in link for the first account; take ANLAN_ADMIN_KEY if given.

    ``role``: of whom the link signs in, where it is not the usual first account.
    """
    first = next((a.id for a in city.accounts.values() if a.role == role), None)
    with store.transaction() as tx:
        act = Act(tx, clock.now(), "system")
        if key := os.environ.get("ANLAN_ADMIN_KEY"):
            issue(act, first_account(city, False), "key", WALL.now(), token=key)
        token = issue(act, first or first_account(city, not clock.real), "link", WALL.now())
    err.print(f"[bold]安澜 Anlan · {city.name}[/]  http://127.0.0.1:{port}")
    err.print(
        f"一次性登录链接 sign in once: [bold cyan]http://127.0.0.1:{port}/signin/{token}[/]",
        soft_wrap=True,
    )


def run_server(app: FastAPI, port: int, stop: Callable[[], None]) -> None:
    """Serve on the loopback address until interrupted; then stop the background work."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=GRACE_S,
        access_log=False,
    )
    try:
        uvicorn.Server(config).run()
    finally:
        stop()


def serve_replay(
    city: City,
    plan: Plan,
    speed: float,
    port: int,
    folder: Path,
    progress: Callable[[], AbstractContextManager[Callable[[str, float], None]]],
) -> None:
    """The desk over a replay, going on where the data folder left off."""
    check_port(port)
    event = city.event(plan.event)
    store = Store(folder)
    store.hold()
    clock = ReplayClock(event.start, event.end, speed)

    def begin() -> Replay:
        return prepare(plan, city, store, clock)

    with progress() as bar:
        first = prepare(plan, city, store, clock, bar)
    host = ReplayHost(store, clock, plan.identity(city, plan.settings(city)), first, begin)
    # the world's event, not the city's: in a world where the storm misses, its track does too
    desk = Desk(city, store, clock, first.event, host.truth)
    app = create_app(desk, web_folder(), host, host.problem)
    announce(city, store, clock, port)
    host.start()
    run_server(app, port, host.stop)


def live_desk(
    city: City, store: Store, settings: forecast.Settings | None = None
) -> tuple[FastAPI, LiveChain, warn.Senders]:
    """The application, the chain and the post room of a city on the real clock, not yet started."""
    clock = RealClock()
    vault = Vault.of(store)
    with store.transaction() as tx:
        store.dedicate(tx, "live")
        act = Act(tx, clock.now(), "system")
        loaded = load_accounts(act, city)
        seed_people(act, city, vault)
        seed_resources(act, city)
        seed_volunteers(act, city)
        warn.seed_contacts(act, city, vault)
        warn.communication.schedule(act, city, live=True)
    if loaded.left:
        named = ", ".join(loaded.left)
        err.print(f"accounts.csv 中已删除，不再允许登录 let in no more: {named}", soft_wrap=True)
    if loaded.warning:
        err.print(f"[yellow]{loaded.warning}[/]", soft_wrap=True)
    signing.signer(clock.now())  # a key that cannot be used is named at the start
    outlets = warn.live_outlets(city, store.data_dir / "outbox", store, clock, vault)
    senders = warn.Senders(store, clock, outlets)
    # a slow provider must not hold up the rules: the post room works beside the chain
    chain = Chain(city, store, clock, None, settings or forecast.read_settings(city.settings))
    loop = LiveChain(chain, clock)
    anchoring = Anchoring(store, os.environ.get("ANLAN_ANCHOR_URL", ""))
    desk = Desk(city, store, clock)
    app = create_app(desk, web_folder(), None, lambda: loop.problem or anchoring.problem)
    app.state.lines = senders.lines
    app.state.anchoring = anchoring
    return app, loop, senders


def serve_live(city: City, port: int, folder: Path) -> None:
    """The desk of a city on the real clock."""
    check_port(port)
    store = Store(folder)
    store.hold()
    app, loop, senders = live_desk(city, store)
    beside = feeds(city, store, RealClock())
    app.state.sources = beside
    for source in beside:
        source.start()
    nightly = Nightly(city, store, RealClock())
    announce(city, store, RealClock(), port)
    loop.start()
    senders.start()
    nightly.start()
    anchoring: Anchoring = app.state.anchoring
    anchoring.start()

    def stop() -> None:
        for source in beside:
            source.stop()
        nightly.stop()
        loop.stop()
        senders.stop()
        anchoring.stop()

    run_server(app, port, stop)
