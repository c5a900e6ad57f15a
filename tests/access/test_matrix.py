"""Every cell of roles × territory × verb, generated from the policy and tried on the real routes.

What to do when a test here fails after adding a route: put its row into
`anlan.access.policy.TABLE`, and, if a name in its address is new, a maker into `specimens`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from anlan.access import CITY_WIDE, ROLES, issue
from anlan.access.desk import WALL
from anlan.access.policy import ROWS, Row, bind
from anlan.access.rights import EXERCISE_RIGHTS
from anlan.city import City
from anlan.journal import Act
from anlan.store import Store, insert, schema
from tests.access.specimens import LISTED_ELSEWHERE, MAKERS, SHOWN, WORDS, body_of
from tests.service.hand import Hand, raise_hand

NIGHT = datetime(2021, 7, 25, 17, 0, tzinfo=UTC)
# answers as long as somebody listens; tests/service/test_live.py follows it
ENDLESS = ("/api/v1/live",)
NAMES = re.compile(r"{(\w+)(?::path)?}")
OWN, FOREIGN = "own", "foreign"
ROLES_OF_ACCOUNTS = [role for role in ROLES if role != "station"]
GUARDED = [row for row in ROWS if not row.open and row.path not in ENDLESS]
REACHING = [row for row in GUARDED if row.reach in ("territory", "own") and NAMES.search(row.path)]


@dataclass
class World:
    """A desk with two accounts of every role, in two towns, and a key for each."""

    hand: Hand
    client: TestClient
    document: dict[str, Any]
    villages: dict[str, str]
    keys: dict[tuple[str, str], dict[str, str]]
    subjects: dict[tuple[str, str], str] = field(default_factory=dict)

    def ask(self, row: Row, headers: dict[str, str], **names: str) -> Response:
        """One request to the route of ``row``."""
        path = NAMES.sub(lambda name: names.get(name[1]) or WORDS.get(name[1], "none"), row.path)
        body = body_of(self.document, row)
        answer: Response = self.client.request(row.method, path, headers=headers, json=body)
        return answer

    def subject(self, row: Row, role: str) -> dict[str, str]:
        """A subject that belongs to the role's own account, made once for both."""
        [name, *_] = NAMES.findall(row.path)
        assert name in MAKERS, f"{row.path}: tests/access/specimens.py makes no {name} yet"
        return {name: self.specimen(name, role)}

    def specimen(self, name: str, role: str, *, new: bool = False) -> str:
        """One thing of the role's own account, made once; or a new one that nobody touched yet."""
        if new or (name, role) not in self.subjects:
            account = f"x-{role}-{OWN}"
            with self.hand.store.transaction() as tx:
                act = Act(tx, self.hand.clock.now(), account)
                made = MAKERS[name](self.hand, act, account, self.villages[OWN])
            self.subjects[name, role] = made
        return self.subjects[name, role]


@pytest.fixture(scope="module")
def world(pinghu: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    store = Store(tmp_path_factory.mktemp("matrix") / "var")
    hand = raise_hand(pinghu, store, NIGHT)
    towns = pinghu.territory.towns()
    villages = {
        side: pinghu.territory.children(town.code)[0]
        for side, town in zip((OWN, FOREIGN), towns, strict=False)
    }
    keys = {}
    with store.transaction() as tx:
        act = Act(tx, NIGHT, "system")
        for role in ROLES_OF_ACCOUNTS:
            for side, village in villages.items():
                name = f"x-{role}-{side}"
                place = village.parent if role == "town_officer" else village.code
                home = pinghu.territory.root.code if role in CITY_WIDE else place
                row = {"id": name, "name": name, "name_en": name, "role": role, "disabled": False}
                tx.execute(insert(tx, schema.account).values(**row, territory=home))
                token = issue(act, name, "key", WALL.now())
                keys[role, side] = {"Authorization": f"Bearer {token}"}
        token = issue(act, f"x-admin-{OWN}", "key", WALL.now(), station="zhapu")
        keys["station", OWN] = {"Authorization": f"Bearer {token}"}
    codes = {side: village.code for side, village in villages.items()}
    with TestClient(hand.app, follow_redirects=False) as client:
        yield World(hand, client, hand.app.openapi(), codes, keys)
    store.close()


def has(role: str, row: Row) -> bool:
    """Whether the policy gives the row to the role, in a replay."""
    rights = ROLES[role] | EXERCISE_RIGHTS.get(role, frozenset())
    return row.signed_in or not rights.isdisjoint(row.rights)


def name_of(row: Row) -> str:
    return f"{row.method} {row.path}"


def refused_for_role(answer: Response) -> bool:
    if answer.status_code != 403:
        return False
    said = answer.json()
    return bool(said.get("field") == "role" or "right '" in str(said))


def test_every_route_has_a_row_in_the_policy_and_every_row_a_route(world: World) -> None:
    bound = bind(world.hand.app)
    assert not bound.missing, "add rows to anlan/access/policy.py for these routes"
    assert not bound.stale, "these rows of anlan/access/policy.py have no route"


@pytest.mark.parametrize("row", GUARDED, ids=name_of)
def test_a_stranger_is_asked_to_sign_in(world: World, row: Row) -> None:
    assert world.ask(row, {}).status_code == 401


@pytest.mark.parametrize("row", GUARDED, ids=name_of)
def test_a_role_without_the_right_is_refused_and_one_with_it_is_not(world: World, row: Row) -> None:
    for role in ROLES:
        answer = world.ask(row, world.keys[role, OWN])
        assert answer.status_code != 401, role
        assert refused_for_role(answer) is not has(role, row), (role, answer.text)


@pytest.mark.parametrize("row", REACHING, ids=name_of)
def test_what_is_foreign_answers_as_if_it_did_not_exist(world: World, row: Row) -> None:
    if row.path.startswith("/sta/"):
        pytest.skip("tests/observe/sta tries every path below its root")
    for role in ROLES_OF_ACCOUNTS:
        if not has(role, row):
            continue
        subject = world.subject(row, role)
        own = world.ask(row, world.keys[role, OWN], **subject)
        assert own.status_code not in (401, 404), (role, own.text)
        assert own.status_code != 422 or own.json()["field"] not in body_fields(world, row), (
            f"{own.text}: give a body in tests/access/specimens.py"
        )
        if row.reach == "territory" and role in CITY_WIDE:
            continue
        foreign = world.ask(row, world.keys[role, FOREIGN], **subject)
        assert foreign.status_code == 404, (role, foreign.text)
        [(name, real)] = subject.items()
        invented = real[:-1] + ("1" if real[-1] == "0" else "0")
        answer = world.ask(row, world.keys[role, FOREIGN], **{name: invented})
        assert answer.status_code == 404, (role, answer.text)
        # not even the words tell them apart
        assert answer.text.replace(invented, "") == foreign.text.replace(real, "")


def body_fields(world: World, row: Row) -> set[str]:
    body = body_of(world.document, row)
    return set(body) if isinstance(body, dict) else set()


def lists(row: Row) -> bool:
    """Whether a row answers with a list that leaves out what is not the caller's."""
    return row.method == "GET" and row.reach != "city" and not NAMES.search(row.path)


LISTS = [row for row in GUARDED if lists(row)]
LISTED = [row for row in LISTS if row.path in SHOWN]


def test_every_list_of_the_policy_is_tried_here_or_says_where() -> None:
    known = {*SHOWN, *LISTED_ELSEWHERE}
    found = {row.path for row in ROWS if lists(row) and not row.open}
    assert found - known == set(), "give tests/access/specimens.py what these lists show"
    assert known - found == set(), "these are no lists of anlan/access/policy.py"


@pytest.mark.parametrize("row", LISTED, ids=name_of)
def test_a_list_leaves_out_what_is_foreign(world: World, row: Row) -> None:
    for role in ROLES_OF_ACCOUNTS:
        if not has(role, row):
            continue
        name = SHOWN[row.path]
        # the test of foreign ids ends the session that it asks for
        subject = f'"{world.specimen(name, role, new=name == "session_id")}"'
        own = world.ask(row, world.keys[role, OWN])
        assert own.status_code == 200, own.text
        assert subject in own.text, role
        if row.reach == "territory" and role in CITY_WIDE:
            continue
        foreign = world.ask(row, world.keys[role, FOREIGN])
        assert foreign.status_code == 200, foreign.text
        assert subject not in foreign.text, role
