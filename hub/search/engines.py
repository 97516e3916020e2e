"""Which search indexes the settings name."""

from importlib import import_module
from typing import Final

from hub.profile import Profile
from hub.search.base import MeaningIndex, SearchIndex
from hub.search.lexicon import Lexicon
from hub.search.meaning import StoredMeaning
from hub.search.tantivy import TantivyIndex
from hub.search.vectors import missing
from hub.settings import Settings

ELASTICSEARCH: Final = "hub.search.elasticsearch"  # its client takes 15 MB and 0.2 s, so it is loaded where it is used
MEANING: Final = "hub.search.elasticsearch_meaning"


def open_index(settings: Settings, profile: Profile) -> SearchIndex:
    """The servers at HUB_ELASTICSEARCH_URL, or the embedded index in HUB_DATA; any number read, one process writes."""
    lexicon = Lexicon(settings.data)
    if settings.elasticsearch_url:
        opened: SearchIndex = import_module(ELASTICSEARCH).open_elasticsearch(settings, profile, lexicon)
        return opened
    return TantivyIndex(settings.data / "search", profile, lexicon)


def open_meaning(settings: Settings) -> MeaningIndex | None:
    """On the same servers, or the embedded one in HUB_DATA; None where this machine cannot make vectors."""
    if missing():
        return None
    if settings.elasticsearch_url:
        opened: MeaningIndex = import_module(MEANING).open_elasticsearch(settings)
        return opened
    return StoredMeaning(settings.data / "meaning.sqlite")


def forget(settings: Settings) -> None:
    """Takes away what a trial wrote beyond HUB_DATA."""
    if settings.elasticsearch_url:
        import_module(ELASTICSEARCH).forget(settings)
