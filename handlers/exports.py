"""Files to keep: the record of a return for its parties, the report of returns for a period."""

from __future__ import annotations

import re

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain.cases import STAFF, Role, return_number
from bot.screens import record as record_screens
from bot.screens import report as screens
from bot.screens.buttons import GetRecord, MakeReport, Menu, To
from bot.screens.keys import REPORT
from bot.screens.screen import Reply, Toast, Wanted
from bot.services import reporting
from bot.services.auditing import Deed, audited
from bot.services.desk import ReturnDesk
from bot.services.figures import own_meters
from bot.services.ports import Unit
from bot.services.records import Account
from bot.services.reporting import period_of
from bot.texts import Texts
from handlers.cases import case_id_of
from handlers.filters import Asks, Pressed, PressedTo, working_role
from handlers.tree import ANYONE, DESK, SELLER, needs

_NUMBER = re.compile(r"[RrРр]\s*-?\s*\d+|\d+")

router = Router(name="exports")


@router.message(Asks("export"), flags=DESK)
async def export(
    _: Message, rest: str, unit: Unit, account: Account, t: Texts, desk: ReturnDesk
) -> tuple[Reply, ...]:
    """The record of the return that is named, or the report of all returns in a period."""
    if _NUMBER.fullmatch(rest.strip()):
        id = case_id_of(rest)
        files = await _record(unit, account, id, desk)
        return (record_screens.on_the_way(return_number(id), t), *files)
    return await _report(unit, account, working_role(account), rest, t)


@router.message(Asks("report", REPORT), flags=SELLER)
async def report(
    _: Message, rest: str, unit: Unit, account: Account, t: Texts
) -> tuple[Reply, ...]:
    """The report of the person's own returns in a period."""
    return await _report(unit, account, Role.SELLER, rest, t)


@router.callback_query(PressedTo(Menu, To.REPORT), flags=needs(Role.SELLER, *STAFF))
async def ask_period(_: CallbackQuery, unit: Unit, account: Account, t: Texts) -> tuple[Reply, ...]:
    """The choice of a period."""
    return await _report(unit, account, working_role(account), "", t)


@router.callback_query(Pressed(MakeReport), flags=needs(Role.SELLER, *STAFF))
async def make_report(
    _: CallbackQuery, pressed: MakeReport, unit: Unit, account: Account, t: Texts
) -> tuple[Reply, ...]:
    """The report of a period that was offered."""
    return await _report(unit, account, working_role(account), pressed.period, t)


@router.callback_query(Pressed(GetRecord), flags=ANYONE)
async def get_record(
    _: CallbackQuery,
    pressed: GetRecord,
    unit: Unit,
    account: Account,
    t: Texts,
    desk: ReturnDesk,
) -> tuple[Reply, ...]:
    """The record of a return, from its card."""
    files = await _record(unit, account, pressed.id, desk)
    said = t.plain("The record is being made: two files come here in a moment.")
    return (Toast(text=said), *files)


async def _record(unit: Unit, account: Account, id: int, desk: ReturnDesk) -> tuple[Wanted, ...]:
    case, policy = await desk.open(unit, id)
    role = desk.party(account, case, unit.now, policy).role
    if role in STAFF:
        audited(unit, account.id, Deed.TOOK_RECORD, case=id)
    facts = {"case": id, "role": str(role), "version": case.version}
    return tuple(Wanted(document="record", kind=kind, facts=facts) for kind in ("jsonl", "pdf"))


async def _report(
    unit: Unit, account: Account, role: Role, typed: str, t: Texts
) -> tuple[Reply, ...]:
    if not typed.strip():
        own = await own_meters(unit, account, role)
        return (screens.ask_period(role, t.date_of(unit.now), t, own),)
    period = period_of(typed)
    count = await reporting.count(unit, period, account, role)
    if not count:
        return (screens.empty(period, t),)
    if role in STAFF:
        audited(unit, account.id, Deed.TOOK_REPORT, thing=period.code)
    facts = {"period": period.code, "role": str(role)}
    files = (Wanted(document="report", kind=kind, facts=facts) for kind in ("xlsx", "csv"))
    meters = Wanted(document="meters", kind="csv", facts=facts)
    return (screens.on_the_way(period, count, t), *files, meters)
