"""What only staff see beside the cards: invitations and the health of the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.cases import Role, Status
from bot.screens import labels
from bot.screens.buttons import Invite
from bot.screens.layout import button, one_each
from bot.screens.screen import Screen
from bot.services.records import Seller
from bot.texts import Texts, joined


def invite(sellers: Sequence[Seller], t: Texts) -> Screen:
    """Into which role shall the link lead?"""
    staff = [
        button(labels.own_role(role, t), Invite(role=role.value, seller="-"))
        for role in (Role.MODERATOR, Role.ADMIN)
    ]
    teams = [
        button(
            t.plain("Seller {name}", name=seller.name or seller.code),
            Invite(role=Role.SELLER.value, seller=seller.code),
        )
        for seller in sellers
    ]
    return Screen(
        text=t(
            "Whom do you want to let in? I make a link that works once. For another seller, "
            "type /invite and the seller's code."
        ),
        rows=(*one_each(staff), *one_each(teams)),
        slot="menu",
    )


def ask_return(t: Texts) -> Screen:
    """`/return` without a number."""
    return Screen(
        text=t("Which return? Type /return and its number, for example /return R-000123.")
    )


def health(
    counts: Mapping[str, int], t: Texts, now: datetime, heartbeat: datetime | None = None
) -> Screen:
    """How the service is doing: open cases by status and what waits to be done.

    `counts` has statuses in capitals and queues (`inbox`, `outbox`, `timers`, `quarantine`).
    """
    statuses = [
        t("{status}: {count}", status=labels.status(Status(code), t), count=count)
        for code, count in counts.items()
        if count and code.isupper()
    ]
    waits = [
        t("Updates to be handled: {count}", count=counts.get("inbox", 0)),
        t("Messages to be sent: {count}", count=counts.get("outbox", 0)),
        t("Running timers: {count}", count=counts.get("timers", 0)),
        t("In quarantine: {count}", count=counts.get("quarantine", 0)),
    ]
    lately = (
        t("Telegram was last reached on {when}.", when=t.when(heartbeat))
        if heartbeat
        else t("Telegram has not been reached yet.")
    )
    return Screen(
        text=joined(
            [
                t.bold(t("The service on {when}", when=t.when(now))),
                joined(waits),
                joined([t("Open cases:"), *statuses]) if statuses else t("No case is open."),
                lately,
            ],
            "\n\n",
        ),
        slot="menu",
    )
