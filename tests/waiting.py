"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable


def wait_until(true: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"it did not come true in {seconds} seconds"
        time.sleep(0.02)
