"""What documents mean: found from any language, kept with its position, followed by other readers."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hub.errors import Unavailable
from hub.search import elasticsearch_vectors, meaning
from hub.search.base import Made, MeaningIndex, Query
from hub.search.elasticsearch_cluster import Cluster
from hub.search.elasticsearch_meaning import ElasticsearchMeaning
from hub.search.meaning import StoredMeaning, meant, sentences
from hub.search.space import ROOM
from hub.search.vectors import SIZE, Vectors, missing
from tests.search.examples import made
from tests.search.test_vectors import BIKES, ROOF
from tests.search.writer import alias_of
from tests.servers import need
from tests.servers.elasticsearch import forget

Open = Callable[[], MeaningIndex]
OPENED: Mapping[str, Callable[[Path, str], MeaningIndex]] = {  # each engine: a test's folder, and a server's address
    "sqlite": lambda folder, _: StoredMeaning(folder / "meaning.sqlite"),
    "elasticsearch": lambda folder, url: ElasticsearchMeaning(Cluster(url), alias_of(folder), "hub-tests-writer"),
}
QUERIES = {
    "it": "isolare con la paglia il tetto di un teatro",
    "de": "Theaterdach mit Stroh dämmen",
    "hu": "színház tetejének szigetelése szalmával",
    "en": "a theatre that insulated its roof with straw",
}
STRAW = QUERIES["en"]
TEXTS = {
    f"{name}-{code}": (code, text) for name, texts in (("roof", ROOF), ("bikes", BIKES)) for code, text in texts.items()
}


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vectors]:
    need(missing() == "", missing())
    opened = Vectors(tmp_path_factory.mktemp("vectors") / "vectors.sqlite")
    yield opened
    opened.close()


@pytest.fixture(params=OPENED)
def open_meaning(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the same index again and again, as several processes do."""
    server = request.getfixturevalue("elasticsearch_server") if request.param == "elasticsearch" else ""
    opened: list[MeaningIndex] = []

    def open_one() -> MeaningIndex:
        opened.append(OPENED[request.param](tmp_path, server))
        return opened[-1]

    yield open_one
    for index in opened:
        index.close()
    if server:
        forget(server, alias_of(tmp_path))


@pytest.fixture
def index(open_meaning: Open) -> MeaningIndex:
    return open_meaning()


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[StoredMeaning]:
    opened = StoredMeaning(tmp_path / "meaning.sqlite")
    yield opened
    opened.close()


def all_made(vectors: Vectors) -> dict[str, Made]:
    rows = vectors.embed([text for _, text in TEXTS.values()])
    return {name: {code: row} for (name, (code, _)), row in zip(TEXTS.items(), rows, strict=True)}


def found(index: MeaningIndex, text: str, language: str | None = None) -> list[str]:
    near = index.near(text, language)
    return list(near.nearest) if near else []


def random_rows(count: int) -> dict[str, Made]:
    chance = np.random.default_rng(3)
    rows: NDArray[np.int8] = chance.integers(-127, 128, (count, SIZE)).astype(np.int8)
    return {f"n{n}": {"en": row} for n, row in enumerate(rows)}


@pytest.mark.parametrize("language", QUERIES)
def test_what_is_alike_is_near_whatever_its_language(index: MeaningIndex, vectors: Vectors, language: str) -> None:
    index.apply(all_made(vectors), 1)
    for said in (language, None):
        assert sorted(found(index, QUERIES[language], said)) == ["roof-de", "roof-hu", "roof-it"]
    assert set(index.similar("roof-it")) == {"roof-de", "roof-hu"}
    assert index.count() == 6


def test_an_empty_index_finds_nothing(index: MeaningIndex) -> None:
    assert (index.position(), index.count(), index.near("roof"), index.similar("roof-it")) == (0, 0, None, [])


def test_documents_are_replaced_and_taken_away_with_the_position(index: MeaningIndex, vectors: Vectors) -> None:
    told = all_made(vectors)
    index.apply(told, 7)
    index.apply({"roof-it": None, "bikes-it": told["roof-it"], "nobody": None}, 8)
    assert (index.position(), index.count()) == (8, 5)
    assert sorted(found(index, STRAW)) == ["bikes-it", "roof-de", "roof-hu"]
    index.apply({"bikes-it": {}}, 9)
    assert index.count() == 4 and sorted(found(index, STRAW)) == ["roof-de", "roof-hu"]


def test_a_document_is_as_near_as_the_nearest_of_its_texts(index: MeaningIndex, vectors: Vectors) -> None:
    told = all_made(vectors)
    index.apply({"both": {**told["roof-it"], **told["bikes-de"]}, "roof": told["roof-hu"]}, 1)
    assert sorted(found(index, STRAW)) == ["both", "roof"]
    near = index.near(STRAW)
    assert near and near.nearest["both"] == pytest.approx(near.nearest["roof"], abs=0.25)


def test_another_reader_follows(open_meaning: Open, vectors: Vectors) -> None:
    index, reader, told = open_meaning(), open_meaning(), all_made(vectors)
    for step in ({"roof-it": told["roof-it"]}, {"roof-de": told["roof-de"]}, {"roof-it": None}, told):
        index.apply(step, 1)
        reader.reload()
        assert found(reader, "roof") == found(index, "roof")
        assert (reader.count(), reader.position()) == (index.count(), 1)


def test_a_reader_that_comes_later_sees_the_same(open_meaning: Open, vectors: Vectors) -> None:
    """Rows that came one by one are centred by older means, until their number has doubled."""
    many, index = random_rows(ROOM + 200), open_meaning()
    for start in range(0, len(many), 300):
        index.apply(dict(list(many.items())[start : start + 300]), start)
    index.apply({"n5": None, **all_made(vectors)}, 5000)
    later = open_meaning()
    assert later.count() == index.count() == len(many) + 5
    assert found(later, STRAW)[:3] == found(index, STRAW)[:3]
    assert later.similar("n7")[:5] == index.similar("n7")[:5]


def test_a_rebuild_takes_its_place_at_the_end(open_meaning: Open, vectors: Vectors) -> None:
    index, reader, told = open_meaning(), open_meaning(), all_made(vectors)
    index.apply(told, 3)
    reader.reload()
    with index.rebuild() as fresh:
        fresh.apply({"roof-it": told["roof-it"]}, 0)
        fresh.apply({}, 9)
        index.apply({"bikes-de": None}, 4)
        reader.reload()
        assert (reader.count(), fresh.count(), fresh.position(), fresh.near("roof")) == (5, 0, 0, None)
        with pytest.raises(Unavailable), fresh.rebuild():
            pass
    reader.reload()
    assert (index.position(), index.count(), reader.position(), reader.count()) == (9, 1, 9, 1)
    assert found(reader, STRAW) == ["roof-it"]


def test_a_rebuild_that_fails_changes_nothing(index: MeaningIndex, vectors: Vectors) -> None:
    told = all_made(vectors)
    index.apply(told, 3)
    with pytest.raises(ZeroDivisionError), index.rebuild() as fresh:
        fresh.apply({"roof-it": told["roof-it"]}, 0)
        _ = 1 // 0
    assert (index.position(), index.count()) == (3, 6)
    with index.rebuild() as again:
        again.apply({"bikes-it": told["bikes-it"]}, 4)
    assert (index.position(), index.count()) == (4, 1)


def test_vectors_of_another_model_count_as_none(
    open_meaning: Open, vectors: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = open_meaning()
    index.apply(all_made(vectors), 3)
    index.close()
    for module in (meaning, elasticsearch_vectors):
        monkeypatch.setattr(module, "model", lambda: "another")
    other = open_meaning()
    assert (other.position(), other.count()) == (0, 0)
    other.apply({"roof-it": all_made(vectors)["roof-it"]}, 1)
    assert (other.position(), other.count()) == (1, 1)


def test_a_file_that_cannot_be_written_is_told(stored: StoredMeaning, tmp_path: Path, vectors: Vectors) -> None:
    stored.apply(all_made(vectors), 1)
    stored.close()
    read_only = sqlite3.connect(f"file:{tmp_path / 'meaning.sqlite'}?mode=ro", uri=True, isolation_level=None)
    stored._file = read_only
    with pytest.raises(Unavailable, match="cannot be written"):
        stored.apply({"roof-it": None}, 2)


def test_a_sentence_is_title_and_summary_of_a_language() -> None:
    document = made("a", "  Il  tetto ", "it", summary="Isolato\ncon paglia", body="Molto altro")
    texts: Mapping[str, Mapping[str, tuple[str, ...]]] = {
        **document.texts,
        "title": {"it": ("Il tetto",), "en": ("Roof",)},
    }
    assert sentences(document) == {"it": "Il tetto. Isolato con paglia"}
    assert sentences(replace(document, texts=texts)) == {"it": "Il tetto. Isolato con paglia", "en": "Roof"}


@pytest.mark.parametrize("q", ["", "42", "ITH5 7", '"the roof" of straw', "a b", "🎭", "\x00"])
def test_numbers_codes_and_quotations_have_no_meaning_beside_their_words(
    stored: StoredMeaning, vectors: Vectors, q: str
) -> None:
    stored.apply(all_made(vectors), 1)
    assert meant(Query(q=q), stored) is None
    assert meant(Query(q="roof"), None) is None
    assert meant(Query(q="roof"), stored) is not None
