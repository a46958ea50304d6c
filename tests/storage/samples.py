"""Cases, decisions and orders to store."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from bot.domain.cases import (
    NOTHING,
    Action,
    Decision,
    Event,
    Given,
    Happened,
    Line,
    Party,
    ReturnCase,
    Role,
    Status,
    Timer,
    TimerKind,
)
from bot.domain.money import LedgerLine, Money
from bot.domain.orders import Order, OrderLine, OrderStatus, Posting
from bot.services.records import Damaged, DueReminder, DueTimer, Letter, Reminder
from storage.database import Database

D = TypeVar("D", DueTimer, DueReminder)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SHOES = Line(sku="A-1", title="Кеды", category="shoes", unit_price=Money(250000, "RUB"), quantity=2)


def new_case(id: int, **more: Any) -> ReturnCase:
    """What a case is before its submission."""
    values: dict[str, Any] = {
        "policy": "p1",
        "order": "O-1",
        "posting": "O-1-1",
        "customer": 10,
        "seller": "acme",
        "lines": (SHOES,),
        "created_at": NOW,
        **more,
    }
    return ReturnCase(id=id, **values)


def decided(
    before: ReturnCase,
    to: Status,
    *,
    due: datetime | None = None,
    ledger: tuple[LedgerLine, ...] = (),
    by: Role = Role.CUSTOMER,
    twice: bool = False,
    **more: Any,
) -> Decision:
    """The decision that brings a case into this status."""
    timers = (Timer(TimerKind.DECISION, NOW, due),) if due else ()
    case = replace(before, version=before.version + 1, status=to, timers=timers, since=NOW)
    step = Happened("step", Party(by, 10), "02", "D-01", before.status, to)
    at_once = Happened("offer", Party(Role.SYSTEM), "05", "D-09", to, to)
    happened = (step, at_once) if twice else (step,)
    changes = {"owes": more.pop("owes", None)}
    return Decision(replace(case, **changes), happened, ledger, **more)


async def keep(
    memory: Database,
    before: ReturnCase,
    decision: Decision,
    *,
    given: Given = NOTHING,
    reminders: tuple[Reminder, ...] = (),
    at: datetime = NOW,
) -> frozenset[int]:
    """Save a decision in a group of its own. Answers what was left out."""
    async with memory.group() as group:
        unit = group.unit(at)
        event = Event(Action.SUBMIT, Party(Role.CUSTOMER, 10), given)
        unit.cases.save(before, decision, event, at, reminders)
        group.keep(unit)
        return await group.commit()


async def opened(memory: Database, id: int = 1, *, due: datetime | None = None, **more: Any) -> Any:
    """A stored case in NEW."""
    before = new_case(id, **more)
    decision = decided(before, Status.NEW, due=due)
    assert await keep(memory, before, decision) == frozenset()
    return decision.case


def letter(case: int, message: int, text: str, *photos: str, **more: Any) -> Letter:
    """What the customer has written to the seller in a dispute."""
    return Letter(
        case=case,
        chat=10,
        message=message,
        at=NOW,
        by=Role.CUSTOMER,
        person=10,
        to=(Role.SELLER,),
        text=text,
        photos=photos,
        **more,
    )


def order(number: str = "O-1", **more: Any) -> Order:
    """An order of one posting with three pairs of shoes."""
    line = OrderLine(
        sku="A-1", title="Кеды", category="shoes", unit_price=Money(250000, "RUB"), quantity=3
    )
    posting = Posting(
        number=f"{number}-1", status=OrderStatus.DELIVERED, lines=(line,), delivered_at=NOW
    )
    values: dict[str, Any] = {"seller": "acme", "postings": (posting,), "created_at": NOW, **more}
    return Order(number=number, **values)


def sound(due: Iterable[D | Damaged]) -> list[D]:
    """What is due; all of it can be read."""
    read: list[D] = []
    for each in due:
        assert not isinstance(each, Damaged)
        read.append(each)
    return read
