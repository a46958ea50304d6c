"""The rows of `lifecycle.md` 2.4 and the settled readings of 2.12, one story each."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.cases import (
    Action,
    Alarm,
    Asked,
    DisputeTopic,
    Goods,
    Input,
    Role,
    Ruling,
    Status,
    Terms,
)
from bot.domain.lifecycle import address_known, available_actions
from bot.domain.money import LedgerKind, Money, Purse
from bot.domain.orders import used_units
from bot.domain.policy import Policy
from bot.domain.staff import told_late
from bot.domain.timers import credit_outage, reminders_of

from .life import (
    ADMIN,
    CARRIER,
    COMMENT,
    CUSTOMER,
    MODERATOR,
    OTHER_ADMIN,
    PAYMENT,
    SELLER,
    Life,
    approved,
    draft,
    line,
    march,
    received,
    refused_after_receipt,
    rejected,
    requested,
    shipped,
)

# ---------------------------------------------------------------------------- the request


def test_a_flagged_customer_goes_to_the_moderators_before_any_offer() -> None:
    assert requested(line("100.00"), flagged=True).status is Status.PREMOD


def test_the_window_is_judged_before_the_photos_are_counted() -> None:
    food = Life(draft(line(category="food")))
    assert food.refused(march(1), CUSTOMER, Action.SUBMIT, reason="changed_mind").code == (
        "non_returnable"
    )
    none = Life().refused(march(1), CUSTOMER, Action.SUBMIT, reason="changed_mind")
    assert (none.code, none.rule, none.facts) == ("too_few_photos", "X-49", {"least": 1})


def test_a_policy_may_ask_for_no_photo_at_all() -> None:
    policy = Policy().with_overrides({"evidence.min_photos.proper": 0})
    life = Life(draft(), policy).do(march(1), CUSTOMER, Action.SUBMIT, reason="changed_mind")
    assert life.status is Status.NEW
    assert Life(draft(), policy).refused(
        march(1), CUSTOMER, Action.SUBMIT, reason="defective"
    ).facts == {"least": 2}


def test_a_premoderated_seller_still_gets_the_automatic_offer() -> None:
    assert requested(line("100.00"), premoderated=True).status is Status.OFFERED
    assert requested(premoderated=True).status is Status.PREMOD


def test_silence_about_a_reused_photo_goes_to_the_moderators() -> None:
    life = requested(photo_reused=True).pass_until(march(2))
    assert life.status is Status.PREMOD


def test_silent_moderators_page_the_admin_and_then_the_request_is_approved() -> None:
    life = requested(premoderated=True).pass_until(march(2))
    assert (life.status, life.case.owes) == (Status.PREMOD, Role.ADMIN)
    assert life.alarms == [Alarm.PREMOD_ESCALATED]
    assert life.pass_until(march(3)).status is Status.APPROVED


def test_after_a_moderators_question_the_seller_decides() -> None:
    life = requested(premoderated=True)
    life.do(march(1, 11), MODERATOR, Action.ASK, text="Show the seam.")
    life.do(march(1, 12), CUSTOMER, Action.ANSWER, photos=("seam.jpg",))
    assert life.case.owes is Role.SELLER
    assert life.refused(march(1, 13), MODERATOR, Action.APPROVE).code == "not_yours"
    assert life.do(march(1, 13), SELLER, Action.APPROVE).status is Status.APPROVED


def test_moderators_cannot_refund_without_return_and_an_admin_may_act_as_one() -> None:
    life = requested(premoderated=True)
    assert life.refused(march(1, 11), MODERATOR, Action.REFUND_WITHOUT_RETURN).code == "not_now"
    assert life.do(march(1, 11), ADMIN, Action.APPROVE).status is Status.APPROVED


def test_too_few_photos_for_the_class() -> None:
    refusal = Life().refused(
        march(1), CUSTOMER, Action.SUBMIT, reason="damaged_in_transit", photos=("one",)
    )
    assert (refusal.code, refusal.facts["least"]) == ("too_few_photos", 2)


def test_a_comment_has_at_least_ten_characters() -> None:
    life = requested()
    short = life.refused(march(1, 11), SELLER, Action.REJECT, reason="used", text="Worn out.")
    assert short.code == "text_too_short"
    unknown = life.refused(march(1, 11), SELLER, Action.REJECT, reason="mood", text=COMMENT)
    assert unknown.code == "unknown_reason"


# ---------------------------------------------------------------------------- offers


def test_offers_only_rise_and_only_three_times() -> None:
    life = requested()
    assert (
        life.refused(march(1, 11), SELLER, Action.OFFER, amount=Money.of("2500")).code
        == "amount_out_of_range"
    )
    life.do(march(1, 11), SELLER, Action.OFFER, amount=Money.of("500"))
    lower = life.refused(march(1, 12), SELLER, Action.OFFER, amount=Money.of("500"))
    assert lower.code == "amount_not_higher"
    life.do(march(1, 12), SELLER, Action.OFFER, amount=Money.of("600"))
    assert life.due == {"offer": march(4, 12)}
    life.do(march(1, 13), CUSTOMER, Action.DECLINE)
    life.do(march(1, 14), SELLER, Action.OFFER, amount=Money.of("700"))
    life.do(march(1, 15), CUSTOMER, Action.DECLINE)
    last = life.refused(march(1, 16), SELLER, Action.OFFER, amount=Money.of("800"))
    assert last.code == "rounds_used_up"
    assert life.pass_until(march(4, 15)).status is Status.APPROVED


def test_the_automatic_offer_cannot_be_raised() -> None:
    life = requested(line("100.00"))
    refusal = life.refused(march(1, 11), SELLER, Action.OFFER, amount=Money.of("60"))
    assert refusal.code == "not_now"


def test_an_unanswered_offer_is_declined() -> None:
    life = requested().do(march(1, 11), SELLER, Action.OFFER, amount=Money.of("500"))
    late = life.refused(march(4, 11), CUSTOMER, Action.ACCEPT)
    assert (late.code, late.rule, late.closed) == ("deadline_passed", "X-12", march(4, 11))
    assert life.status is Status.COUNTER
    assert requested(line("10.00")).pass_until(march(4)).status is Status.APPROVED


def test_the_platform_may_fund_the_automatic_offer() -> None:
    policy = Policy().with_overrides({"autocomp.funded_by": "platform"})
    life = requested(line("100.00"), policy=policy).do(march(1, 11), CUSTOMER, Action.ACCEPT)
    (one,) = life.ledger
    assert (one.source, one.to, one.kind) == (Purse.PLATFORM, Purse.CUSTOMER, LedgerKind.PARTIAL)
    assert life.case.goods is Goods.KEPT_BY_CUSTOMER


# ---------------------------------------------------------------------------- shipping


def test_without_an_address_the_seller_cannot_approve() -> None:
    life = requested(address_known=False)
    assert life.refused(march(1, 11), SELLER, Action.APPROVE).code == "address_missing"


def test_the_time_to_ship_begins_when_the_address_arrives() -> None:
    life = requested(address_known=False).pass_until(march(2))
    assert (life.status, life.case.owes, life.due) == (Status.APPROVED, Role.SELLER, {})
    assert life.alarms == [Alarm.NO_ADDRESS]
    assert [at for at, _, _ in reminders_of(life.case, life.policy)][:2] == [march(3), march(4)]
    decision = address_known(life.case, march(5), life.policy)
    assert decision is not None
    assert decision.hears == {Role.CUSTOMER}
    life.case = decision.case
    assert (life.case.owes, life.due) == (Role.CUSTOMER, {"ship": march(9)})
    assert address_known(life.case, march(6), life.policy) is None


def test_a_receipt_is_needed_where_postage_is_refunded() -> None:
    life = approved(reason="defective")
    refusal = life.refused(march(2), CUSTOMER, Action.SENT, track="RB123456785CN")
    assert refusal.code == "receipt_missing"
    life.do(march(2), CUSTOMER, Action.SENT, track="RB1", receipt_amount=Money.of("300"))
    assert life.status is Status.IN_TRANSIT


@pytest.mark.parametrize("track", ["no number", "!!", "№"])
def test_what_is_no_track_number_sends_nothing(track: str) -> None:
    life = approved()
    refusal = life.refused(march(2), CUSTOMER, Action.SENT, track=track)
    assert (refusal.code, refusal.rule) == ("track_invalid", "C-18")


def receipt(date: datetime) -> dict[str, Any]:
    """A receipt as the form takes it."""
    return {"receipt_date": date, "photos": ("receipt.jpg",)}


def test_a_late_proof_without_the_receipt_itself_proves_nothing() -> None:
    life = approved().pass_until(march(5, 12))
    told = life.refused(march(6), CUSTOMER, Action.LATE_PROOF, receipt_date=march(4, 0))
    assert (told.code, told.rule) == ("too_few_photos", "X-52")


def test_a_late_proof_revives_once_the_staff_confirm_it() -> None:
    life = approved().pass_until(march(5, 12))
    outside = life.refused(march(6), CUSTOMER, Action.LATE_PROOF, **receipt(march(5, 12)))
    assert outside.code == "receipt_date_out_of_range"
    life.do(march(7, 11), CUSTOMER, Action.LATE_PROOF, **receipt(march(4, 0)))
    assert (life.case.owes, life.due) == (Role.MODERATOR, {"proof": march(10, 11)})
    again = life.refused(march(7, 11), CUSTOMER, Action.LATE_PROOF, **receipt(march(4, 0)))
    assert again.code == "already_lodged"
    life.pass_until(march(11))
    assert life.alarms == [Alarm.PROOF_WAITS]
    life.do(march(11), MODERATOR, Action.APPROVE)
    assert life.status is Status.IN_TRANSIT
    assert life.due == {"transit_unlock": march(18, 0), "transit_auto": march(35, 0)}


def test_a_proof_dated_on_the_day_of_approval_counts_from_the_approval() -> None:
    life = approved().pass_until(march(5, 12))
    life.do(march(6), CUSTOMER, Action.LATE_PROOF, **receipt(march(1, 0)))
    assert life.case.proof_date == march(1, 12)


def test_a_second_late_proof_is_not_refused_by_a_deadline_that_has_not_come() -> None:
    life = approved().pass_until(march(5, 12))
    life.do(march(6), CUSTOMER, Action.LATE_PROOF, **receipt(march(4, 0)))
    life.do(march(6, 11), MODERATOR, Action.REJECT, text=COMMENT)
    again = life.refused(march(6, 12), CUSTOMER, Action.LATE_PROOF, **receipt(march(4, 0)))
    assert (again.code, again.closed) == ("proof_denied", None)
    late = life.refused(march(7, 12), CUSTOMER, Action.LATE_PROOF, **receipt(march(4, 0)))
    assert (late.code, late.closed) == ("deadline_passed", march(7, 12))


def test_after_48_hours_no_late_proof() -> None:
    life = approved()
    refusal = life.refused(march(7, 12), CUSTOMER, Action.LATE_PROOF, **receipt(march(4, 0)))
    assert (refusal.code, refusal.closed) == ("deadline_passed", march(7, 12))


def test_the_carrier_says_delivered_and_the_seller_is_silent() -> None:
    life = shipped().do(march(10), CARRIER, Action.RECEIVE)
    assert (life.status, life.case.owes) == (Status.IN_TRANSIT, Role.SELLER)
    assert life.due["delivered"] == march(13)
    assert life.refused(march(11), CARRIER, Action.RECEIVE).code == "already_reported"
    life.pass_until(march(13))
    assert (life.status, life.due) == (Status.RECEIVED, {"inspect": march(20)})


# ---------------------------------------------------------------------------- receipt


def test_a_receipt_that_nobody_has_read_costs_the_customer_no_postage() -> None:
    """As with a receipt in a currency without a rate, somebody says what is on it (2.8.0)."""
    life = received(reason="defective")
    assert life.refused(march(16), SELLER, Action.REFUND).code == "shipping_missing"
    over = life.refused(march(16), SELLER, Action.REFUND, shipping=Money.of("5000.01"))
    assert (over.code, over.facts["most"]) == ("shipping_too_high", Money.of("5000"))
    life.do(march(16), SELLER, Action.REFUND, shipping=Money.of("350"))
    assert life.paid_to_customer() == "2850.00"
    silent = received(reason="defective").pass_until(march(22, 15))
    assert (silent.paid_to_customer(), silent.alarms) == ("2500.00", [Alarm.RECEIPT_UNCONFIRMED])
    silent.do(march(23), MODERATOR, Action.CONFIRM_SHIPPING, shipping=Money.of("350"))
    assert silent.paid_to_customer() == "2850.00"


def test_a_silent_seller_refunds_with_postage() -> None:
    life = received(reason="defective", receipt="300").pass_until(march(22, 15))
    assert life.status is Status.REFUND_DUE
    assert life.case.refund is not None
    assert life.case.refund.decided_by is Role.CLOCK
    assert life.paid_to_customer() == "2800.00"


def test_the_seller_may_pay_less_postage_and_never_more() -> None:
    life = received(reason="defective", receipt="300")
    more = life.refused(march(16), SELLER, Action.REFUND, shipping=Money.of("300.01"))
    assert (more.code, more.facts["most"]) == ("shipping_too_high", Money.of("300"))
    life.do(march(16), SELLER, Action.REFUND, shipping=Money.of("120"))
    assert life.paid_to_customer() == "2620.00"


def test_a_rejection_after_receipt_needs_a_photo() -> None:
    refusal = received().refused(march(16), SELLER, Action.REJECT, reason="used", text=COMMENT)
    assert refusal.code == "too_few_photos"


def test_a_partial_verdict_splits_the_case() -> None:
    life = received(
        line("1000", quantity=2), line("2000", sku="B-2"), reason="defective", receipt="6000"
    ).do(march(16), SELLER, Action.VERDICT, accepted={"A-1": 1})
    assert life.last is not None
    child = life.last.child
    assert child is not None
    assert (life.status, child.status) == (Status.REFUND_DUE, Status.REFUSED_AFTER_RECEIPT)
    assert [(one.sku, one.quantity) for one in life.case.lines] == [("A-1", 1)]
    assert [(one.sku, one.quantity) for one in child.lines] == [("A-1", 1), ("B-2", 1)]
    assert (child.part, child.parent, child.version, child.receipt) == (2, 7, 1, None)
    assert life.paid_to_customer() == "6000.00"
    won = Life(child, life.policy).do(march(17), CUSTOMER, Action.OPEN_DISPUTE)
    won.pass_until(march(19))
    assert won.status is Status.REFUND_DUE
    assert won.paid_to_customer() == "3000.00"
    assert {one.part for one in won.ledger} == {2}


@pytest.mark.parametrize("accepted", [{"A-1": 0}, {"A-1": 3}, {"C-3": 1}])
def test_a_verdict_is_about_units_of_the_case(accepted: dict[str, int]) -> None:
    life = received(line("2000", quantity=2))
    refusal = life.refused(march(16), SELLER, Action.VERDICT, accepted=accepted)
    assert refusal.code == "units_out_of_range"


# ---------------------------------------------------------------------------- disputes


def test_a_silent_seller_loses_a_dispute_about_a_refusal() -> None:
    life = rejected().do(march(2), CUSTOMER, Action.OPEN_DISPUTE, text="Not worn.")
    life.pass_until(march(4))
    assert (life.status, life.due) == (Status.APPROVED, {"ship": march(8)})


def test_a_dispute_is_about_what_fits_it_until_the_return_begins_anew() -> None:
    life = rejected().do(march(2), CUSTOMER, Action.OPEN_DISPUTE, topic=DisputeTopic.FAULTY)
    assert life.case.topic is DisputeTopic.FAULTY
    life.do(march(3), SELLER, Action.REPLY, text="Worn.")
    life.do(march(3), MODERATOR, Action.DECIDE, ruling=Ruling.SELLER, text=COMMENT)
    assert life.case.topic is DisputeTopic.FAULTY
    life.do(march(4), MODERATOR, Action.REOPEN, text=COMMENT)
    assert life.case.topic is None
    lost = DisputeTopic.PARCEL_LOST
    assert rejected().refused(march(2), CUSTOMER, Action.OPEN_DISPUTE, topic=lost).code == (
        "topic_not_offered"
    )
    ask = Action.WHERE_IS_THE_REFUND
    assert shipped().do(march(20), CUSTOMER, ask, topic=lost).case.topic is lost
    arrived = shipped().do(march(19, 13), CARRIER, Action.RECEIVE)
    assert arrived.refused(march(20), CUSTOMER, ask, topic=lost).code == "topic_not_offered"
    assert shipped().pass_until(march(5, 12) + timedelta(days=31)).case.topic is None


def test_a_silent_seller_loses_a_dispute_after_receipt() -> None:
    life = refused_after_receipt().do(march(23), CUSTOMER, Action.OPEN_DISPUTE)
    assert life.pass_until(march(25)).status is Status.REFUND_DUE


def test_the_staffs_silence_pages_and_never_decides() -> None:
    life = rejected().do(march(2), CUSTOMER, Action.OPEN_DISPUTE)
    early = life.refused(march(2, 11), MODERATOR, Action.DECIDE, ruling=Ruling.SELLER, text=COMMENT)
    assert early.code == "not_decidable"
    life.do(march(3), SELLER, Action.REPLY, text="Worn.")
    assert life.refused(march(3), SELLER, Action.REPLY).code == "already_replied"
    life.pass_until(march(31))
    assert (life.status, life.case.owes) == (Status.DISPUTE, Role.MODERATOR)
    assert life.alarms == [Alarm.DISPUTE_UNDECIDED]
    life.do(march(31), MODERATOR, Action.DECIDE, ruling=Ruling.SELLER, text=COMMENT)
    assert life.status is Status.REJECTED_BY_PLATFORM


@pytest.mark.parametrize(
    ("choice", "status"),
    [("customer_wins", Status.APPROVED), ("status_quo", Status.REJECTED_FINAL)],
)
def test_a_policy_may_let_the_staffs_silence_decide(choice: str, status: Status) -> None:
    policy = Policy().with_overrides({"dispute.moderator_silence": choice})
    life = rejected(policy=policy).do(march(2), CUSTOMER, Action.OPEN_DISPUTE)
    life.do(march(3), SELLER, Action.REPLY, text="Worn.")
    assert life.pass_until(march(6)).status is status


def disputed_in_transit() -> Life:
    return shipped(reason="defective", receipt="300").do(
        march(19, 12), CUSTOMER, Action.WHERE_IS_THE_REFUND
    )


def test_a_lost_transit_dispute_pays_when_the_parcel_arrives() -> None:
    life = disputed_in_transit().pass_until(march(21, 12))
    assert (life.status, life.case.owes) == (Status.DISPUTE, None)
    assert life.due == {"transit_cap": march(5, 12) + timedelta(days=60)}
    late = life.refused(march(22), SELLER, Action.REPLY)
    assert (late.code, late.closed) == ("deadline_passed", march(21, 12))
    life.do(march(25), SELLER, Action.RECEIVE)
    assert (life.status, life.case.decided_by) == (Status.REFUND_DUE, Role.CLOCK)
    assert life.paid_to_customer() == "2800.00"


def test_an_answered_transit_dispute_waits_for_the_parcel() -> None:
    life = disputed_in_transit().do(march(20), SELLER, Action.REPLY)
    assert life.due == {"transit_cap": march(5, 12) + timedelta(days=60)}
    paused = life.refused(march(21), MODERATOR, Action.DECIDE, ruling=Ruling.CUSTOMER, text=COMMENT)
    assert (paused.code, paused.opens) == ("not_decidable", march(5, 12) + timedelta(days=60))
    life.do(march(24), CARRIER, Action.RECEIVE)
    assert (life.case.owes, life.case.goods) == (Role.MODERATOR, Goods.WITH_SELLER)
    moving = life.refused(
        march(25), MODERATOR, Action.DECIDE, ruling=Ruling.IN_TRANSIT, text=COMMENT
    )
    assert moving.code == "goods_arrived"
    life.do(march(25), MODERATOR, Action.DECIDE, ruling=Ruling.CUSTOMER, text=COMMENT)
    assert life.paid_to_customer() == "2800.00"


def test_a_parcel_that_arrives_before_the_reply_waits_for_it() -> None:
    life = disputed_in_transit().do(march(20), SELLER, Action.RECEIVE)
    assert life.due == {"dispute_reply": march(21, 12)}
    replied = disputed_in_transit().do(march(20), SELLER, Action.RECEIVE)
    replied.do(march(21), SELLER, Action.REPLY)
    assert replied.due == {"dispute_decide": march(24)}
    assert life.pass_until(march(21, 12)).status is Status.REFUND_DUE


def test_still_in_transit_gives_a_week() -> None:
    life = disputed_in_transit().do(march(20), SELLER, Action.REPLY)
    cap = march(5, 12) + timedelta(days=60)
    life.pass_until(cap)
    assert life.alarms == [Alarm.TRANSIT_CAP]
    ruling = {"ruling": Ruling.IN_TRANSIT, "text": COMMENT}
    assert life.refused(cap, MODERATOR, Action.DECIDE, **ruling).code == "nothing_tracked"
    life.do(cap, CARRIER, Action.TRACK, place="Minsk")
    life.do(cap, MODERATOR, Action.DECIDE, **ruling)
    week = cap + timedelta(days=7)
    assert life.status is Status.IN_TRANSIT
    assert life.due == {"transit_unlock": week, "transit_auto": week}
    again = life.refused(week - timedelta(seconds=1), CUSTOMER, Action.WHERE_IS_THE_REFUND)
    assert (again.code, again.opens) == ("not_yet", week)


def test_a_withdrawn_dispute_leaves_the_clock_as_it_was() -> None:
    life = disputed_in_transit().do(march(20), CUSTOMER, Action.WITHDRAW)
    assert (life.status, life.due) == (Status.IN_TRANSIT, {"transit_auto": march(36, 12)})
    auto = shipped().pass_until(march(36, 12)).do(march(37), CUSTOMER, Action.WITHDRAW)
    assert auto.due == {"transit_auto": march(44)}
    arrived = disputed_in_transit().do(march(20), SELLER, Action.RECEIVE)
    assert arrived.do(march(21), CUSTOMER, Action.WITHDRAW).status is Status.RECEIVED


def test_a_withdrawn_dispute_ends_a_refusal() -> None:
    life = rejected().do(march(2), CUSTOMER, Action.OPEN_DISPUTE)
    assert life.do(march(3), CUSTOMER, Action.WITHDRAW).status is Status.REJECTED_FINAL
    after = refused_after_receipt().do(march(23), CUSTOMER, Action.OPEN_DISPUTE)
    after.do(march(24), CUSTOMER, Action.WITHDRAW)
    assert (after.status, after.case.goods) == (
        Status.REJECTED_MUTUAL,
        Goods.RETURNING_TO_CUSTOMER,
    )


def test_what_the_seller_has_goes_back_when_the_seller_wins() -> None:
    life = refused_after_receipt().do(march(23), CUSTOMER, Action.OPEN_DISPUTE)
    life.do(march(24), SELLER, Action.REPLY)
    life.do(march(25), MODERATOR, Action.DECIDE, ruling=Ruling.SELLER, text=COMMENT)
    assert life.case.goods is Goods.RETURNING_TO_CUSTOMER


def test_a_settlement_is_no_reply_and_pays_a_part() -> None:
    life = rejected().do(march(2), CUSTOMER, Action.OPEN_DISPUTE)
    assert life.refused(march(2), CUSTOMER, Action.ACCEPT).code == "not_now"
    life.do(march(3), SELLER, Action.SETTLE, terms=Terms.PART, amount=Money.of("700"))
    assert life.due == {"dispute_reply": march(4)}
    life.do(march(3, 12), CUSTOMER, Action.ACCEPT)
    assert (life.status, life.case.goods) == (Status.COMP_ACCEPTED, Goods.KEPT_BY_CUSTOMER)
    after = refused_after_receipt(reason="defective", receipt="300")
    after.do(march(23), CUSTOMER, Action.OPEN_DISPUTE)
    after.do(march(23, 11), SELLER, Action.SETTLE, terms=Terms.PART, amount=Money.of("700"))
    after.do(march(23, 12), CUSTOMER, Action.ACCEPT)
    assert (after.status, after.paid_to_customer()) == (Status.REFUND_DUE, "700.00")


def test_the_deadline_of_an_appeal() -> None:
    refusal = rejected().refused(march(6, 12), CUSTOMER, Action.OPEN_DISPUTE)
    assert (refusal.code, refusal.rule, refusal.closed) == (
        "deadline_passed",
        "ST-09",
        march(6, 12),
    )


# ---------------------------------------------------------------------------- money and staff


def test_the_same_payment_twice_is_one() -> None:
    life = requested().do(march(1, 11), SELLER, Action.REFUND_WITHOUT_RETURN)
    assert life.case.goods is Goods.KEPT_BY_CUSTOMER
    life.do(march(2), PAYMENT, Action.PAYMENT_FAILED)
    assert life.alarms == [Alarm.PAYMENT_FAILED]
    life.do(march(3), PAYMENT, Action.PAID, ref="p-1")
    life.do(march(3), PAYMENT, Action.PAID, ref="p-1")
    assert life.refused(march(3), PAYMENT, Action.PAID, ref="p-2").code == "already_paid"
    assert (life.status, life.paid_to_customer()) == (Status.REFUNDED, "2500.00")


def test_a_late_refund_pages_the_staff_every_day() -> None:
    life = requested().do(march(1, 12), SELLER, Action.REFUND_WITHOUT_RETURN)
    life.pass_until(march(13, 12))
    assert [at for at, event, _ in life.log if event == "refund_eta_due"] == [
        march(11, 12),
        march(12, 12),
        march(13, 12),
    ]
    assert life.alarms == [Alarm.REFUND_LATE] * 3
    days = [march(day, 12) for day in range(11, 27)]
    told = [at for at in days if told_late(life.case, at, life.policy)]
    assert told == [march(11, 12), march(18, 12), march(25, 12)], "the customer has to wait anyway"


def test_an_override_that_moves_money_needs_two_people() -> None:
    life = received(reason="defective", receipt="300")
    life.do(march(16), ADMIN, Action.OVERRIDE, to=Status.REFUND_DUE, text="A promise.")
    assert (life.status, life.alarms) == (Status.RECEIVED, [Alarm.SECOND_PERSON])
    own = life.refused(march(16), ADMIN, Action.OVERRIDE, to=Status.REFUND_DUE, text="Again.")
    assert own.code == "second_person_needed"
    life.do(march(17), OTHER_ADMIN, Action.OVERRIDE, to=Status.REFUND_DUE, text="Yes.")
    assert (life.status, life.paid_to_customer()) == (Status.REFUND_DUE, "2800.00")
    life.do(march(18), ADMIN, Action.OVERRIDE, to=Status.RECEIVED, text="A mistake.")
    life.do(march(18), OTHER_ADMIN, Action.OVERRIDE, to=Status.RECEIVED, text="Yes.")
    assert (life.status, life.paid_to_customer()) == (Status.RECEIVED, "0.00")
    assert life.case.refund is None


def test_a_reopened_request_begins_anew() -> None:
    life = requested().do(march(1, 11), CUSTOMER, Action.CANCEL)
    life.do(march(3), MODERATOR, Action.REOPEN, text="Pressed by mistake.")
    assert (life.status, life.case.created_at) == (Status.NEW, march(3))
    assert life.due == {"decision": march(4)}


def test_after_the_window_only_an_admin_reopens() -> None:
    life = requested().do(march(1, 11), CUSTOMER, Action.CANCEL)
    closed = life.refused(march(20), MODERATOR, Action.REOPEN, text="Late.")
    assert (closed.code, closed.closed) == ("window_closed", march(15, 0))
    life.do(march(20), ADMIN, Action.REOPEN, to=Status.CLARIFY, text="Late, but right.")
    assert (life.status, life.case.owes) == (Status.CLARIFY, Role.CUSTOMER)


def test_a_verdict_pays_no_more_shipping_than_a_refund() -> None:
    life = received(line(quantity=2), reason="defective", receipt="300")
    given = {"accepted": {"A-1": 1}, "shipping": Money.of("300.01")}
    assert life.refused(march(16), SELLER, Action.VERDICT, **given).code == "shipping_too_high"
    life.do(march(16), SELLER, Action.VERDICT, **given | {"shipping": Money.of("300")})
    assert life.paid_to_customer() == "2800.00"


def test_postage_in_a_currency_without_a_rate_is_confirmed_after_the_clock_has_refunded() -> None:
    life = shipped(reason="defective")
    life.case = replace(life.case, receipt=Money.of("200", "TRY"))
    life.do(march(15, 15), SELLER, Action.RECEIVE).pass_until(march(22, 15))
    assert life.status is Status.REFUND_DUE
    assert (life.paid_to_customer(), life.alarms) == ("2500.00", [Alarm.RECEIPT_UNCONFIRMED])
    at = march(23)
    sum_in_lira = {"shipping": Money.of("200", "TRY")}
    refusal = life.refused(at, MODERATOR, Action.CONFIRM_SHIPPING, **sum_in_lira)
    assert refusal.code == "wrong_currency"
    life.do(at, MODERATOR, Action.CONFIRM_SHIPPING, shipping=Money.of("450"))
    assert (life.status, life.paid_to_customer()) == (Status.REFUND_DUE, "2950.00")
    assert life.case.refund is not None
    assert str(life.case.refund.total) == "2950.00 RUB"
    once = life.refused(at, SELLER, Action.CONFIRM_SHIPPING, shipping=Money.of("450"))
    assert once.code == "not_now"


def test_a_ruling_for_the_customer_names_the_postage_that_no_rate_can_value() -> None:
    life = refused_after_receipt(reason="defective")
    life.case = replace(life.case, receipt=Money.of("200", "TRY"))
    life.do(march(23), CUSTOMER, Action.OPEN_DISPUTE, text=COMMENT)
    life.do(march(24), SELLER, Action.REPLY, text=COMMENT)
    told: dict[str, Any] = {"ruling": Ruling.CUSTOMER, "text": COMMENT}
    refusal = life.refused(march(25), MODERATOR, Action.DECIDE, **told)
    assert refusal.code == "shipping_missing"
    options = available_actions(life.case, MODERATOR, march(25), life.policy)
    (decide,) = (option for option in options if option.action is Action.DECIDE)
    assert decide.asks[-1] == Asked(Input.SHIPPING, only_after=(Ruling.CUSTOMER,))
    assert decide.facts["most"] == Money.of("5000")
    life.do(march(25), MODERATOR, Action.DECIDE, shipping=Money.of("450"), **told)
    assert life.paid_to_customer() == "2950.00"


def test_the_child_of_a_split_never_pays_shipping_again() -> None:
    life = received(line(quantity=2), reason="defective", receipt="5000")
    life.do(march(16), SELLER, Action.VERDICT, accepted={"A-1": 1})
    assert life.last is not None
    assert life.last.child is not None
    child = Life(life.last.child).pass_until(march(22))
    assert child.status is Status.REJECTED_MUTUAL
    child.do(march(23), ADMIN, Action.REOPEN, text="They sent it again.")
    child.do(march(23), SELLER, Action.APPROVE)
    paid = {"track": "RB123456785CN", "receipt_amount": Money.of("300")}
    child.do(march(24), CUSTOMER, Action.SENT, **paid)
    child.do(march(25), SELLER, Action.RECEIVE).pass_until(march(32, 10))
    assert (child.status, child.paid_to_customer()) == (Status.REFUND_DUE, "2500.00")


def test_an_override_that_waits_can_be_turned_down_and_then_nothing_has_moved() -> None:
    life = received(reason="defective", receipt="300")
    before = life.case
    life.do(march(16), ADMIN, Action.OVERRIDE, to=Status.REFUND_DUE, text="A promise.")
    life.do(march(17), OTHER_ADMIN, Action.OVERRIDE, to=before.status, text="Not yet.")
    assert life.last is not None
    assert (life.last.hears, life.last.ledger) == (frozenset(), ())
    assert life.case == replace(before, version=before.version + 2)
    again = life.refused(march(17), ADMIN, Action.OVERRIDE, to=before.status, text="Nothing waits.")
    assert again.code == "status_not_offered"
    life.do(march(18), OTHER_ADMIN, Action.OVERRIDE, to=Status.REFUND_DUE, text="Now I want it.")
    assert life.status is Status.RECEIVED


def test_nobody_but_the_staff_hears_of_an_override_that_waits() -> None:
    life = requested().do(march(1, 11), ADMIN, Action.OVERRIDE, to=Status.REFUND_DUE, text="Yes.")
    assert life.last is not None
    assert (life.last.hears, life.last.alarms) == (frozenset(), (Alarm.SECOND_PERSON,))
    life.do(march(1, 12), OTHER_ADMIN, Action.OVERRIDE, to=Status.REFUND_DUE, text="Yes.")
    assert life.last.hears == {Role.CUSTOMER, Role.SELLER}


def test_units_of_an_overdue_case_are_kept_while_a_late_proof_waits() -> None:
    life = approved().pass_until(march(5, 12))
    assert used_units([life.case]) == {}
    life.do(march(6), CUSTOMER, Action.LATE_PROOF, **receipt(march(4, 0)))
    assert used_units([life.case])["", "A-1"] == 1
    life.do(march(7), MODERATOR, Action.REJECT, text=COMMENT)
    assert used_units([life.case]) == {}


def test_a_refusal_dispute_is_never_still_in_transit() -> None:
    life = rejected().do(march(2), CUSTOMER, Action.OPEN_DISPUTE)
    life.do(march(3), SELLER, Action.REPLY)
    given = {"ruling": Ruling.IN_TRANSIT, "text": COMMENT}
    assert life.refused(march(3), MODERATOR, Action.DECIDE, **given).code == "not_now"


def test_a_late_proof_after_an_outage_hears_when_it_was_really_too_late() -> None:
    life = approved().pass_until(march(5, 12))
    life.case = credit_outage(life.case, march(6), march(8), life.policy)
    late = life.refused(march(9, 12), CUSTOMER, Action.LATE_PROOF, **receipt(march(4, 0)))
    assert (late.code, late.closed) == ("deadline_passed", march(9, 12))


def test_an_override_that_waits_is_forgotten_when_the_case_moves_on() -> None:
    life = requested().do(march(1, 11), ADMIN, Action.OVERRIDE, to=Status.REFUND_DUE, text="Yes.")
    life.do(march(1, 12), SELLER, Action.APPROVE)
    life.do(march(1, 13), OTHER_ADMIN, Action.OVERRIDE, to=Status.REFUND_DUE, text="Yes.")
    assert life.status is Status.APPROVED
