"""What the staff have done and looked at, line by line, the newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.cases import Action, Role, return_number
from bot.screens import labels
from bot.screens.buttons import Audited
from bot.screens.layout import LABEL_LIMIT, Row, Rows, button, packed
from bot.screens.screen import Screen
from bot.services.auditing import PAGE, AuditLine, Deed
from bot.texts import Html, Texts, joined

_MOST_FILTERS = 6


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A page of the audit and the names of those in it; `by` and `case` say what it is of."""

    lines: tuple[AuditLine, ...]
    names: Mapping[int, str]
    by: int = 0
    case: int = 0
    offset: int = 0
    more: bool = False


def audit(page: AuditPage, t: Texts) -> Screen:
    """A page, with ways to one person's lines, to one return's, and back to all."""
    if page.case:
        head = t("What the staff did about {number}", number=return_number(page.case))
    elif page.by:
        head = t("What {name} did", name=page.names.get(page.by) or "—")
    else:
        head = t("What the staff did")
    lines = [_line(each, page.names, t) for each in page.lines]
    text = joined(lines) if lines else t("There is nothing here yet.")
    return Screen(
        text=joined([t.bold(head), text], "\n\n"),
        rows=(*_paging(page, t), *_filters(page, t)),
        slot="menu",
    )


def _paging(page: AuditPage, t: Texts) -> Rows:
    row: Row = ()
    if page.offset:
        before = max(0, page.offset - PAGE)
        row += (button(t.plain("← Back"), Audited(by=page.by, case=page.case, offset=before)),)
    if page.more:
        after = page.offset + len(page.lines)
        row += (button(t.plain("More →"), Audited(by=page.by, case=page.case, offset=after)),)
    return (row,) if row else ()


def _filters(page: AuditPage, t: Texts) -> Rows:
    if page.by or page.case:
        return ((button(t.plain("Everything"), Audited(by=0, case=0, offset=0)),),)
    people = dict.fromkeys(line.by for line in page.lines if line.by)
    cases = dict.fromkeys(line.case for line in page.lines if line.case)
    found = [
        *(
            button((page.names.get(id) or "—")[:LABEL_LIMIT], Audited(by=id, case=0, offset=0))
            for id in [*people][:_MOST_FILTERS]
        ),
        *(
            button(return_number(id), Audited(by=0, case=id, offset=0))
            for id in [*cases][:_MOST_FILTERS]
        ),
    ]
    return packed(found, 3)


def _line(line: AuditLine, names: Mapping[int, str], t: Texts) -> Html:
    who = names.get(line.by) or (t.plain("The machine's owner") if not line.by else "—")
    return t("{when}: {what}", when=t.moment(line.at), what=_what(line, who, names, t))


def _what(line: AuditLine, who: str, names: Mapping[int, str], t: Texts) -> Html:
    number = return_number(line.case)
    whom = names.get(line.person) or "—"
    match line.deed:
        case Deed.SEARCHED:
            count = len(line.facts.get("found", ()))
            return t.n(
                "{who} searched and was shown {count} order",
                "{who} searched and was shown {count} orders",
                count,
                who=who,
            )
        case Deed.SAW_CASE:
            return t("{who} opened {number}", who=who, number=number)
        case Deed.SAW_ORDER:
            return t("{who} opened order {number}", who=who, number=line.thing)
        case Deed.TOOK_RECORD:
            return t("{who} took the record of {number}", who=who, number=number)
        case Deed.TOOK_REPORT:
            return t("{who} took the report of {period}", who=who, period=line.thing)
        case Deed.SAW_AUDIT:
            return t("{who} read this list", who=who)
        case Deed.ACTED if line.facts.get("asks"):
            return t(
                "{who} asked for another status of {number}, which needs a second person",
                who=who,
                number=number,
            )
        case Deed.ACTED if line.facts.get("down"):
            return t(
                "{who} turned down another status of {number} that {whom} had asked for",
                who=who,
                number=number,
                whom=whom,
            )
        case Deed.ACTED if line.person:
            return t(
                "{who} confirmed another status of {number} that {whom} had asked for",
                who=who,
                number=number,
                whom=whom,
            )
        case Deed.ACTED:
            what = labels.action(Action(line.facts["action"]), t)
            return t("{who}, {number}: {what}", who=who, number=number, what=what)
        case Deed.INVITED:
            role = labels.own_role(Role(line.facts["role"]), t)
            return t("{who} made an invitation: {role}", who=who, role=role)
        case Deed.JOINED:
            role = labels.own_role(Role(line.facts["role"]), t)
            return t("{who} came in, invited by {whom}: {role}", who=who, whom=whom, role=role)
        case Deed.DISMISSED:
            return t("{who} took {whom} off the staff", who=who, whom=whom)
        case Deed.BLOCKED:
            return t("{who} stopped new returns of {whom}", who=who, whom=whom)
        case Deed.CONFIRMED_BLOCK:
            return t("{who} confirmed the block of {whom}", who=who, whom=whom)
        case Deed.UNBLOCKED:
            return t("{who} lifted the block of {whom}", who=who, whom=whom)
        case Deed.UPHELD_BLOCK:
            return t("{who} refused the appeal of {whom}", who=who, whom=whom)
        case Deed.SAW_BLOCK:
            return t("{who} looked at the block of {whom}", who=who, whom=whom)
        case Deed.MODERATED:
            return t("{who} set pre-moderation for seller {code}", who=who, code=line.thing)
        case Deed.RELEASED:
            return t("{who} ended pre-moderation for seller {code}", who=who, code=line.thing)
        case Deed.DEDUCTED:
            return t(
                "{who} deducted a missing product of order {number}", who=who, number=line.thing
            )
        case Deed.RULED_DEDUCTION:
            return t("{who} answered a contest, order {number}", who=who, number=line.thing)
        case Deed.PAID_DEDUCTION:
            return t("{who} paid for a missing product, order {number}", who=who, number=line.thing)
        case Deed.IMPORTED:
            return t("{who} sent a file of orders", who=who)
        case Deed.TRIED_RULES:
            return t("{who} tried the rules {name}", who=who, name=line.thing)
        case Deed.ASKED_RULES:
            return t("{who} asked for the rules {name}", who=who, name=line.thing)
        case Deed.SWITCHED_RULES:
            return t("{who} switched on the rules {name}", who=who, name=line.thing)
        case Deed.DROPPED_RULES:
            return t("{who} dropped the rules {name}", who=who, name=line.thing)
