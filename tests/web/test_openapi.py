"""The OpenAPI document is valid and complete; the page made from it needs no network."""

from typing import Any

import pytest
from fastapi.openapi.models import OpenAPI
from fastapi.routing import APIRoute

from hub.profile import load
from hub.web.app import DOORS
from tests.web.hub import Hub
from tests.web.pages import Page, text_of


@pytest.fixture(scope="module")
def document(hub: Hub) -> dict[str, Any]:
    told: dict[str, Any] = hub.get("/api/openapi.json").json()
    return told


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        here = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return here.union(*(references(value) for value in node.values()))
    return set().union(*(references(value) for value in node)) if isinstance(node, list) else set()


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    OpenAPI.model_validate(document)
    assert document["openapi"].startswith("3.1") and document["info"]["version"]
    schemas = document["components"]["schemas"]
    assert {ref.removeprefix("#/components/schemas/") for ref in references(document)} <= set(schemas)
    names = [o["operationId"] for path in document["paths"].values() for o in path.values()]
    assert len(names) == len(set(names))


def test_every_route_of_the_design_is_listed(document: dict[str, Any]) -> None:
    record = "/api/records/{kind}/{source}/{key}"
    assert set(document["paths"]) == {
        "/health/live", "/health/ready", "/api/search", "/api/suggest", "/api/sources", "/api/sources/{key}",
        "/id/source/{key}", "/doc/source/{key}", "/data/source/{key}", "/id/{kind}/{source}/{key}",
        "/doc/{kind}/{source}/{key}", "/data/{kind}/{source}/{key}", "/context.jsonld", record, f"{record}/history",
        f"{record}/report", f"{record}/quality", f"{record}/similar",
        "/sparql", "/schema", "/schema/shapes.ttl", "/schema/ontology.ttl",
        "/schema/{scheme}.ttl",
        "/schema/reference.{tongue}.md", "/api/schema/{kind}.json", "/api/form/{kind}", "/api/template/{tongue}.xlsx",
    }  # fmt: skip
    assert set(document["paths"]["/sparql"]) == {"get", "post"}


def test_no_door_is_left_out(document: dict[str, Any]) -> None:
    routes = {
        route.path
        for door in DOORS
        for route in door.router.routes
        if isinstance(route, APIRoute) and route.include_in_schema
    }
    assert routes == set(document["paths"])


def test_all_that_narrows_a_search_is_a_parameter_with_what_it_takes(document: dict[str, Any]) -> None:
    told = {p["name"]: p for p in document["paths"]["/api/search"]["get"]["parameters"]}
    assert len(told) == len(document["paths"]["/api/search"]["get"]["parameters"])
    assert all(parameter["description"] for parameter in told.values())
    profile = load()
    for field in profile.facets:
        notations = {profile.concepts[iri].notation for iri in profile.schemes[field.scheme or ""].concepts}
        assert set(told[field.key]["schema"]["items"]["anyOf"][0]["enum"]) == notations
        assert field.name["en"] in told[field.key]["description"]
    for field in (field for kind in profile.kinds for field in profile.fields(kind)):
        ends = {"date": ("_from", "_to"), "number": ("_min", "_max"), "keyword": ("",)}.get(field.index_as or "", ())
        assert {f"{field.key}{end}" for end in ends} <= set(told)
    assert told["q"]["in"] == "query" and {"near", "bbox", "qlang", "meaning", "explain", "format"} <= set(told)


def test_every_parameter_that_is_told_is_taken(hub: Hub, document: dict[str, Any]) -> None:
    for parameter in document["paths"]["/api/search"]["get"]["parameters"]:
        answer = hub.get(f"/api/search?size=1&{parameter['name']}=")
        assert answer.status_code == 200 or answer.json()["parameter"] == parameter["name"] != "parameter", parameter


def test_every_problem_is_told(document: dict[str, Any]) -> None:
    for path in document["paths"].values():
        for operation in path.values():
            assert "application/problem+json" in operation["responses"]["default"]["content"]
            assert "422" not in operation["responses"]


def test_the_search_answers_in_three_formats(document: dict[str, Any]) -> None:
    told = document["paths"]["/api/search"]["get"]["responses"]
    assert set(told["200"]["content"]) == {"application/json", "text/csv", "application/ld+json"} and "304" in told


def test_the_page_lists_every_operation_and_loads_nothing_from_elsewhere(hub: Hub, document: dict[str, Any]) -> None:
    answer = hub.page("/api/docs?lang=hu")
    shown = Page(answer.text)
    titles = {text_of(code) for code in shown.all("code")}
    for path, operations in document["paths"].items():
        assert {f"{method.upper()} {path}" for method in operations} <= titles
    assert shown.all("script") == [] and "default-src 'none'" in answer.headers["Content-Security-Policy"]
