"""What a document of XML is, where it is no RDF: a piece of OAI-PMH, a sitemap, a schema, a feed."""

from typing import Any, Final

from lxml import etree

from harvesters.guessing.findings import Guess, Said, alone, of_another_kind, part_of, schema, unread
from harvesters.markup import NotXml, element, mended
from hub.languages import N_

_OAI: Final = "{http://www.openarchives.org/OAI/2.0/}"
_PROVIDER: Final = N_("a provider of OAI-PMH")
_VERB: Final = N_("It is an answer of OAI-PMH to {verb}.")
_PREFIXES: Final = N_("It offers these formats: {names}.")
_ERROR: Final = N_("an answer of OAI-PMH with the error {code}: {reason}")
_SITEMAP: Final = N_("a sitemap of {number} web pages")
_OTHERS: Final = {"rss": "RSS", "feed": "Atom", "collection": "MARC", "mods": "MODS", "modsCollection": "MODS"}
_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"


def of_markup(text: str, url: str) -> Guess:
    """What a document of XML is; `url` is where it came from."""
    try:
        root = element(mended(text))
    except NotXml as error:
        return unread(error, url)
    name = etree.QName(root).localname
    if root.tag == f"{_OAI}OAI-PMH":
        return _of_oai(root, url)
    if name in ("urlset", "sitemapindex"):
        return _of_sitemap(root, url)
    if root.tag == "{http://www.w3.org/2001/XMLSchema}schema":
        return schema(root.get("targetNamespace", "XML"))
    if name == "sparql":
        return Guess(of_another_kind("SPARQL").what, advice=(alone(url.partition("?")[0]),))
    return of_another_kind(_OTHERS.get(name, f"<{name[:80]}>"))


def _of_sitemap(root: Any, url: str) -> Guess:
    number = sum(etree.QName(node).localname == "loc" for node in root.iter(tag=etree.Element))
    return Guess(Said(_SITEMAP, {"number": number}), (), (), "web-pages", "dcat", url)


# OAI-PMH


def _of_oai(root: Any, url: str) -> Guess:
    asked = root.find(f"{_OAI}request")
    verb = asked.get("verb", "") if asked is not None else ""
    base = root.findtext(f"{_OAI}Identify/{_OAI}baseURL") or (asked.text if asked is not None else "") or url
    base = base.strip()
    error = root.find(f"{_OAI}error")
    if error is not None:
        values = {"code": error.get("code", "–"), "reason": " ".join((error.text or "–").split())[:200]}
        return Guess(Said(_ERROR, values), advice=(alone(base),))
    name = " ".join((root.findtext(f"{_OAI}Identify/{_OAI}repositoryName") or "").split())
    reasons = [Said(_VERB, {"verb": verb or "–"})]
    prefixes = [node.text for node in root.iter(f"{_OAI}metadataPrefix") if node.text]
    reasons += [Said(_PREFIXES, {"names": ", ".join(prefixes)})] if prefixes else []
    records = list(root.iter(f"{_OAI}record"))
    prefix = (asked.get("metadataPrefix") if asked is not None else None) or "oai_dc"
    return Guess(
        Said(_PROVIDER),
        tuple(reasons),
        (part_of(base),),
        protocol="oai-pmh",
        format=_format(records),
        url=base,
        title=name,
        options={} if prefix == "oai_dc" else {"prefix": prefix},
        sample="\n".join(text for record in records for text in record.itertext()),
        part=_listing(root, records) if records else None,
        is_listing=bool(records),
    )


def _format(records: list[Any]) -> str:
    is_rdf = any(next(record.iter(_RDF), None) is not None for record in records)
    return "dcat" if is_rdf else "oai_dc"


def _listing(root: Any, records: list[Any]) -> bytes:
    """The records as an answer to ListRecords, with the token behind them if there is one."""
    answer = etree.Element(f"{_OAI}OAI-PMH", nsmap={None: _OAI.strip("{}")})
    answer.extend(
        root.find(f"{_OAI}{name}") for name in ("responseDate", "request") if root.find(f"{_OAI}{name}") is not None
    )
    listing = etree.SubElement(answer, f"{_OAI}ListRecords")
    token = next(root.iter(f"{_OAI}resumptionToken"), None)
    listing.extend([*records, *([token] if token is not None else [])])
    return bytes(etree.tostring(answer, encoding="utf-8", xml_declaration=True))
