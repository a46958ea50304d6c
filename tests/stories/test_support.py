"""Support moderates, decides disputes, pays, overrides with a second person, and lets people in."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.cases import Role, Status, TimerKind
from bot.domain.policy import Policy
from bot.playground.people import Person
from bot.screens.words import small
from bot.services.comparing import compared
from bot.services.records import Account
from tests.world import LOOKS, SELLER, World, order


async def asked(stage: World, name: str = "Anna", number: str = "1001") -> Person:
    """A customer who has asked to return a mug."""
    anna = await stage.customer(name, order(number))
    await stage.press(anna, "Open the order", "Return products", "It is defective")
    await stage.say(anna, "It leaks at the bottom")
    await stage.show(anna, 2)
    await stage.press(anna, "Done", "Send")
    return anna


async def disputed(stage: World) -> tuple[Person, Person]:
    """Anna and Emre, who disagree: the dispute is replied to and can be decided."""
    emre = await stage.seller()
    anna = await asked(stage)
    await stage.press(emre, "Reject", "The product was used")
    await stage.say(emre, "There are coffee stains inside.")
    await stage.press(emre, "Skip", "Yes: Reject")
    await stage.press(anna, "Open a dispute", "The seller's reason is not true")
    await stage.say(anna, "I have never used it.")
    await stage.press(anna, "Skip")
    await stage.press(emre, "Reply to the dispute")
    await stage.say(emre, "The photos show the stains.")
    await stage.press(emre, "Skip")
    assert (await stage.case()).status is Status.DISPUTE
    return anna, emre


async def test_a_dispute_is_decided_with_reasons_and_everybody_reads_them(stage: World) -> None:
    anna, emre = await disputed(stage)
    olga, about = stage.owner, "The seller's reason is not true"
    for person in (anna, emre, olga):
        assert f"Topic of the dispute: {about}" in person.screen
    await stage.say(olga, "/queue")
    assert f"Dispute opened ({small(about)}), your move until" in olga.screen
    await stage.say(olga, "/return 1")
    await stage.press(olga, "Decide the dispute", "For the customer")
    await stage.say(olga, "Stains are what a leaking mug leaves.")
    assert "The customer sends the product back and gets" in olga.screen
    await stage.press(olga, "Yes: Decide the dispute")
    assert (await stage.case()).status is Status.APPROVED
    for person in (anna, emre):
        assert "Stains are what a leaking mug leaves." in person.screen


async def test_a_ruling_for_the_seller_ends_the_return_without_money(stage: World) -> None:
    anna, emre = await disputed(stage)
    await stage.press(stage.owner, "Decide the dispute", "For the seller")
    await stage.say(stage.owner, "The stains are inside the mug.")
    assert "ends without a refund" in stage.owner.screen
    await stage.press(stage.owner, "Yes: Decide the dispute")
    assert (await stage.case()).status is Status.REJECTED_BY_PLATFORM
    assert await stage.ledger() == ()
    for person in (anna, emre):
        assert "The stains are inside the mug." in person.screen
        assert acts(person) == []


async def test_a_ruling_that_the_parcel_is_on_its_way_lets_the_return_go_on(
    stage: World,
) -> None:
    emre = await stage.seller()
    anna = await on_its_way(stage, emre)
    await stage.later(days=15)
    await stage.press(anna, "Where is my refund?", "The parcel is lost")
    await stage.say(anna, "It was posted two weeks ago.")
    await stage.press(anna, "Skip")
    await stage.say(stage.owner, "/return 1")
    await stage.press(stage.owner, "Add a tracking event")
    await stage.say(stage.owner, "Istanbul")
    await stage.press(emre, "Reply to the dispute")
    await stage.say(emre, "Nothing has come yet.")
    await stage.press(emre, "Skip")
    cap = (await stage.case()).timer(TimerKind.TRANSIT_CAP)
    assert cap is not None
    await stage.later(seconds=(cap.due_at - stage.clock()).total_seconds())
    assert "has not come in time. Please decide" in "".join(stage.owner.texts())
    await stage.say(stage.owner, "/return 1")
    await stage.press(stage.owner, "Decide the dispute", "It is still on the way")
    await stage.say(stage.owner, "It was seen in Istanbul today.")
    assert "the return goes on" in stage.owner.screen
    await stage.press(stage.owner, "Yes: Decide the dispute")
    assert (await stage.case()).status is Status.IN_TRANSIT
    assert "It was seen in Istanbul today." in anna.screen


async def test_a_dispute_after_receipt_ends_with_money_that_an_admin_pays(stage: World) -> None:
    emre = await stage.seller()
    anna = await on_its_way(stage, emre)
    await stage.agree(emre, "Return received")
    await stage.press(emre, "Reject", "The product was used")
    await stage.say(emre, "There are coffee stains inside.")
    await stage.show(emre)
    await stage.press(emre, "Done", "Yes: Reject")
    await stage.press(anna, "Open a dispute", "The seller's reason is not true")
    await stage.say(anna, "I have never used it.")
    await stage.press(anna, "Skip")
    await stage.press(emre, "Reply to the dispute")
    await stage.say(emre, "The photos show the stains.")
    await stage.press(emre, "Skip")
    await stage.press(stage.owner, "Decide the dispute", "For the customer")
    await stage.say(stage.owner, "These stains are the defect.")
    await stage.press(stage.owner, "All of it: 350.50\xa0RUB")
    assert "Shipping: 350.50\xa0RUB" in stage.owner.screen
    assert "2,850.50\xa0RUB in all" in stage.owner.screen
    await stage.press(stage.owner, "Yes: Decide the dispute")
    assert (await stage.case()).status is Status.REFUND_DUE
    await stage.press(stage.owner, "Mark as paid")
    await stage.say(stage.owner, "BANK-2026-8")
    await stage.press(stage.owner, "Yes: Mark as paid")
    assert (await stage.case()).status is Status.REFUNDED
    assert [str(line.amount) for line in await stage.ledger()] == ["2500.00 RUB", "350.50 RUB"]
    for person in (anna, emre):
        assert "Refunded" in person.screen
    await stage.say(stage.owner, "/return 1")
    assert acts(stage.owner) == []


def acts(person: Person) -> list[str]:
    """What the newest card lets the person do; to look at things changes nothing."""
    labels = [button.text for button in person.last.buttons if button.kind == "callback"]
    return [label for label in labels if label not in LOOKS]


async def on_its_way(stage: World, emre: Person) -> Person:
    """Anna, whose defective mug is on its way back."""
    anna = await asked(stage)
    await stage.agree(emre, "Approve")
    await stage.press(anna, "I have sent it")
    await stage.show(anna)
    await stage.press(anna, "Done")
    await stage.say(anna, "350.50 RUB", "RR123456785AZ")
    return anna


async def test_a_dispute_can_end_with_a_settlement(stage: World) -> None:
    anna, emre = await disputed(stage)
    await stage.press(emre, "Propose a settlement", "A part", "50 %", "Skip", "Yes: Propose")
    await stage.press(anna, "Accept", "Yes: Accept")
    case = await stage.case()
    assert case.refund is not None
    assert (case.status, str(case.refund.goods)) == (Status.COMP_ACCEPTED, "1250.00 RUB")


async def test_a_pre_moderated_seller_waits_for_the_moderator(stage: World) -> None:
    emre = await stage.seller(seller=replace(SELLER, premoderated=True))
    olga = await stage.moderator()
    anna = await asked(stage)
    assert (await stage.case()).status is Status.PREMOD
    assert "Approve" not in emre.buttons()
    for said in (
        "What each decision costs the seller:",
        "Approve: up to 2,500.00\xa0RUB and up to 5,000.00\xa0RUB for shipping",
        "50\xa0%\xa0=\xa01,250.00\xa0RUB",
        "3 offers are left for this return.",
        "Reject: nothing, unless a dispute is decided for the customer.",
    ):
        assert said in olga.screen
        assert said not in emre.screen
    await stage.press(olga, "Reject", "The photos do not show enough")
    await stage.say(olga, "Please show the leak itself.")
    await stage.press(olga, "Skip", "Yes: Reject")
    assert (await stage.case()).status is Status.REJECTED
    assert "Please show the leak itself." in anna.screen


async def test_a_moderator_asks_and_the_seller_decides_after_the_answer(stage: World) -> None:
    emre = await stage.seller(seller=replace(SELLER, premoderated=True))
    olga = await stage.moderator()
    anna = await asked(stage)
    await stage.press(olga, "Ask a question")
    assert "The answer goes to the seller, who then decides." in olga.screen
    await stage.say(olga, "Where does it leak?")
    await stage.press(olga, "Skip")
    assert (await stage.case()).status is Status.CLARIFY
    assert "Where does it leak?" in anna.screen
    assert "answer the moderator's question. Your answer goes to the seller" in anna.screen
    for person, told in (
        (emre, "The answer comes to you"),
        (olga, "The answer goes to the seller"),
    ):
        await stage.say(person, "/return R-000001")
        assert told in person.screen
    await stage.press(anna, "Answer")
    await stage.say(anna, "At the bottom, see the photo.")
    await stage.show(anna)
    await stage.press(anna, "Done")
    case = await stage.case()
    assert (case.status, case.owes) == (Status.CLARIFY, Role.SELLER)
    assert "At the bottom, see the photo." in emre.screen
    await stage.agree(emre, "Approve")
    assert (await stage.case()).status is Status.APPROVED


async def test_a_moderator_approves_for_the_seller(stage: World) -> None:
    emre = await stage.seller(seller=replace(SELLER, premoderated=True))
    olga = await stage.moderator()
    anna = await asked(stage)
    await stage.agree(olga, "Approve")
    assert (await stage.case()).status is Status.APPROVED
    assert "Approved" in anna.screen
    assert "The customer is to send the product to your return address." in emre.screen
    assert "Approve" not in emre.buttons()


async def test_two_moderators_decide_once(stage: World) -> None:
    await stage.seller(seller=replace(SELLER, premoderated=True))
    olga, ivan, vera = stage.owner, await stage.moderator("Ivan"), await stage.moderator("Vera")
    await asked(stage)
    await stage.press(olga, "Approve")
    await stage.press(vera, "Reject", "The product was used")
    await stage.press(ivan, "Approve", "Yes: Approve")
    await stage.press(olga, "Yes: Approve")
    assert (await stage.case()).version == 2
    told = "This was already decided by your colleague Ivan on Sun 1 March, 10:00 (UTC): approved."
    assert told in olga.toasts[-1].text
    await stage.say(vera, "There are coffee stains inside.")
    assert told in "".join(vera.texts()[-2:]), "who is still asked is asked no further"
    assert "step 3 of 4" not in vera.screen


async def test_refunds_are_listed_and_marked_as_paid(stage: World) -> None:
    emre = await stage.seller()
    anna = await asked(stage)
    await stage.press(emre, "Refund without return", "Yes: Refund without return")
    olga = stage.owner
    await stage.later(minutes=1)
    await stage.press(olga, "Refunds")
    assert "R-000001: 2,500.00" in olga.screen
    await stage.press(olga, "R-000001 · 2,500.00", "Mark as paid")
    await stage.say(olga, "BANK-2026-7")
    await stage.press(olga, "Yes: Mark as paid")
    assert (await stage.case()).status is Status.REFUNDED
    assert "Refunded" in anna.screen
    await stage.press(olga, "Refunds")
    assert "All refunds are paid." in olga.screen


async def test_a_command_without_a_number_is_told_with_its_own_example(embedded: World) -> None:
    for command in ("override", "reopen", "return"):
        await embedded.say(embedded.owner, f"/{command}")
        assert f"after the command, for example /{command} R-000123." in embedded.owner.screen


async def test_an_override_that_moves_money_needs_a_second_person(stage: World) -> None:
    await stage.seller()
    anna = await asked(stage)
    olga, boris = stage.owner, await admin(stage, "Boris")

    async def override(person: Person) -> None:
        await stage.later(minutes=1)
        await stage.say(person, "/override R-000001")
        await stage.press(person, "Partial compensation approved")
        await stage.say(person, "A gesture of goodwill.", "1000")

    await override(olga)
    assert "Nothing changes until another administrator confirms the same." in olga.screen
    assert "the customer gets 1,000.00\xa0RUB." in olga.screen
    await stage.press(olga, "Yes: Set another status")
    assert (await stage.case()).status is Status.NEW
    told = boris.chat.messages[-1].text
    assert "wants to set return R-000001 to “Partial compensation approved, 1,000.00" in told
    assert "The customer then gets 1,000.00" in told
    assert "Return R-000001: nothing has changed yet." in "\n".join(olga.texts())
    assert "I have asked Boris" in "\n".join(olga.texts())
    assert "waits for a second person" not in "\n".join(olga.texts())
    await stage.say(boris, "/return R-000001")
    assert "An admin wants to set it to “Partial compensation approved, 1,000.00" in boris.screen
    assert "A gesture of goodwill." in boris.screen
    assert "You wrote" not in boris.screen
    await override(olga)
    assert "Another member of the staff must confirm this." in olga.screen
    assert "Yes: Set another status" not in olga.buttons()
    await override(boris)
    await stage.press(boris, "Yes: Set another status")
    case = await stage.case()
    assert case.refund is not None
    assert (case.status, str(case.refund.goods)) == (Status.COMP_ACCEPTED, "1000.00 RUB")
    assert "1,000.00" in anna.screen
    await stage.say(olga, "/audit R-000001")
    assert "Olga asked for another status of R-000001, which needs a second" in olga.screen
    assert "Boris confirmed another status of R-000001 that Olga had asked for" in olga.screen


async def test_the_second_person_of_an_override_confirms_or_turns_down_with_one_tap(
    embedded: World,
) -> None:
    emre = await embedded.seller()
    await asked(embedded)
    olga, boris = embedded.owner, await admin(embedded, "Boris")

    async def override(status: str, *words: str) -> None:
        await embedded.later(minutes=1)
        await embedded.say(olga, "/override R-000001")
        await embedded.press(olga, status)
        await embedded.say(olga, *words)
        await embedded.press(olga, "Yes: Set another status")

    await override("Refund decided", "The mug is lost.")
    await embedded.press(boris, "Turn it down")
    await embedded.say(boris, "Look at the tracking first.")
    assert "Nothing changes: the return goes on as before" in boris.screen
    await embedded.press(boris, "Yes: Set another status")
    assert "Turned down. Return R-000001 goes on as before" in "\n".join(boris.texts())
    case = await embedded.case()
    assert (case.status, case.override) == (Status.NEW, None)
    told = "\n".join(olga.texts())
    assert "Boris has turned down that return R-000001 is set to “Refund decided”" in told
    assert "Look at the tracking first." in told
    await override("Refund decided", "The mug is lost.")
    await embedded.agree(emre, "Approve")
    assert (await embedded.case()).override is None
    told = "\n".join(olga.texts())
    assert "R-000001 has moved on to “Approved” before anybody confirmed that it is set to" in told
    assert "If you still want it, ask again with /override R-000001." in told
    await override("Partial compensation approved", "A gesture of goodwill.", "1000")
    await embedded.press(boris, "Confirm the same")
    for words in ("Partial compensation approved", "1,000.00", "A gesture of goodwill."):
        assert words in boris.screen
    await embedded.press(boris, "Yes: Set another status")
    assert (await embedded.case()).status is Status.COMP_ACCEPTED
    assert "Boris has confirmed that return R-000001 is set" in "\n".join(olga.texts())
    await embedded.say(olga, "/audit R-000001")
    assert "Boris turned down another status of R-000001 that Olga had asked for" in olga.screen


async def test_what_somebody_asked_who_is_dismissed_meanwhile_does_not_count(
    embedded: World,
) -> None:
    await embedded.seller()
    await asked(embedded)
    olga, boris = embedded.owner, await admin(embedded, "Boris")

    async def override(person: Person) -> None:
        await embedded.later(minutes=1)
        await embedded.say(person, "/override R-000001")
        await embedded.press(person, "Refund decided")
        await embedded.say(person, "The mug is lost.")
        await embedded.press(person, "Yes: Set another status")

    await override(boris)
    asks = olga.last
    await embedded.press(olga, "Confirm the same")
    looks = olga.last
    await embedded.say(olga, "/staff")
    await embedded.press(olga, "Remove Boris", "Yes, remove")
    await embedded.say(olga, "/return R-000001")
    assert "Confirm the same" not in olga.last.labels
    olga.press_on(looks, "Yes: Set another status")
    await embedded.settle()
    told = "\n".join(olga.texts())
    assert "Boris asked to set return R-000001 to “Refund decided”, and may not decide" in told
    assert "An administrator had asked for another status, and may not decide that" in told
    assert "by the clock" not in told
    case = await embedded.case()
    assert (case.status, case.override) == (Status.NEW, None)
    olga.press_on(asks, "Confirm the same")
    await embedded.settle()
    *_, sentence, card = (message.text for message in olga.chat.messages)
    assert "has changed" in sentence
    assert card.startswith("Return R-000001")
    async with embedded.running.memory.group() as group:
        unit = group.unit(embedded.clock())
        unit.accounts.save(Account(id=77))
        unit.accounts.join(77, Role.ADMIN)
        group.keep(unit)
        await group.commit()
    await override(olga)
    said = "There is nobody yet who could: bring in another administrator with /invite, who then "
    assert f"{said}finds it with /return R-000001." in "\n".join(olga.texts()), "77 is not here yet"
    assert (await embedded.case()).status is Status.NEW
    other = Policy.parse("[decision]\nhours = 36\n")
    found = await compared(embedded.running.memory, embedded.clock, other)
    assert (found.unlike, found.deadline) == ((), (1,)), "nor does it when the past is decided anew"


async def test_a_party_to_a_return_is_not_one_of_the_two_who_override_it(embedded: World) -> None:
    emre = await embedded.seller()
    anna, olga = await asked(embedded), embedded.owner
    for person in (anna, emre):
        await embedded.press(olga, "Invite", "Administrator", "Copy the link")
        person.open_link(olga.clipboard)
        await embedded.settle()
        await embedded.press(person, "Accept the invitation")
        await embedded.say(person, "/override R-000001")
        assert "You are a party to this return: two others" in person.screen


async def admin(stage: World, name: str) -> Person:
    """A second admin, invited by the owner."""
    person = stage.telegram.add_person(name, "en")
    await stage.press(stage.owner, "Invite", "Administrator", "Copy the link")
    person.open_link(stage.owner.clipboard)
    await stage.settle()
    await stage.press(person, "Accept the invitation")
    return person


async def test_a_closed_return_can_be_opened_again(stage: World) -> None:
    await stage.seller()
    anna = await asked(stage)
    await stage.press(anna, "Cancel the return", "Yes: Cancel the return")
    await stage.later(minutes=1)
    await stage.say(stage.owner, "/return R-000001")
    await stage.press(stage.owner, "Open again")
    assert "If money moves" not in stage.owner.screen
    assert "Skip" not in stage.owner.buttons()
    await stage.press(stage.owner, "The seller decides")
    await stage.say(stage.owner, "Cancelled by mistake.")
    await stage.press(stage.owner, "Yes: Open again")
    assert (await stage.case()).status is Status.NEW


async def test_the_queue_holds_what_needs_the_staff(stage: World) -> None:
    await disputed(stage)
    await stage.later(minutes=1)
    await stage.press(stage.owner, "Open cases")
    assert "R-000001" in stage.owner.screen
    await stage.press(stage.owner, "R-000001 · Dispute opened")
    assert "Decide the dispute" in stage.owner.buttons()


async def test_an_old_page_of_a_list_that_is_shorter_now_shows_its_first_page(
    stage: World,
) -> None:
    emre = await stage.seller()
    await asked(stage)
    await stage.press(emre, "Open cases")
    emre.forge_press("p:queue:8", emre.last.id)
    await stage.settle()
    assert "R-000001" in emre.screen
    await stage.press(stage.owner, "Refunds")
    stage.owner.forge_press("p:refunds:8", stage.owner.last.id)
    await stage.settle()
    assert "All refunds are paid." in stage.owner.screen


async def test_health_says_what_waits(stage: World) -> None:
    await stage.seller()
    await asked(stage)
    await stage.press(stage.owner, "Health")
    assert stage.owner.screen == (
        "The service on Sun 1 March, 10:00 (UTC)\n\n"
        "✔ Telegram has answered last on Sun 1 March, 10:00 (UTC).\n"
        "✔ The clock differs from Telegram's by 0\xa0s.\n"
        "✔ Received and not handled yet: 0\n"
        "✔ To be sent: 0\n"
        "✔ Waiting for people to open the bot: 0\n"
        "✔ Deadlines running: 1\n"
        "✔ Deadlines late: 0\n"
        "✔ In quarantine: 0\n"
        "✔ Left out, because one sent too much: 0\n"
        "✔ Messages given up: 0\n\n"
        "Open cases:\nNew request: 1"
    )


async def test_an_invitation_for_a_seller_names_a_known_seller(stage: World) -> None:
    await stage.know(order())
    await stage.say(stage.owner, "/invite nobody")
    assert "There is no seller with this code." in stage.owner.screen
    await stage.invite(Role.SELLER, SELLER)
    await stage.say(stage.owner, "/invite acme")
    assert "It lets them in as: Seller." in stage.owner.screen


async def test_work_is_closed_to_those_who_do_not_have_the_role(stage: World) -> None:
    anna = await stage.customer("Anna", order())
    olga = await stage.moderator()
    for command in ("/queue", "/refunds", "/health", "/invite", "/address", "/team", "/override 1"):
        await stage.say(anna, command)
        assert anna.screen == "This is not open to you.", command
    for command in ("/invite", "/address", "/team", "/override 1"):
        await stage.say(olga, command)
        assert olga.screen == "This is not open to you.", command
    anna.forge_press("v:admin:-", anna.last.id)
    anna.forge_press("m:refunds", anna.last.id)
    anna.forge_press("r:admin", anna.last.id)
    await stage.settle()
    assert "lets them in" not in "\n".join(anna.texts())


async def test_one_person_may_hold_several_roles(stage: World) -> None:
    olga = stage.owner
    await stage.know(order())
    token = await stage.invite(Role.SELLER, SELLER)
    olga.start("i" + token)
    await stage.settle()
    await stage.press(olga, "Accept the invitation")
    assert ("address", "set the return address") in olga.commands()
    await stage.press(olga, "Change role", "Customer")
    assert ("orders", "your orders and what can be returned") in olga.commands()
    await stage.press(olga, "My orders", "Type the order number")
    await stage.say(olga, "1001", "4831")
    await stage.press(olga, "Open the order", "Return products", "It is defective")
    await stage.say(olga, "It leaks at the bottom")
    await stage.show(olga, 2)
    await stage.press(olga, "Done", "Send")
    await stage.press(olga, "Approve", "Yes: Approve")
    assert (await stage.case()).status is Status.APPROVED
    await stage.press(olga, "I have sent it")
    await stage.show(olga)
    await stage.press(olga, "Done")
    await stage.say(olga, "350.50 RUB", "RR123456785AZ")
    assert (await stage.case()).status is Status.IN_TRANSIT


async def test_an_anonymous_admin_is_nobody(stage: World) -> None:
    await stage.seller()
    await asked(stage)
    ghost = stage.telegram.add_person("Group", "en", id=1087968824)
    ghost.start()
    ghost.forge_press("k:1:1:approve", 1)
    await stage.settle()
    assert ghost.texts() == []
    assert (await stage.case()).status is Status.NEW


async def test_nobody_of_the_seller_in_the_bot_pages_the_staff(stage: World) -> None:
    await stage.invite(Role.SELLER, SELLER)
    await asked(stage)
    assert "Nobody of the seller acme can be reached" in "\n".join(stage.owner.texts())


async def test_a_return_whose_units_are_in_another_one_is_not_reopened(stage: World) -> None:
    anna = await stage.customer("Anna", order())
    await stage.seller()
    await stage.ask(anna)
    await stage.agree(anna, "Cancel the return")
    await stage.say(anna, "/orders")
    await stage.press(anna, "1001", "Return products", "I changed my mind", "Skip")
    await stage.show(anna)
    await stage.press(anna, "Done", "Send")
    assert (await stage.case(2)).status is Status.NEW
    await stage.say(stage.owner, "/return R-000001")
    await stage.press(stage.owner, "Open again", "The seller decides")
    await stage.say(stage.owner, "The customer has asked for it again.")
    while "Skip" in stage.owner.last.labels:
        await stage.press(stage.owner, "Skip")
    await stage.press(stage.owner, "Yes: Open again")
    assert (await stage.case(1)).status is Status.CANCELED_BY_CUSTOMER


async def test_what_a_reopening_asks_the_customer_can_be_read_and_answered(stage: World) -> None:
    anna = await stage.customer("Anna", order())
    emre = await stage.seller()
    await stage.ask(anna)
    await stage.agree(anna, "Cancel the return")
    await stage.say(stage.owner, "/return R-000001")
    await stage.press(stage.owner, "Open again", "The customer answers")
    await stage.say(stage.owner, "Which of the two mugs is cracked?")
    while "Skip" in stage.owner.last.labels:
        await stage.press(stage.owner, "Skip")
    assert "who reads your words and is to answer them first" in stage.owner.screen
    await stage.press(stage.owner, "Yes: Open again")
    assert "Your move: answer the moderator's question." in anna.screen
    assert "Which of the two mugs is cracked?" in anna.screen
    await stage.press(anna, "Answer")
    await stage.say(anna, "The blue one, near the handle.")
    while "Skip" in anna.last.labels:
        await stage.press(anna, "Skip")
    assert "The blue one, near the handle." in emre.screen
    case = await stage.case()
    assert (case.status, case.owes) == (Status.CLARIFY, Role.SELLER)
