"""What `hub harvest` holds in memory while it streams a source of small records: `make memory`.

For each number of records twice: as beside a server that projects, where it only appends, and projecting itself.
"""

import argparse
import tempfile
from contextlib import nullcontext
from pathlib import Path

from hub.projection import projector_lock
from tests.bench.portal import portal
from tests.bench.watching import Ran, harvested, hub_of

COUNTS = (10_000, 50_000, 100_000)


def ran(count: int, *, beside_a_server: bool) -> Ran:
    with portal("small", count) as host, tempfile.TemporaryDirectory() as folder:
        env = hub_of(host, Path(folder))
        with projector_lock(Path(folder)) if beside_a_server else nullcontext():
            done = harvested(env)
    assert (done.report["state"], done.report["created"]) == ("complete", count), done.report
    return done


def main() -> None:
    reading = argparse.ArgumentParser(prog="make memory", description=__doc__)
    reading.add_argument("counts", nargs="*", type=int, default=COUNTS)
    reading.add_argument("--beside-a-server", action="store_true", help="only so")
    told = reading.parse_args()
    print(f"{'records':>12} {'a second':>9} {'harvesting':>11} {'projecting':>11}   MB at most", flush=True)
    for count in told.counts:
        for beside in (True,) if told.beside_a_server else (True, False):
            done = ran(count, beside_a_server=beside)
            projector = "elsewhere" if beside else f"{done.projector:,}"
            print(f"{count:12,} {done.rate:9,.0f} {done.harvest:11,} {projector:>11}", flush=True)


if __name__ == "__main__":
    main()
