"""`anlan simulate` from a terminal: the answer alone on standard output, clear endings."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import netCDF4
import pytest

from tests.simulation.ground import write_asc

COMMAND = [sys.executable, "-c", "from anlan.cli import main; main()", "simulate"]


@pytest.fixture
def basin(tmp_path: Path) -> Path:
    """Rain on a flat basin of 20 by 10 cells for ten minutes."""
    write_asc(tmp_path / "dem.asc", [[1.0] * 20] * 10)
    path = tmp_path / "basin.toml"
    path.write_text(
        '[simulation]\nname = "basin"\nduration = 600.0\n'
        '[terrain]\nelevation = "dem.asc"\n'
        "[rain]\nrate = 36.0\n"
    )
    return path


def simulate(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, words)], capture_output=True, text=True, check=False, timeout=120
    )


def test_standard_output_is_the_path_of_the_result(basin: Path) -> None:
    ended = simulate(basin, "-o", basin.parent / "out")

    assert (ended.returncode, ended.stdout) == (0, f"{basin.parent / 'out' / 'result.nc'}\n")
    assert "10:00 min simulated in" in ended.stderr


def test_json_is_the_summary(basin: Path) -> None:
    ended = simulate(basin, "-o", basin.parent / "out", "--json", "--quiet", "--threads", 1)

    summary = json.loads(ended.stdout)
    assert summary == json.loads((basin.parent / "out" / "summary.json").read_text())
    assert (summary["name"], summary["threads"]) == ("basin", 1)
    assert ended.stderr == ""


def test_explain_says_what_would_be_run_and_runs_nothing(basin: Path) -> None:
    ended = simulate(basin, "--explain", "--json")

    outlook = json.loads(ended.stdout)
    assert (outlook["columns"], outlook["rows"], outlook["cells"]) == (20, 10, 200)
    # nothing in the file stands in water: 1 m is assumed, 0.7 * 10 m / sqrt(g * 1 m) = 2.23 s
    assert outlook["step"] == pytest.approx(2.235, abs=0.001)
    assert outlook["steps"] == 269
    assert not outlook["depth_known"]
    assert outlook["features"] == ["rain"]
    assert outlook["memory_mb"] > 0.0
    assert outlook["wall_s"] > 0.0
    assert [path.name for path in basin.parent.iterdir()] != []
    assert not (basin.parent / "out").exists()


def test_explain_without_json_is_a_table(basin: Path) -> None:
    ended = simulate(basin, "--explain")

    assert ended.returncode == 0
    assert "20 columns × 10 rows of 10 m" in ended.stdout


def test_a_refusal_is_a_sentence_on_standard_error_and_code_2(basin: Path) -> None:
    basin.write_text(basin.read_text().replace("duration", "durations"))

    ended = simulate(basin, "-o", basin.parent / "out")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "[simulation] has no key durations; the nearest is duration" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_folder_with_other_files_is_refused_unless_forced(basin: Path) -> None:
    refused = simulate(basin, "-o", basin.parent)
    forced = simulate(basin, "-o", basin.parent, "--force")

    assert refused.returncode == 2
    assert "holds files and no former result; name another folder, or add --force" in (
        refused.stderr
    )
    assert forced.returncode == 0
    assert basin.exists()


def test_a_former_result_is_replaced_without_asking(basin: Path) -> None:
    first = simulate(basin, "-o", basin.parent / "out")
    second = simulate(basin, "-o", basin.parent / "out")

    assert (first.returncode, second.returncode) == (0, 0)


def test_a_missing_folder_option_is_refused(basin: Path) -> None:
    ended = simulate(basin)

    assert ended.returncode == 2
    assert "-o is missing; name a folder for the results, such as -o out" in ended.stderr


def test_ctrl_c_keeps_what_was_computed(basin: Path) -> None:
    basin.write_text(basin.read_text().replace("600.0", "1e9\noutput_interval = 6000.0"))
    out = basin.parent / "out"
    running = subprocess.Popen(
        [*COMMAND, str(basin), "-o", str(out), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    ends = time.monotonic() + 60.0
    while not (out / "result.nc").exists() and time.monotonic() < ends:
        time.sleep(0.05)
    time.sleep(0.5)

    running.send_signal(signal.SIGINT)
    answer, told = running.communicate(timeout=60)

    assert running.returncode == 130
    summary = json.loads(answer)
    assert not summary["finished"]
    assert 0.0 < summary["simulated_s"] < 1e9
    assert "cancelled at" in told
    with netCDF4.Dataset(out / "result.nc") as made:
        assert made["time"][-1] == summary["simulated_s"]


def test_a_terminal_shows_simulated_time_and_speed(basin: Path) -> None:
    lead, follow = pty.openpty()
    ended = subprocess.run(
        [*COMMAND, str(basin), "-o", str(basin.parent / "out")],
        stdout=subprocess.PIPE, stderr=follow, check=False, timeout=120,
        env=os.environ | {"COLUMNS": "100", "TERM": "xterm"},
    )  # fmt: skip
    os.close(follow)
    shown = b""
    while chunk := _read(lead):
        shown += chunk

    assert ended.returncode == 0
    text = shown.decode()
    assert "100%" in text
    assert "10:00 min" in text
    assert "× real time" in text


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other side is closed
        return b""
