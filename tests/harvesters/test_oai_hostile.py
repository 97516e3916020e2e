"""What providers of OAI-PMH answer instead: nothing is believed that was not said whole, nothing good is lost."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import count
from pathlib import Path

import pytest

from harvesters import oai_pmh
from hub.fetch import Client
from hub.harvest import harvest
from hub.ledger import Ledger
from hub.model import HarvestReport, Page, Source
from hub.profile import load
from hub.validation import report_from_json
from tests.harvesters.conftest import PAYLOADS
from tests.servers.loopback import Answer, Question, Server, serving

BASE = "http://localhost:8000"
REAL = PAYLOADS / "oai-pmh"
real = pytest.mark.skipif(not REAL.is_dir(), reason="the real payloads are not part of the repository")
HEAD = '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>'
DC = 'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'


def record(number: int, title: str = "Il tetto", status: str = "") -> str:
    metadata = (
        f"<metadata><oai_dc:dc {DC}><dc:title>{title} {number}</dc:title><dc:description>Il tetto del teatro è isolato."
        "</dc:description></oai_dc:dc></metadata>"
    )
    stands = f' status="{status}"' if status else ""
    header = f"<header{stands}><identifier>oai:x:{number}</identifier><datestamp>2026-01-01</datestamp></header>"
    return f"<record>{header}{'' if status else metadata}</record>"


def listing(*records: str, token: str = "", size: str = "") -> str:
    told = f' completeListSize="{escape(size)}"' if size else ""
    return f"{HEAD}{''.join(records)}<resumptionToken{told}>{token}</resumptionToken></ListRecords></OAI-PMH>"


def error(code: str, words: str = "") -> str:
    return HEAD.replace("<ListRecords>", f'<error code="{code}">{words}</error></OAI-PMH>')


Answering = Callable[[dict[str, str]], str | bytes | Answer]
GOOD = listing(*map(record, range(8)))


@dataclass
class Partner:
    """A source of eight live records; `answering` may then answer otherwise."""

    ledger: Ledger
    server: Server
    answering: Answering

    def run(self, answering: Answering | str | bytes | Answer | None = None, **options: object) -> HarvestReport:
        if answering is not None:
            self.answering = answering if callable(answering) else lambda asked: answering
        return harvest(self.ledger, self.source(**options), self.client(), load(), lambda report, total: None)

    def pages(self, answering: Answering, cursor: str | None = None) -> list[Page]:
        self.answering = answering
        return list(oai_pmh.OaiHarvester().pages(self.source(), self.client(), cursor))

    def source(self, **options: object) -> Source:
        return Source("x", {"en": "X"}, "ITA", "it", "oai-pmh", self.server.url, "oai_dc", options=options)

    def client(self, retries: int = 0) -> Client:
        return Client("tests/1", allowed_hosts=[self.server.host], retries=retries)

    @property
    def states(self) -> dict[str, str]:
        return {record.identifier: record.state for record in self.ledger.changes.all_records()}

    def reasons(self, identifier: str) -> str:
        iri = next(r.iri for r in self.ledger.changes.all_records() if r.identifier == identifier)
        report = report_from_json(self.ledger.records.versions(iri)[0].report)
        return " ".join(load().message(result, "en") for result in report.results)

    @property
    def is_untouched(self) -> bool:
        return self.states == {f"oai:x:{n}": "live" for n in range(8)}


@pytest.fixture
def partner(tmp_path: Path) -> Iterator[Partner]:
    def answer(question: Question) -> Answer:
        told = made.answering(question.query)
        return told if isinstance(told, Answer) else Answer(told, media_type="text/xml")

    with serving(answer) as server:
        ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", BASE)
        made = Partner(ledger, server, lambda asked: GOOD)
        assert made.run().created == 8
        yield made
        ledger.close()


def paged(*pages: str | bytes | Answer) -> Answering:
    """Pages whose tokens are their numbers."""
    return lambda asked: pages[int(asked.get("resumptionToken", "0"))]


# Errors of the protocol, each with what to do


@pytest.mark.parametrize(
    ("code", "words", "status"),
    [
        ("badVerb", "Check url in the source file: it must be the provider's baseURL", 200),
        ("badArgument", "Check options.prefix, options.set and url in the source file", 400),
        ("cannotDisseminateFormat", "does not offer its records as 'oai_dc' (no)", 422),
        ("noSetHierarchy", "has no sets. Take options.set, options.sets and the texts of [select] out", 404),
        ("badResumptionToken", "does not know a token that it was not given", 200),
        ("idDoesNotExist", "answered with an error (no)", 404),
        ("noMetadataFormats", "answered with an error (no)", 200),
        ("teapot", "answered with an error ('teapot' no)", 418),
        ("__doc__", "answered with an error ('__doc__' no)", 200),
        ("", "answered with an error ('' no)", 200),
    ],
)
def test_an_error_of_the_protocol_is_told_with_what_to_do(partner: Partner, code: str, words: str, status: int) -> None:
    report = partner.run(Answer(error(code, "no"), status, media_type="text/xml"))
    assert report.state == "failed" and words in report.message
    assert partner.server.url in report.message and "nothing is deleted for it" in report.message
    assert partner.is_untouched


@real
@pytest.mark.parametrize(
    ("name", "state", "words"),
    [
        ("badResumptionToken", "failed", "(This resumptionToken is invalid)"),
        ("noRecordsMatch", "held", "The listing is empty, though 8 records were there."),
        ("noSetHierarchy", "failed", "(This repository does not support sets)"),
        ("undefinedError", "failed", "'undefinedError'"),
        ("ListRecordsBroken", "failed", "answered what is no XML"),
        ("Identify", "failed", "without a list of records, though without an error"),
        ("ListSets", "failed", "without a list of records, though without an error"),
    ],
)
def test_what_a_real_provider_answers_instead(partner: Partner, name: str, state: str, words: str) -> None:
    report = partner.run((REAL / f"de_bielefeld_{name}.xml").read_bytes())
    assert report.state == state and words in report.message and partner.is_untouched


# Answers that are none


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            Answer("<!doctype html><title>Wartung\n heute</title>", media_type="text/html"),
            "web page in place of OAI-PMH",
        ),
        (Answer("", media_type="text/xml"), "answered with an empty document"),
        (Answer("the disk is full", 500), "answered 500"),
        (Answer("gone", 404), "answered 404"),
        (Answer('{"error": 1}', media_type="application/json"), "answered what is no XML"),
        (Answer("<rss/>", media_type="text/xml"), "answered XML that is no OAI-PMH 2.0, but <rss>"),
        (Answer(HEAD.replace("<ListRecords>", "</OAI-PMH>")), "without a list of records"),
        (Answer(f"<!DOCTYPE a [<!ENTITY e 'x'>]>{GOOD[38:]}"), "declares a DOCTYPE"),
        (Answer("<a>" * 100_000 + "</a>" * 100_000), "Excessive depth"),
    ],
)
@pytest.mark.parametrize("midway", [False, True])
def test_what_is_no_answer_deletes_nothing(partner: Partner, answer: Answer, words: str, midway: bool) -> None:
    report = partner.run(paged(listing(record(0, "Nuovo"), token="1"), answer) if midway else answer)
    assert report.state == ("partial" if midway else "failed") and words in report.message
    assert "nothing is deleted for it" in report.message and partner.is_untouched
    assert report.changed == midway  # what came before it is kept


def test_entities_are_not_unpacked(partner: Partner) -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    report = partner.run(f'<!DOCTYPE a [<!ENTITY e0 "0123456789">{bomb}]><a b="&e11;">&e11;</a>')
    assert report.state == "failed" and "no XML" in report.message and partner.is_untouched


def test_an_entity_reads_no_file(partner: Partner, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("geheim")
    text = GOOD.replace("<OAI-PMH", f'<!DOCTYPE a [<!ENTITY e SYSTEM "{tmp_path}/secret">]><OAI-PMH', 1)
    report = partner.run(text.replace("Il tetto 3", "&e;"))
    assert report.state == "failed" and partner.is_untouched


# Half answers


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_an_answer_that_is_cut_off_keeps_what_came_and_deletes_nothing(partner: Partner, share: float) -> None:
    text = listing(*(record(n, "Nuovo") for n in range(8)))
    report = partner.run(text[: int(len(text) * share)])
    assert report.state in ("partial", "failed") and "cut off, or broken behind its records" in report.message
    assert partner.is_untouched
    assert report.changed == text[: int(len(text) * share)].count("</record>")


def test_a_page_that_is_cut_off_in_the_middle_of_the_list(partner: Partner) -> None:
    pages = [listing(*(record(n, "Nuovo") for n in range(2 * p, 2 * p + 2)), token=str(p + 1)) for p in range(3)]
    pages.append(listing(record(6, "Nuovo"), record(7, "Nuovo")))
    pages[2] = pages[2][: pages[2].index("oai:x:5")]
    report = partner.run(paged(*pages))
    assert (report.state, report.changed) == ("partial", 5) and partner.is_untouched


def test_fewer_records_than_announced_delete_nothing(partner: Partner) -> None:
    short = paged(listing(*map(record, range(4)), token="1", size="8"), listing(record(4), size="8"))
    report = partner.run(short)
    assert report.state == "partial" and "8 records are announced, 5 came" in report.message and partner.is_untouched
    assert "options.estimates = true" in report.message
    report = partner.run(short, estimates=True)
    assert (report.state, report.missing) == ("complete", 3)


def test_a_list_that_shrinks_on_the_way_is_whole_when_its_last_word_is_kept(partner: Partner) -> None:
    report = partner.run(
        paged(listing(*map(record, range(4)), token="1", size="9"), listing(*map(record, range(4, 8)), size="8"))
    )
    assert report.state == "complete" and report.unchanged == 8


# Loops


def test_a_page_that_comes_again_ends_the_listing(partner: Partner) -> None:
    """A → B → C → B: the tokens are others each time."""
    times: list[str] = []

    def answer(asked: dict[str, str]) -> str:
        times.append(asked.get("resumptionToken", ""))
        page = len(times) - 1
        return listing(record(page if page < 3 else 1 + (page - 1) % 2), token=f"t{page}")

    report = partner.run(answer)
    assert report.state == "partial" and "paging loop" in report.message and partner.is_untouched
    assert len(times) == 4


def test_a_token_that_comes_again_ends_the_listing(partner: Partner) -> None:
    report = partner.run(lambda asked: listing(record(0), token="same"))
    assert report.state == "partial" and "paging loop" in report.message and partner.is_untouched
    report = partner.run(lambda asked: listing(token="same"))
    assert report.state == "failed" and "paging loop" in report.message


def test_empty_pages_without_end_end_the_listing(partner: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oai_pmh, "MOST_EMPTY", 5)
    report = partner.run(lambda asked: listing(token=f"{asked.get('resumptionToken', '')}1"))
    assert report.state == "failed" and "5 pages in a row have no record" in report.message


def test_a_list_that_never_ends_is_left(partner: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oai_pmh, "MOST_PAGES", 5)
    numbers = count()
    report = partner.run(lambda asked: listing(record(n := next(numbers)), token=f"t{n}"))
    assert (report.state, report.seen) == ("partial", 5)
    assert "the list has more than 5 pages" in report.message


def test_a_last_page_without_records_is_an_end(partner: Partner) -> None:
    """Some providers give a token after the very last record, and then say that nothing matches it."""
    assert partner.run(paged(listing(*map(record, range(8)), token="1"), error("noRecordsMatch"))).state == "complete"
    assert partner.run(paged(listing(*map(record, range(8)), token="1"), listing())).state == "complete"


def test_an_answer_with_all_records_is_committed_in_parts(partner: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cursor before the last part leads to the whole answer again."""
    monkeypatch.setattr(oai_pmh, "MOST_RECORDS", 3)
    answers = paged(listing(*map(record, range(7)), token="1", size="8"), listing(record(7), size="8"))
    pages = partner.pages(answers)
    assert [len(page.records) for page in pages] == [3, 3, 1, 1]
    assert [len(partner.pages(answers, page.cursor)) for page in pages[:3]] == [4, 4, 1]
    assert pages[3].cursor is None and pages[0].total == 8


@pytest.mark.parametrize("code", ["badResumptionToken", "badArgument", "noRecordsMatch"])
def test_a_token_that_was_kept_and_is_dead_begins_anew_however_it_is_told(partner: Partner, code: str) -> None:
    first, *_ = partner.pages(paged(listing(record(0), token="1"), listing(record(1))))
    answers = {"": listing(*map(record, range(8))), "1": error(code)}
    (page,) = partner.pages(lambda asked: answers[asked.get("resumptionToken", "")], first.cursor)
    assert len(page.records) == 8 and page.cursor is None


# Records that are broken


@pytest.mark.parametrize(
    "broken",
    ["<dc:title>cut", "R&D", "<b>", "a < b", "<dc:title x=1/>", "<unknown:x/>", "&unknown;", "]]>", '<x a="1" a="2"/>'],
)
def test_a_record_whose_xml_is_broken_costs_itself(partner: Partner, broken: str) -> None:
    records = [record(n, "Nuovo") for n in range(8)]
    records[3] = records[3].replace("Nuovo", broken)
    report = partner.run(listing(*records, size="8"))
    assert report.state == "complete" and (report.changed, report.failed + report.quarantined) == (7, 1)
    assert partner.states == {f"oai:x:{n}": "stale" if n == 3 else "live" for n in range(8)}
    assert "The record's XML cannot be read" in partner.reasons("oai:x:3")


def test_the_last_record_may_be_the_broken_one(partner: Partner) -> None:
    records = [record(n, "Nuovo") for n in range(8)]
    records[7] = records[7].replace("</oai_dc:dc></metadata></record>", "")
    report = partner.run(listing(*records, token="", size="8"))
    assert report.state == "complete" and report.changed == 7 and partner.states["oai:x:7"] == "stale"


def test_records_of_marc_are_not_taken_for_those_of_the_list(partner: Partner) -> None:
    marc = '<record xmlns="http://www.loc.gov/MARC21/slim"><leader>x</leader></record>'
    records = [record(n).replace("</oai_dc:dc>", f"</oai_dc:dc>{marc}") for n in range(8)]
    records[3] = records[3].replace("Il tetto", "R&D")
    report = partner.run(listing(*records, size="8"))
    assert report.state == "complete" and (report.failed, report.seen) == (1, 8)


def test_letters_that_xml_does_not_have_are_left_out(partner: Partner) -> None:
    for odd in ("\x0b", "\x00", "&#11;", "&#x1F;", "\ufffe", "&#xFFFF;", "&#55296;"):
        report = partner.run(GOOD.replace("Il tetto 3", f"Il{odd} tetto 3"))
        assert report.state == "complete" and report.unchanged == 8, odd


def test_letters_by_their_names_in_html_are_read(partner: Partner) -> None:
    report = partner.run(GOOD.replace(" è ", " &egrave;&nbsp;"))
    assert report.state == "complete" and report.changed == 8
    assert "è isolato" in partner.ledger.changes.all_records()[0].graph.replace("\u00a0", " ")


def test_an_encoding_that_is_not_the_declared_one(partner: Partner) -> None:
    for declared in ("UTF-8", "ISO-8859-1", "x-unknown"):
        for sent in ("utf-8", "latin-1", "utf-8-sig", "utf-16"):
            report = partner.run(GOOD.replace("UTF-8", declared).encode(sent))
            assert report.state == "complete" and report.unchanged == 8, (declared, sent)


def test_a_token_with_a_bare_ampersand_is_no_end(partner: Partner) -> None:
    report = partner.run(listing(*map(record, range(8)), token="a&b"))
    assert report.state == "partial" and report.unchanged == 8 and "broken behind its records" in report.message


def test_a_prefix_for_the_protocols_own_namespace(partner: Partner) -> None:
    text = GOOD.replace("OAI-PMH xmlns=", "OAI-PMH xmlns:o=")
    for name in (
        "OAI-PMH",
        "ListRecords",
        "record",
        "header",
        "identifier",
        "datestamp",
        "metadata",
        "resumptionToken",
    ):
        text = text.replace(f"<{name}", f"<o:{name}").replace(f"</{name}", f"</o:{name}")
    assert partner.run(text).unchanged == 8
    assert partner.run(text.replace("Il tetto 3", "R&D")).failed == 1


def test_a_server_that_is_busy_is_asked_again(partner: Partner) -> None:
    times: list[int] = []

    def answer(asked: dict[str, str]) -> str | Answer:
        times.append(1)
        return Answer("busy", 503, {"Retry-After": "0"}) if len(times) == 1 else GOOD

    partner.answering = answer
    report = harvest(partner.ledger, partner.source(), partner.client(2), load(), lambda report, total: None)
    assert (report.state, report.unchanged, len(times)) == ("complete", 8, 2)


def test_a_redirect_into_the_hubs_own_network_is_not_followed(partner: Partner) -> None:
    with serving(lambda question: Answer(GOOD, media_type="text/xml")) as inside:
        report = partner.run(Answer("", 302, {"Location": f"{inside.url}/oai"}))
        assert report.state == "failed" and "an address inside a network" in report.message and inside.asked == []
    assert partner.is_untouched


# What the list of payload quirks names


@real
def test_quirk_17_deleted_headers_blanks_around_a_token_and_a_size_that_is_no_number(partner: Partner) -> None:
    """A header without its identifier and datestamp is told; a deleted record has no metadata."""
    pages = {
        "": (REAL / "de_bielefeld_ListRecords.xml").read_text(),
        "ListRecords2.xml": (REAL / "de_bielefeld_ListRecords4.xml").read_text(),
    }
    spaced = (
        pages[""]
        .replace("ListRecords2.xml<", "\n      ListRecords2.xml\n    <")
        .replace('completeListSize="8"', 'completeListSize="ssss"')
    )
    assert spaced.count("ssss") == 1 and "\n      ListRecords2" in spaced
    report = partner.run(lambda asked: {**pages, "": spaced}[asked.get("resumptionToken", "")])
    assert "came before" not in report.message and report.state == "held"  # all of the eight are gone
    states = partner.states
    assert states["oai:test.example.com:1585322"] == "live"
    assert "oai:test.example.com:1585310" not in states  # it was never here
    (odd,) = (name for name in states if name.startswith("unidentified-"))
    assert "The record's header has no identifier." in partner.reasons(odd)


def test_quirk_17_the_headers_identifier_counts_and_not_the_datas(partner: Partner) -> None:
    text = GOOD.replace("<dc:title>", "<dc:identifier>oai:x:other</dc:identifier><dc:title>")
    report = partner.run(text)
    assert report.state == "complete" and report.changed == 8 and partner.is_untouched


@pytest.mark.parametrize("token", ["", "  ", "\n\t"])
def test_quirk_17_an_empty_token_is_the_end(partner: Partner, token: str) -> None:
    report = partner.run(lambda asked: listing(*map(record, range(8)), token=token, size="8"))
    assert report.state == "complete" and len(partner.server.asked) == 2


def test_quirk_17_a_record_may_be_deleted_in_capitals_and_one_without_metadata_is_told(partner: Partner) -> None:
    records = [record(n) for n in range(8)]
    records[1] = record(1, status="DELETED")
    records[2] = record(2, status="x").replace(' status="x"', "")
    report = partner.run(listing(*records))
    assert (report.withdrawn, partner.states["oai:x:1"], partner.states["oai:x:2"]) == (1, "withdrawn", "stale")
    assert "The record has no metadata" in partner.reasons("oai:x:2")


# Memory

LARGE = """
import resource, sys
from harvesters.oai_pmh import OaiHarvester
from hub.fetch import Client
from hub.model import Source

url, host = sys.argv[1:]
seen = first = 0
source = Source("x", {"en": "X"}, "ITA", "it", "oai-pmh", url, "oai_dc")
for number, page in enumerate(OaiHarvester().pages(source, Client("t/1", allowed_hosts=[host]))):
    seen += len(page.records)
    if number == 20:
        first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(seen, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - first) // 1024)
"""


def test_memory_does_not_grow_with_the_list() -> None:
    records, pages = 200, 200

    def answer(question: Question) -> Answer:
        page = int(question.query.get("resumptionToken", "0"))
        numbers = range(page * records, (page + 1) * records)
        token = str(page + 1) if page + 1 < pages else ""
        return Answer(listing(*map(record, numbers), token=token, size=str(records * pages)), media_type="text/xml")

    with serving(answer) as server:
        command = [sys.executable, "-c", LARGE, server.url, server.host]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    seen, grown = map(int, done.stdout.split())
    assert seen == records * pages and grown < 10  # MiB
