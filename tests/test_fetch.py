"""The client against real servers on loopback that answer as the worst ones do."""

import gzip
import ipaddress
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import requests
import urllib3

from hub.errors import FetchError, ForbiddenAddress
from hub.fetch import LONGEST_WAIT, Client, backoff, content_type, encoding_of, is_inside, retry_after
from tests.servers import need
from tests.servers.loopback import Answer, Question, Server, serving

AGENT = "coped-hub-tests/1"


def client(server: Server | None = None, **more: object) -> Client:
    return Client(AGENT, allowed_hosts=[server.host] if server else [], **{"retries": 0, **more})  # type: ignore[arg-type]


# The way in


def test_an_answer_says_where_what_and_how_it_is_written() -> None:
    with serving(lambda q: Answer("élan".encode("latin-1"), media_type="Text/HTML; Charset=ISO-8859-1")) as server:
        answer = client(server).get(f"{server.url}/a", params={"q": "å"}, headers={"Accept": "text/html"})
    assert (answer.url, answer.status) == (f"{server.url}/a?q=%C3%A5", 200)
    assert (answer.media_type, answer.charset, answer.text) == ("text/html", "iso-8859-1", "élan")
    assert answer.headers["content-length"] == "4"
    assert server.asked[0].headers["user-agent"] == AGENT
    assert server.asked[0].headers["accept"] == "text/html"


def test_a_declared_charset_that_does_not_fit_is_not_believed() -> None:
    with serving(lambda q: Answer("Zürich".encode("latin-1"), media_type="application/json; charset=utf-8")) as server:
        assert client(server).get(server.url).text == "Zürich"
        assert client(server).session.get(server.url).text == "Zürich"


@pytest.mark.parametrize(
    ("body", "declared", "expected"),
    [
        (b"\xef\xbb\xbfa", None, "utf-8-sig"),
        (b"\xef\xbb\xbfa", "UTF-8", "utf-8-sig"),
        ("é".encode(), None, "utf-8-sig"),
        (b"\xe9", None, "cp1252"),
        (b"\xe9", "iso-8859-2", "iso-8859-2"),
        (b"\xe9", "no-such-charset", "cp1252"),
        ("Zürich, Genève".encode() + b"\xff", "utf-8", "utf-8-sig"),  # one broken letter in UTF-8
        ("Zürich, Genève".encode("latin-1"), "utf-8", "cp1252"),
    ],
)
def test_the_encoding_of_a_body(body: bytes, declared: str | None, expected: str) -> None:
    assert encoding_of(body, declared) == expected


def test_content_types_that_are_missing_or_broken() -> None:
    assert content_type(None) == ("", None)
    assert content_type("nonsense") == ("text/plain", None)
    assert content_type("text/turtle;charset=utf-8") == ("text/turtle", "utf-8")


def test_a_conditional_get_knows_what_did_not_change() -> None:
    def answer(q: Question) -> Answer:
        known = q.headers.get("if-none-match") == '"7"' or "if-modified-since" in q.headers
        return Answer(b"", 304) if known else Answer("new", headers={"ETag": '"7"'})

    with serving(answer) as server:
        ours = client(server)
        first = ours.get(server.url)
        again = ours.get(server.url, headers={"If-None-Match": first.headers["etag"]})
        dated = ours.get(server.url, headers={"If-Modified-Since": "Tue, 24 Nov 2026 10:00:00 GMT"})
    assert (first.status, again.status, dated.status) == (200, 304, 304)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_is_told_with_its_address_and_asked_once(status: int) -> None:
    with serving(lambda q: Answer("no", status)) as server:
        with pytest.raises(FetchError, match=f"{server.host}/x: answered {status}"):
            client(server, retries=3).get(f"{server.url}/x")
        assert len(server.asked) == 1


def test_an_address_is_told_without_its_password() -> None:
    with serving(lambda q: Answer("no", 404)) as server, pytest.raises(FetchError) as told:
        client(server).get(server.url.replace("http://", "http://anna:secret@"))
    assert "secret" not in str(told.value)


# The guard


@pytest.mark.parametrize(
    "url",
    ["http://localhost:{port}/", "http://127.0.0.1:{port}/", "http://2130706433:{port}/", "http://0x7f.1:{port}/"],
)
def test_nothing_inside_is_asked(url: str) -> None:
    with serving(lambda q: Answer("secret")) as server:
        with pytest.raises(ForbiddenAddress, match="HUB_ALLOWED_HOSTS"):
            client().get(url.format(port=server.host.partition(":")[2]))
        assert server.asked == []


def test_a_redirect_to_the_inside_is_not_followed() -> None:
    with (
        serving(lambda q: Answer("secret")) as inside,
        serving(lambda q: Answer(status=302, headers={"Location": f"{inside.url}/admin"})) as source,
    ):
        with pytest.raises(ForbiddenAddress, match=f"{inside.host}/admin"):
            client(source).get(source.url)
        assert (len(source.asked), inside.asked) == (1, [])


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.org/x", "gopher://127.0.0.1/"])
def test_only_http_and_https_are_fetched(target: str) -> None:
    with pytest.raises(ForbiddenAddress, match="only http and https"):
        client().get(target)
    with (
        serving(lambda q: Answer(status=302, headers={"Location": target})) as server,
        pytest.raises(ForbiddenAddress, match="only http and https"),
    ):
        client(server).get(server.url)


def resolver(*answers: str) -> Callable[..., list[object]]:
    """A name server that answers otherwise each time, as a rebinding one does; stays at its last answer."""
    left = list(answers)

    def getaddrinfo(host: str, port: int, *_: object, **__: object) -> list[object]:
        address = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    return getaddrinfo


def test_a_name_that_changes_its_address_leads_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer is the one checked and the one connected to; were the name asked again, it would lead inside."""
    connected: list[object] = []
    with serving(lambda q: Answer("secret")) as server:
        port = int(server.host.partition(":")[2])
        monkeypatch.setattr(socket, "getaddrinfo", resolver("203.0.114.9", "127.0.0.1"))

        def connect(self: socket.socket, address: object) -> None:
            connected.append(address)
            raise ConnectionRefusedError("the network of this test ends here")

        monkeypatch.setattr(socket.socket, "connect", connect)
        with pytest.raises(FetchError) as told:
            client().get(f"http://rebinding.example:{port}/")
        assert not isinstance(told.value, ForbiddenAddress)
        assert connected == [("203.0.114.9", port)]
        assert server.asked == []


def test_a_name_that_leads_inside_the_second_time_is_refused_then(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda q: Answer("secret")) as server:
        monkeypatch.setattr(socket, "getaddrinfo", resolver("127.0.0.1"))
        with pytest.raises(ForbiddenAddress, match=r"rebinding.example leads to 127\.0\.0\.1"):
            client().get(f"http://rebinding.example:{server.host.partition(':')[2]}/")
        assert server.asked == []


def test_one_address_inside_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(ForbiddenAddress, match=r"10\.0\.0\.1"):
        client().get("http://mixed.example/")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200", "0.0.0.0",
        "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "168.63.129.16", "192.0.2.1", "198.18.0.1",
        "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
        "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2001:db8::1", "fec0::1",
    ],
)  # fmt: skip
def test_addresses_inside(address: str) -> None:
    assert is_inside(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_outside(address: str) -> None:
    assert not is_inside(ipaddress.ip_address(address))


@pytest.mark.parametrize("entry", ["127.0.0.1", "127.0.0.1:{port}", " LOCALHOST "])
def test_a_host_that_was_allowed_may_lie_inside(entry: str) -> None:
    with serving(lambda q: Answer("ours")) as server:
        port = server.host.partition(":")[2]
        ours = Client(AGENT, allowed_hosts=[entry.format(port=port)], retries=0)
        host = "localhost" if "LOCAL" in entry else "127.0.0.1"
        assert ours.get(f"http://{host}:{port}/").text == "ours"


def test_an_allowed_port_allows_no_other() -> None:
    with (
        serving(lambda q: Answer("a")) as one,
        serving(lambda q: Answer("b")) as other,
        pytest.raises(ForbiddenAddress),
    ):
        client(one).get(other.url)


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda q: Answer("by the proxy")) as proxy, serving(lambda q: Answer("direct")) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert client(server).get(server.url).text == "direct"
        assert client(server).session.get(server.url, proxies={"http": proxy.url}).text == "direct"
        assert proxy.asked == []


def test_the_session_for_other_libraries_is_guarded_alike() -> None:
    with serving(lambda q: Answer("x" * 100)) as server:
        with pytest.raises(ForbiddenAddress):
            client().session.post(server.url, data={})
        with pytest.raises(FetchError, match="larger than 99"):
            client(server, max_bytes=99).session.get(server.url, stream=True)
        assert client(server, max_bytes=100).session.post(server.url, data={"a": "b"}).text == "x" * 100
        assert server.asked[-1].body == b"a=b"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that only those trust who are told so, its key in the same file."""
    need(shutil.which("openssl") is not None, "The program openssl is missing: apt-get install openssl")
    folder = tmp_path_factory.mktemp("certificate")
    subject = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    command = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject)
    subprocess.run([*command, "-keyout", folder / "key", "-out", folder / "crt"], check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_text((folder / "key").read_text() + (folder / "crt").read_text())
    return both


def test_a_secure_connection_is_guarded_and_checked(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(lambda q: Answer("sealed"), context) as server:
        with pytest.raises(ForbiddenAddress):
            client().get(server.url)
        with pytest.raises(FetchError, match="no secure connection"):
            client(server, retries=3).get(server.url)
        trusting = client(server)
        trusting.session.verify = str(certificate)
        assert trusting.get(server.url).text == "sealed"


def test_a_secure_answer_that_drips_ends_with_its_time(certificate: Path) -> None:
    context, ended = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), threading.Event()
    context.load_cert_chain(certificate)

    def drip(q: Question) -> None:
        q.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while not ended.wait(0.05):
            q.send(b"x")

    with serving(drip, context) as server:
        slow = client(server, max_seconds=0.6)
        slow.session.verify = str(certificate)
        try:
            with pytest.raises(FetchError, match=r"longer than 0\.6 seconds"):
                slow.get(server.url)
        finally:
            ended.set()


# Redirects


def test_five_redirects_are_followed_and_not_six() -> None:
    def answer(q: Question) -> Answer:
        left = int(q.path.strip("/"))
        return Answer(status=301, headers={"Location": f"/{left - 1}"}) if left else Answer("arrived")

    with serving(answer) as server:
        arrived = client(server).get(f"{server.url}/5")
        assert (arrived.text, arrived.url) == ("arrived", f"{server.url}/0")
        with pytest.raises(FetchError, match="more than 5 times"):
            client(server).get(f"{server.url}/6")


@pytest.mark.parametrize("location", ["http://[half/", "http://", "//"])
def test_a_redirect_to_no_address_is_a_fetch_error(location: str) -> None:
    with serving(lambda q: Answer(status=302, headers={"Location": location})) as server, pytest.raises(FetchError):
        client(server).get(server.url)


@pytest.mark.parametrize("url", ["", "nowhere", "http://", "http://[half/", "http://a b/", "http://" + "a" * 70 + "/"])
def test_what_is_no_address_is_a_fetch_error(url: str) -> None:
    with pytest.raises(FetchError):
        client().get(url)


# Limits


def test_an_answer_that_says_it_is_too_large_is_not_read() -> None:
    with serving(lambda q: Answer("x" * 1001)) as server:
        with pytest.raises(FetchError, match="larger than 1000 bytes"):
            client(server, max_bytes=1000).get(server.url)
        assert client(server, max_bytes=1001).get(server.url).body == b"x" * 1001


def test_an_answer_of_unsaid_length_is_cut_at_the_limit() -> None:
    def endless(q: Question) -> None:
        q.send(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(10_000):
            q.send(b"x" * 10_000)

    with serving(endless) as server, pytest.raises(FetchError, match="larger than 50000 bytes"):
        client(server, max_bytes=50_000).get(server.url)


@pytest.mark.parametrize("layers", [1, 2])
def test_a_compression_bomb_is_refused_by_what_it_unpacks_to(layers: int) -> None:
    bomb = b"\0" * 50_000_000
    for _ in range(layers):
        bomb = gzip.compress(bomb)
    assert len(bomb) < 100_000
    headers = {"Content-Encoding": ", ".join(["gzip"] * layers)}
    with (
        serving(lambda q: Answer(bomb, headers=headers)) as server,
        pytest.raises(FetchError, match="larger than 100000 bytes"),
    ):
        client(server, max_bytes=100_000).get(server.url)


def test_a_compressed_answer_is_unpacked_whole() -> None:
    body = b"".join(str(n).encode() for n in range(100_000))
    headers = {"Content-Encoding": "gzip"}
    with serving(lambda q: Answer(gzip.compress(body), headers=headers)) as server:
        assert client(server).get(server.url).body == body
        assert client(server).session.get(server.url).content == body


def test_broken_compression_is_a_fetch_error() -> None:
    with (
        serving(lambda q: Answer("no gzip", headers={"Content-Encoding": "gzip"})) as server,
        pytest.raises(FetchError, match="compression"),
    ):
        client(server).get(server.url)


@pytest.mark.parametrize(
    "begin",
    [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "],
)
def test_an_answer_that_drips_ends_with_its_time(begin: bytes) -> None:
    """No pause is as long as the read timeout, in the body or in the headers; only the whole takes too long."""
    ended = threading.Event()

    def drip(q: Question) -> None:
        q.send(begin)
        while not ended.wait(0.05):
            q.send(b"x")

    with serving(drip) as server:
        try:
            with pytest.raises(FetchError, match=r"longer than 0\.4 seconds"):
                client(server, max_seconds=0.4, retries=3).get(server.url)
            assert len(server.asked) == 1
        finally:
            ended.set()


def test_a_server_that_says_nothing_is_given_up() -> None:
    ended = threading.Event()
    with serving(lambda q: Answer("late") if ended.wait(20) else None) as server:
        try:
            with pytest.raises(FetchError, match="timed out"):
                client(server, timeout=(1, 0.2)).get(server.url)
        finally:
            ended.set()


# Patience


def busy(times: int, status: int = 429, **headers: str) -> Callable[[Question], Answer]:
    left = [times]

    def answer(q: Question) -> Answer:
        left[0] -= 1
        return Answer("busy", status, headers) if left[0] >= 0 else Answer("at last")

    return answer


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(status: int) -> None:
    with serving(busy(2, status, **{"Retry-After": "0"})) as server:
        assert client(server, retries=2).get(server.url).text == "at last"
        assert len(server.asked) == 3


def test_patience_ends() -> None:
    with serving(busy(9, 503, **{"Retry-After": "0"})) as server:
        with pytest.raises(FetchError, match="answered 503"):
            client(server, retries=2).get(server.url)
        assert len(server.asked) == 3


def test_a_connection_that_breaks_is_tried_again() -> None:
    def answer(q: Question) -> Answer | None:
        if len(server.asked) > 1:
            return Answer("whole")
        q.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        return None

    with serving(answer) as server:
        assert client(server, retries=1).get(server.url).text == "whole"
        assert len(server.asked) == 2


@pytest.mark.parametrize("begin", [b"Content-Length: 100\r\n\r\nhalf", b"Transfer-Encoding: chunked\r\n\r\n9\r\nhalf"])
def test_half_an_answer_is_no_answer(begin: bytes) -> None:
    with serving(lambda q: q.send(b"HTTP/1.1 200 OK\r\n" + begin)) as server, pytest.raises(FetchError):
        client(server).get(server.url)


def test_what_is_no_http_is_a_fetch_error() -> None:
    with (
        serving(lambda q: q.send(b"220 mail.example ESMTP\r\n")) as server,
        pytest.raises(FetchError, match=server.host),
    ):
        client(server).get(server.url)


def test_a_port_that_nobody_listens_at_is_a_fetch_error() -> None:
    with serving(lambda q: None) as server:
        pass
    with pytest.raises(FetchError, match="refused"):
        client(server).get(server.url)


def test_how_long_a_server_asks_to_wait() -> None:
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert retry_after("7") == 7
    assert 20 < (retry_after(in_a_minute) or 0) <= 30
    assert retry_after("Tue, 24 Nov 2020 10:00:00 GMT") == 0
    assert retry_after("86400") == LONGEST_WAIT
    assert retry_after(None) is retry_after("soon") is retry_after("") is None


def test_waiting_doubles_and_ends() -> None:
    assert all(0.5 * 2**n <= backoff(n) <= 0.75 * 2**n for n in range(6))
    assert backoff(50) == LONGEST_WAIT


def test_a_rate_spaces_the_requests_to_one_host() -> None:
    """Two hosts share no turn: each is asked at once, and only the second request of one waits."""
    with serving(lambda q: Answer()) as one, serving(lambda q: Answer()) as other:
        slow = Client(AGENT, allowed_hosts=["127.0.0.1"], rate=0.15, retries=0)
        adapter = slow.session.get_adapter(one.url)
        slow.get(one.url)
        turns: dict[str, float] = adapter._turn  # type: ignore[attr-defined]
        next_one = turns[one.host]
        slow.get(other.url)
        assert set(turns) == {one.host, other.host} and turns[one.host] == next_one
        slow.get(one.url)
        assert time.monotonic() >= next_one and turns[one.host] >= next_one + 0.15


def test_the_libraries_are_the_ones_that_the_guard_was_written_for() -> None:
    """The guard replaces a connection's `_new_conn`: should a release call it otherwise, this says so first."""
    assert hasattr(urllib3.connection.HTTPConnection, "_new_conn")
    assert isinstance(client().session, requests.Session)
