"""One practice as several sources tell it: each value with who says it, and what they say otherwise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from hub.ledger import LedgerRecord
from hub.web.pages import page
from hub.web.portal import Language, portal_path
from hub.web.records import told
from hub.web.serving import Serving, serving_of
from hub.web.tellers import members, tellers
from hub.web.view import Row, Value, View, shortened

router = APIRouter(include_in_schema=False)


@dataclass(slots=True)
class Said:
    """One value (of a text in several languages all of them), and the numbers of those who say so."""

    values: tuple[Value, ...]
    by: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Line:
    """A field with what is said of it."""

    row: Row
    said: list[Said] = field(default_factory=list)


@dataclass(slots=True)
class Section:
    name: str
    lines: list[Line]

    @property
    def is_wide(self) -> bool:
        return any(line.row.is_prose or line.row.is_folded for line in self.lines)


@router.get("/{tongue}/{kind}/{source}/{key}/together")
def together_page(request: Request, language: Language, kind: str, source: str, key: str) -> Response:
    serving = serving_of(request)
    found = told(serving, kind, source, key)
    if found.withdrawn:
        raise found.withdrawn
    records = members(serving, found.record) if found.record else []
    if len(records) < 2:
        return RedirectResponse(f"/{language}/{kind}/{source}/{key}", 303)
    views = [View(record.graph, serving.profile, language) for record in records]
    return page(
        request,
        "together.html",
        language,
        kind=serving.word("kind", kind, language),
        kind_link=f"/{language}/?kind={kind}",
        title=views[0].role(records[0].iri, kind, "title"),
        tellers=tellers(serving, records, language),
        sections=list(_sections(serving, records, views)),
        path=portal_path,
        base=serving.base,
        filter_of=serving.filter_of,
        shortened=shortened,
    )


def _sections(serving: Serving, records: Sequence[LedgerRecord], views: Sequence[View]) -> Iterator[Section]:
    """What all say, field by field, in the order of the profile."""
    lines: dict[str, Line] = {}
    names: dict[str, str] = {}
    for number, (record, view) in enumerate(zip(records, views, strict=True), 1):
        for group in view.groups(record.iri, record.kind, hidden=()):
            for row in group.rows:
                names[row.key] = group.name
                _add(lines.setdefault(row.key, Line(row)), row, number)
    order = [f.key for f in serving.profile.fields(records[0].kind) if f.key in lines]
    for name in dict.fromkeys(names[key] for key in order):
        yield Section(name, [lines[key] for key in order if names[key] == name])


def _add(line: Line, row: Row, number: int) -> None:
    """What another has said already gets one more who says so."""
    for values in [row.values] if row.is_folded else [(value,) for value in row.values]:
        same = next((said for said in line.said if _key(said.values) == _key(values)), None)
        if same is None:
            same = Said(values)
            line.said.append(same)
        if number not in same.by:
            same.by.append(number)


def _key(values: Sequence[Value]) -> Any:
    """What makes values the same to a reader: a link may lead each source's name elsewhere."""
    return [(v.text.casefold(), v.language, v.concept, [(row.key, _key(row.values)) for row in v.rows]) for v in values]
