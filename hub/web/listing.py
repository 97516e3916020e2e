"""A page of results as a table (CSV, RFC 4180) and as linked data (JSON-LD with its context in it)."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import StringIO
from typing import Any, Final

from hub.languages import pick
from hub.namespaces import GEO, HYDRA, PREFIXES, XSD
from hub.profile import Profile
from hub.profile.context import compact

COLUMNS: Final = ("id", "kind", "title", "summary", "country", "themes", "sources", "languages", "start", "end", "lat",
                  "lon")  # fmt: skip
DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet program takes for the beginning of a formula
BETWEEN: Final = "; "
_PREFIXES: Final = {**{name: str(base) for name, base in PREFIXES.items()}, "hydra": str(HYDRA)}
_DATES: Final = {4: XSD.gYear, 7: XSD.gYearMonth, 10: XSD.date}  # by the length of what is stated
Item = Mapping[str, Any]


def table(items: Sequence[Item], word: Callable[[str, str], str], language: str) -> str:
    """One row an item under the names of the columns; texts in a language where there are any, concepts by label."""
    written = StringIO()
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    for item in items:
        texts = [item["id"], item["kind"], pick(item["title"], language)[0], pick(item["summary"], language)[0]]
        texts += [BETWEEN.join(word(key, iri) for iri in item[key]) for key in ("country", "themes")]
        texts += [BETWEEN.join(item["sources"]), BETWEEN.join(item["languages"]), item["start"], item["end"]]
        point = item["point"] or {"lat": "", "lon": ""}
        rows.writerow([*(_harmless(text or "") for text in texts), point["lat"], point["lon"]])
    return written.getvalue()


def _harmless(text: str) -> str:
    """A text that no spreadsheet program takes for a formula: with an apostrophe before it."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def collection(
    items: Sequence[Item], total: int, links: Mapping[str, str], address: str, profile: Profile
) -> dict[str, Any]:
    """A hydra:Collection; what is said of its members, with the properties of the profile."""
    names = {"first": "first", "prev": "previous", "next": "next", "last": "last"}
    pages = {f"hydra:{name}": {"@id": links[rel]} for rel, name in names.items() if rel in links}
    body = {
        "@id": address,
        "@type": "hydra:Collection",
        "hydra:totalItems": total,
        "hydra:view": {"@id": links["self"], "@type": "hydra:PartialCollectionView", **pages},
        "hydra:member": [_member(item, profile) for item in items],
    }
    text = json.dumps(body, ensure_ascii=False)
    return {"@context": {name: base for name, base in _PREFIXES.items() if f'"{name}:' in text}, **body}


def _member(item: Item, profile: Profile) -> dict[str, Any]:
    node: dict[str, Any] = {"@id": item["id"], "@type": compact(profile.kinds[item["kind"]].target)}
    for role, values in _told(item):
        field = profile.role(item["kind"], role)
        if field is None or not values:
            continue
        first, *deeper = (compact(step) for step in field.index_path)
        there = node.setdefault(first, [])
        for step in reversed(deeper):
            values = [{step: values}]
        if role == "end" and there:  # of the same period as the start
            there[-1] |= values[0]
        else:
            there += values
    return node


def _told(item: Item) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The values of each part that the profile may have a field for, and again for each place."""
    for role in ("title", "summary"):
        yield role, _texts(item[role])
    for role, iris in (("country", item["country"]), ("theme", item["themes"]), ("status", [item["status"]])):
        yield role, [{"@id": iri} for iri in iris if iri]
    for names in item["places"]:
        yield "place", _texts(names)
    if at := item["point"]:
        yield "point", [{"@value": f"POINT({at['lon']} {at['lat']})", "@type": compact(GEO.wktLiteral.value)}]
    for role in ("start", "end"):
        yield role, [_date(item[role])] if item[role] else []


def _texts(texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@value": text, "@language": tag} if tag else {"@value": text} for tag, text in texts.items()]


def _date(text: str) -> dict[str, str]:
    return {"@value": text, "@type": compact(_DATES.get(len(text), XSD.dateTime).value)}
