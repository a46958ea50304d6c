"""Blocks in the memory: what is decided of them, who hears of it, and their clock (X-26)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain import blocking
from bot.domain.blocking import Block
from bot.domain.cases import Refused
from bot.domain.policy import Policy
from bot.domain.timers import next_look
from bot.services.announcing import notice, tell
from bot.services.auditing import Deed, audited
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account, DeskClock, DeskTimer
from bot.services.staffing import at_hand

AGAIN = timedelta(days=1)
"""How often the staff are paged of an objection, and of a block past the time to look at it."""


async def block(
    unit: Unit, desk: ReturnDesk, by: Account, person: int, reason: str, days: int | None
) -> Block:
    """Stop a customer's new returns at once, for so many days or until it is lifted.

    Raises Refused: `not_found`, `already_blocked`, `own_block`.
    """
    account = await _account(unit, person)
    check_may_block(by, account, unit.now)
    until = None if days is None else unit.now + timedelta(days=days)
    opened = Block(
        id=await unit.blocks.next_id(),
        account=person,
        by=by.id,
        at=unit.now,
        reason=reason,
        until=until,
    )
    _keep(unit, account, opened)
    audited(unit, by.id, Deed.BLOCKED, person=person, block=opened.id)
    clock = desk.policy.block_confirm
    due = unit.now + clock.length
    look = next_look(due, clock.reminders, unit.now)
    unit.desk_timers.run(DeskTimer(DeskClock.BLOCK_CONFIRM, opened.id, due, look))
    if until:
        unit.desk_timers.run(DeskTimer(DeskClock.BLOCK_END, opened.id, until, until))
    notice(
        unit,
        person,
        "blocked_softly",
        {"reason": reason, "until": _iso(until), "looked_at_by": due.isoformat()},
    )
    await _page_others(unit, "block_to_confirm", opened, account)
    return opened


def check_may_block(by: Account, account: Account, now: datetime) -> None:
    """Raises Refused: `already_blocked`, `own_block`."""
    if account.id == by.id:
        raise Refused("own_block")
    if account.blocked_at(now):
        raise Refused("already_blocked")


async def confirm(unit: Unit, desk: ReturnDesk, by: Account, id: int) -> Block:
    """A second person agrees: the block stands. Raises Refused."""
    block, account = await _open(unit, id)
    stands = blocking.confirmed(block, by.id, unit.now)
    _keep(unit, account, stands)
    if not stands.waits(unit.now):
        unit.desk_timers.stop(DeskClock.BLOCK_CONFIRM, id)
    audited(unit, by.id, Deed.CONFIRMED_BLOCK, person=block.account, block=id)
    facts = {"until": _iso(block.until), "appeal_until": _iso(stands.appeal_until(desk.policy))}
    if block.appealed_at is None:
        notice(unit, block.account, "block_stands", {**facts, "reason": block.reason})
    return stands


async def lift(unit: Unit, by: Account, id: int) -> Block:
    """New returns are open to the customer again. Raises Refused."""
    block, account = await _open(unit, id)
    lifted = blocking.lifted(block, by.id, unit.now)
    _keep(unit, replace(account, blocked=False, blocked_until=None), lifted)
    unit.desk_timers.stop(DeskClock.BLOCK_CONFIRM, id)
    unit.desk_timers.stop(DeskClock.BLOCK_END, id)
    audited(unit, by.id, Deed.UNBLOCKED, person=block.account, block=id)
    notice(unit, block.account, "block_lifted", {})
    return lifted


async def appeal(unit: Unit, desk: ReturnDesk, customer: Account, text: str) -> datetime:
    """The customer objects, once; returns by when somebody looks at it. Raises Refused.

    That is no later than a second person was to look at the block anyway.
    """
    block = await block_of(unit, customer)
    appealed = blocking.appealed(block, text, unit.now, desk.policy)
    _keep(unit, customer, appealed)
    running = await unit.desk_timers.due(DeskClock.BLOCK_CONFIRM, block.id)
    due = unit.now + desk.policy.block_confirm.length
    if running and unit.now < running:
        due = running
    look = min(unit.now + AGAIN, due)
    unit.desk_timers.run(DeskTimer(DeskClock.BLOCK_CONFIRM, block.id, due, look))
    await _page_others(unit, "block_appealed", appealed, customer)
    return due


async def check_may_appeal(unit: Unit, desk: ReturnDesk, customer: Account) -> None:
    """Whether the customer may object now. Raises Refused."""
    block = await block_of(unit, customer)
    blocking.check_appeal(block, unit.now, desk.policy)


async def uphold(unit: Unit, by: Account, id: int) -> Block:
    """The appeal is answered: the block stays. Raises Refused."""
    block, account = await _open(unit, id)
    upheld = blocking.upheld(block, by.id, unit.now)
    _keep(unit, account, upheld)
    unit.desk_timers.stop(DeskClock.BLOCK_CONFIRM, id)
    audited(unit, by.id, Deed.UPHELD_BLOCK, person=block.account, block=id)
    notice(unit, block.account, "block_upheld", {"until": _iso(block.until)})
    return upheld


async def block_of(unit: Unit, customer: Account) -> Block:
    """The block that holds for a customer. Raises Refused(`not_blocked`)."""
    block = await unit.blocks.of(customer.id)
    if block is None or not block.holds(unit.now):
        raise Refused("not_blocked", rule="X-26", own=True)
    return block


async def may_object(unit: Unit, desk: ReturnDesk, customer: Account) -> bool:
    """Whether a block holds for the customer to which they may object now."""
    try:
        await check_may_appeal(unit, desk, customer)
    except Refused:
        return False
    return True


async def look(unit: Unit, timer: DeskTimer, policy: Policy) -> None:
    """The clock of a block that waits for the staff: remind, and after its end page daily.

    It stays until somebody judges it: silence of the staff decides nothing. Of an objection they
    are reminded daily from the second day on; once its time is over the customer is told so.
    """
    block = await unit.blocks.get(timer.subject)
    if block is None or not block.waits(unit.now):
        unit.desk_timers.stop(timer.kind, timer.subject)
        return
    objects = block.objects(unit.now)
    daily = unit.now + AGAIN
    if timer.look_at < timer.due_at:
        reminded = next_look(timer.due_at, policy.block_confirm.reminders, unit.now)
        look_at = min(daily, timer.due_at) if objects else reminded
    else:
        look_at = daily
    unit.desk_timers.run(replace(timer, look_at=look_at))
    account = await _account(unit, block.account)
    await _page_others(unit, "block_unanswered" if objects else "block_unconfirmed", block, account)
    if objects and timer.look_at == timer.due_at:
        notice(unit, block.account, "block_answer_late", {})


async def end(unit: Unit, timer: DeskTimer) -> None:
    """A block has come to its own date: the customer hears that it is over."""
    unit.desk_timers.stop(timer.kind, timer.subject)
    unit.desk_timers.stop(DeskClock.BLOCK_CONFIRM, timer.subject)
    block = await unit.blocks.get(timer.subject)
    if block is not None and block.state is not blocking.BlockState.LIFTED:
        notice(unit, block.account, "block_ended", {})


async def _open(unit: Unit, id: int) -> tuple[Block, Account]:
    block = await unit.blocks.get(id)
    if block is None:
        raise Refused("not_found")
    return block, await _account(unit, block.account)


async def _account(unit: Unit, id: int) -> Account:
    account = await unit.accounts.get(id)
    if account is None:
        raise Refused("not_found")
    return account


def _keep(unit: Unit, account: Account, block: Block) -> None:
    unit.blocks.save(block)
    held = block.state is not blocking.BlockState.LIFTED
    unit.accounts.save(replace(account, blocked=held, blocked_until=block.until if held else None))


async def _page_others(unit: Unit, name: str, block: Block, account: Account) -> None:
    """Call those who may judge a block: not the one who said it, nor the one it is about.

    Where nobody else is there, whoever said it hears of an objection: they can lift it, at least.
    """
    staff = await at_hand(unit)
    others = [each for each in staff if each.id not in (block.by, block.account)]
    if not others and block.appealed_at:
        others = [each for each in staff if each.id == block.by]
    tell(unit, others, name, {"block": block.id, "name": account.name})


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
