"""A preview on a screen, in the reader's language, and the same as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harvesters.guessing import Said
from hub.harvest.preview import Looked, Preview
from hub.languages import N_, pick
from hub.model import Result
from hub.profile import Profile
from hub.profile.spreadsheet_words import words
from hub.quality import told as quality_told
from hub.validation.forms import remarks, result_told, severity_name
from hub.validation.words import plain

_MOST: Final = 4  # remarks that are shown of one record
_GOOD, _BAD, _DELETED = ("✓", "bold green"), ("✗", "bold red"), ("–", "bold")
_IS: Final = N_("This is {what}.")
_IS_SOURCE: Final = N_("The source {key}, as its file says ({protocol}).")
_CHANGES: Final = {"new": N_("new"), "changed": N_("changed"), "unchanged": N_("unchanged"), "deleted": N_("deleted")}
_WOULD: Final = N_("Against what the hub has: {changes}.")
_GONE: Final = N_("{gone} of the {there} records that the hub has are not listed any more; they would go missing.")
_HELD: Final = N_("That is so many that the harvest would be held until a person has looked at it.")
_FOUND: Final = N_("Fields: {names}")
_LEFT: Final = N_("No rule reads: {values}")
_MORE: Final = N_("… and {number} more; --json tells all.")
_COUNTS: Final = N_("Records: {records}. Valid: {valid}. To mend: {invalid}.")
_ALL: Final = N_("The source lists {total} in all.")
_BEGINNING: Final = N_("These are the first; the list goes on.")
_ENDED: Final = N_("The reading ended here: {reason}")
_POINTS: Final = N_("Quality: {points} of {of} points ({parts}).")
_FILE: Final = N_("This source file would harvest it, saved as {name}:")
_NOT_READY: Final = N_("Not ready to be saved yet: {reason}")
_NOTHING: Final = N_("Nothing was written; this was a rehearsal.")
_HEADS: Final = (N_("Field"), N_("Found in"))
_FREQUENT_HEADS: Final = (N_("Most frequent remarks"), N_("Records"))


def said(sentence: Said, lang: str) -> str:
    return plain(words(lang, sentence.text, **{k: _short(v) for k, v in sentence.values.items()}))


def _short(value: object, most: int = 600) -> str:
    text = plain(str(value))
    return text if len(text) <= most else f"{text[:most]}…"


def print_preview(done: Preview, profile: Profile, lang: str) -> None:
    screen = Console()
    for indent, line in _lines(done, profile, lang):
        screen.print(Padding(line, (0, 0, 0, indent), expand=False), highlight=False)
    if done.guess and done.source:
        screen.print(Text(_file_heading(done, lang), "bold yellow" if done.missing else "bold"))
        screen.print(Text(file_text(done, lang)), soft_wrap=True)  # to be copied as it is
    screen.print(Text(words(lang, _NOTHING), "bold"))


def _lines(done: Preview, profile: Profile, lang: str) -> Iterator[tuple[int, Text | Table]]:
    yield from _what(done, lang)
    for number, one in enumerate(done.records, 1):
        yield 0, Text(" ")
        yield from _record(number, one, lang)
    yield 0, Text(" ")
    yield from _summary(done, profile, lang)


# What it is


def _what(done: Preview, lang: str) -> Iterator[tuple[int, Text]]:
    yield 0, Text(plain(done.address), "dim")
    if done.guess is None:
        source = done.source
        told = words(lang, _IS_SOURCE, key=source.key, protocol=source.protocol) if source else ""
        yield 0, Text(told, "bold")
        return
    style = "bold green" if done.guess.protocol else "bold yellow"
    yield 0, Text(words(lang, _IS, what=said(done.guess.what, lang)), style)
    for reason in done.guess.reasons:
        yield 2, Text(f"• {said(reason, lang)}")
    for advice in (*done.guess.advice, *done.missing):
        yield 2, Text(f"→ {said(advice, lang)}", "yellow")


# One record


def _record(number: int, one: Looked, lang: str) -> Iterator[tuple[int, Text]]:
    mark = _DELETED if one.change == "deleted" else _GOOD if one.is_valid else _BAD
    change = f"  ({words(lang, _CHANGES[one.change])})" if one.change else ""
    name = Text.assemble(f"{number:>2} ", mark, " ", (one.words.name(), "bold"), (change, "cyan"))
    name.no_wrap, name.overflow = True, "ellipsis"
    yield 0, name
    yield 3, Text(one.iri, "dim")
    if one.fields:
        yield 3, Text(words(lang, _FOUND, names=", ".join(_name(field.name, lang) for field in one.fields)))
    if one.unmapped:
        yield 3, Text(words(lang, _LEFT, values=", ".join(_unread(one, lang)[: 2 * _MOST])), "yellow")
    grave = one.to_mend
    yield from remarks(grave[:_MOST], one.words, lang)
    if len(grave) > _MOST:
        yield 6, Text(words(lang, _MORE, number=len(grave) - _MOST), "dim")


def _unread(one: Looked, lang: str) -> list[str]:
    values = ((one.words.subject(result), one.words.found(result)) for result in one.unmapped)
    return list(dict.fromkeys(f"{field} “{_short(value, 80)}”" for field, value in values))


def _name(names: Mapping[str, str], lang: str) -> str:
    return pick(names, lang)[0]


# All records


def _summary(done: Preview, profile: Profile, lang: str) -> Iterator[tuple[int, Text | Table]]:
    if done.records:
        yield 0, Text(_counts(done, lang), "bold")
        if done.shares():
            yield 0, _shares(done, profile, lang)
        if frequent := done.frequent():
            yield 0, _frequent(frequent, lang)
        if points := _points(done, profile, lang):
            yield 0, Text(points)
    if changes := [one.change for one in done.records if one.change]:
        counted = ", ".join(f"{words(lang, _CHANGES[name])} {changes.count(name)}" for name in _CHANGES)
        yield 0, Text(words(lang, _WOULD, changes=counted))
    if done.gone:
        yield 0, Text(words(lang, _GONE, gone=done.gone, there=done.there), "yellow")
    if done.doubt:
        yield 0, Text(words(lang, _HELD), "bold yellow")
    if done.message:
        yield 0, Text(words(lang, _ENDED, reason=plain(done.message)), "yellow" if done.records else "bold red")


def _counts(done: Preview, lang: str) -> str:
    number, valid = len(done.records), sum(one.is_valid for one in done.records)
    invalid = sum(not one.report.valid for one in done.records)
    counted = words(lang, _COUNTS, records=number, valid=valid, invalid=invalid)
    if done.total and done.total > number:
        return f"{counted} {words(lang, _ALL, total=done.total)}"
    return counted if done.is_whole or done.message or done.total else f"{counted} {words(lang, _BEGINNING)}"


def _shares(done: Preview, profile: Profile, lang: str) -> Table:
    table = Table(*(words(lang, head) for head in _HEADS), title_justify="left")
    several = len({one.kind for one in done.records}) > 1
    for field, count, of in done.shares():
        kind = f" ({_name(profile.kinds[field.kind].names, lang)})" if several else ""
        table.add_row(_name(field.name, lang) + kind, f"{count * 100 // of:>3} %  ({count})")
    return table


def _frequent(frequent: Sequence[tuple[Looked, Result, int]], lang: str) -> Table:
    table = Table(*(words(lang, head) for head in _FREQUENT_HEADS))
    for one, result, count in frequent:
        part = one.words.part(result)
        begin = f"{severity_name(result.severity, lang)}{f' ({part})' if part else ''}: "
        table.add_row(Text.assemble(begin, plain(one.words.message(result))), str(count))
    return table


def _points(done: Preview, profile: Profile, lang: str) -> str:
    if done.quality is None:
        return ""
    told = quality_told(done.quality, profile, lang)
    parts = ", ".join(f"{part['name']} {part['points']:.0f}" for part in told["parts"])
    return words(lang, _POINTS, points=f"{told['points']:.0f}", of=told["of"], parts=parts)


# The source file


def _file_heading(done: Preview, lang: str) -> str:
    if done.missing:
        return words(lang, _NOT_READY, reason=" ".join(said(missing, lang) for missing in done.missing))
    return words(lang, _FILE, name=f"{done.source.key}.toml" if done.source else "")


def file_text(done: Preview, lang: str) -> str:
    return done.source_text({key: said(remark, lang) for key, remark in done.remarks.items()})


# JSON


def preview_json(done: Preview, profile: Profile, lang: str) -> Mapping[str, Any]:
    found = done.guess
    return {
        "address": done.address,
        "catalogue": done.is_catalogue,
        "what": said(found.what, lang) if found else None,
        "reasons": [said(reason, lang) for reason in found.reasons] if found else [],
        "advice": [said(advice, lang) for advice in (*(found.advice if found else ()), *done.missing)],
        "guessed": bool(found and found.is_suggested),
        "source": asdict(done.source) if done.source else None,
        "source_file": file_text(done, lang) if found and done.source else None,
        "ready": bool(done.source) and not done.missing,
        "total": done.total,
        "whole": done.is_whole,
        "message": done.message,
        "gone": done.gone,
        "held": bool(done.doubt),
        "records": [_record_json(one) for one in done.records],
        "summary": _summary_json(done, profile, lang),
    }


def _record_json(one: Looked) -> Mapping[str, Any]:
    return {
        "iri": one.iri,
        "identifier": one.identifier,
        "kind": one.kind,
        "title": one.words.title(),
        "valid": one.is_valid,
        "change": one.change or None,
        "fields": [field.key for field in one.fields],
        "unmapped": [{"field": one.words.subject(r), "value": r.value} for r in one.unmapped],
        "results": [result_told(result, one.words) for result in one.report.results],
    }


def _summary_json(done: Preview, profile: Profile, lang: str) -> Mapping[str, Any]:
    valid = sum(one.is_valid for one in done.records)
    return {
        "records": len(done.records),
        "valid": valid,
        "fields": [
            {"kind": field.kind, "field": field.key, "name": _name(field.name, lang), "records": count, "of": of}
            for field, count, of in done.shares()
        ],
        "frequent": [{**result_told(result, one.words), "records": count} for one, result, count in done.frequent()],
        "quality": quality_told(done.quality, profile, lang) if done.quality else None,
    }
