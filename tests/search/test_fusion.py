"""Meaning and words are weighed by how far a document stands out among those of its language."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from hub.search.fusion import BEST, FALL, FEW, MANY, MOST, Candidates, Floats, Population, fused, population

FLAT = Population({"it": 100, "sv": 100}, {"it": 0.0, "sv": 0.1}, {"it": 0.1, "sv": 0.2})
ASKED = np.array([1.0, 0.0, 0.0], np.float32)
Texts = Mapping[str, Sequence[tuple[str, float]]]  # document → language and cosine of each text


def candidates(texts: Texts, by_words: Mapping[str, float]) -> Candidates:
    """Texts that differ from what is asked in one way; what is led by some of them asks for more of the same."""
    told = [(name, language) for name, found in texts.items() for language, _ in found]
    cosines = [cosine for found in texts.values() for _, cosine in found]
    rows = np.array([[cosine, (1 - cosine**2) ** 0.5, 0.0] for cosine in cosines], np.float32).reshape(-1, 3)
    return Candidates(by_words, told, rows)


def asking(texts: Texts, by_words: Mapping[str, float], words: int, among: Population = FLAT) -> dict[str, float]:
    """Weighed by what was asked for alone: nothing is led by documents that lie at right angles to all."""
    apart = Candidates({"apart": 0.0}, [("apart", "it")], np.zeros((1, 3), np.float32))
    return fused(candidates(texts, by_words), ASKED, lambda _: among, words, apart)


def test_of_equal_words_the_nearer_is_better_and_of_equal_meaning_the_one_with_the_words() -> None:
    texts = {"a": [("it", 0.5)], "b": [("it", 0.4)], "c": [("it", 0.4)]}
    found = asking(texts, {"a": 0.0, "b": 0.0, "c": 5.0}, 3)
    assert found["a"] > found["b"] and found["c"] > found["b"]


def test_languages_are_measured_by_their_own_mean_and_spread() -> None:
    texts = {"a": [("it", 0.3)], "b": [("sv", 0.7)], "c": [("sv", 0.3)]}
    found = asking(texts, dict.fromkeys(texts, 0.0), 3)
    assert found == {"a": pytest.approx(3.0), "b": pytest.approx(3.0), "c": pytest.approx(1.0)}


def test_a_document_counts_by_the_best_of_its_texts_and_one_without_a_vector_by_its_words() -> None:
    found = asking({"a": [("it", 0.1), ("sv", 0.7)]}, {"a": 0.0, "none": 3.0, "neither": 0.0}, 3)
    assert found["a"] == pytest.approx(3.0)
    assert found["none"] > 0 > found["neither"]


def test_words_that_stand_out_in_a_language_of_low_scores_count_somewhat_less() -> None:
    texts = {"a": [("it", 0.0)], "b": [("sv", 0.1)]}
    found = asking(texts, {"a": 40.0, "b": 0.4}, 1)
    assert found["a"] == pytest.approx(MOST * (100 + FEW - 1) ** 0.5, rel=0.01)
    assert found["b"] == pytest.approx(found["a"] * 0.01**0.5, rel=0.01)


def test_of_a_long_query_the_meaning_counts_more_and_half_of_the_words_is_little() -> None:
    texts = {"near": [("it", 0.3)], "half": [("it", 0.0)], "all": [("it", 0.0)]}
    by_words = {"near": 0.0, "half": 5.0, "all": 10.0}
    short, long = (asking(texts, by_words, words) for words in (2, 20))
    assert short["all"] == pytest.approx(long["all"] * 10**FALL)
    assert long["near"] > long["all"] > long["half"] and short["all"] > 7 * short["half"] > 0


def test_a_large_language_does_not_make_its_words_ever_stronger() -> None:
    def alone(count: int) -> float:
        among = Population({"it": count}, {"it": 0.0}, {"it": 0.1})
        return asking({"a": [("it", 0.0)]}, {"a": 9.0}, 1, among)["a"]

    assert alone(10) < alone(MANY) == alone(50 * MANY)


ROWS: Mapping[str, Sequence[float]] = {"words": (0.5, 0.8, 0), "like it": (0.3, 0.9, 0), "other": (0.35, 0, 0.9)}


def rows(*names: str) -> Floats:
    return np.array([ROWS[name] for name in names], np.float32)


def test_what_is_like_the_best_documents_comes_before_what_is_a_little_nearer_to_the_query() -> None:
    found = Candidates({"words": 9.0, "like it": 0.0, "other": 0.0}, [(name, "it") for name in ROWS], rows(*ROWS))
    scores = fused(found, ASKED, lambda _: FLAT, 1)
    assert scores["words"] > scores["like it"] > scores["other"]


def test_the_best_are_those_of_all_documents_where_only_some_are_shown() -> None:
    shown = Candidates({"like it": 0.0, "other": 0.0}, [("like it", "sv"), ("other", "sv")], rows("like it", "other"))
    anywhere = Candidates({"words": 9.0}, [("words", "it")], rows("words"))
    assert fused(shown, ASKED, lambda _: FLAT, 1, anywhere).keys() == {"like it", "other"}
    alone, led = (fused(shown, ASKED, lambda _: FLAT, 1, by) for by in (None, anywhere))
    assert alone["other"] > alone["like it"] and led["like it"] > led["other"]


def test_documents_without_a_vector_lead_nowhere() -> None:
    silent = Candidates({f"n{n}": 9.0 for n in range(len(BEST))}, [], np.zeros((0, 3), np.float32))
    shown = Candidates({"other": 0.0}, [("other", "it")], rows("other"))
    assert fused(shown, ASKED, lambda _: FLAT, 1, silent)["other"] == pytest.approx(0.35 / 0.1)
    assert fused(Candidates({}, [], np.zeros((0, 3), np.float32)), ASKED, lambda _: FLAT, 1) == {}


def test_a_few_texts_have_no_wild_spread() -> None:
    few = population({"it": np.array([0.9], np.float32), "sv": np.full(5000, 0.9, np.float32)})
    assert few.z("it", 0.9) > 3 and abs(few.z("sv", 0.9)) < 1
