"""A filled-in template into the ledger: the one loop with a local file as its source, and remarks for its author."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from harvesters.source_files import KEY
from harvesters.template import Filled, read_template
from hub.errors import BadRequest, FetchError, HubError
from hub.harvest import Arriving, harvest
from hub.harvest.at_hand import OneAnswer
from hub.harvest.remarks import ERROR, Place, Remark, about_sheets, ordered
from hub.harvest.told import told
from hub.languages import LANGUAGES, N_
from hub.ledger import Ledger
from hub.model import HarvestReport, RawRecord, Source
from hub.namespaces import COUNTRY, record_iri
from hub.profile import Profile
from hub.profile.spreadsheet import MEDIA_TYPE
from hub.profile.spreadsheet_words import words

PROTOCOL: Final = "template"
LARGEST: Final = 50_000_000  # bytes of a file; a template with 1,000 practices has 2,000,000
_TITLE: Final = N_("Spreadsheets: {country}")
_COUNTRIES: Final = {"it": "ITA", "sv": "SWE", "de": "AUT", "hu": "HUN", "nl": "NLD", "fr": "FRA"}  # the partners'


class NoTemplate(HubError):
    status = 422
    title = "This file is no filled-in template"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person who imports says. `is_all`: the file has all records of the source, so others go missing."""

    source: str | None = None
    country: str | None = None
    language: str | None = None
    is_all: bool = False

    def __post_init__(self) -> None:
        if self.language not in (None, *LANGUAGES):
            raise BadRequest("--lang", self.language, ", ".join(LANGUAGES))


@dataclass(frozen=True, slots=True)
class Checked:
    """A row with what would become of it; `valid` says whether it is served."""

    sheet: str
    row: int
    iri: str
    valid: bool


@dataclass(frozen=True, slots=True)
class Import:
    """What an import found and did; `run` is None where nothing was written."""

    source: Source
    language: str
    records: list[Checked]
    remarks: list[Remark]
    run: HarvestReport | None = None

    @property
    def has_errors(self) -> bool:
        return any(remark.severity == ERROR for remark in self.remarks)

    def as_json(self) -> dict[str, Any]:
        remarks = [{"cell": remark.cell, **asdict(remark)} for remark in self.remarks]
        records = [asdict(record) for record in self.records]
        run = asdict(self.run) if self.run else None
        return {
            "source": self.source.key,
            "language": self.language,
            "records": records,
            "remarks": remarks,
            "run": run,
        }


def local_file(file: Path) -> OneAnswer:
    """A client that answers with the file. Raises NoTemplate where it is too large."""
    body = file.read_bytes()
    if len(body) > LARGEST:
        raise NoTemplate("{file} is larger than {most} bytes", file=file.name, most=LARGEST)
    return OneAnswer(body, MEDIA_TYPE)


def imported(ledger: Ledger) -> dict[str, Source]:
    """The sources that imports made; no source file tells of them."""
    declared = ledger.runs.sources()
    return {key: Source(**told) for key, told in declared.items() if told["protocol"] == PROTOCOL}


def read_file(file: Path, language: str | None) -> tuple[OneAnswer, Filled]:
    """The file and the template's sheets in it. Raises NoTemplate."""
    client = local_file(file)
    try:
        filled = read_template(client.body, file.name, language)
    except FetchError as error:
        raise NoTemplate("{reason}", reason=error) from error
    if not filled.sheets:
        told = "{file}: no sheet has the headings of the template; `hub template LANG` writes one to fill in"
        raise NoTemplate(told, file=file.name)
    return client, filled


def import_file(
    ledger: Ledger | None, file: Path, asked: Asked, profile: Profile, base: str, taken: Collection[str]
) -> Import:
    """Checks every row and, with a ledger, harvests the file; `taken` are the keys of harvested sources.

    Raises NoTemplate, BadRequest.
    """
    client, filled = read_file(file, asked.language)
    language = filled.sheets[0].language
    there = imported(ledger) if ledger else {}
    source = source_of(profile, there, asked, language, file.name, taken)
    source = replace(source, options={"headings": asked.language} if asked.language else {})
    records, remarks = _checked(source, filled, profile, base, language)
    remarks += about_sheets(profile, filled, language)
    run = harvest(ledger, source, client, profile, _silent, adds=not asked.is_all) if ledger else None
    return Import(source, language, records, ordered(remarks, [sheet.title for sheet in filled.sheets]), run)


def source_of(
    profile: Profile, there: Mapping[str, Source], asked: Asked, language: str, name: str, taken: Collection[str]
) -> Source:
    """The source that the file belongs to: one that an import made before, or a new one. Raises BadRequest."""
    country = asked.country or _COUNTRIES.get(language, "")
    key = asked.source or f"import-{country.lower()}"
    if key in taken or not KEY.fullmatch(key):
        raise BadRequest("--source", key, f"small letters, digits and hyphens; not one of {', '.join(sorted(taken))}")
    if key in there and not asked.country:
        return replace(there[key], url=name)
    countries = profile.schemes[str(COUNTRY).rstrip("/")].concepts
    if f"{COUNTRY}{country}" not in countries:
        raise BadRequest("--country", country, ", ".join(iri.removeprefix(str(COUNTRY)) for iri in countries))
    if key in there:
        return replace(there[key], url=name, country=country)
    titles = {code: words(code, _TITLE, country=profile.label(f"{COUNTRY}{country}", code)) for code in LANGUAGES}
    return Source(key, titles, country, language, PROTOCOL, name, PROTOCOL)


def _silent(_report: HarvestReport, _total: int | None) -> None:
    pass


def _checked(
    source: Source, filled: Filled, profile: Profile, base: str, language: str
) -> tuple[list[Checked], list[Remark]]:
    arrive, records, remarks = Arriving(profile, source, base), list[Checked](), list[Remark]()
    for sheet in filled.sheets:
        for row in sheet.rows:
            remarks += Place(profile, sheet, row, language).forgotten_example() if row.is_example else ()
    for entry in filled.entries():
        place = Place(profile, entry.sheet, entry.row, language)
        if entry.raw.problem:
            remarks += place.before_mapping(entry.first)
            continue
        checked, found = _arrived(arrive, entry.raw, source, profile, base, place)
        records.append(checked)
        remarks += found
    return records, remarks


def _arrived(
    arrive: Arriving, raw: RawRecord, source: Source, profile: Profile, base: str, place: Place
) -> tuple[Checked, list[Remark]]:
    iri = record_iri(base, raw.kind, source.key, raw.identifier).value
    arrival = arrive(raw)
    report, said, _ = told(arrival, profile, place.language)
    found = place.remarks(report.results, said, iri)
    return Checked(place.sheet.title, place.row.number, iri, arrival.valid), found
