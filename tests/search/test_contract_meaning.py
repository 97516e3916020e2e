"""What every search index promises about documents that are found by what they mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from hub.search.base import NEAREST, WINDOW, Answer, Query, SearchIndex
from tests.search.examples import iri_of, made
from tests.search.test_contract_queries import fill, keys


@dataclass
class Near:
    """Cosines by key, weighed so much heavier than any words that they decide; it keeps what it was asked to weigh."""

    cosines: Mapping[str, float]
    far: int = 0  # of the last ones, which need a word too
    asked: dict[str, float] = field(default_factory=dict)
    anywhere: dict[str, float] = field(default_factory=dict)

    @property
    def nearest(self) -> Mapping[str, float]:
        return {iri_of(key): cosine for key, cosine in self.cosines.items()}

    @property
    def alone(self) -> int:
        return len(self.cosines) - self.far

    def fused(self, by_words: Mapping[str, float], anywhere: Mapping[str, float] | None = None) -> Mapping[str, float]:
        self.asked = {name.rpartition("/")[2]: score for name, score in by_words.items()}
        self.anywhere = {name.rpartition("/")[2]: score for name, score in (anywhere or {}).items()}
        return {name: 1000 * self.nearest.get(name, 0) + score for name, score in by_words.items()}


def meant(index: SearchIndex, near: Near, q: str = "roof", **more: object) -> Answer:
    return index.search(Query(q, **more), near)  # type: ignore[arg-type]


@pytest.fixture
def small(index: SearchIndex) -> SearchIndex:
    day = {"changed": ("2024-01-01",)}
    fill(
        index,
        made("words", "Roof roof roof", seq=3, keywords={"source": ("x",)}, dates={"changed": ("2025-01-01",)}),
        made("both", "A roof among other things", seq=2, keywords={"source": ("y",)}, dates=day),
        made("near", "Shelter", seq=1, keywords={"source": ("x",)}, dates={"changed": ("2026-01-01",)}),
        made("nearer", "Thatch", seq=4, keywords={"source": ("y",)}, dates={"changed": ("2023-01-01",)}),
        made("neither", "Wall", seq=5, keywords={"source": ("x", "y")}, dates=day),
    )
    return index


COSINES = {"nearer": 0.9, "both": 0.8, "near": 0.7}


def test_what_is_near_is_found_beside_what_has_the_words(small: SearchIndex) -> None:
    near = Near(COSINES)
    answer = meant(small, near, facets=("source",))
    assert keys(answer) == ["nearer", "both", "near", "words"]
    assert (answer.total, answer.facets) == (4, {"source": [("x", 2), ("y", 2)]})
    assert near.asked["near"] == near.asked["nearer"] == 0
    assert near.asked["words"] > near.asked["both"] > 0
    assert [hit.score for hit in answer.hits] == [
        pytest.approx(score, rel=1e-4) for score in (900, 800 + near.asked["both"], 700, near.asked["words"])
    ]


def test_why_and_how_near(small: SearchIndex) -> None:
    answer = meant(small, Near(COSINES))
    found = dict(zip(keys(answer), (hit.matched for hit in answer.hits), strict=True))
    assert {key: matched.meaning for key, matched in found.items()} == {**COSINES, "words": None}
    assert {key for key, matched in found.items() if matched.words} == {"words", "both"}


def test_near_are_held_against_the_filters(small: SearchIndex) -> None:
    answer = meant(small, Near(COSINES), filters={"source": ("x",)}, facets=("source", "kind"))
    assert keys(answer) == ["near", "words"]
    assert (answer.total, answer.facets) == (2, {"source": [("x", 2), ("y", 2)], "kind": [("practice", 2)]})
    assert keys(meant(small, Near(COSINES), dates={"changed": (None, "2024")})) == ["nearer", "both"]
    assert keys(meant(small, Near(COSINES), q='"roof among"')) == ["both"], "what is quoted must be there"


def test_what_a_query_means_does_not_depend_on_its_filters(small: SearchIndex) -> None:
    near = Near(COSINES)
    meant(small, near)
    everything = near.asked
    assert near.anywhere == {}
    meant(small, near, filters={"source": ("x",)})
    assert near.asked.keys() == {"words", "near"}
    assert near.anywhere == pytest.approx(everything, abs=1e-3)


@pytest.mark.parametrize(
    "sort, expected",
    [
        ("newest", ["near", "words", "both", "nearer"]),
        ("title", ["both", "words", "near", "nearer"]),
        ("seq", ["near", "both", "words", "nearer"]),
    ],
)
def test_every_order_is_over_both(small: SearchIndex, sort: str, expected: list[str]) -> None:
    answer = meant(small, Near(COSINES), sort=sort)
    assert (keys(answer), answer.total) == (expected, 4)
    assert {hit.matched.meaning for hit in answer.hits} == {0.9, 0.8, 0.7, None}
    assert {hit.score for hit in answer.hits} == {0}


def test_what_left_the_index_is_not_found(small: SearchIndex) -> None:
    small.apply({iri_of("nearer"): None}, 2)
    answer = meant(small, Near({"never": 0.95, **COSINES}))
    assert (keys(answer), answer.total) == (["both", "near", "words"], 3)


@pytest.mark.parametrize("q", ["?", "🌞", "nowhere written"])
def test_meaning_alone(small: SearchIndex, q: str) -> None:
    answer = meant(small, Near(COSINES), q)
    assert (keys(answer), answer.total) == (["nearer", "both", "near"], 3)
    assert meant(small, Near({}), q).total == 0


def test_nothing_near_changes_nothing(small: SearchIndex) -> None:
    assert meant(small, Near({})) == small.search(Query("roof"))


def test_the_score_by_words_has_no_bonus_for_all_of_them(index: SearchIndex) -> None:
    fill(index, made("all", "Straw and clay for barns"), made("two", "Straw clay straw clay"), made("c", "Other"))
    near = Near({"all": 0.5})
    assert keys(meant(index, near, "straw clay barns")) == ["all", "two"]
    assert 0 < near.asked["all"] < 1000 and 0 < near.asked["two"] < 1000


def test_the_nearest_the_window_and_the_others(index: SearchIndex) -> None:
    """Pages of any size follow upon one another without gap or repetition, through all three."""
    count = WINDOW + 150
    by_words = [
        made(f"w{n:03}", "roof " * (1 + n % 7), body=f"and other words {'more ' * (n % 11)}") for n in range(count)
    ]
    fill(index, *by_words, *(made(f"n{n:03}", "Shelter") for n in range(NEAREST + 30)))
    cosines = {f"n{n:03}": 0.9 - n / 1000 for n in range(NEAREST + 30)} | {"w007": 0.5}
    near = Near(cosines)
    whole = [key for page in range(1, 7) for key in keys(meant(index, near, size=100, page=page))]
    assert meant(index, near, size=1).total == len(whole) == len(set(whole)) == NEAREST + count
    assert whole[:NEAREST] == [f"n{n:03}" for n in range(NEAREST)]
    plain = [key for page in range(1, 5) for key in keys(index.search(Query("roof", size=100, page=page)))]
    assert set(whole[NEAREST : NEAREST + WINDOW]) == set(plain[:WINDOW])
    assert whole[NEAREST + WINDOW :] == plain[WINDOW:]
    for size in (7, 97):
        pages = [keys(meant(index, near, size=size, page=page)) for page in range(1, len(whole) // size + 2)]
        assert [key for page in pages for key in page] == whole
    assert meant(index, near, size=100, page=90).hits == ()


def test_of_many_near_ones_those_that_pass_the_filters(index: SearchIndex) -> None:
    documents = [made(f"n{n:03}", keywords={"source": ("x" if n % 2 else "y",)}) for n in range(500)]
    fill(index, *documents)
    near = Near({f"n{n:03}": 0.9 - n / 1000 for n in range(500)})
    assert meant(index, near, "?").total == NEAREST
    answer = meant(index, near, "?", filters={"source": ("x",)}, facets=("source",), size=100, page=2)
    assert (answer.total, keys(answer)[-1]) == (NEAREST, "n399")
    assert answer.facets == {"source": [("x", 100), ("y", 100)]}, "a facet leaves its own filter out of the nearest too"


def test_what_is_not_so_near_needs_a_word_too(small: SearchIndex) -> None:
    """Of three words one is enough, though it is not for what is found by words alone."""
    answer = meant(small, Near(COSINES, far=2), "roof shelters barn", facets=("source",))
    assert keys(answer) == ["nearer", "both", "near"]
    assert (answer.total, answer.facets) == (3, {"source": [("y", 2), ("x", 1)]})
    assert keys(meant(small, Near(COSINES, far=3), "barn")) == []
