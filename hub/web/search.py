"""The search API; the portal's pages ask the same question through `find`."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi import Query as Parameter
from fastapi.responses import JSONResponse, Response

from hub.languages import FALLBACK
from hub.search.base import MAX_DEPTH, Answer
from hub.search.meaning import meant
from hub.web.answers import SearchAnswer
from hub.web.asking import Asked, among, asked, check
from hub.web.conditional import is_known, tag_of
from hub.web.explaining import matched
from hub.web.listing import collection, table
from hub.web.rdf import MEDIA_TYPES, preferred
from hub.web.serving import Serving, serving_of

router = APIRouter(tags=["search"])
PATH: Final = "/api/search"
CSV: Final = "text/csv"
FORMATS: Final = {"application/json": "json", CSV: "csv", MEDIA_TYPES["jsonld"]: "jsonld"}
NAMES: Final = tuple(FORMATS.values())
EXPLAINED: Final = "Tells for each item every word, in which part and language and how it was found, and the score."
KEPT: Final = {"Cache-Control": "no-cache", "Vary": "Accept, Accept-Language"}
ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {CSV: {"schema": {"type": "string"}}, MEDIA_TYPES["jsonld"]: {"schema": {"type": "object"}}}},
    304: {"description": "Nothing has changed since the answer with the ETag that `If-None-Match` names"},
}


def find(serving: Serving, wanted: Asked) -> Answer:
    by_meaning = meant(wanted.query, serving.meaning) if wanted.by_meaning else None
    return serving.index.search(wanted.query, by_meaning)


def facet_rows(serving: Serving, answer: Answer, language: str) -> dict[str, list[dict[str, Any]]]:
    """Facets as `{value, iri, label, count}`; `value` is what the parameter of that name takes."""
    profile = serving.profile

    def row(key: str, text: str, count: int) -> dict[str, Any]:
        concept = profile.concepts.get(text)
        told = {"value": concept.notation if concept else text, "iri": text if concept else None}
        return {**told, "label": serving.word(key, text, language), "count": count}

    return {key: [row(key, text, count) for text, count in counts] for key, counts in answer.facets.items()}


@router.get(
    PATH, summary="Find records in any of seven languages", response_model=SearchAnswer, responses=dict(ANSWERS)
)
def search(
    request: Request,
    wanted: Annotated[Asked, Depends(asked)],
    explain: Annotated[bool, Parameter(description=EXPLAINED)] = False,
    format: Annotated[str, among(NAMES, "Overrules Accept.")] = "",
) -> Response:
    """Filters are OR within a parameter and AND between parameters; a facet is counted without its own filter.

    A concept is given by its notation, IRI or label, and includes narrower ones. The `Link` header leads to the other
    pages (RFC 8288), as `links` does. With `sort=seq`, `next` leads on through any number of records.
    """
    check("format", filter(None, [format]), NAMES)
    form = format or preferred(request.headers.get("accept"), FORMATS)[0]
    serving = serving_of(request)
    headers = {**KEPT, "ETag": _tag(request, serving, wanted, form)}
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    counted = wanted if form == "json" else replace(wanted, query=replace(wanted.query, facets=()))
    answer = find(serving, counted)
    links = _links(wanted, answer)
    headers["Link"] = ", ".join(f'<{address}>; rel="{rel}"' for rel, address in links.items() if rel != "self")
    if form == "csv":
        return Response(
            _table(serving, wanted, answer), 200, headers, media_type=f"{CSV}; charset=utf-8; header=present"
        )
    if form == "jsonld":
        return Response(_json_ld(serving, wanted, answer, links), 200, headers, media_type=MEDIA_TYPES["jsonld"])
    return JSONResponse(_json(serving, wanted, answer, links, explain), headers=headers)


def _tag(request: Request, serving: Serving, wanted: Asked, form: str) -> str:
    """Of all that an answer is made from; it is known without asking the index."""
    positions = (serving.index.position(), serving.meaning.position() if serving.meaning else None)
    titles = [declared["title"] for declared in serving.sources().values()]
    made_of = (positions, serving.profile.digest, _version(), titles, _moment(request.app.state.lexicon))
    return tag_of(repr((made_of, wanted.query.lang, form, request.url.query)).encode())


def _moment(file: Path) -> int:
    """When a file last changed; 0 where there is none."""
    with suppress(FileNotFoundError):
        return file.stat().st_mtime_ns
    return 0


@cache
def _version() -> str:
    return version("coped-hub")


def _links(wanted: Asked, answer: Answer) -> dict[str, str]:
    """The other pages, by their relation; a walk by `seq` has no last page that could be asked for."""
    query = wanted.query
    pages = min(-(-answer.total // query.size), MAX_DEPTH // query.size)
    walks = query.sort == "seq"
    here = {"page": query.page} if query.after is None else {"after": query.after}
    links = {"self": wanted.link(**here), "first": wanted.link()}
    if query.page > 1:
        links["prev"] = wanted.link(page=min(query.page - 1, max(pages, 1)))
    if walks and answer.hits and query.page * query.size < answer.total:
        links["next"] = wanted.link(after=answer.hits[-1].seq)
    if not walks and query.page < pages:
        links["next"] = wanted.link(page=query.page + 1)
    if not walks and pages:
        links["last"] = wanted.link(page=pages)
    return {rel: f"{PATH}?{question}".rstrip("?") for rel, question in links.items()}


def _json(serving: Serving, wanted: Asked, answer: Answer, links: Mapping[str, str], explain: bool) -> dict[str, Any]:
    """As the index has it; a test holds it to the model."""
    language = wanted.query.lang or FALLBACK
    items = [{**hit.item, "matched": matched(hit, serving.profile, language, explain)} for hit in answer.hits]
    scores = [{"score": hit.score} if explain else {} for hit in answer.hits]
    return {
        "total": answer.total,
        "query": {"text": wanted.query.q, "language": wanted.query.language, "detected": wanted.detected},
        "items": [{**item, **score} for item, score in zip(items, scores, strict=True)],
        "facets": facet_rows(serving, answer, language),
        "links": links,
    }


def _table(serving: Serving, wanted: Asked, answer: Answer) -> str:
    language = wanted.query.lang or FALLBACK
    return table([hit.item for hit in answer.hits], lambda key, iri: serving.word(key, iri, language), language)


def _json_ld(serving: Serving, wanted: Asked, answer: Answer, links: Mapping[str, str]) -> str:
    absolute = {rel: f"{serving.base}{address}" for rel, address in links.items()}
    items = [hit.item for hit in answer.hits]
    told = collection(items, answer.total, absolute, absolute["first"], serving.profile)
    return json.dumps(told, ensure_ascii=False, indent=1)
