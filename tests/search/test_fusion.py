"""Meaning and words are weighed by how far a document stands out among those of its language."""

import numpy as np
import pytest

from hub.search.fusion import FALL, FEW, MANY, MOST, Population, fused, population

FLAT = Population({"it": 100, "sv": 100}, {"it": 0.0, "sv": 0.1}, {"it": 0.1, "sv": 0.2})


def test_of_equal_words_the_nearer_is_better_and_of_equal_meaning_the_one_with_the_words() -> None:
    texts = {"a": [("it", 0.5)], "b": [("it", 0.4)], "c": [("it", 0.4)]}
    found = fused(texts, {"a": 0.0, "b": 0.0, "c": 5.0}, FLAT, 3)
    assert found["a"] > found["b"] and found["c"] > found["b"]


def test_languages_are_measured_by_their_own_mean_and_spread() -> None:
    texts = {"a": [("it", 0.3)], "b": [("sv", 0.7)], "c": [("sv", 0.3)]}
    found = fused(texts, dict.fromkeys(texts, 0.0), FLAT, 3)
    assert found == {"a": pytest.approx(3.0), "b": pytest.approx(3.0), "c": pytest.approx(1.0)}


def test_a_document_counts_by_the_best_of_its_texts_and_one_without_a_vector_by_its_words() -> None:
    found = fused({"a": [("it", 0.1), ("sv", 0.7)]}, {"a": 0.0, "none": 3.0, "neither": 0.0}, FLAT, 3)
    assert found["a"] == pytest.approx(3.0)
    assert found["none"] > 0 > found["neither"]


def test_words_that_stand_out_in_a_language_of_low_scores_count_somewhat_less() -> None:
    texts = {"a": [("it", 0.0)], "b": [("sv", 0.1)]}
    found = fused(texts, {"a": 40.0, "b": 0.4}, FLAT, 1)
    assert found["a"] == pytest.approx(MOST * (100 + FEW - 1) ** 0.5, rel=0.01)
    assert found["b"] == pytest.approx(found["a"] * 0.01**0.5, rel=0.01)


def test_of_a_long_query_the_meaning_counts_more_and_half_of_the_words_is_little() -> None:
    texts = {"near": [("it", 0.3)], "half": [("it", 0.0)], "all": [("it", 0.0)]}
    by_words = {"near": 0.0, "half": 5.0, "all": 10.0}
    short, long = (fused(texts, by_words, FLAT, words) for words in (2, 20))
    assert short["all"] == pytest.approx(long["all"] * 10**FALL)
    assert long["near"] > long["all"] > long["half"] and short["all"] > 7 * short["half"] > 0


def test_a_large_language_does_not_make_its_words_ever_stronger() -> None:
    def alone(count: int) -> float:
        return fused({"a": [("it", 0.0)]}, {"a": 9.0}, Population({"it": count}, {"it": 0.0}, {"it": 0.1}), 1)["a"]

    assert alone(10) < alone(MANY) == alone(50 * MANY)


def test_a_few_texts_have_no_wild_spread() -> None:
    few = population({"it": np.array([0.9], np.float32), "sv": np.full(5000, 0.9, np.float32)})
    assert few.z("it", 0.9) > 3 and abs(few.z("sv", 0.9)) < 1
