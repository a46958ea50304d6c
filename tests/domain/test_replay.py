"""A past decided anew: under its own rules it is what it was, under others it differs (N-10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.cases import Action, Status, TimerKind
from bot.domain.money import Money
from bot.domain.policy import Policy
from bot.domain.replay import Aspect, Difference, Past, comes_out, differences, promised

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
)

WEEK = Policy().with_overrides({"ship.days": 7})


def tried(life: Life, policy: Policy, now: datetime) -> tuple[Difference, ...]:
    """What would differ by now, of a life that comes out as it was."""
    life.pass_until(now)
    past = Past(life.case, tuple(life.deeds))
    assert comes_out(past, life.policy, (), now)
    return differences(past, life.policy, policy, (), now)


def test_a_week_to_ship_changes_those_that_are_overdue_on_days_five_to_seven() -> None:
    now, outcomes = march(20, 12), []
    for day in range(2, 20):
        life = Life(draft(delivered_at=march(day, 9)))
        life.do(march(day), CUSTOMER, Action.SUBMIT, reason="changed_mind", photos=("1",))
        life.do(march(day, 11), SELLER, Action.APPROVE)
        if day % 5 == 3:
            life.do(march(day, 12), CUSTOMER, Action.SENT, track="RB123456785CN", photos=("1",))
        for each in tried(life, WEEK, now):
            assert life.case.approved_at
            days = (now - life.case.approved_at) / timedelta(days=1)
            if each.aspect is Aspect.OUTCOME:
                assert each.was is not None
                assert each.would is not None
                assert (each.was.status, each.would.status) == (Status.OVERDUE, Status.APPROVED)
                ship = each.would.timer(TimerKind.SHIP)
                assert ship is not None
                assert ship.due_at == march(day + 7, 11)
                outcomes.append(day)
            else:
                assert not 4 <= days < 7
                assert each.aspect is Aspect.DEADLINE
    assert outcomes == [14, 15, 16]


def test_the_same_rules_change_nothing_and_the_sum_of_an_offer_is_a_sum() -> None:
    half = requested(line("1000.00")).do(march(1, 11), CUSTOMER, Action.ACCEPT)
    assert tried(half, Policy(), march(3)) == ()
    (sum,) = tried(half, Policy().with_overrides({"autocomp.offer_percent": 70}), march(3))
    assert sum.aspect is Aspect.SUM
    assert sum.was is not None
    assert sum.would is not None
    assert promised(sum.was) == Money.of("500.00")
    assert promised(sum.would) == Money.of("700.00")


def test_what_the_new_rules_refuse_is_named() -> None:
    three = Policy().with_overrides({"evidence.min_photos.proper": 3})
    (one,) = tried(approved(), three, march(2))
    assert one.would is not None
    assert one.would.status is Status.DRAFT
    assert [(each.action, each.code) for each in one.refused] == [
        (Action.SUBMIT, "too_few_photos"),
        (Action.APPROVE, "not_now"),
    ]


def test_forgotten_words_and_photos_count_as_enough() -> None:
    life = approved().do(march(2), CUSTOMER, Action.SENT, track="RB123456785CN", photos=("r",))
    bare = tuple(
        deed._replace(
            event=replace(deed.event, given=replace(deed.event.given, photos=(), text=None)),
            forgotten=True,
        )
        for deed in life.deeds
    )
    past = Past(life.pass_until(march(3)).case, bare)
    assert comes_out(past, life.policy, (), march(3))
    assert not comes_out(Past(life.case, bare[:1]), life.policy, (), march(3))


def test_who_is_not_late_under_the_new_rules_has_simply_sent_it() -> None:
    life = approved().pass_until(march(5, 12))
    life.do(
        march(6),
        CUSTOMER,
        Action.LATE_PROOF,
        receipt_date=march(4),
        photos=("r",),
        track="X1234567",
    )
    (one,) = tried(life, WEEK, march(6, 12))
    assert one.was is not None
    assert one.would is not None
    assert (one.was.status, one.would.status) == (Status.OVERDUE, Status.IN_TRANSIT)
    assert one.refused == ()


def test_a_split_return_is_compared_with_its_child() -> None:
    life = received(line(quantity=2))
    life.do(march(16), SELLER, Action.VERDICT, accepted={"A-1": 1}, photos=("p",), text=COMMENT)
    assert life.last is not None
    assert life.last.child is not None
    child = replace(life.last.child, id=8)
    past = Past(life.pass_until(march(17)).case, tuple(life.deeds), (child,))
    assert comes_out(past, life.policy, (), march(17))
    longer = Policy().with_overrides({"appeal.days": 9})
    (one,) = differences(past, life.policy, longer, (), march(17))
    assert (one.case, one.aspect) == (8, Aspect.DEADLINE)


def test_an_outage_moves_the_deadlines_of_both() -> None:
    dark = ((march(2, 9), march(7, 12)),)
    life = requested()
    life.case = replace(
        life.case,
        timers=tuple(replace(each, due_at=march(7, 13)) for each in life.case.timers),
    )
    past = Past(life.pass_until(march(8)).case, tuple(life.deeds))
    assert not comes_out(past, life.policy, (), march(8))
    assert comes_out(past, life.policy, dark, march(8))
    (one,) = differences(past, life.policy, WEEK, dark, march(12))
    assert one.would is not None
    assert one.would.status is Status.APPROVED
