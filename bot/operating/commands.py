"""`returndesk check`, `backup`, `restore`, `health` and `staff`: what an owner does by hand."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from bot.services import staffing
from bot.services.again import until_kept
from bot.services.memory import Memory
from bot.services.ports import Clock
from bot.services.records import Account
from bot.settings import Settings
from bot.workers.evidence_folder import PREFIXES, strangers
from storage.backup import back_up, restore, suffix_of
from storage.beside import reading, staff
from storage.books import Looked
from storage.checking import examine
from storage.database import open_database
from storage.files import fetched

MOST_SAID = 100
"""Findings that are printed; all are counted."""
ANSWER_S = 10.0
"""How long a running bot may take to say how it is: it waits for its database for half of it."""

Say = Callable[[str], None]


async def check(settings: Settings, say: Say) -> bool:
    """Look at everything that is stored, and print a table. Answers whether all is well."""
    counts: Counter[str] = Counter()
    wrong: Counter[str] = Counter()

    def saw(looked: Looked) -> None:
        counts[looked.what] += looked.count
        for fault in looked.wrong:
            if wrong.total() < MOST_SAID:
                say(f"{looked.what}: {fault}")
            wrong[looked.what] += 1

    async with reading(settings.database_url) as connection:
        async for looked in examine(connection):
            saw(looked)
        for prefix in PREFIXES:
            known = await fetched(connection, prefix)
            saw(await asyncio.to_thread(_evidence, settings.evidence_folder, prefix, known))
    for line in as_table(counts, wrong):
        say(line)
    return not wrong


def as_table(counts: Mapping[str, int], wrong: Mapping[str, int]) -> list[str]:
    """What was looked at, how many, and how many of them are wrong."""
    rows = [(what, f"{count:,}", f"{wrong.get(what, 0):,}") for what, count in counts.items()]
    wide = max(len(what) for what, _, _ in rows)
    head = f"{'':{wide}} {'looked at':>12} {'wrong':>8}"
    return [head, *(f"{what:{wide}} {count:>12} {bad:>8}" for what, count, bad in rows)]


def _evidence(folder: Path, prefix: str, known: frozenset[str]) -> Looked:
    lost, strange = strangers(folder, prefix, known)
    words = [f"{digest} was fetched and is not in {folder}" for digest in sorted(lost)]
    words += [f"{path} belongs to nothing" for path in sorted(strange)]
    return Looked("evidence files", len(known), words)


async def make_backup(settings: Settings, place: str | None, now: datetime, say: Say) -> None:
    """Write a backup into a folder, under a name of its own, or into a new file."""
    suffix = suffix_of(settings.database_url)
    target = Path(place) if place else settings.backup_folder
    if target.suffix != suffix:
        target /= f"returndesk-{now:%Y%m%dT%H%M%SZ}{suffix}"
    found = await back_up(settings.database_url, target)
    say(f"{target}: {_content(found)}; restored once and found whole")


async def take_backup(settings: Settings, backup: str, *, replace: bool, say: Say) -> None:
    """Make a backup the database."""
    found = await restore(settings.database_url, Path(backup), replace=replace)
    say(f"The database is what {backup} holds: {_content(found)}. Run: returndesk init")


class NoAnswer(Exception):
    """Nobody says how the bot is; the message says why."""


def ask_health(settings: Settings, say: Say) -> bool:
    """Ask the running bot whether it can work, and print its answer. Raises NoAnswer."""
    place = settings.health
    try:
        with closing(HTTPConnection(place, timeout=ANSWER_S)) as line:
            line.request("GET", "/readyz")
            found = json.load(line.getresponse())
        ready, wrong = bool(found["ready"]), ", ".join(found["wrong"])
    except OSError as error:
        raise NoAnswer(f"no bot answers at {place}: {error.strerror or error}") from None
    except (HTTPException, ValueError, LookupError, TypeError):
        raise NoAnswer(f"what answers at {place} is no Return Desk") from None
    say("ready" if ready else f"not ready: {wrong}")
    return ready


class NotDismissed(Exception):
    """Somebody keeps what they are; the message says why."""


async def list_staff(settings: Settings, say: Say) -> None:
    """Print who is of the staff: Telegram's id, role and name."""
    for id, name, role in await staff(settings.database_url):
        say(f"{id:>12}  {role:9}  {name}")


async def dismiss(settings: Settings, id: int, clock: Clock, say: Say) -> None:
    """Take the roles of staff away from somebody. Raises NotDismissed, StorageError.

    What else they are in the bot stays, and so does what they did; invitations of theirs that
    nobody has accepted are void from now on.
    """
    if id in settings.owner_ids:
        raise NotDismissed(f"{id} is in RETURNDESK_OWNER_IDS: take it out first")
    async with await open_database(settings.database_url) as memory:
        known = await until_kept(partial(_dismiss, memory, id, clock))
    say(f"{id} is no longer of the staff: {known.name}")


async def _dismiss(memory: Memory, id: int, clock: Clock) -> Account:
    async with memory.group() as group:
        unit = group.unit(clock())
        account = await unit.accounts.get(id)
        if account is None or account.staff is None:
            raise NotDismissed(f"{id} is not of the staff: `returndesk staff` prints who is")
        staffing.dismiss(unit, account, by=0)
        group.keep(unit)
        await group.commit()
    return account


def _content(found: Mapping[str, int]) -> str:
    names = ("returns", "history lines", "ledger lines")
    return ", ".join(f"{found[name]:,} {name}" for name in names)
