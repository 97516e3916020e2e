"""What every search index promises about writing: `test_contract_queries.py` has what it promises about finding."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from hub.errors import Refused, Unavailable
from hub.search.base import Document, Query, SearchIndex
from tests.search.conftest import Open, Start
from tests.search.examples import VOCABULARY, iri_of, made, small_profile
from tests.search.writer import KEYS, numbered


def put(index: SearchIndex, position: int, *documents: Document) -> None:
    index.apply({document.id: document for document in documents}, position)


def found(index: SearchIndex, q: str = "") -> set[str]:
    return {hit.item["id"].rpartition("/")[2] for hit in index.search(Query(q)).hits}


def test_an_empty_index(index: SearchIndex) -> None:
    answer = index.search(Query("anything", facets=("kind", "theme")))
    assert (index.position(), index.count()) == (0, 0)
    assert (answer.total, answer.hits, answer.facets) == (0, (), {"kind": [], "theme": []})
    assert index.search(Query(sort="title")).total == 0


def test_documents_are_put_replaced_and_deleted_with_the_position(open_index: Open) -> None:
    index = open_index()
    put(index, 7, made("a", "Roof"), made("b", "Window"))
    assert (index.position(), index.count(), found(index, "roof"), found(index, "window")) == (7, 2, {"a"}, {"b"})
    index.apply({iri_of("a"): made("a", "Cellar"), iri_of("b"): None, iri_of("never there"): None}, 9)
    assert (index.position(), index.count(), found(index)) == (9, 1, {"a"})
    assert (found(index, "roof"), found(index, "window"), found(index, "cellar")) == (set(), set(), {"a"})
    index.close()
    index = open_index()
    assert (index.position(), index.count(), found(index)) == (9, 1, {"a"})


def test_the_position_moves_alone_and_back_and_is_no_document(index: SearchIndex) -> None:
    put(index, 5, made("a"))
    for position in (6, 2, 2**40):
        index.apply({}, position)
        assert (index.position(), index.count(), found(index)) == (position, 1, {"a"})
    assert found(index, "position") == set()


def test_what_is_tidied_up_is_found_as_before(open_index: Open) -> None:
    index = open_index()
    index.tidy()
    assert (index.position(), index.count()) == (0, 0)
    for position, key in enumerate("abcde", 1):
        put(index, position, made(key, f"Roof {key}"))
    index.apply({iri_of("b"): None}, 6)
    index.tidy()
    assert (index.position(), index.count(), found(index), found(index, "roof")) == (6, 4, set("acde"), set("acde"))
    put(index, 7, made("a", "Cellar"))
    index.tidy()
    index.close()
    index = open_index()
    assert (index.position(), index.count(), found(index), found(index, "roof")) == (7, 4, set("acde"), set("cde"))


def test_the_item_comes_back_as_it_was(index: SearchIndex) -> None:
    item: dict[str, Any] = {"n": 1, "x": None, "nested": [{"ő": "«Città»", "emoji": "🌞\u2028\x00"}]}
    put(index, 1, made("a", "A title", **item))
    assert index.search(Query()).hits[0].item == {"id": iri_of("a"), "title": {"en": "A title"}, **item}


def test_a_document_stands_under_its_own_id(index: SearchIndex) -> None:
    """Else a later deletion would miss it."""
    put(index, 1, made("a", "First"))
    with pytest.raises(Refused, match="/b is not the id"):
        index.apply({iri_of("b"): made("a", "Second")}, 2)
    assert (index.position(), found(index, "first")) == (1, {"a"})


def test_the_same_document_again_stays_one(index: SearchIndex) -> None:
    for position in range(1, 4):
        put(index, position, made("a", "Roof"))
    assert (index.count(), len(index.search(Query("roof")).hits)) == (1, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        made("b", dates={"start": ("soon",)}),
        made("b", "a lone surrogate in the item \ud800"),
        made("b", keywords={"source": ("\udfff",)}),
        made("b", keywords={"source": (3,)}),  # type: ignore[dict-item]
        made("b", points=[("north", "east")]),  # type: ignore[list-item]
    ],
)
def test_what_is_refused_changes_nothing(index: SearchIndex, wrong: Document) -> None:
    put(index, 1, made("a", "Roof"))
    with pytest.raises(Refused, match=wrong.id):
        put(index, 2, made("a", "Cellar"), wrong, made("c"))
    assert (index.position(), index.count(), found(index, "roof")) == (1, 1, {"a"})
    put(index, 3, made("c"))
    assert (index.position(), index.count(), found(index, "cellar")) == (3, 2, set())


def test_a_rebuild_replaces_everything_at_its_end(open_index: Open) -> None:
    index, reader = open_index(), open_index()
    put(index, 5, made("old"))
    reader.reload()
    with index.rebuild() as fresh:
        assert (fresh.position(), fresh.count()) == (0, 0)
        put(fresh, 0, made("new"))
        put(fresh, 9, made("newer"))
        assert found(fresh) == {"new", "newer"}
        assert (index.position(), found(index)) == (5, {"old"})
        reader.reload()
        assert found(reader) == {"old"}
    assert (index.position(), found(index)) == (9, {"new", "newer"})
    assert found(reader) == {"old"}, "who does not reload keeps a whole index"
    reader.reload()
    assert (reader.position(), found(reader)) == (9, {"new", "newer"})
    put(index, 10, made("next"))
    assert found(index) == {"new", "newer", "next"}


def test_a_rebuild_that_fails_is_discarded(open_index: Open) -> None:
    index = open_index()
    put(index, 5, made("old"))
    with pytest.raises(ZeroDivisionError), index.rebuild() as fresh:
        put(fresh, 9, made("new"))
        raise ZeroDivisionError
    assert (index.position(), found(index)) == (5, {"old"})
    put(index, 6, made("older"))
    index.close()
    assert found(open_index()) == {"old", "older"}


def test_a_rebuild_of_nothing(index: SearchIndex) -> None:
    with index.rebuild() as fresh:
        put(fresh, 3, made("first"))
    assert (index.position(), found(index)) == (3, {"first"})


def test_one_rebuild_at_a_time(index: SearchIndex) -> None:
    with index.rebuild() as fresh, pytest.raises(Unavailable), fresh.rebuild():
        pass


def test_readers_keep_working_while_others_write_and_swap(open_index: Open) -> None:
    index, reader = open_index(), open_index()
    index.apply(numbered(1), 1)
    reader.reload()
    stop, wrong, asked = threading.Event(), [], [0, 0]

    def read(number: int, mine: SearchIndex) -> None:
        while not stop.is_set():
            mine.reload()
            answer = mine.search(Query("document", facets=("kind",)))
            asked[number] += 1
            mine.suggest("document")
            mine.similar(iri_of("a"))
            if {hit.item["number"] for hit in answer.hits} != {answer.hits[0].item["number"]} or answer.total != 5:
                wrong.append(answer)

    readers = [threading.Thread(target=read, args=pair) for pair in enumerate((index, reader))]
    for thread in readers:
        thread.start()
    for number in range(2, 12):
        index.apply(numbered(number), number)
        with index.rebuild() as fresh:
            fresh.apply(numbered(number), number)
    stop.set()
    for thread in readers:
        thread.join()
    assert (wrong, index.position()) == ([], 11)
    assert min(asked) > 0


def test_another_process_sees_what_was_written_after_it_reloads(open_index: Open, start: Start) -> None:
    reader = open_index()
    assert reader.position() == 0
    start("once")
    assert (reader.position(), reader.count()) == (0, 0)
    reader.reload()
    assert (reader.position(), found(reader, "number1")) == (1, set(KEYS))


def test_one_process_writes(open_index: Open, start: Start) -> None:
    writer = start("once")
    index = open_index()
    for _ in range(2):
        with pytest.raises(Unavailable, match="Another process writes"):
            put(index, 2, made("a"))
        with pytest.raises(Unavailable, match="Another process writes"), index.rebuild():
            pass
    assert (index.position(), found(index)) == (1, set(KEYS))
    writer.kill()
    writer.wait()
    put(index, 2, made("f"))
    assert (index.position(), found(index)) == (2, {*KEYS, "f"})


def test_who_takes_the_writing_over_begins_where_the_last_one_ended(open_index: Open) -> None:
    first, second = open_index(), open_index()
    put(first, 1, made("a"))
    with pytest.raises(Unavailable):
        put(second, 2, made("b"))
    with first.rebuild() as fresh:
        put(fresh, 3, made("c"))
    first.close()
    put(second, 4, made("d"))
    assert (second.position(), found(second)) == (4, {"c", "d"})


BROADER_ELSEWHERE = VOCABULARY.replace("skos:broader theme:renewable-energy", "skos:broader theme:energy-poverty")
OTHER_LABELS = VOCABULARY.replace("Energy poverty", "Fuel poverty")


@pytest.mark.parametrize("vocabulary", [BROADER_ELSEWHERE, OTHER_LABELS])
def test_an_index_made_for_other_fields_or_concepts_counts_as_empty(
    open_index: Open, tmp_path: Path, vocabulary: str
) -> None:
    index = open_index()
    put(index, 5, made("a", "Roof"))
    index.close()
    index = open_index(small_profile(tmp_path / "schema", vocabulary))
    assert (index.position(), index.count(), found(index)) == (0, 0, set())
    put(index, 1, made("b", "Roof"))
    assert (index.position(), found(index)) == (1, {"b"})
    index.close()
    assert open_index().position() == 0, "nor can the fields from before read the new index"


def consistent(index: SearchIndex) -> bool:
    """Whether all documents hold the number that the position tells, and can be found by it.

    What a killed process has sent to a server, that may still do: it is looked at until nothing moved meanwhile.
    """
    position = index.position()
    numbers = [hit.item["number"] for hit in index.search(Query(f"number{position}")).hits]
    if index.position() != position:
        return consistent(index)
    return numbers == [position] * len(KEYS) and index.count() == len(KEYS)


def test_killed_while_writing_position_and_documents_agree(open_index: Open, start: Start) -> None:
    before = 0
    for killing in range(16):
        writer = start("commit")
        time.sleep(killing * 0.002)  # another place each time: a commit takes some 20 ms
        writer.kill()
        acknowledged = [int(line) for line in writer.communicate()[0].splitlines()]
        index = open_index()
        assert consistent(index)
        assert index.position() >= max(acknowledged, default=before + 1)
        before = index.position()
        index.close()


def test_killed_while_rebuilding_what_was_is_still_there(open_index: Open, start: Start) -> None:
    index = open_index()
    index.apply(numbered(42), 42)
    index.close()
    writer = start("rebuild")
    writer.kill()
    writer.wait()
    index = open_index()
    assert (consistent(index), index.position()) == (True, 42)
    with index.rebuild() as fresh:
        fresh.apply(numbered(43), 43)
    assert (consistent(index), index.position()) == (True, 43)
