"""The health of the stations on the desk, in real Chromium, by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from anlan.observe import Reading, archive
from anlan.observe.rainfield import take_file
from anlan.observe.sources import configured
from tests.browser.conftest import NIGHT, Person, Served
from tests.observe.mosquitto import Mosquitto, Publisher, needs_mosquitto
from tests.observe.mqtt_desk import Desk as MqttDesk
from tests.observe.mqtt_desk import until
from tests.observe.rain_files import HOUR, netcdf, ramp

pytestmark = pytest.mark.browser


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    started = Mosquitto(tmp_path / "broker")
    started.start()
    yield started
    started.stop()


def test_a_stuck_gauge_is_named_first_and_found_by_keyboard(
    served: Served, sit_down: Callable[..., Person]
) -> None:
    hand = served.hand
    ten = timedelta(minutes=10)
    with hand.store.transaction() as tx:
        for station in hand.city.stations.values():
            stuck = station.id == "jinshanzui"
            readings = [
                Reading(station.series, NIGHT - ten * n, 2.5 if stuck else 2 + 0.03 * (n % 5))
                for n in range(60)
            ]
            archive.add(tx, readings, NIGHT)
    page = sit_down(hand.account("duty_officer")).page
    page.get_by_test_id("tab-stations").focus()
    page.keyboard.press("Enter")
    panel = page.get_by_test_id("stations")
    expect(panel).to_contain_text("21 站，1 站有问题")
    first = panel.get_by_role("listitem").first
    expect(first).to_contain_text("金山嘴")
    expect(first).to_contain_text("数值长时间不变，疑似卡滞")
    panel.get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    expect(panel.get_by_role("listitem")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".detail-head")).to_contain_text("金山嘴")


def test_the_rain_of_the_radar_is_a_layer_of_the_map_that_says_whose_it_is(
    served: Served, sit_down: Callable[..., Person], tmp_path: Path
) -> None:
    hand = served.hand
    file = netcdf(tmp_path / "radar.nc", np.array([ramp()]), [NIGHT], starts=[NIGHT - HOUR])
    take_file(hand.store, hand.city, hand.clock, file, "radar", forecast=False)
    page = sit_down(hand.account("duty_officer")).page
    page.get_by_test_id("layers").click()
    page.get_by_label("格点雨量").check()
    expect(page.get_by_test_id("rain-key")).to_contain_text("radar · 实况 · 07-26 00:00–")
    page.get_by_label("格点雨量").uncheck()
    expect(page.get_by_test_id("rain-key")).to_have_count(0)


@needs_mosquitto
def test_the_sources_of_readings_show_whose_they_are_and_what_is_wrong(
    served: Served, sit_down: Callable[..., Person], broker: Mosquitto, tmp_path: Path
) -> None:
    hand = served.hand
    desk = MqttDesk(hand.city, tmp_path / "city", broker, hand.store)
    feed = desk.open()
    hand.app.state.sources = [replace(each, feed=feed) for each in configured(desk.city)]
    station = Publisher(broker.port)
    at = (NIGHT - timedelta(days=1)).isoformat()
    station.send("stations/zhapu/readings", f'{{"valid_at": "{at}", "value": 3.0}}', "no JSON")
    station.close()
    until(lambda: feed.state().taken == 1)
    page = sit_down(hand.account("duty_officer")).page
    page.get_by_test_id("tab-stations").click()
    shown = page.get_by_test_id("sources")
    for words in ("MQTT 平湖市水利局", "已连接", "自动观测", "已入库 1 条", "拒收 1 条"):
        expect(shown).to_contain_text(words, timeout=20_000)
    broker.stop()
    until(lambda: not feed.state().connected)
    expect(shown).to_contain_text("未连接", timeout=20_000)
    expect(shown).to_contain_text(f"未连上 broker mqtt://127.0.0.1:{broker.port}")
    desk.close()
