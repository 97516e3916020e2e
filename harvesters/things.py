"""What a web page tells of: which of its nodes are records of ours, and what each is called."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from harvesters.closure import Node, by_subject
from harvesters.nodes import SHARED, Kinds, kind_of, plain, record_of, types
from harvesters.payloads import identifier_of
from hub.model import RawRecord
from hub.namespaces import SCHEMA, slug


def _schema(names: str) -> str:
    return " ".join(f"schema:{name}" for name in names.split())


# What a page may be of ours where the source file does not say. Articles of the day (NewsArticle, BlogPosting) tell
# news of a practice, and a LocalBusiness is a shop: a site that means more by them names them in [select].
DEFAULT: Final[Mapping[str, str]] = {
    "practice": "coped:GoodPractice " + _schema("Project ResearchProject CreativeWork Article TechArticle Report"),
    "event": "m8g:PublicEvent "
    + _schema(
        "Event BusinessEvent ChildrensEvent CourseInstance DanceEvent EducationEvent ExhibitionEvent Festival "
        "Hackathon LiteraryEvent MusicEvent ScreeningEvent SocialEvent TheaterEvent VisualArtsEvent"
    ),
    "venue": "coped:Venue "
    + _schema(
        "Place CivicStructure EventVenue LandmarksOrHistoricalBuildings Library MovieTheater Museum MusicVenue "
        "PerformingArtsTheater"
    ),
    "organisation": "org:Organization "
    + _schema(
        "Organization Consortium Cooperative EducationalOrganization GovernmentOrganization NGO PerformingGroup "
        "ResearchOrganization TheaterGroup"
    ),
}
# Nodes that describe the page and its site: a record does not embed them, and is no part of theirs.
_CHROME: Final = frozenset(
    SCHEMA[name].value
    for name in re.findall(
        r"\w+",
        "WebPage AboutPage CheckoutPage CollectionPage ContactPage FAQPage ItemPage ProfilePage QAPage WebSite "
        "SearchResultsPage WebPageElement SiteNavigationElement WPAdBlock WPFooter WPHeader WPSideBar BreadcrumbList "
        "ItemList ListItem Action ReadAction SearchAction CommentAction EntryPoint Comment",
    )
)
_NAMES: Final = frozenset((SCHEMA.name.value, SCHEMA.headline.value))


@dataclass(frozen=True, slots=True)
class Thing:
    """`names` are what it may be called, the best first; `label` is what it calls itself."""

    names: tuple[str, ...]
    label: str
    record: RawRecord  # still without identifier


def key_of(url: str) -> str:
    """An address however it is written: with or without http's s, the last slash and a fragment."""
    return url.partition("#")[0].partition("://")[2].rstrip("/")


class PageThings:
    """The things of one page: what is a part of nothing else on it, or has the page's own address.

    `addresses` are the page's, the one that it prefers first.
    """

    def __init__(self, triples: Iterable[Triple], addresses: Sequence[str], kinds: Kinds) -> None:
        self._triples, self._addresses = list(triples), addresses
        self._pages = {key_of(address) for address in addresses}
        self._said = by_subject(self._triples)
        self._kinds = {node: kind for node, said in self._said.items() if (kind := kind_of(said, kinds))}
        self._chrome = {n for n, said in self._said.items() if n not in self._kinds and types(said) & _CHROME}
        self._parts = {t.object for t in self._triples if t.subject not in self._chrome and t.subject != t.object}

    def records(self, is_elsewhere: Callable[[str], bool], *, only_own: bool) -> list[Thing]:
        """In the order of their names; of what the page tells twice, the one of which it says more.

        `is_elsewhere` says of an address that it is another page's, which tells what is there. `only_own` leaves out
        what has the address of no page: which page tells it first must not depend on which pages changed.
        """
        names = {
            node: (identifier_of(address), *(self._addresses if isinstance(node, BlankNode) else ()))
            for node in self._kinds
            if (address := self._address(node)) and self._is_told_here(node, address, is_elsewhere, only_own)
        }
        names |= self._anonymous({(self._kinds[node], self._label(node)) for node in names})
        iris = {node: iri for node, called in names.items() if (iri := self._iri_for(node, called[0]))}
        about = by_subject(_renamed(self._triples, iris))
        fences = dict.fromkeys(self._chrome, False)
        fences |= {iris.get(node, node): self._kinds[node] in SHARED for node in names}
        best: dict[tuple[str, str], Thing] = {}
        for node, called in names.items():
            record = record_of(iris.get(node, node), self._kinds[node], about, fences)
            thing = Thing(called, self._label(node), record)
            key = record.kind, called[0]
            best[key] = max(best.get(key, thing), thing, key=lambda one: (len(one.record.payload), one.record.payload))
        return [best[key] for key in sorted(best)]

    def _address(self, node: Node) -> str | None:
        """Its IRI, else the address that it states."""
        if isinstance(node, NamedNode):
            return node.value
        stated = (t.object for t in self._said[node] if plain(t.predicate.value) == SCHEMA.url.value)
        urls = [url.value for url in stated if isinstance(url, NamedNode | Literal)]
        return min((url for url in urls if url.startswith(("http://", "https://"))), default=None)

    def _is_told_here(self, node: Node, address: str, is_elsewhere: Callable[[str], bool], only_own: bool) -> bool:
        is_own = key_of(address) in self._pages
        if node in self._parts and not (is_own and isinstance(node, NamedNode) and "#" not in address):
            return False
        return is_own or not (only_own or is_elsewhere(address))

    def _anonymous(self, told: set[tuple[str, str]]) -> dict[Node, tuple[str, ...]]:
        """Things without address: the only one of its kind has the page's, of several each with its name behind.

        `told` are kinds and names of what the page has with an address as well, in another syntax.
        """
        names: dict[str, dict[str, list[Node]]] = {}
        for node, kind in self._kinds.items():
            label = self._label(node)
            if self._address(node) is None and node not in self._parts and (not label or (kind, label) not in told):
                names.setdefault(kind, {}).setdefault(label, []).append(node)
        return {
            node: tuple(address if len(labels) == 1 else f"{address}#{slug(label)}" for address in self._addresses)
            for labels in names.values()
            for label, nodes in labels.items()
            for node in nodes
        }

    def _label(self, node: Node) -> str:
        said = (t.object for t in self._said[node] if plain(t.predicate.value) in _NAMES)
        return min((" ".join(text.value.split()) for text in said if isinstance(text, Literal)), default="")

    def _iri_for(self, node: Node, name: str) -> NamedNode | None:
        """Its name as an IRI for a blank node, where that is not something else's."""
        with suppress(ValueError):
            iri = NamedNode(name)
            return iri if isinstance(node, BlankNode) and iri not in self._said else None
        return None


def _renamed(triples: Iterable[Triple], iris: Mapping[Any, NamedNode]) -> list[Triple]:
    return [Triple(iris.get(t.subject, t.subject), t.predicate, iris.get(t.object, t.object)) for t in triples]
