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

from anlan import __version__
from anlan.access.vault import key_file
from anlan.assess.report import find_fonts
from anlan.city import City
from anlan.cli.console import DEFAULT_DATA, AsJson, DataDir, answer, city_at
from anlan.observe import sources
from anlan.refusal import Refusal
from anlan.service.host import web_folder
from anlan.store import Store
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
    fonts = find_fonts()
    found.append(
        ("Chinese font", bool(fonts), str(fonts or "none found: set ANLAN_FONT_DIR, or make setup"))
    )
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
    found = findings(data_dir) + source_findings(city) + channel_findings(city)
    if as_json:
        answer([{"what": what, "ok": ok, "detail": detail} for what, ok, detail in found])
    else:
        for what, ok, detail in found:
            typer.echo(f"{'ok ' if ok else 'NO '} {what:<14} {detail}")
    raise typer.Exit(0 if all(ok for _, ok, _ in found) else 1)
