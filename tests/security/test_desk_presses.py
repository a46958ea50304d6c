"""The desk's own commands and buttons are the staff's, and some of them the admins' (S1)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from storage import tables
from tests.databases import SqliteFiles
from tests.world import World, order, world

OF_STAFF = (
    "m:find", "m:more", "m:staff", "m:blocks", "m:sellers", "m:import", "p:find:0", "p:blocks:0",
    "p:sellers:0", "p:queue.dispute:0", "p:refunds.late:0", "fo:1001", "bo:{anna}", "bk:1:open",
    "bk:1:confirm", "bk:1:lift", "bk:1:uphold", "se:acme", "mo:acme:1:30", "mo:acme:0:0",
    "mf:1001", "mi:1001:0:1:0:0", "mi:1001:0:1:0:1",
)  # fmt: skip
OF_ADMINS = ("m:audit", "au:0:0:0", "di:{olga}:0", "di:{olga}:1")
OF_WORK = ("de:1:open", "de:1:pay", "de:1:back", "de:1:stays", "m:deductions")
COMMANDS = (
    "/find 1001", "/more", "/staff", "/block 1001", "/unblock 1001", "/blocks", "/sellers acme",
    "/missing 1001", "/import", "/decide 1", "/ask 1", "/reopen 1",
)  # fmt: skip
KEPT = (
    tables.blocks, tables.withholdings, tables.withheld_money, tables.audit, tables.memberships,
    tables.sellers, tables.imports, tables.drafts, tables.cases,
)  # fmt: skip


async def kept(w: World) -> Sequence[Any]:
    """All rows that the desk's commands could write."""
    async with w.running.memory._transaction() as line:
        return [(await line.execute(select(table))).all() for table in KEPT]


async def test_nobody_else_presses_or_types_what_is_the_desk_s(
    sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    async with world(sqlite_files.make(tmp_path), tmp_path) as w:
        anna, emre = await w.customer("Anna", order()), await w.seller()
        ivan = await w.moderator("Ivan")
        before = await kept(w)
        for person, buttons, commands in (
            (anna, (*OF_STAFF, *OF_ADMINS, *OF_WORK), (*COMMANDS, "/audit")),
            (emre, (*OF_STAFF[:9], *OF_STAFF[11:], *OF_ADMINS, *OF_WORK[:-1]), COMMANDS),
            (ivan, OF_ADMINS, ("/audit", "/override 1")),
        ):
            for data in buttons:
                toasts = len(person.toasts)
                person.forge_press(data.format(anna=anna.id, olga=w.owner.id), person.last.id)
                await w.settle()
                told = person.toasts[toasts].text
                assert told.startswith(("This is not open to you", "There is no such")), data
            for command in commands:
                await w.say(person, command)
                assert person.screen == "This is not open to you.", command
        assert await kept(w) == before
