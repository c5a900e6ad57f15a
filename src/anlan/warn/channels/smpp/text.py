"""Text as short messages carry it: the GSM 7-bit alphabet (3GPP TS 23.038) or UCS-2, in parts.

One message takes 160 septets or 70 units of UCS-2; of a longer text each part takes 153 or 67,
with a header that says which part it is (3GPP TS 23.040, 9.2.3.24.1). Over SMPP a septet travels
as an octet.
"""

from __future__ import annotations

from dataclasses import dataclass

GSM, UCS2, LATIN1 = 0, 8, 3  # data_coding
MOST_PARTS = 10
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
_MORE = dict(
    zip("\f^{}\\[~]|€", (0x0A, 0x14, 0x28, 0x29, 0x2F, 0x3C, 0x3D, 0x3E, 0x40, 0x65), strict=True)
)
_CODES = {sign: bytes([code]) for code, sign in enumerate(_BASIC) if code != _ESCAPE}
_CODES |= {sign: bytes([_ESCAPE, code]) for sign, code in _MORE.items()}
_SIGNS = {code[0]: sign for sign, code in _CODES.items() if len(code) == 1}
_SIGNS_MORE = {code: sign for sign, code in _MORE.items()}


@dataclass(frozen=True)
class Coded:
    """A text as octets: whole, and cut into the parts of a long message."""

    coding: int
    whole: bytes
    parts: tuple[bytes, ...]


def encode(text: str) -> Coded:
    """The text in the GSM alphabet if all of it is there, else in UCS-2 (UTF-16, big end first).

    No part ends within a sign.
    """
    signs = [_CODES.get(sign) for sign in text]
    if all(code is not None for code in signs):
        pieces, one, each, coding = [code for code in signs if code], 160, 153, GSM
    else:
        pieces = [sign.encode("utf-16-be", "replace") for sign in text]
        one, each, coding = 140, 134, UCS2
    whole = b"".join(pieces)
    if len(whole) <= one:
        return Coded(coding, whole, (whole,))
    parts, current = [], b""
    for piece in pieces:
        if len(current) + len(piece) > each:
            parts.append(current)
            current = b""
        current += piece
    return Coded(coding, whole, (*parts, current))


def decode(coding: int, octets: bytes) -> str:
    """The text of a message that came in; what cannot be read is shown as a mark."""
    if coding == UCS2:
        return octets.decode("utf-16-be", "replace")
    if coding == LATIN1:
        return octets.decode("latin-1")
    signs, escaped = [], False
    for code in octets:
        table = _SIGNS_MORE if escaped else _SIGNS
        if code == _ESCAPE and not escaped:
            escaped = True
            continue
        signs.append(table.get(code, "\N{REPLACEMENT CHARACTER}"))
        escaped = False
    return "".join(signs)


def header(reference: int, count: int, number: int) -> bytes:
    """The user data header of part ``number`` (1, 2, …) of ``count``; ``reference`` modulo 256."""
    return bytes([5, 0, 3, reference % 256, count, number])


def without_header(octets: bytes) -> bytes:
    """What follows the user data header."""
    return octets[1 + octets[0] :] if octets else octets
