"""Files of orders and of rules that the staff send: asked for, or below the command itself.

A worker fetches and reads them, and their sender is told.
"""

from __future__ import annotations

from pathlib import PurePath

from aiogram.types import CallbackQuery, Message

from bot.domain.cases import Refused, Role
from bot.screens import imports as import_screens
from bot.screens import policies as rules_screens
from bot.screens.screen import Screen
from bot.services.auditing import Deed, audited
from bot.services.desk import ReturnDesk
from bot.services.importing import LARGEST_RULES, ORDERS, RULES, SUFFIXES
from bot.services.ports import Unit
from bot.services.records import Account, OrderFile
from bot.texts import Texts
from handlers.forms import LARGEST_VIDEO, anew
from handlers.sentences import sentence
from handlers.slips import Purpose, Slip, keep, shown

LARGEST_FILE = LARGEST_VIDEO
_TAKES = {
    Purpose.IMPORT: (SUFFIXES, LARGEST_FILE, "file_too_large"),
    Purpose.RULES: (frozenset({".toml"}), LARGEST_RULES, "rules_too_large"),
}
"""How the names of files end, how many bytes they have at most, and what is said of more."""


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
    sent = message.document
    if slip.purpose not in _TAKES or sent is None:
        raise Refused(slip.expects)
    rules = slip.purpose is Purpose.RULES
    if rules and account.staff is not Role.ADMIN:
        raise Refused("not_your_role")
    suffixes, most, code = _TAKES[slip.purpose]
    name = sent.file_name or "—"
    if PurePath(name).suffix.lower() not in suffixes:
        raise Refused(slip.expects)
    if (sent.file_size or 0) > most:
        raise Refused(code)
    file = OrderFile(
        account=account.id,
        file_id=sent.file_id,
        name=name,
        at=unit.now,
        kind=RULES if rules else ORDERS,
    )
    unit.order_files.add(file)
    audited(
        unit,
        account.id,
        Deed.TRIED_RULES if rules else Deed.IMPORTED,
        thing=PurePath(name).stem if rules else "",
    )
    keep(unit, account, desk, slip)
    return anew(rules_screens.taken(name, t) if rules else import_screens.taken(name, t))
