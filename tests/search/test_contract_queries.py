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


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 20])
def test_pages_go_on_from_what_has_all_words_to_what_lacks_some(index: SearchIndex, size: int) -> None:
    whole = [made(f"all-{n}", body=f"Straw insulation barns {'word ' * n}") for n in range(5)]
    lacking = [made(f"lacking-{n}", f"Straw barns {'word ' * n}") for n in range(6)]
    fill(index, *lacking, *whole, made("one", "Straw"))
    answers = [index.search(Query("straw insulation barns", page=page, size=size)) for page in range(1, 12 // size + 2)]
    assert [key for answer in answers for key in keys(answer)] == [
        *(f"all-{n}" for n in range(5)),
        *(f"lacking-{n}" for n in range(6)),
    ]
    assert {answer.total for answer in answers} == {11}


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


def test_what_is_quoted_stands_so(index: SearchIndex) -> None:
    fill(
        index,
        made("so", body="All about straw insulation here"),
        made("apart", "Insulation of barns with straw"),
        made("inflected", "A straw insulations", themes=[COMMUNITY]),
        made("sv", "Straw insulation", "sv"),
    )
    assert found(index, '"straw insulation"') == {"so", "sv"}
    assert found(index, '"Straw  Insulation" barns') == {"so", "sv"}, "of three words one may be missing"
    assert found(index, 'barns "straw"') == {"apart"}
    assert found(index, "»straw insulation«") == found(index, '"straw insulation') == {"so", "apart", "inflected", "sv"}
    assert found(index, '"energy community"') == set(), "no concept stands for what is quoted"
    assert found(index, '"nowhere written" straw') == set()


def test_words_that_stand_together_come_first(index: SearchIndex) -> None:
    fill(
        index,
        made("apart", "Straw is what the barns of old have as insulation"),
        made("together", "Barns of old which have as what is a straw insulation"),
    )
    assert keys(index.search(Query("straw insulation", "en"))) == ["together", "apart"]
    assert keys(index.search(Query("barns straw", language="en"))) == ["apart", "together"]


@pytest.mark.parametrize(
    "typed", ["insulatoin", "insulatio", "insulattion", "insulstion", "insulatiom", "INSULATOIN", "insulattoin"]
)
def test_a_word_that_nobody_has_is_looked_for_as_misspelt(index: SearchIndex, typed: str) -> None:
    fill(index, made("a", "Straw insulation"), made("b", "Straw"), made("c", body="Insulation", language="sv"))
    assert found(index, typed) == {"a", "c"}
    assert found(index, f"straw {typed}") == {"a"}


def test_what_is_written_somewhere_is_not_misspelt(index: SearchIndex) -> None:
    fill(index, made("a", "Barns"), made("b", "Barks", "sv"), made("c", "Borns", "other"))
    assert found(index, "barks") == {"b"}
    assert found(index, "berns") == set("ac"), "one letter"


@pytest.mark.parametrize("typed", ["ITH6", "2024-2025", "roff", "kwh4", "insultasions"])
def test_codes_short_words_and_distant_ones_have_no_other_spelling(index: SearchIndex, typed: str) -> None:
    fill(index, made("a", "ITH5 roof 2023-2026 kWh/m2 insulation"))
    assert found(index, typed) == set()


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


def test_a_facet_counts_a_document_once_for_each_of_its_concepts(index: SearchIndex) -> None:
    """In whatever order they stand, and where two have the same broader one."""
    fill(
        index,
        made("a", themes=(COMMUNITY, RENEWABLE, POVERTY)),
        made("b", themes=(POVERTY, RENEWABLE)),
        made("c", themes=(RENEWABLE, COMMUNITY), keywords={"exchange": (COMMUNITY, POVERTY)}),
    )
    narrow, broad = [(COMMUNITY, 2), (POVERTY, 2)], [(RENEWABLE, 3), (TRANSITION, 3)]
    counted = index.search(Query(facets=("theme", "exchange", "country"))).facets
    assert sorted(counted["theme"]) == sorted([*narrow, *broad])
    assert counted["exchange"] == [(COMMUNITY, 1), (POVERTY, 1)] and counted["country"] == []
    assert index.search(Query(facets=("exchange",))).facets == {"exchange": counted["exchange"]}


def test_long_and_strange_values(index: SearchIndex) -> None:
    values = ("x" * 100_000, "", " ", "a\x00b", "ő🌞", "a b/c:d*", '"quoted"')
    fill(index, made("a", keywords={"source": values}))
    for value in values:
        assert found(index, filters={"source": (value,)}) == {"a"}, value[:20]
    assert len(index.search(Query(facets=("source",))).facets["source"]) == len(values)


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


def test_everything_can_be_walked_through(index: SearchIndex) -> None:
    documents = [made(f"k{n}", "Roof" if n % 3 else "Wall", seq=n) for n in (5, 3, 250, 1, 2, 90, 91, 2**40)]
    fill(index, *documents)
    for q, expected in (("", [1, 2, 3, 5, 90, 91, 250, 2**40]), ("roof", [1, 2, 5, 91, 250, 2**40])):
        walked, after = [], 0
        while hits := index.search(Query(q, sort="seq", size=3, after=after)).hits:
            walked += [hit.seq for hit in hits]
            after = hits[-1].seq
        assert walked == expected
        assert [hit.seq for hit in index.search(Query(q, sort="seq")).hits] == expected
    answer = index.search(Query(sort="seq", after=90, filters={"kind": ("practice",)}, facets=("kind",)))
    assert (answer.total, answer.facets) == (3, {"kind": [("practice", 3)]}), "of what is left"
    assert {hit.seq for hit in index.search(Query("roof")).hits} == {1, 2, 5, 91, 250, 2**40}


def test_the_last_page_that_can_be_reached(index: SearchIndex) -> None:
    for start in range(0, 10_500, 1500):
        fill(index, *(made(f"k{n}", "Roof", seq=n, dates={"changed": ("2020",)}) for n in range(start, start + 1500)))
    for query in (Query("roof", size=100, page=100), Query(size=100, page=100), Query(size=1, page=10_000)):
        answer = index.search(query)
        assert (answer.total, len(answer.hits)) == (10_500, query.size)


@pytest.mark.parametrize("sort", ["relevance", "newest", "title", "seq"])
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
