"""Proposals on the table of a dispute (N-5): row 52 and its readings. Effects, as in `effects.py`.

The customer, the seller and the moderators have one proposal each; a new one takes the place of
the own. Whoever accepts a proposal makes it the own, and where the two parties want the same the
dispute ends: so a moderator's proposal binds nobody who has not accepted it, and nobody is bound
by silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.domain.cases import Goods, Proposal, ReturnCase, Role, Status, Terms, side
from bot.domain.disputes import withdrawn
from bot.domain.effects import promise_all
from bot.domain.guards import acceptable, dispute_of
from bot.domain.refunds import nothing_in, paid_for
from bot.domain.turns import Turn


def proposed(turn: Turn) -> None:
    """Row 52: the own proposal is another one from now on."""
    given = turn.given
    assert given.terms is not None
    amount = given.amount if given.terms is Terms.PART else None
    _put(turn, Proposal(side(turn.role), given.terms, amount))


def accepted(turn: Turn) -> None:
    """Row 52: somebody else's proposal is the own, too."""
    case, of = turn.case, turn.given.of
    chosen = next(each for each in acceptable(case, turn.role) if of is None or each.by is of)
    _put(turn, replace(chosen, by=turn.role))


def _put(turn: Turn, proposal: Proposal) -> None:
    dispute = dispute_of(turn.case)
    others = tuple(each for each in dispute.proposals if each.by is not proposal.by)
    if any(proposal.same_as(each) for each in _of_the_parties(others, proposal.by)):
        _agreed(turn, proposal)
    else:
        turn.set(dispute=replace(dispute, proposals=(*others, proposal)))


def _of_the_parties(proposals: tuple[Proposal, ...], by: Role) -> Iterator[Proposal]:
    """What binds together with a proposal of this side: nothing with that of a moderator."""
    parties = (Role.CUSTOMER, Role.SELLER)
    return (each for each in proposals if by in parties and each.by in parties)


def _agreed(turn: Turn, proposal: Proposal) -> None:
    """Both parties want it: the dispute ends so, and its money is written once (2.12.23)."""
    case = turn.case
    match proposal.terms:
        case Terms.FULL:
            turn.enter(Status.REFUND_DUE)
            _refund_all(turn, case)
        case Terms.PART:
            assert proposal.amount is not None
            with_customer = case.goods is Goods.WITH_CUSTOMER
            turn.enter(Status.COMP_ACCEPTED if with_customer else Status.REFUND_DUE)
            turn.promise(proposal.amount, nothing_in(case), Role.SELLER, partial=True)
        case Terms.RETURN:
            turn.enter(Status.APPROVED)
        case Terms.REJECT:
            withdrawn(turn)
    turn.set(dispute=None)


def _refund_all(turn: Turn, case: ReturnCase) -> None:
    """As row 10 where the goods stay with the customer, else as row 36."""
    if case.goods is Goods.WITH_CUSTOMER:
        turn.set(goods=Goods.KEPT_BY_CUSTOMER)
        turn.promise(paid_for(case), nothing_in(case), Role.SELLER)
    else:
        promise_all(turn, Role.SELLER)
