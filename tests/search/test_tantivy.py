"""What is tantivy's own: where the index lies, and what is left of it after accidents."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import tantivy

from hub.errors import Unavailable
from hub.profile import Profile
from hub.search.base import Match, Query
from hub.search.lexicon import Lexicon
from hub.search.tantivy import TantivyIndex
from hub.search.tantivy_generations import MANY
from tests.search.examples import iri_of, made
from tests.search.lexicons import GERMAN, dictd
from tests.search.lexicons import put as put_lexicon
from tests.waiting import wait_until


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "search"


@pytest.fixture
def index(folder: Path, profile: Profile) -> Iterator[TantivyIndex]:
    opened = TantivyIndex(folder, profile)
    yield opened
    opened.close()


def put(index: TantivyIndex, key: str, position: int) -> None:
    index.apply({iri_of(key): made(key)}, position)


def generations(folder: Path) -> list[Path]:
    return sorted(folder.glob("generation-*"))


def test_opening_leaves_no_trace(index: TantivyIndex, folder: Path) -> None:
    assert index.search(Query("roof")).total == index.position() == 0
    index.reload()
    assert not folder.exists()


def test_there_is_one_generation(index: TantivyIndex, folder: Path) -> None:
    put(index, "a", 1)
    for number in range(3):
        with index.rebuild() as fresh:
            assert len(generations(folder)) == 2
            fresh.apply({}, number)
    with pytest.raises(ZeroDivisionError), index.rebuild():
        raise ZeroDivisionError
    current = json.loads((folder / "current").read_text())["generation"]
    assert [generation.name for generation in generations(folder)] == [current]


def test_what_a_killed_rebuild_left_is_removed_by_the_next_writer(
    index: TantivyIndex, folder: Path, profile: Profile
) -> None:
    put(index, "a", 1)
    index.close()
    shutil.copytree(generations(folder)[0], folder / "generation-left")
    other = TantivyIndex(folder, profile)
    assert len(generations(folder)) == 2, "who only reads removes nothing"
    put(other, "b", 2)
    assert len(generations(folder)) == 1
    assert (other.position(), other.count()) == (2, 2)
    other.close()


@pytest.mark.parametrize(
    "content", ["", "{", "null", "[]", "{}", '{"generation": 1}', "\udcff", '{"digest": "x", "generation": "y"}']
)
def test_a_pointer_that_says_nothing_is_an_empty_index(
    index: TantivyIndex, folder: Path, profile: Profile, content: str
) -> None:
    put(index, "a", 1)
    index.close()
    (folder / "current").write_text(content, errors="surrogateescape")
    other = TantivyIndex(folder, profile)
    assert (other.position(), other.count()) == (0, 0)
    put(other, "b", 2)
    assert (other.position(), other.count(), len(generations(folder))) == (2, 1, 1)
    other.close()


@pytest.mark.parametrize("broken", ["meta.json", "*.store", "*"])
def test_a_broken_index_counts_as_empty_and_is_made_anew(
    index: TantivyIndex, folder: Path, profile: Profile, broken: str
) -> None:
    put(index, "a", 1)
    index.close()
    for file in generations(folder)[0].glob(broken):
        file.write_bytes(b"")
    other = TantivyIndex(folder, profile)
    assert (other.position(), other.count(), other.search(Query("title")).total) == (0, 0, 0)
    put(other, "b", 2)
    assert (other.position(), other.count()) == (2, 1)
    other.close()


def test_a_reader_makes_nothing_in_a_folder_that_another_process_removes(
    index: TantivyIndex, folder: Path, profile: Profile
) -> None:
    put(index, "a", 1)
    [directory] = generations(folder)
    (directory / "meta.json").unlink()
    reader = TantivyIndex(folder, profile)
    assert reader.position() == 0
    assert not (directory / "meta.json").exists()
    reader.close()


def test_fields_that_the_digest_does_not_tell_apart_are_noticed(
    index: TantivyIndex, folder: Path, profile: Profile
) -> None:
    put(index, "a", 1)
    index.close()
    [directory] = generations(folder)
    shutil.rmtree(directory)
    directory.mkdir()
    tantivy.Index(tantivy.SchemaBuilder().add_text_field("other").build(), str(directory))
    other = TantivyIndex(folder, profile)
    put(other, "b", 2)
    assert (other.position(), other.count()) == (2, 1)
    other.close()


def test_a_reader_survives_that_the_index_is_taken_away(index: TantivyIndex, folder: Path, profile: Profile) -> None:
    put(index, "a", 1)
    reader = TantivyIndex(folder, profile)
    shutil.rmtree(generations(folder)[0])
    assert reader.search(Query("title")).total == 1
    reader.reload()
    assert reader.position() == reader.search(Query("title")).total == 0
    reader.close()


def test_a_failed_write_is_told_and_the_next_one_succeeds(index: TantivyIndex, folder: Path) -> None:
    put(index, "a", 1)
    [directory] = generations(folder)
    directory.rename(folder / "away")
    with pytest.raises(Unavailable, match="cannot be written"):
        put(index, "b", 2)
    (folder / "away").rename(directory)
    assert (index.position(), index.count()) == (1, 1)
    put(index, "c", 3)
    assert (index.position(), index.count()) == (3, 2)


def test_translations_stand_for_a_word_and_are_told(tmp_path: Path, folder: Path, profile: Profile) -> None:
    put_lexicon(tmp_path / "data", dictd(tmp_path, "freedict-deu-eng", GERMAN))
    index = TantivyIndex(folder, profile, Lexicon(tmp_path / "data"))
    texts = {"roof": "The roofs", "pump": "A heat pump", "heat": "Heat and a pump", "dach": "Das Dach"}
    documents = [made(key, text, "de" if key == "dach" else "en") for key, text in texts.items()]
    index.apply({document.id: document for document in documents}, 1)
    answer = index.search(Query("Dächer", language="de"))
    assert {hit.item["id"]: hit.matched.words for hit in answer.hits} == {
        iri_of("dach"): (Match("Dächer", "title", "de"),),
        iri_of("roof"): (Match("Dächer", "title", "en", "lexicon", "roof"),),
    }
    assert [hit.item["id"] for hit in index.search(Query("Wärmepumpen", language="de")).hits] == [iri_of("pump")]
    index.close()


def test_what_was_computed_is_kept_until_another_commit(index: TantivyIndex, folder: Path, profile: Profile) -> None:
    def known(of: TantivyIndex) -> tuple[int, int]:
        return of.search(Query(facets=("kind",))).facets["kind"][0][1], len(of.suggest("a"))

    names = {"title": {"en": ("A title",)}}
    index.apply({iri_of("a"): made("a", names=names)}, 1)
    reader = TantivyIndex(folder, profile)
    assert known(index) == known(reader) == (1, 1)
    view = reader._generation.view
    reader.reload()
    assert reader._generation.view is view
    index.apply({iri_of("b"): made("b", names={"title": {"en": ("Another",)}})}, 2)
    assert known(index) == (2, 2) and known(reader) == (1, 1)
    reader.reload()
    assert known(reader) == (2, 2)
    reader.close()


def segments(folder: Path) -> int:
    (generation,) = generations(folder)
    return len(json.loads((generation / "meta.json").read_text())["segments"])


@pytest.mark.parametrize("pages", [2, 3, 7])
def test_a_few_small_segments_are_left_and_more_are_merged(
    index: TantivyIndex, folder: Path, profile: Profile, pages: int
) -> None:
    for position in range(1, pages + 1):
        index.apply({iri_of(f"{position}-{n}"): made(f"{position}-{n}") for n in range(9)}, position)
    before = {hit.item["id"] for hit in index.search(Query(size=100)).hits}
    index.tidy()
    index.close()  # waits for what is being merged
    assert segments(folder) == (pages if pages < MANY else 1)
    index = TantivyIndex(folder, profile)
    assert {hit.item["id"] for hit in index.search(Query(size=100)).hits} == before
    assert (index.position(), index.count()) == (pages, 9 * pages)
    index.close()


def test_a_merge_is_shown_by_tidying_again(index: TantivyIndex, folder: Path) -> None:
    for position in range(1, 6):
        put(index, f"{position}", position)
    index.tidy()
    wait_until(lambda: segments(folder) == 1)
    index.tidy()
    shown = index._generation.view.searcher
    assert (shown.num_segments, index.count(), segments(folder)) == (1, 5, 1)


def test_a_file_where_the_folder_should_be(tmp_path: Path, profile: Profile) -> None:
    (tmp_path / "search").write_text("a file")
    with pytest.raises(Unavailable, match="cannot be read"):
        TantivyIndex(tmp_path / "search", profile)
    with pytest.raises(Unavailable, match="cannot be read"):
        TantivyIndex(tmp_path / "search" / "deeper", profile)


def test_a_place_where_nothing_can_be_written(tmp_path: Path, profile: Profile) -> None:
    (tmp_path / "writing.lock").mkdir()
    index = TantivyIndex(tmp_path, profile)
    with pytest.raises(Unavailable, match="cannot be written"):
        put(index, "a", 1)
    with pytest.raises(Unavailable, match="cannot be written"), index.rebuild():
        pass
    assert index.position() == 0
