"""A drill cannot reach a real outlet: by type, by clock, by store, whatever the city sets up."""

from __future__ import annotations

import inspect
import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from anlan import drill as drills
from anlan import warn
from anlan.access.vault import Vault
from anlan.city import City, load
from anlan.clock import RealClock, SteppedClock
from anlan.drill import Drill, Script, prepare
from anlan.drill.run import exercise_only
from anlan.refusal import Refusal
from anlan.service import drill_host
from anlan.store import Store
from anlan.warn.channels import (
    ActualMessage,
    FileOutlet,
    Handed,
    RealFileOutlet,
    RealOutlet,
    hand_over,
)
from tests.warn.channels.test_exercise import CONTACTS, TABLES

SECRETS = ("USER", "PASSWORD", "KEY", "SECRET", "ID", "TOKEN")


class Wire:
    """Counts whoever connects."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.server.getsockname()[1])
        self.count = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            self.count += 1
            connection.close()


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    yield made
    made.server.close()


@pytest.fixture
def cleared(talstadt: City, tmp_path: Path, wire: Wire) -> City:
    """Talstadt cleared for Actual alerts, with every kind of channel set up to the wire."""
    folder = tmp_path / "city"
    shutil.copytree(talstadt.folder, folder)
    settings = folder / "city.toml"
    text = settings.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^actual = .*\n", "", text).replace(
        "[sender]\n", "[sender]\nactual = true\n"
    )
    settings.write_text(text, encoding="utf-8")
    messages = warn.load_messages(talstadt)
    names = sorted({name for names in messages.channels.values() for name in names})
    kinds = [kind for kind in TABLES if kind not in ("aliyun_sms", "tencent_sms")]
    tables = [
        f'[{name}]\nkind = "{kind}"\n{TABLES[kind].replace("PORT", str(wire.port))}\n'
        for name, kind in zip(names, kinds, strict=False)
    ]
    (folder / "channels.toml").write_text("\n".join(tables), encoding="utf-8")
    assert CONTACTS
    return load(folder)


def test_a_whole_drill_of_a_cleared_city_touches_no_wire(
    cleared: City, script: Script, tmp_path: Path, wire: Wire
) -> None:
    assert cleared.settings["sender"]["actual"] is True
    store = Store(tmp_path / "drill", private=True)
    drill = prepare(cleared, script, store, SteppedClock(script.drill.start))
    drill.run()
    states = {path.name for path in (store.data_dir / "outbox").iterdir()}
    store.close()
    assert states, "its messages lie in files"
    assert wire.count == 0


@pytest.mark.parametrize("outlet", [RealFileOutlet, "both"])
def test_a_drill_refuses_any_outlet_that_reaches_people(
    cleared: City, script: Script, tmp_path: Path, outlet: object
) -> None:
    class Both(FileOutlet, RealOutlet):  # type: ignore[misc]
        """What claims to be of both kinds is of neither."""

        def transmit(self, messages: Sequence[ActualMessage]) -> list[Handed]:
            raise AssertionError("a message left")

    real = RealFileOutlet(tmp_path / "out") if outlet is RealFileOutlet else Both(tmp_path / "out")
    store = Store(tmp_path / "drill", private=True)
    with pytest.raises(Refusal) as refused:
        Drill(cleared, script, store, SteppedClock(script.drill.start), {"sms": real})
    store.close()
    assert refused.value.kind == "forbidden"


def test_a_live_desk_s_own_outlets_are_refused(
    cleared: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in warn.load_messages(cleared).channels.values():
        for channel in name:
            for secret in SECRETS:
                monkeypatch.setenv(f"ANLAN_CHANNEL_{channel.upper()}_{secret}", "x" * 32)
    store = Store(tmp_path / "live", private=True)
    outlets = warn.live_outlets(cleared, tmp_path / "out", store, RealClock(), Vault.of(store))
    store.close()
    assert any(isinstance(each, RealOutlet) for each in outlets.values())
    with pytest.raises(Refusal):
        exercise_only(outlets)


def test_a_drill_refuses_the_clock_on_the_wall(
    talstadt: City, script: Script, tmp_path: Path
) -> None:
    store = Store(tmp_path / "drill", private=True)
    with pytest.raises(Refusal) as refused:
        Drill(talstadt, script, store, RealClock(), {})  # type: ignore[arg-type]
    store.close()
    assert refused.value.field == "clock"


def test_an_actual_message_does_not_fit_a_drill_s_outlet(
    start: Callable[..., Drill],
) -> None:
    outlet = next(iter((start().chain.outlets or {}).values()))
    with pytest.raises(Refusal):
        hand_over(outlet, [ActualMessage("D1", "A1", 1, "sms", "P1", "撤离", 0)])


@pytest.mark.parametrize("kind", ["live", "replay"])
def test_a_drill_does_not_move_into_the_folder_of_a_desk(
    talstadt: City, script: Script, tmp_path: Path, kind: str
) -> None:
    store = Store(tmp_path / "desk", private=True)
    with store.transaction() as tx:
        store.dedicate(tx, kind)  # type: ignore[arg-type]
    with pytest.raises(Refusal, match="not a drill one"):
        prepare(talstadt, script, store, SteppedClock(script.drill.start))
    store.close()


def test_a_live_desk_does_not_move_into_the_folder_of_a_drill(start: Callable[..., Drill]) -> None:
    drill = start()
    with drill.store.transaction() as tx, pytest.raises(Refusal, match="not a live one"):
        drill.store.dedicate(tx, "live")


def test_a_drill_s_store_is_never_the_database_of_a_desk(
    talstadt: City, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANLAN_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/desk")
    store = Store(tmp_path / "drill", private=True)
    prepare(talstadt, script, store, SteppedClock(script.drill.start))
    assert (store.data_dir / "anlan.db").exists()
    store.close()
    for module in (drill_host, drills.run):
        assert "live_outlets" not in inspect.getsource(module)
