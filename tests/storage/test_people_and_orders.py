"""People, roles, invitations, orders and files: read as written, claimed once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from bot.domain.cases import Given, Role, Status
from bot.domain.orders import Order, OrderStatus
from bot.services.ports import Unit
from bot.services.records import (
    Account,
    DraftKind,
    DraftRow,
    File,
    Invitation,
    Page,
    Seller,
    Unseen,
)
from storage.database import Database
from storage.tables import EPOCH
from tests.storage.samples import DAY, NOW, decided, keep, opened, order

HOUR = timedelta(hours=1)


@asynccontextmanager
async def kept(memory: Database) -> AsyncIterator[Unit]:
    """A unit of its own, committed at the end."""
    async with memory.group() as group:
        unit = group.unit(NOW)
        yield unit
        group.keep(unit)
        assert await group.commit() == frozenset()


async def test_a_person_comes_back_with_all_roles(memory: Database) -> None:
    anna = Account(
        id=1,
        name="Анна <b>",
        language="ru",
        zone="Europe/Moscow",
        role=Role.SELLER,
        phone="+79990001122",
        flagged=True,
        started_at=NOW,
    )
    async with kept(memory) as unit:
        unit.accounts.save(anna)
        unit.accounts.save(Account(id=2, staff=Role.ADMIN))
        unit.accounts.join(1, Role.SELLER, "zeta")
        unit.accounts.join(1, Role.SELLER, "acme")
        unit.accounts.join(1, Role.MODERATOR)
        unit.accounts.join(2, Role.MODERATOR)
        unit.accounts.join(2, Role.ADMIN)
    anna = replace(anna, sellers=("acme", "zeta"), staff=Role.MODERATOR)
    admin = Account(id=2, staff=Role.ADMIN)
    async with memory.reading(EPOCH) as unit:
        assert await unit.accounts.get(1) == anna
        assert await unit.accounts.team("acme") == (anna,)
        assert await unit.accounts.team("nobody") == ()
        assert await unit.accounts.staff() == (anna, admin)
        assert await unit.accounts.get(3) is None


async def test_who_leaves_a_role_is_no_longer_in_it(memory: Database) -> None:
    async with kept(memory) as unit:
        unit.accounts.save(Account(id=1))
        unit.accounts.join(1, Role.SELLER, "acme")
        unit.accounts.join(1, Role.ADMIN)
    async with kept(memory) as unit:
        unit.accounts.leave(1, Role.SELLER, "acme")
        unit.accounts.leave(1, Role.ADMIN)
    async with memory.reading(EPOCH) as unit:
        assert await unit.accounts.get(1) == Account(id=1)


async def test_a_person_who_was_read_before_is_read_as_things_are_now(memory: Database) -> None:
    anna, emre = Account(id=1, name="Anna", started_at=NOW), Account(id=2, name="Anna")
    async with kept(memory) as unit:
        unit.accounts.save(anna)
        unit.accounts.save(emre)
    now = anna
    for change in ({"name": "Anna K."}, {"reachable": False}, {"reachable": True}, {"phone": "+7"}):
        async with kept(memory) as unit:
            assert [await unit.accounts.get(id) for id in (1, 2)] == [now, emre]
            now = replace(now, **change)
            unit.accounts.save(now)
    async with kept(memory) as unit:
        assert await unit.accounts.get(1) == now
        unit.accounts.join(2, Role.SELLER, "acme")
    async with memory.reading(EPOCH) as unit:
        assert [await unit.accounts.get(id) for id in (1, 2)] == [
            now,
            replace(emre, sellers=("acme",)),
        ]


async def test_a_seller_keeps_the_return_address(memory: Database) -> None:
    acme = Seller(code="acme", name="Acme", zone="Europe/Istanbul")
    async with kept(memory) as unit:
        assert await unit.accounts.seller("acme") is None
        unit.accounts.save_seller(acme)
        assert await unit.accounts.seller("acme") == acme
    moved = replace(acme, address="Ankara, 1")
    async with kept(memory) as unit:
        unit.accounts.save_seller(moved)
    async with memory.reading(EPOCH) as unit:
        assert await unit.accounts.seller("acme") == moved


async def test_an_invitation_is_redeemed_by_one_person_only(memory: Database) -> None:
    invitation = Invitation(
        token_hash="a" * 64, role=Role.SELLER, seller="acme", by=1, expires_at=NOW + DAY
    )
    async with kept(memory) as unit:
        unit.accounts.invite(invitation)
    async with memory.group() as group:
        units = [group.unit(NOW) for _ in range(3)]
        for person, each in enumerate(units, 1):
            assert await each.accounts.invitation("a" * 64) == invitation
            each.accounts.redeem(invitation, person)
            each.accounts.join(person, Role.SELLER, "acme")
            group.keep(each)
        assert await group.commit() == {id(units[1]), id(units[2])}
    async with memory.group() as group:
        late = group.unit(NOW)
        late.accounts.redeem(invitation, 2)
        group.keep(late)
        assert await group.commit() == {id(late)}
    async with memory.reading(EPOCH) as unit:
        used = await unit.accounts.invitation("a" * 64)
        assert used == replace(invitation, used_by=1)
        assert await unit.accounts.invitation("b" * 64) is None


async def test_the_first_who_opens_an_order_owns_it(memory: Database) -> None:
    async with kept(memory) as unit:
        unit.orders.save_all([order("O-1"), order("O-2")])
    async with memory.group() as group:
        first, second = group.unit(NOW), group.unit(NOW)
        first.orders.claim("O-1", 10)
        assert await first.orders.owner("O-1") == 10
        second.orders.claim("O-1", 11)
        group.keep(first)
        group.keep(second)
        assert await group.commit() == {id(second)}
    async with memory.group() as group:
        thief, ghost = group.unit(NOW), group.unit(NOW)
        thief.orders.claim("O-1", 11)
        ghost.orders.claim("O-9", 11)
        group.keep(thief)
        group.keep(ghost)
        assert await group.commit() == {id(thief), id(ghost)}
    async with kept(memory) as again:
        again.orders.claim("O-1", 10)
    async with memory.reading(EPOCH) as reading:
        assert await reading.orders.owner("O-1") == 10
        assert await reading.orders.owner("O-2") is None


async def test_my_orders_are_paged_newest_first(memory: Database) -> None:
    async with kept(memory) as unit:
        unit.orders.save_all(order(f"O-{n}", created_at=NOW + n * DAY) for n in range(5))
    async with kept(memory) as unit:
        for n in range(4):
            unit.orders.claim(f"O-{n}", 10)
        unit.orders.claim("O-4", 11)
    async with memory.reading(EPOCH) as reading:
        mine = await reading.orders.of_customer(10, Page(limit=2, offset=1))
        assert [each.number for each in mine] == ["O-2", "O-1"]
        assert await reading.orders.count_of_customer(10) == 4
        assert await reading.orders.count_of_customer(12) == 0
        assert await reading.orders.get("O-0") == order("O-0", created_at=NOW)


async def test_unclaimed_orders_are_found_by_phone(memory: Database) -> None:
    async with kept(memory) as unit:
        unit.orders.save_all([order("O-1", phone="+7999"), order("O-2", phone="+7999")])
    async with kept(memory) as unit:
        unit.orders.claim("O-1", 10)
    async with memory.reading(EPOCH) as reading:
        assert [each.number for each in await reading.orders.by_phone("+7999")] == ["O-2"]


async def test_a_later_file_changes_status_and_contact_but_no_lines_under_a_return(
    memory: Database,
) -> None:
    async with kept(memory) as unit:
        unit.orders.save_all([order("O-1", phone="+1"), order("O-2")])
    async with kept(memory) as unit:
        unit.orders.claim("O-1", 10)
    await opened(memory)
    async with kept(memory) as unit:
        unit.orders.save_all([_told("O-1"), _told("O-2")])
    async with memory.reading(EPOCH) as reading:
        one, two = await reading.orders.get("O-1"), await reading.orders.get("O-2")
        assert one is not None
        assert two is not None
        assert one.postings[0].lines == order("O-1").postings[0].lines
        assert (one.phone, one.status) == ("+2", OrderStatus.CANCELED)
        assert two.postings[0].lines == ()
        assert await reading.orders.owner("O-1") == 10


def _told(number: str) -> Order:
    (posting,) = order(number).postings
    changed = replace(posting, lines=(), status=OrderStatus.CANCELED)
    return order(number, phone="+2", postings=(changed,))


async def test_wrong_codes_are_remembered_with_their_instants(memory: Database) -> None:
    minute = HOUR / 60
    async with kept(memory) as unit:
        unit.orders.missed_claim(10, NOW - HOUR)
        unit.orders.missed_claim(11, NOW)
        unit.orders.missed_claim(10, NOW)
        assert await unit.orders.missed(10, NOW - HOUR) == (NOW,)
    async with kept(memory) as unit:
        unit.orders.missed_claim(10, NOW + minute)
        assert await unit.orders.missed(10, NOW - HOUR) == (NOW, NOW + minute)
        assert await unit.orders.missed(10, NOW - HOUR - minute) == (
            NOW - HOUR,
            NOW,
            NOW + minute,
        )
        assert await unit.orders.missed(12, NOW - HOUR) == ()


async def test_each_person_has_one_open_form(memory: Database) -> None:
    draft = DraftRow(account=1, kind=DraftKind.RETURN, body='{"order":"О"}', due_at=NOW + DAY)
    async with kept(memory) as unit:
        unit.drafts.put(draft)
    claim = replace(draft, kind=DraftKind.CLAIM, due_at=NOW + 2 * DAY)
    async with kept(memory) as unit:
        assert await unit.drafts.get(1) == draft
        unit.drafts.drop(1)
        unit.drafts.put(claim)
    assert await memory.next_due() == NOW + 2 * DAY
    async with memory.group() as group:
        assert await group.due_drafts(NOW + DAY, 64) == ()
        assert await group.due_drafts(NOW + 2 * DAY, 64) == (claim,)
    async with kept(memory) as unit:
        unit.drafts.drop(1)
    assert await memory.next_due() is None


async def test_a_policy_is_kept_whole_under_its_digest(memory: Database) -> None:
    for _ in range(2):
        async with kept(memory) as unit:
            unit.policies.keep("d1", "[decision]\nlength = 24")
    async with memory.reading(EPOCH) as reading:
        assert await reading.policies.get("d1") == "[decision]\nlength = 24"
        assert await reading.policies.get("d2") is None


async def test_a_file_keeps_its_first_sender_and_its_fetched_bytes(memory: Database) -> None:
    photo = File(key="f1", file_id="x", kind="photo", size=10, sent_by=1, sent_at=NOW)
    async with kept(memory) as unit:
        unit.files.keep(photo)
        assert await unit.files.get(["f1", "f2"]) == (photo,)
    assert await memory.unfetched(10) == (photo,)
    assert await memory.unfetched(10, ["f1"]) == ()
    given_up = [f"g{number}" for number in range(40_000)]
    assert await memory.unfetched(10, given_up) == (photo,)
    assert await memory.unfetched(10, [*given_up, "f1"]) == ()
    async with kept(memory) as unit:
        unit.files.keep(replace(photo, sha256="00"))
    assert len(await memory.unfetched(10)) == 1, "nobody has looked at it"
    new = replace(photo, key="f9", sent_at=NOW + DAY)
    async with kept(memory) as unit:
        unit.files.keep(new)
    assert await memory.unfetched(1) == (new,), "old files kept new ones waiting for hours"
    assert [file.key for file in await memory.unfetched(10)] == ["f9", "f1"]
    async with kept(memory) as unit:
        unit.files.keep(replace(new, unseen=Unseen.GONE))
    seen = replace(photo, sha256="00", picture=7)
    async with kept(memory) as unit:
        unit.files.keep(seen)
    async with kept(memory) as unit:
        unit.files.keep(replace(photo, file_id="y", sent_by=2, sent_at=NOW + DAY, forwarded=True))
    async with memory.reading(EPOCH) as reading:
        assert await reading.files.get(["f1"]) == (replace(seen, file_id="y"),)
    assert await memory.unfetched(10) == ()


async def test_the_same_bytes_under_another_name_are_found(memory: Database) -> None:
    case = await opened(memory)
    async with kept(memory) as unit:
        for key in ("f1", "f2"):
            unit.files.keep(File(key=key, file_id=key, kind="photo", sha256="same"))
    await keep(memory, case, decided(case, Status.DISPUTE), given=Given(photos=("f1",)))
    async with memory.reading(EPOCH) as reading:
        assert await reading.files.used_elsewhere(["f2"], 7) == (1,)
        assert await reading.files.used_elsewhere(["f2"], 1) == ()


async def test_an_instant_with_an_offset_comes_back_as_the_same_instant(memory: Database) -> None:
    moscow = datetime(2026, 3, 1, 3, 30, 0, 123456, timezone(timedelta(hours=3)))
    async with kept(memory) as unit:
        unit.accounts.save(Account(id=1, started_at=moscow))
    async with memory.reading(EPOCH) as reading:
        account = await reading.accounts.get(1)
    assert account is not None
    assert account.started_at == moscow
    assert account.started_at.utcoffset() == timedelta(0)
    with pytest.raises(Exception, match="offset"):
        async with kept(memory) as unit:
            unit.accounts.save(Account(id=1, started_at=moscow.replace(tzinfo=None)))
