"""JSON-LD contexts, kept here: an address in a document is never fetched, and some lead nowhere any more."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from hub.errors import FetchError
from hub.fetch import LASTS
from hub.namespaces import DCAT, DCT, FOAF, ORG, SKOS, VCARD, XSD

_SCHEMA_ORG_LINKS: Final = (
    *("additionalType", "codeRepository", "contentUrl", "discussionUrl", "downloadUrl", "embedUrl", "hasMap", "image"),
    *("isBasedOn", "license", "logo", "mainEntityOfPage", "relatedLink", "sameAs", "thumbnailUrl", "url"),
)
# The terms of schema.org's context that portals use: names are in the vocabulary, these hold addresses.
_SCHEMA_ORG: Final[Mapping[str, Any]] = {
    "@vocab": "http://schema.org/",
    "schema": "http://schema.org/",
    "id": "@id",
    "type": "@type",
    **{name: {"@id": f"http://schema.org/{name}", "@type": "@id"} for name in _SCHEMA_ORG_LINKS},
}
# Project Open Data 1.1, in which ArcGIS and DKAN write their `data.json`; its own address is gone. A few terms of its
# are federal ones of the United States and stay in its vocabulary, which is DCAT's.
_PROJECT_OPEN_DATA: Final[Mapping[str, Any]] = {
    "@vocab": str(DCAT),
    **{name: str(ns) for name, ns in (("dcat", DCAT), ("org", ORG), ("vcard", VCARD), ("foaf", FOAF), ("dc", DCT))},
    **{name: DCT[name].value for name in ("title", "description", "language", "license", "rights", "spatial")},
    **{name: DCT[name].value for name in ("publisher", "identifier", "temporal", "format", "accrualPeriodicity")},
    **{name: {"@id": DCT[name].value, "@type": XSD.date.value} for name in ("issued", "modified")},
    **{name: {"@id": DCAT[name].value, "@type": "@id"} for name in ("landingPage", "downloadURL", "accessURL")},
    "homepage": FOAF.homepage.value,
    "name": SKOS.prefLabel.value,
    "fn": VCARD.fn.value,
    "hasEmail": VCARD.hasEmail.value,
    "subOrganizationOf": ORG.subOrganizationOf.value,
}
_PINNED: Final = (
    (re.compile(r"https?://(www\.)?schema\.org/?(docs/jsonldcontext\.json(ld)?)?"), _SCHEMA_ORG),
    (re.compile(r"https?://project-open-data\.cio\.gov/v1\.1/schema/(catalog|data)\.jsonld"), _PROJECT_OPEN_DATA),
)


def with_local_contexts(text: str, url: str, contexts: Mapping[str, Any]) -> str:
    """JSON-LD whose contexts are all inside: an address is taken from `contexts`, or from those kept here, or refused.

    Raises FetchError naming the context, and for what is no JSON.
    """

    def context(value: Any) -> Any:
        if isinstance(value, list):
            return [context(inner) for inner in value]
        if isinstance(value, dict) and "@import" in value:
            return context(value["@import"])
        if not isinstance(value, str):
            return local(value)
        if value in contexts:
            return contexts[value]
        for addresses, kept in _PINNED:
            if addresses.fullmatch(value):
                return kept
        raise FetchError(f"{url}: needs the JSON-LD context {value}, which is not fetched; put it in options.contexts")

    def local(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: context(inner) if key == "@context" else local(_worded(key, inner)) for key, inner in value.items()
            }
        return [local(inner) for inner in value] if isinstance(value, list) else value

    try:
        return json.dumps(local(json.loads(text)))
    except (ValueError, RecursionError) as error:
        raise FetchError(f"{url}: the document is no valid JSON: {str(error)[:200]}. {LASTS}") from error


def _worded(key: str, value: Any) -> Any:
    """A licence that is called by its name is no address, whatever the context says: "CC BY 4.0"."""
    is_name = key == "license" and isinstance(value, str) and re.search(r"[\s<]|^[^:/#]*$", value.strip())
    return {"@value": value} if is_name else value
