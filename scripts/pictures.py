"""Take the pictures of the documents: the real desk and phone at the dangerous tide of In-Fa.

    python scripts/pictures.py [--data-dir var/pictures] [--out docs/images]

Replays the event up to the night of 25–26 July (minutes the first time), then photographs the
pages in Chromium.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

MOMENT = "2021-07-26T02:00:00+08:00"
PORT = 8765
DESK = f"http://127.0.0.1:{PORT}"
# who works from the phone
ON_FOOT = ("grid_worker", "crew", "volunteer", "village_officer")
UNDER_WAY = ("assigned", "delivered", "acknowledged", "en_route", "on_site")
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-quic"]


def sign_in_link(log: Path) -> str:
    """The one-time link that the server prints once it is ready."""
    for _ in range(600):
        found = re.search(rf"{DESK}/signin/\S+", log.read_text())
        if found:
            return found.group(0)
        time.sleep(0.5)
    raise SystemExit(f"the desk did not start; see {log}")


def hurry_to(page: Page, moment: str) -> None:
    """Let event time hurry to ``moment`` and stand still there, then show the desk.

    Meanwhile it is not drawn: without a graphics card that takes a whole processor.
    """
    page.goto("about:blank")
    headers = {"X-Anlan": "1"}
    page.request.post(f"{DESK}/api/v1/replay", data={"jump_to": moment}, headers=headers)
    while page.request.get(f"{DESK}/api/v1/clock").json()["replay"]["jump_to"]:
        time.sleep(1)
    page.request.post(f"{DESK}/api/v1/replay", data={"paused": True}, headers=headers)
    page.goto(DESK)


def window(browser: Browser, link: str, width: int, height: int) -> Page:
    """A signed-in page."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    page = context.new_page()
    page.goto(link)
    return page


def main() -> None:
    """Start a desk, go to the moment, photograph, stop the desk."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, default=Path("var/pictures"))
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    given = parser.parse_args()
    given.data_dir.mkdir(parents=True, exist_ok=True)
    given.out.mkdir(parents=True, exist_ok=True)
    log = given.data_dir.with_suffix(".log")
    anlan = Path(sys.executable).with_name("anlan")
    with log.open("w") as output:
        server = subprocess.Popen(
            [
                anlan,
                "replay",
                "cities/pinghu",
                "infa-2021",
                *("--speed", "60", "--port", str(PORT), "--data-dir", str(given.data_dir)),
            ],
            stderr=output,
            stdout=output,
        )
    try:
        with sync_playwright() as playwright:
            chromium = shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            page = window(browser, sign_in_link(log), 1920, 1080)
            hurry_to(page, MOMENT)
            page.wait_for_timeout(6000)
            page.screenshot(path=given.out / "desk.png")
            page.get_by_test_id("language-toggle").click()
            page.wait_for_timeout(1500)
            page.screenshot(path=given.out / "desk-en.png")
            tasks = page.request.get(f"{DESK}/api/v1/tasks").json()
            worker = next(
                t["assignee"]
                for t in tasks
                if t["role"] in ON_FOOT and t["assignee"] and t["state"] in UNDER_WAY
            )
            link = page.request.post(
                f"{DESK}/api/v1/accounts/{worker}/link", headers={"X-Anlan": "1"}
            ).json()["url"]
            phone = window(browser, link, 390, 844)
            phone.get_by_test_id("phone-tasks").click()
            phone.wait_for_timeout(2000)
            phone.screenshot(path=given.out / "phone.png")
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=30)


if __name__ == "__main__":
    main()
