"""OAI-PMH from a real provider into the ledger: whole, by sets, by what changed, over what goes wrong on the way."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from harvesters.oai_pmh import OaiHarvester
from hub.fetch import Client
from hub.harvest import harvest
from hub.ledger import Ledger
from hub.model import HarvestReport, Page, Source
from hub.profile import load
from tests.servers.oai import BATCH, BEGIN, Provider, oai_provider

BASE = "http://localhost:8000"
COUNT = 10
PAGES = -(-COUNT // BATCH)
LATER = BEGIN + timedelta(days=30)


class Killed(BaseException):
    """In place of SIGKILL: nothing of the run comes after it."""


@pytest.fixture
def provider() -> Iterator[Provider]:
    with oai_provider() as opened:
        for number in range(COUNT):
            opened.put(number, "even" if number % 2 == 0 else "odd")
        yield opened


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", BASE)
    yield opened
    opened.close()


def client(provider: Provider) -> Client:
    return Client("tests/1", allowed_hosts=[provider.host], retries=0)


def run(ledger: Ledger, provider: Provider, source: Source | None = None, kill_after: int = 0) -> HarvestReport:
    pages = []

    def tell(report: HarvestReport, _total: int | None) -> None:
        pages.append(report.seen)
        if kill_after and len(pages) == kill_after:
            raise Killed

    return harvest(ledger, source or provider.source(), client(provider), load(), tell)


def listed(provider: Provider, source: Source | None = None, since: datetime | None = None) -> list[Page]:
    return list(OaiHarvester().pages(source or provider.source(), client(provider), None, since))


def states(ledger: Ledger) -> dict[str, str]:
    return {record.identifier.rpartition(":")[2]: record.state for record in ledger.changes.all_records()}


# Whole


def test_a_listing_arrives_whole_and_again_unchanged(ledger: Ledger, provider: Provider) -> None:
    report = run(ledger, provider)
    assert (report.state, report.seen, report.created, report.message) == ("complete", COUNT, COUNT, "")
    assert states(ledger) == {str(n): "live" for n in range(COUNT)}
    assert len(provider.lists) == PAGES
    record = next(r for r in ledger.changes.all_records() if r.identifier == "oai:provider.example:3")
    assert '"Il tetto di via 3"@it' in record.graph
    assert "<http://purl.org/dc/terms/license> <http://creativecommons.org/licenses/by/4.0/>" in record.graph
    again = run(ledger, provider)
    assert (again.state, again.unchanged, again.changed) == ("complete", COUNT, 0)


def test_the_payload_is_the_record_and_not_what_is_around_it(ledger: Ledger, provider: Provider) -> None:
    """Answers carry their time; a datestamp alone is no change either."""
    run(ledger, provider)
    provider.put(1, "odd", moment=LATER)
    assert run(ledger, provider).unchanged == COUNT
    provider.put(1, "odd", title="Un titolo nuovo")
    assert run(ledger, provider).changed == 1


def test_sets_are_listed_one_after_the_other(ledger: Ledger, provider: Provider) -> None:
    report = run(ledger, provider, provider.source(options={"sets": ["odd", "even"]}))
    assert (report.state, report.created) == ("complete", COUNT)
    assert [asked.get("set") for asked in provider.lists] == ["odd", None, "even", None]  # None: a token says it


def test_a_kind_may_have_sets_of_its_own(ledger: Ledger, provider: Provider) -> None:
    run(ledger, provider, provider.source(select={"practice": "odd", "event": "even"}))
    kinds = {record.identifier.rpartition(":")[2]: record.kind for record in ledger.changes.all_records()}
    assert kinds == {str(n): "event" if n % 2 == 0 else "practice" for n in range(COUNT)}


def test_a_set_that_is_empty_costs_the_others_nothing(ledger: Ledger, provider: Provider) -> None:
    report = run(ledger, provider, provider.source(options={"sets": ["nothing", "odd"]}))
    assert (report.state, report.created) == ("complete", COUNT // 2)


def test_rdf_comes_as_statements_that_the_dcat_crosswalk_reads(ledger: Ledger, provider: Provider) -> None:
    provider.entries.clear()
    for number, title in enumerate(("Eins", "Zwei", "Drei", "Vier", "Fünf")):
        provider.put(number, rdf=DATASET.format(title=title, number=number))
    report = run(ledger, provider, provider.source(format="dcat", options={"prefix": "rdf"}))
    assert (report.state, report.created) == ("complete", 5)
    record = next(r for r in ledger.changes.all_records() if r.identifier == "oai:provider.example:2")
    (version,) = ledger.records.versions(record.iri)
    assert version.media_type == "application/n-triples"
    lines = version.payload.decode().splitlines()
    assert lines == sorted(lines) and any(line.startswith("<https://provider.example/d/2> ") for line in lines)
    assert '"Drei"@de' in version.graph and '"Was die Nachbarn taten."@de' in version.graph
    assert run(ledger, provider, provider.source(format="dcat", options={"prefix": "rdf"})).unchanged == 5


DATASET = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dct="http://purl.org/dc/terms/"
 xmlns:dcat="http://www.w3.org/ns/dcat#"><dcat:Catalog rdf:about="https://provider.example/"><dcat:dataset>
 <dcat:Dataset rdf:about="d/{number}" xml:base="https://provider.example/"><dct:title xml:lang="de">{title}</dct:title>
 <dct:description xml:lang="de">Was die Nachbarn taten.</dct:description>
 <dct:temporal><dct:PeriodOfTime><dcat:startDate>2024</dcat:startDate></dct:PeriodOfTime></dct:temporal>
 </dcat:Dataset></dcat:dataset></dcat:Catalog></rdf:RDF>"""


# What is gone


def test_a_deleted_header_withdraws_at_once(ledger: Ledger, provider: Provider) -> None:
    run(ledger, provider)
    provider.delete("oai:provider.example:4", LATER)
    report = run(ledger, provider)
    assert (report.state, report.withdrawn, report.unchanged) == ("complete", 1, COUNT - 1)
    assert states(ledger)["4"] == "withdrawn"
    provider.put(4, "even", moment=LATER)
    assert run(ledger, provider).state == "complete" and states(ledger)["4"] == "live"


def test_a_provider_that_lists_nothing_any_more_is_held(ledger: Ledger, provider: Provider) -> None:
    run(ledger, provider)
    provider.entries.clear()
    report = run(ledger, provider)
    assert (report.state, report.message) == ("held", f"The listing is empty, though {COUNT} records were there.")
    assert set(states(ledger).values()) == {"live"}


def test_a_record_that_is_not_listed_goes_missing(ledger: Ledger, provider: Provider) -> None:
    run(ledger, provider)
    del provider.entries["oai:provider.example:4"]
    assert run(ledger, provider).missing == 1 and states(ledger)["4"] == "missing"


# What changed


def test_only_what_changed_is_asked_for_in_the_providers_granularity(provider: Provider) -> None:
    provider.put(20, moment=LATER)
    provider.delete("oai:provider.example:4", LATER)
    since = LATER.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=2)))
    (page,) = listed(provider, since=since)
    found = {record.identifier.rpartition(":")[2]: record.deleted for record in page.records}
    assert found == {"20": False, "4": True}
    assert provider.lists[-1]["from"] == "2026-01-31T00:00:00Z"
    provider.granularity = "YYYY-MM-DD"
    listed(provider, since=since)
    assert provider.lists[-1]["from"] == "2026-01-30"


def test_an_incremental_run_takes_what_changed_and_misses_nothing(ledger: Ledger, provider: Provider) -> None:
    source = provider.source(full="0 0 1 1 *")
    run(ledger, provider, source)
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    provider.put(1, "odd", title="Un titolo nuovo", moment=now)
    provider.delete("oai:provider.example:4", now)
    del provider.entries["oai:provider.example:5"]  # of which only a full listing knows
    report = run(ledger, provider, source)
    assert (report.state, report.seen, report.changed, report.withdrawn) == ("complete", 2, 1, 1)
    assert report.since and report.missing == 0 and states(ledger)["5"] == "live"
    assert run(ledger, provider, provider.source()).missing == 1


def test_an_incremental_run_of_which_nothing_changed_is_complete(ledger: Ledger, provider: Provider) -> None:
    source = provider.source(full="0 0 1 1 *")
    run(ledger, provider, source)
    report = run(ledger, provider, source)
    assert (report.state, report.seen, report.missing) == ("complete", 0, 0)
    assert "from" in provider.lists[-1] and set(states(ledger).values()) == {"live"}


def test_nothing_changed_is_no_failure(provider: Provider) -> None:
    (page,) = listed(provider, since=datetime(2030, 1, 1, tzinfo=UTC))
    assert (page.records, page.cursor) == ([], None)


# What goes wrong on the way


@pytest.mark.parametrize("kill_after", range(1, PAGES))
def test_a_killed_run_goes_on_behind_its_last_page(ledger: Ledger, provider: Provider, kill_after: int) -> None:
    with pytest.raises(Killed):
        run(ledger, provider, kill_after=kill_after)
    asked = len(provider.lists)
    report = run(ledger, provider)
    assert (report.state, report.seen, report.created) == ("complete", COUNT, COUNT)
    assert len(provider.lists) - asked == PAGES - kill_after


def test_a_token_that_died_with_a_killed_run_begins_the_listing_anew(
    ledger: Ledger, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    run(ledger, provider)
    with pytest.raises(Killed):
        run(ledger, provider, kill_after=2)
    del provider.entries["oai:provider.example:9"]
    provider.expired = 1
    report = run(ledger, provider)
    assert report.state == "complete" and report.missing == 1
    assert states(ledger) == {**{str(n): "live" for n in range(9)}, "9": "missing"}
    assert "does not know its own token any more (The token is too old.)" in caplog.text
    assert "begins anew" in caplog.text


def test_a_token_that_dies_on_the_way_begins_the_listing_anew_once(ledger: Ledger, provider: Provider) -> None:
    run(ledger, provider)
    provider.expired = 2
    report = run(ledger, provider)
    assert report.state == "partial" and set(states(ledger).values()) == {"live"}
    assert "does not know its own token any more" in report.message and "second time" in report.message
    assert [asked.get("metadataPrefix") for asked in provider.lists[-4:]] == ["oai_dc", None, "oai_dc", None]
    provider.expired = 1
    assert run(ledger, provider).state == "complete"


def test_a_cursor_of_another_question_begins_at_the_beginning(ledger: Ledger, provider: Provider) -> None:
    with pytest.raises(Killed):
        run(ledger, provider, kill_after=2)
    report = run(ledger, provider, provider.source(options={"sets": ["odd", "even"]}))
    assert (report.state, len(states(ledger))) == ("complete", COUNT)
    assert provider.lists[PAGES - 1] == {"metadataPrefix": "oai_dc", "set": "odd"}


def test_no_request_goes_around_the_guarded_client(ledger: Ledger, provider: Provider) -> None:
    guarded = Client("tests/1", retries=0)
    report = harvest(ledger, provider.source(), guarded, load(), lambda report, total: None)
    assert report.state == "failed" and "an address inside a network" in report.message and provider.asked == []


def test_a_format_that_the_provider_does_not_have_is_told_with_those_that_it_has(
    ledger: Ledger, provider: Provider
) -> None:
    report = run(ledger, provider, provider.source(options={"prefix": "dcat"}))
    assert report.state == "failed"
    told = "does not offer its records as 'dcat'; it offers oai_dc, rdf. Write one of them as options.prefix"
    assert told in report.message


def test_an_address_with_a_question_in_it_is_asked_without(ledger: Ledger, provider: Provider) -> None:
    provider.url += "?verb=Identify"
    assert run(ledger, provider).created == COUNT


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"options": {"sets": "odd"}}, "options.sets is 'odd'; it must be a list"),
        ({"options": {"estimates": "yes"}}, "options.estimates is 'yes'; it must be true or false"),
        ({"options": {"set": "odd"}, "select": {"event": "even"}}, "[select] and options.sets both name sets"),
    ],
)
def test_a_source_file_that_cannot_be_followed_is_told(
    ledger: Ledger, provider: Provider, more: dict[str, object], words: str
) -> None:
    report = run(ledger, provider, provider.source(**more))
    assert report.state == "failed" and words in report.message and provider.asked == []
