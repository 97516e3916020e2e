"""Pages from templates: one environment a language, and what every page knows."""

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel.dates import format_date
from babel.numbers import format_decimal
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.languages import LANGUAGES, NAMES, catalogue, language_name, locale_of, pick

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"
# Another address for each edition, so that a browser keeps a file for good.
EDITION: Final = hashlib.sha256(b"".join(f.read_bytes() for f in sorted(STATIC.iterdir()))).hexdigest()[:12]
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SAFE: Final = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
}
# Of pages with the search box, whose script suggests while one types.
SEARCHING: Final = {**SAFE, "Content-Security-Policy": f"{POLICY}; script-src 'self'; connect-src 'self'"}


@cache
def environment_of(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    environment.filters["day"] = lambda value: _day(value, language)
    environment.filters["number"] = lambda value: format_decimal(value, locale=locale_of(language))
    environment.filters["tongue"] = lambda tag: language_name(tag, language)
    environment.globals |= {"language": language, "names": NAMES, "edition": EDITION}
    environment.globals["pick"] = lambda texts: pick(texts, language)
    return environment


def _day(value: date | str, language: str) -> str:
    """A day in words; what is only a year or a month stays as it is."""
    try:
        told = value if isinstance(value, date) else date.fromisoformat(value[:10])
    except ValueError:
        return str(value)
    return format_date(told, "long", locale=locale_of(language))


def page(
    request: Request, template: str, language: str, status: int = 200, headers: Mapping[str, str] = SAFE, **values: Any
) -> HTMLResponse:
    """One page; it links to itself in the other languages."""
    others = {code: _in_language(request, code) for code in LANGUAGES}
    html = environment_of(language).get_template(template).render(others=others, **values)
    is_chosen = request.url.path.split("/")[1] in LANGUAGES  # else the browser's language was taken
    vary = {} if is_chosen else {"Vary": "Accept, Accept-Language"}
    return HTMLResponse(html, status, {"Content-Language": language, **vary, **headers})


def _in_language(request: Request, code: str) -> str:
    """This page's address in a language: the first segment of the portal's paths, `lang=` elsewhere."""
    _, first, *rest = request.url.path.split("/")
    if first in LANGUAGES:
        question = f"?{request.url.query}" if request.url.query else ""
        return f"/{'/'.join((code, *rest))}{question}"
    if request.method != "GET":
        return f"{request.url.path}?lang={code}"
    return f"{request.url.path}?{request.url.include_query_params(lang=code).query}"
