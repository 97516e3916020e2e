"""The reference documentation as Markdown (CommonMark with tables as GitHub has them)."""

import re
from collections.abc import Iterator, Sequence

from hub.languages import N_, catalogue
from hub.profile.reference import Entry, Link, Listing, Reference, Section, Word

TITLE = N_("Data model")
INTRODUCTION = N_("Everything that a record can say, field by field, and the lists that its values come from.")
COMING = N_("Coming change")
HEADS = (N_("Field"), N_("Meaning"), N_("Values"), N_("How many"), N_("Rules"), N_("Property"))
WORD_HEADS = (N_("Name"), N_("Code"), N_("Meaning"))


def markdown(told: Reference) -> str:
    return "\n".join(_Writer(told).lines()) + "\n"


class _Writer:
    def __init__(self, told: Reference) -> None:
        self._told, self._say = told, catalogue(told.language).gettext

    def lines(self) -> Iterator[str]:
        yield from (f"# {self._say(TITLE)}", "", self._say(INTRODUCTION))
        yield from self._heading(N_("Classes and their links"))
        yield from self._links()
        for section in self._told.sections:
            yield from self._section(section)
        yield from self._heading(N_("Lists of values"))
        for listing in self._told.listings:
            yield from self._listing(listing)
        yield from self._heading(N_("Terms of our own"))
        yield from self._table(WORD_HEADS, (self._term(word) for word in self._told.terms))

    def _heading(self, words: str) -> Iterator[str]:
        yield from ("", f"## {self._say(words)}", "")

    def _links(self) -> Iterator[str]:
        """What the drawing shows, as a list."""
        names = {section.anchor: section.name for section in self._told.sections}
        for section in self._told.sections:
            for entry in section.entries:
                if entry.target in names:
                    target = f"[{_cell(names[entry.target])}](#{entry.target})"
                    yield f"- {_cell(section.name)} → {_cell(entry.name)} ({entry.count}) → {target}"

    def _section(self, section: Section) -> Iterator[str]:
        yield from ("", f'<a id="{section.anchor}"></a>', "")
        yield f"## {_cell(section.name)}"
        yield from ("", f"`{section.iri.text}` {_cell(section.meaning)}".rstrip())
        for name, entries in section.groups:
            yield from ("", f"### {_cell(name)}", "")
            yield from self._table(HEADS, map(self._entry, entries))

    def _entry(self, entry: Entry) -> list[str]:
        coming = [f"{self._say(COMING)}: {entry.coming}"] if entry.coming else []
        rules = "; ".join([entry.level, *entry.rules, *coming])
        name = f'<a id="{entry.anchor}"></a>**{_cell(entry.name)}** `{entry.key}`'
        return [name, _cell(entry.meaning), _joined(entry.values), entry.count, _cell(rules), _linked(entry.path)]

    def _listing(self, listing: Listing) -> Iterator[str]:
        yield from ("", f'<a id="{listing.anchor}"></a>', "")
        yield f"### {_cell(listing.name)}"
        yield from ("", f"<{listing.iri}>", "")
        yield from self._table(WORD_HEADS, map(self._word, listing.words))

    def _word(self, word: Word) -> list[str]:
        name = f'<a id="{word.anchor}"></a>{"– " * word.depth}{_cell(word.name)}'
        return [name, f"`{word.code}`", _cell(word.meaning)]

    def _term(self, word: Word) -> list[str]:
        links = f"({_joined(word.links)})" if word.links else ""
        told = " ".join(filter(None, (_cell(word.meaning), _cell(word.note[0]), links)))
        return [f'<a id="{word.anchor}"></a>{_cell(word.name)}', f"`{word.code}`", told]

    def _table(self, heads: Sequence[str], rows: Iterator[list[str]]) -> Iterator[str]:
        yield f"| {' | '.join(self._say(head) for head in heads)} |"
        yield f"|{' --- |' * len(heads)}"
        for row in rows:
            yield f"| {' | '.join(row)} |"


def _cell(text: str) -> str:
    """A text as one cell: its signs are no mark-up."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", " ".join(text.split()))


def _linked(link: Link) -> str:
    return f"[{_cell(link.text)}]({link.href})" if link.href else _cell(link.text)


def _joined(links: Sequence[Link]) -> str:
    return ", ".join(map(_linked, links))
