"""SPARQL endpoints: the same records from a real Oxigraph and a real Virtuoso, also where it cuts its answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from typing import Any, Protocol

import pytest
from pyoxigraph import RdfFormat, parse

from harvesters.closure import payload
from harvesters.dcat import DcatHarvester
from harvesters.rdf import read
from harvesters.sparql import SparqlHarvester
from hub.fetch import Client, Response
from hub.harvest import harvest
from hub.ledger import Ledger
from hub.model import RawRecord, Source
from hub.namespaces import HYDRA, PREFIXES
from hub.profile import load
from tests.servers import need, oxigraph, virtuoso
from tests.servers.loopback import Answer, serving

PAYLOADS = Path(__file__).parents[2].parent / "shared" / "payloads"
HEAD = "".join(f"@prefix {name}: <{namespace}> .\n" for name, namespace in PREFIXES.items())
HEAD += f"@prefix hydra: <{HYDRA}> . @prefix : <https://partner.example/> .\n"
CUT = 100  # ResultSetMaxRows of the Virtuoso that cuts
SELECT = {"practice": "dcat:Dataset", "venue": "schema:Place", "organisation": "foaf:Organization"}


class Server(Protocol):
    @property
    def url(self) -> str: ...

    def load(self, graph: str, n_triples: str) -> None: ...


@dataclass(frozen=True)
class Engine:
    """An endpoint; each load goes into a graph of its own."""

    server: Server
    name: str
    graphs: "count[int]"

    def source(self, turtle: str, select: dict[str, str] | None = None, **options: Any) -> Source:
        graph = f"https://graph.example/{self.name}/{next(self.graphs)}"
        self.server.load(graph, n_triples(turtle))
        return source(self.server.url, select, graph=graph, **options)


def source(url: str, select: dict[str, str] | None = None, **options: Any) -> Source:
    more = {"select": select or {}, "options": options}
    return Source("sparql-test", {"en": "Test"}, "ITA", "it", "sparql", url, "dcat", **more)


def n_triples(turtle: str) -> str:
    return payload(quad.triple for quad in parse(HEAD + turtle, format=RdfFormat.TURTLE, lenient=True)).decode()


def client() -> Client:
    return Client("tests/1", allowed_hosts=["127.0.0.1"], retries=0)


def records(of: Source, cursor: str | None = None, since: datetime | None = None) -> list[RawRecord]:
    return [record for page in SparqlHarvester().pages(of, client(), cursor, since) for record in page.records]


def identifiers(found: Sequence[RawRecord]) -> list[str]:
    return [record.identifier for record in found]


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso", "virtuoso that cuts"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    name = str(request.param)
    if name == "oxigraph":
        need(oxigraph.program() is not None, oxigraph.MISSING)
        with oxigraph.oxigraph(tmp_path_factory.mktemp("oxigraph")) as server:
            yield Engine(server, "oxigraph", count())
    else:
        need(virtuoso.program() is not None, virtuoso.MISSING)
        with virtuoso.virtuoso(CUT if "cuts" in name else 10_000) as server:
            yield Engine(server, "virtuoso", count())


# What a record is

CATALOGUE = """
:catalogue a dcat:Catalog ; dcat:dataset :a, :b, :c, :d ; dct:title "All"@en .
:a a dcat:Dataset ; dct:identifier "A-1" ; dct:title "Tetto"@it, "Roof"@en-GB ; dct:isPartOf :catalogue ;
  dct:description "Ein “Satz”\\nmit \\\\ und \\"Zeichen\\", 🌱" ; dct:relation :b ; dct:spatial :le-6b ;
  dct:publisher :la-main ; dcat:theme <https://w3id.org/co-ped/concept/theme/energy> ;
  dct:temporal [ dcat:startDate "2024-01-01"^^xsd:date ; dcat:endDate "2024-06-30"^^xsd:date ] ;
  dct:contributor [ foaf:name "Una" ; locn:address [ locn:postName "Lyon" ; locn:geometry [ rdfs:label "P" ] ] ] ;
  dcat:distribution :a-file ; schema:about ( "one" "two" "three" "four" "five" "six" ) .
:a-file dct:license :licence ; dct:rights [ rdfs:label "rights" ] ; dct:format :format .
:licence dct:title "CC BY" ; dct:source :far . :far dct:title "Three hops" ; dct:source :farther .
:farther dct:title "Not embedded" . :format rdfs:label "CSV" ; dct:relation :a .
:b a dcat:Dataset ; dct:title "Due" ; dct:creator [ foaf:name "Una" ] ; dct:publisher :la-main .
:c a dcat:Dataset ; dct:isPartOf [ a dcat:Catalog ; dct:title "Unnamed" ] ; dct:title "Tre" .
:d a dcat:Dataset .
:le-6b a <https://schema.org/Place> ; <https://schema.org/name> "Le 6b" ; <https://schema.org/identifier> "6B" ;
  <https://schema.org/geo> [ <https://schema.org/latitude> 48.9 ] ; schema:event :a .
:la-main a foaf:Organization ; foaf:name "La Main"@fr ; dct:relation :b .
"""


@pytest.mark.parametrize("options", [{}, {"method": "GET"}, {"page_size": 1}, {"page_size": 2, "method": "GET"}])
def test_records_are_those_of_the_same_statements_in_a_page_of_rdf(engine: Engine, options: dict[str, Any]) -> None:
    page = Answer(HEAD + CATALOGUE, media_type="text/turtle")
    with serving(lambda q: page) as server:
        listing = Source("x", {}, "ITA", "it", "dcat", server.url, "dcat", select=SELECT)
        expected = [record for page in DcatHarvester().pages(listing, client()) for record in page.records]
    found = records(engine.source(CATALOGUE, SELECT, **options))
    assert sorted(found, key=lambda r: r.payload) == sorted(expected, key=lambda r: r.payload)
    assert sorted(identifiers(found)) == [
        *("6B", "A-1", "https://partner.example/b", "https://partner.example/c", "https://partner.example/la-main")
    ]
    roof = next(record.payload.decode() for record in found if record.identifier == "A-1")
    assert all(words in roof for words in ("Three hops", '"six"', "Lyon", '"rights"', "🌱", '"Le 6b"', "@en-gb"))
    assert all(words not in roof for words in ("Not embedded", '"All"', '"Due"', "48.9"))


@pytest.mark.skipif(not PAYLOADS.is_dir(), reason="the real payloads are not part of the repository")
@pytest.mark.parametrize(
    ("path", "media_type", "expected"),
    [
        ("dcat/de_brandenburg_catalog.ttl", "text/turtle", 112),
        ("dcat/se_rekommenderat.ttl", "text/turtle", 1),
        ("udata/fr_udata.xml", "application/rdf+xml", 2),
        ("schemaorg/nl_dataset-schema-org-gouda-tijdmachine.ttl", "text/turtle", 1),
    ],
)
def test_real_catalogues(engine: Engine, path: str, media_type: str, expected: int) -> None:
    triples = read(Response(f"https://portal.example/{path}", 200, {}, (PAYLOADS / path).read_bytes(), media_type))
    statements, select = payload(triples).decode(), {"practice": "dcat:Dataset schema:Dataset"}
    with serving(lambda q: Answer(statements, media_type="application/n-triples")) as server:
        listing = Source("x", {}, "ITA", "it", "dcat", f"{server.url}/x.nt", "dcat", select=select)
        pages = [record for page in DcatHarvester().pages(listing, client()) for record in page.records]
    of = engine.source("", select)
    engine.server.load(str(of.options["graph"]), statements)
    found = records(of)
    assert len(found) == expected
    assert sorted(found, key=lambda r: r.identifier) == sorted(pages, key=lambda r: r.identifier)


@pytest.mark.skipif(not PAYLOADS.is_dir(), reason="the real payloads are not part of the repository")
def test_data_of_the_protocols_own_tests(engine: Engine) -> None:
    """W3C's data for the SPARQL 1.1 Protocol has blank nodes of a class, and says nothing else of them."""
    of = engine.source("", {"organisation": "foaf:Person"})
    files = sorted((PAYLOADS / "sparql").glob("*.nt"))
    engine.server.load(str(of.options["graph"]), "".join(file.read_text("utf-8") for file in files))
    assert all(record.problem is None for record in records(of))


def test_lists_and_deeper_blank_nodes(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    nested = "[ rdfs:label 'end' ]"
    for level in range(11, 0, -1):
        nested = f"[ rdfs:label 'level {level}' ; dct:relation {nested} ]"
    turtle = f":a a dcat:Dataset ; dct:relation {nested} . :b a dcat:Dataset ; dct:relation [ rdfs:seeAlso {nested} ] ."
    deepest, deeper = (record.payload.decode() for record in records(engine.source(turtle)))
    assert '"end"' in deepest and '"level 11"' in deepest
    assert '"end"' not in deeper and '"level 11"' in deeper
    assert "https://partner.example/b: more than 12 blank nodes one behind another" in caplog.text


def test_blank_nodes_in_a_circle(engine: Engine) -> None:
    (record,) = records(
        engine.source(":a a dcat:Dataset ; dct:relation _:x . _:x dct:relation _:y . _:y dct:source _:x .")
    )
    assert record.payload.count(b"\n") == 4


def test_a_class_has_blank_nodes(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    turtle = ':a a dcat:Dataset ; dct:publisher [ a foaf:Organization ; foaf:name "Una" ] . [] a dcat:Dataset .'
    (record,) = records(engine.source(turtle, SELECT))
    assert b'"Una"' in record.payload  # nobody else tells of it
    assert "2 of these nodes are blank" in caplog.text


def test_identifiers_belong_to_the_first_record_by_iri_in_every_run(engine: Engine) -> None:
    turtle = """:a a dcat:Dataset ; dct:identifier "7" .
    :b a dcat:Dataset ; dct:identifier "7" ; dct:modified "2025-01-01" .
    :c a schema:Place ; dct:identifier "7" . :0 a dcat:CatalogRecord ; dct:identifier "7" ."""
    of = engine.source(turtle, SELECT, page_size=1, modified="dct:modified")
    expected = ["7", "https://partner.example/b", "7"]
    assert identifiers(records(of)) == expected
    assert identifiers(records(of, "https://partner.example/a")) == expected[1:]
    assert identifiers(records(of, since=datetime(2025, 1, 1, tzinfo=UTC))) == expected
    assert [record.kind for record in records(of)] == ["practice", "practice", "venue"]


def test_the_first_kind_counts(engine: Engine) -> None:
    turtle = ":a a dcat:Dataset, schema:Place ; dct:title 'A' . :b a schema:Place ; dct:title 'B' ; dct:relation :a ."
    assert [record.kind for record in records(engine.source(turtle, SELECT))] == ["practice", "venue"]
    turned = dict(reversed(SELECT.items()))
    assert [record.kind for record in records(engine.source(turtle, turned))] == ["venue", "venue"]


@pytest.mark.parametrize("letters", [100, 2_500, 300_000])
def test_long_texts(engine: Engine, letters: int) -> None:
    """Virtuoso sorts and compares no text of more than some 2,000 letters."""
    text = "è" * letters
    (record,) = records(
        engine.source(f":a a dcat:Dataset ; dct:description '{text}' ; dct:identifier '{text[:900]}' .")
    )
    assert text in record.payload.decode()


# Paging


ODD = (
    "a'b",
    "a%20b",
    "a(b)",
    "a~b",
    "aZ",
    "aa",
    "zürich",
    "ärlig",
    "日本",
    "🌱",
    "a" * 400,
    "a#b",
    "a?b=c&d",
    "a;b,c$d@e",
)


@pytest.mark.parametrize("size", [1, 3, 100])
def test_every_iri_is_found_and_a_listing_goes_on_behind_any_of_them(engine: Engine, size: int) -> None:
    of = engine.source("".join(f"<https://partner.example/{name}> a dcat:Dataset ; dct:title 'x' .\n" for name in ODD))
    of = source(of.url, page_size=size, graph=of.options["graph"])
    pages = list(SparqlHarvester().pages(of, client()))
    found = [record.identifier for page in pages for record in page.records]
    assert sorted(found) == sorted(f"https://partner.example/{name}" for name in ODD)
    assert [page.total for page in pages] == [len(ODD)] * len(pages)
    for at, page in enumerate(pages[:-1], 1):
        assert identifiers(records(of, page.cursor)) == found[at * size :]
    assert pages[-1].cursor is None


def test_more_records_than_the_endpoint_gives_at_once(engine: Engine) -> None:
    """Virtuoso's header tells that it cut; then everything is asked for in smaller parts."""
    turtle = "".join(
        f":d{n} a dcat:Dataset ; dct:title '{n}' ; dct:creator [ foaf:name '{n}' ] .\n" for n in range(130)
    )
    found = records(engine.source(turtle, page_size=100))
    assert len(found) == 130
    assert all(record.problem is None and record.payload.count(b"\n") == 4 for record in found)


def test_one_record_has_more_statements_than_the_endpoint_gives(engine: Engine) -> None:
    many = ", ".join(f"'{n}'" for n in range(3 * CUT))
    turtle = f":a a dcat:Dataset ; dct:title 'A' ; dct:relation :big . :b a dcat:Dataset ; dcat:keyword {many} ."
    first, second = records(engine.source(f"{turtle} :big dct:title 'Big' ; dcat:keyword {many} . "))
    if records_are_cut(engine):
        assert b"Big" not in first.payload and b"<https://partner.example/big>" in first.payload
        assert second.problem == "The endpoint cuts its answers, and there is more to this record than it gives."
    else:
        assert b"Big" in first.payload
        assert second.problem is None
    assert identifiers([first, second]) == ["https://partner.example/a", "https://partner.example/b"]


def records_are_cut(engine: Engine) -> bool:
    answer = client().session.get(engine.server.url, params={"query": f"SELECT * WHERE {{ ?s ?p ?o }} LIMIT {CUT + 1}"})
    return "X-SPARQL-MaxRows" in answer.headers


def test_an_endpoint_without_records(engine: Engine) -> None:
    (page,) = SparqlHarvester().pages(engine.source(":a a schema:Event ."), client())
    assert (page.records, page.cursor, page.total) == ([], None, 0)


def test_only_what_changed(engine: Engine) -> None:
    turtle = """
    :new a dcat:Dataset ; dct:modified "2025-03-02"^^xsd:date .
    :now a dcat:Dataset ; dct:modified "2025-03-02T23:30:00-05:00"^^xsd:dateTime .
    :day a dcat:Dataset ; dct:modified "2025-03-01" .
    :old a dcat:Dataset ; dct:modified "2025-02-27"^^xsd:date .
    :two a dcat:Dataset ; dct:modified "2020-01-01", "2025-03-05" .
    :year a dcat:Dataset ; dct:modified "2025"^^xsd:gYear .
    :none a dcat:Dataset ; dct:title "None" .
    """
    of = engine.source(turtle, modified="dct:modified")
    since = datetime(2025, 3, 2, 12, tzinfo=UTC)
    ending = [identifier.rpartition("/")[2] for identifier in identifiers(records(of, since=since))]
    assert ending == ["day", "new", "none", "now", "two", "year"]
    assert len(records(of)) == 7
    assert len(records(source(of.url, graph=of.options["graph"]), since=since)) == 7  # it does not know when


# A query that a person wrote


def test_a_written_query(engine: Engine) -> None:
    query = """# all that somebody organises
    PREFIX schema: <http://schema.org/>
    SELECT DISTINCT ?record ?kind ?modified WHERE {
      { ?record schema:organizer ?who BIND("event" AS ?kind) } 
      UNION { ?x schema:organizer ?record BIND("organisation" AS ?kind) }
      OPTIONAL { ?record schema:dateModified ?modified }
    } # LIMIT 3"""
    turtle = """:e schema:organizer :o ; schema:name "Festa" ; schema:isPartOf :f .
    :o schema:name "Noi" ; schema:event :e .
    :f schema:name "Serie" ; schema:subEvent :e ."""
    event, organisation = records(engine.source(turtle, query=query, modified="schema:dateModified"))
    assert (event.kind, organisation.kind) == ("event", "organisation")
    assert all(words in event.payload for words in (b'"Festa"', b'"Noi"', b'"Serie"'))
    assert b"Festa" not in organisation.payload  # an event is a record of its own, and no venue


def test_a_written_query_needs_no_kind(engine: Engine) -> None:
    query = (
        "select * { ?record a <http://schema.org/Event> ; <http://schema.org/name> ?limit filter(?limit != 'from') }"
    )
    (record,) = records(engine.source(":e a schema:Event ; schema:name 'LIMIT 1' .", query=query))
    assert (record.kind, record.identifier) == ("practice", "https://partner.example/e")


def test_a_harvest_that_is_killed_goes_on(engine: Engine, tmp_path: Path) -> None:
    turtle = "".join(f":d{n} a dcat:Dataset ; dct:title '{n}'@it ; dct:description 'x'@it .\n" for n in range(9))
    of = engine.source(turtle, page_size=2)
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", "https://hub.example")
    (first, second) = islice(SparqlHarvester().pages(of, client()), 2)
    rest = records(of, second.cursor)
    assert identifiers([*first.records, *second.records, *rest]) == identifiers(records(of))
    report = harvest(ledger, of, client(), load(), lambda *_: None)
    assert (report.state, report.seen, report.failed) == ("complete", 9, 0)
    again = harvest(ledger, of, client(), load(), lambda *_: None)
    assert (again.unchanged, again.changed) == (9, 0)
    engine.server.load(
        str(of.options["graph"]), n_triples(turtle.replace(":d3 a dcat:Dataset", ":d3 a dcat:Distribution"))
    )
    assert harvest(ledger, of, client(), load(), lambda *_: None).missing == 1
    ledger.close()
