"""T1: defects planted in a copy of the program, each to be caught by the scenario it names.

A harness that finds nothing proves something only if it finds what is there. Each defect is one
small change as data. What is to catch it is first run without it, and must find nothing then.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.torture.launcher import ROOT
from tests.torture.trial import Report, Setting, Trial

PARTS = ("bot", "handlers", "storage", "locales", "tests", "pyproject.toml", "README.md")
PATIENCE_S = 300


@dataclass(frozen=True, slots=True)
class Defect:
    """`old` stands once in `file`, and is replaced by `new`."""

    name: str
    file: str
    old: str
    new: str
    by: tuple[str, ...]
    """What catches it: a scenario with its arguments, or `pytest` and a test."""


_FORGERY = ("forgery",)
_KILLS = ("kills", "--size", "20", "--database", "sqlite")
_POINTS = ("points", "--size", "60")
_LIVES = ("lives", "--size", "4000")
_TEST = "pytest"

DEFECTS: tuple[Defect, ...] = ()


def _command(by: Sequence[str], seed: int) -> list[str]:
    if by[0] == _TEST:
        return [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *by[1:]]
    return [sys.executable, "-m", "tests.torture", *by, "--seed", str(seed)]


def _caught(tree: Path, by: Sequence[str], seed: int) -> tuple[bool, str]:
    """Whether something was found in this tree, and the end of what was said."""
    try:
        ended = subprocess.run(
            _command(by, seed),
            cwd=tree,
            env={"PYTHONPATH": str(tree), "PATH": "/usr/bin:/bin", "HOME": str(tree)},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True, "did not end"
    return ended.returncode != 0, (ended.stdout + ended.stderr)[-1500:]


def _defects(setting: Setting) -> Report:
    report = Report()
    tree = setting.place("tree")
    for part in PARTS:
        if (ROOT / part).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, tree / part, ignore=ignored)
        else:
            shutil.copy(ROOT / part, tree / part)
    chosen = DEFECTS[: setting.size]
    for by in dict.fromkeys(defect.by for defect in chosen):
        found, said = _caught(tree, by, setting.seed)
        report.expect(not found, f"{' '.join(by)} finds something without a defect:\n{said}")
    if report.faults:
        return report
    caught = 0
    lines = [f"{'defect':52} caught by"]
    for defect in chosen:
        file = tree / defect.file
        sound = file.read_text(encoding="utf-8")
        report.expect(
            sound.count(defect.old) == 1, f"{defect.name}: does not fit {defect.file} any more"
        )
        file.write_text(sound.replace(defect.old, defect.new), encoding="utf-8")
        found, said = _caught(tree, defect.by, setting.seed)
        file.write_text(sound, encoding="utf-8")
        caught += found
        lines.append(f"{defect.name:52} {' '.join(defect.by) if found else 'NOTHING'}")
        report.expect(found, f"{defect.name} was not caught by {' '.join(defect.by)}:\n{said}")
    report.seen = f"{caught} of {len(chosen)} caught"
    report.lines = lines
    return report


TRIALS = (
    Trial(
        name="defects",
        goals="T1",
        what="planted defects, each caught by the scenario it names",
        size=len(DEFECTS),
        most=len(DEFECTS),
        unit="defects",
        run=_defects,
    ),
)
