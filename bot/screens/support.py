"""What only staff see beside the cards: how the service is doing."""

from __future__ import annotations

from bot.domain.cases import Status, return_number
from bot.screens import labels
from bot.screens.screen import Screen
from bot.services.health import Health
from bot.texts import Html, Texts, joined


def ask_return(command: str, t: Texts) -> Screen:
    """A command about a return, without the number of one."""
    return Screen(
        text=t(
            "Which return? Type its number after the command, for example {example}.",
            example=t.code(f"/{command} {return_number(123)}"),
        )
    )


def health(found: Health, t: Texts) -> Screen:
    """How the service is doing: each line is marked ✔ or ⚠, and a last one says what to do."""
    counts = found.counts
    statuses = [
        t("{status}: {count}", status=labels.status(Status(code), t), count=count)
        for code, count in counts.items()
        if count and code.isupper()
    ]
    seconds = abs(round(found.disagreement.total_seconds()))
    heard = (
        t("Telegram has answered last on {when}.", when=t.when(found.last_answer))
        if found.last_answer
        else t("Telegram has not answered yet.")
    )
    lines = [
        (found.silent, heard),
        (found.clock_wrong, t("The clock differs from Telegram's by {count} s.", count=seconds)),
        (False, t("Received and not handled yet: {count}", count=counts["inbox"])),
        (False, t("To be sent: {count}", count=counts["outbox"])),
        (False, t("Waiting for people to open the bot: {count}", count=counts["unopened"])),
        (False, t("Deadlines running: {count}", count=counts["timers"])),
        (counts["late"] > 0, t("Deadlines late: {count}", count=counts["late"])),
        (counts["quarantine"] > 0, t("In quarantine: {count}", count=counts["quarantine"])),
        (False, t("Left out, because one sent too much: {count}", count=counts["shed"])),
        (counts["dead"] > 0, t("Messages given up: {count}", count=counts["dead"])),
    ]
    wrong = any(bad for bad, _ in lines)
    return Screen(
        text=joined(
            [
                t.bold(t("The service on {when}", when=t.when(found.now))),
                joined(Html(f"{'⚠' if bad else '✔'} {line}") for bad, line in lines),
                t("What is marked ⚠ needs somebody who runs the service: the log says more.")
                if wrong
                else None,
                joined([t("Open cases:"), *statuses]) if statuses else t("No case is open."),
            ],
            "\n\n",
        ),
        slot="menu",
    )
