"""What the hub would make of a source, known or unknown: by the code that harvests, and without writing anything."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote, urlsplit

from harvesters import CROSSWALKS, HARVESTERS
from harvesters.crosswalks.words import language_tag
from harvesters.guessing import Guess, Said, guess
from harvesters.guessing.speech import country_of, language_of
from harvesters.source_text import source_text
from hub.errors import BadRequest, FetchError
from hub.fetch import Client, Response
from hub.harvest import Arriving, is_same
from hub.harvest.at_hand import AlreadyAsked, OneAnswer
from hub.harvest.told import told
from hub.languages import FALLBACK, N_
from hub.ledger import Arrival, Known, Outcome
from hub.ledger.vanishing import suspicion
from hub.model import RawRecord, Result, Source, ValidationReport
from hub.namespaces import COUNTRY, slug
from hub.profile import Field, Profile
from hub.quality import Assessor, Quality, mean
from hub.validation.words import Words

PREVIEWED: Final = 20  # records, where a person does not say how many
FREQUENT: Final = 5  # kinds of remarks that a summary tells
LARGEST: Final = 200_000_000  # bytes of a file, as of an answer
UNMAPPED: Final = "UnmappedValue"  # the component of what no rule maps
_STANDING: Final = ("live", "stale")  # what may vanish
_ELSEWHERE: Final = "https://example.org/"  # where a file is taken to lie once it is published
_GUESSED: Final = N_("A guess; --{option} says another.")
_UNKNOWN: Final = N_("This is not known: say it with --{option}.")
_NO_COUNTRY: Final = N_("The country of the records is not known: say it with --country, such as --country ITA.")
_NO_ROW: Final = N_("This version of the hub does not harvest by {protocol} and {format} yet.")
_PUBLISH: Final = N_("Here goes the address at which the file is published.")
_TAGS: Final = "a tag of BCP 47, such as it or de-AT"
_ADDRESSES: Final = "an address (http or https), a file of this machine, or a source’s key"


class Ledger(Protocol):
    """What of a ledger's records a preview reads."""

    def known(self, source: str, raws: Sequence[RawRecord]) -> dict[tuple[str, str], Known]: ...

    def outcomes(self, ids: Sequence[int]) -> Mapping[int, Outcome]: ...

    def counts(self) -> Mapping[str, Mapping[str, int]]: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person says of a preview: in which language to tell it, and what cannot be guessed of the source."""

    lang: str = FALLBACK
    limit: int = PREVIEWED
    country: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """One record. `change` is what a harvest would make of it: new, changed, unchanged or deleted; "": not known.

    `state` is the ledger's, "" of a record that it does not have.
    """

    iri: str
    identifier: str
    kind: str
    report: ValidationReport
    words: Words
    fields: tuple[Field, ...]
    quality: Quality | None
    change: str = ""
    state: str = ""

    @property
    def is_valid(self) -> bool:
        return self.report.valid and self.change != "deleted"

    @property
    def unmapped(self) -> list[Result]:
        return [result for result in self.report.results if result.component == UNMAPPED]

    @property
    def to_mend(self) -> list[Result]:
        return [result for result in self.report.results if result.severity == "Violation"]


@dataclass(slots=True)
class Preview:
    """`source` is None where nothing can be harvested. `total` is what the source says it lists.

    `is_whole` says that its listing was read to the end; `message` why it was not, where that is no intention.
    Where it was, and the ledger knows the source, `there` is how many records were served and in their places, `gone`
    how many of them are not listed any more, and `doubt` why a person would have to look before that is believed.
    """

    address: str
    guess: Guess | None = None
    source: Source | None = None
    remarks: Mapping[str, Said] = field(default_factory=dict)  # on keys of the source file
    missing: tuple[Said, ...] = ()  # what a person still has to say
    records: list[Looked] = field(default_factory=list)
    total: int | None = None
    is_whole: bool = False
    message: str = ""
    there: int = 0
    gone: int = 0
    doubt: str = ""

    @property
    def is_catalogue(self) -> bool:
        """Whether there is something to harvest: records, or a catalogue that has them elsewhere."""
        has_none = bool(self.message) and not self.records
        return self.source is not None and not has_none

    @property
    def quality(self) -> Quality | None:
        return mean(one.quality for one in self.records if one.quality)

    def frequent(self) -> list[tuple[Looked, Result, int]]:
        """The commonest remarks, what has to be mended first; each with a record that has it, and in how many."""
        first: dict[tuple[str, str, str], tuple[Looked, Result]] = {}
        counts: Counter[tuple[str, str, str]] = Counter()
        for one in self.records:
            there = {(r.shape or r.path, r.component, r.severity): r for r in reversed(one.report.results)}
            for key, result in there.items():
                first.setdefault(key, (one, result))
            counts.update(there.keys())
        ranked = sorted(counts, key=lambda key: (key[2] != "Violation", -counts[key], key))
        return [(*first[key], counts[key]) for key in ranked[:FREQUENT]]

    def shares(self) -> list[tuple[Field, int, int]]:
        """The fields that were found, each with in how many records of its kind, and of how many."""
        kinds = Counter(one.kind for one in self.records if one.change != "deleted")
        fields = {found.shape: found for one in self.records for found in one.fields}
        counts = Counter(found.shape for one in self.records for found in one.fields)
        ordered = sorted(fields.values(), key=lambda f: (f.kind, -counts[f.shape], f.order))
        return [(found, counts[found.shape], kinds[found.kind]) for found in ordered]

    def source_text(self, comments: Mapping[str, str]) -> str:
        return source_text(self.source, comments) if self.source else ""


def preview(address: str, client: Client, asked: Asked, profile: Profile, base: str) -> Preview:
    """What is behind an unknown address, or in a file of this machine. Raises FetchError where it does not answer."""
    file = Path(address)
    is_remote = re.match(r"https?://", address, re.I)
    answer = None if is_remote else _read(file, address)
    url = answer.url if answer else address
    asking = _Remembering(url, AlreadyAsked(url, answer) if answer else client)
    found = guess(url, asking, asked.language)
    done = Preview(address, found)
    if not found.protocol:
        return done
    done.source, done.remarks = _source(found, asked, url, bool(answer))
    if not done.source.country:
        done.missing = (Said(_NO_COUNTRY),)
    if found.protocol not in HARVESTERS or found.format not in CROSSWALKS:
        done.missing += (Said(_NO_ROW, {"protocol": found.protocol, "format": found.format}),)
    elif found.part is not None:
        media_type = "application/json" if found.protocol == "ckan" else "text/xml"
        look(done, OneAnswer(found.part, media_type), asked, profile, base, is_part=True)
    elif found.is_listing or not answer:
        look(done, asking.again(None if answer else client), asked, profile, base)
    return done


class _Remembering(Client):
    """A client that remembers what one address answered, so that what was guessed from is what is looked at."""

    def __init__(self, url: str, client: Client) -> None:
        super().__init__(client.user_agent)
        self.session, self._url, self._client = client.session, url, client
        self._answer: Response | None = None

    def get(self, url: str, *more: Any, **how: Any) -> Response:
        answer = self._client.get(url, *more, **how)
        self._answer = answer if url == self._url else self._answer
        return answer

    def again(self, client: Client | None) -> Client:
        return AlreadyAsked(self._url, self._answer, client) if self._answer else self._client


def _read(file: Path, address: str) -> Response:
    """A file as the answer of the address that it would have. Raises BadRequest, FetchError."""
    if not file.is_file():
        raise BadRequest("SOURCE", address, _ADDRESSES)
    if file.stat().st_size > LARGEST:
        raise FetchError(f"{file.name}: the file is larger than {LARGEST} bytes")
    return Response(_ELSEWHERE + quote(file.name), 200, {}, file.read_bytes())


def _source(found: Guess, asked: Asked, url: str, is_file: bool) -> tuple[Source, dict[str, Said]]:
    """The source that would harvest what was found, and the remarks on its lines."""
    language = asked.language or language_of(found.tags, found.sample)
    country = asked.country or country_of(found.url, language or "")
    remarks = {"url": Said(_PUBLISH)} if is_file and found.url == url else {}
    remarks |= {} if asked.language else {"language": Said(_GUESSED if language else _UNKNOWN, {"option": "language"})}
    remarks |= {} if asked.country else {"country": Said(_GUESSED if country else _UNKNOWN, {"option": "country"})}
    remarks |= {"options": found.advice[0]} if found.is_suggested else {}
    spoken = language or FALLBACK
    name = _name(found, url, is_file)
    key = re.sub(r"^(?=[^a-z])", "source-", slug(name.lower().replace(".", "-").replace("_", "-")))
    source = Source(
        key, {spoken: found.title or name}, country or "", spoken, found.protocol, found.url, found.format,
        select=found.select, options=found.options,
    )  # fmt: skip
    return source, remarks


def _name(found: Guess, url: str, is_file: bool) -> str:
    if is_file and found.url == url:
        return Path(urlsplit(url).path).stem
    return (urlsplit(found.url).hostname or "source").removeprefix("www.")


def check(asked: Asked, profile: Profile) -> None:
    """Raises BadRequest naming what cannot be used."""
    known = [iri.removeprefix(str(COUNTRY)) for iri in profile.schemes[str(COUNTRY).rstrip("/")].concepts]
    if asked.country and asked.country not in known:
        raise BadRequest("--country", asked.country, ", ".join(known))
    if asked.language and language_tag(asked.language) != asked.language:
        raise BadRequest("--language", asked.language, _TAGS)


def look(
    done: Preview,
    client: Client,
    asked: Asked,
    profile: Profile,
    base: str,
    ledger: Ledger | None = None,
    *,
    is_part: bool = False,
) -> None:
    """Reads and maps the first records of `done.source` into `done`; of a part, only what is in it."""
    source = done.source
    assert source is not None
    looking = _Looking(profile, source, base, asked.lang, ledger)
    taken: dict[tuple[str, str], RawRecord] = {}
    try:
        for page in HARVESTERS[source.protocol].pages(source, client):
            done.total = page.total if page.total is not None else done.total
            fresh = [raw for raw in page.records if (raw.kind, raw.identifier) not in taken]
            chosen = fresh[: asked.limit - len(taken)]
            taken |= {(raw.kind, raw.identifier): raw for raw in chosen}
            done.records += looking.at(chosen)
            done.is_whole = page.cursor is None and len(chosen) == len(fresh)
            if is_part or len(taken) >= asked.limit:
                break
    except FetchError as error:
        done.message, done.is_whole = str(error), False
    if ledger and done.is_whole:
        counts = ledger.counts().get(source.key, {})
        done.there = sum(counts.get(state, 0) for state in _STANDING)
        done.gone = done.there - sum(one.state in _STANDING for one in done.records)
        done.doubt = suspicion(done.there, done.gone, len(done.records), source.limits)


class _Looking:
    def __init__(self, profile: Profile, source: Source, base: str, lang: str, ledger: Ledger | None) -> None:
        self._profile, self._source, self._lang, self._ledger = profile, source, lang, ledger
        self._arrive, self._assess = Arriving(profile, source, base), Assessor(profile)

    def at(self, raws: Sequence[RawRecord]) -> Iterator[Looked]:
        known = self._ledger.known(self._source.key, raws) if self._ledger and raws else {}
        outcomes = self._ledger.outcomes([old.id for old in known.values()]) if self._ledger else {}
        for raw in raws:
            yield self._look(raw, known.get((raw.kind, raw.identifier)), outcomes)

    def _look(self, raw: RawRecord, old: Known | None, outcomes: Mapping[int, Outcome]) -> Looked:
        arrival = self._arrive(raw)
        report, words, graph = told(arrival, self._profile, self._lang)
        change, state = self._change(arrival, old, outcomes), old.state if old else ""
        if raw.deleted:
            return Looked(arrival.iri, raw.identifier, raw.kind, ValidationReport(), words, (), None, change, state)
        paths = {t.predicate.value for t in graph if str(t.subject) == f"<{arrival.iri}>"}
        fields = tuple(f for f in self._profile.fields(raw.kind) if not f.is_inner and f.path in paths)
        quality = self._assess(arrival.iri, raw.kind, arrival.statements) if graph else None
        return Looked(arrival.iri, raw.identifier, raw.kind, report, words, fields, quality, change, state)

    def _change(self, arrival: Arrival, old: Known | None, outcomes: Mapping[int, Outcome]) -> str:
        if arrival.raw.deleted:
            return "deleted"
        if self._ledger is None:
            return ""
        if old is None:
            return "new"
        return "unchanged" if is_same(old, arrival, outcomes) else "changed"
