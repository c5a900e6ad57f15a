"""A whole run: frozen inputs, analysis, members, products; in two cities."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anlan import forecast
from anlan.city import City, Event
from anlan.forecast import inputs
from anlan.forecast.drives import Drives
from anlan.observe import Reading, archive
from anlan.refusal import Refusal
from anlan.store import Store, schema

ISSUE = datetime(2021, 7, 25, 12, tzinfo=UTC)


def settings(city: City, **changes: object) -> forecast.Settings:
    small = {"resolution_m": 400.0, "members": 3, "lead_hours": 12, "spinup_hours": 3}
    return forecast.read_settings(city.settings, **{**small, **changes})


def readings(city: City, until: datetime, hours: int = 16) -> list[Reading]:
    """Every station every ten minutes: 6 mm/h, rivers rising 0.1 m a day, a tide of 4 m range."""
    found = []
    for station in city.stations.values():
        for k in range(hours * 6 + 1):
            at = until - timedelta(minutes=10 * k)
            if station.quantity == "rain":
                start = at - timedelta(minutes=10)
                found.append(Reading(station.series, at, 1.0, start_at=start))
            elif station.quantity == "tide":
                phase = 2 * np.pi * at.timestamp() / 44712.0
                found.append(
                    Reading(station.series, at, round(0.3 + 2.0 * float(np.cos(phase)), 3))
                )
            elif station.quantity == "river_level":
                base = float(city.settings["forecast"]["initial_level_m"])
                found.append(Reading(station.series, at, round(base - 0.1 * k / 144, 3)))
    return found


def keep(store: Store, found: list[Reading], recorded: datetime) -> None:
    with store.transaction() as tx:
        archive.add(tx, found, recorded)


def frozen(
    store: Store, city: City, event: Event | None, issue: datetime = ISSUE, **changes: object
) -> forecast.Bundle:
    with store.read() as conn:
        return forecast.freeze(conn, city, event, issue, settings(city, **changes))


@pytest.fixture(scope="module")
def event(pinghu: City) -> Event:
    return pinghu.event("infa-2021")


def test_nothing_after_the_issue_time_changes_a_forecast(
    store: Store, pinghu: City, event: Event, tmp_path: Path
) -> None:
    keep(store, readings(pinghu, ISSUE), ISSUE)
    before = frozen(store, pinghu, event)
    # Later readings, an earlier hour's reading that arrives late, corrections, and another track.
    late = ISSUE + timedelta(minutes=1)
    wrong = [r._replace(value=9.0) for r in readings(pinghu, ISSUE)]
    keep(store, wrong, late)
    keep(store, readings(pinghu, ISSUE + timedelta(hours=12), 12), ISSUE + timedelta(hours=12))
    bent = tuple(
        f if f.time <= ISSUE else replace(f, lon=f.lon - 3, pressure_hpa=920.0) for f in event.track
    )
    after = frozen(store, pinghu, replace(event, track=bent, official=()))
    assert after.hash == before.hash
    one = tmp_path / "one"
    two = tmp_path / "two"
    forecast.compute(before, one)
    forecast.compute(after, two)
    a, b = forecast.Products.open(one), forecast.Products.open(two)
    for field in ("tide", "tracks", "station_level", "town_rain"):
        assert np.array_equal(getattr(a, field), getattr(b, field), equal_nan=True), field
    assert np.array_equal(a.frames("p90"), b.frames("p90"), equal_nan=True)


def test_what_was_known_does_change_it(store: Store, pinghu: City, event: Event) -> None:
    dry = frozen(store, pinghu, event)
    keep(store, readings(pinghu, ISSUE), ISSUE)
    wet = frozen(store, pinghu, event)
    assert wet.hash != dry.hash
    # obs ids of the newest reading of every driving series
    assert any(g.startswith("obs:zhapu.tide@2021-07-25T12:00") for g in wet.grounds)
    later = frozen(store, pinghu, event, seed=99)
    assert later.hash != wet.hash
    assert frozen(store, pinghu, event, workers=1).hash == wet.hash
    assert frozen(store, pinghu, event, ISSUE.astimezone(pinghu.zone)).hash == wet.hash


def test_products_hold_what_the_chain_reads(
    store: Store, pinghu: City, event: Event, tmp_path: Path
) -> None:
    keep(store, readings(pinghu, ISSUE), ISSUE)
    bundle = frozen(store, pinghu, event)
    told: list[float] = []
    summary = forecast.compute(bundle, tmp_path / "run", lambda what, share: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert summary.volume_error < 1e-6
    with forecast.Products.open(tmp_path / "run") as p:
        assert p.issued == ISSUE
        assert p.times[0] == ISSUE
        assert p.times[-1] == ISSUE + timedelta(hours=12)
        assert len(p.fine_times) == 73
        ny, nx = pinghu.terrain(400.0).shape
        assert p.frames("p50").shape == (13, ny, nx)
        assert p.frame("p90", 3).shape == (ny, nx)
        assert p.tide is not None
        assert p.tide.shape == (3, 73)
        assert p.tide_station == "zhapu"
        assert p.place_level.shape == (3, 13, len(pinghu.places))
        assert p.town_rain.shape == (3, 13, len(pinghu.territory.towns()))
        assert p.village_fraction.shape == (3, len(pinghu.territory.villages()), 3)
        assert p.station_level.shape == (3, 13, len(p.station_ids))
        assert np.nanmax(p.frames("p90")) >= np.nanmax(p.frames("p50"))
        low, high = p.probability(0.15), p.probability(0.50)
        assert np.array_equal(np.isnan(low), ~pinghu.terrain(400.0).inside)
        assert (np.nan_to_num(low) >= np.nan_to_num(high)).all()
        # rain of the towns adds up to the city's
        assert p.rain_total.shape == (3,)
        assert float(p.town_rain[0].sum(axis=0).mean()) == pytest.approx(
            float(p.rain_total[0]), rel=0.2
        )
        assert p.tracks is not None
        assert p.tracks.shape[0] == 3
        view = forecast.track_view(p)
        assert view is not None
        assert len(view["members"]) == 3
        with pytest.raises(Refusal, match="was not computed"):
            p.probability(0.2)
    size = sum(f.stat().st_size for f in (tmp_path / "run").rglob("*") if f.is_file())
    assert size < 15e6


def test_a_computed_run_is_not_computed_again_and_a_bundle_survives_its_folder(
    store: Store, pinghu: City, event: Event, tmp_path: Path
) -> None:
    bundle = frozen(store, pinghu, event, members=2, lead_hours=2)
    bundle.save(tmp_path / "x.input")
    again = forecast.Bundle.load(tmp_path / "x.input")
    assert again.hash == bundle.hash
    assert again.grounds == bundle.grounds
    first = forecast.compute(again, tmp_path / "run")
    assert forecast.compute(again, tmp_path / "run") == first
    assert not list(tmp_path.glob("*.part"))
    with pytest.raises(Refusal, match="holds no forecast inputs"):
        forecast.Bundle.load(tmp_path / "nowhere")
    with pytest.raises(Refusal, match="holds no forecast products"):
        forecast.Products.open(tmp_path / "nowhere")


def test_two_that_compute_one_run_at_once_leave_it_whole(
    store: Store, pinghu: City, event: Event, tmp_path: Path
) -> None:
    bundle = frozen(store, pinghu, event, members=1, lead_hours=1)
    out = tmp_path / "run"
    inside: list[forecast.Summary] = []

    def meanwhile(what: str, share: float) -> None:
        if what == "products":  # the other begins and ends while this one is about to write
            inside.append(forecast.compute(bundle, out))

    first = forecast.compute(bundle, out, meanwhile)
    assert first == inside[0]
    assert forecast.summary_of(out) == first
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith("run")] == ["run"]


@pytest.mark.parametrize(
    "lost", ["state.npz", "summary.json", "products.zarr", "products.zarr/time"]
)
def test_a_damaged_run_is_computed_again(
    store: Store, pinghu: City, event: Event, tmp_path: Path, lost: str
) -> None:
    bundle = frozen(store, pinghu, event, members=1, lead_hours=1)
    out = tmp_path / "run"
    forecast.compute(bundle, out)
    gone = out / lost
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    assert forecast.summary_of(out) is None
    forecast.compute(bundle, out)
    assert forecast.summary_of(out) is not None


def test_a_computation_that_is_stopped_leaves_nothing(
    store: Store, pinghu: City, event: Event, tmp_path: Path
) -> None:
    bundle = frozen(store, pinghu, event, members=1, lead_hours=1)
    runs = tmp_path / "runs"

    def stop(what: str, share: float) -> None:
        assert forecast.remove_stale_parts(runs) == []  # it is at work, so it is not stale
        raise InterruptedError

    with pytest.raises(InterruptedError):
        forecast.compute(bundle, runs / "run", stop)
    assert list(runs.iterdir()) == []


def test_what_a_killed_computation_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / "run.x1.part").mkdir()
    (tmp_path / "run").mkdir()
    assert forecast.remove_stale_parts(tmp_path) == ["run.x1.part"]
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_other_code_names_its_runs_otherwise(
    store: Store, pinghu: City, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = frozen(store, pinghu, event).hash
    monkeypatch.setattr(inputs, "VERSION", inputs.VERSION + 1)
    assert frozen(store, pinghu, event).hash != before


def enter(store: Store, bundle: forecast.Bundle, state: str) -> None:
    row = {
        "id": bundle.hash,
        "issued_at": bundle.issued,
        "visible_at": bundle.issued,
        "from_at": bundle.issued,
        "to_at": bundle.issued,
        "members": 2,
        "state": state,
        "path": bundle.hash,
        "input_hash": bundle.hash,
        "settings": bundle.meta["settings"],
    }
    with store.transaction() as tx:
        tx.execute(schema.run.insert().values(**row))


def test_a_run_goes_on_from_the_analysis_of_the_one_before(
    store: Store, pinghu: City, event: Event, tmp_path: Path
) -> None:
    keep(store, readings(pinghu, ISSUE + timedelta(hours=6), 24), ISSUE)
    few: dict[str, Any] = {"members": 2, "lead_hours": 2}
    first = frozen(store, pinghu, event, **few)
    enter(store, first, "computing")
    second = frozen(store, pinghu, event, ISSUE + timedelta(hours=6), **few)
    assert second.meta["previous"] == first.hash
    assert f"run:{first.hash}" in second.grounds
    assert not forecast.compute(first, tmp_path / first.hash).warm_start
    assert forecast.compute(second, tmp_path / second.hash).warm_start
    # the run before was lost: the start is cold, and says so
    assert not forecast.compute(second, tmp_path / "alone" / second.hash).warm_start


def test_a_failed_run_and_one_of_another_resolution_are_not_gone_on_from(
    store: Store, pinghu: City, event: Event
) -> None:
    enter(store, frozen(store, pinghu, event), "failed")
    enter(store, frozen(store, pinghu, event, resolution_m=800.0), "published")
    assert frozen(store, pinghu, event, ISSUE + timedelta(hours=6)).meta["previous"] is None


def test_the_spread_of_the_tide_grows_with_lead(store: Store, pinghu: City, event: Event) -> None:
    keep(store, readings(pinghu, ISSUE), ISSUE)
    drives = Drives(frozen(store, pinghu, event, members=20, lead_hours=48))
    tides = []
    for member in range(20):
        tide = drives.member(member).drive.tide
        assert tide is not None
        tides.append(tide)
    spread = np.std(np.stack(tides), axis=0)
    assert spread[0] == pytest.approx(0.0, abs=1e-9)
    assert spread[:36].mean() < spread[36:144].mean()


def test_the_observed_tide_is_where_the_forecast_starts(
    store: Store, pinghu: City, event: Event
) -> None:
    keep(store, readings(pinghu, ISSUE), ISSUE)
    drives = Drives(frozen(store, pinghu, event))
    seen = drives.bundle.arrays["tide_observed"][-1, 1]
    tide = drives.member(1).drive.tide
    past = drives.analysis().tide
    assert tide is not None
    assert past is not None
    assert tide[0] == pytest.approx(seen, abs=0.02)
    assert past[-1] == pytest.approx(seen, abs=0.02)


def test_before_any_storm_there_is_none(store: Store, pinghu: City, event: Event) -> None:
    bundle = frozen(store, pinghu, event, event.track[0].time - timedelta(hours=1))
    assert bundle.meta["storm"] is None
    assert frozen(store, pinghu, None).meta["storm"] is None


def test_a_city_with_neither_tide_nor_typhoon_has_its_forecast(
    store: Store, talstadt: City, tmp_path: Path
) -> None:
    keep(store, readings(talstadt, ISSUE), ISSUE)
    resolution = float(talstadt.settings["forecast"]["resolution_m"])
    bundle = frozen(store, talstadt, None, resolution_m=resolution, lead_hours=6)
    summary = forecast.compute(bundle, tmp_path / "run")
    assert summary.tide_peak_m is None
    assert not summary.storm
    p = forecast.Products.open(tmp_path / "run")
    assert p.tide is None
    assert p.tracks is None
    assert forecast.track_view(p) is None
    # 6 mm/h seen, dying away with 4 h, over 6 h: 6 x sum exp(-(k + 1/2)/4) = 18.6 mm
    assert float(p.rain_total[0]) == pytest.approx(18.6, abs=0.2)
    assert np.isfinite(p.station_level).any()


def test_a_silent_archive_still_gives_a_forecast(store: Store, talstadt: City) -> None:
    resolution = float(talstadt.settings["forecast"]["resolution_m"])
    drives = Drives(frozen(store, talstadt, None, resolution_m=resolution))
    level = float(talstadt.settings["forecast"]["initial_level_m"])
    assert (drives.member(0).drive.inland == level).all()
    assert (drives.member(0).drive.rain == 0.0).all()
    assert (drives.analysis().rain == 0.0).all()


def test_an_issue_time_without_a_time_zone_is_refused(store: Store, pinghu: City) -> None:
    with pytest.raises(Refusal, match="has no time zone"):
        frozen(store, pinghu, None, ISSUE.replace(tzinfo=None))


def test_settings_that_make_no_sense_are_refused(pinghu: City) -> None:
    with pytest.raises(Refusal, match="members = 0"):
        forecast.read_settings(pinghu.settings, members=0)
    with pytest.raises(Refusal, match="'radar' is not known"):
        forecast.read_settings({"forecast": {"rain": ["radar"]}})
