"""What a page says for machines, in each of its syntaxes; what is a record on it; and pages that mean harm."""

import gzip
import html as html_text
import resource
from time import monotonic
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse

from harvesters import sites
from harvesters.nodes import classes
from harvesters.sitemaps import MOST_BYTES, Sitemaps
from harvesters.structured_data import read_page
from harvesters.things import DEFAULT, PageThings
from hub.errors import FetchError
from hub.fetch import Response
from hub.model import RawRecord, Source
from tests.harvesters.web_site import HTML, URLSET, XML, Site, html, json_ld, project, script, site, urlset
from tests.servers.loopback import Answer, serving

SCHEMA = "http://schema.org/"
SOURCE = Source("site", {"en": "A site"}, "FRA", "fr", "web-pages", "http://h.example/", "dcat")
PLACE = {"@type": "Place", "name": "Le 6b"}


def records(page: Answer, **more: Any) -> list[RawRecord]:
    with site({"/p": page}) as there:
        return _shortened(there.records(**more), there)


def several(pages: dict[str, Answer], **more: Any) -> list[RawRecord]:
    with site(pages) as there:
        return _shortened(there.records(**more), there)


def _shortened(found: list[RawRecord], there: Site) -> list[RawRecord]:
    """Without the address of the site, which is another each time."""
    url = there.server.url
    return [
        RawRecord(r.identifier.replace(url, ""), r.payload.replace(url.encode(), b"site:"), r.media_type, r.kind)
        for r in found
    ]


def lines(record: RawRecord) -> set[str]:
    """The statements, with http for schema.org's https and without its namespace; blank nodes are all one."""
    text = record.payload.decode().replace("https://schema.org/", SCHEMA)
    words = (line.removesuffix(" .").split(" ", 2) for line in text.splitlines())
    return {f"{_short(s)} {_short(p)} {_short(o)}" for s, p, o in words}


def _short(term: str) -> str:
    if term.startswith("_:"):
        return "_"
    term = term.replace("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "a")
    term = term.replace("http://www.w3.org/2001/XMLSchema#", "xsd:")
    return term.replace(f"<{SCHEMA}", "<") if term.startswith("<") else term


# Three syntaxes, one meaning

EVENT = {
    "<site:/p> <a> <Event>",
    '<site:/p> <name> "Daken & zon"@nl',
    "<site:/p> <location> _",
    "<site:/p> <image> <site:/foto.jpg>",
    "_ <a> <Place>",
    '_ <name> "Ház"@hu',
}
MICRODATA = """<article itemscope itemtype="https://schema.org/Event" lang="nl"><h1 itemprop="name">Daken &amp; zon</h1>
 {start}<img itemprop="image" src="/foto.jpg" alt="">
 <div itemprop="location" itemscope itemtype="https://schema.org/Place"><b itemprop="name" lang="hu">Ház</b></div>
</article>"""
RDFA = """<article vocab="https://schema.org/" typeof="Event" resource="" lang="nl">
 <h1 property="name">Daken &amp; zon</h1>{start}<img property="image" src="/foto.jpg" alt="">
 <div property="location" typeof="Place"><b property="name" lang="hu">Ház</b></div></article>"""
JSON = {
    "@type": "Event",
    "name": "Daken & zon",
    "startDate": "2026-05-01",
    "image": "/foto.jpg",
    "location": {"@type": "Place", "name": {"@value": "Ház", "@language": "hu"}},
}


@pytest.mark.parametrize(
    ("page", "start"),
    [
        (json_ld(JSON, language="nl"), '"2026-05-01"@nl'),
        (html(MICRODATA.format(start='<time itemprop="startDate">2026-05-01</time>')), '"2026-05-01"^^<xsd:date>'),
        (
            html(MICRODATA.format(start='<time itemprop="startDate" datetime="2026-05-01">mei</time>')),
            '"2026-05-01"^^<xsd:date>',
        ),
        (html(MICRODATA.format(start='<meta itemprop="startDate" content="2026-05-01">')), '"2026-05-01"@nl'),
        (html(RDFA.format(start='<time property="startDate">2026-05-01</time>')), '"2026-05-01"^^<xsd:date>'),
    ],
)
def test_an_event_in_each_syntax(page: Answer, start: str) -> None:
    (record,) = records(page)
    assert (record.kind, record.identifier) == ("event", "/p")
    assert lines(record) == EVENT | {f"<site:/p> <startDate> {start}"}


def test_microdata_that_refers_to_other_parts_of_the_page() -> None:
    body = """<div id=x><b itemprop=name>Fête</b></div><i itemprop=name>stray</i>
      <div itemscope itemtype="http://schema.org/Event" itemref="x y nowhere" itemid="#f"></div>
      <div id=y itemprop=location itemscope itemtype="http://schema.org/Place"><data itemprop=floorSize value=12>douze
      </data><object itemprop=hasMap data="/map"></object><a itemprop=url rel=nofollow href="6b">6b</a></div>"""
    (record,) = records(html(body))
    assert lines(record) == {
        "<site:/p#f> <a> <Event>", '<site:/p#f> <name> "Fête"@fr', "<site:/p#f> <location> _", "_ <a> <Place>",
        '_ <floorSize> "12"@fr', "_ <hasMap> <site:/map>", "_ <url> <site:/6b>",
    }  # fmt: skip


def test_what_is_not_read_by_people_is_no_text() -> None:
    body = (
        '<p itemscope itemtype="http://schema.org/Event"><b itemprop=name>Fête<script>x()</script><style>y</style></b>'
    )
    (record,) = records(html(body))
    assert lines(record) == {"<site:/p> <a> <Event>", '<site:/p> <name> "Fête"@fr'}


@pytest.mark.parametrize(
    ("text", "is_read"),
    [
        ('{"@context":"http://schema.org/","@type":"Event","name":"a\nb"}', True),
        ('<!--\n{"@context":"https://schema.org","@type":"Event","name":"a"}\n-->', True),
        ('//<![CDATA[\n{"@context":"https://schema.org","@type":"Event","name":"a"};\n//]]>', True),
        ('[{"@context":"https://schema.org","@type":"Event","name":"a"}]', True),
        ('{"@context":"https://schema.org","@graph":[{"@graph":[{"@type":"Event","name":"a"}]}]}', True),
        ('{"@type":"Event","name":"a"}', False),
        ("", False),
        ("{}", False),
    ],
)
def test_json_ld_as_pages_hold_it(text: str, is_read: bool) -> None:
    page = html("", head=f"<script type='application/ld+json; charset=utf-8'>{text}</script>")
    assert [r.kind for r in records(page)] == ["event"] * is_read


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ("/b/", "site:/b/p#x"), ("http://h.example/a b{/", "http://h.example/a%20b%7B/p#x"), ("http://[", "site:/p#x"),
        ("javascript:x", "site:/p#x"), ("http://h.example:99999/", "site:/p#x"), ("/%zz/", "site:/%25zz/p#x"),
    ],
)  # fmt: skip
def test_links_are_relative_to_the_page_s_own_base(base: str, told: str) -> None:
    (record,) = records(html(script(project(**{"@id": "p#x"})), f'<base href="{base}">'))
    assert record.identifier.replace("site:", "") == told.replace("site:", "")


@pytest.mark.parametrize("media_type", ["text/turtle", "application/ld+json"])
def test_the_same_as_rdf_elsewhere(media_type: str) -> None:
    body = (
        f'<{{site}}/p> a <{SCHEMA}Event> ; <{SCHEMA}name> "Fest" .'
        if media_type == "text/turtle"
        else '{"@id":"{site}/p","@type":"http://schema.org/Event","http://schema.org/name":"Fest"}'
    )
    head = (
        f'<link rel="alternate" type="{media_type}" href="/data"><link rel=alternate type=text/turtle href=//x.test/>'
    )
    (record,) = several({"/p": html("", head), "/data": Answer(body, media_type=media_type)})
    assert lines(record) == {"<site:/p> <a> <Event>", '<site:/p> <name> "Fest"'}


def test_the_letters_of_a_page_are_read_as_it_says() -> None:
    page = html(
        '<p itemscope itemtype="http://schema.org/Event"><b itemprop=name>Fűtés</b>', "<meta charset=iso-8859-2>"
    )
    assert isinstance(page.body, str)
    (record,) = records(Answer(page.body.encode("iso-8859-2"), media_type=HTML))
    assert '<site:/p> <name> "Fűtés"@fr' in lines(record)


# What is a record


@pytest.mark.parametrize(
    ("thing", "identifier"),
    [
        (project(), "/p"),
        (project(**{"@id": "#toit"}), "/p#toit"),
        (project(**{"@id": "https://id.example/1"}), "https://id.example/1"),
        (project(**{"@id": "urn:uuid:1"}), "urn:uuid:1"),
        (project(url="/p?lang=fr"), "/p?lang=fr"),
        (project(**{"@id": "#toit"}, url="/toit"), "/p#toit"),
    ],
)
def test_a_thing_is_called_by_its_iri_else_by_its_url_else_by_its_page(thing: dict[str, Any], identifier: str) -> None:
    (record,) = records(json_ld(thing))
    assert record.identifier == identifier
    assert f"<{'site:' if identifier[0] == '/' else ''}{identifier}> <a> <Project>" in lines(record)


def test_a_page_is_called_as_it_prefers_unless_that_is_another_page() -> None:
    def page(name: str, link: str) -> Answer:
        return html(script(project(name)), f'<link rel=canonical href="{link}">')

    pages = {"/a": page("A", "/A"), "/b": page("B", "/a"), "/c": page("C", "https://x.example/"), "/d": page("D", "/A")}
    assert [r.identifier for r in several(pages)] == ["/A", "/b", "/c", "/d"]


def test_parts_are_no_records_and_the_frame_of_the_site_is_no_part() -> None:
    graph = [
        {"@type": "WebSite", "@id": "/#site", "name": "Site", "publisher": {"@id": "/#org"}},
        {"@type": "WebPage", "@id": "/p", "isPartOf": {"@id": "/#site"}, "about": {"@id": "/p#article"}},
        {"@type": "BreadcrumbList", "@id": "/p#way", "itemListElement": [{"@type": "ListItem", "name": "Accueil"}]},
        {"@type": "Organization", "@id": "/#org", "name": "La Main"},
        {"@type": "Article", "@id": "/p#article", "headline": "Toit", "isPartOf": {"@id": "/p"}, "mentions": PLACE,
         "publisher": {"@id": "/#org"}, "potentialAction": {"@type": "CommentAction", "name": "Commenter"}},
    ]  # fmt: skip
    (article,) = records(json_ld({"@graph": graph}))
    assert (article.kind, article.identifier) == ("practice", "/p#article")
    told = lines(article)
    assert {'<site:/#org> <name> "La Main"@fr', '_ <name> "Le 6b"@fr', "<site:/p#article> <isPartOf> <site:/p>"} <= told
    assert not [line for line in told if "Accueil" in line or "Commenter" in line or '"Site"' in line]


def test_what_has_a_page_of_its_own_is_told_there() -> None:
    brief = {"@type": "ItemList", "itemListElement": [{"@type": "Event", "name": "Brief", "url": "/e/1"}]}
    whole = {"@type": "Event", "name": "Whole", "url": "/e/1", "startDate": "2026-05-01"}
    found = several({"/agenda": json_ld(brief), "/e/1": json_ld(whole)})
    assert [(r.identifier, '"Whole"' in r.payload.decode()) for r in found] == [("/e/1", True)]


def test_several_things_of_a_page_without_address_are_called_by_their_names() -> None:
    events = [{"@type": "Event", "name": name} for name in ("Fête", "Visite")]
    found = [r.identifier for r in records(json_ld({"@graph": [*events, {"@type": "Place", "name": "6b"}]}))]
    assert [name.rpartition("-")[0] or name for name in sorted(found)] == ["/p", "/p#fete", "/p#visite"]


@pytest.mark.parametrize("more", [{}, {"@id": "#fete"}, {"url": "{site}/p"}])
def test_a_thing_told_in_two_syntaxes_is_one(more: dict[str, Any]) -> None:
    told = {"@type": "Event", "name": "Fête", "startDate": "2026-05-01", **more}
    body = '<p itemscope itemtype="http://schema.org/Event"><b itemprop=name>Fête</b></p>'
    (record,) = records(html(body + script(told)))
    assert "2026-05-01" in record.payload.decode()


def test_of_a_thing_that_pages_tell_differently_the_first_counts() -> None:
    def page(text: str) -> Answer:
        return json_ld({"@type": "Place", "@id": "https://id.example/6b", "name": "6b", "description": text})

    (record,) = several({"/b": page("second"), "/a": page("first")})
    assert '"first"' in record.payload.decode()


def test_the_classes_of_a_source_are_taken_in_place_of_ours() -> None:
    graph = {
        "@graph": [{"@type": "BlogPosting", "@id": "#b", "headline": "B"}, project(), {"@type": "Recipe", "name": "S"}]
    }
    assert [r.identifier for r in records(json_ld(graph), select={"practice": "schema:BlogPosting"})] == ["/p#b"]
    assert [r.kind for r in records(json_ld(graph))] == ["practice"]


@pytest.mark.parametrize(
    "page",
    [
        html("<h1>Nothing</h1>"),
        Answer("<!-- -->", media_type=HTML),
        Answer(b"\x00\x00\xff\xfe", media_type=HTML),
        Answer(b"%PDF-1.7", media_type="application/pdf"),
        json_ld({"@type": "Person", "name": "Anna"}),
        json_ld({"@type": "Event"}),
    ],
)
def test_a_page_without_data_of_ours_is_no_record(page: Answer) -> None:
    found = several({"/p": page, "/sitemap.xml": urlset(["/p"])})
    assert found == []


_ATTRIBUTES = (
    *(
        "about",
        "content",
        "datatype",
        "datetime",
        "href",
        "id",
        "itemid",
        "itemprop",
        "itemref",
        "itemscope",
        "itemtype",
    ),
    *("lang", "prefix", "property", "rel", "resource", "src", "typeof", "value", "vocab"),
)
_ODD = st.sampled_from(
    (
        *(
            "",
            " ",
            "#",
            "x",
            "x y",
            "name",
            "schema:name",
            "http://schema.org/Event",
            "https://schema.org/",
            "http://[",
        ),
        *("[x:y]", "_:b", "2026-13-01", "fr_FR", "x-!", "a: http://x/", ":", "//", "\ud800", "\x01", "é<", "-1"),
    )
)
_ELEMENT = st.tuples(
    st.sampled_from("a b time meta link data object svg p:q".split()),  # noqa: SIM905
    st.dictionaries(st.sampled_from(_ATTRIBUTES), _ODD),
    st.booleans(),
)


def attributes(said: dict[str, str]) -> str:
    return " ".join(f'{name}="{html_text.escape(value)}"' for name, value in said.items())


@settings(max_examples=300, deadline=None)
@given(st.lists(_ELEMENT, min_size=1, max_size=12))
def test_any_markup_is_read_or_told(elements: list[tuple[str, dict[str, str], bool]]) -> None:
    body = "".join(f"<{tag} {attributes(said)}>x" + (f"</{tag}>" if ends else "") for tag, said, ends in elements)
    page = Response("http://h.example/p", 200, {}, body.encode("utf-8", "surrogatepass"), "text/html")
    data = read_page(page, {})
    things = PageThings(data.triples, [data.canonical], classes(SOURCE, DEFAULT))
    for thing in things.records(lambda _: False, only_own=False):
        assert list(parse(thing.record.payload, format=RdfFormat.N_TRIPLES, lenient=True))


# Pages and sitemaps that mean harm


def _nested(markup: str) -> str:
    return markup * 20_000


HARMFUL = {
    "deep elements": (HTML, _nested("<div>"), None),
    "deep microdata": (HTML, _nested('<div itemprop=a itemscope itemtype="http://schema.org/Event">'), None),
    "deep rdfa": (HTML, _nested('<div vocab="http://schema.org/" typeof="Event" property="about">'), None),
    "many items": (HTML, '<p itemscope itemtype="http://schema.org/Event"><b itemprop=name>x</b>' * 20_000, "20000 el"),
    "items in a circle": (
        HTML,
        '<p id=a itemscope itemref=b></p><p id=b itemprop=x itemscope itemref="a b"></p><p itemscope itemref="a b">',
        None,
    ),
    "items that double": (
        HTML,
        "".join(f'<p id=x{n} itemprop=p itemscope itemref="x{n + 1} x{n + 2}"></p>' for n in range(60)),
        None,
    ),
    "one part in many items": (
        HTML,
        '<p itemscope itemref=r></p>' * 3000 + "<div id=r>" + "<b itemprop=n>y</b>" * 300,
        "items refer to more than 20000 elements",
    ),
    "deep json": (HTML, f'<script type="application/ld+json">{"[" * 100_000}</script>', "maximum recursion depth"),
    "no addresses": (
        HTML,
        '<base href="http://["><p itemscope itemtype="http://[ b{" itemid="http://["><a itemprop="url x:y" href="http://[">'
        '<time itemprop=startDate datetime="99-99-99">x</time></p><p typeof="a:b" prefix="a: http://[" lang="? !">',
        "its markup cannot be read",
    ),
    "entities of its own": (
        HTML,
        '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><p itemscope itemtype="http://schema.org/Event">'
        "<b itemprop=name>&b;</b>",
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", [*HARMFUL, "a large page"])
def test_a_page_that_means_harm_costs_itself_alone(name: str) -> None:
    large = (HTML, b"<p>" + b"x" * 100_000_000, "larger than 10000000 bytes")
    media_type, body, told = HARMFUL.get(name, large)
    started = monotonic()
    found: list[str] = []
    with site({"/a": json_ld(project()), "/b": Answer(body, media_type=media_type), "/c": json_ld(project())}) as there:
        try:
            found = there.names()
            assert told is None
        except FetchError as error:
            assert told is not None and told in str(error)
            assert there.server.paths[-1] == "/c"
    assert told or {"practice /a", "practice /c"} <= set(found)
    assert monotonic() - started < 30


@pytest.mark.parametrize("port", ["other", "169.254.169.254:80"])
def test_a_page_does_not_lead_into_the_network(port: str) -> None:
    with serving(lambda q: Answer("secret")) as inside:
        host = inside.host if port == "other" else port
        page = Answer("", 302, {"Location": f"http://{host}/latest/meta-data"}, HTML)
        with site({"/p": page}) as there:
            with pytest.raises(FetchError, match=r"not visited; if it is the site's, name it in options\.hosts"):
                there.records()
            with pytest.raises(FetchError, match="an address inside a network"):
                there.records(options={"hosts": [host]})
        assert inside.asked == []


def _bomb() -> bytes:
    return gzip.compress(f"{URLSET}<!--".encode() + b" " * (MOST_BYTES + 10) + b"--></urlset>")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(_bomb(), media_type="application/gzip"), "larger than 52428800 bytes, unpacked"),
        (Answer(gzip.compress(f"{URLSET}</urlset>".encode())[:-9], media_type="application/gzip"), "ends too early"),
        (
            Answer(gzip.compress(b"https://a.example/1\n") + gzip.compress(b"https://a.example/2\n")),
            "something stands behind the packed sitemap",
        ),
        (Answer(b"\x1f\x8bnothing", media_type="application/gzip"), "packed sitemap is broken"),
        (Answer(f"<!DOCTYPE u [<!ENTITY a 'b'>]>{URLSET}<url><loc>&a;</loc></url></urlset>"), "declares a DOCTYPE"),
        (Answer(f"{URLSET}<url><loc>{{site}}/p</loc></url>"), "is no valid XML"),
        (Answer(f"{URLSET}{'<url>' * 1000}"), "is no valid XML"),
        (Answer(f"{URLSET}{'<url><loc>{site}/p</loc></url>' * 50_001}</urlset>"), "more than 50000 addresses"),
        (Answer("<sitemapindex><sitemap><loc>{site}/2.xml</loc></sitemap></sitemapindex>"), "within an index"),
    ],
)  # fmt: skip
def test_a_sitemap_that_means_harm_is_not_read(answer: Answer, told: str) -> None:
    with site({"/sitemap.xml": answer, "/2.xml": answer, "/p": json_ld(project())}) as there:
        with pytest.raises(FetchError, match=told):
            there.records()
        assert "/p" not in there.server.paths


def test_a_packed_sitemap() -> None:
    with site({"/p": json_ld(project())}) as there:
        packed = gzip.compress(f"{URLSET}<url><loc>{there.server.url}/p</loc></url></urlset>".encode())
        there.answers["/sitemap.xml.gz"] = Answer(packed, media_type="application/x-gzip")
        assert there.names("/sitemap.xml.gz") == ["practice /p"]


def test_the_sitemap_of_a_large_site_is_read_in_flat_memory() -> None:
    entry = "<url><loc>http://127.0.0.1/{}</loc><x>{}</x></url>"
    pages = "".join(entry.format(n, "<a/>" * 60) for n in range(40_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with site({"/sitemap.xml": Answer(f"{URLSET}{pages}</urlset>", media_type=XML)}) as there:
        found = Sitemaps(sites.Site(there.client(), ["127.0.0.1"]))
        found.take(there.client().get(f"{there.server.url}/sitemap.xml"))
        assert len(found.entries) == 40_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000  # kB, of which the text has 12,000
