"""What each action asks of the party, how it is checked, and what a button may say of it.

One generic form can ask for everything that an action takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.domain import capsules, checks, guards
from bot.domain.cases import (
    Asked,
    DisputeKind,
    DisputeTopic,
    Given,
    Input,
    Refused,
    Role,
    Ruling,
    Status,
    Terms,
    TimerKind,
)
from bot.domain.money import Money
from bot.domain.policy import Policy
from bot.domain.reasons import TOPICS, Reason, RejectReason
from bot.domain.refunds import (
    paid_for,
    refunds_shipping,
    shipping_cap,
    shipping_caps,
    shipping_limit,
)
from bot.domain.refusals import Code
from bot.domain.turns import Moment

Asking = Callable[[Moment], tuple[Asked, ...]]
Check = Callable[[Moment, Given], None]
Facts = Callable[[Moment], Mapping[str, object]]


def _nothing_asked(moment: Moment) -> tuple[Asked, ...]:
    return ()


def _no_facts(moment: Moment) -> Mapping[str, object]:
    return {}


@dataclass(frozen=True, slots=True)
class Form:
    """The inputs of an action at a moment, what is checked beyond their presence, its facts."""

    asks: Asking = _nothing_asked
    check: Check | None = None
    facts: Facts = _no_facts


COMMENT_LENGTH = 10
"""The least length of a comment on a rejection and of a ruling's text (rows 08, 49)."""

_SAY = Asked(Input.TEXT)
_MAY_SAY = Asked(Input.TEXT, required=False)
_MAY_SHOW = Asked(Input.PHOTOS, required=False)
_COMMENT = Asked(Input.TEXT, least=COMMENT_LENGTH)
_REJECT_REASON = Asked(Input.REASON, choices=tuple(RejectReason))
_AMOUNT = Asked(Input.AMOUNT)
_TRACK = Asked(Input.TRACK)
_MAY_SHIP = Asked(Input.SHIPPING, required=False)
_RECEIPT_SUM = Asked(Input.RECEIPT_AMOUNT, required=False, of=Input.PHOTOS)


def _fixed(*asks: Asked) -> Asking:
    return lambda moment: asks


def _parcel(moment: Moment) -> tuple[Asked, ...]:
    """The receipt, its sum or its picture, is needed where postage is refunded (C-10, C-18).

    A form asks for the picture and then for the sum; whoever has none gets no postage.
    """
    if not refunds_shipping(moment.case):
        return _TRACK, _MAY_SHOW
    return (
        Asked(Input.PHOTOS, instead=Input.RECEIPT_AMOUNT),
        _RECEIPT_SUM,
        _TRACK,
    )


def without_receipt(given: Given, currency: str) -> Given:
    """The answers of somebody who has no receipt: it counts as one of nothing (C-10)."""
    return replace(given, receipt_amount=Money(0, currency))


def _late_proof(moment: Moment) -> tuple[Asked, ...]:
    """The receipt is what the staff check (X-52): its date, and a picture of it."""
    more = (_RECEIPT_SUM,) if refunds_shipping(moment.case) else ()
    receipt = Asked(Input.RECEIPT_DATE), Asked(Input.PHOTOS)
    return *receipt, Asked(Input.TRACK, required=False), *more


def _shipping(moment: Moment) -> tuple[Asked, ...]:
    """The postage, only where some of it can be refunded (row 36)."""
    limit = shipping_limit(moment.case, moment.policy, moment.now.date())
    if limit is None:
        return (Asked(Input.SHIPPING),)
    return (_MAY_SHIP,) if limit else ()


def _verdict(moment: Moment) -> tuple[Asked, ...]:
    """The accepted units; a form has what is refused explained and shown, as row 37 has it."""
    refused = (
        Asked(Input.REASON, required=False, choices=tuple(RejectReason), of=Input.ACCEPTED),
        Asked(Input.TEXT, required=False, of=Input.ACCEPTED),
        Asked(Input.PHOTOS, required=False, of=Input.ACCEPTED),
    )
    return Asked(Input.ACCEPTED), *refused, *_shipping(moment)


def _decision(moment: Moment) -> tuple[Asked, ...]:
    """A ruling that fits the dispute, its text and, where money goes back, the postage."""
    rulings = [Ruling.CUSTOMER, Ruling.SELLER]
    if guards.on_the_way(moment) and moment.case.tracked:
        rulings.append(Ruling.IN_TRANSIT)
    shipping = () if guards.about_refusal(moment) else _shipping(moment)
    return (
        Asked(Input.RULING, choices=tuple(rulings)),
        _COMMENT,
        *(replace(asked, only_after=(Ruling.CUSTOMER,)) for asked in shipping),
    )


def _terms(moment: Moment) -> tuple[Asked, ...]:
    """How the dispute can end: by what it is about, and not what the party proposes already."""
    dispute, policy = guards.dispute_of(moment.case), moment.policy
    fit = [Terms.FULL, Terms.PART, Terms.REJECT]
    if dispute.kind is DisputeKind.REFUSAL:
        keeps = [Terms.FULL] if policy.decision.refund_without_return else []
        fit = [Terms.RETURN, Terms.PART, *keeps, Terms.REJECT]
    own = dispute.proposal_of(moment.party.role)
    choices = tuple(each for each in fit if not own or each is Terms.PART or each is not own.terms)
    amount = replace(_AMOUNT, only_after=(Terms.PART,))
    return Asked(Input.TERMS, choices=choices), amount, _MAY_SAY


def _disagreeing(kind: DisputeKind) -> Asking:
    """What the dispute is about, in words and photos. A form asks for the topic, a script may."""

    def asks(moment: Moment) -> tuple[Asked, ...]:
        lost = () if moment.case.timer(TimerKind.DELIVERED) is None else (DisputeTopic.PARCEL_LOST,)
        choices = tuple(each for each in TOPICS[kind] if each not in lost)
        return Asked(Input.TOPIC, required=False, choices=choices), _MAY_SAY, _MAY_SHOW

    return asks


def _whose(moment: Moment) -> tuple[Asked, ...]:
    """Whose proposal is accepted, where there are two."""
    proposals = guards.acceptable(moment.case, moment.party.role)
    if len(proposals) < 2:
        return ()
    return (Asked(Input.OF, choices=tuple(each.by for each in proposals)),)


def _override(moment: Moment) -> tuple[Asked, ...]:
    """To another status, or to the present one: that turns down an override that waits."""
    case = moment.case
    out = (Status.DRAFT,) if case.override else (Status.DRAFT, case.status)
    choices = tuple(each for each in Status if each not in out)
    offers = tuple(s for s in (Status.OFFERED, Status.COMP_ACCEPTED) if s is not case.status)
    amount = Asked(Input.AMOUNT, required=False, only_after=offers)
    return Asked(Input.STATUS, choices=choices), _SAY, amount


def _address(moment: Moment) -> tuple[Asked, ...]:
    """A person types the address; the program knows it already."""
    return (Asked(Input.ADDRESS),) if moment.party.role is Role.SELLER else ()


def _offer_facts(moment: Moment) -> Mapping[str, object]:
    case = moment.case
    return {
        "below": paid_for(case),
        "above": case.offer.amount if case.offer else None,
        "rounds_left": guards.offers_left(case, moment.policy),
    }


def _amount_facts(moment: Moment) -> Mapping[str, object]:
    return {"amount": checks.amount_on_table(moment.case)}


def _price_facts(moment: Moment) -> Mapping[str, object]:
    return {"goods": paid_for(moment.case)}


def _below_facts(moment: Moment) -> Mapping[str, object]:
    return {"below": paid_for(moment.case)}


def _receipt_facts(moment: Moment) -> Mapping[str, object]:
    """`caps`: what a receipt counts for at most, by currency; a higher sum may be a mistake."""
    case, _, now, policy = moment
    return {"caps": shipping_caps(case, policy, now.date())}


def _proof_facts(moment: Moment) -> Mapping[str, object]:
    """`dated`: from when on the receipt is, and before when (X-52)."""
    return {**_receipt_facts(moment), "dated": checks.proof_dates(moment.case)}


def _refund_facts(moment: Moment) -> Mapping[str, object]:
    """`most`: of shipping; where no rate or no sum values the receipt, the cap alone (R-05)."""
    case, _, now, policy = moment
    limit = shipping_limit(case, policy, now.date())
    if limit is None:
        limit = shipping_cap(case, policy, now.date())
    return {"goods": paid_for(case), "most": limit}


def _payment_facts(moment: Moment) -> Mapping[str, object]:
    """`repeats`: it is paid; only the same payment again is accepted, without effect."""
    return {"repeats": moment.case.status is Status.REFUNDED}


NOTHING = Form()
# How many photos a request needs its reason decides, after the window.
REQUEST = Form(
    _fixed(Asked(Input.REASON, choices=tuple(Reason)), _MAY_SAY, _MAY_SHOW), checks.enough_photos
)
REJECTION = Form(_fixed(_REJECT_REASON, _COMMENT, _MAY_SHOW))
REJECTION_WITH_PHOTO = Form(_fixed(_REJECT_REASON, _COMMENT, Asked(Input.PHOTOS)))
OFFER = Form(_fixed(_AMOUNT, _MAY_SAY), checks.part_of_price, _offer_facts)
PROPOSAL = Form(_terms, checks.sum_of_terms, _below_facts)
ACCEPTANCE = Form(_whose, checks.on_the_table)
ON_TABLE = Form(facts=_amount_facts)
PRICE = Form(facts=_price_facts)
QUESTION = Form(_fixed(_SAY, _MAY_SHOW))
ANSWER = Form(_fixed(Asked(Input.TEXT, instead=Input.PHOTOS), _MAY_SHOW))
STORY = Form(_fixed(_MAY_SAY, _MAY_SHOW))
DISPUTED_REFUSAL = Form(_disagreeing(DisputeKind.REFUSAL))
DISPUTED_TRANSIT = Form(_disagreeing(DisputeKind.TRANSIT_CUSTOMER))
DISPUTED_RECEIPT = Form(_disagreeing(DisputeKind.AFTER_RECEIPT))
WORD = Form(_fixed(_MAY_SAY))
COMMENT = Form(_fixed(_COMMENT))
ADDRESS = Form(_address)
PARCEL = Form(_parcel, checks.parcel_counts, _receipt_facts)
LATE_PROOF = Form(_late_proof, checks.dated_in_time, _proof_facts)
PLACE = Form(_fixed(Asked(Input.PLACE, required=False)))
REFUND = Form(_shipping, checks.shipping_within_limit, _refund_facts)
CONFIRMED_SHIPPING = Form(_shipping, checks.shipping_within_limit, _refund_facts)
VERDICT = Form(_verdict, checks.units_of_the_case, _refund_facts)
DECISION = Form(_decision, checks.ruling_fits, _refund_facts)
PAYMENT = Form(_fixed(Asked(Input.REF)), checks.same_payment, _payment_facts)
FAILED_PAYMENT = Form(_fixed(Asked(Input.REF, required=False)))
CODE = Form(check=capsules.drawn)
PROOF = Form(_fixed(Asked(Input.PHOTOS), _SAY), capsules.fits)
OVERRIDE = Form(_override, checks.override_possible)
REOPENING = Form(
    _fixed(Asked(Input.STATUS, required=False, choices=(Status.NEW, Status.CLARIFY)), _SAY)
)


def check_inputs(asks: tuple[Asked, ...], given: Given, rule: str, policy: Policy) -> None:
    """Raises Refused for the first input that is missing, too short or not offered."""
    if len(given.photos) > policy.evidence.max_photos:
        raise Refused(Code.TOO_MANY_PHOTOS, rule="X-49", most=policy.evidence.max_photos)
    for asked in asks:
        value = _value(given, asked.input)
        if asked.only_after and {given.ruling, given.to, given.terms}.isdisjoint(asked.only_after):
            continue
        if value is None:
            if asked.required and (not asked.instead or _value(given, asked.instead) is None):
                photos = asked.input is Input.PHOTOS
                missing = asked.instead if photos and asked.instead else asked.input
                raise Refused(_MISSING[missing], rule=rule, least=asked.least)
        elif asked.input in _NOT_OFFERED and value not in asked.choices:
            raise Refused(_NOT_OFFERED[asked.input], rule=rule)
        elif asked.input is Input.TEXT and len(str(value).strip()) < asked.least:
            raise Refused(Code.TEXT_TOO_SHORT, rule=rule, least=asked.least)
        elif asked.input is Input.PHOTOS and len(given.photos) < asked.least:
            raise Refused(Code.TOO_FEW_PHOTOS, rule=rule, least=asked.least)


def _value(given: Given, asked: Input) -> object | None:
    value = given.to if asked is Input.STATUS else getattr(given, asked.value)
    return None if value in ((), "") else value


_MISSING = {
    Input.REASON: Code.REASON_MISSING,
    Input.TEXT: Code.TEXT_MISSING,
    Input.PHOTOS: Code.TOO_FEW_PHOTOS,
    Input.AMOUNT: Code.AMOUNT_MISSING,
    Input.TRACK: Code.TRACK_MISSING,
    Input.RECEIPT_AMOUNT: Code.RECEIPT_MISSING,
    Input.RECEIPT_DATE: Code.RECEIPT_DATE_MISSING,
    Input.SHIPPING: Code.SHIPPING_MISSING,
    Input.ACCEPTED: Code.ACCEPTED_MISSING,
    Input.RULING: Code.RULING_MISSING,
    Input.TERMS: Code.TERMS_MISSING,
    Input.OF: Code.WHOSE_MISSING,
    Input.REF: Code.REF_MISSING,
    Input.PLACE: Code.PLACE_MISSING,
    Input.STATUS: Code.STATUS_MISSING,
    Input.ADDRESS: Code.ADDRESS_MISSING,
}

_NOT_OFFERED = {
    Input.REASON: Code.UNKNOWN_REASON,
    Input.STATUS: Code.STATUS_NOT_OFFERED,
    Input.TERMS: Code.TERMS_NOT_OFFERED,
    Input.TOPIC: Code.TOPIC_NOT_OFFERED,
    Input.OF: Code.WHOSE_MISSING,
}
