"""Every crosswalk against payloads that nobody would send on purpose: a graph that parses strictly, or `Rejected`."""

import os
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode

from harvesters import CROSSWALKS
from harvesters.payloads import identifier_of
from hub.errors import Rejected
from hub.ledger import canonical
from hub.model import KINDS, RawRecord, Source
from hub.namespaces import record_iri
from tests.harvesters.odd import SHAPES, TEXTS

PAYLOADS: Final = 10_000 if os.environ.get("CI") == "true" else 500
BASE: Final = "https://hub.example"
NAMES: Final = ("https://partner.example/r", "p1", *(name for text in TEXTS if (name := identifier_of(text))))


def test_every_crosswalk_is_fuzzed() -> None:
    """A format that is added to CROSSWALKS needs a row in `odd.SHAPES`."""
    assert SHAPES.keys() == CROSSWALKS.keys()


@pytest.mark.parametrize("format", CROSSWALKS)
def test_a_crosswalk_maps_or_rejects(format: str) -> None:
    shape, crosswalk, sizes = SHAPES[format](), CROSSWALKS[format], list[int]()

    @settings(
        max_examples=PAYLOADS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=set(Phase) - {Phase.explain},
    )
    @given(
        payload=shape.payloads,
        kind=st.sampled_from(KINDS),
        name=st.sampled_from(NAMES[:2]) | st.sampled_from(NAMES),
        language=st.sampled_from(("it", "de-AT", "hu")),
    )
    def holds(payload: bytes, kind: str, name: str, language: str) -> None:
        url = "https://partner.example/api/3"
        source = Source("p", {"en": "P"}, "ITA", language, "any", url, format, options=dict(shape.options))
        record = record_iri(BASE, kind, "p", name)
        try:
            mapped = crosswalk(RawRecord(name, payload, shape.media_type, kind), source, record, BASE)
        except Rejected as reason:
            assert str(reason)
            str(reason).encode()
            return
        sizes.append(len(mapped.graph))
        assert not any(
            isinstance(term, BlankNode) for triple in mapped.graph for term in (triple.subject, triple.object)
        )
        canonical(mapped.graph)  # raises Rejected for what does not parse strictly
        for note in mapped.notes:
            f"{note.field} {note.value}".encode()

    holds()
    assert len(sizes) > PAYLOADS / 2  # else the payloads are too odd to say anything of the mapping
