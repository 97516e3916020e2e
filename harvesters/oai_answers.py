"""An OAI-PMH provider's answers: asked through the guarded client, read strictly, broken records told one by one.

http://www.openarchives.org/OAI/openarchivesprotocol.html. Questions, paging and errors are oaipmh-scythe's; its own
HTTP client and XML parser are not used: the first has no guard, the second takes half a page for a whole one, whose
listing has then ended.
"""

import html
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from oaipmh_scythe import OAIResponse, Scythe
from oaipmh_scythe.iterator import OAIResponseIterator

from harvesters.markup import WEB_PAGE, NotXml, element, mended, text_of
from harvesters.payloads import INCOMPLETE
from hub.errors import FetchError
from hub.fetch import Client, address, content_type

OAI: Final = "{http://www.openarchives.org/OAI/2.0/}"
_CODES: Final = (
    *("badArgument", "badResumptionToken", "badVerb", "cannotDisseminateFormat", "idDoesNotExist"),
    *("noRecordsMatch", "noMetadataFormats", "noSetHierarchy"),
)
_MOST_HEAD: Final = 20_000  # letters before the first record
_TITLE: Final = re.compile(r"<title[^>]*>([^<]{0,100})", re.I)
_PREFIX: Final = r"(?:[\w.-]+:)?"
# A record of MARC is a `record` too, but has no header.
_RECORD: Final = re.compile(rf"<(?P<prefix>{_PREFIX})record(?:\s[^<>]*)?>\s*(?=<(?P=prefix)header[\s/>])")
_REST: Final = re.compile(rf"<{_PREFIX}resumptionToken[\s/>]|</{_PREFIX}ListRecords\s*>")
_IDENTIFIER: Final = re.compile(rf"<{_PREFIX}identifier[^<>]*>([^<>]*)</")


@dataclass(frozen=True, slots=True)
class Broken:
    """A record whose XML cannot be read: as it came, and why."""

    identifier: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Read:
    root: Any
    broken: tuple[Broken, ...] = ()
    is_cut: bool = False  # the answer ends before its end


class Answer(OAIResponse):
    """One answer. `broken` are records of it that are not in `xml`; `is_cut`: more was to come."""

    def __init__(self, read: _Read, query: dict[str, str]) -> None:
        self.params = query
        self.broken, self.is_cut = read.broken, read.is_cut
        self._root = read.root

    @property
    def xml(self) -> Any:
        return self._root

    @property
    def listing(self) -> Any:
        """The list's element; None where the answer has none."""
        return self._root.find(f"{OAI}ListRecords")

    @property
    def token(self) -> str:
        """The next page's token; empty at the end of the list."""
        return self._root.findtext(f"{OAI}ListRecords/{OAI}resumptionToken") or ""

    @property
    def total(self) -> int | None:
        told = self._root.find(f"{OAI}ListRecords/{OAI}resumptionToken")
        size = told.get("completeListSize", "").strip() if told is not None else ""
        return int(size) if size.isdecimal() and len(size) < 16 else None


class Provider(Scythe):
    """Asks one provider; `shown` is its address in messages."""

    def __init__(self, url: str, client: Client) -> None:
        super().__init__(url, iterator=OAIResponseIterator)
        self._session, self.shown = client.session, address(url)

    def harvest(self, query: dict[str, str]) -> Answer:
        """Raises FetchError, and OAIPMHException for the provider's own errors, whatever status they come with."""
        response = self._session.get(self.endpoint, params=query)
        failed = f"answered {response.status_code} {response.reason or ''}".rstrip()
        is_failed = response.status_code >= 400
        _, charset = content_type(response.headers.get("Content-Type"))
        try:
            read = _read(response.content, charset)
        except NotXml as error:
            self.refuse(failed if is_failed else str(error), error)
        answer = Answer(_normal(read), query)
        answer.raise_for_oaipmh_error()
        if is_failed:
            self.refuse(failed)
        if read.root.tag != f"{OAI}OAI-PMH":
            told = f"answered XML that is no OAI-PMH 2.0, but <{str(read.root.tag)[:100]}>"
            self.refuse(f"{told}. Check url in the source file")
        return answer

    def refuse(self, told: str, cause: Exception | None = None) -> NoReturn:
        raise FetchError(f"{self.shown}: {told}. {INCOMPLETE}") from cause

    def formats(self) -> list[str]:
        """The prefixes that the provider says it has."""
        root = self.harvest({"verb": "ListMetadataFormats"}).xml
        found = (node.text or "" for node in root.iter(f"{OAI}metadataPrefix"))
        return sorted(name.strip()[:60] for name in found if name.strip())[:30]

    def tells_seconds(self) -> bool:
        """Whether its datestamps are moments; otherwise days."""
        root = self.harvest({"verb": "Identify"}).xml
        return "T" in (root.findtext(f"{OAI}Identify/{OAI}granularity") or "").upper()


def _normal(read: _Read) -> _Read:
    """Blanks around a token are the provider's layout; a code that the protocol does not know is no class's name."""
    for token in read.root.iter(f"{OAI}resumptionToken"):
        token.text = (token.text or "").strip()
    for error in read.root.findall(f"{OAI}error"):
        code, words = error.get("code", "").strip(), " ".join((error.text or "").split())
        error.set("code", code if code in _CODES else "")
        error.text = words if code in _CODES else f"{code[:60]!r} {words}".rstrip()
    return read


def _read(body: bytes, charset: str | None) -> _Read:
    """Whole, else with its letters mended, else record by record. Raises NotXml that says what came instead."""
    head = body[:2000].decode("utf-8", "replace")
    if WEB_PAGE.match(head):
        title = _TITLE.search(head)
        words = " ".join(title[1].split()) if title else ""
        told = f"answered with a web page in place of OAI-PMH: {words!r}"
        raise NotXml(f"{told}. Check url in the source file")
    with suppress(NotXml):
        return _Read(element(body))
    text = mended(text_of(body, charset))
    if not text:
        raise NotXml("answered with an empty document")
    try:
        with suppress(NotXml):
            return _Read(element(text))
        return _by_record(text)
    except NotXml as error:
        raise NotXml(f"answered what is no XML ({error}): {' '.join(head[:200].split())!r}") from error


def _by_record(text: str) -> _Read:
    """Raises NotXml where even what is around the records is broken."""
    found = list(_RECORD.finditer(text))
    if not found:
        return _Read(element(text))
    begin, prefix = found[0].start(), found[0]["prefix"]
    end = next((rest.start() for rest in _REST.finditer(text, found[-1].start())), len(text))
    head, close = text[:begin], f"</{prefix}ListRecords></{prefix}OAI-PMH>"
    if len(head) > _MOST_HEAD:
        raise NotXml("there are broken records, and too much before them to be read with each")
    is_cut = False
    try:
        root = element(head + text[end:])
    except NotXml:
        root, is_cut = element(head + close), True
    records: list[Any] = []
    broken: list[Broken] = []
    places = [record.start() for record in found]
    for start, stop in zip(places, [*places[1:], end], strict=True):
        try:
            records += element(head + text[start:stop] + close).iterfind(f"{OAI}ListRecords/{OAI}record")
        except NotXml as error:
            if not (is_cut and stop == end):  # what the cut went through is no broken record
                broken.append(_broken(text[start:stop], error))
    listing = root.find(f"{OAI}ListRecords")
    if listing is None:
        raise NotXml("there are records, but no list around them")
    listing[:0] = records
    return _Read(root, tuple(broken), is_cut)


def _broken(text: str, error: NotXml) -> Broken:
    identifier = _IDENTIFIER.search(text)
    return Broken(html.unescape(identifier[1]) if identifier else "", text.rstrip(), str(error))
