"""The part of a page's graph that is one record's own, and its bytes: the same for equal content at every fetch."""

from collections import deque
from collections.abc import Iterable, Mapping
from hashlib import sha256

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from harvesters.rdf import term_text
from hub.namespaces import DCT, FOAF, RDF, RDFS, SKOS

Node = NamedNode | BlankNode
About = Mapping[Node, list[Triple]]
MOST_HOPS = 3
MOST_STATEMENTS = 10_000
_ROUNDS = 16
# They lead from a record into a vocabulary, which a page may describe whole.
NOT_FOLLOWED = frozenset(
    {RDF.type, RDFS.isDefinedBy, RDFS.subClassOf}
    | {SKOS[name] for name in ("inScheme", "topConceptOf", "hasTopConcept", "broader", "narrower", "related", "member")}
)
NAMES = frozenset(
    (
        *(RDF.type, DCT.identifier, DCT.title, FOAF.name, RDFS.label, SKOS.prefLabel),
        *(NamedNode(f"http{s}://schema.org/{name}") for s in ("", "s") for name in ("identifier", "name")),
    )
)


class TooLarge(Exception):
    """A record that embeds more than MOST_STATEMENTS statements."""


def by_subject(triples: Iterable[Triple]) -> dict[Node, list[Triple]]:
    about: dict[Node, list[Triple]] = {}
    for triple in triples:
        about.setdefault(triple.subject, []).append(triple)  # type: ignore[arg-type]  # triple terms were left out
    return about


def own_part(root: Node, about: About, fences: Mapping[Node, bool]) -> list[Triple]:
    """The statements of `root`, of the blank nodes behind it, and of what it embeds: IRIs up to three hops away.

    `fences` are other records and catalogues, which are linked to and not embedded. True: the link brings the names of
    what it leads to, as of a venue. False: it does not, and to a blank node it leads nowhere. Raises TooLarge.
    """
    part: list[Triple] = []
    done: set[Node] = set()
    ahead: deque[tuple[Node, int]] = deque([(root, 0)])
    while ahead:
        node, hops = ahead.popleft()
        if node in done:
            continue
        done.add(node)
        for triple in about.get(node, ()):
            target = triple.object
            if target in fences and target != root:
                part += _link(triple, about, fences)
            else:
                part.append(triple)
                if isinstance(target, BlankNode):
                    ahead.appendleft((target, hops))  # behind a blank node nothing is farther away
                elif isinstance(target, NamedNode) and hops < MOST_HOPS and triple.predicate not in NOT_FOLLOWED:
                    ahead.append((target, hops + 1))
            if len(part) > MOST_STATEMENTS:
                raise TooLarge
    return part


def _link(triple: Triple, about: About, fences: Mapping[Node, bool]) -> list[Triple]:
    target = triple.object
    assert isinstance(target, NamedNode | BlankNode)
    if fences[target]:
        return [triple, *(told for told in about.get(target, ()) if told.predicate in NAMES)]
    return [triple] if isinstance(target, NamedNode) else []


def payload(triples: Iterable[Triple]) -> bytes:
    """Sorted N-Triples; blank nodes are named after what is said about them.

    RDFC-1.0 would tell apart what this does not (blank nodes in circles that look alike), but takes 35 s on nine
    hostile nodes. Blank nodes of equal content become one, which says the same.
    """
    statements = list(triples)
    names = _names(statements)
    lines = {f"{_text(t.subject, names)} {term_text(t.predicate)} {_text(t.object, names)} .\n" for t in statements}
    return "".join(sorted(lines)).encode("utf-8", "replace")


def _text(term: object, names: Mapping[BlankNode, str]) -> str:
    if isinstance(term, BlankNode):
        return f"_:b{names[term]}"
    assert isinstance(term, NamedNode | Literal)
    return term_text(term)


def _names(statements: Iterable[Triple]) -> dict[BlankNode, str]:
    """Names from the leaves up; circles, which have no leaves, in a bounded number of rounds."""
    said: dict[BlankNode, list[Triple]] = {}
    behind: dict[BlankNode, set[BlankNode]] = {}
    waiting: dict[BlankNode, set[BlankNode]] = {}
    for triple in statements:
        subject, target = triple.subject, triple.object
        if isinstance(target, BlankNode):
            waiting.setdefault(target, set())
        if isinstance(subject, BlankNode):
            said.setdefault(subject, []).append(triple)
            waits = waiting.setdefault(subject, set())
            if isinstance(target, BlankNode):
                waits.add(target)
                behind.setdefault(target, set()).add(subject)
    names: dict[BlankNode, str] = {}
    ready = [node for node, waits in waiting.items() if not waits]
    while ready:
        node = ready.pop()
        names[node] = _name(said.get(node, ()), names)
        for follower in behind.get(node, ()):
            waiting[follower].discard(node)
            if not waiting[follower]:
                ready.append(follower)
    circles = dict.fromkeys(waiting.keys() - names.keys(), "")
    for _ in range(min(len(circles), _ROUNDS)):
        circles = {node: _name(said[node], names | circles) for node in circles}
    return names | circles


def _name(said: Iterable[Triple], names: Mapping[BlankNode, str]) -> str:
    lines = sorted(f"{term_text(triple.predicate)} {_text(triple.object, names)}" for triple in said)
    return sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()[:32]
