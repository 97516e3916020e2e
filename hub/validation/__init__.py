"""Profile and a record's statements → ValidationReport: the fast engine judges, the reference confirms."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Lock

from pyoxigraph import RdfFormat, serialize

from hub.errors import Rejected
from hub.model import Graph, Note, ValidationReport
from hub.namespaces import RDF
from hub.profile import Profile
from hub.validation.changes import FutureChanges
from hub.validation.citations import Citations
from hub.validation.engines import Engine, EngineFailure, fast_engine, reference_engine
from hub.validation.limits import Limits
from hub.validation.reports import report_graph
from hub.validation.results import (
    Finding,
    remark,
    report_from_json,
    report_json,
    report_of,
    sameness,
    shown,
    unreadable,
)

__all__ = [
    "Disagreements",
    "Engine",
    "EngineFailure",
    "Finding",
    "Validator",
    "report_from_json",
    "report_graph",
    "report_json",
    "unreadable",
]

CASES = 20  # of each shape and component that the reference confirms in a run
TOLD = 5  # disagreements that are told in full
LARGEST = 16_000_000  # characters of a record's statements; a rich record has 20,000
LARGEST_CONFIRMED = 1_000_000  # what pySHACL reads in a second or two
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000|\0")


@dataclass(frozen=True, slots=True)
class Disagreements:
    """How often the engines told a record differently, and the first few differences in words."""

    count: int = 0
    first: tuple[str, ...] = ()


class Validator:
    """Validates one record at a time; made anew, or reset, for each run. Several threads may use one.

    Raises Rejected for statements that no engine can read. Statements of nothing that the profile knows are
    unreadable, never valid: no shape would speak of them.
    """

    def __init__(self, profile: Profile, engine: Engine | None = None) -> None:
        self._profile = profile
        self._engine = engine or fast_engine(profile.shapes)
        self._with_stubs = Citations(profile)
        self._limits = Limits(profile)
        self._coming = FutureChanges(profile)
        self._kinds = {f" <{RDF.type.value}> <{kind.target}> .\n": key for key, kind in profile.kinds.items()}
        self._lock = Lock()
        self.reset()

    def reset(self) -> None:
        """Begins a new run: nothing is confirmed yet, and nothing was disagreed on."""
        with self._lock:
            self._confirmed: Counter[tuple[str, str]] = Counter()
            self._disagreements = Disagreements()

    @property
    def disagreements(self) -> Disagreements:
        return self._disagreements

    def validate(self, graph: Graph) -> ValidationReport:
        """The fast engine's report of a graph."""
        return self.validate_text((serialize(graph, format=RdfFormat.N_TRIPLES) or b"").decode())

    def validate_text(self, statements: str, notes: Iterable[Note] = (), record: str | None = None) -> ValidationReport:
        """The fast engine's report of N-Triples, one statement a line, each ended by a line feed."""
        subject = self._subject(statements, record)
        if not subject:
            return self._nothing(record)
        return self._report(self._fast(self._with_stubs(statements)), notes, *subject)

    def reference(self, statements: str, notes: Iterable[Note] = (), record: str | None = None) -> ValidationReport:
        """pySHACL's report of N-Triples. Raises EngineFailure where it stumbles."""
        subject = self._subject(statements, record)
        if not subject:
            return self._nothing(record)
        return self._report(self._by_reference(self._with_stubs(statements)), notes, *subject)

    def check(self, statements: str, notes: Iterable[Note] = (), record: str | None = None) -> ValidationReport:
        """The report by which a record is served or quarantined; the reference confirms the first cases of a violation.

        `record` is the IRI that must be of a known kind; without it, any node of one will do. Of a record with more
        than LARGEST_CONFIRMED characters the fast engine's word is taken.
        """
        subject = self._subject(statements, record)
        if not subject:
            return self._nothing(record)
        text = self._with_stubs(statements)
        return self._report(self._confirm(text, self._fast(text)), notes, *subject)

    def _subject(self, statements: str, record: str | None) -> tuple[str, str] | None:
        """The node that the record is about, and its kind; what nobody refers to, and practices, come first."""
        if len(statements) > LARGEST:
            raise Rejected(f"The record has {len(statements):,} characters of statements; {LARGEST:,} are allowed")
        if ("\\u0000" in statements or "\0" in statements) and _NUL.search(statements):
            raise Rejected("The record holds the character NUL (U+0000), which XML and databases cannot carry")
        typed = list(self._typed(statements))
        # A set, since a record may hold thousands of organisations.
        cited = {line[line.rfind(" ", 0, -2) + 1 : -2] for line in statements.split("\n")} if len(typed) > 1 else ()
        found = sorted((node in cited, rank, node, kind) for rank, node, kind in typed)
        plain = ((node.strip("<>"), kind) for *_, node, kind in found)
        return next(((node, kind) for node, kind in plain if record in (None, node)), None)

    def _typed(self, statements: str) -> Iterator[tuple[int, str, str]]:
        """The nodes of known kinds, each with its kind and that one's rank; a regex takes ten times as long."""
        for rank, (ending, kind) in enumerate(self._kinds.items()):
            at = statements.find(ending)
            while at >= 0:
                yield rank, statements[statements.rfind("\n", 0, at) + 1 : at], kind
                at = statements.find(ending, at + 1)

    def _nothing(self, record: str | None) -> ValidationReport:
        kinds = ", ".join(self._profile.kinds)
        about = f"does not say what {record} is" if record else "describes nothing that the hub knows"
        return unreadable(f"it {about} (one of: {kinds})", record or "")

    def _fast(self, text: str) -> Sequence[Finding]:
        """The fast engine's results; where it stumbles the reference's, since it alone says what is no RDF."""
        try:
            return self._engine.results(text)
        except EngineFailure as failure:
            results = self._by_reference(text)
            self._disagree(str(failure))
            return results

    def _by_reference(self, text: str) -> Sequence[Finding]:
        return reference_engine(self._profile.shapes).results(text)

    def _confirm(self, text: str, results: Sequence[Finding]) -> Sequence[Finding]:
        """The results, or the reference's where it has to be asked and tells them otherwise."""
        pairs = {(r.shape, r.component) for r in results if r.severity == "Violation"}
        with self._lock:
            is_asked = any(self._confirmed[pair] < CASES for pair in pairs)
        if not is_asked or len(text) > LARGEST_CONFIRMED:
            return results
        try:
            others = self._by_reference(text)
        except EngineFailure as failure:
            self._disagree(str(failure))
            return results
        if sameness(results) == sameness(others):
            with self._lock:
                self._confirmed.update(pairs)  # only agreement counts: a pair in doubt is always asked about
            return results
        self._disagree(_difference(results, others))
        return others

    def _disagree(self, words: str) -> None:
        with self._lock:
            old = self._disagreements
            self._disagreements = Disagreements(old.count + 1, (*old.first, shown(words))[:TOLD])

    def _report(self, results: Iterable[Finding], notes: Iterable[Note], focus: str, kind: str) -> ValidationReport:
        """A wish about an organisation or venue that the record only mentions is no wish to its publisher."""
        ours = (r for r in results if r.severity == "Violation" or f"{r.focus}#".startswith(f"{focus}#"))
        limited = [replace(result, limit=self._limits(result.shape, result.component)) for result in ours]
        coming = [change for result in limited for change in self._coming(result)]
        return report_of([*limited, *coming, *(remark(self._profile, focus, kind, note) for note in notes)])


def _difference(fast: Iterable[Finding], reference: Iterable[Finding]) -> str:
    """The results that only one engine has: component, shape and focus node of each."""
    here, there = sameness(fast), sameness(reference)
    only = [("shacl", key) for key in (here - there).elements()] + [
        ("pySHACL", key) for key in (there - here).elements()
    ]
    return "; ".join(f"only {engine}: {' '.join(part for part in key if part)}" for engine, key in only)
