"""The one loop: pages of a source, each record mapped and validated, appended to the ledger with its checkpoint."""

import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from time import monotonic
from typing import Final

from harvesters import CROSSWALKS, HARVESTERS, crosswalk_digest
from hub.errors import FetchError, Rejected
from hub.fetch import Client
from hub.ledger import NOTHING, Arrival, Known, Ledger, Outcome, Run, Statements, canonical, checksum
from hub.model import HarvestReport, Page, RawRecord, Source, last_due
from hub.namespaces import record_iri
from hub.profile import Profile
from hub.validation import Validator, report_json, unreadable

log = logging.getLogger(__name__)
VERSION: Final = version("coped-hub")
Tell = Callable[[HarvestReport, int | None], None]  # called after each page with the counts and the source's own total


def harvest(
    ledger: Ledger,
    source: Source,
    client: Client,
    profile: Profile,
    tell: Tell,
    limit: int | None = None,
    *,
    adds: bool = False,
    full: bool = False,
) -> HarvestReport:
    """Harvests one source; the report says how it ended, and nothing that the source does raises.

    `limit` stops after so many records, at the end of a page; `adds` says that the listing does not claim to be whole
    (an import). Either run is partial. `full` asks for all, where the source's rhythm would ask for what changed.
    """
    harvester = HARVESTERS[source.protocol]
    started = monotonic()
    by_rhythm = source.full if harvester.incremental and not full else None
    full_due = last_due(by_rhythm, datetime.now(UTC)) if by_rhythm else None
    made = {"code": f"{VERSION}+{crosswalk_digest(source.format)[:12]}", "profile": profile.digest}
    with ledger.runs.begin(source, harvester.stable, full_due=full_due, **made) as run:
        report, complete = run.report, False
        arrive = Arriving(profile, source, ledger.base)
        try:
            for page in harvester.pages(source, client, run.checkpoint, run.since):
                _take(ledger, run, source, arrive, page, report)
                tell(report, page.total)
                if limit and report.seen >= limit and page.cursor is not None:
                    report.message = f"Stopped after {report.seen} records, as asked."
                    break
            else:
                complete = not adds
                report.message = "Read to its end; what it does not list stays as it is." if adds else ""
        except FetchError as error:
            report.message = str(error)
        report.seconds = round(report.seconds + monotonic() - started, 2)
        report.disagreements += arrive.disagreements()
        ledger.runs.finish(run, report, dict(source.limits), complete=complete)
    return report


def _take(ledger: Ledger, run: Run, source: Source, arrive: "Arriving", page: Page, report: HarvestReport) -> None:
    """Sorts a page's records into unchanged, deleted and arriving ones, and commits them at once."""
    known = ledger.records.known(source.key, page.records)
    older = ledger.records.outcomes([old.id for old in known.values() if old.mapped_with != arrive.mapped_with])
    arrivals, unchanged, same, deleted = [], [], [], []
    for raw in {(raw.kind, raw.identifier): raw for raw in page.records}.values():
        old = known.get((raw.kind, raw.identifier))
        if raw.deleted:
            deleted += [old] if old else []
        elif old and _is_unchanged(old, raw, arrive.mapped_with):
            unchanged.append(old)
        else:
            arrival = arrive(raw)
            (same.append(old) if old and is_same(old, arrival, older) else arrivals.append(arrival))
    ledger.records.remapped(same, arrive.mapped_with)
    ledger.records.commit_page(
        run.id,
        source.key,
        arrivals=arrivals,
        unchanged=[*unchanged, *same],
        deleted=deleted,
        checkpoint=page.cursor,
        report=report,
    )


def _is_unchanged(old: Known, raw: RawRecord, mapped_with: str) -> bool:
    return old.payload_checksum == checksum(raw.payload) and old.mapped_with == mapped_with


def is_same(old: Known, arrival: Arrival, outcomes: Mapping[int, Outcome]) -> bool:
    """Whether the payload that is there came to the same again, be it by other rules."""
    return old.payload_checksum == checksum(arrival.raw.payload) and outcomes.get(old.id) == arrival.outcome


def remap(ledger: Ledger, source: Source, profile: Profile, tell: Tell) -> HarvestReport:
    """Maps and validates a source's stored payloads again, without fetching; appends only what comes out otherwise."""
    started = monotonic()
    report = HarvestReport(source.key, "complete")
    arrive = Arriving(profile, source, ledger.base)
    after = 0
    with ledger.database.hold(source.key):
        ledger.runs.put_source(source)
        while page := ledger.records.latest(source.key, after):
            after = page[-1][0].id
            _remap_page(ledger, source, arrive, page, report)
            tell(report, None)
    report.seconds = round(monotonic() - started, 2)
    report.disagreements = arrive.disagreements()
    return report


def _remap_page(
    ledger: Ledger,
    source: Source,
    arrive: "Arriving",
    page: Iterable[tuple[Known, RawRecord, Outcome]],
    report: HarvestReport,
) -> None:
    moved, same = [], []
    for known, raw, outcome in page:
        if known.mapped_with == arrive.mapped_with:
            same.append(known)
            continue
        arrival = arrive(raw)
        (same.append(known) if arrival.outcome == outcome else moved.append(arrival))
    ledger.records.remapped(same, arrive.mapped_with)
    report.seen += len(same)
    report.unchanged += len(same)
    ledger.records.commit_page(None, source.key, arrivals=moved, report=report)


def edition(source: Source, profile: Profile) -> str:
    """The digest of all that decides what becomes of a payload: the crosswalks, the profile, the source file."""
    declared = json.dumps(
        {k: v for k, v in asdict(source).items() if k in ("country", "language", "format", "licence", "options")},
        sort_keys=True,
        default=str,
    )
    return checksum(profile.digest + crosswalk_digest(source.format) + declared)


class Arriving:
    """Makes an `Arrival` of a raw record: mapped, checked as RDF, validated. One a run."""

    def __init__(self, profile: Profile, source: Source, base: str) -> None:
        self._source, self._base = source, base
        self._crosswalk = CROSSWALKS[source.format]
        self.validator = Validator(profile)
        self._ours = re.compile(rf"<({re.escape(base)}/id/[^>#]+)")
        self.mapped_with = edition(source, profile)

    def __call__(self, raw: RawRecord) -> Arrival:
        record = record_iri(self._base, raw.kind, self._source.key, raw.identifier)
        statements: Statements = NOTHING
        try:
            if raw.problem:
                raise Rejected(raw.problem)
            mapped = self._crosswalk(raw, self._source, record, self._base)
            statements = canonical(mapped.graph)
            report = self.validator.check(statements, mapped.notes, record.value)
        except Rejected as error:
            report = unreadable(str(error), record.value)
        except Exception as error:  # noqa: BLE001
            # A fault of ours in one record's mapping must cost that record alone, never the run (design §7).
            report = unreadable(f"{type(error).__name__}: {error}", record.value)
        mentions = frozenset(self._ours.findall(statements)) - {record.value}
        return Arrival(raw, record.value, self.mapped_with, statements, report_json(report), report.valid, mentions)

    def disagreements(self) -> int:
        """How often the two engines told a record differently in this run; the first few go to the log."""
        told = self.validator.disagreements
        for words in told.first:
            log.warning("%s: the validation engines disagree: %s", self._source.key, words)
        return told.count
