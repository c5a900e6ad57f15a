"""Depth as people report it: a range, a trust, a place in the city; never a gauge's reading."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import func, select

from anlan.city import City
from anlan.journal import Act, verify
from anlan.observe import people
from anlan.observe.people import CLASSES, Report, standing
from anlan.refusal import Refusal
from anlan.store import Store, schema
from tests.service.hand import Hand, raise_hand

pytestmark = pytest.mark.both_engines
NIGHT = datetime(2021, 7, 25, 17, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WEB = Path(__file__).parents[2] / "web" / "src"


def _report(
    by: str = "a",
    depth: str = "knee",
    role: str = "resident",
    *,
    north_m: float = 0.0,
    minutes: int = 0,
    photos: tuple[str, ...] = (),
) -> Report:
    seen = NIGHT + minutes * MINUTE
    lat = 30.70 + north_m / 111_195.0
    return Report(
        by, seen, seen, depth, role, 121.02, lat, 0.0, "330482000000", None, photos, by=by
    )


def _hand(city: City, store: Store) -> Hand:
    hand = raise_hand(city, store, NIGHT)
    hand.step()
    return hand


def test_classes_join_without_gap_or_overlap() -> None:
    found = list(CLASSES.values())
    assert [each.low for each in found[1:]] == [each.high for each in found[:-1]]


def test_the_phone_page_states_the_ranges_that_are_kept() -> None:
    page = (WEB / "phone" / "report.tsx").read_text(encoding="utf-8")
    shown = re.findall(r'name: "(\w+)", low: (\d+), high: (\d+)', page)
    assert shown == [
        (each.name, f"{each.low * 100:.0f}", f"{each.high * 100:.0f}") for each in CLASSES.values()
    ]


def test_a_crew_is_trusted_more_than_a_resident_and_a_photo_helps() -> None:
    trust = {
        role: _report(role=role).trust for role in ("resident", "volunteer", "grid_worker", "crew")
    }
    assert list(trust.values()) == sorted(trust.values())
    assert trust["resident"] == pytest.approx(0.4)
    assert _report(photos=("x",)).trust == pytest.approx(1 - 0.6 * 0.75)


def test_neighbours_who_agree_vouch_for_each_other_and_nobody_for_himself() -> None:
    alone, again, other = _report("a"), _report("a", minutes=5), _report("b", "waist", north_m=200)
    assert [(s.trust, s.agreeing) for s in standing([alone, again])] == [(0.4, 0), (0.4, 0)]
    assert standing([alone, other])[0].trust == pytest.approx(1 - 0.6 * 0.6)
    assert not standing([alone, other])[0].disputed


def test_what_is_far_away_in_space_or_time_says_nothing_and_another_depth_disputes() -> None:
    one = _report("a")
    for other in (_report("b", north_m=400), _report("b", minutes=60)):
        assert standing([one, other])[0].agreeing == 0
    assert standing([one, _report("b", "over")])[0].disputed


@given(
    st.lists(
        st.builds(
            _report,
            by=st.sampled_from("abcd"),
            depth=st.sampled_from(list(CLASSES)),
            role=st.sampled_from(["resident", "crew", "analyst"]),
            north_m=st.floats(0, 2000),
            minutes=st.integers(0, 120),
        ),
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
def test_trust_is_a_share_at_least_ones_own_whatever_the_order(
    found: list[Report], order: object
) -> None:
    before = {id(each.report): each for each in standing(found)}
    assert all(each.report.trust <= each.trust + 5e-4 <= 1.001 for each in before.values())
    order.shuffle(found)  # type: ignore[attr-defined]
    assert {id(each.report): each for each in standing(found)} == before


def test_a_report_from_the_phone_is_on_the_desks_map_and_names_nobody(
    pinghu: City, store: Store
) -> None:
    hand = _hand(pinghu, store)
    resident = hand.account("resident")
    village = pinghu.territory.villages()[3]
    with hand.signed_in(resident) as phone:
        picture = io.BytesIO()
        Image.new("RGB", (40, 30), "brown").save(picture, "JPEG")
        digest = phone.post("/api/v1/attachments", files={"file": picture.getvalue()}).json()[
            "digest"
        ]
        sent = phone.post(
            "/api/v1/cases",
            json={
                "depth_class": "knee",
                "lon": village.lon,
                "lat": village.lat,
                "accuracy_m": 15,
                "age_s": 600,
                "text": "门口进水",
                "photos": [digest],
            },
        )
        assert sent.status_code == 200, sent.text
    with hand.signed_in(hand.account("duty_officer")) as desk:
        answer = desk.get("/api/v1/depth-reports")
        (feature,) = answer.json()["features"]
        then = {"as_of": (NIGHT - MINUTE).isoformat()}  # seen by then, but not yet told
        assert desk.get("/api/v1/depth-reports", params=then).json()["features"] == []
        before = {each["id"]: each["latest"] for each in desk.get("/api/v1/stations").json()}
    seen = feature["properties"]
    assert (seen["low_m"], seen["high_m"], seen["role"]) == (0.25, 0.60, "resident")
    assert (seen["trust"], seen["photos"], seen["case"]) == (0.55, [digest], sent.json()["id"])
    assert datetime.fromisoformat(seen["seen_at"]) == NIGHT - timedelta(minutes=10)
    assert feature["geometry"]["coordinates"] == [round(village.lon, 4), round(village.lat, 4)]
    assert resident not in answer.text
    assert "门口进水" not in answer.text
    with store.read() as conn:
        # kept apart: no gauge reads it
        assert conn.execute(select(func.count()).select_from(schema.observation)).scalar_one() == 0
        assert verify(conn).verified
    assert all(latest is None for latest in before.values())


def test_who_comes_to_look_reports_a_depth_without_a_case(pinghu: City, store: Store) -> None:
    hand = _hand(pinghu, store)
    place = next(iter(pinghu.places.values()))
    with hand.signed_in(hand.account("grid_worker")) as phone:
        given = {"depth_class": "ankle", "place": place.id}
        for _ in range(2):  # the line broke after the first
            sent = phone.post("/api/v1/depth-reports", json=given, headers={"Idempotency-Key": "k"})
            assert sent.json() == {"id": "W0001"}
    with store.read() as conn:
        assert conn.execute(select(func.count()).select_from(schema.case_item)).scalar_one() == 0
        (found,) = people.reports(conn, NIGHT - MINUTE, NIGHT)
        assert (found.report.lon, found.trust) == (round(place.lon, 4), 0.8)
        assert people.reports(conn, NIGHT - MINUTE, NIGHT, as_of=NIGHT - MINUTE) == []


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"lon": 120.15, "lat": 30.28}, "lon", "不在平湖市"),
        ({"lon": 121.02}, "lon", "choose the place or village"),
        ({"place": "nowhere"}, "place", "choose the place or village"),
        ({"territory": "110000000000"}, "territory", "is not in"),
        ({"territory": "330482000000"}, "territory", "too large a place"),
        ({"lon": 121.02, "lat": 30.70, "accuracy_m": 3000}, "accuracy_m", "定位误差过大"),
        ({"territory": "330482001001", "age_s": 90_000}, "age_s", "within 24 h"),
        ({"territory": "330482001001", "depth_class": "neck"}, "depth_class", "ankle, knee"),
        ({"territory": "330482001001", "photos": ["x"]}, "photos", "upload it first"),
    ],
)
def test_a_report_that_cannot_be_placed_or_read_is_refused_with_a_remedy(
    pinghu: City, store: Store, given: dict[str, object], field: str, sentence: str
) -> None:
    hand = _hand(pinghu, store)
    with hand.signed_in(hand.account("resident")) as phone:
        sent = phone.post("/api/v1/depth-reports", json={"depth_class": "knee", **given})
    assert sent.status_code in (404, 422)
    assert sent.json()["field"] == field
    assert sentence in sent.json()["message"]
    assert sent.json()["remedy"]


def test_one_account_reports_so_often_an_hour_and_no_more(pinghu: City, store: Store) -> None:
    where = people.Where(territory=pinghu.territory.villages()[0].code)

    def send(act: Act) -> str:
        return people.record(act, pinghu, "resident", "knee", where)

    with store.transaction() as tx:
        for number in range(people.MOST_PER_HOUR):
            send(Act(tx, NIGHT + number * MINUTE, "resident-1"))
        with pytest.raises(Refusal, match="within an hour") as refused:
            send(Act(tx, NIGHT + 30 * MINUTE, "resident-1"))
        assert refused.value.kind == "too_many"
        send(Act(tx, NIGHT + 30 * MINUTE, "resident-2"))
        send(Act(tx, NIGHT + 61 * MINUTE, "resident-1"))
        for number in range(people.MOST_PER_HOUR + 1):  # the duty room is told by many
            act = Act(tx, NIGHT + number * MINUTE, "duty-1")
            people.record(act, pinghu, "duty_officer", "knee", where)


def test_a_village_officer_sees_the_reports_of_the_village_and_a_resident_none(
    pinghu: City, store: Store
) -> None:
    hand = _hand(pinghu, store)
    officer = hand.account("village_officer")
    own = pinghu.accounts[officer].territory
    other = next(u.code for u in pinghu.territory.villages() if u.code != own)
    with store.transaction() as tx:
        for code in (own, other):
            people.record(
                Act(tx, NIGHT, "crew-1"), pinghu, "crew", "waist", people.Where(territory=code)
            )
    with hand.signed_in(officer) as client:
        found = client.get("/api/v1/depth-reports").json()["features"]
    assert [each["properties"]["territory"] for each in found] == [own]
    with hand.signed_in(hand.account("resident")) as client:
        assert client.get("/api/v1/depth-reports").status_code == 403
    assert TestClient(hand.app).get("/api/v1/depth-reports").status_code == 401
