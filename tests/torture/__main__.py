"""`make torture`: kill the program again and again, and print what came of it.

    python -m tests.torture [--kills 100] [--seed N] [--database sqlite] [--database postgresql]

Every run is a scenario from its beginning with at most twenty kills; a run that fails prints its
seed, and the same seed gives the same kills. Answers 1 if anything was lost, doubled or left
unsaid, or if too few kills hit unfinished work for that to mean something.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.databases import NoServer, SqliteFiles, start_postgres
from tests.torture.launcher import Launcher
from tests.torture.run import Outcome, run
from tests.torture.scenario import SCENARIOS

KILLS_IN_A_RUN = 20
ENOUGH = 0.75
"""Of the kills so many must hit unfinished work."""
_COLUMNS = (
    "database    scenario         seed        kills  hit  repeated  updates  offsets  seconds  "
    "found"
)  # fmt: skip


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="make torture", description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=100, help="on each database (100)")
    parser.add_argument("--seed", type=int, help="of the first run; the others count on from it")
    parser.add_argument(
        "--database", choices=("sqlite", "postgresql"), action="append", help="one only"
    )
    given = parser.parse_args()
    seed = random.SystemRandom().randrange(10**8) if given.seed is None else given.seed
    print(_COLUMNS, flush=True)
    outcomes = []
    with TemporaryDirectory(prefix="returndesk-torture-") as name, Launcher() as launcher:
        for database in given.database or ("sqlite", "postgresql"):
            with _databases(database, Path(name)) as fresh:
                for outcome in _runs(fresh, Path(name), launcher, seed, given.kills):
                    print(_line(database, outcome), flush=True)
                    outcomes.append(outcome)
    return _verdict(outcomes)


def _runs(
    fresh: Callable[[Path], str], folder: Path, launcher: Launcher, seed: int, kills: int
) -> Iterator[Outcome]:
    left = kills
    for number, scenario in zip(itertools.count(seed), itertools.cycle(SCENARIOS), strict=False):
        if left <= 0:
            return
        now, left = min(left, KILLS_IN_A_RUN), left - KILLS_IN_A_RUN
        with TemporaryDirectory(dir=folder) as name:
            here = Path(name)
            planned = scenario.plan(number, now)
            yield asyncio.run(run(fresh(here), here, launcher, scenario, planned))


@contextmanager
def _databases(kind: str, folder: Path) -> Iterator[Callable[[Path], str]]:
    """Gives the URL of a migrated, empty database, perhaps in the folder that is named."""
    if kind == "sqlite":
        yield SqliteFiles(folder).make
        return
    server = start_postgres(f"torture-{os.getpid()}", "torture")
    try:
        yield lambda _: server.lend()
    finally:
        server.close()


def _line(database: str, outcome: Outcome) -> str:
    return (
        f"{database:10}  {outcome.scenario:15}  {outcome.plan.seed:<10}  {outcome.plan.kills:5}"
        f"  {outcome.hits:3}  {outcome.repeated:8}  {outcome.confirmed:7}  {outcome.offsets:7}"
        f"  {outcome.seconds:7.1f}  {len(outcome.faults) or 'nothing'}"
    )


def _verdict(outcomes: list[Outcome]) -> int:
    kills = sum(outcome.plan.kills for outcome in outcomes)
    hits = sum(outcome.hits for outcome in outcomes)
    repeated = sum(outcome.repeated for outcome in outcomes)
    failed = [outcome for outcome in outcomes if outcome.faults]
    print(
        f"\n{kills} kills, {hits} hit unfinished work, {repeated} messages came twice, "
        f"{len(failed)} of {len(outcomes)} runs found something"
    )
    for outcome in failed:
        print(f"\n{outcome}")
    if hits < kills * ENOUGH:
        print("too few kills hit unfinished work to prove anything")
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NoServer as error:
        sys.exit(f"no PostgreSQL: {error}")
