"""What is behind an unknown address: by what it answers, not by its name; each guess says why.

The address is fetched once. Only where that is a web page or an error are a few doors of known portals tried.
"""

import json
import re
from typing import Any, Final

from harvesters.guessing.findings import Guess, Said, of_another_kind, schema, unread, without_records
from harvesters.guessing.grids import of_lists, of_text, of_workbook
from harvesters.guessing.markup import of_markup
from harvesters.guessing.packages import of_package
from harvesters.guessing.portals import of_api, of_endpoint, of_page, of_provider, of_silence
from harvesters.guessing.statements import of_statements
from harvesters.markup import WEB_PAGE, text_of
from harvesters.rdf import ACCEPT, read
from hub.errors import FetchError, ForbiddenAddress
from hub.fetch import Client, Response
from hub.languages import N_

__all__ = ["Guess", "Said", "guess"]

_ANY: Final = f"{ACCEPT}, text/csv;q=0.3, application/json;q=0.3"
_XML: Final = re.compile(r"\s*<(\?xml|!DOCTYPE|!--|[A-Za-z_][\w.-]*(:[A-Za-z_][\w.-]*)?[\s/>])", re.I)
_ROOT: Final = re.compile(r"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)[\s/>]")
_TURTLE: Final = re.compile(
    r"^[ \t]*(@?prefix\s|@?base\s|<[^<>\s]+>\s+(a|<[^<>\s]+>|[\w-]*:[\w-]+)\s|_:\w+\s+<)", re.I | re.M
)
_FILES: Final = {b"%PDF": "PDF", b"\x1f\x8b": "gzip", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF"}
_WORKBOOKS: Final = (b"PK", b"\xd0\xcf\x11\xe0")
_CONTEXT: Final = N_("a JSON-LD context: it says what names mean")


def guess(url: str, client: Client, language: str | None = None) -> Guess:
    """What is behind the address; `language` is that of the source's texts, where it is known.

    Raises FetchError where the address does not answer, ForbiddenAddress where it must not be asked.
    """
    try:
        answer = client.get(url, headers={"Accept": _ANY})
    except ForbiddenAddress:
        raise
    except FetchError:
        if found := of_silence(url, client):
            return found
        raise
    return of_answer(answer, client, language)


def of_answer(answer: Response, client: Client, language: str | None = None) -> Guess:
    """What an answer is; `client` asks on where it is a web page."""
    if answer.body.startswith(_WORKBOOKS):
        return _table(answer, language)
    if name := next((name for magic, name in _FILES.items() if answer.body.startswith(magic)), None):
        return of_another_kind(name)
    text = text_of(answer.body, answer.charset)
    if not text:
        return of_another_kind("0 bytes")
    if WEB_PAGE.match(text):
        return of_page(answer, text, client)
    if _XML.match(text):
        return _markup(answer, text, client)
    if text[0] in "{[" and (document := _json(text)) is not None:
        return _of_json(document, answer, client, language)
    return _of_text(answer, text, client, language)


def _table(answer: Response, language: str | None) -> Guess:
    try:
        return of_workbook(answer, language)
    except FetchError as error:
        return unread(error, answer.url)


def _markup(answer: Response, text: str, client: Client) -> Guess:
    """XML; a part of an OAI-PMH provider's answers, or an error of it, where the provider itself does not answer."""
    root = _ROOT.search(text)
    if root and root[1] == "RDF":
        return _statements(answer, client)
    found = of_markup(text, answer.url)
    is_oai = found.part is not None or (root is not None and root[1] == "OAI-PMH")
    return (of_provider(answer.url, client) if is_oai else None) or found


def _statements(answer: Response, client: Client) -> Guess:
    try:
        found = of_statements(read(answer), answer.url)
    except FetchError as error:
        return unread(error, answer.url)
    return (of_endpoint(answer.url, client) if found.protocol == "sparql" else None) or found


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _of_json(document: Any, answer: Response, client: Client, language: str | None) -> Guess:
    names = set(document) if isinstance(document, dict) else set()
    if names == {"@context"}:
        return without_records(Said(_CONTEXT))
    if "$schema" in names and names & {"properties", "$defs", "definitions", "type"}:
        return schema("JSON")
    is_result = "head" in names and bool(names & {"results", "boolean"})
    if is_result and (found := of_endpoint(answer.url.partition("?")[0], client)):
        return found
    if found := of_package(document, answer.url):
        return (of_silence(found.url, client) if found.part else None) or found  # the whole portal, where it answers
    first = document[0] if isinstance(document, list) and document else document
    if isinstance(first, dict) and {"@context", "@graph", "@id", "@type"} & set(first):
        return _statements(answer, client)
    try:
        found = of_api(names, answer.url, client) or of_lists(document, answer, language)
    except FetchError as error:
        return unread(error, answer.url)
    told = ", ".join(sorted(map(str, names))[:12])
    return found or of_silence(answer.url, client) or of_another_kind(f"JSON ({told})" if told else "JSON")


def _of_text(answer: Response, text: str, client: Client, language: str | None) -> Guess:
    if _TURTLE.search(text[:10_000]):
        return _statements(answer, client)
    try:
        found = of_text(answer, language)
    except FetchError as error:
        return unread(error, answer.url)
    return found or of_another_kind(f"“{' '.join(text[:80].split())}”")
