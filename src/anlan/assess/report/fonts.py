"""Fonts that can set Chinese, looked for and never bundled.

A Noto CJK in its simplified-Chinese form is preferred: the Japanese form of the same family
has every character too, but draws many of them (直, 骨, 将) in a way that reads as foreign.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matplotlib import font_manager

#: Families that set simplified Chinese, best first: for maps and headings, and for running text.
SANS = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC")
SERIF = ("Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "SimSun", "Songti SC")
#: The font that comes with Matplotlib, for Latin text where none of the above is found.
FALLBACK = "DejaVu Sans"
#: Where a source checkout has Noto Sans SC once the desk's packages are installed.
IN_CHECKOUT = Path("web/node_modules/@expo-google-fonts/noto-sans-sc")


@dataclass(frozen=True)
class Fonts:
    """What was found.

    Attributes:
        sans: family for maps, headings and tables.
        serif: family for running text; the sans where no serif was found.
        folders: further folders to read fonts from.
        chinese: whether Chinese can be set.
        log: a sentence for each thing the reader of the report log should know.
    """

    sans: str
    serif: str
    folders: tuple[Path, ...] = ()
    chinese: bool = True
    log: tuple[str, ...] = field(default=())


def default_folders() -> list[Path]:
    """``ANLAN_FONT_DIR`` where it is set, then the checkout's own front-end packages."""
    named = [Path(part) for part in os.environ.get("ANLAN_FONT_DIR", "").split(os.pathsep) if part]
    checkout = Path(__file__).resolve().parents[4] / IN_CHECKOUT
    return [*named, checkout]


def find(folders: Iterable[Path] | None = None) -> Fonts:
    """Look for fonts in ``folders`` (default: `default_folders`) and on the system."""
    present = tuple(
        folder for folder in (default_folders() if folders is None else folders) if folder.is_dir()
    )
    for folder in present:
        for path in font_manager.findSystemFonts([str(folder)]):
            if not any(entry.fname == path for entry in font_manager.fontManager.ttflist):
                font_manager.fontManager.addfont(path)
    families = {entry.name for entry in font_manager.fontManager.ttflist}
    sans, serif = _first(SANS, families), _first(SERIF, families)
    if sans is None and serif is None:
        return Fonts(
            FALLBACK,
            FALLBACK,
            present,
            chinese=False,
            log=(
                "No font for Chinese was found: Chinese text shows as boxes. Install Noto Sans "
                "CJK SC (Debian: fonts-noto-cjk) or set ANLAN_FONT_DIR to a folder with one.",
            ),
        )
    chosen = sans or serif or FALLBACK
    running = serif or chosen
    return Fonts(chosen, running, present, log=(f"Fonts: {chosen}, {running}.",))


def find_fonts() -> str | None:
    """The family that Chinese would be set in; None where none is found."""
    found = find()
    return found.sans if found.chinese else None


def _first(wanted: Sequence[str], families: set[str]) -> str | None:
    return next((name for name in wanted if name in families), None)
