"""What only staff see beside the cards: how the service is doing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.cases import Status
from bot.screens import labels
from bot.screens.screen import Screen
from bot.texts import Texts, joined


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
