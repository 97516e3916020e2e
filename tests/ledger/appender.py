"""A process that appends records to a ledger in pages: `python -m tests.ledger.appender URL SOURCE PAGES SIZE`.

It prints a line once its run has begun, and waits for one until it appends.
"""

import sys

from hub.ledger import Ledger
from hub.model import HarvestReport
from tests.ledger.conftest import BASE
from tests.ledger.records import arrival, source


def main(url: str, key: str, pages: int, size: int) -> None:
    ledger = Ledger(url, BASE)
    with ledger.runs.begin(source(key), resumable=True) as run:
        report = HarvestReport(key)
        print("ready", flush=True)
        sys.stdin.readline()
        for page in range(pages):
            arrivals = [arrival(key, f"{page}-{n}") for n in range(size)]
            ledger.records.commit_page(run.id, key, arrivals=arrivals, checkpoint=str(page + 1), report=report)
        ledger.runs.finish(run, report, {}, complete=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
