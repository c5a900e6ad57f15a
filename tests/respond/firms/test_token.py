"""A freight pass proves itself: every way in which it does not hold has a name."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from anlan.respond.firms.token import (
    LONGEST_PASS,
    Grant,
    Revoked,
    Verdict,
    holds_a_telephone,
    judge,
    key_id,
    read_list,
    write_list,
    write_pass,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
KEYS = {key_id(KEY.public_key()): KEY.public_key().public_bytes_raw()}
START = datetime(2021, 7, 25, 8, 0, tzinfo=UTC)
GRANT = Grant(
    id="FP0001",
    firm="港盛粮油加工有限公司（虚构）",
    plate="浙F12345",
    cargo="food",
    origin="独山港",
    destination="上海金山",
    valid_from=START,
    valid_to=START + timedelta(hours=12),
    exercise=True,
)
NOON = START + timedelta(hours=4)
FRESH = Revoked(NOON - timedelta(hours=1), frozenset())
SIX_H = timedelta(hours=6)
EXAMPLES = Path(__file__).parents[2] / "data" / "passes.json"


def held_against(
    token: str, revoked: Revoked | None = FRESH, now: datetime = NOON, exercise: bool = True
) -> Verdict:
    return judge(token, KEYS, revoked, now, exercise=exercise, list_old=SIX_H)


def test_a_signed_pass_says_what_was_granted() -> None:
    found = held_against(write_pass(GRANT, KEY))
    assert (found.state, found.grant) == ("valid", GRANT)
    assert (found.list_age, found.list_old) == (timedelta(hours=1), False)


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        (START - timedelta(minutes=1), "early"),
        (START, "valid"),
        (START + timedelta(hours=11, minutes=59), "valid"),
        (START + timedelta(hours=12), "expired"),
    ],
)
def test_a_pass_holds_from_its_first_minute_to_before_its_last(
    moment: datetime, state: str
) -> None:
    assert held_against(write_pass(GRANT, KEY), None, moment).state == state


def test_a_revoked_pass_is_refused_by_whoever_has_the_list() -> None:
    token = write_pass(GRANT, KEY)
    named = replace(FRESH, ids=frozenset({"FP0001"}))
    assert held_against(token, named).state == "revoked"
    assert held_against(token, replace(FRESH, ids=frozenset({"FP0002"}))).state == "valid"


def test_an_old_list_says_so_and_no_list_is_as_good_as_old() -> None:
    token = write_pass(GRANT, KEY)
    six = Revoked(NOON - SIX_H, frozenset())
    assert held_against(token, six).list_old is False
    assert held_against(token, replace(six, at=six.at - timedelta(minutes=1))).list_old is True
    assert (held_against(token, None).list_age, held_against(token, None).list_old) == (None, True)


def test_a_clock_behind_its_own_list_does_not_bring_an_expired_pass_back() -> None:
    late = Revoked(START + timedelta(hours=13), frozenset())
    assert held_against(write_pass(GRANT, KEY), late, NOON).state == "expired"


def test_a_pass_of_an_exercise_opens_no_real_barrier_and_the_other_way_round() -> None:
    assert held_against(write_pass(GRANT, KEY), exercise=False).state == "other_world"
    real = write_pass(replace(GRANT, exercise=False), KEY)
    assert held_against(real).state == "other_world"


def test_another_key_is_unknown_and_its_signature_under_our_name_is_forged() -> None:
    foreign = write_pass(GRANT, OTHER)
    assert held_against(foreign).state == "unknown_key"
    body, _, _ = write_pass(GRANT, KEY).rpartition(".")
    assert held_against(f"{body}.{foreign.rpartition('.')[2]}").state == "forged"


def test_a_list_is_no_pass_and_a_pass_no_list() -> None:
    assert held_against(write_list(FRESH, KEY)).state == "unreadable"
    assert read_list(write_pass(GRANT, KEY), KEYS) is None
    assert read_list(write_list(FRESH, KEY), KEYS) == FRESH
    assert read_list(write_list(FRESH, OTHER), KEYS) is None


@given(st.integers(min_value=0), st.characters())
def test_no_changed_character_leaves_a_pass_valid(at: int, letter: str) -> None:
    token = write_pass(GRANT, KEY)
    at %= len(token)
    changed = token[:at] + letter + token[at + 1 :]
    found = held_against(changed)
    # the last character of unpadded base64 carries two bits that say nothing
    harmless = found.grant == GRANT and (changed == token or at == len(token) - 1)
    assert found.state != "valid" or harmless


def test_a_list_that_is_nested_without_end_is_no_list() -> None:
    deep = base64.urlsafe_b64encode(b"[" * 60_000).rstrip(b"=").decode()
    assert read_list(f"ANLAN-REVOKED.1.{deep}.AAAA", KEYS) is None


@given(st.text(max_size=200))
def test_whatever_a_camera_reads_gets_an_answer(text: str) -> None:
    assert held_against(text).state == "unreadable"


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Nd"]), min_size=1, max_size=24)


@given(WORDS, WORDS, st.integers(min_value=0, max_value=999_999))
def test_what_is_signed_holds_no_run_of_digits_as_long_as_a_telephone_number(
    origin: str, destination: str, number: int
) -> None:
    texts = [f"浙F{number}", origin, destination]
    if holds_a_telephone(texts) is not None:
        return
    grant = replace(GRANT, plate=texts[0], origin=origin, destination=destination)
    content = held_against(write_pass(grant, KEY), None).grant
    assert content == grant
    assert not re.search(r"\d{7}", "|".join([grant.plate, grant.origin, grant.destination]))


@pytest.mark.parametrize("text", ["13800001234", "1 3 8-0000 1234", "电话 0573-85012345"])
def test_a_text_with_a_telephone_number_is_found(text: str) -> None:
    assert holds_a_telephone(["独山港", text]) == text


def test_the_longest_pass_still_fits_its_qr_code() -> None:
    longest = replace(GRANT, origin="港" * 24, destination="塘" * 24, plate="浙F·1234567890"[:12])
    longest = replace(longest, firm="司" * 60)
    assert len(write_pass(longest, KEY)) <= LONGEST_PASS


def test_the_browser_is_held_to_the_same_examples() -> None:
    """`web/tests/passes.test.ts` reads this file; Ed25519 signs one text in one way."""
    token = write_pass(GRANT, KEY)
    revoked = write_list(replace(FRESH, ids=frozenset({"FP0001", "FP0007"})), KEY)
    clean = write_list(FRESH, KEY)
    foreign = write_pass(GRANT, OTHER)
    real = write_pass(replace(GRANT, exercise=False), KEY)
    body = token.rpartition(".")[0]
    cases = [
        ("valid", token, clean, NOON),
        ("valid", token, None, NOON),
        ("revoked", token, revoked, NOON),
        ("early", token, None, START - timedelta(minutes=1)),
        ("expired", token, clean, START + timedelta(hours=12)),
        ("other_world", real, clean, NOON),
        ("unknown_key", foreign, clean, NOON),
        ("forged", f"{body}.{foreign.rpartition('.')[2]}", clean, NOON),
        ("unreadable", clean, clean, NOON),
        ("unreadable", "https://example.org", clean, NOON),
    ]
    for state, text, listed, now in cases:
        known = read_list(listed, KEYS) if listed else None
        assert held_against(text, known, now).state == state
    examples = {
        "keys": {name: raw.hex() for name, raw in KEYS.items()},
        "grant": {"plate": GRANT.plate, "destination": GRANT.destination, "firm": GRANT.firm},
        "cases": [
            {"state": state, "token": text, "revoked": listed, "now": now.isoformat()}
            for state, text, listed, now in cases
        ],
    }
    assert json.loads(EXAMPLES.read_text(encoding="utf-8")) == examples, (
        f"write {EXAMPLES.name} anew from this test"
    )
