"""Every word of the interface is translated, in all six catalogues, and none is left in English on a page."""

import re
import string
from pathlib import Path

import pytest

from hub.languages import catalogue
from hub.web.pages import environment_of
from tests import locales
from tests.locales import TRANSLATED
from tests.web.hub import Hub
from tests.web.pages import Page

TEMPLATES = Path(__file__).parents[2] / "hub" / "web" / "templates"
ROOF = "practice/sample-it/tetto-fornace-lucciola"
# Names that are the same in every language.
PROPER = {"Co-ped Hub", "API", "SPARQL", "Turtle", "JSON-LD", "RDF/XML", "N-Triples", "ttl", "jsonld", "rdf", "nt",
          "SHACL", "OWL", "SKOS", "JSON Schema", "Markdown", "XLSX"}  # fmt: skip
SHOWN = ["/{}/", "/{}/?q=sole&kind=venue&country=ITA", "/{}/?q=energy&page=2&size=5", "/{}/?q=98765432",
         "/{}/?q=brickwroks", "/{}/?q=közösségi napelem&meaning=false", "/{}/?q=tető&source=by-hand",
         f"/{{}}/{ROOF}", "/{}/organisation/sample-it/cooperativa-tegola-su-tegola", "/{}/sources",
         "/{}/sources/by-hand", "/{}/reference",
         "/{}/practice/by-hand/stale", "/{}/practice/by-hand/missing", "/{}/practice/by-hand/translated",
         "/{}/practice/by-hand/withdrawn", "/{}/practice/by-hand/quarantined", "/{}/practice/by-hand/unheard-of",
         "/{}/thing/by-hand/live", "/{}/nowhere", "/{}/?theme=foo", "/{}/?page=9999", "/{}/?page=two", "/{}/?bbox=1",
         "/{}/?size=0", "/sparql?lang={}", "/sparql?lang={}&query=ASK%7B%7D", "/sparql?lang={}&query=SELECT",
         "/sparql?lang={}&query=SELECT*%7B%3Fs%3Fp%3Fo%7D", "/id/source/nobody?lang={}"]  # fmt: skip


def placeholders(text: str) -> list[str]:
    named = [name for _, name, _, _ in string.Formatter().parse(text.replace("%(", "(")) if name is not None]
    return sorted(named + re.findall(r"%\(\w+\)[sd]", text))


def test_the_texts_are_found() -> None:
    """In templates, in code, in errors of lower rooms, and as errors' titles."""
    texts = {message.id[0] if isinstance(message.id, tuple) else message.id for message in locales.words()}
    assert {"Search", "There is no record {iri}", "at most {limit} characters", "The query took too long"} <= texts
    assert {"%(num)s record", "Newest first", "This address does not take that method"} <= texts


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogue_is_as_the_command_leaves_it(language: str) -> None:
    assert locales.path(language).read_text("utf-8") == locales.updated(language), "run `make locales`, then translate"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_with_the_same_placeholders(language: str) -> None:
    there = locales.read(language)
    assert not any(message.fuzzy for message in there if message.id)
    for message in locales.words():
        if not message.id:
            continue
        known = there.get(message.id)
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = known.string if isinstance(known.string, tuple | list) else (known.string,)
        assert len(texts) == (there.num_plurals if len(sources) > 1 else 1), message.id
        for text in texts:
            assert text.strip() and text == text.strip(), message.id
            assert placeholders(text) == placeholders(sources[0]), message.id
            assert text[-1] in ".:?" or sources[0][-1] not in ".:", message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogue_is_read_without_a_step_between(language: str) -> None:
    words = catalogue(language)
    assert words.gettext("Search") != "Search"
    assert words.ngettext("%(num)s record", "%(num)s records", 2) != "%(num)s records"


@pytest.mark.parametrize("template", sorted(file.name for file in TEMPLATES.glob("*.html") if file.name != "docs.html"))
def test_templates_hold_no_word_of_their_own(template: str) -> None:
    """docs.html is reference documentation, and English throughout; it is marked so."""
    environment = environment_of("en")
    pieces = [value for _, kind, value in environment.lex((TEMPLATES / template).read_text("utf-8")) if kind == "data"]
    html = "".join(pieces)
    outside = re.sub(r'<[^>]*>|&\w+;|[\w-]+="[^"]*"| – ', "\n", html)
    words = {line.strip(" \t·,:–×←→/|()") for line in outside.splitlines()}
    assert {word for word in words if re.search(r"[A-Za-z]{2}", word)} <= PROPER
    spoken = re.findall(r'(?:alt|aria-label|placeholder|title)="([^"]*)"', html)
    assert not [text for text in spoken if re.search(r"[A-Za-z]", text)]


def english(language: str) -> list[tuple[str, re.Pattern[str]]]:
    """The English texts that are another in this language, as patterns of what they become when filled."""
    found = []
    for message in locales.words():
        translated = locales.read(language).get(message.id) if message.id else None
        for source in message.id if isinstance(message.id, tuple) else (message.id,):
            strings = translated.string if translated else ()
            if source and source not in (strings if isinstance(strings, tuple | list) else (strings,)):
                parts = re.split(r"\{\w+\}|%\(\w+\)s", source)
                found.append((source, re.compile(r".+?".join(map(re.escape, parts)))))
    return found


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_page_shows_an_english_word_of_the_interface(hub: Hub, language: str) -> None:
    patterns = english(language)
    assert len(patterns) > 90
    for address in SHOWN:
        answer = hub.page(address.format(language))
        assert f'<html lang="{language}">' in answer.text, address
        for text in Page(answer.text).texts():
            if text.language == language:
                left = [source for source, pattern in patterns if pattern.fullmatch(text.text.strip(" ·,"))]
                assert left == [], (address, text)


def test_the_search_for_english_words_can_find_one(hub: Hub) -> None:
    patterns = english("it")
    texts = [text.text for text in Page(hub.page("/en/").text).texts()]
    assert sum(any(pattern.fullmatch(text) for _, pattern in patterns) for text in texts) > 8
