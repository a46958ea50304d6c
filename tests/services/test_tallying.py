"""What a history comes to: who kept which deadline, how requests and disputes were decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

import pytest

from bot.domain.cases import Action, Decision, Event, Party, Refused, Ruling
from bot.domain.money import LedgerLine
from bot.services.chain import ChainLine, json_line
from bot.services.figures import Figures, meter, middle, parts_of
from bot.services.records import Archive
from bot.services.reporting import EVER, Period, period_and_rest, recent
from bot.services.tallying import Decided, Ended, Kind, Mark, Turn, marks
from tests.domain.life import COMMENT, CUSTOMER, MODERATOR, SELLER, Life, march

HOUR, DAY = 3600, 86_400


@dataclass
class Told(Life):
    """A life that writes its history."""

    told: list[ChainLine] = field(default_factory=list)
    moved: list[tuple[int, LedgerLine]] = field(default_factory=list)

    def _keep(self, at: datetime, event: Event, decision: Decision) -> Life:
        for happened in decision.happened:
            line = ChainLine(
                case_id=7,
                seq=len(self.told) + 1,
                version=decision.case.version,
                n=1,
                at=at,
                event=happened.event,
                by=happened.by.role,
                person=happened.by.id,
                row=happened.row,
                rule=happened.rule,
                before=happened.before,
                after=happened.after,
                policy="",
                facts=json_line({"reason": event.given.reason} if event.given.reason else {}),
                content="",
            )
            self.told.append(line)
        self.moved += ((len(self.told), each) for each in decision.ledger)
        return super()._keep(at, event, decision)

    def act(self, at: datetime, by: Party, action: Action, **given: object) -> Told:
        """`do`, with a comment where one is needed."""
        self.do(at, by, action, **given)
        return self

    @property
    def marks(self) -> list[tuple[Kind, str, int]]:
        found = marks(Archive(lines=tuple(self.told), ledger=tuple(self.moved)))
        return [(mark.kind, str(mark.what), mark.value) for mark in found]


def requested() -> Told:
    """Asked for on 1 March at 10:00."""
    return Told().act(
        march(1), CUSTOMER, Action.SUBMIT, reason="changed_mind", photos=("1.jpg", "2.jpg")
    )


def test_a_question_is_the_customers_turn_and_its_answer_the_sellers() -> None:
    life = requested()
    life.act(march(1, 13), SELLER, Action.ASK, text="Is it in its box?")
    life.act(march(1, 20), CUSTOMER, Action.ANSWER, text="Yes, it is.")
    life.act(march(2, 9), SELLER, Action.REFUND_WITHOUT_RETURN)
    assert life.marks == [
        (Kind.ASKED, "changed_mind", 1),
        (Kind.KEPT, Turn.DECISION, 3 * HOUR),
        (Kind.KEPT, Turn.ANSWER, 7 * HOUR),
        (Kind.DECIDED, Decided.REFUNDED, 23 * HOUR),
        (Kind.KEPT, Turn.CLARIFY, 13 * HOUR),
        (Kind.MONEY, "RUB", 250_000),
    ]


def test_silence_is_counted_of_those_who_were_silent() -> None:
    life = requested()
    life.pass_until(march(32))
    assert life.marks == [
        (Kind.ASKED, "changed_mind", 1),
        (Kind.DECIDED, Decided.SILENCE, DAY),
        (Kind.MISSED, Turn.DECISION, DAY),
        (Kind.MISSED, Turn.SHIP, 4 * DAY),
    ]
    life = requested()
    life.act(march(1, 13), SELLER, Action.ASK, text="Is it in its box?")
    life.pass_until(march(32))
    assert (Kind.MISSED, Turn.ANSWER, 3 * DAY - 3 * HOUR) in life.marks
    assert not [mark for mark in life.marks if mark[0] is Kind.DECIDED]


def test_a_dispute_is_lost_by_a_ruling_and_by_silence_and_won() -> None:
    for ruling, ended in ((Ruling.CUSTOMER, Ended.LOST), (Ruling.SELLER, Ended.WON), (None, None)):
        life = requested()
        life.act(march(1, 12), SELLER, Action.REJECT, reason="used", text=COMMENT)
        life.act(march(2, 12), CUSTOMER, Action.OPEN_DISPUTE, text=COMMENT)
        if ruling and ended:
            life.act(march(3, 12), SELLER, Action.REPLY, text=COMMENT)
            life.act(march(3, 18), MODERATOR, Action.DECIDE, ruling=ruling, text=COMMENT)
            assert life.marks[-1] == (Kind.ENDED, ended, 30 * HOUR)
            assert (Kind.KEPT, Turn.REPLY, DAY) in life.marks
            assert (Kind.KEPT, Turn.RULING, 6 * HOUR) in life.marks
        else:
            life.pass_until(march(4, 12))
            assert life.marks[-2:] == [
                (Kind.MISSED, Turn.REPLY, 2 * DAY),
                (Kind.ENDED, Ended.LOST, 2 * DAY),
            ]


def test_the_meter_is_a_sum_of_marks_and_says_what_each_share_is_of() -> None:
    at = march(1)
    figures = Figures().add(
        Mark(at, kind, what, value)
        for kind, what, value in (
            (Kind.DECIDED, Decided.APPROVED, 60), (Kind.DECIDED, Decided.AUTOMATIC, 0),
            (Kind.DECIDED, Decided.SILENCE, DAY), (Kind.KEPT, Turn.DECISION, 60),
            (Kind.KEPT, Turn.INSPECT, 180), (Kind.KEPT, Turn.SHIP, 5),
            (Kind.MISSED, Turn.DECISION, DAY), (Kind.MISSED, Turn.OFFER, DAY),
            (Kind.ENDED, Ended.LOST, 9), (Kind.ENDED, Ended.AGREED, 9),
        )
    )  # fmt: skip
    found = meter(figures)
    assert found.decided == {Decided.APPROVED: 1, Decided.SILENCE: 1}
    assert (found.decisions, found.response) == (2, 60)
    assert (found.asked_in_time, found.asked_of) == (1, 2)
    assert (found.silent, found.silent_of) == (1, 3)
    assert (found.lost, found.disputes) == (1, 2)
    assert middle([]) is None


def test_money_is_counted_by_weeks_of_the_reader_and_never_over_currencies() -> None:
    figures = Figures("Asia/Tokyo").add(
        Mark(at, Kind.MONEY, currency, minor)
        for at, currency, minor in (
            (march(1, 14), "RUB", 100), (march(1, 16), "RUB", 20), (march(9), "USD", 7),
            (march(9), "RUB", -3),
        )
    )  # fmt: skip
    march_ = Period(date(2026, 3, 1), date(2026, 3, 10))
    weeks = parts_of(figures, march_, "RUB")
    assert [(part.first.day, part.last.day, sum) for part, sum in weeks] == [
        (1, 1, 100), (2, 8, 20), (9, 10, -3),
    ]  # fmt: skip
    assert figures.sums == {"RUB": 117, "USD": 7}
    ever = parts_of(figures, Period(EVER, date(2026, 3, 10)), "RUB")
    assert [(str(part.first), str(part.last), sum) for part, sum in ever] == [
        ("2026-03-01", "2026-03-31", 117)
    ]
    assert parts_of(figures, march_, "EUR") == ()


@pytest.mark.parametrize(
    ("typed", "days", "rest"),
    [
        ("", "", ""), ("acme", "", "acme"), ("2026-03 acme", "2026-03", "acme"),
        ("2026-03-01 2026-03-31 12345", "2026-03-01 2026-03-31", "12345"),
        ("1.3.2026 – 31.03.2026  My shop", "1.3.2026 – 31.03.2026", "My shop"),
    ],
)  # fmt: skip
def test_days_and_a_seller_are_told_apart(typed: str, days: str, rest: str) -> None:
    assert period_and_rest(typed) == (days, rest)


def test_a_time_that_is_chosen_ends_today() -> None:
    today = date(2026, 3, 1)
    assert recent("7", today).code == "2026-02-23_2026-03-01"
    assert recent("month", today).code == "2026-03-01_2026-03-01"
    assert recent("last", today).code == "2026-02-01_2026-02-28"
    assert recent("all", today).last == today
    with pytest.raises(Refused, match="period_expected"):
        recent("8", today)
