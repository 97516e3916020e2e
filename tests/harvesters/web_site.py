"""A web site on loopback, as its owner would write it: pages by path, with a sitemap and a robots.txt."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from harvesters.web_pages import WebPagesHarvester
from hub.fetch import Client
from hub.model import RawRecord, Source
from tests.servers.loopback import Answer, Question, Server, serving

HTML, XML = "text/html; charset=utf-8", "application/xml"
URLSET = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'


@dataclass
class Site:
    """`answers` by path; `changed` are the lastmods of the sitemap; {site} in any text is the site's address."""

    server: Server
    answers: dict[str, Answer]
    changed: dict[str, str] = field(default_factory=dict)

    def source(self, path: str = "/sitemap.xml", **more: Any) -> Source:
        url = self.server.url + path
        return Source("site", {"en": "A site"}, "FRA", "fr", "web-pages", url, "dcat", **more)

    def client(self) -> Client:
        return Client("coped-hub/1 (tests)", allowed_hosts=[self.server.host], retries=0, max_seconds=20)

    def records(self, path: str = "/sitemap.xml", since: datetime | None = None, **more: Any) -> list[RawRecord]:
        pages = WebPagesHarvester().pages(self.source(path, **more), self.client(), None, since)
        return [record for page in pages for record in page.records]

    def names(self, path: str = "/sitemap.xml", **more: Any) -> list[str]:
        """What records are called, without the site's address, and their kinds."""
        return [f"{r.kind} {r.identifier.replace(self.server.url, '')}" for r in self.records(path, **more)]

    def sitemap(self) -> Answer:
        """Of all web pages, whatever they answer."""
        listed = [path for path, answer in self.answers.items() if answer.media_type == HTML]
        return urlset({path: self.changed.get(path, "") for path in listed})


def urlset(paths: dict[str, str] | list[str], site: str = "{site}") -> Answer:
    """A sitemap of paths with their lastmods."""
    changed = paths if isinstance(paths, dict) else dict.fromkeys(paths, "")
    urls = (
        f"<url><loc>{site}{path}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</url>"
        for path, day in changed.items()
    )
    return Answer(f"{URLSET}{''.join(urls)}</urlset>", media_type=XML)


def index(*paths: str) -> Answer:
    maps = "".join(f"<sitemap><loc>{{site}}{path}</loc></sitemap>" for path in paths)
    return Answer(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{maps}</sitemapindex>')


def html(body: str, head: str = "", language: str = "fr") -> Answer:
    text = f"<!doctype html><html lang='{language}'><head><title>t</title>{head}</head><body>{body}</body></html>"
    return Answer(text, media_type=HTML)


def json_ld(thing: Any, language: str = "fr") -> Answer:
    """A page with a thing of schema.org, or several."""
    return html(f"<h1>Bienvenue</h1>{script(thing)}", language=language)


def script(thing: Any) -> str:
    written = {"@context": "https://schema.org", **thing} if isinstance(thing, dict) else thing
    return f'<script type="application/ld+json">{json.dumps(written, ensure_ascii=False)}</script>'


def project(name: str = "Toit", **more: Any) -> dict[str, Any]:
    return {"@type": "Project", "name": name, "description": f"{name} isolé.", **more}


@contextmanager
def site(answers: dict[str, Answer], **more: Any) -> Iterator[Site]:
    """Serves the answers, and a sitemap of all web pages where they have none."""

    def answer(question: Question) -> Answer:
        query = "&".join(f"{name}={value}" for name, value in question.query.items())
        path = f"{question.path}?{query}" if query else question.path
        found = opened.answers.get(path)
        if found is None and path == "/sitemap.xml":
            found = opened.sitemap()
        if found is None:
            return Answer(status=404)
        if isinstance(found.body, bytes):
            return found
        headers = {name: value.replace("{site}", server.url) for name, value in found.headers.items()}
        return Answer(found.body.replace("{site}", server.url), found.status, headers, found.media_type)

    with serving(answer) as server:
        opened = Site(server, dict(answers), **more)
        yield opened
