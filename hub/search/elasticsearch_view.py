"""One index of Elasticsearch as it is asked: several questions in one request, all of the same copy."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from hub.errors import Unavailable
from hub.search.elasticsearch_cluster import Cluster, Gone, caused
from hub.search.elasticsearch_fields import key_of
from hub.search.elasticsearch_generations import POSITION
from hub.search.elasticsearch_queries import RECORDS
from hub.search.elasticsearch_words import Clause, Statistics
from hub.search.fields import is_whole

SHOWN: Final = ["item", "seq"]
AWAY: Final = (404, 503)  # of a search in an index that is no more, or is taken away meanwhile
SIMILAR_WORDS: Final = 5  # that stand for one that no document has
SURE: Final = 2  # letters at the beginning that must be right where two others may be wrong
_COUNTS: Final = "term_vectors.*.field_statistics.doc_count,term_vectors.*.terms.*.doc_freq"

Found = Mapping[str, Any]


class View:
    """Raises Gone where the index is no more."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self._cluster, self.name = cluster, name

    def position(self) -> int:
        """As readers see it: `realtime` would tell what they cannot see yet."""
        with self._cluster.asked() as client:
            found = client.options(ignore_status=404).get(index=self.name, id=POSITION, realtime=False)
        if "error" in found:
            raise Gone
        return int(found["_source"]["position"]) if found["found"] else 0

    def count(self) -> int:
        with self._cluster.asked() as client:
            return int(client.count(index=self.name, query=RECORDS)["count"])

    def items(self, names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        if not names:
            return {}
        keys = [key_of(name) for name in names]
        with self._cluster.asked() as client:
            found = client.mget(index=self.name, ids=keys, realtime=False, source_includes=["item"])
        if any("error" in one for one in found["docs"]):
            raise Gone
        pairs = zip(names, found["docs"], strict=True)
        return {name: json.loads(one["_source"]["item"]) for name, one in pairs if one["found"]}

    def many(self, asked: Sequence[Clause], preference: str) -> list[Found]:
        """The answers to several searches; all with the same preference ask the same copy of the index."""
        if not asked:
            return []
        lines = [line for body in asked for line in ({"preference": preference}, body)]
        with self._cluster.asked() as client:
            answers = client.msearch(index=self.name, searches=lines)["responses"]
        for answer in answers:
            if "error" in answer:
                told = f"{self._cluster.shown} answers {answer['status']}: {caused(answer['error'])}"
                raise Gone(told) if answer["status"] in AWAY else Unavailable(told)
        return list(answers)

    def statistics(self, terms: Mapping[str, Iterable[str]]) -> Statistics:
        """Of terms by field: as if a document with them were compared with those of the index."""
        asked: Clause = {field: list(some) if is_whole(field) else " ".join(some) for field, some in terms.items()}
        if not asked:
            return Statistics(0, {})
        with self._cluster.asked() as client:
            answer = client.termvectors(
                index=self.name,
                doc={**asked, "id": ""},
                term_statistics=True,
                positions=False,
                offsets=False,
                filter_path=_COUNTS,
            )
        told = answer["term_vectors"]
        frequencies = {
            (field, term): int(counted["doc_freq"])
            for field, one in told.items()
            for term, counted in one.get("terms", {}).items()
            if "doc_freq" in counted
        }
        return Statistics(int(told["id"]["field_statistics"]["doc_count"]), frequencies)

    def spelt_alike(self, words: Mapping[str, int]) -> dict[str, list[str]]:
        """For each word, with how many letters may be wrong in it: the nearest of the index, then the most frequent."""
        asked: Clause = {}
        for word, edits in words.items():
            asked[f"1{word}"] = _spelt(word, 1, 0)
            asked |= {f"2{word}": _spelt(word, 2, SURE)} if edits > 1 else {}
        told = self.many([{"size": 0, "suggest": asked}], "")[0]["suggest"] if asked else {}
        options = {name: [o["text"] for one in found for o in one["options"]] for name, found in told.items()}
        found = {word: [*options[f"1{word}"], *options.get(f"2{word}", ())] for word in words}
        return {word: [*dict.fromkeys(others)][:SIMILAR_WORDS] for word, others in found.items()}


def _spelt(word: str, edits: int, sure: int) -> Clause:
    term = {"field": "surface", "max_edits": edits, "prefix_length": sure, "sort": "frequency", "size": SIMILAR_WORDS}
    return {"text": word, "term": {**term, "suggest_mode": "always", "string_distance": "damerau_levenshtein"}}
