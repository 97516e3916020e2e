"""The namespaces that the hub writes, and IRIs that are encoded or refused."""

import hashlib
import re
import unicodedata
from typing import Final
from urllib.parse import quote, urlsplit

from pyoxigraph import NamedNode

from hub.errors import Rejected


class Namespace:
    """A namespace IRI; `DCT.title` and `DCT["title"]` are terms in it, `str(DCT)` is the namespace itself."""

    def __init__(self, base: str) -> None:
        self._base = base

    def __getattr__(self, name: str) -> NamedNode:
        term = NamedNode(self._base + name)
        self.__dict__[name] = term  # the next time it is found without asking here
        return term

    def __getitem__(self, name: str) -> NamedNode:
        return NamedNode(self._base + name)

    def __str__(self) -> str:
        return self._base


RDF: Final = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS: Final = Namespace("http://www.w3.org/2000/01/rdf-schema#")
XSD: Final = Namespace("http://www.w3.org/2001/XMLSchema#")
OWL: Final = Namespace("http://www.w3.org/2002/07/owl#")
SH: Final = Namespace("http://www.w3.org/ns/shacl#")
SKOS: Final = Namespace("http://www.w3.org/2004/02/skos/core#")
DCT: Final = Namespace("http://purl.org/dc/terms/")
DCAT: Final = Namespace("http://www.w3.org/ns/dcat#")
FOAF: Final = Namespace("http://xmlns.com/foaf/0.1/")
ORG: Final = Namespace("http://www.w3.org/ns/org#")
PROV: Final = Namespace("http://www.w3.org/ns/prov#")
ADMS: Final = Namespace("http://www.w3.org/ns/adms#")
DQV: Final = Namespace("http://www.w3.org/ns/dqv#")
SPDX: Final = Namespace("http://spdx.org/rdf/terms#")
VCARD: Final = Namespace("http://www.w3.org/2006/vcard/ns#")
LOCN: Final = Namespace("http://www.w3.org/ns/locn#")
GEO: Final = Namespace("http://www.opengis.net/ont/geosparql#")
SCHEMA: Final = Namespace("http://schema.org/")
HYDRA: Final = Namespace("http://www.w3.org/ns/hydra/core#")
M8G: Final = Namespace("http://data.europa.eu/m8g/")
COPED: Final = Namespace("https://w3id.org/co-ped/ns#")
QUALITY: Final = Namespace("https://w3id.org/co-ped/quality/")
CONCEPT: Final = Namespace("https://w3id.org/co-ped/concept/")
COUNTRY: Final = Namespace("http://publications.europa.eu/resource/authority/country/")
EU_LANGUAGE: Final = Namespace("http://publications.europa.eu/resource/authority/language/")

PREFIXES: Final[dict[str, Namespace]] = {
    "rdf": RDF,
    "rdfs": RDFS,
    "xsd": XSD,
    "sh": SH,
    "skos": SKOS,
    "dct": DCT,
    "dcat": DCAT,
    "foaf": FOAF,
    "org": ORG,
    "prov": PROV,
    "adms": ADMS,
    "locn": LOCN,
    "geo": GEO,
    "schema": SCHEMA,
    "m8g": M8G,
    "coped": COPED,
    "concept": CONCEPT,
    "country": COUNTRY,
}

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_FORBIDDEN = re.compile(r"[^A-Za-z0-9_.\-!#$%&'()*+,/:;=?@\[\]~\u00A0-\uD7FF\uE000-\U0010FFFF]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def iri(text: str) -> NamedNode:
    """An absolute IRI; characters that RFC 3987 forbids are percent-encoded.

    Raises Rejected where the text has no scheme, or names no host where its scheme needs one.
    """
    text = _BAD_ESCAPE.sub("%25", text.strip())
    encoded = _FORBIDDEN.sub(lambda found: quote(found[0], errors="replace"), text)
    if not _SCHEME.match(encoded):
        raise Rejected(f"{text[:200]!r} is not an absolute IRI (it must begin with a scheme such as https:)")
    try:
        if encoded.startswith(("http:", "https:")) and not urlsplit(encoded).hostname:
            raise Rejected(f"{text[:200]!r} is not an IRI: it names no host")
        return NamedNode(encoded)
    except ValueError as error:
        raise Rejected(f"{text[:200]!r} is not an IRI: {error}") from error


def slug(identifier: str) -> str:
    """The identifier as an IRI segment; where that loses something, with a short hash of the original behind it."""
    plain = unicodedata.normalize("NFKD", identifier).encode("ascii", "ignore").decode().lower()
    kept = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].rstrip("-")
    if kept == identifier:
        return kept
    original = identifier.encode("utf-8", "surrogatepass")  # JSON may hold half a surrogate pair
    return f"{kept or 'x'}-{hashlib.sha256(original).hexdigest()[:8]}"


def record_iri(base: str, kind: str, source: str, identifier: str) -> NamedNode:
    """`{base}/id/{kind}/{source}/{key}`, the IRI of a record of ours."""
    return NamedNode(f"{base}/id/{kind}/{source}/{slug(identifier)}")


def graph_iri(record: str) -> str:
    """The named graph of a record: its IRI with `/data/` in place of `/id/`."""
    return record.replace("/id/", "/data/", 1)
