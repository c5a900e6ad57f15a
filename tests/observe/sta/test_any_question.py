"""Any expression over any entities is answered or refused, on both engines."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.observe.sta.expression import FUNCTIONS
from anlan.observe.sta.model import KINDS
from tests.observe.sta.conftest import OVEN, ROOT, Client

LITERALS = [
    *("1", "0", "-2.5e300", "1e308", "'zhapu'", "''", "true", "null", "duration'P9D'", "now()"),
    *("2021-07-25T03:30:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2021-07-25"),
    *("2021-07-25T03:00:00Z/2021-07-25T04:00:00Z", "12:30:00", "geography'POINT (121 30)'"),
    "geography'POLYGON ((120 30, 122 31, 120 31, 122 30, 120 30))'",
]
OPERATORS = ["eq", "ne", "gt", "ge", "lt", "le", "and", "or", "add", "sub", "mul", "div", "mod"]


def named(kind: str, steps: int = 2) -> list[str]:
    """Paths that lead somewhere from an entity set."""
    own = [*KINDS[kind].properties, "id", *(f"{n}/a" for n in ("properties", "parameters"))]
    found = [name for name in own if name.partition("/")[0] in (*KINDS[kind].properties, "id")]
    for name, relation in KINDS[kind].relations.items():
        if steps:
            found += [f"{name}/{path}" for path in named(relation.kind, steps - 1)]
    return found


def expressions(kind: str) -> st.SearchStrategy[str]:
    """Expressions over an entity set, most of which make some sense."""
    literals, paths = st.sampled_from(LITERALS), st.sampled_from(named(kind))
    return st.recursive(st.one_of(literals, paths, paths), larger, max_leaves=6)


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """An operator or function over expressions."""
    infix = st.tuples(inner, st.sampled_from(OPERATORS), inner).map(lambda x: f"({' '.join(x)})")
    call = st.sampled_from(sorted(FUNCTIONS)).flatmap(
        lambda name: st.tuples(*[inner] * FUNCTIONS[name][1]).map(
            lambda arguments: f"{name}({','.join(arguments)})"
        )
    )
    return st.one_of(infix, infix, call, inner.map(lambda one: f"not {one}"))


def asked(kind: str) -> st.SearchStrategy[tuple[str, str, str]]:
    """An entity set, and two expressions over it."""
    return st.tuples(st.just(kind), expressions(kind), expressions(kind))


@pytest.mark.both_engines
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([*KINDS, "Observations", "Observations"]).flatmap(asked))
def test_any_expression_is_answered_or_refused(admin: Client, case: tuple[str, str, str]) -> None:
    kind, condition, other = case
    if not admin.ids("/Things", filter="name eq 'oven'"):
        admin.make("/Things", OVEN)
    for options in (
        {"$filter": condition},
        {"$orderby": other},
        {"$filter": f"{condition} eq {other}", "$count": "true"},
        {"$filter": f"{condition} eq {other}", "$orderby": f"{other} desc"},
    ):
        answer = admin.http.get(f"{ROOT}/{kind}", params=options)
        assert answer.status_code in (200, 400), answer.text
        assert ("value" if answer.status_code == 200 else "error") in answer.json()
