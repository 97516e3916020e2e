"""What is Elasticsearch's own: which servers it may be, who writes, and what is left there after accidents."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from hub.errors import BadRequest, Refused, Unavailable
from hub.profile import Profile
from hub.search import elasticsearch_generations, elasticsearch_lease
from hub.search.base import Query
from hub.search.elasticsearch import ElasticsearchIndex
from hub.search.elasticsearch_cluster import Cluster
from hub.search.tantivy import TantivyIndex
from tests.search.examples import iri_of, made
from tests.search.writer import alias_of
from tests.servers.elasticsearch import forget
from tests.servers.loopback import Answer, Question, serving
from tests.servers.processes import free_port
from tests.web.hub import append, arrival, open_ledger, running, settings_for

Open = Callable[..., ElasticsearchIndex]


@pytest.fixture
def alias(tmp_path: Path, elasticsearch_server: str) -> Iterator[str]:
    yield alias_of(tmp_path)
    forget(elasticsearch_server, alias_of(tmp_path))


@pytest.fixture
def client(elasticsearch_server: str) -> Iterator[Elasticsearch]:
    with Elasticsearch(elasticsearch_server) as opened:
        yield opened


@pytest.fixture
def open_index(elasticsearch_server: str, alias: str, profile: Profile) -> Iterator[Open]:
    opened: list[ElasticsearchIndex] = []

    def open_one(url: str = elasticsearch_server) -> ElasticsearchIndex:
        opened.append(ElasticsearchIndex(Cluster(url), alias, profile))
        return opened[-1]

    yield open_one
    for index in opened:
        index.close()


@pytest.fixture
def index(open_index: Open) -> ElasticsearchIndex:
    return open_index()


def put(index: ElasticsearchIndex, key: str, position: int) -> None:
    index.apply({iri_of(key): made(key)}, position)


def generations(client: Elasticsearch, alias: str) -> set[str]:
    return set(client.indices.get(index=f"{alias}-g-*").body)


# Which servers


def elsewhere(url: str, profile: Profile) -> ElasticsearchIndex:
    return ElasticsearchIndex(Cluster(url), "hub-test-elsewhere", profile)


@pytest.mark.parametrize("url", ["", "nowhere", "http://host", "ftp://host:9200", "http://host:9200,"])
def test_what_is_no_address_is_named(url: str) -> None:
    with pytest.raises(BadRequest, match="HUB_ELASTICSEARCH_URL"):
        Cluster(url)


def test_a_certificate_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r"HUB_ELASTICSEARCH_CA: .*ca\.crt"):
        Cluster("https://127.0.0.1:9200", ca=tmp_path / "ca.crt")


def test_servers_that_are_away_are_named_without_their_password(profile: Profile) -> None:
    port = free_port()
    index = elsewhere(f"http://hub:secret@127.0.0.1:{port}", profile)
    for ask in (
        index.position,
        index.count,
        index.reload,
        lambda: index.search(Query("roof")),
        lambda: put(index, "a", 1),
    ):
        with pytest.raises(Unavailable, match=rf"^http://127.0.0.1:{port} does not answer") as raised:
            ask()
        assert "secret" not in str(raised.value)


def named(version: str) -> Callable[[Question], Answer]:
    """A server that says of itself what one of that version says, and knows no index."""

    def answering(question: Question) -> Answer:
        told: dict[str, Any] = {"version": {"number": version}}
        if question.path != "/":
            told = {"error": {"type": "index_not_found_exception", "reason": "no such index"}, "status": 404}
        status = 200 if question.path == "/" else 404
        media_type = "application/vnd.elasticsearch+json;compatible-with=8"
        return Answer(json.dumps(told), status, {"X-Elastic-Product": "Elasticsearch"}, media_type)

    return answering


@pytest.mark.parametrize("version", ["8.0.0", "8.19.3", "9.0.1", "9.2.0-SNAPSHOT"])
def test_versions_that_may_be(profile: Profile, version: str) -> None:
    with serving(named(version)) as server:
        index = elsewhere(server.url, profile)
        assert (index.position(), index.position()) == (0, 0)
        assert server.paths.count("/") == 1, "the version is asked for once"


@pytest.mark.parametrize("version", ["7.17.29", "10.0.0", "89.1.0", "unknown"])
def test_other_versions_are_refused_with_what_may_be(profile: Profile, version: str) -> None:
    with serving(named(version)) as server:
        index = elsewhere(server.url, profile)
        for _ in range(2):
            with pytest.raises(Unavailable, match=f"is Elasticsearch {version}; the hub works with 8 or 9"):
                index.position()


def test_what_is_no_elasticsearch_is_refused(profile: Profile) -> None:
    told = Answer('{"version": {"number": "2.1.0"}}', media_type="application/json")
    with serving(lambda _: told) as server, pytest.raises(Unavailable, match="is no Elasticsearch"):
        elsewhere(server.url, profile).position()


def test_a_hub_without_its_servers_starts_and_says_so(tmp_path: Path) -> None:
    url = f"http://hub:secret@127.0.0.1:{free_port()}"
    with running(settings_for(tmp_path / "data", elasticsearch_url=url)) as hub:
        ready = hub.get("/health/ready")
        assert (ready.status_code, ready.json()["parts"]["search"]["status"]) == (503, "failing")
        assert "does not answer" in ready.json()["parts"]["search"]["trouble"] and "secret" not in ready.text
        assert hub.get("/api/search").status_code == 503 and hub.get("/health/live").status_code == 200


def test_a_hub_with_its_servers_searches_in_them(tmp_path: Path, elasticsearch_server: str, alias: str) -> None:
    settings = settings_for(tmp_path / "data", elasticsearch_url=elasticsearch_server, elasticsearch_index=alias)
    with open_ledger(settings) as ledger:
        append(ledger, arrival(ledger.base, "one"), arrival(ledger.base, "two"))
    with running(settings) as hub:
        hub.caught_up()
        assert hub.get("/api/search").json()["total"] == 2
        assert hub.get("/health/ready").json()["parts"]["search"]["status"] == "ok"


# What lies there


def test_opening_leaves_no_trace(index: ElasticsearchIndex, client: Elasticsearch, alias: str) -> None:
    assert index.search(Query("roof")).total == index.position() == 0
    index.reload()
    assert not client.indices.get(index=f"{alias}*").body


def test_an_index_is_made_from_the_template(index: ElasticsearchIndex, client: Elasticsearch, alias: str) -> None:
    put(index, "a", 1)
    [template] = client.indices.get_index_template(name=alias)["index_templates"]
    [made_so] = client.indices.get(index=f"{alias}-g-*").body.values()
    assert template["index_template"]["template"]["mappings"] == made_so["mappings"]
    assert made_so["mappings"]["dynamic"] == "strict" and list(made_so["aliases"]) == [alias]


def test_what_was_replaced_is_kept_until_the_next_writing(
    index: ElasticsearchIndex, client: Elasticsearch, alias: str
) -> None:
    put(index, "a", 1)
    [first] = generations(client, alias)
    with index.rebuild() as fresh:
        fresh.apply({iri_of("a"): made("a")}, 2)
    assert len(generations(client, alias)) == 2
    put(index, "b", 3)
    assert len(generations(client, alias)) == 1 and first not in generations(client, alias)
    with pytest.raises(ZeroDivisionError), index.rebuild():
        raise ZeroDivisionError
    assert len(generations(client, alias)) == 1


def test_what_a_killed_rebuild_left_is_removed_by_the_next_writer(
    open_index: Open, client: Elasticsearch, alias: str
) -> None:
    first, second = open_index(), open_index()
    put(first, "a", 1)
    first.close()
    client.indices.create(index=f"{alias}-g-left")
    assert second.position() == 1 and len(generations(client, alias)) == 2, "who only reads removes nothing"
    put(second, "b", 2)
    assert len(generations(client, alias)) == 1
    assert (second.position(), second.count()) == (2, 2)


def test_an_index_that_was_deleted_by_hand_counts_as_empty_and_is_made_anew(
    open_index: Open, client: Elasticsearch, alias: str
) -> None:
    writer, reader = open_index(), open_index()
    put(writer, "a", 1)
    assert reader.position() == 1
    client.indices.delete(index=f"{alias}-g-*")
    assert (reader.position(), reader.count(), reader.search(Query("title")).total) == (0, 0, 0)
    with pytest.raises(Unavailable, match="cannot write"):
        put(writer, "b", 2)
    put(writer, "b", 2)
    assert (writer.position(), writer.count()) == (2, 1)


def test_an_index_with_the_name_of_the_alias_is_told(
    index: ElasticsearchIndex, client: Elasticsearch, alias: str
) -> None:
    client.indices.create(index=alias)
    try:
        assert index.position() == 0
        with pytest.raises(Unavailable, match=f"same name as the alias|{alias}"):
            put(index, "a", 1)
    finally:
        client.indices.delete(index=alias)


def test_an_empty_index_never_takes_the_place_of_a_full_one(index: ElasticsearchIndex) -> None:
    put(index, "a", 7)
    for position in (None, 0, 6):
        told = rf"keeps its 1 documents.* change {position or 0} of 7.*HUB_DATABASE_URL"
        with pytest.raises(Refused, match=told), index.rebuild() as fresh:
            if position is not None:
                fresh.apply({}, position)
        assert (index.position(), index.count()) == (7, 1)


def test_it_does_where_all_was_withdrawn_since(index: ElasticsearchIndex) -> None:
    put(index, "a", 7)
    with index.rebuild() as fresh:
        fresh.apply({iri_of("a"): None}, 8)
    assert (index.position(), index.count()) == (8, 0)


# What the servers do not take


def test_what_the_servers_refuse_is_taken_back(index: ElasticsearchIndex) -> None:
    index.apply({iri_of("a"): made("a", "Roof"), iri_of("gone"): made("gone", "Roof")}, 1)
    off_the_globe = made("b", points=[(91.0, 0.0)])
    changed = {iri_of("a"): made("a", "Cellar"), iri_of("new"): made("new", "Cellar"), iri_of("gone"): None}
    with pytest.raises(Refused, match=f"{iri_of('b')} cannot be indexed: .*latitude"):
        index.apply({**changed, off_the_globe.id: off_the_globe}, 2)
    index.apply({}, 3)
    assert (index.count(), index.search(Query("roof")).total, index.search(Query("cellar")).total) == (2, 2, 0)


def test_many_documents_go_in_several_requests_and_are_seen_together(
    open_index: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elasticsearch_generations, "BULK_ACTIONS", 7)
    monkeypatch.setattr(elasticsearch_generations, "BULK_BYTES", 3000)
    index, reader = open_index(), open_index()
    put(index, "a", 1)
    seen, stop = set(), threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.add(reader.count())

    thread = threading.Thread(target=read)
    thread.start()
    index.apply({iri_of(f"k{n}"): made(f"k{n}") for n in range(50)}, 2)
    time.sleep(0.1)
    stop.set()
    thread.join()
    assert seen == {1, 51} and index.position() == 2


class Crowded:
    """Before the real server: it says that it is too busy, for whole requests and for single documents."""

    def __init__(self, url: str, refusals: int) -> None:
        self._url, self._left = url, refusals

    def __call__(self, question: Question) -> Answer:
        is_bulk = question.path.endswith("/_bulk") and self._left > 0
        if is_bulk and self._left % 2:
            self._left -= 1
            return Answer('{"error": {"type": "es_rejected_execution_exception"}, "status": 429}', 429, HEADERS, MEDIA)
        body = question.body
        if is_bulk:  # all but the first document, as a server whose queue is full in the midst of a request
            body = b"".join(body.splitlines(keepends=True)[:2])
        status, answered = self._forwarded(question, body)
        if is_bulk:
            self._left -= 1
            told = json.loads(answered)
            more = (question.body.count(b"\n") - 2) // 2
            told["items"] += [{"index": {"status": 429, "error": {"type": "rejected"}}}] * more
            answered = json.dumps(told).encode()
        return Answer(answered, status, HEADERS, MEDIA)

    def _forwarded(self, question: Question, body: bytes) -> tuple[int, bytes]:
        query = "&".join(f"{name}={value}" for name, value in question.query.items())
        headers = {name: question.headers[name] for name in ("content-type", "accept") if name in question.headers}
        address = f"{self._url}{question.path}?{query}"
        request = urllib.request.Request(address, body or None, headers, method=question.method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


HEADERS = {"X-Elastic-Product": "Elasticsearch"}
MEDIA = "application/vnd.elasticsearch+json;compatible-with=8"


def test_servers_that_are_too_busy_are_asked_again_later(
    open_index: Open, elasticsearch_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elasticsearch_generations, "PAUSES", (0.01,) * 6)
    documents = {iri_of(key): made(key) for key in "abcd"}
    with serving(Crowded(elasticsearch_server, refusals=4)) as server:
        index = open_index(server.url)
        index.apply(documents, 1)
        assert (index.position(), index.count()) == (1, 4)


def test_servers_that_stay_too_busy_are_told(
    open_index: Open, elasticsearch_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elasticsearch_generations, "PAUSES", (0.01,) * 3)
    with serving(Crowded(elasticsearch_server, refusals=99)) as server:
        index = open_index(server.url)
        with pytest.raises(Unavailable, match="too busy"):
            index.apply({iri_of(key): made(key) for key in "abcdefghijkl"}, 1)
        assert (index.position(), index.count()) == (0, 0)


# Who writes


def test_who_holds_the_right_long_enough_keeps_it(open_index: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elasticsearch_lease, "BEAT", 0.1)
    first, second = open_index(), open_index()
    put(first, "a", 1)
    for _ in range(3):
        with pytest.raises(Unavailable, match="Another process writes"):
            put(second, "b", 2)
    put(first, "b", 2)
    assert second.position() == 2


def test_who_no_longer_renews_it_loses_it_and_is_told(open_index: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elasticsearch_lease, "PATIENCE", 0.5)
    first, second = open_index(), open_index()
    put(first, "a", 1)
    first._lease._stop.set()  # as a process that was stopped, or a machine without its network
    put(second, "b", 2)
    with pytest.raises(Unavailable, match=r"Another process writes the search index .* by now"):
        put(first, "c", 3)
    assert (second.position(), second.count()) == (2, 2)


def test_a_rebuild_of_who_lost_it_meanwhile_changes_nothing(open_index: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elasticsearch_lease, "PATIENCE", 0.5)
    first, second = open_index(), open_index()
    put(first, "a", 1)
    with pytest.raises(Unavailable), first.rebuild() as fresh:
        fresh.apply({iri_of("a"): made("a")}, 1)
        first._lease._stop.set()
        put(second, "b", 2)
    first.reload()
    assert (first.position(), first.count()) == (2, 2)


def test_scores_are_those_of_the_embedded_index(index: ElasticsearchIndex, tmp_path: Path, profile: Profile) -> None:
    """Words that stand apart among them: Lucene counts those by half or a third."""
    titles = ("Energy community", "Energy for a community", "Community with energy", "Energy", "A long title")
    documents = [made(f"t{n}", title, summary="The energy of this community") for n, title in enumerate(titles)]
    documents += [made(f"n{n}", "A roof", body="Clay and hemp " * n) for n in range(300)]
    documents.append(made("s", "Energy of straw"))
    embedded = TantivyIndex(tmp_path / "embedded", profile)
    for engine in (index, embedded):
        engine.apply({document.id: document for document in documents}, 1)
    for query in (Query("energy community", lang="en"), Query("community", lang="it"), Query("energy straw")):
        here, there = ({hit.item["id"]: hit.score for hit in e.search(query).hits} for e in (index, embedded))
        assert here and here == pytest.approx(there, rel=0.01)
    embedded.close()
