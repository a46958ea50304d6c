"""The table as a whole, against `lifecycle.md` 2.4 typed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import bot.domain
from bot.domain import state_table
from bot.domain.cases import TERMINAL, Action, Role, Status, TimerKind
from bot.domain.rulebook import RULES
from bot.domain.transitions import INDEX, TABLE, Transition
from bot.domain.turns import ENTRIES

C, S, M, A, K, W, P = (
    Role.CUSTOMER,
    Role.SELLER,
    Role.MODERATOR,
    Role.ADMIN,
    Role.CLOCK,
    Role.CARRIER,
    Role.PAYMENT,
)

LIVE = (
    "NEW PREMOD CLARIFY OFFERED COUNTER COMP_ACCEPTED APPROVED REJECTED IN_TRANSIT DISPUTE "
    "RECEIVED REFUSED_AFTER_RECEIPT REFUND_DUE"
)
ENDED = (
    "REJECTED_FINAL OVERDUE CANCELED_BY_CUSTOMER CANCELED_INACTION REJECTED_BY_PLATFORM "
    "REJECTED_MUTUAL"
)
AGREED = "COMP_ACCEPTED REFUND_DUE APPROVED REJECTED_FINAL REJECTED_MUTUAL RECEIVED IN_TRANSIT"
SAME = "same"
MONEY = "REFUND_DUE COMP_ACCEPTED"

# Rows 01, 06 and 06a are the draft's (`intake.py`) and its refusals (`eligibility.py`), row 05 is
# of another profile. 47 and 48 name what arrives by the carrier's word as `delivered_due`
# (2.12.15); 31, 34 and 2.3 hold the timers that only tell, page or close. 52 is what N-5 makes of
# it: three sides propose, and what both parties want is where it leads.
ROWS = (
    ("02", "DRAFT", "submit", {C}, "NEW"),
    ("03", "DRAFT", "submit", {C}, "OFFERED"),
    ("04", "DRAFT", "submit", {C}, "PREMOD"),
    ("07", "NEW", "approve", {S}, "APPROVED"),
    ("08", "NEW", "reject", {S}, "REJECTED"),
    ("09", "NEW", "offer", {S}, "OFFERED"),
    ("10", "NEW", "refund_without_return", {S}, "REFUND_DUE"),
    ("11", "NEW", "ask", {S}, "CLARIFY"),
    ("12", "CLARIFY", "answer", {C}, "CLARIFY"),
    ("13", "CLARIFY", "ask", {S}, "CLARIFY"),
    ("14", "CLARIFY", "approve", {S}, "APPROVED"),
    ("14", "CLARIFY", "reject", {S}, "REJECTED"),
    ("14", "CLARIFY", "offer", {S}, "OFFERED"),
    ("14", "CLARIFY", "refund_without_return", {S}, "REFUND_DUE"),
    ("15", "NEW", "decision_due", {K}, "APPROVED"),
    ("16", "NEW", "decision_due", {K}, "PREMOD"),
    ("17", "CLARIFY", "clarify_due", {K}, "CANCELED_INACTION"),
    ("18", "CLARIFY", "clarify_due", {K}, "APPROVED"),
    ("19", "PREMOD", "approve", {M}, "APPROVED"),
    ("19", "PREMOD", "reject", {M}, "REJECTED"),
    ("19", "PREMOD", "offer", {M}, "OFFERED"),
    ("19", "PREMOD", "ask", {M}, "CLARIFY"),
    ("19a", "PREMOD", "premod_due", {K}, "PREMOD"),
    ("19a", "PREMOD", "premod_due", {K}, "APPROVED"),
    ("20", "OFFERED", "accept", {C}, "COMP_ACCEPTED"),
    ("21", "OFFERED", "decline", {C}, "COUNTER"),
    ("22", "OFFERED", "decline", {C}, "APPROVED"),
    ("23", "OFFERED", "offer_due", {K}, "COUNTER"),
    ("23", "OFFERED", "offer_due", {K}, "APPROVED"),
    ("24", "OFFERED", "offer", {S}, "OFFERED"),
    ("25", "COUNTER", "offer", {S}, "OFFERED"),
    ("26", "COUNTER", "reject", {S}, "REJECTED"),
    ("26", "COUNTER", "approve", {S}, "APPROVED"),
    ("27", "COUNTER", "counter_due", {K}, "APPROVED"),
    ("28", "NEW CLARIFY OFFERED COUNTER PREMOD APPROVED", "cancel", {C}, "CANCELED_BY_CUSTOMER"),
    ("29", "APPROVED", "sent", {C}, "IN_TRANSIT"),
    ("30", "APPROVED", "ship_due", {K}, "OVERDUE"),
    ("31", "OVERDUE", "late_proof", {C}, "OVERDUE"),
    ("31", "OVERDUE", "approve", {M}, "IN_TRANSIT"),
    ("31", "OVERDUE", "reject", {M}, "OVERDUE"),
    ("31", "OVERDUE", "late_proof_due", {K}, "OVERDUE"),
    ("31", "OVERDUE", "proof_due", {K}, "OVERDUE"),
    ("32", "IN_TRANSIT", "track", {W, S, M}, "IN_TRANSIT"),
    ("32", "DISPUTE", "track", {W, S, M}, "DISPUTE"),
    ("33", "IN_TRANSIT", "receive", {S}, "RECEIVED"),
    ("33", "IN_TRANSIT", "receive", {W}, "IN_TRANSIT"),
    ("33", "IN_TRANSIT", "delivered_due", {K}, "RECEIVED"),
    ("34", "IN_TRANSIT", "where_is_the_refund", {C}, "DISPUTE"),
    ("34", "IN_TRANSIT", "transit_unlock_due", {K}, "IN_TRANSIT"),
    ("35", "IN_TRANSIT", "transit_auto_due", {K}, "DISPUTE"),
    ("36", "RECEIVED", "refund", {S}, "REFUND_DUE"),
    ("37", "RECEIVED", "reject", {S}, "REFUSED_AFTER_RECEIPT"),
    ("38", "RECEIVED", "verdict", {S}, "REFUND_DUE"),
    ("39", "RECEIVED", "inspect_due", {K}, "REFUND_DUE"),
    ("40", "REJECTED", "open_dispute", {C}, "DISPUTE"),
    ("41", "REJECTED", "appeal_due", {K}, "REJECTED_FINAL"),
    ("42", "REFUSED_AFTER_RECEIPT", "open_dispute", {C}, "DISPUTE"),
    ("43", "REFUSED_AFTER_RECEIPT", "appeal_due", {K}, "REJECTED_MUTUAL"),
    ("44", "DISPUTE", "reply", {S}, "DISPUTE"),
    ("45", "DISPUTE", "dispute_reply_due", {K}, "APPROVED"),
    ("46", "DISPUTE", "dispute_reply_due", {K}, "REFUND_DUE"),
    ("47", "DISPUTE", "dispute_reply_due", {K}, "DISPUTE"),
    ("47", "DISPUTE", "dispute_reply_due", {K}, "REFUND_DUE"),
    ("47", "DISPUTE", "receive", {S, W}, "REFUND_DUE"),
    ("47", "DISPUTE", "delivered_due", {K}, "REFUND_DUE"),
    ("48", "DISPUTE", "receive", {S, W}, "DISPUTE"),
    ("48", "DISPUTE", "delivered_due", {K}, "DISPUTE"),
    ("48", "DISPUTE", "transit_cap_due", {K}, "DISPUTE"),
    ("49", "DISPUTE", "decide", {M}, "APPROVED REFUND_DUE"),
    ("50", "DISPUTE", "decide", {M}, "REJECTED_BY_PLATFORM"),
    ("51", "DISPUTE", "decide", {M}, "IN_TRANSIT"),
    ("2.3", "DISPUTE", "dispute_decide_due", {K}, "DISPUTE"),
    ("52", "DISPUTE", "settle", {C, S, M}, f"DISPUTE {AGREED}"),
    ("52", "DISPUTE", "accept", {C, S}, f"DISPUTE {AGREED}"),
    ("53", "DISPUTE", "withdraw", {C}, "REJECTED_FINAL REJECTED_MUTUAL RECEIVED IN_TRANSIT"),
    ("2.8", "REFUND_DUE", "confirm_shipping", {S, M}, SAME),
    ("54", f"{MONEY} REFUNDED", "paid", {P, A}, "REFUNDED"),
    ("55", MONEY, "payment_failed", {P}, SAME),
    ("55a", MONEY, "refund_eta_due", {K}, SAME),
    ("56", LIVE, "override", {A}, f"{LIVE} {ENDED} REFUNDED"),
    ("57", ENDED, "reopen", {M}, "NEW CLARIFY"),
)
"""(row, from, event, who, to)."""

ADDRESS = ("X-48", "set_address")
"""The one row that is a reading of `rules.md` alone: the return address arrives."""

Cell = tuple[str, str, str, frozenset[str], frozenset[str]]


def typed() -> Iterator[Cell]:
    for row, sources, event, who, targets in ROWS:
        for source in sources.split():
            reached = source if targets == SAME else targets
            yield row, source, event, frozenset(who), frozenset(reached.split())


def built() -> Iterator[Cell]:
    for row in TABLE:
        if not row.otherwise and (row.row, row.event) != ADDRESS:
            for source in row.sources:
                targets = frozenset(str(each) for each in row.to or (source,))
                yield row.row, str(source), row.event, frozenset(row.roles), targets


def test_every_row_of_the_specification_is_in_the_table() -> None:
    assert set(typed()) - set(built()) == set()


def test_the_table_has_no_row_that_the_specification_lacks() -> None:
    assert set(built()) - set(typed()) == set()


def test_no_row_stands_twice() -> None:
    rows = [
        (row.row, source, row.event, row.roles, row.to, row.ruling, row.otherwise)
        for row in TABLE
        for source in row.sources
    ]
    assert len(rows) == len(set(rows))


def test_no_row_hides_behind_another() -> None:
    for rows in INDEX.values():
        for place, row in enumerate(rows):
            if row.when is None and row.ruling is None:
                hidden = [each.row for each in rows[place + 1 :] if each.roles <= row.roles]
                assert hidden == [], f"{row.row} hides {hidden}"


@pytest.mark.parametrize("kind", TimerKind)
def test_every_timer_fires_somewhere(kind: TimerKind) -> None:
    assert any(row.event == f"{kind}_due" and row.roles == {K} for row in TABLE)


@pytest.mark.parametrize("action", [each for each in Action if each is not Action.FIRE])
def test_every_action_is_somebodys(action: Action) -> None:
    assert any(row.event == action and K not in row.roles for row in TABLE)


def timers_of(status: Status) -> list[Transition]:
    return [row for row in TABLE if status in row.sources and isinstance(row.trigger, TimerKind)]


@pytest.mark.parametrize("status", ENTRIES)
def test_every_timer_that_a_status_starts_fires_in_it(status: Status) -> None:
    fires = {row.trigger for row in timers_of(status)}
    assert set(ENTRIES[status].timers) <= fires


@pytest.mark.parametrize("status", [each for each in Status if each not in TERMINAL])
def test_every_live_status_leads_to_an_end(status: Status) -> None:
    seen, reached = set[Status](), {status}
    while reached:
        here = reached.pop()
        seen.add(here)
        ways = [row for row in TABLE if here in row.sources and row.event != "override"]
        reached |= {target for row in ways for target in row.to} - seen
    assert seen & TERMINAL


def test_by_the_clock_alone_every_live_status_but_those_that_page_leads_on() -> None:
    stuck = {
        status
        for status in Status
        if status not in TERMINAL
        and not any(set(row.to) - {status} for row in timers_of(status) if not row.otherwise)
    }
    assert stuck == {Status.DRAFT, Status.COMP_ACCEPTED, Status.REFUND_DUE}


@pytest.mark.parametrize("status", [each for each in Status if each not in TERMINAL])
def test_no_status_waits_for_a_person_who_has_no_action(status: Status) -> None:
    owes = ENTRIES[status].owes
    people = {role for row in TABLE if status in row.sources for role in row.roles}
    assert owes is None or owes in people


def test_every_status_is_reached() -> None:
    reached = {target for row in TABLE if row.event != "override" for target in row.to}
    assert set(Status) - reached == {Status.DRAFT}


def test_every_rule_that_a_row_cites_is_in_the_book() -> None:
    assert {row.rule for row in TABLE} - set(RULES) == set()


def test_the_readme_is_what_the_table_says() -> None:
    readme = Path(bot.domain.__file__).with_name("README.md")
    assert readme.read_text(encoding="utf-8") == state_table.render(), (
        "write it anew: python -m bot.domain.state_table > bot/domain/README.md"
    )
