"""What a person may mean while typing."""

from typing import Any

import pytest

from hub.languages import LANGUAGES
from hub.profile import load
from hub.web.answers import SuggestAnswer
from tests.web.hub import Hub

PHOTOVOLTAICS = "https://w3id.org/co-ped/concept/energy-measure/photovoltaics"


def suggest(hub: Hub, q: str, language: str, size: int = 20) -> list[dict[str, Any]]:
    answer = hub.get("/api/suggest", params={"q": q, "lang": language, "size": size})
    assert answer.status_code == 200, answer.text
    SuggestAnswer.model_validate(answer.json())
    found: list[dict[str, Any]] = answer.json()["suggestions"]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_concept_is_suggested_by_its_label_in_any_language_and_shown_in_the_reader_s(hub: Hub, language: str) -> None:
    for typed in ("napel", "NAPEL", "fotovolt", "solcel", "zonnepan"):
        [found] = [s for s in suggest(hub, typed, language) if s.get("iri") == PHOTOVOLTAICS]
        assert (found["text"], found["language"]) == (load().label(PHOTOVOLTAICS, language), language)
        assert (found["kind"], found["parameter"], found["value"]) == ("concept", "measure", "photovoltaics")
        counted = hub.get(f"/api/search?{found['parameter']}={found['value']}&size=1").json()["total"]
        assert found["count"] == counted > 0


def test_a_suggestion_says_by_which_other_label_it_was_found(hub: Hub) -> None:
    by = {typed: suggest(hub, typed, "sv")[0] for typed in ("napelem", "solceller")}
    assert {found["iri"] for found in by.values()} == {PHOTOVOLTAICS}
    assert by["napelem"]["also"] == {"text": "Napelem", "language": "hu"} and by["solceller"]["also"] is None


def test_a_later_word_and_letters_without_accents_suggest_too(hub: Hub) -> None:
    community = "https://w3id.org/co-ped/concept/theme/energy-community"
    assert community in [s.get("iri") for s in suggest(hub, "energetica", "it")]
    assert community in [s.get("iri") for s in suggest(hub, "energiakozos", "hu")]


def test_concepts_that_no_record_has_are_not_suggested(hub: Hub) -> None:
    used = {row["iri"] for rows in hub.get("/api/search?size=1").json()["facets"].values() for row in rows}
    unused = next(c for c in load().concepts.values() if c.iri not in used and c.scheme.endswith("/energy-measure"))
    assert unused.iri not in [s.get("iri") for s in suggest(hub, unused.labels["en"], "en")]


def test_titles_and_places_are_suggested(hub: Hub) -> None:
    found = {(s["kind"], s["text"]) for s in suggest(hub, "fornace luc", "de")}
    assert ("title", "Fornace Lucciola") in found
    assert ("place", "Casale Monferrato") in {(s["kind"], s["text"]) for s in suggest(hub, "casale", "de")}
    kinds = [s["kind"] for s in suggest(hub, "sol", "sv", size=8)]
    assert len(kinds) == 8 and kinds[:4] == ["concept"] * 4 and "title" in kinds[4:]


def test_what_begins_nothing_suggests_nothing(hub: Hub) -> None:
    for typed in ("", "  ", "?!", "xyzzyplugh", "x" * 1000, "\x00\uffff"):
        assert suggest(hub, typed, "en") == []


@pytest.mark.parametrize(
    ("question", "parameter"),
    [("size=21", "size"), ("lang=xx", "lang"), ("query=a", "parameter"), ("q=" + "x" * 1001, "q")],
)
def test_what_cannot_be_asked_is_told(hub: Hub, question: str, parameter: str) -> None:
    answer = hub.get(f"/api/suggest?{question}")
    assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)
