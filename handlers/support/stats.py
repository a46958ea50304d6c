"""/stats: pictures of what happened in a time, of one seller or of all."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain.cases import Refused
from bot.screens import figures as screens
from bot.screens.buttons import AskStats, MakeStats, Menu, To
from bot.screens.screen import Reply, Wanted
from bot.services import moderating
from bot.services.ports import Unit
from bot.services.records import Account, Seller
from bot.services.reporting import Period, period_and_rest, period_of, recent
from bot.texts import Texts
from handlers.filters import Asks, PagedTo, Pressed, PressedTo
from handlers.tree import DESK

router = Router(name="stats")


@router.message(Asks("stats"), flags=DESK)
async def stats(_: Message, rest: str, unit: Unit, t: Texts) -> tuple[Reply, ...]:
    """The pictures of the days that are named, or the choice of a time."""
    days, code = period_and_rest(rest)
    seller = await _named(unit, code)
    return _pictures(period_of(days), seller, t) if days else (screens.ask(seller, t),)


@router.callback_query(PressedTo(Menu, To.STATS), flags=DESK)
async def ask(_: CallbackQuery, t: Texts) -> Reply:
    """The choice of a time, for all sellers."""
    return screens.ask(None, t)


@router.callback_query(PagedTo(To.STATS), flags=DESK)
async def choose(_: CallbackQuery, offset: int, unit: Unit, t: Texts) -> Reply:
    """More sellers to choose from."""
    return screens.choose(await moderating.sellers(unit, offset), t)


@router.callback_query(Pressed(AskStats), flags=DESK)
async def of_seller(_: CallbackQuery, pressed: AskStats, unit: Unit, t: Texts) -> Reply:
    """The choice of a seller, or of a time for the one that was chosen."""
    if pressed.seller == screens.ALL:
        return screens.choose(await moderating.sellers(unit), t)
    return screens.ask(await _named(unit, pressed.seller), t)


@router.callback_query(Pressed(MakeStats), flags=DESK)
async def make(
    _: CallbackQuery, pressed: MakeStats, unit: Unit, account: Account, t: Texts
) -> tuple[Reply, ...]:
    """The pictures of a time that was offered."""
    code = "" if pressed.seller == screens.ALL else pressed.seller
    return _pictures(recent(pressed.time, t.date_of(unit.now)), await _named(unit, code), t)


async def _named(unit: Unit, code: str) -> Seller | None:
    """The seller of this code; None without one."""
    if not code:
        return None
    seller = await unit.accounts.seller(code)
    if seller is None:
        raise Refused("stats_expected", title=code)
    return seller


def _pictures(period: Period, seller: Seller | None, t: Texts) -> tuple[Reply, ...]:
    facts = {"period": period.code, "seller": seller.code if seller else ""}
    kinds = ("requests", "deadlines", "refunds")
    pictures = (Wanted(document="stats", kind=kind, facts=facts) for kind in kinds)
    return (screens.on_the_way(period, seller, t), *pictures)
