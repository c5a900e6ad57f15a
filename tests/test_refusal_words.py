"""Every refusal has a Chinese sentence: its author's, the one in brackets, or one of its kind."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.refusal import Refusal
from anlan.refusal_words import NAMES

CHINESE = re.compile(r"[\u4e00-\u9fff]{4}")


def test_the_authors_own_sentence_comes_first() -> None:
    refusal = Refusal("too late (太晚了，已经结束)", field="case", zh="办结已超过 7 天。")
    assert refusal.as_dict()["message_zh"] == "办结已超过 7 天。"


def test_words_in_brackets_at_the_end_are_the_sentence() -> None:
    assert Refusal("say what for (请写明用途)", field="purpose").zh == "请写明用途。"


def test_a_name_in_brackets_is_not_taken_for_a_sentence() -> None:
    refusal = Refusal("乍浦镇 (虚构的培训教室) is taken at 09:00", field="venue", kind="conflict")
    assert "乍浦镇" not in refusal.zh
    assert "场地" in refusal.zh


@pytest.mark.parametrize(
    ("kind", "says"), [("not_found", "没有找到事项“C1”"), ("forbidden", "您的账号不能")]
)
def test_without_one_it_is_made_of_kind_field_and_value(kind: str, says: str) -> None:
    assert says in Refusal("no", field="case", value="C1", kind=kind).zh  # type: ignore[arg-type]


@given(
    kind=st.sampled_from(["invalid", "not_found", "forbidden", "conflict", "too_many"]),
    field=st.one_of(st.none(), st.text(max_size=20), st.sampled_from(sorted(NAMES))),
    value=st.one_of(st.none(), st.text(max_size=400), st.integers(), st.lists(st.text())),
)
def test_no_refusal_is_without_a_chinese_sentence_and_none_is_long(
    kind: str, field: str | None, value: object
) -> None:
    said = Refusal("no", field=field, value=value, kind=kind).as_dict()["message_zh"]  # type: ignore[arg-type]
    assert CHINESE.search(str(said))
    assert len(str(said)) < 140
