"""DingTalk's work notices: to each person, signed in as an app of the organisation.

::

    [work_notice]
    kind = "dingtalk_notice"
    url = "https://oapi.dingtalk.com"   # another host where the city has its own
    agent_id = 153858650
    poll_s = 60                         # how often it is asked who has read
    # ANLAN_CHANNEL_<NAME>_APP_KEY and ANLAN_CHANNEL_<NAME>_APP_SECRET

People are addressed by their userid (kind ``dingtalk`` of ``contacts.csv``); those with the same
text are told in one call. Accepted means errcode 0 with a task; the task is asked later who could
not get the notice, who has it, and who has read it. DingTalk gives a person the same text once a
day, and takes 5,000 people a minute.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

from anlan.clock import Clock, RealClock
from anlan.observe.sources import Table
from anlan.refusal import Refusal
from anlan.warn.channels.channel import Channel, Common, Line, Setup
from anlan.warn.channels.dingtalk import BUSY, HOST, JSON
from anlan.warn.channels.outlet import ActualMessage, Handed, Outcome
from anlan.warn.channels.post import (
    Answer,
    Unanswered,
    Unsent,
    by_status,
    call,
    read_url,
    unclear,
    unreachable,
)
from anlan.warn.delivery import State

MOST_PEOPLE = 100  # of one call
LONGEST_BYTES = 2048  # of a message, as its documents say
TOKEN_MARGIN_S = 300.0
STALE = (40001, 40014, 42001, 88)  # the access token is no longer good
TOO_FAST = (90018, 90019, 130101)
ASKED_FOR = timedelta(hours=24)
RESULTS = {
    "failed_user_id_list": State.FAILED,
    "forbidden_user_id_list": State.FAILED,
    "invalid_user_id_list": State.FAILED,
    "unread_user_id_list": State.DELIVERED,
    "read_user_id_list": State.READ,
}
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """Which host, and as which app."""

    url: str
    agent_id: int
    poll_s: float


class Stale(Exception):  # noqa: N818  tokens grow old, which is no malfunction of ours
    """DingTalk did not let us in, or no longer does."""


class App:
    """Calls of an app that keeps its access token for as long as it holds."""

    def __init__(
        self, common: Common, own: Settings, secrets: Mapping[str, str], clock: Clock
    ) -> None:
        self._common, self._own, self._secrets, self._clock = common, own, secrets, clock
        self._lock = threading.Lock()
        self._token = ""
        self._good_until: datetime = clock.now()

    def token(self) -> str:
        """The access token. Raises `Stale` when none is given, `Unsent` when nobody answers."""
        with self._lock:
            now = self._clock.now()
            if self._token and now < self._good_until:
                return self._token
            key, secret = (quote_plus(self._secrets[name]) for name in ("app_key", "app_secret"))
            url = f"{self._own.url}/gettoken?appkey={key}&appsecret={secret}"
            try:
                answer = call(url, None, {}, self._common.time_out_s)
            except Unanswered as problem:
                raise Unsent(str(problem)) from problem  # of the message, nothing was sent
            found = answer.json() or {}
            token, lasts = found.get("access_token"), found.get("expires_in", 7200)
            if answer.status >= 500 or (found.get("errcode") == 0 and not isinstance(token, str)):
                raise Unsent(f"HTTP {answer.status}")
            if found.get("errcode") != 0:
                raise Stale(f"errcode {found.get('errcode')}")
            self._token = str(token)
            lasts = lasts if isinstance(lasts, int | float) else 7200
            self._good_until = now + timedelta(seconds=max(0.0, lasts - TOKEN_MARGIN_S))
            return self._token

    def ask(self, path: str, body: Mapping[str, object]) -> Answer:
        """POST to the API; a token that has grown old is replaced once.

        Raises:
            Stale, Unsent, Unanswered: as `token` and `call`.
        """
        octets = json.dumps(body, ensure_ascii=False).encode()
        answer = Answer(0, {}, b"")
        for _ in range(2):
            url = f"{self._own.url}{path}?access_token={quote_plus(self.token())}"
            answer = call(url, octets, JSON, self._common.time_out_s)
            if (answer.json() or {}).get("errcode") not in STALE:
                return answer
            with self._lock:
                self._token = ""
        return answer


class Notices(Line):
    """Notices to people, and the question what became of them."""

    address = "dingtalk"

    def __init__(self, setup: Setup[Settings]) -> None:
        super().__init__(setup.common, setup.book, setup.clock)
        self._own, self._inbox = setup.settings, setup.inbox
        self.app = App(setup.common, setup.settings, setup.secrets, setup.clock)
        self._ending = threading.Event()
        self._asker = threading.Thread(target=self._ask_on, name="work-notice", daemon=True)

    def start(self) -> None:
        """Begin to ask what became of notices."""
        self._asker.start()

    def stop(self) -> None:
        """End it."""
        self._ending.set()
        if self._asker.is_alive():
            self._asker.join(timeout=self.common.time_out_s)

    def let_out(self, messages: Sequence[tuple[ActualMessage, str]]) -> list[Handed]:
        """One call for each text, of `MOST_PEOPLE` at most."""
        handed: dict[str, Handed] = {}
        for group in by_text(messages):
            handed |= self._call(group)
        return [handed[message.key] for message, _ in messages]

    def _call(self, group: Sequence[tuple[ActualMessage, str]]) -> dict[str, Handed]:
        text = group[0][0].body
        if len(text.encode()) > LONGEST_BYTES - 100:
            return _all(group, Handed(Outcome.REFUSED, reason="longer than 2048 bytes"))
        body = {
            "agent_id": self._own.agent_id,
            "userid_list": ",".join(user for _, user in group),
            "msg": {"msgtype": "text", "text": {"content": text}},
        }
        try:
            answer = self.app.ask("/topapi/message/corpconversation/asyncsend_v2", body)
        except Stale as problem:
            return _all(group, Handed(Outcome.DEFERRED, reason=f"not let in: {problem}"))
        except Unsent:
            return _all(group, Handed(Outcome.DEFERRED, reason="no connection"))
        except Unanswered:
            return _all(group, Handed(Outcome.UNKNOWN, reason="no answer"))
        failed = by_status(answer) or _said(answer)
        if failed is not None:
            return _all(group, failed)
        task = (answer.json() or {}).get("task_id")
        return {
            message.key: Handed(
                Outcome.ACCEPTED,
                (f"{task}/{self.book.key(user)}",),
                address_key=self.book.key(user),
            )
            for message, user in group
        }

    def _ask_on(self) -> None:
        while not self._ending.wait(self._own.poll_s):
            try:
                self.ask_results()
            except (Stale, Unsent, Unanswered) as problem:
                log.warning("%s: no results (%s)", self.common.name, type(problem).__name__)
            except Exception as problem:
                log.error("%s: results not kept: %s", self.common.name, type(problem).__name__)

    def ask_results(self) -> None:
        """Ask what became of each task of the last day that is still open."""
        since = self.clock.now() - ASKED_FOR
        names = self._inbox.open_references(self.common.name, since)
        for task in dict.fromkeys(name.partition("/")[0] for name in names):
            if self._ending.is_set():
                return
            body = {"agent_id": self._own.agent_id, "task_id": int(task)}
            answer = self.app.ask("/topapi/message/corpconversation/getsendresult", body)
            result = (answer.json() or {}).get("send_result")
            if not isinstance(result, dict):
                continue
            for user, state in _results(result):
                self._inbox.receipt(self.common.name, f"{task}/{self.book.key(user)}", state)


def _results(result: Mapping[str, Any]) -> Iterator[tuple[str, State]]:
    for name, state in RESULTS.items():
        users = result.get(name)
        for user in users if isinstance(users, list) else ():
            yield str(user), state


def by_text(
    messages: Sequence[tuple[ActualMessage, str]],
) -> list[list[tuple[ActualMessage, str]]]:
    """The messages of one text together, `MOST_PEOPLE` at most."""
    groups: dict[str, list[list[tuple[ActualMessage, str]]]] = {}
    for message, user in messages:
        known = groups.setdefault(message.body, [[]])
        if len(known[-1]) == MOST_PEOPLE:
            known.append([])
        known[-1].append((message, user))
    return [group for known in groups.values() for group in known]


def _all(group: Sequence[tuple[ActualMessage, str]], handed: Handed) -> dict[str, Handed]:
    return {message.key: handed for message, _ in group}


def _said(answer: Answer) -> Handed | None:
    """What an answer says that took nothing; None for one that took it."""
    found = answer.json() or {}
    code = found.get("errcode")
    if not isinstance(code, int) or isinstance(code, bool):
        return unclear(answer)
    if code == 0:
        return None if isinstance(found.get("task_id"), int) else unclear(answer)
    if code == BUSY or code in TOO_FAST or code in STALE:
        return Handed(Outcome.DEFERRED, reason=f"DingTalk {code}")
    return Handed(Outcome.REFUSED, reason=f"DingTalk {code}")


class DingTalkNotice(Channel[Settings]):
    """Notices to people."""

    kind = "dingtalk_notice"
    title = "钉钉工作通知 DingTalk work notice"
    address = "dingtalk"
    longest = 2000
    per_minute = 1000.0
    granted = 5000.0
    secrets = ("app_key", "app_secret")
    receipts = "delivered, read or failed, asked for each task for a day"

    def read(self, table: Table) -> Settings:
        """Which host, and as which app."""
        table.known("url", "agent_id", "poll_s")
        return Settings(
            read_url(table, "url", HOST),
            table.whole("agent_id", "the app's number", low=1, high=2**53),
            table.positive("poll_s", 60.0),
        )

    def open(self, setup: Setup[Settings]) -> Line:
        """The line to people."""
        return Notices(setup)

    def probe(self, common: Common, settings: Settings, secrets: Mapping[str, str]) -> str:
        """Ask for an access token."""
        try:
            App(common, settings, secrets, RealClock()).token()
        except Unsent as problem:
            raise unreachable(common, settings.url, problem) from problem
        except Stale as problem:
            raise Refusal(
                f"channels.toml: {common.name}: {settings.url} does not let the app in "
                f"({problem}); check app key and secret",
                field="app_key",
                remedy="the key and secret of the app",
            ) from problem
        return f"{settings.url} lets the app in"


DINGTALK_NOTICE = DingTalkNotice()
