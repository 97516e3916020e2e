"""OAI-PMH 2.0 (http://www.openarchives.org/OAI/openarchivesprotocol.html): repositories, museums, aggregators."""

import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final, NoReturn
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from oaipmh_scythe import (
    BadArgument,
    BadResumptionToken,
    BadVerb,
    CannotDisseminateFormat,
    NoRecordsMatch,
    NoSetHierarchy,
    OAIPMHException,
)

from harvesters.oai_answers import OAI, Answer, Provider
from harvesters.oai_records import raw_record, unreadable_record
from harvesters.paging import MOST_PAGES
from harvesters.payloads import INCOMPLETE, option, short_hash
from hub.errors import FetchError
from hub.fetch import Client
from hub.model import Page, Source

MOST_RECORDS: Final = 500  # of one commit; some providers answer with all that they have at once
MOST_EMPTY: Final = 100  # pages in a row
_ARGUMENTS: Final = frozenset(("verb", "metadataPrefix", "set", "from", "until", "resumptionToken", "identifier"))
_log = logging.getLogger(__name__)


class _Expired(Exception):
    """The provider does not know a token of its own any more."""


class OaiHarvester:
    """Lists by ListRecords. `[select]` holds the sets of each kind, with blanks between them; "" is all that there is.

    `[options]`: `prefix` (oai_dc); `set` or `sets` in place of those of `[select]`; `estimates = true` where the
    provider's completeListSize is only a guess. What lies in `rdf:RDF` comes as N-Triples, all else as canonical XML.

    A cursor is `list count question token`. A token lives only for a while: where it has died, the listing begins anew
    in the same run, and is whole when that comes to its end.
    """

    stable = True
    incremental = True

    def pages(
        self, source: Source, client: Client, cursor: str | None = None, since: datetime | None = None
    ) -> Iterator[Page]:
        listing = _Listing(source, client, since)
        try:
            yield from listing.pages(cursor)
        except _Expired as expired:
            _log.warning("%s: %s; the listing begins anew", source.key, expired)
            try:
                yield from listing.pages(None)
            except _Expired as again:
                raise FetchError(f"{again}, for the second time in this run. {INCOMPLETE}") from again


def _lists(source: Source) -> list[tuple[str, str]]:
    """The lists to be asked for, as kind and set; "" is no set. Raises FetchError."""
    name = option(source, "set", str, "").strip()
    sets = [str(one).strip() for one in option(source, "sets", list, [name] if name else [])]
    if sets and any(source.select.values()):
        raise FetchError(f"{source.key}: [select] and options.sets both name sets; write them in one of the two")
    select = dict(source.select) or {"practice": ""}
    return list(dict.fromkeys((kind, one) for kind, names in select.items() for one in names.split() or sets or [""]))


def _base(url: str) -> str:
    """The provider's address, without the question that a person copied along with it."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in _ARGUMENTS]
    return urlunsplit(parts._replace(query=urlencode(kept), fragment=""))


class _Listing:
    def __init__(self, source: Source, client: Client, since: datetime | None) -> None:
        self._lists, self._url = _lists(source), _base(source.url)
        self._prefix = option(source, "prefix", str, "oai_dc").strip()
        self._estimates = option(source, "estimates", bool, False)
        self._provider = Provider(self._url, client)
        self.shown = self._provider.shown
        self._from = self._moment(since) if since else None
        asked = f"{self._url} {self._prefix} {self._lists} {self._from}"
        self._question = short_hash(asked.encode("utf-8", "replace"))

    def _moment(self, since: datetime) -> str:
        """In the provider's granularity; of days the one before, since theirs may end elsewhere."""
        moment = since.astimezone(UTC)
        try:
            is_exact = self._provider.tells_seconds()
        except OAIPMHException as error:
            self._refuse(error)
        return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if is_exact else f"{moment - timedelta(days=1):%Y-%m-%d}"

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Raises _Expired, FetchError."""
        first, count, token = self._place(cursor)
        for index in range(first, len(self._lists)):
            yield from self._pages(index, count, token)
            count, token = 0, ""

    def _place(self, cursor: str | None) -> tuple[int, int, str]:
        """Where a cursor points to; the beginning where it was made for another question."""
        parts = (cursor or "").split(" ", 3)
        if len(parts) == 4 and parts[2] == self._question and parts[0].isdecimal() and parts[1].isdecimal():
            return int(parts[0]), int(parts[1]), parts[3]
        return 0, 0, ""

    def _cursor(self, index: int, count: int = 0, token: str = "") -> str | None:
        return f"{index} {count} {self._question} {token}" if index < len(self._lists) else None

    def _pages(self, index: int, count: int, token: str) -> Iterator[Page]:
        walk, set_ = _Walk(self._provider, count), self._lists[index][1]
        try:
            for answer in self._answers(index, token):
                walk.take(answer)
                yield from self._of(answer, index, walk, token)
                if answer.is_cut:
                    self._provider.refuse("the answer is cut off, or broken behind its records")
                token = answer.token
        except NoRecordsMatch as error:
            if token and walk.is_fresh:  # so do some providers say that a token has died
                raise _Expired(f"{self.shown}: nothing is behind the token that was kept ({error})") from error
            if walk.is_fresh and not self._from:
                _log.warning("%s: no record matches in set %r, prefix %r", self.shown, set_, self._prefix)
            yield Page([], self._cursor(index + 1))
        except (BadResumptionToken, BadArgument) as error:
            if not token:
                self._refuse(error)
            raise _Expired(f"{self.shown}: the provider does not know its own token any more ({error})") from error
        except OAIPMHException as error:
            self._refuse(error)
        if not self._estimates:
            walk.check()

    def _answers(self, index: int, token: str) -> Iterator[Any]:
        if token:
            return self._provider.list_records(resumption_token=token)
        set_ = self._lists[index][1] or None
        return self._provider.list_records(metadata_prefix=self._prefix, set_=set_, from_=self._from)

    def _of(self, answer: Answer, index: int, walk: "_Walk", token: str) -> Iterator[Page]:
        """An answer's records, in commits that are not too large; before the last one a cursor leads to it again."""
        kind, _ = self._lists[index]
        total = walk.total if len(self._lists) == 1 else None
        here = self._cursor(index, walk.before, token)
        behind = self._cursor(index, walk.count, answer.token) if answer.token else self._cursor(index + 1)
        raws = (raw_record(node, kind, self._url) for node in answer.listing.iterfind(f"{OAI}record"))
        for _ in range(MOST_RECORDS, walk.count - walk.before, MOST_RECORDS):
            yield Page(list(islice(raws, MOST_RECORDS)), here, total)
        broken = (unreadable_record(one, kind) for one in answer.broken)
        yield Page([*raws, *broken], here if answer.is_cut else behind, total)

    def _refuse(self, error: OAIPMHException) -> NoReturn:
        """Tells an error of the protocol, with what to do about it."""
        words = f" ({error})" if str(error) else ""
        self._provider.refuse(f"{self._advice(error)}{words}", error)

    def _advice(self, error: OAIPMHException) -> str:
        if isinstance(error, CannotDisseminateFormat):
            offered: list[str] = []
            with suppress(OAIPMHException, FetchError):
                offered = self._provider.formats()
            there = f"; it offers {', '.join(offered)}. Write one of them as options.prefix" if offered else ""
            return f"does not offer its records as {self._prefix!r}{there}"
        if isinstance(error, NoSetHierarchy):
            return "has no sets. Take options.set, options.sets and the texts of [select] out of the source file"
        if isinstance(error, BadVerb):
            return "does not know what ListRecords is. Check url in the source file: it must be the provider's baseURL"
        if isinstance(error, BadArgument):
            return "does not understand the question. Check options.prefix, options.set and url in the source file"
        if isinstance(error, BadResumptionToken):
            return "does not know a token that it was not given. Check url in the source file"
        return "answered with an error"


class _Walk:
    """What came of one list so far; `before` and `count` are how many records without and with the last answer."""

    def __init__(self, provider: Provider, count: int) -> None:
        self._provider, self.before, self.count = provider, count, count
        self.total: int | None = None
        self._seen: set[int] = set()
        self._empty = 0

    def take(self, answer: Answer) -> None:
        """Counts an answer. Raises FetchError where it is no list, or came before."""
        if answer.listing is None:
            told = [str(child.tag).removeprefix(OAI)[:60] for child in answer.xml][:5]
            self._provider.refuse(f"answered without a list of records, though without an error: {told}")
        names = [node.text for node in answer.listing.iterfind(f"{OAI}record/{OAI}header/{OAI}identifier")]
        page = hash((*names, *(one.identifier for one in answer.broken)) if names or answer.broken else answer.token)
        if page in self._seen and (names or answer.broken or answer.token):
            self._provider.refuse("paging loop: this page of the list came before")
        self._seen.add(page)
        if len(self._seen) > MOST_PAGES:
            self._provider.refuse(f"the list has more than {MOST_PAGES} pages")
        self.before = self.count
        records = len(answer.listing.findall(f"{OAI}record")) + len(answer.broken)
        self.count += records
        self._empty = 0 if records else self._empty + 1
        if self._empty > MOST_EMPTY:
            self._provider.refuse(f"{MOST_EMPTY} pages in a row have no record")
        self.total = answer.total if answer.total is not None else self.total  # it may shrink: the last word counts

    @property
    def is_fresh(self) -> bool:
        """Whether nothing came yet."""
        return not self._seen

    def check(self) -> None:
        if self.total is not None and self.count < self.total:
            told = f"{self.total} records are announced, {self.count} came"
            advice = "If the provider only guesses (completeListSize), write options.estimates = true"
            self._provider.refuse(f"{told}. {advice}")
