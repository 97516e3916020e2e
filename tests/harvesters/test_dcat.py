"""DCAT and its kin over loopback: pages, links that lead astray, and what makes a node a record."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from pyoxigraph import RdfFormat, parse, serialize

from harvesters import paging
from harvesters.closure import MOST_STATEMENTS
from harvesters.dcat import DcatHarvester
from harvesters.samples.server import SampleServer, serve
from harvesters.source_files import SOURCES, load_sources
from hub.errors import FetchError
from hub.fetch import Client
from hub.model import Page, RawRecord, Source
from hub.namespaces import HYDRA, PREFIXES, record_iri
from tests.servers.loopback import Answer, Question, Server, serving

Answering = Callable[[Question], Answer | None]
HEAD = "".join(f"@prefix {name}: <{namespace}> .\n" for name, namespace in PREFIXES.items())
HEAD += f"@prefix hydra: <{HYDRA}> . @prefix : <https://partner.example/> .\n"


def ttl(body: str) -> Answer:
    return Answer(HEAD + body, media_type="text/turtle")


def documents(pages: Mapping[str, str]) -> Answering:
    """Turtle by path; the page is the path's query, if it has one: `/c?page=2`."""

    def answer(q: Question) -> Answer:
        query = "&".join(f"{name}={value}" for name, value in q.query.items())
        body = pages.get(f"{q.path}?{query}" if query else q.path)
        return Answer(status=404) if body is None else ttl(body)

    return answer


def source(url: str, **more: Any) -> Source:
    return Source("dcat-test", {"en": "Test"}, "ITA", "it", "dcat", url, "dcat", **more)


def pages(server: Server, path: str = "/c", cursor: str | None = None, **more: Any) -> Iterator[Page]:
    client = Client("tests/1", allowed_hosts=[server.host], retries=0)
    return DcatHarvester().pages(source(server.url + path, **more), client, cursor)


def harvest(answering: Answering, path: str = "/c", **more: Any) -> list[RawRecord]:
    with serving(answering) as server:
        return [record for page in pages(server, path, **more) for record in page.records]


def one(body: str, **more: Any) -> list[RawRecord]:
    """The records of a catalogue of one page."""
    return harvest(lambda q: ttl(body), **more)


def until_it_fails(answering: Answering, path: str = "/c", **more: Any) -> tuple[list[str], str]:
    """What came before the listing failed, and the words of the failure."""
    came: list[str] = []
    with serving(answering) as server, pytest.raises(FetchError) as failure:
        for page in pages(server, path, **more):
            came += [record.identifier for record in page.records]
    return came, str(failure.value).replace(server.url, "")


def identifiers(records: Sequence[RawRecord]) -> list[str]:
    return [record.identifier for record in records]


def statements(record: RawRecord) -> set[str]:
    return set(record.payload.decode().splitlines())


# The samples, as their portals speak


@pytest.fixture(scope="module")
def samples() -> Iterator[SampleServer]:
    with serve() as running:
        yield running


@pytest.mark.parametrize(("key", "sizes"), [("sample-se", [5, 5]), ("sample-at", [4, 4, 2]), ("sample-fr", [6, 6, 4])])
def test_the_sample_catalogues(samples: SampleServer, key: str, sizes: list[int]) -> None:
    sample = load_sources(SOURCES.parent / "samples" / "sources", samples.url)[key]
    client = Client("tests/1", allowed_hosts=["127.0.0.1"])
    found = list(DcatHarvester().pages(sample, client))
    assert [len(page.records) for page in found] == sizes
    assert {page.total for page in found} == {sum(sizes)}
    assert [page.cursor is None for page in found] == [False] * (len(sizes) - 1) + [True]
    records = [record for page in found for record in page.records]
    assert all(record.problem is None for record in records)
    again = [record for page in DcatHarvester().pages(sample, client) for record in page.records]
    assert again == records  # the same bytes at every fetch


def test_keys_are_what_the_catalogue_calls_its_entries(samples: SampleServer) -> None:
    sample = load_sources(SOURCES.parent / "samples" / "sources", samples.url)["sample-fr"]
    client = Client("tests/1", allowed_hosts=["127.0.0.1"])
    records = [record for page in DcatHarvester().pages(sample, client) for record in page.records]
    iris = {record_iri("http://h", record.kind, sample.key, record.identifier).value for record in records}
    assert {
        "http://h/id/practice/sample-fr/green-kommon",
        "http://h/id/venue/sample-fr/le-6b",
        "http://h/id/organisation/sample-fr/la-main",
    } <= iris


# Identity


@pytest.mark.parametrize(
    ("node", "identifier"),
    [
        (':a dct:identifier "P-7"', "P-7"),
        (':a dct:identifier " P-7 "', "P-7"),
        (':a dct:identifier "P-8", "P-7"', "P-7"),
        (':a dct:identifier <https://id.example/7>, "P-7"', "P-7"),
        (":a dct:identifier <https://id.example/7>", "https://id.example/7"),
        (':a schema:identifier "S-1"', "S-1"),
        (':a <https://schema.org/identifier> "S-1"', "S-1"),
        (':a schema:identifier "S-1" ; dct:identifier "P-7"', "P-7"),
        (':a dct:identifier " "', "https://partner.example/a"),
        (":a dct:identifier [ skos:notation 7 ]", "https://partner.example/a"),
        (":a dct:language 'it'", "https://partner.example/a"),
        ('[] dct:identifier "P-7"', "P-7"),
    ],
)
def test_a_record_is_called_by_its_identifier_else_by_its_iri(node: str, identifier: str) -> None:
    (record,) = one(f"{node} ; a dcat:Dataset ; dct:title 'Tetto' .")
    assert (record.identifier, record.problem) == (identifier, None)


def test_a_blank_record_without_identifier_is_known_by_its_content() -> None:
    body = "[] a dcat:Dataset ; dct:title '{}' ; dct:spatial [ dct:title 'Roma' ] ."
    (first,), (again,), (other,) = one(body.format("Tetto")), one(body.format("Tetto")), one(body.format("Muro"))
    assert first.identifier.startswith("content-")
    assert first == again
    assert first.identifier != other.identifier


def test_an_identifier_that_is_another_s_already_gives_way_to_the_iri() -> None:
    records = one(":a a dcat:Dataset ; dct:identifier '1' . :b a dcat:Dataset ; dct:identifier '1' .")
    assert identifiers(records) == ["1", "https://partner.example/b"]
    kinds = {"practice": "dcat:Dataset", "venue": "schema:Place"}
    records = one(":a a dcat:Dataset ; dct:identifier '1' . :b a schema:Place ; dct:identifier '1' .", select=kinds)
    assert {(r.kind, r.identifier) for r in records} == {("practice", "1"), ("venue", "1")}


def test_what_is_told_twice_alike_comes_once() -> None:
    next_page = "<?page=2> hydra:view [] ; hydra:next <?page=3> ."
    record = "[] a dcat:Dataset ; dct:identifier 'x' ; dct:title 'Tetto' ."
    told = {"/c?page=2": f"{next_page} {record} :y a dcat:Dataset ; dct:title 'y' .", "/c?page=3": record}
    assert identifiers(harvest(documents(told), "/c?page=2")) == ["https://partner.example/y", "x"]


def test_what_is_told_twice_differently_is_kept_apart_with_a_problem() -> None:
    told = {
        "/c": "<> hydra:next </d> . :a a dcat:Dataset ; dct:title 'Tetto' ; dct:identifier 'a' .",
        "/d": ":a a dcat:Dataset ; dct:title 'Muro' ; dct:identifier 'a' . :b a dcat:Dataset ; dct:title 'b' .",
    }
    first, _, second = sorted(harvest(documents(told)), key=lambda record: record.identifier)
    assert (first.identifier, first.problem) == ("a", None)
    assert second.identifier.startswith("unidentified-")
    assert (
        second.problem
        == "The catalogue has 'a' twice and says different things of it; the first is kept. List it once."
    )
    (_, blank) = one("[] a dcat:Dataset; dct:identifier 'a'; dct:title 'x'. [] a dcat:Dataset; dct:identifier 'a'.")
    assert "twice" in str(blank.problem)


# What is a record


def test_only_the_selected_classes_are_records() -> None:
    body = """:c a dcat:Catalog ; dcat:dataset :p .
        :p a dcat:Dataset ; dct:title 'p' . :v a coped:Venue ; dct:title 'v' . :o a <https://schema.org/Organization> ;
        schema:name 'o' . :m a dcat:Dataset ."""
    select = {"venue": "https://w3id.org/co-ped/ns#Venue", "organisation": "org:Organization schema:Organization"}
    assert [(r.kind, r.identifier[-1]) for r in one(body)] == [("practice", "p")]  # :m says nothing but its class
    assert [(r.kind, r.identifier[-1]) for r in one(body, select=select)] == [("organisation", "o"), ("venue", "v")]


def test_a_catalogue_is_no_record_unless_it_is_asked_for() -> None:
    body = ":c a dcat:Catalog, dcat:Dataset ; dct:title 'c' . :p a dcat:Dataset ; dct:title 'p' ."
    assert identifiers(one(body)) == ["https://partner.example/p"]
    assert len(one(body, select={"practice": "dcat:Catalog dcat:Dataset"})) == 2


@pytest.mark.parametrize("classes", ["", "Dataset", "dcatap:Dataset", "dcat:"])
def test_a_class_that_can_be_none_is_told(classes: str) -> None:
    with pytest.raises(
        FetchError, match=r"dcat-test: select.practice has .*each an IRI, or with one of the prefixes adms"
    ):
        one(":p a dcat:Dataset .", select={"practice": classes})


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ({"urls": "https://x.example"}, "options.urls is 'https://x.example'; it must be a list"),
        ({"keywords": "energia"}, "options.keywords is 'energia'; it must be a list"),
        ({"contexts": []}, "options.contexts is '[]'; it must be a table"),
        ({"page_size": 0}, "options.page_size is 0; it must be a number from 1 to 1000"),
    ],
)
def test_an_option_of_the_wrong_form_is_told(option: dict[str, Any], told: str) -> None:
    with pytest.raises(FetchError) as failure:
        one(":p a dcat:Dataset .", options=option)
    assert str(failure.value) == f"dcat-test: {told}"


def test_keywords_choose_by_title_and_keyword_in_any_case() -> None:
    body = """:a a dcat:Dataset ; dct:title 'COMUNITÀ energetica'@it . :b a dcat:Dataset ; dcat:keyword 'energetica' .
        :c a dcat:Dataset ; dct:abstract 'energetica' . :d a dcat:Dataset ; <https://schema.org/name> 'Energetica' ."""
    assert [i[-1] for i in identifiers(one(body, options={"keywords": ["Energetica", "tetto"]}))] == ["a", "b", "d"]


# What a record says

CATALOGUE = """:cat a dcat:Catalog ; dct:title 'Tutto' ; dcat:dataset :p, :q .
:p a dcat:Dataset ; dct:title 'p' ; dct:isPartOf :cat ; dct:relation :q ; coped:venue :v, :elsewhere ;
   dct:creator :org ; dct:spatial [ a dct:Location ; dct:title 'Roma' ] ; dcat:theme :theme .
:q a dcat:Dataset ; dct:title 'q' .
:v a coped:Venue ; dct:identifier 'casa' ; dct:title 'Casa' ; dct:description 'lungo' .
:org foaf:name 'Org' ; foaf:homepage :home . :home dct:publisher :deep . :deep foaf:name 'deep' ; dct:relation :deeper .
:deeper foaf:name 'too far' .
:theme skos:prefLabel 'tetti'@it ; skos:inScheme :scheme . :scheme skos:prefLabel 'schema' ."""
SELECT = {"practice": "dcat:Dataset", "venue": "coped:Venue"}


def test_a_record_has_what_it_embeds_and_the_names_of_what_it_links_to() -> None:
    record = next(r for r in one(CATALOGUE, select=SELECT) if r.identifier.endswith("/p"))
    told = record.payload.decode()
    present = ["'Roma'", "'Org'", "'deep'", "'tetti'", "'casa'", "'Casa'"]
    absent = ["'q'", "'Tutto'", "'lungo'", "'too far'", "'schema'"]
    assert [word for word in present if word.replace("'", '"') not in told] == []
    assert [word for word in absent if word.replace("'", '"') in told] == []
    assert "<https://partner.example/p> <http://purl.org/dc/terms/relation> <https://partner.example/q> ." in told


def test_a_venue_that_is_a_record_as_well_has_one_name() -> None:
    """A practice that links to it, by IRI or as a blank node, means the venue's own record."""
    for venue in (":v", "_:v"):
        body = CATALOGUE.replace(":v ", f"{venue} ").replace(":v,", f"{venue},")
        practice = next(r for r in one(body, select=SELECT) if r.identifier.endswith("/p"))
        assert '<http://purl.org/dc/terms/identifier> "casa"' in practice.payload.decode()


@pytest.mark.parametrize("form", [RdfFormat.N_TRIPLES, RdfFormat.RDF_XML, RdfFormat.JSON_LD, RdfFormat.TRIG])
def test_the_same_statements_are_the_same_bytes(form: RdfFormat) -> None:
    triples = [quad.triple for quad in parse(HEAD + CATALOGUE, format=RdfFormat.TURTLE)]
    body = serialize(reversed(triples), format=form)
    assert body is not None
    other = harvest(lambda q: Answer(body, media_type=form.media_type), select=SELECT)
    assert other == one(CATALOGUE, select=SELECT)


def test_a_record_that_embeds_a_whole_catalogue_costs_itself() -> None:
    many = "".join(f":p dct:hasPart [ dct:title '{n}' ] .\n" for n in range(MOST_STATEMENTS // 2 + 1))
    first, second = one(f":p a dcat:Dataset . {many} :q a dcat:Dataset ; dct:title 'q' .")
    assert first.identifier == "https://partner.example/p"
    assert (
        first.problem == f"The record embeds more than {MOST_STATEMENTS} statements; it seems to be a whole catalogue."
    )
    assert (second.identifier, second.problem) == ("https://partner.example/q", None)


# Paging


def numbered(count: int, link: str, total: str = "") -> Answering:
    """Pages of one dataset each; `link` is the Turtle of a link to page {n}, `total` is said on every page."""

    def answer(q: Question) -> Answer:
        number = int(q.query.get("page", "1"))
        leads_on = link.format(n=number + 1, host=q.headers["host"]) if number < count else ""
        return ttl(f":d{number} a dcat:Dataset ; dct:title '{number}' . {leads_on} {total}")

    return answer


@pytest.mark.parametrize(
    "link",
    [
        "<?page=1> hydra:next <?page={n}> .",
        "<http://{host}/opendata/catalog.ttl> a hydra:PagedCollection ; hydra:nextPage '?page={n}' .",
        "[] hydra:next <?page={n}> .",
        "[] hydra:next 'http://{host}/opendata/catalog.ttl?page={n}' .",
        "[] hydra:nextPage '/opendata/catalog.ttl?page={n}' .",
        "[] hydra:nextPage 'http://paster/opendata/catalog.ttl?page={n}' .",
        "[] hydra:nextPage 'http://paster/catalog.ttl?page={n}' .",
        "<http://paster/catalog.ttl?page=1> hydra:next <https://ckan:5000/catalog.ttl?page={n}> .",
        "[] hydra:next '' , <?page={n}> .",
        "<?page=1> hydra:next <?page={n}> . :other hydra:next <https://partner.example/other?page=9> .",
    ],
)
def test_links_to_the_next_page(link: str) -> None:
    with serving(numbered(3, link)) as server:
        found = list(pages(server, "/opendata/catalog.ttl"))
        assert [q.path for q in server.asked] == ["/opendata/catalog.ttl"] * 3
    assert [i[-1] for page in found for i in identifiers(page.records)] == ["1", "2", "3"]


def test_the_page_s_own_link_goes_before_links_of_others() -> None:
    links = "</c> hydra:next </d> . </a> hydra:next </b> ."
    told = {
        "/c": f"{links} :1 a dcat:Dataset ; dct:title '1' .",
        "/d": f"{links} </d> hydra:next </e> . :2 a dcat:Dataset ; dct:title '2' .",
        "/e": ":3 a dcat:Dataset ; dct:title '3' .",
    }
    assert [i[-1] for i in identifiers(harvest(documents(told)))] == ["1", "2", "3"]


def test_strange_hosts_are_told(caplog: pytest.LogCaptureFixture) -> None:
    harvest(numbered(3, "[] hydra:next <http://paster/c?page={n}> ."))
    assert len([message for message in caplog.messages if "links to pages on paster" in message]) == 1


def test_a_loop_that_does_not_lead_back_to_the_first_page_ends() -> None:
    told = {f"/{a}": f"<> hydra:next </{b}> . :{a} a dcat:Dataset ; dct:title '{a}' ." for a, b in ("ab", "bc", "cb")}
    came, words = until_it_fails(documents(told), "/a")
    assert [i[-1] for i in came] == ["a", "b", "c"]
    assert words.startswith("/b: paging loop: this page came before. The listing is incomplete; nothing is deleted")


@pytest.mark.parametrize("entry", [":d", "[]"])
def test_a_portal_that_gives_the_same_page_under_every_number_is_a_loop(entry: str) -> None:
    def answer(q: Question) -> Answer:
        following = int(q.query.get("page", "1")) + 1
        return ttl(
            f"{entry} a dcat:Dataset ; dct:title 'd' . :c dct:modified '{following}' ; hydra:next <?page={following}> ."
        )

    came, words = until_it_fails(answer)
    assert len(came) == 1
    assert words.startswith("/c?page=2: paging loop: this page has the entries of a page before;")


def test_pages_that_share_what_is_selected_are_no_loop() -> None:
    """Every page describes its publisher; the datasets are what differs."""
    publisher = ":o a org:Organization ; foaf:name 'Comune' ."
    told = {
        "/c": f":cat dcat:dataset :a . :a dct:publisher :o . <> hydra:next </d> . {publisher}",
        "/d": f":cat dcat:dataset :b . :b dct:publisher :o . {publisher}",
    }
    assert identifiers(harvest(documents(told), select={"organisation": "org:Organization"})) == [
        "https://partner.example/o"
    ]


def test_pages_that_each_list_the_whole_catalogue_are_no_loop() -> None:
    whole = ":cat dcat:dataset :a , :b ; hydra:totalItems 2 ."
    told = {
        "/c": f"{whole} <> hydra:next </d> . :a a dcat:Dataset ; dct:title 'a' .",
        "/d": f"{whole} :b a dcat:Dataset ; dct:title 'b' .",
    }
    assert [i[-1] for i in identifiers(harvest(documents(told)))] == ["a", "b"]


def test_empty_pages_on_the_way_are_no_loop() -> None:
    told = {f"/{n}": f"<> hydra:next </{n + 1}> ; hydra:totalItems 0 ." for n in range(3)} | {
        "/3": "<> dct:title 'end' ."
    }
    with serving(documents(told)) as server:
        assert [len(page.records) for page in pages(server, "/0")] == [0, 0, 0, 0]


def test_a_listing_without_end_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MOST_PAGES", 5)
    came, words = until_it_fails(numbered(1000, "[] hydra:next <?page={n}> ."))
    assert 5 <= len(came) <= 7
    assert "more than 5 pages" in words


def test_a_link_that_is_no_address_is_told() -> None:
    came, words = until_it_fails(documents({"/c": ":a a dcat:Dataset ; dct:title 'a' . <> hydra:next 'http://[c' ."}))
    assert came == []
    assert words.startswith("/c: the link to the next page is no address: 'http://[c'. The listing is incomplete")


@pytest.mark.parametrize("total", ["5", "'5'", "' 5 '^^xsd:integer"])
def test_a_listing_that_has_less_than_it_announces_is_incomplete(total: str) -> None:
    came, words = until_it_fails(numbered(3, "[] hydra:next <?page={n}> .", f":cat hydra:totalItems {total} ."))
    assert len(came) == 3  # what came stays
    assert words.startswith("/c: 5 entries are announced, 3 came. The listing is incomplete; nothing is deleted")


@pytest.mark.parametrize("total", ["3", "2", "'many'", "-1", "9 . :other hydra:totalItems 3"])
def test_a_total_that_is_met_or_means_nothing_is_no_fault(total: str) -> None:
    assert len(harvest(numbered(3, "[] hydra:next <?page={n}> .", f":cat hydra:totalItems {total} ."))) == 3


def test_a_total_counts_what_the_catalogue_lists_and_not_only_our_kinds() -> None:
    body = """:cat hydra:totalItems 4 ; dcat:dataset :p, [] ; dcat:service :api ; dcat:resource :v .
        :p a dcat:Dataset ; dct:title 'p' ."""
    assert len(one(body)) == 1


def test_a_total_that_shrinks_on_the_way_is_survived() -> None:
    def answer(q: Question) -> Answer:
        number = int(q.query.get("page", "1"))
        return numbered(3, "[] hydra:next <?page={n}> .", f":cat hydra:totalItems {6 - number} .")(q)

    assert len(harvest(answer)) == 3


def test_pages_that_are_large_are_cut_and_gone_on_with() -> None:
    many = "".join(f":d{n} a dcat:Dataset ; dct:title '{n}' .\n" for n in range(5))
    told = {"/c": f"<> hydra:next </d> . :cat hydra:totalItems 6 . {many}", "/d": ":e a dcat:Dataset ; dct:title 'e' ."}
    with serving(documents(told)) as server:
        found = list(pages(server, options={"page_size": 2}))
        assert [len(page.records) for page in found] == [2, 2, 1, 1]
        assert [page.total for page in found] == [6] * 4
        cursors = [page.cursor for page in found]
        assert cursors == [f"0 2 {server.url}/c", f"0 4 {server.url}/c", f"0 0 {server.url}/d", None]
        everything = [record for page in found for record in page.records]
        for reached, cursor in zip((2, 4, 5), cursors, strict=False):
            rest = [
                record for page in pages(server, cursor=cursor, options={"page_size": 2}) for record in page.records
            ]
            assert rest == everything[reached:]
        for nonsense in ("", "elsewhere", "9 0 http://x.example", "a b c"):
            assert len(list(pages(server, cursor=nonsense, options={"page_size": 2}))) == 4


# Several addresses


def test_one_broken_file_does_not_cost_the_others_theirs() -> None:
    told = {"/a": ":a a dcat:Dataset ; dct:title 'a' .", "/c": ":c a dcat:Dataset ; dct:title 'c' ."}
    with serving(documents(told)) as server:
        urls = [f"{server.url}/{name}" for name in "abcd"]
        came: list[str] = []
        with pytest.raises(FetchError) as failure:
            for page in pages(server, options={"urls": urls}):
                came += identifiers(page.records)
        assert [i[-1] for i in came] == ["a", "c"]
        words = str(failure.value).replace(server.url, "")
        assert words == (
            "2 of 4 addresses failed: /b: answered 404 Not Found. Check url in the source file, or try later. "
            "/d: answered 404 Not Found. Check url in the source file, or try later."
        )
        with pytest.raises(FetchError, match=r"^http[^ ]*/b: answered 404 Not Found\."):
            list(pages(server, options={"urls": urls[:3]}))
        first = next(pages(server, options={"urls": urls}))
        assert first.cursor == f"1 0 {server.url}/b"
        (rest,) = pages(server, cursor=f"2 0 {server.url}/c", options={"urls": urls[:3]})
        assert [i[-1] for i in identifiers(rest.records)] == ["c"]


def test_contexts_come_from_the_source_file() -> None:
    body = (
        '{"@context": "https://partner.example/context", "@id": "https://partner.example/p", "@type": "Set", "name": 1}'
    )
    contexts = {
        "https://partner.example/context": {
            "Set": "http://www.w3.org/ns/dcat#Dataset",
            "name": "http://purl.org/dc/terms/title",
        }
    }
    answer = Answer(body, media_type="application/ld+json")
    (record,) = harvest(lambda q: answer, options={"contexts": contexts})
    assert '<http://purl.org/dc/terms/title> "1"' in record.payload.decode()
    with pytest.raises(FetchError, match=r"needs the JSON-LD context https://partner.example/context"):
        harvest(lambda q: answer)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            Answer("<!doctype html><title>Wartung</title>", media_type="text/html"),
            "a web page in place of RDF: 'Wartung'",
        ),
        (Answer("", media_type="text/turtle"), "answered with an empty document"),
        (Answer("# nothing", media_type="text/turtle"), "holds no statement"),
        (Answer("<a> <b> <c", media_type="text/turtle"), "the document is no valid Turtle"),
        (Answer("oops", status=500), "answered 500"),
    ],
)
def test_what_is_no_page_of_rdf_is_told(answer: Answer, told: str) -> None:
    came, words = until_it_fails(lambda q: answer)
    assert came == []
    assert words.startswith("/c: ")
    assert told in words
