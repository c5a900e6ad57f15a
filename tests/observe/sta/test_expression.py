"""Reading expressions: whatever is sent is read or refused, in bounded time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from anlan.observe.sta import functions
from anlan.observe.sta.expression import FUNCTIONS, Call, Literal, Node, Path, read_filter
from anlan.observe.sta.lexer import Span
from anlan.observe.sta.model import KINDS
from anlan.observe.sta.path import read_path
from anlan.observe.sta.query import read_query
from anlan.refusal import Refusal

NOW = datetime(2021, 7, 25, tzinfo=UTC)
WORDS = st.sampled_from(
    [
        "result",
        "and",
        "or",
        "not",
        "eq",
        "gt",
        "(",
        ")",
        ",",
        "1",
        "-2.5e3",
        "'a''b'",
        "null",
        "true",
        "now()",
        "add",
        "mod",
        "Datastream/id",
        "2021-07-25T00:00:00Z",
        "round(",
        "-",
        "duration'PT1H'",
        "geography'POINT (1 2)'",
        "during(",
        "\x00",
        "\u202e",
        "'",
        "/",
        "@iot.id",
    ]
)


@given(st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=60).map(" ".join)))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (
        read_filter,
        read_path,
        lambda each: read_query([("$filter", each)], KINDS["Observations"]),
        lambda each: read_query([("$expand", each), ("$select", each)], KINDS["Things"]),
        lambda each: read_query([("$orderby", each), ("$top", each)], KINDS["Things"]),
    ):
        said = "read"
        try:
            read(text)
        except Refusal as refusal:
            said = refusal.message
        assert 0 < len(said) < 2_000


def test_operators_bind_as_in_odata() -> None:
    """and before or, comparison before and, mul before add; not binds what follows it."""
    node = read_filter("a eq 1 add 2 mul 3 or not b eq 2 and c eq 3")
    one, two, three = Literal(1.0), Literal(2.0), Literal(3.0)
    assert node == Call(
        "or",
        (
            Call("eq", (Path(("a",)), Call("add", (one, Call("mul", (two, three)))))),
            Call(
                "and",
                (
                    Call("not", (Call("eq", (Path(("b",)), two)),)),
                    Call("eq", (Path(("c",)), three)),
                ),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'it''s'", "it's"),
        ("-1.5e2", -150.0),
        ("null", None),
        ("duration'-P1DT2H3M4.5S'", -timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
        (
            "2021-07-25T08:00:00.5+08:00/2021-07-25T01:00Z",
            Span(NOW.replace(microsecond=500_000), NOW.replace(hour=1)),
        ),
    ],
)
def test_literals_mean_what_they_say(text: str, value: object) -> None:
    node: Node = read_filter(f"x eq {text}")
    assert isinstance(node, Call)
    assert node.arguments[1] == Literal(value)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.timedeltas(),
    st.builds(
        lambda start, length: Span(start, start + length),
        st.timedeltas(timedelta(days=-40_000), timedelta(days=60_000)).map(lambda t: NOW + t),
        st.timedeltas(timedelta(0), timedelta(days=9)),
    ),
    st.sampled_from(["POINT (1 2)", "POLYGON ((0 0, 1 1, 0 1, 1 0, 0 0))"]).map(shapely.from_wkt),
    st.just({"a": 1}),
)


@given(st.sampled_from(sorted({*FUNCTIONS, "eq", "gt", "add", "sub", "div", "mod"})), st.data())
def test_every_function_has_a_value_for_any_values(name: str, data: st.DataObject) -> None:
    least, most = FUNCTIONS.get(name, (2, 2))
    arguments = data.draw(st.lists(VALUES, min_size=least, max_size=most))
    found = functions.apply(name, arguments, NOW)
    assert not isinstance(found, complex)
    if name in ("eq", "gt"):
        assert isinstance(found, bool)


SPANS = st.builds(
    lambda start, length: Span(NOW + timedelta(hours=start), NOW + timedelta(hours=start + length)),
    st.integers(0, 4),
    st.integers(0, 3),
)


@given(SPANS, SPANS)
def test_times_are_before_after_or_have_a_moment_in_common(x: Span, y: Span) -> None:
    """Clause 9.3.3.5.1, of half-open intervals and moments."""
    assert functions.before(x, y) == functions.after(y, x)
    assert functions.before(x, y) + functions.after(x, y) + functions.overlaps(x, y) == 1
    assert functions.compare("le", x, y) == (x.start <= y.start and x.end <= y.end)
    if functions.during(x, y):
        assert functions.overlaps(x, y)
