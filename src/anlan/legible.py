"""What a person can read of a text that somebody wrote: one rule for every document."""

from __future__ import annotations

import unicodedata
from typing import TypeVar, cast

T = TypeVar("T")

#: New lines and tabs lay text out; the joiners hold emoji and some scripts together.
_KEPT = frozenset("\n\t\u200c\u200d")
#: Control signs, direction marks, halves of pairs: not seen, and they turn or end what follows.
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
#: Signs that begin a formula in some spreadsheet, the full-width ones too.
_FORMULA = tuple("=+-@＝＋－＠")


def legible(text: str) -> str:
    """``text`` without control signs, direction marks and what is no character.

    Such signs end a text early (NUL), turn its reading order, or cannot stand in XML. Line ends
    become one new line each.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign in _KEPT or not _unseen(sign))


def legible_all(value: T) -> T:
    """The same for every text of nested lists and mappings; the rest stays as it is."""
    if isinstance(value, str):
        return cast("T", legible(value))
    if isinstance(value, dict):
        return cast("T", {key: legible_all(part) for key, part in value.items()})
    if isinstance(value, list | tuple):
        return cast("T", type(value)(legible_all(part) for part in value))
    return value


def cell(value: object) -> str:
    """A cell of a CSV as text: what a spreadsheet could take for a formula gets an apostrophe."""
    text = "" if value is None else legible(str(value))
    return f"'{text}" if text.lstrip()[:1] in _FORMULA and text.strip() else text


def _unseen(sign: str) -> bool:
    code = ord(sign)
    no_character = 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
    return no_character or unicodedata.category(sign) in _UNSEEN
