"""Web pages that answered well, but may not be what they were: nobody else tells them from pages without records."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from hub.fetch import Response, address

_ALIKE: Final = 3  # a document without data at so many addresses is a notice; at two, a page with two addresses
_FEW: Final = 3  # one page of so many, at most, is taken to be cut: where more lack their end, the site writes none
_TAIL: Final = 2000  # bytes; behind the end stand remarks of caches
_LEFT_OUT: Final = "if that is no fault, leave such pages out by options.pages"


class Doubts:
    """Counts notices ("Under maintenance", with status 200 for every page), and pages that were cut unnoticed."""

    def __init__(self) -> None:
        self._without: dict[bytes, int] = {}  # a document's digest -> how many pages are this document
        self._notices: dict[bytes, str] = {}  # its digest -> the last of its addresses
        self._ended = 0
        self._cut: list[str] = []

    def take(self, answer: Response, *, has_data: bool) -> None:
        shown = address(answer.url)
        if b"</html" in answer.body[-_TAIL:].lower():
            self._ended += 1
        else:
            self._cut.append(shown)
        if not has_data:
            digest = sha256(answer.body).digest()[:16]
            self._without[digest] = self._without.get(digest, 0) + 1
            if self._without[digest] >= _ALIKE:
                self._notices[digest] = shown

    @property
    def count(self) -> int:
        return len(self._notices) + self._has_cut

    @property
    def _has_cut(self) -> bool:
        return bool(self._cut) and len(self._cut) * _FEW <= self._ended

    def told(self) -> Iterator[str]:
        for digest, last in self._notices.items():
            yield f"{last}: {self._without[digest]} pages are this one document, which holds no data; {_LEFT_OUT}"
        if self._has_cut:
            told = f"of {len(self._cut)} pages this is the first without </html>, with which the others end"
            yield f"{self._cut[0]}: {told}: they may be cut; {_LEFT_OUT}"
