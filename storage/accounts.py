"""People, their roles, sellers, and the invitations into roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Select, bindparam, func, select, update

from bot.domain.cases import STAFF, Role
from bot.services.names import name_words
from bot.services.records import Account, Invitation, Page, Seller
from storage import tables
from storage.effects import Phase, every, insert, insert_new, row_of, to_all, upsert
from storage.gathered import KEYS, by_key
from storage.line import Line
from storage.paging import in_pages, paged
from storage.repository import Repository
from storage.seen import seen

_account, _member = tables.accounts.c, tables.memberships.c

SAVE = upsert(tables.accounts, once=True)
NAMED = insert(tables.account_names)
UNNAMED = to_all(
    Phase.CLEAR, tables.account_names.delete().where(tables.account_names.c.account.in_(KEYS))
)
SAVE_SELLER = upsert(tables.sellers, once=True)
JOIN = insert(tables.memberships)
LEAVE = every(
    Phase.CLEAR,
    tables.memberships.delete().where(
        _member.account == bindparam("account_"),
        _member.role == bindparam("role_"),
        _member.seller == bindparam("seller_"),
    ),
)
INVITE = insert_new(tables.invitations)
REDEEM = every(
    Phase.LAST,
    update(tables.invitations)
    .where(tables.invitations.c.token_hash == bindparam("hash_"))
    .values(used_by=bindparam("by_")),
)

_PEOPLE = (
    select(tables.accounts, _member.role.label("member_role"), _member.seller)
    .select_from(tables.accounts.outerjoin(tables.memberships, _member.account == _account.id))
    .order_by(_account.id)
)
_OWN = tuple(tables.accounts.c.keys())
_BY_ID = _PEOPLE.where(_account.id.in_(KEYS))
_TEAMS = _PEOPLE.where(
    _account.id.in_(
        select(_member.account).where(_member.role == Role.SELLER, _member.seller.in_(KEYS))
    )
)
_STAFF = _PEOPLE.where(
    _account.id.in_(select(_member.account).where(_member.role.in_(sorted(STAFF))))
)
_SINCE = (
    select(_member.account, func.min(_member.since).label("since"))
    .where(_member.role.in_(sorted(STAFF)))
    .group_by(_member.account)
)
_SELLERS = select(tables.sellers).where(tables.sellers.c.code.in_(KEYS))
_ALL_SELLERS = paged(select(tables.sellers).order_by(tables.sellers.c.code))
_INVITATIONS = select(tables.invitations).where(tables.invitations.c.token_hash.in_(KEYS))
_LOCKED_INVITATIONS = _INVITATIONS.with_for_update()


class StoredAccounts(Repository):
    """The unit's view of people: what it has saved or joined itself, it also reads."""

    def forget(self) -> None:
        self._saved: dict[int, Account] = {}
        self._names: dict[int, str] = {}
        self._moves: dict[tuple[int, Role, str], bool] = {}
        self._sellers: dict[str, Seller] = {}

    async def get(self, id: int) -> Account | None:
        account = self._saved.get(id) or await self._reads.ask(people_by_id, id)
        self._names[id] = account.name if account else ""
        return account and self._moved(account)

    async def team(self, seller: str) -> tuple[Account, ...]:
        return await self._reads.ask(_teams, seller) or ()

    async def staff(self) -> tuple[Account, ...]:
        return await self._reads.ask(_staff, None) or ()

    async def staff_since(self) -> Mapping[int, datetime | None]:
        return await self._reads.ask(_since, None) or {}

    def one_admin_less(self) -> None:
        self._effects.lean("admins", "")

    def save(self, account: Account) -> None:
        self._effects.put("account", account.id, SAVE, row_of(tables.accounts, account))
        self._name(account)
        self._saved[account.id] = account

    def _name(self, account: Account) -> None:
        """Let the person be found by the name of now; `""` is the name of nobody."""
        before = self._names.get(account.id)
        if before == account.name:
            return
        if before != "":
            self._effects.add(UNNAMED, {"key": account.id})
        for word in name_words(account.name):
            self._effects.add(NAMED, {"account": account.id, "word": word})
        self._names[account.id] = account.name

    def join(self, account: int, role: Role, seller: str | None = None) -> None:
        row = {"account": account, "role": role, "seller": seller or "", "since": self._now}
        self._effects.put("membership", (account, role, seller or ""), JOIN, row)
        self._moves[account, role, seller or ""] = True

    def leave(self, account: int, role: Role, seller: str | None = None) -> None:
        row = {"account_": account, "role_": role, "seller_": seller or ""}
        self._effects.put("membership", (account, role, seller or ""), LEAVE, row)
        self._moves[account, role, seller or ""] = False

    def _moved(self, account: Account) -> Account:
        for (id, role, seller), joins in self._moves.items():
            if id != account.id:
                continue
            if role is Role.SELLER:
                others = tuple(code for code in account.sellers if code != seller)
                codes = sorted((*others, seller)) if joins else others
                account = replace(account, sellers=tuple(codes))
            elif joins:
                account = replace(account, staff=_highest(account.staff, role))
            elif account.staff is role:
                account = replace(account, staff=None)
        return account

    async def seller(self, code: str) -> Seller | None:
        return self._sellers.get(code) or await self._reads.ask(_sellers, code)

    def save_seller(self, seller: Seller) -> None:
        self._effects.put("seller", seller.code, SAVE_SELLER, row_of(tables.sellers, seller))
        self._sellers[seller.code] = seller

    async def sellers(self, page: Page) -> tuple[Seller, ...]:
        return await self._reads.ask(_all_sellers, page) or ()

    async def invitation(self, token_hash: str) -> Invitation | None:
        return await self._reads.ask(_invitations, token_hash)

    def invite(self, invitation: Invitation) -> None:
        row = row_of(tables.invitations, invitation)
        self._effects.put("invitation", invitation.token_hash, INVITE, row)

    def redeem(self, invitation: Invitation, account: int) -> None:
        self._effects.redeem(invitation.token_hash, account)
        row = {"hash_": invitation.token_hash, "by_": account}
        self._effects.put("invitation", invitation.token_hash, REDEEM, row)


async def used_invitations(connection: Line, redeems: Mapping[str, int]) -> frozenset[str]:
    """Those of these invitations that cannot be used any more, locked until the commit."""
    rows = await connection.execute(_LOCKED_INVITATIONS, {"keys": [*redeems]})
    free = {row.token_hash for row in rows if row.used_by is None}
    return frozenset(redeems) - free


async def _people(connection: Line, query: Select[Any], keys: Sequence[Any]) -> list[Account]:
    rows = await connection.execute(query, {"keys": list(keys)} if keys else {})
    return [_account_of(tuple(own)) for _, own in groupby(rows, attrgetter("id"))]


def _read(rows: tuple[Any, ...]) -> Account:
    """A person: there is a row for each of their roles, or one without any."""
    first, sellers, staff = rows[0], [], None
    for row in rows:
        if row.member_role == Role.SELLER:
            sellers.append(row.seller)
        elif row.member_role:
            staff = _highest(staff, Role(row.member_role))
    known = {name: getattr(first, name) for name in _OWN}
    known |= {"role": Role(first.role), "sellers": tuple(sorted(sellers)), "staff": staff}
    return Account(**known)


_account_of = seen(_read)
"""Who fills in a form is asked for at every step."""


def _highest(one: Role | None, other: Role) -> Role:
    return Role.ADMIN if Role.ADMIN in (one, other) else other


async def people_by_id(connection: Line, ids: Sequence[int]) -> Mapping[int, Account]:
    """People by their ids in Telegram."""
    return {account.id: account for account in await _people(connection, _BY_ID, ids)}


async def _teams(connection: Line, codes: Sequence[str]) -> Mapping[str, tuple[Account, ...]]:
    people = await _people(connection, _TEAMS, codes)
    return {code: tuple(each for each in people if code in each.sellers) for code in codes}


async def _staff(connection: Line, keys: Sequence[None]) -> Mapping[None, tuple[Account, ...]]:
    return {None: tuple(await _people(connection, _STAFF, ()))}


async def _since(
    connection: Line, keys: Sequence[None]
) -> Mapping[None, Mapping[int, datetime | None]]:
    return {None: {row.account: row.since for row in await connection.execute(_SINCE)}}


def _seller(row: Mapping[str, Any]) -> Seller:
    return Seller(**row)


def _invitation(row: Mapping[str, Any]) -> Invitation:
    return Invitation(**{**row, "role": Role(row["role"])})


_sellers = by_key(_SELLERS, "code", _seller)
_all_sellers = in_pages(_ALL_SELLERS, _seller)
_invitations = by_key(_INVITATIONS, "token_hash", _invitation)
