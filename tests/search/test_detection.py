"""The language of a query or of an untagged text, where nothing says it."""

import csv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.languages import LANGUAGES
from hub.search.detection import SURE, detect

ROOT = Path(__file__).parents[2]
FLORES = ROOT.parent / "shared" / "eval" / "flores-devtest"
FILES = dict(zip(LANGUAGES, ("ita", "swe", "deu", "hun", "nld", "fra", "eng"), strict=True))


def measured(rows: list[tuple[str, str]]) -> tuple[float, float]:
    """The share that is answered, and of those the share that is answered rightly."""
    answers = [(language, found[0]) for language, text in rows if (found := detect(text))]
    return len(answers) / len(rows), sum(language == found for language, found in answers) / len(answers)


def queries() -> list[tuple[str, str]]:
    """Those of the needs with even numbers: by those with odd ones the threshold was chosen."""
    with (ROOT / "tests" / "relevance" / "queries.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [(row["language"], row["text"]) for row in rows if int(row["need"][1:]) % 2 == 0]


def test_queries_of_visitors() -> None:
    answered, right = measured(queries())
    assert answered >= 0.93 and right >= 0.98


@pytest.mark.skipif(not FLORES.is_dir(), reason="needs the team's collection beside the checkout: ../shared/eval")
@pytest.mark.parametrize("words, answered_at_least, right_at_least", [(3, 0.90, 0.98), (None, 0.999, 0.999)])
def test_sentences_and_their_first_words(words: int | None, answered_at_least: float, right_at_least: float) -> None:
    rows = [
        (language, " ".join(line.split()[:words]))
        for language, code in FILES.items()
        for line in (FLORES / f"{code}_Latn.devtest").read_text("utf-8").splitlines()
    ]
    answered, right = measured(rows)
    assert answered >= answered_at_least and right >= right_at_least


@pytest.mark.parametrize("text", ["", " ", "12 kWh/m²", "2025", "😀", "Led", "ITH5"])
def test_what_is_no_words_of_one_language_has_none(text: str) -> None:
    assert detect(text) is None


def test_many_threads_get_one_answer() -> None:
    rows = queries()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(detect, [text for _, text in rows])) == [detect(text) for _, text in rows]


@given(st.text(max_size=200))
def test_any_text_has_a_language_or_none(text: str) -> None:
    found = detect(text)
    assert found is None or (found[0] in LANGUAGES and SURE <= found[1] <= 1)
