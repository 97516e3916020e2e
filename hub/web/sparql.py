"""The SPARQL endpoint (SPARQL 1.1 Protocol) for queries: GET, POST of a form, POST of a query; a page for browsers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from fastapi import Query as Parameter
from fastapi.responses import Response
from pyoxigraph import NamedNode, Triple

from hub.errors import BadRequest, HubError
from hub.graph.answers import Answer
from hub.languages import N_
from hub.model import sorted_lines
from hub.namespaces import RDF, Namespace
from hub.web.pages import page
from hub.web.problems import details, language_of
from hub.web.rdf import HTML, MEDIA_TYPES, OFFERED, preferred, render
from hub.web.serving import serving_of

router = APIRouter(tags=["sparql"])
SD: Final = Namespace("http://www.w3.org/ns/sparql-service-description#")
FORM, QUERY = "application/x-www-form-urlencoded", "application/sparql-query"
FORMAT: Final = Namespace("http://www.w3.org/ns/formats/")
W3C_NAMES: Final = [
    *(f"SPARQL_Results_{name}" for name in ("JSON", "CSV", "TSV", "XML")),
    "Turtle",
    "N-Triples",
    "JSON-LD",
    "RDF_XML",
]
LONGEST: Final = 1 << 20  # bytes of a POST
SHOWN: Final = 500  # rows of the table on the page
EXAMPLES: Final = (
    (
        N_("Titles of all practices, in every language"),
        """PREFIX dct: <http://purl.org/dc/terms/>
PREFIX coped: <https://w3id.org/co-ped/ns#>
SELECT ?practice ?title (LANG(?title) AS ?language) {
  ?practice a coped:GoodPractice ; dct:title ?title
} ORDER BY ?practice ?language""",
    ),
    (
        N_("Practices with solar power, and where they are"),
        """PREFIX dct: <http://purl.org/dc/terms/>
PREFIX locn: <http://www.w3.org/ns/locn#>
PREFIX coped: <https://w3id.org/co-ped/ns#>
SELECT ?title ?place {
  ?practice coped:energyMeasure <https://w3id.org/co-ped/concept/energy-measure/photovoltaics> ;
    dct:title ?title ; dct:spatial/locn:geographicName ?place
}""",
    ),
    (
        N_("How many records each source has"),
        """PREFIX dcat: <http://www.w3.org/ns/dcat#>
SELECT ?source (COUNT(?record) AS ?records) {
  ?source a dcat:Catalog ; dcat:record ?record
} GROUP BY ?source ORDER BY DESC(?records)""",
    ),
    (
        N_("The themes in your language, with their broader themes"),
        """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?theme ?label ?broader {
  ?theme skos:inScheme <https://w3id.org/co-ped/concept/theme> ; skos:prefLabel ?label
  OPTIONAL { ?theme skos:broader ?broader }
  FILTER(LANG(?label) = "%s")
} ORDER BY ?label""",
    ),
)
# Media type → what `Queries` calls the format, our own preference first.
FORMATS: Final[Mapping[str, str]] = {
    "application/sparql-results+json": "json",
    "application/json": "json",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/sparql-results+xml": "xml",
    "text/turtle": "turtle",
    "application/n-triples": "ntriples",
    "application/ld+json": "jsonld",
    "application/rdf+xml": "rdfxml",
}
NAMES: Final = tuple(dict.fromkeys(FORMATS.values()))
BODY: Final[Mapping[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {"schema": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}},
            QUERY: {"schema": {"type": "string"}},
        },
    }
}


@dataclass(frozen=True, slots=True)
class Asked:
    query: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    format: str


def _asked(values: Mapping[str, list[str]], query: str | None = None) -> Asked:
    form = values.get("format", [""])[0]
    if form and form not in NAMES:
        raise BadRequest("format", form, ", ".join(NAMES))
    default, named = (tuple(values.get(f"{which}-graph-uri", ())) for which in ("default", "named"))
    return Asked(values.get("query", [""])[0] if query is None else query, default, named, form)


async def _posted(request: Request) -> Asked:
    """What a POST asks (SPARQL 1.1 Protocol §2.1.2 and §2.1.3)."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST:
            raise BadRequest("query", "…", "at most {size} bytes", size=LONGEST)
    media_type = request.headers.get("content-type", FORM).partition(";")[0].strip().lower()
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise BadRequest("query", repr(bytes(body[:40])), "text in UTF-8") from error
    if media_type == QUERY:
        return _asked(parse_qs(request.url.query), text)
    if media_type != FORM:
        raise BadRequest("Content-Type", media_type, f"{FORM}, {QUERY}")
    return _asked(parse_qs(text))


@router.get("/sparql", summary="A SPARQL 1.1 query; without one, what the endpoint can do")
def query_by_get(
    request: Request,
    query: Annotated[str, Parameter(description="SELECT, ASK, CONSTRUCT or DESCRIBE.")] = "",
    default: Annotated[list[str] | None, Parameter(alias="default-graph-uri")] = None,
    named: Annotated[list[str] | None, Parameter(alias="named-graph-uri")] = None,
    format: Annotated[str, Parameter(description=f"Overrules Accept: {', '.join(NAMES)}.")] = "",
) -> Response:
    """Without FROM, the default graph is the union of all graphs. An answer that was cut says `Hub-Truncated: true`."""
    graphs = {"default-graph-uri": default or [], "named-graph-uri": named or []}
    return _answer(request, _asked({"query": [query], "format": [format], **graphs}))


@router.post("/sparql", summary="A SPARQL 1.1 query in a form, or as it is", openapi_extra=dict(BODY))
def query_by_post(request: Request, asked: Annotated[Asked, Depends(_posted)]) -> Response:
    return _answer(request, asked)


def _answer(request: Request, asked: Asked) -> Response:
    accept = request.headers.get("accept")
    if HTML in (accept or "") and not asked.format:
        return _page(request, asked)
    if not asked.query.strip():
        return _description(request)
    formats = [asked.format] if asked.format else preferred(accept, FORMATS)
    found = _run(request, asked, formats)
    return Response(found.body, 200, {"Vary": "Accept", **_told(found)}, media_type=found.media_type)


def _run(request: Request, asked: Asked, formats: list[str]) -> Answer:
    return serving_of(request).queries.run(asked.query, formats, asked.default_graphs, asked.named_graphs)


def _told(found: Answer) -> dict[str, str]:
    """How many rows or triples an answer has, and whether there were more than the hub gives."""
    return {"Hub-Rows": str(found.rows), "Hub-Truncated": str(found.truncated).lower()}


def _page(request: Request, asked: Asked) -> Response:
    """A form with examples; below it what the query found, or what is wrong with it."""
    language = language_of(request)
    values: dict[str, Any] = {"asked": asked, "formats": NAMES, "problem": None, "found": None, "table": None}
    values["examples"] = [(title, query.replace("%s", language)) for title, query in EXAMPLES]
    if not asked.query.strip():
        return page(request, "sparql.html", language, **values)
    try:
        found = _run(request, asked, ["json", "turtle"])
    except HubError as error:
        values["problem"] = details(error, request.url.path, language)
        return page(request, "sparql.html", language, error.status, **values)
    values |= {"found": found, "table": _table(found), "shown": SHOWN}
    return page(request, "sparql.html", language, **values)


def _table(found: Answer) -> Mapping[str, Any] | None:
    """The names and the first rows of a SELECT; ASK has one cell; None for triples."""
    if not found.media_type.endswith("json"):
        return None
    answer = json.loads(found.body)
    if "boolean" in answer:
        return {"names": ["ASK"], "rows": [[{"value": str(answer["boolean"]).lower(), "type": "literal"}]]}
    names, rows = answer["head"]["vars"], answer["results"]["bindings"][:SHOWN]
    return {"names": names, "rows": [[row.get(name) for name in names] for row in rows]}


def _description(request: Request) -> Response:
    """The endpoint as SPARQL 1.1 Service Description tells it."""
    serving = serving_of(request)
    wanted = preferred(request.headers.get("accept"), {t: name for t, name in OFFERED.items() if name != "html"})[0]
    service = NamedNode(f"{serving.base}/sparql")
    triples = [
        Triple(service, RDF.type, SD.Service),
        Triple(service, SD.endpoint, service),
        Triple(service, SD.supportedLanguage, SD.SPARQL11Query),
        Triple(service, SD.feature, SD.UnionDefaultGraph),
    ]
    triples += [Triple(service, SD.resultFormat, FORMAT[name]) for name in W3C_NAMES]
    context = f"{serving.base}/context.jsonld"
    body = render(sorted_lines(triples), wanted, context, serving.profile.context)
    return Response(body, 200, {"Vary": "Accept"}, media_type=MEDIA_TYPES[wanted])
