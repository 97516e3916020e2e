"""The server's part as finder of duplicates: it looks at what changed, when no harvest needs the machine."""

import logging
import sqlite3
import threading
from contextlib import ExitStack
from types import TracebackType
from typing import Final, Self

from sqlalchemy.exc import SQLAlchemyError

from hub.clusters import Finder
from hub.errors import HubError
from hub.ledger import Ledger
from hub.profile import Profile
from hub.projection import give_way
from hub.settings import Settings
from hub.web.projecting import Projecting

log = logging.getLogger(__name__)
SECONDS: Final = 5.0  # between two looks


class Finding:
    """Finds in a thread of its own, in the process that projects; a trouble is logged, and it tries again."""

    def __init__(self, settings: Settings, ledger: Ledger, profile: Profile, projecting: Projecting) -> None:
        self._settings, self._ledger, self._profile, self._projecting = settings, ledger, profile, projecting
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="finding")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    def _follow(self) -> None:
        give_way()
        with ExitStack() as closing:
            finder: Finder | None = None
            while not self._stop.wait(SECONDS):
                if not self._projecting.writes:
                    continue
                try:
                    if finder is None:
                        finder = closing.enter_context(Finder(self._ledger, self._settings.data, self._profile))
                    finder.catch_up(self._must_wait)
                except (HubError, SQLAlchemyError, sqlite3.Error, OSError) as error:
                    log.warning("Duplicates are not looked for at the moment: %s", error)

    def _must_wait(self) -> bool:
        """Whether the server ends, or a process harvests."""
        return self._stop.is_set() or self._ledger.is_harvested()
