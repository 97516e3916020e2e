"""What every search index promises about finding."""

from collections import Counter
from dataclasses import replace

import pytest

from hub.search.base import Answer, Document, Query, SearchIndex
from tests.search.examples import ARTS, COMMUNITY, FRANCE, ITALY, POVERTY, RENEWABLE, SWEDEN, TRANSITION, iri_of, made


def fill(index: SearchIndex, *documents: Document) -> None:
    index.apply({document.id: document for document in documents}, 1)


def keys(answer: Answer) -> list[str]:
    return [hit.item["id"].rpartition("/")[2] for hit in answer.hits]


def found(index: SearchIndex, q: str = "", **more: object) -> set[str]:
    return set(keys(index.search(Query(q, **more))))  # type: ignore[arg-type]


# What a word finds


def test_a_word_is_found_in_any_part_and_language(index: SearchIndex) -> None:
    fill(
        index,
        made("title", "The roof"),
        made("summary", summary="A roof of straw"),
        made("body", body="All about the roof."),
        made("other", "Roof, ein Wort", "de"),
        made("none", "The cellar"),
    )
    assert found(index, "roof") == {"title", "summary", "body", "other"}
    assert found(index, "ROOFS") >= {"title", "summary", "body"}


def test_a_title_counts_more_than_a_summary_and_that_more_than_a_body(index: SearchIndex) -> None:
    rest = "one two three four five six"
    fill(
        index,
        made("body", body=f"roof {rest}"),
        made("title", f"roof {rest}"),
        made("summary", summary=f"roof {rest}"),
    )
    assert keys(index.search(Query("roof"))) == ["title", "summary", "body"]


def test_the_callers_language_goes_first_among_equals(index: SearchIndex) -> None:
    fill(index, made("sv", "Plan", "sv"), made("de", "Plan", "de"))
    for language in ("sv", "de"):
        assert keys(index.search(Query("plan", language)))[0] == language


def test_of_two_words_both_and_of_more_a_third_may_be_missing(index: SearchIndex) -> None:
    fill(
        index,
        made("three", body=f"Straw {'and other things ' * 50} insulation for barns"),
        made("two", "Straw for barns, straw for barns, and more straw"),
        made("one", "Straw"),
    )
    assert found(index, "straw barns") == {"three", "two"}
    assert keys(index.search(Query("straw insulation barns"))) == ["three", "two"]
    assert found(index, "straw insulation") == {"three"}
    assert found(index, "straw insulation barns paper clay stone") == set()


def test_stop_words_of_any_language_are_not_required(index: SearchIndex) -> None:
    fill(index, made("a", "Straw insulation"), made("b", "Insulation of the roof"))
    assert found(index, "the straw insulation for us") == {"a"}
    assert keys(index.search(Query("insulation of the roof"))) == ["b"]


def test_the_title_of_a_stop_word_alone_is_found(index: SearchIndex) -> None:
    fill(index, made("a", "To be or not to be"), made("b", "Roof"))
    assert found(index, "or not to be") == {"a"}


def test_what_was_pasted_is_cut_not_refused(index: SearchIndex) -> None:
    fill(index, made("a", " ".join(f"word{n}" for n in range(60))), made("b", "word1"))
    assert found(index, " ".join(f"word{n}" for n in range(100))) == {"a"}


# What a concept finds


def test_a_label_finds_all_that_is_about_its_concept(index: SearchIndex) -> None:
    fill(
        index,
        made("tagged", "Strom für alle", "de", themes=[COMMUNITY]),
        made("said", "Nos communautés énergétiques", "fr"),
        made("otherwise", "A community of the energy", "en"),
        made("not", "Energy for everyone in our community", "en"),
        made("neither", "The cellar", themes=[ARTS]),
    )
    for words in ("comunità energetica", "Energigemenskaper", "energiaközösségek", "energiecoöperatie"):
        assert found(index, words) == {"tagged", "said", "otherwise"}, words
    assert found(index, "energy community") == {"tagged", "said", "otherwise", "not"}


def test_a_broad_label_finds_what_is_tagged_with_a_narrower_concept(index: SearchIndex) -> None:
    fill(index, made("narrow", themes=[COMMUNITY]), made("broad", themes=[TRANSITION]), made("else", themes=[ARTS]))
    assert found(index, "Energiewende") == {"narrow", "broad"}
    assert found(index, "megújuló energia") == {"narrow"}


def test_no_label_begins_in_one_text_and_ends_in_another(index: SearchIndex) -> None:
    document = made("a")
    fill(index, replace(document, texts={"body": {"en": ("Saving energy", "Communities at work")}}))
    assert found(index, "saving community") == {"a"}
    assert found(index, "Energigemenskap") == set()


def test_words_beside_a_label_still_count(index: SearchIndex) -> None:
    fill(index, made("a", "In a village", themes=[COMMUNITY]), made("b", "In a town", themes=[COMMUNITY]))
    assert found(index, "energy community village") == {"a", "b"}, "two of three words"
    assert keys(index.search(Query("energy community village"))) == ["a", "b"]
    assert found(index, "Energiegemeinschaft village") == {"a"}


def test_why_a_hit_matched(index: SearchIndex) -> None:
    fill(
        index,
        made("both", "Energy community with a Roof", themes=[COMMUNITY]),
        made("concept", "Villaggio", "it", themes=[COMMUNITY]),
        made("label", "Energigemenskap under Roof", "sv"),
    )
    answer = index.search(Query("ROOF of an Energy community"))
    assert {key: hit.matched for key, hit in zip(keys(answer), answer.hits, strict=True)} == {
        "both": {"words": ["ROOF", "Energy", "community"], "concepts": [COMMUNITY]},
        "label": {"words": ["ROOF"], "concepts": [COMMUNITY]},
        "concept": {"words": [], "concepts": [COMMUNITY]},
    }
    one = index.search(Query("Energy communities", size=1, page=2)).hits[0]
    assert one.matched["concepts"] == [COMMUNITY]
    assert index.search(Query()).hits[0].matched == {"words": [], "concepts": []}


# Filters and facets


@pytest.fixture
def several(index: SearchIndex) -> SearchIndex:
    def one(key: str, source: str, country: str, *themes: str) -> Document:
        return made(key, f"Roof {key}", themes=themes, keywords={"source": (source,), "country": (country,)})

    fill(
        index,
        one("a", "x", ITALY, COMMUNITY, POVERTY),
        one("b", "x", ITALY, RENEWABLE),
        one("c", "y", FRANCE, TRANSITION),
        one("d", "y", SWEDEN, POVERTY),
        one("e", "z", SWEDEN),
    )
    return index


def test_filters_are_or_within_a_key_and_and_between_keys(several: SearchIndex) -> None:
    assert found(several, filters={"source": ("x", "y")}) == set("abcd")
    assert found(several, filters={"source": ("x", "y"), "country": (SWEDEN, FRANCE)}) == set("cd")
    assert found(several, "roof", filters={"source": ("y",), "theme": (POVERTY,)}) == {"d"}
    assert found(several, filters={"source": ()}) == set("abcde")
    assert found(several, filters={"source": ("nobody",)}) == set()
    assert found(several, filters={"source": ("X",)}) == set(), "values are told exactly"


def test_a_concept_filter_finds_narrower_ones(several: SearchIndex) -> None:
    assert found(several, filters={"theme": (TRANSITION,)}) == set("abc")
    assert found(several, filters={"theme": (RENEWABLE,)}) == set("ab")
    assert found(several, filters={"theme": (COMMUNITY,)}) == {"a"}


def test_the_total_is_exact_whatever_is_shown(several: SearchIndex) -> None:
    for query in (Query(size=1), Query(size=2, page=3), Query(size=100), Query("roof", size=1), Query(page=50)):
        assert several.search(query).total == 5


def test_facets_count_without_their_own_filter(several: SearchIndex) -> None:
    filters = {"source": ("x",), "theme": (TRANSITION,)}
    answer = several.search(Query(filters=filters, facets=("source", "theme", "country", "kind")))
    assert answer.total == 2
    assert answer.facets == {
        "source": [("x", 2), ("y", 1)],
        "theme": [(TRANSITION, 2), (RENEWABLE, 2), (COMMUNITY, 1), (POVERTY, 1)],
        "country": [(ITALY, 2)],
        "kind": [("practice", 2)],
    }


def test_facets_follow_the_words_and_count_no_repetition(index: SearchIndex) -> None:
    fill(index, made("a", "Roof", keywords={"source": ("x", "x", "y")}), made("b", "Wall", keywords={"source": ("y",)}))
    assert index.search(Query("roof", facets=("source",))).facets == {"source": [("x", 1), ("y", 1)]}
    assert index.search(Query(facets=("source",))).facets == {"source": [("y", 2), ("x", 1)]}
    index.apply({iri_of("a"): None}, 2)
    assert index.search(Query(facets=("source",))).facets == {"source": [("y", 1)]}


def test_long_and_strange_values(index: SearchIndex) -> None:
    values = ("x" * 100_000, "", " ", "a\x00b", "ő🌞", "a b/c:d*", '"quoted"')
    fill(index, made("a", keywords={"source": values}))
    for value in values:
        assert found(index, filters={"source": (value,)}) == {"a"}, value[:20]
    assert len(index.search(Query(facets=("source",))).facets["source"]) == len(values)


# Places and times


def test_a_box_on_the_map(index: SearchIndex) -> None:
    fill(
        index,
        made("rome", points=[(41.9, 12.5)]),
        made("fiji", points=[(-17.8, 178.0)]),
        made("samoa", points=[(-13.8, -172.0)]),
        made("nowhere"),
    )
    assert found(index, bbox=(6.6, 35.5, 18.5, 47.1)) == {"rome"}
    assert found(index, bbox=(12.5, 41.9, 12.5, 41.9)) == {"rome"}, "the edge belongs to it"
    assert found(index, bbox=(12.6, 41.9, 13, 42)) == set()
    assert found(index, bbox=(170, -30, -170, 0)) == {"fiji", "samoa"}, "over the antimeridian"
    assert found(index, bbox=(-170, -30, 170, 0)) == set()
    assert found(index, bbox=(-180, -90, 180, 90)) == {"rome", "fiji", "samoa"}


def test_a_box_holds_one_whole_point_of_several(index: SearchIndex) -> None:
    fill(index, made("two", points=[(48.0, 16.0), (60.0, 2.0)]))
    assert found(index, bbox=(15, 47, 17, 49)) == found(index, bbox=(1, 59, 3, 61)) == {"two"}
    assert found(index, bbox=(1, 47, 3, 49)) == set(), "the latitude of one, the longitude of the other"


def test_many_points_are_all_found(index: SearchIndex) -> None:
    fill(index, made("many", points=[(float(n), float(-n)) for n in range(40)]))
    assert all(found(index, bbox=(-n - 0.1, n - 0.1, -n + 0.1, n + 0.1)) == {"many"} for n in range(40))


@pytest.mark.parametrize(
    "first, last, expected",
    [
        ("2024", "2024", "abcd"),
        ("2024-02", "2024-02", "bc"),
        ("2024-02-29", "2024-02-29", "bc"),
        (None, "2023-12-31", ""),
        (None, "2024-01-01", "a"),
        ("2024-12-31", None, "d"),
        ("2024-12-31T12:30:00Z", None, "d"),
        ("2024-12-31T12:30:01Z", None, ""),
        (None, "2024-02-29T08:00:00+02:00", "ab"),
        ("2024-02-29T06:00:01", "2024-03", "c"),
        (None, None, "abcde"),
        ("2025", "2024", ""),
    ],
)
def test_dates_from_and_to_are_inclusive(
    index: SearchIndex, first: str | None, last: str | None, expected: str
) -> None:
    starts = {"a": "2024-01-01", "b": "2024-02-29T06:00:00Z", "c": "2024-02-29T23:59:59Z", "d": "2024-12-31T12:30:00Z"}
    fill(index, *(made(key, dates={"start": (start,)}) for key, start in starts.items()), made("e"))
    assert found(index, dates={"start": (first, last)}) == set(expected)


def test_dates_long_ago_and_far_away(index: SearchIndex) -> None:
    fill(index, made("old", dates={"start": ("0801-12-25",)}), made("far", dates={"start": ("9999-12-31",)}))
    assert found(index, dates={"start": (None, "1677")}) == {"old"}
    assert found(index, dates={"start": ("2263", None)}) == {"far"}


# Order and pages


def test_newest_first_and_so_without_words(index: SearchIndex) -> None:
    days = {"a": "2025-03-01", "b": "2026-01-01T10:00:00Z", "c": "2024-12-31", "d": "2026-01-01T09:59:59Z"}
    fill(index, *(made(key, "Roof", dates={"changed": (day,)}) for key, day in days.items()))
    for query in (Query(sort="newest"), Query("roof", sort="newest"), Query(), Query("  ")):
        assert keys(index.search(query)) == ["b", "d", "a", "c"]


def test_titles_are_sorted_in_the_callers_language_without_case_or_accents(index: SearchIndex) -> None:
    titles = {
        "a": {"fr": "Éolienne"},
        "b": {"fr": "eau"},
        "c": {"fr": "Zinc", "en": "Aluminium"},
        "d": {"en": "Bakery"},
        "e": {"hu": "Fűtés"},
    }
    fill(index, *(replace(made(key), item={"id": iri_of(key), "title": title}) for key, title in titles.items()))
    assert keys(index.search(Query(sort="title", lang="fr"))) == ["d", "b", "a", "e", "c"]
    assert keys(index.search(Query(sort="title", lang="en"))) == ["c", "d", "b", "a", "e"]
    assert keys(index.search(Query(sort="title"))) == ["c", "d", "b", "a", "e"]


@pytest.mark.parametrize("sort", ["relevance", "newest", "title"])
@pytest.mark.parametrize("q", ["", "roof"])
def test_pages_have_no_gap_and_no_repetition(index: SearchIndex, sort: str, q: str) -> None:
    """All documents are alike to every order, and were written in several commits."""
    names = [f"k{n:03}" for n in range(250)]
    for start in range(0, 250, 50):
        index.apply({iri_of(key): made(key, "Roof", body="a roof " * 5) for key in names[start : start + 50]}, start)
    index.apply({iri_of(key): made(key, "Roof") for key in names[::7]}, 300)
    for size in (1, 7, 100):
        pages = [keys(index.search(Query(q, page=page, size=size, sort=sort))) for page in range(1, 250 // size + 2)]
        assert Counter(key for page in pages for key in page) == Counter(names)
        assert {len(page) for page in pages[: 250 // size]} == {size}
