"""What a profile makes of an index, on any engine."""

from functools import cached_property

from hub.profile import Profile
from hub.search.documents import declared
from hub.search.expansion import Expansion
from hub.search.labels import Labels
from hub.search.lexicon import Lexicon


class Plan:
    """The vocabularies' words, which take a second, are read by the first question and by the first writing."""

    def __init__(self, profile: Profile, lexicon: Lexicon | None) -> None:
        self.declared = declared(profile)
        self._profile, self._lexicon = profile, lexicon

    @cached_property
    def expansion(self) -> Expansion:
        return Expansion(self._profile, self._lexicon)

    @cached_property
    def labels(self) -> Labels:
        return Labels(self._profile)
