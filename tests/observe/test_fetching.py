"""URL fields: nobody can make the desk ask a private address, wait for ever or swallow too much."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.city import City
from anlan.observe import fetching
from anlan.observe.fetching import Rules, Unreached, judge
from anlan.observe.fetching.rules import is_public
from anlan.refusal import Refusal

HERE = Rules(networks=(ipaddress.ip_network("127.0.0.1"),))
Answer = Callable[[BaseHTTPRequestHandler], None]


class Served:
    """A server on a free port of this machine, and the paths that it was asked for."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, dict(self.headers.items())))
                answer(self)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing on standard error."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(answer: Answer) -> Iterator[Served]:
    served = Served(answer)
    thread = threading.Thread(target=served.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.server.shutdown()
        served.server.server_close()


def plain(body: bytes = b"level 3.2", **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def redirect(to: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", to)
        request.end_headers()

    return answer


def naming(*addresses: str) -> Rules:
    """Rules under which every name has these addresses."""
    return Rules(resolve=lambda _host, _port: addresses)


def test_an_answer_comes_with_its_headers_from_a_host_that_the_city_allows() -> None:
    with serving(plain(ETag='"7"')) as served:
        got = fetching.get(f"{served.url}/a?key=1", HERE, headers={"If-None-Match": '"6"'})
    assert (got.status, got.body, got.headers["etag"]) == (200, b"level 3.2", '"7"')
    (path, headers) = served.asked[0]
    assert (path, headers["Host"]) == ("/a?key=1", f"127.0.0.1:{served.port}")
    assert headers["If-None-Match"] == '"6"'


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",  # 127.0.0.1 as one number
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[fec0::1]",
        "[ff02::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::10.0.0.1]",
        "[2002:7f00:1::]",
        "[2001:0:4136:e378:8000:63bf:f5ff:fffe]",  # Teredo of 10.0.0.1
    ],
)
def test_an_address_that_is_not_public_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(Refusal, match="not an address of the public network") as refused:
        fetching.get(f"http://{host}/", Rules())
    assert refused.value.kind == "forbidden"
    assert "[fetch] allow" in (refused.value.remedy or "")


@pytest.mark.parametrize(
    "url", ["https://1.1.1.1/x", "http://[2606:4700::1111]/", "http://8.8.8.8"]
)
def test_a_public_address_is_allowed(url: str) -> None:
    assert judge(url, Rules())[2]


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_inside_ipv6_is_judged_as_itself(address: ipaddress.IPv4Address) -> None:
    for form in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert is_public(ipaddress.ip_address(form)) == is_public(address)
    if address.is_private:
        assert not is_public(address)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("file:///etc/passwd", "scheme 'file'"),
        ("gopher://a.example/", "scheme 'gopher'"),
        ("//a.example/", "scheme ''"),
        ("http:///x", "names no host"),
        ("http://a.example:99999/", "cannot be read"),
        ("http://[::1/", "cannot be read"),
        ("https://user:secret@a.example/", "holds a user name or password"),
    ],
)
def test_a_url_of_another_kind_is_refused_and_says_no_secret(url: str, words: str) -> None:
    with pytest.raises(Refusal) as refused:
        fetching.get(url, Rules())
    assert words in refused.value.message
    assert "secret" not in refused.value.message
    assert refused.value.kind == "forbidden"


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(Refusal, match=r"leads to 10\.0\.0\.1"):
        fetching.get("http://a.example/", naming("1.1.1.1", "10.0.0.1"))


def test_the_address_that_was_judged_is_the_one_that_is_asked() -> None:
    asked = []

    def turning(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]  # as a name server would that answers otherwise the next time

    with serving(plain()) as served:
        got = fetching.get(f"http://a.example:{served.port}/", replace(HERE, resolve=turning))
    assert got.body == b"level 3.2"
    assert asked == ["a.example"]
    assert served.asked[0][1]["Host"] == f"a.example:{served.port}"


def test_a_redirect_to_a_private_address_is_not_followed() -> None:
    with (
        serving(plain()) as inside,
        serving(redirect(f"http://localhost:{inside.port}/admin")) as outside,
    ):
        rules = replace(HERE, resolve=lambda h, _: ["::1"] if h == "localhost" else ["127.0.0.1"])
        with pytest.raises(Refusal, match="leads to ::1") as refused:
            fetching.get(outside.url, rules)
        assert refused.value.kind == "forbidden"
        assert len(outside.asked) == 1
        assert inside.asked == []


def test_a_redirect_keeps_keys_from_other_hosts_and_has_an_end() -> None:
    with serving(plain()) as second, serving(redirect(f"{second.url}/b")) as first:
        fetching.get(first.url, HERE, headers={"Authorization": "Bearer k"})
    assert "Authorization" in first.asked[0][1]
    assert "Authorization" not in second.asked[0][1]
    with serving(redirect("/again")) as circle:
        with pytest.raises(Unreached, match="redirects more than 5 times"):
            fetching.get(circle.url, HERE)
        assert len(circle.asked) == 6


def test_an_allowed_name_may_be_private_but_never_this_machine_or_a_clouds_door() -> None:
    rules = Rules(names=frozenset({"hydro.pinghu.lan"}))
    for address, allowed in (
        ("10.1.2.3", True),
        ("fd12::3", True),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("100.100.100.200", False),
        ("::ffff:127.0.0.1", False),
    ):
        here = replace(rules, resolve=lambda _h, _p, a=address: [a])  # type: ignore[misc]
        if allowed:
            assert judge("http://Hydro.Pinghu.LAN./x", here)[0] == "hydro.pinghu.lan"
        else:
            with pytest.raises(Refusal, match="leads to"):
                judge("http://hydro.pinghu.lan/x", here)


def dripping(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    for _ in range(100):
        request.wfile.write(b".")
        time.sleep(0.05)


def silent(request: BaseHTTPRequestHandler) -> None:
    time.sleep(1.0)


@pytest.mark.parametrize("answer", [dripping, silent])
def test_a_server_that_is_slow_is_left_in_time(answer: Answer) -> None:
    # who waited to the end would have the answer, or be told of a line that was cut
    with serving(answer) as served, pytest.raises(Unreached, match="took too long"):
        fetching.get(served.url, HERE, time_out_s=0.3)


def test_a_name_server_that_hangs_is_left_in_time() -> None:
    gone = threading.Event()

    def hang(_host: str, _port: int) -> list[str]:
        gone.wait(5)
        return []

    with pytest.raises(Unreached, match="took too long"):
        fetching.get("http://a.example/", Rules(resolve=hang), time_out_s=0.2)
    gone.set()


def endless(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    try:
        while True:
            request.wfile.write(b"x" * 65_536)
    except OSError:
        return


BOMB = gzip.compress(b"\0" * 50_000_000)


@pytest.mark.parametrize(
    "answer", [plain(b"x" * 2001), endless, plain(BOMB, Content_Encoding="gzip")]
)
def test_no_more_than_the_limit_is_taken(answer: Answer) -> None:
    with serving(answer) as served, pytest.raises(Unreached, match="sends more than 2000 bytes"):
        fetching.get(served.url, HERE, most_bytes=2000)


def test_a_packed_answer_is_unpacked() -> None:
    with serving(plain(gzip.compress(b"rain 12"), Content_Encoding="gzip")) as served:
        assert fetching.get(served.url, HERE).body == b"rain 12"


def short(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "100")
    request.end_headers()
    request.wfile.write(b"half")


def test_an_answer_that_is_cut_off_or_no_answer_at_all_is_worth_another_try() -> None:
    with serving(short) as served, pytest.raises(Unreached):
        fetching.get(served.url, HERE)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreached, match="cannot be reached"):
        fetching.get(f"http://127.0.0.1:{port}/?key=secret", HERE)


def test_an_error_tells_its_status_and_no_key() -> None:
    with (
        serving(lambda request: request.send_error(503)) as served,
        pytest.raises(Unreached) as late,
    ):
        fetching.get(f"{served.url}/?key=secret", HERE)
    assert late.value.status == 503
    assert "secret" not in late.value.message


def test_the_citys_own_list_is_read_and_checked(pinghu: City, tmp_path: Path) -> None:
    own = replace(pinghu, settings={"fetch": {"allow": ["Hydro.lan", "10.20.0.0/16"]}})
    rules = fetching.rules(own)
    assert rules.names == {"hydro.lan"}
    assert judge("http://10.20.3.4/", rules)
    assert fetching.rules(pinghu) == Rules()
    toml = tmp_path / "city.toml"
    for text in ('allow = "10.0.0.1"', 'allow = ["10.0.0.1/8"]', "allows = []", 'allow = ["a b"]'):
        toml.write_text(f"[fetch]\n{text}\n", encoding="utf-8")
        (fault,) = fetching.check(tmp_path)
        assert fault.file == "city.toml"
        assert fault.field.startswith("fetch.allow")
    toml.write_text('[fetch]\nallow = ["hydro.pinghu.lan"]\n', encoding="utf-8")
    assert fetching.check(tmp_path) == []
