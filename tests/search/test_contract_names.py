"""What every search index promises about names that are begun, documents alike, and documents by id."""

import pytest

from hub.search.base import Document, SearchIndex, Suggestion
from tests.search.examples import iri_of, made
from tests.search.test_contract_queries import fill, found


def named(key: str, language: str = "en", **names: str) -> Document:
    return made(key, names={part: {language: (name,)} for part, name in names.items()})


def suggested(index: SearchIndex, text: str, size: int = 10) -> list[str]:
    return [suggestion.text for suggestion in index.suggest(text, size)]


@pytest.mark.parametrize(
    "typed, expected",
    [
        ("en", ["Energiaközösség", "Énergie d’ici", "L’énergie des gens"]),
        ("ENERGIA", ["Energiaközösség"]),
        ("energie d'i", ["Énergie d’ici"]),
        ("énergie", ["Énergie d’ici", "L’énergie des gens"]),
        ("l'energie", ["L’énergie des gens"]),
        ("gens", ["L’énergie des gens"]),
        ("ergie", []),
        ("des gens et", []),
        ("d", ["Dach & Fach (Wien)", "Énergie d’ici", "L’énergie des gens"]),
        (" (wien", ["Dach & Fach (Wien)"]),
        ("fach wien", ["Dach & Fach (Wien)"]),
        ("2", ["20 Jahre"]),
    ],
)
def test_a_name_is_begun_with_any_of_its_words(index: SearchIndex, typed: str, expected: list[str]) -> None:
    names = ("Énergie d’ici", "L’énergie des gens", "Energiaközösség", "Dach & Fach (Wien)", "20 Jahre")
    fill(index, *(named(f"k{n}", title=name) for n, name in enumerate(names)))
    assert sorted(suggested(index, typed)) == sorted(expected)


@pytest.mark.parametrize("typed", ["", " ", "?", "…", "🌞", "\x00", "\ud800", "\x1f", "*", '"', ".*"])
def test_what_has_no_letter_begins_nothing(index: SearchIndex, typed: str) -> None:
    fill(index, named("a", title="Roof"), named("b", title="?"))
    assert index.suggest(typed) == []


@pytest.mark.parametrize("typed", ["ro.*", "r?", "roo~", "[r]oof", "roof\x1f", "ﬀ" * 500, "شمس", "r" * 5000])
def test_no_character_means_anything(index: SearchIndex, typed: str) -> None:
    fill(index, named("a", title="Wall"), named("b", title="شمس الطاقة"))
    assert suggested(index, typed) == (["شمس الطاقة"] if typed == "شمس" else [])


def test_the_most_told_come_first_and_those_that_begin_so_before_all(index: SearchIndex) -> None:
    fill(
        index,
        *(named(f"w{n}", place="Wien", title=f"Title {n}") for n in range(4)),
        *(named(f"n{n}", organisation="Verein Neues Wien") for n in range(6)),
        *(named(f"s{n}", place="Wiener Neustadt") for n in range(2)),
    )
    assert index.suggest("wie") == [
        Suggestion("Wien", "place", "en", 4),
        Suggestion("Wiener Neustadt", "place", "en", 2),
        Suggestion("Verein Neues Wien", "organisation", "en", 6),
    ]
    assert suggested(index, "wie", 2) == ["Wien", "Wiener Neustadt"]
    assert suggested(index, "neu", 1) == ["Verein Neues Wien"]
    assert len(index.suggest("t", 3)) == 3


def test_a_name_is_told_once(index: SearchIndex) -> None:
    names = {"place": {"de": ("Graz",), "": ("GRAZ", "Graz")}, "title": {"en": ("Graz",)}}
    fill(index, made("a", names=names), made("b", names={"place": {"hu": ("Graz",)}}))
    counts = {(suggestion.part, suggestion.count) for suggestion in index.suggest("graz")}
    assert len(index.suggest("graz")) == 2 and counts == {("place", 2), ("title", 1)}


def test_long_names_are_told_apart(index: SearchIndex) -> None:
    long = "Association for the insulation of the roofs of the old theatres of the town of"
    fill(index, named("a", title=f"{long} Graz"), named("b", title=f"{long} Győr"))
    assert len(index.suggest(long)) == 2
    assert suggested(index, f"{long} gyo") == [f"{long} Győr"]
    assert suggested(index, f"{long} x") == []


def test_what_was_deleted_is_not_suggested(index: SearchIndex) -> None:
    fill(index, *(named(f"k{n}", title=f"Roof {n:02}") for n in range(60)), named("z", title="Roofs"))
    assert len(index.suggest("roof", 10)) == 10
    index.apply({iri_of(f"k{n}"): None for n in range(59)}, 2)
    assert index.suggest("roof", 10) == [
        Suggestion("Roof 59", "title", "en", 1),
        Suggestion("Roofs", "title", "en", 1),
    ]
    fill(index, named("z", title="Wall"))
    assert (suggested(index, "r"), suggested(index, "w")) == (["Roof 59"], ["Wall"])


# Documents that are alike


def alike(index: SearchIndex, key: str, size: int = 10) -> list[str]:
    return [hit.item["id"].rpartition("/")[2] for hit in index.similar(iri_of(key), size)]


def test_documents_that_share_telling_words(index: SearchIndex) -> None:
    fill(
        index,
        made("a", "Straw insulation of the roof of a theatre", summary="Straw from the fields around"),
        made("b", "Insulating roofs with straw"),
        made("c", body="A theatre of old"),
        made("d", "Bicycles to lend", summary="The bicycles of the village"),
        made("e", "Stroh und Dach", "de"),
        *(made(f"f{n}", "About something else") for n in range(5)),
    )
    assert alike(index, "a") == ["b", "c"]
    assert alike(index, "a", 1) == ["b"]
    assert alike(index, "d") == alike(index, "e") == []
    hit = index.similar(iri_of("a"))[0]
    assert {match.word.casefold() for match in hit.matched.words} == {"straw", "insulation", "roof"}
    assert {(match.part, match.language) for match in hit.matched.words} == {("title", "en")}
    assert hit.score > index.similar(iri_of("a"))[1].score > 0


@pytest.mark.parametrize("name", [iri_of("gone"), "", "urn:x", "\ud800", "position"])
def test_nothing_is_like_what_is_not_there(index: SearchIndex, name: str) -> None:
    fill(index, made("a", "Roof"), made("gone", "Roof"))
    index.apply({iri_of("gone"): None}, 2)
    assert index.similar(name) == []
    assert index.items([name, iri_of("a"), iri_of("a")]).keys() == {iri_of("a")}


def test_what_says_nothing_is_like_nothing(index: SearchIndex) -> None:
    fill(index, made("a", "?"), made("b", "The"), made("c", "The"))
    assert alike(index, "a") == alike(index, "b") == []


def test_items_by_id(index: SearchIndex) -> None:
    fill(index, *(made(f"k{n}", n=n) for n in range(300)))
    names = [iri_of(f"k{n}") for n in range(0, 300, 2)]
    assert {name: item["n"] for name, item in index.items(names).items()} == {
        iri_of(f"k{n}"): n for n in range(0, 300, 2)
    }
    assert index.items([]) == {}
    assert found(index, "k1") == set()
