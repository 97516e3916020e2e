"""Which search index the settings name."""

from hub.profile import Profile
from hub.search.base import SearchIndex
from hub.search.tantivy import TantivyIndex
from hub.settings import Settings


def open_index(settings: Settings, profile: Profile) -> SearchIndex:
    """The embedded index in HUB_DATA; any number of processes may read it, one writes."""
    return TantivyIndex(settings.data / "search", profile)
