"""/policy: the rules in force, what others would have made of the past, and switching them on."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.domain.cases import Refused
from bot.domain.replay import Aspect
from bot.screens import policies as screens
from bot.screens.buttons import Differing, Menu, OnTrial, RulesFile, To
from bot.screens.screen import Reply, Screen, Toast, Wanted
from bot.services import comparing, ruling
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account, Trial
from bot.texts import Texts
from handlers.files import asked
from handlers.filters import Asks, Pressed, PressedTo
from handlers.slips import Purpose
from handlers.tree import ADMIN

router = Router(name="policies")


@router.message(Asks("policy"), flags=ADMIN)
async def policy(
    message: Message, rest: str, unit: Unit, account: Account, t: Texts, desk: ReturnDesk
) -> Reply | tuple[Reply, ...]:
    """`/policy`, `/policy show`, `/policy diff` and `/policy activate`."""
    match rest.lower().split():
        case ["diff", *_]:
            return await asked(message, unit, account, t, desk, Purpose.RULES)
        case ["activate"]:
            open = await ruling.open_trials(unit)
            found = next((each for each in open if each.asked_by), open[0] if open else None)
            return await (_trial(unit, account, found, t) if found else _show(unit, t))
        case ["show"]:
            return (await _show(unit, t), *await _file(unit, ""))
        case _:
            return await _show(unit, t)


@router.callback_query(PressedTo(Menu, To.RULES), flags=ADMIN)
async def show(_: CallbackQuery, unit: Unit, t: Texts) -> Reply:
    """Which rules are in force."""
    return await _show(unit, t)


async def _show(unit: Unit, t: Texts) -> Screen:
    rules, trials = await unit.policies.in_force(), await ruling.open_trials(unit)
    names = await _names(unit, rules.asked_by, rules.confirmed_by) if rules else {}
    return screens.in_force(rules, trials, names, t)


@router.callback_query(PressedTo(Menu, To.TRY_RULES), flags=ADMIN)
async def try_rules(
    press: CallbackQuery, unit: Unit, account: Account, t: Texts, desk: ReturnDesk
) -> Reply:
    """Ask for a file of other rules."""
    return await asked(press, unit, account, t, desk, Purpose.RULES)


@router.callback_query(Pressed(RulesFile), flags=ADMIN)
async def file(_: CallbackQuery, pressed: RulesFile, unit: Unit, t: Texts) -> tuple[Reply, ...]:
    """Rules as a file."""
    return (Toast(text=screens.on_the_way(t)), *await _file(unit, pressed.digest))


async def _file(unit: Unit, digest: str) -> tuple[Wanted, ...]:
    """Those whose digest begins so: the ones in force, or ones that were tried."""
    rules = await unit.policies.in_force()
    known = [(rules.digest, rules.name)] if rules else []
    known += [(each.digest, each.name) for each in await unit.policies.trials_of(digest)]
    for each, name in known:
        if each.startswith(digest):
            return (Wanted(document="rules", kind="toml", facts={"digest": each, "name": name}),)
    raise Refused("not_found")


@router.callback_query(Pressed(OnTrial), flags=ADMIN)
async def on_trial(
    _: CallbackQuery, pressed: OnTrial, unit: Unit, account: Account, t: Texts, desk: ReturnDesk
) -> Reply:
    """Look at rules that were tried, ask for them, confirm or drop them."""
    match pressed.act:
        case "open":
            found = await ruling.trial(unit, account, pressed.id)
        case "ask":
            found = await ruling.ask(unit, account, pressed.id)
        case "confirm":
            await ruling.confirm(unit, desk, account, pressed.id)
            return await _show(unit, t)
        case "drop":
            found = await ruling.drop(unit, account, pressed.id)
        case _:
            raise Refused("old_button")
    return await _trial(unit, account, found, t)


@router.callback_query(Pressed(Differing), flags=ADMIN)
async def differing(
    _: CallbackQuery, pressed: Differing, unit: Unit, account: Account, t: Texts
) -> Reply:
    """The returns that would be different."""
    if pressed.aspect not in list(Aspect):
        raise Refused("old_button")
    aspect = Aspect(pressed.aspect)
    found = await ruling.trial(unit, account, pressed.trial)
    ids = comparing.found_in(found).of(aspect)[pressed.offset : pressed.offset + comparing.PAGE]
    page = await comparing.page(unit, found, ids)
    return screens.differing(found, aspect, pressed.offset, page, t)


async def _trial(unit: Unit, account: Account, found: Trial, t: Texts) -> Screen:
    return screens.trial(found, account.id, await _names(unit, found.asked_by or 0), t)


async def _names(unit: Unit, *people: int) -> dict[int, str]:
    found = {id: await unit.accounts.get(id) for id in people}
    return {id: person.name if person else "—" for id, person in found.items()}
