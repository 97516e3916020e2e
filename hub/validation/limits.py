"""What each constraint allows, in words that a message can hold: never an IRI."""

from collections.abc import Iterator, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Store, parse

from hub.namespaces import RDF, SH
from hub.profile import Profile
from hub.validation.results import Term

COMPONENT = "ConstraintComponent"
SHAPES = ("property", "node", "not")  # parameters whose values are shapes, which have no name that helps
PATHS = ("equals", "disjoint", "lessThan", "lessThanOrEquals")  # parameters that name another property


class Limits:
    """The constraints' parameters by shape and component: a number, a pattern, a type's name, a list's notations."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._store = Store()
        self._store.extend(parse(profile.shapes, format=RdfFormat.TURTLE))
        self._keys: dict[str, str] = {}
        for field in profile.by_shape.values():
            self._keys.setdefault(field.path, field.key)
        self._known: Mapping[tuple[str, str], str] = self._read()

    def __call__(self, shape: str, component: str) -> str | None:
        return self._known.get((shape, component.removesuffix(COMPONENT)))

    def _read(self) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], list[str]] = {}
        for quad in self._store:
            parameter = quad.predicate.value.removeprefix(str(SH))
            if isinstance(quad.subject, NamedNode) and parameter != quad.predicate.value:
                shape, component = quad.subject.value, parameter[0].upper() + parameter[1:]
                found.setdefault((shape, component), []).extend(self._words(shape, parameter, quad.object))
        return {key: ", ".join(sorted(words)) for key, words in found.items() if words}

    def _words(self, shape: str, parameter: str, value: object) -> Iterator[str]:
        field = self._profile.by_shape.get(shape)
        if parameter == "node" and field and field.scheme:
            yield from (self._profile.concepts[iri].notation for iri in self._profile.schemes[field.scheme].concepts)
        elif isinstance(value, BlankNode):
            yield from (self._word(parameter, member) for member in self._members(value))
        elif isinstance(value, NamedNode | Literal) and parameter not in SHAPES:
            yield self._word(parameter, value)

    def _members(self, head: BlankNode) -> Iterator[NamedNode | Literal]:
        """The named members of a list; shapes in it have no name."""
        rest: object = head
        while isinstance(rest, BlankNode):
            for first in self._objects(rest, RDF.first):
                if isinstance(first, NamedNode | Literal):
                    yield first
            rest = next(iter(self._objects(rest, RDF.rest)), None)

    def _objects(self, subject: BlankNode, predicate: NamedNode) -> list[object]:
        return [quad.object for quad in self._store.quads_for_pattern(subject, predicate, None)]

    def _word(self, parameter: str, value: Term) -> str:
        if isinstance(value, Literal):
            return value.value
        if parameter in PATHS and value.value in self._keys:
            return self._keys[value.value]
        concept = self._profile.concepts.get(value.value)
        return concept.notation if concept else value.value.rpartition("#")[2].rpartition("/")[2]
