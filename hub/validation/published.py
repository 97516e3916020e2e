"""The shapes for other validators: every constraint with its message in seven languages (`sh:message`).

SHACL gives the messages of a shape to all its results, so a property shape with several constraints becomes one for
each, named after it (`…/practice-title` and `…/practice-title-minCount`); what it says to people stays where it was.
The value found is not known here: the messages have … in its place, a report has it in `sh:value`.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, parse, serialize
from rdflib import Graph

from hub.languages import LANGUAGES
from hub.model import Result
from hub.namespaces import PREFIXES, RDF, SH, Namespace
from hub.profile import Profile
from hub.validation.limits import COMPONENT, Limits

Shape = NamedNode | BlankNode
DASH: Final = Namespace("http://datashapes.org/dash#")
SHAPE: Final = Namespace("https://w3id.org/co-ped/shape/")
TARGETS: Final = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
QUALIFIED: Final = ("qualifiedValueShape", "qualifiedValueShapesDisjoint")
# Parameters that are no constraint alone; the others are one each.
WITH: Final[Mapping[str, tuple[str, ...]]] = {
    "pattern": ("flags",), "qualifiedMinCount": QUALIFIED, "qualifiedMaxCount": QUALIFIED,
    "closed": ("ignoredProperties",),
}  # fmt: skip
NO_CONSTRAINT: Final = {
    "path", "name", "description", "order", "group", "codeIdentifier", "defaultValue", "property", "severity",
    "message", "deactivated", "sparql", "rule", "target", *(target.value.rpartition("#")[2] for target in TARGETS),
    *(parameter for others in WITH.values() for parameter in others),
}  # fmt: skip
KEPT: Final = (SH.path, SH.severity, SH.deactivated)
HEAD: Final = """\
# The application profile of Co-ped, written from its shapes, with a message for each constraint.
# A message has … where the value found belongs; a report tells it in sh:value. Edition {digest}

"""


@lru_cache(maxsize=2)
def published_shapes(profile: Profile) -> str:
    """Turtle; the same results as the profile's own shapes, each with its messages."""
    store = Store()
    store.extend(parse(profile.shapes, format=RdfFormat.TURTLE))
    _Writer(profile, store).write()
    graph = Graph()
    for prefix, base in {**PREFIXES, "dash": DASH, "shape": SHAPE}.items():
        graph.bind(prefix, str(base))
    graph.parse(data=serialize(store, format=RdfFormat.N_TRIPLES) or b"", format="nt")
    return HEAD.format(digest=profile.digest[:12]) + graph.serialize(format="turtle")


class _Writer:
    def __init__(self, profile: Profile, store: Store) -> None:
        self._profile, self._store, self._limits = profile, store, Limits(profile)

    def write(self) -> None:
        for shape in self._reported():
            parameters = self._constraints(shape)
            own_words = list(self._store.quads_for_pattern(shape, SH.message, None))
            for quad in own_words:
                self._store.remove(quad)  # said again without placeholders
            if len(parameters) == 1 or (parameters and (own_words or not self._values(shape, SH.path))):
                self._say(shape, shape, parameters[:1] if own_words else parameters)
            else:
                for parameter in parameters:
                    self._say(self._parted(shape, parameter), shape, [parameter])

    def _reported(self) -> list[Shape]:
        """The shapes that results come from: those with a target, and the property shapes below them."""
        targeted = [quad.subject for target in TARGETS for quad in self._store.quads_for_pattern(None, target, None)]
        found = list(dict.fromkeys(s for s in targeted if isinstance(s, NamedNode | BlankNode)))
        for shape in found:
            found += [below for below in self._values(shape, SH.property) if below not in found]  # type: ignore[misc]
        return sorted(found, key=str)

    def _values(self, shape: Shape, predicate: NamedNode) -> list[NamedNode | BlankNode | Literal]:
        quads = self._store.quads_for_pattern(shape, predicate, None)
        return [quad.object for quad in quads if isinstance(quad.object, NamedNode | BlankNode | Literal)]

    def _constraints(self, shape: Shape) -> list[str]:
        names = {quad.predicate.value for quad in self._store.quads_for_pattern(shape, None, None)}
        local = {name.removeprefix(str(SH)) for name in names if name.startswith(str(SH))}
        return sorted(local - NO_CONSTRAINT)

    def _parted(self, shape: Shape, parameter: str) -> Shape:
        """A shape of its own for one constraint, beside the shape that it is taken from."""
        part = NamedNode(f"{shape.value}-{parameter}") if isinstance(shape, NamedNode) else BlankNode()
        for name in (parameter, *WITH.get(parameter, ())):
            for value in self._values(shape, SH[name]):
                self._store.add(Quad(part, SH[name], value))
        for name in (parameter, *WITH.get(parameter, ())):
            for quad in list(self._store.quads_for_pattern(shape, SH[name], None)):
                self._store.remove(quad)
        return self._beside(part, shape)

    def _beside(self, part: Shape, shape: Shape) -> Shape:
        self._store.add(Quad(part, RDF.type, SH.PropertyShape))
        for predicate in KEPT:
            self._store.extend(Quad(part, predicate, value) for value in self._values(shape, predicate))
        parents = [quad.subject for quad in self._store.quads_for_pattern(None, SH.property, shape)]
        self._store.extend(Quad(parent, SH.property, part) for parent in parents)
        return part

    def _say(self, part: Shape, shape: Shape, parameters: list[str]) -> None:
        for language, text in self._messages(shape, parameters):
            self._store.add(Quad(part, SH.message, Literal(text, language=language)))

    def _messages(self, shape: Shape, parameters: list[str]) -> Iterator[tuple[str, str]]:
        """What the templates say of a shape's constraints, without the value that is found."""
        path = next((value.value for value in self._values(shape, SH.path)), "")
        found = []
        for parameter in parameters:
            component = f"{parameter[0].upper()}{parameter[1:]}{COMPONENT}"
            limit = self._limits(shape.value, component)
            found.append(Result("", path, "…", component, shape.value, "Violation", limit))
        for language in LANGUAGES:
            yield language, " ".join(self._profile.message(told, language) for told in found)
