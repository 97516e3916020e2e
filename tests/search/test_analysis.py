"""What is one word, and which words are the same."""

from importlib.metadata import version

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.languages import LANGUAGES
from hub.search.analysis import MAX_WORD, STEMMERS, Analyzer, analyzer, edition, folded

ANY = (*LANGUAGES, "other")


def surfaces(text: str, language: str = "en") -> list[str]:
    return [token.forms[0] for token in analyzer(language).tokens(text)]


def same(language: str, one: str, other: str) -> bool:
    """Whether a text with one word is found by the other."""
    first, second = (analyzer(language).terms(word) for word in (one, other))
    return all(set(a) & set(b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize(
    "text, expected",
    [
        ("l'énergie", ["energie"]),
        ("L’Énergie d’ici", ["energie", "ici"]),
        ("qu’elle jusqu'à lʼété", ["elle", "a", "ete"]),
        ("dell'arte un’altra all'aperto", ["arte", "altra", "aperto"]),
        ("the venue's roof, don't we'll", ["the", "venue", "roof", "don", "we"]),
        ("aujourd'hui rock'n'roll", ["aujourd", "hui", "rock", "roll"]),
        ("‘quoted’ 'too' d' l’", ["quoted", "too", "d", "l"]),
    ],
)
def test_articles_and_endings_at_an_apostrophe_are_no_words(text: str, expected: list[str]) -> None:
    assert surfaces(text) == expected


@pytest.mark.parametrize("hyphen", "-‐‑")
def test_a_word_with_a_hyphen_is_its_parts_and_the_whole(hyphen: str) -> None:
    parts = analyzer("en").terms(f"co{hyphen}housing")
    assert [terms[0] for terms in parts] == ["co", "housing"]
    assert all("cohousing" in terms for terms in parts)
    assert set(analyzer("hu").terms("energiaközösségek")[0]) & set(analyzer("hu").terms(f"energia{hyphen}közösség")[1])


def test_a_chain_of_hyphens_is_parts_only() -> None:
    assert analyzer("en").terms("a-b-c-d-e") == [("a",), ("b",), ("c",), ("d",), ("e",)]


def test_hyphens_that_join_nothing() -> None:
    assert surfaces("-roof- – wind- and sun-power --x") == ["roof", "wind", "and", "sun", "power", "x"]


def test_what_is_not_seen_changes_nothing() -> None:
    assert surfaces("Energie\u00adgemein\u00adschaft", "de") == ["energiegemeinschaft"]
    assert surfaces("Dach\u200cboden", "de") == ["dachboden"]
    assert surfaces("\ufeffroof\u200b \u202etop") == ["roof", "top"]


MEETING = {
    "it": "comunità/comunita tetto/tetti energetica/ENERGETICHE",
    "sv": "energigemenskap/energigemenskaperna tak/taken",
    "de": "Gemeinschaft/Gemeinschaften Straße/STRASSEN Dächer/Dach",
    "hu": "energiaközösség/energiaközösségekben fűtés/fűtést ház/házak",
    "nl": "huis/huizen les/lessen dak/daken zonnepaneel/zonnepanelen energiegemeenschap/energiegemeenschappen",
    "fr": "communauté/communautés énergétique/énergétiques œuvre/oeuvres",
    "en": "community/communities insulate/insulating roof/roofs",
}


@pytest.mark.parametrize(
    "language, one, other", [(code, *pair.split("/")) for code, pairs in MEETING.items() for pair in pairs.split()]
)
def test_inflected_words_meet(language: str, one: str, other: str) -> None:
    assert same(language, one, other)


@pytest.mark.parametrize(
    "language, one, other",
    [("nl", "huis", "huid"), ("de", "Haus", "Hase"), ("en", "roof", "root"), ("hu", "ház", "háló")],
)
def test_other_words_do_not_meet(language: str, one: str, other: str) -> None:
    assert not same(language, one, other)


@pytest.mark.parametrize(
    "here, there",
    [
        ("Jänner", "Januar"),
        ("Feber", "Februar"),
        ("heuer", "diesjährige"),
        ("Stiege", "Treppen"),
        ("Stiegenhaus", "Treppenhäuser"),
        ("Treppenhaus", "Stiegenhäuser"),
        ("Paradeisern", "Tomate"),
        ("Kartoffelfest", "Erdäpfelfest"),
        ("Turnsaal", "Turnhallen"),
    ],
)
def test_a_word_of_austria_and_one_of_germany_meet(here: str, there: str) -> None:
    assert same("de", here, there) and same("de", there, here)


def test_a_word_that_is_another_thing_in_germany_stays_alone() -> None:
    assert not same("de", "Sessel", "Stuhl") and not same("de", "Kasten", "Schrank")


@pytest.mark.parametrize("language, one, other", [("en", "half", "halves"), ("de", "dämmen", "wärmegedämmt")])
def test_words_that_the_dictionary_takes_for_others(language: str, one: str, other: str) -> None:
    assert same(language, one, other)


@pytest.mark.parametrize("stemmer, pair", [("dutch", ("dak", "daken")), ("dutch_porter", ("huis", "huizen"))])
def test_neither_dutch_stemmer_would_do_alone(stemmer: str, pair: tuple[str, str]) -> None:
    """That both together do is told above."""
    one, other = (analyzer("nl").tokens(word)[0].forms[1 + STEMMERS["nl"].index(stemmer)] for word in pair)
    assert one != other


@pytest.mark.parametrize("language", ANY)
def test_accents_do_not_matter(language: str) -> None:
    for word in ("comunità", "élève", "hétvége", "tűzőgép", "åäö", "naïef", "Übung", "cœur", "łódź", "Ærø"):
        plain = folded(word.casefold())
        assert plain.isascii() and plain in analyzer(language).terms(word)[0]
    assert analyzer(language).terms("comunita\u0300") == analyzer(language).terms("comunità")


@pytest.mark.parametrize("language", ANY)
@pytest.mark.parametrize(
    "text, expected",
    [
        ("54 kWh/m²", [("54",), ("kwh", "kwh/m2"), ("m2", "kwh/m2")]),
        ("kWh/m2", [("kwh", "kwh/m2"), ("m2", "kwh/m2")]),
        ("ITH5", [("ith5",)]),
        ("2025", [("2025",)]),
        ("3,5", [("3", "3.5"), ("5", "3.5")]),
        ("3.5", [("3", "3.5"), ("5", "3.5")]),
        ("1, 2", [("1",), ("2",)]),
        ("CO₂", [("co2",)]),
    ],
)
def test_numbers_codes_and_units_are_kept(language: str, text: str, expected: list[tuple[str, ...]]) -> None:
    found = analyzer(language).terms(text)
    assert [terms[0] for terms in found] == [terms[0] for terms in expected]
    assert all(set(wanted) <= set(terms) for wanted, terms in zip(expected, found, strict=True))


def test_no_word_is_endless() -> None:
    assert [len(form) for form in analyzer("other").terms("x" * 100_000)[0]] == [MAX_WORD]


def test_a_language_that_the_hub_does_not_speak() -> None:
    assert analyzer("xx") is not analyzer("en")
    assert analyzer("xx").terms("Running ЕНЕРГІЇ Ёлка ήλιος") == [
        ("running",),
        ("енергіі",),
        ("елка",),
        ("ηλιοσ",),
    ]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("it", "I tetti dell'antico teatro: 25 kWh/m²"),
        ("sv", "Gamla tak och fönster, 2025"),
        ("de", "Die alten Häuser in Österreich"),
        ("hu", "A régi házak tetői"),
        ("nl", "Oude daken van het co-housing"),
        ("fr", "Les toits de l'école d'été"),
        ("en", "The venue's roofs: IT-H5"),
        ("other", "Střecha 3,5"),
    ],
)
def test_a_lexicon_has_words_with_the_forms_that_a_query_has(language: str, text: str) -> None:
    tokens = analyzer(language).tokens(text)
    expected = [(text[token.start : token.end], token.forms) for token in tokens]
    assert analyzer(language).forms(text) == expected


def test_the_edition_names_all_that_terms_depend_on() -> None:
    assert all(f"{name} {version(name)}" in edition() for name in ("PyStemmer", "simplemma", "wordfreq", "marisa-trie"))


LETTERS = st.text(st.sampled_from("abcdeilmnrstuzàéèêëìíïòóöőùúüűåäßœæøçñ '’-.,/&0123²\u00ad"), max_size=60)


@given(LETTERS | st.text(max_size=40), st.sampled_from(ANY))
def test_tokens_stand_where_they_say_and_terms_are_theirs(text: str, language: str) -> None:
    tokens = analyzer(language).tokens(text)
    assert [token.position for token in tokens] == list(range(len(tokens)))
    assert [token.alternatives for token in tokens] == analyzer(language).terms(text)
    ends = [0, *(token.end for token in tokens)]
    for token, end in zip(tokens, ends, strict=False):
        assert end <= token.start < token.end
        assert surfaces(text[token.start : token.end], language)[0] == token.forms[0]
        assert token.alternatives[: len(set(token.forms))] == tuple(dict.fromkeys(token.forms))


@given(LETTERS | st.text(max_size=40), st.sampled_from(ANY))
def test_a_word_has_the_same_terms_alone_and_in_a_text(text: str, language: str) -> None:
    for word in text.split():
        assert analyzer(language).terms(f"one {word} two")[1:-1] == analyzer(language).terms(word)


@given(LETTERS | st.text(max_size=40), st.sampled_from(ANY))
def test_what_a_cache_holds_changes_nothing(text: str, language: str) -> None:
    assert Analyzer(language).tokens(text) == analyzer(language).tokens(text)


@given(LETTERS | st.text(max_size=40), st.sampled_from(ANY))
def test_all_tokens_of_a_language_have_as_many_steps(text: str, language: str) -> None:
    steps = 1 + 2 * len(STEMMERS.get(language, ()))
    assert all(len(token.forms) == steps for token in analyzer(language).tokens(text))


@given(LETTERS | st.text(max_size=40))
def test_all_languages_cut_a_text_alike(text: str) -> None:
    """A query's words are compared place by place in all of them."""
    cut = {tuple((t.position, t.start, t.end, t.forms[0]) for t in analyzer(language).tokens(text)) for language in ANY}
    assert len(cut) == 1


@given(LETTERS, st.sampled_from(ANY))
def test_case_does_not_matter(text: str, language: str) -> None:
    assert analyzer(language).terms(text.upper()) == analyzer(language).terms(text.lower())
