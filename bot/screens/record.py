"""The record of a case, to be read: as pages in the reader's language, and what is said with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.domain.cases import (
    STAFF,
    Action,
    DisputeTopic,
    ReturnCase,
    Role,
    Ruling,
    Status,
    return_number,
)
from bot.domain.money import LedgerKind, LedgerLine, Money
from bot.domain.refunds import paid_for
from bot.papers import Block, Sheet
from bot.screens import labels
from bot.screens.deadlines import clock, happened
from bot.screens.screen import Screen
from bot.services.heads import Sealed
from bot.services.proof import Entry, Record
from bot.services.records import Letter
from bot.texts import Html, Texts, Whole, cleaned


def sheet(
    record: Record, entries: tuple[Entry, ...], letters: tuple[Letter, ...], t: Texts
) -> Sheet:
    """The pages. Whatever a party may not see has been taken out of what is given before."""
    case = record.case
    head = entries[-1].line.digest if entries else ""
    title = t.plain("The record of return {number}", number=case.number)
    return Sheet(
        title=title,
        language=t.language,
        made_at=record.now.isoformat(),
        intro=_intro(record, t),
        facts=tuple(_facts(record, head, t)),
        blocks=(
            *(_block(entry, record, t) for entry in entries),
            *(_letter(letter, record, t) for letter in letters),
        ),
        ending=t.plain("Nothing else has happened on this return."),
        footer=f"{case.number} · {head}",
        page=t.plain("Page {page} of {pages}", page="{page}", pages="{pages}"),
    )


def _intro(record: Record, t: Texts) -> str:
    if record.role in STAFF:
        return t.plain("Everything that happened on this return, as it is stored.")
    return t.plain(
        "Everything that happened on this return, as far as it is yours to see. The file "
        "{name} that came with it proves that nothing was changed.",
        name=f"{record.case.number}.jsonl",
    )


def _facts(record: Record, head: str, t: Texts) -> Iterator[tuple[str, str]]:
    case = record.case
    yield t.plain("Made"), _moment(record.now, t)
    yield t.plain("Made for"), labels.role(record.role, t)
    yield t.plain("Order"), case.order
    yield t.plain("Parcel"), case.posting
    if case.parent:
        yield t.plain("Split from"), return_number(case.parent)
    yield (
        t.plain("Products"),
        "\n".join(
            t.plain(
                "{title} ({sku}) × {units}, {price} each",
                title=Whole(line.title),
                sku=Whole(line.sku),
                units=line.quantity,
                price=t.money(line.unit_price),
            )
            for line in case.lines
        ),
    )
    yield t.plain("Paid"), t.money(paid_for(case))
    if case.reason:
        yield t.plain("Reason"), labels.reason(case.reason, t)
    yield t.plain("Status"), labels.status(case.status, t)
    yield t.plain("The product is"), labels.goods(case.goods, t)
    for timer in case.timers:
        yield t.plain("Deadline"), f"{_moment(timer.due_at, t)} · {clock(timer.kind, t)}"
    yield t.plain("Rules (SHA-256)"), case.policy
    yield t.plain("History ends with"), head


def _block(entry: Entry, record: Record, t: Texts) -> Block:
    line = entry.line
    who = labels.role(Role(line.by), t)
    if entry.person and record.role in STAFF:
        who = t.plain("{who} (account {id})", who=who, id=str(entry.person))
    return Block(
        head=f"{line.seq}. {who[:1].upper()}{who[1:]} — {happened(line.event, t)}",
        when=_moment(line.at, t),
        lines=(
            _step(line.before, line.after, t),
            *_given(entry, record.case, t),
            *(_moved(each, t) for each in entry.money),
            *_unsaid(entry, t),
        ),
        quote=cleaned(entry.text or ""),
        small=(
            *_pictures(entry.photos, record, t),
            t.plain("Rule {rule} · row {row}", rule=line.rule or "—", row=line.row or "—"),
            line.digest,
        ),
    )


def _letter(letter: Letter, record: Record, t: Texts) -> Block:
    who = labels.role(letter.by, t)
    return Block(
        head=t.plain("In the dispute {who} wrote", who=who),
        when=_moment(letter.at, t),
        lines=tuple(
            t.plain("Before an edit: {words}", words=Whole(words)) for words in letter.earlier
        ),
        quote=cleaned(letter.text),
        small=tuple(_pictures(letter.photos, record, t)),
    )


def _moment(instant: datetime, t: Texts) -> str:
    """An instant that stays on one line of the page."""
    return t.moment(instant, year=True).replace(" ", "\N{NO-BREAK SPACE}")


def _step(before: str, after: str, t: Texts) -> str:
    now = labels.status(Status(after), t)
    if before == after:
        return t.plain("Status: {status}", status=now)
    return f"{labels.status(Status(before), t)} → {now}"


def _given(entry: Entry, case: ReturnCase, t: Texts) -> Iterator[str]:
    for name, value in (entry.facts or {}).items():
        if said := _fact(name, value, entry.line.event, t):
            yield said


def _fact(name: str, value: Any, event: str, t: Texts) -> str | None:
    match name, value:
        case "reason", str() if event == Action.SUBMIT:
            return t.plain("Reason: {reason}", reason=labels.reason(value, t))
        case "reason", str():
            return t.plain("Reason: {reason}", reason=labels.reject_reason(value, t))
        case "amount", [minor, currency]:
            return t.plain("Sum: {sum}", sum=t.money(Money(minor, currency)))
        case "receipt_amount", [minor, currency]:
            return t.plain("By the receipt: {sum}", sum=t.money(Money(minor, currency)))
        case "shipping", [minor, currency]:
            return t.plain("Shipping: {sum}", sum=t.money(Money(minor, currency)))
        case "receipt_date", str():
            day = datetime.fromisoformat(value).date()
            return t.plain("Date of the receipt: {day}", day=day.isoformat())
        case "track", str():
            return t.plain("Track number: {track}", track=Whole(value))
        case "place", str():
            return t.plain("Last seen: {place}", place=Whole(value))
        case "ruling", str():
            return t.plain("Decision: {ruling}", ruling=labels.ruling(Ruling(value), t))
        case "topic", str():
            topic = labels.topic(DisputeTopic(value), t)
            return t.plain("Topic of the dispute: {topic}", topic=topic)
        case "ref", str():
            return t.plain("Reference of the payment: {ref}", ref=Whole(value))
        case "accepted", dict():
            units = ", ".join(f"{sku} × {count}" for sku, count in value.items())
            return t.plain("Accepted: {list}", list=Whole(units))
        case _:
            return None


def _moved(line: LedgerLine, t: Texts) -> str:
    way = f"{labels.purse(line.source, t)} → {labels.purse(line.to, t)}"
    return f"{t.money(line.amount)}: {way}, {_kind(line.kind, t)}"


def _kind(kind: LedgerKind, t: Texts) -> str:
    names: Mapping[LedgerKind, str] = {
        LedgerKind.GOODS: t.plain("for the product"),
        LedgerKind.SHIPPING: t.plain("for packaging and postage"),
        LedgerKind.PARTIAL: t.plain("as partial compensation"),
        LedgerKind.COMPENSATION: t.plain("as compensation"),
        LedgerKind.DISPOSAL: t.plain("for what was disposed of"),
        LedgerKind.CLAIM: t.plain("as a claim"),
        LedgerKind.REVERSAL: t.plain("as a reversal"),
    }
    return names[kind]


def _unsaid(entry: Entry, t: Texts) -> Iterator[str]:
    if entry.deleted:
        yield t.plain("The words and photos have been deleted: their time of keeping is over.")
    elif entry.facts is None:
        yield t.plain("What the staff wrote here is for the staff alone.")


def _pictures(photos: Sequence[str], record: Record, t: Texts) -> Iterator[str]:
    for number, key in enumerate(photos, 1):
        file = record.files.get(key)
        digest = file.sha256 if file else None
        yield t.plain(
            "Photo {number} (SHA-256): {digest}",
            number=number,
            digest=digest or t.plain("the file has not been fetched"),
        )


# ----------------------------------------------------------------------- beside the files


def on_the_way(number: str, t: Texts) -> Screen:
    """The record has been asked for."""
    return Screen(
        text=t(
            "The record of return {number} is being made. Two files come here in a moment: pages "
            "to read, and a file that proves them.",
            number=number,
        )
    )


def caption(number: str, kind: str, t: Texts) -> Html:
    """What stands under a file of the record."""
    if kind == "pdf":
        return t("The record of return {number}, to be read.", number=number)
    return t(
        "The record of return {number} with its proof: {command} checks it, without a network, and "
        "names the first line that was changed.",
        number=number,
        command=t.code(f"returndesk verify {number}.jsonl"),
    )


def sealed(seal: Sealed, t: Texts) -> Html:
    """What stands in the group of the staff under the heads of a day: what grew since the last."""
    return t.n(
        "Up to {when} the history of {count} return has grown. This file says where it ends, and "
        "its SHA-256 is {digest}. Keep this message: with {command} a record shows that nothing "
        "was written anew since.",
        "Up to {when} the histories of {count} returns have grown. This file says where each ends, "
        "and its SHA-256 is {digest}. Keep this message: with {command} a record shows that "
        "nothing was written anew since.",
        seal.count,
        when=t.when(seal.at),
        digest=t.code(seal.digest),
        command=t.code(f"returndesk verify FILE --heads heads_{seal.day}.jsonl"),
    )


def not_made(number: str, t: Texts) -> Screen:
    """A file of the record could not be made or sent."""
    return Screen(
        text=t(
            "A file of the record of return {number} could not be made. Nothing of the return was "
            "changed; please ask for it again later.",
            number=number,
        )
    )
