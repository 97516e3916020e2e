"""A DCAT catalogue in pages, with Hydra's links between them in either form that portals write.

`catalogue.ttl` describes the catalogue; each file in `records/`, such as `01-key.ttl`, describes one record, whose
dct:identifier is the key.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize

from harvesters.samples.exchange import Answer, Question, told
from hub.namespaces import DCAT, DCT, FOAF, HYDRA, PREFIXES, RDF

FORMATS = {
    "ttl": RdfFormat.TURTLE,
    "rdf": RdfFormat.RDF_XML,
    "xml": RdfFormat.RDF_XML,
    "nt": RdfFormat.N_TRIPLES,
    "jsonld": RdfFormat.JSON_LD,
}
MOST = 1000
_PREFIXES = {name: str(namespace) for name, namespace in PREFIXES.items()} | {"foaf": str(FOAF), "hydra": str(HYDRA)}


@dataclass(frozen=True, slots=True)
class View:
    """One page among its kind: what Hydra says about it."""

    address: Callable[[int], str]
    number: int
    last: int
    size: int
    total: int


Node = NamedNode | BlankNode
Links = Callable[[Node, View], list[Triple]]


def current_links(catalogue: Node, view: View) -> list[Triple]:
    """hydra:PartialCollectionView, links as IRIs, the catalogue itself the collection; udata writes it so."""
    page = NamedNode(view.address(view.number))
    links = {"first": 1, "last": view.last}
    links |= {"next": view.number + 1} if view.number < view.last else {}
    links |= {"previous": view.number - 1} if view.number > 1 else {}
    return [
        Triple(catalogue, RDF.type, HYDRA.Collection),
        Triple(catalogue, HYDRA.totalItems, Literal(view.total)),
        Triple(catalogue, HYDRA.view, page),
        Triple(page, RDF.type, HYDRA.PartialCollectionView),
        *(Triple(page, HYDRA[name], NamedNode(view.address(number))) for name, number in links.items()),
    ]


def old_links(_: Node, view: View) -> list[Triple]:
    """hydra:PagedCollection of Hydra's drafts before 2015, links as literals; ckanext-dcat wrote it so for years."""
    page = NamedNode(view.address(view.number))
    links = {"firstPage": 1, "lastPage": view.last}
    links |= {"nextPage": view.number + 1} if view.number < view.last else {}
    links |= {"previousPage": view.number - 1} if view.number > 1 else {}
    return [
        Triple(page, RDF.type, HYDRA.PagedCollection),
        Triple(page, HYDRA.totalItems, Literal(view.total)),
        Triple(page, HYDRA.itemsPerPage, Literal(view.size)),
        *(Triple(page, HYDRA[name], Literal(view.address(number))) for name, number in links.items()),
    ]


class CataloguePages:
    """One catalogue; `path` in a question is its address and the extension that says the format."""

    def __init__(self, folder: Path, base: str, extension: str, page_size: int, links: Links) -> None:
        self._base, self._extension, self._page_size, self._links = base, extension, page_size, links
        self._about = _read(folder / "catalogue.ttl")
        self._catalogue = _subject(self._about, RDF.type, DCAT.Catalog)
        self._records = [_Record.read(file) for file in sorted((folder / "records").glob("*.ttl"))]
        self._modified = _modified(self._about)

    def __call__(self, question: Question) -> Answer:
        extension = question.path.removeprefix(self._base).removeprefix(".") or self._extension
        if not question.path.startswith(self._base) or extension not in FORMATS:
            return told(HTTPStatus.NOT_FOUND, f"Not found: the catalogue is {self._base}.{self._extension}")
        number, size = question.value("page", "1"), question.value("page_size", str(self._page_size))
        if not (number.isdecimal() and size.isdecimal() and 0 < int(size) <= MOST):
            return told(HTTPStatus.BAD_REQUEST, f"page and page_size must be numbers, page_size from 1 to {MOST}")
        view = self._view(question.site, extension, int(number), int(size))
        if not 1 <= view.number <= view.last:
            return told(HTTPStatus.NOT_FOUND, f"There is no page {view.number}; the last one is {view.last}")
        media_type = f"{FORMATS[extension].media_type}; charset=utf-8"
        return Answer(self._page(view, extension), media_type, modified=self._modified)

    def _view(self, site: str, extension: str, number: int, size: int) -> View:
        def address(page: int) -> str:
            return f"{site}{self._base}.{extension}?{urlencode({'page': page, 'page_size': size})}"

        total = len(self._records)
        return View(address, number, max(1, -(-total // size)), size, total)

    def _page(self, view: View, extension: str) -> bytes:
        start = (view.number - 1) * view.size
        records = self._records[start : start + view.size]
        listed = [Triple(self._catalogue, record.listed_by, record.node) for record in records]
        triples = [*self._links(self._catalogue, view), *self._about, *listed]
        triples += [triple for record in records for triple in record.triples]
        return serialize(dict.fromkeys(triples), format=FORMATS[extension], prefixes=_PREFIXES) or b""


@dataclass(frozen=True, slots=True)
class _Record:
    node: Node
    listed_by: NamedNode
    triples: Sequence[Triple]

    @classmethod
    def read(cls, file: Path) -> "_Record":
        """A dataset is listed by dcat:dataset; what is none, such as a venue, by dcat:resource (DCAT 3)."""
        triples = _read(file)
        node = _subject(triples, DCT.identifier, Literal(file.stem.partition("-")[2]))
        listed_by = DCAT.dataset if Triple(node, RDF.type, DCAT.Dataset) in triples else DCAT.resource
        return cls(node, listed_by, triples)


def _subject(triples: Iterable[Triple], predicate: NamedNode, value: NamedNode | Literal) -> Node:
    for triple in triples:
        if triple.predicate == predicate and triple.object == value and not isinstance(triple.subject, Triple):
            return triple.subject
    raise ValueError(f"nothing has {predicate} {value}")


def _modified(triples: Iterable[Triple]) -> datetime:
    """The catalogue's own dct:modified, a day."""
    days = (t.object for t in triples if t.predicate == DCT.modified)
    return max(datetime.fromisoformat(day.value).replace(tzinfo=UTC) for day in days if isinstance(day, Literal))


def _read(file: Path) -> list[Triple]:
    """A file's triples; blank nodes are named after the file, so that every start serves the same bytes.

    The names begin with a letter, as RDF/XML wants it of rdf:nodeID.
    """
    names: dict[str, BlankNode] = {}

    def named(node: object) -> object:
        if not isinstance(node, BlankNode):
            return node
        return names.setdefault(node.value, BlankNode(f"n{file.stem}-{len(names) + 1}"))

    triples = [quad.triple for quad in parse(path=file, format=RdfFormat.TURTLE)]
    return [Triple(named(t.subject), t.predicate, named(t.object)) for t in triples]  # type: ignore[arg-type]
