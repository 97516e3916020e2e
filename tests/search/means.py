"""The mean sentence vector of each language, from the hub's own vocabularies: `python -m tests.search.means`.

The definitions say the same in each of the seven languages, so their means differ by language alone.
"""

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hub.languages import LANGUAGES
from hub.profile import load
from hub.search.vectors import ELSE, MEANS, Vectors, directions


def mean(language: str, vectors: Vectors, every: int = 1) -> NDArray[np.float32]:
    """Of each concept, or of every so many."""
    concepts = sorted(load().concepts.values(), key=lambda concept: concept.iri)
    spoken = [c for c in concepts if all(tongue in c.definition for tongue in LANGUAGES)]
    texts = [f"{c.labels[language]}. {c.definition[language]}" for c in spoken[::every]]
    made: NDArray[np.float32] = directions(vectors.embed(texts)).mean(axis=0)
    return made


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        kept = Vectors(Path(folder) / "vectors.sqlite")
        means = {language: mean(language, kept) for language in LANGUAGES}
        means[ELSE] = np.mean(list(means.values()), axis=0)
        np.savez(MEANS, **{language: row.astype(np.float16) for language, row in means.items()})  # type: ignore[arg-type]
        kept.close()
