"""What a person may mean while typing: concepts in any language, titles, places and organisations."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from fastapi import Query as Parameter
from fastapi.responses import JSONResponse

from hub.languages import LANGUAGES
from hub.search.base import MAX_QUERY, Query
from hub.search.names import endings, plain
from hub.web.answers import SuggestAnswer
from hub.web.asking import among, check, refuse_unknown
from hub.web.problems import language_of
from hub.web.serving import Serving

router = APIRouter(tags=["search"])
SIZE, MOST = 8, 20
FRESH: Final = 10.0  # seconds that counts are kept at least; to count takes as long as a search
KEPT: Final = {"Cache-Control": "max-age=60", "Vary": "Accept-Language"}


@dataclass(frozen=True, slots=True, order=True)
class _Beginning:
    """A label, or what is left of it from a later word on (`is_later`), as it is typed."""

    text: str
    is_later: bool
    language: str
    label: str
    iri: str


class Suggesting:
    """The labels of the concepts that records can be found by, held in memory; the index has the other names."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._filters = {iri: found for iri in serving.profile.concepts if (found := serving.filter_of(iri))}
        self._begun = sorted({begun for iri in self._filters for begun in self._beginnings(iri)})
        self._texts = [begun.text for begun in self._begun]
        self._counted: tuple[int, float, Mapping[tuple[str, str], int]] = (-1, -FRESH, {})

    def _beginnings(self, iri: str) -> list[_Beginning]:
        concept = self._serving.profile.concepts[iri]
        labels = [(code, text) for code, text in concept.labels.items()]
        labels += [(code, text) for code, texts in concept.alternatives.items() for text in texts]
        found = []
        for language, label in labels:
            name = plain(label)
            found += [_Beginning(name, False, language, label, iri)]
            found += [_Beginning(ending, True, language, label, iri) for ending in endings(name)]
        return found

    def __call__(self, text: str, language: str, size: int) -> list[dict[str, Any]]:
        """Concepts first: half of what is asked for, or more where fewer names are found."""
        names = self._serving.index.suggest(text, size)
        concepts = self._concepts(plain(text), language)[: max(size - len(names), size // 2)]
        told = [{"text": n.text, "kind": n.part, "language": n.language, "count": n.count} for n in names]
        return [*concepts, *told[: size - len(concepts)]]

    def _concepts(self, typed: str, language: str) -> list[dict[str, Any]]:
        """Those that records have: by a label that begins so before one with such a word, then the most frequent."""
        counts = self._counts()
        best: dict[str, tuple[tuple[bool, bool], _Beginning]] = {}
        for begun in self._begun_with(typed):
            rank = (begun.is_later, begun.language != language)
            if begun.iri not in best or rank < best[begun.iri][0]:
                best[begun.iri] = rank, begun
        told = []
        for iri, (rank, begun) in best.items():
            if count := counts.get((self._filters[iri][0], iri), 0):
                told.append((rank[0], -count, self._told(begun, language, count)))
        return [row for _, _, row in sorted(told, key=lambda row: (*row[:2], row[2]["text"]))]

    def _begun_with(self, typed: str) -> list[_Beginning]:
        if not typed:
            return []
        first = bisect_left(self._texts, typed)
        return self._begun[first : bisect_left(self._texts, f"{typed}\U0010ffff", first)]

    def _told(self, begun: _Beginning, language: str, count: int) -> dict[str, Any]:
        parameter, value = self._filters[begun.iri]
        text = self._serving.profile.label(begun.iri, language)
        more = {"iri": begun.iri, "parameter": parameter, "value": value}
        is_same = begun.label.casefold() == text.casefold()
        also = None if is_same else {"text": begun.label, "language": begun.language}
        return {"text": text, "kind": "concept", "language": language, "count": count, **more, "also": also}

    def _counts(self) -> Mapping[tuple[str, str], int]:
        """(facet, concept) → how many records have it or a narrower one."""
        position, counted, counts = self._counted
        now = self._serving.index.position()
        if now != position and monotonic() - counted >= FRESH:
            keys = tuple(dict.fromkeys(key for key, _ in self._filters.values()))
            facets = self._serving.index.search(Query(size=1, facets=keys)).facets
            counts = {(key, iri): count for key, rows in facets.items() for iri, count in rows}
            self._counted = now, monotonic(), counts
        return counts


@router.get(
    "/api/suggest", summary="What begins so: concepts, titles, places, organisations", response_model=SuggestAnswer
)
def suggest(
    request: Request,
    q: Annotated[str, Parameter(description="What was typed so far.", max_length=MAX_QUERY)] = "",
    lang: Annotated[str, among(LANGUAGES, "The language of concepts; else by Accept-Language.")] = "",
    size: Annotated[int, Parameter(ge=1, le=MOST, description=f"At most {MOST}.")] = SIZE,
) -> JSONResponse:
    """A name that begins with the text, or a word of which does; case and accents aside.

    A concept is found by its labels in any of the seven languages, and told with the filter that takes it.
    """
    refuse_unknown(request, ("q", "lang", "size"))
    check("lang", filter(None, [lang]), LANGUAGES)
    suggesting: Suggesting = request.app.state.suggesting
    return JSONResponse({"suggestions": suggesting(q, lang or language_of(request), size)}, headers=KEPT)
