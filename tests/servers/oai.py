"""A real OAI-PMH provider on loopback, PyPI's `oaipmh`, whose records a test changes while it answers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from lxml import etree
from oaipmh import common, error, metadata, server

from hub.model import Source
from tests.servers.loopback import Answer, Question, serving

BEGIN = datetime(2026, 1, 1)  # of the first record; each further one is an hour younger
BATCH = 4  # records an answer
_ELEMENTS = (
    *("title", "creator", "subject", "description", "publisher", "contributor", "date", "type", "format"),
    *("identifier", "source", "language", "relation", "coverage", "rights"),
)


@dataclass(frozen=True)
class Entry:
    identifier: str
    moment: datetime  # UTC
    sets: tuple[str, ...] = ()
    deleted: bool = False
    elements: dict[str, list[str]] = field(default_factory=dict)
    rdf: str = ""  # what the prefix `rdf` gives


@dataclass
class Provider:
    """`entries` by identifier; `asked` are the questions so far; the next `expired` tokens are not known any more."""

    url: str = ""
    host: str = ""
    granularity: str = "YYYY-MM-DDThh:mm:ssZ"
    entries: dict[str, Entry] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    expired: int = 0

    def put(self, number: int, *sets: str, title: str = "", moment: datetime | None = None, rdf: str = "") -> str:
        """Makes or changes a record, which is a valid practice; its identifier."""
        identifier = f"oai:provider.example:{number}"
        said = {
            "title": [title or f"Il tetto di via {number}"],
            "description": [f"I vicini del numero {number} hanno isolato il tetto del teatro."],
            "identifier": [f"https://provider.example/{number}"],
            "rights": ["CC BY 4.0"],
        }
        elements = {name: said.get(name, []) for name in _ELEMENTS}
        then = moment or BEGIN + timedelta(hours=number)
        self.entries[identifier] = Entry(identifier, then, sets, elements=elements, rdf=rdf)
        return identifier

    def delete(self, identifier: str, moment: datetime) -> None:
        self.entries[identifier] = replace(self.entries[identifier], moment=moment, deleted=True)

    def source(self, **more: Any) -> Source:
        format = more.pop("format", "oai_dc")
        return Source("provider", {"en": "Provider"}, "ITA", "it", "oai-pmh", self.url, format, **more)

    @property
    def lists(self) -> list[dict[str, str]]:
        """The questions for records, without their verb."""
        return [{k: v for k, v in q.items() if k != "verb"} for q in self.asked if q.get("verb") == "ListRecords"]


class _Repository:
    """What the library asks of a repository: its interface IBatchingOAI."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def identify(self) -> common.Identify:
        return common.Identify(
            repositoryName="Provider",
            baseURL=self._provider.url,
            protocolVersion="2.0",
            adminEmails=["a@provider.example"],
            earliestDatestamp=BEGIN,
            deletedRecord="persistent",
            granularity=self._provider.granularity,
            compression=["identity"],
            toolkit_description=False,
        )

    def listMetadataFormats(self, identifier: str | None = None) -> list[tuple[str, str, str]]:
        names = ("oai_dc", "rdf")
        return [(name, f"https://provider.example/{name}.xsd", f"https://provider.example/{name}/") for name in names]

    def listRecords(self, **asked: Any) -> list[tuple[Any, Any, None]]:
        return [
            (
                common.Header(None, entry.identifier, entry.moment, list(entry.sets), entry.deleted),
                None if entry.deleted else common.Metadata(None, {**entry.elements, "rdf": entry.rdf}),
                None,
            )
            for entry in self._chosen(**asked)
        ]

    def _chosen(self, cursor: int = 0, batch_size: int = BATCH, **asked: Any) -> Sequence[Entry]:
        if cursor and self._provider.expired:
            self._provider.expired -= 1
            raise error.BadResumptionTokenError("The token is too old.")
        entries = sorted(self._provider.entries.values(), key=lambda entry: (entry.moment, entry.identifier))
        name, begin = asked.get("set"), asked.get("from_")
        there = [e for e in entries if (not name or name in e.sets) and (not begin or e.moment >= begin)]
        if there and asked["metadataPrefix"] not in ("oai_dc", "rdf"):
            raise error.CannotDisseminateFormatError("No such format.")
        return there[cursor : cursor + batch_size]


def _write_rdf(element: Any, told: common.Metadata) -> None:
    element.append(etree.fromstring(told.getField("rdf")))


@contextmanager
def oai_provider() -> Iterator[Provider]:
    provider = Provider()
    registry = metadata.MetadataRegistry()
    registry.registerWriter("oai_dc", server.oai_dc_writer)
    registry.registerWriter("rdf", _write_rdf)
    real = server.BatchingServer(_Repository(provider), metadata_registry=registry, resumption_batch_size=BATCH)

    def answer(question: Question) -> Answer:
        provider.asked.append(dict(question.query))
        return Answer(real.handleRequest(dict(question.query)), media_type="text/xml; charset=utf-8")

    with serving(answer) as opened:
        provider.url, provider.host = f"{opened.url}/oai", opened.host
        yield provider
