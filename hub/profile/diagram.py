"""The classes and the links between them as one SVG drawing, made from the reference documentation.

Columns from left to right: what only the first kind embeds, the first kind, what several embed, the other kinds. A row
of a box is a field that leads to another class; its line ends at that class's name. Colours are the style sheet's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from hub.profile.reference import Entry, Reference, Section

WIDTH, GAP, ROW, HEAD, BETWEEN, EDGE = 232, 66, 22, 30, 22, 8  # pixels
LONGEST: Final = 26  # characters that fit into a box
HUES: Final = 6  # of lines, by the class that they lead to


@dataclass(frozen=True, slots=True)
class _Box:
    section: Section
    links: tuple[Entry, ...]
    x: int
    y: int

    @property
    def height(self) -> int:
        return HEAD + ROW * len(self.links) + (6 if self.links else 0)


def diagram(told: Reference, label: str) -> str:
    """The drawing as an `svg` element without styles of its own; `label` says what it shows."""
    boxes = {box.section.anchor: box for column in _placed(_columns(told.sections)) for box in column}
    width = max((box.x + WIDTH for box in boxes.values()), default=0) + GAP
    height = max((box.y + box.height for box in boxes.values()), default=0) + EDGE
    parts = [*_lines(boxes), *(part for box in boxes.values() for part in _drawn(box))]
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg class="diagram" role="group" aria-label={quoteattr(label)} {size}>{"".join(parts)}</svg>'


def _links(section: Section) -> tuple[Entry, ...]:
    return tuple(entry for entry in section.entries if entry.target)


def _columns(sections: Sequence[Section]) -> list[list[Section]]:
    first, others = sections[0], [section for section in sections[1:] if section.kind]
    parts = [section for section in sections if not section.kind]
    shared = {entry.target for kind in others for entry in _links(kind)}
    own = [part for part in parts if part.anchor not in shared]
    return [own, [first], [part for part in parts if part.anchor in shared], others]


def _placed(columns: Sequence[Sequence[Section]]) -> Iterator[list[_Box]]:
    """The columns that hold something, each in the middle of the height."""
    kept = [column for column in columns if column]
    heights = [sum(_Box(s, _links(s), 0, 0).height + BETWEEN for s in column) - BETWEEN for column in kept]
    for number, (column, height) in enumerate(zip(kept, heights, strict=True)):
        x, y, placed = EDGE + number * (WIDTH + GAP), EDGE + (max(heights) - height) // 2, []
        for section in column:
            placed.append(_Box(section, _links(section), x, y))
            y += placed[-1].height + BETWEEN
        yield placed


def _lines(boxes: Mapping[str, _Box]) -> Iterator[str]:
    hues = {anchor: number % HUES for number, anchor in enumerate(boxes)}
    for box in boxes.values():
        for number, entry in enumerate(box.links):
            if entry.target in boxes:
                y = box.y + HEAD + ROW * number + ROW // 2
                yield f'<path class="hue{hues[entry.target]}" d="{_curve(box, y, boxes[entry.target])}"/>'


def _curve(box: _Box, y: int, target: _Box) -> str:
    """From a row to a name, on the sides that face each other; in one column round the right side."""
    end = target.y + HEAD // 2
    if target.x == box.x:
        right = box.x + WIDTH
        return f"M{right} {y}C{right + GAP} {y} {right + GAP} {end} {right} {end}"
    is_right = target.x > box.x
    start, stop = (box.x + WIDTH, target.x) if is_right else (box.x, target.x + WIDTH)
    bend = GAP if is_right else -GAP
    return f"M{start} {y}C{start + bend} {y} {stop - bend} {end} {stop} {end}"


def _drawn(box: _Box) -> Iterator[str]:
    kind = "kind" if box.section.kind else "part"
    yield f'<a tabindex="-1" href="#{box.section.anchor}"><rect class="{kind}" x="{box.x}" y="{box.y}" width="{WIDTH}" '
    yield f'height="{box.height}" rx="8"/>{_text(box.x + 12, box.y + 20, box.section.name, "name")}</a>'
    for number, entry in enumerate(box.links):
        y = box.y + HEAD + ROW * number + 15
        yield f'<a tabindex="-1" href="#{entry.anchor}">{_text(box.x + 12, y, entry.name, "link")}</a>'
        yield f'<text class="count" x="{box.x + WIDTH - 12}" y="{y}" text-anchor="end">{entry.count}</text>'


def _text(x: int, y: int, words: str, kind: str) -> str:
    """Words in a box; what is too long is cut, and told whole to who points at it."""
    cut = words if len(words) <= LONGEST else f"{words[: LONGEST - 1].rstrip()}…"
    title = f"<title>{escape(words)}</title>" if cut != words else ""
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(cut)}{title}</text>'
