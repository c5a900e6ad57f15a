"""Text of short messages: which alphabet, how many parts, nothing cut in two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.warn.channels.smpp.text import GSM, UCS2, decode, encode, header, without_header


@pytest.mark.parametrize(
    ("text", "coding", "parts"),
    [
        ("Move up now", GSM, 1),
        ("a" * 160, GSM, 1),
        ("a" * 161, GSM, 2),
        ("a" * 153 * 2, GSM, 2),
        ("€" * 80, GSM, 1),
        ("€" * 81, GSM, 2),
        ("水" * 70, UCS2, 1),
        ("水" * 71, UCS2, 2),
        ("水" * 134, UCS2, 2),
        ("水" * 135, UCS2, 3),
        ("𠮷" * 35, UCS2, 1),
        ("", GSM, 1),
    ],
)
def test_alphabet_and_parts_are_those_of_the_standard(text: str, coding: int, parts: int) -> None:
    coded = encode(text)
    assert (coded.coding, len(coded.parts)) == (coding, parts)


def test_the_gsm_alphabet_has_its_codes_from_the_standard() -> None:
    assert encode("@$ Ω§à").whole == bytes([0x00, 0x02, 0x20, 0x15, 0x5F, 0x7F])
    assert encode("€{}").whole == bytes([0x1B, 0x65, 0x1B, 0x28, 0x1B, 0x29])
    assert encode("水位").whole == bytes.fromhex("6c344f4d")


@given(st.text(max_size=400))
def test_parts_make_up_the_text_and_each_can_be_read_alone(text: str) -> None:
    coded = encode(text)
    assert b"".join(coded.parts) == coded.whole
    assert all(len(part) <= 160 for part in coded.parts)
    shown = text.encode("utf-16-be", "replace").decode("utf-16-be")
    assert "".join(decode(coded.coding, part) for part in coded.parts) == shown


@given(st.text(min_size=71, max_size=300))
def test_no_part_with_its_header_is_longer_than_a_message(text: str) -> None:
    coded = encode(text)
    if len(coded.parts) > 1:
        for place, part in enumerate(coded.parts, start=1):
            whole = header(7, len(coded.parts), place) + part
            assert len(whole) <= (140 if coded.coding == UCS2 else 159)
            assert without_header(whole) == part


@given(st.binary(max_size=200), st.sampled_from([0, 3, 4, 8, 255]))
def test_whatever_comes_in_is_read_somehow(octets: bytes, coding: int) -> None:
    assert isinstance(decode(coding, octets), str)
