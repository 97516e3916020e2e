"""Source files: one TOML file a source, checked key by key before anything is fetched."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit

from harvesters import CROSSWALKS, HARVESTERS
from harvesters.crosswalks.flat import is_known
from harvesters.crosswalks.reading import address
from harvesters.crosswalks.words import language_tag
from hub.errors import SourceError
from hub.model import KINDS, Source, is_rhythm
from hub.namespaces import COUNTRY
from hub.profile import load

SOURCES: Final = Path(__file__).parent / "sources"
SAMPLES: Final = "{samples}"
KEY: Final = re.compile(r"[a-z][a-z0-9-]*")
_LIMITS: Final[Mapping[str, tuple[float, float]]] = {
    "drop_count": (0, 1_000_000),  # how many records may vanish before a run is held …
    "drop_share": (0, 1),  # … or which share of them; the larger counts
    "rate": (0, 3600),  # seconds between two requests to one host
}
_NEEDED_FOR_FULL: Final = {"sparql": "modified"}  # the option without which a protocol lists all at every run
_MAPPED: Final = frozenset(("ckan", "table"))  # formats whose [options.fields] hold flat keys


def load_sources(folder: Path, samples_url: str) -> dict[str, Source]:
    """The sources of a folder by key; `{samples}` in their addresses is `samples_url`.

    Raises SourceError naming file, key, value and what is allowed.
    """
    if not folder.is_dir():
        raise SourceError(f"{folder} is no folder of source files")
    sources: dict[str, Source] = {}
    for file in sorted(folder.glob("*.toml")):
        source = _File(file).source(samples_url)
        if source.key in sources:
            raise SourceError(f"{file.name}: key: {source.key!r} is the key of another file of this folder")
        sources[source.key] = source
    return sources


@dataclass(frozen=True, slots=True)
class _File:
    path: Path

    def source(self, samples_url: str) -> Source:
        written = self._read()
        for key in written:
            if key not in _CHECKS:
                self._refuse(key, written[key], f"the keys {', '.join(_CHECKS)}")
        for key, (check, allowed, is_required) in _CHECKS.items():
            if (is_required and key not in written) or (key in written and not check(written[key])):
                self._refuse(key, written.get(key, "missing"), allowed)
        self._check_rows(written)
        self._check_mapping(written)
        address = written["url"].replace(SAMPLES, samples_url.rstrip("/"))
        if not urlsplit(address).hostname:
            self._refuse("url", written["url"], "an address; {samples} stands for HUB_SAMPLES_URL, which is not set")
        return Source(**{**written, "url": address})

    def _read(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self.path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SourceError(f"{self.path.name}: the file is not valid TOML: {error}") from error

    def _check_rows(self, written: Mapping[str, Any]) -> None:
        for key, rows in (("protocol", HARVESTERS), ("format", CROSSWALKS)):
            if written[key] not in rows:
                self._refuse(key, written[key], " or ".join(rows))
        if "full" in written:
            self._check_full(written)

    def _check_full(self, written: Mapping[str, Any]) -> None:
        """Refused where each run lists all: between the full ones nothing would be taken as gone."""
        protocol = written["protocol"]
        if not HARVESTERS[protocol].incremental:
            able = " or ".join(name for name, harvester in HARVESTERS.items() if harvester.incremental)
            told = f"nothing, since this protocol lists all at every run; with {able} it is when all is listed"
            self._refuse("full", written["full"], told)
        name = _NEEDED_FOR_FULL.get(protocol)
        if name and not written.get("options", {}).get(name):
            told = f"nothing without options.{name}, which says when a record changed: each run would list all"
            self._refuse("full", written["full"], told)

    def _check_mapping(self, written: Mapping[str, Any]) -> None:
        """Flat keys that no selected kind has would be lost record by record; they are refused here."""
        if written["format"] not in _MAPPED:
            return
        options, kinds = written.get("options", {}), list(written.get("select") or ["practice"])
        fields, constants = options.get("fields", {}), options.get("constants", {})
        for name, mapping in (("fields", fields), ("constants", constants)):
            if not isinstance(mapping, dict):
                self._refuse(f"options.{name}", mapping, "a table")
        if written["format"] == "table" and not fields:
            self._refuse("options.fields", "missing", "a table from column to field, such as Titel = 'title'")
        keys = [(f"options.fields.{name}", key) for name, key in fields.items()]
        for name, key in [*keys, *((f"options.constants.{key}", key) for key in constants)]:
            if not isinstance(key, str) or not any(is_known(kind, key) for kind in kinds):
                fields_there = sorted({field.key for kind in kinds for field in load().fields(kind)})
                form = "field, field@language, field-2.part; the fields are"
                self._refuse(name, key, f"{form} {', '.join(fields_there)}")

    def _refuse(self, key: str, value: object, allowed: str) -> NoReturn:
        raise SourceError(f"{self.path.name}: {key}: {str(value)[:200]!r} is not valid; allowed: {allowed}")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_titles(value: Any) -> bool:
    return (
        isinstance(value, dict) and bool(value) and all(language_tag(tag) and _is_text(t) for tag, t in value.items())
    )


def _is_country(value: Any) -> bool:
    concept = load().concept(str(COUNTRY).rstrip("/"), value) if isinstance(value, str) else None
    return concept is not None and concept.iri == f"{COUNTRY}{value}"


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and value.startswith((SAMPLES, "http://", "https://"))


def _is_cron(value: Any) -> bool:
    return isinstance(value, str) and is_rhythm(value)


def _is_selection(value: Any) -> bool:
    return isinstance(value, dict) and all(kind in KINDS and isinstance(text, str) for kind, text in value.items())


def _is_limits(value: Any) -> bool:
    return isinstance(value, dict) and all(
        name in _LIMITS
        and isinstance(limit, int | float)
        and not isinstance(limit, bool)
        and _LIMITS[name][0] <= limit <= _LIMITS[name][1]
        for name, limit in value.items()
    )


_Check = tuple[Callable[[Any], bool], str, bool]
_CHECKS: Final[Mapping[str, _Check]] = {
    "key": (
        lambda v: isinstance(v, str) and bool(KEY.fullmatch(v)),
        "a small letter, then small letters, digits and hyphens",
        True,
    ),
    "title": (_is_titles, "a table of titles by language tag, at least one", True),
    "country": (_is_country, "a country's three letters, such as ITA, that schema/vocabularies knows", True),
    "language": (
        lambda v: isinstance(v, str) and language_tag(v) == v,
        "a language tag of BCP 47 in its canonical form, such as it or de-AT",
        True,
    ),
    "protocol": (_is_text, "a row of HARVESTERS", True),
    "url": (_is_url, "an http or https address, or one that begins with {samples}", True),
    "format": (_is_text, "a row of CROSSWALKS", True),
    "licence": (lambda v: isinstance(v, str) and address(v) is not None, "the address of a licence", False),
    "rhythm": (_is_cron, "five fields of cron in UTC, such as 0 3 * * *", False),
    "full": (_is_cron, "five fields of cron in UTC, such as 0 3 * * 0", False),
    "select": (_is_selection, f"a table from {', '.join(KINDS)} to text", False),
    "options": (lambda v: isinstance(v, dict), "a table", False),
    "limits": (_is_limits, f"a table of numbers: {', '.join(f'{n} {a}-{b}' for n, (a, b) in _LIMITS.items())}", False),
}
