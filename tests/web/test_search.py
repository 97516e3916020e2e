"""The search API: any of seven languages finds records in the others; what cannot be asked is told in the caller's."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from hub.languages import LANGUAGES
from hub.profile import load
from hub.web.answers import SearchAnswer, SourcesAnswer
from tests.web.hub import Hub

SOLAR = {"it": "fotovoltaico", "sv": "solceller", "de": "Photovoltaik", "hu": "napelem", "nl": "zonnepanelen",
         "fr": "photovoltaïque", "en": "photovoltaics"}  # fmt: skip


def search(hub: Hub, question: str, **more: Any) -> dict[str, Any]:
    answer = hub.get(f"/api/search?{question}", **more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    SearchAnswer.model_validate(found)  # what the OpenAPI document promises
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_of_any_language_finds_records_of_all(hub: Hub, language: str) -> None:
    found = search(hub, f"q={SOLAR[language]}&lang={language}&size=100")
    spoken = {code for item in found["items"] for code in item["languages"]}
    assert spoken == set(LANGUAGES)
    assert all(any(reason not in ([], None) for reason in item["matched"].values()) for item in found["items"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_are_in_the_caller_s_language(hub: Hub, language: str) -> None:
    profile = load()
    for more, headers in (({"lang": language}, ""), ({}, language)):
        question = "&".join(f"{k}={v}" for k, v in more.items())
        facets = search(hub, question, language=headers)["facets"]
        assert {row["label"] for row in facets["country"]} == {
            profile.label(r["iri"], language) for r in facets["country"]
        }
        assert facets["kind"][0]["label"] == profile.kinds["practice"].names[language]


def test_a_facet_s_value_filters_and_its_count_is_true(hub: Hub) -> None:
    for key, rows in search(hub, "size=1")["facets"].items():
        for row in rows[:5]:
            assert search(hub, f"{key}={row['value']}&size=1")["total"] == row["count"], (key, row)


def test_a_concept_is_given_by_notation_iri_or_label_and_includes_narrower_ones(hub: Hub) -> None:
    theme = "https://w3id.org/co-ped/concept/theme/energy-transition"
    label = load().label(theme, "hu")
    ways = [search(hub, f"theme={way}")["total"] for way in ("energy-transition", theme, label)]
    assert ways[0] == ways[1] == ways[2] > search(hub, "theme=energy-community")["total"] > 0
    items = search(hub, "theme=energy-transition&size=100")["items"]
    assert all(any(theme in (t, *load().ancestors(t)) for t in item["themes"]) for item in items)


def test_filters_are_or_within_a_key_and_and_between_keys(hub: Hub) -> None:
    one, other = (search(hub, f"country={c}&kind=venue")["total"] for c in ("ITA", "HUN"))
    assert search(hub, "country=ITA&country=HUN&kind=venue")["total"] == one + other > one


def test_the_links_walk_over_everything_once(hub: Hub) -> None:
    seen: list[str] = []
    link = "/api/search?q=energy&lang=en&size=7"
    while link:
        found = search(hub, link.partition("?")[2])
        seen += [item["id"] for item in found["items"]]
        parameters = dict(parse_qsl(urlsplit(link).query))
        assert (parameters["q"], parameters["lang"]) == ("energy", "en")
        link = found["links"].get("next", "")
    assert len(seen) == len(set(seen)) == found["total"] > 7
    assert "prev" in found["links"]


def test_a_box_finds_what_lies_in_it(hub: Hub) -> None:
    items = search(hub, "bbox=4,50,8,54&size=100")["items"]
    assert items and all(4 <= item["point"]["lon"] <= 8 and 50 <= item["point"]["lat"] <= 54 for item in items)


def test_a_circle_finds_what_lies_in_it(hub: Hub) -> None:
    items = search(hub, "near=45.1339,8.4525,1&size=100")["items"]
    assert {item["places"][0]["it"] for item in items if item["places"]} == {"Casale Monferrato"}
    assert search(hub, "near=45.1339,8.4525,500&size=1")["total"] > len(items)


def test_dates_and_numbers_have_two_ends(hub: Hub) -> None:
    items = search(hub, "start_from=2024&start_to=2024-12&size=100")["items"]
    everything = search(hub, "size=100")["items"]
    expected = {item["id"] for item in everything if (item["start"] or "").startswith("2024")}
    assert {item["id"] for item in items} >= expected != set()
    assert len(items) < len(everything)
    some = search(hub, "kind=venue&floorArea_min=500&floorArea_max=1000")["total"]
    assert 0 < some < search(hub, "kind=venue")["total"]
    assert search(hub, "kind=venue&floorArea_min=0")["total"] > some
    assert search(hub, "changed_from=2999")["total"] == 0


def test_what_is_no_facet_filters_too(hub: Hub) -> None:
    one = search(hub, "identifier=tetto-fornace-lucciola")["items"]
    assert [item["id"].rpartition("/")[2] for item in one] == ["tetto-fornace-lucciola"]
    example = search(hub, "status=example&size=100")["items"]
    assert example and all(item["status"].endswith("/example") for item in example)


def test_a_walk_by_seq_leads_through_everything_in_order(hub: Hub) -> None:
    seen: list[str] = []
    link = "/api/search?sort=seq&size=7"
    while link:
        answer = search(hub, link.partition("?")[2])
        seen += [item["id"] for item in answer["items"]]
        link = answer["links"].get("next", "")
        assert not link or "after=" in link
    assert len(seen) == len(set(seen)) == search(hub, "size=1")["total"] > 50


def test_the_query_s_language_is_given_or_told_by_its_words_or_the_interface_s(hub: Hub) -> None:
    def understood(question: str, **more: Any) -> tuple[str | None, bool]:
        told = search(hub, question, **more)["query"]
        return told["language"], told["detected"]

    assert understood("q=közösségi napelem művelődési ház&lang=sv") == ("hu", True)
    assert understood("q=közösségi napelem művelődési ház&qlang=de") == ("de", False)
    assert understood("q=napelem&lang=sv") == ("sv", False)
    assert understood("q=napelem", language="sv") == (None, False)  # a browser's language is not the query's
    assert search(hub, "q=közösségi napelem&lang=sv")["facets"]["kind"][0]["label"] == "Gott exempel"


def test_meaning_finds_more_and_can_be_left_out(hub: Hub) -> None:
    question = "q=saving heat in an old concert hall&lang=en&size=100"
    whole, words = search(hub, question), search(hub, f"{question}&meaning=false")
    near = [item for item in whole["items"] if item["matched"]["meaning"] is not None]
    assert near and whole["total"] > words["total"]
    assert all(item["matched"]["meaning"] is None for item in words["items"])


def test_an_explanation_tells_every_word_and_the_score(hub: Hub) -> None:
    short = search(hub, "q=solar roof&lang=hu")["items"]
    full = search(hub, "q=solar roof&lang=hu&explain=true")["items"]
    assert [item["id"] for item in short] == [item["id"] for item in full]
    assert all("score" not in item for item in short) and full[0]["score"] > 0
    assert sum(len(i["matched"]["words"]) for i in full) > sum(len(i["matched"]["words"]) for i in short) > 0
    for item in short:
        words = item["matched"]["words"]
        assert len({(w["word"], w["language"], w["by"]) for w in words}) == len(words)
    photovoltaics = "https://w3id.org/co-ped/concept/energy-measure/photovoltaics"
    concepts = [c for i in search(hub, "q=solar+panels&lang=hu")["items"] for c in i["matched"]["concepts"]]
    assert {"iri": photovoltaics, "label": "Napelem"} in concepts


def test_a_match_in_a_machine_s_translation_says_so(hub: Hub) -> None:
    [item] = search(hub, "q=tető&source=by-hand&explain=true&meaning=false")["items"]
    assert {(w["language"], w["machine"]) for w in item["matched"]["words"] if w["by"] == "word"} == {("hu", True)}
    assert not any(w["machine"] for i in search(hub, "q=tak")["items"] for w in i["matched"]["words"])


@pytest.mark.parametrize("sort", ["newest", "title"])
def test_the_order_is_as_asked_for(hub: Hub, sort: str) -> None:
    items = search(hub, f"sort={sort}&size=100&lang=en")["items"]
    assert len(items) > 60
    if sort == "newest":
        assert [i["changed"] for i in items] == sorted((i["changed"] for i in items), reverse=True)
    assert items != search(hub, "sort=newest&size=100" if sort == "title" else "sort=title&size=100")["items"]


BAD = [
    ("theme=foo", "theme", "foo", "energy-community"),
    ("kind=foo", "kind", "foo", "practice"),
    ("lang=xx", "lang", "xx", "hu"),
    ("source=foo", "source", "foo", "sample-hu"),
    ("sort=foo", "sort", "foo", "relevance"),
    ("page=0", "page", "0", "1"),
    ("page=two", "page", "two", ""),
    ("page=9999", "page", "9999", "500"),
    ("size=101", "size", "101", "100"),
    ("bbox=1,2,3", "bbox", "1,2,3", "9.5,46.3,17.2,49.0"),
    ("bbox=1,2,3,nan", "bbox", "", "9.5,46.3,17.2,49.0"),
    ("bbox=999,2,3,4", "bbox", "", "9.5,46.3,17.2,49.0"),
    ("q=" + "x" * 1001, "q", "xxx", "1000"),
    ("near=1,2", "near", "1,2", "52.25,6.16,50"),
    ("near=52,6,99999", "near", "99999", "5000 km"),
    ("start_from=soon", "start_from", "soon", "2025-03"),
    ("changed_to=2025-13", "changed_to", "2025-13", "2025-03"),
    ("floorArea_min=big", "floorArea_min", "big", "250"),
    ("floorArea_max=nan", "floorArea_max", "nan", "250"),
    ("qlang=xx", "qlang", "xx", "hu"),
    ("after=5", "after", "5", "sort=seq"),
    ("sort=seq&after=5&page=2", "after", "5", "sort=seq"),
    ("after=-1&sort=seq", "after", "-1", "0"),
    ("meaning=perhaps", "meaning", "perhaps", "true"),
    ("explain=perhaps", "explain", "perhaps", "true"),
    ("format=xml", "format", "xml", "jsonld"),
    ("thema=foo", "parameter", "thema", "theme"),
    ("start=2025", "parameter", "start", "start_from"),
]


@pytest.mark.parametrize(("question", "parameter", "value", "allowed"), BAD)
def test_what_cannot_be_asked_is_told_by_name(
    hub: Hub, question: str, parameter: str, value: str, allowed: str
) -> None:
    answer = hub.get(f"/api/search?{question}", language="en")
    problem = answer.json()
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert (problem["status"], problem["parameter"]) == (400, parameter)
    assert value in problem["value"] and len(problem["value"]) <= 200
    assert allowed in problem["allowed"] and problem["allowed"] in problem["detail"]


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_a_problem_speaks_the_caller_s_language(hub: Hub, language: str) -> None:
    for question, *_ in BAD:
        english = hub.get(f"/api/search?{question}", language="en").json()
        answer = hub.get(f"/api/search?{question}", language=language)
        problem = answer.json()
        assert answer.headers["Content-Language"] == language
        assert problem["title"] != english["title"] and problem["detail"] != english["detail"]
        if " " in english["allowed"].replace(", ", ""):  # a sentence, not a list of names
            assert problem["allowed"] != english["allowed"], question


def test_empty_parameters_of_a_form_ask_for_nothing(hub: Hub) -> None:
    everything = search(hub, "")["total"]
    assert search(hub, "q=&lang=&kind=&source=&language=&theme=&country=&bbox=&sort=")["total"] == everything


def test_sources_tell_how_fresh_they_are(hub: Hub) -> None:
    told = SourcesAnswer.model_validate(hub.get("/api/sources").json())
    by_key = {source.key: source for source in told.sources}
    assert by_key["sample-hu"].records == {"live": 10}
    assert by_key["by-hand"].records == {"live": 3, "stale": 1, "missing": 1, "quarantined": 1, "withdrawn": 1}
    assert all(source.last_run and source.last_run.state == "complete" for source in told.sources)
