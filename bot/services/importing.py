"""Orders from a file into the memory: in small commits, good lines kept, bad ones reported."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Final, Protocol

from bot.domain.orders import Order
from bot.services.again import until_kept
from bot.services.faults import Fault
from bot.services.memory import Memory
from bot.services.ports import Clock, Unit
from bot.services.records import Seller
from bot.services.shielding import to_the_end
from bot.services.zones import main_zone

CHUNK = 50
"""Orders in a commit: few enough that taps need not wait, enough to be quick."""
STEP = 10_000
"""Orders between two lines of progress."""
SUFFIXES = frozenset({".csv", ".jsonl", ".json"})
"""How the names of order files end."""
LARGEST_RULES = 64 * 1024
"""Bytes of a file of rules: a whole policy has some four thousand."""
LARGEST_SCRIPT = 16 * 1024
"""Bytes of a file with a script to simulate: what is typed has a quarter of that."""
RULES: Final = "rules"
"""What a form asks for, and a file holds: rules."""
SCRIPT: Final = "simulate"
"""The same of a script."""
ORDERS: Final = "orders"
"""What all other files hold."""
IMPORT: Final = "import"
"""What the form asks for that takes a file of orders."""
SHOWN = 10
"""Bad lines that a message in the chat has room for."""
REMEMBERED = 1000
"""Bad lines that a report lists; the others are counted."""


class BadLine(Protocol):
    """A line that is no order: its number in the file, and why."""

    @property
    def number(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def faults(self) -> Sequence[Fault]: ...


@dataclass(slots=True)
class Report:
    """What became of a file."""

    kept: int = 0
    bad: int = 0
    new: int = 0
    changed: int = 0
    bad_lines: list[tuple[int, str]] = field(default_factory=list)
    faults: list[tuple[int, Sequence[Fault]]] = field(default_factory=list)
    """The first bad lines again, for readers of other languages."""

    @property
    def unchanged(self) -> int:
        """Orders of which nothing new was told: a second identical file changes nothing."""
        return self.kept - self.new - self.changed

    @property
    def progress(self) -> str:
        """One line, while the file is being read."""
        return f"{_count(self.kept, 'order')} kept so far"

    def text(self, name: str) -> str:
        """The report as it lies beside the file."""
        lines = [f"{name}: {_count(self.kept, 'order')} kept, {_count(self.bad, 'line')} refused"]
        lines += [f"line {number}: {reason}" for number, reason in self.bad_lines]
        if self.bad > len(self.bad_lines):
            lines.append(f"… and {self.bad - len(self.bad_lines)} more")
        return "\n".join(lines) + "\n"


def nothing_kept(report: str) -> bool:
    """Whether a report, as `Report.text` words it, tells of a file that brought no order."""
    return ": 0 orders kept, " in report.partition("\n")[0]


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


async def import_orders(
    memory: Memory,
    lines: Iterable[Order | BadLine],
    clock: Clock,
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Import orders, with a line of progress at every step.

    The file is read in a thread, a chunk at a time, whatever its size.
    """
    report, said = Report(), 0
    sellers: set[str] = set()
    source = iter(lines)
    while chunk := await asyncio.to_thread(_chunk, source):
        orders = _sorted_out(chunk, report)
        if orders:
            keep = partial(_keep, memory, orders, clock(), sellers)
            new, changed = await to_the_end(until_kept(keep))
            report.new += new
            report.changed += changed
        report.kept += len(orders)
        if report.kept - said >= STEP:
            said = report.kept
            progress(report.progress)
    return report


async def _keep(
    memory: Memory, orders: Sequence[Order], now: datetime, sellers: set[str]
) -> tuple[int, int]:
    """Commit orders and what they tell of their sellers, but for `sellers`, who have been met.

    Answers how many orders are new, and of how many others something new was told.
    """
    named = {each.seller: each.seller_country for each in orders if each.seller not in sellers}
    async with memory.group() as group:
        unit = group.unit(now)
        for code, country in named.items():
            await _meet(unit, code, country)
        told = await unit.orders.news(orders)
        unit.orders.save_all(order for order, _ in told)
        group.keep(unit)
        await group.commit()
    sellers.update(named)
    new = sum(not known for _, known in told)
    return new, len(told) - new


async def _meet(unit: Unit, code: str, country: str) -> None:
    """Keep a seller whom nobody knows, in the main zone of the country.

    One who was kept without a zone gets it now, and so do the people who read times by it.
    """
    known, zone = await unit.accounts.seller(code), main_zone(country)
    seller = known or Seller(code=code, name=code, country=country)
    unset = Seller(code=code).zone
    if zone is not None and seller.zone == unset:
        seller = replace(seller, zone=zone)
    if seller == known:
        return
    unit.accounts.save_seller(seller)
    for person in await unit.accounts.team(code):
        if person.zone == unset:
            unit.accounts.save(replace(person, zone=seller.zone))


def _chunk(source: Iterator[Order | BadLine]) -> list[Order | BadLine]:
    return list(islice(source, CHUNK))


def _sorted_out(chunk: list[Order | BadLine], report: Report) -> list[Order]:
    """The orders of a chunk, of two with one number the later; bad lines go into the report."""
    orders: dict[str, Order] = {}
    for item in chunk:
        if isinstance(item, Order):
            orders.pop(item.number, None)
            orders[item.number] = item
            continue
        report.bad += 1
        if len(report.bad_lines) < REMEMBERED:
            report.bad_lines.append((item.number, item.reason))
        if len(report.faults) < SHOWN:
            report.faults.append((item.number, item.faults))
    return list(orders.values())
