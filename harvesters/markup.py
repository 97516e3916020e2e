"""XML from strangers: read without DTD, entities and network, and mended where only single letters are wrong."""

import html
import re
from html.entities import html5
from typing import Any, Final

from lxml import etree

from harvesters.payloads import decoded

WEB_PAGE: Final = re.compile(r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html)", re.I | re.S)
_ENCODING: Final = re.compile(rb"\s*<\?xml[^>]*?\sencoding\s*=\s*[\"']([\w.:-]+)")
# What XML 1.0 has no place for (§2.2), as letters and as references to them
_NEVER: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE: Final = re.compile(r"&(?:#(?P<decimal>\d{1,9})|#[xX](?P<hex>[0-9a-fA-F]{1,8})|(?P<name>[A-Za-z]\w{0,30}));")
_OWN: Final = frozenset(("amp", "lt", "gt", "quot", "apos"))


# No entity is unpacked, nothing is fetched, and libxml2's bounds hold.
STRICTLY: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


class NotXml(ValueError):
    """Bytes that are no well-formed XML, or such as is not read; says why."""


def text_of(body: bytes, charset: str | None) -> str:
    """UTF-8 where the bytes are UTF-8; else by the document's own word, then by the header's."""
    said = _ENCODING.match(body[:200])
    return decoded(body, said[1].decode() if said else charset).strip()


def element(document: str | bytes) -> Any:
    """The root of a whole document; text, or bytes in UTF-8. Raises NotXml.

    libxml2 holds its bounds (256 levels, 10 MB a text, entities in attributes); a DOCTYPE is not read at all.
    """
    body = document.encode("utf-8", "replace") if isinstance(document, str) else document
    parser = etree.XMLParser(encoding="utf-8", collect_ids=False, **STRICTLY)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise NotXml(str(error.msg or error)[:300]) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotXml("it declares a DOCTYPE; such a document is not read")
    return root


def mended(text: str) -> str:
    """The text without control characters, and with HTML's named letters (`&nbsp;`) as themselves."""
    return _NEVER.sub("", _REFERENCE.sub(_letter, text))


def _letter(found: re.Match[str]) -> str:
    if name := found["name"]:
        return found[0] if name in _OWN else html.escape(html5.get(f"{name};", "")) or found[0]
    number = int(found["decimal"]) if found["decimal"] else int(found["hex"], 16)
    is_valid = number <= 0x10FFFF and not _NEVER.match(chr(number))
    return found[0] if is_valid else ""


def canonical(node: Any) -> bytes:
    """Exclusive C14N without comments, and with the namespaces that values of `xsi:type` name by their prefix."""
    types = (one.get("{http://www.w3.org/2001/XMLSchema-instance}type", "") for one in node.iter())
    prefixes = sorted({name.partition(":")[0].strip() for name in types if ":" in name})
    try:
        return bytes(
            etree.tostring(
                node, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=prefixes or None
            )
        )
    except etree.C14NError:  # a namespace that is no whole IRI has no canonical form
        return bytes(etree.tostring(node, encoding="utf-8", with_tail=False))
