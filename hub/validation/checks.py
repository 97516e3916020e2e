"""Files checked: each of their records by itself, as a harvest does."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hub.errors import Rejected
from hub.languages import catalogue, pick
from hub.model import ValidationReport, sorted_lines
from hub.profile import Profile
from hub.validation import Validator
from hub.validation.files import Entry, entries, files_in
from hub.validation.results import unreadable
from hub.validation.words import Words


@dataclass(frozen=True, slots=True)
class Checked:
    """A record of a file, its report and the words for it; of a file that cannot be read, `problem` says why."""

    file: Path
    iri: str
    report: ValidationReport
    kind: str = ""
    words: Words | None = None
    problem: str = ""


def check(paths: Iterable[Path], profile: Profile, language: str) -> Iterator[Checked]:
    """The records of all files, folders searched through, in their order."""
    validator = Validator(profile)
    for file in files_in(paths):
        try:
            found = entries(file, profile)
        except Rejected as error:
            yield _problem(file, catalogue(language).gettext(error.message).format(**error.values))
            continue
        for entry in found:
            words = Words(profile, entry.graph, entry.iri, language)
            yield Checked(file, entry.iri, _report(validator, entry), entry.kind, words)
        if not found:
            kinds = ", ".join(pick(kind.names, language)[0] for kind in profile.kinds.values())
            told = catalogue(language).gettext("it holds no record (a record is one of these: {kinds})")
            yield _problem(file, told.format(kinds=kinds))


def _problem(file: Path, reason: str) -> Checked:
    iri = file.absolute().as_uri()
    return Checked(file, iri, unreadable(reason, iri), problem=reason)


def _report(validator: Validator, entry: Entry) -> ValidationReport:
    """Without what is said of the other records that this one names: that is told where they are checked."""
    try:
        report = validator.check(sorted_lines(entry.graph), record=entry.iri)
    except Rejected as error:
        return unreadable(str(error), entry.iri)
    return ValidationReport(tuple(result for result in report.results if result.focus in entry.own))


def status(checked: Iterable[Checked]) -> int:
    """The exit status: 2 where a file cannot be read, else 1 where a record is not valid, else 0."""
    return max((2 if c.problem else int(not c.report.valid) for c in checked), default=0)
