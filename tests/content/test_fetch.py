"""Reading foreign addresses: capped, timed, never inward (reliability.md rows 18 and 19)."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Iterator

import pytest

from content import fetch
from content.errors import FetchError, PrivateAddress
from content.fetch import Fetcher
from tests.content.web import Web, body, bomb, endless, status

INWARD = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://localhost/",
    "http://localhost./",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[0:0:0:0:0:ffff:169.254.169.254]/",
    "http://10.0.0.1/",
    "http://10.255.255.255/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.0.1/",
    "http://100.64.0.1/",
    "http://100.127.255.254/",
    "http://168.63.129.16/",
    "http://192.0.0.192/",
    "http://192.0.0.1/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[fe80::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::169.254.169.254]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a9fe:a9fe::]/",
    "http://[2001::1]/",
    "http://[2001:db8::1]/",
    "http://[100::1]/",
    "https://127.0.0.1/",
    "https://[::1]:443/",
    "http://127.0.0.1:80/",
]
NO_ADDRESS = [
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "data:text/html,x",
    "ftp://127.0.0.1/",
    "javascript:alert(1)",
    "http://a@127.0.0.1/",
    "http://koivu.example@127.0.0.1/",
    "http://127.0.0.1\\@koivu.example/",
    "http://koivu.example#@127.0.0.1/\\",
    "http:///x",
    "//127.0.0.1/",
    "http://①②⑦.⓪.⓪.①/\x00",
    "http://[::1",
    "http://x:99999/",
    "",
    "   ",
    "http://" + "a" * 3000,
    "http://a\r\nHost: b/",
]


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as web:
        yield web


@pytest.fixture
def fetcher() -> Fetcher:
    """Loopback counts as public for it, so that the tests' own server can be reached."""
    return Fetcher(also_allow=["127.0.0.1/32"])


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every address that a socket is connected to."""
    made: list[object] = []
    original = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        made.append(address)
        original(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect)
    return made


@pytest.mark.parametrize("url", INWARD)
def test_inward_addresses_are_never_connected_to(url: str, connections: list[object]) -> None:
    with pytest.raises(FetchError):
        Fetcher().fetch(url)
    assert connections == []


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_web_address(url: str, connections: list[object]) -> None:
    with pytest.raises(FetchError):
        Fetcher().fetch(url)
    assert connections == []


def test_a_name_that_leads_inward(monkeypatch: pytest.MonkeyPatch, connections: list[object]) -> None:
    answers = iter(["93.184.216.34", "127.0.0.1"])

    def resolve(host: str, *_rest: object, **_more: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 0))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    next(answers)  # the resolver said something public before, and rebinds now
    with pytest.raises(PrivateAddress):
        Fetcher().fetch("http://rebinding.example/")
    assert connections == []


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/", "http://[::1]/", "http://10.0.0.1/", "file:///etc/passwd"]
)
@pytest.mark.parametrize("hops", range(5))
def test_every_hop_of_a_redirect_is_looked_at(web: Web, fetcher: Fetcher, target: str, hops: int) -> None:
    for hop in range(hops):
        web.pages[f"/{hop}"] = status(302, Location=f"/{hop + 1}")
    web.pages[f"/{hops}"] = status(302, Location=target)
    with pytest.raises(FetchError):
        fetcher.fetch(f"{web.url}/0")
    assert len(web.hits) == hops + 1


def test_reads_and_says_what_it_was(web: Web, fetcher: Fetcher) -> None:
    web.pages["/"] = body("sää".encode(), "text/plain; charset=utf-8", ETag='"1"', Last_Modified="Mon")
    found = fetcher.fetch(f"{web.url}/")
    assert (found.status, found.body.decode(), found.etag, found.last_modified) == (200, "sää", '"1"', "Mon")


def test_conditional_requests(web: Web, fetcher: Fetcher) -> None:
    web.pages["/"] = status(304)
    assert fetcher.fetch(f"{web.url}/", etag='"1"').status == 304


def test_packed_bodies_are_unpacked(web: Web, fetcher: Fetcher) -> None:
    web.pages["/"] = body(gzip.compress(b"hello"), Content_Encoding="gzip")
    assert fetcher.fetch(f"{web.url}/").body == b"hello"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (status(404), "it answered 404"),
        (status(302, Location="/"), "it redirects too often"),
        (endless(), "it is larger than 5 MB"),
        (bomb(), "it is larger than 5 MB"),
        (body(b"\x00" * 10, Content_Encoding="br"), "it is packed in a way we did not ask for"),
        (body(b"no gzip at all", Content_Encoding="gzip"), "it broke off (error)"),
    ],
    ids=["404", "loop", "endless", "bomb", "brotli", "corrupt"],
)
def test_faults_are_named_and_bounded(web: Web, fetcher: Fetcher, answer: object, reason: str) -> None:
    web.pages["/"] = answer  # type: ignore[assignment]
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(f"{web.url}/")
    assert str(caught.value) == reason


def test_one_byte_at_a_time_does_not_outlast_the_deadline(
    web: Web, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "MAX_SECONDS", 0.5)
    web.pages["/"] = endless(b"x", wait=0.05, most=200)
    started = time.monotonic()
    with pytest.raises(FetchError, match="too long"):
        fetcher.fetch(f"{web.url}/")
    assert time.monotonic() - started < 5
