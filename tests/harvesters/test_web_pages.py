"""A site's pages, from its sitemap to the ledger: what is visited, and what becomes of the records."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from harvesters import web_pages
from harvesters.web_pages import WebPagesHarvester
from hub.errors import FetchError
from hub.harvest import harvest
from hub.ledger import Ledger
from hub.model import HarvestReport
from hub.profile import load
from tests.harvesters.web_site import HTML, Site, html, index, json_ld, project, script, site, urlset
from tests.servers.loopback import Answer, serving

ROBOTS = "User-agent: *\nDisallow: /intern/\nDisallow: /*?print=\n\nSitemap: {site}/maps/all.xml\n"
PRACTICES = {"/p/1": json_ld(project("Toit")), "/p/2": json_ld(project("Mur")), "/p/3": json_ld(project("Four"))}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", "https://hub.example")
    yield opened
    opened.close()


def run(ledger: Ledger, there: Site, **more: Any) -> HarvestReport:
    return harvest(ledger, there.source(**more), there.client(), load(), lambda *_: None)


def states(ledger: Ledger, there: Site) -> dict[str, str]:
    return {r.identifier.replace(there.server.url, ""): r.state for r in ledger.changes.all_records()}


def failure(there: Site, path: str = "/sitemap.xml", **more: Any) -> str:
    with pytest.raises(FetchError) as raised:
        there.records(path, **more)
    return str(raised.value).replace(there.server.url, "")


# Where the pages are listed


def test_a_site_is_visited_by_the_sitemaps_of_its_robots_txt() -> None:
    maps = {"/maps/all.xml": index("/maps/1.xml", "/maps/2.xml"), "/maps/1.xml": urlset(["/p/1"])}
    maps |= {"/maps/2.xml": urlset(["/p/2"]), "/robots.txt": Answer(ROBOTS)}
    with site({**PRACTICES, **maps}) as there:
        assert there.names("/") == ["practice /p/1", "practice /p/2"]
        assert there.server.paths == ["/robots.txt", "/maps/all.xml", "/maps/1.xml", "/maps/2.xml", "/p/1", "/p/2"]


def test_a_site_without_robots_txt_is_visited_by_its_sitemap() -> None:
    with site(PRACTICES) as there:
        assert there.names("") == ["practice /p/1", "practice /p/2", "practice /p/3"]


def test_a_site_without_sitemap_is_its_first_page() -> None:
    with site({"/": json_ld(project()), "/sitemap.xml": Answer(status=404)}) as there:
        assert there.names("/") == ["practice /"]


def test_one_page() -> None:
    with site(PRACTICES) as there:
        assert there.names("/p/2") == ["practice /p/2"]


def test_a_plain_list_of_addresses() -> None:
    with site({**PRACTICES, "/list.txt": Answer("\ufeff{site}/p/1\r\n\r\n{site}/p/3#more\nno address\n")}) as there:
        assert there.names("/list.txt") == ["practice /p/1", "practice /p/3"]


def test_no_link_of_a_page_is_followed() -> None:
    """A calendar has a next month for ever."""
    days = {f"/cal?month={n}": html(f"<a href='/cal?month={n + 1}' rel=next>&gt;</a>") for n in range(50)}
    pages = {
        **days,
        "/p/1": html("<a href='/cal?month=0'>agenda</a> <a href='/p/2'>mur</a>"),
        "/p/2": json_ld(project()),
    }
    with site({**pages, "/sitemap.xml": urlset(["/p/1"])}) as there:
        assert there.names() == []
        assert there.server.paths == ["/robots.txt", "/sitemap.xml", "/p/1"]


@pytest.mark.parametrize(
    ("pages", "visited"),
    [
        ("/p/", ["/p/1", "/p/10", "/p/2"]),
        ("{site}/p/1", ["/p/1", "/p/10"]),
        ("/p/*0", ["/p/10"]),
        ("*p/1", ["/p/1"]),
        (["/p/2", "/nouvelles/*"], ["/nouvelles/1", "/p/2"]),
    ],
)
def test_pages_chooses_by_beginning_or_pattern(pages: Any, visited: list[str]) -> None:
    with site({path: html(path) for path in ("/p/1", "/p/2", "/p/10", "/nouvelles/1", "/q/p/1x")}) as there:
        wanted = pages.replace("{site}", there.server.url) if isinstance(pages, str) else pages
        there.records(options={"pages": wanted})
        assert there.server.paths[2:] == visited


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"pages": "/x/"}, "site: options.pages fits none of the 3 pages that are listed"),
        ({"pages": 3}, "site: options.pages is '3'; it must be a list"),
        ({"most": 0}, "site: options.most is 0; it must be a number from 1"),
        ({"hosts": "b.example"}, "site: options.hosts is 'b.example'; it must be a list"),
        ({"most": 2}, "3 pages are listed, and options.most lets 2 be visited"),
    ],
)
def test_options_that_cannot_be_used_are_told(options: dict[str, Any], told: str) -> None:
    with site(PRACTICES) as there:
        assert told in failure(there, options=options)


def test_only_pages_of_the_sites_own_hosts_are_visited(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with site(PRACTICES) as there, serving(lambda q: json_ld(project())) as other:
        there.answers["/sitemap.xml"] = Answer(
            f"{there.server.url}/p/1\n{other.url}/p/9\nhttp://169.254.169.254/x\nfile:///etc/passwd\nhttp://[\n"
        )
        assert there.names() == ["practice /p/1"]
        assert other.asked == []
        assert "3 addresses of other sites" in caplog.text


def test_the_lists_of_a_sitemap_index_may_each_fail_and_the_rest_is_visited(ledger: Ledger) -> None:
    maps = {"/sitemap.xml": index("/1.xml", "/2.xml", "/1.xml"), "/1.xml": urlset(["/p/1"]), "/2.xml": urlset(["/p/2"])}
    with site({**PRACTICES, **maps}) as there:
        assert run(ledger, there).state == "complete"
        there.answers["/2.xml"] = Answer("<html>oops", status=500)
        for _ in range(4):
            report = run(ledger, there)
            assert (report.state, report.unchanged, report.missing, report.withdrawn) == ("partial", 1, 0, 0)
        assert "/2.xml: answered 500" in report.message
        assert states(ledger, there) == {"/p/1": "live", "/p/2": "live"}


# What becomes of records


def test_from_the_page_to_the_ledger_and_back(ledger: Ledger) -> None:
    with site(PRACTICES) as there:
        first, again = run(ledger, there), run(ledger, there)
        assert (first.state, first.created) == ("complete", 3)
        assert (again.state, again.unchanged, again.changed) == ("complete", 3, 0)
        there.answers["/p/1"] = json_ld(project("Toiture"))
        assert run(ledger, there).changed == 1


def test_a_page_that_left_the_sitemap_is_withdrawn_after_its_grace(ledger: Ledger) -> None:
    with site(PRACTICES) as there:
        run(ledger, there)
        del there.answers["/p/3"]
        told = [run(ledger, there) for _ in range(3)]
        assert [report.state for report in told] == ["complete"] * 3
        assert states(ledger, there) == {"/p/1": "live", "/p/2": "live", "/p/3": "withdrawn"}


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_listed_and_gone_is_withdrawn(ledger: Ledger, status: int) -> None:
    with site(PRACTICES) as there:
        run(ledger, there)
        there.answers["/p/3"] = Answer("gone", status, media_type=HTML)
        assert [run(ledger, there).state for _ in range(3)] == ["complete"] * 3
        assert states(ledger, there)["/p/3"] == "withdrawn"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer("oops", 500, media_type=HTML), "/p/3: answered 500"),
        (Answer("slow down", 429, media_type=HTML), "/p/3: answered 429"),
        (Answer("no", 403, media_type=HTML), "/p/3: answered 403"),
        (Answer(" \n", media_type=HTML), "/p/3: answered with an empty document"),
        (html('<script type="application/ld+json">{"@type": </script>'), "/p/3: JSON-LD in the page is no valid JSON"),
        (html('<script type="application/ld+json">{"@context":"https://x.example/c"}</script>'), "options.contexts"),
        (Answer("", 302, {"Location": "/p/3"}, HTML), "/p/3: redirects more than 5 times"),
        (Answer("", 302, {"Location": "http://127.0.0.1:1/"}, HTML), "127.0.0.1:1, which is not visited"),
        (Answer("", 302, {"Location": "http://[/"}, HTML), "/p/3: Invalid IPv6 URL"),
        (Answer("", 302, {"Location": "file:///etc/passwd"}, HTML), "no host, which is not visited"),
    ],
)
def test_a_page_that_fails_deletes_nothing(ledger: Ledger, answer: Answer, told: str) -> None:
    with site(PRACTICES) as there:
        run(ledger, there)
        there.answers["/p/3"] = answer
        for _ in range(3):
            report = run(ledger, there)
            assert (report.state, report.unchanged, report.missing) == ("partial", 2, 0)
        assert told in report.message.replace(there.server.url, "")
        assert "nothing is deleted" in report.message
        assert states(ledger, there) == dict.fromkeys(PRACTICES, "live")


def test_a_notice_in_place_of_pages_deletes_nothing(ledger: Ledger) -> None:
    """With status 200, and without data, as pages that never had any."""
    pages = {f"/p/{n}": json_ld(project(f"Toit {n}")) for n in range(9)}
    with site({**pages, "/1": html("Bienvenue"), "/2": html("Bienvenue")}) as there:
        assert run(ledger, there).state == "complete"
        there.answers |= dict.fromkeys(("/p/3", "/p/5", "/p/8"), html("<h1>En maintenance</h1>"))
        report = run(ledger, there)
        assert (report.state, report.missing) == ("partial", 0)
        assert "/p/8: 3 pages are this one document, which holds no data" in report.message


@pytest.mark.parametrize("cut", [1, 2])
def test_a_page_that_is_cut_before_its_data_deletes_nothing(ledger: Ledger, cut: int) -> None:
    """Half a page of HTML is as good as a whole one; but the others of its site have an end."""
    with site({**PRACTICES, "/p/4": html("Bienvenue")}) as there:
        run(ledger, there)
        there.answers |= {f"/p/{n}": Answer(f"<html><body><h1>Toit {n}", media_type=HTML) for n in range(1, cut + 1)}
        report = run(ledger, there)
        assert (report.state, report.missing) == ("partial" if cut == 1 else "held", 0)


def test_a_page_is_known_by_its_beginning_whatever_its_media_type() -> None:
    page = replace(json_ld(project("Toit")), media_type="application/octet-stream")
    with site({"/p/1": page, "/sitemap.xml": urlset(["/p/1"])}) as there:
        assert there.names() == ["practice /p/1"]


def test_a_site_that_answers_nothing_is_left_in_peace() -> None:
    pages = {f"/p/{n:02}": Answer("oops", 503, media_type=HTML) for n in range(60)}
    with site(pages) as there:
        assert f"{web_pages.MOST_FAILURES} pages in a row failed" in failure(there)
        assert len(there.server.paths) == 2 + web_pages.MOST_FAILURES


def test_a_run_that_was_killed_goes_on_and_remembers_what_failed() -> None:
    pages = {**PRACTICES, "/p/0": Answer("oops", 500, media_type=HTML)}
    with site(pages) as there:
        first = next(WebPagesHarvester().pages(there.source(), there.client()))
        assert [r.identifier for r in first.records] == [f"{there.server.url}/p/1"]
        del there.answers["/p/0"]
        rest = []
        with pytest.raises(FetchError, match="1 of the pages and sitemaps failed"):
            for page in WebPagesHarvester().pages(there.source(), there.client(), first.cursor):
                rest += [r.identifier.replace(there.server.url, "") for r in page.records]
                assert page.cursor is not None  # the listing has not come to its end
        assert rest == ["/p/2", "/p/3"]


def test_only_what_may_have_changed_is_visited_where_that_is_asked() -> None:
    changed = {
        "/p/old": "2026-03-01", "/p/day-before": "2026-03-08", "/p/that-day": "2026-03-10", "/p/none": "",
        "/p/new": "2026-03-10T12:00:00+01:00", "/p/past": "2026-03-10T09:00:00Z", "/p/odd": "last week",
    }  # fmt: skip
    with site({path: json_ld(project(path)) for path in changed}, changed=changed) as there:
        found = there.records(since=datetime(2026, 3, 10, 10, 30, tzinfo=UTC))
        assert sorted(r.identifier.rpartition("/")[2] for r in found) == ["new", "none", "odd", "that-day"]
        assert len(there.names()) == 7


def test_a_page_that_prefers_an_address_of_no_page_waits_for_the_whole_listing() -> None:
    """Else it would take the name from the page that has it: which one that is shows only among all."""
    pages = {path: html(script(project(path)), '<link rel=canonical href="/x">') for path in ("/p/1", "/p/2")}
    with site({**pages, "/p/3": html(script(project("3")), '<link rel=canonical href="/p/3/">')}) as there:
        assert there.names() == ["practice /x", "practice /p/2", "practice /p/3/"]
        found = there.records(since=datetime(2026, 3, 10, tzinfo=UTC))
        assert [r.identifier for r in found] == [f"{there.server.url}/p/3/"]


def test_an_address_that_is_neither_sitemap_nor_page_is_told() -> None:
    with site({"/feed": Answer("<rss><channel/></rss>", media_type="application/rss+xml")}) as there:
        assert "/feed: answered application/rss+xml, which is no sitemap, no web page" in failure(there, "/feed")
        assert "/nowhere: is gone, or forbidden by robots.txt" in failure(there, "/nowhere")


# Politeness


def test_what_robots_txt_forbids_is_not_fetched(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    rules = "User-agent: other\nDisallow: /\n\nUser-agent: coped-hub\nDisallow: /p/2\nAllow: /p/2/public\n"
    pages = {path: json_ld(project(path)) for path in ("/p/1", "/p/2", "/p/2/public", "/p/3")}
    pages |= {"/robots.txt": Answer(rules), "/p/3": Answer("", 301, {"Location": "/p/2"}, HTML)}
    with site(pages) as there:
        assert there.names() == ["practice /p/1", "practice /p/2/public"]
        assert "/p/2" not in there.server.paths
        assert "2 forbidden by robots.txt" in caplog.text


def test_a_site_that_forbids_all_is_an_incomplete_listing() -> None:
    with site({**PRACTICES, "/robots.txt": Answer("User-agent: *\nDisallow: /p")}) as there:
        assert "robots.txt forbids all 3 pages" in failure(there)
        assert there.server.paths == ["/robots.txt", "/sitemap.xml"]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_robots_txt_that_is_not_there_allows_all(status: int) -> None:
    with site({**PRACTICES, "/robots.txt": Answer("Disallow: /", status)}) as there:
        assert len(there.names()) == 3


def test_while_robots_txt_fails_nothing_is_visited(ledger: Ledger) -> None:
    with site(PRACTICES) as there:
        run(ledger, there)
        there.answers["/robots.txt"] = Answer("oops", 503)
        asked = len(there.server.paths)
        report = run(ledger, there)
        assert report.state == "failed"
        assert "/robots.txt: answered 503; while a site cannot say what is allowed" in report.message
        assert there.server.paths[asked:] == ["/robots.txt"]


def test_the_delay_that_robots_txt_asks_for_is_kept_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harvesters.sites.LONGEST_DELAY", 0.2)
    with site({**PRACTICES, "/robots.txt": Answer("User-agent: *\nCrawl-delay: 3600")}) as there:
        started = monotonic()
        assert len(there.names()) == 3
        assert 3 * 0.2 <= monotonic() - started < 10  # the sitemap, and three pages
