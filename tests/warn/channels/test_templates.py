"""A text goes out only by an approved template that says exactly it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.observe.sources import Table
from anlan.refusal import Refusal
from anlan.warn.channels.templates import NAMED, NUMBERED, Templates, read_templates


def templates(*texts: str) -> Templates:
    rows = [{"code": f"SMS_{number}", "text": text} for number, text in enumerate(texts)]
    return read_templates(Table("channels.toml", {"template": rows}, "sms."), NAMED)


def variables(template: str, text: str) -> Any:
    fitting = templates(template).fit(text)
    return None if fitting is None else dict(fitting[1])


@pytest.mark.parametrize(
    ("template", "text", "expected"),
    [
        ("${area}发布${level}预警", "乍浦镇发布红色预警", {"area": "乍浦镇", "level": "红色"}),
        ("停止上课。", "停止上课。", {}),
        ("停止上课。", "停止上课。请回家。", None),
        ("${a}，${b}", "甲，乙，丙", {"a": "甲", "b": "乙，丙"}),
        ("${a}和${a}", "甲和甲", {"a": "甲"}),
        ("${a}和${a}", "甲和乙", None),
        ("水位${m}米", "水位米", None),
        ("水位${m}米", "水位5.4米，转移", None),
        ("${text}", "任意 ${text} {1}", {"text": "任意 ${text} {1}"}),
    ],
)
def test_variables_are_what_makes_the_template_say_the_text(
    template: str, text: str, expected: dict[str, str] | None
) -> None:
    assert variables(template, text) == expected


def test_the_first_template_that_fits_is_taken() -> None:
    fitting = templates("红色${x}", "${y}").fit("蓝色预警")
    assert fitting is not None
    assert fitting[0].code == "SMS_1"


def test_variables_side_by_side_and_no_template_at_all_are_faults() -> None:
    with pytest.raises(Refusal, match="side by side"):
        templates("${a}${b}")
    with pytest.raises(Refusal, match="is missing"):
        templates()


def test_numbered_variables_are_those_of_tencent() -> None:
    rows = [{"code": "1110", "text": "{1}发布{2}预警"}]
    found = read_templates(Table("channels.toml", {"template": rows}, "sms."), NUMBERED)
    assert found.each[0].names == ("1", "2")


@given(
    words=st.lists(st.text("甲乙，。", min_size=1, max_size=5), min_size=2, max_size=6),
    values=st.lists(st.text(min_size=1, max_size=9), min_size=5, max_size=5),
)
def test_what_is_found_says_the_text_again(words: list[str], values: list[str]) -> None:
    names = [f"v{number}" for number in range(len(words) - 1)]
    filled = dict(zip(names, values, strict=False))
    template = words[0] + "".join(f"${{{n}}}{w}" for n, w in zip(names, words[1:], strict=True))
    text = words[0] + "".join(f"{filled[n]}{w}" for n, w in zip(names, words[1:], strict=True))
    found = variables(template, text)
    assert found is not None
    again = words[0] + "".join(f"{found[n]}{w}" for n, w in zip(names, words[1:], strict=True))
    assert again == text


def test_a_text_made_to_be_slow_is_read_in_no_time() -> None:
    template = "，".join(f"${{v{n}}}" for n in range(20)) + "。完"
    begun = time.perf_counter()
    assert variables(template, "，甲" * 250 + "。") is None
    # trying every way to part the words would take years
    assert time.perf_counter() - begun < 60.0
