"""Windows end at the customer's midnight, and every refusal says what remains possible."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.cases import Refused, ReturnCase
from bot.domain.eligibility import Claim, Returnability, check, refusal, returnability
from bot.domain.orders import OrderLine, OrderStatus, case_line
from bot.domain.policy import Policy
from bot.domain.windows import Category, check_warranty, end_of_day, window_of

from .orders import DELIVERED, line, posting

POLICY = Policy()
PROPER, COMPLAINT, DEFECT = "changed_mind", "wrong_item", "defective"

# Typed by hand from rules.md 1.3: days for proper quality and otherwise; None: non-returnable.
TABLE = {
    "food": (None, 1, "W-01"),
    "pet_food": (None, 1, "W-01"),
    "digital": (None, 7, "W-02"),
    "made_to_order": (None, 7, "W-02"),
    "books": (7, 7, "W-03"),
    "hygiene": (7, 7, "W-03"),
    "christmas": (7, 7, "W-03"),
    "hosiery": (7, 7, "W-03"),
    "medical": (7, 7, "W-03"),
    "technically_complex": (15, 15, "W-04"),
    "other": (15, 15, "W-04"),
}


def march(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 3, 1, hour, minute, tzinfo=UTC) + timedelta(days=day - 1)


def closes(category: str, reason: str, zone: str = "UTC", **more: object) -> datetime | None:
    return window_of(category, reason, DELIVERED, zone, POLICY, **more).closes_at  # type: ignore[arg-type]


def claim(*lines: OrderLine, reason: str | None = PROPER, now: datetime, **more: object) -> Claim:
    values: dict[str, object] = {"delivered_at": DELIVERED, "policy": POLICY, **more}
    asked = tuple(case_line(each, each.quantity) for each in lines or (line(),))
    return Claim(lines=asked, reason=reason, now=now, **values)  # type: ignore[arg-type]


def refused(claim: Claim) -> Refused:
    answer = refusal(claim)
    assert answer is not None
    return answer


@pytest.mark.parametrize("category", list(Category))
def test_the_table_of_windows(category: Category) -> None:
    proper, otherwise, rule = TABLE[category]
    assert closes(category, PROPER) == (None if proper is None else march(2 + proper))
    for reason in (COMPLAINT, "spoiled", "damaged_in_transit"):
        assert closes(category, reason) == march(2 + otherwise)
    assert window_of(category, PROPER, DELIVERED, "UTC", POLICY).rule == rule


def test_a_category_that_nobody_named_is_other() -> None:
    assert closes("garden", PROPER) == closes("other", PROPER)


def test_food_can_be_complained_about_for_one_day_and_never_returned_otherwise() -> None:
    food = line(category="food")
    assert refused(claim(food, now=march(2))).code == "non_returnable"
    check(claim(food, reason="spoiled", now=march(2, 23, 59)))
    late = refused(claim(food, reason="spoiled", now=march(3)))
    assert (late.code, late.closed, late.rule) == ("window_closed", march(3), "W-01")


def test_a_window_ends_at_the_customers_own_midnight() -> None:
    moscow = datetime(2026, 3, 16, 21, tzinfo=UTC)
    assert closes("other", PROPER, "Europe/Moscow") == moscow
    evening = datetime(2026, 3, 1, 21, 30, tzinfo=UTC)  # 2 March in Moscow
    assert end_of_day(evening, 15, "Europe/Moscow") == moscow + timedelta(days=1)


def test_a_window_over_the_change_of_the_clocks_ends_at_the_new_midnight() -> None:
    winter = datetime(2026, 3, 20, 12, tzinfo=UTC)
    assert end_of_day(winter, 15, "Europe/Berlin") == datetime(2026, 4, 4, 22, tzinfo=UTC)


def test_the_sellers_warranty_counts_for_a_defect_alone() -> None:
    assert closes("other", DEFECT, warranty_days=30) == march(32)
    assert closes("other", "incomplete", warranty_days=30) == march(17)
    assert closes("food", DEFECT, warranty_days=14) == march(16)
    named = window_of("other", DEFECT, DELIVERED, "UTC", POLICY, warranty_days=30)
    assert named.rule == "W-09"


def test_the_longer_of_window_and_warranty_holds() -> None:
    window = window_of("other", DEFECT, DELIVERED, "UTC", POLICY, warranty_days=14)
    assert (window.closes_at, window.rule) == (march(17), "W-04")


def test_a_technically_complex_product_has_a_year_unless_the_seller_says_otherwise() -> None:
    window = window_of("technically_complex", DEFECT, DELIVERED, "UTC", POLICY)
    assert (window.closes_at, window.rule) == (march(1 + 366), "W-10")
    assert closes("technically_complex", DEFECT, warranty_days=100) == march(102)


def test_a_warranty_below_a_fortnight_is_refused_at_set_up() -> None:
    check_warranty(14, POLICY)
    with pytest.raises(Refused) as short:
        check_warranty(13, POLICY)
    assert (short.value.code, short.value.rule) == ("warranty_too_short", "W-09")


def test_the_policy_may_count_food_and_digital_from_the_purchase() -> None:
    policy = Policy.parse('window.anchor = "ordered_at"')
    bought = DELIVERED - timedelta(days=3)
    from_purchase = [
        window_of(category, COMPLAINT, DELIVERED, "UTC", policy, ordered_at=bought).closes_at
        for category in ("digital", "other")
    ]
    assert from_purchase == [march(6), march(17)]


def test_an_outage_moves_a_window_that_was_open_in_it() -> None:
    outage = [(march(10, 9), march(10, 9) + timedelta(hours=5))]
    assert closes("other", PROPER, outages=outage) == march(17, 5)
    assert closes("books", PROPER, outages=outage) == march(9)


def test_a_window_that_would_begin_in_an_outage_begins_at_its_end() -> None:
    outage = [(march(1, 11), march(3, 1))]
    assert closes("other", PROPER, outages=outage) == march(19)


# --------------------------------------------------------------------------- the rules


def test_only_what_was_received_is_returned() -> None:
    never = refused(claim(now=march(2), delivered_at=None))
    assert (never.code, never.rule) == ("not_received", "C-02")
    early = refused(claim(now=DELIVERED - timedelta(seconds=1)))
    assert (early.code, early.opens) == ("not_received", DELIVERED)


def test_a_blocked_customer_opens_no_new_return() -> None:
    assert refused(claim(now=march(2), blocked=True)).code == "blocked"


def test_a_unit_is_not_returned_twice() -> None:
    twice = refused(claim(line(quantity=2), now=march(2), returnable={"A-1": 1}))
    assert (twice.code, twice.rule, twice.facts["left"]) == ("quantity_used_up", "X-41", 1)
    check(claim(line(quantity=2), now=march(2), returnable={"A-1": 2}))


def test_the_reason_is_heard_before_the_window_is_judged() -> None:
    check(claim(line(category="food"), reason=None, now=march(20)))


def test_a_refusal_names_the_line_and_what_remains_possible() -> None:
    late = refused(claim(line(), line("B-2", "books", warranty_days=60), now=march(10)))
    assert (late.code, late.closed, late.rule) == ("window_closed", march(9), "W-03")
    assert late.facts == {
        "sku": "B-2",
        "title": "Thing B-2",
        "complaint_until": None,
        "defect_until": march(62),
    }
    food = refused(claim(line(category="food"), now=march(2)))
    assert food.facts["complaint_until"] == march(3)


def test_a_case_makes_the_claim_that_it_is_submitted_for() -> None:
    outage = (march(10, 9), march(10, 14))
    case = ReturnCase(
        lines=(case_line(line(), 1),),
        delivered_at=DELIVERED,
        zone="Europe/Moscow",
        outages=(outage,),
    )
    closing = datetime(2026, 3, 17, 2, tzinfo=UTC)
    check(Claim.of_case(case, PROPER, closing - timedelta(seconds=1), POLICY))
    assert refused(Claim.of_case(case, PROPER, closing, POLICY)).closed == closing


# --------------------------------------------------------------------------- My orders


def seen(what: OrderLine, now: datetime, used: int = 0, **parcel: object) -> Returnability:
    parcelled = posting(what, **parcel)
    return returnability(what, parcelled, {("P-1", what.sku): used}, "UTC", now, POLICY)


def test_my_orders_says_until_when_a_line_can_be_returned() -> None:
    open_ = seen(line(quantity=3, warranty_days=30), march(5), used=1)
    assert open_ == Returnability(
        units=2,
        any_reason_until=march(17),
        complaint_until=march(17),
        defect_until=march(32),
        rule="W-04",
    )
    assert open_.possible


def test_my_orders_says_why_not_and_since_when() -> None:
    closed = seen(line(), march(20))
    assert (closed.why_not, closed.since, closed.possible) == ("window_closed", march(17), False)
    food = seen(line(category="food"), march(2))
    assert (food.why_not, food.complaint_until, food.since) == ("non_returnable", march(3), None)
    spent = seen(line(), march(5), used=1)
    assert (spent.units, spent.why_not, spent.possible) == (0, "quantity_used_up", False)


def test_presumably_delivered_is_not_yet_received_and_says_when_it_will_be() -> None:
    parcel: dict[str, Any] = {
        "status": OrderStatus.PRESUMABLY_DELIVERED,
        "presumed_at": march(2, 12),
    }
    waiting = seen(line(), march(2, 12, 5), **parcel)
    assert (waiting.why_not, waiting.opens) == ("not_received", march(2, 12, 15))
    assert not waiting.possible
