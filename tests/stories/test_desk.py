"""The staff find orders, see what waits, let people in and out, and all of it is written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.cases import Refused, Status
from bot.playground.people import Person
from bot.screens.buttons import Act
from bot.services.staffing import may_dismiss
from tests.stories.test_support import admin, asked, disputed, on_its_way
from tests.world import World, order


async def test_find_opens_a_return_by_its_number(embedded: World) -> None:
    olga, _ = embedded.owner, await asked(embedded)
    await embedded.say(olga, "/find R-000001")
    assert "Return R-000001 · New request" in olga.screen
    await embedded.later(minutes=1)
    await embedded.press(olga, "Find")
    await embedded.say(olga, "r1")
    assert "Return R-000001 · New request" in olga.screen
    await embedded.say(olga, "R-000002")
    assert "Nothing fits “R-000002”" in olga.screen


async def test_the_staff_find_an_order_by_whatever_is_known_of_it(stage: World) -> None:
    olga, emre = stage.owner, await stage.seller()
    anna = await on_its_way(stage, emre)
    for anna.last_name in ("Weiss", "Blum-Özdemir"):
        await stage.say(anna, "/help")
    petrov = replace(order("2002", phone="+905321112233"), customer_name="  Пётр   Petrov ")
    many = [replace(order(f"3{n:03}"), customer_name="Zoe Adams") for n in range(9)]
    await stage.know(petrov, *many)
    await stage.press(olga, "Find")
    for typed, number in (
        ("1001", "1001"),
        ("rr 123 456 785 az", "1001"),
        ("+90 (532) 111-22-33", "2002"),
        ("905321112233", "2002"),
        ("пётр p", "2002"),
        ("PETROV", "2002"),
        ("petr пё", "2002"),
        ("özd ann", "1001"),
    ):
        await stage.say(olga, typed)
        found = [label for label in olga.last.labels if "·" in label]
        assert [label.split(" · ")[0] for label in found] == [number], (typed, olga.screen)
    for nothing in ("%", "pe", "+90 532 111 22 34", "etrov", "petrov anna", "weiss"):
        await stage.say(olga, nothing)
        assert "Nothing fits" in olga.screen, nothing
    await stage.say(olga, "zoe")
    assert len([label for label in olga.last.labels if "·" in label]) == 8
    await stage.press(olga, "More →")
    assert len([label for label in olga.last.labels if "·" in label]) == 1
    await stage.say(olga, "1001")
    await stage.press(olga, "1001 · Delivered")
    assert "In the bot as: Anna Blum-Özdemir" in olga.screen
    assert "Coffee mug, 1 × 2,500.00\xa0RUB, 1 unit in returns" in olga.screen
    assert "+9945" not in "\n".join(olga.texts())
    await stage.press(olga, "R-000001 · On the way back")
    assert olga.screen.startswith("Return R-000001")
    await stage.press(olga, "More", "Audit")
    assert "Olga opened R-000001" in olga.screen
    assert "Olga opened order 1001" in olga.screen
    assert "Olga searched and was shown 8 orders" in olga.screen
    assert not any(said in olga.screen for said in ("Petrov", "zoe", "532"))


async def test_what_the_staff_did_is_listed_by_person_and_by_return(embedded: World) -> None:
    await disputed(embedded)
    boris = await admin(embedded, "Boris")
    await embedded.say(boris, "/decide R-000001")
    await embedded.press(boris, "For the seller")
    await embedded.say(boris, "The stains are inside the mug.")
    await embedded.press(boris, "Yes: Decide the dispute")
    await embedded.say(embedded.owner, "/audit R-000001")
    assert "Boris, R-000001: Decide the dispute" in embedded.owner.screen
    await embedded.press(embedded.owner, "Everything", "Boris")
    assert "What Boris did" in embedded.owner.screen
    assert "Boris came in, invited by Olga: Administrator" in embedded.owner.screen
    assert "Olga made" not in embedded.owner.screen


async def test_a_command_that_is_not_possible_says_so_and_shows_the_card(embedded: World) -> None:
    emre, olga = await embedded.seller(), embedded.owner
    await asked(embedded)

    async def refused(command: str, status: str) -> None:
        await embedded.later(minutes=1)
        await embedded.say(olga, command)
        said = "\n".join(olga.texts()[-2:])
        assert f"not possible now: the return is in the status “{status}”." in said
        assert "already decided" not in said
        assert f"Return R-000001 · {status}" in said

    await refused("/decide R-000001", "New request")
    await refused("/ask 1", "New request")
    # Nor has anybody decided what an old button offers.
    olga.forge_press(Act(case=1, version=1, action="decide").pack(), olga.last.id)
    await embedded.settle()
    assert "This has changed meanwhile." in olga.toasts[-1].text
    await embedded.agree(emre, "Approve")
    await refused("/reopen 1", "Approved")


async def test_the_queue_shows_one_kind_of_work_at_a_time(embedded: World) -> None:
    await disputed(embedded)
    olga = embedded.owner
    await embedded.say(olga, "/queue")
    await embedded.press(olga, "Moderation")
    assert "Nothing of this kind waits." in olga.screen
    await embedded.press(olga, "Disputes")
    assert "R-000001" in olga.screen
    await embedded.say(olga, "/ask")
    assert "Nothing of this kind waits." in olga.screen
    await embedded.say(olga, "/decide")
    await embedded.press(olga, "R-000001 · Dispute opened")
    assert "Decide the dispute" in olga.buttons()
    await embedded.say(olga, "/decide R-000001")
    assert "For the seller" in olga.buttons()
    olga.forge_press("p:queue.nonsense:0", olga.last.id)
    await embedded.settle()
    assert "no longer in use" in olga.toasts[-1].text


async def test_a_refund_that_is_late_stays_late_in_the_list(embedded: World) -> None:
    emre = await embedded.seller()
    await asked(embedded)
    await embedded.press(emre, "Refund without return", "Yes: Refund without return")
    olga = embedded.owner
    await embedded.press(olga, "Refunds", "Only late and failed")
    assert "No refund is late" in olga.screen
    await embedded.later(days=10, minutes=1)
    await embedded.say(olga, "/refunds")
    await embedded.press(olga, "Only late and failed")
    assert "R-000001: 2,500.00\xa0RUB, late since Wed 11 March" in olga.screen


async def test_somebody_is_taken_off_the_staff_and_the_last_admin_stays(embedded: World) -> None:
    olga, ivan = embedded.owner, await embedded.moderator("Ivan")
    boris = await admin(embedded, "Boris")
    await embedded.press(ivan, "More", "Staff")
    assert "Ivan: Moderator since Sun 1 March" in ivan.screen
    assert not any("Remove" in label for label in ivan.last.labels)
    await dismiss(embedded, boris, "Ivan")
    assert "Ivan" not in boris.screen
    await embedded.say(ivan, "/queue")
    assert ivan.screen == "This is not open to you."
    await embedded.press(boris, "Remove Olga")
    assert "named in the settings" in boris.toasts[-1].text
    ivan.forge_press(f"di:{boris.id}:1", ivan.last.id)
    await embedded.settle()
    await dismiss(embedded, olga, "Boris")
    assert ("orders", "your orders and what can be returned") in boris.commands()
    olga.forge_press(f"di:{boris.id}:1", olga.last.id)
    await embedded.settle()
    assert "not of the staff any more" in olga.toasts[-1].text
    async with embedded.running.memory.reading(embedded.clock()) as unit:
        with pytest.raises(Refused, match="last_admin"):
            await may_dismiss(unit, olga.id, owners=())


async def dismiss(stage: World, person: Person, name: str) -> None:
    """Take somebody off the staff."""
    await stage.say(person, "/staff")
    await stage.press(person, f"Remove {name}", "Yes, remove")


async def test_an_override_by_one_person_twice_moves_nothing(embedded: World) -> None:
    """Two admins, each with a different sum, have agreed on nothing either."""
    await embedded.seller()
    await asked(embedded)
    olga, boris = embedded.owner, await admin(embedded, "Boris")
    for person, sum in ((olga, "1000"), (boris, "1001"), (boris, "1001")):
        await embedded.say(person, "/override R-000001")
        await embedded.press(person, "Partial compensation approved")
        await embedded.say(person, "A gesture of goodwill.", sum)
        if "Yes: Set another status" in person.buttons():
            await embedded.press(person, "Yes: Set another status")
        assert (await embedded.case()).status is Status.NEW
        await embedded.later(minutes=1)
    assert await embedded.ledger() == ()
    told = "\n".join(olga.texts())
    assert "Boris has asked for something else: you wanted to set return R-000001 to" in told


async def test_pre_moderation_is_asked_for_forced_and_ended(embedded: World) -> None:
    emre, olga = await embedded.seller(), embedded.owner
    await embedded.say(emre, "/settings")
    await embedded.press(emre, "Ask for moderation")
    assert "the seller has asked for it" in emre.screen
    await embedded.press(emre, "Do not moderate any more")
    assert "New requests go to the seller at once." in emre.screen
    await embedded.press(olga, "More", "Sellers", "Acme", "Moderate for 30 days")
    assert "the staff have decided it, until Tue 31 March" in olga.screen
    assert "Until Tue 31 March, 13:00 (Istanbul)" in emre.screen
    await asked(embedded)
    assert (await embedded.case()).status is Status.PREMOD
    emre.forge_press("mo:acme:0:0", emre.last.id)
    emre.forge_press("am:other:1", emre.last.id)
    await embedded.settle()
    await embedded.say(olga, "/sellers acme")
    await embedded.press(olga, "End pre-moderation")
    await asked(embedded, "Bella", "1002")
    assert (await embedded.case(2)).status is Status.NEW


async def test_lost_disputes_lead_a_seller_s_requests_to_the_moderators(stage: World) -> None:
    """Two that the policy counts, one by a ruling and one by silence; a settled one is not lost."""
    emre, olga = await stage.seller(), stage.owner
    since = stage.clock() - timedelta(days=30)
    await disputed(stage)
    await stage.press(olga, "Decide the dispute", "For the customer")
    await stage.say(olga, "Stains are what a leaking mug leaves.")
    await stage.press(olga, "Yes: Decide the dispute")
    bella = await asked(stage, "Bella", "1002")
    await stage.press(emre, "Reject", "The product was used")
    await stage.say(emre, "There are coffee stains inside.")
    await stage.press(emre, "Skip", "Yes: Reject")
    await stage.press(bella, "Open a dispute", "The seller's reason is not true")
    await stage.say(bella, "I have never used it.")
    await stage.press(bella, "Skip")
    await stage.later(hours=48)
    async with stage.running.memory.reading(stage.clock()) as unit:
        assert len(await unit.cases.lost_disputes("acme", since)) == 2
        assert await unit.cases.lost_disputes("another", since) == ()
    await stage.say(olga, "/sellers acme")
    assert "2 disputes lost lately" in olga.screen
    desk = stage.running.desk
    desk.policy = desk.policy.with_overrides({"premoderation.lost_disputes": 2})
    for name, number in (("Clara", "1003"), ("Dora", "1004")):
        await asked(stage, name, number)
    assert (await stage.case(4)).status is Status.PREMOD
    (told,) = [text for text in emre.texts() if "our staff look at new requests" in text]
    assert told.startswith("2 disputes were lost lately: until Tue 31 March"), "and only once"


_SCRIPT = """/simulate
start = 2026-03-01T10:00:00Z

[order]
delivered_at = 2026-02-27T12:00:00Z

[[order.items]]
sku = "A-1"
price = "1800.00"

[[step]]
after = "1h"
by = "customer"
do = "{do}"
reason = "changed_mind"
photos = 2
"""


async def test_support_plays_a_return_that_is_none(embedded: World) -> None:
    olga, emre = embedded.owner, await embedded.seller()
    await embedded.press(olga, "More", "Simulation")
    await embedded.say(olga, "delivered -3d, request, seller silent…")
    *_, timeline, ahead = olga.texts()
    assert "Mon 2 March, 10:00 (UTC), the clock: The deadline passed\n→ Approved" in timeline
    assert "— The customer sends the parcel: until Fri 6 March, 10:00 (UTC)" in timeline
    assert "If the customer does not report the parcel as sent by Fri 6 March, 10:00" in ahead
    assert "If the customer acts:\n" in ahead
    assert "• I have sent it → On the way back" in ahead
    await embedded.say(olga, _SCRIPT.format(do="submit"))
    *_, timeline, ahead = olga.texts()
    assert "Sun 1 March, 11:00 (UTC), the service: Offer part\n" in timeline
    assert "→ Partial compensation approved, 900.00\xa0RUB\n• Decline → Approved" in ahead
    await embedded.say(olga, _SCRIPT.format(do="dance"))
    assert "Line 13: there is no `dance`; one of submit, approve" in olga.screen
    # As a file it may be longer; its name behind the command is no script.
    script = _SCRIPT.format(do="submit").partition("\n")[2].encode()

    async def sent(content: bytes, name: str, below: str = "", *, before: str = "") -> None:
        olga.send_document(content, name, below)
        await embedded.settle()
        if before:
            await embedded.press(olga, before)
        await embedded.running.look_at_files()
        await embedded.settle()

    await sent(script, "story.toml", "/simulate story.toml")
    assert olga.texts()[-2:] == [timeline, ahead]
    for content, name, said in (
        (b"delivered -3d, request\xef", "a.txt", "could not be read: it is no text"),
        (script.replace(b"submit", b"dance"), "a.txt", "Line 13: there is no `dance`"),
        (b"#" * 20_000, "a.toml", "too large for a script: 16\xa0KB at most."),
        (script, "a.pdf", "as a file that is called .toml or .txt."),
    ):
        await sent(content, name)
        assert said in olga.screen, name
        assert "What is to be simulated?" in olga.screen
    await sent(script, "story.toml", before="Finish")
    assert olga.texts()[-1] == timeline, "who has left the form is not asked for another"
    await embedded.say(emre, "/simulate request")
    assert "simulation" not in emre.screen.lower()
    async with embedded.running.memory.reading(embedded.clock()) as unit:
        assert await unit.cases.get(1) is None
