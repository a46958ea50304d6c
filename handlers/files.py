"""Files of orders, rules and scripts that the staff send: asked for, or below the command itself.

A worker fetches and reads them, and their sender is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from aiogram.types import CallbackQuery, Message

from bot.domain.cases import Refused, Role
from bot.screens import imports as import_screens
from bot.screens import policies as rules_screens
from bot.screens import simulation as simulation_screens
from bot.screens.screen import Screen
from bot.services.auditing import Deed, audited
from bot.services.desk import ReturnDesk
from bot.services.importing import LARGEST_RULES, LARGEST_SCRIPT, ORDERS, RULES, SCRIPT, SUFFIXES
from bot.services.ports import Unit
from bot.services.records import Account, OrderFile
from bot.texts import Texts
from handlers.forms import LARGEST_VIDEO, anew
from handlers.sentences import sentence
from handlers.slips import Purpose, Slip, keep, shown


@dataclass(frozen=True, slots=True)
class _Takes:
    """What a form takes: a file of this `kind`, by the end of its name and its most bytes."""

    kind: Literal["orders", "rules", "simulate"]
    suffixes: frozenset[str]
    most: int
    too_large: str
    said: Callable[[str, Texts], Screen]
    """That the file of this name is being read."""


_TAKES = {
    Purpose.IMPORT: _Takes(ORDERS, SUFFIXES, LARGEST_VIDEO, "file_too_large", import_screens.taken),
    Purpose.RULES: _Takes(
        RULES, frozenset({".toml"}), LARGEST_RULES, "rules_too_large", rules_screens.taken
    ),
    Purpose.SIMULATE: _Takes(
        SCRIPT,
        frozenset({".toml", ".txt"}),
        LARGEST_SCRIPT,
        "script_too_large",
        simulation_screens.taken,
    ),
}


async def asked(
    event: Message | CallbackQuery,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
    purpose: Purpose,
) -> Screen:
    """Ask for a file, or take the one that came with the command."""
    slip, problem = Slip(purpose=purpose), None
    if isinstance(event, Message) and event.document:
        try:
            return taken(event, unit, account, t, desk, slip)
        except Refused as refused:
            problem = sentence(t, refused)
    keep(unit, account, desk, slip)
    return anew(await shown(unit, account, slip, t, problem))


def taken(
    message: Message, unit: Unit, account: Account, t: Texts, desk: ReturnDesk, slip: Slip
) -> Screen:
    """Have a file read, and wait for another until one can be used. Raises Refused."""
    sent, takes = message.document, _TAKES.get(slip.purpose)
    if takes is None or sent is None:
        raise Refused(slip.expects)
    if takes.kind == RULES and account.staff is not Role.ADMIN:
        raise Refused("not_your_role")
    name = sent.file_name or "—"
    if PurePath(name).suffix.lower() not in takes.suffixes:
        raise Refused(slip.expects)
    if (sent.file_size or 0) > takes.most:
        raise Refused(takes.too_large)
    file = OrderFile(
        account=account.id, file_id=sent.file_id, name=name, at=unit.now, kind=takes.kind
    )
    unit.order_files.add(file)
    if takes.kind == RULES:
        audited(unit, account.id, Deed.TRIED_RULES, thing=PurePath(name).stem)
    elif takes.kind == ORDERS:
        audited(unit, account.id, Deed.IMPORTED)
    keep(unit, account, desk, slip)
    return anew(takes.said(name, t))
