"""Sentence vectors on Elasticsearch: as near as in the embedded index, centred anew as they grow, lost without harm."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from elasticsearch import Elasticsearch

from hub.errors import Refused, Unavailable
from hub.search import elasticsearch_meaning
from hub.search.base import Made
from hub.search.elasticsearch_cluster import Cluster
from hub.search.elasticsearch_fields import key_of
from hub.search.elasticsearch_meaning import ElasticsearchMeaning
from hub.search.elasticsearch_vectors import MEANS
from hub.search.engines import open_meaning
from hub.search.meaning import StoredMeaning
from hub.search.vectors import SIZE, Kept, Vectors, missing
from tests.search.test_meaning import STRAW, all_made, random_rows
from tests.search.writer import alias_of
from tests.servers import need
from tests.servers.elasticsearch import forget
from tests.servers.processes import free_port
from tests.web.hub import settings_for


@pytest.fixture
def alias(tmp_path: Path, elasticsearch_server: str) -> Iterator[str]:
    need(missing() == "", missing())
    yield alias_of(tmp_path)
    forget(elasticsearch_server, alias_of(tmp_path))


@pytest.fixture
def client(elasticsearch_server: str) -> Iterator[Elasticsearch]:
    with Elasticsearch(elasticsearch_server) as opened:
        yield opened


@pytest.fixture
def index(elasticsearch_server: str, alias: str) -> Iterator[ElasticsearchMeaning]:
    opened = ElasticsearchMeaning(Cluster(elasticsearch_server), alias, "hub-tests-writer")
    yield opened
    opened.close()


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[StoredMeaning]:
    opened = StoredMeaning(tmp_path / "meaning.sqlite")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    """400 documents somewhere about two real ones; every third has a text in two languages."""
    need(missing() == "", missing())
    kept = Vectors(tmp_path_factory.mktemp("vectors") / "vectors.sqlite")
    real, chance = all_made(kept), np.random.default_rng(5)
    kept.close()
    rows = [{code: _about(row, chance) for code, row in made.items()} for made in [*real.values()] * 100]
    return {f"n{n}": {**rows[n], **(rows[n + 1] if n % 3 == 0 else {})} for n in range(400)}


def _about(row: Kept, chance: np.random.Generator) -> Kept:
    moved: Kept = np.clip(np.rint(row + chance.normal(0, 25, SIZE)), -127, 127).astype(np.int8)
    return moved


def test_it_says_what_the_embedded_index_says(
    index: ElasticsearchMeaning, stored: StoredMeaning, told: dict[str, Made]
) -> None:
    for engine in (index, stored):
        engine.apply(told, 1)
    here, there = index.near(STRAW, "en"), stored.near(STRAW, "en")
    assert here and there and dict(here.nearest) == pytest.approx(dict(there.nearest), abs=1e-4)
    assert here.alone == there.alone
    by_words = {"n1": 3.0, "n2": 1.0, "n3": 0.0, "unknown": 2.0}
    assert here.fused(by_words) == pytest.approx(there.fused(by_words), abs=1e-3)
    assert here.fused({}) == {}
    assert index.similar("n3")[:3] == stored.similar("n3")[:3]


def test_what_all_have_in_common_is_taken_anew_where_texts_have_doubled(
    index: ElasticsearchMeaning, client: Elasticsearch, alias: str, told: dict[str, Made]
) -> None:
    """And what was indexed by it: the cosines are those of an index that was filled at once."""
    names, taken = list(told), list[int]()
    for start, end in ((0, 10), (10, 15), (15, 40), (40, 400)):
        index.apply({name: told[name] for name in names[start:end]}, end)
        taken.append(client.get(index=alias, id=key_of(MEANS))["_source"]["taken"])
    assert taken[0] == taken[1] < taken[2] < taken[3]
    step_by_step = index.near(STRAW)
    with index.rebuild() as fresh:
        fresh.apply(told, 400)
    at_once = index.near(STRAW)
    assert step_by_step and at_once
    assert step_by_step.fused(dict.fromkeys(names, 0.0)) == pytest.approx(at_once.fused(dict.fromkeys(names, 0.0)))
    assert len(step_by_step.nearest) > 20


def test_who_stands_out_is_told_by_a_sample(
    index: ElasticsearchMeaning, told: dict[str, Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    index.apply(told, 1)
    exact = index.near(STRAW)
    assert exact and len(exact.nearest) > 20
    monkeypatch.setattr(elasticsearch_meaning, "SAMPLE", 60)
    index._known = None
    sampled = index.near(STRAW)
    assert sampled and len(sampled.nearest.keys() ^ exact.nearest.keys()) < len(exact.nearest) / 2
    assert dict(sampled.nearest) != dict(exact.nearest)


def test_a_sample_is_kept_until_a_language_grows(index: ElasticsearchMeaning, told: dict[str, Made]) -> None:
    index.apply({name: told[name] for name in list(told)[:300]}, 1)
    count, before = index.count(), index._known
    index.apply({"more": told["n0"]}, 2)
    assert before and index.count() == count + 2 and index._known and index._known.at == before.at
    index.apply(dict.fromkeys(list(told)[:60]), 3)
    assert index.count() < count - 60 and index._known.at > before.at


def test_a_language_that_was_not_there_before_waits_until_it_is_looked_at(
    index: ElasticsearchMeaning, elasticsearch_server: str, alias: str, told: dict[str, Made]
) -> None:
    index.apply({"n0": told["n0"]}, 1)
    reader = ElasticsearchMeaning(Cluster(elasticsearch_server), alias)
    near = reader.near(STRAW)
    index.apply({"new": {"sv": told["n0"]["it"]}}, 2)
    by_words = {"n0": 0.0, "new": 0.0}
    assert near and near.fused(by_words)["new"] == 0
    reader.reload()
    assert near.fused(by_words)["new"] != 0
    reader.close()


def test_an_index_that_was_deleted_by_hand_counts_as_empty_and_is_made_anew(
    index: ElasticsearchMeaning, client: Elasticsearch, alias: str
) -> None:
    index.apply(random_rows(5), 3)
    near = index.near(STRAW)
    client.indices.delete(index=f"{alias}-g-*")
    assert near and dict(near.nearest) == {} and near.fused({"n1": 1.0}) == {"n1": 1.0}
    assert (index.position(), index.count(), index.near(STRAW), index.similar("n1")) == (0, 0, None, [])
    index.apply(random_rows(2), 1)
    assert (index.position(), index.count()) == (1, 2)


def test_an_empty_index_never_takes_the_place_of_a_full_one(index: ElasticsearchMeaning) -> None:
    index.apply(random_rows(5), 3)
    with pytest.raises(Refused, match=r"keeps its 5 documents.* change 0 of 3"), index.rebuild():
        pass
    assert (index.position(), index.count()) == (3, 5)


def test_what_is_no_vector_is_refused_by_its_name(index: ElasticsearchMeaning) -> None:
    rows = random_rows(2)
    for wrong in ({"en": np.zeros(3, np.int8)}, {"xx": np.ones(SIZE, np.int8)}):
        with pytest.raises(Refused, match=r"^wrong has no vector of 384 numbers in (en|xx)$"):
            index.apply({**rows, "wrong": wrong}, 1)
    assert (index.position(), index.count()) == (0, 0)
    index.apply({**rows, "still": {"en": np.zeros(SIZE, np.int8)}}, 1)
    assert (index.position(), index.count()) == (1, 3)


def test_servers_that_are_away_are_told(tmp_path: Path) -> None:
    need(missing() == "", missing())
    url = f"http://hub:secret@127.0.0.1:{free_port()}"
    index = open_meaning(settings_for(tmp_path, elasticsearch_url=url))
    assert isinstance(index, ElasticsearchMeaning)
    for ask in (index.position, index.count, index.reload, lambda: index.near("roof"), lambda: index.apply({}, 1)):
        with pytest.raises(Unavailable, match=r"^http://127\.0\.0\.1:\d+ does not answer"):
            ask()
