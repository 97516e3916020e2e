"""The sample server speaks to clients that we did not write; the sample records keep what they promise."""

import json
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import rdflib
import requests
from ckanapi import RemoteCKAN
from ckanapi.errors import CKANAPIError, NotFound, SearchError, SearchQueryError, ValidationError
from openpyxl import load_workbook
from rdflib.compare import isomorphic
from rdflib.namespace import DCTERMS, RDF

from harvesters import samples
from harvesters.samples.server import SampleServer, serve
from hub.languages import LANGUAGES
from hub.model import KINDS
from hub.profile import load

FOLDER = Path(samples.__file__).parent
DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")
HYDRA = rdflib.Namespace("http://www.w3.org/ns/hydra/core#")
COPED = rdflib.Namespace("https://w3id.org/co-ped/ns#")
CONCEPT = "https://w3id.org/co-ped/concept/"
EXAMPLE = f"{CONCEPT}record-status/example"
CATALOGUES = {"se": "/se/catalog.rdf", "at": "/at/catalog.ttl", "fr": "/fr/api/1/site/catalog.ttl"}
RDFLIB_FORMATS = {"ttl": "turtle", "rdf": "xml", "xml": "xml", "nt": "nt", "jsonld": "json-ld"}
INVENTED = {"it": "it", "se": "sv", "at": "de", "hu": "hu", "nl": "nl"}
FACTS = {  # the public pages that the real records were written from
    "https://lamain-fonciere.coop/pot-kommon",
    "https://lamain-fonciere.coop/green-kommon",
    "https://plaine-energie-citoyenne.fr/greenkommon",
    "https://tourisme93.com/",
    "https://cooperativecity.org/co-ped",
    "https://projekte.ffg.at/projekt/5129287",
    "https://www.teh.net/inititatives/"
    "community-based-cultural-and-social-centres-as-incubators-for-positive-energy-districts-co-ped",
}


@pytest.fixture(scope="module")
def server() -> Iterator[SampleServer]:
    with serve() as running:
        yield running


# CKAN's action API, through ckanapi


@pytest.fixture(params=["get", "post"])
def italy(request: pytest.FixtureRequest, server: SampleServer) -> Iterator[RemoteCKAN]:
    with RemoteCKAN(f"{server.url}/it", get_only=request.param == "get") as portal:
        yield portal


def test_ckanapi_lists_and_shows_every_package(italy: RemoteCKAN) -> None:
    names = italy.action.package_list()
    assert len(names) == len(list((FOLDER / "it" / "packages").glob("*.toml"))) >= 9
    for name in names:
        package = italy.action.package_show(id=name)
        assert package["name"] == name
        assert package["title_translated"]["it"] == package["title"]
        assert package["license_url"].startswith("https://creativecommons.org/")
        assert {extra["key"]: extra["value"] for extra in package["extras"]}["stato_scheda"] == "example"


def test_ckanapi_pages_without_gap_or_repetition(italy: RemoteCKAN) -> None:
    found: list[str] = []
    while True:
        page = italy.action.package_search(sort="id asc", rows=3, start=len(found))
        found += [package["id"] for package in page["results"]]
        if not page["results"]:
            break
    assert found == sorted(italy.action.package_list())
    assert page["count"] == len(found)
    assert len(italy.action.package_search()["results"]) == 10  # CKAN's default


def test_unknown_package_is_not_found(italy: RemoteCKAN) -> None:
    with pytest.raises(NotFound, match="Not found"):
        italy.action.package_show(id="no-such-package")
    with pytest.raises(ValidationError) as caught:
        italy.action.package_show()
    assert caught.value.error_dict["id"] == ["Missing value"]


def test_bad_questions_get_ckans_own_errors(italy: RemoteCKAN) -> None:
    with pytest.raises(SearchQueryError):
        italy.action.package_search(fq="groups:(buone-pratiche")
    with pytest.raises(SearchQueryError, match="undefined field"):
        italy.action.package_search(fq="no_such_field:1")
    with pytest.raises(SearchError):
        italy.action.package_search(sort="no_such_field asc")
    with pytest.raises(ValidationError):
        italy.action.package_search(rows="many")
    with pytest.raises(CKANAPIError, match="Action name not known"):
        italy.action.no_such_action()


def test_ckanapi_reads_what_is_around_the_packages(italy: RemoteCKAN) -> None:
    assert italy.action.site_read() is True
    assert italy.action.status_show()["locale_default"] == "it"
    assert "package_show" in italy.action.help_show(name="package_show")
    assert [licence["id"] for licence in italy.action.license_list()] == ["cc-by-4.0"]
    (name,) = italy.action.organization_list()
    assert italy.action.organization_show(id=name)["is_organization"] is True
    assert [group["name"] for group in italy.action.group_list(all_fields=True)] == italy.action.group_list()
    facets = italy.action.package_search(rows=0, **{"facet.field": json.dumps(["groups"])})["search_facets"]
    counted = {item["name"]: item["count"] for item in facets["groups"]["items"]}
    assert sum(counted.values()) == len(italy.action.package_list())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("dataset_type:helyszin", {"sarkanyfu-kozossegi-haz"}),
        ("+dataset_type:jo-gyakorlat +tags:kudarc", {"hoszivattyu-tarkalepke"}),
        ("dataset_type:jo-gyakorlat AND tags:tetőszigetelés", {"nad-a-padlason"}),
        ('tags:("közös képzés" OR kudarc)', {"futesszezon-iskola", "hoszivattyu-tarkalepke"}),
        ("dataset_type:(helyszin OR szervezet)", {"sarkanyfu-kozossegi-haz", "ropke-parazs-halozat"}),
        ("-dataset_type:jo-gyakorlat -tags:*", set()),
        ("name:*-parazs-*", {"ropke-parazs-halozat"}),
        ("TÉGLAJEGY", {"teglajegy"}),
        ("text:téglajegy NOT tags:bábszínház", set()),
        ("metadata_created:[2026-10-01T00:00:00Z TO *]", {"kazanhaz-seta"}),
        ('extras_hely:"ózd"', {"meleg-szoba"}),
    ],
)
def test_filter_queries(server: SampleServer, query: str, expected: set[str]) -> None:
    with RemoteCKAN(f"{server.url}/hu") as portal:
        assert {package["name"] for package in portal.action.package_search(fq=query)["results"]} == expected
        assert portal.action.package_search(q=query, rows=0)["count"] == len(expected)
    assert portal.action.package_search(fq_list=[query, "*:*"], rows=0)["count"] == len(expected)


def test_curl_posts_json(server: SampleServer) -> None:
    address = f"{server.url}/hu/api/3/action/package_show"
    command = ["curl", "-sS", "-H", "Content-Type: application/json", "-d", '{"id": "teglajegy"}', address]
    answer = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=20).stdout)
    assert answer["success"] is True
    assert answer["help"] == f"{server.url}/hu/api/3/action/help_show?name=package_show"
    assert answer["result"]["title"].startswith("Téglajegy")
    command[5] = "{not json"
    assert b"JSON Error" in subprocess.run(command, capture_output=True, check=True, timeout=20).stdout


def test_a_package_has_a_page_for_people(server: SampleServer) -> None:
    answer = requests.get(f"{server.url}/hu/dataset/teglajegy", timeout=20)
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Téglajegy" in answer.text


# DCAT in pages, through rdflib


def walk(server: SampleServer, country: str) -> list[rdflib.Graph]:
    """The pages as a harvester finds them: by Hydra's links alone."""
    pages: list[rdflib.Graph] = []
    address: str | None = server.url + CATALOGUES[country]
    while address:
        answer = requests.get(address, timeout=20)
        answer.raise_for_status()
        extension = address.partition("?")[0].rpartition(".")[2]
        pages.append(rdflib.Graph().parse(data=answer.content, format=RDFLIB_FORMATS[extension]))
        address = next((str(o) for p in (HYDRA.next, HYDRA.nextPage) for o in pages[-1].objects(None, p)), None)
    return pages


@pytest.mark.parametrize("country", CATALOGUES)
def test_the_pages_hold_every_record_once(server: SampleServer, country: str) -> None:
    pages = walk(server, country)
    listed = [node for page in pages for path in (DCAT.dataset, DCAT.resource) for node in page.objects(None, path)]
    assert len(pages) > 1
    assert len(listed) == len(set(listed)) == len(list((FOLDER / country / "records").glob("*.ttl"))) >= 9
    assert {int(total) for page in pages for total in page.objects(None, HYDRA.totalItems)} == {len(listed)}
    told = {
        str(page.value(node, DCTERMS.identifier)) for page in pages for node in listed if (node, None, None) in page
    }
    assert told == {file.stem.partition("-")[2] for file in (FOLDER / country / "records").glob("*.ttl")}


def test_hydra_is_written_in_both_forms(server: SampleServer) -> None:
    forms = {c: {str(t) for p in walk(server, c) for t in p.objects(None, RDF.type)} for c in CATALOGUES}
    assert str(HYDRA.PartialCollectionView) in forms["se"] & forms["fr"]
    assert str(HYDRA.PagedCollection) in forms["at"]
    (link,) = walk(server, "at")[0].objects(None, HYDRA.nextPage)
    assert isinstance(link, rdflib.Literal)  # as ckanext-dcat wrote it for years


@pytest.mark.parametrize("country", CATALOGUES)
def test_one_catalogue_in_five_formats(server: SampleServer, country: str) -> None:
    base = (server.url + CATALOGUES[country]).rpartition(".")[0]
    graphs = []
    for extension, form in RDFLIB_FORMATS.items():
        answer = requests.get(f"{base}.{extension}?page_size=1000", timeout=20)
        text = answer.text.replace(f"{base}.{extension}", base)
        graphs.append(rdflib.Graph().parse(data=text, format=form))
    assert all(isomorphic(graphs[0], graph) for graph in graphs[1:])


def test_what_is_known_is_not_sent_again(server: SampleServer) -> None:
    for path in (*CATALOGUES.values(), "/nl/voorbeelden.xlsx"):
        first = requests.get(server.url + path, timeout=20)
        etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
        for known in ({"If-None-Match": etag}, {"If-None-Match": f'"x", W/{etag}'}, {"If-Modified-Since": modified}):
            answer = requests.get(server.url + path, headers=known, timeout=20)
            assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", etag)
        for other in ({"If-None-Match": '"x"', "If-Modified-Since": modified}, {"If-Modified-Since": "no date"}):
            assert requests.get(server.url + path, headers=other, timeout=20).content == first.content


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/fr/api/1/site/catalog.ttl?page=99", 404),
        ("/fr/api/1/site/catalog.ttl?page=0", 404),
        ("/fr/api/1/site/catalog.ttl?page=two", 400),
        ("/fr/api/1/site/catalog.ttl?page_size=0", 400),
        ("/fr/api/1/site/catalog.pdf", 404),
        ("/de/catalog.ttl", 404),
        ("/nl/other.xlsx", 404),
        ("/", 404),
    ],
)
def test_what_is_not_there(server: SampleServer, path: str, status: int) -> None:
    assert requests.get(server.url + path, timeout=20).status_code == status


def test_head_has_no_body_and_delete_is_refused(server: SampleServer) -> None:
    address = f"{server.url}/at/catalog.ttl"
    head = requests.head(address, timeout=20)
    assert (head.content, int(head.headers["Content-Length"])) == (b"", len(requests.get(address, timeout=20).content))
    assert requests.delete(address, timeout=20).status_code == 405


def test_two_servers_run_side_by_side_and_end() -> None:
    with serve() as one, serve() as two:
        assert one.url != two.url
        text = [requests.get(s.url + CATALOGUES["at"], timeout=20).text.replace(s.url, "") for s in (one, two)]
        assert text[0] == text[1]
    with pytest.raises(requests.ConnectionError):
        requests.get(one.url, timeout=5)


# The workbook, through openpyxl


@cache
def sheets(content: bytes) -> dict[str, list[dict[str, Any]]]:
    book = load_workbook(BytesIO(content), read_only=True, data_only=True)
    tables = {}
    for sheet in book.worksheets:
        heads, *rows = sheet.iter_rows(values_only=True)
        assert None not in heads
        assert len(set(heads)) == len(heads)
        tables[sheet.title] = [dict(zip(map(str, heads), row, strict=True)) for row in rows]
    return tables


def test_the_workbook_has_typed_cells(server: SampleServer) -> None:
    answer = requests.get(f"{server.url}/nl/voorbeelden.xlsx", timeout=20)
    assert answer.headers["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    tables = sheets(answer.content)
    assert list(tables) == ["Praktijken", "Plekken", "Organisaties", "Evenementen"]
    for row in tables["Praktijken"]:
        assert isinstance(row["Begin"], datetime | date)
        assert isinstance(row["Waarde"], int | float)
        assert isinstance(row["Code"], str)


# The source files


def source_files() -> list[Path]:
    return sorted([*(FOLDER / "sources").glob("*.toml"), *(FOLDER.parent / "sources").glob("*.toml")])


@pytest.mark.parametrize("file", source_files(), ids=lambda file: f"{file.parents[1].name}-{file.stem}")
def test_a_source_file_is_whole(file: Path) -> None:
    written = tomllib.loads(file.read_text("utf-8"))
    is_sample = file.parents[1] == FOLDER
    assert written["key"] == (f"sample-{file.stem}" if is_sample else file.stem)
    assert set(written["title"]) == set(LANGUAGES)
    assert set(written["select"]) <= set(KINDS)
    assert written["country"] in {c.notation for c in load().concepts.values()} or len(written["country"]) == 3
    assert written["url"].startswith("{samples}/" if is_sample else "https://")
    assert written["language"] in LANGUAGES
    assert len(written["rhythm"].split()) == 5


def test_each_country_has_a_portal_and_a_sample() -> None:
    assert len(source_files()) == 12
    assert len({tomllib.loads(file.read_text("utf-8"))["key"] for file in source_files()}) == 12


# The records


class Record:
    """A sample record as its source has it: values by our flat keys, languages apart."""

    def __init__(self, country: str, kind: str, identifier: str, values: Mapping[str, list[str]]) -> None:
        self.country, self.kind, self.identifier, self.values = country, kind, identifier, values

    def get(self, key: str) -> list[str]:
        return self.values.get(key, [])

    def __repr__(self) -> str:
        return f"{self.country}:{self.identifier}"


def flat(country: str, kind: str, entry: Mapping[str, Any]) -> Record:
    fields = written(country)["options"]["fields"]
    values: dict[str, list[str]] = {}
    for name, key in fields.items():
        if entry.get(name) not in (None, ""):
            values.setdefault(key, []).extend(part.strip() for part in str(entry[name]).split(";"))
    return Record(country, kind, str(entry.get("name") or entry["Code"]), values)


@cache
def written(country: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / "sources" / f"{country}.toml").read_text("utf-8"))


def packages(server: SampleServer, country: str) -> Iterator[Record]:
    language = INVENTED[country]
    with RemoteCKAN(f"{server.url}/{country}") as portal:
        for kind, query in written(country)["select"].items():
            for package in portal.action.package_search(fq=query, rows=1000)["results"]:
                record = flat(country, kind, package | {e["key"]: e["value"] for e in package["extras"]})
                texts = {"title": package.get("title_translated"), "summary": package.get("notes_translated")}
                plain = {"title": package["title"], "summary": package["notes"]}
                for key, text in texts.items():
                    told = text or {language: plain[key]}
                    record.values |= {f"{key}@{tag}": [words] for tag, words in told.items()}  # type: ignore[operator]
                yield record


def rows(server: SampleServer) -> Iterator[Record]:
    tables = sheets(requests.get(f"{server.url}/nl/voorbeelden.xlsx", timeout=20).content)
    for kind, sheet in written("nl")["select"].items():
        for row in tables[sheet]:
            record = flat("nl", kind, row)
            unmapped = set(row) - set(written("nl")["options"]["fields"])
            assert unmapped == set(), sheet
            yield record


PATHS = {
    "title": (DCTERMS.title, rdflib.URIRef("http://xmlns.com/foaf/0.1/name")),
    "summary": (DCTERMS.description,),
    "challenge": (COPED.challenge,),
    "solution": (COPED.solution,),
    "theme": (DCAT.theme,),
    "measure": (COPED.energyMeasure,),
    "outcome": (COPED.outcome,),
    "status": (DCTERMS.type,),
    "eventType": (DCTERMS.subject,),
    "country": (COPED.country,),
    "origin": (DCTERMS.source,),
    "place.point": (DCAT.centroid,),
}


def nodes(server: SampleServer, country: str) -> Iterator[Record]:
    kinds = {rdflib.URIRef(target): kind for kind, target in written(country)["select"].items()}
    for page in walk(server, country):
        listed = {*page.objects(None, DCAT.dataset), *page.objects(None, DCAT.resource)}
        of_our_classes = {s for s, o in page.subject_objects(RDF.type) if o in kinds}
        assert listed == of_our_classes  # what is embedded must not look like a record
        for node in listed:
            kind = next(kinds[o] for o in page.objects(node, RDF.type) if o in kinds)
            values: dict[str, list[str]] = {}
            for key, paths in PATHS.items():
                for value in (o for path in paths for o in page.objects(node, path)):
                    tag = f"@{value.language}" if isinstance(value, rdflib.Literal) and value.language else ""
                    values.setdefault(key + tag, []).append(str(value))
            yield Record(country, kind, str(page.value(node, DCTERMS.identifier)), values)


@pytest.fixture(scope="module")
def records(server: SampleServer) -> list[Record]:
    found = [record for country in ("it", "hu") for record in packages(server, country)]
    found += [record for country in CATALOGUES for record in nodes(server, country)]
    return [*found, *rows(server)]


def invented(records: list[Record]) -> list[Record]:
    return [record for record in records if record.country != "fr"]


def test_each_country_has_records_of_every_kind(records: list[Record]) -> None:
    for country in (*INVENTED, "fr"):
        kinds = [record.kind for record in records if record.country == country]
        assert len(kinds) >= 9, country
        assert kinds.count("practice") >= 5, country
        assert set(kinds) == (set(KINDS) if country != "fr" else {"practice", "venue", "organisation"}), country
        assert len({(r.kind, r.identifier) for r in records if r.country == country}) == len(kinds)


def test_every_invented_record_says_that_it_is_an_example(records: list[Record]) -> None:
    assert [r for r in invented(records) if r.get("status") not in (["example"], [EXAMPLE])] == []


def test_no_real_record_says_that_it_is_an_example(records: list[Record]) -> None:
    real = [record for record in records if record.country == "fr"]
    assert [r for r in real if r.get("status") or not set(r.get("origin")) <= FACTS or len(r.get("origin")) != 1] == []
    assert {origin for r in real for origin in r.get("origin")} == FACTS
    assert [r for r in real if r.get("place.point")] == []  # no page gives coordinates


def test_publishers_who_disagree_are_both_heard(server: SampleServer) -> None:
    graph = sum(walk(server, "fr"), rdflib.Graph())

    def said(key: str, *path: rdflib.URIRef) -> set[str]:
        found: set[Any] = set(graph.subjects(DCTERMS.identifier, rdflib.Literal(key)))
        for step in path:
            found = {value for node in found for value in graph.objects(node, step)}
        return {str(value) for value in found}

    name = rdflib.URIRef("http://www.w3.org/ns/locn#geographicName")
    assert said("green-kommon", DCTERMS.spatial, name) == {"Plaine Commune"}
    assert said("green-kommon-plaine-energie-citoyenne", DCTERMS.spatial, name) == {"Seine-Saint-Denis"}
    assert said("co-ped-trans-europe-halles", DCTERMS.temporal, DCAT.startDate) == {"2025"}
    assert said("co-ped-ffg", DCTERMS.temporal, DCAT.startDate) == {"2025-01-01"}


SCHEMES = {"theme": "theme", "measure": "energy-measure", "outcome": "outcome", "status": "record-status"}
SCHEMES |= {"eventType": "event-type"}


def concept_of(record: Record, key: str, value: str) -> str | None:
    concept = load().concept(f"{CONCEPT}{SCHEMES[key]}", value)
    return concept.notation if concept else None


def test_every_concept_is_in_the_vocabularies(records: list[Record]) -> None:
    unknown = {
        (record, key, value)
        for record in records
        for key in SCHEMES
        for value in record.get(key)
        if concept_of(record, key, value) is None
    }
    assert unknown == set()


def test_the_same_ideas_are_told_in_many_languages(records: list[Record]) -> None:
    def languages(key: str, *notations: str) -> set[str]:
        told = [r for r in records if r.kind == "practice"]
        return {r.country for r in told if {concept_of(r, key, v) for v in r.get(key)} & set(notations)}

    assert len(languages("theme", "energy-community")) >= 4
    assert len(languages("measure", "roof-insulation")) >= 4
    assert len(languages("measure", "photovoltaics")) >= 4
    assert len(languages("theme", "shared-training")) >= 4
    assert len(languages("theme", "cooperative-financing")) >= 4
    assert len(languages("outcome", "unsuccessful", "partly-successful")) >= 4
    assert len(languages("outcome", "unsuccessful")) >= 2


def test_the_records_are_written_not_filled_in(records: list[Record]) -> None:
    practices = [record for record in invented(records) if record.kind == "practice"]
    for record in practices:
        language = INVENTED[record.country]
        texts = [text for key in ("summary", "challenge", "solution") for text in record.get(f"{key}@{language}")]
        assert 60 <= len(" ".join(texts).split()) <= 150, (record, len(" ".join(texts).split()))
    sentences = [text for record in practices for key in record.values if "@" in key for text in record.get(key)]
    titles = [record.get(key) for record in records for key in record.values if key.startswith("title@")]
    assert len(titles) >= len(records)
    long = [sentence for sentence in sentences if len(sentence) > 60]
    assert len(long) == len(set(long))


def test_a_third_is_told_in_english_as_well(records: list[Record]) -> None:
    for country in (*INVENTED, "fr"):
        mine = [record for record in records if record.country == country]
        assert len([r for r in mine if r.get("title@en")]) >= len(mine) / 3, country
    assert [r for r in invented(records) if bool(r.get("title@en")) != bool(r.get("summary@en"))] == []
