"""A property shape as the rest of the hub sees it: a `Field`; a node shape with a kind: a `Kind`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode

from hub.namespaces import COPED, RDF, SH, SKOS, Namespace
from hub.profile.turtle import Node, Statements

DASH = Namespace("http://datashapes.org/dash#")
LIMITS = ("minCount", "maxCount", "maxLength", "minLength", "datatype", "class", "nodeKind", "pattern", "minInclusive",
          "maxInclusive", "lessThanOrEquals", "hasValue", "node", "uniqueLang")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    key: str
    target: str
    names: Mapping[str, str]
    shape: str


@dataclass(frozen=True, slots=True)
class Field:
    """One property shape. `path` is the property's IRI; `index_path` leads on to nested values (default: `path` alone).

    `scheme` is the concept scheme that the values belong to; `limits` holds the constraints by the local name of their
    SHACL parameter; `order` sorts by group and then within it; `datatypes` are all that `sh:datatype` or `sh:or` allow;
    `coming` announces a tightening (coped:futureChange); `quality` is the dimension that it counts for, with its
    `points` as a share of that one's.
    """

    key: str
    kind: str
    shape: str
    path: str
    name: Mapping[str, str]
    description: Mapping[str, str]
    group: str | None
    order: tuple[float, float]
    weight: str | None
    index_as: str | None
    index_path: tuple[str, ...]
    facet: bool
    role: str | None
    quality: str | None
    points: float
    datatype: str | None
    datatypes: tuple[str, ...]
    node_class: str | None
    node_kind: str | None
    min: int
    max: int | None
    recommended: bool
    scheme: str | None
    allowed: tuple[str, ...]
    limits: Mapping[str, str]
    severity: str
    coming: Mapping[str, str]
    editor: str | None
    viewer: str | None

    @property
    def is_inner(self) -> bool:
        """Whether it only says where to look inside what another field of the same property holds."""
        return len(self.index_path) > 1 and self.node_class is None


def _nodes_with_kinds(data: Statements) -> list[tuple[Node, str, str | None]]:
    """The node shapes, each with the class it targets and its kind (None for what records embed)."""
    shapes = [node for node in data.subjects(RDF.type, SH.NodeShape) if data.one(node, SH.targetClass)]
    return [(node, data.one(node, SH.targetClass) or "", data.one(node, COPED.kind)) for node in shapes]


def read_kinds(data: Statements) -> dict[str, Kind]:
    kinds = [
        Kind(kind, target, data.texts(node, SH.name), node.value)
        for node, target, kind in _nodes_with_kinds(data)
        if kind
    ]
    return {kind.key: kind for kind in sorted(kinds, key=lambda k: k.key != "practice")}


def read_embedded(data: Statements) -> dict[str, Kind]:
    """What records embed, by its class; as kinds whose key is empty."""
    found = [
        (target, data.texts(node, SH.name), node.value) for node, target, kind in _nodes_with_kinds(data) if not kind
    ]
    return {target: Kind("", target, names, shape) for target, names, shape in sorted(found, key=lambda row: row[0])}


def read_fields(data: Statements) -> dict[tuple[str, str], tuple[Field, ...]]:
    """The fields by (kind, target class), in the order of their groups; kind is "" for what records embed."""
    return {(kind or "", target): _fields_of(data, node, kind or "") for node, target, kind in _nodes_with_kinds(data)}


def _fields_of(data: Statements, node: Node, kind: str) -> tuple[Field, ...]:
    shapes = data.nodes(node, SH.property)
    recommended = {
        data.one(shape, SH.path)
        for shape in shapes
        if data.one(shape, SH.severity) == SH.Warning.value and data.one(shape, SH.minCount)
    }
    coming = {data.one(shape, SH.path): _coming(data, shape) for shape in shapes if data.one(shape, COPED.futureChange)}
    fields = [_field(data, shape, kind) for shape in shapes if data.one(shape, SH.codeIdentifier)]
    marked = [
        replace(field, recommended=field.path in recommended, coming=coming.get(field.path, {}))
        if not field.is_inner
        else field
        for field in fields
    ]
    return tuple(sorted(marked, key=lambda field: (field.order, field.key)))


def _coming(data: Statements, shape: Node) -> Mapping[str, str]:
    """What `coped:futureChange` announces, by language."""
    return next((data.texts(change, SKOS.definition) for change in data.nodes(shape, COPED.futureChange)), {})


def _scheme(data: Statements, shape: Node) -> str | None:
    """The concept scheme that `sh:node` requires of the values (its property shape on skos:inScheme)."""
    for node in data.nodes(shape, SH.node):
        for constraint in data.nodes(node, SH.property):
            if data.one(constraint, SH.path) == SKOS.inScheme.value:
                return data.one(constraint, SH.hasValue)
    return None


def _datatypes(data: Statements, shape: Node) -> tuple[str, ...]:
    choices = [shape, *(member for head in data.nodes(shape, SH["or"]) for member in data.members(head))]
    return tuple(kind.value for choice in choices for kind in data.nodes(choice, SH.datatype))


def _allowed(data: Statements, shape: Node) -> tuple[str, ...]:
    return tuple(member for head in data.nodes(shape, SH["in"]) for member in data.items(head))


def _order(data: Statements, shape: Node) -> tuple[float, float]:
    group = next(iter(data.nodes(shape, SH.group)), None)
    return float((data.one(group, SH.order) if group else None) or 99), float(data.one(shape, SH.order) or 99)


def _field(data: Statements, shape: Node, kind: str) -> Field:
    def one(predicate: NamedNode) -> str | None:
        return data.one(shape, predicate)

    path = one(SH.path) or ""
    nested = next((tuple(data.items(head)) for head in data.nodes(shape, COPED.indexPath)), ())
    limits = {name: value for name in LIMITS if (value := one(SH[name])) is not None}
    return Field(
        key=one(SH.codeIdentifier) or "",
        kind=kind,
        shape=shape.value,
        path=path,
        name=data.texts(shape, SH.name),
        description=data.texts(shape, SH.description),
        group=one(SH.group),
        order=_order(data, shape),
        weight=one(COPED.weight),
        index_as=one(COPED.indexAs),
        index_path=nested or (path,),
        facet=one(COPED.facet) == "true",
        role=one(COPED.role),
        quality=one(COPED.quality),
        points=float(one(COPED.points) or 0),
        datatype=limits.get("datatype"),
        datatypes=_datatypes(data, shape),
        node_class=limits.get("class"),
        node_kind=limits.get("nodeKind"),
        min=int(limits.get("minCount", 0)),
        max=int(limits["maxCount"]) if "maxCount" in limits else None,
        recommended=False,
        scheme=_scheme(data, shape),
        allowed=_allowed(data, shape),
        limits=limits,
        severity=(one(SH.severity) or SH.Violation.value).rpartition("#")[2],
        coming={},
        editor=one(DASH.editor),
        viewer=one(DASH.viewer),
    )
