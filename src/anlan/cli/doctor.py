"""anlan doctor: what is installed, configured and reachable, and what is not."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from anlan import __version__
from anlan.access import privacy, proof
from anlan.access import settings as sign_in
from anlan.access.credentials import INVITED
from anlan.access.rights import needs_second_factor
from anlan.access.sso import Provider
from anlan.access.vault import key_file
from anlan.assess.report import find_fonts
from anlan.city import City
from anlan.cli.console import DEFAULT_DATA, AsJson, DataDir, answer, city_at
from anlan.journal import anchor
from anlan.observe import sources
from anlan.refusal import Refusal
from anlan.service.host import web_folder
from anlan.store import Store, get_meta, schema
from anlan.store.database import KIND
from anlan.warn.channels import settings as channels

LIBRARIES = ("numpy", "numba", "zarr", "rasterio", "fastapi", "sqlalchemy", "typst")


def findings(data_dir: Path) -> list[tuple[str, bool, str]]:
    """(what, whether all is well, detail or remedy)."""
    found = [
        ("anlan", True, f"{__version__} on Python {platform.python_version()}"),
        ("libraries", True, ", ".join(f"{name} {version(name)}" for name in LIBRARIES)),
        ("sqlite", sqlite3.sqlite_version_info >= (3, 37), sqlite3.sqlite_version),
        ("cores", True, str(os.cpu_count())),
    ]
    pages = web_folder()
    found.append(("pages", pages is not None, str(pages or "not built: run make setup")))
    try:
        store = Store(data_dir)
        weak = store.database.weak()
        found.append(("database", weak is None, weak or store.database.words))
        free = shutil.disk_usage(store.data_dir).free / 1e9
        found.append(("data folder", free > 1, f"{store.data_dir}, {free:.0f} GB free"))
        key = key_file(store)
        found.append(
            ("key of people", True, f"{key} ({'there' if key.exists() else 'not made yet'})")
        )
        store.close()
    except Refusal as refusal:
        found.append(("data folder", False, refusal.message))
    found += journal_findings(data_dir)
    fonts = find_fonts()
    found.append(
        ("Chinese font", bool(fonts), str(fonts or "none found: set ANLAN_FONT_DIR, or make setup"))
    )
    return found


def journal_findings(data_dir: Path) -> list[tuple[str, bool, str]]:
    """The same of the journal's anchor."""
    try:
        store = Store(data_dir)
        path = anchor.anchor_file(store)
        points = anchor.read(path) if path.exists() else []
        with store.read() as conn:
            wrong = anchor.contradiction(conn, points)
        store.close()
    except Refusal as refusal:
        return [("journal anchor", False, refusal.message)]
    told = f"{path}, to entry {points[-1].seq}" if points else f"{path} (not made yet)"
    away = os.environ.get("ANLAN_ANCHOR_URL")
    return [("journal anchor", not wrong, wrong or told + (f", also to {away}" if away else ""))]


def sign_in_findings(city: City | None, data_dir: Path) -> list[tuple[str, bool, str]]:
    """The same of signing in: who may, what they still lack, and the city's single sign-on."""
    if city is None:
        return []
    found = []
    try:
        settings = sign_in.read(city)
        if settings.sso is None:
            told = f"none ([sign_in.sso] of {sign_in.FILE})"
        else:
            Provider(settings.sso).document()
            secret = "with its secret" if settings.sso.secret else f"public: no {sign_in.SECRET}"
            told = f"{settings.sso.issuer} answers; {secret}"
        found.append(("single sign-on", True, told))
    except Refusal as refusal:
        found.append(("single sign-on", False, refusal.message))
    store = Store(data_dir)
    with store.read() as conn:
        A = schema.account
        rows = conn.execute(select(A.c.id, A.c.role).where(A.c.disabled.is_(False))).all()
        asked = [row.id for row in rows if needs_second_factor(row.role)]
        lacking = [name for name in asked if not proof.of(conn, name).second_factor]
        live = get_meta(conn, KIND) == "live"
    store.close()
    gone = sorted(
        row.id for row in rows if row.id not in city.accounts and not row.id.startswith(INVITED)
    )
    words = f"{len(asked) - len(lacking)} of {len(asked)} accounts that decide"
    words += f"; without: {', '.join(lacking[:6])}" if lacking else ""
    found.append(("second factor", not (live and lacking), words))
    left = f"not in accounts.csv, let in no more at the next start: {', '.join(gone[:6])}"
    keepers = sum(each.role == "admin" for each in city.accounts.values())
    told = left if gone else f"{len(rows)}"
    told += "" if keepers else "; nobody with role admin in accounts.csv"
    found.append(("accounts", keepers > 0, told))
    try:
        days = privacy.keep_days(city)
        kept = ", ".join(f"{name} {number} d" for name, number in days.items())
        found.append(("personal data", True, kept or "kept until erased by hand"))
    except Refusal as refusal:
        found.append(("personal data", False, refusal.message))
    return found


def source_findings(city: City | None) -> list[tuple[str, bool, str]]:
    """The same of the sources of readings; of a city also whether the other side is there."""
    known, broken = sources.installed()
    found = [(f"source {each.name}", False, f"{each.package}: {each.problem}") for each in broken]
    for source in known:
        what, ok, detail = f"source {source.name}", True, source.title
        if city is not None:
            try:
                read = source.settings(city)
                detail = f"no {source.file} in {city.folder}"
                if read is not None:
                    detail = f"{source.file}: {source.probe(city, read[1])}"
            except Refusal as refusal:
                ok, detail = False, refusal.message
        found.append((what, ok, detail))
    return found


def channel_findings(city: City | None) -> list[tuple[str, bool, str]]:
    """The same of a city's channels: whether the other side is there and knows us."""
    if city is None:
        return []
    found = []
    try:
        known = channels.read_channels(city)
    except Refusal as refusal:
        return [("channels", False, refusal.message)]
    for name, each in known.items():
        try:
            found.append((f"channel {name}", True, channels.probe(city, each)))
        except Refusal as refusal:
            found.append((f"channel {name}", False, refusal.message))
    return found


def doctor(
    folder: Annotated[
        Path | None, typer.Argument(help="city folder, whose sources and channels are tried too")
    ] = None,
    data_dir: DataDir = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Say what is installed, configured and reachable, and what is not."""
    city = None if folder is None else city_at(folder)
    found = findings(data_dir) + sign_in_findings(city, data_dir)
    found += source_findings(city) + channel_findings(city)
    if as_json:
        answer([{"what": what, "ok": ok, "detail": detail} for what, ok, detail in found])
    else:
        for what, ok, detail in found:
            typer.echo(f"{'ok ' if ok else 'NO '} {what:<14} {detail}")
    raise typer.Exit(0 if all(ok for _, ok, _ in found) else 1)
