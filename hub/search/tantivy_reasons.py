"""Why each of some documents was found."""

from collections.abc import Sequence
from typing import Final, TypeVar

import tantivy
from tantivy import Occur

Reason = TypeVar("Reason")
Address = tuple[int, int]

AT_ONCE: Final = 24  # the bits of a score: a number of 32 bits, 24 of them before its exponent


def place(address: tantivy.DocAddress) -> Address:
    return address.segment_ord, address.doc


def reasons(
    schema: tantivy.Schema,
    searcher: tantivy.Searcher,
    addresses: Sequence[tantivy.DocAddress],
    grounds: Sequence[tuple[Reason, tantivy.Query]],
) -> dict[Address, list[Reason]]:
    """Those reasons whose query each document matches.

    All that a search tells of a document is one number, its score. So the queries are asked together, each worth
    another power of two, and the sum says which of them match: 3 searches in place of 60.
    """
    found: dict[Address, list[Reason]] = {place(address): [] for address in addresses}
    shown = tantivy.Query.boolean_query(
        [
            (Occur.Should, tantivy.Query.term_query(schema, "key", key, "basic"))
            for key in searcher.fast_field_values("fast_key", list(addresses))
        ]
    )
    for start in range(0, len(grounds) if addresses else 0, AT_ONCE):
        some = grounds[start : start + AT_ONCE]
        clauses = [(Occur.Must, tantivy.Query.const_score_query(shown, 0.0))]
        clauses += [(Occur.Should, tantivy.Query.const_score_query(q, 2.0**n)) for n, (_, q) in enumerate(some)]
        for score, address in searcher.search(tantivy.Query.boolean_query(clauses), len(addresses), count=False).hits:
            found[place(address)] += [reason for n, (reason, _) in enumerate(some) if int(score) >> n & 1]
    return found
