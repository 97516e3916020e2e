"""CKAN's action API (https://docs.ckan.org/en/2.11/api/), and what answers like it: DKAN, udata, older portals."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from ckanapi.errors import (  # type: ignore[attr-defined]  # some are CKAN's own where CKAN is installed
    CKANAPIError,
    NotAuthorized,
    SearchQueryError,
    ServerIncompatibleError,
    ValidationError,
)
from ckanapi.remoteckan import RemoteCKAN

from harvesters.payloads import INCOMPLETE, JSON, identifier_of, json_payload, page_size, unidentified
from hub.errors import FetchError
from hub.fetch import Client, address
from hub.model import Page, RawRecord, Source

MOST_ROWS = 1000  # ckan.search.rows_max of an untouched CKAN; more is cut without a word
# CKAN has both; DKAN and portals behind a proxy have one of them.
_BASES = ("api/3/action/", "api/action/")
_ENDINGS = ("/api/3/action", "/api/action", "/api/3", "/api")


@dataclass(frozen=True, slots=True)
class _Found:
    entries: Sequence[Any]
    count: int | None  # None: the portal does not say how many there are


class CkanHarvester:
    """Lists by `package_search`, sorted by id; `[select]` holds one Solr filter query (`fq`) a kind.

    A cursor is `kind:start`. The order is the identifiers', so a cursor kept from a killed run still holds.
    What changed `since` is asked by `metadata_modified`. It can miss: a change by hand in the database, or by an
    extension, keeps the day, and a package that another search now selects has an old one; full listings find these.
    """

    stable = True
    incremental = True

    def pages(
        self, source: Source, client: Client, cursor: str | None = None, since: datetime | None = None
    ) -> Iterator[Page]:
        select = dict(source.select) or {"practice": ""}
        kinds, start = _from_cursor(list(select), cursor)
        portal = _Portal(source.url, client, page_size(source, MOST_ROWS))
        for kind, following in zip(kinds, [*kinds[1:], None], strict=True):
            after = f"{following}:0" if following else None
            query = _filter(select[kind], since)
            yield from _listing(portal, kind, query, start, after, tell_total=len(select) == 1)
            start = 0


def _filter(query: str, since: datetime | None) -> str:
    """A filter query, narrowed to what changed; in brackets where another condition, or an OR, is beside it.

    CKAN adds conditions of its own, beside which an OR without brackets chooses nothing any more: CKAN 2.12 listed all
    its packages for `groups:a OR groups:b`. Solr finds nothing by a bracket that only excludes, so that has none.
    """
    is_exclusion = query.lstrip().startswith(("-", "!", "NOT "))
    if query and not is_exclusion and (since or " OR " in query):
        query = f"+({query})"
    if since is None:
        return query
    return f"+metadata_modified:[{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ} TO *] {query}".rstrip()


def _from_cursor(kinds: list[str], cursor: str | None) -> tuple[list[str], int]:
    kind, _, start = (cursor or "").rpartition(":")
    if kind in kinds and start.isdecimal():
        return kinds[kinds.index(kind) :], int(start)
    return kinds, 0


def _listing(
    portal: "_Portal", kind: str, query: str, start: int, after: str | None, *, tell_total: bool
) -> Iterator[Page]:
    """The pages of one kind; `after` is the cursor behind them."""
    seen: set[bytes] = set()
    while True:
        found = portal.search(query, start)
        if not found.entries and found.count is not None and start < found.count:
            told = f"the page from {start} is empty though {found.count} records are announced"
            raise FetchError(f"{portal.shown}: {told}. {INCOMPLETE}")
        records = [_record(entry, kind) for entry in found.entries]
        page = sha256("\n".join(record.identifier for record in records).encode("utf-8", "replace")).digest()
        if page in seen:
            told = f"paging loop: the page from {start} came before; the portal seems to ignore `start`"
            raise FetchError(f"{portal.shown}: {told}. Try another options.page_size.")
        seen |= {page} if records else set()
        start += len(records)
        is_end = not records or _is_end(found, start, portal.rows)
        yield Page(records, after if is_end else f"{kind}:{start}", found.count if tell_total else None)
        if is_end:
            return


def _is_end(found: _Found, reached: int, rows: int) -> bool:
    """A count is believed while no more records came than it says; else the last page is the one that is not full."""
    if found.count is not None and reached <= found.count:
        return reached == found.count
    return len(found.entries) != rows


def _record(entry: Any, kind: str) -> RawRecord:
    payload = json_payload(entry)
    if not isinstance(entry, dict):
        return unidentified(payload, JSON, kind, f"The entry is no object with fields, but {str(entry)[:80]!r}.")
    names = (entry.get(key) for key in ("id", "name"))
    texts = (identifier_of(str(name)) for name in names if isinstance(name, str | int))
    identifier = next((text for text in texts if text), None)
    if identifier is None:
        return unidentified(payload, JSON, kind, "The package has neither `id` nor `name`.")
    is_deleted = str(entry.get("state")).lower() == "deleted"  # `private` says nothing: DKAN sets it on public data
    return RawRecord(identifier, payload, JSON, kind, deleted=is_deleted)


class _Portal:
    """One portal's `package_search`, each failure told as a FetchError with what a person can do."""

    def __init__(self, url: str, client: Client, rows: int) -> None:
        root = url.rstrip("/")
        root = next((root.removesuffix(ending) for ending in _ENDINGS if root.endswith(ending)), root)
        self.shown, self.rows = address(root), rows
        self._ckan: Any = RemoteCKAN(  # type: ignore[no-untyped-call]
            root, user_agent=client.user_agent, get_only=True, session=client.session
        )
        self._bases = list(_BASES)

    def search(self, query: str, start: int) -> _Found:
        """Packages from `start` on. Raises FetchError."""
        asked: dict[str, Any] = {"sort": "id asc", "rows": self.rows, "start": start}
        if query:
            asked["fq"] = query
        return self._found(self._ask(asked))

    def _ask(self, asked: Mapping[str, Any]) -> Any:
        answers: list[Any] = []  # ckanapi drops the answer's status and type; a hook keeps the answer
        self._ckan.base_url = self._bases[0]
        try:
            result = self._ckan.call_action(
                "package_search", dict(asked), requests_kwargs={"hooks": {"response": lambda r, **_: answers.append(r)}}
            )
        except (CKANAPIError, ServerIncompatibleError, KeyError, RecursionError) as error:
            if answers and answers[-1].status_code == 404 and len(self._bases) > 1:
                self._bases.pop(0)
                return self._ask(asked)
            raise FetchError(f"{self.shown}: {_told(error, answers[-1])}") from error
        self._bases = self._bases[:1]
        return result

    def _found(self, result: Any) -> _Found:
        """CKAN's `{count, results}`; DKAN's list, of packages or of one list of them or of one such object."""
        while isinstance(result, list) and len(result) == 1 and _is_wrapping(result[0]):
            result = result[0]
        if isinstance(result, list):
            return _Found(result, None)
        if not isinstance(result, dict) or not isinstance(result.get("results"), list):
            raise FetchError(f"{self.shown}: package_search has no list of results, but {str(result)[:200]!r}")
        count = str(result.get("count"))
        return _Found(result["results"], int(count) if count.isdecimal() else None)


def _is_wrapping(inner: Any) -> bool:
    return isinstance(inner, list) or (isinstance(inner, dict) and isinstance(inner.get("results"), list))


def _told(error: Exception, answer: Any) -> str:
    """What the portal answered in place of packages, and what to do about it."""
    status, words = answer.status_code, " ".join(answer.text[:2000].split())
    if isinstance(error, SearchQueryError | ValidationError):
        return f"does not understand the query ({str(error)[:200]}). Check [select] in the source file."
    if isinstance(error, NotAuthorized) or status in (401, 403):
        return (
            f"refuses to list its packages (status {status}). "
            "It may want another options.user_agent, or it blocks the hub's address: ask its operator."
        )
    if status == 404:
        return "has no CKAN API (status 404). Check url in the source file: it is what comes before /api/3/action."
    failure = _failure(answer.text)
    if failure is not None:
        return f"answered {status} with success: false: {failure[:200]}. If it lasts, tell the portal's operator."
    if status >= 400:
        return f"answered {status}: {words[:200]!r}. If it lasts, tell the portal's operator."
    kind = answer.headers.get("Content-Type", "no media type")
    return f"answered {kind} that is no CKAN answer: {words[:200]!r}. Check url in the source file, or try later."


def _failure(text: str) -> str | None:
    """The words of an answer that is JSON and says that it failed."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(parsed, dict) or "success" not in parsed:
        return None
    told = parsed.get("error")
    message = told.get("message") if isinstance(told, dict) else told
    return str(message or told or "it does not say why")
