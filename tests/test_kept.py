"""Conditional GET against a real server: what did not change is not sent again, and nobody but the client notices."""

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from hub.fetch import Client
from hub.fetch.kept import BELIEVED, KeptAnswers
from tests.command import hub, portal_environment
from tests.portal import open_portal, package
from tests.servers.loopback import Answer, Question, Server, serving

AGENT = "coped-hub-tests/1"
PAGE = "une page qui ne change guère " * 1000


@dataclass
class Site:
    """Pages with an ETag each, as a careful server has them; counts the bytes of bodies that it sent."""

    pages: dict[str, str] = field(default_factory=lambda: {"/": PAGE})
    headers: dict[str, str] = field(default_factory=dict)
    dated: bool = False  # Last-Modified in place of ETag
    sent: int = 0
    server: Server = field(init=False)

    def answer(self, q: Question) -> Answer:
        body = self.pages[q.path]
        tag, date = f'"{sha256(body.encode()).hexdigest()}"', formatdate(len(body), usegmt=True)
        validator = {"Last-Modified": date} if self.dated else {"ETag": tag}
        if q.headers.get("if-none-match") == tag or q.headers.get("if-modified-since") == date:
            return Answer(b"", 304, {"Content-Type": "", "Content-Length": "", **validator})
        self.sent += len(body.encode())
        return Answer(body, headers={**validator, **self.headers})


@contextmanager
def site(**more: Any) -> Iterator[Site]:
    opened = Site(**more)
    with serving(opened.answer) as server:
        opened.server = server
        yield opened


def client(opened: Site, folder: Path | None) -> Client:
    return Client(AGENT, allowed_hosts=[opened.server.host], retries=0, kept_in=folder)


def read(opened: Site, folder: Path | None, path: str = "/", **headers: str) -> str:
    """What a new client gets, as in a run of its own."""
    answer = client(opened, folder).get(f"{opened.server.url}{path}", headers=headers)
    assert answer.status == 200
    return answer.text


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


# What is kept


@pytest.mark.parametrize("dated", [False, True])
def test_what_did_not_change_is_sent_once(tmp_path: Path, dated: bool) -> None:
    with site(dated=dated) as opened:
        assert [read(opened, tmp_path) for _ in range(3)] == [PAGE] * 3
        assert opened.sent == len(PAGE.encode())
        assert len(opened.server.asked) == 3  # asked each time: nothing is served without the server's word
        opened.pages["/"] = "une autre"
        assert [read(opened, tmp_path) for _ in range(2)] == ["une autre"] * 2
        assert opened.sent == len((PAGE + "une autre").encode())
    assert len(files(tmp_path)) == 1


def test_without_a_folder_all_is_sent_again() -> None:
    with site() as opened:
        assert [read(opened, None) for _ in range(2)] == [PAGE] * 2
        assert opened.sent == 2 * len(PAGE.encode())


def test_the_answer_is_the_same_whether_sent_or_kept(tmp_path: Path) -> None:
    link = {"Link": "</2>; rel=next", "Content-Type": "text/html; charset=ISO-8859-1", "Set-Cookie": "secret=1"}
    with site(pages={"/": "abc"}, headers=link) as opened:
        sent, kept = (client(opened, tmp_path).get(opened.server.url) for _ in range(2))
    assert opened.sent == 3
    assert (sent.body, sent.media_type, sent.charset, sent.url, sent.status) == (
        *(kept.body, kept.media_type, kept.charset, kept.url, kept.status),
    )
    assert sent.headers["link"] == kept.headers["link"] == kept.headers["LINK"]
    assert "set-cookie" not in kept.headers
    assert b"secret" not in b"".join(gzip.decompress(file.read_bytes()) for file in files(tmp_path))


def test_the_session_for_other_libraries_keeps_alike(tmp_path: Path) -> None:
    with site() as opened:
        answers = [client(opened, tmp_path).session.get(opened.server.url) for _ in range(2)]
    assert [(a.status_code, a.text, a.ok) for a in answers] == [(200, PAGE, True)] * 2
    assert opened.sent == len(PAGE.encode())


def test_compressed_answers_are_kept_unpacked(tmp_path: Path) -> None:
    def answer(q: Question) -> Answer:
        if q.headers.get("if-none-match") == 'W/"1"':
            return Answer(b"", 304)
        return Answer(gzip.compress(PAGE.encode()), headers={"Content-Encoding": "gzip", "ETag": 'W/"1"'})

    with serving(answer) as server:
        texts = [Client(AGENT, [server.host], retries=0, kept_in=tmp_path).get(server.url).text for _ in range(2)]
    assert texts == [PAGE] * 2
    assert "if-none-match" in server.asked[1].headers


def test_conditions_do_not_follow_a_redirect(tmp_path: Path) -> None:
    """The page behind a redirect has its own validator."""
    moved = [False]

    def answer(q: Question) -> Answer:
        if q.path == "/" and moved[0]:
            return Answer(status=302, headers={"Location": "/new"})
        return Answer(q.path, headers={"ETag": f'"{q.path}"'})

    with serving(answer) as server:
        for told in ("/", "/new", "/new"):
            assert Client(AGENT, [server.host], retries=0, kept_in=tmp_path).get(server.url).text == told
            moved[0] = True
        assert [q.headers.get("if-none-match") for q in server.asked] == [None, '"/"', None, '"/"', '"/new"']


# What is not


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache-Control": "no-store"}, {"Cache-Control": "private, No-Store"}, {"Vary": "*"},
        {"Vary": "Accept, Cookie"}, {"ETag": ""}, {"ETag": '"a\x01b"'}, {"ETag": '"' + "x" * 2000 + '"'},
    ],
)  # fmt: skip
def test_what_may_not_or_cannot_be_kept(tmp_path: Path, headers: dict[str, str]) -> None:
    with site(headers=headers) as opened:
        assert [read(opened, tmp_path) for _ in range(2)] == [PAGE] * 2
        assert opened.sent == 2 * len(PAGE.encode())
    assert files(tmp_path) == []


def test_an_answer_that_may_no_longer_be_kept_goes(tmp_path: Path) -> None:
    with site() as opened:
        read(opened, tmp_path)
        opened.pages["/"], opened.headers = "changed", {"Cache-Control": "no-store"}
        assert read(opened, tmp_path) == "changed"
    assert files(tmp_path) == []


def test_a_body_that_may_be_cut_is_not_kept(tmp_path: Path) -> None:
    """Without a length nobody knows whether the connection ended early; half a page would be confirmed ever on."""
    with serving(lambda q: q.send(b'HTTP/1.0 200 OK\r\nETag: "1"\r\n\r\nhalf')) as server:
        assert Client(AGENT, [server.host], retries=0, kept_in=tmp_path).get(server.url).text == "half"
    assert files(tmp_path) == []


def test_failures_and_posts_are_not_kept(tmp_path: Path) -> None:
    with serving(lambda q: Answer("no", 404, {"ETag": '"1"'})) as server:
        session = Client(AGENT, [server.host], retries=0, kept_in=tmp_path).session
        assert session.get(server.url).status_code == 404
    with serving(lambda q: Answer("found", headers={"ETag": '"1"'})) as server:
        assert Client(AGENT, [server.host], kept_in=tmp_path).session.post(server.url, data={}).text == "found"
    assert files(tmp_path) == []


def test_another_question_is_another_answer(tmp_path: Path) -> None:
    """`Vary` asks for as much; what somebody was sent for a password is not shown to somebody else."""

    def answer(q: Question) -> Answer:
        return Answer(q.headers["accept"] + " authorization" * ("authorization" in q.headers), headers={"ETag": '"1"'})

    told = ({"Accept": "text/turtle"}, {"Accept": "text/html"}, {"Accept": "text/html", "Authorization": "Basic eA=="})
    with serving(answer) as server:
        for headers in told:
            ours = Client(AGENT, [server.host], retries=0, kept_in=tmp_path)
            assert (
                ours.get(server.url, headers=headers).text == " ".join([headers["Accept"], *list(headers)[1:]]).lower()
            )
        assert all("if-none-match" not in q.headers for q in server.asked)
    assert len(files(tmp_path)) == 3
    assert b"eA==" not in b"".join(gzip.decompress(file.read_bytes()) for file in files(tmp_path))


def test_a_caller_who_asks_conditionally_gets_what_was_answered(tmp_path: Path) -> None:
    with site() as opened:
        tag = client(opened, tmp_path).get(opened.server.url).headers["ETag"]
        assert client(opened, tmp_path).get(opened.server.url, headers={"If-None-Match": tag}).status == 304


# What may go wrong


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "no gzip", "other json", "folder"])
def test_a_damaged_file_is_as_none(tmp_path: Path, damage: str) -> None:
    with site() as opened:
        read(opened, tmp_path)
        (file,) = files(tmp_path)
        packed = file.read_bytes()
        whole = gzip.decompress(packed)
        broken = {
            "cut": packed[: len(packed) * 2 // 3],
            "flipped": packed[:-200] + bytes([packed[-200] ^ 0x10]) + packed[-199:],
            "empty": b"",
            "no gzip": b"nonsense",
            "other json": gzip.compress(b"[1]\n" + whole),
        }
        file.unlink()
        if damage == "folder":
            file.mkdir()
        else:
            file.write_bytes(broken[damage])
        assert [read(opened, tmp_path) for _ in range(2)] == [PAGE] * 2


def test_what_is_old_is_asked_for_whole_and_goes(tmp_path: Path) -> None:
    """A server whose ETag stays while its answer changes is not believed for ever."""
    with site(pages={"/": "a", "/b": "b"}, headers={"ETag": '"always"'}) as opened:
        read(opened, tmp_path), read(opened, tmp_path, "/b")
        for file in files(tmp_path):
            os.utime(file, times=(0, time.time() - BELIEVED - 1))
        opened.pages["/"] = "c"
        assert read(opened, tmp_path) == "c"
        assert "if-none-match" not in opened.server.asked[-1].headers
    assert len(files(tmp_path)) == 1


def test_the_folder_is_bounded(tmp_path: Path) -> None:
    pages = {f"/{n}": os.urandom(2000).hex() for n in range(20)}
    with site(pages=pages) as opened:
        for _ in range(2):
            ours = client(opened, tmp_path)
            for adapter in ours.session.adapters.values():
                adapter._answers = KeptAnswers(tmp_path, most_bytes=10_000)  # type: ignore[attr-defined]
            kept = len(files(tmp_path))
            assert [ours.get(f"{opened.server.url}{path}").text for path in pages] == list(pages.values())
        assert 5_000 < sum(file.stat().st_size for file in files(tmp_path)) <= 10_000
        asked = [q.headers.get("if-none-match") for q in opened.server.asked[20:]]
        assert asked[0] and asked[1], "the first ones are kept; a later one too, where what it takes is just left"
        assert sum(map(bool, asked)) == kept


def test_what_a_killed_process_left_goes(tmp_path: Path) -> None:
    left, written = tmp_path / "unfinished-old", tmp_path / "unfinished-now"
    left.write_bytes(b"x"), written.write_bytes(b"x")
    os.utime(left, times=(0, time.time() - 4000))
    with site() as opened:
        read(opened, tmp_path)
    assert not left.exists() and written.exists()


def test_a_folder_that_cannot_be_written_costs_nothing_but_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    with site() as opened:
        assert read(opened, tmp_path / "file" / "below") == PAGE
    assert "answers are not kept there" in caplog.text


READING = """
import sys
from pathlib import Path
from hub.fetch import Client
url, host, folder = sys.argv[1:]
for turn in range(20):
    ours = Client("coped-hub-tests/1", [host], retries=0, kept_in=Path(folder))
    for page in range(5):
        body = ours.get(f"{url}/{page}").body
        assert len(body) == 40_000 and len(set(body)) == 1, len(body)
"""


def test_two_processes_share_a_folder(tmp_path: Path) -> None:
    """Pages change all the while; each process gets whole ones, the one or the other."""
    letters = "abcdefghij"
    with site(pages={f"/{n}": "a" * 40_000 for n in range(5)}) as opened:
        command = [sys.executable, "-c", READING, opened.server.url, opened.server.host, str(tmp_path)]
        with ThreadPoolExecutor(2) as both:
            running = [both.submit(subprocess.run, command, capture_output=True, text=True) for _ in range(2)]
            while not all(one.done() for one in running):
                for number in range(5):
                    opened.pages[f"/{number}"] = letters[len(opened.server.asked) // 7 % 10] * 40_000
                time.sleep(0.01)
        ended = [one.result() for one in running]
    assert [(one.returncode, one.stderr) for one in ended] == [(0, "")] * 2
    assert 0 < opened.sent < 40_000 * len(opened.server.asked)


# A harvest


def test_a_second_harvest_of_a_portal_is_sent_nothing(tmp_path: Path) -> None:
    """Through `hub harvest` and ckanapi: all records are unchanged, a changed page is seen, a vanished one is told."""
    with open_portal("n00", "n01", "n02", "n03") as portal:
        plain, sent = portal.answer, []

        def answer(q: Question) -> Answer | None:
            said = plain(q)
            assert said is not None and isinstance(said.body, str)
            tag = f'"{sha256(said.body.encode()).hexdigest()}"'
            if q.headers.get("if-none-match") == tag:
                return Answer(b"", 304)
            sent.append(len(said.body))
            return Answer(said.body, headers={"ETag": tag}, media_type=said.media_type)

        portal.answer = answer  # type: ignore[method-assign]
        env = portal_environment(tmp_path, portal)
        runs = []
        for is_moved in (False, False, True):
            if is_moved:
                portal.packages["n01"] = package("n01", "Un titolo nuovo")
                del portal.packages["n03"]
            before = len(sent)
            run = json.loads(hub(["harvest", "--json"], env))["runs"][0]
            counts = (run["state"], run["seen"], run["created"], run["changed"], run["unchanged"], run["missing"])
            runs.append((*counts, len(sent) - before))
        assert runs == [
            ("complete", 4, 4, 0, 0, 0, 2),
            ("complete", 4, 0, 0, 4, 0, 0),
            ("complete", 3, 0, 1, 2, 1, 1),
        ]
    assert files(tmp_path / "fetched" / "portal")
