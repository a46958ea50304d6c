"""The worked timelines of `lifecycle.md` 2.10 with the outages of 2.12."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.cases import (
    CLOCK,
    Action,
    Event,
    Goods,
    Refused,
    Role,
    Status,
    TimerKind,
)
from bot.domain.lifecycle import available_actions, decide, what_happens_on_silence
from bot.domain.money import LedgerKind
from bot.domain.policy import Policy
from bot.domain.timers import credit_outage, reminders_of

from .life import (
    COMMENT,
    CUSTOMER,
    SELLER,
    Life,
    approved,
    draft,
    line,
    march,
    received,
    requested,
    shipped,
)


def test_tl_1_a_silent_seller_agrees_and_a_silent_customer_is_overdue() -> None:
    life = requested().pass_until(march(30))
    assert life.log[1:] == [
        (march(2), "decision_due", Status.APPROVED),
        (march(6), "ship_due", Status.OVERDUE),
        (march(8), "late_proof_due", Status.OVERDUE),
    ]
    assert life.case.timers == ()


def test_tl_3_an_old_question_without_an_answer_costs_the_request() -> None:
    life = requested().do(march(2, 9), SELLER, Action.ASK, text="Which size?")
    assert life.due == {"clarify": march(4)}
    life.pass_until(march(10))
    assert life.log[-1] == (march(4), "clarify_due", Status.CANCELED_INACTION)


def test_a_question_of_the_last_minute_costs_nothing() -> None:
    life = requested().do(march(2, 9), SELLER, Action.ASK, text="Which size?")
    life.do(march(2, 12), CUSTOMER, Action.ANSWER, text="Forty.")
    life.do(march(4, 9), SELLER, Action.ASK, text="And the colour?")
    life.pass_until(march(4))
    assert life.status is Status.APPROVED


def test_a_second_question_does_not_make_the_first_one_younger() -> None:
    life = requested().do(march(2, 9), SELLER, Action.ASK, text="Which size?")
    life.do(march(4, 9), SELLER, Action.ASK, text="Hello?")
    life.pass_until(march(4))
    assert life.status is Status.CANCELED_INACTION


def test_no_question_in_the_last_hour() -> None:
    life = requested().do(march(2, 9), SELLER, Action.ASK, text="Which size?")
    refusal = life.refused(march(4, 9, 0, 1), SELLER, Action.ASK, text="Still there?")
    assert (refusal.code, refusal.closed) == ("deadline_passed", march(4, 9))


@pytest.mark.parametrize(
    ("action", "status"),
    [(Action.DECLINE, Status.APPROVED), (Action.ACCEPT, Status.COMP_ACCEPTED)],
)
def test_tl_5_a_cheap_thing_is_offered_half_at_once(action: Action, status: Status) -> None:
    life = requested(line("1800.00"))
    assert life.status is Status.OFFERED
    assert life.case.offer is not None
    assert str(life.case.offer.amount) == "900.00 RUB"
    assert life.last is not None
    assert [(one.event, one.by.role) for one in life.last.happened] == [
        ("submit", Role.CUSTOMER),
        ("offer", Role.SYSTEM),
    ]
    life.do(march(1, 11), CUSTOMER, action)
    assert life.status is status
    assert life.paid_to_customer() == ("900.00" if action is Action.ACCEPT else "0.00")


def test_tl_6_a_kopeck_more_goes_to_the_seller() -> None:
    assert requested(line("1800.01")).status is Status.NEW


def test_one_dear_line_is_enough_against_the_automatic_offer() -> None:
    assert requested(line("100.00"), line("1800.01", sku="B-2")).status is Status.NEW


def test_tl_8_a_second_before_the_deadline_counts_and_the_deadline_itself_does_not() -> None:
    life = requested().pass_until(march(2))
    life.do(march(6, 9, 59, 59), CUSTOMER, Action.SENT, track="RB123456785CN")
    assert life.status is Status.IN_TRANSIT
    late = requested().pass_until(march(2))
    refusal = late.refused(march(6), CUSTOMER, Action.SENT, track="RB123456785CN")
    assert (refusal.code, refusal.rule, refusal.closed) == ("deadline_passed", "ST-08", march(6))
    assert late.status is Status.OVERDUE
    assert late.due == {"late_proof": march(8)}


def test_tl_9_where_is_the_refund_from_day_15_and_a_dispute_by_itself_on_day_31() -> None:
    life = shipped()
    early = life.refused(march(19, 11, 59, 59), CUSTOMER, Action.WHERE_IS_THE_REFUND)
    assert (early.code, early.opens) == ("not_yet", march(19, 12))
    option = next(
        each
        for each in available_actions(life.case, CUSTOMER, march(10), life.policy)
        if each.action is Action.WHERE_IS_THE_REFUND
    )
    assert option.opens == march(19, 12)
    asked = shipped().do(march(19, 12), CUSTOMER, Action.WHERE_IS_THE_REFUND)
    assert asked.status is Status.DISPUTE
    life.pass_until(march(36, 12))
    assert life.log[-1] == (march(36, 12), "transit_auto_due", Status.DISPUTE)


def test_tl_11_a_refusal_after_receipt_becomes_mutual() -> None:
    life = received().do(
        march(22, 14), SELLER, Action.REJECT, reason="used", text=COMMENT, photos=("a.jpg",)
    )
    life.pass_until(march(31))
    assert life.log[-1] == (march(27, 14), "appeal_due", Status.REJECTED_MUTUAL)
    assert life.case.goods is Goods.RETURNING_TO_CUSTOMER


@pytest.mark.parametrize(
    ("reason", "receipt", "shipping"),
    [
        ("defective", "6200.00", "5000.00"),
        ("defective", "350.50", "350.50"),
        ("wrong_item", "5000.01", "5000.00"),
        ("changed_mind", "6200.00", "0.00"),
    ],
)
def test_tl_14_postage_is_refunded_up_to_the_cap(reason: str, receipt: str, shipping: str) -> None:
    life = received(reason=reason, receipt=receipt).do(march(16), SELLER, Action.REFUND)
    assert life.case.refund is not None
    assert str(life.case.refund.shipping.amount) == shipping
    assert str(life.case.refund.goods.amount) == "2500.00"
    kinds = [one.kind for one in life.ledger]
    assert kinds == [LedgerKind.GOODS] + [LedgerKind.SHIPPING] * (shipping != "0.00")


@pytest.mark.parametrize(
    ("category", "reason", "day", "code"),
    [
        ("food", "changed_mind", 2, "non_returnable"),
        ("food", "spoiled", 2, None),
        ("food", "spoiled", 3, "window_closed"),
    ],
)
def test_tl_17_food(category: str, reason: str, day: int, code: str | None) -> None:
    life = Life(draft(line(category=category), delivered_at=march(1)))
    given = {"reason": reason, "photos": ("a", "b")}
    if code is None:
        assert life.do(march(day), CUSTOMER, Action.SUBMIT, **given).status is Status.NEW
        return
    refusal = life.refused(march(day), CUSTOMER, Action.SUBMIT, **given)
    assert refusal.code == code
    assert refusal.closed == (march(3, 0) if code == "window_closed" else None)


def test_tl_20_an_outage_is_not_held_against_the_seller() -> None:
    life = requested()
    life.case = credit_outage(life.case, march(2, 9), march(7, 12), life.policy)
    assert life.due == {"decision": march(7, 13)}
    life.pass_until(march(30))
    assert life.log[1:3] == [
        (march(7, 13), "decision_due", Status.APPROVED),
        (march(11, 13), "ship_due", Status.OVERDUE),
    ]


def test_tl_20_without_the_credit_everything_fires_at_its_own_time() -> None:
    life = requested(policy=Policy().with_overrides({"clock.outage_credit": False}))
    assert credit_outage(life.case, march(2, 9), march(7, 12), life.policy) is life.case
    life.pass_until(march(7, 12))
    assert [one[:2] for one in life.log[1:]] == [
        (march(2), "decision_due"),
        (march(6), "ship_due"),
    ]


def test_an_outage_up_to_the_threshold_changes_nothing() -> None:
    life = requested()
    until = march(1, 11) + timedelta(minutes=15)
    assert credit_outage(life.case, march(1, 11), until, life.policy) is life.case


def test_an_outage_does_not_age_a_question() -> None:
    life = requested().do(march(1, 11), SELLER, Action.ASK, text="Which size?")
    life.case = credit_outage(life.case, march(1, 12), march(3, 12), life.policy)
    assert life.due == {"clarify": march(6)}
    assert life.case.created_at == march(3)
    assert life.case.asked_at == march(3, 11)


def test_a_persons_time_that_begins_in_an_outage_begins_at_its_end() -> None:
    life = shipped()
    life.case = credit_outage(life.case, march(36, 0), march(38, 0), life.policy)
    assert life.due["transit_auto"] == march(36, 12)
    life.pass_until(march(36, 12))
    assert life.due == {"dispute_reply": march(40, 0)}


def test_tl_22_a_case_keeps_its_policy() -> None:
    life = approved()
    assert life.case.policy == Policy().digest
    assert life.due == {"ship": march(5, 12)}
    seven = Policy().with_overrides({"ship.days": 7})
    assert approved(policy=seven).due == {"ship": march(8, 12)}


def test_the_grace_of_shipping_is_enforced_and_not_spoken_of() -> None:
    policy = Policy().with_overrides({"ship": "customer_guide"})
    life = approved(policy=policy)
    assert life.due == {"ship": march(8, 12)}
    assert [at for at, _, _ in reminders_of(life.case, policy)] == [
        march(3, 12),
        march(4, 12),
        march(5, 9),
    ]


def test_what_silence_does_is_what_the_clock_then_does() -> None:
    life = shipped()
    silence = what_happens_on_silence(life.case, life.policy)
    assert silence is not None
    assert silence[:3] == (TimerKind.TRANSIT_AUTO, march(36, 12), None)
    assert silence[3:] == (Status.DISPUTE, "T-03")
    life.pass_until(silence.due_at)
    assert life.status is silence.status


def test_firing_late_is_firing_on_time() -> None:
    case = requested().case
    event = Event(Action.FIRE, CLOCK, timer=TimerKind.DECISION)
    policy = Policy()
    assert decide(case, event, march(2), policy) == decide(case, event, march(9), policy)


def test_a_deadline_at_the_very_start_of_an_outage_was_not_missed_because_of_it() -> None:
    life = requested()
    moved = credit_outage(life.case, march(2), march(3), life.policy)
    assert moved.timers == life.case.timers


def test_a_time_that_began_in_an_outage_is_moved_to_its_end() -> None:
    life = requested()
    life.case = credit_outage(life.case, march(1, 9), march(1, 12), life.policy)
    assert life.due == {"decision": march(2, 12)}
    assert life.case.created_at == march(1, 12)


def test_an_act_at_the_deadline_is_too_late_even_before_the_timer_has_fired() -> None:
    life = requested()
    approve = Event(Action.APPROVE, SELLER)
    decide(life.case, approve, march(2) - timedelta(microseconds=1), life.policy)
    assert available_actions(life.case, SELLER, march(2), life.policy) == ()
    with pytest.raises(Refused) as caught:
        decide(life.case, approve, march(2), life.policy)
    refused = caught.value
    assert (refused.code, refused.rule, refused.closed) == ("deadline_passed", "D-07", march(2))


def test_a_timer_does_not_fire_early_nor_twice() -> None:
    life = requested()
    fire = Event(Action.FIRE, CLOCK, timer=TimerKind.DECISION)
    with pytest.raises(Refused) as early:
        decide(life.case, fire, march(2) - timedelta(microseconds=1), life.policy)
    assert (early.value.code, early.value.opens) == ("not_due", march(2))
    life.pass_until(march(2))
    with pytest.raises(Refused, match="not_running"):
        decide(life.case, fire, march(2), life.policy)
