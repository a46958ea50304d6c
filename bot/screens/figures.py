"""What happened in a time, as pictures with sentences under them.

A number that is in a picture is in its caption, too. Sums of different currencies are never added.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Final

from bot.domain.money import Money
from bot.papers import Bar, Chart, Panel
from bot.screens import labels
from bot.screens.buttons import AskStats, MakeStats, To
from bot.screens.deadlines import turn
from bot.screens.layout import button, menu, one_each, packed, pages
from bot.screens.meter import decided, listed, percent_of, span_of
from bot.screens.report import days
from bot.screens.screen import Screen
from bot.screens.words import small
from bot.services.figures import Figures, middle, parts_of
from bot.services.moderating import Sellers
from bot.services.records import Seller
from bot.services.reporting import Period
from bot.services.tallying import Decided, Ended, Turn
from bot.texts import Html, Texts, joined

ALL: Final = "-"
"""Instead of a seller's code: all sellers."""
MOST_CURRENCIES = 2
"""Currencies that have a panel of their own, those of the most days; the caption names all."""
_HOURS: Final = (1, 6, 12, 24, 72)
"""Within how many hours a request was decided."""


# ------------------------------------------------------------------------------ what is wanted


def ask(seller: Seller | None, t: Texts) -> Screen:
    """Of which time?"""
    code = seller.code if seller else ALL
    times = (
        (t.plain("The last 7 days"), "7"),
        (t.plain("The last 30 days"), "30"),
        (t.plain("The last 90 days"), "90"),
        (t.plain("This month"), "month"),
        (t.plain("Last month"), "last"),
        (t.plain("All the time"), "all"),
    )
    whose = (
        menu(t.plain("All sellers"), To.STATS)
        if seller
        else button(t.plain("One seller…"), AskStats(seller=ALL))
    )
    return Screen(
        text=joined(
            [
                t("Figures and pictures about {who}: of which time?", who=_who(seller, t)),
                t(
                    "Tap one, or type the days and, if you like, the code of a seller: {example}.",
                    example=t.code(f"/stats 2026-03-01 2026-03-31 {seller.code if seller else ''}"
                                   .rstrip()),
                ),
            ],
            "\n\n",
        ),
        rows=(
            *packed([button(label, MakeStats(time=name, seller=code)) for label, name in times], 2),
            (whose,),
        ),
        slot="menu",
    )  # fmt: skip


def choose(page: Sellers, t: Texts) -> Screen:
    """Of which seller?"""
    rows = one_each(
        button(each.name or each.code, AskStats(seller=each.code)) for each in page.sellers
    )
    paging = pages(t, To.STATS.value, page.offset, len(page.sellers), page.more)
    return Screen(
        text=t("Figures about one seller: which one?")
        if page.sellers
        else t("There are no sellers yet: they come with the orders."),
        rows=(*rows, *paging, (menu(t.plain("All sellers"), To.STATS),)),
        slot="menu",
    )


def on_the_way(period: Period, seller: Seller | None, t: Texts) -> Screen:
    """The pictures have been asked for."""
    return Screen(
        text=t(
            "The figures about {who} of {days} are being counted. They come here in "
            "pictures in a moment.",
            who=_who(seller, t),
            days=days(period, t),
        ),
        slot="menu",
    )


def empty(period: Period, seller: Seller | None, t: Texts) -> Screen:
    """Nothing happened."""
    return Screen(
        text=t(
            "There is nothing to count about {who} of {days}: no return was asked for, decided or "
            "paid. Choose another time with /stats.",
            who=_who(seller, t),
            days=days(period, t),
        )
    )


def not_made(period: Period, t: Texts) -> Screen:
    """A picture could not be made or sent."""
    return Screen(
        text=t(
            "A picture of the figures of {days} could not be made. Please ask for it again later.",
            days=days(period, t),
        )
    )


def _who(seller: Seller | None, t: Texts) -> str:
    if seller is None:
        return t.plain("all sellers")
    return t.plain("the seller {name}", name=seller.name or seller.code)


# ------------------------------------------------------------------------------ the pictures


def requests(figures: Figures, period: Period, seller: Seller | None, t: Texts) -> Chart:
    """Why returns were asked for, how they were decided, and how soon."""
    panels = [
        _counts(
            t.plain("Returns asked for, by reason"),
            {labels.reason(code, t): n for code, n in figures.asked.most_common()},
            t.plain("Nobody asked for a return in this time."),
        ),
        _counts(
            t.plain("Requests, by how they were decided"),
            {decided(Decided(code), t): n for code, n in figures.decided.most_common()},
            t.plain("No request was decided in this time."),
        ),
    ]
    if figures.decided_after:
        panels.append(_how_soon(figures.decided_after, t))
    return _chart(period, seller, panels, t)


def deadlines(figures: Figures, period: Period, seller: Seller | None, t: Texts) -> Chart:
    """Which deadlines were kept, and how disputes ended."""
    turns = [each for each in Turn if figures.kept[each] + figures.missed[each]]
    bars = (_kept(each, figures, t) for each in turns)
    kept = Panel(
        title=t.plain("Deadlines"),
        bars=tuple(bars),
        note="" if turns else t.plain("No deadline ended in this time."),
        parts=(t.plain("kept"), t.plain("passed in silence")) if turns else (),
    )
    panels = [kept]
    if figures.disputes:
        ends = {ended(Ended(code), t): n for code, n in figures.disputes.most_common()}
        panels.append(_counts(t.plain("Disputes, by how they ended"), ends, ""))
    return _chart(period, seller, panels, t)


def refunds(figures: Figures, period: Period, seller: Seller | None, t: Texts) -> Chart:
    """What was promised to customers, by weeks or months; each currency by itself."""
    days = Counter(currency for _, currency in figures.money)
    panels = (_refunds(figures, period, each, t) for each, _ in days.most_common(MOST_CURRENCIES))
    return _chart(period, seller, panels, t)


def _chart(period: Period, seller: Seller | None, panels: Iterable[Panel], t: Texts) -> Chart:
    who = _who(seller, t)
    return Chart(title=who[:1].upper() + who[1:], subtitle=str(days(period, t)),
                 panels=tuple(panels))  # fmt: skip


def _counts(title: str, counts: Mapping[str, int], otherwise: str) -> Panel:
    bars = tuple(Bar(label[:1].upper() + label[1:], str(n), n) for label, n in counts.items())
    return Panel(title=title, bars=bars, note="" if bars else otherwise)


def _how_soon(seconds: list[int], t: Texts) -> Panel:
    limits = [timedelta(hours=hours) for hours in _HOURS]
    spans = [t.span(limit) for limit in limits]
    names = [
        t.plain("Up to {span}", span=spans[0]),
        *(f"{since} – {until}" for since, until in pairwise(spans)),
        t.plain("Longer than {span}", span=spans[-1]),
    ]
    counts = Counter(bisect_left(limits, timedelta(seconds=each)) for each in seconds)
    bars = (Bar(name, str(counts[place]), counts[place]) for place, name in enumerate(names))
    return Panel(title=t.plain("Time to decide"), bars=tuple(bars))


def _kept(which: Turn, figures: Figures, t: Texts) -> Bar:
    kept, missed = figures.kept[which], figures.missed[which]
    said = t.plain("{kept} of {all}", kept=kept, all=kept + missed)
    return Bar(turn(which, t), said, kept, missed)


def _refunds(figures: Figures, period: Period, currency: str, t: Texts) -> Panel:
    return Panel(
        title=t.plain("Promised to customers, {currency}", currency=currency),
        bars=tuple(
            Bar(_short(part, t), t.money(Money(minor, currency)), minor)
            for part, minor in parts_of(figures, period, currency)
        ),
    )


def _short(part: Period, t: Texts) -> str:
    """`01.03–07.03`; a whole month `03.2026`."""
    if part.first.day == 1 and (part.last + timedelta(days=1)).day == 1:
        return f"{part.first:%m.%Y}" if part.first.month == part.last.month else f"{part.last:%Y}"
    if part.first == part.last:
        return f"{part.first:%d.%m}"
    return f"{part.first:%d.%m}–{part.last:%d.%m}"


# ------------------------------------------------------------------------------ in sentences


def said_of_requests(figures: Figures, period: Period, seller: Seller | None, t: Texts) -> Html:
    """The numbers of the first picture."""
    lines = [_head(period, seller, t)]
    total = figures.asked.total()
    lines.append(
        t.n("{count} return was asked for.", "{count} returns were asked for.", total)
        if total
        else t("Nobody asked for a return.")
    )
    if total:
        reasons = ((small(labels.reason(code, t)), n) for code, n in figures.asked.most_common())
        lines.append(t("By reason: {list}.", list=listed(reasons)))
    if decisions := figures.decided.total():
        lines.append(
            t.n(
                "{count} request was decided: {list}.",
                "{count} requests were decided: {list}.",
                decisions,
                list=listed(
                    (decided(Decided(code), t), n) for code, n in figures.decided.most_common()
                ),
            )
        )
    if (half := middle(figures.decided_after)) is not None:
        lines.append(t("Half of the decisions came within {span}.", span=span_of(half, t)))
    return joined(lines)


def said_of_deadlines(figures: Figures, period: Period, seller: Seller | None, t: Texts) -> Html:
    """The numbers of the second picture."""
    lines = [_head(period, seller, t)]
    kept, missed = figures.kept.total(), figures.missed.total()
    lines.append(
        t(
            "{kept} of {all} deadlines were kept ({percent} %).",
            kept=kept,
            all=kept + missed,
            percent=percent_of(kept, kept + missed),
        )
        if kept + missed
        else t("No deadline ended.")
    )
    if disputes := figures.disputes.total():
        lines.append(
            t.n(
                "{count} dispute ended: {list}.",
                "{count} disputes ended: {list}.",
                disputes,
                list=listed(
                    (ended(Ended(code), t), n) for code, n in figures.disputes.most_common()
                ),
            )
        )
    if not figures.money:
        lines.append(t("No money was promised to customers."))
    return joined(lines)


def said_of_refunds(figures: Figures, period: Period, seller: Seller | None, t: Texts) -> Html:
    """The sums of the third picture, of the whole time."""
    sums = [t.money(Money(minor, currency)) for currency, minor in figures.sums.items()]
    said = t("Promised to customers: {sums}.", sums=t.list(sums))
    return joined([_head(period, seller, t), said])


def _head(period: Period, seller: Seller | None, t: Texts) -> Html:
    return t.bold(t("{days}, {who}", days=days(period, t), who=_who(seller, t)))


# ------------------------------------------------------------------------------ names of codes


def ended(how: Ended, t: Texts) -> str:
    """How a dispute ended."""
    match how:
        case Ended.LOST:
            return t.plain("for the customer")
        case Ended.WON:
            return t.plain("for the seller")
        case Ended.AGREED:
            return t.plain("by agreement")
        case Ended.WITHDRAWN:
            return t.plain("withdrawn by the customer")
        case Ended.OTHERWISE:
            return t.plain("in another way")
