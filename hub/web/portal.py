"""The portal: the search, a record, and the sources, in each language."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from hub.errors import NotFound, Unavailable
from hub.languages import LANGUAGES, N_, catalogue, pick
from hub.ledger import LedgerRecord
from hub.model import KINDS
from hub.profile import Profile
from hub.search.base import MAX_DEPTH, PLAIN_KEYWORDS, SORTS, Answer
from hub.web.asking import Asked, asked, narrowing
from hub.web.explaining import respelt, standing_in, why
from hub.web.marking import Marker
from hub.web.pages import SEARCHING, page
from hub.web.problems import language_of
from hub.web.records import told
from hub.web.search import facet_rows, find
from hub.web.serving import Serving, serving_of
from hub.web.similar import similar
from hub.web.tellers import members, tellers
from hub.web.view import View, shortened

router = APIRouter(include_in_schema=False)
SHOWN_FACETS: Final = 8  # values of a facet before "more"
SHOWN_MENTIONS: Final = 30
# The names of the filters that are no field of the profile.
PLAIN: Final = {"kind": N_("What it is"), "source": N_("Source"), "language": N_("Written in")}
SORTED: Final = {"relevance": N_("Best match"), "newest": N_("Newest first"), "title": N_("By title")}
SHOWN_SIMILAR: Final = 4


@router.get("/")
def choose_language(request: Request) -> Response:
    return RedirectResponse(f"/{language_of(request)}/", 302, {"Vary": "Accept-Language"})


def known(tongue: str) -> str:
    if tongue not in LANGUAGES:
        languages = ", ".join(LANGUAGES)
        raise NotFound(
            "There is no page at /{path}; the portal's languages are {languages}", path=tongue, languages=languages
        )
    return tongue


Language = Annotated[str, Depends(known)]


@router.get("/{tongue}")
def home(language: Language) -> Response:
    return RedirectResponse(f"/{language}/", 301)


@router.get("/{tongue}/")
def search_page(request: Request, language: Language, wanted: Annotated[Asked, Depends(asked)]) -> HTMLResponse:
    """The search box; below it what was found, or what is new."""
    serving, query = serving_of(request), wanted.query
    answer = find(serving, wanted)
    wrong = respelt(answer.hits)
    return page(
        request,
        "search.html",
        language,
        headers=SEARCHING,
        wanted=wanted,
        answer=answer,
        facets=_facets(serving, wanted, facet_rows(serving, answer, language), language),
        chips=_chips(serving, wanted, language),
        sorts=[(key, catalogue(language).gettext(name)) for key, name in SORTED.items() if query.q or key != SORTS[0]],
        pages=-(-min(answer.total, MAX_DEPTH) // query.size),
        mark=_marker(serving, query.q, answer),
        why=lambda hit: why(hit, lambda iri: serving.word("theme", iri, language)),
        wrong=wrong,
        instead=_instead(query.q, wrong),
        tongues=LANGUAGES,
        word=lambda key, value: serving.word(key, value, language),
        path=portal_path,
    )


def _marker(serving: Serving, text: str, answer: Answer) -> Marker:
    named = {iri for hit in answer.hits for iri in hit.matched.concepts}
    concepts = [serving.profile.concepts[iri] for iri in named if iri in serving.profile.concepts]
    return Marker(text, concepts, standing_in(answer.hits))


def _instead(text: str, wrong: Mapping[str, str]) -> str:
    """The query with the words that are there in place of the misspelt ones; "" where that is no other query."""
    better = text
    for word, other in wrong.items():
        better = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", other, better) if other else better
    return better if better != text else ""


def _facet_name(profile: Profile, key: str, language: str) -> str:
    field = narrowing(profile).filters.get(key)
    return pick(field.name, language)[0] if field else catalogue(language).gettext(PLAIN[key])


def _facets(
    serving: Serving, wanted: Asked, rows: dict[str, list[dict[str, Any]]], language: str
) -> list[dict[str, Any]]:
    """Each facet that has a choice to offer, those with a part of their own (theme, country) first.

    A value's link adds it, or takes it away where it is chosen.
    """
    found, declared = [], sorted(serving.profile.facets, key=lambda field: field.role is None)
    for key in (PLAIN_KEYWORDS[0], *(field.key for field in declared), *PLAIN_KEYWORDS[1:]):
        chosen = wanted.chosen.get(key, ())
        for row in rows[key]:
            row["chosen"] = row["value"] in chosen
            row["link"] = wanted.toggled(key, row["value"])
        if len(rows[key]) > 1 or (rows[key] and chosen):
            name = _facet_name(serving.profile, key, language)
            found.append({"key": key, "name": name, "rows": rows[key], "shown": SHOWN_FACETS, "is_open": bool(chosen)})
    return found


def _chips(serving: Serving, wanted: Asked, language: str) -> list[dict[str, str]]:
    """What narrows this search, each with the link that takes it away."""
    chips = []
    for key, values in wanted.chosen.items():
        name = _facet_name(serving.profile, key, language)
        for value, text in zip(values, wanted.query.filters[key], strict=True):
            label = serving.word(key, text, language)
            chips.append({"name": name, "label": label, "link": wanted.toggled(key, value)})
    return chips


def portal_path(iri: str, language: str) -> str:
    """A record's page: its IRI's path behind /id/, under the language."""
    return f"/{language}/{iri.partition('/id/')[2]}"


@router.get("/{tongue}/{kind}/{source}/{key}")
def record_page(request: Request, language: Language, kind: str, source: str, key: str) -> HTMLResponse:
    serving = serving_of(request)
    found = told(serving, kind, source, key)
    if found.withdrawn:
        raise found.withdrawn
    view = View(found.statements, serving.profile, language)
    return page(
        request,
        "record.html",
        language,
        iri=found.iri,
        record=found.record,
        kind=serving.word("kind", kind, language),
        is_practice=kind == KINDS[0],
        kind_link=f"/{language}/?kind={kind}",
        title=view.role(found.iri, kind, "title"),
        summary=view.role(found.iri, kind, "summary"),
        badges=view.concepts(found.iri, kind, "status"),
        groups=view.groups(found.iri, kind),
        mentions=[_mention(serving, r, language) for r in serving.ledger.changes.mentioning(found.iri, SHOWN_MENTIONS)],
        quality=serving.quality(found.record, language) if found.record else None,
        together=_together(serving, found.record, language),
        similar=_similar(serving, found.record) if found.record else [],
        data=f"/data/{kind}/{source}/{key}",
        api=f"/api/records/{kind}/{source}/{key}",
        source=(source, serving.source_title(source, language)),
        path=portal_path,
        base=serving.base,
        filter_of=serving.filter_of,
        word=lambda key, value: serving.word(key, value, language),
        shortened=shortened,
    )


def _similar(serving: Serving, record: LedgerRecord) -> list[dict[str, Any]]:
    """Others of its kind; none while the search index is away, since the record itself is there."""
    try:
        return similar(serving, record, SHOWN_SIMILAR, record.kind)[1]
    except Unavailable:
        return []


def _together(serving: Serving, record: LedgerRecord | None, language: str) -> dict[str, Any] | None:
    """Who else tells the same, as a person confirmed; None where nobody does."""
    told_by = tellers(serving, members(serving, record), language) if record else []
    others = [teller for teller in told_by if record and teller.iri != record.iri]
    return {"path": record.iri.partition("/id/")[2], "others": others} if record and others else None


def _mention(serving: Serving, record: LedgerRecord, language: str) -> dict[str, Any]:
    title = View(record.graph, serving.profile, language).role(record.iri, record.kind, "title")
    return {"title": title, "iri": record.iri, "kind": serving.word("kind", record.kind, language)}
