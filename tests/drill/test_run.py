"""A drill carried through: played by its script, acted by whoever is not a person, measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from anlan import journal
from anlan.city import City
from anlan.clock import SteppedClock
from anlan.drill import Drill, measure, prepare, read
from anlan.drill.page import render
from anlan.drill.script import Deed, Script
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import Store, schema
from tests.drill.conftest import SCRIPT
from tests.free_text import HOSTILE, lost_on_page

Start = Callable[..., Drill]


@pytest.fixture(scope="module")
def finished(talstadt: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drill]:
    """The short drill carried through, everybody moved."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "short.toml").write_text(SCRIPT, encoding="utf-8")
    script = read(folder / "short.toml")
    store = Store(folder / "drill", private=True)
    drill = prepare(talstadt, script, store, SteppedClock(script.drill.start))
    drill.run()
    yield drill
    store.close()


def result(drill: Drill) -> dict[str, object]:
    with drill.store.read() as conn:
        return dict(measure(conn, drill))


def marks(drill: Drill) -> dict[str, str]:
    with drill.store.read() as conn:
        report = measure(conn, drill)
    return {
        f"{inject['id']}.{number}": mark["verdict"]
        for inject in report["injects"]
        for number, mark in enumerate(inject["expected"])
    }


def test_what_was_expected_is_met_late_or_missed(finished: Drill) -> None:
    drill = finished
    assert marks(drill) == {
        "rise.0": "met", "rise.1": "met", "leak.0": "met", "leak.1": "late", "end.0": "missed",
    }  # fmt: skip


def test_steps_and_people_are_measured_against_the_plan(finished: Drill) -> None:
    drill = finished
    with drill.store.read() as conn:
        report = measure(conn, drill)
    duty = next(step for step in report["steps"] if step["step"] == "duty")
    assert (duty["ack_min"], duty["done_min"], duty["tasks"]) == (15, 60, 3)
    assert duty["acknowledge"]["count"] == 3
    assert 0 < duty["acknowledge"]["p50_min"] <= duty["acknowledge"]["max_min"]
    assert {"town-altstadt", "town-nordufer", "town-westtal"} <= {
        one["account"] for one in report["people"]
    }
    assert report["journal"]["verified"]


def test_every_alert_is_exercise_and_every_text_says_so(finished: Drill) -> None:
    drill = finished
    with drill.store.read() as conn:
        alerts = conn.execute(select(schema.alert.c.status, schema.alert.c.headline)).all()
    assert alerts
    assert {row.status for row in alerts} == {"Exercise"}
    lines = [
        line
        for file in (drill.store.data_dir / "outbox").iterdir()
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    assert lines
    assert all("【演练】" in line for line in lines)


def test_cut_off_and_gone_on_with_it_measures_the_same(start: Start, finished: Drill) -> None:
    drill = start()
    with drill.store.transaction() as tx:
        drill.start(Act(tx, drill.start_at, "commander-1", on_behalf="replay"))
    for minute in range(1, 24):
        drill.tick(drill.start_at + timedelta(minutes=minute))
    drill.store.close()
    again = start()
    assert again.reached() == drill.start_at + timedelta(minutes=23)
    again.run()
    assert result(again) == result(finished)


def test_it_stands_still_until_it_is_started_and_is_started_once(start: Start) -> None:
    drill = start()
    assert not drill.started
    with drill.store.transaction() as tx:
        drill.start(Act(tx, drill.start_at, "commander-1"))
        with pytest.raises(Refusal):
            drill.start(Act(tx, drill.start_at, "commander-2"))
    assert drill.started


def test_who_plays_by_hand_is_never_moved(start: Start, script: Script) -> None:
    actors = script.actors.model_copy(update={"by_hand": ("commander", "duty_officer")})
    drill = start(actors=actors)
    drill.run()
    J = schema.journal
    with drill.store.read() as conn:
        moved = set(conn.execute(select(J.c.actor).where(J.c.on_behalf == "replay")).scalars()) - {
            "commander-1"
        }
    assert not {name for name in moved if name.startswith(("commander", "duty"))}
    assert marks(drill)["rise.0"] == "missed", "nobody approved the draft"


def test_a_question_is_answered_once_by_whom_it_is_for_and_after_it_came(start: Start) -> None:
    drill = start()
    with drill.store.transaction() as tx:
        drill.start(Act(tx, drill.start_at, "commander-1"))
    with drill.store.transaction() as tx, pytest.raises(Refusal) as early:
        drill.answer(Act(tx, drill.start_at, "commander-1"), "ask", 0, True)
    assert early.value.kind == "not_found"
    for minute in range(1, 13):
        drill.tick(drill.start_at + timedelta(minutes=minute))
    now = drill.reached()
    with drill.store.transaction() as tx:
        drill.answer(Act(tx, now, "commander-1"), "ask", 0, True)
        for account, choice, asked, kind in (
            ("commander-1", 1, True, "conflict"),
            ("duty-1", 0, False, "not_found"),
            ("commander-2", 7, True, "invalid"),
        ):
            with pytest.raises(Refusal) as refused:
                drill.answer(Act(tx, now, account), "ask", choice, asked)
            assert refused.value.kind == kind
    with drill.store.read() as conn:
        ask = next(one for one in measure(conn, drill)["injects"] if one["id"] == "ask")
    assert ask["question"]["verdict"] == "met"
    assert ask["question"]["answers"][0]["after_min"] == 2.0


def test_ended_early_what_is_open_counts_as_missed(start: Start) -> None:
    drill = start()
    with drill.store.transaction() as tx:
        drill.start(Act(tx, drill.start_at, "commander-1"))
    drill.tick(drill.start_at + timedelta(minutes=1))
    assert marks(drill)["rise.0"] == "pending"
    with drill.store.transaction() as tx:
        drill.end(Act(tx, drill.reached(), "commander-1"))
    assert marks(drill)["rise.0"] == "missed"
    assert marks(drill)["end.0"] == "unplayed"


def test_deeds_of_the_script_go_into_the_command_log(start: Start) -> None:
    deeds = (
        Deed(at_min=15, by="duty-1", do="post", post="commander"),
        Deed(at_min=16, by="duty-1", do="order", what="上堤巡查", to="town-nordufer"),
        Deed(at_min=45, by="duty-1", do="handover", to="duty-2"),
    )
    drill = start(act=deeds)
    drill.run()
    with drill.store.read() as conn:
        report = measure(conn, drill)
        assert journal.verify(conn).verified
    assert report["orders"]["given"] == 1
    assert report["orders"]["acknowledge"]["count"] == 1
    assert marks(drill)["end.0"] == "met"
    assert [post["account_name"] for post in report["posts"]] == ["Bodo Talgrund", "Gesa Uferlos"]


def test_another_script_does_not_go_on_in_the_same_folder(start: Start, script: Script) -> None:
    start()
    with pytest.raises(Refusal, match="another"):
        start(background=())


def test_free_text_of_every_kind_is_text_in_the_report(finished: Drill) -> None:
    drill = finished
    with drill.store.read() as conn:
        report = measure(conn, drill)
    assert report["exercise"]
    spoilt = {**report["injects"][0], "text": " ".join(HOSTILE.values())}
    report["injects"] = [spoilt]
    page = render(report, drill.city.zone)
    assert lost_on_page(page) == []
