"""What is slow to install: kept in the user's cache for later test runs."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

KEPT = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "coped-hub-tests"


def run(*command: str | Path) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def kept(name: str, install: Callable[[Path], None], *parts: Path) -> Path:
    """A folder that is installed once for these parts and kept for later test runs, of which one installs at a time."""
    files = sorted(file for part in parts for file in (part.rglob("*.*") if part.is_dir() else [part]))
    made_of = [sys.version, *(file.read_text("utf-8") for file in files if file.suffix != ".pyc")]
    folder = KEPT / f"{name}-{hashlib.sha256(repr(made_of).encode()).hexdigest()[:12]}"
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{folder.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "installed").exists():
            shutil.rmtree(folder, ignore_errors=True)  # one that was cut off is begun anew
            install(folder)
            (folder / "installed").touch()
    return folder
