"""The interface's words, gathered from templates and code into the catalogues: `python -m tests.locales`."""

from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from hub.errors import BadRequest, HubError, NotAcceptable, NotFound, QueryTimeout, Unavailable, Withdrawn
from hub.graph.answers import QueryStopped
from hub.languages import FALLBACK, LANGUAGES
from hub.web.problems import Unforeseen, WrongMethod

ROOT = Path(__file__).parents[1]
TRANSLATED = tuple(code for code in LANGUAGES if code != FALLBACK)
METHODS = [("cli/**.py", "ignore"), ("**.py", "python"), ("web/templates/**.html", "jinja2")]
OPTIONS = {"web/templates/**.html": {"silent": "false"}}
# The failures that a server answers with; the others are for operators, in English.
ANSWERED: tuple[type[HubError], ...] = (
    HubError, BadRequest, NotFound, Withdrawn, NotAcceptable, QueryTimeout, QueryStopped, Unavailable, WrongMethod,
    Unforeseen,
)  # fmt: skip
HEADER = """\
# The interface's words; English is their source. `make locales` adds what is new and drops what is gone.
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plural}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""


def words() -> Catalog:
    """Every text that the portal or the API can say, in English; of an error its title and its template."""
    keywords = {**DEFAULT_KEYWORDS, **{error.__name__: None for error in ANSWERED}, "BadRequest": (3,)}
    catalogue = Catalog()
    for room in ("hub", "harvesters"):
        for _, _, message, _, context in extract_from_dir(ROOT / room, METHODS, OPTIONS, keywords):
            if any(c.isalpha() for c in str(message)):  # ", ".join(…) is no text
                catalogue.add(message, context=context)
    for error in ANSWERED:
        catalogue.add(error.title)
    return catalogue


def path(language: str) -> Path:
    return ROOT / "locales" / language / "LC_MESSAGES" / "hub.po"


def read(language: str) -> Catalog:
    with path(language).open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str) -> str:
    """The catalogue with what is new and without what is gone; nothing is guessed."""
    there = read(language) if path(language).is_file() else Catalog(locale=language)
    fresh = Catalog(locale=language)
    for message in words():
        if message.id:
            known = there.get(message.id)
            fresh.add(message.id, known.string if known else "")
    written = BytesIO()
    write_po(written, fresh, width=110, no_location=True, omit_header=True, sort_output=True)
    return HEADER.format(language=language, plural=fresh.plural_forms) + written.getvalue().decode()


if __name__ == "__main__":
    for code in TRANSLATED:
        path(code).parent.mkdir(parents=True, exist_ok=True)
        path(code).write_text(updated(code), "utf-8")
