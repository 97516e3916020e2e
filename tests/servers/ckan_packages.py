"""What the tests put into a real CKAN: good practices in one to four of seven languages, and other datasets."""

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from tests.servers.ckan import Ckan

GROUP: Final = "good-practices"
_ORGANISATIONS: Final = {
    "casa-del-quartiere": "Casa del quartiere – Rete",
    "kozossegi-haz": "Közösségi Házak Szövetsége",
    "kulturhaus": "Kulturhaus für alle e. V.",
    "folkets-hus": "Folkets hus på landet",
}
_SUBJECTS: Final = (
    {
        "it": "Isolamento del tetto",
        "sv": "Isolering av taket",
        "de": "Dämmung des Daches",
        "hu": "A tető hőszigetelése",
        "nl": "Isolatie van het dak",
        "fr": "Isolation de la toiture",
        "en": "Insulation of the roof",
    },
    {
        "it": "Comunità energetica",
        "sv": "Energigemenskap",
        "de": "Energiegemeinschaft",
        "hu": "Energiaközösség",
        "nl": "Energiegemeenschap",
        "fr": "Communauté d’énergie",
        "en": "Energy community",
    },
    {
        "it": "Pannelli solari sul teatro",
        "sv": "Solceller på teatern",
        "de": "Solarstrom vom Theaterdach",
        "hu": "Napelemek a színház tetején",
        "nl": "Zonnepanelen op het theater",
        "fr": "Panneaux solaires sur le théâtre",
        "en": "Solar panels on the theatre",
    },
)
_SYLLABLES: Final = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "zo")


def place(number: int) -> str:
    """An invented name that no other package has, and that is no word of any language."""
    parts = [_SYLLABLES[number // 14**n % 14] for n in range(3)]
    return f"X{''.join(parts)}ksz"


def name(number: int) -> str:
    return f"practice-{number:03}"


def texts(number: int, form: str = "{subject} – {place}") -> dict[str, str]:
    """By language; each of the seven comes first in turn, and some packages have no English."""
    subject, chosen = _SUBJECTS[number % len(_SUBJECTS)], random.Random(number)
    languages = list(subject)
    spoken = [languages[number % 7], *chosen.sample(languages, chosen.randint(0, 3))]
    return {tag: form.format(subject=subject[tag], place=place(number)) for tag in dict.fromkeys(spoken)}


def practice(number: int) -> dict[str, Any]:
    organisation = list(_ORGANISATIONS)[number % len(_ORGANISATIONS)]
    titles = texts(number)
    return {
        "name": name(number),
        "title_translated": titles,
        "notes_translated": texts(number, "{subject}: {place}, 2015–2020."),
        "tags_translated": {tag: [text] for tag, text in texts(number, "{subject}").items()},
        "owner_org": organisation,
        "groups": [{"name": GROUP}],
        "license_id": "CC-BY-4.0",
        "language": [f"http://publications.europa.eu/resource/authority/language/{tag}" for tag in ("ITA", "ENG")],
        "theme": ["http://publications.europa.eu/resource/authority/data-theme/ENER"],
        "identifier": f"urn:example:{number}",
        "issued": f"20{10 + number % 15}-03-{1 + number % 28:02}",
        "publisher": [{"name": _ORGANISATIONS[organisation], "uri": f"https://example.org/{organisation}"}],
        "contact": [{"name": "Ufficio", "email": "info@example.org"}],
        "spatial_coverage": [{"uri": "http://data.europa.eu/nuts/code/ITH5", "text": "Emilia-Romagna"}],
        "temporal_coverage": [{"start": "2015-01-01", "end": "2020-12-31"}],
        "resources": [{"url": "https://example.org/a.csv", "format": "CSV", "name_translated": {"it": "Dati"}}],
    }


def fill(portal: Ckan, practices: int, others: int) -> None:
    """Puts practices into the group, and datasets that are none beside it."""
    portal.act("group_create", name=GROUP, title="Good practices")
    for key, title in _ORGANISATIONS.items():
        portal.act("organization_create", name=key, title=title)
    packages = [practice(number) for number in range(practices)]
    packages += [practice(number) | {"name": f"dataset-{number}", "groups": []} for number in range(others)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda package: portal.act("package_create", **package), packages))
    portal.publish()
