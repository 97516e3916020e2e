"""What every graph store promises, checked on each of them."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from hub.errors import BadRequest, Refused, Unavailable
from hub.graph import oxigraph as oxigraph_module
from hub.graph.base import GraphStore
from hub.graph.oxigraph import OxigraphStore
from hub.graph.sparql import SparqlStore
from hub.model import sorted_lines
from tests.graph.writer import GRAPHS, many, open_store, text_of
from tests.servers import need
from tests.servers.oxigraph import MISSING, oxigraph, program

A, B, C = (f"http://localhost:8000/data/practice/example/{name}" for name in "abc")
EVERYTHING = "SELECT ?s ?p ?o { ?s ?p ?o }"


def said(word: str, subject: str = "urn:example:s") -> str:
    return f'<{subject}> <http://purl.org/dc/terms/title> "{word}"@en .\n'


def in_order(ntriples: str) -> str:
    return sorted_lines(quad.triple for quad in parse(ntriples, format=RdfFormat.N_TRIPLES))


def test_an_empty_store(store: GraphStore) -> None:
    assert (store.position(), store.count(), store.graph(A), store.select(EVERYTHING)) == (0, 0, "", [])


def test_graphs_are_replaced_and_dropped_with_the_position(reopen: Callable[[], GraphStore]) -> None:
    store = reopen()
    store.apply({A: said("one"), B: said("two")}, 7)
    assert (store.position(), store.count(), store.graph(A), store.graph(B)) == (7, 2, said("one"), said("two"))
    store.apply({A: said("three"), B: None, C: None}, 9)
    store = reopen()
    assert (store.position(), store.count(), store.graph(A), store.graph(B)) == (9, 1, said("three"), "")


def test_the_position_moves_alone_and_back(store: GraphStore) -> None:
    store.apply({A: said("one")}, 5)
    store.apply({}, 6)
    assert (store.position(), store.count()) == (6, 1)
    store.apply({}, 2)
    assert (store.position(), store.count()) == (2, 1)


def test_empty_text_leaves_no_graph(store: GraphStore) -> None:
    store.apply({A: said("one"), B: ""}, 1)
    store.apply({A: ""}, 2)
    assert (store.count(), store.graph(A)) == (0, "")


@pytest.mark.parametrize(
    "name, text",
    [
        (B, "this is no triple"),
        (B, '<urn:example:s> <urn:example:p> "x"@de_DE .\n'),
        (B, "<relative> <urn:example:p> <urn:example:o> .\n"),
        (B, "<urn:example:s> <urn:example:p> <http://a b> .\n"),
        (B, f"{said('x')}}} }} ; DROP ALL ; INSERT DATA {{ GRAPH <{C}> {{ {said('x')}"),
        ("no IRI", said("x")),
        (f"{B}> {{}} }} ; DROP ALL #", said("x")),
        ("urn:coped:position", said("x")),
        ("urn:coped:position:3", said("x")),
    ],
)
def test_what_is_refused_changes_nothing(store: GraphStore, name: str, text: str) -> None:
    store.apply({A: said("one")}, 1)
    with pytest.raises(Refused):
        store.apply({A: said("other"), name: text, C: said("three")}, 2)
    assert (store.position(), store.count(), store.graph(A), store.graph(C)) == (1, 1, said("one"), "")


def test_many_new_graphs_come_with_the_position(reopen: Callable[[], GraphStore]) -> None:
    store = reopen()
    store.apply({A: said("one")}, 3)
    store.apply({**many(1), C: None}, 4)
    store = reopen()
    assert (store.position(), store.count(), store.graph(A)) == (4, 1 + len(many(1)), said("one"))
    assert all(store.graph(name) == in_order(text) for name, text in many(1).items())
    assert len(store.select(EVERYTHING)) == 1 + 30 * len(many(1))
    store.apply({**many(1), **many(2), A: None}, 5)
    assert (store.position(), store.count()) == (5, 2 * len(many(1)))
    store.apply(dict.fromkeys(many(1)), 4)
    assert (store.position(), store.count()) == (4, len(many(1)))


@pytest.mark.parametrize("name, text", [(B, f"{said('x')}}} DROP ALL"), ("no IRI", ""), ("urn:coped:position:3", "")])
def test_of_many_new_graphs_all_are_refused_for_one(store: GraphStore, name: str, text: str) -> None:
    store.apply({A: said("one")}, 1)
    with pytest.raises(Refused):
        store.apply({**many(1), name: text}, 2)
    assert (store.position(), store.count(), len(store.select(EVERYTHING))) == (1, 1, 1)


def test_refusal_names_the_graph_and_the_reason(store: GraphStore) -> None:
    with pytest.raises(Refused, match=f"{B}: .*line 2"):
        store.apply({A: said("x"), B: said("x") + "nonsense"}, 1)


def test_no_default_graph_shows_the_position(store: GraphStore) -> None:
    store.apply({A: said("one"), B: said("two")}, 12)
    assert sorted(str(row["o"]) for row in store.select(EVERYTHING)) == ['"one"@en', '"two"@en']
    assert store.select("SELECT DISTINCT ?o { ?s ?p ?o FILTER(CONTAINS(STR(?o), '12')) }") == []
    assert len(store.construct("CONSTRUCT WHERE { ?s ?p ?o }")) == 2
    named = {str(row["g"]) for row in store.select("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")}
    assert named == {f"<{A}>", f"<{B}>"}


def test_the_default_graph_joins_all_graphs(store: GraphStore) -> None:
    store.apply({A: "<urn:example:s> <urn:example:p> <urn:example:o> .\n", B: said("here", "urn:example:o")}, 1)
    rows = store.select(
        "SELECT ?t ?none { ?s <urn:example:p>/<http://purl.org/dc/terms/title> ?t OPTIONAL { ?t ?t ?none } }"
    )
    assert rows == [{"t": Literal("here", language="en")}]


def test_only_select_and_construct_where_they_belong(store: GraphStore) -> None:
    for wrong in ("ASK {}", "SELECT", "CONSTRUCT WHERE { ?s ?p ?o }", "DROP ALL"):
        with pytest.raises((BadRequest, Unavailable)):
            store.select(wrong)


WORDS = {
    "it": "Comunità energetica «Città del Sole»",
    "hu": "Közösségi energia – tűzhely, őszi fűtés",
    "sv": "Växjö: ångström, 90 °C",
    "uk": "Громада 🌞🏘️",
    "en-t-de": "machine translated",
}


def test_text_comes_back_as_it_was(store: GraphStore) -> None:
    literals = [Literal(word, language=tag) for tag, word in WORDS.items()]
    literals += [Literal(s) for s in ('tab\tline\nreturn\rquote"back\\slash', "'''\"\"\"", "} ; DROP ALL", "\\u0022")]
    literals += [Literal(s) for s in ("\u2028\u0085\x0b\x1c", "\x01\x7f", "{?x}", "#comment", "%41+&=", " ")]
    text = in_order("".join(f"<urn:example:s> <urn:example:ä> {literal} .\n" for literal in literals))
    store.apply({A: text}, 1)
    store.apply({**many(1), B: text}, 2)
    assert store.graph(A) == store.graph(B) == text
    rows = store.select("SELECT DISTINCT ?o { ?s <urn:example:ä> ?o }")
    assert {row["o"] for row in rows} == set(literals)


def test_numbers_are_written_canonically(store: GraphStore) -> None:
    """The reason why the ledger hashes and archives before anything is stored."""
    number = '<urn:example:s> <urn:example:p> "{}"^^<http://www.w3.org/2001/XMLSchema#decimal> .\n'
    store.apply({A: number.format("5000.00")}, 1)
    assert store.graph(A) == number.format("5000")


def test_a_rebuild_takes_the_place_of_what_was(store: GraphStore) -> None:
    store.apply({A: said("old"), B: said("old")}, 3)
    with store.rebuild() as fresh:
        assert (fresh.position(), fresh.count(), fresh.graph(A)) == (0, 0, "")
        fresh.load((f"{A}/{n}", said(f"new {n}")) for n in range(1000))
        fresh.apply({B: said("new"), C: said("soon gone")}, 0)
        fresh.apply({B: said("newer"), C: None}, 0)
        assert (fresh.count(), fresh.graph(B), store.position()) == (1001, said("newer"), 3)
        fresh.apply({}, 8)
    store.optimize()
    assert (store.position(), store.count(), store.graph(A), store.graph(B)) == (8, 1001, "", said("newer"))
    assert store.graph(f"{A}/999") == said("new 999")
    store.apply({A: said("goes on")}, 9)
    assert (store.position(), store.count()) == (9, 1002)


def test_a_rebuild_survives_closing(reopen: Callable[[], GraphStore]) -> None:
    with reopen().rebuild() as fresh:
        fresh.apply({A: said("new")}, 4)
    store = reopen()
    assert (store.position(), store.graph(A)) == (4, said("new"))


def test_a_failed_rebuild_loses_nothing(reopen: Callable[[], GraphStore]) -> None:
    store = reopen()
    store.apply({A: said("old"), B: said("old")}, 3)
    with pytest.raises(Refused), store.rebuild() as fresh:
        fresh.load([(C, said("new")), (f"{C}/2", "nonsense")])
    assert (store.position(), store.graph(A), store.graph(B)) == (3, said("old"), said("old"))
    store = reopen()
    assert (store.position(), store.graph(A), store.graph(B)) == (3, said("old"), said("old"))
    with store.rebuild() as fresh:  # another may begin
        fresh.apply({A: said("new")}, 4)
    assert store.position() == 4


def test_what_a_fresh_store_refuses_leaves_it_usable(store: GraphStore) -> None:
    """The projection goes on record by record then."""
    with store.rebuild() as fresh:
        with pytest.raises(Refused):
            fresh.apply({A: said("one"), B: "nonsense"}, 0)
        assert (fresh.count(), fresh.position()) == (0, 0)
        fresh.apply({A: said("one")}, 0)
        fresh.apply({}, 5)
    assert (store.count(), store.position(), store.graph(A)) == (1, 5, said("one"))


def test_one_rebuild_at_a_time(store: GraphStore) -> None:
    with store.rebuild() as fresh:
        with pytest.raises(Refused), store.rebuild():
            pass
        with pytest.raises(Refused), fresh.rebuild():
            pass


def test_readers_keep_working_while_a_rebuild_swaps(store: GraphStore) -> None:
    store.apply({graph: text_of(0) for graph in GRAPHS}, 1)
    stop, seen, wrong = threading.Event(), [0], []

    def read() -> None:
        while not stop.is_set():
            rows = store.select("SELECT ?o { ?s <urn:example:number> ?o }")
            seen[0] += 1
            if len(rows) != 30 * len(GRAPHS):
                wrong.append(len(rows))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(1, 6):
        with store.rebuild() as fresh:
            fresh.load((graph, text_of(number)) for graph in GRAPHS)
            fresh.apply({}, number)
    stop.set()
    for reader in readers:
        reader.join()
    assert (wrong, store.position()) == ([], 5)
    assert seen[0] > 0


def consistent(store: GraphStore) -> bool:
    """Whether all graphs hold the number that the position tells."""
    position = store.position()
    return position > 0 and all(store.graph(graph) == in_order(text_of(position)) for graph in GRAPHS)


def started(*words: str | Path) -> subprocess.Popen[bytes]:
    """A writer that is at work."""
    command = [sys.executable, "-m", "tests.graph.writer", *map(str, words)]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[2])
    assert writer.stdout and writer.stdout.readline()
    return writer


def test_killed_while_writing_position_and_data_agree_embedded(tmp_path: Path) -> None:
    folder, before = tmp_path / "graph", 0
    for killing in range(10):
        writer = started("update", "embedded", folder)
        assert writer.stdout
        for _ in range(killing):  # another place each time
            writer.stdout.readline()
        writer.kill()
        acknowledged = [int(line) for line in writer.communicate()[0].split()]
        store = OxigraphStore(folder)
        assert consistent(store)
        assert store.position() >= max(acknowledged, default=before + 1 + killing)
        before = store.position()
        store.close()


def test_killed_while_writing_many_new_graphs_position_and_data_agree(tmp_path: Path) -> None:
    for killing in range(10):
        writer = started("grow", "embedded", tmp_path / "graph")
        time.sleep(killing * 0.013)
        writer.kill()
        acknowledged = [int(line) for line in writer.communicate()[0].split()]
        store = OxigraphStore(tmp_path / "graph")
        position = store.position()
        assert position >= max(acknowledged, default=1)
        assert store.count() == position * len(many(1)) and len(store.select(EVERYTHING)) == 30 * store.count()
        store.close()


def test_stopped_between_the_files_and_the_update_the_data_has_its_position(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space left on device")

    store = OxigraphStore(tmp_path)
    store.apply({A: said("one")}, 3)
    with monkeypatch.context() as patched, pytest.raises(Unavailable, match="no space"):
        patched.setattr(oxigraph_module, "_update", fail)
        store.apply(many(1), 4)
    store.close()
    store = OxigraphStore(tmp_path)
    assert (store.position(), store.count()) == (4, 1 + len(many(1)))
    assert store.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") == [{"n": Literal(1 + 30 * len(many(1)))}]
    store.close()


def test_killed_while_writing_position_and_data_agree_server(tmp_path: Path) -> None:
    need(program() is not None, MISSING)
    for killing in range(10):
        with oxigraph(tmp_path) as server:
            if killing:
                assert consistent(SparqlStore(server.url, server.update_url))
            writer = started("update", "sparql", server.url, server.update_url)
            assert writer.stdout
            for _ in range(killing):
                writer.stdout.readline()
            (server.process if killing % 2 else writer).kill()
            server.process.kill()
            server.process.wait()
            writer.communicate()
    with oxigraph(tmp_path) as server:
        assert consistent(SparqlStore(server.url, server.update_url))


@pytest.mark.parametrize("engine", ["embedded", "sparql"])
def test_killed_while_rebuilding_what_was_is_still_there(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    where = ["embedded", str(tmp_path / "graph")]
    if engine == "sparql":
        server = request.getfixturevalue("oxigraph_server")
        SparqlStore(server.url, server.update_url)._update(["DROP ALL"])
        where = ["sparql", server.url, server.update_url]
    store = open_store(where)
    store.apply(dict.fromkeys(GRAPHS, text_of(42)), 42)
    store.close()
    writer = started("rebuild", *where)
    writer.kill()
    writer.communicate()
    store = open_store(where)
    assert consistent(store)
    assert store.position() == 42
    with store.rebuild() as fresh:
        fresh.load((graph, text_of(43)) for graph in GRAPHS)
        fresh.apply({}, 43)
    assert consistent(store)
    assert store.count() == len(GRAPHS)
    store.close()


def test_the_embedded_store_leaves_one_folder(tmp_path: Path) -> None:
    store = OxigraphStore(tmp_path)
    for number in range(3):
        with store.rebuild() as fresh:
            fresh.apply({A: said("x")}, number)
    with pytest.raises(ZeroDivisionError), store.rebuild():
        raise ZeroDivisionError
    assert len(list(tmp_path.glob("store-*"))) == 1
    store.close()
    (tmp_path / "store-killed").mkdir()
    store = OxigraphStore(tmp_path)
    assert [folder.name for folder in tmp_path.glob("store-*")] == [(tmp_path / "current").read_text()]
    store.close()


def test_the_embedded_store_is_open_once(tmp_path: Path) -> None:
    store = OxigraphStore(tmp_path)
    with pytest.raises(Unavailable, match="cannot be opened"):
        OxigraphStore(tmp_path)
    store.close()
    with pytest.raises(Unavailable, match="closed"):
        store.select(EVERYTHING)
    OxigraphStore(tmp_path).close()


def test_a_snapshot_holds_all_but_the_position(tmp_path: Path) -> None:
    store = OxigraphStore(tmp_path / "graph")
    before = store.stamp
    store.apply({A: said("one")}, 1)
    assert store.stamp != before
    store.snapshot(tmp_path / "copy")
    store.apply({A: said("two"), B: said("two")}, 2)
    store.close()
    (tmp_path / "graph" / "current").write_text("../copy")
    copy = OxigraphStore(tmp_path / "graph")
    assert copy.count() == 0, "the pointer leads nowhere but into the store's own folder"
    copy.close()
    (tmp_path / "copy").rename(tmp_path / "graph" / "store-copy")
    (tmp_path / "graph" / "current").write_text("store-copy")
    copy = OxigraphStore(tmp_path / "graph")
    assert (copy.position(), copy.count(), copy.graph(A)) == (0, 1, said("one"))
    copy.close()


def test_nodes_of_rows_are_terms(store: GraphStore) -> None:
    store.apply({A: said("one")}, 1)
    assert store.select("SELECT ?s { ?s ?p ?o }") == [{"s": NamedNode("urn:example:s")}]
