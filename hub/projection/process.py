"""The projector in a process of its own, beside a harvest: its Python and the harvest's run at the same time.

The harvest writes the settings into its input, and an empty frame when it has ended.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from hub.errors import HubError, Unavailable
from hub.graph.process import read_frame, write_frame
from hub.ledger import Ledger
from hub.profile import load
from hub.projection import Projector, projector_lock
from hub.projection.engines import open_projections
from hub.settings import Settings

SECONDS: Final = 1.0  # between two questions for the lock
NOTICED: Final = 0.02  # in which is seen that the harvest was killed while this process began, before a store is open


@contextmanager
def projecting(settings: Settings) -> Iterator[None]:
    """Projects while the block runs, and to the end after it, unless another process does so.

    Raises Unavailable with what the projector could not do; where the block raises it is stopped at once.
    """
    command, pipe = [sys.executable, "-m", "hub.projection.process"], subprocess.PIPE
    env = {"MALLOC_ARENA_MAX": "2", **os.environ}  # with one for each of its threads it holds 500 MB in place of 380
    # In a process group of its own: Ctrl-C is for the harvest, which ends it.
    with subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, text=True, process_group=0) as process:
        try:
            _say(process, settings.model_dump_json().encode())
            yield
            _say(process, b"")
            told, _ = process.communicate()
        finally:
            process.kill()
    if process.returncode:
        raise Unavailable(told.strip() or f"The projecting process ended (exit status {process.returncode})")


def _say(process: "subprocess.Popen[str]", frame: bytes) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # it has ended, and its exit status tells why
        write_frame(process.stdin.fileno(), frame)


def main() -> None:
    """The process itself: follows the ledger until it is told that the harvest has ended, then to the last change."""
    signal.signal(
        signal.SIGTERM, signal.SIG_IGN
    )  # a service manager tells all processes; this one ends with the harvest
    settings, ended = Settings.model_validate_json(_heard()), threading.Event()
    threading.Thread(target=_wait, args=(ended,), daemon=True).start()
    ended.wait(NOTICED)
    try:
        _project(settings, ended)
    except (HubError, SQLAlchemyError, OSError) as error:
        print(str(error).partition("\n")[0] or type(error).__name__)
        sys.exit(1)
    os._exit(0)  # all is closed; to take the interpreter apart takes a third of a second


def _heard() -> bytes:
    """The next frame; where the harvest was killed, this process ends as if killed with it: the stores bear that."""
    frame = read_frame(0)
    if frame is None:
        os._exit(1)
    return frame


def _wait(ended: threading.Event) -> None:
    _heard()
    ended.set()


def _project(settings: Settings, ended: threading.Event) -> None:
    """Asks for the lock until it gets it, the last time when the harvest has ended."""
    is_last = False
    while not _projected(settings, ended) and not is_last:
        is_last = ended.wait(SECONDS)


def _projected(settings: Settings, ended: threading.Event) -> bool:
    """Whether this process was the projector until there was nothing left to project."""
    with ExitStack() as closing:
        if not closing.enter_context(projector_lock(settings.data)):
            return False
        ledger = Ledger(settings.ledger_url, settings.base)
        closing.callback(ledger.close)
        projector = Projector(ledger, closing.enter_context(open_projections(settings, ledger, load())))
        with projector.following():
            ended.wait()
        projector.catch_up()
        return True


if __name__ == "__main__":
    main()
