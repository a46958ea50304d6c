"""T1: defects planted in a copy of the program, each to be caught by the scenario it names.

A harness that finds nothing proves something only if it finds what is there. Each defect is one
small change as data. What is to catch it is first run without it, and must find nothing then.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

from tests.torture.launcher import ROOT
from tests.torture.nursery import Nursery
from tests.torture.trial import Report, Setting, Trial

PARTS = ("bot", "handlers", "storage", "locales", "tests", "pyproject.toml", "README.md")
PATIENCE_S = 300
"""A copy that hangs is caught, too."""
AT_ONCE = 2
"""Copies in which something is looked for at the same time: most of them wait most of the time."""
SEEDS = 3
"""A small scenario may pass by a defect with one seed: so many are tried until it is caught."""


Change = tuple[str, str, str]
"""In this file this stands once, and is replaced by that."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One small change, and with it what would make up for it."""

    name: str
    file: str
    old: str
    new: str
    by: tuple[str, ...]
    """What catches it: a scenario with its arguments."""
    also: tuple[Change, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """All that is changed."""
        return (self.file, self.old, self.new), *self.also


_FORGERY = ("forgery", "--size", "6")
_KILLS = ("kills", "--size", "6", "--database", "sqlite")
_POSTS = ("posts", "--size", "6", "--database", "sqlite")
_ALL_STORIES = ("kills", "--size", "41", "--database", "sqlite")
_POINTS = ("points", "--size", "20")
_LIVES = ("lives", "--size", "3000")
_LATE = ("late", "--size", "200", "--database", "sqlite")
_PRESSES = ("presses", "--size", "3")
_RACE = ("race", "--size", "2", "--database", "sqlite")
_POISON = ("poison", "--size", "40")
_PICTURES = ("pictures", "--size", "20")
_LIMITS = ("limits", "--size", "500")
_PAYLOADS = ("payloads", "--size", "20")
_INVITATIONS = ("invitations", "--size", "30", "--database", "sqlite")
_WRONG_CLOCK = ("wrong-clock",)
_TAGS = ("tags",)
_FUZZ = ("fuzz", "--size", "4000")
_DUELS = ("duels", "--size", "3")
_CYCLE = ("cycle", "--size", "1", "--database", "sqlite")
_CROWD = ("crowd", "--size", "400", "--database", "postgresql")

_SEEN_LATE: Change = (
    "storage/lines.py",
    '        isolation = "REPEATABLE READ" if whole else "READ COMMITTED"',
    '        isolation = "READ COMMITTED"',
)
"""PostgreSQL then no longer gives up what was overtaken."""

_VERSIONS_TWICE: Change = (
    "storage/migrations/versions/0001_first_tables.py",
    '        sa.UniqueConstraint("case_id", "version", "n",',
    '        sa.CheckConstraint("n >= 0",',
)
"""Nor does the database refuse a second step to the same version."""

DEFECTS: tuple[Defect, ...] = (
    Defect(
        "an update is done in a second commit after its effects",
        "storage/group.py",
        "            await batch.write(self._connection)\n",
        "            done = batch._rows.pop(inbox.DONE, None)\n"
        "            await batch.write(self._connection)\n"
        "            if done:\n"
        "                await self._connection.commit()\n"
        "                await self._connection.begin()\n"
        "                late = Batch()\n"
        "                late.add((inbox.DONE, row) for row in done)\n"
        "                await late.write(self._connection)\n",
        _POINTS,
    ),
    Defect(
        "no version check on a press",
        "handlers/action_form.py",
        "    if pressed.version != case.version:\n        raise await desk.stale(",
        "    if pressed.version < 0:\n        raise await desk.stale(",
        _FORGERY,
    ),
    Defect(
        "no version check in the memory",
        "storage/changes.py",
        "        if change.before.version != version:",
        "        if change.before.version != version and not head.version:",
        _DUELS,
        (_SEEN_LATE, _VERSIONS_TWICE),
    ),
    Defect(
        "no role check in the table",
        "bot/domain/lifecycle.py",
        "    return party.role in roles or (party",
        "    return bool(roles) or (party",
        _FORGERY,
    ),
    Defect(
        "whose case it is is not asked",
        "bot/services/parties.py",
        "    if account.id == case.customer:",
        "    if account.id:",
        _FORGERY,
    ),
    Defect(
        "the case of another seller is told apart from none",
        "bot/services/desk.py",
        '        if not roles:\n            raise Refused("not_found")',
        '        if not roles:\n            raise Refused("not_your_role")',
        _FORGERY,
    ),
    Defect(
        "presses in groups decide",
        "handlers/middlewares.py",
        '        if chat is None or chat.type != "private":',
        "        if chat is None:",
        _FORGERY,
    ),
    Defect(
        "a timer fires a second early",
        "bot/workers/clockwork.py",
        "        return await self._memory.horizon(self._clock)",
        "        return await self._memory.horizon(self._clock) + timedelta(seconds=1)",
        _LATE,
    ),
    Defect(
        "the rules let a timer fire a second early",
        "bot/domain/lifecycle.py",
        "    if now < timer.due_at:",
        "    if now < timer.due_at - timer.due_at.resolution * 10**6:",
        _LIVES,
    ),
    Defect(
        "deadlines in local time",
        "bot/domain/policy.py",
        "            return since + length\n",
        '            local = since.astimezone(ZoneInfo("Europe/Berlin"))\n'
        "            return (local + length).astimezone(UTC)\n",
        _LIVES,
    ),
    Defect(
        "an act at the very deadline is taken",
        "bot/domain/lifecycle.py",
        "        if timer.due_at <= now and timer.kind in DEADLINES:\n            rule",
        "        if timer.due_at < now and timer.kind in DEADLINES:\n            rule",
        _LIVES,
    ),
    Defect(
        "a fired timer goes on running",
        "bot/domain/lifecycle.py",
        "        turn.stop(event.timer)",
        "        pass",
        _LIVES,
    ),
    Defect(
        "updates are confirmed before they are committed",
        "bot/workers/receiver.py",
        "        updates = await to_the_end(self._keep(page))\n",
        '        self._offset = max((each["update_id"] + 1 for each in page), default=0)\n'
        "        updates = await to_the_end(self._keep(page))\n",
        _POINTS,
    ),
    Defect(
        "a page that could not be stored is confirmed",
        "bot/workers/receiver.py",
        "        updates = await to_the_end(self._keep(page))\n",
        "        try:\n"
        "            updates = await to_the_end(self._keep(page))\n"
        "        except Exception:\n"
        "            updates = [u for each in page if (u := read_update(each, self._clock()))]\n",
        _POINTS,
    ),
    Defect(
        "presses are answered before the commit",
        "bot/workers/processor.py",
        "            left_out = await group.commit()\n"
        "        self._release(run for run in runs if id(run.unit) not in left_out)\n",
        "            self._release(runs)\n"
        "            await asyncio.sleep(0.02)\n"
        "            left_out = await group.commit()\n",
        _KILLS,
    ),
    Defect(
        "rows are marked as sent before they are sent",
        "storage/mailbag.py",
        'SENDING = to_all(Phase.LAST, _THESE.values(state="sending"))',
        'SENDING = to_all(Phase.LAST, _THESE.values(state="sent"))',
        _KILLS,
    ),
    Defect(
        "what was cut off by a kill is not sent again",
        "storage/mailbag.py",
        '(~_outbox.at_most_once).values(state="unknown")',
        '(~_outbox.at_most_once).values(state="dropped")',
        _KILLS,
    ),
    Defect(
        "the message of a slot is not stored",
        "storage/mailbag.py",
        '    yield LEFT, {"slot": row.slot',
        '    if not row.slot.startswith("card"):\n        yield LEFT, {"slot": row.slot',
        _KILLS,
    ),
    Defect(
        "a call without an answer counts as sent",
        "bot/workers/outcomes.py",
        "    fate, wait_s, chat = Fate.UNKNOWN, 0.0, None",
        "    fate, wait_s, chat = Fate.SUCCESS, 0.0, None",
        _ALL_STORIES,
    ),
    Defect(
        "the time that a 429 names is not kept",
        "bot/workers/outcomes.py",
        "float(error.retry_after)",
        "0.0 * float(error.retry_after)",
        _LIMITS,
    ),
    Defect(
        "a poisoned update is tried for ever",
        "bot/workers/processor.py",
        'return "quarantine" if self.received.tries + 1 >= TRIES else',
        'return "quarantine" if self.received.tries + 1 >= 10**6 else',
        _POISON,
    ),
    Defect(
        "what customers write is not escaped",
        "bot/texts.py",
        "        inner = escape(_LIVE.sub(_defused, shortened(words, limit)), quote=False)",
        "        inner = _LIVE.sub(_defused, shortened(words, limit))",
        _PAYLOADS,
    ),
    Defect(
        "values in sentences are not escaped",
        "bot/texts.py",
        "    return escape(_LIVE.sub(_defused, _line(value)), quote=False)",
        "    return _LIVE.sub(_defused, _line(value))",
        _PAYLOADS,
    ),
    Defect(
        "an invitation lets in everybody",
        "storage/group.py",
        "            and used.isdisjoint(unit.effects.redeems)",
        "",
        _DUELS,
        (_SEEN_LATE,),
    ),
    Defect(
        "an invitation never ends",
        "handlers/invitations.py",
        "found.expires_at <= unit.now",
        "found.expires_at is None",
        _INVITATIONS,
    ),
    Defect(
        "timers do not look at Telegram's clock",
        "bot/workers/clockwork.py",
        "        wrong = abs(self._reach.disagreement) > DISAGREEMENT",
        "        wrong = abs(self._reach.disagreement) > 100 * DISAGREEMENT",
        _WRONG_CLOCK,
    ),
    Defect(
        "a handler without a role may start",
        "handlers/tree.py",
        "        if not (isinstance(roles, frozenset) and roles and roles <= _ROLES):",
        "        if roles is not None and not roles <= _ROLES:",
        _TAGS,
    ),
    Defect(
        "numbers are read in any form",
        "bot/screens/buttons.py",
        '    if not 0 <= number <= _LARGEST:\n        raise ValueError("out of range")',
        '    if number == _LARGEST:\n        raise ValueError("out of range")',
        _FUZZ,
    ),
    Defect(
        "a press that is refused is not answered",
        "bot/workers/processor.py",
        "            if press and (run.error is None or run.toast):",
        "            if press and run.error is None and not run.toast:",
        _PRESSES,
    ),
    Defect(
        "what comes into the outbox while it is looked through wakes nobody",
        "bot/workers/deliverer.py",
        "        self._look = False\n"
        "        try:\n"
        "            taken = await self._mailbag.exchange(self._outcomes, now, room)\n",
        "        try:\n"
        "            taken = await self._mailbag.exchange(self._outcomes, now, room)\n"
        "            self._look = False\n",
        _CROWD,
    ),
    Defect(
        "one message of a hundred is never sent",
        "storage/mailbag.py",
        "    WHERE head.{tables.UNSENT} AND head.state <> 'sending' AND head.not_before <= :now\n",
        "    WHERE head.{tables.UNSENT} AND head.state <> 'sending' AND head.not_before <= :now\n"
        "      AND head.id % 100 <> 99\n",
        _KILLS,
    ),
    Defect(
        "money moves twice",
        "storage/changes.py",
        "    for n, line in enumerate(change.ledger):",
        "    for n, line in enumerate((*change.ledger, *change.ledger)):",
        _KILLS,
    ),
    Defect(
        "a post is taken before it is committed",
        "bot/workers/webhook.py",
        "            await self._kept(update, posted)\n",
        "            _ = asyncio.ensure_future(self._kept(update, posted))\n",
        _POSTS,
    ),
    Defect(
        "nobody looks at the secret of a post",
        "bot/workers/webhook.py",
        "        if not hmac.compare_digest(given, self._secret.encode()):",
        "        if not given:",
        _POSTS,
    ),
    Defect(
        "pictures of any size are decoded",
        "bot/workers/picture.py",
        "    if picture.width * picture.height > PIXELS:",
        "    if picture.width * picture.height > PIXELS * 99:",
        _PICTURES,
    ),
    Defect(
        "the chain leaves out who it was",
        "storage/changes.py",
        "        previous = line_digest(previous, line)",
        "        previous = line_digest(previous, replace(line, person=0))",
        _KILLS,
    ),
    Defect(
        "who lifts a block leaves no line",
        "bot/services/blocking.py",
        "    audited(unit, by.id, Deed.UNBLOCKED, person=block.account, block=id)\n",
        "",
        _CYCLE,
    ),
    Defect(
        "one admin alone overrides what moves money",
        "bot/domain/staff.py",
        "    if (case.status in MONEY or to in MONEY) and not",
        "    if to is Status.DRAFT and not",
        _CYCLE,
    ),
    Defect(
        "rules are switched on in the name of who has asked for them",
        "bot/services/ruling.py",
        "        confirmed_by=by.id,\n",
        "        confirmed_by=tried.asked_by,\n",
        _CYCLE,
    ),
)


@dataclass(frozen=True, slots=True)
class _Tree:
    """A copy of the program, and a process in which everything but the program is imported."""

    place: Path
    nursery: Nursery

    def finds(self, by: Sequence[str], seed: int) -> tuple[bool, str]:
        """Whether something is found in this copy, and the end of what was said."""
        status, said = self.nursery.run(self.place, [*by, "--seed", str(seed)], PATIENCE_S)
        return status != 0, said[-1500:]


@contextmanager
def _planted(tree: Path, change: Change) -> Iterator[None]:
    """The change is made, until the end. Raises ValueError where it does not fit any more."""
    name, old, new = change
    file = tree / name
    sound = file.read_text(encoding="utf-8")
    if sound.count(old) != 1:
        raise ValueError(f"plant it anew in {name}: {old}")
    file.write_text(sound.replace(old, new), encoding="utf-8")
    yield
    file.write_text(sound, encoding="utf-8")


def _tell(line: str) -> None:
    """How far it is: this takes minutes."""
    print(f"  {line}", file=sys.stderr, flush=True)


def _defects(setting: Setting) -> Report:
    report = Report()
    chosen = DEFECTS[: setting.size]
    with ExitStack() as stack:
        free = Queue[_Tree]()
        for number in range(AT_ONCE):
            nursery = stack.enter_context(Nursery())
            free.put(_Tree(_copied(setting.place(f"tree-{number}")), nursery))
        pool = stack.enter_context(ThreadPoolExecutor(AT_ONCE))

        def tried(by: Sequence[str], changes: Sequence[Change], seeds: int) -> tuple[bool, str]:
            tree = free.get()
            try:
                with ExitStack() as planted:
                    for change in changes:
                        planted.enter_context(_planted(tree.place, change))
                    for seed in range(setting.seed, setting.seed + seeds):
                        found, said = tree.finds(by, seed)
                        if found:
                            break
                    return found, said
            finally:
                free.put(tree)

        every = list(dict.fromkeys(defect.by for defect in chosen))
        for by, (found, said) in zip(
            every, pool.map(lambda by: tried(by, (), 1), every), strict=True
        ):
            _tell(f"{'finds something' if found else 'sound'}: {' '.join(by)}")
            report.expect(not found, f"{' '.join(by)} finds something without a defect:\n{said}")
        if report.faults:
            return report
        ends = pool.map(lambda each: tried(each.by, each.changes, SEEDS), chosen)
        caught, lines = 0, [f"{'defect':52} caught by"]
        for defect, (found, said) in zip(chosen, ends, strict=True):
            caught += found
            _tell(f"{'caught' if found else 'NOT CAUGHT'}: {defect.name}")
            lines.append(f"{defect.name:52} {' '.join(defect.by) if found else 'NOTHING'}")
            report.expect(found, f"{defect.name} was not caught by {' '.join(defect.by)}:\n{said}")
    report.seen = f"{caught} of {len(chosen)} caught"
    report.lines = lines
    return report


def _copied(tree: Path) -> Path:
    """The program, in this folder."""
    for part in PARTS:
        if (ROOT / part).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, tree / part, ignore=ignored)
        else:
            shutil.copy(ROOT / part, tree / part)
    return tree


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
