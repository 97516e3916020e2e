"""Which sources are due by their rhythm, and the process beside a server that harvests them."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy.exc import SQLAlchemyError

from harvesters.source_files import SOURCES, load_sources
from hub.errors import HubError
from hub.ledger import Freshness, Ledger, Run
from hub.model import Source, due_after
from hub.settings import Settings

SECONDS: Final = 60.0  # between two looks
PAUSE: Final = 900.0  # behind a harvest that crashed, which may crash again
PATIENCE: Final = 8.0  # that a harvest has to end its page when the server stops; `docker stop` kills after 10
HARVEST: Final = (sys.executable, "-m", "hub", "harvest", "--due", "--json")
STDERR: Final = 2
log = logging.getLogger(__name__)


def next_due(rhythm: str, fresh: Freshness | None) -> datetime | None:
    """When a source is due next: the first time of its rhythm since its last run began; None: it never had one.

    So times that nobody was there for are made up for once, and a run that failed waits for the next.
    """
    return due_after(rhythm, fresh.last.started) if fresh else None


def is_due(ledger: Ledger, source: Source, now: datetime) -> bool:
    """A run that was interrupted is due at once, and goes on; one that another process is at is not."""
    fresh = ledger.runs.freshness(source.key).get(source.key)
    if fresh and fresh.last.state == "running":
        return not ledger.database.is_held(source.key)
    due = next_due(source.rhythm, fresh)
    return due is None or due <= now


def freshness_told(rhythm: str | None, fresh: Freshness | None, now: datetime) -> dict[str, Any]:
    """How fresh a source is, as `hub sources` and the API tell it; without a rhythm nothing is ever due."""
    success = fresh.success if fresh else None
    ended = success.ended if success else None
    return {
        "last_run": _run_told(fresh.last) if fresh else None,
        "last_full": fresh.full.ended if fresh and fresh.full else None,
        "last_incremental": fresh.incremental.ended if fresh and fresh.incremental else None,
        "silent_days": (now - ended).days if ended else None,
        "failed_runs": fresh.failed if fresh else 0,
        "next_run": (next_due(rhythm, fresh) or now) if rhythm else None,
    }


def _run_told(run: Run) -> dict[str, Any]:
    return {"state": run.state, "started": run.started, "ended": run.ended, "message": run.report.message}


class Schedule:
    """Looks once a minute whether a source is due, and then harvests what is, one after the other.

    In a process of its own, so that nothing that a harvest does hurts the portal; no shell, and what it says goes to
    the server's log. When the server ends, the harvest commits the page that it is at, and goes on another time.
    """

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._settings, self._ledger = settings, ledger
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="schedule")
        self._trouble = ""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    def _follow(self) -> None:
        pause = 0.0
        while not self._stop.wait(pause):
            pause = SECONDS if not self._is_anything_due() or self._harvest() in (0, 1) else PAUSE

    def _is_anything_due(self) -> bool:
        """Reads the source files anew, since they may have changed; what is wrong with them is told once."""
        trouble, due = "", False
        try:
            sources = load_sources(self._settings.sources or SOURCES, self._settings.samples_url).values()
            due = any(is_due(self._ledger, source, datetime.now(UTC)) for source in sources)
        except (HubError, SQLAlchemyError, OSError) as error:
            trouble = str(error)
        if trouble and trouble != self._trouble:
            log.warning("Nothing is harvested by schedule: %s", trouble)
        self._trouble = trouble
        return due

    def _harvest(self) -> int:
        process = subprocess.Popen(
            HARVEST, stdin=subprocess.DEVNULL, stdout=STDERR, env=_environment(self._settings), start_new_session=True
        )
        while process.poll() is None:
            if self._stop.wait(0.2):
                _end(process)
        if process.returncode not in (0, 1) and not self._stop.is_set():
            log.error("A harvest by schedule ended with %s; the next is in %g minutes", process.returncode, PAUSE / 60)
        return process.returncode


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()  # what is committed stays; only the page that it waits for is asked for again
        process.wait()


def _environment(settings: Settings) -> Mapping[str, str]:
    """The server's own settings, wherever they came from."""
    told = {name: value for name, value in settings.model_dump(mode="json").items() if value is not None}
    return {
        **os.environ,
        **{f"HUB_{name.upper()}": str(value) for name, value in told.items()},
        "HUB_BASE_IRI": settings.base,
    }
