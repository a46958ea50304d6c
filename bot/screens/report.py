"""The returns report: the choice of a period, and its tables in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.cases import STAFF, ReturnCase, Role
from bot.domain.money import Money, digits_of
from bot.domain.refunds import paid_for
from bot.papers import Cell, Column, Table
from bot.screens import labels
from bot.screens.buttons import MakeReport
from bot.screens.layout import button, one_each
from bot.screens.meter import OwnMeters, own_meter
from bot.screens.screen import Screen
from bot.services.reporting import EVER, Period, month_of
from bot.texts import Html, Texts, joined

_EXAMPLE: Final = Period(date(2026, 3, 1), date(2026, 3, 31))


def ask_period(role: Role, today: date, t: Texts, own: OwnMeters = ()) -> Screen:
    """Of which time? `today` is the reader's; `own` is how the reader's sellers decide."""
    this = month_of(today)
    periods = (
        (t.plain("This month"), Period(this.first, today)),
        (t.plain("Last month"), month_of(this.first - timedelta(days=1))),
        (t.plain("The last 7 days"), Period(today - timedelta(days=6), today)),
        (t.plain("The last 30 days"), Period(today - timedelta(days=29), today)),
    )
    staff = role in STAFF
    command = "export" if staff else "report"
    return Screen(
        text=joined(
            [
                *(own_meter(seller.name or seller.code, meter, t) for seller, meter in own),
                t("The report of all returns: of which time?")
                if staff
                else t("The report of your returns: of which time?"),
                t(
                    "Tap one, or type the days: {examples}.",
                    examples=t.list(
                        t.code(f"/{command} {each}")
                        for each in ("2026-03", f"{_EXAMPLE.first} {_EXAMPLE.last}")
                    ),
                ),
                t(
                    "For one return type {example}.",
                    example=t.code("/export R-000123"),
                )
                if staff
                else None,
            ],
            "\n\n",
        ),
        rows=one_each(button(label, MakeReport(period=each.code)) for label, each in periods),
        slot="menu",
    )


def on_the_way(period: Period, count: int, t: Texts) -> Screen:
    """The report has been asked for."""
    shown = days(period, t)
    return Screen(
        text=t.n(
            "The report of {days} is being made, with {count} return. Three files come here in a "
            "moment: a workbook, the same as CSV, and how it was decided, as CSV.",
            "The report of {days} is being made, with {count} returns. Three files come here in a "
            "moment: a workbook, the same as CSV, and how they were decided, as CSV.",
            count,
            days=shown,
        ),
        slot="menu",
    )


def empty(period: Period, t: Texts) -> Screen:
    """There is nothing to report."""
    return Screen(
        text=t("Nobody asked for a return {when}. Choose another time.", when=when(period, t)),
        slot="menu",
    )


def days(period: Period, t: Texts) -> Html:
    """The days of a period, with their year."""
    if period.first == EVER:
        return t("all the time up to {day}", day=t.day(period.last, year=True))
    if period.first == period.last:
        return Html(t.day(period.first, year=True))
    return joined((t.day(each, year=True) for each in (period.first, period.last)), " – ")


def when(period: Period, t: Texts) -> Html:
    """The days of a period as a part of a sentence: on one, or from one to another."""
    if period.first == EVER:
        return t("at any time up to {day}", day=t.day(period.last, year=True))
    first, last = (t.day(each, year=True) for each in (period.first, period.last))
    return (
        t("on {day}", day=last)
        if first == last
        else t("from {first} to {last}", first=first, last=last)
    )


def caption(period: Period, t: Texts) -> Html:
    """What stands under a file of the report."""
    return t("Returns asked for {when}.", when=when(period, t))


def not_made(period: Period, t: Texts) -> Screen:
    """A file of the report could not be made or sent."""
    return Screen(
        text=t(
            "A file of the report of {days} could not be made. Please ask for it again later, or "
            "for a shorter time.",
            days=days(period, t),
        )
    )


# ------------------------------------------------------------------------------- the tables


def tables(
    rows: Sequence[tuple[datetime, ReturnCase]], *, staff: bool, zone: str, t: Texts
) -> tuple[Table, Table]:
    """One row per return, and one per product of a return. Moments are local, the zone is named."""
    return _of_returns(rows, staff, zone, t), _of_products(rows, t)


def _of_returns(
    rows: Sequence[tuple[datetime, ReturnCase]], staff: bool, zone: str, t: Texts
) -> Table:
    def moment(title: str) -> Column:
        return Column(f"{title} ({zone})", "moment", 20)

    columns = (
        Column(t.plain("Return"), width=11),
        Column(t.plain("Order"), width=16),
        Column(t.plain("Parcel"), width=16),
        *((Column(t.plain("Seller")),) if staff else ()),
        moment(t.plain("Asked for")),
        Column(t.plain("Products"), width=40),
        Column(t.plain("Units"), "number", 8),
        Column(t.plain("Price paid"), "money", 13),
        Column(t.plain("Currency"), width=10),
        Column(t.plain("Reason"), width=26),
        Column(t.plain("Topic of the dispute"), width=26),
        Column(t.plain("Status"), width=28),
        moment(t.plain("In this status since")),
        Column(t.plain("Brought there by"), width=18),
        Column(t.plain("The product is"), width=24),
        Column(t.plain("Track number"), width=18),
        Column(t.plain("Refund for the product"), "money", 14),
        Column(t.plain("Refund for shipping"), "money", 14),
        Column(t.plain("Partial compensation"), "money", 14),
        Column(t.plain("Paid under reference"), width=20),
        moment(t.plain("Next deadline")),
    )
    made = tuple(_return(asked_at, case, staff, zone, t) for asked_at, case in rows)
    return Table(name=t.plain("Returns"), columns=columns, rows=made)


def _return(
    asked_at: datetime, case: ReturnCase, staff: bool, zone: str, t: Texts
) -> tuple[Cell, ...]:
    def moment(at: datetime | None) -> str | None:
        return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}" if at else None

    paid, refund = paid_for(case), case.refund
    whole = refund if refund and not refund.partial else None
    return (
        case.number,
        case.order,
        case.posting,
        *((case.seller,) if staff else ()),
        moment(asked_at),
        "; ".join(f"{line.title} × {line.quantity}" for line in case.lines),
        sum(line.quantity for line in case.lines),
        _sum(paid),
        paid.currency,
        labels.reason(case.reason, t) if case.reason else None,
        labels.topic(case.topic, t) if case.topic else None,
        labels.status(case.status, t),
        moment(case.since),
        labels.role(case.decided_by, t) if case.decided_by else None,
        labels.goods(case.goods, t),
        case.track,
        _sum(whole.goods) if whole else None,
        _sum(whole.shipping) if whole else None,
        _sum(refund.goods) if refund and refund.partial else None,
        refund.ref if refund else None,
        moment(min((timer.due_at for timer in case.timers), default=None)),
    )


def _of_products(rows: Sequence[tuple[datetime, ReturnCase]], t: Texts) -> Table:
    columns = (
        Column(t.plain("Return"), width=11),
        Column(t.plain("SKU")),
        Column(t.plain("Product"), width=40),
        Column(t.plain("Units"), "number", 8),
        Column(t.plain("Units accepted"), "number", 10),
        Column(t.plain("Price of one"), "money", 13),
        Column(t.plain("Currency"), width=10),
    )
    made: tuple[tuple[Cell, ...], ...] = tuple(
        (
            case.number,
            line.sku,
            line.title,
            line.quantity,
            line.accepted,
            _sum(line.unit_price),
            line.unit_price.currency,
        )
        for _, case in rows
        for line in case.lines
    )
    return Table(name=t.plain("Products"), columns=columns, rows=made)


def _sum(sum: Money) -> tuple[int, int]:
    return sum.minor, digits_of(sum.currency)
