"""Starters of the real servers that the tests talk to."""

import os

import pytest


def need(there: bool, missing: str) -> None:
    """Skips a test with what to install; in CI nothing may be missing."""
    if there:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)
