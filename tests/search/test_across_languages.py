"""A search in any of seven languages finds what is written in the others: the sample records, really harvested."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harvesters.samples.server import serve
from harvesters.source_files import SOURCES, load_sources
from hub.fetch import Client
from hub.harvest import harvest
from hub.ledger import Ledger, LedgerRecord
from hub.model import HarvestReport
from hub.namespaces import CONCEPT, DCAT
from hub.profile import load
from hub.search.base import Hit, Query, SearchIndex
from hub.search.documents import document
from tests.search.writer import ENGINES

COMMUNITY = CONCEPT["theme/energy-community"].value
WORDS = {
    "it": ("comunità energetica", "comunità energetiche", "Le comunità energetiche", "comunita energetica"),
    "sv": ("energigemenskap", "energigemenskaper", "energigemenskaperna", "en energigemenskap"),
    "de": ("Energiegemeinschaft", "Energiegemeinschaften", "eine Energiegemeinschaft"),
    "hu": ("energiaközösség", "energiaközösségek", "energiaközösségben", "az energiaközösségekről", "energiakozosseg"),
    "nl": ("energiegemeenschap", "energiegemeenschappen", "de energiegemeenschap"),
    "fr": ("communauté d'énergie", "communautés d’énergie", "communauté énergétique", "communautés énergétiques"),
    "en": ("energy community", "energy communities", "What is an energy community?"),
}
TYPED = [(language, text) for language, texts in WORDS.items() for text in texts]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[LedgerRecord]:
    ledger = Ledger(f"sqlite:///{tmp_path_factory.mktemp('ledger') / 'ledger.sqlite'}", "http://localhost:8000")
    with serve() as samples:
        client = Client("tests/1", allowed_hosts=["127.0.0.1"])
        for source in load_sources(SOURCES.parent / "samples" / "sources", samples.url).values():
            assert harvest(ledger, source, client, load(), _silent).state == "complete"
    found = ledger.changes.all_records()
    ledger.close()
    return [record for record in found if record.served]


def _silent(_report: HarvestReport, _total: int | None) -> None:
    pass


def native(record: LedgerRecord) -> LedgerRecord:
    """The record without its English texts and its themes: what is left says in its own language what it is about."""
    lines = record.graph.split("\n")
    return replace(
        record, graph="\n".join(line for line in lines if "@en" not in line and DCAT.theme.value not in line)
    )


def filled(request: pytest.FixtureRequest, folder: Path, records: list[LedgerRecord]) -> SearchIndex:
    if request.param == "elasticsearch":
        request.getfixturevalue("elasticsearch_server")
    index = ENGINES[request.param](folder, load())
    index.apply({record.iri: document([record], load()) for record in records}, 1)
    return index


@pytest.fixture(scope="module", params=ENGINES)
def published(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, records: list[LedgerRecord]
) -> Iterator[SearchIndex]:
    index = filled(request, tmp_path_factory.mktemp("published"), records)
    yield index
    index.close()


@pytest.fixture(scope="module", params=ENGINES)
def native_only(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, records: list[LedgerRecord]
) -> Iterator[SearchIndex]:
    index = filled(request, tmp_path_factory.mktemp("native"), [native(record) for record in records])
    yield index
    index.close()


def practices(index: SearchIndex, text: str, language: str) -> tuple[Hit, ...]:
    return index.search(Query(text, language, filters={"kind": ("practice",)}, size=50)).hits


def languages(hits: tuple[Hit, ...]) -> set[str]:
    return {language for hit in hits for language in hit.item["languages"]}


@pytest.mark.parametrize("language, text", TYPED)
def test_a_concept_in_one_language_finds_practices_in_the_others(
    published: SearchIndex, language: str, text: str
) -> None:
    hits = practices(published, text, language)
    assert len(languages(hits) - {language}) >= 4
    assert {hit.item["sources"][0] for hit in hits} == {
        f"sample-{code}" for code in ("at", "fr", "hu", "it", "nl", "se")
    }
    assert all(COMMUNITY in hit.matched.concepts for hit in hits)


@pytest.mark.parametrize("language, text", TYPED)
def test_without_tags_and_translations_too(native_only: SearchIndex, language: str, text: str) -> None:
    hits = practices(native_only, text, language)
    assert len(languages(hits) - {language}) >= 4
    assert "en" not in languages(hits)


def test_all_the_words_for_it_find_the_same(published: SearchIndex) -> None:
    found = [{hit.item["id"] for hit in practices(published, text, language)} for language, text in TYPED]
    exact = found[0]
    assert 5 < len(exact) < 20
    assert all(ids >= exact for ids in found)
    assert sum(ids == exact for ids in found) >= len(TYPED) - 6, "a language's own words may find a few more"


def test_most_of_the_first_are_tagged_with_it(published: SearchIndex) -> None:
    for language, text in TYPED:
        about = [COMMUNITY in hit.item["themes"] for hit in practices(published, text, language)]
        assert sum(about[:5]) >= 3, text


@pytest.mark.parametrize(
    "text, language, least",
    [("zonnepanelen", "nl", 5), ("Dachdämmung", "de", 4), ("pompa di calore", "it", 2), ("hőszivattyú", "hu", 2)],
)
def test_other_concepts_cross_languages_as_well(published: SearchIndex, text: str, language: str, least: int) -> None:
    hits = practices(published, text, language)
    assert len({hit.item["sources"][0] for hit in hits} - {f"sample-{language}"}) >= least


NAMES = ("sárkányfű", "Kvarnbacken", "Lindenmühle", "Tre Campanili", "Lapjesdeken", "Plaine Énergie Citoyenne")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_finds_its_own_record_first(published: SearchIndex, name: str) -> None:
    item = published.search(Query(name)).hits[0].item
    said = " ".join((*item["title"].values(), *item["summary"].values()))
    assert name.casefold() in said.casefold()
