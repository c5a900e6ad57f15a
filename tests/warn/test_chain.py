"""From a reading or a run to a message in somebody's hand, and back to the all-clear."""

from datetime import timedelta

import pytest

from anlan import cap
from anlan.journal import trace, verify
from anlan.refusal import Refusal
from anlan.store import schema
from anlan.warn import actions, views
from anlan.warn.plain import CHINESE
from anlan.warn.relayed_words import english_event
from tests.warn.world import START, ZHAPU, World, tide_run, town_run

pytestmark = pytest.mark.both_engines

# Zhapu's levels on the 1985 datum: gauge zero - 1.841 m.
BLUE, YELLOW, ORANGE, RED = 3.959, 4.259, 4.559, 4.959


def drafted(world: World) -> list[str]:
    return [row.colour for row in world.rows(schema.alert, state="draft")]


def test_a_gauge_alone_raises_an_alert_without_any_forecast(world: World) -> None:
    world.read("zhapu", 4.0, 4.3, 4.3)
    (alert,) = world.evaluate()
    row = world.rows(schema.alert, id=alert)[0]
    assert (row.colour, row.msg_type, row.status, row.state) == (
        "yellow",
        "Alert",
        "Exercise",
        "draft",
    )
    assert alert == "anlan.pinghu.EX.20210725T0800.1"
    assert any(ground.startswith("obs:zhapu.tide@") for ground in row.grounds)


def test_one_reading_over_the_level_is_not_held_long_enough(world: World) -> None:
    world.read("zhapu", 3.5, 4.3)
    assert world.evaluate() == []


def test_late_repeated_and_disordered_readings_give_one_warning(world: World) -> None:
    """The same hour of readings, newest first and each twice, ends in one draft of one colour."""
    values = [3.0, 4.3, 4.3, 4.7, 4.7, 4.7]
    end = world.now
    for number in reversed(range(len(values))):
        for _ in range(2):
            world.now = end - timedelta(minutes=10 * (5 - number))
            world.read("zhapu", values[number])
            world.now = end
            world.evaluate()
    assert drafted(world) == ["orange"]
    assert len(world.rows(schema.alert)) == 1


def test_one_run_alone_drafts_nothing_and_two_that_agree_do(world: World) -> None:
    early = tide_run(START - timedelta(hours=6), [4.6] * 6 + [3.0] * 4, hours=24)
    late = tide_run(START, [4.6] * 5 + [3.0] * 5)
    world.read("zhapu", 1.0)
    assert world.evaluate(early) == []
    assert len(world.evaluate(late, early)) == 1
    assert drafted(world) == ["orange"]


def test_two_runs_warn_of_no_more_than_both_support(world: World) -> None:
    early = tide_run(START - timedelta(hours=6), [4.0] * 10, hours=24)
    late = tide_run(START, [5.2] * 10)
    world.read("zhapu", 1.0)
    world.evaluate(late, early)
    assert drafted(world) == ["blue"]


def test_one_run_and_a_gauge_close_to_the_level_are_enough(world: World) -> None:
    world.read("zhapu", YELLOW - 0.4)
    world.evaluate(tide_run(START, [4.4] * 10))
    assert drafted(world) == ["yellow"]


def test_an_observed_red_needs_no_run(world: World) -> None:
    world.read("zhapu", 5.0, 5.0)
    world.evaluate(tide_run(START, [3.0] * 10))
    assert drafted(world) == ["red"]


def test_a_stale_run_does_not_speak(world: World) -> None:
    world.read("zhapu", 1.0)
    runs = [tide_run(START - timedelta(hours=h), [5.2] * 10, hours=40) for h in (13, 19)]
    assert world.evaluate(*runs) == []


def test_heavy_rain_that_drains_away_gives_no_orange(world: World) -> None:
    """58 mm in eight hours with 33 mm in one, as at Jinshan on 24 July, and no water standing."""
    hours = [2.0, 3.0, 5.0, 33.0, 6.0, 5.0, 2.0, 2.0]
    world.read("rain-zhapu", *hours, step=60)
    rain = {"max_rain_3h_p50": 45.0, "max_rain_12h_p50": 58.0, "attention_probability": 0.4}
    runs = [town_run(START - timedelta(hours=h), **rain) for h in (0, 6)]
    world.evaluate(*runs)
    # the last six hours hold 53 mm: the rainstorm signal yellow, and no more than that
    assert drafted(world) == ["yellow"]


def test_water_at_danger_depth_with_rain_gives_orange(world: World) -> None:
    world.read("rain-zhapu", 5.0, step=60)
    bad = {"danger_probability": 0.6, "places_danger_p50": 3.0, "max_rain_12h_p50": 90.0}
    world.evaluate(*[town_run(START - timedelta(hours=h), **bad) for h in (0, 6)])
    assert drafted(world) == ["orange"]


def test_a_waiting_draft_is_brought_up_to_date_and_not_doubled(world: World) -> None:
    world.read("zhapu", 4.3, 4.3)
    (first,) = world.evaluate()
    assert world.evaluate() == []
    world.forward(minutes=10)
    world.read("zhapu", 4.7)
    world.forward(minutes=10)
    world.read("zhapu", 4.7)
    assert world.evaluate() == [first]
    assert drafted(world) == ["orange"]


def test_approvals_of_a_lower_colour_are_void_when_the_draft_rises(world: World) -> None:
    world.read("zhapu", 4.6, 4.6)
    (alert,) = world.evaluate()
    world.approve(alert, "duty-1")
    world.forward(minutes=10)
    world.read("zhapu", 5.0, 5.0, step=10)
    world.forward(minutes=10)
    world.read("zhapu", 5.0)
    world.evaluate()
    world.approve(alert, "duty-1")
    assert world.rows(schema.alert, id=alert)[0].state == "draft"
    world.approve(alert, "boss")
    assert world.rows(schema.alert, id=alert)[0].state == "issued"


def test_orange_needs_two_different_officers(world: World) -> None:
    world.read("zhapu", 4.6, 4.6)
    (alert,) = world.evaluate()
    world.approve(alert, "duty-1")
    with pytest.raises(Refusal, match=r"approved alert .* already; a second officer is needed"):
        world.approve(alert, "duty-1")
    with pytest.raises(Refusal, match="a second officer is needed"):
        world.act("duty-2", lambda a: actions.approve(a, world.city, alert), on_behalf="duty-1")
    with pytest.raises(Refusal, match="'liaison' may not decide"):
        world.approve(alert, "liaison")
    world.approve(alert, "duty-2")
    assert world.rows(schema.alert, id=alert)[0].state == "issued"
    with pytest.raises(Refusal, match="is issued; only draft alerts"):
        world.approve(alert, "boss")


def issue_yellow(world: World) -> str:
    world.read("zhapu", 4.3, 4.3)
    (alert,) = world.evaluate()
    world.approve(alert, "duty-1")
    return alert


def test_the_issued_document_is_valid_cap_in_two_languages_and_restricted(world: World) -> None:
    alert = issue_yellow(world)
    xml = world.rows(schema.alert, id=alert)[0].cap_xml
    verdict = cap.validate(xml.encode())
    assert verdict.accept, verdict.errors
    assert verdict.alert is not None
    assert verdict.alert.status is cap.Status.EXERCISE
    assert verdict.alert.scope is cap.Scope.RESTRICTED
    assert [info.language for info in verdict.alert.infos] == ["zh-CN", "en-US"]
    assert verdict.alert.infos[0].severity is cap.Severity.MODERATE
    assert verdict.alert.sent.utcoffset() == timedelta(hours=8)
    codes = [pair for area in verdict.alert.infos[0].areas for pair in area.geocodes]
    assert ("adminCode", ZHAPU) in codes


def test_raising_is_an_update_that_cites_the_earlier_message(world: World) -> None:
    first = issue_yellow(world)
    world.forward(minutes=20)
    world.read("zhapu", 4.6, 4.6)
    (second,) = world.evaluate()
    world.approve(second, "duty-1", "boss")
    old, new = world.rows(schema.alert, id=first)[0], world.rows(schema.alert, id=second)[0]
    assert (old.state, new.msg_type, new.version) == ("superseded", "Update", 2)
    document = cap.read(new.cap_xml.encode())
    assert [each.identifier for each in document.references] == [first]
    assert not [
        each
        for each in cap.check(document, [cap.read(old.cap_xml.encode())])
        if each.severity == "error"
    ]


def ebb(world: World, hours: int, level: float = 1.0) -> None:
    """Low water every ten minutes for so many hours, rules applied each hour.

    It moves by some centimetres: a gauge that stands still would be set aside.
    """
    for _ in range(hours):
        world.forward(hours=1)
        world.read("zhapu", *[level + 0.05 * number for number in range(6)])
        world.evaluate()


def test_all_clear_waits_needs_an_officer_and_goes_to_exactly_those_warned(world: World) -> None:
    alert = issue_yellow(world)
    world.deliver()
    warned = {row.person for row in world.rows(schema.delivery, alert=alert, state="sent")}
    ebb(world, 12)
    assert drafted(world) == []
    with pytest.raises(Refusal, match="cannot be cleared yet: its condition is not down"):
        world.act("duty-1", lambda act: actions.cancel(act, world.city, alert, "退潮"))
    ebb(world, 4)
    (clear,) = world.rows(schema.alert, state="draft", msg_type="Cancel")
    world.approve(clear.id, "duty-1")
    world.deliver()
    told = {row.person for row in world.rows(schema.delivery, alert=clear.id)}
    assert told == warned
    info = cap.read(world.rows(schema.alert, id=clear.id)[0].cap_xml.encode()).infos[0]
    assert info.response_types == (cap.ResponseType.ALL_CLEAR,)
    assert world.rows(schema.alert, id=alert)[0].state == "cancelled"
    with world.store.read() as conn:
        assert views.active(conn, world.city) == []


def test_silence_of_the_gauge_never_clears(world: World) -> None:
    alert = issue_yellow(world)
    for _ in range(40):
        world.forward(hours=1)
        world.evaluate()
    assert world.rows(schema.alert, msg_type="Cancel") == []
    with pytest.raises(Refusal, match="its gauges are silent"):
        world.act("duty-1", lambda act: actions.cancel(act, world.city, alert, "无数据"))
    assert len(world.journal("rule.no_data")) == 1


def test_a_mistake_is_withdrawn_at_once_with_a_note(world: World) -> None:
    alert = issue_yellow(world)
    world.deliver()
    name = world.act(
        "duty-1", lambda act: actions.cancel(act, world.city, alert, "传感器故障", mistake=True)
    )
    document = cap.read(world.rows(schema.alert, id=name)[0].cap_xml.encode())
    assert document.infos == ()
    assert document.note is not None
    assert "传感器故障" in document.note


def test_a_rejected_draft_comes_back_only_when_the_evidence_changes(world: World) -> None:
    world.read("zhapu", 4.3, 4.3)
    (alert,) = world.evaluate()
    world.act("duty-1", lambda act: actions.reject(act, world.city, alert, "仪器检修"))
    world.forward(minutes=10)
    world.read("zhapu", 4.3)
    assert world.evaluate() == []
    world.forward(minutes=20)
    world.read("zhapu", 4.6, 4.6)
    world.evaluate()
    assert drafted(world) == ["orange"]


def test_a_draft_nobody_approves_climbs_to_the_commander_once(world: World) -> None:
    world.read("zhapu", 4.3, 4.3)
    (alert,) = world.evaluate()
    world.forward(minutes=29)
    assert world.fire() == 0
    world.forward(hours=5)
    assert [world.fire(), world.fire()] == [1, 0]
    assert len(world.journal("alert.unapproved")) == 1
    with world.store.read() as conn:
        view = views.alert(conn, world.city, alert)
    assert view["escalated_to"] == ["boss"]
    assert view["unapproved_since"] is not None


def test_one_walk_leads_from_a_message_back_to_the_reading(world: World) -> None:
    issue_yellow(world)
    world.deliver()
    sent = world.rows(schema.delivery, state="sent")[0]
    with world.store.read() as conn:
        steps = trace(conn, f"delivery:{sent.id}")
        assert verify(conn).verified
    grounds = [ground for step in steps for ground in step["grounds"]]  # type: ignore[attr-defined]
    assert any(ground.startswith("obs:zhapu.tide@") for ground in grounds)


def test_an_official_warning_is_relayed_once_under_its_issuer(world: World) -> None:
    event = world.city.event("infa-2021") if "infa-2021" in world.city.events() else None
    if event is None or not event.official:
        pytest.skip("the event lists no official warnings")
    official = event.official[0]
    first = world.act("system", lambda act: actions.relay(act, world.city, official))
    again = world.act("system", lambda act: actions.relay(act, world.city, official))
    assert first == again
    row = world.rows(schema.alert, id=first)[0]
    assert (row.official, row.issuer, row.status) == (True, official.issuer, "Exercise")
    tiers = {each.tier for each in world.rows(schema.delivery, alert=first)}
    assert "resident" not in tiers
    english = next(i for i in cap.read(row.cap_xml.encode()).infos if i.language == "en-US")
    said = (english.description or "").replace(official.issuer, "").replace("【演练】", "")
    assert not CHINESE.search(said)
    with world.store.read() as conn:
        (shown,) = views.alerts(conn, world.city)
    assert shown["text_en"].startswith("For Zhapu, Dushangang, from 23 Jul ")


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("台风", "Typhoon"),
        ("海上大风黄色预警", "Gale at sea"),
        ("雷暴大风", "Thunderstorm gale"),
        ("风暴潮", "Storm surge"),
        ("虫灾", "Severe event"),
        ("typhoon", "typhoon"),
    ],
)
def test_an_authoritys_kind_of_warning_has_an_english_name(chinese: str, english: str) -> None:
    assert english_event(chinese) == english


def test_what_gauges_saw_is_told_without_the_numbers_of_a_run(world: World) -> None:
    world.read("zhapu", 4.3, 4.3)
    (alert,) = world.evaluate()
    text = world.rows(schema.alert, id=alert)[0].description
    assert text == "【演练】乍浦站实测潮位4.30米（1985高程），7月25日08:00起达到黄色标准。"


def test_a_relayed_warning_ends_with_its_time(world: World) -> None:
    official = world.city.event("infa-2021").official[0]
    name = world.act("system", lambda act: actions.relay(act, world.city, official))
    world.now = official.issued + timedelta(hours=25)
    world.evaluate()
    assert world.rows(schema.alert, id=name)[0].state == "expired"
