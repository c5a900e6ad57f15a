"""What one person is sent: their own place, depth and time; read aloud; in plain words."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan import cap
from anlan.city import City
from anlan.refusal import Refusal
from anlan.store import schema
from anlan.warn import actions, check, load_messages
from anlan.warn.channels.outlet import ExerciseMessage
from anlan.warn.handwritten import write
from anlan.warn.message import marked, spoken
from anlan.warn.plain import CHINESE, unclear
from tests.warn.world import START, ZHAPU, World, town_run


def place_of(city: City) -> str:
    """A hazard place of Zhapu."""
    return next(
        each.id for each in city.places.values() if city.territory.is_within(each.territory, ZHAPU)
    )


def flood(world: World, place: str, depth: float = 0.44) -> dict[str, Any]:
    """A run that foresees water in Zhapu, at one of its places."""
    run = town_run(
        START,
        attention_probability=0.9,
        danger_probability=0.9,
        places_attention_p50=3,
        places_danger_p50=3,
        max_rain_3h_p50=80,
        max_rain_12h_p50=150,
    )
    onset = (START + timedelta(hours=6)).isoformat()
    run["towns"][0]["onset"] = onset
    run["places"] = [
        {
            "id": place,
            "town": ZHAPU,
            "attention": {"threshold_m": 0.15, "probability": 0.9, "onset": onset},
            "danger": {"threshold_m": 0.5, "probability": 0.1, "onset": None},
            "peak_m": {"p50": depth},
        }
    ]
    return run


def live_at(world: World, person: str, place: str | None) -> None:
    table = schema.person
    world.act(
        "system",
        lambda act: act.tx.execute(table.update().where(table.c.id == person).values(place=place)),
    )


def drafted(world: World, run: dict[str, Any]) -> str:
    again = {**run, "issued": (START - timedelta(hours=6)).isoformat()}
    found = world.evaluate(run, again)
    return found[0]


def test_a_resident_reads_the_depth_and_the_time_at_their_own_place(world: World) -> None:
    place = place_of(world.city)
    live_at(world, "zhapu-resident", place)
    world.approve(drafted(world, flood(world, place)), "duty-1", "boss")
    (row,) = world.rows(schema.delivery, person="zhapu-resident")
    assert world.city.places[place].name in row.body
    assert "水深约0.4米" in row.body
    assert "7月25日14:00" in row.body  # 06:00 UTC in the city's time


def test_who_has_no_place_of_their_own_reads_no_depth(world: World) -> None:
    world.approve(drafted(world, flood(world, place_of(world.city))), "duty-1", "boss")
    (row,) = world.rows(schema.delivery, person="zhapu-resident")
    assert "水深约" not in row.body
    assert "{" not in row.body
    assert "—" not in row.body


def test_people_are_told_where_their_own_place_crosses_its_threshold(
    world: World, tmp_path: Path
) -> None:
    folder = tmp_path / "strict"
    folder.mkdir()
    for name in ("rules.toml", "messages.toml"):
        shutil.copy(world.city.folder / name, folder / name)
    with (folder / "messages.toml").open("a", encoding="utf-8") as file:
        file.write('\n[place_threshold]\nresident = "attention"\n')
    world.city = replace(world.city, folder=folder)
    place = place_of(world.city)
    elsewhere = next(name for name in world.city.places if name != place)
    alert = drafted(world, flood(world, place))
    told = {}
    for home in (place, elsewhere, None):
        live_at(world, "zhapu-resident", home)
        with world.store.read() as conn:
            told[home] = actions.preview(conn, world.city, alert).by_tier.get("resident", 0)
    assert told == {place: 1, elsewhere: 0, None: 1}


def hand(world: World, **more: Any) -> str:
    given: dict[str, Any] = {
        "event": "waterlogging",
        "colour_name": "orange",
        "area": ZHAPU,
        "headline": "乍浦积水",
        "description": "下穿通道积水半米。",
        **more,
    }
    name: str = world.act("duty-1", lambda act: write(act, world.city, **given))
    return name


def english(world: World, alert: str) -> cap.Info:
    world.approve(alert, "duty-1", "boss")
    (row,) = world.rows(schema.alert, id=alert)
    document = cap.read(row.cap_xml.encode())
    return next(info for info in document.infos if info.language == "en-US")


def test_english_headlines_are_english_though_the_officer_wrote_chinese(world: World) -> None:
    info = english(world, hand(world))
    assert not CHINESE.search((info.headline or "").replace("【演练】", ""))
    assert not CHINESE.search((info.description or "").replace("【演练】", ""))
    assert "Zhapu" in (info.headline or "")


def test_an_officers_own_english_is_used_and_must_be_english(world: World) -> None:
    words = {"headline_en": "Water at Zhapu", "description_en": "Underpass half a metre deep."}
    info = english(world, hand(world, **words))
    assert (info.headline or "").endswith("Water at Zhapu")
    assert "half a metre" in (info.description or "")
    with pytest.raises(Refusal, match="headline_en"):
        hand(world, headline_en="乍浦积水")


def test_only_those_in_the_polygon_and_who_answers_for_its_units_are_told(world: World) -> None:
    town = world.city.territory.unit(ZHAPU)
    box = ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    ring = [[round(town.lon + dx / 100, 6), round(town.lat + dy / 100, 6)] for dx, dy in box]
    table = schema.person

    def stand(person: str, lon: float) -> None:
        world.act(
            "system",
            lambda act: act.tx.execute(
                table.update().where(table.c.id == person).values(lon=lon, lat=town.lat)
            ),
        )

    stand("zhapu-resident", town.lon)
    stand("no-phone", town.lon + 0.05)
    alert = hand(world, polygon={"type": "Polygon", "coordinates": [ring]})
    with world.store.read() as conn:
        shown = actions.preview(conn, world.city, alert)
    assert shown.by_tier["resident"] == 1
    assert shown.by_tier["town"] == 1
    assert "no-phone" not in dict(shown.unreachable)  # outside: nothing is to be told
    assert english(world, alert).areas[0].polygons[0][0] == tuple(ring[0])


@pytest.mark.parametrize(
    "polygon",
    [
        {"type": "Point", "coordinates": [121, 30.6]},
        {
            "type": "Polygon",
            "coordinates": [[[30.6, 121], [30.7, 121], [30.7, 121.1], [30.6, 121]]],
        },
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": "x"},
        {"type": "Polygon", "coordinates": [[[121 + n / 1e6, 30.6] for n in range(6000)]]},
        {},
    ],
    ids=["point", "lat first", "crossing", "elsewhere", "text", "too many points", "empty"],
)
def test_a_polygon_that_is_none_is_refused_by_name(world: World, polygon: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match="polygon"):
        hand(world, polygon=polygon)


def test_a_machine_reads_times_and_shares_in_words() -> None:
    assert spoken("【演练】乍浦镇：7月25日18:05起，可能性60%。", "zh") == (
        "【演练】乍浦镇：7月25日18点5分起，可能性百分之60。"
    )
    said = spoken("潮位5.2米（1985高程），08:00前到位。", "zh")
    assert said == "潮位5.2米，1985高程，08点整前到位。"


@given(st.text(max_size=80), st.sampled_from(("zh", "en")), st.sampled_from(("Exercise", "Test")))
def test_what_is_read_aloud_keeps_the_mark_without_which_no_outlet_takes_it(
    text: str, language: str, status: str
) -> None:
    body = spoken(marked(text, status), language)
    assert ExerciseMessage("D1", "A1", 1, "voice", "PE1", body, 0).body == body


@given(st.text(max_size=80), st.sampled_from(("zh", "en")))
def test_reading_aloud_twice_is_reading_once(text: str, language: str) -> None:
    once = spoken(text, language)
    assert spoken(once, language) == once


def test_the_shipped_texts_are_plain(pinghu: City) -> None:
    assert unclear(load_messages(pinghu)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('en = "{place}: {event}', 'en = "{place}附近: {event}', "holds Chinese"),
        ("请勿进入地下车库和下穿通道", "请有关部门切实加强", "office word"),
        ("一带{onset}起可能积水", "积水可能性{probability}", "a resident a figure"),
        ("请勿进入地下车库", "请勿" + "进入地下车库和下穿通道" * 8, "a sentence of"),
    ],
)
def test_city_check_names_what_is_not_plain(
    pinghu: City, tmp_path: Path, old: str, new: str, said: str
) -> None:
    folder = tmp_path / "city"
    shutil.copytree(pinghu.folder, folder, ignore=shutil.ignore_patterns("events", "generator"))
    text = (folder / "messages.toml").read_text("utf-8")
    assert old in text
    (folder / "messages.toml").write_text(text.replace(old, new), "utf-8")
    faults = [fault for fault in check(folder) if fault.file == "messages.toml"]
    assert any(said in fault.message for fault in faults), faults


def test_whom_only_a_letter_reaches_is_counted_by_the_kind_of_address(
    world: World, tmp_path: Path
) -> None:
    """A channel that channels.toml sets up needs the address of its kind, not a telephone."""
    folder = tmp_path / "mail"
    folder.mkdir()
    shutil.copy(world.city.folder / "rules.toml", folder / "rules.toml")
    text = (world.city.folder / "messages.toml").read_text("utf-8")
    changed = text.replace('town = ["dingtalk", "sms", "voice"]', 'town = ["email"]')
    assert changed != text
    (folder / "messages.toml").write_text(changed, "utf-8")
    (folder / "channels.toml").write_text(
        '[email]\nkind = "email"\nhost = "h.example"\nsender = "a@b.example"\nsecurity = "tls"\n',
        "utf-8",
    )
    world.city = replace(world.city, folder=folder)
    alert = hand(world)
    shown = []
    for address in (None, "sealed"):
        if address:
            row = {"person": "zhapu-officer", "kind": "email"}
            sealed = {"address_enc": address, "address_key": "k"}
            world.act(
                "system",
                lambda act: act.tx.execute(schema.contact.insert().values(**row, **sealed)),  # noqa: B023
            )
        with world.store.read() as conn:
            shown.append(actions.preview(conn, world.city, alert))
    assert ("zhapu-officer", "no_address") in shown[0].unreachable
    assert shown[1].by_channel["email"] == 1
    assert "zhapu-officer" not in dict(shown[1].unreachable)
