"""What the server keeps open: who may write, what waits, what fails and comes back, and what readiness says of it."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import text

from hub.ledger import Statements
from hub.model import RawRecord
from hub.projection import projector_lock
from hub.search.tantivy import TantivyIndex
from hub.search.vectors import missing
from hub.settings import Settings
from tests.servers import need
from tests.servers.oxigraph import MISSING, Oxigraph, oxigraph, program
from tests.web.hub import BY_HAND, Hub, append, arrival, open_ledger, running, settings_for

COUNT = "/sparql?format=csv&query=SELECT (COUNT(*) AS ?n) { ?r a <http://www.w3.org/ns/dcat%23CatalogRecord> }"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A ledger with two records, and nothing projected yet."""
    chosen = settings_for(tmp_path / "data")
    with open_ledger(chosen) as ledger:
        append(ledger, arrival(ledger.base, "one"), arrival(ledger.base, "two"))
    return chosen


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Oxigraph]:
    need(program() is not None, MISSING)
    with oxigraph(tmp_path / "oxigraph") as opened:
        yield opened


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def total(hub: Hub) -> int:
    return int(hub.get("/api/search").json()["total"])


def parts(hub: Hub) -> dict[str, Any]:
    told: dict[str, Any] = hub.get("/health/ready").json()["parts"]
    return told


def test_a_server_projects_what_it_finds_and_what_comes(settings: Settings) -> None:
    with running(settings) as hub:
        until(lambda: total(hub) == 2)
        with open_ledger(settings) as ledger:  # as another process that harvests
            append(ledger, *(arrival(ledger.base, key) for key in ("one", "two", "three")))
        until(lambda: total(hub) == 3)
        until(lambda: hub.get(COUNT).text.split() == ["n", "3"])
        assert parts(hub)["graph"] == parts(hub)["search"] == {"status": "ok", "position": 5, "behind": 0}
        vectors = {"status": "missing", "note": missing()} if missing() else parts(hub)["search"]
        until(lambda: parts(hub)["meaning"] == vectors)
        assert hub.get("/health/live").json() == {"status": "ok"}


def test_an_answer_has_another_tag_once_a_record_comes(settings: Settings) -> None:
    with running(settings) as hub:
        hub.caught_up("search", "meaning")
        tag = hub.get("/api/search").headers["ETag"]
        assert hub.get("/api/search", headers={"If-None-Match": tag}).status_code == 304
        with open_ledger(settings) as ledger:
            append(ledger, *(arrival(ledger.base, key) for key in ("one", "two", "three")))
        until(lambda: total(hub) == 3)
        assert hub.get("/api/search", headers={"If-None-Match": tag}).status_code == 200


def test_where_another_process_writes_the_index_is_read_and_sparql_says_why_it_waits(settings: Settings) -> None:
    with running(settings) as first:
        until(lambda: total(first) == 2)
        second = settings.model_copy(update={"port": settings_for(settings.data).port, "base_iri": settings.base})
        with running(second) as hub:
            assert total(hub) == 2
            answer = hub.get(COUNT, language="it")
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            assert answer.json()["title"] == "Una parte dell’hub non risponde"
            assert "Un altro processo dell’hub" in answer.json()["detail"]
            ready = hub.get("/health/ready")
            assert ready.status_code == 200 and ready.json()["parts"]["graph"]["status"] == "waiting"
            with open_ledger(settings) as ledger:
                append(ledger, *(arrival(ledger.base, key) for key in ("one", "two", "three")))
            until(lambda: total(hub) == 3)  # the first one indexed it, the second one reads it
            assert hub.page("/hu/").status_code == 200


def test_a_server_takes_over_when_the_other_process_ends(settings: Settings) -> None:
    settings.data.mkdir(exist_ok=True)
    with projector_lock(settings.data) as ours:
        assert ours
        started = threading.Event()
        hubs: list[Hub] = []
        done = threading.Event()

        def serve() -> None:
            with running(settings) as hub:
                hubs.append(hub)
                started.set()
                done.wait(60)

        thread = threading.Thread(target=serve)
        thread.start()
        assert started.wait(30)
        hub = hubs[0]
        time.sleep(1.5)  # it has asked for the lock again by now
        assert total(hub) == 0 and hub.get(COUNT).status_code == 503
    try:
        until(lambda: total(hub) == 2)
        until(lambda: hub.get(COUNT).text.split() == ["n", "2"])
        assert hub.get("/health/ready").json()["status"] == "ok"
    finally:
        done.set()
        thread.join()


def test_a_sparql_server_of_its_own_answers_whoever_writes(settings: Settings, server: Oxigraph) -> None:
    chosen = settings.model_copy(update={"sparql_url": server.url, "sparql_update_url": server.update_url})
    with running(chosen) as hub:
        until(lambda: hub.get(COUNT).text.split() == ["n", "2"])
    with projector_lock(settings.data) as ours, running(chosen) as hub:
        assert ours
        assert hub.get(COUNT).text.split() == ["n", "2"]
        assert parts(hub)["graph"] == {"status": "waiting", "position": 2, "behind": 0}


def test_an_engine_that_is_away_is_told_and_tried_again(settings: Settings, tmp_path: Path) -> None:
    need(program() is not None, MISSING)
    with oxigraph(tmp_path / "oxigraph") as server:
        chosen = settings.model_copy(update={"sparql_url": server.url, "sparql_update_url": server.update_url})
        port = int(server.url.split(":")[2].split("/")[0])
        with running(chosen) as hub:
            until(lambda: hub.get(COUNT).text.split() == ["n", "2"] and total(hub) == 2)
            server.process.kill()
            server.process.wait()
            until(lambda: hub.get("/health/ready").status_code == 503)
            ready = hub.get("/health/ready")
            assert ready.headers["Retry-After"] and ready.json()["parts"]["graph"]["status"] == "failing"
            assert "does not answer" in ready.json()["parts"]["graph"]["trouble"]
            assert ready.json()["parts"]["search"]["status"] == "ok"
            assert hub.get(COUNT).status_code == 503 and total(hub) == 2
            with open_ledger(settings) as ledger:
                append(ledger, *(arrival(ledger.base, key) for key in ("one", "two", "three")))
            until(lambda: total(hub) == 3)  # the search goes on without the graph
            with oxigraph(tmp_path / "oxigraph", port):
                until(lambda: hub.get(COUNT).text.split() == ["n", "3"])
                until(lambda: hub.get("/health/ready").json()["status"] == "ok")


def test_a_record_that_an_engine_refuses_is_told_and_costs_no_readiness(settings: Settings) -> None:
    with open_ledger(settings) as ledger:
        poison = arrival(ledger.base, "poison")
        broken = Statements(f'<{poison.iri}> <http://purl.org/dc/terms/title> "x"@not_a_tag .\n')
        ledger.records.commit_page(
            None, "by-hand", arrivals=[type(poison)(poison.raw, poison.iri, "m", broken, '{"results":[]}', True)],
            report=ledger.runs.latest("by-hand", 1)[0].report,
        )  # fmt: skip
        append(ledger, *(arrival(ledger.base, key) for key in ("one", "two", "three")))
    with running(settings) as hub:
        until(lambda: total(hub) == 3)
        hub.caught_up("graph", "search", "meaning")
        ready = hub.get("/health/ready")
        aside = ready.json()["unprojected"]
        assert ready.status_code == 200 and ready.json()["unprojected_total"] == len(aside) > 0
        assert {row["record"] for row in aside} == {poison.iri} and all(row["reason"] for row in aside)
        assert {row["projection"] for row in aside} == {"graph", "search", *(() if missing() else ("meaning",))}


def test_disagreements_of_the_validators_are_told(settings: Settings) -> None:
    with open_ledger(settings) as ledger:
        report = ledger.runs.latest("by-hand", 1)[0].report
        report.disagreements = 3
        with ledger.runs.begin(BY_HAND, resumable=False) as run:
            ledger.runs.finish(run, report, {}, complete=False)
    with running(settings) as hub:
        told = hub.get("/health/ready").json()["disagreements"]
    assert [(row["source"], row["records"]) for row in told] == [("by-hand", 3)]


def test_a_ledger_that_does_not_answer_is_told_and_tried_again(settings: Settings) -> None:
    with running(settings) as hub:
        until(lambda: total(hub) == 2)
        with open_ledger(settings) as ledger, ledger.database.write() as connection:
            connection.execute(text("ALTER TABLE record RENAME TO away"))
        ready = hub.get("/health/ready")
        assert (ready.status_code, ready.json()["parts"]["ledger"]["status"]) == (503, "failing")
        assert hub.get("/health/live").status_code == 200 and total(hub) == 2
        record = hub.get("/api/records/practice/by-hand/one", language="it")
        assert (record.status_code, record.headers["Retry-After"]) == (503, "5")
        assert record.json()["detail"] == "Al momento non è possibile leggere le schede"
        with open_ledger(settings) as ledger, ledger.database.write() as connection:
            connection.execute(text("ALTER TABLE away RENAME TO record"))
        until(lambda: hub.get("/health/ready").status_code == 200)


def test_a_server_that_is_far_behind_ends_when_it_is_told_to(settings: Settings) -> None:
    with open_ledger(settings) as ledger:
        pattern = arrival(ledger.base, "many")
        many = [
            replace(pattern, raw=RawRecord(f"many-{n}", b"", "text/plain"), iri=f"{pattern.iri}-{n}")
            for n in range(6000)
        ]
        append(ledger, *many, arrival(ledger.base, "one"), arrival(ledger.base, "two"))
        head = ledger.changes.head()
    with running(settings) as hub:
        until(lambda: parts(hub)["graph"]["position"] > 0)
        told = time.monotonic()
    assert time.monotonic() - told < 5
    with open_ledger(settings) as ledger:
        assert 0 < ledger.changes.positions()["graph"] < head


def test_a_projection_of_another_ledger_is_told(settings: Settings) -> None:
    with running(settings) as hub:
        until(lambda: parts(hub)["search"]["position"] == 2)
    (settings.data / "ledger.sqlite").unlink()
    for left in settings.data.glob("ledger.sqlite-*"):
        left.unlink()
    with running(settings) as hub:
        ready = hub.get("/health/ready")
        assert ready.status_code == 503
        assert "hub rebuild search" in ready.json()["parts"]["search"]["trouble"]


def test_what_the_hub_did_not_foresee_is_told_without_a_stack_trace(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(settings) as hub:

        def fail(*_: object) -> None:
            raise ZeroDivisionError("secret")

        monkeypatch.setattr(TantivyIndex, "search", fail)
        data, page = hub.get("/api/search", language="nl"), hub.page("/nl/")
        assert (data.status_code, page.status_code) == (500, 500)
        assert data.json()["title"] == "Hier ging iets mis" and "Hier ging iets mis" in page.text
        assert "secret" not in data.text + page.text and "Traceback" not in data.text + page.text


def test_the_server_gives_back_what_it_held(settings: Settings) -> None:
    for _ in range(2):
        with running(settings) as hub:
            until(lambda hub=hub: hub.get(COUNT).text.split() == ["n", "2"])
        with projector_lock(settings.data) as ours:
            assert ours
    with pytest.raises(requests.ConnectionError):
        hub.get("/health/live")
