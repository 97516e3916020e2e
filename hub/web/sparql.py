"""The SPARQL endpoint for queries (SPARQL 1.1 Protocol): GET and form POST."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub.errors import BadRequest
from hub.web.rdf import accepted
from hub.web.serving import serving_of

router = APIRouter(tags=["sparql"])
ROWS: Final[Mapping[str, str]] = {
    "json": "application/sparql-results+json",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "xml": "application/sparql-results+xml",
}
TRIPLES: Final[Mapping[str, str]] = {
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
    "rdfxml": "application/rdf+xml",
    "jsonld": "application/ld+json",
}


@router.get("/sparql", summary="A SPARQL 1.1 query")
def query_by_get(request: Request, query: str = "") -> Response:
    return _answer(request, query)


@router.post("/sparql", summary="A SPARQL 1.1 query in a form")
def query_by_form(request: Request, query: Annotated[str, Form()] = "") -> Response:
    return _answer(request, query)
