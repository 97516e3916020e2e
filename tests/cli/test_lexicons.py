"""`hub lexicon` as a person runs it."""

import json
from pathlib import Path

from tests.command import environment, hub
from tests.search.lexicons import GERMAN, dictd, tabs, written


def test_lexicons_are_imported_listed_and_removed(tmp_path: Path) -> None:
    env = environment(tmp_path / "data")
    assert "There are no lexicons." in hub(["lexicon", "list"], env)
    index = dictd(tmp_path, "freedict-deu-eng", GERMAN)
    told = hub(["lexicon", "import", str(index), str(tmp_path / "freedict-deu-eng.dict.dz")], env)
    assert "freedict-deu-eng" in told and "de en" in told and "GNU General Public License ver. 2.0" in told
    together = [str(file) for file in tabs(tmp_path, "eng", "fra")]
    hub(["lexicon", "import", *together, "--name", "wordnets", "--licence", "CC BY 4.0"], env)
    listed = json.loads(hub(["lexicon", "list", "--json"], env))["lexicons"]
    assert [(row["name"], row["languages"], row["entries"], row["licence"][:9]) for row in listed] == [
        ("freedict-deu-eng", ["de", "en"], 8, "Available"),
        ("wordnets", ["en", "fr"], 1, "CC BY 4.0"),
    ]
    hub(["lexicon", "remove", "wordnets"], env)
    assert "wordnets" not in hub(["lexicon", "list"], env)


def test_what_cannot_be_done_is_said_in_one_line(tmp_path: Path) -> None:
    env = environment(tmp_path / "data")
    file = written(tmp_path, "words.txt", "hello")
    told = hub(["lexicon", "import", str(file)], env, expected=1)
    assert f"A lexicon cannot be read. {file}: expected one of dictd, tei, omw, wn-lmf, skos" in told
    told = hub(["lexicon", "import", str(file), "--format", "csv"], env, expected=1)
    assert "--format: 'csv' is not valid; allowed: dictd, tei, omw, wn-lmf, skos" in told
    assert "NAME: 'x' is not valid; allowed: nothing" in hub(["lexicon", "remove", "x"], env, expected=1)
    assert f"{tmp_path / 'none'}: expected a file" in hub(
        ["lexicon", "import", str(tmp_path / "none")], env, expected=1
    )
