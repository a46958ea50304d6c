"""The fairness meter in words and as a table: for the own team, and for customers (N-13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from bot.papers import Cell, Column, Table
from bot.screens.words import capital
from bot.services.figures import ENOUGH, SPAN
from bot.services.records import Seller
from bot.services.tallying import Decided, Meter
from bot.texts import Html, Texts, joined

OwnMeters = tuple[tuple[Seller, Meter | None], ...]
"""The sellers of a team and how they decide; None: nothing has been counted."""


def own_meter(name: str, meter: Meter | None, t: Texts) -> Html:
    """How a seller does, to the seller's own team (N-13)."""
    head = t.bold(t("How {name} decides, in the last {count} days", name=name, count=SPAN.days))
    if meter is None or not (meter.silent_of or meter.disputes or meter.decisions):
        nothing = t("Nothing had been decided when this was counted last. It is done every night.")
        return joined([head, nothing])
    lines = [head]
    if meter.response is not None:
        lines.append(t("• Half of your answers came within {span}.",
                       span=span_of(meter.response, t)))  # fmt: skip
    if meter.asked_of:
        lines.append(
            t(
                "• Requests that you answered in time: {part} of {whole} ({percent} %).",
                part=meter.asked_in_time,
                whole=meter.asked_of,
                percent=percent_of(meter.asked_in_time, meter.asked_of),
            )
        )
    if meter.silent_of:
        lines.append(
            t(
                "• Deadlines of yours that passed in silence: {part} of {whole} ({percent} %).",
                part=meter.silent,
                whole=meter.silent_of,
                percent=percent_of(meter.silent, meter.silent_of),
            )
        )
    if meter.disputes:
        lines.append(
            t("• Disputes lost: {part} of {whole}.", part=meter.lost, whole=meter.disputes)
        )
    return joined(lines)


def sellers_way(meter: Meter | None, t: Texts) -> Html | None:
    """How a seller decides, to a customer who waits; None while there are too few cases."""
    if meter is None or meter.decisions < ENOUGH:
        return None
    counts = [(decided(Decided(code), t), n) for code, n in meter.decided.items()]
    said = t.n(
        "How this seller decides, from {count} request of the last {days} days: {list}.",
        "How this seller decides, from {count} requests of the last {days} days: {list}.",
        meter.decisions,
        days=SPAN.days,
        list=listed(sorted(counts, key=lambda each: -each[1])),
    )
    if meter.response is None:
        return said
    half = t("Half of the answers came within {span}.", span=span_of(meter.response, t))
    return joined([said, half], " ")


def meter_table(meters: Mapping[str, Meter], t: Texts) -> Table:
    """The meters of sellers as a table."""
    ways = tuple(each for each in Decided if each is not Decided.AUTOMATIC)
    numbers = (
        *(capital(decided(each, t)) for each in ways),
        t.plain("Seconds within which half of the answers came"),
        t.plain("Requests answered in time"),
        t.plain("Requests to answer"),
        t.plain("Deadlines passed in silence"),
        t.plain("Deadlines"),
        t.plain("Disputes lost"),
        t.plain("Disputes ended"),
    )
    return Table(
        name=t.plain("How sellers decide"),
        columns=(Column(t.plain("Seller")), *(Column(each, "number", 14) for each in numbers)),
        rows=tuple(_row(code, meter, ways) for code, meter in sorted(meters.items())),
    )


def meter_caption(when: Html, t: Texts) -> Html:
    """What stands under the table."""
    return t(
        "How requests were decided {when}, seller by seller: answers in time, deadlines passed "
        "in silence, disputes lost.",
        when=when,
    )


def _row(code: str, meter: Meter, ways: tuple[Decided, ...]) -> tuple[Cell, ...]:
    return (
        code,
        *(meter.decided.get(each, 0) for each in ways),
        meter.response,
        meter.asked_in_time,
        meter.asked_of,
        meter.silent,
        meter.silent_of,
        meter.lost,
        meter.disputes,
    )


def decided(how: Decided, t: Texts) -> str:
    """How a request was decided."""
    match how:
        case Decided.APPROVED:
            return t.plain("approved by the seller")
        case Decided.REJECTED:
            return t.plain("refused by the seller")
        case Decided.OFFERED:
            return t.plain("a part of the price offered")
        case Decided.REFUNDED:
            return t.plain("refunded at once, without a return")
        case Decided.SILENCE:
            return t.plain("approved, because nobody answered in time")
        case Decided.AUTOMATIC:
            return t.plain("a part offered by the rules at once")
        case Decided.SUPPORT:
            return t.plain("decided by a moderator")


def listed(counts: Iterable[tuple[str, int]]) -> Html:
    """`approved by the seller — 5; refused by the seller — 2`."""
    return joined((f"{label}\xa0— {n}" for label, n in counts), "; ")


def percent_of(part: int, whole: int) -> int:
    """Hundredths, rounded."""
    return round(100 * part / whole)


def span_of(seconds: int, t: Texts) -> str:
    """A length that is never nothing."""
    return t.span(timedelta(seconds=seconds)) or t.plain("a minute")
