"""A short drill of Talstadt: a leak reported, an order, a post, a question; no water at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from anlan.city import City
from anlan.clock import SteppedClock
from anlan.drill import Drill, Script, prepare, read
from anlan.store import Store

SCRIPT = """
[drill]
id = "short"
name = "短演练"
name_en = "Short drill"
goal = "试验"
goal_en = "A test"
start = 2026-05-01T18:00:00+02:00
minutes = 60
source = "invented"

[actors]
by_hand = []
order_ack_min = 3
order_done_min = 10

[actors.people]
approve_min = 3
second_approve_min = 2
level_min = 4
report_depth_m = 0.15
report_share = 0.8
report_min = 25
[actors.people.telecom]
failed_share = 0.0
delivered_min = 0.5
longest_min = 5
[actors.people.answering.default]
read_share = 1.0
answer_share = 1.0
read_min = 2
answer_min = 1
[actors.people.crews]
silent_share = 0.0
late_share = 0.0
acknowledge_min = 2
travel_min = 5
work_min = 5
late_factor = 3
step_in_min = 5
verify_min = 4

[[background]]
series = "bruecke.river_level"
from_min = -60
every_min = 15
values = [4.9, 5.0, 5.1, 5.2]

[[inject]]
id = "rise"
at_min = 0
title = "上游来水"
title_en = "The river rises"
text = "上游暴雨，河水快速上涨。"
readings = [
  { series = "bruecke.river_level", every_min = 15, values = [5.7, 6.2, 6.6, 6.8, 6.9] },
]
expect = [
  { what = "alert", words = "发布预警", event = "river_level", colour = "yellow", within_min = 40 },
  { what = "level", words = "启动 IV 级", level = "IV", within_min = 50 },
]

[[inject]]
id = "leak"
at_min = 5
title = "堤脚渗水"
title_en = "A leak"
text = "市民来电。"
report = { by = "resident-1", territory = "990001002003", text = "堤脚渗水" }
expect = [
  { what = "report", words = "签收", reaches = "acknowledged", within_min = 20 },
  { what = "report", words = "一分钟内办完", reaches = "done", within_min = 1 },
]

[[inject]]
id = "ask"
at_min = 10
title = "来电"
title_en = "A call"
text = "市民询问。"
to = ["commander"]
question = { text = "怎么答复？", choices = ["撤离", "等待"], right = 0, within_min = 10 }

[[inject]]
id = "end"
at_min = 40
title = "交接"
title_en = "Hand over"
text = "换班。"
expect = [ { what = "handover", words = "签字", reaches = "signed", within_min = 15 } ]
"""


@pytest.fixture
def script(tmp_path: Path) -> Script:
    path = tmp_path / "short.toml"
    path.write_text(SCRIPT, encoding="utf-8")
    return read(path)


@pytest.fixture
def start(talstadt: City, script: Script, tmp_path: Path) -> Iterator[Callable[..., Drill]]:
    """A drill in the test's own folder; called again it goes on where it was left."""
    stores = []

    def make(**changes: object) -> Drill:
        store = Store(tmp_path / "drill", private=True)
        stores.append(store)
        own = script.model_copy(update=changes)
        return prepare(talstadt, own, store, SteppedClock(script.drill.start))

    yield make
    for store in stores:
        store.close()
