"""The profile's own addresses: files that say what they are, are kept by browsers, and answer in the language asked."""

from io import BytesIO

import pytest
from openpyxl import load_workbook
from pyoxigraph import RdfFormat, parse

from hub.languages import LANGUAGES
from hub.profile import load
from hub.profile.reference import scheme_file
from tests.web.hub import Hub
from tests.web.pages import Page

TURTLE, SCHEMA, JSON, MARKDOWN = "text/turtle", "application/schema+json", "application/json", "text/markdown"
FILES = {
    "/schema/shapes.ttl": TURTLE, "/schema/ontology.ttl": TURTLE, "/schema/theme.ttl": TURTLE,
    "/schema/country.ttl": TURTLE, "/api/schema/practice.json": SCHEMA, "/api/form/event": JSON,
    "/schema/reference.sv.md": MARKDOWN,
    "/api/template/hu.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


@pytest.mark.parametrize("path", FILES)
def test_a_file_is_sent_once(hub: Hub, path: str) -> None:
    answer = hub.get(path)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, FILES[path])
    assert answer.headers["Cache-Control"] == "max-age=3600" and len(answer.content) > 1000
    again = hub.get(path, headers={"If-None-Match": f'"other", {answer.headers["ETag"]}'})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", answer.headers["ETag"])
    assert hub.get(path, headers={"If-None-Match": 'W/"other"'}).status_code == 200


def test_the_namespace_leads_people_to_the_page_and_programs_to_the_ontology(hub: Hub) -> None:
    led = [hub.get("/schema", accept=accept, language="sv").headers["Location"] for accept in ("text/html", TURTLE)]
    assert led == ["/sv/reference", "/schema/ontology.ttl"]


def test_every_list_is_a_file_of_its_own(hub: Hub) -> None:
    for iri, scheme in load().schemes.items():
        triples = list(parse(hub.get(f"/schema/{scheme_file(iri)}.ttl").content, format=RdfFormat.TURTLE))
        assert {str(quad.subject).strip("<>") for quad in triples} == {iri, *scheme.concepts}


def test_the_caller_chooses_the_language(hub: Hub) -> None:
    for kind, told in load().kinds.items():
        for path, key in ((f"/api/schema/{kind}.json", "title"), (f"/api/form/{kind}", "label")):
            answer = hub.get(path, language="hu-HU, de;q=0.5")
            assert answer.json()[key] == told.names["hu"] and "Accept-Language" in answer.headers["Vary"]
            assert hub.get(f"{path}?lang=it", language="hu").json()[key] == told.names["it"]
    assert hub.get("/api/schema/venue.json").json()["$id"] == f"{hub.settings.base}/api/schema/venue.json"


def test_a_spreadsheet_opens(hub: Hub) -> None:
    answer = hub.get("/api/template/de.xlsx")
    assert 'filename="co-ped-de.xlsx"' in answer.headers["Content-Disposition"]
    assert len(load_workbook(BytesIO(answer.content)).worksheets) > len(load().kinds)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/schema/nothing.ttl", "energy-measure"),
        ("/api/schema/thing.json", "practice, venue"),
        ("/api/form/thing", "practice, venue"),
        ("/schema/reference.xx.md", "it, sv, de"),
        ("/api/template/xx.xlsx", "it, sv, de"),
    ],
)
def test_what_is_not_there_tells_what_is(hub: Hub, path: str, words: str) -> None:
    answer = hub.get(path)
    assert answer.status_code == 404 and words in answer.json()["detail"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_every_field_and_leads_nowhere_wrong(hub: Hub, language: str) -> None:
    answer = hub.page(f"/{language}/reference")
    shown = Page(answer.text)
    names = [element.get("id") for element in shown.all("*") if element.get("id")]
    assert len(names) == len(set(names)) and answer.headers["Content-Language"] == language
    assert {iri.rpartition("/")[2] for iri, field in load().by_shape.items() if not field.is_inner} <= set(names)
    assert {link[1:] for link in shown.links() if link.startswith("#")} <= set(names)
    files = {link for link in shown.links() if link.startswith(("/schema/", "/api/schema/", "/api/form/"))}
    assert len(files) > 20
    assert [link for link in sorted(files) if hub.get(link).status_code != 200] == []
    assert f"/{language}/reference" in Page(hub.page(f"/{language}/sources").text).links()
