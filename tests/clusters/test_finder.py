"""Pairs are found behind the harvest: each record that moved, once, whatever is killed or lost on the way."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

import hub.clusters
from hub.clusters import Finder
from hub.clusters.likeness import WEIGHTS
from hub.clusters.tellings import AMBIGUOUS, Tellings
from hub.clusters.words import WORDS, in_words
from hub.languages import LANGUAGES
from hub.ledger import Ledger
from hub.model import HarvestReport
from hub.profile import load
from tests.clusters.conftest import BASE
from tests.clusters.examples import append, arrival

ROOF = {"title": {"it": "Il tetto di paglia della Lucciola"}, "country": "ITA", "place": "Forlì"}
OTHER = {"title": {"it": "Corso di vela"}, "country": "ITA", "place": "Genova"}


@pytest.fixture(autouse=True)
def without_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine that has no wheel of the model; what it finds is quick, and the rest is the same."""
    monkeypatch.setattr(hub.clusters, "missing", lambda: "none here")


def put(ledger: Ledger, source: str, name: str, told: dict[str, Any], kind: str = "practice") -> None:
    append(ledger, source, arrival(ledger.base, source, kind, name, told))


def look(ledger: Ledger, data: Path) -> int:
    with Finder(ledger, data, load()) as finder:
        return finder.catch_up()


def pairs(ledger: Ledger) -> list[str]:
    return [" ".join(sorted(iri.partition("/id/practice/")[2] for iri in (p.first, p.second)))
            for p in ledger.clusters.pairs()]  # fmt: skip


def test_a_second_source_is_compared_with_the_first(ledger: Ledger, tmp_path: Path) -> None:
    put(ledger, "one", "roof", ROOF)
    assert look(ledger, tmp_path) == 1 and pairs(ledger) == []
    put(ledger, "two", "tetto", ROOF)
    put(ledger, "two", "vela", OTHER)
    assert look(ledger, tmp_path) == 2 and pairs(ledger) == ["one/roof two/tetto"]
    assert look(ledger, tmp_path) == 0
    assert ledger.changes.positions()["pairs"] == ledger.changes.head()


def test_a_text_that_changed_is_looked_at_again(ledger: Ledger, tmp_path: Path) -> None:
    put(ledger, "one", "roof", ROOF)
    put(ledger, "two", "tetto", ROOF)
    look(ledger, tmp_path)
    put(ledger, "two", "tetto", OTHER)
    look(ledger, tmp_path)
    assert pairs(ledger) == []
    put(ledger, "two", "tetto", ROOF)
    look(ledger, tmp_path)
    assert pairs(ledger) == ["one/roof two/tetto"]


def test_a_decision_is_not_found_again(ledger: Ledger, tmp_path: Path) -> None:
    put(ledger, "one", "roof", ROOF)
    put(ledger, "two", "tetto", ROOF)
    look(ledger, tmp_path)
    ledger.clusters.reject(*(f"{BASE}/id/practice/{name}" for name in ("one/roof", "two/tetto")), "Anna")
    put(ledger, "two", "tetto", {**ROOF, "start": "2020"})
    look(ledger, tmp_path)
    assert [pair.state for pair in ledger.clusters.pairs()] == ["rejected"]


def test_what_is_withdrawn_is_compared_with_nothing(ledger: Ledger, tmp_path: Path) -> None:
    put(ledger, "one", "roof", ROOF)
    look(ledger, tmp_path)
    known = ledger.records.known("one", [arrival(BASE, "one", "practice", "roof", ROOF).raw])
    ledger.records.commit_page(None, "one", deleted=list(known.values()), report=HarvestReport("one"))
    put(ledger, "two", "tetto", ROOF)
    look(ledger, tmp_path)
    assert pairs(ledger) == []


def test_one_source_repeats_itself_only_by_an_identifier(ledger: Ledger, tmp_path: Path) -> None:
    put(ledger, "one", "roof", ROOF)
    put(ledger, "one", "again", ROOF)
    look(ledger, tmp_path)
    assert pairs(ledger) == []
    for name in ("roof", "again"):
        put(ledger, "one", name, {**ROOF, "identifier": "urn:example:lucciola"})
    look(ledger, tmp_path)
    assert pairs(ledger) == ["one/again one/roof"]


def test_a_catalogue_of_several_publishers_is_several_sources(ledger: Ledger, tmp_path: Path) -> None:
    put(ledger, "one", "a", {**ROOF, "publisher": "La Lucciola"})
    put(ledger, "one", "b", {**ROOF, "publisher": "Comune di Forlì"})
    put(ledger, "one", "c", {**ROOF, "publisher": "COMUNE DI FORLI'"})
    put(ledger, "one", "d", ROOF)
    look(ledger, tmp_path)
    assert pairs(ledger) == ["one/a one/b", "one/a one/c"]


def test_an_identifier_that_many_have_is_nobodys(ledger: Ledger, tmp_path: Path) -> None:
    for n in range(AMBIGUOUS + 1):
        told = {"title": {"it": f"Parola{n} cosa{n}"}, "country": "ITA", "identifier": "urn:example:everything"}
        put(ledger, f"s{n}", "x", told)
    look(ledger, tmp_path)
    assert [p for p in pairs(ledger) if f"s{AMBIGUOUS}/x" in p] == []


def test_kinds_are_not_mixed(ledger: Ledger, tmp_path: Path) -> None:
    put(ledger, "one", "roof", {**ROOF, "identifier": "urn:example:lucciola"})
    put(ledger, "two", "roof", {**ROOF, "identifier": "urn:example:lucciola"}, kind="venue")
    look(ledger, tmp_path)
    assert pairs(ledger) == []


def test_a_kill_between_ledger_and_file_costs_a_second_look(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(ledger, "one", "roof", ROOF)
    put(ledger, "two", "tetto", ROOF)
    with monkeypatch.context() as broken:
        broken.setattr(Tellings, "move", lambda *_: (_ for _ in ()).throw(sqlite3.OperationalError("killed")))
        with pytest.raises(sqlite3.OperationalError):
            look(ledger, tmp_path)
    assert pairs(ledger) == ["one/roof two/tetto"]
    assert look(ledger, tmp_path) == 2 and pairs(ledger) == ["one/roof two/tetto"]


def test_a_lost_file_is_made_anew(ledger: Ledger, tmp_path: Path) -> None:
    put(ledger, "one", "roof", ROOF)
    put(ledger, "two", "tetto", ROOF)
    look(ledger, tmp_path)
    for file in tmp_path.glob("pairs.sqlite*"):
        file.unlink()
    assert look(ledger, tmp_path) == 2 and pairs(ledger) == ["one/roof two/tetto"]


def test_the_file_of_another_ledger_is_made_anew(ledger: Ledger, tmp_path: Path) -> None:
    for name in ("roof", "vela", "mare"):
        put(ledger, "one", name, OTHER)
    look(ledger, tmp_path)
    another = Ledger(f"sqlite:///{tmp_path / 'another.sqlite'}", BASE)
    put(another, "one", "roof", ROOF)
    put(another, "two", "tetto", ROOF)
    assert look(another, tmp_path) == 2 and pairs(another) == ["one/roof two/tetto"]
    another.close()


def test_other_rules_look_at_everything_again(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(ledger, "one", "roof", ROOF)
    look(ledger, tmp_path)
    monkeypatch.setattr("hub.clusters.tellings.EDITION", "another")
    assert look(ledger, tmp_path) == 1


def test_it_stops_when_it_is_told_to(ledger: Ledger, tmp_path: Path) -> None:
    put(ledger, "one", "roof", ROOF)
    with Finder(ledger, tmp_path, load()) as finder:
        assert finder.catch_up(lambda: True) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_words_in_every_language(language: str) -> None:
    assert set(WORDS) == {*WEIGHTS, "same-title", "apart", "by-hand"}
    for code in (*WEIGHTS, "by-hand"):
        told = in_words({"code": code, "value": 0.5, "language": "fr"}, language)
        english = in_words({"code": code, "value": 0.5, "language": "fr"}, "en")
        assert told and "{" not in told and (told != english or language == "en")


def test_reasons_read_as_a_person_says_them() -> None:
    assert in_words({"code": "same-place", "km": 1.5}, "fr") == "à 1,5 km l’un de l’autre"
    assert in_words({"code": "like-title", "language": "fr", "value": 1.0}, "de") == "gleicher Titel, auf Französisch"
    assert in_words({"code": "meaning", "value": 0.91}, "en") == "similar meaning (0.91)"
