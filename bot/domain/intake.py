"""The return form: a draft that knows its next question.

The position is derived from what is unanswered and never stored, so Back, stale buttons and a
restart need no code. A draft is frozen and is kept as JSON; every answer gives a new one. An
answer that later became impossible (fewer photos than the new reason needs) is asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Self

from pydantic import BaseModel, ConfigDict

from bot.domain.cases import Given, Line, Outages, Refused, ReturnCase, Route
from bot.domain.eligibility import Claim, check
from bot.domain.orders import Order, OrderStatus, Posting, Units, case_line, returnable_qty
from bot.domain.policy import Policy
from bot.domain.reasons import STORY_REQUIRED, Reason, class_of
from bot.domain.timers import moved

LONGEST_STORY = 1_500
"""Characters: the story must fit into the seller's message beside the rest."""


class Question(StrEnum):
    """The questions in their order; callback data name them."""

    LINES = "lines"
    QUANTITY = "quantity"
    REASON = "reason"
    STORY = "story"
    PHOTOS = "photos"
    ROUTE = "route"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What to ask now. `choices` are answers to offer; `least` and `most` bound a number.

    LINES: SKUs, and how many may be ticked. QUANTITY: of the line `sku`. REASON: codes. STORY:
    characters; least 0 may be skipped. PHOTOS: how many; Done is allowed from `least` on.
    """

    question: Question
    sku: str | None = None
    choices: tuple[str, ...] = ()
    least: int = 1
    most: int = 1


@dataclass(frozen=True, kw_only=True)
class Context:
    """What the form is filled in against: the posting, its free units and the rules of today."""

    order: Order
    posting: Posting
    policy: Policy
    now: datetime
    used: Units
    blocked: bool = False
    outages: Outages = ()

    @cached_property
    def free(self) -> Mapping[str, int]:
        """SKU → units that can be returned, for lines that have any."""
        left = {
            line.sku: returnable_qty(self.posting, line.sku, self.used)
            for line in self.posting.lines
        }
        return {sku: units for sku, units in left.items() if units}


class ReturnDraft(BaseModel):
    """A return before it is sent. `done` lists the answers in the order in which they were given.

    `picked` are the ticked SKUs and `photos` the keys of files; both may be incomplete until
    their question is in `done`. `text` is what happened; None where that was skipped.
    """

    model_config = ConfigDict(frozen=True)

    order: str
    posting: str
    started_at: datetime
    picked: tuple[str, ...] = ()
    quantities: Mapping[str, int] = {}
    reason: str | None = None
    text: str | None = None
    photos: tuple[str, ...] = ()
    route: Route | None = None
    done: tuple[str, ...] = ()

    def dies_at(self, context: Context) -> datetime:
        """When the draft and its photos are forgotten (row 06a); an outage moves it (X-58)."""
        due_at = self.started_at + context.policy.draft.length
        return moved(due_at, self.started_at, context.outages)

    # ------------------------------------------------------------------ the next question

    def next_question(self, context: Context) -> Asking:
        """The first question that is neither answered nor meaningless; the summary at last."""
        free = context.free
        lines = self._lines(context)
        if not lines:
            most = 1 if context.policy.case.scope == "line" else len(free)
            return Asking(question=Question.LINES, choices=tuple(free), most=most)
        for sku in lines:
            if free[sku] > 1 and not self._answered(Question.QUANTITY, sku, free[sku]):
                return Asking(question=Question.QUANTITY, sku=sku, most=free[sku])
        if self.reason is None:
            return Asking(question=Question.REASON, choices=tuple(Reason))
        needs_story = class_of(self.reason) in STORY_REQUIRED
        if Question.STORY not in self.done or (needs_story and not self.text):
            return Asking(question=Question.STORY, least=int(needs_story), most=LONGEST_STORY)
        least = context.policy.min_photos(class_of(self.reason))
        if Question.PHOTOS not in self.done or len(self.photos) < least:
            most = context.policy.evidence.max_photos
            return Asking(question=Question.PHOTOS, least=least, most=most)
        if self._route(context) is None:
            return Asking(question=Question.ROUTE, choices=tuple(context.order.routes))
        return Asking(question=Question.SUMMARY)

    def _lines(self, context: Context) -> tuple[str, ...]:
        """The chosen SKUs that still have free units; a single one needs no choice."""
        free = context.free
        if len(free) == 1 == len(context.posting.lines):
            return tuple(free)
        chosen = tuple(sku for sku in free if sku in self.picked)
        return chosen if Question.LINES in self.done else ()

    def _answered(self, question: Question, sku: str, most: int) -> bool:
        return _step(question, sku) in self.done and self.quantities[sku] <= most

    def _route(self, context: Context) -> Route | None:
        routes = context.order.routes
        if len(routes) == 1:
            return routes[0]
        return self.route if self.route in routes else None

    def editable(self, context: Context) -> tuple[Question, ...]:
        """The questions that the summary offers to change: those that were really asked."""
        asked = {step.partition(":")[0] for step in self.done}
        if Question.QUANTITY in asked:
            free = context.free
            shown = any(free[sku] > 1 for sku in self._lines(context))
            asked -= set() if shown else {Question.QUANTITY.value}
        return tuple(question for question in Question if question.value in asked)

    # ------------------------------------------------------------------ answers

    def tick(self, sku: str, context: Context) -> Self:
        """Tick a line, or untick it. Raises Refused("quantity_used_up" or "not_asked")."""
        self._expect(Question.LINES, context)
        if sku not in context.free:
            raise Refused("quantity_used_up", rule="X-41", sku=sku, left=0)
        if sku in self.picked:
            return self._with(picked=tuple(each for each in self.picked if each != sku))
        kept = () if context.policy.case.scope == "line" else self.picked
        return self._with(picked=(*kept, sku))

    def add_photos(self, keys: tuple[str, ...], context: Context) -> Self:
        """Add an album. Raises Refused("too_many_photos" or "not_asked")."""
        asking = self._expect(Question.PHOTOS, context)
        photos = tuple(dict.fromkeys((*self.photos, *keys)))
        if len(photos) > asking.most:
            raise Refused("too_many_photos", rule="X-49", most=asking.most, sent=len(photos))
        return self._with(photos=photos)

    def answer(
        self, question: Question, value: str, context: Context, *, sku: str | None = None
    ) -> Self:
        """Answer the present question; LINES and PHOTOS are finished by any value.

        QUANTITY takes a number and names its line, REASON and ROUTE one of the choices, STORY the
        text, "" to skip. Raises Refused: `not_asked` for a question that is not the present one,
        and what the answer's own rule says.
        """
        asking = self._expect(question, context, sku)
        match question:
            case Question.LINES:
                if not any(each in context.free for each in self.picked):
                    raise Refused("nothing_picked", rule="C-03")
                return self._with(done=self._done(question))._still_allowed(context)
            case Question.QUANTITY:
                return self._counted(asking, value, context)
            case Question.REASON:
                return self._explained(value, context)
            case Question.STORY:
                text = value.strip()
                if len(text) < asking.least:
                    raise Refused("story_required", rule="D-01")
                if len(text) > asking.most:
                    raise Refused("story_too_long", most=asking.most, length=len(text))
                return self._with(text=text or None, done=self._done(question))
            case Question.PHOTOS:
                if len(self.photos) < asking.least:
                    raise Refused(
                        "photos_missing", rule="X-49", least=asking.least, sent=len(self.photos)
                    )
                return self._with(done=self._done(question))
            case Question.ROUTE:
                if value not in asking.choices:
                    raise Refused("route_not_offered", rule="D-11")
                return self._with(route=Route(value), done=self._done(question))
            case Question.SUMMARY:
                raise Refused("not_asked")

    def _counted(self, asking: Asking, value: str, context: Context) -> Self:
        sku = asking.sku
        assert sku is not None
        number = int(value) if value.isascii() and value.isdigit() else 0
        if not 1 <= number <= asking.most:
            raise Refused("quantity_out_of_range", rule="X-41", least=1, most=asking.most)
        quantities = {**self.quantities, sku: number}
        counted = self._with(quantities=quantities, done=self._done(Question.QUANTITY, sku))
        return counted._still_allowed(context)

    def _still_allowed(self, context: Context) -> Self:
        """After an edit: the lines must fit the reason that is already given."""
        if self.reason is not None:
            check(self._claim(self.reason, context))
        return self

    def _explained(self, value: str, context: Context) -> Self:
        least = context.policy.min_photos(class_of(value))
        check(self._claim(value, context))
        done = self._done(Question.REASON)
        if len(self.photos) < least:  # more are added and finished with Done, as at first
            done = _without(done, Question.PHOTOS)
        return self._with(reason=value, done=done)

    def _expect(self, question: Question, context: Context, sku: str | None = None) -> Asking:
        asking = self.next_question(context)
        if asking.question is not question or (question is Question.QUANTITY and asking.sku != sku):
            raise Refused("not_asked")
        return asking

    # ------------------------------------------------------------------ going back

    @property
    def can_go_back(self) -> bool:
        """Whether there is an answer to forget."""
        return bool(self.done)

    def back(self) -> Self:
        """Forget the last answer. Raises Refused("nothing_to_forget")."""
        if not self.done:
            raise Refused("nothing_to_forget")
        name, _, sku = self.done[-1].partition(":")
        return self._forget(Question(name), sku or None, keep_parts=False)

    def edit(self, question: Question) -> Self:
        """Ask a question again from the summary; ticks and photos stay, to be changed."""
        return self._forget(question, None, keep_parts=True)

    def _forget(self, question: Question, sku: str | None, *, keep_parts: bool) -> Self:
        done = _without(self.done, question, sku)
        match question:
            case Question.LINES:
                return self._with(done=done, picked=self.picked if keep_parts else ())
            case Question.QUANTITY:
                kept = {each: n for each, n in self.quantities.items() if sku and each != sku}
                return self._with(done=done, quantities=kept)
            case Question.REASON:
                return self._with(done=done, reason=None)
            case Question.STORY:
                return self._with(done=done, text=None)
            case Question.PHOTOS:
                return self._with(done=done, photos=self.photos if keep_parts else ())
            case Question.ROUTE:
                return self._with(done=done, route=None)
            case Question.SUMMARY:
                return self

    # ------------------------------------------------------------------ sending

    def lines(self, context: Context) -> tuple[Line, ...]:
        """What is returned, as far as it has been answered."""
        chosen = self._lines(context)
        return tuple(
            case_line(line, self.quantities.get(line.sku, 1))
            for line in context.posting.lines
            if line.sku in chosen
        )

    def submission(self, context: Context) -> tuple[ReturnCase, Given]:
        """The draft as a case in DRAFT and what its `submit` gives.

        The caller adds what only it knows: id, customer, flags, whether an address is known.
        Raises Refused: `incomplete`, or what eligibility says by now.
        """
        asking = self.next_question(context)
        if asking.question is not Question.SUMMARY or self.reason is None:
            raise Refused("incomplete", question=asking.question)
        check(self._claim(self.reason, context))
        case = ReturnCase(
            policy=context.policy.digest,
            route=self._route(context) or Route.MAIL,
            order=context.order.number,
            posting=context.posting.number,
            seller=context.order.seller,
            seller_country=context.order.seller_country,
            delivered_at=context.posting.delivered_at,
            zone=context.order.zone,
            lines=self.lines(context),
            blocked=context.blocked,
            outages=tuple(context.outages),
        )
        return case, Given(reason=self.reason, text=self.text, photos=self.photos)

    def _claim(self, reason: str | None, context: Context) -> Claim:
        return Claim(
            lines=self.lines(context),
            reason=reason,
            delivered_at=_received(context.posting),
            now=context.now,
            policy=context.policy,
            zone=context.order.zone,
            blocked=context.blocked,
            returnable=context.free,
            ordered_at=context.order.created_at,
            outages=context.outages,
        )

    def _done(self, question: Question, sku: str | None = None) -> tuple[str, ...]:
        return (*_without(self.done, question, sku), _step(question, sku))

    def _with(self, **changes: object) -> Self:
        return self.model_copy(update=changes)


def start(context: Context) -> ReturnDraft:
    """Open the form for a posting (row 01). Raises Refused with the code of the first rule."""
    claim = Claim(
        lines=(),
        reason=None,
        delivered_at=_received(context.posting),
        now=context.now,
        policy=context.policy,
        blocked=context.blocked,
    )
    check(claim)
    if not context.free:
        raise Refused("quantity_used_up", rule="X-41", left=0)
    return ReturnDraft(
        order=context.order.number, posting=context.posting.number, started_at=context.now
    )


def _received(posting: Posting) -> datetime | None:
    return posting.delivered_at if posting.status is OrderStatus.DELIVERED else None


def _step(question: Question, sku: str | None = None) -> str:
    return f"{question}:{sku}" if sku else question.value


def _without(done: tuple[str, ...], question: Question, sku: str | None = None) -> tuple[str, ...]:
    """The answers but this one; without an SKU, for all lines."""
    if sku:
        return tuple(step for step in done if step != _step(question, sku))
    return tuple(step for step in done if step.partition(":")[0] != question)
