"""The portal as people meet it: in seven languages, without scripts, with every text marked with its language."""

import re
from itertools import pairwise
from urllib.parse import quote

import pytest

from hub.languages import LANGUAGES, catalogue, language_name
from hub.namespaces import COUNTRY
from hub.profile import load
from tests.web.hub import HOSTILE, Hub
from tests.web.pages import Page, text_of

ROOF = "practice/sample-it/tetto-fornace-lucciola"
ITALY, FRANCE = (load().concepts[COUNTRY[code].value].notation for code in ("ITA", "FRA"))
PATHS = [
    "/",
    "/?q=sole",
    "/?kind=venue&country=ITA&q=tetto",
    "/?q=98765432",
    f"/{ROOF}",
    "/event/sample-it/una-giornata-sul-tetto",
    "/venue/sample-it/fornace-lucciola",
    "/organisation/sample-it/cooperativa-tegola-su-tegola",
    "/sources",
    "/sources/by-hand",
    "/practice/by-hand/hostile",
    "/practice/by-hand/withdrawn",
    "/nowhere",
    "/?theme=foo",
]


def page(hub: Hub, path: str, status: int = 200) -> Page:
    answer = hub.page(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return Page(answer.text)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_valid_speaks_its_language_and_has_no_script_of_its_own(
    hub: Hub, language: str, path: str
) -> None:
    answer = hub.page(f"/{language}{path}")
    shown = Page(answer.text)
    assert answer.headers["Content-Language"] == shown.one("html").get("lang") == language
    assert not re.search(r"\son[a-z]+=", answer.text)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    scripts = [(script.get("src", "").partition("?")[0], script.text) for script in shown.all("script")]
    has_box = bool(shown.all("input", id="q"))
    assert scripts == ([("/static/suggest.js", None)] if has_box else []) and ("script-src" in policy) == has_box
    for element in shown.all("link") + shown.all("img"):
        address = element.get("href") or element.get("src") or ""
        assert address.startswith(("/", "http://127.0.0.1")), address  # nothing is loaded from elsewhere


@pytest.mark.parametrize("path", PATHS)
def test_every_page_can_be_used_by_keyboard_and_read_aloud(hub: Hub, path: str) -> None:
    shown = Page(hub.page(f"/hu{path}").text)
    first = shown.all("a")[0]
    assert first.get("href") == "#main" and shown.one("main").get("id") == "main"
    for landmark in ("header", "main", "footer", "h1", "title"):
        shown.one(landmark)
    assert all(nav.get("aria-label") for nav in shown.all("nav"))
    labelled = {label.get("for") for label in shown.all("label")}
    fields = [f for name in ("input", "textarea", "select") for f in shown.all(name) if f.get("type") != "hidden"]
    assert {field.get("id") for field in fields} <= labelled
    assert all(text_of(link) or link.get("aria-label") for link in shown.all("a"))
    assert all("alt" in image.attrib for image in shown.all("img"))
    levels = [int(e.tag[-1]) for e in shown.root.iter() if isinstance(e.tag, str) and re.search(r"}h\d$", e.tag)]
    assert levels[0] == 1 and all(after - before <= 1 for before, after in pairwise(levels))
    ids = [e.get("id") for e in shown.root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", PATHS)
def test_every_page_leads_to_itself_in_the_other_languages(hub: Hub, path: str) -> None:
    shown = Page(hub.page(f"/hu{path}").text)
    for language in LANGUAGES:
        alternate = shown.one("link", rel="alternate", hreflang=language).get("href")
        assert alternate == f"/{language}{path}"
        [link] = [a for a in shown.all("a", hreflang=language) if a.get("lang") == language]
        assert link.get("href") == alternate and (link.get("aria-current") == "true") == (language == "hu")


def test_the_first_page_is_in_the_browser_s_language(hub: Hub) -> None:
    for wanted, language in [
        ("hu-HU,hu;q=0.9,en;q=0.8", "hu"),
        ("de-AT", "de"),
        ("pl, sv;q=0.5", "sv"),
        ("pl", "en"),
        ("", "en"),
    ]:
        assert hub.get("/", language=wanted).headers["Location"] == f"/{language}/"
    assert hub.get("/it").headers["Location"] == "/it/"


def test_results_come_in_the_reader_s_language_or_say_which(hub: Hub) -> None:
    shown = page(hub, "/hu/?q=napelem&size=100")
    cards = shown.all("li", class_="card")
    assert len(cards) == hub.get("/api/search?q=napelem&lang=hu").json()["total"] > 10
    hungarian, foreign = 0, 0
    for card in cards:
        [title] = [a for h3 in card.iter() if str(h3.tag).endswith("}h3") for a in h3 if str(a.tag).endswith("}a")]
        marks = [e for e in card.iter() if e.get("class") == "tongue"]
        if title.get("lang") == "hu":
            hungarian += 1
            assert marks == []
        else:
            foreign += 1
            assert [text_of(mark) for mark in marks] == [language_name(title.get("lang", ""), "hu")]
    assert hungarian > 2 and foreign > 5


def test_a_result_says_why_it_was_found_and_marks_the_words(hub: Hub) -> None:
    shown = page(hub, "/hu/?q=napelem&size=100")
    marked = {text_of(mark).lower() for mark in shown.all("mark")}
    assert "napelem" in marked and marked & {"solar panels", "solar energy", "photovoltaic"}
    reasons = [text_of(why) for why in shown.all("p", class_="why")]
    assert len(reasons) == len(shown.all("li", class_="card"))
    named = [reason for reason in reasons if "napelem" in reason.lower()]
    assert len(named) > 10 and all(reason == "jelentés alapján" for reason in reasons if reason not in named)


def test_a_reason_says_where_only_a_machine_s_translation_has_the_word(hub: Hub) -> None:
    reasons = page(hub, f"/de/?q={quote('tető')}&source=by-hand&meaning=false").all("p", class_="why")
    assert [text_of(reason) for reason in reasons] == ["Gefunden über: tető · in einer maschinellen Übersetzung"]


def test_a_query_in_another_language_says_which_and_lets_one_choose(hub: Hub) -> None:
    shown = page(hub, "/sv/?q=közösségi napelem művelődési ház")
    told = shown.one("details", class_="tongues")
    assert "Uppfattat språk: ungerska. Stämmer det inte?" in text_of(told)
    choices = {text_of(a): a.get("href", "") for a in told.iter() if str(a.tag).endswith("}a")}
    assert len(choices) == len(LANGUAGES) - 1 and "qlang=de" in choices["tyska"]
    chosen = page(hub, f"/sv/{choices['tyska']}")
    assert "Uppfattat språk: tyska" in text_of(chosen.one("details", class_="tongues"))
    assert "qlang" not in [i.get("name") for i in chosen.all("input")]  # another query may be in another language
    assert page(hub, "/sv/?q=solceller på taket").all("details", class_="tongues") == []


def test_a_misspelt_word_leads_to_the_one_that_is_there(hub: Hub) -> None:
    told = page(hub, "/en/?q=brickwroks").one("p", class_="respelt")
    assert text_of(told) == "Did you mean: brickworks"
    [link] = [a.get("href", "") for a in told]
    assert page(hub, f"/en/{link}").all("p", class_="respelt") == []


def test_a_practice_leads_to_similar_ones_in_other_languages(hub: Hub) -> None:
    shown = page(hub, f"/de/{ROOF}").one("section", class_="similar")
    links = [a.get("href", "") for a in shown.iter() if str(a.tag).endswith("}a")]
    assert len(links) == 4 and all(link.startswith("/de/practice/") for link in links)
    assert len({link.split("/")[3] for link in links}) > 1 and f"/de/{ROOF}" not in links


def test_facets_show_the_engine_s_counts_and_lead_on(hub: Hub) -> None:
    shown = page(hub, "/it/?q=tetto")
    facets = hub.get("/api/search?q=tetto&lang=it").json()["facets"]
    offered = {key: rows for key, rows in facets.items() if len(rows) > 1}
    links = {
        text_of(a): a.get("href", "")
        for facet in shown.all("details", class_="facet")
        for a in facet.iter()
        if str(a.tag).endswith("}a")
    }
    for key, rows in offered.items():
        for row in rows:
            assert f"{key}={row['value']}" in links[f"{row['label']} {row['count']}"], (key, row)
    assert len(links) == sum(map(len, offered.values()))


def test_a_filter_is_set_shown_kept_by_the_form_and_taken_away(hub: Hub) -> None:
    shown = page(hub, "/it/?q=tetto&country=ITA&country=FRA&size=5")
    chips = {text_of(chip): chip for chip in shown.all("a", class_="chip")}
    assert set(chips) == {"Paese Italia ×", "Paese Francia ×"}
    italy = chips["Paese Italia ×"]
    assert (italy.get("aria-label"), italy.get("href")) == (
        "Rimuovere: Paese, Italia",
        f"?q=tetto&size=5&country={FRANCE}",
    )
    hidden = {(i.get("name"), i.get("value")) for i in shown.all("input", type="hidden")}
    assert hidden == {("country", ITALY), ("country", FRANCE), ("size", "5")}
    chosen = [a.get("href") for a in shown.all("a", aria_current="true") if a.get("class") == "chosen"]
    assert f"?q=tetto&size=5&country={FRANCE}" in chosen
    other = page(hub, "/it/?q=tetto&country=Italia&size=5")
    assert f"?q=tetto&size=5&country={ITALY}&kind=venue" in other.links()


def test_paging_and_order_keep_the_search(hub: Hub) -> None:
    shown = page(hub, "/de/?kind=practice&size=10&page=2")
    assert shown.one("a", rel="prev").get("href") == "?size=10&page=1&kind=practice"
    assert shown.one("a", rel="next").get("href") == "?size=10&page=3&kind=practice"
    assert shown.one("ol").get("start") == "11"
    assert "Seite 2 von 5" in text_of(shown.one("nav", class_="pages"))
    assert "?size=10&sort=title&kind=practice" in shown.links()
    assert page(hub, "/de/?page=9999", 400)


def test_a_search_without_results_offers_a_way_out(hub: Hub) -> None:
    shown = page(hub, "/sv/?q=98765432&country=ITA")
    assert "Inga träffar" in text_of(shown.one("main")) and "/sv/" in shown.links()
    assert [text_of(chip) for chip in shown.all("a", class_="chip")] == ["Land Italien ×"]


def test_parameters_that_others_add_to_a_link_do_no_harm(hub: Hub) -> None:
    assert page(hub, "/it/?q=tetto&utm_source=mail&fbclid=x")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_record_shows_all_its_fields_by_the_profile(hub: Hub, language: str) -> None:
    shown = page(hub, f"/{language}/{ROOF}")
    profile, text = load(), text_of(shown.one("main"))
    named = {text_of(dt) for dt in shown.all("dt")}
    for key in ("challenge", "solution", "theme", "measure", "outcome", "keyword", "country", "place", "period", "lead",
                "venue", "funding", "indicator", "licence", "identifier"):  # fmt: skip
        assert profile.field("practice", key).name[language] in named, key
    groups = [text_of(h2) for h2 in shown.all("h2")]
    in_order = [texts[language] for texts in profile.groups.values() if texts[language] in groups]
    assert len(in_order) >= 6
    example = profile.label("https://w3id.org/co-ped/concept/record-status/example", language)
    assert example in [text_of(badge) for badge in shown.all("span", class_="badge")]
    for word in (
        "Casale Monferrato",
        "Fornace Lucciola",
        "2025",
        "Gas consumato in un anno",
        "Turtle",
        f"{hub.url}/id/{ROOF}",
    ):
        assert word in text, word
    theme = profile.concepts["https://w3id.org/co-ped/concept/theme/volunteering"]
    assert any(
        a.get("href") == f"/{language}/?theme={theme.notation}" and text_of(a) == theme.labels[language]
        for a in shown.all("a")
    )


def test_numbers_dates_and_places_are_written_as_in_the_reader_s_language(hub: Hub) -> None:
    german = text_of(page(hub, f"/de/{ROOF}").one("main"))
    hungarian = text_of(page(hub, f"/hu/{ROOF}").one("main"))
    assert "1. März 2024" in german and "2024. március 1." in hungarian
    assert "171.000" in german.replace("\u00a0", ".") and "171 000" in hungarian.replace("\u00a0", " ")
    assert "45,1339; 8,4525" in german
    assert any("mlat=45.1339&mlon=8.4525" in link for link in page(hub, f"/de/{ROOF}").links())


def test_texts_in_other_languages_are_marked_and_folded(hub: Hub) -> None:
    shown = page(hub, f"/it/{ROOF}")
    folded = shown.all("details", class_="other")
    assert folded and all(not details.get("open") for details in folded)
    assert {text_of(details[0]) for details in folded} == {"inglese"}
    marked = {t.text: t.language for t in shown.texts()}
    assert next(lang for text, lang in marked.items() if text.startswith("The hall lost its heat")) == "en"
    assert next(lang for text, lang in marked.items() if text.startswith("Il capannone")) == "it"
    german = page(hub, f"/de/{ROOF}")
    assert german.one("h1").get("lang") == "en"
    assert "Nicht in Ihrer Sprache verfügbar. Angezeigte Sprache: Englisch" in text_of(german.one("main"))


def test_a_machine_s_translation_is_shown_as_such(hub: Hub) -> None:
    shown = page(hub, "/hu/practice/by-hand/translated")
    assert text_of(shown.one("h1")) == "Tető" and "gépi fordítás" in text_of(shown.one("main"))
    assert "magyar, gépi fordítás" in text_of(page(hub, f"/hu/?q={quote('tető')}&source=by-hand").one("main"))


@pytest.mark.parametrize(
    ("key", "warning"),
    [
        ("live", ""),
        ("stale", "A newer version could not be published yet; this is the last good one."),
        ("missing", "Its source no longer lists it."),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_record_says_when_it_is_stale_or_missing(hub: Hub, language: str, key: str, warning: str) -> None:
    shown = page(hub, f"/{language}/practice/by-hand/{key}")
    warned = [text_of(badge) for badge in shown.all("span", class_="badge") if "warn" in badge.get("class", "")]
    assert warned == ([" ".join(catalogue(language).gettext(warning).split())] if warning else [])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_withdrawn_record_has_a_page_that_says_so(hub: Hub, language: str) -> None:
    shown = page(hub, f"/{language}/practice/by-hand/withdrawn", 410)
    assert text_of(shown.one("h1")) == catalogue(language).gettext("This record was withdrawn")


def test_nothing_that_a_source_says_becomes_markup_or_runs(hub: Hub) -> None:
    for path in ("/en/practice/by-hand/hostile", "/en/?source=by-hand&size=100", f"/en/?q={quote(HOSTILE)}"):
        answer = hub.page(path)
        shown = Page(answer.text)
        assert all(script.get("src", "").startswith("/static/") for script in shown.all("script"))
        assert HOSTILE.replace('"', "") in text_of(shown.root).replace('"', "")
    links = page(hub, "/en/practice/by-hand/hostile").links()
    assert not any(link.startswith("javascript:") for link in links)
    assert "https://example.org/?a=1&b=2" in links


def test_a_place_lists_who_speaks_of_it(hub: Hub) -> None:
    shown = page(hub, "/en/venue/sample-it/fornace-lucciola")
    assert f"/en/{ROOF}" in shown.links()


def test_files_of_the_portal_are_kept_for_good_once_loaded(hub: Hub) -> None:
    style = page(hub, "/en/").one("link", rel="stylesheet").get("href", "")
    answer = hub.get(style)
    assert answer.headers["Content-Type"].startswith("text/css") and "immutable" in answer.headers["Cache-Control"]
    assert "immutable" not in hub.get(style.partition("?")[0]).headers.get("Cache-Control", "")


def test_pages_are_sent_small(hub: Hub) -> None:
    packed = hub.page("/it/", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and int(packed.headers["Content-Length"]) < 12_000


def test_an_authority_language_is_named_for_the_reader() -> None:
    assert [language_name(tag, "fr") for tag in ("FRA", "fr", "de-AT", "HUN")] == [
        "français",
        "français",
        "allemand",
        "hongrois",
    ]
    assert language_name("xx-zz", "fr") == "xx-zz"
