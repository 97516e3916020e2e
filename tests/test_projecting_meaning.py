"""Sentence vectors follow the ledger, behind the words; while a harvest runs they wait."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from hub.ledger import Ledger
from hub.ledger.tables import cluster_member
from hub.model import HarvestReport
from hub.profile import load
from hub.projection import Projector, catch_up, rebuild
from hub.projection.engines import open_projections
from hub.projection.meaning import MeaningProjection
from hub.search.meaning import StoredMeaning
from hub.search.vectors import Vectors, missing
from hub.settings import Settings
from tests.servers import need
from tests.test_projection import SOURCE, append, arrival, named

COURSE, ROOF = "Kurs för scenarbetare", "Teatern isolerade taket med halm"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", "http://localhost:8000")
    yield opened
    opened.close()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[StoredMeaning]:
    need(missing() == "", missing())
    opened = StoredMeaning(tmp_path / "meaning.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def projection(tmp_path: Path, ledger: Ledger, index: StoredMeaning) -> Iterator[MeaningProjection]:
    vectors = Vectors(tmp_path / "vectors.sqlite")
    yield MeaningProjection(ledger, index, vectors, load())
    vectors.close()


def nearest(index: StoredMeaning) -> list[str]:
    near = index.near("a theatre that insulated its roof with straw", "en")
    return list(near.nearest) if near else []


def withdraw(ledger: Ledger, identifier: str) -> None:
    known = ledger.records.known(SOURCE.key, [arrival(identifier).raw])
    ledger.records.commit_page(None, SOURCE.key, deleted=list(known.values()), report=HarvestReport(SOURCE.key))


def test_records_get_vectors_page_by_page(ledger: Ledger, index: StoredMeaning, projection: MeaningProjection) -> None:
    append(ledger, *(arrival(f"c{n}", f"{COURSE} {n}") for n in range(projection.page + 3)), arrival("roof", ROOF))
    assert catch_up(ledger, projection) == projection.page + 4 == index.count()
    assert nearest(index)[0] == named("roof")
    assert ledger.changes.positions() == {"meaning": ledger.changes.head()}
    withdraw(ledger, "roof")
    append(ledger, arrival("c0", ROOF))
    catch_up(ledger, projection)
    assert nearest(index)[0] == named("c0") and named("roof") not in nearest(index)


def test_a_cluster_has_the_vector_of_who_stands_for_it(
    ledger: Ledger, index: StoredMeaning, projection: MeaningProjection
) -> None:
    append(ledger, arrival("a", ROOF), arrival("b", ROOF))
    ids = {record.identifier: record.id for record in ledger.changes.all_records()}
    with ledger.database.write() as connection:
        connection.execute(insert(cluster_member), [{"record": ids[key], "cluster": ids["a"]} for key in "ab"])
    catch_up(ledger, projection)
    assert nearest(index) == [named("a")]
    withdraw(ledger, "a")
    catch_up(ledger, projection)
    assert nearest(index) == [named("b")]


def test_a_rebuild_reads_every_text_again_and_makes_no_vector_twice(
    ledger: Ledger, index: StoredMeaning, projection: MeaningProjection, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(ledger, arrival("a", ROOF), arrival("b", COURSE))
    catch_up(ledger, projection)
    monkeypatch.setattr("hub.search.vectors._made", lambda _texts: pytest.fail("a vector was made twice"))
    assert rebuild(ledger, projection) == 2
    assert (index.position(), index.count(), nearest(index)) == (ledger.changes.head(), 2, [named("a")])


def test_a_poison_record_is_set_aside(ledger: Ledger, index: StoredMeaning, projection: MeaningProjection) -> None:
    append(ledger, arrival("a", ROOF), arrival("poison", statements="<not an iri> <x:p> .\n"))
    catch_up(ledger, projection)
    assert index.count() == 1
    assert [(name, iri) for name, iri, _ in ledger.changes.unprojected()] == [("meaning", named("poison"))]


def test_it_waits_while_a_harvest_runs(ledger: Ledger, index: StoredMeaning, projection: MeaningProjection) -> None:
    append(ledger, arrival("a", ROOF))
    looked = threading.Event()

    def is_harvested() -> bool:
        looked.set()
        return ledger.is_harvested()

    with Projector(ledger, [projection], is_harvested).following(0.01):
        with ledger.runs.begin(SOURCE, resumable=False) as run:
            looked.clear()
            assert looked.wait(60)
            before = index.position()
            append_page(ledger, run.id)
            looked.clear()
            assert looked.wait(60) and index.position() == before
            ledger.runs.finish(run, HarvestReport(SOURCE.key), {}, complete=True)
        deadline = time.monotonic() + 60
        while index.position() < ledger.changes.head():
            assert time.monotonic() < deadline
            time.sleep(0.01)


def append_page(ledger: Ledger, run: int) -> None:
    ledger.records.commit_page(run, SOURCE.key, arrivals=[arrival("b", COURSE)], report=HarvestReport(SOURCE.key))


def test_a_harvest_ends_without_them(ledger: Ledger, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with open_projections(settings, ledger, load()) as projections:
        assert [projection.name for projection in projections] == ["graph", "search"]
    with open_projections(settings, ledger, load(), ("meaning",)) as projections:
        assert [projection.name for projection in projections] == ([] if missing() else ["meaning"])
