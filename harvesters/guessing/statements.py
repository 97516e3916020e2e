"""What a document of RDF is: a catalogue, by the classes of its nodes; or what else is published as RDF."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from harvesters.closure import by_subject
from harvesters.crosswalks.rdf_terms import EDM, RECORDS, meant
from harvesters.guessing.findings import Guess, Said, all_taken, name_classes, of_class, without_records
from hub.languages import N_
from hub.namespaces import DCAT, DCT, OWL, PREFIXES, RDF, SCHEMA, SH, SKOS, Namespace
from hub.profile import load

SD: Final = Namespace("http://www.w3.org/ns/sparql-service-description#")
_NAMED: Final = {name: str(namespace) for name, namespace in PREFIXES.items()} | {"owl": str(OWL), "edm": str(EDM)}
_SEEN_BESIDE: Final = frozenset((EDM.ProvidedCHO.value,))  # what is said of it is said by other nodes
_SAMPLE: Final = 500  # texts from which the language is guessed
_CATALOGUE: Final = N_("a catalogue as RDF (DCAT, schema.org or alike)")
_SERVICE: Final = N_("a SPARQL endpoint")
_SHAPES: Final = N_("a set of SHACL shapes: {number} rules by which data is checked")
_VOCABULARY: Final = N_("a vocabulary (SKOS): a list of {number} concepts")
_EUROPEANA: Final = N_("a record of Europeana’s data model (EDM)")
_BY_OAI: Final = N_("The hub reads such records by OAI-PMH. Give the provider’s address; options.prefix is often edm.")
_OTHER: Final = N_("RDF about other things: {names}")
# What is no catalogue is known by these classes.
_SHACL: Final = frozenset((SH.NodeShape.value, SH.PropertyShape.value))
_SKOS: Final = frozenset((SKOS.Concept.value, SKOS.ConceptScheme.value))
_TITLES: Final = (DCT.title.value, SCHEMA.name.value)


def of_statements(triples: Sequence[Triple], url: str) -> Guess:
    """What the statements are; `url` is where they came from."""
    about = by_subject(triples)
    classes = Counter(name for said in about.values() for name in _types(said))
    told = Counter(name for said in about.values() for name in _types(said) if len(said) > 1)  # the rest are mentions
    select = _select(told)
    if classes[SD.Service.value]:
        return Guess(Said(_SERVICE), protocol="sparql", format="dcat", url=url)
    if not select or _is_other(told, select):
        return _other(classes)
    records = {node for node, said in about.items() if _types(said) & set(select.values())}
    return Guess(
        Said(_CATALOGUE),
        tuple(of_class(short(name), told[name]) for name in select.values()),
        _advice(select),
        protocol="dcat",
        format="dcat",
        url=url,
        title=_title(triples),
        select={kind: short(name) for kind, name in select.items()},
        tags=_tags(t for t in triples if t.subject in records) or _tags(triples),
        sample=_sample(triples),
    )


def _types(statements: Iterable[Triple]) -> set[str]:
    types = (t.object for t in statements if t.predicate == RDF.type)
    return {meant(name.value) for name in types if isinstance(name, NamedNode)}


def _select(classes: Mapping[str, int]) -> dict[str, str]:
    """The class of each kind: our own where it is there, else the commonest of practices and of events.

    Venues and organisations of others are mostly just named; they count where there is nothing else.
    """
    targets = {kind: load().kinds[kind].target for kind in RECORDS}
    is_ours = any(classes[targets[kind]] for kind in ("practice", "venue"))
    if is_ours:
        return {kind: target for kind, target in targets.items() if classes[target]}
    best = {
        kind: max(sorted(known - _SEEN_BESIDE), key=lambda n: (classes[n], short(n) != n))
        for kind, known in RECORDS.items()
    }
    found = {kind: name for kind, name in best.items() if classes[name]}
    listed = {kind: name for kind, name in found.items() if kind in ("practice", "event")}
    return listed or found


def _is_other(classes: Mapping[str, int], select: Mapping[str, str]) -> bool:
    """Whether the records are beside the point: agents among concepts, an example among shapes."""
    number = sum(classes[name] for name in select.values())
    is_about_agents = not {"practice", "event"} & set(select)
    concepts = classes[EDM.ProvidedCHO.value] + _most(classes, _SKOS)
    return _most(classes, _SHACL) > number or (is_about_agents and concepts > 0)


def _most(classes: Mapping[str, int], known: Iterable[str]) -> int:
    return max(classes[name] for name in known)


def _advice(select: Mapping[str, str]) -> tuple[Said, ...]:
    is_ours = select.get("practice") in (None, load().kinds["practice"].target)
    return () if is_ours else (all_taken(),)


def short(iri: str) -> str:
    """`dcat:Dataset`; whole where no prefix is known."""
    for prefix, namespace in _NAMED.items():
        if iri.startswith(namespace) and iri != namespace:
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri


def _other(classes: Counter[str]) -> Guess:
    for what, known in ((_SHAPES, _SHACL), (_VOCABULARY, _SKOS)):
        if (number := _most(classes, known)) and not classes[EDM.ProvidedCHO.value]:
            return without_records(Said(what, {"number": number}))
    if classes[EDM.ProvidedCHO.value]:
        return Guess(Said(_EUROPEANA), advice=(Said(_BY_OAI),))
    names = ", ".join(f"{short(name)} ({number})" for name, number in classes.most_common(5))
    return Guess(Said(_OTHER, {"names": names or "–"}), advice=(name_classes(),))


def _title(triples: Iterable[Triple]) -> str:
    """What the catalogue calls itself, where it is one and has one title in each language."""
    types = (DCAT.Catalog, SCHEMA.DataCatalog)
    catalogues = {t.subject for t in triples if t.predicate == RDF.type and t.object in types}
    said = (t.object for t in triples if t.subject in catalogues and meant(t.predicate.value) in _TITLES)
    texts = [text.value for text in said if isinstance(text, Literal)]
    return min(texts) if texts and len(catalogues) == 1 else ""


def _tags(triples: Iterable[Triple]) -> Counter[str]:
    return Counter(t.object.language for t in triples if isinstance(t.object, Literal) and t.object.language)


def _sample(triples: Iterable[Triple]) -> str:
    texts = [t.object.value for t in triples if isinstance(t.object, Literal) and " " in t.object.value]
    return "\n".join(texts[:_SAMPLE])
