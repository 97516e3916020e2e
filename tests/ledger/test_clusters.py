"""Pairs and clusters, on SQLite and on PostgreSQL: what persons decide, what follows from it, how it is taken back."""

from collections.abc import Callable

import pytest

from hub.errors import LedgerError, NotFound
from hub.ledger import Found, Ledger
from hub.model import HarvestReport
from tests.ledger.records import BASE, arrival, source

REASONS = ({"code": "same-identifier", "value": "a"}, {"code": "meaning", "value": 0.91})


def iri(name: str) -> str:
    return f"{BASE}/id/practice/here/{name}"


def append(ledger: Ledger, *names: str, invalid: tuple[str, ...] = ()) -> None:
    with ledger.runs.begin(source(), resumable=False) as run:
        report = HarvestReport("here")
        arrivals = [arrival("here", name, f"Titel {name}", name not in invalid) for name in names]
        ledger.records.commit_page(run.id, "here", arrivals=arrivals, report=report)
        ledger.runs.finish(run, report, {}, complete=False)


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    append(ledger, *"abcde")
    return ledger


def ids(ledger: Ledger) -> dict[str, int]:
    return {record.identifier: record.id for record in ledger.changes.all_records()}


def suggest(ledger: Ledger, *pairs: str, score: float = 0.5) -> None:
    """Suggests pairs such as "ab", for all of whose records these are the only ones."""
    number = ids(ledger)
    found = {(number[one], number[two]): Found(score, REASONS) for one, two in pairs}
    ledger.clusters.suggest(found, {id_ for key in found for id_ in key})


def states(ledger: Ledger) -> dict[str, str]:
    return {pair.first[-1] + pair.second[-1]: pair.state for pair in ledger.clusters.pairs()}


def clusters(ledger: Ledger) -> dict[str, str]:
    """Record → the record that names its cluster."""
    return {record.identifier: record.cluster[-1] for record in ledger.changes.all_records()}


def moved(ledger: Ledger, since: int) -> list[str]:
    names = {id_: name for name, id_ in ids(ledger).items()}
    return sorted(names[record] for _, record in ledger.changes.after(since))


def withdraw(ledger: Ledger, name: str) -> None:
    known = ledger.records.known("here", [arrival("here", name).raw])
    ledger.records.commit_page(None, "here", deleted=list(known.values()), report=HarvestReport("here"))


def test_open_pairs_come_first_and_then_the_likeliest(filled: Ledger) -> None:
    suggest(filled, "ab", score=0.4)
    suggest(filled, "cd", score=0.9)
    suggest(filled, "ce", "cd", score=0.95)
    filled.clusters.reject(iri("c"), iri("e"), "Anna")
    assert list(states(filled)) == ["cd", "ab", "ce"]
    first = filled.clusters.pairs(limit=1)[0]
    assert (first.first, first.second, first.kind, first.state) == (iri("c"), iri("d"), "practice", "open")
    assert first.reasons == REASONS and first.decided is None and first.score == pytest.approx(0.95)
    assert [p.decided_by for p in filled.clusters.pairs(("rejected",))] == ["Anna"]


def test_what_is_no_longer_found_is_no_longer_open(filled: Ledger) -> None:
    suggest(filled, "ab", "cd")
    filled.clusters.suggest({}, {ids(filled)["b"]})
    assert states(filled) == {"cd": "open"}


def test_no_decision_is_overwritten(filled: Ledger) -> None:
    suggest(filled, "ab", "cd")
    filled.clusters.reject(iri("a"), iri("b"), "Anna")
    filled.clusters.confirm(iri("d"), iri("c"), "Anna")
    suggest(filled, "ab", "cd", score=1.0)
    filled.clusters.suggest({}, set(ids(filled).values()))
    assert states(filled) == {"ab": "rejected", "cd": "confirmed"}
    assert {pair.score for pair in filled.clusters.pairs()} == {0.5}


def test_confirming_joins_and_the_first_seen_names_the_cluster(filled: Ledger) -> None:
    head = filled.changes.head()
    assert filled.clusters.confirm(iri("c"), iri("b"), "Anna") == [iri("b"), iri("c")]
    assert moved(filled, head) == ["b", "c"]
    head = filled.changes.head()
    assert filled.clusters.confirm(iri("a"), iri("c"), "Anna") == [iri("a"), iri("b"), iri("c")]
    assert moved(filled, head) == ["a", "b", "c"]
    assert clusters(filled) == {"a": "a", "b": "a", "c": "a", "d": "d", "e": "e"}
    assert filled.clusters.members() == [[iri("a"), iri("b"), iri("c")]]
    head = filled.changes.head()
    filled.clusters.confirm(iri("a"), iri("c"), "Anna")
    assert filled.changes.head() == head, "nothing moved"


def test_two_clusters_become_one(filled: Ledger) -> None:
    filled.clusters.confirm(iri("a"), iri("b"), "Anna")
    filled.clusters.confirm(iri("c"), iri("d"), "Anna")
    head = filled.changes.head()
    filled.clusters.confirm(iri("b"), iri("d"), "Anna")
    assert moved(filled, head) == ["a", "b", "c", "d"]
    assert set(clusters(filled).values()) == {"a", "e"}


def test_a_pair_taken_back_leaves_what_the_others_join(filled: Ledger) -> None:
    for one, two in ("ab", "bc", "cd"):
        filled.clusters.confirm(iri(one), iri(two), "Anna")
    head = filled.changes.head()
    filled.clusters.split(iri("c"), iri("b"), "Bo")
    assert clusters(filled) == {"a": "a", "b": "a", "c": "c", "d": "c", "e": "e"}
    assert moved(filled, head) == ["a", "b", "c", "d"]
    assert states(filled) == {"ab": "confirmed", "cd": "confirmed", "bc": "rejected"}
    filled.clusters.split(iri("a"), iri("b"), "Bo")
    assert clusters(filled)["a"] == "a" and clusters(filled)["b"] == "b"
    filled.clusters.confirm(iri("a"), iri("b"), "Bo")
    assert clusters(filled)["b"] == "a", "a person may think again"


def test_records_that_others_join_too_stay_together(filled: Ledger) -> None:
    for one, two in ("ab", "bc", "ac"):
        filled.clusters.confirm(iri(one), iri(two), "Anna")
    head = filled.changes.head()
    filled.clusters.split(iri("a"), iri("c"), "Anna")
    assert filled.clusters.members() == [[iri("a"), iri("b"), iri("c")]] and filled.changes.head() == head
    with pytest.raises(LedgerError, match=rf"only through others; {iri('a')} is joined with {iri('b')}"):
        filled.clusters.split(iri("a"), iri("c"), "Anna")


def test_a_rejected_pair_is_not_joined_by_a_detour(filled: Ledger) -> None:
    filled.clusters.reject(iri("a"), iri("c"), "Anna")
    filled.clusters.confirm(iri("a"), iri("b"), "Bo")
    head = filled.changes.head()
    with pytest.raises(LedgerError, match=f"would join {iri('a')} and {iri('c')} too, which were rejected"):
        filled.clusters.confirm(iri("b"), iri("c"), "Bo")
    assert filled.changes.head() == head and states(filled) == {"ab": "confirmed", "ac": "rejected"}


def test_a_withdrawn_member_is_not_shown_and_comes_back_as_a_member(filled: Ledger) -> None:
    suggest(filled, "de")
    for other in "bc":
        filled.clusters.confirm(iri("a"), iri(other), "Anna")
    withdraw(filled, "a")
    withdraw(filled, "e")
    assert filled.clusters.members() == [[iri("b"), iri("c")]]
    assert states(filled) == {}, "pairs with a withdrawn record are not asked about"
    append(filled, "a", "e")
    assert filled.clusters.members() == [[iri("a"), iri("b"), iri("c")]]
    assert states(filled) == {"de": "open", "ab": "confirmed", "ac": "confirmed"}


def test_a_forgotten_record_leaves_no_trace_in_pairs(filled: Ledger) -> None:
    suggest(filled, "ad")
    filled.clusters.confirm(iri("a"), iri("b"), "Anna")
    filled.clusters.confirm(iri("b"), iri("c"), "Anna")
    filled.clusters.forget(iri("b"))
    assert states(filled) == {"ad": "open"} and filled.clusters.members() == []
    assert set(clusters(filled).values()) == set("abcde")


@pytest.mark.parametrize("decide", ["confirm", "reject", "split"])
def test_what_cannot_be_decided_says_why(filled: Ledger, decide: str) -> None:
    act: Callable[[str, str, str], object] = getattr(filled.clusters, decide)
    with pytest.raises(NotFound, match="There is no record http://localhost:8000/id/practice/here/x"):
        act(iri("a"), iri("x"), "Anna")
    with pytest.raises(LedgerError, match="named twice"):
        act(iri("a"), iri("a"), "Anna")


def test_only_what_is_served_is_joined(filled: Ledger) -> None:
    append(filled, "f", invalid=("f",))
    withdraw(filled, "b")
    for name, state in (("f", "quarantined"), ("b", "withdrawn")):
        with pytest.raises(LedgerError, match=f"{iri(name)} is {state}, so there is nothing of it to show"):
            filled.clusters.confirm(iri("a"), iri(name), "Anna")


def test_joined_records_are_split_and_not_rejected(filled: Ledger) -> None:
    filled.clusters.confirm(iri("a"), iri("b"), "Anna")
    with pytest.raises(LedgerError, match="are joined; split them"):
        filled.clusters.reject(iri("a"), iri("b"), "Anna")
    with pytest.raises(LedgerError, match="are not joined, so there is nothing to split"):
        filled.clusters.split(iri("a"), iri("c"), "Anna")
