"""CKAN's action API, version 3, as a portal answers it to those who may only read.

Envelope, errors and their status as CKAN 2.9 to 2.11 send them (https://docs.ckan.org/en/2.11/api/).
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from html import escape
from http import HTTPStatus
from operator import itemgetter
from typing import Any

from harvesters.samples.ckan_portal import Package, Portal, document
from harvesters.samples.exchange import Answer, Question, told
from harvesters.samples.solr_query import QueryError, matcher

MOST_ROWS = 1000  # ckan.search.rows_max
JSON = "application/json;charset=utf-8"
_PREFIXES = ("/api/3/action/", "/api/action/")
Arguments = Mapping[str, Any]


class ActionError(Exception):
    """A failure with the `__type` and the status that CKAN gives it."""

    def __init__(self, status: int, kind: str, **told: Any) -> None:
        super().__init__(kind)
        self.status, self.error = status, {**told, "__type": kind}


class ActionApi:
    """The actions of one portal. `path` in a question is what follows the portal's own address."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._documents = {package["id"]: document(package) for package in portal.packages}
        self._actions: dict[str, Callable[[Arguments], Any]] = {
            "status_show": lambda _: portal.status,
            "site_read": lambda _: True,
            "help_show": self._help_show,
            "license_list": lambda _: portal.licences,
            "package_list": self._package_list,
            "package_show": self._package_show,
            "package_search": self._package_search,
            "organization_list": lambda asked: _listed(portal.organizations, asked),
            "organization_show": lambda asked: _shown(portal.organizations, asked),
            "group_list": lambda asked: _listed(portal.groups, asked),
            "group_show": lambda asked: _shown(portal.groups, asked),
        }

    def __call__(self, question: Question) -> Answer:
        if question.path.rstrip("/") in ("/api", "/api/3"):
            return _json(HTTPStatus.OK, {"version": 3})
        prefix = next((prefix for prefix in _PREFIXES if question.path.startswith(prefix)), None)
        if prefix is None:
            return self._page(question.path)
        name = question.path.removeprefix(prefix)
        if name not in self._actions:
            return _json(HTTPStatus.BAD_REQUEST, f"Bad request - Action name not known: {name}")
        return self._act(name, question)

    def _page(self, path: str) -> Answer:
        """The page that a person sees at `/dataset/name`, which records name as their origin."""
        for package in self._portal.packages:
            if path == f"/dataset/{package['name']}":
                title, notes = escape(package["title"]), escape(package["notes"])
                page = f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1><p>{notes}</p>"
                return Answer(page.encode(), "text/html; charset=utf-8")
        return told(HTTPStatus.NOT_FOUND, "Not found: CKAN's API is under api/3/action/")

    def _act(self, name: str, question: Question) -> Answer:
        envelope: dict[str, Any] = {"help": f"{question.site}/api/3/action/help_show?name={name}"}
        try:
            asked = _arguments(question)
        except ValueError as error:
            return _json(HTTPStatus.BAD_REQUEST, f"Bad request - JSON Error: {error}")
        try:
            return _json(HTTPStatus.OK, {**envelope, "success": True, "result": self._actions[name](asked)})
        except ActionError as error:
            return _json(error.status, {**envelope, "success": False, "error": error.error})

    def _help_show(self, asked: Arguments) -> str:
        name = _wanted(asked, "name")
        if name not in self._actions:
            raise _not_found()
        return f"{name}: an action of CKAN's API; https://docs.ckan.org/en/latest/api/ describes it."

    def _package_list(self, asked: Arguments) -> list[str]:
        names = sorted(package["name"] for package in self._portal.packages)
        start = _natural(asked, "offset", 0)
        return names[start : start + _natural(asked, "limit", len(names))]

    def _package_show(self, asked: Arguments) -> Package:
        wanted = _wanted(asked, "id")
        for package in self._portal.packages:
            if wanted in (package["id"], package["name"]):
                return package
        raise _not_found()

    def _package_search(self, asked: Arguments) -> dict[str, Any]:
        rows, start = min(_natural(asked, "rows", 10), MOST_ROWS), _natural(asked, "start", 0)
        order = str(asked.get("sort") or "score desc, metadata_modified desc")
        found = _sorted(self._found(asked), order)
        counted = self._counted(found, _several(asked.get("facet.field")))
        return {
            "count": len(found),
            "facets": {field: dict(counts) for field, counts in counted.items()},
            "results": found[start : start + rows],
            "sort": order,
            "search_facets": {field: _facet(field, counts) for field, counts in counted.items()},
        }

    def _found(self, asked: Arguments) -> list[Package]:
        queries = [str(asked.get("q") or ""), str(asked.get("fq") or ""), *_several(asked.get("fq_list"))]
        try:
            tests = [matcher(query) for query in queries]
            return [
                package
                for package in self._portal.packages
                if all(test(self._documents[package["id"]]) for test in tests)
            ]
        except QueryError as error:
            raise ActionError(
                HTTPStatus.BAD_REQUEST, "Search Query Error", message=f"Search Query is invalid: {error}"
            ) from error

    def _counted(self, found: Sequence[Package], fields: Sequence[str]) -> dict[str, Counter[str]]:
        of = self._documents
        return {field: Counter(v for p in found for v in sorted(of[p["id"]].get(field, ()))) for field in fields}


def _arguments(question: Question) -> Arguments:
    """From the query, or from a body of JSON or of a form. Raises ValueError."""
    if question.method != "POST":
        return {name: values[-1] for name, values in question.query.items()}
    asked = json.loads(question.body or b"{}")
    if not isinstance(asked, dict):
        raise ValueError(f"Request data JSON decoded to {asked!r} but it needs to be a dictionary.")
    return asked


def _json(status: int, value: Any) -> Answer:
    return Answer(json.dumps(value, ensure_ascii=False).encode(), JSON, status)


def _not_found() -> ActionError:
    return ActionError(HTTPStatus.NOT_FOUND, "Not Found Error", message="Not found")


def _wanted(asked: Arguments, name: str) -> str:
    if not asked.get(name):
        raise ActionError(HTTPStatus.CONFLICT, "Validation Error", **{name: ["Missing value"]})
    return str(asked[name])


def _natural(asked: Arguments, name: str, default: int) -> int:
    value = str(asked.get(name, default))
    if not value.isdecimal():
        raise ActionError(HTTPStatus.CONFLICT, "Validation Error", **{name: ["Must be a natural number"]})
    return int(value)


def _several(value: Any) -> list[str]:
    """A list, or the JSON of a list as a GET carries it: `facet.field=["tags"]`."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return [value]
    return [str(inner) for inner in value or ()]


def _sorted(packages: Sequence[Package], order: str) -> list[Package]:
    """By the fields of `order`, the last first, as a stable sort wants it. There is no score: all score alike."""
    found = sorted(packages, key=itemgetter("id"))
    for part in reversed(order.split(",")):
        field, _, direction = part.strip().partition(" ")
        key = {"title_string": "title"}.get(field, field)
        if field != "score" and key not in ("id", "name", "title", "metadata_created", "metadata_modified"):
            told = f'Search error: Can\'t determine a Sort Order (asc or desc) in sort spec "{order}"'
            raise ActionError(HTTPStatus.CONFLICT, "Search Error", message=told)
        if field != "score":
            found.sort(key=itemgetter(key), reverse=direction.strip().lower() == "desc")
    return found


def _facet(field: str, counts: Counter[str]) -> dict[str, Any]:
    items = [{"name": name, "display_name": name, "count": count} for name, count in counts.most_common()]
    return {"title": field, "items": items}


def _listed(there: Sequence[Mapping[str, Any]], asked: Arguments) -> list[Any]:
    whole = str(asked.get("all_fields", "")).lower() in ("true", "1", "yes")
    return [item if whole else item["name"] for item in there]


def _shown(there: Sequence[Mapping[str, Any]], asked: Arguments) -> Mapping[str, Any]:
    wanted = _wanted(asked, "id")
    for item in there:
        if wanted in (item["id"], item["name"]):
            return item
    raise _not_found()
