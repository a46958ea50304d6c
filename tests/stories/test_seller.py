"""A seller decides on the card, once, knowingly, and only over the own cases."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.cases import Goods, Role, Status
from bot.playground.people import Person
from tests.world import SELLER, World, order


async def asked(stage: World, reason: str = "It is defective", *, quantity: int = 1) -> Person:
    """Anna, who has asked to return a mug (or all of several)."""
    anna = await stage.customer("Anna", order(quantity=quantity))
    await stage.press(anna, "Open the order", "Return products")
    if quantity > 1:
        await stage.press(anna, str(quantity))
    await stage.press(anna, reason)
    await stage.say(anna, "It leaks at the bottom")
    await stage.show(anna, 2)
    await stage.press(anna, "Done", "Send")
    return anna


async def received(stage: World, emre: Person, *, quantity: int = 1) -> Person:
    """Anna, whose parcel the seller has just received."""
    anna = await asked(stage, quantity=quantity)
    await stage.press(
        emre,
        "Approve",
        "Yes: Approve",
    )
    await stage.press(anna, "I have sent it")
    await stage.show(anna)
    await stage.press(anna, "Done")
    await stage.say(anna, "350.50 RUB", "RR123456785AZ")
    await stage.press(emre, "Return received", "Yes: Return received")
    assert (await stage.case()).status is Status.RECEIVED
    return anna


def plain(person: Person) -> str:
    """All that the person reads, with common spaces."""
    return "\n".join(person.texts()).replace("\xa0", " ")


# --------------------------------------------------------------------------------- decisions


async def test_a_new_case_arrives_as_album_and_card(stage: World) -> None:
    emre = await stage.seller()
    await asked(stage)
    *_, first, second, card = emre.chat.messages
    assert first.media_group_id == second.media_group_id is not None
    assert "R-000001" in first.text
    assert "If you do not decide by" in card.text
    assert {"Approve", "Reject", "Offer part", "Ask a question"} <= set(card.labels)


async def test_approving_is_asked_about_and_then_done(stage: World) -> None:
    emre = await stage.seller()
    anna = await asked(stage)
    await stage.press(emre, "Approve")
    assert "This cannot be taken back." in emre.screen
    assert (await stage.case()).status is Status.NEW
    await stage.press(emre, "Yes: Approve")
    assert (await stage.case()).status is Status.APPROVED
    assert "Return R-000001 · Approved" in anna.screen
    assert (SELLER.address or "") in anna.screen


async def test_a_doubled_yes_acts_once_and_says_who_has_decided(stage: World) -> None:
    emre = await stage.seller()
    await asked(stage)
    await stage.press(emre, "Approve")
    yes = next(button for button in emre.last.buttons if button.text == "Yes: Approve")
    message = emre.last
    emre.press_button(message, yes)
    emre.press_button(message, yes)
    await stage.settle()
    assert (await stage.case()).version == 2
    said = "You have already decided this, on Sun 1 March, 13:00 (Istanbul): approved."
    assert said in emre.toasts[-1].text


async def test_who_comes_late_hears_which_colleague_has_decided_and_others_hear_the_side(
    embedded: World,
) -> None:
    emre, ayla = await embedded.seller(), await embedded.seller("Ayla")
    anna = await asked(embedded)
    await embedded.press(anna, "Cancel the return")
    await embedded.press(ayla, "Approve")
    await embedded.agree(emre, "Approve")
    await embedded.press(ayla, "Yes: Approve")
    told = "decided by your colleague Emre on Sun 1 March, 13:00 (Istanbul): approved."
    assert told in ayla.toasts[-1].text
    await embedded.press(anna, "Yes: Cancel the return")
    told = "This was already decided by the seller on Sun 1 March, 14:00 (Baku): approved."
    assert told in anna.toasts[-1].text


async def test_a_yes_to_what_has_changed_meanwhile_never_acts(stage: World) -> None:
    emre = await stage.seller()
    anna = await asked(stage)
    await stage.press(emre, "Approve")
    await stage.press(anna, "Cancel the return", "Yes: Cancel the return")
    await stage.press(emre, "Yes: Approve")
    assert (await stage.case()).status is Status.CANCELED_BY_CUSTOMER
    assert "already decided by the customer" in emre.toasts[-1].text


async def test_a_yes_that_nobody_was_asked_for_does_nothing(stage: World) -> None:
    emre = await stage.seller()
    await asked(stage)
    emre.forge_press("k:1:1:approve", emre.last.id)
    await stage.settle()
    assert (await stage.case()).status is Status.NEW
    assert "it was sent once" in emre.toasts[-1].text


async def test_a_rejection_takes_a_reason_and_ten_characters(stage: World) -> None:
    emre = await stage.seller()
    anna = await asked(stage)
    await stage.press(emre, "Reject", "The product was used")
    await stage.say(emre, "Too short")
    assert "Please write at least 10 characters." in emre.screen
    await stage.say(emre, "There are coffee stains inside.")
    await stage.press(emre, "Skip")
    assert "can open a dispute" in emre.screen
    await stage.press(emre, "Yes: Reject")
    assert (await stage.case()).status is Status.REJECTED
    assert "There are coffee stains inside." in anna.screen
    assert "Open a dispute" in anna.buttons()


async def test_a_rejection_before_anything_is_sent_asks_for_no_photo_of_what_has_arrived(
    stage: World,
) -> None:
    emre = await stage.seller()
    await asked(stage)
    await stage.press(emre, "Reject", "The product was used")
    await stage.say(emre, "There are coffee stains inside.")
    assert "Send photos or videos that show it" in emre.screen
    assert "arrived" not in emre.screen


async def test_a_template_is_made_used_changed_and_deleted(stage: World) -> None:
    emre = await stage.seller()
    await stage.say(emre, "/settings")
    await stage.press(emre, "Rejection templates: 0", "Add a template")
    await stage.say(emre, "Too short")
    assert "at least 10 characters" in emre.screen
    await stage.say(emre, "It has clearly been worn: see our photos.")
    await stage.press(emre, "All templates")
    assert "1 of 10 are kept." in emre.screen
    await stage.press(emre, "Change or delete 1")
    await stage.say(emre, "It has clearly been used.")

    anna = await asked(stage)
    await stage.press(emre, "Reject", "The product was used", "It has clearly been used.")
    assert "Send photos or videos that show it" in emre.screen
    await stage.press(emre, "← Back")
    assert "Explain your decision" in emre.screen
    await stage.press(emre, "It has clearly been used.", "Skip", "Yes: Reject")
    assert "It has clearly been used." in anna.screen

    await stage.say(emre, "/settings")
    await stage.press(emre, "Rejection templates: 1", "Change or delete 1", "Delete it")
    assert "0 of 10 are kept." in emre.screen
    (rejected,) = [line for line in await stage.history() if line.event == "reject"]
    assert rejected.text == "It has clearly been used."


async def test_an_offer_is_accepted_and_the_product_stays(stage: World) -> None:
    emre = await stage.seller()
    anna = await asked(stage)
    await stage.press(emre, "Offer part", "30 %", "Skip", "Yes, offer")
    await stage.press(anna, "Accept")
    assert "750.00" in anna.screen
    await stage.press(anna, "Yes: Accept")
    case = await stage.case()
    assert (case.status, case.goods) == (Status.COMP_ACCEPTED, Goods.KEPT_BY_CUSTOMER)


async def test_a_card_with_an_offer_names_no_sum_that_would_be_refused(stage: World) -> None:
    emre = await stage.seller()
    await asked(stage)
    assert "Offer part: 10 % = 250.00" in plain(emre)
    await stage.press(emre, "Offer part", "30 %", "Skip", "Yes, offer")
    card = next(text for text in reversed(emre.texts()) if "Offer part:" in text)
    assert "Offer part: 50 % = 1,250.00" in card.replace("\xa0", " ")
    assert "or any sum above 750.00" in card
    assert "You can make 2 more offers." in card


async def test_an_offer_can_be_any_sum_below_the_price_and_only_grow(stage: World) -> None:
    emre = await stage.seller()
    await asked(stage)
    await stage.press(emre, "Offer part")
    await stage.say(emre, "2500")
    assert "2,500.00\xa0RUB is the whole price: an offer is less." in emre.screen
    await stage.say(emre, "2600")
    assert "more than nothing and less than 2,500.00" in emre.screen
    await stage.say(emre, "900 TRY")
    assert "in the currency of the order, RUB" in emre.screen
    await stage.say(emre, "900")
    await stage.press(emre, "Skip", "Yes, offer")
    await stage.press(emre, "Offer part")
    await stage.say(emre, "800")
    assert "must be higher than the last one of 900.00" in emre.screen
    await stage.press(emre, "Other sum")
    assert "such as 35\xa0%" in emre.screen
    await stage.press(emre, "← Back", "Other sum")
    await stage.say(emre, "42,5\xa0%")
    await stage.press(emre, "Skip", "Yes, offer")
    case = await stage.case()
    assert case.offer is not None
    assert str(case.offer.amount) == "1062.50 RUB"
    assert "1 more offer" in emre.screen


async def test_each_side_reads_how_many_offers_are_left(stage: World) -> None:
    emre = await stage.seller()
    anna = await asked(stage)
    for percent, left in (
        ("10 %", "The seller can make 2 more offers, each higher than the last."),
        ("30 %", "The seller can make 1 more offer, which must be higher."),
        ("50 %", "It is the last offer: after it the seller can only approve or reject."),
    ):
        await stage.press(emre, "Offer part", percent, "Skip", "Yes, offer")
        assert left in anna.screen
        await stage.agree(anna, "Decline")
    assert "No further offer is possible: approve or reject." in emre.screen
    assert "No offer is left" in "".join(anna.texts())
    assert "Offer part" not in emre.buttons()


async def test_what_the_clock_did_shows_its_rule_and_the_card_again(stage: World) -> None:
    emre = await stage.seller()
    anna = await asked(stage)
    await stage.later(hours=24, minutes=1)
    for person in (anna, emre):
        cards = len(person.texts())
        await stage.press(person, "Show the rule")
        assert "The seller has 1 day to decide on a request." in person.screen
        assert "S1:35,40,58" in person.screen
        assert "under which this return was opened (" in person.screen
        assert ", version 1); a later change" in person.screen
        await stage.press(person, "← Back")
        assert "Return R-000001 · Approved" in person.screen
        assert len(person.texts()) == cards, "the card stays where it is"


async def test_a_question_is_answered_with_a_photo_alone(stage: World) -> None:
    emre = await stage.seller()
    anna = await asked(stage)
    await stage.press(emre, "Ask a question")
    await stage.say(emre, "Which mug is it?")
    await stage.press(emre, "Skip")
    case = await stage.case()
    assert (case.status, case.owes) == (Status.CLARIFY, Role.CUSTOMER)
    assert "Which mug is it?" in anna.screen
    await stage.say(emre, "/return 1")
    assert "You wrote:\nWhich mug is it?" in emre.screen, "a colleague may have asked it"
    await stage.press(anna, "Answer", "Skip")
    await stage.show(anna)
    await stage.press(anna, "Done")
    assert (await stage.case()).owes is Role.SELLER
    assert emre.last.labels[:2] == ["Approve", "Reject"], "a question moves no button"


async def test_a_refund_without_return_leaves_the_product(stage: World) -> None:
    emre = await stage.seller()
    await asked(stage)
    await stage.press(emre, "Refund without return", "Yes: Refund without return")
    case = await stage.case()
    assert (case.status, case.goods) == (Status.REFUND_DUE, Goods.KEPT_BY_CUSTOMER)


async def test_a_refund_pays_shipping_up_to_the_receipt(stage: World) -> None:
    emre = await stage.seller()
    await received(stage, emre)
    await stage.press(emre, "Refund")
    assert "By the receipt and the rules it is 350.50\xa0RUB at most" in emre.screen
    await stage.say(emre, "400")
    assert "Shipping is refunded up to 350.50" in emre.screen
    await stage.press(emre, "All of it: 350.50\xa0RUB")
    told = "2,500.00\xa0RUB for the product and 350.50\xa0RUB for shipping, 2,850.50\xa0RUB in all"
    assert told in emre.screen
    await stage.press(emre, "Yes: Refund")
    case = await stage.case()
    assert case.refund is not None
    assert (str(case.refund.goods), str(case.refund.shipping)) == ("2500.00 RUB", "350.50 RUB")


async def test_postage_in_the_customers_currency_is_named_by_the_seller_in_the_orders(
    stage: World,
) -> None:
    emre = await stage.seller()
    anna = await asked(stage)
    await stage.press(emre, "Approve", "Yes: Approve")
    await stage.press(anna, "I have sent it")
    await stage.show(anna)
    await stage.press(anna, "Done")
    await stage.say(anna, "200 TRY", "RR123456785AZ")
    await stage.press(emre, "Return received", "Yes: Return received")
    assert "Refund: 2,500.00 RUB and up to 5,000.00 RUB for shipping." in plain(emre)
    await stage.press(emre, "Refund")
    assert "The receipt is for 200.00\xa0TRY, and no rate is set for it." in emre.screen
    assert "Type the sum in RUB; it can be 5,000.00\xa0RUB at most." in emre.screen
    await stage.say(emre, "450")
    await stage.press(emre, "Yes: Refund")
    case = await stage.case()
    assert case.refund is not None
    assert str(case.refund.total) == "2950.00 RUB"


async def test_postage_that_nobody_could_value_is_confirmed_by_the_staff_later(
    stage: World,
) -> None:
    emre = await stage.seller()
    anna = await asked(stage)
    await stage.press(emre, "Approve", "Yes: Approve")
    await stage.press(anna, "I have sent it")
    await stage.show(anna)
    await stage.press(anna, "Done")
    await stage.say(anna, "200 TRY", "RR123456785AZ")
    await stage.press(emre, "Return received", "Yes: Return received")
    await stage.later(days=7)
    assert "no rate is set for its currency" in "".join(stage.owner.texts())
    await stage.say(stage.owner, "/return R-000001")
    await stage.press(stage.owner, "Confirm the shipping cost")
    await stage.say(stage.owner, "450")
    await stage.press(stage.owner, "Yes: Confirm the shipping cost")
    assert [str(line.amount) for line in await stage.ledger()] == ["2500.00 RUB", "450.00 RUB"]
    assert "2,950.00" in anna.screen


async def test_a_part_can_be_accepted_and_the_rest_goes_on(stage: World) -> None:
    emre = await stage.seller()
    anna = await received(stage, emre, quantity=3)
    await stage.press(emre, "Accept a part", "2")
    assert "Why do you not accept the rest?" in emre.screen
    await stage.press(emre, "The product was used")
    await stage.say(emre, "One of them was washed.")
    assert "Skip" not in emre.last.labels, "what is refused is shown"
    await stage.show(emre)
    await stage.press(emre, "Done", "All of it")
    assert "Accepted: Coffee mug, 2 of 3" in emre.screen
    await stage.press(emre, "Yes: Accept a part")
    case, child = await stage.case(1), await stage.case(2)
    assert case.status is Status.REFUND_DUE
    assert child.status is Status.REFUSED_AFTER_RECEIPT
    assert sum(line.quantity for line in child.lines) == 1
    await stage.later(minutes=1)
    await stage.say(anna, "/return 1")
    assert "What was not accepted goes on as return R-000002." in anna.screen
    await stage.press(anna, "Open R-000002")
    assert "The part of return R-000001 that was not accepted." in anna.screen
    assert "Open R-000001" in anna.last.labels
    assert "refuses the refund: the product was used." in anna.screen
    assert "One of them was washed." in anna.screen
    assert "Open a dispute" in anna.last.labels


async def test_of_several_units_all_can_be_accepted_and_then_nothing_is_to_be_explained(
    stage: World,
) -> None:
    emre = await stage.seller()
    await received(stage, emre, quantity=3)
    await stage.press(emre, "Accept a part", "3", "All of it", "Yes: Accept a part")
    assert (await stage.case()).status is Status.REFUND_DUE


# ----------------------------------------------------------------------- the rest of the work


async def test_the_queue_lists_open_cases_and_opens_their_cards(stage: World) -> None:
    emre = await stage.seller()
    await stage.press(emre, "Open cases")
    assert "Nothing is open." in emre.screen
    await asked(stage)
    await stage.later(minutes=1)
    await stage.press(emre, "Open cases")
    assert "R-000001" in emre.screen
    await stage.press(emre, "R-000001 · New request")
    assert "Your move: decide on this request." in emre.screen
    assert emre.buttons().count("Approve") == 1


async def test_without_an_address_nothing_is_approved(stage: World) -> None:
    emre = await stage.seller(seller=replace(SELLER, address=None))
    anna = await asked(stage)
    assert "Approve" not in emre.last.labels or await refused(stage, emre)
    await stage.say(emre, "/address")
    await stage.say(emre, "İzmir")
    assert "Please write at least 15 characters." in emre.screen
    await stage.say(emre, "Acme, Kordon 5, 35220 İzmir, Türkiye")
    await stage.say(emre, "/return 1")
    await stage.press(emre, "Approve", "Yes: Approve")
    assert "Kordon 5" in anna.screen


async def refused(stage: World, emre: Person) -> bool:
    """Whether the approval is refused for want of an address."""
    await stage.press(emre, "Approve")
    if "Yes: Approve" in emre.buttons():
        await stage.press(emre, "Yes: Approve")
    return "Please set your return address first: /address." in "\n".join(emre.texts())


async def test_whoever_sets_an_address_reads_whose_it_is_and_which_one_counts_now(
    stage: World,
) -> None:
    emre = await stage.seller()
    await stage.say(emre, "/address")
    assert "Return address of Acme" in emre.screen
    assert "Returns go here now:\nAcme, İzmir 35220" in emre.screen
    await stage.say(emre, "İzmir")
    assert "Returns go here now:" in emre.screen
    await stage.say(emre, "Acme, Kordon 5, 35220 İzmir, Türkiye")
    await stage.say(emre, "/address")
    assert "Returns go here now:\nAcme, Kordon 5" in emre.screen


async def test_a_silent_seller_without_an_address_may_set_it_late(stage: World) -> None:
    emre = await stage.seller(seller=replace(SELLER, address=None))
    anna = await asked(stage)
    await stage.later(hours=24)
    case = await stage.case()
    assert case.status is Status.APPROVED
    assert not case.address_known
    await stage.press(emre, "Set the return address")
    await stage.say(emre, "Acme, Kordon 5, 35220 İzmir, Türkiye")
    assert "1 approved return waited for it" in "\n".join(emre.texts())
    assert (await stage.case()).address_known
    assert "Kordon 5" in anna.screen


async def test_a_sellers_form_that_dies_sends_nobody_to_my_orders(stage: World) -> None:
    emre = await stage.seller()
    await asked(stage)
    await stage.press(emre, "Offer part")
    await stage.later(hours=25)
    closed = emre.screen
    assert "nothing of it has been sent" in closed
    assert "My orders" not in plain(emre)


async def test_a_seller_sees_only_the_own_cases(stage: World) -> None:
    await stage.seller()
    rival = await stage.seller("Rival", replace(SELLER, code="rival", name="Rival"))
    await asked(stage)
    await stage.say(rival, "/return R-000001")
    assert "There is no such return or order among yours." in rival.screen
    rival.forge_press("a:1:1:approve", rival.last.id)
    rival.forge_press("k:1:1:approve", rival.last.id)
    await stage.settle()
    assert (await stage.case()).status is Status.NEW
    assert "Coffee mug" not in "\n".join(rival.texts())


async def test_a_colleague_is_invited_once_and_sees_the_same(stage: World) -> None:
    emre = await stage.seller()
    await stage.press(emre, "Team", "Invite a colleague", "Copy the link")
    ayla, bora = stage.telegram.add_person("Ayla", "en"), stage.telegram.add_person("Bora", "en")
    ayla.open_link(emre.clipboard)
    await stage.settle()
    assert "Emre invites you to the team of the seller Acme." in ayla.screen
    await stage.press(ayla, "Accept the invitation")
    assert "Ayla has accepted your invitation." in emre.screen
    bora.open_link(emre.clipboard)
    await stage.settle()
    assert "This link is not valid any more." in bora.screen
    await asked(stage)
    assert "Approve" in ayla.buttons()
    await stage.press(ayla, "Approve", "Yes: Approve")
    assert "Approve" not in emre.buttons()


async def test_who_accepts_the_own_invitation_hears_of_it_once(stage: World) -> None:
    emre = await stage.seller()
    await stage.press(emre, "Team", "Invite a colleague", "Copy the link")
    before = len(emre.texts())
    emre.open_link(emre.clipboard)
    await stage.settle()
    await stage.press(emre, "Accept the invitation")
    said = [text for text in emre.texts()[before:] if "accepted" in text or "Welcome" in text]
    assert len(said) == 1


async def test_an_invitation_expires(stage: World) -> None:
    emre = await stage.seller()
    await stage.press(emre, "Team", "Invite a colleague", "Copy the link")
    await stage.later(days=4)
    ayla = stage.telegram.add_person("Ayla", "en")
    ayla.open_link(emre.clipboard)
    await stage.settle()
    assert "This link is not valid any more." in ayla.screen


async def test_an_invitation_of_somebody_dismissed_is_void(stage: World) -> None:
    emre = await stage.seller()
    await stage.press(emre, "Team", "Invite a colleague", "Copy the link")
    ayla = stage.telegram.add_person("Ayla", "en")
    ayla.open_link(emre.clipboard)
    await stage.settle()
    await stage.keep(lambda unit: unit.accounts.leave(emre.id, Role.SELLER, "acme"))
    await stage.press(ayla, "Accept the invitation")
    assert "This link is not valid any more." in ayla.screen


async def test_a_button_of_a_group_decides_nothing(stage: World) -> None:
    emre = await stage.seller()
    await asked(stage)
    group = stage.telegram.add_group("Acme", emre)
    emre.forge_press("k:1:1:approve", 1, chat=group)
    await stage.settle()
    assert "Decisions are made in your private chat" in emre.toasts[-1].text
    assert (await stage.case()).status is Status.NEW
    emre.send("/queue", chat=group)
    await stage.settle()
    assert "I talk about returns only in private." in group.messages[-1].text
