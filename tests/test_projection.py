"""The ledger's changes reach graph and index, whatever an engine refuses; both can be made anew."""

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Triple
from sqlalchemy import insert

from hub.errors import Unavailable
from hub.graph.base import GraphStore
from hub.graph.oxigraph import OxigraphStore
from hub.graph.process import NICE
from hub.graph.sparql import SparqlStore
from hub.ledger import Arrival, Ledger, LedgerRecord, Statements, canonical, checksum
from hub.ledger.tables import cluster_member
from hub.model import HarvestReport, RawRecord, Source
from hub.namespaces import COPED, COUNTRY, DCT, DQV, PROV, RDF, SCHEMA, SPDX, graph_iri, record_iri
from hub.profile import load
from hub.projection import (
    RESTING,
    GraphProjection,
    Projection,
    Projector,
    SearchProjection,
    catch_up,
    projector_lock,
)
from hub.projection.entries import published
from hub.search.base import Query
from hub.search.tantivy import TantivyIndex
from tests.servers import need
from tests.servers.oxigraph import MISSING, oxigraph, program
from tests.waiting import wait_until

BASE = "http://localhost:8000"
SOURCE = Source("here", {"en": "Here"}, "SWE", "sv", "tabular", "http://127.0.0.1/here.csv", "table")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", BASE)
    yield opened
    opened.close()


@pytest.fixture(params=["embedded", "sparql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GraphStore]:
    if request.param == "embedded":
        embedded = OxigraphStore(tmp_path / "graph")
        yield embedded
        embedded.close()
        return
    need(program() is not None, MISSING)
    with oxigraph(tmp_path / "server") as server:
        yield SparqlStore(server.url, server.update_url, f"{BASE}/")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[TantivyIndex]:
    opened = TantivyIndex(tmp_path / "search", load())
    yield opened
    opened.close()


@pytest.fixture
def both(ledger: Ledger, store: GraphStore, index: TantivyIndex) -> list[Projection]:
    return [GraphProjection(ledger, store, load()), SearchProjection(ledger, index, load())]


def arrival(identifier: str, title: str = "", statements: str | None = None) -> Arrival:
    record = record_iri(BASE, "practice", SOURCE.key, identifier)
    triples = {
        Triple(record, RDF.type, COPED.GoodPractice),
        Triple(record, DCT.title, Literal(title or f"Tak {identifier}", language="sv")),
        Triple(record, DCT.description, Literal("Ett tak.", language="sv")),
        Triple(record, DCT.spatial, COUNTRY.SWE),
    }
    text = Statements(statements) if statements is not None else canonical(frozenset(triples))
    return Arrival(RawRecord(identifier, title.encode(), "text/plain"), record.value, "m", text, '{"results":[]}', True)


def append(ledger: Ledger, *arrivals: Arrival) -> None:
    with ledger.runs.begin(SOURCE, resumable=False) as run:
        report = HarvestReport(SOURCE.key)
        ledger.records.commit_page(run.id, SOURCE.key, arrivals=arrivals, report=report)
        ledger.runs.finish(run, report, {}, complete=True)


def named(identifier: str) -> str:
    return record_iri(BASE, "practice", SOURCE.key, identifier).value


def found(index: TantivyIndex, q: str = "") -> set[str]:
    index.reload()
    return {str(hit.item["id"]).rpartition("/")[2] for hit in index.search(Query(q=q, size=100)).hits}


def test_records_reach_graph_and_index(
    ledger: Ledger, store: GraphStore, index: TantivyIndex, both: list[Projection]
) -> None:
    append(ledger, arrival("a"), arrival("b"))
    assert Projector(ledger, both).catch_up() == 4
    record = ledger.changes.record(named("a"))
    assert store.graph(graph_iri(named("a"))) == published(record, BASE)
    assert found(index) == {"a", "b"} and found(index, "taken") == {"a", "b"}
    assert store.position() == index.position() == ledger.changes.head() == 2
    assert ledger.changes.positions() == {"graph": 2, "search": 2}
    assert Projector(ledger, both).catch_up() == 0


def test_what_is_withdrawn_leaves_both(
    ledger: Ledger, store: GraphStore, index: TantivyIndex, both: list[Projection]
) -> None:
    append(ledger, arrival("a"), arrival("b"))
    Projector(ledger, both).catch_up()
    known = ledger.records.known(SOURCE.key, [arrival("a").raw])
    ledger.records.commit_page(None, SOURCE.key, deleted=list(known.values()), report=HarvestReport(SOURCE.key))
    Projector(ledger, both).catch_up()
    assert store.graph(graph_iri(named("a"))) == "" and found(index) == {"b"}


def test_a_cluster_is_one_document_whoever_stands_for_it(ledger: Ledger, index: TantivyIndex) -> None:
    append(ledger, arrival("a"), arrival("b"))
    ids = {record.identifier: record.id for record in ledger.changes.all_records()}
    with ledger.database.write() as connection:
        connection.execute(insert(cluster_member), [{"record": ids[key], "cluster": ids["a"]} for key in "ab"])
    search = SearchProjection(ledger, index, load())
    catch_up(ledger, search)
    assert found(index) == {"a"}
    known = ledger.records.known(SOURCE.key, [arrival("a").raw])
    ledger.records.commit_page(None, SOURCE.key, deleted=list(known.values()), report=HarvestReport(SOURCE.key))
    catch_up(ledger, search)
    assert found(index) == {"b"}
    append(ledger, arrival("a", "Tillbaka"))
    catch_up(ledger, search)
    assert found(index) == {"a"} and index.search(Query()).hits[0].item["members"] == [named("a"), named("b")]


def test_replay_is_harmless(ledger: Ledger, store: GraphStore, index: TantivyIndex, both: list[Projection]) -> None:
    append(ledger, arrival("a"), arrival("b"))
    Projector(ledger, both).catch_up()
    before = store.graph(graph_iri(named("a")))
    for projection in both:
        projection.put([], 0)
    assert Projector(ledger, both).catch_up() == 4
    assert store.graph(graph_iri(named("a"))) == before and found(index) == {"a", "b"}


def test_a_poison_record_is_set_aside_and_everything_behind_it_goes_on(
    ledger: Ledger, store: GraphStore, index: TantivyIndex, both: list[Projection]
) -> None:
    """As an older version of the hub may have let one into the ledger: its graph is no N-Triples."""
    append(ledger, arrival("a"), arrival("poison", statements="<not an iri> <x:p> .\n"), arrival("b"))
    append(ledger, arrival("c"))
    Projector(ledger, both).catch_up()
    assert found(index) == {"a", "b", "c"}
    assert all(store.graph(graph_iri(named(key))) for key in "abc")
    assert store.position() == index.position() == ledger.changes.head()
    aside = {(name, iri): reason for name, iri, reason in ledger.changes.unprojected()}
    assert set(aside) == {("graph", named("poison")), ("search", named("poison"))}
    assert all("poison" in reason for reason in aside.values())
    append(ledger, arrival("poison", "Nu hel"))
    Projector(ledger, both).catch_up()
    assert ledger.changes.unprojected() == [] and "poison" in found(index)


def test_a_mended_record_is_no_longer_aside_though_another_still_is(ledger: Ledger, both: list[Projection]) -> None:
    append(ledger, arrival("one", statements="broken\n"), arrival("two", statements="broken\n"))
    Projector(ledger, both).catch_up()
    append(ledger, arrival("one", "Nu hel"), arrival("two", "Fortfarande inte", statements="broken\n"))
    Projector(ledger, both).catch_up()
    assert {iri for _, iri, _ in ledger.changes.unprojected()} == {named("two")}


def test_a_line_separator_in_a_text_breaks_nothing(ledger: Ledger, store: GraphStore, both: list[Projection]) -> None:
    append(ledger, arrival("a", "Rad\u2028ett\u0085två\x0btre"))
    Projector(ledger, both).catch_up()
    assert ledger.changes.unprojected() == []
    title = f"SELECT ?t {{ <{named('a')}> <{DCT.title.value}> ?t }}"
    assert [row["t"].value for row in store.select(title)] == ["Rad\u2028ett\u0085två\x0btre"]


def test_a_rebuild_equals_what_was_followed(
    ledger: Ledger, store: GraphStore, index: TantivyIndex, both: list[Projection]
) -> None:
    append(ledger, *(arrival(f"r{n}") for n in range(20)))
    append(ledger, arrival("r3", "Ett annat tak"))
    projector = Projector(ledger, both)
    projector.catch_up()
    graphs = {named(f"r{n}"): store.graph(graph_iri(named(f"r{n}"))) for n in range(20)}
    items = [hit.item for hit in index.search(Query(size=100, sort="title")).hits]
    assert projector.rebuild(("graph", "search")) == {"graph": 20, "search": 20}
    assert {name: store.graph(graph_iri(name)) for name in graphs} == graphs
    assert [hit.item for hit in index.search(Query(size=100, sort="title")).hits] == items
    assert store.position() == index.position() == ledger.changes.head()
    append(ledger, arrival("new"))
    projector.catch_up()
    assert "new" in found(index)


def test_the_vocabularies_are_in_the_graph_and_change_with_the_profile(
    ledger: Ledger, store: GraphStore, both: list[Projection]
) -> None:
    append(ledger, arrival("a"))
    Projector(ledger, both).catch_up()
    name = f"{BASE}/graph/vocabularies"
    edition = checksum(load().vocabularies_text)
    assert edition in store.graph(name) and "record-status/example" in store.graph(name)
    store.apply({name: f'<{name}> <{DCT.identifier.value}> "older" .\n'}, store.position())
    append(ledger, arrival("b"))
    Projector(ledger, both).catch_up()
    assert edition in store.graph(name)


class Away:
    """An engine that does not answer until it is `back`."""

    name, page = "graph", 500

    def __init__(self, projection: Projection) -> None:
        self._projection, self.back = projection, threading.Event()

    def position(self) -> int:
        if not self.back.is_set():
            raise Unavailable("http://127.0.0.1:9 does not answer")
        return self._projection.position()

    def put(self, records: Sequence[LedgerRecord], position: int) -> None:
        self._projection.put(records, position)

    def settle(self) -> None:
        self._projection.settle()

    @contextmanager
    def rebuild(self) -> Iterator[Projection]:
        with self._projection.rebuild() as fresh:
            yield fresh


def test_an_engine_that_was_away_is_tried_again_and_holds_nobody_up(
    ledger: Ledger, store: GraphStore, index: TantivyIndex, both: list[Projection]
) -> None:
    away = Away(both[0])
    projector = Projector(ledger, [away, both[1]])
    append(ledger, arrival("a"))
    with projector.following(0.01):
        wait_until(lambda: "graph" in projector.troubles and found(index) == {"a"})
        assert projector.troubles == {"graph": "http://127.0.0.1:9 does not answer"}
        away.back.set()
        wait_until(lambda: store.position() == ledger.changes.head() and not projector.troubles)


def test_an_index_is_tidied_up_once_nothing_was_put_for_a_while(
    ledger: Ledger, index: TantivyIndex, both: list[Projection]
) -> None:
    def segments() -> int:
        index.reload()
        return index._generation.view.searcher.num_segments

    for key in "abcde":
        append(ledger, arrival(key))
        for _ in range(RESTING):
            catch_up(ledger, both[1])
    assert segments() == 5
    catch_up(ledger, both[1])
    wait_until(lambda: segments() == 1)
    assert (found(index), index.position()) == (set("abcde"), ledger.changes.head())


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux has priorities of threads")
def test_what_is_projected_lets_others_go_first(ledger: Ledger, index: TantivyIndex, both: list[Projection]) -> None:
    def threads() -> set[int]:
        return {int(task.name) for task in Path("/proc/self/task").iterdir()}

    append(ledger, arrival("a"))
    before, own = threads(), os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    with Projector(ledger, both).following(0.01):
        wait_until(lambda: found(index) == {"a"})
        begun = threads() - before - {t.native_id for t in threading.enumerate() if t.name.startswith("hits")}
        assert {os.getpriority(os.PRIO_PROCESS, thread) for thread in begun} == {NICE}
        assert len(begun) > 2, "those that tantivy writes with are among them"
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == own


def test_one_process_projects(tmp_path: Path) -> None:
    with projector_lock(tmp_path) as ours:
        assert ours
        with projector_lock(tmp_path) as others:
            assert not others
    with projector_lock(tmp_path) as again:
        assert again


def test_a_ledger_record_says_what_the_graph_shows(ledger: Ledger, both: list[Projection]) -> None:
    """The catalogue record is made at projection: the ledger's own graph holds only what the source said."""
    append(ledger, arrival("a"))
    record = ledger.changes.record(named("a"))
    assert "CatalogRecord" not in record.graph
    told = published(record, BASE)
    assert f"<{graph_iri(record.iri)}> <{RDF.type.value}> <http://www.w3.org/ns/dcat#CatalogRecord> ." in told
    assert f"<{BASE}/id/source/here> <http://www.w3.org/ns/dcat#record> <{graph_iri(record.iri)}> ." in told
    assert catch_up(ledger, both[0]) == 1


def test_an_entry_names_the_languages_of_its_texts_and_the_run_that_brought_it(ledger: Ledger) -> None:
    """A machine's words are no language of the record's, nor is what only looks like a tag."""
    texts = ("Rad@fr", "sv"), ("Tak", "hu-t-sv-t0-mtec"), ('Tak "@nl .', "sv"), ("Dach", "de-AT"), ("?", "xx")
    graph = canonical(frozenset(Triple(NamedNode(named("a")), DCT.title, Literal(x, language=tag)) for x, tag in texts))
    append(ledger, arrival("a", statements=graph))
    told = published(ledger.changes.record(named("a")), BASE).split("\n")
    entry = f"<{graph_iri(named('a'))}>"
    languages = [line.rpartition("/")[2] for line in told if line.startswith(f"{entry} {DCT.language} ")]
    assert languages == ["DEU> .", "SWE> ."]
    assert f"{entry} {PROV.wasGeneratedBy} <{BASE}/id/source/here#run-1> ." in told
    assert told[:-1] == sorted(told[:-1])


# What is told of sources


def quality_of(store: GraphStore) -> dict[str, float]:
    query = f"SELECT ?m ?v {{ GRAPH <{BASE}/graph/quality> {{ ?x {DQV.isMeasurementOf} ?m ; {DQV.value} ?v }} }}"
    rows = [(row["m"], row["v"]) for row in store.select(query)]
    return {m.value.rpartition("/")[2]: float(v.value) for m, v in rows if not isinstance(m, Triple | Literal)
            and isinstance(v, Literal)}  # fmt: skip


def test_the_catalogues_and_the_quality_of_sources_are_in_the_graph(
    ledger: Ledger, store: GraphStore, both: list[Projection]
) -> None:
    append(ledger, arrival("a"), arrival("b"))
    Projector(ledger, both).catch_up()
    catalogue = store.graph(f"{BASE}/graph/catalogues")
    assert f"<{BASE}/catalog> <http://www.w3.org/ns/dcat#catalog> <{BASE}/id/source/here> ." in catalogue
    assert f'<{BASE}/id/source/here> {DCT.title} "Here"@en .' in catalogue
    before = quality_of(store)
    assert before["points"] == sum(value for key, value in before.items() if key != "points") and len(before) == 6
    licence = f"<{named('a')}> {DCT.license} <http://creativecommons.org/licenses/by/4.0/> .\n"
    append(ledger, arrival("a", "Nu", statements=arrival("a", "Nu").statements + licence))
    Projector(ledger, both).catch_up()
    assert quality_of(store)["reusability-points"] == before["reusability-points"] + 12.5
    measured = ledger.qualities.measured()["here"][1]
    assert measured and measured["records"] == 2


def test_a_rebuild_has_the_catalogues_and_the_quality_too(
    ledger: Ledger, store: GraphStore, both: list[Projection]
) -> None:
    append(ledger, arrival("a"))
    projector = Projector(ledger, both)
    projector.catch_up()
    before = {name: store.graph(f"{BASE}/graph/{name}") for name in ("catalogues", "quality", "vocabularies")}
    projector.rebuild(("graph",))
    assert {name: store.graph(f"{BASE}/graph/{name}") for name in before} == before and all(before.values())


def test_a_source_is_measured_once_its_harvest_has_ended_and_not_for_each_record(
    ledger: Ledger, store: GraphStore, both: list[Projection]
) -> None:
    append(ledger, arrival("a"))
    graph = Counting(both[0])
    catch_up(ledger, graph)
    assert graph.settled == [("here", "1")]
    with ledger.runs.begin(SOURCE, resumable=False) as run:
        report = HarvestReport(SOURCE.key)
        for key in "bcd":
            ledger.records.commit_page(run.id, SOURCE.key, arrivals=[arrival(key)], report=report)
            catch_up(ledger, graph)
            assert graph.settled == [("here", "1")]
        ledger.runs.finish(run, report, {}, complete=False)
    catch_up(ledger, graph)
    catch_up(ledger, graph)
    assert graph.settled == [("here", "1"), ("here", "4")]


class Counting:
    """A graph projection that notes each (source, edition) that was measured."""

    name, page = "graph", 500

    def __init__(self, projection: Projection) -> None:
        assert isinstance(projection, GraphProjection)
        self._projection, self.settled = projection, list[tuple[str, str]]()
        self.position, self.put, self.rebuild = projection.position, projection.put, projection.rebuild
        ledger = projection._ledger
        measure = ledger.qualities.measure

        def noted(source: str, edition: str, measured: dict[str, Any] | None) -> None:
            self.settled.append((source, edition.partition(" ")[0]))
            measure(source, edition, measured)

        ledger.qualities.measure = noted  # type: ignore[method-assign]

    def settle(self) -> None:
        self._projection.settle()


def test_a_source_that_shows_nothing_any_more_has_no_quality(
    ledger: Ledger, store: GraphStore, both: list[Projection]
) -> None:
    append(ledger, arrival("a"))
    Projector(ledger, both).catch_up()
    known = ledger.records.known(SOURCE.key, [arrival("a").raw])
    ledger.records.commit_page(None, SOURCE.key, deleted=list(known.values()), report=HarvestReport(SOURCE.key))
    Projector(ledger, both).catch_up()
    assert quality_of(store) == {} and ledger.qualities.measured()["here"][1] is None


# What is told of runs


def runs_of(store: GraphStore, block: int) -> dict[str, str]:
    """The runs that a graph tells, with their states."""
    query = (
        f"SELECT ?r ?s {{ GRAPH <{BASE}/graph/runs/{block}> {{ ?r a {PROV.Activity} ; {SCHEMA.actionStatus} ?s }} }}"
    )
    return {row["r"].value.rpartition("#")[2]: row["s"].value.rpartition("/")[2] for row in store.select(query)}  # type: ignore[union-attr]


def test_a_run_that_brought_something_is_an_activity(ledger: Ledger, store: GraphStore, both: list[Projection]) -> None:
    with ledger.runs.begin(SOURCE, resumable=False, code="0.1.0+abc", profile="123") as run:
        ledger.records.commit_page(run.id, SOURCE.key, arrivals=[arrival("a")], report=run.report)
        ledger.runs.finish(run, run.report, {}, complete=True)
    append(ledger)  # one that brought nothing
    Projector(ledger, both).catch_up()
    assert runs_of(store, 0) == {"run-1": "CompletedActionStatus"}
    node = f"<{BASE}/id/source/here#run-1>"
    told = store.graph(f"{BASE}/graph/runs/0")
    assert f"{node} {PROV.used} <http://127.0.0.1/here.csv> ." in told
    assert f"{node} {PROV.wasAssociatedWith} <{BASE}/catalog#software-0.1.0+abc> ." in told
    asked = f"""ASK {{ GRAPH ?record {{ <{graph_iri(named("a"))}> {PROV.wasGeneratedBy} ?run }}
        ?run {PROV.qualifiedAssociation} ?how ; {PROV.startedAtTime} ?start ; {PROV.endedAtTime} ?end .
        ?how a {PROV.Association} ; {PROV.agent} ?hub ; {PROV.hadPlan} ?plan . ?hub a {PROV.SoftwareAgent} .
        ?plan a {PROV.Plan} ; {DCT.identifier} "123" }}"""
    assert store.select(asked.replace("ASK", "SELECT *"))


def test_a_harvest_writes_the_last_block_of_runs_only(
    ledger: Ledger, store: GraphStore, both: list[Projection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.projection.activities.BLOCK", 2)
    for title in ("1", "2", "3"):
        append(ledger, arrival("a", title))
    graph = both[0]
    assert isinstance(graph, GraphProjection)
    catch_up(ledger, graph)
    assert [len(runs_of(store, block)) for block in (0, 1)] == [1, 2]
    written: list[str] = []
    apply = store.apply
    monkeypatch.setattr(store, "apply", lambda graphs, at: written.extend(graphs) or apply(graphs, at))
    append(ledger, arrival("a", "4"))
    catch_up(ledger, graph)
    assert [name for name in written if "/graph/runs/" in name] == [f"{BASE}/graph/runs/2"]
    assert list(runs_of(store, 2)) == ["run-4"]
    projector = Projector(ledger, both)
    before = [store.graph(f"{BASE}/graph/runs/{block}") for block in (0, 1, 2)]
    projector.rebuild(("graph",))
    assert [store.graph(f"{BASE}/graph/runs/{block}") for block in (0, 1, 2)] == before


def test_a_run_that_is_undone_is_told_so(ledger: Ledger, store: GraphStore, both: list[Projection]) -> None:
    names = list("abcdefgh")
    append(ledger, *(arrival(name) for name in names))
    append(ledger, *(arrival(name, "Nu") for name in names[1:]))
    Projector(ledger, both).catch_up()
    ledger.runs.undo(2)
    Projector(ledger, both).catch_up()
    assert runs_of(store, 0) == {"run-1": "CompletedActionStatus", "run-2": "FailedActionStatus"}


def test_an_entry_has_the_checksum_of_what_its_source_sent(ledger: Ledger) -> None:
    append(ledger, arrival("a", "Ett tak"))
    entry, sent = graph_iri(named("a")), checksum(b"Ett tak")
    told = published(ledger.changes.record(named("a")), BASE)
    assert f"<{entry}> {SPDX.checksum} <{entry}#payload> ." in told and f'{SPDX.checksumValue} "{sent}"' in told
    append(ledger, replace(arrival("a", "Fel"), valid=False))
    assert ledger.changes.record(named("a")).state == "stale"
    assert SPDX.checksum.value not in published(ledger.changes.record(named("a")), BASE)
