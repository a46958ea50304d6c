"""What is on the table of a dispute: three lines on the card, and a button for each to accept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from bot.domain.cases import Action, Goods, Input, Option, Proposal, ReturnCase, Role, Terms, side
from bot.domain.guards import acceptable
from bot.screens import labels
from bot.screens.buttons import Act
from bot.screens.layout import button
from bot.screens.screen import Button
from bot.screens.words import small
from bot.services.views import CaseView
from bot.texts import Html, Texts, joined


def table(view: CaseView, t: Texts) -> Html | None:
    """What each side proposes; None before anybody proposes anything."""
    dispute = view.case.dispute
    if dispute is None or not dispute.proposals:
        return None
    lines: list[Html] = []
    for role in (Role.CUSTOMER, Role.SELLER, Role.MODERATOR):
        proposal = dispute.proposal_of(role)
        what = small(worded(proposal, view.case, t)) if proposal else t.plain("nothing yet")
        if role is side(view.role):
            lines.append(t("• You: {what}", what=what))
        else:
            who = labels.role(role, t)
            lines.append(t("• {who}: {what}", who=who[:1].upper() + who[1:], what=what))
    return joined([t("On the table:"), *lines])


def worded(proposal: Proposal, case: ReturnCase, t: Texts) -> str:
    """What somebody proposes, in a few words."""
    if proposal.amount is not None:
        return t.money(proposal.amount)
    return terms(proposal.terms, case, t)


def terms(terms: Terms, case: ReturnCase, t: Texts) -> str:
    """How the dispute would end, in a few words that fit a button."""
    match terms:
        case Terms.FULL if case.goods is Goods.WITH_CUSTOMER:
            return t.plain("Full refund without return")
        case Terms.FULL:
            return t.plain("Full refund")
        case Terms.PART:
            return t.plain("A part of the money")
        case Terms.RETURN:
            return t.plain("Return for a full refund")
        case Terms.REJECT if case.goods is Goods.IN_TRANSIT:
            return t.plain("Wait for the parcel")
        case Terms.REJECT if case.dispute and case.dispute.arrived_at:
            return t.plain("The seller checks the product")
        case Terms.REJECT:
            return t.plain("No refund")
        case _:
            assert_never(terms)


def accepting(case: ReturnCase, role: Role, of: Role | None, t: Texts) -> str | None:
    """Which proposal somebody is about to accept; None outside a dispute."""
    for proposal in acceptable(case, role):
        if of in (None, proposal.by):
            return t.plain("Accept: {what}", what=worded(proposal, case, t))
    return None


def accepts(option: Option, view: CaseView, t: Texts) -> Iterator[Button]:
    """A button for every proposal that the reader can accept."""
    case = view.case
    named = any(asked.input is Input.OF for asked in option.asks)
    for proposal in acceptable(case, view.role):
        word = Action.ACCEPT.value + (f".{proposal.by}" if named else "")
        data = Act(case=case.id, version=case.version, action=word)
        label = t.plain("Accept: {what}", what=worded(proposal, case, t))
        yield button(label, data, "success")
