"""Writes a record's draft as a graph without blank nodes, with what the hub adds to every record of a source."""

from pyoxigraph import Literal, NamedNode, Triple

from harvesters.crosswalks.drafts import ORGANISATION, SHARED, Draft, Said, record_draft
from harvesters.crosswalks.licences import is_stated
from harvesters.crosswalks.reading import Reader, address, is_address
from harvesters.crosswalks.settling import Settling
from hub.model import Mapped, Note, RawRecord, Source
from hub.namespaces import FOAF, RDF, record_iri
from hub.profile import Field


class GraphBuilder:
    """The graph of one record. A crosswalk fills `draft` in, then asks for `mapped`."""

    def __init__(self, raw: RawRecord, source: Source, record: NamedNode, base: str) -> None:
        self.draft = record_draft(raw.kind)
        self.record, self._raw, self._source, self._base = record, raw, source, base
        self._reader = Reader(source.language)
        self._triples: set[Triple] = set()
        self._notes: list[Note] = []

    def note(self, key: str, value: str) -> None:
        self._notes.append(Note(key, value))

    def mapped(self, origin: str | None = None) -> Mapped:
        """The record's graph; `origin` is its address at the source. Raises Rejected."""
        settling = Settling(self._source.language, self._source.country)
        settling.settle(self.draft)
        self._notes += settling.notes
        self._add_identity(origin)
        self._add_defaults()
        self._write(self.draft, self.record)
        return Mapped(frozenset(self._triples), tuple(sorted(set(self._notes), key=lambda n: (n.field, n.value))))

    def _add_identity(self, origin: str | None) -> None:
        self.draft.say("identifier", Said(self._raw.identifier))
        if origin and is_address(origin):
            self.draft.said["origin"] = [Said(origin)]

    def _add_defaults(self) -> None:
        """The source's country and licence, where the record states none."""
        if "country" in self.draft.fields and not self.draft.said.get("country"):
            self.draft.say("country", Said(self._source.country))
        stated = [said for said in self.draft.said.pop("licence", []) if is_stated(str(said.value))]
        default = [Said(self._source.licence)] if self._source.licence else []
        if "licence" in self.draft.fields and (stated or default):
            self.draft.said["licence"] = stated or default

    def _write(self, draft: Draft, subject: NamedNode) -> None:
        self._triples.add(Triple(subject, RDF.type, NamedNode(draft.node_class)))
        if draft.node_class == ORGANISATION:
            self._triples.add(Triple(subject, RDF.type, FOAF.Agent))  # DCAT-AP's class for who publishes
        for key, values in draft.said.items():
            if key in draft.fields:
                self._write_values(subject, draft.fields[key], values)
        for key, parts in draft.parts.items():
            for number, part in parts.items():
                node = self._node(subject, key, number, part)
                self._triples.add(Triple(subject, NamedNode(draft.fields[key].path), node))
                self._write(part, node)

    def _write_values(self, subject: NamedNode, field: Field, values: list[Said]) -> None:
        terms: list[NamedNode | Literal] = []
        unread: list[str] = []
        if (field.limits.get("datatype") or "").endswith("langString"):
            texts, unread = self._reader.texts(field, values)
            terms += texts
        else:
            for said in values:
                found, rest = self._reader.read(field, said.value)
                terms, unread = terms + found, unread + rest
        path = NamedNode(field.path)
        self._triples |= {Triple(subject, path, term) for term in terms}
        self._notes += [Note(field.key, value) for value in unread]

    def _node(self, subject: NamedNode, key: str, number: str, part: Draft) -> NamedNode:
        """The IRI of what is embedded: shared by all who name its identifier, else a fragment (design §2)."""
        kind = SHARED.get(part.node_class)
        said = [text for one in part.said.get("identifier", []) if (text := str(one.value).strip())]
        iris = [part.iri] if part.iri else []
        if not kind or not (said or iris):
            return self.fragment(subject, key, number)
        for name in (*iris, *said):
            if is_address(name) and (origin := address(name)):
                part.said["origin"] = [Said(origin.value)]
                part.said["identifier"] = [Said(text) for text in said if text != name]
                break
        return record_iri(self._base, kind, self._source.key, (*said, *iris)[0])

    @staticmethod
    def fragment(subject: NamedNode, key: str, number: str) -> NamedNode:
        """`{record}#indicator-2`, and of what that embeds `{record}#funding-1-funder-1`."""
        return NamedNode(f"{subject.value}{'-' if '#' in subject.value else '#'}{key}-{number}")
