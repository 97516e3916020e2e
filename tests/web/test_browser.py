"""A person with a browser: types, narrows, opens, changes the language; without scripts, by keyboard, on a phone."""

from collections.abc import Iterator

import pytest

from tests.servers import need
from tests.servers.chromium import MISSING, Browser, chromium, programs
from tests.web.hub import Hub

TAB, ENTER = "\ue004", "\ue007"
CARD_TITLES = ".card h3 a"
# Relative luminance and contrast as WCAG 2.2 defines them; a text's background is the nearest one that is opaque.
CONTRAST = """
const rgb = text => text.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => { const f = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
  if (c.length < 4 || c[3] === 1) return c; } return [255, 255, 255]; };
const poor = [];
for (const e of document.querySelectorAll("body *")) {
  const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  if (!own || !e.checkVisibility() || e.closest(".hidden, .skip")) continue;
  const [a, b] = [light(rgb(getComputedStyle(e).color)), light(behind(e))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) poor.push(`${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
}
return poor;
"""


@pytest.fixture(scope="module", params=[True, False], ids=["with-scripts", "without-scripts"])
def browser(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    need(programs() is not None, MISSING)
    with chromium(tmp_path_factory.mktemp("chromium"), scripts=request.param) as opened:
        opened.open("data:text/html,<p id=p>off</p><script>p.textContent='on'</script>")
        assert opened.text("p") == ("on" if request.param else "off")
        opened.resize(1280, 1000)
        yield opened


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    need(programs() is not None, MISSING)
    with chromium(tmp_path_factory.mktemp("scripted")) as opened:
        opened.resize(1280, 1000)
        yield opened


@pytest.fixture(scope="module")
def dark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    need(programs() is not None, MISSING)
    with chromium(tmp_path_factory.mktemp("dark"), "--blink-settings=preferredColorScheme=0") as opened:
        yield opened


def test_a_visitor_searches_narrows_opens_and_changes_the_language(hub: Hub, browser: Browser) -> None:
    browser.open(f"{hub.url}/hu/")
    browser.type("#q", "napelem")
    browser.click("form[role=search] button")
    browser.until(lambda: "q=napelem" in browser.url)
    everything = browser.count(".card")
    assert everything > 10 and browser.count("mark") > 5
    browser.click('.facet a[href*="country="]')
    browser.until(lambda: "country=" in browser.url)
    assert 0 < browser.count(".card") < everything and browser.count("a.chip.chosen") == 1
    assert browser.attribute("#q", "value") == "napelem"
    browser.click(CARD_TITLES)
    browser.until(lambda: "/practice/" in browser.url)
    title, address = browser.text("h1"), browser.url
    browser.click(".languages a[lang=de]")
    browser.until(lambda: browser.url == address.replace("/hu/", "/de/"))
    assert browser.attribute("html", "lang") == "de" and title
    assert "Woher dieser Eintrag stammt" in browser.text("main")
    browser.click(".brand")
    browser.until(lambda: browser.url == f"{hub.url}/de/")


def test_folded_texts_open_on_a_click(hub: Hub, browser: Browser) -> None:
    browser.open(f"{hub.url}/it/practice/sample-it/tetto-fornace-lucciola")
    assert not browser.visible("details.other p")
    browser.click("details.other summary")
    assert browser.visible("details.other p") and "The hall lost its heat" in browser.text("details.other p")


def test_a_mistake_leads_back_to_the_search(hub: Hub, browser: Browser) -> None:
    browser.open(f"{hub.url}/nl/nergens")
    assert browser.text("h1") == "Hier is niets te vinden"
    browser.type("#q", "dak")
    browser.click("form[role=search] button")
    browser.until(lambda: browser.count(".card") > 0)


def test_everything_can_be_done_by_keyboard(hub: Hub, browser: Browser) -> None:
    browser.open(f"{hub.url}/en/")
    browser.press(TAB)
    assert browser.visible(".skip") and browser.run("return document.activeElement.className") == "skip"
    browser.press(ENTER)
    browser.press(TAB)
    assert browser.run("return document.activeElement.id") == "q"
    browser.press(*"roof", ENTER)
    browser.until(lambda: "q=roof" in browser.url and browser.count(".card") > 0)
    browser.run("document.getElementById('main').focus()")
    for _ in range(60):
        browser.press(TAB)
        if browser.run("return document.activeElement.matches('.card h3 a')"):
            break
    outline = browser.run("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"  # where the focus is can be seen
    browser.press(ENTER)
    browser.until(lambda: "q=roof" not in browser.url and browser.count("article.record") == 1)


DOWN, UP, ESCAPE = "\ue015", "\ue013", "\ue00c"


def active(browser: Browser) -> str:
    """The option that a screen reader reads, which is the one that is shown as chosen."""
    script = """const at = document.getElementById(document.activeElement.getAttribute("aria-activedescendant"));
      const chosen = [...document.querySelectorAll("#suggestions [aria-selected=true]")];
      return chosen.length ? (chosen[0] === at && chosen.length === 1 ? at.innerText : "?") : at ? "?" : "";"""
    return str(browser.run(script))


def opened(browser: Browser) -> bool:
    """Whether suggestions are shown, and told to be."""
    script = """return [document.getElementById("q").getAttribute("aria-expanded") === "true",
      document.getElementById("suggestions").checkVisibility()]"""
    is_told, is_shown = browser.run(script)
    assert is_told == is_shown
    return bool(is_told)


def test_the_box_suggests_while_one_types_and_is_used_by_keyboard(hub: Hub, scripted: Browser) -> None:
    scripted.open(f"{hub.url}/sv/")
    assert scripted.attribute("#q", "role") == "combobox" and not opened(scripted)
    scripted.type("#q", "napel")
    scripted.until(lambda: opened(scripted))
    assert active(scripted) == ""
    scripted.press(DOWN)
    assert "Solceller" in active(scripted) and "Napelem" in active(scripted) and "Ämne" in active(scripted)
    scripted.press(UP)
    assert active(scripted) == ""
    scripted.press(UP)
    assert active(scripted) != ""
    scripted.press(ESCAPE)
    assert not opened(scripted) and scripted.run("return document.activeElement.value") == "napel"
    scripted.press("e", "m")
    scripted.until(lambda: opened(scripted))
    scripted.press(DOWN, ENTER)
    scripted.until(lambda: scripted.url == f"{hub.url}/sv/?measure=photovoltaics")
    assert "Solceller" in scripted.text("a.chip.chosen")


def test_enter_searches_for_what_was_typed_and_a_click_takes_a_suggestion(hub: Hub, scripted: Browser) -> None:
    scripted.open(f"{hub.url}/de/nirgends")
    scripted.type("#q", "casale")
    scripted.until(lambda: opened(scripted))
    scripted.press(ENTER)
    scripted.until(lambda: scripted.url == f"{hub.url}/de/?q=casale")
    scripted.open(f"{hub.url}/de/")
    scripted.type("#q", "casale")
    scripted.until(lambda: opened(scripted))
    scripted.click("#suggestions li")
    scripted.until(lambda: "q=Casale+Monferrato" in scripted.url)
    scripted.type("#q", "x")
    scripted.press(TAB)
    assert not opened(scripted)


def test_suggestions_can_be_read_and_fit_on_a_phone(hub: Hub, scripted: Browser, dark: Browser) -> None:
    for window in (scripted, dark):
        window.resize(390, 900)
        window.open(f"{hub.url}/hu/")
        window.type("#q", "sol")
        window.until(lambda window=window: opened(window))
        window.press(DOWN)
        assert window.run(CONTRAST) == []
        assert window.run("return document.documentElement.scrollWidth <= innerWidth")
        window.resize(1280, 1000)


PAGES = [
    "/hu/?q=napelem&theme=energy-community",
    "/sv/?q=solar panels on the roof of a concrt hall",
    "/de/practice/sample-it/tetto-fornace-lucciola",
    "/fr/sources",
    "/de/sources/sample-at",
    "/nl/reference",
    "/it/nowhere",
    "/sparql?query=SELECT*{?s?p?o}LIMIT 3",
    "/api/docs",
    "/sv/practice/by-hand/stale",
]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_window(hub: Hub, browser: Browser, path: str, width: int) -> None:
    browser.resize(width, 900)
    browser.open(f"{hub.url}{path}")
    shown, wide = browser.run("return [innerWidth, document.documentElement.scrollWidth]")
    assert shown == width and wide <= shown
    browser.resize(1280, 1000)


def test_on_a_phone_the_filters_are_below_the_results_and_a_link_leads_there(hub: Hub, browser: Browser) -> None:
    browser.resize(390, 900)
    browser.open(f"{hub.url}/hu/?q=napelem")
    top = "return document.querySelector(arguments[0]).getBoundingClientRect().top"
    assert browser.run(top, "#facets") > browser.run(top, ".pages, .results li:last-child")
    browser.click(".to-facets")
    browser.until(lambda: abs(browser.run(top, "#facets")) < 60)
    browser.resize(1280, 1000)


@pytest.mark.parametrize("path", PAGES)
def test_text_can_be_read_by_day_and_by_night(hub: Hub, browser: Browser, dark: Browser, path: str) -> None:
    for window, is_dark in ((browser, False), (dark, True)):
        window.open(f"{hub.url}{path}")
        assert window.run("return matchMedia('(prefers-color-scheme: dark)').matches") == is_dark
        assert window.run(CONTRAST) == []


def test_the_measure_of_contrast_finds_what_is_too_pale(browser: Browser) -> None:
    browser.open("data:text/html,<body style='background:white'><p style='color:rgb(119,119,119)'>x</p><b>y</b>")
    assert [told.partition(" ")[0] for told in browser.run(CONTRAST)] == ["P"]


def test_the_pages_load_nothing_but_their_own_files(hub: Hub, browser: Browser) -> None:
    browser.open(f"{hub.url}/it/?q=tetto")
    loaded = browser.run("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert loaded and all(name.startswith(f"{hub.url}/static/") for name in loaded)
    assert browser.picture().startswith(b"\x89PNG")
