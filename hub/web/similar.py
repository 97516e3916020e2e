"""Records that tell something much like another one, in whatever language."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from fastapi import Query as Parameter

from hub.ledger import LedgerRecord
from hub.web.answers import SimilarAnswer
from hub.web.records import served
from hub.web.serving import Serving, serving_of
from hub.web.tellers import members

router = APIRouter(tags=["records"])
SIZE, MOST = 10, 50
AT_ONCE: Final = 20  # items that are read together, until there are enough
LOOKED: Final = 100  # records alike by words, of which those of one kind are taken


@router.get(
    "/api/records/{kind}/{source}/{key}/similar", summary="What tells much the same", response_model=SimilarAnswer
)
def similar_records(
    request: Request,
    kind: str,
    source: str,
    key: str,
    size: Annotated[int, Parameter(ge=1, le=MOST, description=f"At most {MOST}.")] = SIZE,
) -> dict[str, Any]:
    """Records of any kind and language, the most alike first."""
    serving = serving_of(request)
    record = served(serving, kind, source, key)
    by, items = similar(serving, record, size)
    return {"id": record.iri, "by": by, "items": items}


def similar(
    serving: Serving, record: LedgerRecord, size: int, kind: str | None = None
) -> tuple[str, list[dict[str, Any]]]:
    """By meaning where the record has vectors, else by its words: which of them it was, and the items of a kind."""
    name = members(serving, record)[0].iri
    names = serving.meaning.similar(name) if serving.meaning else []
    if near := list(islice(_items(serving, names, kind), size)):
        return "meaning", near
    hits = serving.index.similar(name, LOOKED if kind else size)
    return "words", [dict(hit.item) for hit in hits if kind in (None, hit.item["kind"])][:size]


def _items(serving: Serving, names: Sequence[str], kind: str | None) -> Iterator[dict[str, Any]]:
    for start in range(0, len(names), AT_ONCE):
        there = serving.index.items(names[start : start + AT_ONCE])
        for name in names[start : start + AT_ONCE]:
            if name in there and kind in (None, there[name]["kind"]):
                yield dict(there[name])
