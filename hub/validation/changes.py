"""What a later version of the profile will require, told today as Info of what would break it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pyoxigraph import Literal, NamedNode, RdfFormat, Store, parse

from hub.namespaces import COPED
from hub.profile import Profile
from hub.validation.results import SEVERITIES, Finding

COMPONENT = "FutureChange"


@dataclass(frozen=True, slots=True)
class Change:
    version: str
    severity: str


class FutureChanges:
    """The tightenings that shapes announce: `coped:futureChange` leads to a node with the version and the severity."""

    def __init__(self, profile: Profile) -> None:
        store = Store()
        store.extend(parse(profile.shapes, format=RdfFormat.TURTLE))
        self._by_shape: dict[str, Change] = {}
        for quad in store.quads_for_pattern(None, COPED.futureChange, None):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
                about = {q.predicate: q.object for q in store.quads_for_pattern(quad.object, None, None)}
                version, severity = about.get(COPED.version), about.get(COPED.severity)
                if isinstance(version, Literal) and isinstance(severity, NamedNode):
                    self._by_shape[quad.subject.value] = Change(version.value, severity.value.rpartition("#")[2])

    def __call__(self, result: Finding) -> Iterator[Finding]:
        """The result as it will be; nothing where it is as severe today."""
        change = self._by_shape.get(result.shape)
        if change and SEVERITIES.index(change.severity) < SEVERITIES.index(result.severity):
            yield replace(result, component=COMPONENT, severity="Info", limit=change.version)
