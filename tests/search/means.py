"""The mean sentence vectors of each language, from the hub's own vocabularies: `python -m tests.search.means`.

The definitions say the same in each of the seven languages, so their means differ by language alone; and so do the
labels, which stand for queries.
"""

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hub.languages import LANGUAGES
from hub.profile import Concept, load
from hub.search.vectors import ELSE, MEANS, QUERY, Vectors, asked, directions


def _concepts() -> list[Concept]:
    concepts = sorted(load().concepts.values(), key=lambda concept: concept.iri)
    return [c for c in concepts if all(tongue in c.definition and tongue in c.labels for tongue in LANGUAGES)]


def mean_of_queries(language: str, every: int = 1) -> NDArray[np.float32]:
    made: NDArray[np.float32] = np.mean([asked(c.labels[language]) for c in _concepts()[::every]], axis=0)
    return made


def mean(language: str, vectors: Vectors, every: int = 1) -> NDArray[np.float32]:
    """Of each concept, or of every so many."""
    texts = [f"{c.labels[language]}. {c.definition[language]}" for c in _concepts()[::every]]
    made: NDArray[np.float32] = directions(vectors.embed(texts)).mean(axis=0)
    return made


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        kept = Vectors(Path(folder) / "vectors.sqlite")
        means = {language: mean(language, kept) for language in LANGUAGES}
        means[ELSE] = np.mean(list(means.values()), axis=0)
        queries = {language: mean_of_queries(language) for language in LANGUAGES}
        queries[ELSE] = np.mean(list(queries.values()), axis=0)
        means |= {f"{QUERY}{language}": row for language, row in queries.items()}
        np.savez(MEANS, **{language: row.astype(np.float16) for language, row in means.items()})  # type: ignore[arg-type]
        kept.close()
