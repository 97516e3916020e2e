"""One hub for all tests that only read; it is filled once."""

from collections.abc import Iterator

import pytest

from tests.web.hub import Hub, append_every_state, harvest_samples, open_ledger, running, settings_for


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    settings = settings_for(tmp_path_factory.mktemp("hub"), query_rows=1000, query_seconds=5)
    with open_ledger(settings) as ledger:
        harvest_samples(ledger)
        append_every_state(ledger)
    with running(settings) as opened:
        opened.caught_up("graph", "search", "meaning")
        yield opened
