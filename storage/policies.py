"""The policies that cases were opened under, which one is in force, and which were tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, select

from bot.services.records import InForce, Trial
from storage import tables
from storage.effects import Phase, insert, insert_new, row_of, upsert
from storage.gathered import KEYS, by_key, highest
from storage.line import Line
from storage.repository import Repository

OPEN_TRIALS = 4
"""As many as an admin still has in mind."""

_rules, _trial = tables.rules.c, tables.trials.c

KEEP = insert(tables.policies)
BRING = insert_new(tables.rules, Phase.HANG)
# Processes that start at once find the same in their settings: one says it.
BEGIN = insert(tables.rules, Phase.HANG)
SAVE = upsert(tables.trials, once=True)

_POLICIES = select(tables.policies).where(tables.policies.c.digest.in_(KEYS))
_IN_FORCE = select(tables.rules).order_by(_rules.version.desc()).limit(1)
_CALLED = (
    select(tables.rules)
    .where(_rules.digest == bindparam("digest_"), _rules.since <= bindparam("at"))
    .order_by(_rules.version.desc())
    .limit(1)
)
_TRIALS = select(tables.trials).where(_trial.id.in_(KEYS))
_OPEN = select(tables.trials).where(~_trial.ended).order_by(_trial.id.desc()).limit(OPEN_TRIALS)
_OF_DIGEST = (
    select(tables.trials)
    .where(_trial.digest.startswith(bindparam("begins"), autoescape=False))
    .order_by(_trial.id.desc())
    .limit(1)
)


class StoredPolicies(Repository):
    """Policies, whole, under their SHA-256; and what is in force."""

    def forget(self) -> None:
        self._brought: InForce | None = None
        self._saved: dict[int, Trial] = {}

    async def get(self, digest: str) -> str | None:
        return await self._reads.ask(_policies, digest)

    def keep(self, digest: str, canonical: str) -> None:
        row = {"digest": digest, "canonical": canonical, "kept_at": self._now}
        self._effects.add(KEEP, row)

    async def in_force(self) -> InForce | None:
        return self._brought or await self._reads.ask(in_force, None)

    async def called(self, digest: str, at: datetime) -> InForce | None:
        return await self._reads.ask(_called, (digest, at))

    def bring(self, rules: InForce) -> None:
        write = BRING if rules.confirmed_by else BEGIN
        self._effects.put("rules", None, write, row_of(tables.rules, rules))
        self._brought = rules

    async def trial(self, id: int) -> Trial | None:
        return self._saved.get(id) or await self._reads.ask(_trials, id)

    async def open_trials(self) -> tuple[Trial, ...]:
        stored = await self._reads.ask(_open, None) or ()
        known = (self._saved.get(trial.id, trial) for trial in stored)
        return tuple(trial for trial in known if not trial.ended)

    async def trials_of(self, digest: str) -> tuple[Trial, ...]:
        return await self._reads.ask(_tried, digest) or ()

    async def next_trial(self) -> int:
        return (await self._reads.ask(_highest, None) or 0) + 1

    def save_trial(self, trial: Trial) -> None:
        self._effects.put("trial", trial.id, SAVE, row_of(tables.trials, trial))
        self._saved[trial.id] = trial


def _read(row: Mapping[str, Any]) -> Trial:
    return Trial(**row)


_policies = by_key(_POLICIES, "digest", itemgetter("canonical"))
_trials = by_key(_TRIALS, "id", _read)
_highest = highest(_trial.id)


async def in_force(connection: Line, keys: Sequence[None]) -> Mapping[None, InForce]:
    """The last rules that were brought into force, if there are any."""
    row = next((await connection.execute(_IN_FORCE)).mappings(), None)
    return {None: InForce(**row)} if row else {}


async def _called(
    connection: Line, keys: Sequence[tuple[str, datetime]]
) -> Mapping[tuple[str, datetime], InForce]:
    found = {}
    for digest, at in keys:
        rows = await connection.execute(_CALLED, {"digest_": digest, "at": at})
        if (row := next(rows.mappings(), None)) is not None:
            found[digest, at] = InForce(**row)
    return found


async def _open(connection: Line, keys: Sequence[None]) -> Mapping[None, tuple[Trial, ...]]:
    rows = await connection.execute(_OPEN)
    return {None: tuple(map(_read, rows.mappings()))}


async def _tried(connection: Line, digests: Sequence[str]) -> Mapping[str, tuple[Trial, ...]]:
    found = {}
    for digest in digests:
        rows = await connection.execute(_OF_DIGEST, {"begins": digest})
        found[digest] = tuple(map(_read, rows.mappings()))
    return found
