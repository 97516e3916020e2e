"""Lists that JSON APIs give in pages: where the next one is, and how many entries there are.

Of udata (`next_page`, `total`), Opendatasoft (`links` with `rel`, `total_count`), JSON:API and HAL (`links`, `_links`),
and Django REST framework (`next`, `count`).
"""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from harvesters.payloads import INCOMPLETE
from hub.errors import FetchError
from hub.fetch import address

_TOTALS: Final = ("total_count", "total", "count", "totalCount", "numberMatched")


@dataclass(slots=True)
class JsonPage:
    """`link` is the next page's address as it is written; `total` is None where the document does not say."""

    link: str | None = None
    total: int | None = None

    def read(self, document: Any) -> None:
        if not isinstance(document, dict):
            return
        self.link = next((link for link in map(_address, _links(document)) if link), None)
        totals = [document[name] for name in _TOTALS if _is_number(document.get(name))]
        self.total = totals[0] if totals else None

    def following(self, here: str) -> str | None:
        """The next page's address. Raises FetchError where it is on another host."""
        if self.link is None:
            return None
        try:
            there = urljoin(here, self.link)
            if urlsplit(there).netloc == urlsplit(here).netloc:
                return there
        except ValueError:
            there = self.link
        told = f"the link to the next page leads elsewhere: {address(there)}"
        raise FetchError(f"{address(here)}: {told}. {INCOMPLETE}")


def _links(document: dict[str, Any]) -> list[Any]:
    found = [document.get("next_page"), document.get("next")]
    for links in (document.get("links"), document.get("_links")):
        if isinstance(links, dict):
            found.append(links.get("next"))
        elif isinstance(links, list):
            found += [link for link in links if isinstance(link, dict) and link.get("rel") == "next"]
    return found


def _address(link: Any) -> str | None:
    """A page that is a number has no address: `next_page` is that in some APIs."""
    told = link.get("href") if isinstance(link, dict) else link
    return told.strip() or None if isinstance(told, str) and not told.strip().isdecimal() else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
