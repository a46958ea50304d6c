"""`make torture`: every goal of `reliability.md` as a named scenario, in one table.

    python -m tests.torture [SCENARIO …] [--seed N] [--size N | --most] [--database sqlite]

A scenario that fails prints its seed, and the same seed draws the same plan. Answers 1 if
anything was found. `--list` says what there is, and what waits and why.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.logs import configure_logs
from tests.databases import NoServer, SqliteFiles, start_postgres
from tests.torture.launcher import Launcher
from tests.torture.trial import Database, Report, Setting, Trial
from tests.torture.trials import TRIALS, WAITING

_HEAD = f"{'goal':8} {'scenario':12} {'database':10} {'size':>20} {'seed':>9} {'s':>6}  found"


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="make torture", description=__doc__.partition("\n")[0])
    known = [trial.name for trial in TRIALS]
    parser.add_argument("scenario", nargs="*", help=f"of {', '.join(known)}; all by default")
    parser.add_argument("--seed", type=int, help="drawn if not given, and printed")
    parser.add_argument("--size", type=int, help="instead of each scenario's own")
    parser.add_argument("--most", action="store_true", help="the sizes that the goals name")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--list", action="store_true", help="what there is")
    given = parser.parse_args()
    if unknown := set(given.scenario) - set(known):
        parser.error(f"there is no scenario {', '.join(sorted(unknown))}")
    if given.list:
        print("\n".join(_described()))
        return 0
    seed = random.SystemRandom().randrange(10**8) if given.seed is None else given.seed
    chosen = [trial for trial in TRIALS if not given.scenario or trial.name in given.scenario]
    # Processes log into files of their own; what is played in this one is not read.
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        configure_logs("CRITICAL", "json", nowhere)
        return _run(
            chosen, seed, given.size, given.most, given.database or ("sqlite", "postgresql")
        )


def _run(
    trials: Sequence[Trial],
    seed: int,
    size: int | None,
    most: bool,
    databases: Sequence[Database],
) -> int:
    print(_HEAD, flush=True)
    failed: list[str] = []
    lines: list[str] = []
    with (
        Launcher(forks=True) as launcher,
        TemporaryDirectory(prefix="returndesk-torture-") as name,
    ):
        for trial in trials:
            for database in trial.on:
                if database not in databases:
                    continue
                wanted = size or (trial.most if most else trial.size)
                with TemporaryDirectory(dir=name) as folder, _fresh(database, Path(folder)) as make:
                    setting = Setting(seed, wanted, Path(folder), make, launcher)
                    report, seconds = _tried(trial, setting)
                print(_line(trial, database, wanted, seed, seconds, report), flush=True)
                # At once: who ends a long run by hand has seen what it had found.
                for fault in report.faults[:20]:
                    print(f"- {fault}", flush=True)
                if report.faults:
                    failed.append(f"{trial.name} on {database}, seed {seed}")
                lines += report.lines
    print("\n".join(("", *lines)))
    if trials == TRIALS:
        print("\n".join(("waiting:", *(f"{w.goals:8} {w.name:12} {w.why}" for w in WAITING))))
    print("\n".join(("", *failed)))
    print(f"{len(failed)} found something" if failed else "nothing was found")
    return 1 if failed else 0


def _tried(trial: Trial, setting: Setting) -> tuple[Report, float]:
    began = time.monotonic()
    try:
        report = trial.run(setting)
    except NoServer:
        raise
    except Exception:
        report = Report(faults=[traceback.format_exc()])
    return report, time.monotonic() - began


def _line(trial: Trial, database: str, size: int, seed: int, seconds: float, report: Report) -> str:
    sized = f"{size:,} {trial.unit}"
    found = f"{len(report.faults)} FAULTS" if report.faults else "nothing"
    what = f"{trial.goals:8} {trial.name:12} {database:10} {sized:>20} {seed:9} {seconds:6.1f}"
    return f"{what}  {found}" + (f"; {report.seen}" if report.seen else "")


def _described() -> Iterator[str]:
    for trial in TRIALS:
        size = f"{trial.size:,} of {trial.most:,} {trial.unit}"
        yield f"{trial.goals:8} {trial.name:12} {size:>32}  {trial.what}"
    for each in WAITING:
        yield f"{each.goals:8} {each.name:12} {'waits':>32}  {each.why}"


@contextmanager
def _fresh(kind: Database, folder: Path) -> Iterator[Callable[[], str]]:
    """Gives the URL of a migrated, empty database."""
    if kind == "sqlite":
        files = SqliteFiles(folder)
        yield lambda: files.make(folder)
        return
    server = start_postgres(f"torture-{os.getpid()}", "torture")
    try:
        yield server.lend
    finally:
        server.close()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NoServer as error:
        sys.exit(f"no PostgreSQL: {error}")
