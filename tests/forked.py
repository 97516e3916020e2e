"""`hub` in processes that fork from one which has imported it: 50 starts cost seconds, and each can be killed alone."""

import os
import sys
from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from hub.cli import main


def _run(arguments: list[str], env: Mapping[str, str], said: Path) -> None:
    """What the command says goes to a file."""
    os.environ.clear()
    os.environ.update(env)
    with said.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.argv = ["hub", *arguments]
    main()


def fork(arguments: list[str], env: Mapping[str, str], said: Path) -> BaseProcess:
    """A started process; `kill()` it, or `join()` it and look at its `exitcode`."""
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=_run, args=(arguments, dict(env), said))
    process.start()
    return process
